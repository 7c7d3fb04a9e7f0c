//! The command line: what it understands. `main` does it. Messages go to standard error; `--json` puts one document on
//! standard output.

pub mod import;
pub mod seed;
pub mod rules;
pub mod customers;
pub mod content_parts;
pub mod files;
pub mod people;
pub mod sites;
pub mod designs;
pub mod themes;
pub mod work;
pub mod commands;
pub mod hands;
mod do_access;
mod do_content;
mod do_content_parts;
mod do_files;
mod do_customers;
mod do_designs;
mod do_guard;
mod do_domains;
mod do_people;
mod do_rules;
mod do_sites;
mod do_theme_texts;
mod do_themes;
mod do_work;
mod do_cron;
pub mod perform;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use freehold_base::config::Overrides;

use commands::{Account, Ask, Audit, Cache, Cron, Domain, File, Job, Security, Site, Token, User};

/// Freehold: a CMS, web server and hosting panel in one binary.
#[derive(Debug, Parser)]
#[command(name = "freehold", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// Where the node is and what it listens on.
    #[command(flatten)]
    pub node: Node,
    /// One JSON document on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do; `serve` without one.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags of every command.
#[derive(Debug, Default, Args)]
pub struct Node {
    /// Configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address of the public listener.
    #[arg(long, global = true, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Address of the panel.
    #[arg(long, global = true, value_name = "ADDR")]
    pub panel: Option<String>,
    /// postgres://…; SQLite without it.
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
}

impl Node {
    /// As the configuration takes them.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            file: self.config.clone(),
            data: self.data.clone(),
            listen: self.listen.clone(),
            panel: self.panel.clone(),
            database_url: self.database_url.clone(),
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the node (the default).
    Serve,
    /// First run without a browser; exit code 3 when it was done before.
    Setup(Setup),
    /// Check configuration and data.
    Check,
    /// Bring the database to this release, or back to an older one.
    Migrate {
        /// The number of the migration that shall be the newest, such as 0001.
        #[arg(long, value_name = "N")]
        to: Option<String>,
    },
    /// People.
    User {
        /// What.
        #[command(subcommand)]
        command: User,
    },
    /// Sites.
    Site {
        /// What.
        #[command(subcommand)]
        command: Site,
    },
    /// Comments of sites.
    Comment {
        /// What.
        #[command(subcommand)]
        command: content_parts::Comment,
    },
    /// Categories and tags of sites.
    Term {
        /// What.
        #[command(subcommand)]
        command: content_parts::Term,
    },
    /// Menus of sites.
    Menu {
        /// What.
        #[command(subcommand)]
        command: content_parts::Menu,
    },
    /// Themes: how sites look.
    Theme {
        /// What.
        #[command(subcommand)]
        command: themes::Theme,
    },
    /// Designs of sites: settings of their themes, tried out and published.
    Design {
        /// What.
        #[command(subcommand)]
        command: designs::Design,
    },
    /// Media libraries of sites.
    Media {
        /// What.
        #[command(subcommand)]
        command: content_parts::Media,
    },
    /// Files of accounts.
    File {
        /// What.
        #[command(subcommand)]
        command: File,
    },
    /// Accounts, which own sites.
    Account {
        /// What.
        #[command(subcommand)]
        command: Account,
    },
    /// Plans: limits and features of accounts.
    Plan {
        /// What.
        #[command(subcommand)]
        command: commands::Plan,
    },
    /// Who sells web space.
    Reseller {
        /// What.
        #[command(subcommand)]
        command: commands::Reseller,
    },
    /// Host names of sites.
    Domain {
        /// What.
        #[command(subcommand)]
        command: Domain,
    },
    /// Tokens of programs.
    Token {
        /// What.
        #[command(subcommand)]
        command: Token,
    },
    /// Logins to files: SFTP, WebDAV, FTP.
    Login {
        /// What.
        #[command(subcommand)]
        command: commands::Login,
    },
    /// Slow work.
    Job {
        /// What.
        #[command(subcommand)]
        command: Job,
    },
    /// Commands of accounts at set times.
    Cron {
        /// What.
        #[command(subcommand)]
        command: Cron,
    },
    /// Ready pages of the running node.
    Cache {
        /// What.
        #[command(subcommand)]
        command: Cache,
    },
    /// The audit log.
    Audit {
        /// What.
        #[command(subcommand)]
        command: Audit,
    },
    /// Guard of the server: the security report, networks that are kept out, who must have a second factor.
    Security {
        /// What.
        #[command(subcommand)]
        command: Security,
    },

    /// Redirects of a site.
    Redirect {
        /// What.
        #[command(subcommand)]
        command: rules::Redirect,
    },
    /// Headers, private folders and switches of a site.
    Rules {
        /// What.
        #[command(subcommand)]
        command: rules::Rules,
    },
    /// Look whether all is well, and say what to do where it is not.
    Doctor,
    /// Content of sites.
    Content {
        /// What.
        #[command(subcommand)]
        command: Content,
    },
    /// Bring in content of other systems.
    Import {
        /// What.
        #[command(subcommand)]
        command: import::Import,
    },
}

impl Command {
    /// What it asks of the installation; none for commands that work on files or run the node.
    pub fn ask(&self) -> Option<Ask> {
        match self {
            Self::User { command } => Some(Ask::User(command.clone())),
            Self::Site { command } => Some(Ask::Site(command.clone())),
            Self::Account { command } => Some(Ask::Account(command.clone())),
            Self::Comment { command } => Some(Ask::Comment(command.clone())),
            Self::Term { command } => Some(Ask::Term(command.clone())),
            Self::Menu { command } => Some(Ask::Menu(command.clone())),
            Self::Theme { command } => Some(Ask::Theme(command.clone().absolute())),
            Self::Design { command } => Some(Ask::Design(command.clone())),
            Self::Media { command } => Some(Ask::Media(found(command.clone()))),
            Self::File { command } => Some(Ask::File(absolute(command.clone()))),
            Self::Plan { command } => Some(Ask::Plan(command.clone())),
            Self::Reseller { command } => Some(Ask::Reseller(command.clone())),
            Self::Content { command: Content::Entries(command) } => Some(Ask::Content(command.clone())),
            Self::Domain { command } => Some(Ask::Domain(command.clone())),
            Self::Token { command } => Some(Ask::Token(command.clone())),
            Self::Login { command } => Some(Ask::Login(command.clone())),
            Self::Job { command } => Some(Ask::Job(command.clone())),
            Self::Cron { command } => Some(Ask::Cron(command.clone())),
            Self::Cache { command } => Some(Ask::Cache(command.clone())),
            Self::Audit { command } => Some(Ask::Audit(command.clone())),
            Self::Security { command } => Some(Ask::Security(command.clone())),
            Self::Redirect { command } => Some(Ask::Redirect(command.clone())),
            Self::Rules { command } => Some(Ask::Rules(command.clone())),
            Self::Doctor => Some(Ask::Doctor),
            _ => None,
        }
    }
}

/// As [`absolute`], of the media library.
fn found(command: content_parts::Media) -> content_parts::Media {
    match command {
        content_parts::Media::Add { file, site } => {
            content_parts::Media::Add { file: std::path::absolute(&file).unwrap_or(file), site }
        }
        other => other,
    }
}

/// Files of this machine as the node finds them, wherever it runs.
fn absolute(command: File) -> File {
    let whole = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
    match command {
        File::Get { site, path, to } => File::Get { site, path, to: whole(to) },
        File::Put { site, from, path, exists } => File::Put { site, from: whole(from), path, exists },
        other => other,
    }
}

/// `freehold setup`
#[derive(Debug, Args)]
pub struct Setup {
    /// E-mail of the hosting admin.
    #[arg(long)]
    pub email: String,
    /// Title of the first site.
    #[arg(long)]
    pub site_title: String,
    /// Main host name of the first site.
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,
    /// What the site starts from.
    #[arg(long, default_value = "journal", value_parser = ["journal", "business", "portfolio", "blank"])]
    pub start: String,
    /// Read the password from standard input; without it one is made and printed.
    #[arg(long)]
    pub password_stdin: bool,
}

/// `freehold content …`
#[derive(Debug, Subcommand)]
pub enum Content {
    /// Entries.
    #[command(flatten)]
    Entries(commands::Content),
    /// Make deterministic posts with terms and comments, for trials and benches.
    Seed {
        /// How many.
        #[arg(long)]
        posts: u64,
        /// Host name of the site.
        #[arg(long)]
        site: String,
    },
}
