//! Numbers and names that forms, bodies and queries take, on addresses of one's own.
//!
//! Names that only one in the world may have are told apart by nature: a host name that is served, the name of a login,
//! an address of e-mail. Whoever tries one of those learns that it is taken, never by whom.

use reqwest::Method;
use serde_json::Value;

use super::ask::{Answer, Person, Sent, form_of};
use super::two::{MISSING, NOBODY, Tenant, Two};

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Owner,
    Seller,
}
use Who::{Owner, Seller};

/// One question: `{noun}` in the address is ours, `$noun$` anywhere is what it is about.
type Question = (Who, &'static str, &'static str, &'static str);

/// Forms of the panel, as they are written in an address.
const FORMS: &[Question] = &[
    (Owner, "POST", "/admin/s/{site}/entries/bulk", "do=draft&ids=$post$"),
    (Owner, "POST", "/admin/s/{site}/entries/bulk", "do=trash&ids=$post$"),
    (Owner, "POST", "/admin/s/{site}/entries/bulk?do=restore&ids=$post$", ""),
    (Owner, "POST", "/admin/s/{site}/entries/bulk", "do=delete&sure=1&ids=$post$"),
    (Owner, "POST", "/admin/s/{site}/media/bulk", "do=delete&sure=1&ids=$media$"),
    (Owner, "POST", "/admin/s/{site}/comments/bulk", "do=spam&ids=$comment$"),
    (Owner, "POST", "/admin/s/{site}/comments/bulk", "do=delete&sure=1&ids=$comment$"),
    (Owner, "POST", "/admin/s/{site}/terms/category/bulk", "do=delete&sure=1&ids=$term$"),
    (Owner, "POST", "/admin/s/{site}/terms/category/{term}/merge", "into=$other term$&sure=1"),
    (Owner, "POST", "/admin/s/{site}/terms/category", "name=Below&parent=$term$"),
    (Owner, "POST", "/admin/s/{site}/terms/category", "name=Seen&image=$media$"),
    (Owner, "POST", "/admin/s/{site}/menus/{menu}/add", "target=entry:$post$"),
    (Owner, "POST", "/admin/s/{site}/menus/{menu}/add", "target=term:$term$"),
    (Owner, "POST", "/admin/s/{site}/menus/{menu}/order", "order=$line$:0"),
    (Owner, "POST", "/admin/s/{site}/menus/places", "place-primary=$menu$"),
    (Owner, "POST", "/admin/s/{site}/posts/new", "title=One&do=save&source=markdown&markdown=x&cover_id=$media$"),
    (Owner, "POST", "/admin/s/{site}/posts/new", "title=Two&do=save&source=markdown&markdown=x&categories=$term$"),
    (Owner, "POST", "/admin/s/{site}/pages/new", "title=Three&do=save&source=markdown&markdown=x&parent=$page$"),
    (Owner, "POST", "/admin/s/{site}/settings/reading", "page_size=10&front_page_id=$page$"),
    (Owner, "POST", "/admin/s/{site}/files-trash", "do=restore&ids=$trash$"),
    (Owner, "POST", "/admin/s/{site}/files-trash", "do=delete&sure=1&ids=$trash$"),
    (Owner, "POST", "/admin/s/{site}/rules/folders/{folder}", "do=shut-out&person=$folder person$"),
    (Owner, "POST", "/admin/s/{site}/access/{login}", "do=remove-key&key_id=$login key$"),
    (Owner, "POST", "/admin/me/tokens", "name=Mine&scopes=site.read&expires=30&site=$site$"),
    (Owner, "POST", "/admin/sites/new", "title=Other&host=&start=blank&account=$account$"),
    (Owner, "POST", "/admin/account/{account}/people", "do=role&role=files&person=$user$"),
    (Owner, "POST", "/admin/account/{account}/people", "do=remove&person=$user$"),
    (Seller, "POST", "/admin/server/accounts/{account}/people", "do=role&role=files&person=$user$"),
    (Seller, "POST", "/admin/server/accounts/{account}", "do=plan&plan=$plan$"),
    (Seller, "POST", "/admin/server/accounts/{account}", "do=move&site=$site$"),
    (Seller, "POST", "/admin/server/accounts/{account}", "do=move&site=$host$"),
    (Seller, "POST", "/admin/server/accounts/new", "title=New&owner=&start=none&plan=$plan$"),
    (Seller, "POST", "/admin/server/accounts/bulk/suspend", "do=suspend&reason=why&sure=1&ids=$account$"),
    (Seller, "POST", "/admin/server/accounts/bulk/plan", "do=plan&plan={plan}&sure=1&ids=$account$"),
    (Seller, "POST", "/admin/server/accounts/bulk/plan", "do=plan&plan=$plan$&sure=1&ids={account}"),
];

/// Bodies of the API.
const BODIES: &[Question] = &[
    (Owner, "POST", "/api/v1/sites/{site}/entries", r#"{"title":"One","cover":$media$}"#),
    (Owner, "POST", "/api/v1/sites/{site}/entries", r#"{"title":"Two","terms":[$term$]}"#),
    (Owner, "POST", "/api/v1/sites/{site}/entries", r#"{"type":"page","title":"Three","parent":$page$}"#),
    (Owner, "POST", "/api/v1/sites/{site}/entries", r#"{"title":"Four","author":$user$}"#),
    (Owner, "PATCH", "/api/v1/sites/{site}/entries/{post}", r#"{"cover":$media$}"#),
    (Owner, "POST", "/api/v1/sites/{site}/terms", r#"{"taxonomy":"category","name":"Deep","parent":$term$}"#),
    (Owner, "PATCH", "/api/v1/sites/{site}/terms/{term}", r#"{"image":$media$}"#),
    (Owner, "POST", "/api/v1/sites/{site}/terms/{third term}/merge", r#"{"into":$other term$}"#),
    (Owner, "POST", "/api/v1/sites/{site}/menus/{menu}/lines", r#"{"entry":$post$}"#),
    (Owner, "POST", "/api/v1/sites/{site}/menus/{menu}/lines", r#"{"term":$term$}"#),
    (Owner, "PUT", "/api/v1/sites/{site}/menu-places/primary", r#"{"menu":$menu$}"#),
    (Owner, "PATCH", "/api/v1/sites/{site}/settings", r#"{"general":{"icon_id":$media$}}"#),
    (Owner, "PATCH", "/api/v1/sites/{site}/settings", r#"{"reading":{"front_page_id":$page$}}"#),
    (Owner, "POST", "/api/v1/sites", r#"{"account":$account$,"title":"Other","host":"other.localhost"}"#),
    (Seller, "POST", "/api/v1/accounts", r#"{"title":"New","plan":$plan$}"#),
    (Seller, "PATCH", "/api/v1/accounts/{account}", r#"{"plan":$plan$}"#),
    (Seller, "POST", "/api/v1/accounts/{account}/sites", r#"{"site":$site$}"#),
];

/// Queries of lists.
const QUERIES: &[(Who, &str)] = &[
    (Owner, "/api/v1/sites/{site}/entries?author=$user$"),
    (Owner, "/api/v1/sites/{site}/entries?term=$term$"),
    (Owner, "/api/v1/sites/{site}/entries?type=page&parent=$page$"),
    (Owner, "/api/v1/sites/{site}/media?uploaded_by=$user$"),
    (Owner, "/api/v1/sites/{site}/files?path=$dir$"),
    (Owner, "/api/v1/sites/{site}/files/content?path=$path$"),
    (Owner, "/api/v1/sites/{site}/files/versions?path=$path$"),
    (Seller, "/api/v1/accounts?plan=$plan$"),
    (Seller, "/api/v1/accounts?reseller=$reseller$"),
    (Owner, "/admin/s/{site}/posts?author=$user$"),
    (Owner, "/admin/s/{site}/posts?category=$term$"),
    (Owner, "/admin/s/{site}/menus?menu=$menu$"),
    (Owner, "/admin/s/{site}/files?open=$path$"),
    (Owner, "/admin/sites/new?account=$account$"),
    (Seller, "/admin/server/accounts?plan=$plan$"),
    (Seller, "/admin/server/accounts?reseller=$reseller$"),
];

/// Whose the thing is that a question is about.
fn of<'a>(two: &'a Two, noun: &str, ours: bool) -> [&'a str; 2] {
    let nobodys = match noun {
        "path" => "petrelled/kept.txt",
        "dir" => NOBODY,
        "host" => "petrelled.example",
        _ => MISSING,
    };
    [if ours { two.ours.id(noun) } else { two.theirs.id(noun) }, nobodys]
}

/// Fills `{noun}` with what is ours and `$noun$` with one of both; tells what stood there.
fn fill(two: &Two, text: &str, ours: bool, nobodys: bool) -> (String, Vec<String>) {
    let (mut out, mut asked) = (String::new(), Vec::new());
    for (n, part) in text.split('$').enumerate() {
        if n % 2 == 1 {
            let value = of(two, part, ours)[usize::from(nobodys)].to_owned();
            out += &value;
            asked.push(value);
            continue;
        }
        let mut rest = part;
        while let Some((before, name, after)) = own_noun(two, rest) {
            out += before;
            out += two.ours.id(name);
            rest = after;
        }
        out += rest;
    }
    (out, asked)
}

/// The first `{noun}` that is one; braces of JSON are none.
fn own_noun<'a>(two: &Two, text: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    text.match_indices('{').find_map(|(at, _)| {
        let (name, after) = text[at + 1..].split_once('}')?;
        two.ours.ids.contains_key(name).then(|| (&text[..at], name, after))
    })
}

fn who(tenant: &Tenant, who: Who) -> &Person {
    if who == Owner { &tenant.owner } else { &tenant.seller }
}

/// Asks one question about theirs, ours or nobody's.
fn ask(two: &Two, (person, method, path, body): Question, ours: bool, nobodys: bool) -> Answer {
    let (address, mut asked) = fill(two, path, ours, nobodys);
    let (body, more) = fill(two, body, ours, nobodys);
    asked.extend(more);
    let sent = if method == "GET" {
        Sent::Nothing
    } else if address.starts_with("/api/") {
        Sent::Json(serde_json::from_str::<Value>(&body).unwrap_or_else(|e| panic!("{path} {body}: {e}")))
    } else {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        form_of(&pairs)
    };
    who(&two.ours, person).ask(&Method::from_bytes(method.as_bytes()).unwrap(), &address, &sent).without(&asked)
}

fn questions() -> Vec<Question> {
    let queries = QUERIES.iter().map(|(who, path)| (*who, "GET", *path, ""));
    FORMS.iter().copied().chain(BODIES.iter().copied()).chain(queries).collect()
}

// rule: C2
#[test]
fn c02_no_form_no_body_and_no_query_tells_what_another_account_has() {
    Two::walk(|two| {
        let mut wrong = Vec::new();
        two.unchanged("bodies", || {
            for question in questions() {
                let (theirs, nobodys) = (ask(two, question, false, false), ask(two, question, false, true));
                if made(&theirs) != made(&nobodys) || theirs.tells() {
                    let (_, method, path, body) = question;
                    wrong.push(format!("{method} {path} {body}: {}", made(&theirs).parts_from(&made(&nobodys))));
                }
            }
        });
        assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
        // About one's own the same questions are answered otherwise, or they ask nothing.
        let own = |q: &Question| made(&ask(two, *q, true, true)) == made(&ask(two, *q, true, false));
        let mut all = questions();
        // Lines of other menus are passed over in the order of one's own.
        all.retain(|(_, _, path, _)| !path.ends_with("/order"));
        all.sort_by_key(takes);
        let mute = all.iter().filter(|q| own(q)).map(|(_, method, path, body)| format!("{method} {path} {body}"));
        let mute: Vec<String> = mute.collect();
        assert!(mute.is_empty(), "{} questions ask nothing:\n{}", mute.len(), mute.join("\n"));
    });
}

/// What takes something away goes last: what is read, what is made, what is taken.
fn takes((_, method, path, body): &Question) -> usize {
    let words = ["=delete", "=trash", "=remove", "=role", "shut-out", "=suspend", "=spam", "do=restore"];
    let takes = words.iter().any(|word| body.contains(word) || path.contains(word));
    usize::from(*method != "GET") + usize::from(takes || path.ends_with("merge")) + usize::from(takes)
}

/// An answer without the numbers of what was made: both times something may have been.
fn made(answer: &Answer) -> Answer {
    let plain = |text: &str| {
        let mut out = String::new();
        let mut digits = String::new();
        for c in text.chars().chain(['.']) {
            if c.is_ascii_digit() {
                digits.push(c);
            } else {
                out += if digits.len() > 4 { "N" } else { &digits };
                digits.clear();
                out.push(c);
            }
        }
        out
    };
    Answer { status: answer.status, location: plain(&answer.location), body: plain(&answer.body) }
}
