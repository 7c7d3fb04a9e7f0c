//! Content codings: which one a client takes, and making them.

use std::io::Write as _;

use actix_web::http::header::HeaderValue;
use bytes::Bytes;
use freehold_base::{OrInternal as _, Result};

/// Bodies below this many bytes are sent as they are: they fit one packet either way.
pub const MIN_BYTES: usize = 1024;

/// How a body is written on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// gzip (RFC 1952).
    Gzip,
    /// Brotli (RFC 7932).
    Br,
    /// Zstandard (RFC 8878).
    Zstd,
}

/// Codings a client takes, best for it first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    best: [Option<Coding>; 3],
}

/// How hard to press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// While somebody waits.
    Fast,
    /// In the background, once per page.
    Best,
}

impl Coding {
    /// All, most wanted first: brotli is the smallest, zstd the cheapest to unpack.
    pub const ALL: [Coding; 3] = [Coding::Br, Coding::Zstd, Coding::Gzip];

    /// The value of `Content-Encoding`.
    pub const fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    /// Its registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Br => "br",
            Coding::Zstd => "zstd",
        }
    }

    /// A number below 3, for tables.
    pub const fn slot(self) -> usize {
        match self {
            Coding::Gzip => 0,
            Coding::Br => 1,
            Coding::Zstd => 2,
        }
    }

    /// Compresses a body.
    ///
    /// # Errors
    /// `Internal` where the library fails (memory).
    pub fn encode(self, body: &[u8], effort: Effort) -> Result<Bytes> {
        let out = Vec::with_capacity(body.len() / 3 + 256);
        let packed = match self {
            Coding::Gzip => gzip(body, out, if effort == Effort::Fast { 1 } else { 6 }),
            Coding::Br => brotli(body, out, if effort == Effort::Fast { 1 } else { 6 }),
            Coding::Zstd => zstd::bulk::compress(body, if effort == Effort::Fast { 1 } else { 12 }),
        };
        Ok(packed.or_internal("compressing a page")?.into())
    }
}

fn gzip(body: &[u8], out: Vec<u8>, level: u32) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::new(level));
    encoder.write_all(body)?;
    encoder.finish()
}

fn brotli(body: &[u8], out: Vec<u8>, quality: i32) -> std::io::Result<Vec<u8>> {
    let window = if body.len() < 60_000 { 16 } else { 19 };
    let params =
        brotli::enc::BrotliEncoderParams { quality, lgwin: window, size_hint: body.len(), ..Default::default() };
    let mut encoder = brotli::CompressorWriter::with_params(out, body.len().clamp(4096, 65_536), &params);
    encoder.write_all(body)?;
    encoder.flush()?;
    Ok(encoder.into_inner())
}

impl Accepted {
    /// Nothing but the plain body.
    pub const PLAIN: Accepted = Accepted { best: [None, None, None] };

    /// Reads `Accept-Encoding` (RFC 9110 section 12.5.3). What browsers send is known by heart.
    pub fn read(header: Option<&[u8]>) -> Self {
        let Some(header) = header else { return Self::PLAIN };
        match header {
            b"gzip" | b"gzip, deflate" => Self { best: [Some(Coding::Gzip), None, None] },
            b"gzip, deflate, br" => Self { best: [Some(Coding::Br), Some(Coding::Gzip), None] },
            b"gzip, deflate, br, zstd" => Self { best: Coding::ALL.map(Some) },
            b"identity" | b"" => Self::PLAIN,
            _ => std::str::from_utf8(header).map(Self::parse).unwrap_or_default(),
        }
    }

    fn parse(text: &str) -> Self {
        let mut weights = [None::<f32>; 3];
        let mut rest = None;
        for part in text.split(',').take(16) {
            let mut fields = part.split(';');
            let name = fields.next().unwrap_or_default().trim();
            let weight = fields.find_map(|f| f.trim().strip_prefix("q=")?.trim().parse::<f32>().ok()).unwrap_or(1.0);
            if name == "*" {
                rest = Some(weight);
            }
            if let Some(coding) = Coding::ALL.into_iter().find(|c| name.eq_ignore_ascii_case(c.name()))
                && let Some(slot) = weights.get_mut(coding.slot())
            {
                *slot = Some(weight);
            }
        }
        let weight = |coding: Coding| weights.get(coding.slot()).copied().flatten().or(rest).unwrap_or(0.0);
        let mut best = Coding::ALL.map(|c| (weight(c) > 0.0).then_some(c));
        // Stable: of equal weights ours goes first.
        best.sort_by(|a, b| b.map_or(0.0, weight).total_cmp(&a.map_or(0.0, weight)));
        Self { best }
    }

    /// The coding to answer with where all can be had.
    pub fn first(&self) -> Option<Coding> {
        self.best.first().copied().flatten()
    }

    /// The coding to make while the client waits. Measured on a page of 30 kB: zstd and gzip about 150 µs, brotli's
    /// fastest four times that.
    pub fn quickest(&self) -> Option<Coding> {
        [Coding::Zstd, Coding::Gzip, Coding::Br].into_iter().find(|coding| self.iter().any(|c| c == *coding))
    }

    /// All of them, best first.
    pub fn iter(&self) -> impl Iterator<Item = Coding> {
        self.best.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_best_coding_the_client_takes() {
        for (header, expected) in [
            ("", ""),
            ("gzip", "gzip"),
            ("gzip, deflate, br, zstd", "br zstd gzip"),
            ("br;q=0.5, gzip;q=0.8", "gzip br"),
            ("br;q=0, gzip", "gzip"),
            ("*", "br zstd gzip"),
            ("*;q=0", ""),
            ("gzip;q=1.0, *;q=0.1", "gzip br zstd"),
            ("GZIP", "gzip"),
            ("deflate, identity;q=0", ""),
            ("gzip;q=abc", "gzip"),
        ] {
            let names: Vec<&str> = Accepted::read(Some(header.as_bytes())).iter().map(Coding::name).collect();
            assert_eq!(names.join(" "), expected, "{header}");
        }
        assert_eq!(Accepted::read(None), Accepted::PLAIN);
        assert_eq!(Accepted::read(Some(b"gzip, deflate, br")).quickest(), Some(Coding::Gzip));
    }

    #[test]
    fn every_coding_unpacks_to_the_same_bytes() {
        let body: Vec<u8> = (0..40_000u32).flat_map(|i| format!("<p>{}</p>", i % 97).into_bytes()).collect();
        for effort in [Effort::Fast, Effort::Best] {
            for coding in Coding::ALL {
                let packed = coding.encode(&body, effort).expect("encodes");
                let mut out = Vec::new();
                match coding {
                    Coding::Gzip => flate2::read::GzDecoder::new(packed.as_ref()).read_to_end(&mut out),
                    Coding::Br => brotli::Decompressor::new(packed.as_ref(), 4096).read_to_end(&mut out),
                    Coding::Zstd => zstd::Decoder::new(packed.as_ref()).and_then(|mut d| d.read_to_end(&mut out)),
                }
                .expect("decodes");
                assert!(out == body && packed.len() < body.len(), "{coding:?}");
            }
        }
    }
}
