//! Parts of files (RFC 9110 section 14): one range per request; more are answered with the whole file.

/// What of a file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// From the first byte to the last one, both included.
    Bytes(u64, u64),
    /// Nothing of it is there.
    Beyond,
}

/// Reads a `Range` header for a file of `len` bytes. What is not understood means the whole.
pub fn part(header: Option<&str>, len: u64) -> Part {
    let Some(spec) = header.and_then(|h| h.trim().strip_prefix("bytes=")) else { return Part::Whole };
    let Some((first, last)) = spec.split_once('-') else { return Part::Whole };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Some(0) => Part::Beyond,
            Some(n) if len > 0 => Part::Bytes(len.saturating_sub(n), len - 1),
            Some(_) => Part::Beyond,
            None => Part::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), _) if first >= len && (last.is_empty() || number(last).is_some()) => Part::Beyond,
            (Some(first), None) if last.is_empty() => Part::Bytes(first, len - 1),
            (Some(first), Some(last)) if first <= last => Part::Bytes(first, last.min(len - 1)),
            _ => Part::Whole,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_the_standard_has_them() {
        for (header, wanted) in [
            ("bytes=0-0", Part::Bytes(0, 0)),
            ("bytes=0-", Part::Bytes(0, 99)),
            ("bytes=10-19", Part::Bytes(10, 19)),
            ("bytes=90-500", Part::Bytes(90, 99)),
            ("bytes=-10", Part::Bytes(90, 99)),
            ("bytes=-500", Part::Bytes(0, 99)),
            ("bytes=100-", Part::Beyond),
            ("bytes=100-200", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=20-10", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=x-y", Part::Whole),
            ("lines=1-2", Part::Whole),
            ("bytes=99999999999999999999-", Part::Whole),
        ] {
            assert_eq!(part(Some(header), 100), wanted, "{header}");
        }
        assert_eq!(part(None, 100), Part::Whole);
        assert_eq!(part(Some("bytes=0-"), 0), Part::Beyond);
        assert_eq!(part(Some("bytes=-5"), 0), Part::Beyond);
    }
}
