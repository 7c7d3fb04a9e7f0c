//! Small pure functions on text: slugs, email addresses, lengths.

use unicode_normalization::UnicodeNormalization as _;

use crate::{Code, Error, Result};

/// A slug from any text in any script: lower-case ASCII letters, digits and single hyphens, at most 190 bytes.
/// Empty where the text has nothing to say ("…").
pub fn slugify(text: &str) -> String {
    let ascii = deunicode::deunicode(text);
    let mut slug = String::with_capacity(ascii.len());
    for c in ascii.chars() {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            'A'..='Z' => slug.push(c.to_ascii_lowercase()),
            '\'' | '\u{2019}' => {}
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
        if slug.len() >= 190 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// An email address in its compared form (trimmed, lower case), or the refusal of `field`.
///
/// # Errors
/// `Invalid(field)` with `EmailMalformed`.
pub fn email(field: &'static str, text: &str) -> Result<String> {
    let address = text.trim().to_lowercase();
    let shape = address.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && name.len() <= 64
            && crate::HostName::parse(host).is_ok()
            && !address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>(),;:\\\"[]".contains(c))
    });
    if shape && address.len() <= 254 { Ok(address) } else { Err(Error::invalid(field, Code::EmailMalformed, "")) }
}

/// One line of text: NFC, trimmed, control characters gone, at most `max` characters.
///
/// # Errors
/// `Invalid(field)` with `TooLong`.
pub fn line(field: &'static str, text: &str, max: usize) -> Result<String> {
    let clean: String = text.nfc().filter(|c| !c.is_control()).collect();
    let clean = clean.trim().to_owned();
    if clean.chars().count() > max {
        return Err(Error::invalid(field, Code::TooLong, max.to_string()));
    }
    Ok(clean)
}

/// As [`line`], but it may not be empty.
///
/// # Errors
/// `Invalid(field)` with `Required` or `TooLong`.
pub fn required_line(field: &'static str, text: &str, max: usize) -> Result<String> {
    let clean = line(field, text, max)?;
    if clean.is_empty() { Err(Error::invalid(field, Code::Required, "")) } else { Ok(clean) }
}

/// Several lines of text: NFC, trimmed, no control characters but line feed and tab, at most `max` characters.
///
/// # Errors
/// `Invalid(field)` with `TooLong`.
pub fn lines(field: &'static str, text: &str, max: usize) -> Result<String> {
    let clean: String =
        text.replace("\r\n", "\n").nfc().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect();
    let clean = clean.trim().to_owned();
    if clean.chars().count() > max {
        return Err(Error::invalid(field, Code::TooLong, max.to_string()));
    }
    Ok(clean)
}

/// Initials for an avatar: at most two letters.
pub fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|w| w.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .collect::<String>()
        .to_uppercase()
}

/// A whole number in groups of three: `1,204`.
pub fn grouped<N: Into<i128>>(number: N) -> String {
    let number: i128 = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "−".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Escapes text for HTML content and double-quoted attributes.
pub fn escape_html(text: &str, out: &mut String) {
    let mut last = 0;
    for (i, b) in text.bytes().enumerate() {
        let entity = match b {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#x27;",
            _ => continue,
        };
        out.push_str(&text[last..i]);
        out.push_str(entity);
        last = i + 1;
    }
    out.push_str(&text[last..]);
}

/// The known name that is written most like an unknown one; none where there are no names.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known.into_iter().min_by_key(|name| distance(unknown, name))
}

/// How many bytes to change, add or drop from one to the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.bytes().enumerate() {
            let next = (diagonal + usize::from(ca != cb)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// A new uuid v7 in its usual form: sortable by time.
pub fn uuid() -> String {
    uuid::Uuid::now_v7().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_from_any_script() {
        for (text, slug) in [
            ("How to read the sea", "how-to-read-the-sea"),
            ("Привет, мир", "privet-mir"),
            ("  Straße & Café!  ", "strasse-cafe"),
            ("don’t", "dont"),
            ("…", ""),
        ] {
            assert_eq!(slugify(text), slug, "{text}");
        }
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1204, -7_500_000].map(grouped), ["0", "999", "1,204", "−7,500,000"]);
    }

    #[test]
    fn email_addresses() {
        assert_eq!(email("email", " Mara@Example.org ").ok().as_deref(), Some("mara@example.org"));
        for wrong in ["", "mara", "mara@", "@example.org", "a b@example.org", "mara@exa mple.org", "x@y\r\nBcc: z@z.z"]
        {
            assert!(email("email", wrong).is_err(), "{wrong}");
        }
    }
}
