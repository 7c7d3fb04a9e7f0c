//! Files of accounts through the panel's door: what its origin says of them, what it takes in, what it refuses.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use reqwest::Method;
use reqwest::blocking::Response;
use serde_json::Value;

use crate::node::{Browser, Node, between, nodes};

const PHOTO: &[u8] = include_bytes!("files/photo.jpg");
const FILES: &str = "/admin/s/1/files";

/// Somebody at the files, and the account's home on the disk.
fn begin(node: &Node) -> (Browser, PathBuf) {
    let browser = Browser::of(node);
    browser.set_up(node);
    assert_eq!(browser.get(FILES).status(), 200);
    (browser, node.data.path().join("accounts/1/home"))
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// What a script sends.
fn send(browser: &Browser, node: &Node, method: Method, path: &str, body: &[u8]) -> (u16, Value) {
    let request = browser.http.request(method, format!("{}{FILES}-upload{path}", node.panel));
    let request = request.header("sec-fetch-site", "same-origin").header("accept", "application/json");
    let answer = request.body(body.to_vec()).send().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().unwrap()).unwrap_or_default())
}

// row: H077. rule: B6
#[test]
fn b06_bytes_of_accounts_come_as_downloads_escaped_text_or_pictures_drawn_anew() {
    for node in nodes() {
        let (browser, home) = begin(&node);
        let hostile = b"<script>alert(1)</script>";
        for name in ["page.html", "drawing.svg", "code.js", "as.jpg", "\u{202e}gpj.html"] {
            fs::write(home.join(name), hostile).unwrap();
        }
        fs::write(home.join("photo.jpg"), PHOTO).unwrap();
        fs::create_dir(home.join("folder")).unwrap();
        for name in ["page.html", "drawing.svg", "code.js", "as.jpg", "%E2%80%AEgpj.html", "photo.jpg", "folder"] {
            let answer = browser.get(&format!("{FILES}/{name}?as=download"));
            assert_eq!(answer.status(), 200, "{name}");
            assert_eq!(header(&answer, "content-type"), "application/octet-stream", "{name}");
            assert!(header(&answer, "content-disposition").starts_with("attachment"), "{name}");
            assert_eq!(header(&answer, "x-content-type-options"), "nosniff", "{name}");
            assert!(header(&answer, "content-security-policy").contains("sandbox"), "{name}");
        }
        let picture = browser.get(&format!("{FILES}/photo.jpg?as=picture"));
        assert_eq!(header(&picture, "content-type"), "image/webp");
        let bytes = picture.bytes().unwrap();
        for trace in [&b"Exif"[..], b"SecretCam"] {
            assert!(!bytes.windows(trace.len()).any(|w| w == trace), "nothing of the original comes along");
        }
        for name in ["as.jpg", "drawing.svg", "page.html"] {
            let answer = browser.get(&format!("{FILES}/{name}?as=picture"));
            assert!(answer.status().is_client_error(), "{name}: {}", answer.status());
        }
        for page in ["?open=page.html", "?open=drawing.svg", "?q=script&in=text", "/page.html?as=edit"] {
            let text = browser.get(&format!("{FILES}{page}")).text().unwrap();
            assert!(text.contains("&lt;script&gt;alert"), "{page} shows it");
            assert!(!text.contains("<script>alert"), "{page} does not run it");
        }
    }
}

// row: H077. rule: B6
#[test]
fn pictures_stand_in_the_list_and_are_drawn_once_until_they_change() {
    for node in nodes() {
        let (browser, home) = begin(&node);
        fs::write(home.join("photo.jpg"), PHOTO).unwrap();
        fs::write(home.join("broken.jpg"), "no picture").unwrap();
        fs::write(home.join("empty.png"), "").unwrap();
        fs::write(home.join("page.html"), "<p>x</p>").unwrap();
        fs::File::create(home.join("huge.png")).unwrap().set_len((40 << 20) + 1).unwrap();
        let address = |name: &str| {
            let page = browser.get(FILES).text().unwrap();
            let from = format!("src=\"{FILES}/{name}?as=small");
            page.find(&from).map(|at| page[at + 5..].split('"').next().unwrap().replace("&amp;", "&"))
        };
        for name in ["empty.png", "page.html", "huge.png"] {
            assert_eq!(address(name), None, "{name}");
        }
        let small = |address: &str| {
            let answer = browser.get(address);
            assert_eq!(answer.status(), 200);
            let told = ["content-type", "cache-control", "x-content-type-options"].map(|name| header(&answer, name));
            assert_eq!(told, ["image/webp", "private, max-age=3600", "nosniff"]);
            answer.bytes().unwrap()
        };
        let first = address("photo.jpg").unwrap();
        let drawn = small(&first);
        assert!(drawn.starts_with(b"RIFF") && !drawn.windows(9).any(|w| w == b"SecretCam"));
        // It is kept: what lies there is what comes.
        let derived = node.data.path().join("accounts/1/derived");
        let kept: Vec<_> =
            walkdir::WalkDir::new(&derived).into_iter().flatten().filter(|e| e.path().is_file()).collect();
        assert_eq!(kept.len(), 1);
        fs::write(kept[0].path(), "kept").unwrap();
        assert_eq!(small(&first), "kept");
        fs::remove_dir_all(&derived).unwrap();
        assert_eq!(small(&first), drawn, "and made again where it is lost");
        fs::write(home.join("photo.jpg"), PHOTO).unwrap();
        let second = address("photo.jpg").unwrap();
        assert_ne!(first, second, "a changed file has another address");
        assert_eq!(small(&second), drawn);
        for broken in [address("broken.jpg").unwrap(), format!("{FILES}/huge.png?as=small")] {
            assert_eq!(browser.get(&broken).status(), 204, "{broken}: the list shows its icon");
        }
        let stranger = crate::node::Browser::of(&node);
        assert!(!stranger.get(&second).status().is_success(), "who did not sign in is led to the door");
    }
}

// row: H077. rule: E1, B4
#[test]
fn no_address_leads_out_of_an_account_and_odd_names_are_names() {
    for node in nodes() {
        let (browser, home) = begin(&node);
        std::os::unix::fs::symlink("/etc", home.join("out")).unwrap();
        for path in
            ["/..", "/%2e%2e", "/..%2f..%2fkey", "/a%2fb", "/%00", "/%ff", "/out", "/out/passwd", "/a/../../key", "/."]
        {
            for view in ["", "?as=download", "?as=edit", "?as=picture", "?as=small"] {
                let answer = browser.get(&format!("{FILES}{path}{view}"));
                let (status, text) = (answer.status().as_u16(), answer.text().unwrap());
                // A client resolves dots by itself; what arrives then is another page of the panel.
                assert!(!text.contains("root:x:0") && status < 500, "{path}{view}: {status}");
            }
        }
        // A name that no browser can type, as an old archive leaves it.
        let odd = std::ffi::OsStr::from_bytes(b"caf\xe9\n.txt");
        fs::write(home.join(odd), "odd").unwrap();
        let text = browser.get(FILES).text().unwrap();
        let shown = "caf\u{fffd}E9\u{fffd}0A.txt";
        assert!(text.contains(shown), "it is shown");
        let answer = browser.post(FILES, &[("do", "rename"), ("name", shown), ("to", "café.txt")]);
        assert_eq!(answer.status(), 303);
        assert_eq!(fs::read_to_string(home.join("café.txt")).unwrap(), "odd");
        // A name of 255 bytes, and one more.
        let long = "x".repeat(255);
        assert_eq!(browser.post(FILES, &[("do", "folder"), ("name", &long)]).status(), 303);
        assert_eq!(browser.get(&format!("{FILES}/{long}")).status(), 200);
        assert_eq!(browser.post(FILES, &[("do", "folder"), ("name", &format!("{long}x"))]).status(), 422);
        for name in ["", ".", "..", "a/b", "a\u{0}b", "a\nb"] {
            assert_eq!(browser.post(FILES, &[("do", "folder"), ("name", name)]).status(), 422, "{name:?}");
        }
    }
}

// row: H077
#[test]
fn a_large_folder_comes_page_by_page_with_its_folders_first() {
    for node in nodes() {
        let (browser, home) = begin(&node);
        for n in 0..1200 {
            fs::write(home.join(format!("file{n}.txt")), "").unwrap();
        }
        for n in 0..70 {
            fs::create_dir(home.join(format!("folder{n}"))).unwrap();
        }
        let first = browser.get(FILES).text().unwrap();
        assert!(first.contains("1–100 of 1270") && first.contains("1,270 files and folders"));
        assert!(first.find("data-name=\"folder69\"").unwrap() < first.find("data-name=\"file0.txt\"").unwrap());
        assert!(!first.contains("data-name=\"file100.txt\""));
        let next = browser.get(&format!("{FILES}?at=100")).text().unwrap();
        assert!(next.contains("101–200 of 1270") && next.contains("data-name=\"file100.txt\""));
        let last = browser.get(&format!("{FILES}?at=1200&sort=name&dir=down")).text().unwrap();
        assert!(last.contains("data-name=\"file0.txt\""), "the other way round, the first is last");
    }
}

// row: H077
#[test]
fn an_upload_in_parts_is_whole_or_is_not_there() {
    for node in nodes() {
        let (browser, home) = begin(&node);
        let ask = |method, path: &str, body: &[u8]| send(&browser, &node, method, path, body);
        let (status, begun) = ask(Method::POST, "?folder=&path=in/a.bin&bytes=10&changed=1&part=1", b"");
        assert_eq!((status, &begun["offset"]), (201, &Value::from(0)), "{begun}");
        let id = begun["id"].as_str().unwrap();
        let (status, part) = ask(Method::PUT, &format!("/{id}?at=0"), b"01234");
        assert_eq!((status, &part["offset"], &part["done"]), (200, &Value::from(5), &Value::from(false)));
        assert!(!home.join("in/a.bin").exists(), "nothing is seen of it before it is whole");
        let (status, _) = ask(Method::PUT, &format!("/{id}?at=7"), b"789");
        assert_eq!(status, 409, "a gap is refused");
        let (status, _) = ask(Method::PUT, &format!("/{id}?at=5"), b"56789x");
        assert_eq!(status, 413, "and so is more than was promised");
        // Asked again, by the same person for the same file, it goes on.
        let (_, again) = ask(Method::POST, "?folder=&path=in/a.bin&bytes=10&changed=1&part=1", b"");
        assert_eq!(again["id"].as_str(), Some(id));
        let at = again["offset"].as_u64().unwrap();
        let rest = &b"0123456789"[usize::try_from(at).unwrap()..];
        let (_, part) = ask(Method::PUT, &format!("/{id}?at={at}"), rest);
        assert_eq!(part["done"], true, "{part}");
        assert_eq!(fs::read(home.join("in/a.bin")).unwrap(), b"0123456789");
        assert_eq!(ask(Method::GET, &format!("/{id}"), b"").0, 404, "it is over");

        assert_eq!(ask(Method::POST, "?folder=in&path=b.txt&bytes=2", b"hi").0, 200, "a small one in one go");
        assert_eq!(ask(Method::POST, "?folder=in&path=b.txt&bytes=2", b"no").0, 409);
        assert_eq!(ask(Method::POST, "?folder=in&path=b.txt&bytes=2&exists=skip", b"no").1["skipped"], true);
        assert_eq!(ask(Method::POST, "?folder=in&path=b.txt&bytes=9&exists=replace", b"no").0, 400, "it ended early");
        assert_eq!(fs::read(home.join("in/b.txt")).unwrap(), b"hi");
        assert_eq!(ask(Method::POST, "?folder=in&path=../../x&bytes=2", b"no").0, 422);

        let (_, begun) = ask(Method::POST, "?folder=&path=c.bin&bytes=10&changed=1&part=1", b"");
        let id = begun["id"].as_str().unwrap().to_owned();
        assert_eq!(ask(Method::DELETE, &format!("/{id}"), b"").0, 200);
        assert_eq!(ask(Method::GET, &format!("/{id}"), b"").0, 404);
    }
}

// row: H007
#[test]
fn h007_the_largest_folders_are_shown_with_their_share_and_looked_at_again_when_asked() {
    for node in nodes() {
        let (browser, _) = begin(&node);
        let put = |path: &str, bytes: usize| {
            let asked = format!("?folder=&path={path}&bytes={bytes}");
            assert_eq!(send(&browser, &node, Method::POST, &asked, &vec![b'x'; bytes]).0, 200);
        };
        let page = |query: &str| browser.get(&format!("{FILES}-space{query}")).text().unwrap();
        assert!(page("").contains("No folder takes space"));
        put("large/films/a.bin", 90_000);
        put("small/b.bin", 10_000);
        assert!(page("").contains("No folder takes space"), "a large account is not walked through for each visit");
        let all = page("?look=again");
        for (folder, share, size) in
            [("large", "90 %", "90 kB"), ("large/films", "90 %", "90 kB"), ("small", "10 %", "10 kB")]
        {
            let row = between(&all, &format!("href=\"{FILES}/{folder}\""), "</tr>");
            assert!(row.contains(share) && row.contains(size), "{folder}: {row}");
        }
        assert!(page("").contains("large/films"), "it is kept");
    }
}

// rows: H006 H010
#[test]
fn h006_pages_of_an_account_say_what_it_holds_now() {
    let account = "/admin/server/accounts/1";
    for node in nodes() {
        let (browser, _) = begin(&node);
        let pages = [account, "/admin/s/1/usage", "/admin/account/1/usage", &format!("{account}/close")];
        for (page, kb) in pages.into_iter().zip([90_usize, 80, 70, 60]) {
            let asked = format!("?folder=&path=a.bin&bytes={}&exists=replace", kb * 1000);
            assert_eq!(send(&browser, &node, Method::POST, &asked, &vec![b'x'; kb * 1000]).0, 200);
            let text = browser.get(page).text().unwrap();
            assert!(text.contains(&format!("{kb} kB")), "{page}");
        }
    }
}

// row: H078
#[test]
fn a_text_is_saved_only_over_what_was_read() {
    for node in nodes() {
        let (browser, home) = begin(&node);
        fs::write(home.join("a.txt"), "one\r\n").unwrap();
        let page = browser.get(&format!("{FILES}/a.txt?as=edit")).text().unwrap();
        let etag = crate::node::between(&page, "name=\"etag\" value=\"", "\"").to_owned();
        let save = |text: &str, etag: &str| {
            let form = [("do", "save"), ("text", text), ("etag", etag), ("encoding", "utf-8"), ("end", "crlf")];
            browser.post(&format!("{FILES}/a.txt"), &form)
        };
        assert_eq!(save("two\r\n", &etag).status(), 303);
        assert_eq!(fs::read_to_string(home.join("a.txt")).unwrap(), "two\r\n");
        let answer = save("three\r\n", &etag);
        assert_eq!(answer.status(), 409);
        let page = answer.text().unwrap();
        assert!(page.contains("was changed meanwhile") && page.contains("three"), "what was typed is kept");
        assert_eq!(fs::read_to_string(home.join("a.txt")).unwrap(), "two\r\n");
        for (encoding, end) in [("utf-7", "lf"), ("utf-8", "none")] {
            let form = [("do", "save"), ("text", "x"), ("etag", &etag), ("encoding", encoding), ("end", end)];
            assert_eq!(browser.post(&format!("{FILES}/a.txt"), &form).status(), 422);
        }
    }
}
