//! Sign-in of people with power, over HTTP: passkeys, the page that asks for a fresh proof, tokens bound to addresses,
//! networks that are kept out, the mail about a new browser, the security report in all its doors.

use freehold_base::Clock;
use freehold_store::{Store, StoreOptions, testing};
use reqwest::Method;
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::api::Program;
use crate::cli::run_in;
use crate::node::{Browser, Node, between, location, nodes};
use crate::post::mailing_nodes;
use crate::soft_key::SoftKey;

const EMAIL: &str = "mara@example.org";
const PASSWORD: &str = "grey-gull-over-the-quay";

/// Changes rows past the running node.
fn change(node: &Node, sql: &'static str) {
    let options =
        StoreOptions { data: node.data.path().to_owned(), database_url: node.database_url.clone(), readers: 1 };
    let store = Store::open_beside(&options, Clock::system()).unwrap();
    testing::execute(&store, sql).unwrap();
}

/// The last proof of everybody is an hour old.
fn age(node: &Node) {
    change(node, "UPDATE sessions SET confirmed_at = confirmed_at - 3600000");
}

fn start(browser: &Browser, path: &str) -> (String, Value) {
    let answer = browser.post(path, &[]);
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let said: Value = serde_json::from_str(&answer.text().unwrap()).unwrap();
    (said["ceremony"].as_str().unwrap().to_owned(), said["options"].clone())
}

/// Adds a passkey to the browser's person.
fn add_key(node: &Node, browser: &Browser) -> SoftKey {
    let (ceremony, options) = start(browser, "/admin/me/passkeys/start");
    let (key, credential) = SoftKey::make(&options, &node.panel);
    let form = [("ceremony", ceremony.as_str()), ("credential", credential.as_str()), ("name", "Phone")];
    let answer = browser.post("/admin/me/passkeys", &form);
    assert!(matches!(answer.status().as_u16(), 200 | 303), "{}", answer.text().unwrap());
    key
}

fn answer_with(browser: &Browser, path: &str, (ceremony, credential): (&str, &str)) -> Response {
    browser.post(path, &[("ceremony", ceremony), ("credential", credential), ("next", "/admin/me")])
}

// row: H135. rules: C4 C5
#[test]
fn a_passkey_signs_in_once_per_challenge_and_only_from_the_panel_itself() {
    for node in nodes() {
        let owner = Browser::of(&node);
        owner.set_up(&node);
        let mut key = add_key(&node, &owner);
        assert!(owner.get("/admin/me/security").text().unwrap().contains("Phone"));
        let options = start(&owner, "/admin/me/passkeys/start").1;
        assert_eq!(options["publicKey"]["rp"]["id"], "localhost");
        assert_eq!(options["publicKey"]["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(options["publicKey"]["excludeCredentials"].as_array().unwrap().len(), 1);

        let other = Browser::of(&node);
        let (ceremony, options) = start(&other, "/admin/login/passkey/start");
        assert!(options["publicKey"]["allowCredentials"].as_array().is_none_or(Vec::is_empty), "tells nobody's keys");
        let credential = key.answer(&options);
        let done = answer_with(&other, "/admin/login/passkey", (&ceremony, &credential));
        assert_eq!((done.status().as_u16(), location(&done).as_str()), (303, "/admin/me"));
        assert_eq!(other.get("/admin/s/1").status(), 200, "a passkey is both factors");
        let third = Browser::of(&node);
        let again = answer_with(&third, "/admin/login/passkey", (&ceremony, &credential));
        assert_eq!(again.status(), 401, "replayed");
        assert!(again.text().unwrap().contains("not accepted"));
        assert_eq!(third.get("/admin/s/1").status(), 303);

        let (ceremony, options) = start(&third, "/admin/login/passkey/start");
        key.origin = node.panel.replace("localhost", "evil.example");
        let phished = key.answer(&options);
        assert_eq!(answer_with(&third, "/admin/login/passkey", (&ceremony, &phished)).status(), 401);
        key.origin.clone_from(&node.panel);

        // The password leads to the second step now, and the key is one.
        let signed = third.post("/admin/login", &[("email", EMAIL), ("password", PASSWORD)]);
        assert_eq!(location(&signed), "/admin/login/code");
        let (ceremony, options) = start(&third, "/admin/login/code/passkey");
        assert_eq!(options["publicKey"]["allowCredentials"].as_array().unwrap().len(), 1);
        let credential = key.answer(&options);
        assert_eq!(answer_with(&third, "/admin/login/code", (&ceremony, &credential)).status(), 303);
        assert_eq!(third.get("/admin/s/1").status(), 200);
        let cookie = |name: &str| {
            let set = Browser::of(&node).post("/admin/login", &[("email", EMAIL), ("password", PASSWORD)]);
            let all: Vec<String> =
                set.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap().to_owned()).collect();
            all.iter().any(|c| c.starts_with(name))
        };
        assert!(!cookie("freehold_device="), "half a sign-in makes no browser known");
    }
}

// row: H135. rule: C4
#[test]
fn a_dangerous_form_waits_for_a_fresh_proof_and_then_does_exactly_what_it_said() {
    for node in nodes() {
        let mara = Browser::of(&node);
        mara.set_up(&node);
        let form = [("email", "jo@example.org"), ("place", "site:1"), ("role", "author")];
        mara.post("/admin/server/people", &form);
        let jo = "/admin/server/people/2";
        age(&node);
        let asked = mara.post(jo, &[("do", "disable"), ("secret", "what was typed")]);
        assert_eq!(asked.status(), 303);
        let to = location(&asked);
        let held = to.strip_prefix("/admin/confirm?held=").expect("the page that asks").to_owned();
        let page = mara.get(&to).text().unwrap();
        assert!(page.contains("keep this person out") && !page.contains("what was typed"));
        assert!(!mara.get(jo).text().unwrap().contains("value=\"enable\""), "nothing happened yet");
        let json = mara
            .http
            .post(format!("{}{jo}", node.panel))
            .header("sec-fetch-site", "same-origin")
            .header("accept", "application/json")
            .form(&[("do", "disable")])
            .send()
            .unwrap();
        assert_eq!(json.status(), 403);
        assert!(json.text().unwrap().contains("confirm_needed"));

        let wrong = mara.post("/admin/confirm", &[("held", &held), ("password", "something else")]);
        assert_eq!(wrong.status(), 401);
        assert!(wrong.text().unwrap().contains("not your password"));
        let early = mara.post(jo, &[("__held", &held)]);
        assert!(location(&early).starts_with("/admin/confirm?held="), "without a proof it waits again");
        let held = location(&early).replace("/admin/confirm?held=", "");
        let done = mara.post("/admin/confirm", &[("held", &held), ("password", PASSWORD)]);
        assert_eq!(done.status(), 200);
        let page = done.text().unwrap();
        assert!(page.contains(&format!("action=\"{jo}\"")) && page.contains("Keep this person out"), "{page}");
        assert!(!page.contains("what was typed"), "what was typed stays on the server");
        let name = between(&page, "name=\"__held\" value=\"", "\"").to_owned();
        let elsewhere = mara.post("/admin/server/people/1", &[("__held", &name)]);
        assert_eq!(elsewhere.status(), 404, "only where it was sent");
        let page = mara.get(jo).text().unwrap();
        assert!(!page.contains("value=\"enable\""));

        age(&node);
        let held = location(&mara.post(jo, &[("do", "disable")])).replace("/admin/confirm?held=", "");
        assert_eq!(mara.post("/admin/confirm", &[("held", &held), ("password", PASSWORD)]).status(), 200);
        let thief = Browser::of(&node);
        thief.post("/admin/login", &[("email", EMAIL), ("password", PASSWORD)]);
        assert_eq!(thief.post(jo, &[("__held", &held)]).status(), 404, "another session has nothing of it");
        assert_eq!(location(&mara.post(jo, &[("__held", &held)])), format!("{jo}?done=changed"));
        assert!(mara.get(jo).text().unwrap().contains("value=\"enable\""));
        assert_eq!(mara.post(jo, &[("__held", &held)]).status(), 404, "once");

        // Every other dangerous door asks too; the site is still there.
        for (path, form) in [
            ("/admin/s/1/settings/delete", vec![("typed", "Harbour & Pine")]),
            ("/admin/me/password", vec![("current", PASSWORD), ("password", "nine grey geese at noon")]),
            ("/admin/me/factor", vec![("do", "begin")]),
            ("/admin/me/tokens", vec![("name", "x"), ("scopes", "site.read"), ("expires", "30")]),
            ("/admin/server/people", vec![("email", "x@example.org"), ("place", "server"), ("role", "auditor")]),
            ("/admin/server/people/2", vec![("do", "link")]),
            ("/admin/server/security", vec![("do", "rule"), ("rule", "everybody")]),
            ("/admin/me/keys", vec![("do", "make-key"), ("key_name", "mine")]),
            ("/admin/server/accounts/1/open", vec![]),
        ] {
            age(&node);
            let asked = mara.post(path, &form);
            assert_eq!(asked.status(), 303, "{path}: {}", asked.text().unwrap());
            assert!(location(&asked).starts_with("/admin/confirm?held="), "{path}");
        }
        assert_eq!(mara.get("/admin/s/1").status(), 200);
        let held = location(&mara.post("/admin/s/1/settings/delete", &[("typed", "Harbour & Pine")]));
        let held = held.replace("/admin/confirm?held=", "");
        mara.post("/admin/confirm", &[("held", &held), ("password", PASSWORD)]);
        let gone = mara.post("/admin/s/1/settings/delete", &[("__held", &held)]);
        assert_eq!(location(&gone), "/admin?done=site-deleted");
    }
}

// row: H142. rule: C8
#[test]
fn a_token_says_from_where_it_may_be_used_and_the_audit_log_says_who_tried() {
    for node in nodes() {
        let mara = Browser::of(&node);
        mara.set_up(&node);
        let make = |addresses: &str| {
            let form = [("name", "Deployer"), ("scopes", "site.read"), ("expires", "30"), ("addresses", addresses)];
            mara.post("/admin/me/tokens", &form)
        };
        let wrong = make("10.0.0.0/33");
        assert_eq!(wrong.status(), 422);
        assert!(wrong.text().unwrap().contains("value=\"10.0.0.0/33\""), "what was typed stays");
        let ask = |page: Response| {
            let token = between(&page.text().unwrap(), "data-copy=\"", "\"").to_owned();
            let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
            let answer = http.get(format!("{}/api/v1/me", node.panel)).bearer_auth(token).send().unwrap();
            (answer.status().as_u16(), answer.text().unwrap())
        };
        assert_eq!(ask(make("127.0.0.0/8, ::1")).0, 200);
        let (status, said) = ask(make("192.0.2.0/24"));
        assert!(status == 403 && said.contains("token_elsewhere") && said.contains("127.0.0.1"), "{said}");
        let log = mara.get("/admin/server/audit").text().unwrap();
        assert!(log.contains("was refused a token from a wrong address"), "{log}");
        let page = mara.get("/admin/me/tokens").text().unwrap();
        assert!(page.contains("from 192.0.2.0/24"));

        let cli = |args: &[&str]| run_in(node.data.path(), &node.database_url, args, "");
        let made =
            cli(&["token", "create", "--user", EMAIL, "--scope", "read", "--from", "192.0.2.0/24,2001:db8::/32"]);
        assert_eq!(made.code, 0, "{}", made.err);
        let list = cli(&["--json", "token", "list", "--user", EMAIL]).out;
        assert!(list.contains("2001:db8::/32"), "{list}");
        let wrong = cli(&["token", "create", "--user", EMAIL, "--scope", "read", "--from", "here"]);
        assert_eq!(wrong.code, 1);
    }
}

// row: US07
#[test]
fn a_sign_in_with_a_new_browser_is_told_by_mail_and_a_known_one_is_not() {
    for (post, node) in mailing_nodes() {
        let mara = Browser::of(&node);
        mara.set_up(&node);
        let sign_in = |browser: &Browser| {
            browser.post("/admin/login", &[("email", EMAIL), ("password", PASSWORD)]).status().as_u16()
        };
        assert_eq!(sign_in(&mara), 303);
        assert!(post.none(), "the first browser, again");
        let other = Browser::of(&node);
        assert_eq!(sign_in(&other), 303);
        let mail = post.next();
        assert!(mail.contains("To: mara@example.org") && mail.contains("127.0.0.1"), "{mail}");
        assert!(mail.contains("/admin/me/security"));
        assert_eq!(sign_in(&other), 303);
        let failed = Browser::of(&node);
        failed.post("/admin/login", &[("email", EMAIL), ("password", "wrong")]);
        assert!(post.none(), "neither a known browser nor a refusal is news");
    }
}

// row: H137. rule: C5
#[test]
fn a_browser_that_signed_in_before_comes_in_while_others_wait_and_a_blocked_network_hears_why() {
    for node in nodes() {
        let mara = Browser::of(&node);
        mara.set_up(&node);
        let sign_in = |browser: &Browser, password: &str| {
            let answer = browser.post("/admin/login", &[("email", EMAIL), ("password", password)]);
            (answer.status().as_u16(), answer.text().unwrap())
        };
        let stranger = Browser::of(&node);
        for _ in 0..5 {
            assert_eq!(sign_in(&stranger, "wrong").0, 401);
        }
        // The second that one waits after the fifth would be over on a disk that stands still for one.
        change(&node, "UPDATE sign_in_failures SET failed_at = failed_at + 30000");
        assert_eq!(sign_in(&stranger, PASSWORD).0, 429);
        assert_eq!(sign_in(&mara, PASSWORD).0, 303, "her own browser");
        assert_eq!(
            mara.post("/admin/server/security/networks", &[("network", "127.0.0.1"), ("do", "block")]).status(),
            303
        );
        let (status, page) = sign_in(&stranger, PASSWORD);
        assert!(status == 403 && page.contains("Nobody signs in from this network"), "{page}");
        assert_eq!(stranger.post("/admin/login/passkey/start", &[]).status(), 403);
        assert_eq!(sign_in(&mara, PASSWORD).0, 303, "an admin does not lock their own browser out");
        let page = mara.get("/admin/server/security/networks").text().unwrap();
        assert!(page.contains("127.0.0.1/32") && page.contains("Blocked until it is let in"));
        assert!(mara.get("/admin/server/security").text().unwrap().contains("1 network kept out"));
        let cli = |args: &[&str]| run_in(node.data.path(), &node.database_url, args, "");
        assert!(cli(&["security", "networks"]).out.contains("127.0.0.1/32"));
        assert_eq!(cli(&["security", "let-in", "127.0.0.1"]).code, 0);
        change(&node, "DELETE FROM sign_in_failures");
        assert_eq!(sign_in(&stranger, PASSWORD).0, 303);
    }
}

// row: H144
#[test]
fn the_security_report_is_the_same_in_panel_api_and_command_line() {
    for node in nodes() {
        let mara = Browser::of(&node);
        mara.set_up(&node);
        let program = Program::new(&node, &mara, &["server.read", "server.manage"], "");
        let (status, report) = program.with(Method::GET, "/api/v1/server/security", Value::Null);
        assert_eq!(status, 200, "{report}");
        let state = |report: &Value, name: &str| {
            let items = report["items"].as_array().unwrap();
            items.iter().find(|l| l["name"] == name).unwrap()["state"].as_str().unwrap().to_owned()
        };
        assert_eq!(state(&report, "second_factor"), "bad");
        assert_eq!((state(&report, "key_file"), state(&report, "panel_https")), ("good".into(), "good".into()));
        assert_eq!(state(&report, "tokens"), "look", "the program's own token works from anywhere");
        let page = mara.get("/admin/server/security").text().unwrap();
        assert!(page.contains("1 person with power and without a second factor"));
        let cli = |args: &[&str]| run_in(node.data.path(), &node.database_url, args, "");
        let told = cli(&["security", "report"]);
        assert_eq!(told.code, 1, "something is to be mended");
        assert!(told.out.contains("second_factor"), "{}", told.out);

        add_key(&node, &mara);
        let (_, report) = program.with(Method::GET, "/api/v1/server/security", Value::Null);
        assert_eq!(state(&report, "second_factor"), "good");
        use std::os::unix::fs::PermissionsExt as _;
        let key = node.data.path().join("key");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        let (_, report) = program.with(Method::GET, "/api/v1/server/security", Value::Null);
        assert_eq!(state(&report, "key_file"), "bad");
        assert!(mara.get("/admin/server/security").text().unwrap().contains("chmod 600"));
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

// row: H135
#[test]
fn every_button_about_signing_in_has_its_twin_in_the_api_and_on_the_command_line() {
    const JO: &str = "jo@example.org";
    // Nobody reaches above their own rights (rule C3): the token needs what Jo may do.
    let of_jo = ["site.read", "entries.write_own", "entries.publish_own", "entries.write_all", "entries.publish_all"];
    let more = ["entries.raw_html", "media.write", "media.manage", "terms.add", "terms.manage", "comments.moderate"];
    let rest = ["menus.manage", "self.manage", "server.read", "server.manage"];
    for node in nodes() {
        let mara = Browser::of(&node);
        mara.set_up(&node);
        let program = Program::new(&node, &mara, &[&of_jo[..], &more, &rest].concat(), "");
        let weak = Program::new(&node, &mara, &["server.read", "server.manage"], "");
        let cli = |args: &[&str]| run_in(node.data.path(), &node.database_url, args, PASSWORD);
        let made = cli(&["user", "create", JO, "--site", "1", "--role", "editor", "--password-stdin"]);
        assert_eq!(made.code, 0, "{}", made.err);
        let ask = |method: Method, path: &str, body: Value| program.with(method, path, body);
        let of = |rest: &str| format!("/api/v1/users/2/{rest}");
        assert_eq!(weak.with(Method::PUT, &of("disabled"), Value::Null).0, 403);
        assert_eq!(ask(Method::PUT, &of("disabled"), Value::Null).0, 204);
        assert!(cli(&["user", "list"]).out.contains("disabled"));
        assert_eq!(ask(Method::DELETE, &of("disabled"), Value::Null).0, 204);
        let rule = json!({ "wanted_of": ["owners", "resellers"] });
        assert_eq!(ask(Method::PUT, "/api/v1/server/second-factor", rule).0, 204);
        assert_eq!(ask(Method::PUT, "/api/v1/server/second-factor", json!({ "wanted_of": ["cats"] })).0, 422);
        let (_, said) = ask(Method::GET, "/api/v1/server/second-factor", Value::Null);
        assert_eq!(said["wanted_of"], json!(["resellers", "owners"]));
        assert!(cli(&["security", "second-factor", "--of", "none"]).err.contains("nobody"));
        assert_eq!(cli(&["security", "second-factor", "--of", "cats"]).code, 1);
        let network = || json!({ "network": "203.0.113.0/24" });
        assert_eq!(ask(Method::POST, "/api/v1/server/networks", network()).0, 204);
        let (_, said) = ask(Method::GET, "/api/v1/server/networks", Value::Null);
        assert_eq!(said["items"][0]["why"], "blocked");
        assert_eq!(ask(Method::POST, "/api/v1/server/networks/let-in", network()).0, 204);
        assert_eq!(ask(Method::DELETE, "/api/v1/server/old-sessions", Value::Null).0, 204);

        let jo = Browser::of(&node);
        let sign_in = || jo.post("/admin/login", &[("email", JO), ("password", PASSWORD)]).status().as_u16();
        let whole = || jo.get("/admin/s/1/posts").status() == 200;
        assert!(sign_in() == 303 && whole());
        let (_, said) = ask(Method::GET, &of("sessions"), Value::Null);
        assert_eq!(said["items"].as_array().unwrap().len(), 1);
        assert!(cli(&["user", "sessions", JO]).out.contains("127.0.0.1"));
        add_key(&node, &jo);
        let (_, said) = ask(Method::GET, &of("passkeys"), Value::Null);
        assert_eq!((said["items"][0]["name"].as_str(), said["items"][0]["id"].as_i64()), (Some("Phone"), Some(1)));
        assert!(cli(&["user", "passkeys", JO]).out.contains("Phone"));
        assert_eq!(ask(Method::DELETE, &of("passkeys/9"), Value::Null).0, 404);
        assert_eq!(ask(Method::DELETE, &of("passkeys/1"), Value::Null).0, 204);
        assert!(!whole(), "all their sessions ended");
        assert!(sign_in() == 303 && whole(), "the password is enough again");
        add_key(&node, &jo);
        assert_eq!(cli(&["user", "passkeys", JO, "--remove", "2"]).code, 0);
        assert!(sign_in() == 303 && whole());
        add_key(&node, &jo);
        assert_eq!(cli(&["user", "factor-off", JO]).code, 0);
        assert!(sign_in() == 303 && whole());
        add_key(&node, &jo);
        assert_eq!(ask(Method::DELETE, &of("factor"), Value::Null).0, 204);
        assert!(sign_in() == 303 && whole());
        assert_eq!(cli(&["user", "sessions", JO, "--end"]).code, 0);
        assert!(!whole() && sign_in() == 303 && whole());
        assert_eq!(ask(Method::DELETE, &of("sessions"), Value::Null).0, 204);
        assert!(!whole());
    }
}
