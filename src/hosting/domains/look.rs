//! One look at a name: who runs its DNS, what its own servers say, what the networks of the world still see.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use freehold_base::DomainName;
use freehold_host::dns::{Answer, Dns, Kind, Record, Silence, Zone};
use freehold_platform::sites::names;
use serde::{Deserialize, Serialize};

/// The label of the text record that shows whose a name is.
pub const CHALLENGE: &str = "_freehold-challenge";
/// A name below a wildcard that nobody has for himself.
const BELOW: &str = "freehold-check";

/// A record that people add at their provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// `A`, `AAAA`, `CNAME` or `TXT`.
    pub kind: String,
    /// Below the zone; `@` for the zone itself.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The zone's own servers have it.
    pub seen: bool,
}

/// A record that leads elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Old {
    /// `A`, `AAAA` or `CNAME`.
    pub kind: String,
    /// Its value.
    pub value: String,
}

/// What somebody says of the name's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// This server's address, and no other.
    New,
    /// Another address.
    Old,
    /// This server's and another.
    Both,
    /// None.
    Nothing,
    /// They did not answer.
    Silent,
}

/// What one network sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Whose it is.
    pub who: String,
    /// The server that was asked.
    pub server: String,
    /// The zone's own: what it says is what all others will say.
    pub own: bool,
    /// What it says.
    pub says: Says,
    /// The addresses, in its words.
    pub values: Vec<String>,
    /// Seconds for which it may go on to say so.
    pub ttl: u32,
    /// Why it did not answer; which of several differs.
    pub why: String,
}

/// A look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The zone that the name lies in; empty where none was found.
    pub zone: String,
    /// Its name servers.
    pub servers: Vec<String>,
    /// What to add there.
    pub records: Vec<Wanted>,
    /// What to remove there.
    pub old: Vec<Old>,
    /// Who sees what: the zone's own servers first.
    pub seen: Vec<Seen>,
    /// What of mail is set up there: `MX`, `SPF`.
    pub mail: Vec<String>,
    /// The text record is there.
    pub challenge: bool,
    /// The zone is run by our own name servers.
    pub ours: bool,
    /// What stands in the way of looking; empty where nothing does.
    pub problem: String,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Question {
    /// The name.
    pub name: DomainName,
    /// What its text record must hold; empty where none is needed.
    pub token: String,
    /// The site also answers at `www.` before it.
    pub twin: bool,
    /// A name of the same account that this one may lean on.
    pub leans_on: Option<String>,
}

/// Where this server is found, and whom to ask.
#[derive(Clone, Debug)]
pub struct Looker {
    /// Whom to ask.
    pub dns: Dns,
    /// Addresses of this server.
    pub own: Vec<IpAddr>,
    /// Names of our own name servers.
    pub name_servers: Vec<String>,
}

/// All questions of a look, or of a check of a name's health, together.
const TIME: Duration = Duration::from_secs(20);

impl Looker {
    /// For one look: it ends, whoever is silent.
    pub(super) fn for_one(&self) -> Self {
        Self { dns: self.dns.for_at_most(TIME), ..self.clone() }
    }
}

impl Look {
    /// `here`, `partly`, `elsewhere` or `nowhere`, as the zone's own servers say; where these are silent, as most
    /// networks see.
    pub fn points(&self) -> &'static str {
        let says = match self.seen.first() {
            Some(own) if own.own && own.says != Says::Silent => own.says,
            _ => self.most(),
        };
        match says {
            Says::New => "here",
            Says::Both => "partly",
            Says::Old => "elsewhere",
            Says::Nothing | Says::Silent => "nowhere",
        }
    }

    fn most(&self) -> Says {
        let answered: Vec<Says> =
            self.seen.iter().filter(|s| !s.own && s.says != Says::Silent).map(|s| s.says).collect();
        let count = |says| answered.iter().filter(|s| **s == says).count();
        let best = [Says::Old, Says::Both, Says::Nothing, Says::New].into_iter().max_by_key(|says| count(*says));
        best.filter(|says| count(*says) > 0).unwrap_or(Says::Silent)
    }

    /// What shows that the name is its owner's. That it points here counts only as its own servers say it: a resolver
    /// may be lied to.
    pub fn proof(&self) -> Option<&'static str> {
        let own = self.seen.first().is_some_and(|s| s.own && s.says == Says::New);
        match (self.challenge, self.ours, own) {
            (true, ..) => Some("txt"),
            (_, true, _) => Some("ns"),
            (.., true) => Some("points"),
            _ => None,
        }
    }

    /// The name leads elsewhere or nowhere: its own servers say so, or it has none and the networks that answer see no
    /// way here. Silence says nothing.
    pub fn is_away(&self) -> bool {
        let away = |says| matches!(says, Says::Old | Says::Nothing);
        match self.seen.first() {
            Some(own) if own.own => away(own.says) && !self.ours,
            _ => self.servers.is_empty() && away(self.most()),
        }
    }

    /// How many networks see the new address, and how many there are.
    pub fn networks(&self) -> (usize, usize) {
        (self.seen.iter().filter(|s| s.says == Says::New).count(), self.seen.len())
    }

    /// Nothing is left to wait for.
    pub fn is_done(&self) -> bool {
        let (new, all) = self.networks();
        all > 0 && new + self.seen.iter().filter(|s| s.says == Says::Silent).count() == all && self.points() == "here"
    }
}

/// Addresses as somebody sees them, and how they lead there.
#[derive(Clone, Debug, Default)]
struct View {
    addresses: Vec<IpAddr>,
    aliases: Vec<String>,
    ttl: u32,
}

/// Looks. Takes as long as the slowest server, some seconds at most.
pub fn look(looker: &Looker, question: &Question) -> Look {
    let host = question.name.host().as_str();
    let asked = if question.name.is_wildcard() { format!("{BELOW}.{host}") } else { host.to_owned() };
    let zone = looker.dns.zone_of(host);
    let mut look = Look::default();
    let zone = match zone {
        Ok(zone) => zone,
        Err(why) => {
            look.problem = format!("Nobody says who runs the DNS of {host}: {why}.");
            Zone::default()
        }
    };
    look.zone = if zone.name.is_empty() { names::registered(host).to_owned() } else { zone.name.clone() };
    look.ours = !zone.names.is_empty() && zone.names.iter().all(|n| looker.name_servers.contains(n));
    let (own, others) = everybody(looker, &zone, &asked);
    look.seen = others;
    if zone.names.is_empty() && look.problem.is_empty() {
        look.problem = format!("{} is not registered, or has no name servers yet.", look.zone);
    }
    if !zone.names.is_empty() {
        look.seen.insert(0, own_view(looker, &zone, &own));
    }
    let best = own.iter().find_map(|(_, view)| view.as_ref().ok()).cloned().unwrap_or_default();
    look.records = wanted(looker, question, &look.zone, &best);
    look.old = old(looker, question, &best);
    if !zone.servers.is_empty() {
        beside(looker, question, &zone, &mut look);
    }
    look.servers = zone.names;
    look
}

type Answers = Vec<(String, Result<View, Silence>)>;

/// Asks the zone's servers and the resolvers, all at once.
fn everybody(looker: &Looker, zone: &Zone, name: &str) -> (Answers, Vec<Seen>) {
    std::thread::scope(|scope| {
        let own: Vec<_> = zone
            .servers
            .iter()
            .map(|s| (s.name.clone(), scope.spawn(move || view(looker, s.address, name, false))))
            .collect();
        let others: Vec<_> = looker
            .dns
            .resolvers()
            .iter()
            .map(|r| (r, scope.spawn(move || view(looker, r.address, name, true))))
            .collect();
        let fallen = |_| Err(Silence::Unreachable);
        let own = own.into_iter().map(|(name, asked)| (name, asked.join().unwrap_or_else(fallen))).collect();
        let seen = others.into_iter().map(|(resolver, asked)| {
            let view = asked.join().unwrap_or_else(fallen);
            let address = if resolver.address.port() == 53 {
                resolver.address.ip().to_string()
            } else {
                resolver.address.to_string()
            };
            seen(looker, &resolver.name, address, false, &view)
        });
        (own, seen.collect())
    })
}

/// IPv4 and IPv6 addresses as one server sees them.
fn view(looker: &Looker, server: SocketAddr, name: &str, recursive: bool) -> Result<View, Silence> {
    let mut view = View { ttl: u32::MAX, ..View::default() };
    for kind in [Kind::A, Kind::Aaaa] {
        let answer = looker.dns.ask(server, name, kind, recursive)?;
        if !recursive && !answer.authoritative {
            return Err(Silence::Refused("it does not serve this zone".into()));
        }
        let answer = followed(looker, answer, kind, recursive);
        view.ttl = view.ttl.min(if answer.records.is_empty() { u32::MAX } else { answer.ttl() });
        view.addresses.extend(answer.addresses());
        view.aliases.extend(answer.values(Kind::Cname).map(str::to_owned));
    }
    if view.ttl == u32::MAX {
        view.ttl = 0;
    }
    view.addresses.sort();
    view.addresses.dedup();
    view.aliases.dedup();
    Ok(view)
}

/// A zone's own server knows an alias and not always what it leads to: the resolvers are asked for that.
fn followed(looker: &Looker, mut answer: Answer, kind: Kind, recursive: bool) -> Answer {
    let last = answer.values(Kind::Cname).last().map(str::to_owned);
    if let (Some(target), false, true) = (last, recursive, answer.addresses().is_empty())
        && let Ok(more) = looker.dns.find(&target, kind)
    {
        answer.records.extend(more.records);
    }
    answer
}

fn says(own: &[IpAddr], addresses: &[IpAddr]) -> Says {
    let ours = addresses.iter().filter(|ip| own.contains(ip)).count();
    match (ours, addresses.len()) {
        (_, 0) => Says::Nothing,
        (0, _) => Says::Old,
        (ours, all) if ours == all => Says::New,
        _ => Says::Both,
    }
}

fn seen(looker: &Looker, who: &str, server: String, own: bool, view: &Result<View, Silence>) -> Seen {
    let (says, values, ttl, why) = match view {
        Ok(v) => {
            let values = v.addresses.iter().map(IpAddr::to_string).collect();
            (says(&looker.own, &v.addresses), values, v.ttl, String::new())
        }
        Err(why) => (Says::Silent, Vec::new(), 0, why.to_string()),
    };
    Seen { who: who.to_owned(), server, own, says, values, ttl, why }
}

/// The zone's own servers as one line: the new address counts once all that answer have it.
fn own_view(looker: &Looker, zone: &Zone, answers: &Answers) -> Seen {
    let each: Vec<Seen> =
        answers.iter().map(|(name, view)| seen(looker, "Name server", name.clone(), true, view)).collect();
    let behind = each.iter().find(|s| s.says != Says::New && s.says != Says::Silent);
    let ahead = each.iter().find(|s| s.says == Says::New);
    let shown = behind.or(ahead).or(each.first()).cloned();
    let mut line = shown.unwrap_or_else(|| {
        let (name, why) = zone.refused.first().cloned().unwrap_or_default();
        Seen {
            who: "Name server".into(),
            server: name,
            own: true,
            says: Says::Silent,
            values: Vec::new(),
            ttl: 0,
            why: if why.is_empty() { "it cannot be asked".into() } else { format!("it cannot be asked: {why}") },
        }
    });
    if let (Some(behind), Some(ahead)) = (behind, ahead) {
        line.why = format!("{} has the new address already, {} has not", ahead.server, behind.server);
    }
    line
}

/// A name below its zone, as providers ask for it.
fn below(name: &str, zone: &str) -> String {
    if name == zone { "@".into() } else { name.strip_suffix(&format!(".{zone}")).unwrap_or(name).to_owned() }
}

fn wanted(looker: &Looker, question: &Question, zone: &str, best: &View) -> Vec<Wanted> {
    let name = below(question.name.as_str(), zone);
    let record = |kind: &str, name: &str, value: String, seen: bool| Wanted {
        kind: kind.to_owned(),
        name: name.to_owned(),
        value,
        seen,
    };
    let mut records = Vec::new();
    match &question.leans_on {
        // An alias and other records cannot stand at one name, so never at the top of a zone.
        Some(target) if name != "@" => {
            let there = best.aliases.iter().any(|a| a == target) || says(&looker.own, &best.addresses) == Says::New;
            records.push(record("CNAME", &name, format!("{target}."), there));
        }
        _ => {
            for ip in &looker.own {
                let kind = if ip.is_ipv4() { "A" } else { "AAAA" };
                records.push(record(kind, &name, ip.to_string(), best.addresses.contains(ip)));
            }
        }
    }
    if question.twin {
        let host = question.name.host();
        records.push(record("CNAME", &below(&format!("www.{host}"), zone), format!("{host}."), false));
    }
    records
}

fn old(looker: &Looker, question: &Question, best: &View) -> Vec<Old> {
    // Addresses behind an alias are not records of this name: the alias is.
    if let Some(alias) = best.aliases.first() {
        let stays = says(&looker.own, &best.addresses) == Says::New || question.leans_on.as_deref() == Some(alias);
        return if stays { Vec::new() } else { vec![Old { kind: "CNAME".into(), value: alias.clone() }] };
    }
    let foreign = best.addresses.iter().filter(|ip| !looker.own.contains(ip));
    foreign.map(|ip| Old { kind: if ip.is_ipv4() { "A" } else { "AAAA" }.into(), value: ip.to_string() }).collect()
}

/// Asks the zone's servers, one after the other, until one answers.
pub(super) fn ask_own(looker: &Looker, zone: &Zone, name: &str, kind: Kind) -> Result<Vec<Record>, Silence> {
    let mut why = Silence::Unreachable;
    for server in &zone.servers {
        match looker.dns.ask(server.address, name, kind, false) {
            Ok(answer) if answer.authoritative => return Ok(answer.records),
            Ok(_) => why = Silence::Refused("it does not serve this zone".into()),
            Err(e) => why = e,
        }
    }
    Err(why)
}

/// What stands beside the address: the text record, `www`, mail.
fn beside(looker: &Looker, question: &Question, zone: &Zone, look: &mut Look) {
    let host = question.name.host().as_str();
    let values = |name: &str, kind| -> Vec<String> {
        ask_own(looker, zone, name, kind)
            .unwrap_or_default()
            .into_iter()
            .filter(|r| r.kind == kind)
            .map(|r| r.value)
            .collect()
    };
    if !question.token.is_empty() {
        let name = format!("{CHALLENGE}.{host}");
        look.challenge = values(&name, Kind::Txt).iter().any(|text| text.trim() == question.token);
    }
    if let (true, Some(twin)) = (question.twin, look.records.last_mut()) {
        let www = format!("www.{host}");
        twin.seen = values(&www, Kind::Cname).iter().any(|alias| alias == host)
            || zone.servers.first().is_some_and(|server| {
                view(looker, server.address, &www, false).is_ok_and(|v| says(&looker.own, &v.addresses) == Says::New)
            });
    }
    if !values(&zone.name, Kind::Mx).is_empty() {
        look.mail.push("MX".into());
    }
    if values(&zone.name, Kind::Txt).iter().any(|text| text.starts_with("v=spf1")) {
        look.mail.push("SPF".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looker() -> Looker {
        Looker {
            dns: Dns::new(&freehold_host::dns::Options::default()).unwrap(),
            own: vec!["203.0.113.10".parse().unwrap(), "2001:db8::10".parse().unwrap()],
            name_servers: Vec::new(),
        }
    }

    fn question(name: &str) -> Question {
        Question { name: DomainName::parse(name).unwrap(), token: String::new(), twin: false, leans_on: None }
    }

    fn view_of(addresses: &[&str], aliases: &[&str]) -> View {
        View {
            addresses: addresses.iter().map(|ip| ip.parse().unwrap()).collect(),
            aliases: aliases.iter().map(|a| (*a).to_owned()).collect(),
            ttl: 60,
        }
    }

    #[test]
    fn records_are_named_as_providers_ask_for_them() {
        let looker = looker();
        let lines = |question: &Question, zone: &str| -> Vec<String> {
            let all = wanted(&looker, question, zone, &view_of(&["203.0.113.10"], &[]));
            all.iter().map(|w| format!("{} {} {} {}", w.kind, w.name, w.value, w.seen)).collect()
        };
        let twin = Question { twin: true, ..question("harbour.blog") };
        assert_eq!(
            lines(&twin, "harbour.blog"),
            ["A @ 203.0.113.10 true", "AAAA @ 2001:db8::10 false", "CNAME www harbour.blog. false"]
        );
        let leaning = Question { leans_on: Some("harbour.blog".into()), ..question("shop.harbour.blog") };
        assert_eq!(lines(&leaning, "harbour.blog"), ["CNAME shop harbour.blog. true"]);
        // A zone of its own cannot hold an alias at its top.
        assert_eq!(lines(&leaning, "shop.harbour.blog").len(), 2);
        assert_eq!(lines(&question("*.a.harbour.blog"), "harbour.blog")[0], "A *.a 203.0.113.10 true");
    }

    #[test]
    fn what_leads_elsewhere_is_to_be_removed() {
        let looker = looker();
        let lines = |view: &View| -> Vec<String> {
            old(&looker, &question("harbour.blog"), view).iter().map(|o| format!("{} {}", o.kind, o.value)).collect()
        };
        assert_eq!(
            lines(&view_of(&["203.0.113.10", "198.51.100.7", "2001:db8::7"], &[])),
            ["A 198.51.100.7", "AAAA 2001:db8::7"]
        );
        assert_eq!(lines(&view_of(&["198.51.100.7"], &["old.example"])), ["CNAME old.example"]);
        assert!(lines(&view_of(&["203.0.113.10"], &["cdn.example"])).is_empty());
    }

    #[test]
    fn only_the_zones_own_servers_prove_that_a_name_points_here() {
        let line = |own, says| Seen {
            who: "x".into(),
            server: "y".into(),
            own,
            says,
            values: Vec::new(),
            ttl: 0,
            why: String::new(),
        };
        let look = |seen: Vec<Seen>| Look { seen, ..Look::default() };
        let told = look(vec![line(true, Says::Old), line(false, Says::New), line(false, Says::New)]);
        assert_eq!((told.points(), told.proof(), told.networks()), ("elsewhere", None, (2, 3)));
        let silent = look(vec![line(true, Says::Silent), line(false, Says::New)]);
        assert_eq!((silent.points(), silent.proof()), ("here", None));
        assert_eq!((told.is_away(), silent.is_away()), (true, false), "silence says nothing");
        assert!(look(vec![line(false, Says::Nothing), line(false, Says::Silent)]).is_away(), "not registered");
        assert!(!look(vec![line(false, Says::New), line(false, Says::Silent)]).is_away());
        let right = look(vec![line(true, Says::New), line(false, Says::Old)]);
        assert!(!right.is_away());
        assert_eq!((right.points(), right.proof(), right.is_done()), ("here", Some("points"), false));
        assert!(look(vec![line(true, Says::New), line(false, Says::Silent)]).is_done());
        assert_eq!(look(vec![]).points(), "nowhere");
    }
}
