//! People at the panel, over HTTP: second factor, one-time links, sessions, tokens, mail.

use std::process::Command;

use freehold_base::Clock;
use totp_rs::Builder;

use crate::node::{Browser, Node, between, location, nodes};
use crate::post::{link_in, mailing_nodes};
use crate::support::until;

const EMAIL: &str = "mara@example.org";
const PASSWORD: &str = "grey-gull-over-the-quay";

pub fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut out) = (0u32, 0, Vec::new());
    for c in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = if c.is_ascii_digit() { c - b'2' + 26 } else { c - b'A' };
        bits = (bits << 5) | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    out
}

/// What the app shows `steps` half minutes from now.
pub fn code(key: &str, steps: i64) -> String {
    let totp = Builder::new().with_secret(base32(key)).build().unwrap();
    let at = Clock::system().now().ms() / 1000 + steps * 30;
    totp.generate(u64::try_from(at).unwrap()).to_string()
}

pub fn sign_in(browser: &Browser, email: &str, password: &str) -> String {
    let answer = browser.post("/admin/login", &[("email", email), ("password", password)]);
    assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
    location(&answer)
}

// row: US05. rule: C5
#[test]
fn the_second_factor_from_the_first_code_to_switching_it_off() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        assert!(browser.get("/admin/me/factor").text().unwrap().contains("Begin"));
        assert_eq!(browser.post("/admin/me/factor", &[("do", "begin")]).status(), 303);
        let page = browser.get("/admin/me/factor").text().unwrap();
        assert!(page.contains("<path d=\"M"), "the QR code is drawn");
        let key = between(&page, "data-copy=\"", "\"").to_owned();
        let wrong = browser.post("/admin/me/factor", &[("do", "confirm"), ("code", "000000")]);
        assert_eq!(wrong.status(), 401);
        assert!(wrong.text().unwrap().contains(&key), "the same key is shown again");
        let done = browser.post("/admin/me/factor", &[("do", "confirm"), ("code", &code(&key, 0))]);
        assert_eq!(done.status(), 200);
        let page = done.text().unwrap();
        let recovery = between(&page, "<li class=\"mono\">", "<").to_owned();
        assert!(page.contains("download=\"freehold-recovery-codes.txt\""));
        let page = browser.get("/admin/me/factor").text().unwrap();
        assert!(!page.contains(&key) && !page.contains(&recovery), "shown once");
        assert!(page.contains("10 of your recovery codes"));

        let second = Browser::of(&node);
        assert_eq!(sign_in(&second, EMAIL, PASSWORD), "/admin/login/code");
        assert_eq!(second.get("/admin/s/1").status(), 303, "the password alone opens nothing");
        assert_eq!(second.post("/admin/login/code", &[("code", "123456")]).status(), 401);
        let used = code(&key, 1);
        assert_eq!(second.post("/admin/login/code", &[("code", &used)]).status(), 303);
        assert_eq!(second.get("/admin/s/1").status(), 200);

        let third = Browser::of(&node);
        sign_in(&third, EMAIL, PASSWORD);
        assert_eq!(third.post("/admin/login/code", &[("code", &used)]).status(), 401, "a code counts once");
        assert_eq!(third.post("/admin/login/code", &[("recovery_code", &recovery)]).status(), 303);
        let fourth = Browser::of(&node);
        sign_in(&fourth, EMAIL, PASSWORD);
        assert_eq!(fourth.post("/admin/login/code", &[("recovery_code", &recovery)]).status(), 401);

        let wrong = third.post("/admin/me/factor", &[("do", "codes"), ("codes_password", "not this one")]);
        assert_eq!(wrong.status(), 401);
        assert!(wrong.text().unwrap().contains("not your password"));
        let fresh = third.post("/admin/me/factor", &[("do", "codes"), ("codes_password", PASSWORD)]);
        assert_eq!(fresh.status(), 200);
        let off = third.post("/admin/me/factor", &[("do", "off"), ("off_password", PASSWORD)]);
        assert_eq!(location(&off), "/admin/me/security?done=factor-off");
        assert_eq!(second.get("/admin/s/1").status(), 303, "all other sessions ended");
        assert_eq!(third.get("/admin/s/1").status(), 200);
        assert_eq!(sign_in(&Browser::of(&node), EMAIL, PASSWORD), "/admin");
    }
}

// rule: C5. A panel that other machines reach opens to a hosting admin only with a second factor.
#[test]
fn c05_a_reachable_panel_wants_the_second_factor_of_its_hosting_admin() {
    let node = Node::start_with("", &[("FREEHOLD_PANEL", "0.0.0.0:0")]);
    let browser = Browser::of(&node);
    browser.set_up(&node);
    assert_eq!(browser.get("/admin/s/1").status(), 303);
    assert_eq!(location(&browser.get("/admin/login/code")), "/admin/login/factor");
    assert_eq!(browser.post("/admin/login/factor", &[("do", "begin")]).status(), 303);
    let page = browser.get("/admin/login/factor").text().unwrap();
    let key = between(&page, "data-copy=\"", "\"").to_owned();
    let done = browser.post("/admin/login/factor", &[("do", "confirm"), ("code", &code(&key, 0))]);
    assert!(done.text().unwrap().contains("recovery codes"));
    assert_eq!(browser.get("/admin/s/1").status(), 200);
}

// row: US07 (sessions). rule: C4
#[test]
fn sessions_are_seen_and_ended_and_a_new_password_ends_them() {
    for node in nodes() {
        let here = Browser::of(&node);
        here.set_up(&node);
        let (phone, laptop) = (Browser::of(&node), Browser::of(&node));
        sign_in(&phone, EMAIL, PASSWORD);
        sign_in(&laptop, EMAIL, PASSWORD);
        let page = here.get("/admin/me/security").text().unwrap();
        assert_eq!(page.matches("This device").count(), 1);
        assert_eq!(page.matches("/end\"").count(), 2, "every other session has its button");
        let id = page.split("/admin/me/sessions/").find_map(|p| p.split_once("/end\"")).unwrap().0.to_owned();
        assert_eq!(here.post(&format!("/admin/me/sessions/{id}/end"), &[]).status(), 303);
        let alive = [&phone, &laptop].iter().filter(|b| b.get("/admin/s/1").status() == 200).count();
        assert_eq!(alive, 1);
        assert_eq!(here.post("/admin/me/sessions/999/end", &[]).status(), 404);
        assert_eq!(here.post("/admin/me/sessions/end-others", &[]).status(), 303);
        assert!([&phone, &laptop].iter().all(|b| b.get("/admin/s/1").status() == 303));

        sign_in(&phone, EMAIL, PASSWORD);
        let new = "nine grey geese at noon";
        let wrong = here.post("/admin/me/password", &[("current", "wrong one"), ("password", new)]);
        assert_eq!(wrong.status(), 401);
        let weak = here.post("/admin/me/password", &[("current", PASSWORD), ("password", "password")]);
        assert_eq!(weak.status(), 422);
        assert_eq!(here.post("/admin/me/password", &[("current", PASSWORD), ("password", new)]).status(), 303);
        assert_eq!(here.get("/admin/s/1").status(), 200, "this session goes on");
        assert_eq!(phone.get("/admin/s/1").status(), 303, "all others ended");
        assert_eq!(sign_in(&phone, EMAIL, new), "/admin");
    }
}

// row: US06. rule: C8
#[test]
fn a_token_is_shown_once_and_can_be_revoked() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let nothing = browser.post("/admin/me/tokens", &[("name", "Uploader"), ("expires", "30")]);
        assert_eq!(nothing.status(), 422);
        assert!(nothing.text().unwrap().contains("value=\"Uploader\""), "what was typed stays");
        let form = [("name", "Uploader"), ("scopes", "media.write"), ("site", "1"), ("expires", "30")];
        let made = browser.post("/admin/me/tokens", &form).text().unwrap();
        let secret = between(&made, "data-copy=\"", "\"").to_owned();
        assert!(secret.len() > 30, "{secret}");
        let page = browser.get("/admin/me/tokens").text().unwrap();
        assert!(page.contains("Uploader") && page.contains("Upload media") && !page.contains(&secret));
        let id = between(&page, "/admin/me/tokens/", "/revoke");
        assert_eq!(browser.post(&format!("/admin/me/tokens/{id}/revoke"), &[]).status(), 303);
        assert!(!browser.get("/admin/me/tokens").text().unwrap().contains("Uploader"));
        let unknown = browser.post("/admin/me/tokens", &[("name", "x"), ("scopes", "everything"), ("expires", "0")]);
        assert_eq!(unknown.status(), 422);
    }
}

/// A length that is none made a token for ever, a site that is none made one for all sites.
// row: US06. rule: C8
#[test]
fn a_token_of_the_panel_does_what_was_checked_where_it_was_meant_and_no_more() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let second = [("title", "Garden"), ("account", "1"), ("start", "blank")];
        assert_eq!(browser.post("/admin/sites/new", &second).status(), 303);
        let make = |scopes: &[&str], site: &str, expires: &str, addresses: &str| {
            let mut form = vec![("name", "Uploader"), ("site", site), ("expires", expires), ("addresses", addresses)];
            form.extend(scopes.iter().map(|scope| ("scopes", *scope)));
            let answer = browser.post("/admin/me/tokens", &form);
            (answer.status().as_u16(), answer.text().unwrap())
        };
        for (site, expires, addresses, field) in [
            ("x", "30", "", "site"),
            ("", "", "", "expires"),
            ("", "-1", "", "expires"),
            ("", "30 days", "", "expires"),
            ("", "99999", "", "expires"),
            ("", "30", "10.0.0.0/33", "addresses"),
            ("", "30", "everywhere", "addresses"),
        ] {
            let (status, page) = make(&["site.read"], site, expires, addresses);
            assert!(status == 422 && page.contains(&format!("id=\"{field}-help\"")), "{field} {expires}: {page}");
            assert!(!page.contains("data-copy=\""), "{field}: no token is made");
        }
        assert_eq!(make(&["site.read"], "99", "30", "").0, 404, "a site that they may not see is none");
        let ask = |scopes: &[&str], site: &str| {
            let (_, page) = make(scopes, site, "30", "");
            let (token, panel) = (between(&page, "data-copy=\"", "\"").to_owned(), node.panel.clone());
            move |method: reqwest::Method, path: &str, body: &str| {
                let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
                let request = http.request(method, format!("{panel}{path}")).bearer_auth(&token);
                let request = request.header("content-type", "application/json").body(body.to_owned());
                request.send().unwrap().status().as_u16()
            }
        };
        let (get, post) = (reqwest::Method::GET, reqwest::Method::POST);
        let reader = ask(&["site.read"], "1");
        assert_eq!(reader(get.clone(), "/api/v1/sites/1/terms", ""), 200);
        assert_eq!(reader(post.clone(), "/api/v1/sites/1/entries", r#"{"title": "Bread"}"#), 403, "it only reads");
        assert_eq!(reader(get.clone(), "/api/v1/sites/2/terms", ""), 404, "another site");
        assert_eq!(reader(get.clone(), "/api/v1/jobs", ""), 403, "its person may; it may not");
        let writer = ask(&["site.read", "entries.write_own"], "");
        assert_eq!(writer(post.clone(), "/api/v1/sites/2/entries", r#"{"title": "Bread"}"#), 201);
        assert_eq!(writer(post, "/api/v1/sites/2/terms", r#"{"taxonomy": "tag", "name": "Sea"}"#), 403);
        let list = browser.get("/admin/me/tokens").text().unwrap();
        assert!(list.contains("See the site and its entries, Write own drafts"), "{list}");
    }
}

// rule: C5. Row: US07
#[test]
fn a_forgotten_password_is_reset_by_a_mailed_link_once() {
    for (post, node) in mailing_nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let stranger = Browser::of(&node);
        assert!(stranger.get("/admin/login").text().unwrap().contains("/admin/forgot"));
        let ask = |email: &str| stranger.post("/admin/forgot", &[("email", email)]);
        let words = |email: &str| {
            let answer = ask(email);
            (answer.status().as_u16(), answer.text().unwrap().replace(email, "X"))
        };
        let strip = |(status, text): (u16, String)| (status, text.split("<main").nth(1).unwrap().to_owned());
        assert_eq!(strip(words(EMAIL)), strip(words("nobody@example.org")), "known and unknown look the same");
        let mail = post.next();
        assert!(mail.contains("To: mara@example.org"), "{mail}");
        assert!(post.none(), "nobody gets no mail");
        assert_eq!(ask("no address").status(), 422);

        let link = link_in(&mail, "/admin/reset/");
        assert_eq!(stranger.get(&link).status(), 200);
        assert_eq!(stranger.get(&link).status(), 200, "looking does not use it up");
        assert_eq!(stranger.post(&link, &[("password", "short")]).status(), 422);
        let new = "nine grey geese at noon";
        assert_eq!(location(&stranger.post(&link, &[("password", new)])), "/admin/login?done=reset");
        assert_eq!(stranger.post(&link, &[("password", "another good one here")]).status(), 404);
        assert_eq!(stranger.get(&link).status(), 404);
        assert_eq!(browser.get("/admin/s/1").status(), 303, "all sessions ended");
        assert_eq!(sign_in(&browser, EMAIL, new), "/admin");
    }
}

#[test]
#[allow(clippy::disallowed_methods)] // a test of the program starts the program
fn without_a_mail_server_the_command_line_gives_the_link() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let page = browser.post("/admin/forgot", &[("email", EMAIL)]).text().unwrap();
        assert!(page.contains("Ask your hosting admin") && page.contains("freehold user password"));
        let run = |email: &str| {
            Command::new(env!("CARGO_BIN_EXE_freehold"))
                .args(["--data", node.data.path().to_str().unwrap(), "--database-url", &node.database_url])
                .args(["user", "password", email])
                .output()
                .unwrap()
        };
        let out = run(EMAIL);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let link = link_in(&String::from_utf8(out.stdout).unwrap(), "/admin/reset/");
        let new = "nine grey geese at noon";
        assert_eq!(browser.post(&link, &[("password", new)]).status(), 303);
        assert_eq!(sign_in(&browser, EMAIL, new), "/admin");
        assert_eq!(run("nobody@example.org").status.code(), Some(1));
    }
}

/// Signs a mailed invitation in under a name of its own.
pub fn accept(node: &Node, mail: &str, name: &str) -> Browser {
    let browser = Browser::of(node);
    let link = link_in(mail, "/admin/invite/");
    assert_eq!(browser.get(&link).status(), 200);
    let none = browser.post(&link, &[("name", ""), ("password", PASSWORD)]);
    assert_eq!(none.status(), 422);
    assert_eq!(browser.post(&link, &[("name", name), ("password", PASSWORD)]).status(), 303);
    assert_eq!(browser.post(&link, &[("name", name), ("password", PASSWORD)]).status(), 404, "works once");
    let email = between(mail, "To: ", "\n").trim().to_owned();
    sign_in(&browser, &email, PASSWORD);
    browser
}

// row: US01. rule: C3
#[test]
fn people_are_invited_by_mail_with_a_role_and_nobody_gives_more_than_they_have() {
    for (post, node) in mailing_nodes() {
        let owner = Browser::of(&node);
        owner.set_up(&node);
        let invite = |by: &Browser, email: &str, role: &str| {
            by.post("/admin/s/1/people", &[("email", email), ("role", role)]).status().as_u16()
        };
        assert_eq!(invite(&owner, "no address", "author"), 422);
        assert_eq!(invite(&owner, "jonas@example.org", "owner"), 422);
        assert_eq!(invite(&owner, "jonas@example.org", "editor"), 303);
        let mail = post.next();
        assert!(mail.contains("Editor") && mail.contains("Harbour & Pine"), "{mail}");
        let jonas = accept(&node, &mail, "Jonas");
        assert_eq!(jonas.get("/admin/s/1/posts").status(), 200);
        for path in ["people", "domains", "settings/general", "settings/delete"] {
            assert_eq!(jonas.get(&format!("/admin/s/1/{path}")).status(), 403, "{path}");
        }
        assert_eq!(invite(&jonas, "friend@example.org", "author"), 403);

        assert_eq!(invite(&owner, "alma@example.org", "administrator"), 303);
        let alma = accept(&node, &post.next(), "Alma");
        let page = alma.get("/admin/s/1/people").text().unwrap();
        assert!(page.contains("Jonas") && page.contains("Alma"));
        let id = |name: &str| {
            let row = page.split("<tr>").find(|r| r.contains(&format!("Role of {name}<"))).unwrap();
            between(row, "/people/", "\"").to_owned()
        };
        let jonas_id = id("Jonas");
        let set = |role: &str| alma.post(&format!("/admin/s/1/people/{jonas_id}"), &[("role", role)]).status().as_u16();
        assert_eq!((set("author"), set("hosting_admin"), set("owner")), (303, 422, 422));
        let page = jonas.post("/admin/s/1/pages/new", &[("title", "A page"), ("do", "save")]);
        assert_eq!(page.status(), 403, "an author writes no pages");
        assert_eq!(alma.get("/admin/s/1/settings/delete").status(), 403, "deleting is the owner's");
        assert_eq!(alma.post("/admin/s/1/settings/delete", &[("typed", "Harbour & Pine")]).status(), 403);
        assert_eq!(alma.post(&format!("/admin/s/1/people/{jonas_id}"), &[("do", "remove")]).status(), 303);
        assert_eq!(jonas.get("/admin/s/1/posts").status(), 404, "who was taken off sees nothing");
        assert_eq!(location(&jonas.get("/admin")), "/admin/me");
        assert_eq!(alma.post("/admin/s/1/people/1", &[("do", "remove")]).status(), 404, "the owner holds no role here");
    }
}

/// Without a mail server the link to a first password is shown to who invites: of somebody who is new here alone. It
/// would open what others gave, or take over who signs in here already.
// row: US01. rule: C3
#[test]
fn without_mail_an_inviter_gets_the_link_of_somebody_new_and_never_of_who_was_here() {
    for node in nodes() {
        let mara = Browser::of(&node);
        mara.set_up(&node);
        let enter = |page: &str, name: &str, email: &str| {
            let browser = Browser::of(&node);
            let link = link_in(page, "/admin/invite/");
            assert_eq!(browser.post(&link, &[("name", name), ("password", PASSWORD)]).status(), 303);
            sign_in(&browser, email, PASSWORD);
            browser
        };
        let form = [("title", "Nordlys"), ("owner", "ida@nordlys.example"), ("plan", "0"), ("start", "blank")];
        let opened = mara.post("/admin/server/accounts/new", &form).text().unwrap();
        let ida = enter(&opened, "Ida", "ida@nordlys.example");
        let form = [("title", "Pine"), ("owner", "nils@pine.example"), ("plan", "0"), ("start", "blank")];
        let opened = mara.post("/admin/server/accounts/new", &form).text().unwrap();
        let form = [("email", "ola@example.org"), ("place", "site:1"), ("role", "author")];
        enter(&mara.post("/admin/server/people", &form).text().unwrap(), "Ola", "ola@example.org");
        // Nils is invited and not here yet; Ola signs in, elsewhere. Ida invites both.
        let site = location(&ida.get("/admin")).trim_end_matches('/').to_owned();
        let team = "/admin/account/2/people";
        for page in [team.to_owned(), format!("{site}/people")] {
            let role = if page == team { "reader" } else { "author" };
            for email in ["nils@pine.example", "ola@example.org"] {
                let answer = ida.post(&page, &[("do", "invite"), ("email", email), ("role", role)]);
                assert_eq!(answer.status(), 303, "{page} {email}: {}", answer.text().unwrap());
                let shown = ida.get(&location(&answer)).text().unwrap();
                assert!(!shown.contains("/admin/invite/") && !shown.contains("/admin/reset/"), "{page} {email}");
                let words = if email.starts_with("ola") { "ask them" } else { "a hosting admin can make a new link" };
                assert!(shown.contains(words), "{page} {email}: {shown}");
            }
            let email = format!("new@{}.example", page.len());
            let shown = ida.post(&page, &[("do", "invite"), ("email", &email), ("role", role)]).text().unwrap();
            assert!(shown.contains("/admin/invite/"), "{page}: {shown}");
        }
        // The rights that Ida gave wait for the link that the hosting admin brings; the first one opens nothing now.
        let old = link_in(&opened, "/admin/invite/");
        assert_eq!(mara.get(&old).status(), 404);
    }
}

// row: US01
#[test]
fn the_hosting_admin_finds_helps_disables_and_deletes_people() {
    for node in nodes() {
        let mara = Browser::of(&node);
        mara.set_up(&node);
        let form = [("email", "jonas@example.org"), ("place", "site:1"), ("role", "author")];
        let page = mara.post("/admin/server/people", &form).text().unwrap();
        let link = link_in(&page, "/admin/invite/");
        let jonas = Browser::of(&node);
        assert_eq!(jonas.post(&link, &[("name", "Jonas"), ("password", PASSWORD)]).status(), 303);
        sign_in(&jonas, "jonas@example.org", PASSWORD);
        let editor = location(&jonas.post("/admin/s/1/posts/new", &[("title", "Mine"), ("do", "save")]));
        assert!(editor.starts_with("/admin/s/1/posts/"));
        let list = mara.get("/admin/server/people?q=jon").text().unwrap();
        let path = link_in(&list, "/admin/server/people/");
        assert!(!list.contains(EMAIL), "the search narrows the list");
        let act = |form: &[(&str, &str)]| mara.post(&path, form);

        let forgot = jonas.post("/admin/forgot", &[("email", "jonas@example.org")]);
        assert_eq!(forgot.status(), 200);
        until("the hosting admin is told where no mail is sent", || {
            mara.get("/admin/notices").text().unwrap().contains("Jonas asked for a new password")
        });
        let page = act(&[("do", "link")]).text().unwrap();
        let link = link_in(&page, "/admin/reset/");
        assert_eq!(jonas.get(&link).status(), 200);

        assert_eq!(act(&[("do", "role"), ("place", "site:1"), ("role", "editor")]).status(), 303);
        assert!(mara.get(&path).text().unwrap().contains("Editor"));
        assert_eq!(act(&[("do", "end-sessions")]).status(), 303);
        assert_eq!(jonas.get("/admin/me").status(), 303);
        sign_in(&jonas, "jonas@example.org", PASSWORD);
        assert_eq!(act(&[("do", "disable")]).status(), 303);
        assert_eq!(jonas.get("/admin/me").status(), 303);
        let out = jonas.post("/admin/login", &[("email", "jonas@example.org"), ("password", PASSWORD)]);
        assert_eq!(out.status(), 401);
        assert_eq!(act(&[("do", "enable")]).status(), 303);
        sign_in(&jonas, "jonas@example.org", PASSWORD);

        assert_eq!(act(&[("do", "delete"), ("typed", "wrong")]).status(), 422);
        let kept = act(&[("do", "delete"), ("typed", "jonas@example.org")]);
        assert_eq!(kept.status(), 409, "somebody must take the post over");
        let form = [("do", "delete"), ("typed", "jonas@example.org"), ("heir", EMAIL)];
        assert_eq!(location(&act(&form)), "/admin/server/people?done=deleted");
        assert_eq!(mara.get(&path).status(), 404);
        assert_eq!(mara.get(&editor).status(), 200, "the post is here still");
        let last = mara.post("/admin/server/people/1", &[("do", "take-role"), ("place", "server")]);
        assert_eq!(last.status(), 409, "the last hosting admin stays");
        for page in ["/admin/help", "/admin/notices", "/admin/server/settings", "/admin/server/sites"] {
            assert_eq!(mara.get(page).status(), 200, "{page}");
        }
    }
}

// row: OP10 (test mail)
#[test]
fn the_mail_server_is_tried_out() {
    for (post, node) in mailing_nodes() {
        let mara = Browser::of(&node);
        mara.set_up(&node);
        let page = mara.get("/admin/server/settings").text().unwrap();
        assert!(page.contains(post.url.trim_start_matches("smtp://")));
        assert_eq!(mara.post("/admin/server/settings/mail", &[("to", EMAIL)]).status(), 200);
        assert!(post.next().contains("try out the mail server"));
    }
}
