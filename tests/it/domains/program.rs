//! The API and the command line do what the panel does.

use serde_json::{Value, json};

use crate::cli::run;
use crate::support::until;

use super::names::Names;
use super::world::{House, houses};

struct Api<'a> {
    house: &'a House,
    token: String,
}

impl Api<'_> {
    fn of<'a>(house: &'a House, user: &str) -> Api<'a> {
        let scopes = "domains.manage,site.read,server.read,server.manage";
        let said = run(&house.node, &["token", "create", "--user", user, "--scope", scopes, "--name", "t"]);
        assert_eq!(said.code, 0, "{}", said.err);
        Api { house, token: said.out.trim().to_owned() }
    }
    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.house.node.panel);
        let mut request = self.house.mara.http.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().unwrap()).unwrap_or_default())
    }
    fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, None);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

// row: H024, H026, H030, H032
#[test]
fn the_api_adds_looks_proves_changes_and_removes() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        names.zone("harbour.example", "@ A 198.51.100.7");
        let nils = Api::of(&house, "nils@example.org");
        let (status, made) = nils.ask(
            "POST",
            "/sites/2/domains",
            Some(json!({ "host": "Harbour.example", "kind": "alias", "becomes_main": true })),
        );
        assert_eq!(status, 201, "{made}");
        assert_eq!((made["state"].as_str(), made["host"].as_str()), (Some("pending"), Some("harbour.example")));
        assert_eq!(made["challenge"]["name"], "_freehold-challenge.harbour.example");
        let token = made["challenge"]["value"].as_str().unwrap();
        names.zone("harbour.example", &format!("@ A 198.51.100.7\n_freehold-challenge TXT \"{token}\""));
        assert_eq!(nils.ask("POST", "/sites/2/domains/harbour.example/look", None).0, 204);
        until("it is proved", || nils.get("/sites/2/domains/harbour.example")["proof"] == "txt");
        let one = nils.get("/sites/2/domains/harbour.example");
        assert_eq!(
            (&one["state"], &one["points"], &one["becomes_main"]),
            (&json!("live"), &json!("elsewhere"), &json!(true))
        );
        assert_eq!(one["look"]["old"][0]["value"], "198.51.100.7");
        assert_eq!(one["look"]["seen"].as_array().unwrap().len(), 3);

        let refused = |body: Value| nils.ask("POST", "/sites/2/domains", Some(body));
        assert_eq!(refused(json!({ "host": "co.uk" })).1["code"], "domain_suffix");
        assert_eq!(refused(json!({ "host": "harbour.example" })).1["code"], "domain_taken");
        assert_eq!(refused(json!({ "host": "x.example", "kind": "main" })).0, 422);
        let (status, changed) =
            nils.ask("PATCH", "/sites/2/domains/harbour.example", Some(json!({ "kind": "redirect" })));
        assert_eq!((status, changed["kind"].as_str()), (200, Some("redirect")), "{changed}");
        assert_eq!(house.status("harbour.example"), 301);

        // The hosting admin's word, and the list of all.
        let jonas = Api::of(&house, "jonas@example.org");
        assert_eq!(jonas.ask("POST", "/sites/3/domains", Some(json!({ "host": "*.pine.example" }))).0, 201);
        assert_eq!(jonas.ask("POST", "/sites/3/domains/*.pine.example/approve", None).0, 403);
        assert_eq!(jonas.ask("GET", "/sites/2/domains", None).0, 404);
        assert_eq!(jonas.ask("GET", "/domains", None).0, 403);
        let mara = Api::of(&house, "mara@example.org");
        assert_eq!(mara.ask("POST", "/sites/3/domains/*.pine.example/approve", None).0, 204);
        assert_eq!(house.status("any.pine.example"), 200);
        let all = mara.get("/domains?search=pine&state=live");
        assert_eq!(
            (all["items"][0]["host"].as_str(), &all["items"][0]["account"]),
            (Some("*.pine.example"), &json!(3))
        );
        let first = mara.get("/domains?limit=1");
        let next = mara.get(&format!("/domains?limit=1&after={}", first["next"].as_str().unwrap()));
        assert_ne!(first["items"][0]["id"], next["items"][0]["id"]);

        assert_eq!(nils.get("/sites/2/domains/harbour.example/health")["checked_at"], Value::Null);
        assert_eq!(nils.ask("POST", "/sites/2/domains/harbour.example/health", None).0, 204);
        until("it was checked", || nils.get("/sites/2/domains/harbour.example/health")["checked_at"].is_string());
        let health = nils.get("/sites/2/domains/harbour.example/health");
        let address = health["lines"].as_array().unwrap().iter().find(|l| l["key"] == "address").unwrap();
        assert_eq!(address["tone"], "bad", "{health}");
        assert_eq!(nils.ask("DELETE", "/sites/2/domains/harbour.example", None).0, 204);
        assert_eq!(nils.ask("GET", "/sites/2/domains/harbour.example", None).0, 404);
        assert_eq!(house.status("harbour.example"), 421);
    }
}

// row: H024, H030, H032
#[test]
fn the_command_line_adds_approves_checks_and_removes() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        names.zone("harbour.example", "@ A 198.51.100.7");
        let said = |words: &[&str]| run(&house.node, words);
        let made =
            said(&["--json", "domain", "add", "https://harbour.example/", "--site", "2", "--kind", "alias"]).json();
        assert_eq!((made["state"].as_str(), made["kind"].as_str()), (Some("live"), Some("alias")), "{made}");
        assert_eq!(house.status("harbour.example"), 200);
        assert_eq!(said(&["domain", "set", "harbour.example", "--kind", "redirect"]).code, 0);
        assert_eq!(house.status("harbour.example"), 301);
        assert_eq!(said(&["domain", "add", "pine.example", "--site", "2", "--kind", "wildcard"]).code, 1);

        let checked = said(&["domain", "check", "harbour.example"]);
        assert_eq!(checked.code, 1, "{}", checked.out);
        assert!(
            checked.out.contains("BAD   address") && checked.out.contains("It leads to another server."),
            "{}",
            checked.out
        );
        names.zone("harbour.example", "@ A 203.0.113.10");
        let checked = said(&["--json", "domain", "check", "harbour.example"]);
        let lines: Value = serde_json::from_str(&checked.out).unwrap();
        assert!(
            lines["lines"].as_array().unwrap().iter().any(|l| l["key"] == "address" && l["tone"] == "good"),
            "{lines}"
        );

        let claimed = house.jonas.post("/admin/s/3/domains", &[("host", "sail.example")]);
        assert_eq!(claimed.status(), 303);
        assert_eq!(house.status("sail.example"), 421);
        assert_eq!(said(&["domain", "approve", "sail.example", "--site", "3"]).code, 0);
        assert_eq!(house.status("sail.example"), 301);
        let all = said(&["--json", "domain", "list"]).json();
        let of = |host: &str| {
            all["domains"].as_array().unwrap().iter().find(|d| d["host"] == host).cloned().unwrap_or_default()
        };
        assert_eq!(
            (of("sail.example")["proof"].as_str(), of("harbour.example")["points"].as_str()),
            (Some("admin"), Some("here")),
            "{all}"
        );
        assert_eq!(said(&["domain", "remove", "sail.example"]).code, 0);
        assert_eq!((house.status("sail.example"), said(&["domain", "remove", "sail.example"]).code), (421, 1));
    }
}
