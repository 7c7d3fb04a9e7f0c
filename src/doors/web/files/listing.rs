//! What is in a folder, as a page of its own.

use chrono::DateTime;
use freehold_base::text::escape_html;
use freehold_host::account_dir::{Entry, Kind};
use freehold_hosting::files::is_kept_back;
use percent_encoding::utf8_percent_encode;

use super::folder::is_open;
use crate::web::path::ESCAPED;

/// Most names on one page.
pub const MOST: usize = 5000;

const STYLE: &str = "\
:root{color-scheme:light dark;--line:light-dark(#d9ddd8,#3a403c);--quiet:light-dark(#59625c,#9ca69f)}\
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:2rem 1rem;\
background:light-dark(#fbfbf9,#171a18);color:light-dark(#1c211e,#e9ece9)}\
h1{font-size:1.4rem;font-weight:600;overflow-wrap:anywhere;margin:0 0 1rem}\
table{width:100%;border-collapse:collapse}th{text-align:start;font-weight:500;font-size:.85rem;color:var(--quiet)}\
th,td{padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line)}td:first-child{overflow-wrap:anywhere}\
.n{text-align:end;white-space:nowrap;color:var(--quiet);font-variant-numeric:tabular-nums}\
a{color:light-dark(#0a6b4d,#7fd6b4);text-underline-offset:.2em}a:focus-visible{outline:2px solid;outline-offset:2px}\
@media(max-width:34rem){.d{display:none}}";

/// The page of a folder. Names that are never sent are not in it; neither are links and devices.
pub fn page(path: &str, (entries, total): (Vec<Entry>, usize)) -> String {
    let mut out = String::with_capacity(1024 + entries.len() * 160);
    out.push_str("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Files in ");
    escape_html(path, &mut out);
    out.push_str("</title><style>");
    out.push_str(STYLE);
    out.push_str("</style></head><body><main><h1>Files in ");
    escape_html(path, &mut out);
    out.push_str("</h1><table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\" class=\"n\">Size</th><th scope=\"col\" class=\"n d\">Changed</th></tr></thead><tbody>");
    if path != "/" {
        out.push_str(
            "<tr><td><a href=\"../\">The folder above</a></td><td class=\"n\"></td><td class=\"n d\"></td></tr>",
        );
    }
    let shown = total.min(entries.len());
    for entry in entries {
        row(path, &entry, &mut out);
    }
    out.push_str("</tbody></table>");
    if shown < total {
        out.push_str(&format!("<p>{} more are not shown.</p>", total - shown));
    }
    out.push_str("</main></body></html>");
    out
}

fn row(path: &str, entry: &Entry, out: &mut String) {
    let end = match entry.metadata.kind {
        Kind::File => "",
        Kind::Folder => "/",
        Kind::Link | Kind::Other => return,
    };
    if !is_open(&entry.metadata) || is_kept_back(&format!("{path}{}", entry.name)) {
        return;
    }
    out.push_str("<tr><td><a href=\"./");
    // A quote in a name would end the attribute.
    escape_html(&utf8_percent_encode(&entry.name, ESCAPED).to_string(), out);
    out.push_str(end);
    out.push_str("\">");
    escape_html(&entry.name, out);
    out.push_str(end);
    out.push_str("</a></td><td class=\"n\">");
    if end.is_empty() {
        out.push_str(&size(entry.metadata.bytes));
    }
    let at = DateTime::from_timestamp_millis(entry.metadata.modified.ms()).unwrap_or_default();
    out.push_str(&format!("</td><td class=\"n d\">{}</td></tr>", at.format("%-d %b %Y, %H:%M UTC")));
}

/// A length for people.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 || value >= 99.95 { format!("{value:.0} {name}") } else { format!("{value:.1} {name}") }
}

#[cfg(test)]
mod tests {
    use freehold_base::Timestamp;
    use freehold_host::account_dir::Metadata;

    use super::*;

    #[test]
    fn names_are_escaped_and_what_is_never_sent_is_not_shown() {
        let entry = |name: &str, kind| Entry {
            name: name.into(),
            metadata: Metadata { kind, bytes: 1234, modified: Timestamp(0), mode: 0o755, modified_ns: 0, inode: 1 },
        };
        let entries = vec![
            entry("a&b \"c\"?#%.txt", Kind::File),
            entry("<script>", Kind::Folder),
            entry("dump.sql", Kind::File),
            entry("link", Kind::Link),
            Entry {
                metadata: Metadata { mode: 0o600, ..entry("x", Kind::File).metadata },
                ..entry("closed.txt", Kind::File)
            },
        ];
        let page = page("/x/<b>/", (entries, 9));
        assert!(
            page.contains("<a href=\"./a&amp;b%20%22c%22%3F%23%25.txt\">a&amp;b &quot;c&quot;?#%.txt</a>"),
            "{page}"
        );
        assert!(page.contains("href=\"./%3Cscript%3E/\">&lt;script&gt;/</a>") && page.contains("1.2 kB"));
        assert!(
            !page.contains("dump.sql")
                && !page.contains("closed.txt")
                && !page.contains("link<")
                && page.contains("Files in /x/&lt;b&gt;/")
        );
        assert!(page.contains("4 more are not shown"));
    }

    #[test]
    fn lengths_for_people() {
        for (bytes, text) in
            [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (123_456, "123 kB"), (5_400_000_000, "5.4 GB")]
        {
            assert_eq!(size(bytes), text);
        }
    }
}
