//! Every route of the panel and of the API that has a number or a name in its address.

use std::collections::BTreeSet;

use freehold_doors::api;
use freehold_doors::panel::access::{Access, RouteLine};
use freehold_doors::panel::routes;
use reqwest::Method;
use serde_json::json;

use super::ask::{Answer, Person, Sent, form_of};
use super::two::{MARKER, MISSING, NOBODY, Tenant, Two};

/// Whose number stands in a place of an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Ours,
    Theirs,
    Nobodys,
}

/// Parts of addresses that are nobody's: files of the program, secrets that are sent to one person, words.
const WORDS: &[(&str, &str)] = &[
    ("/admin/assets/{name}", ""),
    ("/admin/setup/{code}", ""),
    ("/admin/reset/{code}", ""),
    ("/admin/invite/{code}", ""),
    ("/admin/brand/{name}", ""), // a colour
    ("/checklist/{name}", "domain"),
    ("/types/{type}", "page"),
    ("/terms/{taxonomy}", "category"),
    ("/settings/{page}", "general"),
    ("/menu-places/{place}", "primary"),
    ("/roles/{place}", "server"),
];

/// What a part of an address is of, by the end of the address up to it. The first that fits counts.
const NOUNS: &[(&str, &str)] = &[
    ("{type}/{id}", "page"),
    ("{taxonomy}/{id}", "term"),
    ("/media/{hash}", "hash"),
    ("{hash}/{name}", "filename"),
    ("/pages/{id}", "page"),
    ("/posts/{id}", "post"),
    ("/entries/{id}", "post"),
    ("/files/versions/{id}", "state"),
    ("/versions/{version}", "revision"),
    ("/media/{id}", "media"),
    ("/comments/{id}", "comment"),
    ("/terms/{id}", "term"),
    ("/menus/{menu}", "menu"),
    ("/lines/{line}", "line"),
    ("/accounts/import/{id}", "table"),
    ("/import/{id}", "import"),
    ("/files-jobs/{id}", "files job"),
    ("/files/jobs/{id}", "files job"),
    ("/theme-jobs/{id}", "theme job"),
    ("/theme-history/{id}", "design"),
    ("/designs/{id}", "design"),
    ("/theme/{name}", "theme"),
    ("/themes/{name}", "theme"),
    ("/jobs/{id}", "job"),
    ("/imports/{job}", "import"),
    ("/accounts/{id}", "account"),
    ("/account/{id}", "account"),
    ("/private-folders/{id}", "folder"),
    ("/folders/{id}", "folder"),
    ("/people/{person}", "folder person"),
    ("/people/{user}", "user"),
    ("/people/{id}", "editor"),
    ("/users/{id}", "editor"),
    ("/cron/{job}", "cron"),
    ("/cron/{id}", "cron"),
    ("/runs/{run}", "run"),
    ("/server/domains/{id}", "domain"),
    ("/domains/{name}", "also"),
    ("/redirects/{id}", "redirect"),
    ("/headers/{id}", "header"),
    ("/files/{path:.*}", "path"),
    ("/files-upload/{id}", "upload"),
    ("/uploads/{id}", "upload"),
    ("/trash/{id}", "trash"),
    ("/access/{id}", "login"),
    ("/logins/{id}", "login"),
    ("/keys/{key}", "login key"),
    ("/me/keys/{id}", "user key"),
    ("/sessions/{id}", "session"),
    ("/passkeys/{id}", "passkey"),
    ("/passkeys/{passkey}", "passkey"),
    ("/tokens/{id}", "token"),
    ("/plans/{id}", "plan"),
    ("/resellers/{id}", "reseller"),
];

/// Nouns that are names: what nobody has is called so.
const NAMES: &[(&str, &str)] = &[
    ("also", "also-petrelled.example"),
    ("path", "petrelled/kept.txt"),
    ("filename", "petrelled.gif"),
    ("theme", "petrelled@799999"),
    ("hash", "abababababababababababababababababababababababababababababababab"),
];

/// An address of a pattern, and the names that stand in it.
struct Filled {
    address: String,
    asked: Vec<String>,
}

/// The nouns of a pattern from the left, without words.
fn nouns(pattern: &str) -> Vec<&'static str> {
    let ends = pattern.match_indices('}').map(|(at, _)| &pattern[..=at]);
    ends.filter(|part| !part.ends_with("{site}") && !WORDS.iter().any(|(word, _)| part.ends_with(word)))
        .map(|part| {
            let found = NOUNS.iter().find(|(end, _)| part.ends_with(end));
            found.unwrap_or_else(|| panic!("tell this walk what the end of {part} is")).1
        })
        .collect()
}

/// Fills a pattern: `whose` says for the site and for each noun whose it is.
fn fill(two: &Two, pattern: &str, site: Whose, whose: &[Whose]) -> Filled {
    let (mut address, mut asked, mut rest, mut seen) = (String::new(), Vec::new(), pattern, String::new());
    let (nouns, mut at) = (nouns(pattern), 0);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        address += before;
        seen += &format!("{before}{{{name}}}");
        let value = if name == "site" {
            value(two, "site", site)
        } else if let Some((_, word)) = WORDS.iter().find(|(word, _)| seen.ends_with(word)) {
            (*word).to_owned()
        } else {
            at += 1;
            value(two, nouns[at - 1], whose[at - 1])
        };
        address += &value;
        asked.push(value);
        rest = after;
    }
    Filled { address: address + rest, asked }
}

fn value(two: &Two, noun: &str, whose: Whose) -> String {
    let name = NAMES.iter().find(|(n, _)| *n == noun).map_or(MISSING, |(_, name)| name);
    match whose {
        Whose::Ours => two.ours.id(noun).to_owned(),
        Whose::Theirs => two.theirs.id(noun).to_owned(),
        Whose::Nobodys => name.to_owned(),
    }
}

/// Forms and bodies with which a route gets as far as looking for what it is asked about.
fn sent(two: &Two, line: &RouteLine) -> Sent {
    if line.method == "GET" {
        return Sent::Nothing;
    }
    if line.method == "PUT" && line.path.ends_with("/autosave") {
        return Sent::Json(json!({ "version": 1, "title": "ours" }));
    }
    if line.path.starts_with("/api/") {
        return BODIES.iter().find(|(method, path, _)| line.method == *method && line.path.ends_with(path)).map_or(
            Sent::Json(json!({})),
            |(_, _, body)| {
                let body = body.replace("SITE", two.theirs.id("site")).replace("TERM", two.theirs.id("term"));
                Sent::Json(serde_json::from_str(&body.replace("KEY", KEY)).unwrap())
            },
        );
    }
    let found = FORMS.iter().find(|(path, _)| line.path.ends_with(path));
    found.map_or(form_of(&[("walk", "1")]), |(_, form)| form_of(form))
}

/// Forms of the panel by the end of the address.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    ("/access/{id}", &[("do", "save"), ("home", "docs"), ("services", "sftp")]),
    ("/comments/{id}/decide", &[("do", "spam")]),
    ("/files/{path:.*}", &[("do", "save"), ("encoding", "utf-8"), ("end", "lf"), ("text", "ours")]),
    ("/menus/{menu}/add", &[("target", "entry:1")]),
    ("/lines/{line}/move", &[("do", "up")]),
    ("/theme/{name}", &[("do", "activate")]),
    ("/theme/{name}/code", &[("do", "save"), ("path", "templates/index.html"), ("text", "ours"), ("etag", "")]),
    ("/theme/{name}/parent", &[("keep", "own"), ("path", "templates/index.html")]),
    ("/s/{site}/people/{id}", &[("role", "author")]),
];

/// Bodies of the API by method and the end of the address.
const BODIES: &[(&str, &str, &str)] = &[
    ("PATCH", "/domains/{name}", r#"{"kind":"redirect"}"#),
    ("POST", "/accounts/{id}/people", r#"{"email":"new@example.org","role":"reader"}"#),
    ("PUT", "/accounts/{id}/people/{user}", r#"{"role":"files"}"#),
    ("PUT", "/accounts/{id}/suspension", r#"{"reason":"ours"}"#),
    ("POST", "/accounts/{id}/sites", r#"{"site":SITE}"#),
    ("POST", "/files/versions/{id}/restore", r#"{"path":"kittiwake/kept.txt"}"#),
    ("POST", "/logins/{id}/keys", r#"{"key":"KEY"}"#),
    ("POST", "/private-folders/{id}/people", r#"{"name":"ours","password":"seven quiet herons wade"}"#),
    ("POST", "/comments/{id}/replies", r#"{"body":"ours"}"#),
    ("PATCH", "/menus/{menu}", r#"{"name":"Ours"}"#),
    ("POST", "/menus/{menu}/lines", r#"{"label":"Ours","url":"/ours/"}"#),
    ("PATCH", "/lines/{line}", r#"{"label":"Ours"}"#),
    ("PUT", "/menus/{menu}/order", r#"{"lines":[]}"#),
    ("POST", "/imports/{job}/run", r#"{"media":"skip"}"#),
    ("POST", "/terms/{id}/merge", r#"{"into":TERM}"#),
    ("POST", "/themes/{name}/children", r#"{"name":"ours"}"#),
    ("PUT", "/themes/{name}/text", r#"{"path":"templates/index.html","text":"ours","etag":""}"#),
    ("POST", "/themes/{name}/parent-changes", r#"{"path":"templates/index.html","keep":"own"}"#),
    ("PUT", "/plans/{id}", r#"{"name":"Ours"}"#),
    ("PATCH", "/sites/{site}/design", r#"{"settings":{"footer_text":"ours"}}"#),
    ("PUT", "/redirects/{id}", r#"{"source":"/ours/","target":"/"}"#),
    ("PUT", "/users/{id}/role", r#"{"role":"author"}"#),
];
/// A public key of nobody.
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ours";

/// Questions that are answered alike about what is there and what is not, each with the reason.
const ALIKE: &[(&str, &str, &str)] = &[
    ("DELETE", "/admin/s/{site}/files-upload/{id}", "to give up an upload that is not there is done"),
    ("DELETE", "/api/v1/sites/{site}/files/uploads/{id}", "the same"),
    ("DELETE", "/api/v1/sites/{site}/files/trash/{id}", "its restore is asked for first, and takes it out"),
    ("DELETE", "/api/v1/sites/{site}/headers/{id}", "the panel's question is asked first, and takes it away"),
];

/// Lines of the panel and of the API.
fn both_tables() -> Vec<RouteLine> {
    routes::table().lines().iter().cloned().chain(api::routes::lines()).collect()
}

/// Lines with a number or a name in their address.
fn lines() -> Vec<RouteLine> {
    let mut lines = both_tables();
    lines.retain(|line| line.path.contains("{site}") || !nouns(line.path).is_empty());
    assert!(lines.len() > 200, "both tables are there: {}", lines.len());
    lines
}

/// Asks both ways; where the answers differ, says so.
fn differ(two: &Two, who: &Person, line: &RouteLine, theirs: &Filled, nobodys: &Filled) -> Option<String> {
    let method = Method::from_bytes(line.method.as_str().as_bytes()).unwrap();
    let sent = sent(two, line);
    let ask = |filled: &Filled| who.ask(&method, &filled.address, &sent).without(&filled.asked);
    let (a, b) = (ask(theirs), ask(nobodys));
    if a != b {
        return Some(format!("{method} {}: {}", theirs.address, a.parts_from(&b)));
    }
    if method == Method::GET && !line.path.starts_with("/api/") {
        let look = |filled: &Filled| who.look(&filled.address).without(&filled.asked);
        let (a, b) = (look(theirs), look(nobodys));
        if a != b {
            return Some(format!("the page {}: {}", theirs.address, a.parts_from(&b)));
        }
    }
    a.tells().then(|| format!("{method} {}: {a:?}", theirs.address))
}

/// All ways to name something of theirs in an address, beside the same with something that nobody has.
fn pairs(two: &Two, line: &RouteLine) -> Vec<(Filled, Filled)> {
    use Whose::{Nobodys, Ours, Theirs};
    let n = nouns(line.path).len();
    let all = |whose| vec![whose; n];
    let pair = |site: [Whose; 2], whose: [&[Whose]; 2]| {
        (fill(two, line.path, site[0], whose[0]), fill(two, line.path, site[1], whose[1]))
    };
    let mut pairs = Vec::new();
    if line.path.contains("{site}") {
        pairs.push(pair([Theirs, Nobodys], [&all(Theirs), &all(Nobodys)]));
    }
    if n > 0 {
        pairs.push(pair([Ours, Ours], [&all(Theirs), &all(Nobodys)]));
    }
    if n > 1 {
        let last = |whose| [vec![Ours; n - 1], vec![whose]].concat();
        pairs.push(pair([Ours, Ours], [&last(Theirs), &last(Nobodys)]));
    }
    pairs
}

// rule: C2
#[test]
fn c02_no_address_tells_what_another_account_has() {
    let lines = lines();
    Two::walk(|two| {
        two.unchanged("addresses", || {
            let mut wrong = Vec::new();
            for (name, who) in [("owner", &two.ours.owner), ("reseller", &two.ours.seller)] {
                for line in &lines {
                    for (theirs, nobodys) in pairs(two, line) {
                        wrong.extend(differ(two, who, line, &theirs, &nobodys).map(|what| format!("{name}: {what}")));
                    }
                }
            }
            assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
        });
        tells_its_own(two, &lines);
    });
}

/// The same questions by the people of the other account: answers differ, or the walk above proves nothing.
fn tells_its_own(two: &Two, lines: &[RouteLine]) {
    let mut mute = BTreeSet::new();
    let mut marked = 0;
    for line in in_order(lines) {
        let n = nouns(line.path).len();
        let away = if n > 0 { Whose::Theirs } else { Whose::Nobodys };
        let own = fill(two, line.path, Whose::Theirs, &vec![Whose::Theirs; n]);
        let nobodys = fill(two, line.path, away, &vec![Whose::Nobodys; n]);
        let Tenant { owner, seller, .. } = &two.theirs;
        let who = if matches!(line.access, Access::Customers(_)) { seller } else { owner };
        let method = Method::from_bytes(line.method.as_str().as_bytes()).unwrap();
        let ask = |filled: &Filled| -> Answer {
            who.sign_in_again();
            who.ask(&method, &filled.address, &sent(two, line))
        };
        let missing = ask(&nobodys).without(&nobodys.asked);
        let answer = ask(&own);
        marked += usize::from(answer.body.contains(MARKER));
        // A job may be over by then, and what is over is neither begun nor stopped; looking at it shows it is theirs.
        let job = line.method == "POST" && line.path.contains("jobs/{id}/");
        let alike = job || ALIKE.iter().any(|(m, path, _)| line.method == *m && line.path == *path);
        if answer.without(&own.asked) == missing && !alike {
            mute.insert(format!("{method} {}: {missing:?}", line.path));
        }
    }
    let mute: Vec<String> = mute.into_iter().collect();
    assert!(mute.is_empty(), "{} questions ask nothing:\n{}", mute.len(), mute.join("\n"));
    assert!(marked > 40, "{marked} answers to their own people name them");
}

/// What takes something away goes last, the parts before the whole.
fn in_order(lines: &[RouteLine]) -> Vec<&RouteLine> {
    let takes = |line: &&RouteLine| {
        let ends = ["delete", "trash", "remove", "revoke", "close", "end", "merge", "suspend", "suspension", "discard"];
        let taken = line.method == "DELETE" || ends.iter().any(|end| line.path.ends_with(end));
        // What is one's own goes first: other acts end sessions.
        let weight = if line.path.starts_with("/admin/me/") { 0 } else { 1 + usize::from(taken) };
        let whole = usize::from(line.path == "/api/v1/accounts/{id}");
        (weight + whole * 2, if weight == 2 { usize::MAX - line.path.len() } else { 0 })
    };
    let mut all: Vec<&RouteLine> =
        lines.iter().filter(|line| !matches!(line.access, Access::Server(_) | Access::Open | Access::Half)).collect();
    all.sort_by_key(takes);
    all
}

// rule: C2
#[test]
fn c02_no_list_and_no_search_names_what_another_account_has() {
    let all = both_tables();
    let asks = ["", "?q=kittiwak", "?search=kittiwak", "?limit=100", "?site=THEIRS", "?account=ACCOUNT&q=kitti"];
    Two::walk(|two| {
        let mut wrong = Vec::new();
        let mut read = 0;
        for who in [&two.ours.owner, &two.ours.seller] {
            for line in all.iter().filter(|l| l.method == "GET" && nouns(l.path).is_empty()) {
                let filled = fill(two, line.path, Whose::Ours, &[]);
                for query in asks {
                    let query = query.replace("THEIRS", two.theirs.id("site"));
                    let address = format!("{}{}", filled.address, query.replace("ACCOUNT", two.theirs.id("account")));
                    let answer = if address.starts_with("/api/") {
                        who.api(Method::GET, &address, None)
                    } else {
                        who.look(&address)
                    };
                    read += usize::from(answer.status == 200);
                    if answer.tells() {
                        wrong.push(format!("{address}: {}", answer.body));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(read > 200, "{read} lists were read");
        let own =
            |path: &str| two.theirs.owner.look(path).tells() || two.theirs.owner.api(Method::GET, path, None).tells();
        for list in ["/admin/search?q=kittiwak", "/api/v1/sites", "/admin/s/THEIRS/files?q=kittiwak"] {
            assert!(own(&list.replace("THEIRS", two.theirs.id("site"))), "{list} is read by its own people");
        }
        assert!(!two.ours.owner.look(&format!("/admin/search?q={NOBODY}")).tells());
    });
}
