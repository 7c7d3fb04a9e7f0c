//! Configuration: defaults < `config.toml` < environment < flags. The only place that reads the environment.
//!
//! Every key stands in `config.example.toml` with its default; a test compares the two.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Code, Error, HostName, Result};

/// All settings of a node. Settings of a site live in the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where everything is kept.
    pub data: PathBuf,
    /// Address of the public listener (sites).
    pub listen: SocketAddr,
    /// Address of the panel listener.
    pub panel: SocketAddr,
    /// `scheme://host[:port]` of the panel as people type it; empty: `http://localhost:PORT`.
    pub panel_url: String,
    /// `postgres://…`; empty: SQLite in the data folder.
    pub database_url: String,
    /// Proxies whose forwarding headers are believed (security rule B2).
    pub trusted_proxies: Vec<IpAddr>,
    /// Address of the SFTP listener; empty: off.
    pub sftp: String,
    /// Address of the WebDAV listener; empty: off.
    pub webdav: String,
    /// Address of the FTP listener (TLS is always asked for); empty: off.
    pub ftp: String,
    /// Ports for FTP's data: `FIRST-LAST`.
    pub ftp_passive: String,
    /// Log lines: `error`, `warn`, `info`, `debug`, or an `EnvFilter` expression.
    pub log: String,
    /// Page cache.
    pub cache: Cache,
    /// Addresses under which the world reaches this server; empty: those that the machine finds by itself.
    pub public_addresses: Vec<IpAddr>,
    /// Names of sites.
    pub domains: Domains,
    /// Name servers that are asked.
    pub dns: Dns,
    /// Requests to other machines.
    pub outbound: Outbound,
    /// Sending mail.
    pub mail: Mail,
    /// Passwords.
    pub password: Password,
    /// Guessing of passwords.
    pub guard: Guard,
    /// Limits of requests.
    pub limits: Limits,
    /// Figures for machines.
    pub metrics: Metrics,
    /// Programs of accounts.
    pub sandbox: Sandbox,
    /// Commands at set times.
    pub cron: Cron,
    /// Terminals of accounts.
    pub terminal: Terminal,
    /// Themes of sites.
    pub themes: Themes,
    /// Plugins.
    pub plugins: Plugins,
}

/// `[metrics]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Programs on this machine read `/metrics` without a token; commands of accounts are such programs.
    pub open_on_loopback: bool,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { open_on_loopback: true }
    }
}

/// `[sandbox]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sandbox {
    /// Commands run even where the machine allows no sandbox: all accounts then trust each other.
    pub one_trust_domain: bool,
    /// Programs of accounts may use the network, this machine's own ports too.
    pub network: bool,
}

/// `[cron]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cron {
    /// Commands that this node runs at once.
    pub at_once: usize,
    /// Commands beside them that have gone on for more than ten minutes.
    pub long: usize,
}

/// `[terminal]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terminal {
    /// Whether people whose role and plan allow it may open a terminal in their account's sandbox.
    pub enabled: bool,
    /// A terminal at which nobody types is closed after so many minutes.
    pub idle_minutes: u64,
    /// Terminals of this node at once.
    pub sessions: usize,
}

/// `[themes]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Themes {
    /// People who run a site may add themes for that site; else only the hosting admin adds some, for all sites.
    pub owners_may_add: bool,
}

/// `[plugins]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plugins {
    /// No plugin runs, whatever people chose: for a node that one of them troubles.
    pub safe_mode: bool,
}

/// `[cache]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// Off only for benches: every page is rendered anew.
    pub enabled: bool,
    /// Memory for ready pages, in MB.
    pub memory_mb: u64,
}

/// `[domains]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Domains {
    /// Sites can be looked at below this name before their own points here: `site-7.preview.host.example`.
    pub preview: String,
    /// A name that a customer adds is served once it is shown to be theirs.
    pub check_ownership: bool,
}

/// `[dns]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dns {
    /// Resolvers that are asked what the world sees: `IP` or `IP:PORT`.
    pub resolvers: Vec<String>,
    /// Where a walk to a zone's own servers begins; empty: the resolvers say who they are.
    pub roots: Vec<String>,
    /// Port of the servers of zones: 53, but for tests.
    pub port: u16,
    /// Names of our own name servers: a zone that is theirs belongs to whoever put it there.
    pub name_servers: Vec<String>,
    /// Where the end of a registration is asked for; the name is put at its end. Empty: nowhere.
    pub rdap: String,
}

/// `[outbound]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbound {
    /// `HOST:PORT` pairs that may be reached although they are private (security rule B9).
    pub allow: Vec<String>,
}

/// `[mail]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// `smtp://USER:PASSWORD@HOST:PORT` or `smtps://…`; empty: mail is off.
    pub smtp_url: String,
    /// Sender of the installation's own mail.
    pub from: String,
}

/// `[password]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Password {
    /// bcrypt cost: 4 to 15. Below 10 only for tests.
    pub bcrypt_cost: u32,
}

/// `[guard]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Guard {
    /// Networks that no number of failures keeps out, such as `192.0.2.0/24` (row H137).
    pub allow: Vec<String>,
}

/// `[limits]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest upload, in MB.
    pub upload_mb: u64,
    /// Largest WordPress export that is sent in, in MB.
    pub import_mb: u64,
    /// Largest form or JSON body, in kB.
    pub body_kb: u64,
    /// Share of the disk, in percent, below which uploads are refused: 0 to 50 (security rule F5).
    pub keep_free_percent: u8,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            panel: SocketAddr::from(([127, 0, 0, 1], 8081)),
            panel_url: String::new(),
            database_url: String::new(),
            trusted_proxies: Vec::new(),
            sftp: "127.0.0.1:2222".into(),
            webdav: "127.0.0.1:8082".into(),
            ftp: String::new(),
            ftp_passive: "50000-50199".into(),
            log: "info".into(),
            cache: Cache::default(),
            public_addresses: Vec::new(),
            domains: Domains::default(),
            dns: Dns::default(),
            outbound: Outbound::default(),
            mail: Mail::default(),
            password: Password::default(),
            guard: Guard::default(),
            limits: Limits::default(),
            metrics: Metrics::default(),
            sandbox: Sandbox::default(),
            cron: Cron::default(),
            terminal: Terminal::default(),
            themes: Themes::default(),
            plugins: Plugins::default(),
        }
    }
}
impl Default for Sandbox {
    fn default() -> Self {
        Self { one_trust_domain: false, network: true }
    }
}
impl Default for Cron {
    fn default() -> Self {
        Self { at_once: 8, long: 8 }
    }
}
impl Default for Terminal {
    fn default() -> Self {
        Self { enabled: false, idle_minutes: 15, sessions: 20 }
    }
}
impl Default for Cache {
    fn default() -> Self {
        Self { enabled: true, memory_mb: 64 }
    }
}
impl Default for Domains {
    fn default() -> Self {
        Self { preview: String::new(), check_ownership: true }
    }
}
impl Default for Dns {
    fn default() -> Self {
        let resolvers = ["1.1.1.1", "9.9.9.9", "8.8.8.8", "208.67.222.222"];
        Self {
            resolvers: resolvers.map(str::to_owned).to_vec(),
            roots: Vec::new(),
            port: 53,
            name_servers: Vec::new(),
            rdap: "https://rdap.org/domain/".into(),
        }
    }
}
impl Default for Mail {
    fn default() -> Self {
        Self { smtp_url: String::new(), from: "freehold@localhost".into() }
    }
}
impl Default for Password {
    fn default() -> Self {
        Self { bcrypt_cost: 12 }
    }
}
impl Default for Limits {
    fn default() -> Self {
        Self { upload_mb: 256, import_mb: 4096, body_kb: 4096, keep_free_percent: 5 }
    }
}

/// What flags of the command line say; they win over all else.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--config FILE`
    pub file: Option<PathBuf>,
    /// `--data DIR`
    pub data: Option<PathBuf>,
    /// `--listen ADDR`
    pub listen: Option<String>,
    /// `--panel ADDR`
    pub panel: Option<String>,
    /// `--database-url URL`
    pub database_url: Option<String>,
    /// `--safe-mode`
    pub safe_mode: bool,
}

impl Config {
    /// Reads file, environment and flags. Without `--config`, `./config.toml` is read where it exists.
    ///
    /// # Errors
    /// `Config` naming the file, the line and the nearest right name.
    pub fn load(flags: &Overrides) -> Result<Self> {
        #[allow(clippy::disallowed_methods)] // the one reader of the environment
        let environment: Vec<(String, String)> =
            std::env::vars().filter(|(name, _)| name.starts_with("FREEHOLD_")).collect();
        Self::assemble(flags, &environment)
    }

    /// [`Config::load`] with the environment given.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn assemble(flags: &Overrides, environment: &[(String, String)]) -> Result<Self> {
        let mut table = match &flags.file {
            Some(path) => read_file(path)?,
            None if Path::new("config.toml").is_file() => read_file(Path::new("config.toml"))?,
            None => toml::Table::new(),
        };
        for (name, value) in environment {
            overlay_variable(&mut table, name, value)?;
        }
        let flag = |table: &mut toml::Table, key: &str, value: Option<String>| {
            if let Some(value) = value {
                table.insert(key.into(), toml::Value::String(value));
            }
        };
        flag(&mut table, "data", flags.data.as_ref().map(|p| p.display().to_string()));
        flag(&mut table, "listen", flags.listen.clone());
        flag(&mut table, "panel", flags.panel.clone());
        flag(&mut table, "database_url", flags.database_url.clone());
        let mut config: Self =
            table.try_into().map_err(|e: toml::de::Error| wrong(format!("{}{}", e.message(), nearest(e.message()))))?;
        config.plugins.safe_mode |= flags.safe_mode;
        config.check()
    }

    /// The ports for FTP's data.
    ///
    /// # Errors
    /// `Config` where they are no range.
    pub fn passive_ports(&self) -> Result<std::ops::RangeInclusive<u16>> {
        let range = self.ftp_passive.split_once('-').and_then(|(first, last)| {
            let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            (first > 0 && first <= last).then_some(first..=last)
        });
        let text = &self.ftp_passive;
        range.ok_or_else(|| {
            wrong(format!("ftp_passive is \u{201c}{text}\u{201d}; it must be FIRST-LAST, as 50000-50199"))
        })
    }

    fn check(self) -> Result<Self> {
        if !(4..=15).contains(&self.password.bcrypt_cost) {
            return Err(wrong(format!("password.bcrypt_cost is {}; it must be 4 to 15", self.password.bcrypt_cost)));
        }
        if self.limits.keep_free_percent > 50 {
            let percent = self.limits.keep_free_percent;
            return Err(wrong(format!("limits.keep_free_percent is {percent}; it must be 0 to 50")));
        }
        if self.listen == self.panel && self.listen.port() != 0 {
            return Err(wrong(format!("listen and panel are both {}; give the panel a port of its own", self.listen)));
        }
        for network in &self.guard.allow {
            crate::Network::parse("guard.allow", network).map_err(|_| {
                wrong(format!("guard.allow has \u{201c}{network}\u{201d}; it must be an address such as 192.0.2.0/24"))
            })?;
        }
        for (key, text) in [("sftp", &self.sftp), ("webdav", &self.webdav), ("ftp", &self.ftp)] {
            if listener(text).is_none() {
                return Err(wrong(format!(
                    "{key} is \u{201c}{text}\u{201d}; it must be ADDRESS:PORT, or empty for off"
                )));
            }
        }
        self.passive_ports()?;
        if !self.domains.preview.is_empty() {
            let preview = &self.domains.preview;
            HostName::parse(preview)
                .map_err(|_| wrong(format!("domains.preview is {preview}; it must be a host name")))?;
        }
        for pair in &self.outbound.allow {
            if pair.rsplit_once(':').is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err()) {
                return Err(wrong(format!("outbound.allow has \u{201c}{pair}\u{201d}; it must be HOST:PORT")));
            }
        }
        Ok(self)
    }
}

/// The address of a listener; `Some(None)` for none, `None` where the text is neither.
pub fn listener(text: &str) -> Option<Option<SocketAddr>> {
    if text.trim().is_empty() { Some(None) } else { text.trim().parse().ok().map(Some) }
}

fn wrong(detail: String) -> Error {
    Error::refused(Code::Config, detail)
}

fn read_file(path: &Path) -> Result<toml::Table> {
    let text = std::fs::read_to_string(path).map_err(|e| wrong(format!("{} cannot be read: {e}", path.display())))?;
    let place = |e: &toml::de::Error| {
        let line = e.span().map_or(0, |s| text[..s.start.min(text.len())].matches('\n').count() + 1);
        wrong(format!("{}, line {line}: {}{}", path.display(), e.message(), nearest(e.message())))
    };
    // Parsed as Config first: only this way the error knows its line.
    toml::from_str::<Config>(&text).map_err(|e| place(&e))?;
    text.parse::<toml::Table>().map_err(|e| place(&e))
}

/// `FREEHOLD_DATA`, `FREEHOLD_LISTEN`, `FREEHOLD_PANEL`, `FREEHOLD_DATABASE_URL`, `FREEHOLD__SECTION__KEY`.
fn overlay_variable(table: &mut toml::Table, name: &str, value: &str) -> Result<()> {
    let short = ["DATA", "LISTEN", "PANEL", "DATABASE_URL"];
    let path: Vec<String> = if let Some(long) = name.strip_prefix("FREEHOLD__") {
        long.split("__").map(str::to_lowercase).collect()
    } else {
        match name.strip_prefix("FREEHOLD_") {
            Some(key) if short.contains(&key) => vec![key.to_lowercase()],
            _ => return Ok(()), // variables of tests and tools
        }
    };
    let Some((key, sections)) = path.split_last() else { return Ok(()) };
    let mut at = table;
    for section in sections {
        at = at
            .entry(section.clone())
            .or_insert_with(|| toml::Value::Table(toml::Table::new()))
            .as_table_mut()
            .ok_or_else(|| wrong(format!("{name}: \u{201c}{section}\u{201d} is a value, not a section")))?;
    }
    let text_keys = [
        "data",
        "listen",
        "panel",
        "panel_url",
        "database_url",
        "log",
        "smtp_url",
        "from",
        "sftp",
        "webdav",
        "ftp",
        "ftp_passive",
        "preview",
        "rdap",
    ];
    let parsed = if text_keys.contains(&key.as_str()) {
        toml::Value::String(value.into())
    } else {
        // Anything that reads as TOML (numbers, booleans, lists) is that; all else is text.
        format!("v = {value}")
            .parse::<toml::Table>()
            .ok()
            .and_then(|mut t| t.remove("v"))
            .unwrap_or_else(|| toml::Value::String(value.into()))
    };
    at.insert(key.clone(), parsed);
    Ok(())
}

/// "Did you mean …" for serde's message about an unknown field.
fn nearest(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(unknown) = quoted.next().filter(|_| message.starts_with("unknown field")) else { return String::new() };
    crate::text::nearest(unknown, quoted).map(|known| format!(". Did you mean `{known}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_names_its_line_and_the_nearest_right_one() {
        let dir = std::env::temp_dir().join(format!("freehold-config-{}", std::process::id()));
        std::fs::write(&dir, "# mine\nlissten = \"127.0.0.1:1\"\n").expect("temp file");
        let error = Config::assemble(&Overrides { file: Some(dir.clone()), ..Default::default() }, &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("line 2") && error.contains("Did you mean `listen`"), "{error}");
        std::fs::remove_file(dir).expect("temp file");
    }

    #[test]
    fn flags_win_over_the_environment() {
        let environment =
            [("FREEHOLD_LISTEN".into(), "127.0.0.1:1".into()), ("FREEHOLD__CACHE__MEMORY_MB".into(), "7".into())];
        let flags = Overrides { listen: Some("127.0.0.1:2".into()), ..Default::default() };
        let config = Config::assemble(&flags, &environment).expect("config");
        assert_eq!((config.listen.port(), config.cache.memory_mb), (2, 7));
        assert!(Config::assemble(&flags, &[("FREEHOLD__CACHE__SIZE".into(), "7".into())]).is_err());
    }
}
