//! Tables for spreadsheets (RFC 4180).

/// A line of a table, with its end.
pub(super) fn line(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text.as_ref())).collect();
    cells.join(",") + "\r\n"
}

/// A cell. What begins like a formula gets an apostrophe, so that no spreadsheet runs it.
fn cell(text: &str) -> String {
    let formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_run_nothing_in_a_spreadsheet() {
        for (text, cell_text) in [
            ("Plain", "Plain"),
            ("One, two", "\"One, two\""),
            ("Say \"hi\"", "\"Say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2", "\"'-2\""),
            ("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""),
            ("a,b\n", "\"a,b\n\""),
        ] {
            assert_eq!(cell(text), cell_text);
        }
        assert_eq!(line(&["One", "Two, three"]), "One,\"Two, three\"\r\n");
    }
}
