//! Found words, marked in what a page shows of an entry (row SE02).

use freehold_base::text::{escape_html, slugify};

use crate::themes::context::Html;

/// Words shown of a text.
const SHOWN: usize = 34;
/// Words shown before the first one that was found.
const BEFORE: usize = 8;

/// Whether a word of a text is one that was looked for, in one of its forms.
fn is_found(word: &str, looked_for: &[String]) -> bool {
    let bare: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let bare = if bare.is_ascii() { bare } else { slugify(&bare) };
    let fits = |wanted: &String| {
        // "harbours" is found by "harbour" and the other way round: endings of up to three letters.
        let (short, long) =
            if wanted.len() < bare.len() { (wanted.as_str(), bare.as_str()) } else { (bare.as_str(), wanted.as_str()) };
        short == long || (short.len() > 2 && long.starts_with(short) && long.len() - short.len() <= 3)
    };
    !bare.is_empty() && looked_for.iter().any(fits)
}

/// The words as they are compared: without accents.
pub(super) fn folded(words: &[String]) -> Vec<String> {
    words.iter().map(|w| if w.is_ascii() { w.clone() } else { slugify(w) }).collect()
}

/// A line with the found words in `<mark>`.
pub(super) fn marked(text: &str, looked_for: &[String]) -> Html {
    let mut out = String::with_capacity(text.len() + 32);
    for (i, word) in text.split_whitespace().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push(&mut out, word, is_found(word, looked_for));
    }
    Html(out)
}

fn push(out: &mut String, word: &str, found: bool) {
    if !found {
        return escape_html(word, out);
    }
    let start = word.find(|c: char| c.is_alphanumeric()).unwrap_or(0);
    let end = word
        .rfind(|c: char| c.is_alphanumeric())
        .map_or(word.len(), |at| at + word[at..].chars().next().map_or(1, char::len_utf8));
    let (before, rest) = word.split_at_checked(start).unwrap_or(("", word));
    let (middle, after) = rest.split_at_checked(end.saturating_sub(start)).unwrap_or((rest, ""));
    escape_html(before, out);
    out.push_str("<mark>");
    escape_html(middle, out);
    out.push_str("</mark>");
    escape_html(after, out);
}

/// Some words of a text around the first that was found, marked; its beginning where none stands in it.
pub(super) fn passage(text: &str, looked_for: &[String]) -> Html {
    let words: Vec<&str> = text.split_whitespace().collect();
    let first = words.iter().position(|w| is_found(w, looked_for)).unwrap_or(0);
    let start = first.saturating_sub(BEFORE);
    let end = (start + SHOWN).min(words.len());
    let mut out = String::with_capacity(320);
    if start > 0 {
        out.push_str("… ");
    }
    out.push_str(&marked(&words.get(start..end).unwrap_or_default().join(" "), looked_for));
    if end < words.len() {
        out.push_str(" …");
    }
    Html(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_words_are_marked_in_any_form_and_nothing_else_is_markup() {
        let words = vec!["harbour".to_owned(), "cafe".to_owned()];
        for (text, shown) in [
            ("The harbours, and <b>", "The <mark>harbours</mark>, and &lt;b&gt;"),
            ("«Harbour»", "«<mark>Harbour</mark>»"),
            ("Café au lait", "<mark>Café</mark> au lait"),
            ("harbourmaster ha", "harbourmaster ha"),
            ("— …", "— …"),
        ] {
            assert_eq!(marked(text, &words).0, shown);
        }
    }

    #[test]
    fn a_passage_begins_shortly_before_the_first_match() {
        let text = format!("{}tide {}", "a ".repeat(50), "b ".repeat(50));
        let shown = passage(&text, &["tide".to_owned()]).0;
        assert!(shown.starts_with("… a a a a a a a a <mark>tide</mark> b"), "{shown}");
        assert!(shown.ends_with(" …"));
        assert_eq!(passage("short", &["x".to_owned()]).0, "short");
        assert_eq!(passage("", &[]).0, "");
    }
}
