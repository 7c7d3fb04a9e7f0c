//! Commands that work on the installation: by the running node where there is one, so that its pages are new at once.
//! The same types are what clap reads and what goes through the node's socket.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use freehold_publishing::import::jobs::Media;
use serde::{Deserialize, Serialize};

pub use super::content_parts::{Comment, Media as Library, Menu, Term};
pub use super::customers::{Account, LimitOptions, Plan, Reseller};
pub use super::files::File;

use super::rules::{Redirect, Rules};

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
    /// Bring somebody in by address; the one-time link by which they choose a password is printed.
    Invite {
        /// Their e-mail.
        email: String,
        /// A role of the place, as `role` takes it.
        #[arg(long)]
        role: String,
        /// The site.
        #[arg(long, conflicts_with_all = ["account", "reseller"])]
        site: Option<String>,
        /// The account.
        #[arg(long, conflicts_with = "reseller")]
        account: Option<i64>,
        /// The reseller.
        #[arg(long)]
        reseller: Option<i64>,
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
        /// On a site: subscriber, contributor, author, editor, administrator. On an account: billing, dns, files, reader,
        /// owner. On a reseller: reseller. On the installation: auditor, hosting_admin. Or none.
        role: String,
        /// The site.
        #[arg(long, conflicts_with_all = ["account", "reseller"])]
        site: Option<String>,
        /// The account.
        #[arg(long, conflicts_with = "reseller")]
        account: Option<i64>,
        /// The reseller.
        #[arg(long)]
        reseller: Option<i64>,
    },
    /// Passkeys of somebody.
    Passkeys {
        /// Who.
        person: String,
        /// Take the one with this number away; their sessions end.
        #[arg(long, value_name = "NUMBER")]
        remove: Option<i64>,
    },
    /// Take somebody's app, passkeys and recovery codes away, where they lost them; their sessions end.
    FactorOff {
        /// Who.
        person: String,
    },
    /// Sessions of somebody.
    Sessions {
        /// Who.
        person: String,
        /// End them all.
        #[arg(long)]
        end: bool,
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

/// What a site is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// Pages made by a theme.
    #[default]
    Cms,
    /// Files of the account.
    Static,
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
        /// cms: pages made by a theme; static: the files of a folder.
        #[arg(long, value_enum, default_value_t)]
        #[serde(default)]
        kind: SiteKind,
    },
    /// Settings of a site.
    Settings {
        /// Which.
        site: String,
    },
    /// Change settings: what is named.
    Set {
        /// Which.
        site: String,
        /// Such as `general.title=Harbour` or `reading.per_page=10`.
        #[arg(required = true, value_name = "GROUP.FIELD=VALUE")]
        changes: Vec<String>,
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

/// `freehold domain …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Domain {
    /// Names of a site; of all sites without one.
    List {
        /// Host name or number of the site.
        #[arg(long)]
        site: Option<String>,
    },
    /// Add a name; it redirects to the main one.
    Add {
        /// The name, as people type it; `*.example.org` stands for all names below it.
        host: String,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// What it does: `redirect` or `alias` (shows the site too).
        #[arg(long, default_value = "redirect")]
        kind: String,
        /// Make it the main name once it points here.
        #[arg(long)]
        main: bool,
    },
    /// Make a name the main one.
    Main {
        /// The name.
        host: String,
    },
    /// Let a name redirect to the main one, or show the site too.
    Set {
        /// The name.
        host: String,
        /// `redirect` or `alias`.
        #[arg(long)]
        kind: String,
    },
    /// Let a claimed name be served without proof.
    Approve {
        /// The name.
        host: String,
        /// Host name or number of the site, where several claim it.
        #[arg(long)]
        site: Option<String>,
    },
    /// Ask the world's name servers about a name. Fails where something does not work.
    Check {
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
        /// Where it may be used from, such as 192.0.2.0/24; anywhere without it. May be given several times.
        #[arg(long = "from", value_name = "NETWORK", value_delimiter = ',')]
        #[serde(default)]
        addresses: Vec<String>,
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

/// `freehold login …`; a login is named by its name.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Login {
    /// Logins to the files of a site's account, with their SSH keys.
    List {
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
    },
    /// Make a login to the files of a site's account.
    #[command(alias = "add")]
    Create {
        /// What is typed as the user name, such as mara@harbour.blog.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// The folder below the account's home that it cannot leave; without it the home.
        #[arg(long, default_value = "")]
        folder: String,
        /// It changes nothing.
        #[arg(long)]
        read_only: bool,
        /// What it opens: sftp, webdav, ftp.
        #[arg(long, default_value = "sftp,webdav")]
        services: String,
        /// Only SSH keys open it.
        #[arg(long, conflicts_with = "password_stdin")]
        no_password: bool,
        /// Read the password from standard input; without it one is made and printed.
        #[arg(long)]
        password_stdin: bool,
        /// The password, as it was read.
        #[arg(skip)]
        password: String,
    },
    /// Change what a login opens; what is not named stays.
    Change {
        /// Its name.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// The folder that it cannot leave.
        #[arg(long)]
        folder: Option<String>,
        /// Whether it changes nothing.
        #[arg(long)]
        read_only: Option<bool>,
        /// What it opens.
        #[arg(long)]
        services: Option<String>,
    },
    /// Set another password; open sessions end.
    Password {
        /// Its name.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// Take the password away: only SSH keys open it.
        #[arg(long, conflicts_with = "password_stdin")]
        none: bool,
        /// Read it from standard input; without it one is made and printed.
        #[arg(long)]
        password_stdin: bool,
        /// The password, as it was read.
        #[arg(skip)]
        password: String,
    },
    /// Add an SSH key to a login.
    AddKey {
        /// Its name.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// The public key as OpenSSH writes it: "ssh-ed25519 AAAA… mara@laptop".
        #[arg(long)]
        key: String,
    },
    /// Take an SSH key from a login; its open sessions end.
    RemoveKey {
        /// Its name.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// Number of the key.
        id: i64,
    },
    /// Take a login away; its open sessions end.
    #[command(alias = "delete")]
    Revoke {
        /// Its name.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
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
    /// Let a waiting or paused job begin now.
    Now {
        /// Its number.
        id: i64,
    },
    /// Hold a waiting job back until it is resumed.
    Pause {
        /// Its number.
        id: i64,
    },
    /// Let a paused job wait for its time again.
    Resume {
        /// Its number.
        id: i64,
    },
}

/// `freehold cron …`; commands are of the account of the site that is named.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Cron {
    /// All commands of the account.
    List {
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
    },
    /// One command with its next five runs.
    Show {
        /// Its number.
        id: i64,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
    },
    /// Set up a command.
    #[command(alias = "create")]
    Add {
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// What it is.
        #[command(flatten)]
        options: CronOptions,
    },
    /// Change a command: what is named.
    Set {
        /// Its number.
        id: i64,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// What it is to be.
        #[command(flatten)]
        options: CronOptions,
    },
    /// Remove a command with its results.
    #[command(alias = "delete")]
    Remove {
        /// Its number.
        id: i64,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
    },
    /// Run a command now.
    Run {
        /// Its number.
        id: i64,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
    },
    /// Ask a run to stop.
    Stop {
        /// Number of the command.
        id: i64,
        /// Number of the run.
        run: i64,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
    },
    /// What came of the last runs, or what one of them said.
    Log {
        /// Number of the command.
        id: i64,
        /// Number of the run.
        #[arg(long)]
        run: Option<i64>,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
    },
    /// What a schedule means, and its next five moments.
    Next {
        /// In words or as five fields.
        schedule: String,
        /// Time zone.
        #[arg(long, default_value = "UTC")]
        time_zone: String,
    },
}

/// What a command is.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
pub struct CronOptions {
    /// What people call it.
    #[arg(long)]
    pub name: Option<String>,
    /// What the account's shell gets.
    #[arg(long, conflicts_with = "url")]
    pub command: Option<String>,
    /// The address that is called.
    #[arg(long)]
    pub url: Option<String>,
    /// Words such as "Every weekday at 07:30", or five fields.
    #[arg(long)]
    pub schedule: Option<String>,
    /// Time zone of the schedule.
    #[arg(long)]
    pub time_zone: Option<String>,
    /// Whether it runs by itself: true or false.
    #[arg(long)]
    pub enabled: Option<bool>,
    /// When it is due and still runs: skip, queue, kill.
    #[arg(long)]
    pub overlap: Option<String>,
    /// It begins up to so many seconds late.
    #[arg(long = "jitter")]
    pub jitter_s: Option<i64>,
    /// It is ended after so many seconds.
    #[arg(long = "timeout")]
    pub timeout_s: Option<i64>,
    /// never, failure, change.
    #[arg(long)]
    pub mail_when: Option<String>,
    /// Called after each run that went well.
    #[arg(long)]
    pub alive_url: Option<String>,
    /// An alarm when no run went well so many seconds after it was due; 0 for none.
    #[arg(long = "grace")]
    pub grace_s: Option<i64>,
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

/// `freehold security …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Security {
    /// What is open that need not be, each with what mends it; exit code 1 where something has to be mended now.
    Report,
    /// End sessions that are older than 8 hours.
    EndOldSessions,
    /// Networks that are kept out of sign-in.
    Networks,
    /// Keep a network out of every sign-in.
    Block {
        /// Such as 192.0.2.0/24.
        network: String,
    },
    /// Let a network in again.
    LetIn {
        /// Such as 192.0.2.0/24.
        network: String,
    },
    /// Who must have a second factor; with --of it is set.
    SecondFactor {
        /// hosting_admins, resellers, owners, everybody, or none. May be given several times.
        #[arg(long, value_delimiter = ',')]
        of: Option<Vec<String>>,
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
