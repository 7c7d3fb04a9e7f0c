//! A design that is tried out stays apart: from other sites, from what a password keeps, from what a site's rules say.

use super::pages::House;
use crate::cli::run;

// row: TH03. rule: B6
#[test]
fn th03_the_address_of_a_design_opens_nothing_of_another_site() {
    for h in House::all() {
        h.press("save", &[("s_palette", "moss")]);
        h.press("share", &[]);
        let made = run(&h.node, &["site", "create", "--title", "Other", "--host", "other.localhost"]);
        assert_eq!(made.code, 0, "{}", made.err);
        let port = h.node.site.rsplit(':').next().unwrap();
        let host = format!("other.localhost:{port}");
        for address in [h.frame(), h.link()] {
            assert_eq!(h.http.get(&address).send().unwrap().status(), 200);
            let elsewhere = h.http.get(&address).header("host", &host).send().unwrap();
            assert_eq!(elsewhere.status(), 404, "{address}");
        }
        assert_eq!(h.http.get(&h.node.site).header("host", &host).send().unwrap().status(), 200, "that site is there");
    }
}

// row: TH03. rules: B4, B6
#[test]
fn th03_a_private_folder_is_as_private_in_a_design() {
    for h in House::all() {
        h.press("save", &[("s_palette", "moss")]);
        h.press("share", &[]);
        let made = run(&h.node, &["rules", "private", "--site", "1", "/members/", "--title", "Members"]);
        assert_eq!(made.code, 0, "{}", made.err);
        let status = |url: String| h.http.get(url).send().unwrap().status().as_u16();
        for base in [h.frame(), h.link(), format!("{}/", h.node.site)] {
            for inside in ["members", "members/", "members/x/", "%6dembers/x/", "/members//x/"] {
                assert_eq!(status(format!("{base}{inside}")), 401, "{base}{inside}");
            }
            assert_eq!(status(base.clone()), 200, "{base}");
            assert_eq!(status(format!("{base}members-not/")), 404, "{base}");
        }
    }
}

// row: TH03. rule: B6
#[test]
fn th03_headers_of_a_site_do_not_take_a_design_out_of_its_sandbox() {
    for h in House::all() {
        h.press("save", &[("s_palette", "moss")]);
        h.press("share", &[]);
        for (name, value) in [
            ("content-security-policy", "default-src *"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "unsafe-url"),
            ("x-harbour", "open"),
        ] {
            let added = run(&h.node, &["rules", "header", "--site", "1", name, value]);
            assert_eq!(added.code, 0, "{name}: {}", added.err);
        }
        let of = |url: &str, name: &str| {
            let answer = h.http.get(url).send().unwrap();
            answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        for address in [h.frame(), h.link()] {
            let policy = of(&address, "content-security-policy");
            assert!(policy.contains("; sandbox allow-forms") && policy.contains("default-src 'self'"), "{policy}");
            assert_ne!(of(&address, "x-frame-options"), "DENY", "{address}");
            assert_eq!(of(&address, "referrer-policy"), "no-referrer", "{address}");
            assert_eq!(of(&address, "x-harbour"), "open", "all else as ever: {address}");
        }
        assert_eq!(of(&h.node.site, "content-security-policy"), "default-src *");
    }
}
