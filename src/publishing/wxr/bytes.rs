//! Bytes of a file as clean UTF-8, with a bound on how much may be read at a stretch.

use std::io::{BufRead, Error, ErrorKind, Read, Result};

/// Wraps a reader: invalid UTF-8 becomes U+FFFD, control characters become spaces, both are counted.
pub(super) struct CleanReader<R> {
    inner: R,
    clean: Vec<u8>,
    at: usize,
    /// The start of a character whose end was not read yet; at most 3 bytes.
    carry: Vec<u8>,
    raw_read: u64,
    repairs: u64,
    allowance: usize,
}

impl<R: BufRead> CleanReader<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, clean: Vec::new(), at: 0, carry: Vec::new(), raw_read: 0, repairs: 0, allowance: usize::MAX }
    }

    /// Allows so many bytes from here; reading more is an error.
    pub const fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
    }

    /// Whether reading stopped because the allowance was used up.
    pub const fn is_used_up(&self) -> bool {
        self.allowance == 0
    }

    /// The place in the file, in its own bytes (exact between pieces without repairs).
    pub const fn offset(&self) -> u64 {
        self.raw_read - self.carry.len() as u64 - (self.clean.len() - self.at) as u64
    }

    /// How many characters were replaced so far.
    pub const fn repairs(&self) -> u64 {
        self.repairs
    }

    fn refill(&mut self) -> Result<()> {
        self.clean.clear();
        self.at = 0;
        while self.clean.is_empty() {
            let piece = self.inner.fill_buf()?;
            let count = piece.len();
            self.carry.extend_from_slice(piece);
            self.inner.consume(count);
            self.raw_read += count as u64;
            let is_end = count == 0;
            let bytes = std::mem::take(&mut self.carry);
            self.repair(&bytes, is_end);
            if is_end {
                break;
            }
        }
        Ok(())
    }

    fn repair(&mut self, mut bytes: &[u8], is_end: bool) {
        loop {
            match std::str::from_utf8(bytes) {
                Ok(text) => return self.push(text.as_bytes()),
                Err(e) => {
                    let (good, bad) = bytes.split_at_checked(e.valid_up_to()).unwrap_or((bytes, &[]));
                    self.push(good);
                    if e.error_len().is_none() && !is_end {
                        self.carry.extend_from_slice(bad);
                        return;
                    }
                    self.clean.extend_from_slice("\u{fffd}".as_bytes());
                    self.repairs += 1;
                    bytes = bad.get(e.error_len().unwrap_or(bad.len())..).unwrap_or_default();
                }
            }
        }
    }

    fn push(&mut self, good: &[u8]) {
        let start = self.clean.len();
        self.clean.extend_from_slice(good);
        for byte in self.clean.iter_mut().skip(start) {
            if *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r') {
                *byte = b' ';
                self.repairs += 1;
            }
        }
    }
}

impl<R: BufRead> Read for CleanReader<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let have = self.fill_buf()?;
        let count = have.len().min(out.len());
        for (to, from) in out.iter_mut().zip(have) {
            *to = *from;
        }
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for CleanReader<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.allowance == 0 {
            return Err(Error::new(ErrorKind::FileTooLarge, "a field is too large"));
        }
        if self.at >= self.clean.len() {
            self.refill()?;
        }
        Ok(self.clean.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.clean.len());
        self.allowance = self.allowance.saturating_sub(count);
    }
}
