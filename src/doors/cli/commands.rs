//! Commands that work on the installation: by the running node where there is one, so that its pages are new at once.
//! The same types are what clap reads and what goes through the node's socket.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use freehold_publishing::import::jobs::Media;
use serde::{Deserialize, Serialize};

pub use super::content_parts::{Comment, Media as Library, Menu, Term};
pub use super::customers::{Account, LimitOptions, Plan, Reseller};
pub use super::designs::Design;
pub use super::files::File;
pub use super::people::{Login, Security, Token, User};

use super::rules::{Redirect, Rules};
pub use super::sites::{Domain, Site, SiteKind};
pub use super::themes::Theme;
pub use super::work::{Cron, CronOptions, Job};

/// What is asked of the installation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// People.
    User(User),
    /// Sites.
    Site(Site),
    /// Accounts.
    Account(Account),
    /// Plans.
    Plan(Plan),
    /// Resellers.
    Reseller(Reseller),
    /// Content of sites.
    Content(Content),
    /// Comments.
    Comment(Comment),
    /// Categories and tags.
    Term(Term),
    /// Menus.
    Menu(Menu),
    /// Themes.
    Theme(Theme),
    /// Designs.
    Design(Design),
    /// The media library.
    Media(Library),
    /// Files of accounts.
    File(File),
    /// Host names.
    Domain(Domain),
    /// API tokens.
    Token(Token),
    /// Logins to files.
    Login(Login),
    /// Slow work.
    Job(Job),
    /// Commands at set times.
    Cron(Cron),
    /// Ready pages.
    Cache(Cache),
    /// The audit log.
    Audit(Audit),
    /// Guard of the server.
    Security(Security),
    /// Is all well?
    Doctor,
    /// Content of another system, as a job of the running node.
    Import(Import),
    /// Some of many posts for trials.
    Seed(Seed),
    /// Redirects.
    Redirect(Redirect),
    /// Headers, private folders, switches.
    Rules(Rules),
}

/// Some of the posts of `freehold content seed` beside a running node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Seed {
    /// Host name or number of the site.
    pub site: String,
    /// How many in all.
    pub posts: u64,
    /// The first of these.
    pub from: u64,
    /// The last of these and one.
    pub until: u64,
    /// Where they are put; made where there are none.
    pub categories: Vec<i64>,
}

/// `freehold import wxr …` beside a running node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Import {
    /// Host name or number of the site.
    pub site: String,
    /// The export, from the root of the machine.
    pub file: PathBuf,
    /// What becomes of files.
    pub media: Media,
    /// Role of people who are new on the site.
    pub author_role: String,
    /// Take what is complete of a file that ends too early.
    pub partial: bool,
    /// Only look.
    pub dry_run: bool,
}

/// `freehold content …`; an entry is named by its number.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Content {
    /// Entries, last saved first.
    List {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Only this content type: post, page.
        #[arg(long = "type")]
        kind: Option<String>,
        /// Only this status: draft, pending, scheduled, published, archived, trash. Without it all but the trash.
        #[arg(long)]
        status: Option<String>,
        /// How many, at most 200.
        #[arg(long, default_value_t = 50)]
        limit: u16,
    },
    /// Write an entry; its text is read from standard input.
    #[command(alias = "add")]
    Create(NewEntry),
    /// Put an entry before visitors.
    Publish {
        /// Its number.
        id: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// When, such as 2026-12-01T08:00:00Z; now without it.
        #[arg(long)]
        at: Option<String>,
    },
    /// Make it a draft again.
    Unpublish {
        /// Its number.
        id: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Move an entry to the trash.
    Delete {
        /// Its number.
        id: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Delete what is in the trash, with all its versions.
        #[arg(long)]
        for_good: bool,
    },
    /// Bring an entry back from the trash.
    Restore {
        /// Its number.
        id: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
}

/// `freehold content create`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub struct NewEntry {
    /// Host name or number of the site.
    #[arg(long)]
    pub site: String,
    /// Title.
    #[arg(long)]
    pub title: String,
    /// Content type.
    #[arg(long = "type", default_value = "post")]
    pub kind: String,
    /// Last part of the address; made from the title without it.
    #[arg(long)]
    pub slug: Option<String>,
    /// Tags; may be given several times.
    #[arg(long = "tag", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// Who wrote it: e-mail or number; the first person without it.
    #[arg(long)]
    pub author: Option<String>,
    /// How the text is written.
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    pub format: Format,
    /// Publish it at once.
    #[arg(long)]
    pub publish: bool,
    /// The text, as it was read.
    #[arg(skip)]
    pub body: String,
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Markdown (GFM).
    Markdown,
    /// HTML; it is cleaned.
    Html,
}

/// `freehold cache …`; needs a running node.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Cache {
    /// What the page cache holds and did.
    Stats,
    /// Forget all ready pages, or those of one site.
    Purge {
        /// Host name or number of the site.
        #[arg(long)]
        site: Option<String>,
    },
}

/// `freehold audit …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Audit {
    /// Check that no row of the audit log was changed or removed.
    Verify,
}

/// What was done: data for standard output, words for standard error, and the same as JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Done {
    /// Data: a table, a link, a token.
    pub out: String,
    /// A sentence.
    pub words: String,
    /// For `--json`.
    pub json: serde_json::Value,
    /// False where a check found something: exit code 1.
    pub good: bool,
}

impl Done {
    /// A sentence and its JSON.
    pub fn said(words: impl Into<String>, json: serde_json::Value) -> Self {
        Self { out: String::new(), words: words.into(), json, good: true }
    }
    /// Data and its JSON.
    pub fn data(out: impl Into<String>, json: serde_json::Value) -> Self {
        Self { out: out.into(), words: String::new(), json, good: true }
    }
}

/// Why it was not done, as it goes through the socket.
#[derive(Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// The sentence, with its next step.
    pub sentence: String,
    /// HTTP status of the code: 409 is "the state refuses".
    pub status: u16,
}

impl Refusal {
    /// Of an error; faults keep their cause in the node's log.
    pub fn of(e: &freehold_base::Error) -> Self {
        let sentence = match e {
            freehold_base::Error::Invalid(_) => e.to_string(),
            _ => e.sentence(),
        };
        Self { sentence, status: e.status() }
    }
}
