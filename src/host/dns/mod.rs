//! Questions to name servers: the resolvers of the configuration, which are configured peers, and the servers of a
//! zone, which are found by name and therefore checked like every other outgoing address (security rule B9).
//! Synchronous: for jobs and the command line. Each question has its own port and number; only the server that was
//! asked can answer it.

mod authority;
mod message;
mod wire;

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use freehold_base::{Clock, Code, Error, Result};

use crate::outbound::address_refusal;
pub use message::{Answer, Kind, Record};

/// A resolver that answers for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolver {
    /// Whose it is, or its address.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Whom resolvers belong to.
const KNOWN: &[(&str, &str)] = &[
    ("1.1.1.1", "Cloudflare"),
    ("1.0.0.1", "Cloudflare"),
    ("8.8.8.8", "Google"),
    ("8.8.4.4", "Google"),
    ("9.9.9.9", "Quad9"),
    ("149.112.112.112", "Quad9"),
    ("208.67.222.222", "OpenDNS"),
    ("208.67.220.220", "OpenDNS"),
    ("94.140.14.140", "AdGuard"),
    ("193.110.81.0", "DNS0"),
    ("185.12.64.1", "Hetzner"),
    ("194.25.0.60", "Deutsche Telekom"),
];

/// How name servers are reached.
#[derive(Clone, Debug)]
pub struct Options {
    /// Resolvers as `IP`, `IP:PORT` or `[IP]:PORT`.
    pub resolvers: Vec<String>,
    /// Where a walk to a zone's servers begins, in the same form; empty: the resolvers are asked who serves the zone.
    pub roots: Vec<String>,
    /// Port of the servers of zones: 53, but for tests.
    pub port: u16,
    /// `HOST:PORT` pairs that may be reached although they are private.
    pub allow: Vec<String>,
    /// For one try.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { resolvers: Vec::new(), roots: Vec::new(), port: 53, allow: Vec::new(), patience: Duration::from_secs(2) }
    }
}

/// A server of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Its address, checked.
    pub address: SocketAddr,
}

/// Who serves a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// The zone that the name lies in; empty where none was found.
    pub name: String,
    /// Names of its servers.
    pub names: Vec<String>,
    /// Those that may be asked: at most four, each with one address.
    pub servers: Vec<Server>,
    /// Why others may not: name and reason.
    pub refused: Vec<(String, String)>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// It took too long.
    TimedOut,
    /// It cannot be reached.
    Unreachable,
    /// It will not or cannot say.
    Refused(String),
}

impl std::fmt::Display for Silence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TimedOut => f.write_str("it does not answer"),
            Self::Unreachable => f.write_str("it cannot be reached"),
            Self::Refused(why) => write!(f, "it will not say ({why})"),
        }
    }
}

/// Asks name servers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Dns {
    resolvers: Vec<Resolver>,
    roots: Vec<SocketAddr>,
    port: u16,
    allow: Vec<String>,
    patience: Duration,
    sitting: Option<Arc<Sitting>>,
}

/// Questions that belong together: they end together, and who was silent once is not waited for again.
#[derive(Debug)]
struct Sitting {
    ends: Instant,
    silent: Mutex<HashSet<SocketAddr>>,
}

impl Sitting {
    /// How long this server is waited for.
    fn patience(&self, server: SocketAddr) -> Option<Duration> {
        let silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner).contains(&server);
        self.ends.checked_duration_since(Clock::instant()).filter(|left| !silent && !left.is_zero())
    }
}

impl Dns {
    /// By these options.
    ///
    /// # Errors
    /// `Config` naming an address that is none.
    pub fn new(options: &Options) -> Result<Self> {
        let resolvers = options.resolvers.iter().map(|text| resolver(text)).collect::<Result<_>>()?;
        let roots = options.roots.iter().map(|text| address("dns.roots", text)).collect::<Result<_>>()?;
        let allow = options.allow.iter().map(|pair| pair.to_lowercase()).collect();
        Ok(Self { resolvers, roots, port: options.port, allow, patience: options.patience, sitting: None })
    }

    /// For questions that belong together: all of them have this time, and a server that is silent is waited for once.
    pub fn for_at_most(&self, time: Duration) -> Self {
        let sitting = Sitting { ends: Clock::instant() + time, silent: Mutex::default() };
        Self { sitting: Some(Arc::new(sitting)), ..self.clone() }
    }

    /// The configured resolvers.
    pub fn resolvers(&self) -> &[Resolver] {
        &self.resolvers
    }

    /// Asks one server. `recursive`: it shall find out, as a resolver does.
    ///
    /// # Errors
    /// [`Silence`].
    pub fn ask(&self, server: SocketAddr, name: &str, kind: Kind, recursive: bool) -> Result<Answer, Silence> {
        let Some(sitting) = &self.sitting else { return wire::ask(server, name, kind, recursive, self.patience) };
        let patience = sitting.patience(server).ok_or(Silence::TimedOut)?.min(self.patience);
        let answer = wire::ask(server, name, kind, recursive, patience);
        if matches!(answer, Err(Silence::TimedOut | Silence::Unreachable)) {
            sitting.silent.lock().unwrap_or_else(PoisonError::into_inner).insert(server);
        }
        answer
    }

    /// Asks the resolvers, one after the other, until one answers.
    ///
    /// # Errors
    /// What the last one gave; `Unreachable` where there is none.
    pub fn find(&self, name: &str, kind: Kind) -> Result<Answer, Silence> {
        let mut why = Silence::Unreachable;
        for resolver in &self.resolvers {
            match self.ask(resolver.address, name, kind, true) {
                Ok(answer) => return Ok(answer),
                Err(e) => why = e,
            }
        }
        Err(why)
    }

    /// The servers of the zone that a name lies in.
    ///
    /// # Errors
    /// [`Silence`] where nobody says who they are.
    pub fn zone_of(&self, name: &str) -> Result<Zone, Silence> {
        authority::zone_of(self, name)
    }

    /// Why the server of a zone may not be asked, if so: its name may lead into our own network.
    fn refusal(&self, name: &str, ip: IpAddr) -> Option<&'static str> {
        let listed = |host: &str| self.allow.contains(&format!("{host}:{}", self.port));
        if listed(name) || listed(&ip.to_string()) || listed(&format!("[{ip}]")) { None } else { address_refusal(ip) }
    }
}

fn resolver(text: &str) -> Result<Resolver> {
    let address = address("dns.resolvers", text)?;
    let ip = address.ip().to_string();
    let owner = KNOWN.iter().find(|(known, _)| *known == ip).map(|(_, owner)| (*owner).to_owned());
    Ok(Resolver { name: owner.unwrap_or(ip), address })
}

fn address(key: &str, text: &str) -> Result<SocketAddr> {
    let text = text.trim();
    let bare = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    bare.or_else(|_| text.parse()).map_err(|_| {
        Error::refused(Code::Config, format!("{key} has \u{201c}{text}\u{201d}; it must be IP, IP:PORT or [IP]:PORT"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolvers_are_read_and_named() {
        let options = Options { resolvers: vec!["9.9.9.9".into(), "127.0.0.1:5353".into()], ..Options::default() };
        let dns = Dns::new(&options).unwrap();
        let shown: Vec<String> = dns.resolvers().iter().map(|r| format!("{} {}", r.name, r.address)).collect();
        assert_eq!(shown, ["Quad9 9.9.9.9:53", "127.0.0.1 127.0.0.1:5353"]);
        let wrong = Options { resolvers: vec!["one.one".into()], ..Options::default() };
        assert_eq!(Dns::new(&wrong).unwrap_err().as_code(), Code::Config);
    }

    #[test]
    fn questions_that_belong_together_wait_once_for_a_silent_server_and_end_together() {
        // It takes questions and never answers.
        let deaf = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        deaf.set_nonblocking(true).unwrap();
        let server = deaf.local_addr().unwrap();
        let dns = Dns::new(&Options { patience: Duration::from_millis(20), ..Options::default() }).unwrap();
        let heard = || std::iter::from_fn(|| deaf.recv(&mut [0; 600]).ok()).count();
        let sitting = dns.for_at_most(Duration::from_secs(60));
        for n in 0..13 {
            let answer = sitting.ask(server, &format!("s{n}._domainkey.harbour.blog"), Kind::Txt, false);
            assert_eq!(answer.unwrap_err(), Silence::TimedOut);
        }
        assert_eq!(heard(), 2, "both tries of the first question");
        let over = dns.for_at_most(Duration::ZERO);
        assert_eq!(over.ask(server, "harbour.blog", Kind::A, false).unwrap_err(), Silence::TimedOut);
        assert_eq!(heard(), 0);
    }

    // rule: B9
    #[test]
    fn b09_servers_of_zones_are_not_asked_inside_our_own_network() {
        let dns = Dns::new(&Options { allow: vec!["127.0.0.1:53".into()], ..Options::default() }).unwrap();
        assert_eq!(dns.refusal("ns1.evil.example", "127.0.0.1".parse().unwrap()), None, "as configured");
        for private in ["10.0.0.1", "169.254.169.254", "::1", "fd00::1", "192.168.1.1", "127.0.0.2"] {
            assert!(dns.refusal("ns1.evil.example", private.parse().unwrap()).is_some(), "{private}");
        }
        assert_eq!(dns.refusal("ns1.good.example", "1.1.1.1".parse().unwrap()), None);
    }
}
