//! Is a name well set up? Each line that is not well says what to paste where, or has a button that mends it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use freehold_base::{DomainName, Timestamp};
use freehold_host::dns::{Kind, Silence, Zone};
use freehold_host::outbound::{BlockingOutbound, Limits};
use freehold_platform::sites::names;
use serde::{Deserialize, Serialize};

use super::look::{Look, Looker, Question, ask_own, look};

/// How a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Well.
    Good,
    /// Could be better.
    Warn,
    /// Something does not work.
    Bad,
    /// Nothing to judge.
    Info,
}

/// What mends a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// A record to add or change at the provider.
    Paste {
        /// Its kind.
        kind: String,
        /// Its name below the zone.
        name: String,
        /// Its value.
        value: String,
    },
    /// A name that this site lacks.
    AddName(String),
    /// The guided set-up says what to do.
    SetUp,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// `ns`, `address`, `www`, `caa`, `mx`, `spf`, `dkim`, `dmarc`, `expiry`.
    pub key: String,
    /// How it stands.
    pub tone: Tone,
    /// In a few words.
    pub text: String,
    /// What was found, word for word.
    pub found: Vec<String>,
    /// What mends it.
    pub fix: Option<Fix>,
}

/// Health of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The lines, in their order.
    pub lines: Vec<Line>,
}

impl Health {
    /// Lines that are not well: those that do not work, and those that could be better.
    pub fn counts(&self) -> (usize, usize) {
        let count = |tone| self.lines.iter().filter(|l| l.tone == tone).count();
        (count(Tone::Bad), count(Tone::Warn))
    }
}

/// Names under which companies put keys for signed mail.
const SELECTORS: &[&str] = &[
    "default",
    "google",
    "selector1",
    "selector2",
    "k1",
    "k2",
    "mail",
    "dkim",
    "s1",
    "s2",
    "fm1",
    "mxvault",
    "freehold",
];
/// A registration that ends sooner is told.
const SOON_DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// What is known of a name beside what is looked up.
#[derive(Clone, Debug)]
pub struct Known {
    /// The question of the guided set-up.
    pub question: Question,
    /// The name that is registered has a `www.` at this site.
    pub has_www: bool,
    /// Now.
    pub now: Timestamp,
}

/// Where the end of a registration is asked for.
pub struct Registry<'a> {
    /// What fetches.
    pub outbound: &'a BlockingOutbound,
    /// The address to which a name is put.
    pub rdap: &'a str,
}

/// What registries said, by registered name.
#[derive(Debug, Default)]
pub struct Registrations(Mutex<HashMap<String, Line>>);

impl Registrations {
    fn line(&self, name: &str, now: Timestamp, registry: Option<&Registry<'_>>) -> Line {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        known.unwrap_or_else(|| {
            let line = registration(name, now, registry);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), line.clone());
            line
        })
    }
}

struct Checker<'a> {
    looker: &'a Looker,
    zone: Zone,
    lines: Vec<Line>,
}

/// Looks at everything. Gives the look at its address too, which is one of the lines.
pub fn check(looker: &Looker, known: &Known, registry: Option<&Registry<'_>>, asked: &Registrations) -> (Look, Health) {
    let name = &known.question.name;
    let found = look(looker, &known.question);
    let zone = looker.dns.zone_of(name.host().as_str()).unwrap_or_default();
    let mut checker = Checker { looker, zone, lines: Vec::new() };
    checker.name_servers(&found);
    checker.address(name, &found);
    let host = name.host().as_str();
    if names::is_registered(host) && !name.is_wildcard() {
        checker.www(host, &found, known.has_www);
    }
    checker.authorities(host);
    if checker.zone.name == host && !name.is_wildcard() {
        checker.mail(host);
    }
    checker.lines.push(asked.line(names::registered(host), known.now, registry));
    (found, Health { lines: checker.lines })
}

impl Checker<'_> {
    fn add(&mut self, key: &str, tone: Tone, text: impl Into<String>, found: Vec<String>, fix: Option<Fix>) {
        self.lines.push(Line { key: key.into(), tone, text: text.into(), found, fix });
    }

    fn values(&self, name: &str, kind: Kind) -> Result<Vec<String>, Silence> {
        let all = ask_own(self.looker, &self.zone, name, kind)?;
        Ok(all.into_iter().filter(|r| r.kind == kind).map(|r| r.value).collect())
    }

    fn name_servers(&mut self, look: &Look) {
        let names = self.zone.names.clone();
        let mut silent: Vec<String> = self.zone.refused.iter().map(|(name, why)| format!("{name}: {why}")).collect();
        for server in &self.zone.servers {
            match self.looker.dns.ask(server.address, &self.zone.name, Kind::Ns, false) {
                Ok(answer) if answer.authoritative => {}
                Ok(_) => silent.push(format!("{}: it does not serve this zone", server.name)),
                Err(why) => silent.push(format!("{}: {why}", server.name)),
            }
        }
        match (names.len(), silent.len()) {
            (0, _) => {
                let text =
                    if look.problem.is_empty() { "No name servers were found.".into() } else { look.problem.clone() };
                self.add("ns", Tone::Bad, text, names, None);
            }
            (all, 0) if all > 1 => {
                self.add("ns", Tone::Good, format!("All {all} answer for {}.", self.zone.name), names, None)
            }
            (_, 0) => self.add("ns", Tone::Warn, "There is only one; if it stops, the name is gone.", names, None),
            (all, quiet) if quiet < all => {
                let text = format!(
                    "{quiet} of {all} do not answer. Ask {} or your registrar to mend or remove them.",
                    provider(&names)
                );
                self.add("ns", Tone::Warn, text, silent, None);
            }
            _ => self.add("ns", Tone::Bad, format!("None of them answers. Ask {}.", provider(&names)), silent, None),
        }
    }

    fn address(&mut self, name: &DomainName, look: &Look) {
        let found = look.seen.first().map(|s| s.values.clone()).unwrap_or_default();
        match look.points() {
            "here" if look.is_done() => self.add("address", Tone::Good, "It leads here, for everybody.", found, None),
            "here" => {
                let (new, all) = look.networks();
                let text = format!("It leads here; {new} of {all} networks see it so far.");
                self.add("address", Tone::Good, text, found, None);
            }
            "partly" => {
                let old: Vec<&str> = look.old.iter().map(|o| o.value.as_str()).collect();
                let text = format!("Some visitors reach another server. Remove {}.", old.join(", "));
                self.add("address", Tone::Bad, text, found, Some(Fix::SetUp));
            }
            "elsewhere" => self.add("address", Tone::Bad, "It leads to another server.", found, Some(Fix::SetUp)),
            _ => {
                let text = format!("{} has no address.", names::shown(name.as_str()));
                self.add("address", Tone::Bad, text, found, Some(Fix::SetUp));
            }
        }
    }

    fn www(&mut self, host: &str, look: &Look, has_www: bool) {
        let www = format!("www.{host}");
        if !has_www {
            let text = format!("{www} is not set up here. Many people type it.");
            return self.add("www", Tone::Warn, text, Vec::new(), Some(Fix::AddName(www)));
        }
        let there = look.records.last().is_some_and(|r| r.kind == "CNAME" && r.seen);
        if there {
            return self.add("www", Tone::Good, format!("{www} leads here too."), Vec::new(), None);
        }
        let fix = Fix::Paste { kind: "CNAME".into(), name: "www".into(), value: format!("{host}.") };
        self.add("www", Tone::Bad, format!("{www} does not lead here."), Vec::new(), Some(fix));
    }

    /// Who may issue certificates: the nearest name upwards that says anything counts (RFC 8659 section 3).
    fn authorities(&mut self, host: &str) {
        let mut at = Some(host);
        let mut found = Vec::new();
        while let Some(name) = at.filter(|n| n.contains('.') && found.is_empty()) {
            match self.values(name, Kind::Caa) {
                Ok(values) => found = values,
                Err(why) => return self.add("caa", Tone::Info, format!("Not known: {why}."), Vec::new(), None),
            }
            at = if name == self.zone.name { None } else { name.split_once('.').map(|(_, above)| above) };
        }
        let named: Vec<&String> = found.iter().filter(|v| v.split_whitespace().nth(1) == Some("issue")).collect();
        if named.is_empty() {
            return self.add("caa", Tone::Good, "Every authority may issue certificates.", found, None);
        }
        if named.iter().any(|v| v.contains("letsencrypt.org")) {
            return self.add("caa", Tone::Good, "Let\u{2019}s Encrypt may issue certificates.", found, None);
        }
        let zone = self.zone.name.clone();
        let name = if host == zone { "@".to_owned() } else { host.trim_end_matches(&format!(".{zone}")).to_owned() };
        let fix = Fix::Paste { kind: "CAA".into(), name, value: "0 issue \"letsencrypt.org\"".into() };
        self.add("caa", Tone::Bad, "Only other authorities may issue certificates for it.", found, Some(fix));
    }

    fn mail(&mut self, host: &str) {
        let servers = match self.values(host, Kind::Mx) {
            Ok(servers) => servers,
            Err(why) => return self.add("mx", Tone::Info, format!("Not known: {why}."), Vec::new(), None),
        };
        // A single dot says that the name takes no mail (RFC 7505).
        let takes = servers.iter().any(|mx| mx.split_whitespace().nth(1).is_some_and(|server| !server.is_empty()));
        match takes {
            true => self.add("mx", Tone::Good, "Mail is received elsewhere; it stays as it is.", servers, None),
            false => self.add("mx", Tone::Info, "It receives no mail.", servers, None),
        }
        self.senders(host, takes);
        self.signing(host, takes);
        self.policy(host, takes);
    }

    fn senders(&mut self, host: &str, mail: bool) {
        let texts = self.values(host, Kind::Txt).unwrap_or_default();
        let spf: Vec<String> = texts.into_iter().filter(|t| t.starts_with("v=spf1")).collect();
        let paste = |value: &str| Fix::Paste { kind: "TXT".into(), name: "@".into(), value: value.into() };
        match (spf.len(), mail) {
            (1, _) => self.add("spf", Tone::Good, "It says who may send mail in its name.", spf, None),
            (0, true) => {
                let text = "Nothing says who may send mail in its name; receivers doubt it. Add your mail company\u{2019}s line, or this one.";
                self.add("spf", Tone::Warn, text, spf, Some(paste("v=spf1 mx ~all")));
            }
            (0, false) => {
                let text = "Others could send mail in its name. This line says that nobody does.";
                self.add("spf", Tone::Info, text, spf, Some(paste("v=spf1 -all")));
            }
            _ => self.add(
                "spf",
                Tone::Bad,
                "There are several; receivers then heed none. Keep one and remove the rest.",
                spf,
                None,
            ),
        }
    }

    fn signing(&mut self, host: &str, mail: bool) {
        if !mail {
            return;
        }
        let found: Vec<String> = SELECTORS
            .iter()
            .map(|selector| format!("{selector}._domainkey.{host}"))
            .filter(|name| {
                let keys = ask_own(self.looker, &self.zone, name, Kind::Txt).unwrap_or_default();
                keys.iter().any(|r| r.kind == Kind::Cname || r.value.contains("p="))
            })
            .collect();
        match found.is_empty() {
            false => self.add("dkim", Tone::Good, "Mail is signed.", found, None),
            true => {
                let text = "No key stands under the usual names. Your mail company shows the line, if it signs.";
                self.add("dkim", Tone::Info, text, found, None);
            }
        }
    }

    fn policy(&mut self, host: &str, mail: bool) {
        let texts = self.values(&format!("_dmarc.{host}"), Kind::Txt).unwrap_or_default();
        let found: Vec<String> = texts.into_iter().filter(|t| t.starts_with("v=DMARC1")).collect();
        if !found.is_empty() {
            return self.add("dmarc", Tone::Good, "It says what receivers do with forged mail.", found, None);
        }
        let value = if mail { "v=DMARC1; p=none" } else { "v=DMARC1; p=reject" };
        let fix = Fix::Paste { kind: "TXT".into(), name: "_dmarc".into(), value: value.into() };
        let tone = if mail { Tone::Warn } else { Tone::Info };
        self.add("dmarc", tone, "Nothing says what receivers do with forged mail.", found, Some(fix));
    }
}

fn provider(names: &[String]) -> &'static str {
    super::providers::of(names).map_or("the company that runs them", |p| p.name)
}

/// When the registration ends, as its registry says.
fn registration(name: &str, now: Timestamp, registry: Option<&Registry<'_>>) -> Line {
    let line = |tone, text: String, found| Line { key: "expiry".into(), tone, text, found, fix: None };
    let Some(registry) = registry else {
        return line(Tone::Info, "Not asked for here. Your registrar shows when it ends.".into(), Vec::new());
    };
    let end = ends_at(name, registry);
    match end {
        Ok(Some(end)) => {
            let days = (end.ms() - now.ms()).div_euclid(DAY_MS);
            let date = date(end);
            match days {
                i64::MIN..=-1 => {
                    line(Tone::Bad, format!("It ended on {date}. Renew it at your registrar now."), vec![date])
                }
                0..=SOON_DAYS => line(
                    Tone::Bad,
                    format!("It ends on {date}, in {days} days. Renew it at your registrar."),
                    vec![date],
                ),
                _ => line(Tone::Good, format!("It is paid until {date}."), vec![date]),
            }
        }
        Ok(None) => line(Tone::Info, "The registry does not say when it ends. Your registrar does.".into(), Vec::new()),
        Err(why) => line(
            Tone::Info,
            format!("The registry could not be asked ({why}). Your registrar shows when it ends."),
            Vec::new(),
        ),
    }
}

fn date(at: Timestamp) -> String {
    chrono::DateTime::from_timestamp_millis(at.ms()).map(|d| d.format("%-d %B %Y").to_string()).unwrap_or_default()
}

/// Source: RFC 9083 section 4.5 (events).
fn ends_at(name: &str, registry: &Registry<'_>) -> Result<Option<Timestamp>, String> {
    let limits = Limits { max_bytes: 256 << 10, timeout: std::time::Duration::from_secs(6) };
    let fetched = registry.outbound.get(&format!("{}{name}", registry.rdap), limits).map_err(|e| e.sentence())?;
    if fetched.status == 404 {
        return Ok(None);
    }
    if fetched.status != 200 {
        return Err(format!("it answers {}", fetched.status));
    }
    let answer: serde_json::Value = serde_json::from_slice(&fetched.body).map_err(|_| "its answer cannot be read")?;
    let events = answer["events"].as_array().map(Vec::as_slice).unwrap_or_default();
    let end = events.iter().find(|e| e["eventAction"] == "expiration").and_then(|e| e["eventDate"].as_str());
    Ok(end.and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok()).map(|d| Timestamp(d.timestamp_millis())))
}
