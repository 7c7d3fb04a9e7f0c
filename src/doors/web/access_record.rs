//! One line of the access log: put into a buffer as bytes by the request, written out as text by the log's thread.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::http::{Method, Version};
use freehold_base::Timestamp;

use super::counters::Outcome;

/// Longest address, referrer and agent kept, in bytes.
const MAX_TEXT: usize = 1024;
/// Bytes of a record before its texts.
const HEAD: usize = 56;

/// What is known when an answer leaves.
#[derive(Clone, Copy, Debug)]
pub struct AccessRecord<'a> {
    /// When the answer left: microseconds on the log's own monotonic clock.
    pub at_us: u64,
    /// Time from reading the head to having the answer.
    pub took_us: u32,
    /// Who asked.
    pub client: IpAddr,
    /// Site, 0 where none.
    pub site: i64,
    /// Status of the answer.
    pub status: u16,
    /// Size of the answer's body.
    pub bytes: u64,
    /// How it came to be.
    pub outcome: Outcome,
    /// HTTP version.
    pub version: Version,
    /// Method.
    pub method: &'a Method,
    /// Path and query as sent.
    pub target: &'a str,
    /// `Referer`.
    pub referrer: &'a [u8],
    /// `User-Agent`.
    pub agent: &'a [u8],
}

impl AccessRecord<'_> {
    /// Appends the record to a buffer. No formatting, and no allocation where the buffer has room.
    pub fn put(&self, out: &mut Vec<u8>) {
        let ip = match self.client {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        };
        let texts = [self.method.as_str().as_bytes(), self.target.as_bytes(), self.referrer, self.agent];
        let texts = texts.map(|text| text.get(..MAX_TEXT).unwrap_or(text));
        out.extend_from_slice(&self.at_us.to_le_bytes());
        out.extend_from_slice(&ip.octets());
        out.extend_from_slice(&self.site.to_le_bytes());
        out.extend_from_slice(&self.bytes.to_le_bytes());
        out.extend_from_slice(&self.took_us.to_le_bytes());
        out.extend_from_slice(&self.status.to_le_bytes());
        out.extend_from_slice(&[self.outcome as u8, version_number(self.version)]);
        for text in texts {
            out.extend_from_slice(&u16::try_from(text.len()).unwrap_or_default().to_le_bytes());
        }
        for text in texts {
            out.extend_from_slice(text);
        }
    }
}

fn version_number(version: Version) -> u8 {
    match version {
        Version::HTTP_2 => 2,
        Version::HTTP_10 => 0,
        _ => 1,
    }
}

/// Reads records back and writes them as lines.
#[derive(Debug, Default)]
pub struct Lines {
    second: i64,
    stamp: String,
}

impl Lines {
    /// Appends one line per record of `buffer`. `now`/`now_us`: the wall clock and the log's clock at this moment.
    pub fn write(&mut self, buffer: &[u8], now: Timestamp, now_us: u64, out: &mut Vec<u8>) {
        let mut rest = buffer;
        while let Some(after) = self.line(rest, now, now_us, out) {
            rest = after;
        }
    }

    /// One line in the combined format, then site, outcome and microseconds.
    fn line<'b>(&mut self, record: &'b [u8], now: Timestamp, now_us: u64, out: &mut Vec<u8>) -> Option<&'b [u8]> {
        let (head, mut rest) = record.split_at_checked(HEAD)?;
        let ip = Ipv6Addr::from(<[u8; 16]>::try_from(head.get(8..24)?).ok()?).to_canonical();
        let ago_ms = now_us.saturating_sub(u64_at(head, 0)?) / 1000;
        let mut texts = [&[][..]; 4];
        for (i, text) in texts.iter_mut().enumerate() {
            let (this, after) = rest.split_at_checked(usize::from(u16_at(head, 48 + 2 * i)?))?;
            *text = this;
            rest = after;
        }
        let [method, target, referrer, agent] = texts;
        put_ip(out, ip);
        out.extend_from_slice(b" - - [");
        self.put_time(out, now.ms() - i64::try_from(ago_ms).unwrap_or_default());
        out.extend_from_slice(b"] \"");
        put_text(out, method);
        out.push(b' ');
        put_text(out, target);
        out.extend_from_slice(match head.get(47)? {
            0 => b" HTTP/1.0\" ",
            2 => b" HTTP/2.0\" ",
            _ => b" HTTP/1.1\" ",
        });
        put_number(out, u64::from(u16_at(head, 44)?));
        out.push(b' ');
        put_number(out, u64_at(head, 32)?);
        for text in [referrer, agent] {
            out.extend_from_slice(b" \"");
            put_text(out, if text.is_empty() { b"-" } else { text });
            out.push(b'"');
        }
        out.push(b' ');
        put_number(out, u64_at(head, 24)?);
        out.push(b' ');
        let outcome = Outcome::ALL.get(usize::from(*head.get(46)?)).copied().unwrap_or(Outcome::Route);
        out.extend_from_slice(outcome.name().as_bytes());
        out.push(b' ');
        put_number(out, u64_at(head, 40)? & 0xffff_ffff);
        out.push(b'\n');
        Some(rest)
    }

    fn put_time(&mut self, out: &mut Vec<u8>, ms: i64) {
        let second = ms.div_euclid(1000);
        if second != self.second || self.stamp.is_empty() {
            self.second = second;
            self.stamp = Timestamp(ms).utc().format("%d/%b/%Y:%H:%M:%S +0000").to_string();
        }
        out.extend_from_slice(self.stamp.as_bytes());
    }
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn put_ip(out: &mut Vec<u8>, ip: IpAddr) {
    use std::io::Write as _;
    match ip {
        IpAddr::V4(v4) => {
            for (i, octet) in v4.octets().into_iter().enumerate() {
                if i > 0 {
                    out.push(b'.');
                }
                put_number(out, u64::from(octet));
            }
        }
        // A Vec takes every write.
        IpAddr::V6(v6) => write!(out, "{v6}").unwrap_or_default(),
    }
}

fn put_number(out: &mut Vec<u8>, mut n: u64) {
    let mut digits = [b'0'; 20];
    let mut used = 0;
    for place in digits.iter_mut().rev() {
        *place = b'0' + u8::try_from(n % 10).unwrap_or_default();
        used += 1;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(20 - used..).unwrap_or_default());
}

/// Quotes, backslashes, control characters and bytes beyond ASCII as `\xHH`: a line stays a line.
fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    let plain = |b: u8| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\';
    if text.iter().all(|b| plain(*b)) {
        out.extend_from_slice(text);
        return;
    }
    for b in text {
        if plain(*b) {
            out.push(*b);
        } else {
            let digit = |d: u8| char::from_digit(u32::from(d), 16).map_or(b'0', |c| c as u8);
            out.extend_from_slice(&[b'\\', b'x', digit(b >> 4), digit(b & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_becomes_one_line_whatever_the_client_sent() {
        let record = AccessRecord {
            at_us: 1_000_000,
            took_us: 17,
            client: IpAddr::from([203, 0, 113, 7]),
            site: 2,
            status: 200,
            bytes: 30_123,
            outcome: Outcome::Hit,
            version: Version::HTTP_11,
            method: &Method::GET,
            target: "/a?s=x",
            referrer: b"",
            agent: b"evil\"\n\xff",
        };
        let mut buffer = Vec::new();
        record.put(&mut buffer);
        let long = "/".repeat(5000);
        AccessRecord { target: &long, client: IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), ..record }.put(&mut buffer);
        let mut out = Vec::new();
        // Two seconds after the first answer left.
        Lines::default().write(&buffer, Timestamp(1_795_507_202_000), 3_000_000, &mut out);
        let text = String::from_utf8(out).expect("ASCII");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines.first().copied(),
            Some(
                "203.0.113.7 - - [24/Nov/2026:08:00:00 +0000] \"GET /a?s=x HTTP/1.1\" 200 30123 \"-\" \
                 \"evil\\x22\\x0a\\xff\" 2 hit 17"
            )
        );
        assert!(lines.len() == 2 && lines[1].starts_with("::1 ") && lines[1].len() < 1300);
    }

    #[test]
    fn a_torn_buffer_ends_the_reading() {
        let mut out = Vec::new();
        Lines::default().write(&[1; 70], Timestamp(0), 0, &mut out);
        assert!(out.is_empty() || out.ends_with(b"\n"));
    }
}
