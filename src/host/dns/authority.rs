//! Which servers are a zone's own: a walk from the roots where these are configured, else what the resolvers say.

use std::net::{IpAddr, SocketAddr};

use super::message::Record;
use super::{Answer, Dns, Kind, Server, Silence, Zone};

/// Servers that are passed on to, one zone below the other.
const STEPS: usize = 12;
/// Servers of one zone that are asked.
const SERVERS: usize = 4;

/// The servers of the zone of `name`.
pub(super) fn zone_of(dns: &Dns, name: &str) -> Result<Zone, Silence> {
    if dns.roots.is_empty() { by_resolvers(dns, name) } else { from_roots(dns, name) }
}

/// The name itself, and those above it.
fn upwards(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |n| n.split_once('.').map(|(_, above)| above))
}

/// The nearest name above, or this one, that has name servers.
fn by_resolvers(dns: &Dns, name: &str) -> Result<Zone, Silence> {
    for zone in upwards(name).filter(|n| n.contains('.')) {
        let answer = dns.find(zone, Kind::Ns)?;
        let names = names_in(&answer.records, zone);
        if !names.is_empty() {
            return Ok(with_addresses(dns, zone, names, &[]));
        }
    }
    Ok(Zone::default())
}

/// From server to server, as each passes the question on.
fn from_roots(dns: &Dns, name: &str) -> Result<Zone, Silence> {
    let mut at = dns.roots.clone();
    let mut found = Zone::default();
    for _ in 0..STEPS {
        let answer = ask_any(dns, &at, name)?;
        let below = answer.referral.first().map(|r| r.name.clone()).unwrap_or_default();
        let passed_on = !answer.authoritative && is_below(&below, &found.name);
        if !passed_on {
            // The zone's own servers speak: its own list of them counts where the name is the top of the zone.
            let own = names_in(&answer.records, name);
            if !own.is_empty() {
                found = with_addresses(dns, name, own, &answer.glue);
            }
            return Ok(found);
        }
        found = with_addresses(dns, &below, names_in(&answer.referral, &below), &answer.glue);
        at = found.servers.iter().map(|s| s.address).collect();
        if at.is_empty() {
            return Ok(found);
        }
    }
    Err(Silence::Refused("the servers send us round in a circle".into()))
}

fn is_below(zone: &str, above: &str) -> bool {
    !zone.is_empty() && zone != above && (above.is_empty() || zone.ends_with(&format!(".{above}")))
}

fn ask_any(dns: &Dns, servers: &[SocketAddr], name: &str) -> Result<Answer, Silence> {
    let mut why = Silence::Unreachable;
    for server in servers {
        match dns.ask(*server, name, Kind::Ns, false) {
            Ok(answer) => return Ok(answer),
            Err(e) => why = e,
        }
    }
    Err(why)
}

fn names_in(records: &[Record], zone: &str) -> Vec<String> {
    let of_zone = records.iter().filter(|r| r.kind == Kind::Ns && r.name.eq_ignore_ascii_case(zone));
    let mut names: Vec<String> = of_zone.map(|r| r.value.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn with_addresses(dns: &Dns, zone: &str, names: Vec<String>, glue: &[Record]) -> Zone {
    let mut found = Zone { name: zone.to_owned(), ..Zone::default() };
    for name in names.iter().take(SERVERS) {
        match address_of(dns, name, glue) {
            None => found.refused.push((name.clone(), "it has no address".into())),
            Some(ip) => match dns.refusal(name, ip) {
                Some(why) => found.refused.push((name.clone(), format!("{ip}: {why}"))),
                None => found.servers.push(Server { name: name.clone(), address: SocketAddr::new(ip, dns.port) }),
            },
        }
    }
    found.names = names;
    found
}

/// IPv4 first: a machine without IPv6 is more usual than the other way round.
fn address_of(dns: &Dns, name: &str, glue: &[Record]) -> Option<IpAddr> {
    let mut near: Vec<IpAddr> = glue.iter().filter(|r| r.name == name).filter_map(Record::address).collect();
    near.sort_by_key(IpAddr::is_ipv6);
    if let Some(ip) = near.first() {
        return Some(*ip);
    }
    [Kind::A, Kind::Aaaa].into_iter().find_map(|kind| dns.find(name, kind).ok()?.addresses().first().copied())
}
