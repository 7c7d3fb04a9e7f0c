//! The guided set-up, from "not there" to "points here".

use crate::node::between;
use crate::support::until;

use super::names::{Names, SERVER};
use super::world::{add, houses, look_until, page};

const OLD: &str =
    "@ A 198.51.100.7\n@ MX 10 mail.elsewhere.example.\n@ TXT \"v=spf1 mx ~all\"\nwww CNAME harbour.example.";
const NEW: &str =
    "@ A 203.0.113.10\n@ AAAA 2001:db8:4f::10\n@ MX 10 mail.elsewhere.example.\nwww CNAME harbour.example.";

// row: H023, H024, H030. rule: B9
#[test]
fn a_name_goes_from_another_server_to_this_one_and_becomes_the_main_address() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        names.zone("harbour.example", OLD);
        let (nils, host) = (&house.nils, "harbour.example");
        let to = add(nils, 2, &[("host", "https://Harbour.example/about"), ("what", "main"), ("www", "on")]);
        assert_eq!(to, "/admin/s/2/domains/harbour.example?done=added");
        assert_eq!(house.status(host), 421, "a claim is not served");

        let first = look_until(nils, 2, host, "198.51.100.7");
        for words in [
            "Gandi runs the DNS of harbour.example",
            "data-copy=\"203.0.113.10\"",
            "data-copy=\"2001:db8:4f::10\"",
            "Remove the old A record 198.51.100.7.",
            "Mail records stand there (MX, SPF)",
            "All networks still see the old address.",
            "_freehold-challenge",
            SERVER,
        ] {
            assert!(first.contains(words), "{words}: {first}");
        }
        let list = nils.get("/admin/s/2/domains").text().unwrap();
        assert!(list.contains("Finish set-up") && list.contains("Leads elsewhere"), "{list}");

        // Half of it: both addresses stand there, and some visitors would reach the old server.
        names.zone(host, &format!("{OLD}\n@ A 203.0.113.10"));
        let half = look_until(nils, 2, host, "both addresses");
        assert!(half.contains("Remove the old A record 198.51.100.7."), "{half}");
        assert_eq!(house.status(host), 421, "both addresses prove nothing");

        names.zone(host, NEW);
        let there = look_until(nils, 2, host, "It is live:");
        assert!(there.contains("2 of 3 networks see the new address."), "{there}");
        // The resolver remembers: 660 seconds less those that went by.
        assert!(
            there.contains("keeps the old answer for up to 11 more minutes.") || there.contains("up to 10 more"),
            "{there}"
        );
        assert!(names.ask(names.resolver, host).contains("198.51.100.7"), "so it does");
        assert!(there.contains("is the main address of this site"), "{there}");
        let (status, home, _) = house.visit(host);
        assert!(status == 200 && home.contains("Net loft"), "{status} {home}");
        until("www is looked at too", || house.status("www.harbour.example") != 421);
        let (status, _, to) = house.visit("www.harbour.example");
        assert_eq!((status, to.starts_with("http://harbour.example:")), (301, true), "{to}");
        assert_eq!(house.status("net-loft.localhost"), 200, "the address of this machine still shows it");
        let list = nils.get("/admin/s/2/domains").text().unwrap();
        let row = list.split("<tr").skip(1).find(|r| r.contains(">harbour.example<")).unwrap();
        assert!(row.contains(">Main<") && row.contains("Points here"), "{row}");

        assert_eq!(nils.post(&format!("/admin/s/2/domains/{}", "net-loft.localhost"), &[("do", "main")]).status(), 303);
        for gone in ["www.harbour.example", "harbour.example"] {
            let address = format!("/admin/s/2/domains/{gone}");
            let sure = nils.post(&address, &[("do", "remove")]).text().unwrap();
            assert!(sure.contains(&format!("Remove {gone}?")) && sure.contains("no longer finds the site"), "{sure}");
            assert_eq!(house.status("net-loft.localhost"), 200);
            assert_eq!(nils.post(&address, &[("do", "remove"), ("sure", "1")]).status(), 303);
            assert_eq!(house.status(gone), 421, "from this moment");
            assert_eq!(nils.get(&address).status(), 404);
        }
    }
}

// row: H024
#[test]
fn a_page_that_nobody_looks_at_finishes_by_itself() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        names.zone("pine.example", "@ A 198.51.100.7");
        add(&house.jonas, 3, &[("host", "pine.example"), ("what", "alias")]);
        until("it was looked at", || page(&house.jonas, 3, "pine.example").contains("198.51.100.7"));
        names.zone("pine.example", "@ A 203.0.113.10");
        until("it is served", || house.status("pine.example") == 200);
        assert!(house.visit("pine.example").1.contains("Boatyard"));
    }
}

// row: H030
#[test]
fn the_part_that_changes_is_asked_for_alone_and_asks_for_the_whole_page_where_that_is_old() {
    let names = Names::start();
    let house = houses(&names, &[]).remove(0);
    names.zone("pine.example", "@ A 198.51.100.7");
    add(&house.nils, 2, &[("host", "pine.example"), ("what", "main")]);
    let whole = look_until(&house.nils, 2, "pine.example", "198.51.100.7");
    let poll = between(&whole, "hx-get=\"/admin/s/2/domains/pine.example?mark=", "\"").to_owned();
    let part = |mark: &str| {
        let address = format!("{}/admin/s/2/domains/pine.example?mark={mark}", house.node.panel);
        let answer = house.nils.http.get(address).header("hx-request-type", "partial").send().unwrap();
        let refresh = answer.headers().contains_key("hx-refresh");
        (refresh, answer.text().unwrap())
    };
    let (refresh, text) = part(&poll);
    assert!(!refresh && text.contains("What the world sees now") && !text.contains("<html"), "{text}");
    names.zone("pine.example", "@ A 203.0.113.10");
    look_until(&house.nils, 2, "pine.example", "It is live:");
    assert!(part(&poll).0, "the page is to be read anew");
}

// row: H030
#[test]
fn a_name_that_nobody_has_registered_is_told_plainly() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        add(&house.nils, 2, &[("host", "nobody.example"), ("what", "main")]);
        let page = look_until(&house.nils, 2, "nobody.example", "is not registered");
        assert!(page.contains("Add these lines") && page.contains("203.0.113.10"), "{page}");
        assert_eq!(house.status("nobody.example"), 421);
    }
}
