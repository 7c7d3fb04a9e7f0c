//! Commands that work on the installation: by the running node where there is one, so that its pages are new at once.
//! The same types are what clap reads and what goes through the node's socket.

use std::path::PathBuf;

use clap::Subcommand;
use freehold_publishing::import::jobs::Media;
use serde::{Deserialize, Serialize};

/// What is asked of the installation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// People.
    User(User),
    /// Sites.
    Site(Site),
    /// Host names.
    Domain(Domain),
    /// API tokens.
    Token(Token),
    /// Slow work.
    Job(Job),
    /// Ready pages.
    Cache(Cache),
    /// The audit log.
    Audit(Audit),
    /// Is all well?
    Doctor,
    /// Content of another system, as a job of the running node.
    Import(Import),
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

/// `freehold user …`; a person is named by e-mail or number.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum User {
    /// All people.
    List,
    /// One person with their roles.
    Show {
        /// Who.
        person: String,
    },
    /// Add somebody with a password.
    #[command(alias = "add")]
    Create {
        /// Their e-mail.
        email: String,
        /// Their name; made from the e-mail without it.
        #[arg(long, default_value = "")]
        name: String,
        /// A site where they get a role.
        #[arg(long, requires = "role")]
        site: Option<String>,
        /// The role: subscriber, contributor, author, editor, administrator.
        #[arg(long, requires = "site")]
        role: Option<String>,
        /// Read the password from standard input; without it one is made and printed.
        #[arg(long)]
        password_stdin: bool,
        /// The password, as it was read.
        #[arg(skip)]
        password: String,
    },
    /// Print a one-time link by which somebody chooses a new password.
    Password {
        /// Who.
        person: String,
    },
    /// Set or take somebody's role.
    Role {
        /// Who.
        person: String,
        /// subscriber, contributor, author, editor, administrator, owner, hosting_admin, or none.
        role: String,
        /// The site.
        #[arg(long, conflicts_with = "account")]
        site: Option<String>,
        /// The account (owner).
        #[arg(long)]
        account: Option<i64>,
    },
    /// Keep somebody out: sessions and tokens end now.
    Disable {
        /// Who.
        person: String,
    },
    /// Let a disabled person in again.
    Enable {
        /// Who.
        person: String,
    },
    /// Delete somebody.
    Delete {
        /// Who.
        person: String,
        /// Who gets their entries and files.
        #[arg(long)]
        reassign_to: Option<String>,
    },
}

/// `freehold site …`; a site is named by host name or number.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Site {
    /// All sites.
    List,
    /// One site with its names.
    Show {
        /// Which.
        site: String,
    },
    /// Make a site.
    #[command(alias = "add")]
    Create {
        /// Its title.
        #[arg(long)]
        title: String,
        /// Its main host name.
        #[arg(long)]
        host: String,
        /// Its account; the first one without it.
        #[arg(long)]
        account: Option<i64>,
    },
    /// Delete a site with everything in it, for good.
    Delete {
        /// Which.
        site: String,
        /// Really.
        #[arg(long)]
        yes: bool,
    },
}

/// `freehold domain …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Domain {
    /// Host names of a site.
    List {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Add a name; it redirects to the main one.
    Add {
        /// The name.
        host: String,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Make a name the main one.
    Main {
        /// The name.
        host: String,
    },
    /// Remove a name.
    Remove {
        /// The name.
        host: String,
    },
}

/// `freehold token …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Token {
    /// Make a token for somebody; it is printed once.
    #[command(alias = "add")]
    Create {
        /// Whose: e-mail or number.
        #[arg(long)]
        user: String,
        /// What it allows: capabilities such as entries.write_own, or read, content, all. May be given several times.
        #[arg(long = "scope", required = true, value_delimiter = ',')]
        scopes: Vec<String>,
        /// The only site it may touch.
        #[arg(long)]
        site: Option<String>,
        /// Days until it ends; never without it.
        #[arg(long, value_name = "DAYS")]
        expires: Option<u32>,
        /// What it is for.
        #[arg(long, default_value = "made on the command line")]
        name: String,
    },
    /// Tokens of somebody.
    List {
        /// Whose: e-mail or number.
        #[arg(long)]
        user: String,
    },
    /// End a token.
    Revoke {
        /// Its number.
        id: i64,
        /// Whose: e-mail or number.
        #[arg(long)]
        user: String,
    },
}

/// `freehold job …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Job {
    /// The newest jobs.
    List {
        /// How many, at most 200.
        #[arg(long, default_value_t = 50)]
        limit: i64,
    },
    /// One job with its message and report.
    #[command(alias = "log")]
    Show {
        /// Its number.
        id: i64,
    },
    /// Put a failed or cancelled job back into the queue.
    #[command(alias = "run")]
    Retry {
        /// Its number.
        id: i64,
    },
    /// Ask a job to stop.
    Cancel {
        /// Its number.
        id: i64,
    },
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
