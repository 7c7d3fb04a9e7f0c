//! Which addresses are on the public internet (security rule B9). What is not known to be public is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address may not be reached, in words; `None` where it is public.
/// Source: IANA special-purpose address registries (IPv4 and IPv6).
pub fn refusal(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => refusal_v4(ip),
        IpAddr::V6(ip) => refusal_v6(ip),
    }
}

fn refusal_v4(ip: Ipv4Addr) -> Option<&'static str> {
    const RANGES: &[(Ipv4Addr, u32, &str)] = &[
        (Ipv4Addr::new(0, 0, 0, 0), 8, "it is an unspecified address"),
        (Ipv4Addr::new(10, 0, 0, 0), 8, "it is a private address"),
        (Ipv4Addr::new(100, 64, 0, 0), 10, "it is an address inside a provider's network"),
        (Ipv4Addr::new(127, 0, 0, 0), 8, "it is this machine"),
        (Ipv4Addr::new(168, 63, 129, 16), 32, "it is a cloud's metadata address"),
        (Ipv4Addr::new(169, 254, 0, 0), 16, "it is a link-local or metadata address"),
        (Ipv4Addr::new(172, 16, 0, 0), 12, "it is a private address"),
        (Ipv4Addr::new(192, 0, 0, 0), 24, "it is a reserved address"),
        (Ipv4Addr::new(192, 0, 2, 0), 24, "it is an address for examples"),
        (Ipv4Addr::new(192, 88, 99, 0), 24, "it is a relay address"),
        (Ipv4Addr::new(192, 168, 0, 0), 16, "it is a private address"),
        (Ipv4Addr::new(198, 18, 0, 0), 15, "it is an address for measurements"),
        (Ipv4Addr::new(198, 51, 100, 0), 24, "it is an address for examples"),
        (Ipv4Addr::new(203, 0, 113, 0), 24, "it is an address for examples"),
        (Ipv4Addr::new(224, 0, 0, 0), 4, "it is a multicast address"),
        (Ipv4Addr::new(240, 0, 0, 0), 4, "it is a reserved address"),
    ];
    let within = |net: Ipv4Addr, bits: u32| (ip.to_bits() ^ net.to_bits()) >> (32 - bits) == 0;
    RANGES.iter().find(|(net, bits, _)| within(*net, *bits)).map(|(_, _, why)| *why)
}

/// Only global unicast (2000::/3) is public, less the parts that stand for something else. Mapped
/// (::ffff:0:0/96), translated (64:ff9b::/96), unique local and link-local ones all lie outside it.
fn refusal_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let [a, b, ..] = ip.segments();
    match (a, b) {
        _ if ip.is_loopback() => Some("it is this machine"),
        _ if ip.is_unspecified() => Some("it is an unspecified address"),
        _ if ip.to_ipv4_mapped().is_some() => Some("it is an IPv4 address in IPv6 form"),
        (0x0064, 0xff9b) => Some("it is a translated IPv4 address"),
        (0x2001, 0x0db8) | (0x3fff, 0..=0x0fff) => Some("it is an address for examples"),
        (0x2001, 0..=0x01ff) => Some("it is a tunnel or reserved address"),
        (0x2002, _) => Some("it is a relay address"),
        (0xfc00..=0xfdff, _) => Some("it is a private address"),
        (0xfe80..=0xfebf, _) => Some("it is a link-local address"),
        (0xff00..=0xffff, _) => Some("it is a multicast address"),
        (0x2000..=0x3fff, _) => None,
        _ => Some("it is not a public address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_range_is_refused_to_its_edges() {
        for private in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(refusal(private.parse().unwrap()).is_some(), "{private} counts as public");
        }
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860::8888",
            "2a00:1450::1",
        ] {
            assert_eq!(refusal(public.parse().unwrap()), None, "{public}");
        }
    }
}
