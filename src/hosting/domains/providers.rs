//! Who runs the DNS of a name, told by the names of its servers, and where records are changed there.
//! Paths through other companies' pages are theirs to change: they are words to look for, not a manual.

/// A company that runs name servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider {
    /// What it is called.
    pub name: &'static str,
    /// Where its customers change records.
    pub url: &'static str,
    /// The way there, in its own words.
    pub way: &'static str,
    /// Endings of its servers' names.
    servers: &'static [&'static str],
}

const fn provider(
    name: &'static str,
    url: &'static str,
    way: &'static str,
    servers: &'static [&'static str],
) -> Provider {
    Provider { name, url, way, servers }
}

const KNOWN: &[Provider] = &[
    provider(
        "Cloudflare",
        "https://dash.cloudflare.com",
        "the domain \u{2192} DNS \u{2192} Records",
        &["ns.cloudflare.com"],
    ),
    provider(
        "Gandi",
        "https://admin.gandi.net/domain",
        "Domain \u{2192} the domain \u{2192} DNS records",
        &["gandi.net"],
    ),
    provider("GoDaddy", "https://dcc.godaddy.com/control/portfolio", "the domain \u{2192} DNS", &["domaincontrol.com"]),
    provider(
        "Namecheap",
        "https://ap.www.namecheap.com/domains/list",
        "Manage \u{2192} Advanced DNS",
        &["registrar-servers.com", "namecheaphosting.com"],
    ),
    provider(
        "IONOS",
        "https://my.ionos.com/domains",
        "Domains & SSL \u{2192} the domain \u{2192} DNS",
        &["ui-dns.com", "ui-dns.org", "ui-dns.de", "ui-dns.biz"],
    ),
    provider(
        "STRATO",
        "https://www.strato.de/apps/CustomerService",
        "Domains \u{2192} the domain \u{2192} DNS",
        &["rzone.de"],
    ),
    provider(
        "OVHcloud",
        "https://www.ovh.com/manager",
        "Web Cloud \u{2192} Domain names \u{2192} DNS zone",
        &["ovh.net", "anycast.me"],
    ),
    provider(
        "Hetzner",
        "https://dns.hetzner.com",
        "the zone \u{2192} Records",
        &["hetzner.com", "hetzner.de", "second-ns.com", "second-ns.de"],
    ),
    provider(
        "INWX",
        "https://www.inwx.com/en/nameserver2",
        "Nameservers \u{2192} the domain",
        &["inwx.de", "inwx.com", "inwx.eu", "inwx.net"],
    ),
    provider(
        "netcup",
        "https://www.customercontrolpanel.de",
        "Domains \u{2192} the domain \u{2192} DNS",
        &["netcup.net"],
    ),
    provider("All-Inkl", "https://kas.all-inkl.com", "Tools \u{2192} DNS settings", &["kasserver.com"]),
    provider(
        "Infomaniak",
        "https://manager.infomaniak.com",
        "Domains \u{2192} the domain \u{2192} DNS zone",
        &["infomaniak.ch", "infomaniak.com"],
    ),
    provider(
        "Hostpoint",
        "https://admin.hostpoint.ch",
        "Domains \u{2192} the domain \u{2192} Edit DNS",
        &["hostpoint.ch"],
    ),
    provider("Porkbun", "https://porkbun.com/account/domainsSpeedy", "the domain \u{2192} DNS", &["porkbun.com"]),
    provider(
        "Name.com",
        "https://www.name.com/account/domain",
        "the domain \u{2192} Manage DNS records",
        &["name.com"],
    ),
    provider(
        "Squarespace",
        "https://account.squarespace.com/domains",
        "the domain \u{2192} DNS",
        &["squarespacedns.com", "googledomains.com"],
    ),
    provider(
        "Wix",
        "https://manage.wix.com/account/domains",
        "the domain \u{2192} Manage DNS records",
        &["wixdns.net"],
    ),
    provider(
        "Hostinger",
        "https://hpanel.hostinger.com/domains",
        "the domain \u{2192} DNS / Name servers",
        &["dns-parking.com", "hostinger.com"],
    ),
    provider(
        "DreamHost",
        "https://panel.dreamhost.com",
        "Domains \u{2192} Manage websites \u{2192} DNS",
        &["dreamhost.com"],
    ),
    provider(
        "DigitalOcean",
        "https://cloud.digitalocean.com/networking/domains",
        "Networking \u{2192} Domains \u{2192} the domain",
        &["digitalocean.com"],
    ),
    provider("Linode", "https://cloud.linode.com/domains", "Domains \u{2192} the domain", &["linode.com"]),
    provider(
        "Amazon Route 53",
        "https://console.aws.amazon.com/route53",
        "Hosted zones \u{2192} the domain",
        &[".awsdns-"],
    ),
    provider(
        "Google Cloud DNS",
        "https://console.cloud.google.com/net-services/dns",
        "Cloud DNS \u{2192} the zone",
        &["googledomains.com"],
    ),
    provider("Azure DNS", "https://portal.azure.com", "DNS zones \u{2192} the domain", &[".azure-dns."]),
    provider(
        "DNSimple",
        "https://dnsimple.com/dashboard",
        "the domain \u{2192} DNS",
        &["dnsimple.com", "dnsimple-edge.net"],
    ),
    provider("deSEC", "https://desec.io/domains", "the domain", &["desec.io", "desec.org"]),
    provider("Loopia", "https://customerzone.loopia.com", "the domain \u{2192} DNS editor", &["loopia.se"]),
    provider("one.com", "https://www.one.com/admin", "Advanced settings \u{2192} DNS settings", &["one.com"]),
    provider(
        "TransIP",
        "https://www.transip.nl/cp",
        "Domains \u{2192} the domain \u{2192} DNS",
        &["transip.net", "transip.nl", "transip.eu"],
    ),
    provider(
        "Dynadot",
        "https://www.dynadot.com/account/domain/name/list.html",
        "Manage domains \u{2192} DNS",
        &["dynadot.com"],
    ),
];

/// Who runs these name servers; `None` where nobody of the list does.
pub fn of(servers: &[String]) -> Option<&'static Provider> {
    let runs = |provider: &&Provider| servers.iter().any(|server| provider.servers.iter().any(|e| fits(server, e)));
    KNOWN.iter().find(runs)
}

/// An ending stands at whole labels; one that begins with a dot may stand anywhere.
fn fits(server: &str, ending: &str) -> bool {
    if ending.starts_with('.') {
        return server.contains(ending);
    }
    server == ending || server.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_are_told_by_their_servers() {
        let named = |server: &str| of(&[server.to_owned()]).map(|p| p.name);
        assert_eq!(named("ns-12-a.gandi.net"), Some("Gandi"));
        assert_eq!(named("ada.ns.cloudflare.com"), Some("Cloudflare"));
        assert_eq!(named("ns-512.awsdns-00.net"), Some("Amazon Route 53"));
        assert_eq!(named("ns1-03.azure-dns.com"), Some("Azure DNS"));
        assert_eq!(named("hydrogen.ns.hetzner.com"), Some("Hetzner"));
        assert_eq!(named("notgandi.net"), None);
        assert_eq!(named("ns1.mara.example"), None);
        assert!(KNOWN.len() >= 25 && KNOWN.iter().all(|p| p.url.starts_with("https://")));
    }
}
