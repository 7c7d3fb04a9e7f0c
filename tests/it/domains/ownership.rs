//! Whose a name is: claims, text records, the word of the hosting admin.

use crate::node::between;
use crate::support::until;

use super::names::Names;
use super::world::{add, houses, look_until, page};

const ELSEWHERE: &str = "@ A 198.51.100.7";

// row: H030
#[test]
fn h030_a_text_record_shows_whose_a_name_is_before_it_moves() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        names.zone("harbour.example", ELSEWHERE);
        add(&house.nils, 2, &[("host", "harbour.example"), ("what", "alias")]);
        let waits = look_until(&house.nils, 2, "harbour.example", "_freehold-challenge");
        let card = waits.split("<h2>Or show first that it is yours").nth(1).unwrap();
        let token = between(card, "data-copy=\"", "\"").to_owned();
        let wrong = format!("@ A 198.51.100.8\n_freehold-challenge TXT \"{}x\"", &token[1..]);
        names.zone("harbour.example", &wrong);
        look_until(&house.nils, 2, "harbour.example", "198.51.100.8");
        assert_eq!(house.status("harbour.example"), 421, "another text shows nothing");

        names.zone("harbour.example", &format!("{ELSEWHERE}\n_freehold-challenge TXT \"{token}\""));
        assert_eq!(house.nils.post("/admin/s/2/domains/harbour.example", &[("do", "look")]).status(), 303);
        until("it is served", || house.status("harbour.example") == 200);
        let shown = page(&house.nils, 2, "harbour.example");
        assert!(!shown.contains("_freehold-challenge") && shown.contains("Remove the old A record"), "{shown}");
        let all = house.mara.get("/admin/server/domains").text().unwrap();
        assert!(all.contains("Shown by a text record"), "{all}");
    }
}

// row: H030
#[test]
fn h030_a_claim_blocks_nobody_and_who_shows_it_first_has_the_name() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        names.zone("harbour.example", ELSEWHERE);
        for (who, site) in [(&house.nils, 2), (&house.jonas, 3)] {
            add(who, site, &[("host", "harbour.example"), ("what", "alias")]);
            look_until(who, site, "harbour.example", "198.51.100.7");
        }
        assert_eq!(house.nils.post("/admin/s/2/domains", &[("host", "harbour.example")]).status(), 422, "once a site");
        let page_of = look_until(&house.jonas, 3, "harbour.example", "_freehold-challenge");
        let card = page_of.split("<h2>Show that it is yours").nth(1).unwrap();
        assert!(card.contains("Somebody else on this server has added harbour.example"), "{card}");
        let token = between(card, "data-copy=\"", "\"").to_owned();
        names.zone("harbour.example", &format!("{ELSEWHERE}\n_freehold-challenge TXT \"{token}\""));
        for (who, site) in [(&house.nils, 2), (&house.jonas, 3)] {
            let address = format!("/admin/s/{site}/domains/harbour.example");
            assert_eq!(who.post(&address, &[("do", "look")]).status(), 303);
        }
        until("it is served", || house.status("harbour.example") == 200);
        assert!(house.visit("harbour.example").1.contains("Boatyard"), "the one who showed it");
        // It points here now, and still is Jonas's.
        names.zone("harbour.example", "@ A 203.0.113.10");
        let waits = look_until(&house.nils, 2, "harbour.example", "It points here");
        assert!(!waits.contains("It is live:"), "{waits}");
        // No line of Nils's changes that any more, and his page does not say so.
        let card = waits.split("<h2>Show that it is yours").nth(1).unwrap();
        assert!(card.contains("Another site on this server has harbour.example already"), "{card}");
        assert!(!card.contains("whoever does has the name") && waits.contains("Once no other site has it"), "{waits}");
        assert!(house.visit("harbour.example").1.contains("Boatyard"));
        // What is taken is not even claimed any more, nor what lies below or above it.
        for name in ["harbour.example", "shop.harbour.example", "*.harbour.example", "a.b.harbour.example"] {
            let refused = house.nils.post("/admin/s/2/domains", &[("host", name)]);
            assert_eq!(refused.status(), 422, "{name}");
            let text = refused.text().unwrap();
            assert!(
                text.contains("host-help") && text.contains("account on this server") || text.contains("already"),
                "{text}"
            );
        }
    }
}

// row: H030
#[test]
fn h030_a_name_that_pointed_here_before_it_was_added_waits_for_its_text_record() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        names.zone("harbour.example", "@ A 203.0.113.10\n@ AAAA 2001:db8:4f::10");
        add(&house.nils, 2, &[("host", "harbour.example"), ("what", "alias")]);
        let waits = look_until(&house.nils, 2, "harbour.example", "pointed here before you added it");
        assert_eq!(house.status("harbour.example"), 421);
        let card = waits.split("<h2>Show that it is yours").nth(1).unwrap();
        let token = between(card, "data-copy=\"", "\"").to_owned();
        names.zone("harbour.example", &format!("@ A 203.0.113.10\n_freehold-challenge TXT \"{token}\""));
        until("it is served", || house.status("harbour.example") == 200);
    }
}

// row: H030
#[test]
fn h030_the_hosting_admin_may_say_whose_a_name_is() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        names.zone("harbour.example", ELSEWHERE);
        add(&house.nils, 2, &[("host", "harbour.example"), ("what", "redirect")]);
        add(&house.jonas, 3, &[("host", "sub.harbour.example"), ("what", "redirect")]);
        let waiting = house.mara.get("/admin/server/domains?view=waiting").text().unwrap();
        assert!(waiting.contains("Not shown to be theirs yet") && waiting.contains("Let it be served"), "{waiting}");
        let id_of = |name: &str| {
            let row =
                waiting.split("<tr").find(|r| r.contains(&format!("Let it be served<span class=\"vh\">: {name}<")));
            between(row.unwrap(), "action=\"/admin/server/domains/", "\"").to_owned()
        };
        let approve = |who: &crate::node::Browser, id: &str, site: &str| {
            who.post(&format!("/admin/server/domains/{id}"), &[("do", "approve"), ("site", site)]).status().as_u16()
        };
        assert_eq!(approve(&house.nils, &id_of("harbour.example"), "2"), 403, "not by themselves");
        assert_eq!(house.status("harbour.example"), 421);
        assert_eq!(approve(&house.mara, &id_of("harbour.example"), "3"), 404, "not for another site");
        assert_eq!(approve(&house.mara, &id_of("harbour.example"), "2"), 303);
        assert_eq!(house.status("harbour.example"), 301);
        // Even the hosting admin lets nobody into the name of another account.
        assert_eq!(approve(&house.mara, &id_of("sub.harbour.example"), "3"), 409);
        assert_eq!(house.status("sub.harbour.example"), 421);
        let found = house.mara.get("/admin/server/domains?q=HARBOUR").text().unwrap();
        assert!(found.contains("sub.harbour.example") && found.contains("Let in by a hosting admin"), "{found}");
        assert!(!house.mara.get("/admin/server/domains?q=harbuor").text().unwrap().contains("<tbody>"));
        assert_eq!(house.nils.get("/admin/server/domains").status(), 403);
    }
}

// row: H030
#[test]
fn h030_without_the_check_a_name_is_served_at_once() {
    let names = Names::start();
    for house in houses(&names, &[("FREEHOLD__DOMAINS__CHECK_OWNERSHIP", "false")]) {
        add(&house.nils, 2, &[("host", "harbour.example"), ("what", "alias")]);
        assert_eq!(house.status("harbour.example"), 200);
        assert_eq!(house.jonas.post("/admin/s/3/domains", &[("host", "www.harbour.example")]).status(), 422);
    }
}

// row: H030
#[test]
fn h030_our_own_names_and_endings_are_refused_with_their_reason() {
    let names = Names::start();
    let more =
        [("FREEHOLD__DOMAINS__PREVIEW", "preview.host.example"), ("FREEHOLD__PANEL_URL", "http://panel.host.example")];
    let all = names.environment(super::world::OWN);
    for launch in crate::node::Launch::all() {
        let launch = all.iter().fold(launch, |launch, (name, value)| launch.env(name, value));
        let node = more.iter().fold(launch, |launch, (name, value)| launch.env(name, value)).start();
        let set = |words: &[&str]| crate::cli::run(&node, words);
        let made = set(&["--json", "account", "create", "Nils"]).json();
        let account = made["id"].to_string();
        for (host, why) in [
            ("panel.host.example", "kept for the server"),
            ("x.preview.host.example", "kept for the server"),
            ("co.uk", "others register their names"),
            ("example", "others register their names"),
        ] {
            let said = set(&["site", "create", "--title", "Net loft", "--host", host, "--account", &account]);
            assert!(said.code == 1 && said.err.contains(why), "{host}: {} {}", said.code, said.err);
        }
    }
}
