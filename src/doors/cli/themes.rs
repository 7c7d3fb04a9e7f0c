//! What commands about themes understand.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::{Deserialize, Serialize};

/// `freehold theme …`; a theme is named by its folder.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Theme {
    /// All themes; with a site, those that it can choose.
    List {
        /// Host name or number of the site.
        #[arg(long)]
        site: Option<String>,
    },
    /// Look for missing files, unknown names and what leaves people out. Fails where a theme cannot be used.
    Check {
        /// A theme that is here, or a folder or archive of this machine.
        theme: String,
    },
    /// Install a theme, or a later version of one that is here.
    Install {
        /// A folder or archive of this machine, or the https address of an archive.
        from: String,
        /// Name of its folder; made from the theme's own name without it.
        #[arg(long)]
        name: Option<String>,
        /// For one site only: its host name or number.
        #[arg(long)]
        site: Option<String>,
        /// Replace a theme of this name, whatever its version and author.
        #[arg(long)]
        replace: bool,
    },
    /// Give a site another theme.
    Activate {
        /// Which.
        theme: String,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Write a new theme to begin with.
    New {
        /// Name of its folder: a-z, 0-9, - and _.
        name: String,
        /// The theme it builds on.
        #[arg(long, value_name = "THEME", default_value = "")]
        child_of: String,
    },
    /// Write a theme as a zip.
    Download {
        /// Which.
        theme: String,
        /// The file to write.
        to: PathBuf,
    },
    /// Remove a theme that was added.
    Delete {
        /// Which.
        theme: String,
        /// Really.
        #[arg(long)]
        yes: bool,
    },
}

impl Theme {
    /// With paths of this machine as the node finds them, wherever it runs.
    #[must_use]
    pub fn absolute(self) -> Self {
        let whole = |text: String| match std::path::absolute(&text) {
            Ok(path) if Path::new(&text).exists() => path.to_string_lossy().into_owned(),
            _ => text,
        };
        match self {
            Self::Check { theme } => Self::Check { theme: whole(theme) },
            Self::Install { from, name, site, replace } => Self::Install { from: whole(from), name, site, replace },
            Self::Download { theme, to } => Self::Download { theme, to: std::path::absolute(&to).unwrap_or(to) },
            other => other,
        }
    }
}
