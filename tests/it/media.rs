//! The media library over HTTP: uploads, what visitors get, who may what.

use reqwest::blocking::Response;
use serde_json::Value;

use crate::node::{Browser, Node, between, location, nodes, visit};

/// 1200 × 800 as stored, camera and position inside, to be turned by a quarter.
const PHOTO: &[u8] = include_bytes!("files/photo.jpg");

/// Sends files as a form does.
fn send(browser: &Browser, node: &Node, path: &str, accept: &str, files: &[(&str, &[u8])]) -> Response {
    let mut body = Vec::new();
    for (name, bytes) in files {
        body.extend(format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/x-php\r\n\r\n").into_bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--XX--\r\n");
    browser
        .http
        .post(format!("{}{path}", node.panel))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "multipart/form-data; boundary=XX")
        .header("accept", accept)
        .body(body)
        .send()
        .unwrap()
}

fn upload(browser: &Browser, node: &Node, name: &str, bytes: &[u8]) -> (u16, Value) {
    let answer = send(browser, node, "/admin/s/1/media", "application/json", &[(name, bytes)]);
    (answer.status().as_u16(), serde_json::from_str(&answer.text().unwrap()).unwrap())
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
}

fn get(browser: &Browser, node: &Node, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = browser.http.get(format!("{}{path}", node.site));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().unwrap()
}

// row: ME01, ME03, ME06. rule: B8
#[test]
fn a_picture_goes_from_an_upload_to_a_page_in_several_sizes() {
    for node in nodes() {
        let browser = Browser::of(&node);
        let editor = browser.set_up(&node);
        let (status, file) = upload(&browser, &node, "Evening on the quay.PHP.jpg", PHOTO);
        assert_eq!(status, 200, "{file}");
        assert_eq!((file["width"].as_i64(), file["height"].as_i64()), (Some(800), Some(1200)), "upright");
        let url = file["url"].as_str().unwrap().to_owned();
        assert!(url.ends_with("/evening-on-the-quay-php.jpg"), "{url}");
        assert_eq!(upload(&browser, &node, "again.jpg", PHOTO).1["id"], file["id"], "the same bytes are one file");

        let original = get(&browser, &node, &url, &[]);
        assert_eq!(original.status(), 200);
        for (name, value) in [
            ("content-type", "image/jpeg"),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("x-content-type-options", "nosniff"),
            ("accept-ranges", "bytes"),
        ] {
            assert_eq!(header(&original, name), value, "{name}");
        }
        let tag = header(&original, "etag");
        let bytes = original.bytes().unwrap();
        for trace in [&b"Exif"[..], b"52.5200", b"SecretCam"] {
            assert!(!bytes.windows(trace.len()).any(|w| w == trace), "metadata is gone");
        }
        assert_eq!(get(&browser, &node, &url, &[("if-none-match", &tag)]).status(), 304);
        let part = get(&browser, &node, &url, &[("range", "bytes=2-5")]);
        assert_eq!(
            (part.status().as_u16(), header(&part, "content-range")),
            (206, format!("bytes 2-5/{}", bytes.len()))
        );
        assert_eq!(part.bytes().unwrap(), bytes[2..6]);
        assert_eq!(get(&browser, &node, &url, &[("range", "bytes=99999999-")]).status(), 416);
        assert_eq!(get(&browser, &node, &url, &[("range", "bytes=2-5"), ("if-range", "\"x\"")]).status(), 200);
        let head = browser.http.head(format!("{}{url}", node.site)).send().unwrap();
        assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, bytes.len().to_string()));

        let folder = url.rsplit_once('/').unwrap().0;
        let small = get(&browser, &node, &format!("{folder}/320.webp"), &[]);
        assert_eq!((small.status().as_u16(), header(&small, "content-type").as_str()), (200, "image/webp"));
        assert!(small.bytes().unwrap().starts_with(b"RIFF"));
        // AVIF is never waited for: until it is there, the same picture comes as WebP and is kept shortly.
        let first = get(&browser, &node, &format!("{folder}/320.avif"), &[]);
        assert_eq!(first.status(), 200);
        if header(&first, "content-type") == "image/webp" {
            assert_eq!(header(&first, "cache-control"), "public, max-age=20");
        }
        for missing in [format!("{folder}/321.webp"), format!("/media/{}/x.jpg", "0".repeat(64)), "/media/x/y".into()] {
            assert!(matches!(get(&browser, &node, &missing, &[]).status().as_u16(), 301 | 404), "{missing}");
        }

        let id = file["id"].to_string();
        let alt = [("alt", "A quay at dusk"), ("title", ""), ("caption", ""), ("credit", ""), ("licence", "")];
        assert_eq!(browser.post(&format!("/admin/s/1/media/{id}"), &alt).status(), 303);
        let document = format!(
            r#"{{"type":"doc","attrs":{{"version":1}},"content":[{{"type":"image","attrs":{{"media_id":{id},"src":"{url}"}}}}]}}"#
        );
        let form = [
            ("title", "Quay"),
            ("slug", "quay"),
            ("version", "1"),
            ("do", "publish"),
            ("document", &document),
            ("cover_id", &id),
        ];
        assert_eq!(browser.post(&editor, &form).status(), 303);
        let page = visit(&node, "/quay/").1;
        for piece in [
            "<source type=\"image/avif\" srcset=\"/media/",
            "320.webp 320w",
            "960.webp 800w",
            "width=\"800\" height=\"1200\"",
            "alt=\"A quay at dusk\"",
            "property=\"og:image\" content=\"http",
        ] {
            assert!(page.contains(piece), "{piece} is missing: {page}");
        }
        // New words are on the page at the next request.
        let alt = [("alt", "The quay, later"), ("title", ""), ("caption", "")];
        assert_eq!(browser.post(&format!("/admin/s/1/media/{id}"), &alt).status(), 303);
        assert!(visit(&node, "/quay/").1.contains("The quay, later"));

        // row: ME07
        let detail = browser.get(&format!("/admin/s/1/media?open={id}")).text().unwrap();
        assert!(detail.contains("Used in 1 place") && detail.contains(">Quay<"), "{detail}");
        let asked = browser.post(&format!("/admin/s/1/media/{id}/delete"), &[]).text().unwrap();
        assert!(asked.contains("used in 1 place") && asked.contains("Keep it"), "{asked}");
        assert_eq!(browser.post(&format!("/admin/s/1/media/{id}/delete"), &[("sure", "1")]).status(), 303);
        assert_eq!(get(&browser, &node, &url, &[]).status(), 404);
    }
}

/// The address of a page's picture for shared links, without the origin.
fn shared(node: &Node, path: &str) -> String {
    let page = visit(node, path).1;
    let url = between(&page, "property=\"og:image\" content=\"", "\"");
    let at = url.find("/_/share/").unwrap_or_else(|| panic!("{path}: {url}"));
    url[at..].to_owned()
}

// row: SO02
#[test]
fn so02_a_page_without_a_picture_gets_one_drawn_from_its_title() {
    for node in nodes() {
        let browser = Browser::of(&node);
        let editor = browser.set_up(&node);
        let publish = |title: &str, version: &str| {
            let form = [("title", title), ("slug", "tide"), ("version", version), ("do", "publish")];
            assert_eq!(browser.post(&editor, &form).status(), 303);
        };
        publish("Tide & ebb", "1");
        let first = shared(&node, "/tide/");
        assert!(visit(&node, "/tide/").1.contains("name=\"twitter:card\" content=\"summary_large_image\""));
        let answer = get(&browser, &node, &first, &[]);
        assert_eq!((answer.status().as_u16(), header(&answer, "content-type").as_str()), (200, "image/png"));
        assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
        let tag = header(&answer, "etag");
        let png = answer.bytes().unwrap();
        assert_eq!(png.get(16..24), Some(&[0, 0, 4, 176, 0, 0, 2, 118][..]), "1200 × 630");
        assert_eq!(get(&browser, &node, &first, &[("if-none-match", &tag)]).status(), 304);
        let head = browser.http.head(format!("{}{first}", node.site)).send().unwrap();
        assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, png.len().to_string()));

        // Another title is another address, at the next request; the old one leads there.
        publish("High water", "2");
        let second = shared(&node, "/tide/");
        assert_ne!(first, second);
        let moved = get(&browser, &node, &first, &[]);
        assert_eq!((moved.status().as_u16(), location(&moved)), (302, second.clone()));
        assert_ne!(get(&browser, &node, &second, &[]).bytes().unwrap(), png);

        // Letters that the theme's fonts do not have: none is named, and none is drawn.
        publish("مدّ", "3");
        assert!(!visit(&node, "/tide/").1.contains("og:image"));
        assert_eq!(get(&browser, &node, &second, &[]).status(), 404);

        let site = shared(&node, "/");
        assert!(site.starts_with("/_/share/0-"), "{site}");
        assert_eq!(get(&browser, &node, &site, &[]).status(), 200);
        for wrong in
            ["/_/share/1-0.png", "/_/share/x-0123456789abcdef.png", "/_/share/999-0123456789abcdef.png", "/_/share/"]
        {
            assert_eq!(get(&browser, &node, wrong, &[]).status(), 404, "{wrong}");
        }
        // A draft's title is nobody's.
        let form = [("title", "Secret"), ("slug", "tide"), ("version", "4"), ("do", "unpublish")];
        assert_eq!(browser.post(&editor, &form).status(), 303);
        assert_eq!(get(&browser, &node, &second, &[]).status(), 404);
    }
}

// row: ME09. rule: B8
#[test]
fn b08_nothing_that_runs_is_taken_or_served() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        for (name, bytes, code) in [
            ("cat.jpg", &b"<?php system('id');"[..], "unsupported_media"),
            ("cat.jpg", b"<html><script>alert(1)</script>", "unsupported_media"),
            ("cat.jpg", b"\x7fELF\x02\x01\x01", "unsupported_media"),
            ("cat.jpg", &PHOTO[..2000], "media_broken"),
            ("cat.jpg", b"", "unsupported_media"),
        ] {
            let (status, answer) = upload(&browser, &node, name, bytes);
            assert_eq!((status / 100, answer["code"].as_str()), (4, Some(code)), "{answer}");
        }
        let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)"><script>alert(1)</script><path d="M0 0h9v9z"/></svg>"#;
        let (_, file) = upload(&browser, &node, "plan.svg", svg);
        let answer = get(&browser, &node, file["url"].as_str().unwrap(), &[]);
        assert_eq!(
            header(&answer, "content-security-policy"),
            "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        );
        let text = answer.text().unwrap();
        assert!(!text.contains("script") && !text.contains("onload"), "{text}");
        let (_, file) = upload(&browser, &node, "run.csv", b"a,b\n=cmd|x,2\n");
        let answer = get(&browser, &node, file["url"].as_str().unwrap(), &[]);
        assert!(header(&answer, "content-disposition").starts_with("attachment"));
        assert!(header(&answer, "content-security-policy").contains("sandbox"));
        // A renamed address leads to the right one.
        let wrong = file["url"].as_str().unwrap().replace("run.csv", "run.html");
        assert_eq!(get(&browser, &node, &wrong, &[]).status(), 301);
        // A form without script stores what is good and says what is not.
        let files: [(&str, &[u8]); 2] = [("notes.txt", b"some notes"), ("bad.exe", b"MZ\x90\0\x03")];
        let answer = send(&browser, &node, "/admin/s/1/media", "text/html", &files);
        assert_eq!(answer.status(), 422);
        let text = answer.text().unwrap();
        assert!(text.contains("bad.exe: This kind of file is not accepted") && text.contains("notes.txt"), "{text}");
        let answer = send(&browser, &node, "/admin/s/1/media", "text/html", &files[..1]);
        assert_eq!((answer.status().as_u16(), location(&answer).contains("done=known")), (303, true));
    }
}

// rule: C1, C2
#[test]
fn c02_files_are_for_those_who_may_see_their_site() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let (_, file) = upload(&browser, &node, "cat.jpg", PHOTO);
        let url = file["url"].as_str().unwrap();
        let own = browser.get(url);
        assert_eq!(
            (own.status().as_u16(), header(&own, "cache-control").as_str()),
            (200, "private, max-age=31536000, immutable")
        );
        assert_eq!(browser.get(&format!("{}/160.webp", url.rsplit_once('/').unwrap().0)).status(), 200);
        let stranger = Browser::of(&node);
        assert_eq!(stranger.get(url).status(), 303, "to the sign-in");
        assert_eq!(send(&stranger, &node, "/admin/s/1/media", "application/json", &[("x.jpg", PHOTO)]).status(), 401);
        assert_eq!(send(&browser, &node, "/admin/s/99/media", "application/json", &[("x.jpg", PHOTO)]).status(), 404);
        let items: Value = serde_json::from_str(
            &browser
                .http
                .get(format!("{}/admin/s/1/media?kind=image", node.panel))
                .header("accept", "application/json")
                .send()
                .unwrap()
                .text()
                .unwrap(),
        )
        .unwrap();
        assert_eq!(items["items"][0]["url"].as_str(), Some(url));
    }
}

// row: TX01. rule: C2
#[test]
fn c02_a_term_shows_a_picture_of_its_own_site_alone() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let second = [("title", "Garden"), ("account", "1"), ("start", "blank")];
        assert_eq!(browser.post("/admin/sites/new", &second).status(), 303);
        let upload = |site: i64, name: &str, bytes: &[u8]| {
            let answer = send(&browser, &node, &format!("/admin/s/{site}/media"), "application/json", &[(name, bytes)]);
            let made: Value = serde_json::from_str(&answer.text().unwrap()).unwrap();
            made["id"].as_i64().unwrap()
        };
        let (own, foreign) = (upload(1, "own.jpg", PHOTO), upload(2, "foreign.jpg", PHOTO));
        let program = crate::api::Program::new(&node, &browser, crate::api::ALL, "");
        let json = serde_json::json!({"taxonomy": "category", "name": "Sea"});
        let (_, sea) = program.with(reqwest::Method::POST, "/api/v1/sites/1/terms", json);
        let by_program = |image: i64| {
            let (path, json) = (format!("/api/v1/sites/1/terms/{}", sea["id"]), serde_json::json!({"image": image}));
            program.with(reqwest::Method::PATCH, &path, json)
        };
        let in_panel = |image: i64| {
            let (path, image) = (format!("/admin/s/1/terms/category/{}", sea["id"]), image.to_string());
            browser.post(&path, &[("name", "Sea"), ("image", &image)]).status().as_u16()
        };
        for wrong in [foreign, 999_999] {
            let (status, said) = by_program(wrong);
            assert_eq!((status, said["fields"][0]["field"].as_str()), (422, Some("image")), "{said}");
            assert_eq!(in_panel(wrong), 422, "{wrong}");
        }
        assert_eq!(by_program(own).0, 200);
        assert_eq!(in_panel(own), 303);
        assert_eq!(in_panel(foreign), 422);
    }
}
