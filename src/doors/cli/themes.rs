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
        /// For one site only: its host name or number.
        #[arg(long)]
        site: Option<String>,
    },
    /// The files of a theme, and those of its parents that it can take over.
    Files {
        /// Which.
        theme: String,
    },
    /// Print what a file of a theme says.
    Read {
        /// Which.
        theme: String,
        /// Its place in the theme's folder: templates/index.html.
        path: String,
    },
    /// Change a file of a theme: it is kept only where the theme works with it.
    Write {
        /// Which.
        theme: String,
        /// Its place in the theme's folder.
        path: String,
        /// The file of this machine that has the text.
        from: PathBuf,
    },
    /// Delete a file of a theme: a parent's counts again.
    Drop {
        /// Which.
        theme: String,
        /// Its place in the theme's folder.
        path: String,
    },
    /// What a file said before, newest first.
    States {
        /// Which.
        theme: String,
        /// Its place in the theme's folder.
        path: String,
    },
    /// Make a file say again what it said before.
    Restore {
        /// Which.
        theme: String,
        /// Its place in the theme's folder.
        path: String,
        /// The state's number.
        state: i64,
    },
    /// Files of parents that changed since a theme took them over.
    ParentChanges {
        /// Which.
        theme: String,
    },
    /// Say what becomes of such a file.
    Settle {
        /// Which.
        theme: String,
        /// Its place in the theme's folder.
        path: String,
        /// own (still fine), both (the parent's change goes into it), theirs (the parent's counts again).
        #[arg(long)]
        keep: String,
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
            Self::Write { theme, path, from } => {
                Self::Write { theme, path, from: std::path::absolute(&from).unwrap_or(from) }
            }
            Self::Download { theme, to } => Self::Download { theme, to: std::path::absolute(&to).unwrap_or(to) },
            other => other,
        }
    }
}
