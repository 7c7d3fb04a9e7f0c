//! tar, read and written as a stream. Our own, because every number in a header comes from outside: names are bounded
//! before they are kept, and only files and folders come through. Formats: ustar, pax (`x`: path, size, mtime) and the
//! long names of GNU. Source: POSIX.1-2017, pax, "ustar Interchange Format"; the GNU tar manual, "Basic Tar Format".

use std::io::{Read, Write};

use freehold_base::jail_path::PATH_BYTES;
use freehold_base::{Error, Result, Timestamp};

/// Headers and data come in blocks of this length.
const BLOCK: usize = 512;
/// The longest record of names that is read.
const MOST_RECORD: u64 = 64 << 10;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// A link, a device, a pipe.
    Other,
}

/// The head of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) name: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) bytes: u64,
    pub(super) mode: u32,
    pub(super) modified: Timestamp,
}

/// Reads entries one after the other.
pub(super) struct Reader<R> {
    inner: R,
    /// Bytes of the last entry, with its padding, that nobody read yet.
    left: u64,
}

/// What stood in records before an entry.
#[derive(Default)]
struct Before {
    name: Option<Vec<u8>>,
    bytes: Option<u64>,
    modified: Option<Timestamp>,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, left: 0 }
    }

    /// The next entry; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(Head, Body<'_, R>)>> {
        let Some(head) = self.head()? else { return Ok(None) };
        let padded = head.bytes.checked_next_multiple_of(BLOCK as u64).ok_or_else(|| broken("a size is too large"))?;
        self.left = padded;
        let bytes = head.bytes;
        Ok(Some((head, Body { reader: self, bytes })))
    }

    fn head(&mut self) -> Result<Option<Head>> {
        let mut before = Before::default();
        loop {
            self.skip()?;
            let mut block = [0; BLOCK];
            if !self.fill(&mut block)? || block.iter().all(|b| *b == 0) {
                return Ok(None);
            }
            check_sum(&block)?;
            let bytes = number(&block[124..136])?;
            match block[156] {
                b'x' => before.read_pax(&self.record(bytes)?)?,
                b'g' => drop(self.record(bytes)?),
                b'L' => before.name = Some(until_nul(&self.record(bytes)?).to_vec()),
                b'K' => drop(self.record(bytes)?),
                kind => return Ok(Some(head_of(&block, kind, bytes, before)?)),
            }
        }
    }

    fn record(&mut self, bytes: u64) -> Result<Vec<u8>> {
        if bytes > MOST_RECORD {
            return Err(broken("a name is too long"));
        }
        let mut record = vec![0; bytes as usize];
        if !self.fill(&mut record)? {
            return Err(broken("it ends too early"));
        }
        self.left = bytes.next_multiple_of(BLOCK as u64) - bytes;
        Ok(record)
    }

    /// Fills a buffer; false where nothing is left at all.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<bool> {
        let mut at = 0;
        while at < buffer.len() {
            match self.inner.read(&mut buffer[at..]) {
                Ok(0) if at == 0 => return Ok(false),
                Ok(0) => return Err(broken("it ends too early")),
                Ok(count) => at += count,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(super::unreadable(e)),
            }
        }
        Ok(true)
    }

    fn skip(&mut self) -> Result<()> {
        let skipped =
            std::io::copy(&mut (&mut self.inner).take(self.left), &mut std::io::sink()).map_err(super::unreadable)?;
        if skipped < self.left {
            return Err(broken("it ends too early"));
        }
        self.left = 0;
        Ok(())
    }
}

/// The bytes of an entry; what is not read is skipped.
pub(super) struct Body<'a, R> {
    reader: &'a mut Reader<R>,
    bytes: u64,
}

impl<R: Read> Read for Body<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = usize::try_from(self.bytes).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0); // not every packing likes to be asked for nothing
        }
        let count = self.reader.inner.read(&mut buffer[..most])?;
        if count == 0 {
            return Err(std::io::Error::other(broken("it ends too early")));
        }
        self.bytes -= count as u64;
        self.reader.left -= count as u64;
        Ok(count)
    }
}

impl Before {
    /// Records `LENGTH KEY=VALUE\n`.
    fn read_pax(&mut self, mut record: &[u8]) -> Result<()> {
        let bad = || broken("a record cannot be read");
        while !record.is_empty() {
            let space = record.iter().position(|b| *b == b' ').ok_or_else(bad)?;
            let length: usize =
                std::str::from_utf8(&record[..space]).ok().and_then(|n| n.parse().ok()).ok_or_else(bad)?;
            let line = record.get(space + 1..length).ok_or_else(bad)?;
            record = &record[length..];
            let line = line.strip_suffix(b"\n").ok_or_else(bad)?;
            let equals = line.iter().position(|b| *b == b'=').ok_or_else(bad)?;
            let (key, value) = (&line[..equals], &line[equals + 1..]);
            let text = || std::str::from_utf8(value).map_err(|_| bad());
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"size" => self.bytes = Some(text()?.parse().map_err(|_| bad())?),
                b"mtime" => {
                    let seconds = text()?.split('.').next().unwrap_or_default();
                    self.modified = seconds.parse().ok().map(|s: i64| Timestamp(s.saturating_mul(1000)));
                }
                // A file with holes says its own size elsewhere.
                key if key.starts_with(b"GNU.sparse") => return Err(broken("it has files with holes")),
                _ => {}
            }
        }
        Ok(())
    }
}

fn head_of(block: &[u8; BLOCK], kind: u8, bytes: u64, before: Before) -> Result<Head> {
    let is_ustar = &block[257..262] == b"ustar";
    let is_gnu = &block[257..265] == b"ustar  \0";
    let mut name = Vec::new();
    if is_ustar && !is_gnu && block[345] != 0 {
        name.extend_from_slice(until_nul(&block[345..500]));
        name.push(b'/');
    }
    name.extend_from_slice(until_nul(&block[..100]));
    let name = before.name.unwrap_or(name);
    if name.len() > PATH_BYTES {
        return Err(broken("a name is too long"));
    }
    let kind = match kind {
        b'0' | 0 | b'7' if name.ends_with(b"/") => Kind::Folder,
        b'0' | 0 | b'7' => Kind::File,
        b'5' => Kind::Folder,
        _ => Kind::Other,
    };
    let modified = i64::try_from(number(&block[136..148])?).unwrap_or(0);
    Ok(Head {
        name,
        kind,
        bytes: if kind == Kind::File { before.bytes.unwrap_or(bytes) } else { bytes },
        mode: u32::try_from(number(&block[100..108])?).unwrap_or(0),
        modified: before.modified.unwrap_or(Timestamp(modified.saturating_mul(1000))),
    })
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|b| *b == 0).next().unwrap_or_default()
}

/// Octal digits, or big-endian bytes after 0x80.
fn number(field: &[u8]) -> Result<u64> {
    if field[0] & 0x80 != 0 {
        let (high, low) = field.split_at(field.len() - 8);
        if high[0] != 0x80 || high[1..].iter().any(|b| *b != 0) {
            return Err(broken("a number is too large"));
        }
        return Ok(low.iter().fold(0, |n, b| n << 8 | u64::from(*b)));
    }
    let text = std::str::from_utf8(until_nul(field)).unwrap_or("?").trim();
    if text.is_empty() {
        return Ok(0);
    }
    u64::from_str_radix(text, 8).map_err(|_| broken("a number cannot be read"))
}

fn check_sum(block: &[u8; BLOCK]) -> Result<()> {
    if number(&block[148..156])? == sum(block) { Ok(()) } else { Err(broken("a head is damaged")) }
}

fn sum(block: &[u8; BLOCK]) -> u64 {
    let own = block[148..156].iter().map(|b| u64::from(*b)).sum::<u64>();
    block.iter().map(|b| u64::from(*b)).sum::<u64>() - own + 8 * u64::from(b' ')
}

fn broken(why: &str) -> Error {
    super::broken(why)
}

/// Writes entries one after the other.
pub(super) struct Writer<W> {
    inner: W,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner }
    }

    /// Adds a folder.
    pub(super) fn folder(&mut self, name: &[u8], mode: u16, modified: Timestamp) -> Result<()> {
        self.head(&[name, b"/"].concat(), b'5', 0, mode, modified)
    }

    /// Adds a file of exactly `bytes` bytes: filled up with zeros where the source has fewer by now.
    pub(super) fn file(
        &mut self,
        name: &[u8],
        mode: u16,
        modified: Timestamp,
        bytes: u64,
        source: &mut dyn Read,
    ) -> Result<()> {
        self.head(name, b'0', bytes, mode, modified)?;
        let copied = std::io::copy(&mut source.take(bytes), &mut self.inner)
            .map_err(|e| crate::account_dir::typed("writing an archive", e))?;
        let padded = bytes.next_multiple_of(BLOCK as u64);
        self.zeros(padded - copied)
    }

    /// Ends the archive.
    pub(super) fn finish(mut self) -> Result<W> {
        self.zeros(2 * BLOCK as u64)?;
        Ok(self.inner)
    }

    fn head(&mut self, name: &[u8], kind: u8, bytes: u64, mode: u16, modified: Timestamp) -> Result<()> {
        if name.len() > 100 || bytes >= 1 << 33 {
            let record = [record("path", name), record("size", bytes.to_string().as_bytes())].concat();
            let block = block(b"././@PaxHeader", b'x', record.len() as u64, 0o644, modified);
            self.put(&block)?;
            self.put(&record)?;
            self.zeros(record.len().next_multiple_of(BLOCK) as u64 - record.len() as u64)?;
        }
        let shown = if bytes >= 1 << 33 { 0 } else { bytes };
        let block = block(&name[..name.len().min(100)], kind, shown, mode, modified);
        self.put(&block)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.inner.write_all(bytes).map_err(|e| crate::account_dir::typed("writing an archive", e))
    }

    fn zeros(&mut self, count: u64) -> Result<()> {
        std::io::copy(&mut std::io::repeat(0).take(count), &mut self.inner)
            .map(drop)
            .map_err(|e| crate::account_dir::typed("writing an archive", e))
    }
}

/// `LENGTH KEY=VALUE\n`, where the length counts itself.
fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while rest + length.to_string().len() != length {
        length = rest + length.to_string().len();
    }
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}

fn block(name: &[u8], kind: u8, bytes: u64, mode: u16, modified: Timestamp) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let seconds = modified.ms().div_euclid(1000).clamp(0, 0o77_777_777_777);
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name);
    put(100, format!("{mode:07o}\0").as_bytes());
    put(108, b"0000000\x000000000\0");
    put(124, format!("{bytes:011o}\0").as_bytes());
    put(136, format!("{seconds:011o}\0").as_bytes());
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum = format!("{:06o}\0 ", sum(&block));
    block[148..156].copy_from_slice(sum.as_bytes());
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let long = "n".repeat(180) + "/" + &"m".repeat(200);
        let mut writer = Writer::new(Vec::new());
        writer.folder(b"docs", 0o755, Timestamp(5000)).unwrap();
        writer.file(b"docs/a.txt", 0o640, Timestamp(1_700_000_000_000), 5, &mut &b"hello"[..]).unwrap();
        writer.file(long.as_bytes(), 0o644, Timestamp(0), 513, &mut &[b'x'; 600][..]).unwrap();
        writer.file("é".as_bytes(), 0o644, Timestamp(0), 4, &mut &b"ab"[..]).unwrap();
        let bytes = writer.finish().unwrap();
        assert_eq!(bytes.len() % BLOCK, 0);
        let mut reader = Reader::new(&bytes[..]);
        let mut seen = Vec::new();
        while let Some((head, mut body)) = reader.next().unwrap() {
            let mut text = Vec::new();
            if head.kind == Kind::File && head.name != b"docs/a.txt" {
                body.read_to_end(&mut text).unwrap();
            }
            seen.push((String::from_utf8(head.name).unwrap(), head.kind, head.mode, head.modified.ms(), text));
        }
        assert_eq!(seen[0], ("docs/".into(), Kind::Folder, 0o755, 5000, vec![]));
        assert_eq!(seen[1], ("docs/a.txt".into(), Kind::File, 0o640, 1_700_000_000_000, vec![]));
        assert_eq!((&seen[2].0, seen[2].4.len()), (&long, 513));
        assert_eq!(seen[3].4, b"ab\0\0");
        assert_eq!(seen.len(), 4);
        for end in [100, 511, 700, 1600] {
            let mut reader = Reader::new(&bytes[..end]);
            let mut last = Ok(true);
            while let Ok(true) = last {
                last = reader.next().map(|entry| entry.is_some());
            }
            assert!(last.is_err(), "cut at {end}");
        }
    }

    #[test]
    fn large_numbers_and_lying_heads_are_refused() {
        assert_eq!(number(b"\x80\0\0\0\0\0\0\x02\0\0\0\0").unwrap(), 2 << 32);
        assert!(number(b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF").is_err());
        assert!(number(b"0000000009x\0").is_err());
        let mut block = block(b"a", b'0', 5, 0o644, Timestamp(0));
        block[0] = b'b';
        assert!(Reader::new(&block[..]).next().is_err());
    }
}
