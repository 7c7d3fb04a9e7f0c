//! Contexts of the pages of files.

use serde_json::{Value, json};

use super::super::frame::Frame;
use super::full_frame;

fn time(text: &str) -> Value {
    json!({"text": text, "iso": "2026-11-18T16:40:00Z", "exact": "2026-11-18 16:40 UTC"})
}

fn row(name: &str, icon: &str, size: &str, changed: &str, readable: &str) -> Value {
    let folder = icon == "folder";
    json!({"value": name, "name": name, "href": format!("/f/{name}"), "open_href": format!("?open={name}"), "preview_href": format!("?open={name}"),
        "icon": icon, "small_href": "", "folder": folder, "size": size, "bytes": 31200, "changed": time(changed), "readable": readable,
        "never": if icon == "lock" { "Files that begin with a dot are never served." } else { "" }, "current": name == "style.css", "renaming": name == "tide-table.js", "to": name,
        "edit_href": if icon == "file-code" { "?as=edit" } else { "" }, "download_href": "?as=download", "rename_href": "?rename=x", "extract": icon == "file-archive", "hit": "", "where_": ""})
}

fn node(label: &str, icon: &str, depth: usize, open: &str, current: bool) -> Value {
    json!({"label": label, "href": format!("/f/{label}"), "icon": icon, "depth": depth, "open": open, "current": current})
}

fn open() -> Value {
    let lines: Vec<Value> = [
        "/* Harbour & Pine */",
        ":root {",
        "  --spot: oklch(.51 .15 33);",
        "  --measure: 62ch;",
        "}",
        "",
        ".tide {",
        "  display: grid;",
        "  gap: 1px;",
        "}",
    ]
    .iter()
    .enumerate()
    .map(|(n, text)| json!({"n": n + 1, "text": text}))
    .collect();
    json!({"name": "style.css", "value": "style.css", "href": "/f/style.css", "icon": "file-code", "folder": false, "edit_href": "?as=edit", "download_href": "?as=download", "close_href": "?",
        "kind": "text", "lines": lines, "picture_href": "", "pixels": "", "why": "The first 200 lines.", "address": "/style.css", "address_href": "http://harbour.example/style.css", "never": "",
        "size": "31 kB", "changed": time("18 Nov"), "mode": "644", "mode_words": "everyone can read", "action": "/f", "can_write": true,
        "modes": [{"value": "644", "label": "Everyone", "help": "Visitors get it where the site serves it.", "on": true}, {"value": "600", "label": "Only you", "help": "", "on": false}],
        "versions": [{"at": time("18 Nov"), "by": "Ida", "note": "", "current": true, "compare_href": "?v=2", "value": ""}, {"at": time("2 Nov"), "by": "You", "note": "", "current": false, "compare_href": "?v=1", "value": "1"}]})
}

fn list(any: bool, with_file: bool) -> Value {
    let rows = if any {
        vec![
            row("art", "folder", "", "8 Nov", "Everyone"),
            row("fonts", "folder", "", "2 Sep", "Everyone"),
            row("guides", "folder", "", "18 Nov", "Everyone"),
            row("index.html", "file", "4.1 kB", "3 h ago", "Everyone"),
            row("tide-table.js", "file-code", "13 kB", "19 Nov", "Everyone"),
            row("style.css", "file-code", "31 kB", "18 Nov", "Everyone"),
            row("map-of-quay.svg", "image", "88 kB", "12 Nov", "Everyone"),
            row("old-site-2019.zip", "file-archive", "412 MB", "3 Jan", "Only you"),
            row("robots.txt", "file-text", "96 B", "2 Sep", "Everyone"),
            row(".env", "lock", "311 B", "2 Sep", "Only you"),
        ]
    } else {
        Vec::new()
    };
    json!({"title": "public", "base": "/admin/s/1/files", "folder": "harbour.example/public", "self_href": "/f", "action": "/f", "take_href": "/t", "can_write": true,
        "crumbs": [{"label": "Home", "href": "/f", "current": false}, {"label": "harbour.example", "href": "/f", "current": false}, {"label": "public", "href": "", "current": true}],
        "tree": [node("Home", "hard-drive", 0, "yes", false), node("harbour.example", "globe", 1, "yes", false), node("public", "folder", 2, "yes", true), node("art", "folder", 3, "", false), node("fonts", "folder", 3, "", false), node("guides", "folder", 3, "no", false), node("archive", "folder", 1, "no", false)],
        "more_folders": "", "quota": {"percent": 31, "figures": "6.2 of 20 GB", "limited": true}, "trash_href": "/t", "trash_count": "14", "check_href": "/c", "space_href": "/s",
        "query": "", "keep": [], "scopes": [], "clear_href": "/f", "upload_href": "/u", "limit": "1 GB", "new_error": "", "new_value": "", "new_kind": "",
        "sorts": {"name": {"href": "?", "dir": "ascending"}, "size": {"href": "?", "dir": ""}, "changed": {"href": "?", "dir": ""}},
        "renaming": any, "rows": rows, "total_text": "3 folders, 7 files", "summary": "10 in all", "prev": "", "next": "", "found": "10 in public", "cut": false, "errors": [], "refused": {"title": "", "rows": []},
        "jobs": [], "bare": !any, "root": false, "open": if with_file { open() } else { Value::Null }})
}

fn lines() -> Value {
    let plain = |text: &str| json!([{"op": "", "text": text}]);
    json!([{"skip": 12, "old_n": "", "new_n": "", "old": [], "new": [], "change": ""},
        {"skip": 0, "old_n": "13", "new_n": "13", "old": plain(".tide {"), "new": plain(".tide {"), "change": ""},
        {"skip": 0, "old_n": "14", "new_n": "14", "old": [{"op": "", "text": "  color: "}, {"op": "d", "text": "red"}], "new": [{"op": "", "text": "  color: "}, {"op": "a", "text": "blue"}], "change": "changed"},
        {"skip": 0, "old_n": "15", "new_n": "", "old": plain("  gap: 1px;"), "new": [], "change": "gone"},
        {"skip": 0, "old_n": "", "new_n": "15", "old": [], "new": plain("  gap: 2px;"), "change": "new"}])
}

fn edit() -> Value {
    json!({"name": "style.css", "title": "style.css", "crumbs": [{"label": "public", "href": "/f", "current": false}, {"label": "style.css", "href": "", "current": true}], "action": "/f/style.css", "text": ".a {\n  color: red;\n}\n", "etag": "1-2-3", "base": "ab",
        "encodings": [{"value": "utf-8", "label": "UTF-8"}, {"value": "windows-1252", "label": "Western (Windows-1252)"}], "encoding": "utf-8", "ends": [{"value": "lf", "label": "LF (Unix)"}], "end": "lf",
        "can_write": true, "back_href": "/f", "versions_href": "/v", "address_href": "", "why_read_only": "", "errors": [], "said": ""})
}

fn conflict() -> Value {
    json!({"name": "style.css", "action": "/f", "text": "mine", "etag": "2", "base": "ab", "encoding": "utf-8", "end": "lf", "their_by": "Ida", "edit_href": "/e", "merged": "both",
        "left": {"name": "The other text", "by": "Ida · 2 min ago"}, "right": {"name": "Your text", "by": ""}, "lines": lines(), "cut": false})
}

/// Name, template, frame and context of each.
pub(super) fn all() -> Vec<(&'static str, &'static str, Frame, Value)> {
    let frame = || full_frame("Files");
    let no_refused = json!({"title": "", "rows": []});
    vec![
        ("files", "files/list.html", frame(), list(true, false)),
        ("files-open", "files/list.html", frame(), list(true, true)),
        ("files-none", "files/list.html", frame(), list(false, false)),
        ("files-edit", "files/edit.html", frame(), edit()),
        ("files-conflict", "files/conflict.html", frame(), conflict()),
        (
            "files-compare",
            "files/compare.html",
            frame(),
            json!({"name": "style.css", "back_href": "/f", "action": "/f", "value": "style.css", "version": "1", "can_write": true, "left": {"name": "2 Nov 08:11", "by": "You"}, "right": {"name": "As it is now", "by": ""}, "lines": lines(), "cut": true}),
        ),
        (
            "files-place",
            "files/place.html",
            frame(),
            json!({"title": "Move 2 things", "sub": "Out of public.", "action": "/f", "ids": ["a", "b"], "from": "public", "places": [{"value": "", "label": "Home", "depth": 0}, {"value": "archive", "label": "archive", "depth": 1}], "more": "", "into": "", "error": "", "label": "Move here", "act": "move", "back_href": "/f"}),
        ),
        (
            "files-trash",
            "files/trash.html",
            frame(),
            json!({"sub": "14 things, 4 MB", "files_href": "/f", "action": "/t", "can_write": true, "rows": [{"id": "1", "name": "old.css", "icon": "file-code", "was": "public", "size": "4 kB", "at": time("2 Nov"), "by": "Ida", "gone": "on 2 December"}], "summary": "1 in all", "prev": "", "next": "", "errors": [], "refused": no_refused}),
        ),
        (
            "files-trash-none",
            "files/trash.html",
            frame(),
            json!({"sub": "", "files_href": "/f", "action": "/t", "can_write": true, "rows": [], "summary": "", "prev": "", "next": "", "errors": [], "refused": no_refused}),
        ),
        (
            "files-space",
            "files/space.html",
            frame(),
            json!({"sub": "6.2 GB in 14,201 files and folders", "files_href": "/f", "again_href": "/s?look=again", "seen_at": time("2 Nov"), "rows": [{"name": "harbour.blog", "href": "/f/harbour.blog", "size": "5.9 GB", "files": 14000, "share": 95, "part": false}, {"name": "harbour.blog/public/photographs", "href": "/f/p", "size": "4 GB", "files": 4100, "share": 64, "part": true}]}),
        ),
        (
            "files-space-none",
            "files/space.html",
            frame(),
            json!({"sub": "0 B in 0 files and folders", "files_href": "/f", "again_href": "/s?look=again", "seen_at": time("2 Nov"), "rows": []}),
        ),
        (
            "files-check",
            "files/check.html",
            frame(),
            json!({"sub": "2 things are readable by more people than they should.", "files_href": "/f", "action": "/c", "can_write": true, "rows": [{"value": "a.php", "name": "a.php", "href": "/f", "what": "Anybody may write it", "tone": "bad", "why": "Permission 666", "remedy": "Only you may write it: 644"}], "more": "", "refused": no_refused}),
        ),
    ]
}
