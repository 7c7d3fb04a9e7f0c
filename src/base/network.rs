//! Networks by address and length: `192.0.2.0/24`, `2001:db8::/32`. An address alone is a network of one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{Code, Error, Result};

/// A network in its one way to be written: no bits below its length, IPv4 in IPv6 as IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// The network of this length that an address lies in.
    pub fn of(address: IpAddr, bits: u8) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let bits = bits.min(32);
                let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
                Self { address: Ipv4Addr::from_bits(v4.to_bits() & mask).into(), bits }
            }
            IpAddr::V6(v6) => {
                let bits = bits.min(128);
                let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
                Self { address: Ipv6Addr::from_bits(v6.to_bits() & mask).into(), bits }
            }
        }
    }

    /// What one machine or household has: an IPv4 address, a `/64` of IPv6.
    pub fn of_one(address: IpAddr) -> Self {
        let bits = if address.to_canonical().is_ipv4() { 32 } else { 64 };
        Self::of(address, bits)
    }

    /// Reads `192.0.2.0/24` or `192.0.2.7`; bits below the length are put out.
    ///
    /// # Errors
    /// `Malformed` of `field`.
    pub fn parse(field: &'static str, text: &str) -> Result<Self> {
        let wrong = || {
            Error::invalid(
                field,
                Code::Malformed,
                format!("an address such as 192.0.2.0/24, not \u{201c}{text}\u{201d}"),
            )
        };
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most {
            return Err(wrong());
        }
        // ::ffff:192.0.2.0/120 is 192.0.2.0/24.
        let mapped = address.is_ipv6() && address.to_canonical().is_ipv4();
        Ok(Self::of(address, if mapped { bits.saturating_sub(96) } else { bits }))
    }

    /// Reads several, with spaces, commas or lines between.
    ///
    /// # Errors
    /// `Malformed` of `field`.
    pub fn parse_list(field: &'static str, text: &str) -> Result<Vec<Self>> {
        let parts = text.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty());
        parts.map(|part| Self::parse(field, part)).collect()
    }

    /// Whether an address lies in it.
    pub fn holds(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && Self::of(address, self.bits) == self
    }

    /// All networks that an address lies in, widest first.
    pub fn all_of(address: IpAddr) -> impl Iterator<Item = Self> {
        let most = if address.to_canonical().is_ipv4() { 32 } else { 128 };
        (0..=most).map(move |bits| Self::of(address, bits))
    }

    /// Its first address.
    pub fn address(self) -> IpAddr {
        self.address
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_written_one_way_and_holds_its_addresses() {
        let of = |text: &str| Network::parse("at", text).expect("a network");
        assert_eq!(of("192.0.2.77/24").to_string(), "192.0.2.0/24");
        assert_eq!(of("192.0.2.77").to_string(), "192.0.2.77/32");
        assert_eq!(of("::ffff:192.0.2.77/120").to_string(), "192.0.2.0/24");
        assert_eq!(of("2001:db8:7:8::1/64").to_string(), "2001:db8:7:8::/64");
        assert_eq!(of("0.0.0.0/0").to_string(), "0.0.0.0/0");
        let inside = |network: &str, address: &str| of(network).holds(address.parse().expect("an address"));
        assert!(inside("192.0.2.0/24", "192.0.2.255") && inside("192.0.2.0/24", "::ffff:192.0.2.1"));
        assert!(!inside("192.0.2.0/24", "192.0.3.0") && !inside("0.0.0.0/0", "2001:db8::1"));
        assert!(inside("::/0", "2001:db8::1") && !inside("::/0", "192.0.2.1"));
        for wrong in ["", "192.0.2.0/33", "::/129", "192.0.2", "a/8", "192.0.2.0/-1", "192.0.2.0/24/8"] {
            assert!(Network::parse("at", wrong).is_err(), "{wrong}");
        }
        let one = |text: &str| Network::of_one(text.parse().expect("an address")).to_string();
        assert_eq!((one("192.0.2.7"), one("2001:db8:7:8:9::1")), ("192.0.2.7/32".into(), "2001:db8:7:8::/64".into()));
        let address: IpAddr = "192.0.2.7".parse().expect("an address");
        assert!(Network::all_of(address).all(|n| n.holds(address)) && Network::all_of(address).count() == 33);
    }
}
