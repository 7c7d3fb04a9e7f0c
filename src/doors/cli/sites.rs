//! What commands about sites and their names understand.

use clap::{Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

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
