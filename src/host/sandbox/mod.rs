//! Programs of an account: a command at its time, a shell in a terminal. The one place that starts programs.
//!
//! Where the machine allows user namespaces, a program runs in bubblewrap: the system read-only, a stub of `/etc`, a
//! `/tmp` of its own, no process, no shared memory and no name of the machine to be seen, and of all data only the
//! home of its account, at `/home/account`. Where it does not, a program can be given its limits and a session of its
//! own but no walls: one trust domain, and only where the owner of the machine said so. As root nothing runs at all.
//!
//! What a customer types is handed to the account's own shell inside the sandbox as one argument (security rule A3):
//! nothing of it is ever put together with words of ours, and no program outside the sandbox reads it.

mod limits;
mod program;
mod kept;
mod watch;
mod run;
mod terminal;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use freehold_base::{AccountId, Code, Error, Result};

pub use kept::Kept;
pub use limits::Limits;
pub use run::{End, Ran};
pub use terminal::{Size, Terminal};
pub use watch::Stop;

/// How programs of accounts are kept apart on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Each in its own namespaces: it sees its account's files and no others.
    Sandboxed,
    /// Limits and sessions only: all accounts trust each other, because the owner of the machine said so.
    OneTrustDomain,
    /// Nothing runs, for this reason.
    Refused(Refusal),
}

/// Why nothing runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The node was started as root (security rule A1).
    Root,
    /// bubblewrap is not there, or the kernel allows no user namespaces; and nobody accepted one trust domain.
    NoWalls,
    /// Not even limits can be set: `prlimit`, `setsid` or `setpriv` is missing.
    NoLimits,
}

impl Isolation {
    /// Whether programs run at all.
    pub fn runs(self) -> bool {
        !matches!(self, Self::Refused(_))
    }
    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sandboxed => "sandboxed",
            Self::OneTrustDomain => "one_trust_domain",
            Self::Refused(Refusal::Root) => "refused_root",
            Self::Refused(Refusal::NoWalls) => "refused_no_sandbox",
            Self::Refused(Refusal::NoLimits) => "refused_no_limits",
        }
    }
    /// What holds for customers' commands and terminals on this machine, in one sentence for who runs it.
    pub fn of_customers(self) -> &'static str {
        match self {
            Self::Sandboxed => {
                "Customers\u{2019} commands and terminals run in a sandbox (bubblewrap): each sees the files of its own \
                 account and no others; where they may use the network, they reach what listens on this machine."
            }
            Self::OneTrustDomain => {
                "Customers\u{2019} commands run with limits and a session of their own but in no sandbox: each can read \
                 what Freehold can read, other accounts too; terminals stay shut."
            }
            Self::Refused(Refusal::Root) => {
                "No commands and no terminals of customers run, because Freehold was started as root; start it as a user \
                 of its own."
            }
            Self::Refused(Refusal::NoWalls) => {
                "No commands and no terminals of customers run, because this machine allows no sandbox; install \
                 bubblewrap and allow user namespaces."
            }
            Self::Refused(Refusal::NoLimits) => {
                "No commands and no terminals of customers run, because setsid, setpriv or prlimit (util-linux) is \
                 missing."
            }
        }
    }
    /// What it means, in a sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Sandboxed => "Sandboxed: a command sees the files of its own account and no others.",
            Self::OneTrustDomain => {
                "One trust domain: this machine allows no sandbox, so a command can read what Freehold itself can read, \
                 other accounts too."
            }
            Self::Refused(Refusal::Root) => {
                "Freehold runs as root, so no commands and no terminals of accounts run. Start it as a user of its own."
            }
            Self::Refused(Refusal::NoWalls) => {
                "This machine allows no sandbox (bubblewrap with user namespaces), so no commands of accounts run: they \
                 could read everything. Install bubblewrap, or accept one trust domain in the configuration \
                 (sandbox.one_trust_domain)."
            }
            Self::Refused(Refusal::NoLimits) => {
                "The programs setsid, setpriv and prlimit (util-linux) are missing, so no commands of accounts run."
            }
        }
    }
    /// What of the network a program behind walls has, in a sentence for people.
    pub fn network_sentence(self, shared: bool) -> &'static str {
        match (self, shared) {
            (Self::Sandboxed, true) => {
                "It uses this machine's network, and reaches what listens on this machine, on 127.0.0.1 too."
            }
            (Self::Sandboxed, false) => "It has no network.",
            _ => "",
        }
    }
}

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub enum Work<'a> {
    /// This text, read by the account's own shell inside the sandbox.
    Command(&'a str),
    /// A shell for a person at a terminal.
    Shell,
}

/// An order to run something.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// Whose.
    pub account: AccountId,
    /// What.
    pub work: Work<'a>,
    /// How much of the machine it gets.
    pub limits: Limits,
    /// Whether it may use the network; without namespaces it always can.
    pub network: bool,
    /// It is killed with all it started after so long.
    pub timeout: Duration,
    /// Further variables of its environment, such as `TZ`.
    pub environment: Vec<(&'static str, String)>,
}

/// Where the sandbox has its things.
#[derive(Clone, Debug)]
pub struct Places {
    /// The data folder.
    pub data: PathBuf,
    /// Whether commands run where there are no walls.
    pub one_trust_domain: bool,
}

/// Runs programs for accounts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    places: Places,
    found: OnceLock<Found>,
}

/// What was found on this machine.
#[derive(Clone, Debug)]
struct Found {
    isolation: Isolation,
    tools: Option<program::Tools>,
}

impl Sandbox {
    /// Looks at nothing yet.
    pub fn new(places: Places) -> Self {
        Self { inner: Arc::new(Inner { places, found: OnceLock::new() }) }
    }

    /// Looks what this machine allows, by really running something, on a thread of its own: the start of a node does
    /// not wait for it.
    pub fn probe_in_background(&self) {
        let sandbox = self.clone();
        let thread = std::thread::Builder::new().name("sandbox-probe".into()).spawn(move || {
            tracing::info!("commands of accounts: {}", sandbox.isolation().sentence());
        });
        if let Err(e) = thread {
            tracing::warn!("looking for a sandbox: {e}");
        }
    }

    /// Whether this process is root: then nothing runs, and that is known without a look.
    pub fn is_root(&self) -> bool {
        rustix::process::geteuid().is_root()
    }

    /// How programs are kept apart here. The first call looks, by running a program in a sandbox.
    pub fn isolation(&self) -> Isolation {
        self.found().isolation
    }

    fn found(&self) -> &Found {
        self.inner.found.get_or_init(|| {
            let refused = |why| Found { isolation: Isolation::Refused(why), tools: None };
            if self.is_root() { refused(Refusal::Root) } else { self.look(refused) }
        })
    }

    fn look(&self, refused: impl Fn(Refusal) -> Found) -> Found {
        let Some(tools) = program::Tools::find(&self.inner.places.data) else { return refused(Refusal::NoLimits) };
        for walls in program::Walls::STRONGEST_FIRST {
            let tools = tools.clone().with(*walls);
            if program::works(&tools) {
                return Found { isolation: Isolation::Sandboxed, tools: Some(tools) };
            }
        }
        if !self.inner.places.one_trust_domain {
            return refused(Refusal::NoWalls);
        }
        if program::works(&tools) {
            return Found { isolation: Isolation::OneTrustDomain, tools: Some(tools) };
        }
        refused(Refusal::NoLimits)
    }

    /// The tools, where programs run.
    fn tools(&self) -> Result<&program::Tools> {
        let found = self.found();
        found.tools.as_ref().ok_or_else(|| Error::refused(Code::WrongState, found.isolation.sentence()))
    }

    /// The home of an account, made where it is not there.
    fn home(&self, account: AccountId) -> Result<PathBuf> {
        let home = self.inner.places.data.join("accounts").join(account.to_string()).join("home");
        crate::files::make_private_folders(&home)?;
        Ok(home)
    }
}

fn make_folder(path: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o750).create(path);
    made.map_err(|e| crate::files::io("making the account\u{2019}s folder", e))
}

#[cfg(test)]
mod tests;
