//! What commands about plugins understand.

use std::path::Path;

use clap::Subcommand;
use serde::{Deserialize, Serialize};

/// `freehold plugin …`; a plugin is named by its id.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Plugin {
    /// All plugins; with a site, those that it can use.
    List {
        /// Host name or number of the site.
        #[arg(long)]
        site: Option<String>,
    },
    /// What a plugin may do, what it costs and what it said of late; also of a newer version that waits.
    Show {
        /// Which.
        plugin: String,
        /// What it is on this site: host name or number.
        #[arg(long)]
        site: Option<String>,
    },
    /// Install a plugin, or a later version of one that is here. It does nothing before it is enabled.
    Install {
        /// A folder or archive of this machine, or the https address of an archive.
        from: String,
    },
    /// Agree to what a plugin may do, or to its newer version that waits; with a site, switch it on there.
    Enable {
        /// Which.
        plugin: String,
        /// Host name or number of the site.
        #[arg(long)]
        site: Option<String>,
        /// Agree to what it asks for; without it, it is only shown.
        #[arg(long)]
        yes: bool,
    },
    /// Stop a plugin everywhere; with a site, switch it off there.
    Disable {
        /// Which.
        plugin: String,
        /// Host name or number of the site.
        #[arg(long)]
        site: Option<String>,
    },
    /// Leave a newer version that waits: the one that is here stays.
    Refuse {
        /// Which.
        plugin: String,
    },
    /// Show or set what a plugin does on a site.
    Settings {
        /// Which.
        plugin: String,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// SETTING=VALUE; an empty value of a secret forgets it.
        values: Vec<String>,
        /// Reads the value of this secret from standard input, so that it stands in no history.
        #[arg(long, value_name = "SETTING")]
        secret_stdin: Option<String>,
        /// What came by standard input.
        #[arg(skip)]
        secret: Option<String>,
    },
    /// Remove a plugin.
    Delete {
        /// Which.
        plugin: String,
        /// Also what sites set and what it keeps for them.
        #[arg(long)]
        with_data: bool,
        /// Without asking.
        #[arg(long)]
        yes: bool,
    },
}

impl Plugin {
    /// With paths of this machine as the node finds them, wherever it runs.
    #[must_use]
    pub fn absolute(self) -> Self {
        match self {
            Self::Install { from } => match std::path::absolute(&from) {
                Ok(path) if Path::new(&from).exists() => Self::Install { from: path.to_string_lossy().into_owned() },
                _ => Self::Install { from },
            },
            other => other,
        }
    }
}
