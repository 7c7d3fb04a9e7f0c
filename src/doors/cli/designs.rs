//! What commands about designs understand.

use clap::Subcommand;
use serde::{Deserialize, Serialize};

/// `freehold design …`: the settings of a site's theme, tried out and published.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Design {
    /// Every setting, what is live and what is tried out.
    Show {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Try out settings: accent=#aa3d27 palette=moss.
    Set {
        /// SETTING=VALUE, one or more.
        #[arg(required = true)]
        values: Vec<String>,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Throw the draft away.
    Discard {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Let the draft go live, at once or at a time.
    Publish {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// When: 2026-11-23T08:00:00Z. Without it at once.
        #[arg(long)]
        at: Option<String>,
    },
    /// The draft does not go live by itself after all.
    Unschedule {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Make a link that shows the draft without signing in; one of before works no more.
    Share {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
        /// Days that it works, 1 to 90.
        #[arg(long, default_value_t = 7)]
        days: i64,
    },
    /// End the link.
    Unshare {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// The designs that were live, newest first.
    History {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Take the last publication back.
    Undo {
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
    /// Bring a design back that was live.
    Restore {
        /// Its number.
        id: i64,
        /// Host name or number of the site.
        #[arg(long)]
        site: String,
    },
}
