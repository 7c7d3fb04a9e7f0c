//! Parts of a file that a client asks for (RFC 9110 section 14.2).

/// A part: where it begins, and its length (at least 1).
pub type Part = (u64, u64);

/// What a `Range` header asks of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ranges {
    /// The whole file: none asked for, not understood, or so many parts that the whole is less.
    Whole,
    /// These parts, in their order.
    Parts(Vec<Part>),
    /// None of what is asked for exists.
    Beyond,
}

/// Most parts of one answer.
const MOST: usize = 16;

/// Reads a `Range` header for a file of so many bytes.
pub fn read(header: &[u8], bytes: u64) -> Ranges {
    let Some(list) = std::str::from_utf8(header).ok().and_then(in_bytes) else { return Ranges::Whole };
    let (mut parts, mut asked) = (Vec::new(), 0);
    for item in list.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        asked += 1;
        match part(item, bytes) {
            _ if asked > MOST => return Ranges::Whole,
            Err(()) => return Ranges::Whole,
            Ok(found) => parts.extend(found),
        }
    }
    let sum: u64 = parts.iter().fold(0, |sum, (_, len)| sum.saturating_add(*len));
    match parts.len() {
        0 if asked == 0 => Ranges::Whole,
        0 => Ranges::Beyond,
        // Parts that overlap would make a small file a long answer.
        2.. if sum > bytes => Ranges::Whole,
        _ => Ranges::Parts(parts),
    }
}

fn in_bytes(header: &str) -> Option<&str> {
    let (unit, list) = header.split_once('=')?;
    unit.trim().eq_ignore_ascii_case("bytes").then_some(list)
}

/// One part; `Ok(None)` where it lies beyond the end, `Err` where it is none.
fn part(item: &str, bytes: u64) -> Result<Option<Part>, ()> {
    let (from, to) = item.split_once('-').ok_or(())?;
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() {
        let last = number(to)?.min(bytes);
        return Ok((last > 0).then(|| (bytes - last, last)));
    }
    let from = number(from)?;
    let to = if to.is_empty() { u64::MAX } else { number(to)? };
    if to < from {
        return Err(());
    }
    Ok((from < bytes).then(|| (from, to.min(bytes - 1) - from + 1)))
}

/// Digits; what is larger than any file counts as the largest.
fn number(text: &str) -> Result<u64, ()> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(());
    }
    Ok(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_file() {
        let parts = |list: &[Part]| Ranges::Parts(list.to_vec());
        for (header, expected) in [
            ("bytes=0-0", parts(&[(0, 1)])),
            ("bytes=0-99", parts(&[(0, 10)])),
            ("bytes=5-", parts(&[(5, 5)])),
            ("bytes=-3", parts(&[(7, 3)])),
            ("bytes=-99", parts(&[(0, 10)])),
            ("Bytes = 2-3", parts(&[(2, 2)])),
            ("bytes=0-1, 4-5,-1", parts(&[(0, 2), (4, 2), (9, 1)])),
            ("bytes=0-1,50-", parts(&[(0, 2)])),
            ("bytes=99999999999999999999999-", Ranges::Beyond),
            ("bytes=10-", Ranges::Beyond),
            ("bytes=-0", Ranges::Beyond),
            ("bytes=3-2", Ranges::Whole),
            ("bytes=a-b", Ranges::Whole),
            ("bytes=-", Ranges::Whole),
            ("bytes=", Ranges::Whole),
            ("lines=1-2", Ranges::Whole),
            ("0-1", Ranges::Whole),
            ("bytes=0-,0-,0-", Ranges::Whole),
            ("bytes=+1-2", Ranges::Whole),
        ] {
            assert_eq!(read(header.as_bytes(), 10), expected, "{header}");
        }
        let many = format!("bytes={}", vec!["0-0"; 17].join(","));
        assert_eq!(read(many.as_bytes(), 1000), Ranges::Whole);
        assert_eq!(read(b"bytes=0-", 0), Ranges::Beyond, "an empty file has no part");
    }
}
