//! What commands about files of accounts understand.

use std::path::PathBuf;

use clap::Subcommand;
use serde::{Deserialize, Serialize};

/// `freehold file …`: files of a site's account. Paths begin at the top of the account's files.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum File {
    /// What is in a folder.
    List {
        /// Host name or number of the site.
        site: String,
        /// The folder; the top without it.
        #[arg(default_value = "")]
        path: String,
    },
    /// Write a file of the account to a file of this machine that is not there yet.
    Get {
        /// Host name or number of the site.
        site: String,
        /// The file.
        path: String,
        /// Where it is written.
        to: PathBuf,
    },
    /// Store a file of this machine.
    Put {
        /// Host name or number of the site.
        site: String,
        /// A file of this machine.
        from: PathBuf,
        /// Where it goes.
        path: String,
        /// Where the name is taken: refuse, replace, keep_both.
        #[arg(long, default_value = "refuse")]
        exists: String,
    },
    /// Move or rename.
    Move {
        /// Host name or number of the site.
        site: String,
        /// What.
        path: String,
        /// Where it goes.
        to: String,
        /// Where the name is taken: refuse, replace, keep_both.
        #[arg(long, default_value = "refuse")]
        exists: String,
    },
    /// Copy.
    Copy {
        /// Host name or number of the site.
        site: String,
        /// What.
        path: String,
        /// Where it goes.
        to: String,
        /// Where the name is taken: refuse, replace, keep_both.
        #[arg(long, default_value = "refuse")]
        exists: String,
    },
    /// Make a folder and those above it.
    Folder {
        /// Host name or number of the site.
        site: String,
        /// Which.
        path: String,
    },
    /// Set permissions.
    Mode {
        /// Host name or number of the site.
        site: String,
        /// Of what.
        path: String,
        /// Three octal digits: 644.
        mode: String,
    },
    /// States that a text file had; with a number that one is brought back as the newest.
    Versions {
        /// Host name or number of the site.
        site: String,
        /// The file.
        path: String,
        /// Number of a state.
        #[arg(long, value_name = "NUMBER")]
        restore: Option<i64>,
    },
    /// Look for what more people may read or write than should. Fails where something is found and not repaired.
    Check {
        /// Host name or number of the site.
        site: String,
        /// Repair it.
        #[arg(long)]
        repair: bool,
    },
    /// The largest folders, largest first.
    Largest {
        /// Host name or number of the site.
        site: String,
    },
    /// Delete for good what lies in the trash: one thing, or all.
    Purge {
        /// Host name or number of the site.
        site: String,
        /// Its number in the trash.
        #[arg(required_unless_present = "all")]
        id: Option<i64>,
        /// All of it.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
    /// Put files and folders into the trash.
    Trash {
        /// Host name or number of the site.
        site: String,
        /// What.
        #[arg(required = true)]
        paths: Vec<String>,
    },
    /// Bring something back from the trash; without a number what lies there is listed.
    Restore {
        /// Host name or number of the site.
        site: String,
        /// Its number in the trash.
        id: Option<i64>,
        /// Where the name is taken: refuse, replace, keep_both.
        #[arg(long, default_value = "refuse")]
        exists: String,
    },
    /// Make an archive, as a job of the running node.
    Pack {
        /// Host name or number of the site.
        site: String,
        /// The archive: its name ends in .zip, .tar.gz, .tar.zst or .tar.
        archive: String,
        /// What goes into it.
        #[arg(required = true)]
        paths: Vec<String>,
    },
    /// Unpack an archive into a new folder beside it, as a job of the running node.
    Unpack {
        /// Host name or number of the site.
        site: String,
        /// The archive.
        archive: String,
        /// Into this folder, beside what is in it.
        #[arg(long)]
        into: Option<String>,
        /// Replace files that are there.
        #[arg(long, requires = "into")]
        replace: bool,
    },
}
