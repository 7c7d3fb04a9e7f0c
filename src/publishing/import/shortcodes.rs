//! Shortcodes that stay in a text because only a plugin of the other site knew them.

use std::collections::BTreeMap;

/// Those that become blocks.
const KNOWN: &[&str] = &["caption", "wp_caption", "gallery", "embed"];
/// Different names that are counted; a hostile text could hold any number.
const MAX_NAMES: usize = 500;

/// Counts the shortcodes of a text: `[name …]` with a name of small letters, digits, `_` and `-` that begins with
/// a letter and is at least three long. Footnotes like `[1]` and asides like `[sic]` are told apart by what follows:
/// a blank with `=` after it, or a closing `[/name]`.
pub(super) fn count(text: &str, counts: &mut BTreeMap<String, u64>) {
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        rest = rest.get(at + 1..).unwrap_or_default();
        let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-'));
        let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if name.len() < 3 || !name.starts_with(|c: char| c.is_ascii_lowercase()) || KNOWN.contains(&name) {
            continue;
        }
        // Near by only: looking through the whole rest for each bracket would take the square of the text's length.
        let head = rest.get(name.len()..rest.floor_char_boundary(name.len() + 4000)).unwrap_or_default();
        let close = head.find(']').unwrap_or(0);
        let has_values = head.starts_with(' ') && head.get(..close).is_some_and(|h| h.contains('='));
        let is_code = has_values || (head.starts_with(']') && head.contains(&format!("[/{name}]")));
        if is_code && (counts.contains_key(name) || counts.len() < MAX_NAMES) {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_asides() {
        let mut counts = BTreeMap::new();
        count(
            "[sic] [1] [gallery ids=\"1\"] [contact-form to=\"a\"] x [tab]y[/tab] [contact-form to='b'] [ ] [",
            &mut counts,
        );
        let names: Vec<(&str, u64)> = counts.iter().map(|(n, c)| (n.as_str(), *c)).collect();
        assert_eq!(names, [("contact-form", 2), ("tab", 1)]);
    }
}
