//! What a name answers with: wildcards, other scripts, previews, sites of their own.

use super::names::Names;
use super::world::{add, houses, look_until};

// row: H026. rule: B1
#[test]
fn h026_a_wildcard_serves_every_name_below_it_until_it_is_removed() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        for (host, what) in
            [("harbour.example", "alias"), ("*.harbour.example", "alias"), ("shop.harbour.example", "redirect")]
        {
            add(&house.mara, 2, &[("host", host), ("what", what)]);
        }
        for host in ["harbour.example", "www.harbour.example", "a.b.c.harbour.example"] {
            let (status, text, _) = house.visit(host);
            assert!(status == 200 && text.contains("Net loft"), "{host}: {status}");
        }
        assert_eq!(house.status("shop.harbour.example"), 301, "a name of its own comes first");
        assert_eq!(house.status("other.example"), 421);
        let page = house.mara.get("/admin/s/2/domains").text().unwrap();
        assert!(
            page.contains("Every name below it shows the site") && page.contains("/domains/*.harbour.example"),
            "{page}"
        );
        let address = "/admin/s/2/domains/*.harbour.example";
        assert_eq!(house.mara.post(address, &[("do", "main")]).status(), 409, "many names are no main one");
        assert_eq!(house.mara.get(address).status(), 200);
        assert_eq!(house.mara.post(address, &[("do", "remove"), ("sure", "1")]).status(), 303);
        assert_eq!([house.status("www.harbour.example"), house.status("harbour.example")], [421, 200], "at once");
        // What one site does leaves the others alone.
        assert_eq!([house.status("boatyard.localhost"), house.status("127.0.0.1")], [200, 200]);
    }
}

// row: H031
#[test]
fn h031_a_name_of_another_script_is_typed_as_it_is_read_and_served_in_punycode() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        let to = add(&house.mara, 2, &[("host", "http://B\u{fc}cher.example/"), ("what", "alias")]);
        assert!(to.starts_with("/admin/s/2/domains/xn--bcher-kva.example"), "{to}");
        assert_eq!(house.status("xn--bcher-kva.example"), 200);
        let list = house.mara.get("/admin/s/2/domains").text().unwrap();
        assert!(list.contains("b\u{fc}cher.example") && list.contains("http://xn--bcher-kva.example"), "{list}");
        let page = house.mara.get("/admin/s/2/domains/xn--bcher-kva.example").text().unwrap();
        assert!(page.contains("b\u{fc}cher.example") && page.contains("xn--bcher-kva.example"), "{page}");
        assert!(!page.contains("several scripts"), "{page}");
        add(&house.mara, 2, &[("host", "p\u{430}ypal.example")]);
        let page = house.mara.get("/admin/s/2/domains/xn--pypal-4ve.example").text().unwrap();
        assert!(page.contains("mixes letters of several scripts"), "{page}");
        let found = house.mara.get("/admin/server/domains?q=b%C3%BCcher.example").text().unwrap();
        assert!(found.contains("b\u{fc}cher.example"), "{found}");
    }
}

// row: H029
#[test]
fn h029_a_site_can_be_looked_at_before_its_name_points_here_and_search_engines_cannot() {
    let names = Names::start();
    for house in houses(&names, &[("FREEHOLD__DOMAINS__PREVIEW", "preview.host.example")]) {
        add(&house.mara, 2, &[("host", "harbour.example"), ("what", "alias")]);
        assert_eq!(house.mara.post("/admin/s/2/domains/harbour.example", &[("do", "main")]).status(), 303);
        let port = house.node.site.rsplit(':').next().unwrap().to_owned();
        let ask = |host: &str| {
            let request = house.mara.http.get(format!("{}/", house.node.site)).header("host", format!("{host}:{port}"));
            let answer = request.send().unwrap();
            let robots = answer.headers().get("x-robots-tag").map(|r| r.to_str().unwrap().to_owned());
            (answer.status().as_u16(), robots, answer.text().unwrap())
        };
        for host in ["site-2.preview.host.example", "net-loft.localhost"] {
            for _ in 0..2 {
                let (status, robots, text) = ask(host);
                assert_eq!((status, robots.as_deref()), (200, Some("noindex")), "{host}");
                assert!(
                    text.contains("Net loft") && text.contains(&format!("http://{host}")),
                    "links stay in it: {text}"
                );
                assert!(!text.contains("http://harbour.example"), "{text}");
            }
        }
        let (status, robots, _) = ask("harbour.example");
        assert_eq!((status, robots), (200, None), "its own name is for everybody");
        assert_eq!(ask("site-9.preview.host.example").0, 421);
        assert_eq!(ask("preview.host.example").0, 421);
        let page = house.mara.get("/admin/s/2/domains").text().unwrap();
        assert!(page.contains("http://site-2.preview.host.example"), "{page}");
    }
}

// row: H023, H025
#[test]
fn h023_a_name_can_have_a_site_of_its_own_in_the_same_account() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        names.zone("pine.example", "@ A 198.51.100.7");
        let to = add(&house.nils, 2, &[("host", "pine.example"), ("what", "site"), ("www", "on")]);
        let own = crate::node::between(&to, "/admin/s/", "/").parse::<i64>().unwrap();
        for host in ["pine.example", "www.pine.example"] {
            look_until(&house.nils, own, host, "Looked ");
        }
        names.zone("pine.example", "@ A 203.0.113.10\nwww A 203.0.113.10");
        assert!(own > 3 && to.ends_with("/domains/pine.example?done=added"), "{to}");
        crate::support::until("it is served", || house.status("pine.example") == 200);
        let (_, text, _) = house.visit("pine.example");
        assert!(text.contains("pine.example") && !text.contains("Net loft"), "{text}");
        crate::support::until("www leads to it", || {
            house.visit("www.pine.example").2.starts_with("http://pine.example")
        });
        // It is no hidden subdomain or folder of the first site.
        assert_eq!(house.visit_at("net-loft.localhost", "/pine.example/").0, 404);
        assert_eq!(house.status("pine.example.net-loft.localhost"), 421);
        assert_eq!(house.nils.get(&format!("/admin/s/{own}/domains")).status(), 200, "it is Nils's");
        assert_eq!(house.jonas.get(&format!("/admin/s/{own}/domains")).status(), 404);
        // A subdomain of it may have one too; the account is the same.
        let to = add(&house.nils, 2, &[("host", "shop.pine.example"), ("what", "site")]);
        assert!(!to.contains(&format!("/s/{own}/")), "{to}");
        let shop = crate::node::between(&to, "/admin/s/", "/").parse::<i64>().unwrap();
        look_until(&house.nils, shop, "shop.pine.example", "Looked ");
        names.zone("pine.example", "@ A 203.0.113.10\nwww A 203.0.113.10\nshop A 203.0.113.10");
        crate::support::until("it is served", || house.status("shop.pine.example") == 200);
    }
}
