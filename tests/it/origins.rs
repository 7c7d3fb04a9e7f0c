//! Security rule B6: the panel's origin serves nothing that came from somebody and could run there.

use crate::crawl::{self, Said};
use crate::node::{Browser, location, nodes};

/// What somebody would have run: it must never stand in a page as it was typed.
const MARK: &str = "<b6mark onfocus=\"b6()\">";

/// Types that a browser runs something of.
fn can_run(content_type: &str) -> bool {
    ["html", "xml", "svg", "javascript", "ecmascript", "pdf", "flash"]
        .iter()
        .any(|part| content_type.to_ascii_lowercase().contains(part))
}

/// Our own files, from inside the program.
fn is_ours(said: &Said) -> bool {
    said.path.contains("/admin/assets/")
}

fn upload(browser: &Browser, panel: &str, name: &str, bytes: &[u8]) -> (u16, serde_json::Value) {
    let mut body = format!(
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend(b"\r\n--XX--\r\n");
    let answer = browser
        .http
        .post(format!("{panel}/admin/s/1/media"))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "multipart/form-data; boundary=XX")
        .header("accept", "application/json")
        .body(body)
        .send()
        .unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().unwrap()).unwrap_or_default())
}

// rule: B6
#[test]
fn b06_the_panel_serves_nothing_of_anybodys_that_could_run() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let ok = |path: &str, form: &[(&str, &str)]| {
            let answer = browser.post(path, form);
            assert!(answer.status() == 303 || answer.status() == 200, "{path}: {}", answer.status());
            answer
        };
        let many = format!("{MARK} and </script><script>b6()</script> {MARK}");
        let post = [
            ("title", many.as_str()),
            ("slug", "marked"),
            ("excerpt", &many),
            ("source", "markdown"),
            ("markdown", &many),
            ("tags", MARK),
            ("seo_title", &many),
            ("seo_description", &many),
            ("comments_open", "on"),
            ("do", "publish"),
        ];
        let made = location(&ok("/admin/s/1/posts/new", &post));
        let entry = made.split(['/', '?']).nth(5).unwrap().to_owned();
        ok("/admin/s/1/terms/category", &[("name", MARK), ("description", &many)]);
        let menu = location(&ok("/admin/s/1/menus", &[("name", MARK), ("from", "pages")]));
        let menu = menu.split("menu=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        ok(&format!("/admin/s/1/menus/{menu}/link"), &[("label", MARK), ("url", "/x?a=<b6mark onfocus=\"b6()\">")]);
        ok("/admin/me", &[("name", MARK), ("bio", &many)]);
        let general = [("title", MARK), ("tagline", MARK), ("locale", "en"), ("timezone", "Europe/Oslo")];
        ok("/admin/s/1/settings/general", &general);
        let visitor =
            reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
        let comment = [("entry", entry.as_str()), ("name", MARK), ("email", "a@example.net"), ("text", &many)];
        let request = visitor.unwrap().post(format!("{}/_/comment", node.site)).header("sec-fetch-site", "same-origin");
        assert!(request.form(&comment).send().unwrap().status().as_u16() < 500);
        browser.post("/admin/login", &[("email", MARK), ("password", MARK)]);
        let form = [("name", MARK), ("site", ""), ("expires", "30"), ("scopes", "site.read")];
        ok("/admin/me/tokens", &form);

        // Files that run where they are shown as what they are.
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><text>b6mark</text>{MARK}</b6mark></svg>"
        );
        let page = format!("<!doctype html><html><body>{MARK}</body></html>");
        let files: Vec<(&str, Vec<u8>)> = vec![
            ("a.svg", svg.into_bytes()),
            ("a.html", page.clone().into_bytes()),
            ("a.txt", page.into_bytes()),
            ("a.js", b"b6mark()".to_vec()),
            ("a.pdf", b"%PDF-1.4\n% b6mark\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n".to_vec()),
            ("<b6mark>.jpg", include_bytes!("files/photo.jpg").to_vec()),
        ];
        let mut served = Vec::new();
        for (name, bytes) in &files {
            let (status, file) = upload(&browser, &node.panel, name, bytes);
            assert!(status < 500, "{name}");
            if let Some(url) = file["url"].as_str() {
                let path = url.find("/media/").map_or(url, |at| &url[at..]).to_owned();
                let hash = path.split('/').nth(2).unwrap().to_owned();
                served.extend([path, format!("/media/{hash}/320.webp"), format!("/media/{hash}/a.html")]);
            }
        }
        assert!(served.len() >= 6, "{served:?}");

        let mut all = crawl::panel(&node, &browser);
        all.extend(served.iter().map(|path| crawl::ask(&browser, &format!("{}{path}", node.panel), None)));
        for path in ["/marked/", "/feed/", "/sitemap.xml", "/_/assets/x/croft.css", "/wp-content/uploads/a.svg"] {
            all.push(crawl::ask(&browser, &format!("{}{path}", node.panel), None));
        }
        assert!(all.iter().any(|said| said.body.contains("&lt;b6mark")), "the crawl sees what was planted");
        for said in &all {
            let (path, kind) = (&said.path, said.content_type.as_str());
            assert!(said.nosniff || kind.is_empty(), "{path}: {kind} may be guessed");
            assert!(!kind.is_empty() || said.body.is_empty(), "{path} has no type");
            if can_run(kind) && !is_ours(said) {
                assert!(kind.starts_with("text/html"), "{path}: {kind}");
                assert!(!said.body.contains("<b6mark"), "{path}: {}", around(&said.body));
                assert!(!said.body.contains("<script>b6"), "{path}");
            }
        }
    }
}

fn around(body: &str) -> &str {
    let at = body.find("<b6mark").unwrap_or(0);
    let from = (0..=at.saturating_sub(120)).rev().find(|n| body.is_char_boundary(*n)).unwrap_or(0);
    let to = (at + 120..body.len()).find(|n| body.is_char_boundary(*n)).unwrap_or(body.len());
    &body[from..to]
}
