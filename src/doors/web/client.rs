//! Who asks (security rule B2).

use std::net::IpAddr;

use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};

/// The client's address: the socket's peer, or, where that is one of `trusted` proxies, the right-most hop of
/// `X-Forwarded-For` that is not. A hop that is no address ends the search: the last proxy stands for the client.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut known = peer.to_canonical();
    if trusted.is_empty() || !trusted.contains(&known) {
        return known;
    }
    let values: Vec<&str> = headers.get_all(X_FORWARDED_FOR).filter_map(|value| value.to_str().ok()).collect();
    for hop in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        let Ok(address) = hop.trim().parse::<IpAddr>() else { return known };
        known = address.to_canonical();
        if !trusted.contains(&known) {
            return known;
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_str(value).expect("header"));
        }
        let trusted: Vec<IpAddr> = trusted.iter().map(|t| t.parse().expect("address")).collect();
        client_address(peer.parse().expect("address"), &headers, &trusted).to_string()
    }

    #[test]
    fn b2_a_stranger_cannot_choose_its_address() {
        for spoofed in ["10.0.0.1", "127.0.0.1", "::1", "10.0.0.1, 10.0.0.1", "unknown", ""] {
            assert_eq!(client("203.0.113.7", &[spoofed], &["10.0.0.1"]), "203.0.113.7", "{spoofed}");
            assert_eq!(client("203.0.113.7", &[spoofed], &[]), "203.0.113.7", "{spoofed}");
        }
    }

    #[test]
    fn b2_behind_a_proxy_the_right_most_untrusted_hop_counts() {
        let trusted = ["10.0.0.1", "10.0.0.2"];
        assert_eq!(client("10.0.0.1", &["6.6.6.6, 203.0.113.7"], &trusted), "203.0.113.7");
        assert_eq!(client("10.0.0.1", &["6.6.6.6, 203.0.113.7, 10.0.0.2"], &trusted), "203.0.113.7");
        assert_eq!(client("10.0.0.1", &["6.6.6.6", "203.0.113.7"], &trusted), "203.0.113.7");
        assert_eq!(client("::ffff:10.0.0.1", &["::ffff:203.0.113.7"], &trusted), "203.0.113.7");
        assert_eq!(client("10.0.0.1", &["203.0.113.7, junk"], &trusted), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[], &trusted), "10.0.0.1");
    }
}
