//! The security report of a server: what is open that need not be, each with what mends it. Panel, API and command line
//! show the same one.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use freehold_base::config::Config;
use freehold_base::{Capability, Result};
use freehold_platform::accounts::{Accounts, networks, policy};
use freehold_store::{Tx, roles, tokens};

use crate::device::device_words;

/// A session that goes on longer than a working day is worth a look.
const OLD: Duration = Duration::from_secs(8 * 3600);
/// Names that one line shows.
const SHOWN: usize = 10;

/// What the report knows beside the database.
#[derive(Clone, Debug)]
pub struct Facts {
    listen: SocketAddr,
    panel: SocketAddr,
    secure: bool,
    key: PathBuf,
    forgeable: bool,
}

impl Facts {
    /// Of a configuration.
    pub fn of(config: &Config) -> Self {
        Self {
            listen: config.listen,
            panel: config.panel,
            secure: config.panel_url.starts_with("https://"),
            key: std::path::absolute(config.data.join("key")).unwrap_or_else(|_| config.data.join("key")),
            forgeable: config.sandbox.network && config.trusted_proxies.iter().any(IpAddr::is_loopback),
        }
    }

    /// What is wrong and what to do, where commands of accounts can say that they come from anywhere: they use this
    /// machine's network, and what comes from this machine is believed as a proxy's word (security rule B2).
    pub fn believed_commands(&self) -> Option<&'static str> {
        self.forgeable.then_some(
            "commands of accounts use this machine's network and trusted_proxies names 127.0.0.1, so they can name any \
             address as theirs: let the proxy come from another address, or set sandbox.network = false",
        )
    }
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Good,
    /// Worth a look.
    Look,
    /// To be mended now.
    Bad,
}

impl State {
    /// The word in the API and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Look => "look",
            Self::Bad => "bad",
        }
    }
}

/// What mends it.
#[derive(Clone, Debug)]
pub enum Fix {
    /// Nothing is to be mended.
    Nothing,
    /// A page of the panel.
    Page(&'static str, &'static str),
    /// A button of the report's page: its words and its name.
    Button(&'static str, &'static str),
    /// Text to paste: where, and what.
    Paste(&'static str, String),
}

/// One line of the report.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its name for programs.
    pub name: &'static str,
    /// How it stands.
    pub state: State,
    /// What is so.
    pub title: String,
    /// Why it matters.
    pub text: String,
    /// Whom or what it is about: words, and a page of the panel or nothing.
    pub about: Vec<(String, String)>,
    /// What mends it.
    pub fix: Fix,
}

fn line(name: &'static str, state: State, title: impl Into<String>, text: impl Into<String>, fix: Fix) -> Line {
    Line { name, state, title: title.into(), text: text.into(), about: Vec::new(), fix }
}

fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// The report, what is to be mended first.
///
/// # Errors
/// `Denied`, database failures.
pub fn report(tx: &mut Tx<'_>, accounts: &Accounts, facts: &Facts) -> Result<Vec<Line>> {
    tx.authorize_server(Capability::ServerRead)?;
    let mut lines = vec![
        factors(tx)?,
        sessions(tx, accounts)?,
        loose_tokens(tx)?,
        panel(facts),
        listeners(facts),
        key(&facts.key),
        root(facts.key.parent().unwrap_or(&facts.key)),
        kept_out(tx)?,
    ];
    lines.sort_by_key(|l| match l.state {
        State::Bad => 0,
        State::Look => 1,
        State::Good => 2,
    });
    Ok(lines)
}

fn factors(tx: &mut Tx<'_>) -> Result<Line> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    let people = roles::powerful_without_factor(tx, server)?;
    let text = "Whoever finds out the password of somebody with power can do all that they can.";
    if people.is_empty() {
        return Ok(line("second_factor", State::Good, "Everybody with power has a second factor", text, Fix::Nothing));
    }
    let wanted = policy::rule(tx)?;
    let state = if wanted.everybody || wanted.hosting_admins { State::Look } else { State::Bad };
    let title = format!("{} with power and without a second factor", counted(people.len(), "person", "people"));
    let about = people.into_iter().take(SHOWN).map(|p| (p.name, format!("/admin/server/people/{}", p.id))).collect();
    let fix = Fix::Page("Choose who must have one", "#rule");
    Ok(Line { about, ..line("second_factor", state, title, text, fix) })
}

fn sessions(tx: &mut Tx<'_>, accounts: &Accounts) -> Result<Line> {
    let old = accounts.old_sessions(tx, OLD)?;
    let text =
        "A session ends 30 minutes after its last use and 12 hours after it began. A browser left open is a door.";
    if old.is_empty() {
        return Ok(line("sessions", State::Good, "No session is older than 8 hours", text, Fix::Nothing));
    }
    let title = format!("{} older than 8 hours", counted(old.len(), "session", "sessions"));
    let words = |(s, u): (freehold_store::sessions::Session, freehold_store::users::User)| {
        (format!("{}, {} from {}", u.name, device_words(&s.agent), s.address), format!("/admin/server/people/{}", u.id))
    };
    let about = old.into_iter().take(SHOWN).map(words).collect();
    let fix = Fix::Button("End them", "end-old");
    Ok(Line { about, ..line("sessions", State::Look, title, text, fix) })
}

fn loose_tokens(tx: &mut Tx<'_>) -> Result<Line> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    let loose = tokens::loose(tx, server)?;
    let text = "A token that never ends, or that works from anywhere, is as good as a password that leaked.";
    if loose.is_empty() {
        return Ok(line("tokens", State::Good, "Every token has an end and its addresses", text, Fix::Nothing));
    }
    let title = format!("{} without an end or without addresses", counted(loose.len(), "token", "tokens"));
    let about = loose
        .into_iter()
        .take(SHOWN)
        .map(|(t, email)| {
            let lacks = match (t.expires_at.ms() == 0, t.addresses.is_empty()) {
                (true, true) => "no end, any address",
                (true, false) => "no end",
                _ => "any address",
            };
            (format!("{} of {email}: {lacks}", t.name), format!("/admin/server/people/{}", t.user_id))
        })
        .collect();
    let paste = "freehold token list --user EMAIL\nfreehold token revoke NUMBER --user EMAIL\n\
                 freehold token create --user EMAIL --scope read --expires 90 --from 192.0.2.0/24";
    let fix = Fix::Paste("Its person makes a better one on their page of tokens. On the command line:", paste.into());
    Ok(Line { about, ..line("tokens", State::Look, title, text, fix) })
}

fn panel(facts: &Facts) -> Line {
    let text = "What goes over plain http can be read and changed by everybody on the way, passwords too.";
    if facts.secure || facts.panel.ip().is_loopback() {
        let title = if facts.secure { "The panel is behind https" } else { "Only this machine reaches the panel" };
        return line("panel_https", State::Good, title, text, Fix::Nothing);
    }
    let paste = format!("panel = \"127.0.0.1:{}\"\npanel_url = \"https://panel.example.org\"", facts.panel.port());
    let fix = Fix::Paste("In config.toml, with a proxy in front that speaks https; then restart:", paste);
    line("panel_https", State::Bad, "Other machines reach the panel over plain http", text, fix)
}

fn listeners(facts: &Facts) -> Line {
    let open: Vec<(String, String)> = [("Sites", facts.listen), ("The panel", facts.panel)]
        .iter()
        .filter(|(_, at)| !at.ip().is_loopback())
        .map(|(what, at)| (format!("{what} on {at}"), String::new()))
        .collect();
    let text = "Each listener that other machines reach is a door. Open only those that visitors need.";
    if open.is_empty() {
        return line("listeners", State::Good, "No listener is reachable from other machines", text, Fix::Nothing);
    }
    // Visitors must come in somewhere; the panel need not be open.
    let state = if facts.panel.ip().is_loopback() { State::Good } else { State::Look };
    let title = format!("{} reachable from other machines", counted(open.len(), "listener", "listeners"));
    let fix = match state {
        State::Good => Fix::Nothing,
        _ => Fix::Paste(
            "In config.toml, where nobody else needs the panel; then restart:",
            format!("panel = \"127.0.0.1:{}\"", facts.panel.port()),
        ),
    };
    Line { about: open, ..line("listeners", state, title, text, fix) }
}

fn key(path: &Path) -> Line {
    let text = "Who reads the key file can open every secret in the database.";
    match freehold_host::files::is_private(path) {
        Ok(true) => line("key_file", State::Good, "Only Freehold reads the key file", text, Fix::Nothing),
        Ok(false) => {
            let fix = Fix::Paste("On the machine:", format!("chmod 600 {}", path.display()));
            line("key_file", State::Bad, "Others on this machine may read the key file", text, fix)
        }
        Err(e) => {
            line("key_file", State::Bad, "The key file cannot be looked at", format!("{text} ({e})"), Fix::Nothing)
        }
    }
}

fn root(data: &Path) -> Line {
    let text = "A fault in a program that runs as root is a fault of the whole machine.";
    if !freehold_host::local::is_root() {
        return line("root", State::Good, "Freehold runs without root", text, Fix::Nothing);
    }
    let data = data.display();
    let paste = format!(
        "useradd --system --home-dir {data} freehold\nchown -R freehold {data}\n\
         runuser -u freehold -- freehold serve --data {data}"
    );
    line("root", State::Look, "Freehold runs as root", text, Fix::Paste("Give it a person of its own:", paste))
}

fn kept_out(tx: &mut Tx<'_>) -> Result<Line> {
    let out = networks::list(tx)?;
    let text = "Networks with too many failed sign-ins wait; a browser that signed in before is let through.";
    if out.is_empty() {
        return Ok(line("networks", State::Good, "No network is kept out", text, Fix::Nothing));
    }
    let title = format!("{} kept out of sign-in", counted(out.len(), "network", "networks"));
    let about = out.into_iter().take(SHOWN).map(|k| (k.network, String::new())).collect();
    let fix = Fix::Page("See and change", "/admin/server/security/networks");
    Ok(Line { about, ..line("networks", State::Look, title, text, fix) })
}

/// Ends the sessions that the report calls old, save the one that asks; gives how many.
///
/// # Errors
/// `Denied`.
pub fn end_old_sessions(tx: &mut Tx<'_>, accounts: &Accounts) -> Result<usize> {
    accounts.end_old_sessions(tx, OLD)
}
