//! The check before every connection: scheme, spelling, port, every address of the name.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use freehold_base::{Code, Error, Result};
use reqwest::Url;

use super::address;
use super::resolver::Resolver;

/// Decides what may be reached.
pub(super) struct Guard {
    /// `host:port`, lower case, IPv6 without brackets.
    allow: Vec<(String, u16)>,
    own: Vec<IpAddr>,
    resolver: Arc<dyn Resolver>,
}

/// A URL that passed, with the addresses that were checked. Only made by [`Guard::check`].
pub(super) struct Checked {
    pub(super) url: Url,
    pub(super) addresses: Vec<SocketAddr>,
}

impl Guard {
    pub(super) fn new(allow: &[String], own: Vec<IpAddr>, resolver: Arc<dyn Resolver>) -> Self {
        let pair = |text: &String| {
            let (host, port) = text.rsplit_once(':')?;
            let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_lowercase();
            Some((host, port.parse().ok()?))
        };
        Self { allow: allow.iter().filter_map(pair).collect(), own, resolver }
    }

    /// Reads and checks a URL; `base` is the page that redirected to it.
    pub(super) async fn check(&self, text: &str, base: Option<&Url>) -> Result<Checked> {
        let mut url = parse(text, base)?;
        let port = url.port_or_known_default().unwrap_or(0);
        let name = host_of(&mut url)?;
        let excepted = self.allow.iter().any(|(h, p)| *h == name && *p == port);
        if !excepted && port != 80 && port != 443 {
            return Err(refused(format!("port {port} is not a port of web sites")));
        }
        let found = match name.parse::<IpAddr>() {
            Ok(ip) => vec![ip],
            Err(_) if !excepted && (name == "localhost" || name.ends_with(".localhost")) => {
                return Err(refused(format!("{name} is this machine")));
            }
            Err(_) => self.resolve(&name).await?,
        };
        if !excepted {
            found.iter().try_for_each(|ip| self.check_address(&name, *ip))?;
        }
        Ok(Checked { url, addresses: found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect() })
    }

    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>> {
        let found = self.resolver.lookup(name).await.map_err(|_| refused(format!("{name} has no address")))?;
        if found.is_empty() { Err(refused(format!("{name} has no address"))) } else { Ok(found) }
    }

    fn check_address(&self, name: &str, ip: IpAddr) -> Result<()> {
        let why = address::refusal(ip).or_else(|| self.own.contains(&ip).then_some("it is this server"));
        match why {
            None => Ok(()),
            Some(why) if name == ip.to_string() => Err(refused(format!("{ip}: {why}"))),
            Some(why) => Err(refused(format!("{name} leads to {ip}: {why}"))),
        }
    }
}

fn parse(text: &str, base: Option<&Url>) -> Result<Url> {
    // The URL standard drops tabs and line breaks and turns `\` into `/`; whoever writes them is up to something.
    if text.len() > 8192 || text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(refused("the address is misspelt"));
    }
    let url = match base {
        Some(base) => base.join(text),
        None => Url::parse(text),
    };
    let url = url.map_err(|e| refused(format!("the address is misspelt ({e})")))?;
    if url.scheme() != "http" && url.scheme() != "https" {
        return Err(refused(format!("only http and https are fetched, not {}", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("the address contains a user name"));
    }
    Ok(url)
}

/// The host as it is looked up: no brackets, no trailing dot. The URL is changed likewise, so that the name that
/// was checked, the one in the Host header and the one in the certificate are the same.
fn host_of(url: &mut Url) -> Result<String> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let name = host.trim_matches(['[', ']']).trim_end_matches('.').to_owned();
    if name.is_empty() {
        return Err(refused("the address has no host"));
    }
    if name.len() != host.len() && !host.starts_with('[') {
        url.set_host(Some(&name)).map_err(|_| refused("the host is misspelt"))?;
    }
    // The URL parser has read decimal, octal and hex forms already; what still looks like one is a trick.
    let numeric = name.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if numeric && name.parse::<Ipv4Addr>().is_err() {
        return Err(refused("the host is misspelt"));
    }
    Ok(name)
}

pub(super) fn refused(why: impl Into<String>) -> Error {
    Error::refused(Code::OutboundRefused, why)
}
