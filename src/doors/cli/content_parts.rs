//! Commands about what stands beside entries: comments, terms, menus, media. Each names its site.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

/// `freehold comment …`; a comment is named by its number.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Comment {
    /// Comments of one status, newest first.
    List {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// pending, approved, spam, trash.
        #[arg(long, default_value = "pending")]
        status: String,
        /// How many, at most 200.
        #[arg(long, default_value_t = 50)]
        limit: u16,
    },
    /// Decide what becomes of comments.
    Decide {
        /// approve, hold, spam, trash.
        verdict: String,
        /// Their numbers.
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Delete comments for good.
    Delete {
        /// Their numbers.
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Correct the words of a comment.
    Edit {
        /// Its number.
        id: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// The words.
        #[arg(long)]
        text: String,
    },
}

/// `freehold term …`; a term is named by its number.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Term {
    /// Terms by name.
    List {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// category, tag; all without it.
        #[arg(long)]
        taxonomy: Option<String>,
    },
    /// Make a term.
    #[command(alias = "add")]
    Create {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// category or tag.
        #[arg(long, default_value = "category")]
        taxonomy: String,
        /// What it is.
        #[command(flatten)]
        options: TermOptions,
    },
    /// Change a term: what is named.
    Set {
        /// Its number.
        id: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// What it is to be.
        #[command(flatten)]
        options: TermOptions,
    },
    /// Give everything of a term to another one.
    Merge {
        /// The term that goes.
        id: i64,
        /// The term that stays.
        into: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Delete terms; entries lose them.
    Delete {
        /// Their numbers.
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
}

/// What a term is.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
pub struct TermOptions {
    /// Its name.
    #[arg(long)]
    pub name: Option<String>,
    /// Last part of its address.
    #[arg(long)]
    pub slug: Option<String>,
    /// A few words about it.
    #[arg(long)]
    pub description: Option<String>,
    /// Number of the term above it; 0 for none.
    #[arg(long)]
    pub parent: Option<i64>,
}

/// `freehold menu …`; a menu is named by its number, a line too.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Menu {
    /// Menus, with where they stand.
    List {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// The lines of a menu.
    Show {
        /// Which.
        menu: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Make a menu.
    Create {
        /// Its name.
        name: String,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Fill it with the site's top pages.
        #[arg(long)]
        of_pages: bool,
    },
    /// Give a menu another name.
    Rename {
        /// Which.
        menu: i64,
        /// The name.
        name: String,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Delete a menu; what it leads to stays.
    Delete {
        /// Which.
        menu: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Add a line at the end.
    Add {
        /// To which menu.
        menu: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// To this entry.
        #[arg(long, required_unless_present_any = ["term", "url"], conflicts_with_all = ["term", "url"])]
        entry: Option<i64>,
        /// To the page of this term.
        #[arg(long, conflicts_with = "url")]
        term: Option<i64>,
        /// Where a link leads.
        #[arg(long, requires = "label")]
        url: Option<String>,
        /// What visitors read of a link.
        #[arg(long)]
        label: Option<String>,
    },
    /// Change the words of a line, and where a link leads.
    Edit {
        /// Of which menu.
        menu: i64,
        /// Number of the line.
        line: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// What visitors read; empty: the target's title.
        #[arg(long)]
        label: Option<String>,
        /// Where a link leads.
        #[arg(long)]
        url: Option<String>,
    },
    /// Give all lines their order: `12 14/1 13`, a line with the levels above it.
    Order {
        /// Of which menu.
        menu: i64,
        /// Each line once, from the top.
        #[arg(required = true)]
        lines: Vec<String>,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Take a line out; what stood below it moves up one level.
    Remove {
        /// Of which menu.
        menu: i64,
        /// Number of the line.
        line: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
}

/// `freehold media …`; a file is named by its number.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Media {
    /// Files of the library, newest first.
    List {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// In their name or words.
        #[arg(long)]
        search: Option<String>,
        /// How many, at most 200.
        #[arg(long, default_value_t = 50)]
        limit: u16,
    },
    /// Take a file of this machine into the library; needs a running node.
    Add {
        /// The file.
        file: PathBuf,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Describe a file: what is named.
    Describe {
        /// Its number.
        id: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Title.
        #[arg(long)]
        title: Option<String>,
        /// Description for people who do not see it.
        #[arg(long)]
        alt: Option<String>,
        /// Words below it.
        #[arg(long)]
        caption: Option<String>,
    },
    /// Delete files.
    Delete {
        /// Their numbers.
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Those that are in use too.
        #[arg(long)]
        even_if_used: bool,
    },
}
