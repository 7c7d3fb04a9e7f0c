//! What commands about customers understand: accounts, plans, resellers.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

/// `freehold account …`; an account is named by its number or its short name.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Account {
    /// Accounts, by title.
    List {
        /// In their title, name, domains or owners' addresses.
        #[arg(long)]
        search: Option<String>,
        /// Only of this status: active, suspended, terminated. Without it all but the terminated ones.
        #[arg(long)]
        status: Option<String>,
    },
    /// One account with its plan, usage and sites.
    Show {
        /// Which.
        account: String,
    },
    /// Make an account.
    #[command(alias = "add")]
    Create {
        /// What people call it; its short name is made from this.
        title: String,
        /// Address of its owner, who gets an invitation; without it give it one with `freehold user role`.
        #[arg(long)]
        owner: Option<String>,
        /// Its plan, by number or name; without it nothing is limited.
        #[arg(long)]
        plan: Option<String>,
        /// Who sells it, by number.
        #[arg(long, default_value_t = 0)]
        reseller: i64,
    },
    /// Change what people call it.
    Rename {
        /// Which.
        account: String,
        /// The new title.
        title: String,
    },
    /// Close its sites to visitors and shut its people out, until `unsuspend`.
    Suspend {
        /// Which.
        account: String,
        /// Shown to its people.
        #[arg(long)]
        reason: String,
    },
    /// End a suspension.
    Unsuspend {
        /// Which.
        account: String,
    },
    /// Give it another plan; what is over the new limits is listed, not deleted.
    Plan {
        /// Which.
        account: String,
        /// The plan, by number or name; 0: none.
        plan: String,
    },
    /// Close it. For 14 days it can be taken back with `restore`, then it is gone for good.
    Delete {
        /// Which.
        account: String,
        /// Really; without it what would go is listed.
        #[arg(long)]
        yes: bool,
        /// Not in 14 days but now. Of an account that is closed.
        #[arg(long)]
        now: bool,
    },
    /// Take a closed account back, as it was.
    Restore {
        /// Which.
        account: String,
    },
    /// Move a site with its names to another account.
    MoveSite {
        /// Host name or number of the site.
        site: String,
        /// The account that gets it.
        account: String,
    },
}

/// Limits as options of `freehold plan …`; what is not named is not limited.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
pub struct LimitOptions {
    /// Files, in MB.
    #[arg(long)]
    pub disk_mb: Option<u64>,
    /// Files and folders.
    #[arg(long)]
    pub files: Option<u64>,
    /// Traffic of a month, in GB.
    #[arg(long)]
    pub traffic_gb: Option<u64>,
    /// Sites.
    #[arg(long)]
    pub sites: Option<u64>,
    /// Domains.
    #[arg(long)]
    pub domains: Option<u64>,
    /// Subdomains.
    #[arg(long)]
    pub subdomains: Option<u64>,
    /// Further names of sites.
    #[arg(long)]
    pub aliases: Option<u64>,
    /// Databases.
    #[arg(long)]
    pub databases: Option<u64>,
    /// Mailboxes.
    #[arg(long)]
    pub mailboxes: Option<u64>,
    /// Logins to files.
    #[arg(long)]
    pub logins: Option<u64>,
    /// Commands at set times.
    #[arg(long)]
    pub cron_jobs: Option<u64>,
    /// People beside the owner.
    #[arg(long)]
    pub people: Option<u64>,
    /// Processes at once.
    #[arg(long)]
    pub processes: Option<u64>,
    /// Memory of a process, in MB.
    #[arg(long)]
    pub memory_mb: Option<u64>,
    /// Share of one core, in percent.
    #[arg(long)]
    pub cpu_percent: Option<u64>,
    /// Suspend an account whose month's traffic is used up.
    #[arg(long)]
    pub suspend_over_traffic: bool,
    /// What the plan leaves out: files, sftp, webdav, ftp, logins, domains, dns, cron, terminal, team, sites, import.
    #[arg(long, value_delimiter = ',')]
    pub without: Vec<String>,
}

/// `freehold plan …`; a plan is named by its number or its name.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Plan {
    /// All plans, with how many accounts have each.
    List,
    /// Make a plan.
    #[command(alias = "add")]
    Create {
        /// Its name.
        name: String,
        /// Its limits.
        #[command(flatten)]
        limits: LimitOptions,
    },
    /// Write a plan anew: limits that are not named are no longer limits.
    Edit {
        /// Which.
        plan: String,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        /// Its limits.
        #[command(flatten)]
        limits: LimitOptions,
    },
    /// Delete a plan that no account has.
    Delete {
        /// Which.
        plan: String,
    },
}

/// `freehold reseller …`; a reseller is named by its number or its name.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Reseller {
    /// All resellers, with what they sold.
    List,
    /// Make a reseller; give it people with `freehold user role --reseller`.
    #[command(alias = "add")]
    Create {
        /// Its name.
        name: String,
        /// Accounts at most.
        #[arg(long)]
        accounts: Option<u64>,
        /// Disk at most, in MB.
        #[arg(long)]
        disk_mb: Option<u64>,
        /// Traffic of a month at most, in GB.
        #[arg(long)]
        traffic_gb: Option<u64>,
        /// Plans may add up to more.
        #[arg(long)]
        oversell: bool,
    },
    /// Change the name and limits of a reseller: what is named.
    Set {
        /// Which.
        reseller: String,
        /// Its name.
        #[arg(long)]
        name: Option<String>,
        /// Accounts at most; 0: not limited.
        #[arg(long)]
        accounts: Option<u64>,
        /// Disk at most, in MB; 0: not limited.
        #[arg(long)]
        disk_mb: Option<u64>,
        /// Traffic of a month at most, in GB; 0: not limited.
        #[arg(long)]
        traffic_gb: Option<u64>,
        /// Whether plans may add up to more.
        #[arg(long)]
        oversell: Option<bool>,
    },
    /// Set what a reseller's customers see: what is named.
    Brand {
        /// Which.
        reseller: String,
        /// The name; empty: ours.
        #[arg(long)]
        name: Option<String>,
        /// Colour of buttons and links as #rrggbb.
        #[arg(long)]
        colour: Option<String>,
        /// Where customers find help, with https://.
        #[arg(long)]
        support_url: Option<String>,
        /// Address that mail to customers comes from.
        #[arg(long)]
        mail_from: Option<String>,
    },
    /// Suspend a reseller.
    Suspend {
        /// Which.
        reseller: String,
        /// Its customers' accounts too.
        #[arg(long)]
        with_customers: bool,
        /// Shown to its customers.
        #[arg(long, default_value = "the reseller is suspended")]
        reason: String,
    },
    /// End a suspension.
    Unsuspend {
        /// Which.
        reseller: String,
    },
    /// Delete a reseller. Its accounts go on without it.
    Delete {
        /// Which.
        reseller: String,
        /// Close its customers' accounts too.
        #[arg(long)]
        with_customers: bool,
        /// Really.
        #[arg(long)]
        yes: bool,
    },
}
