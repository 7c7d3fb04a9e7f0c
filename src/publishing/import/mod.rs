//! Bringing in a WordPress export (row IE01): people, terms, files, entries with their comments, menus, and every old
//! address. Running it again changes nothing; running it after a stop goes on where it stood.
//!
//! The file is read several times as a stream, and nothing of it stays in memory but numbers and addresses: once to
//! know what is in it (a broken file ends here, before anything is written), once to know where everything will be,
//! once for the files, and then for the entries, in batches of one transaction each. A batch notes what it made in the
//! same transaction; that is the position from which a second run goes on. Knows no HTTP, no panel, no command line.

mod address;
mod report;
mod shortcodes;
mod survey;
mod plan;
mod world;
mod fields;
mod convert;
mod comments;
mod people;
mod terms;
mod files;
mod menus;
mod write;
mod look;
mod run;
pub mod jobs;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use freehold_base::{Code, Error, Result, Role, SiteId, UserId};
use freehold_store::Store;

use crate::library::Library;

pub use files::Origin;
pub use report::{Note, Report, Tally};

/// A file that can be read from its start as often as needed.
pub trait Source {
    /// From the start.
    ///
    /// # Errors
    /// Faults of the disk.
    fn open(&self) -> Result<Box<dyn BufRead>>;
}

/// A file on this machine's disk.
#[derive(Clone, Debug)]
pub struct OnDisk(pub PathBuf);

impl Source for OnDisk {
    fn open(&self) -> Result<Box<dyn BufRead>> {
        let file = std::fs::File::open(&self.0).map_err(|e| {
            Error::invalid("file", Code::Malformed, format!("a file that can be read: {} ({e})", self.0.display()))
        })?;
        Ok(Box::new(BufReader::with_capacity(256 << 10, file)))
    }
}

/// What becomes of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaMode {
    /// They come into the library.
    Take,
    /// Texts go on to show them from the other site.
    Link,
    /// Nothing: texts keep the addresses they have.
    Skip,
}

/// How to import.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What becomes of files.
    pub media: MediaMode,
    /// Role of people who are new on the site.
    pub author_role: Role,
    /// In whose name that is written which names nobody; the first person without one.
    pub importer: Option<UserId>,
    /// Take what is complete of a file that ends too early.
    pub partial: bool,
}

/// An import to be done.
pub struct Import<'a> {
    /// The database.
    pub store: &'a Store,
    /// Into which site.
    pub site: SiteId,
    /// The export.
    pub source: &'a dyn Source,
    /// How.
    pub options: Options,
    /// Where files come from and where they go; needed for [`MediaMode::Take`].
    pub files: Option<(&'a Origin, &'a Library)>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing: "Reading the file".
    pub stage: &'static str,
    /// Items done in all.
    pub done: u64,
    /// Items in all; 0 while unknown.
    pub total: u64,
}

/// Told after each batch; says whether to go on.
pub type Watch<'a> = dyn FnMut(Progress) -> bool + 'a;

impl Import<'_> {
    /// Looks only: what is in the file, and what would be made of it. Writes nothing.
    ///
    /// # Errors
    /// `ImportMalformed` with what is wrong with the file; `Denied`, `NotFound("site")`.
    pub fn look(&self) -> Result<Report> {
        look::look(self)
    }

    /// Imports. The caller was authorized (`import.run`); the work is done in the name of the system.
    ///
    /// # Errors
    /// `ImportMalformed` with what is wrong with the file, before anything is written; `Busy`, `DiskFull`, `Internal`:
    /// what was written so far stays, and a second run goes on from there.
    pub fn run(&self, watch: &mut Watch<'_>) -> Result<Report> {
        run::run(self, watch)
    }
}
