//! What commands about jobs and about commands at set times understand.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

/// `freehold job …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Job {
    /// The newest jobs.
    List {
        /// How many, at most 200.
        #[arg(long, default_value_t = 50)]
        limit: i64,
        /// Without routine work that went well or waits for its turn.
        #[arg(long)]
        #[serde(default)]
        without_routine: bool,
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
