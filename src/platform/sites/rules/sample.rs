//! An address that a pattern fits: where the search for circles begins.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Longest sample; a pattern that asks for more is tried with a part of it.
const LONGEST: usize = 512;

/// A text that fits the pattern, short and plain; empty where none was found.
pub fn of_pattern(source: &str) -> String {
    let mut out = String::new();
    if let Ok(hir) = regex_syntax::parse(source) {
        write(&hir, &mut out);
    }
    out
}

fn write(hir: &Hir, out: &mut String) {
    if out.len() > LONGEST {
        return;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.extend(one_of(class)),
        // Once where it may be left out: what is caught shall not be empty.
        HirKind::Repetition(many) => {
            let times = many.min.max(u32::from(many.max != Some(0))).min(64);
            (0..times).for_each(|_| write(&many.sub, out));
        }
        HirKind::Capture(part) => write(&part.sub, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, out)),
        HirKind::Alternation(parts) => parts.iter().take(1).for_each(|part| write(part, out)),
    }
}

/// A sign of a class: a letter or digit where it has one.
fn one_of(class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|r| (r.start(), r.end())).collect(),
        Class::Bytes(class) => class.ranges().iter().map(|r| (char::from(r.start()), char::from(r.end()))).collect(),
    };
    let plain = ('a'..='z').chain('0'..='9').chain('A'..='Z').chain(['-', '_', '.', '/']);
    let has = |c: &char| ranges.iter().any(|(from, to)| (*from..=*to).contains(c));
    plain.into_iter().find(has).or_else(|| ranges.first().map(|(from, _)| *from))
}

#[cfg(test)]
mod tests {
    use super::of_pattern;

    #[test]
    fn a_sample_fits_its_pattern() {
        for pattern in [
            r"/old/(\d+)",
            r"/(blog|news)/(.*)",
            r"/[a-z]{3,}/x+",
            r"(/.*)",
            r"/caf\u{e9}/\w+",
            r"/a(?:/b)?",
            r"/[^/]+\.html?",
        ] {
            let sample = of_pattern(pattern);
            assert!(super::super::matcher::compile(pattern).unwrap().fits(&sample), "{pattern}: {sample}");
        }
        assert_eq!(of_pattern("("), "");
    }
}
