//! Commands about what a site answers before its pages or files: redirects, headers, private folders, switches.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

/// `freehold redirect …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Redirect {
    /// Redirects of a site.
    List {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Let an address lead to another one.
    Add {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// The address it is for, such as /old.
        source: String,
        /// Where it leads: /new or https://example.org/new; $1 to $9 stand for what a pattern caught.
        target: String,
        /// exact, prefix (everything below) or pattern (a regular expression over the whole address).
        #[arg(long, default_value = "exact")]
        how: String,
        /// 301 or 308: for good; 302 or 307: for now.
        #[arg(long, default_value_t = 301)]
        status: i64,
        /// Drop what stands after the question mark.
        #[arg(long)]
        drop_query: bool,
    },
    /// Change a redirect: what is named.
    Set {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Its number.
        id: i64,
        /// The address it is for.
        #[arg(long)]
        source: Option<String>,
        /// Where it leads.
        #[arg(long)]
        target: Option<String>,
        /// exact, prefix or pattern.
        #[arg(long)]
        how: Option<String>,
        /// 301, 302, 307 or 308.
        #[arg(long)]
        status: Option<i64>,
    },
    /// Take a redirect away.
    Remove {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Its number.
        id: i64,
    },
    /// Bring in redirects as CSV from standard input: source,target,status,how,query. All of them or none.
    Import {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// The text, as it was read.
        #[arg(skip)]
        text: String,
    },
    /// All redirects as CSV.
    Export {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
}

/// `freehold rules …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Rules {
    /// Switches, headers and private folders of a site.
    Show {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Say which rule answers an address.
    Try {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// The address.
        address: String,
    },
    /// Set switches.
    Set(Switches),
    /// Send a header with answers.
    Header {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// Only below this folder.
        #[arg(long, default_value = "/")]
        folder: String,
        /// Only for names that end so, such as .woff2.
        #[arg(long, default_value = "")]
        ending: String,
    },
    /// Take a header away.
    HeaderRemove {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Its number.
        id: i64,
    },
    /// Make a folder private.
    Private {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Its address.
        folder: String,
        /// What a browser shows when it asks.
        #[arg(long, default_value = "")]
        title: String,
    },
    /// Open a private folder to everybody.
    PrivateRemove {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Its number.
        id: i64,
    },
    /// Let somebody open a private folder; the password is read from standard input.
    LetIn {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Number of the folder.
        folder: i64,
        /// The name they type.
        name: String,
        /// The password, as it was read.
        #[arg(skip)]
        password: String,
    },
    /// Take somebody off a private folder.
    ShutOut {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Number of the folder.
        folder: i64,
        /// Number of the person.
        id: i64,
    },
}

/// `freehold rules set`
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
pub struct Switches {
    /// Host name or number of the site.
    #[arg(long)]
    pub site: String,
    /// with, without or both: which names lead to the others.
    #[arg(long, value_parser = ["with", "without", "both"])]
    pub www: Option<String>,
    /// Whether plain http leads to https.
    #[arg(long)]
    pub https: Option<bool>,
    /// Days that browsers shall insist on https; 0: they need not.
    #[arg(long)]
    pub hsts_days: Option<u32>,
    /// Whether that holds for names below the site's too.
    #[arg(long)]
    pub hsts_subdomains: Option<bool>,
    /// Whether a folder without a start page shows what is in it.
    #[arg(long)]
    pub listing: Option<bool>,
    /// A page for an error, such as 404=/not-here.html; empty after the sign: none.
    #[arg(long = "error-page", value_name = "NUMBER=ADDRESS")]
    pub error_pages: Vec<String>,
}
