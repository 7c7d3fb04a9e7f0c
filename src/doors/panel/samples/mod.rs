//! Contexts of all panel pages, as their templates document them: what the tests draw.

mod drawn;
mod files;
mod themes;
mod plugins;

use super::frame::{Crumb, Density, Flash, Frame, Hat, Link, MenuGroup, MenuItem, SiteView, Theme, Tone, UserView};
use serde_json::{Value, json};

fn item(label: &str, icon: &'static str, current: bool, count: Option<u64>, badge: Option<u64>) -> MenuItem {
    MenuItem {
        label: label.to_owned(),
        href: format!("/admin/s/1/{}", label.to_lowercase()),
        icon,
        current,
        count,
        badge,
    }
}

fn site(id: i64, title: &str, host: &str, initials: &str, hue: u16) -> SiteView {
    SiteView {
        id,
        title: title.to_owned(),
        host: host.to_owned(),
        url: format!("http://{host}/"),
        href: format!("/admin/s/{id}"),
        initials: initials.to_owned(),
        hue,
    }
}

/// A frame with everything switched on.
pub(super) fn full_frame(title: &str) -> Frame {
    let here = site(1, "Harbour & Pine", "harbour.example", "H&P", 200);
    Frame {
        theme: Theme::System,
        density: Density::Comfortable,
        hat: Hat::Site,
        hats: true,
        site: Some(here.clone()),
        sites: vec![here, site(2, "Net loft", "loft.example", "NL", 40)],
        user: Some(UserView {
            name: "Mara Lindqvist".to_owned(),
            role: "Owner".to_owned(),
            initials: "ML".to_owned(),
            avatar_hue: 40,
        }),
        menu: vec![
            MenuGroup { label: None, items: vec![item("Home", "house", title == "Home", None, None)] },
            MenuGroup {
                label: Some("Content".to_owned()),
                items: vec![
                    item("Posts", "pencil", title == "Posts", Some(1148), None),
                    item("Pages", "file", false, Some(12), None),
                    item("Media", "image", false, None, None),
                    item("Comments", "message-square", false, None, Some(3)),
                    item("People", "users", false, None, None),
                ],
            },
            MenuGroup {
                label: Some("Design".to_owned()),
                items: vec![item("Theme", "palette", false, None, None), item("Menus", "list-plus", false, None, None)],
            },
            MenuGroup {
                label: Some("Hosting".to_owned()),
                items: vec![
                    item("Domains", "globe", false, None, None),
                    item("Settings", "sliders-horizontal", false, None, None),
                ],
            },
        ],
        tabs: vec![
            item("Home", "house", title == "Home", None, None),
            item("Posts", "pencil", title == "Posts", None, None),
            item("Comments", "message-square", false, None, Some(3)),
        ],
        create: Some(Link { label: "New post".to_owned(), href: "/admin/s/1/posts/new".to_owned() }),
        crumbs: vec![
            Crumb { label: "Harbour & Pine".to_owned(), href: Some("/admin/s/1".to_owned()) },
            Crumb { label: title.to_owned(), href: None },
        ],
        unread: 2,
        ..Frame::plain(title)
    }
}

fn at(text: &str) -> Value {
    json!({"text": text, "iso": "2026-11-18T07:40:00Z", "exact": "18 November 2026, 07:40 UTC"})
}

fn row(
    id: i64,
    title: &str,
    sub: &str,
    status: (&str, &str),
    author: (&str, &str, i64),
    tags: &[&str],
    when: &str,
) -> Value {
    json!({"id": id, "title": title, "href": format!("/admin/s/1/posts/{id}"), "subline": sub, "thumb": "",
        "status": {"label": status.0, "tone": status.1},
        "author": {"name": author.0, "initials": author.1, "hue": author.2}, "categories": tags, "updated": at(when),
        "view_href": "http://harbour.example/x", "trash_action": "/t", "restore_action": "/r", "delete_action": "/d", "can_edit": true, "sticky": id == 4})
}

pub(super) fn posts(rows: Vec<Value>, trash: bool) -> Value {
    let tab = |label: &str, count: u64, current: bool| json!({"label": label, "href": "?status=x", "count": count, "current": current});
    json!({"title": "Posts", "noun": "post", "new_href": "/admin/s/1/posts/new", "new_label": "New post", "import_href": "/admin/s/1/import",
        "self_href": "/admin/s/1/posts", "query": "", "keep": [{"name": "status", "value": "draft"}],
        "tabs": [tab("All", 1148, !trash), tab("Published", 1121, false), tab("Drafts", 19, false), tab("Scheduled", 3, false), tab("Trash", 3, trash)],
        "chips": [{"label": "Author", "value": "Mara", "remove": "?", "icon": "user"}],
        "filters": [{"name": "author", "label": "Author", "value": "", "kind": "select", "options": [{"value": "", "label": "Anyone"}, {"value": 1, "label": "Mara"}]},
            {"name": "category", "label": "Category", "value": "", "kind": "select", "options": [{"value": "", "label": "Any"}]},
            {"name": "from", "label": "Changed since", "value": "", "kind": "date", "options": []}],
        "filter_action": "/admin/s/1/posts", "editing_href": "?editing=1", "export_href": "?export=csv", "empty_action": "/admin/s/1/entries/empty",
        "sizes": [{"label": "20", "href": "?", "current": true}, {"label": "50", "href": "?rows=50", "current": false}], "found": "42 posts match",
        "refused": {"title": "2 changed, 1 not.", "rows": [{"name": "Pine tar", "why": "Ida is editing this now."}]},
        "sorts": {"title": {"href": "?sort=title", "dir": ""}, "author": {"href": "?sort=author", "dir": ""}, "updated": {"href": "?sort=updated", "dir": "descending"}},
        "bulk_action": "/admin/s/1/posts/bulk", "trash": trash, "rows": rows, "summary": "1–8 of 42 matching", "prev": "", "next": "?after=8",
        "total": 42, "filtered": false, "clear_href": "/admin/s/1/posts"})
}

pub(super) fn sample_rows() -> Vec<Value> {
    let (ida, mara, tomas) = (("Ida Holm", "ID", 300), ("Mara Lindqvist", "ML", 40), ("Tomás Vela", "TV", 150));
    vec![
        row(
            1,
            "How to read the sea",
            "The five signs every skipper learns first",
            ("Published", "good"),
            ida,
            &["Guides", "Sea"],
            "18 Nov",
        ),
        row(
            2,
            "Rope knots you need, and three you don’t",
            "Bowline, cleat hitch, sheet bend",
            ("Published", "good"),
            mara,
            &["Guides"],
            "16 Nov",
        ),
        row(3, "Notes from the winter harbour", "Autosaved 2 h ago", ("Draft", "ring"), mara, &["Journal"], "2 h ago"),
        row(
            4,
            "Why we still mend nets by hand",
            "Ida asks: is the intro too long?",
            ("In review", "warn"),
            ida,
            &["People"],
            "Yesterday",
        ),
        row(
            5,
            "The tide table, explained",
            "Goes out Mon 23 Nov, 08:00",
            ("Scheduled", "info"),
            mara,
            &["Guides", "Data"],
            "19 Nov",
        ),
        row(6, "Pine tar, again", "A small history of a smell", ("Published", "good"), ida, &["Journal"], "20 Nov"),
        row(
            7,
            "A house on the skerry",
            "Fourteen windows, no road",
            ("Published", "good"),
            tomas,
            &["Places"],
            "12 Nov",
        ),
        row(
            8,
            "What the lighthouse keeper cooked",
            "Recipes from the log books of Vinga",
            ("Published", "good"),
            tomas,
            &["Food"],
            "9 Nov",
        ),
    ]
}

fn home(first: bool) -> Value {
    let todo = |title: &str, text: &str, action: &str, done: bool| json!({"title": title, "text": text, "action": action, "done": done, "href": "/x", "dismiss_action": "/d"});
    json!({"greeting": "Good morning, Mara", "summary": "Three comments and one review wait for you; everything else is fine.",
        "site_url": "http://harbour.example/", "new_post_href": "/admin/s/1/posts/new",
        "checklist": if first { json!({"done": 1, "items": [todo("Write something", "Your first post is published.", "Write", true),
            todo("Choose the look", "Colours, letters and the front page.", "Look", false),
            todo("Use your own domain", "Point a name here; the certificate comes by itself.", "Add a domain", false),
            todo("Invite someone", "An editor or an author, by email.", "Invite", false)]}) } else { Value::Null },
        "undescribed": 2, "fix_href": "/admin/s/1/media?only=undescribed",
        "health": [{"icon": "circle-check", "tone": "good", "title": "The site answers", "text": "harbour.example", "href": "/d"}, {"icon": "globe", "tone": "good", "title": "harbour.example", "text": "Points here", "href": ""},
            {"icon": "database", "tone": "good", "title": "12 of 148 changed", "text": "Since Monday", "href": ""}],
        "drafts": if first { json!([]) } else { json!([{"title": "Notes from the winter harbour", "href": "/e", "action": "Continue", "badge": "Draft", "tone": "", "note": "edited 2 h ago", "thumb": ""},
            {"title": "Why we still mend nets by hand", "href": "/e", "action": "Review", "badge": "Needs review", "tone": "warn", "note": "from Ida, yesterday", "thumb": ""},
            {"title": "The tide table, explained", "href": "/e", "action": "Open", "badge": "Scheduled", "tone": "info", "note": "Mon 23 Nov, 08:00", "thumb": ""}]) },
        "drafts_href": "/d", "comments": if first { json!([]) } else { json!([{"author": "Tove", "initials": "TO", "hue": 250, "at": at("12 min ago"), "text": "The tide table alone is worth the subscription. Could you add Lysekil?", "action": "/a", "reply_href": "/r"}]) },
        "comments_count": if first { 0 } else { 3 }, "comments_href": "/c",
        "recent": if first { json!([]) } else { json!([{"title": "Pine tar, again", "href": "/e", "url": "/p", "at": at("09:12"), "author": "Ida Holm"}, {"title": "How to read the sea", "href": "/e", "url": "/p", "at": at("18 Nov"), "author": "Ida Holm"}]) },
        "posts_href": "/p", "changes": [{"initials": "ID", "hue": 300, "who": "Ida", "did": "published", "what": "Pine tar, again", "href": "/x", "at": at("09:12"), "undo_action": "/u"}], "changes_href": "/h"})
}

/// The media library: `open` shows a file's details.
fn media(open: bool, empty: bool) -> Value {
    let mut page: Value = serde_json::from_str(include_str!("media.json")).unwrap();
    if !open {
        page["open"] = Value::Null;
    }
    if empty {
        page["tiles"] = json!([]);
    }
    page
}

/// Comments: `rows` false shows the empty page of a status.
fn comments(status: &str, rows: bool) -> Value {
    let mut page: Value = serde_json::from_str(include_str!("comments.json")).unwrap();
    page["status"] = json!(status);
    if !rows {
        page["rows"] = json!([]);
        page["open"] = Value::Null;
    }
    page
}

fn document() -> Value {
    let p = |text: &str| json!({"type": "paragraph", "content": [{"type": "text", "text": text}]});
    json!({"type": "doc", "attrs": {"version": 1}, "content": [
        p("The ice comes in from the north side first. Old Henrik says you can hear it an hour before you see it, a sound like someone folding a very large newspaper."),
        {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "The regulars"}]},
        {"type": "paragraph", "content": [{"type": "text", "text": "By the second week we knew them: the harbour master with her thermos, and the dog from the "}, {"type": "text", "marks": [{"type": "link", "attrs": {"href": "https://example.org/loft", "title": "", "rel": "", "target": ""}}], "text": "net loft on Pine Street"}, {"type": "text", "text": "."}]},
        {"type": "bulletList", "content": [{"type": "listItem", "content": [p("Bowline")]}, {"type": "listItem", "content": [p("Cleat hitch")]}]},
        {"type": "image", "attrs": {"media_id": 7, "src": "/admin/assets/x.svg", "alt": "", "caption": "", "width": 960, "height": 492, "align": "wide"}},
        {"type": "wp:core/cover", "attrs": {"dim": 40}, "content": [p("Kept as it came")]},
        {"type": "table", "content": [{"type": "tableRow", "content": [{"type": "tableHeader", "attrs": {"colspan": 1, "rowspan": 1}, "content": [p("Knot")]}, {"type": "tableHeader", "content": [p("For")]}]}, {"type": "tableRow", "content": [{"type": "tableCell", "content": [p("Bowline")]}, {"type": "tableCell", "content": [p("A loop that holds")]}]}]}
    ]})
}

fn edit(noun: &str) -> Value {
    let mut page: Value = serde_json::from_str(include_str!("edit.json")).unwrap();
    page["noun"] = json!(noun);
    page["document"] = json!(document().to_string());
    page
}

fn moment() -> Value {
    json!({"text": "3 min ago", "iso": "2026-11-20T08:03:00Z", "exact": "2026-11-20 08:03 UTC"})
}

fn job_row(state: &str, running: bool) -> Value {
    json!({"id": 12, "title": "Import from WordPress", "href": "/admin/server/jobs/12", "kind": "import.wxr", "site": "Harbour & Pine",
        "state": state, "tone": "info", "running": running, "percent": 57, "step": "1,204 of 5,000", "result": "", "when_label": "Began",
        "when": moment(), "took": "12 s", "attempts": 1})
}

fn jobs_list(full: bool) -> Value {
    let rows = if full { vec![job_row("Running", true), job_row("Failed", false)] } else { Vec::new() };
    json!({"title": "Jobs", "sub": "Work in the background.", "action": "/admin/server/jobs", "keep": [], "query": "", "of_server": true, "routine": {"label": "Routine work", "count": null, "href": "?routine=1", "current": false},
        "tabs": [{"label": "All", "href": "?", "current": false, "count": null}, {"label": "Failed", "href": "?state=failed", "current": true, "count": 1}],
        "state": "failed", "rows": rows, "summary": "2 shown", "prev": "", "next": "", "clear": "/admin/server/jobs"})
}

fn job_card() -> Value {
    json!({"id": 12, "title": "Import from WordPress", "step": "1,204 of 5,000", "percent": 24, "detail": "Entries", "href": "/admin/s/1/jobs/12"})
}

fn job_page() -> Value {
    json!({"action": "/admin/server/jobs/12", "title": "Import from WordPress", "kind": "import.wxr", "state": "Running", "tone": "info", "icon": "refresh-cw",
        "live": true, "card": job_card(), "failed": false, "message": "Entries", "result": "", "by": "Mara", "queued": moment(), "due": null, "began": moment(),
        "ended": null, "took": "", "attempts": 1, "recurring": false, "import_href": "/admin/s/1/import/12", "can_stop": true, "can_retry": false, "can_run": false,
        "can_pause": false, "can_resume": false, "stopping": false, "earlier": [job_row("Done", false)], "all_label": "All of this kind", "all_href": "?q=import.wxr"})
}

fn audit_page(full: bool) -> Value {
    let row = json!({"who": "Mara Lindqvist", "who_href": "?who=mara%40example.org", "initials": "ML", "hue": 40, "did": "published", "what": "Fresh bread",
        "href": "/admin/s/1/posts/12", "detail": "second factor", "address": "192.0.2.7", "by_token": true, "at": moment()});
    let rows = if full { vec![row] } else { Vec::new() };
    json!({"of_server": true, "action": "/admin/server/audit", "who": "", "what": "", "from": "", "until": "", "choices": [{"value": "", "label": "Everything"}],
        "filtered": false, "rows": rows, "summary": "1 shown", "prev": "", "next": "", "export_href": "/admin/server/audit/export",
        "chain": {"tone": "good", "text": "The log is whole: 1,204 rows.", "at": moment(), "checking": false, "may_check": true, "job_href": "/admin/server/jobs/3"}})
}

fn import_steps() -> Value {
    json!([{"label": "Choose", "state": "done", "number": 1}, {"label": "Look", "state": "now", "number": 2}, {"label": "Bring in", "state": "", "number": 3}])
}

fn import_choose() -> Value {
    json!({"action": "/admin/s/1/import", "steps": import_steps(), "limit": "4.2 GB", "errors": [], "put": [{"name": "site.xml", "size": "1.0 GB"}],
        "folder": "/srv/freehold/import", "running_href": "/admin/s/1/import/12", "earlier": [job_row("Done", false)]})
}

fn import_follow(stage: &str) -> Value {
    let part = json!({"name": "Posts", "count": "1,204", "how": "As posts", "made": "1,200", "changed": "0", "unchanged": "3", "skipped": "1", "tone": "warn", "icon": "triangle-alert"});
    json!({"action": "/admin/s/1/import/12", "home": "/admin/s/1/import", "steps": import_steps(), "stage": stage, "file": "site.xml", "size": "4.1 MB", "title": "Harbour",
        "address": "https://old.example", "card": job_card(), "live": stage == "run" || stage == "look", "stopping": false, "message": "The disk is full.", "incomplete": "",
        "parts": [part], "files": true, "media": "download", "role": "author", "roles": [{"value": "author", "label": "Author"}], "errors": [],
        "summary": "1,200 new into Harbour", "took": "12 s", "ended": moment(), "notes": [{"kind": "post", "item": "“A” (number 3)", "why": "it stands twice"}],
        "more_notes": 4, "site_url": "http://127.0.0.1:8080", "domains_href": "/admin/s/1/domains", "busy": false})
}

fn versions(view: &str, any: bool) -> Value {
    let mut page: Value = serde_json::from_str(include_str!("versions.json")).unwrap();
    page["view"] = json!(view);
    if !any {
        page["lines"] = json!([]);
    }
    page
}

fn isolation() -> Value {
    json!({"text": "Sandboxed: a command sees its own account.", "good": false, "runs": true})
}

fn cron_list(some: bool) -> Value {
    let row = json!({"href": "/c/1", "action": "/c/1", "name": "Nightly backup", "when": "Every day at 03:00 \u{b7} UTC", "state": "Failed", "tone": "bad",
        "last": at("6 h ago"), "next": at("Sat 28 Nov, 03:00"), "late": true, "enabled": true});
    let off = json!({"href": "/c/2", "action": "/c/2", "name": "Feed", "when": "Every hour \u{b7} UTC", "state": "Not yet", "tone": "ring", "last": null, "next": null, "late": false, "enabled": false});
    let rows = if some { vec![row, off] } else { Vec::new() };
    json!({"new_href": "/c/new", "isolation": isolation(), "full": false, "rows": rows})
}

fn preview() -> Value {
    json!({"words": "Every day at 03:00", "fields": "0 3 * * *", "zone": "UTC", "upcoming": ["Sat 28 Nov 2026, 03:00"], "error": ""})
}

fn cron_one() -> Value {
    let run = json!({"href": "/c/1/runs/2", "at": at("6 h ago"), "state": "Failed", "tone": "bad", "by_hand": true, "message": "It was killed.", "exit": "137", "took": "4.1 s"});
    json!({"action": "/c/1", "edit_href": "/c/1/edit", "name": "Nightly backup", "when": "Every day at 03:00", "command": "./backup <now>", "is_url": false,
        "enabled": true, "late": at("1 h ago"), "live": true, "runs": [run], "preview": preview(), "overlap": "Skip the new run", "timeout": "1 h", "jitter": "up to 5 min",
        "mail": "When it fails", "mail_to": "Mara", "alive_url": "https://watch.example/1", "grace": "1 h", "isolation": isolation()})
}

fn cron_edit() -> Value {
    let one = json!([{"value": "skip", "label": "Skip"}]);
    json!({"action": "/c/new", "back": "/c", "preview_href": "/c/preview", "title": "New command", "fresh": true, "version": 0,
        "v": {"name": "Nightly", "kind": "command", "command": "./x", "schedule": "Every day at 03:00", "time_zone": "UTC", "enabled": true, "overlap": "skip", "jitter_s": 0,
            "timeout_s": 60, "mail_when": "failure", "alive_url": "", "grace_s": 0},
        "errors": [{"field": "name", "text": "This is needed."}], "e": {"name": "This is needed.", "command": "", "schedule": "", "alive_url": ""},
        "kinds": one, "zones": one, "overlaps": one, "jitters": one, "timeouts": one, "mails": one, "graces": one, "examples": ["Every hour"], "more_open": true,
        "preview": preview(), "isolation": isolation()})
}

fn cron_run() -> Value {
    json!({"action": "/c/1/runs/2", "stream_href": "/c/1/runs/2/live", "title": "Run of Nightly backup", "name": "Nightly backup", "state": "Running", "tone": "info", "live": true,
        "stopping": true, "can_stop": true, "message": "", "output": "one\n<two>", "bytes": 9, "exit": "", "is_url": false, "by_hand": true, "due": at("just now"),
        "began": at("just now"), "ended": null, "took": "1.2 s"})
}

fn terminal(ticket: &str) -> Value {
    json!({"action": "/t", "closed": "", "ticket": ticket, "socket": "/t/socket", "idle_minutes": 15})
}

/// Every page template with a context that it documents.
/// Name, template, frame and context of every page, in its states.
pub(super) fn samples() -> Vec<(&'static str, &'static str, Frame, Value)> {
    let login = |email: &str, error: &str| json!({"host": "localhost:8081", "action": "/admin/login", "next": "", "email": email, "error": error, "notice": "", "forgot_href": "/admin/forgot", "passkey": {"on": true, "start": "/s", "origin": "http://localhost:8081"}, "contact": {"label": "Write to Fjord Hosting", "href": "mailto:help@example.org"}});
    let setup = json!({"action": "/admin/setup/x", "site_title": "Harbour & Pine", "start": "journal", "email": "mara@example.org", "errors": [],
        "field_errors": {"site_title": "", "email": "", "password": ""}, "ready": "Server ready in 0.4 s", "today": "Friday 20 November 2026", "address": "http://127.0.0.1:8080"});
    let mut setup_errors = setup.clone();
    setup_errors["errors"] = json!([{"field": "password", "text": "The password is too short."}]);
    setup_errors["field_errors"]["password"] = json!("This is too short: at least 8 characters are needed.");
    let mut flashed = full_frame("Home");
    flashed.flash = vec![Flash {
        tone: Tone::Good,
        text: "3 posts moved to trash".to_owned(),
        undo_action: Some("/undo".to_owned()),
    }];
    let mut server = full_frame("Search");
    server.hat = Hat::Server;
    let mut nothing = posts(Vec::new(), false);
    nothing["filtered"] = json!(true);
    let mut all = vec![
        ("setup", "auth/setup.html", Frame::plain("First run"), setup),
        ("setup-errors", "auth/setup.html", Frame::plain("First run"), setup_errors),
        ("login", "auth/login.html", Frame::plain("Sign in"), login("", "")),
        (
            "login-error",
            "auth/login.html",
            Frame::plain("Sign in"),
            login("mara@example.org", "Email and password do not match."),
        ),
        (
            "code",
            "auth/code.html",
            Frame::plain("Code"),
            json!({"action": "/c", "recovery": false, "with_app": true, "passkey": {"on": true, "start": "/s", "origin": "http://localhost:8081"}, "other_href": "?", "cancel_action": "/x", "error": ""}),
        ),
        (
            "forgot",
            "auth/forgot.html",
            Frame::plain("New password"),
            json!({"action": "/f", "email": "", "sent": false, "mail": false, "login_href": "/l", "error": ""}),
        ),
        (
            "reset",
            "auth/reset.html",
            Frame::plain("New password"),
            json!({"action": "/r", "email": "mara@example.org", "error": ""}),
        ),
        (
            "invite",
            "auth/invite.html",
            Frame::plain("Welcome"),
            json!({"action": "/i", "email": "jonas@example.org", "name": "jonas", "host": "localhost:8081", "name_error": "", "password_error": ""}),
        ),
        (
            "factor-first",
            "auth/factor.html",
            Frame::plain("Two-step sign-in"),
            json!({"action": "/admin/login/factor", "reachable": true, "passkey": {"on": true, "start": "/s", "origin": "http://localhost:8081"}, "enrol": enrol(), "error": "This code is wrong."}),
        ),
        (
            "code-passkey",
            "auth/code.html",
            Frame::plain("Code"),
            json!({"action": "/c", "recovery": false, "with_app": false, "passkey": {"on": true, "start": "/s", "origin": "http://localhost:8081"}, "other_href": "?", "cancel_action": "/x", "error": ""}),
        ),
        (
            "confirm-person",
            "auth/confirm.html",
            Frame::plain("Show that it is you"),
            json!({"held": "x", "next": "/admin", "doing": "delete this site for good", "email": "mara@example.org", "passkey": {"on": true, "start": "/s", "origin": "http://localhost:8081"}, "with_code": true, "error": "", "password_error": "", "code_error": "This code is wrong."}),
        ),
        (
            "go-on",
            "auth/go.html",
            Frame::plain("It is you"),
            json!({"action": "/x", "name": "__held", "held": "y", "label": "Delete this site for good"}),
        ),
        ("security", "server/security.html", full_frame("Security"), security_page()),
        ("networks", "server/networks.html", full_frame("Networks"), networks_page(true)),
        ("networks-none", "server/networks.html", full_frame("Networks"), networks_page(false)),
        ("jobs", "jobs/list.html", full_frame("Jobs"), jobs_list(true)),
        ("jobs-none", "jobs/list.html", full_frame("Jobs"), jobs_list(false)),
        ("commands", "cron/list.html", full_frame("Commands"), cron_list(true)),
        ("commands-none", "cron/list.html", full_frame("Commands"), cron_list(false)),
        ("command", "cron/one.html", full_frame("Commands"), cron_one()),
        ("command-edit", "cron/edit.html", full_frame("Commands"), cron_edit()),
        ("command-run", "cron/run.html", full_frame("Commands"), cron_run()),
        ("terminal", "terminal/terminal.html", full_frame("Terminal"), terminal("t")),
        ("terminal-before", "terminal/terminal.html", full_frame("Terminal"), terminal("")),
        ("job", "jobs/one.html", full_frame("Jobs"), job_page()),
        ("audit", "audit/list.html", full_frame("Audit log"), audit_page(true)),
        ("audit-none", "audit/list.html", full_frame("Audit log"), audit_page(false)),
        ("import", "import/choose.html", full_frame("Import"), import_choose()),
        ("import-look", "import/follow.html", full_frame("Import"), import_follow("look")),
        ("import-looked", "import/follow.html", full_frame("Import"), import_follow("looked")),
        ("import-bad", "import/follow.html", full_frame("Import"), import_follow("look-failed")),
        ("import-run", "import/follow.html", full_frame("Import"), import_follow("run")),
        ("import-done", "import/follow.html", full_frame("Import"), import_follow("done")),
        ("import-stopped", "import/follow.html", full_frame("Import"), import_follow("stopped")),
        ("import-failed", "import/follow.html", full_frame("Import"), import_follow("failed")),
        ("factor-codes", "auth/codes.html", Frame::plain("Recovery codes"), recovery_codes()),
        ("me-codes", "me/codes.html", full_frame("Recovery codes"), recovery_codes()),
        (
            "suspended",
            "system/suspended.html",
            Frame::plain("Closed for now"),
            json!({"title": "Kvarnby Bageri", "reason": "The invoice is unpaid", "since": at("yesterday"), "help": "https://help.example", "help_name": "Kusthosting"}),
        ),
        ("home", "home/home.html", full_frame("Home"), home(false)),
        ("home-first", "home/home.html", flashed, home(true)),
        ("posts", "entries/list.html", full_frame("Posts"), posts(sample_rows(), false)),
        ("posts-trash", "entries/list.html", full_frame("Posts"), posts(sample_rows(), true)),
        ("posts-none", "entries/list.html", full_frame("Posts"), nothing),
        ("media", "media/list.html", full_frame("Media"), media(false, false)),
        ("media-open", "media/list.html", full_frame("Media"), media(true, false)),
        ("media-none", "media/list.html", full_frame("Media"), media(false, true)),
        (
            "share",
            "entries/share.html",
            full_frame("Share a preview"),
            json!({"title": "Pine tar", "link": "http://harbour.example/_/preview/x", "until": "1 December 2026, 08:00 UTC",
                "choices": [{"label": "7 days", "href": "?days=7", "current": true}], "shows": "It shows the draft as it is saved.", "words": [], "back_href": "/b"}),
        ),
        ("comments", "comments/list.html", full_frame("Comments"), comments("pending", true)),
        ("comments-spam", "comments/list.html", full_frame("Comments"), comments("spam", true)),
        ("comments-none", "comments/list.html", full_frame("Comments"), comments("approved", false)),
        ("editor", "entries/edit.html", full_frame("Notes from the winter harbour"), edit("post")),
        ("editor-page", "entries/edit.html", full_frame("About"), edit("page")),
        ("versions", "entries/versions.html", full_frame("Versions"), versions("side", true)),
        ("versions-text", "entries/versions.html", full_frame("Versions"), versions("text", true)),
        ("versions-settings", "entries/versions.html", full_frame("Versions"), versions("settings", true)),
        ("versions-none", "entries/versions.html", full_frame("Versions"), versions("side", false)),
        (
            "error",
            "system/error.html",
            Frame::plain("Not found"),
            json!({"title": "This page is not here", "text": "It was moved or deleted, or the address has a typing error.", "tone": "info", "actions": [{"label": "Go home", "href": "/admin", "primary": true}], "code": "not_found", "reference": ""}),
        ),
        (
            "problem",
            "system/problem.html",
            full_frame("Busy"),
            json!({"title": "Busy", "text": "The server is busy.", "tone": "warn", "actions": [{"label": "Back to what you wrote", "href": "/admin/s/1/posts/3", "primary": true, "back": true}], "code": "busy", "reference": "abc"}),
        ),
        (
            "confirm",
            "system/confirm.html",
            full_frame("Delete"),
            json!({"title": "Delete 2 entries for good?", "text": "This cannot be undone.", "items": ["Old", "Older"], "keep": "Keep them", "back": "/admin/s/1/posts", "label": "Delete for good", "action": "/x", "fields": [{"name": "sure", "value": "1"}]}),
        ),
        (
            "denied",
            "system/denied.html",
            full_frame("Settings"),
            json!({"needs": "Settings of this site", "role": "Author", "home_href": "/admin", "ask": "Mara Lindqvist (Owner) can change your role."}),
        ),
        (
            "search",
            "system/search.html",
            server,
            json!({"query": "tide", "palette": false, "groups": [{"label": "Go to", "items": [{"label": "The tide table", "detail": "Post · draft", "href": "/p", "icon": "pencil", "badge": "changes hat", "name": "", "value": ""}, {"label": "Switch to dark colours", "detail": "You", "href": "/x", "icon": "moon", "badge": "", "name": "theme", "value": "dark"}]}]}),
        ),
    ];
    all.extend(files::all());
    all.extend(drawn::drawn());
    all.extend(domains());
    all.extend(themes::all());
    all.extend(plugins::all());
    all
}

fn security_page() -> Value {
    json!({"action": "/admin/server/security", "may": true, "bad": 2, "networks_href": "/n", "reachable": true,
        "lines": [
            {"name": "a", "tone": "bad", "word": "Mend", "title": "2 people with power and without a second factor", "text": "Whoever finds out …", "about": [{"text": "Mara", "href": "/p"}], "href": "#rule", "button": "Choose", "act": "", "paste_where": "", "paste": ""},
            {"name": "b", "tone": "warn", "word": "Look", "title": "1 token without an end", "text": "A token …", "about": [], "href": "", "button": "End them", "act": "end-old", "paste_where": "On the machine:", "paste": "chmod 600 key"},
            {"name": "c", "tone": "good", "word": "Fine", "title": "Freehold runs without root", "text": "", "about": [], "href": "", "button": "", "act": "", "paste_where": "", "paste": ""}],
        "rule": [{"name": "everybody", "label": "Everybody", "help": "", "on": true}],
        "chart": {"total": 1200, "most": 40, "bars": [{"x": 0, "y": 10, "height": 62, "hour": "08:00", "count": 40}]}})
}

fn networks_page(some: bool) -> Value {
    let at = json!({"text": "2 minutes ago", "iso": "2026-11-20T08:00:00Z", "exact": "20 November 2026, 08:00 UTC"});
    let rows = json!([{"network": "192.0.2.7/32", "why": "20 failed sign-ins", "blocked": false, "at": at}]);
    json!({"action": "/n", "may": true, "rows": if some { rows } else { json!([]) }, "allowed": [], "network": "x", "error": ""})
}

/// Pages of names: the list, a name to add, its set-up while it waits and when it is done, its health, all names.
fn domains() -> Vec<(&'static str, &'static str, Frame, Value)> {
    let mut pages: Value = serde_json::from_str(include_str!("domains.json")).unwrap();
    let mut take = |name: &str| pages[name].take();
    let mut server = full_frame("Domains");
    server.hat = Hat::Server;
    vec![
        ("domains", "domains/list.html", full_frame("Domains"), take("list")),
        ("domains-new", "domains/new.html", full_frame("Add a domain"), take("new")),
        ("domains-waits", "domains/one.html", full_frame("harbour.blog"), take("waits")),
        ("domains-done", "domains/one.html", full_frame("harbour.blog"), take("done")),
        ("domains-health", "domains/health.html", full_frame("Health"), take("health")),
        ("domains-health-none", "domains/health.html", full_frame("Health"), take("unseen")),
        ("domains-all", "server/domains.html", server.clone(), take("all")),
        ("domains-all-none", "server/domains.html", server, take("none")),
    ]
}

fn enrol() -> Value {
    json!({"qr_size": 45, "qr_path": "M4 4h7v1h-7z", "key": "ABCD EFGH IJKL"})
}

fn recovery_codes() -> Value {
    json!({"codes": ["abcde-fghij", "klmno-pqrst"], "file": "data:text/plain,x", "next": "/admin"})
}
