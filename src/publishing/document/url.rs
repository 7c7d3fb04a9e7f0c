//! Which addresses may stand in a document, and which are our own media.

use std::borrow::Cow;

const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// Whether an address is relative or has one of the schemes http, https, mailto and tel.
///
/// Browsers drop tab, line feed and carriage return anywhere and control characters and spaces in front before
/// they look for the scheme (WHATWG URL section 4.4), so they are dropped here as well.
pub fn is_safe_url(url: &str) -> bool {
    if url.len() > 8192 {
        return false;
    }
    let seen: Cow<str> = if url.bytes().any(|b| b < 0x20 || b == 0x7f) {
        Cow::Owned(url.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect())
    } else {
        Cow::Borrowed(url)
    };
    let seen = seen.trim_start_matches(|c: char| c <= ' ');
    let end = seen.find([':', '/', '?', '#']).filter(|&end| seen.as_bytes().get(end) == Some(&b':'));
    match end.and_then(|end| seen.get(..end)) {
        None => true,
        Some(scheme) => SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)),
    }
}

/// The hash of one of our own media in `/media/{hash}` or `/media/{hash}/name.jpg`; `None` for any other address.
pub(super) fn media_hash(src: &str) -> Option<&str> {
    let hash = src.strip_prefix("/media/")?.split('/').next()?;
    (hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_a_script_scheme_are_refused_however_they_are_disguised() {
        for url in [
            "javascript:alert(1)",
            " JaVaScRiPt:x",
            "java\tscript:x",
            "\u{1}javascript:x",
            "\njava\rscr\nipt:x",
            "data:text/html,x",
            "vbscript:x",
            "blob:x",
            "file:///etc/passwd",
            ":x",
        ] {
            assert!(!is_safe_url(url), "{url:?}");
        }
        for url in ["", "/a:b", "?a:b", "#a:b", "a/b", "//host/x", "https://x", "HTTP://x", "mailto:a@b", "tel:+1"] {
            assert!(is_safe_url(url), "{url:?}");
        }
    }

    #[test]
    fn only_the_media_path_is_our_own() {
        assert_eq!(media_hash("/media/0123456789ab/cat.jpg"), Some("0123456789ab"));
        assert_eq!(media_hash("/media/0123456789ab"), Some("0123456789ab"));
        assert_eq!(media_hash("/media/../../etc/passwd"), None);
        assert_eq!(media_hash("https://x/media/0123456789ab"), None);
    }
}
