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
