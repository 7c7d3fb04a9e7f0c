//! Dates in headers (RFC 9110 section 5.6.7).

use chrono::{DateTime, NaiveDateTime};

/// `Tue, 15 Nov 1994 08:12:31 GMT` of seconds since 1970.
pub fn written(seconds: i64) -> String {
    let at = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Seconds since 1970 of a date in any of its three forms; none where it is no date.
pub fn read(text: &[u8]) -> Option<i64> {
    const FORMS: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let text = std::str::from_utf8(text).ok()?.trim();
    FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|at| at.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_all_three_forms_and_written_in_one() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(read(text.as_bytes()), Some(784_111_777), "{text}");
        }
        assert_eq!(written(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(read(b"tomorrow"), None);
        assert_eq!(read(b"\xff"), None);
    }
}
