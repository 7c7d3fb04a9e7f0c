//! What is kept of an output: its beginning and its end, however long it is.

use std::collections::VecDeque;

/// The first and the last bytes of an output.
#[derive(Clone, Debug)]
pub struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    /// Bytes of each part.
    part: usize,
    total: u64,
}

impl Kept {
    /// Keeps so many bytes of the beginning, and as many of the end.
    pub fn new(part: usize) -> Self {
        Self { head: Vec::new(), tail: VecDeque::new(), part, total: 0 }
    }
    /// Takes more.
    pub fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let (first, rest) = bytes.split_at(bytes.len().min(self.part - self.head.len()));
        self.head.extend_from_slice(first);
        let rest = &rest[rest.len().saturating_sub(self.part)..];
        let over = (self.tail.len() + rest.len()).saturating_sub(self.part);
        self.tail.drain(..over);
        self.tail.extend(rest);
    }
    /// All bytes that came.
    pub fn total(&self) -> u64 {
        self.total
    }
    /// As text; where something is left out, a line says how much. Control characters other than line ends and tabs
    /// are left away, and so is what no UTF-8 is.
    pub fn text(&self) -> String {
        let kept = (self.head.len() + self.tail.len()) as u64;
        let mut text = String::from_utf8_lossy(&self.head).into_owned();
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        if kept < self.total {
            text.push_str(&format!("\n\u{2026} {} bytes left out \u{2026}\n", self.total - kept));
            text.push_str(&String::from_utf8_lossy(&tail));
        } else if !tail.is_empty() {
            // One text in two parts: a character may lie across.
            let whole: Vec<u8> = self.head.iter().copied().chain(tail).collect();
            text = String::from_utf8_lossy(&whole).into_owned();
        }
        text.replace("\r\n", "\n").replace(|c: char| c.is_control() && c != '\n' && c != '\t', "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_and_the_end_are_kept_and_the_middle_is_counted() {
        let mut kept = Kept::new(4);
        for part in ["ab", "cde", "fghijklmn", "o", "pq"] {
            kept.push(part.as_bytes());
        }
        assert_eq!((kept.text().as_str(), kept.total()), ("abcd\n\u{2026} 9 bytes left out \u{2026}\nnopq", 17));
        let mut short = Kept::new(4);
        short.push("ab\u{e9}\u{e9}\u{1b}[1m\0".replace('\0', "").as_bytes());
        assert!(
            short.text().starts_with("ab\u{e9}\u{fffd}") || short.text().starts_with("ab\u{e9}"),
            "{}",
            short.text()
        );
        let mut whole = Kept::new(4);
        whole.push("abc\u{e9}fg".as_bytes());
        assert_eq!(whole.text(), "abc\u{e9}fg", "a character that lies across the two parts");
    }
}
