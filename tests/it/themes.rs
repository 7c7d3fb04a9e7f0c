//! Themes from outside (rows TH01, TH02, TH08): a node, a browser, a command line.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::Duration;

use freehold_base::Clock;

use crate::node::{Browser, Launch, Node, between, location, nodes, visit};

const TOML: &str = "[theme]\nname = \"Meadow\"\nversion = \"1.0\"\nauthor = \"Ida\"\napi = 1\n";

/// A theme whose pages say who drew them.
fn files(toml: &str, mark: &str) -> Vec<(String, Vec<u8>)> {
    let base = format!(
        "<!doctype html><html lang=\"en\"><head>{{{{ head() }}}}</head><body><main><h1>{mark}</h1>{{% block main %}}{{% endblock %}}\
         <a href=\"/\">home</a>{{{{ search_form() }}}}</main></body></html>"
    );
    let index = "{% extends \"base.html\" %}{% block main %}{% for e in entries %}<h2><a href=\"{{ e.url }}\">{{ e.title }}</a></h2>{% endfor %}{% endblock %}";
    let entry = "{% extends \"base.html\" %}{% block main %}<p>{{ entry.title }}</p>{% endblock %}";
    vec![
        ("theme.toml".into(), toml.as_bytes().to_vec()),
        ("templates/base.html".into(), base.into_bytes()),
        ("templates/index.html".into(), index.as_bytes().to_vec()),
        ("templates/home.html".into(), b"{% extends \"index.html\" %}".to_vec()),
        ("templates/entry.html".into(), entry.as_bytes().to_vec()),
    ]
}

fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let all = files.iter().map(|(name, bytes)| (name.clone(), bytes.as_slice()));
    freehold_host::archive::zip_of(all, Vec::new()).unwrap()
}

fn put(folder: &Path, files: &[(String, Vec<u8>)]) {
    for (path, bytes) in files {
        let to = folder.join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
}

/// A form with a file or an address, as browsers send it.
#[derive(Default)]
struct Form(Vec<u8>);

impl Form {
    fn text(mut self, name: &str, value: &str) -> Self {
        self.0.extend(format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        self
    }
    fn file(mut self, bytes: &[u8]) -> Self {
        let head = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"meadow.zip\"\r\n\r\n";
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }
    fn send(mut self, browser: &Browser, node: &Node) -> reqwest::blocking::Response {
        self.0.extend_from_slice(b"--XX--\r\n");
        let url = format!("{}/admin/s/1/theme-add", node.panel);
        let request = browser.http.post(url).header("sec-fetch-site", "same-origin");
        request.header("content-type", "multipart/form-data; boundary=XX").body(self.0).send().unwrap()
    }
}

/// Asks until the answer is as wished, or fails with the last one.
fn until<T: std::fmt::Debug>(mut ask: impl FnMut() -> T, good: impl Fn(&T) -> bool) -> T {
    let begun = Clock::instant();
    loop {
        let answer = ask();
        if good(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "still {answer:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn page(browser: &Browser, path: &str) -> (u16, String) {
    let answer = browser.get(path);
    (answer.status().as_u16(), answer.text().unwrap())
}

/// Sends a form with a file or an address, and waits for what came of it.
fn add(browser: &Browser, node: &Node, form: Form) -> String {
    let answer = form.send(browser, node);
    assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
    let follow = location(&answer);
    assert!(follow.starts_with("/admin/s/1/theme-jobs/"), "{follow}");
    until(|| page(browser, &follow).1, |html| !html.contains("data-live"))
}

fn of_file(bytes: Vec<u8>) -> Form {
    Form::default().file(&bytes)
}

// row: TH01
#[test]
fn th01_a_theme_is_added_seen_chosen_and_taken_back() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let (status, html) = page(&browser, "/admin/s/1/theme");
        assert_eq!(status, 200);
        assert!(html.contains("This is the only theme here") && html.contains("/_/theme/"), "{html}");
        assert!(visit(&node, "/").1.contains("croft"));

        let said = add(&browser, &node, of_file(zip(&files(TOML, "drawn by meadow"))));
        assert!(said.contains("Meadow 1.0 is here."), "{said}");
        assert!(!visit(&node, "/").1.contains("drawn by meadow"), "nobody chose it yet");

        let answer = browser.post("/admin/s/1/theme/meadow", &[("do", "activate")]);
        assert_eq!(location(&answer), "/admin/s/1/theme?done=theme");
        assert!(visit(&node, "/").1.contains("drawn by meadow"), "the next page is drawn by it");
        let (_, html) = page(&browser, "/admin/s/1/theme?done=theme");
        assert!(html.contains("/admin/s/1/theme-undo"), "the toast takes it back");
        assert_eq!(browser.post("/admin/s/1/theme-undo", &[]).status(), 303);
        assert!(!visit(&node, "/").1.contains("drawn by meadow"));

        browser.post("/admin/s/1/theme/meadow", &[("do", "activate")]);
        let refused = browser.post("/admin/s/1/theme/meadow", &[("do", "remove"), ("sure", "1")]);
        assert_eq!(refused.status(), 409, "a theme in use stays");
        let answer = browser.post("/admin/s/1/theme/nothing", &[("do", "activate")]);
        assert_eq!(answer.status(), 404);
        browser.post("/admin/s/1/theme/croft", &[("do", "activate")]);
        let asked = browser.post("/admin/s/1/theme/meadow", &[("do", "remove")]);
        assert!(asked.text().unwrap().contains("cannot be undone"), "it is asked first");
        let answer = browser.post("/admin/s/1/theme/meadow", &[("do", "remove"), ("sure", "1")]);
        assert_eq!(location(&answer), "/admin/s/1/theme?done=removed");
        assert_eq!(browser.get("/admin/s/1/theme/meadow").status(), 404);
        assert!(!node.data.path().join("themes/meadow").exists());
        let (_, audit) = page(&browser, "/admin/server/audit");
        for act in ["added the theme", "removed the theme"] {
            assert!(audit.contains(act), "{act}: {audit}");
        }
    }
}

// row: TH01. rule: D6
#[test]
fn th01_a_later_version_takes_the_place_of_the_older_one_and_settings_stay() {
    let node = Launch::all().first().unwrap().start();
    let browser = Browser::of(&node);
    browser.set_up(&node);
    let setting = "[[settings]]\nid = \"mark\"\ntype = \"text\"\ndefault = \"\"\n";
    let with_setting = |version: &str| {
        let toml = format!("{}{setting}", TOML.replace("1.0", version));
        let mut all = files(&toml, &format!("version {version}"));
        all.iter_mut().find(|(path, _)| path.ends_with("base.html")).unwrap().1 = format!(
            "<!doctype html><html lang=\"en\"><head>{{{{ head() }}}}</head><body><main><h1>version {version} {{{{ theme.mark }}}}</h1>\
             {{% block main %}}{{% endblock %}}</main></body></html>"
        )
        .into_bytes();
        zip(&all)
    };
    add(&browser, &node, of_file(with_setting("1.0")));
    browser.post("/admin/s/1/theme/meadow", &[("do", "activate")]);
    node.command(&["site", "set", "1", "theme.settings={\"mark\":\"tide\"}"], "");
    until(|| visit(&node, "/").1, |html| html.contains("version 1.0 tide"));
    let said = add(&browser, &node, of_file(with_setting("1.0")));
    assert!(said.contains("version 1.0 is here, and this is 1.0"), "{said}");
    let said = add(&browser, &node, of_file(with_setting("1.1")));
    assert!(said.contains("took the place"), "{said}");
    assert!(visit(&node, "/").1.contains("version 1.1 tide"), "new at once, with the same settings");
    let stranger = zip(&files(&TOML.replace("Ida", "Eve").replace("1.0", "9"), "eve"));
    let said = add(&browser, &node, of_file(stranger.clone()));
    assert!(said.contains("another theme has this name already"), "{said}");
    let said = add(&browser, &node, of_file(stranger).text("replace", "on"));
    assert!(said.contains("Meadow 9 is here."), "{said}");
}

// row: TH01. rules: D1, B9
#[test]
fn th01_what_is_refused_changes_nothing_and_says_why() {
    let node = Launch::all().first().unwrap().start();
    let browser = Browser::of(&node);
    browser.set_up(&node);
    let with = |path: &str, bytes: &[u8]| {
        let mut all = files(TOML, "x");
        all.retain(|(known, _)| known != path);
        all.push((path.to_owned(), bytes.to_vec()));
        of_file(zip(&all))
    };
    let croft = files(&TOML.replace("Meadow", "Croft"), "x");
    let cases = [
        (of_file(b"nothing".to_vec()), "neither a zip nor a tar.gz"),
        (with("templates/entry.html", b"{{ entry.title | shout }}"), "Unknown filter"),
        (with("templates/entry.html", b"{% for x in %}"), "templates/entry.html:1"),
        (with("templates/entry.html", b"{{ nothing.at.all }}"), "templates/entry.html:1"),
        (with("templates/base.html", b"{% extends \"base.html\" %}"), "It extends itself"),
        (with("theme.toml", TOML.replace("api = 1", "api = 9").as_bytes()), "another version"),
        (with("theme.toml", format!("{TOML}parent = \"gone\"\n").as_bytes()), "parent gone is missing"),
        (with("static/shell.php", b"x"), "is a program"),
        (of_file(zip(&croft)), "Freehold has a theme named croft"),
        (Form::default().text("address", "https://127.0.0.1/theme.zip"), "cannot be fetched"),
    ];
    for (form, why) in cases {
        let said = add(&browser, &node, form);
        assert!(said.contains(why), "{why}: {}", between(&said, "<main", "</main>"));
    }
    for (form, why) in [
        (Form::default().text("address", "http://git.example/theme.zip"), "https://"),
        (Form::default().text("address", ""), "file"),
        (Form::default().text("address", "https://git.example/x.zip").text("name", "../x"), "a-z, 0-9"),
    ] {
        let answer = form.send(&browser, &node);
        assert_eq!(answer.status(), 422);
        assert!(answer.text().unwrap().contains(why), "{why}");
    }
    assert_eq!(std::fs::read_dir(node.data.path().join("themes")).unwrap().count(), 0, "nothing is left");
    let sent = node.data.path().join("import/sent");
    assert_eq!(std::fs::read_dir(sent).unwrap().count(), 0, "refused archives are gone");
}

// row: TH01. rule: B9
#[test]
fn th01_a_theme_comes_from_an_address_by_the_one_outgoing_client() {
    let peer = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = peer.local_addr().unwrap();
    let afar = files(TOML, "from afar").into_iter().map(|(path, bytes)| (format!("meadow-main/{path}"), bytes));
    let archive = zip(&afar.collect::<Vec<_>>());
    thread::spawn(move || {
        for one in peer.incoming() {
            let Ok(mut one) = one else { return };
            let mut head = [0; 4096];
            let read = std::io::Read::read(&mut one, &mut head).unwrap_or(0);
            let page = String::from_utf8_lossy(&head[..read]).starts_with("GET /page");
            let (kind, body) =
                if page { ("text/html", b"<html>".to_vec()) } else { ("application/zip", archive.clone()) };
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = one.write_all(head.as_bytes()).and_then(|()| one.write_all(&body));
        }
    });
    let allow = format!("[\"{address}\"]");
    let node = Launch::all().remove(0).env("FREEHOLD__OUTBOUND__ALLOW", &allow).start();
    let browser = Browser::of(&node);
    browser.set_up(&node);
    let said = add(&browser, &node, Form::default().text("address", &format!("http://{address}/page")));
    assert!(said.contains("give that of the archive itself"), "{said}");
    let said = add(&browser, &node, Form::default().text("address", &format!("http://{address}/meadow.zip")));
    assert!(said.contains("Meadow 1.0 is here."), "{said}");
}

// row: TH02. rules: B6, B10
#[test]
fn th02_a_theme_is_seen_with_the_sites_own_pages_before_anybody_else_sees_it() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        // It comes whole: a part of it would be drawn with what the built-in theme has.
        put(&node.data.path().join("aside"), &files(TOML, "drawn by meadow"));
        std::fs::rename(node.data.path().join("aside"), node.data.path().join("themes/meadow")).unwrap();
        until(|| page(&browser, "/admin/s/1/theme").1, |html| html.contains("Meadow"));
        let (status, html) = page(&browser, "/admin/s/1/theme/meadow/preview");
        assert_eq!(status, 200);
        let frame = between(&html, "<iframe src=\"", "\"").to_owned();
        assert!(frame.starts_with(&node.site) && frame.contains("/_/theme/"), "{frame}");
        let policy = browser.get("/admin/s/1/theme/meadow/preview").headers()["content-security-policy"].clone();
        assert!(policy.to_str().unwrap().contains(&format!("frame-src {}", node.site)), "{policy:?}");

        let http = reqwest::blocking::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let answer = http.get(&frame).send().unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("cache-control"), "private, no-store");
        assert!(header("content-security-policy").contains("sandbox allow-forms allow-popups"));
        assert!(header("content-security-policy").contains(&node.panel), "{}", header("content-security-policy"));
        assert!(header("x-robots-tag").contains("noindex"));
        let html = answer.text().unwrap();
        assert!(html.contains("drawn by meadow"), "{html}");
        let inside = frame.strip_prefix(&node.site).unwrap();
        assert!(html.contains(&format!("<a href=\"{inside}\">home</a>")), "links stay in the preview: {html}");
        assert!(html.contains(&format!("action=\"{inside}\"")), "{html}");
        assert_eq!(http.get(format!("{frame}nothing/here/")).send().unwrap().status(), 404);
        assert!(!visit(&node, "/").1.contains("drawn by meadow"), "visitors see what they saw");
        // A forged address shows nothing, and a draft is as hidden as ever.
        let forged = frame.replace("/_/theme/", "/_/theme/A");
        assert_eq!(http.get(forged).send().unwrap().status(), 404);
    }
}

// row: TH08
#[test]
fn th08_the_command_line_lists_checks_begins_installs_and_activates() {
    let node = Launch::all().first().unwrap().start();
    let browser = Browser::of(&node);
    browser.set_up(&node);
    let said = node.command(&["theme", "new", "green-meadow"], "");
    assert_eq!(said.code, 0, "{said:?}");
    let said = node.command(&["theme", "new", "tide", "--child-of", "croft"], "");
    assert_eq!(said.code, 0, "{said:?}");
    for name in ["green-meadow", "tide", "croft"] {
        let said = node.command(&["theme", "check", name, "--json"], "");
        assert_eq!(said.code, 0, "{name}: {said:?}");
        assert_eq!(said.json()["findings"], serde_json::json!([]), "{name}");
    }
    let listed = node.command(&["theme", "list", "--json"], "").json();
    let names: Vec<&str> = listed.as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["croft", "green-meadow", "tide"]);
    let said = node.command(&["theme", "activate", "green-meadow", "--site", "1"], "");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(visit(&node, "/").1.contains("green-meadow.css"), "pages are drawn by it");
    assert_ne!(node.command(&["theme", "activate", "nothing", "--site", "1"], "").code, 0);
    assert_ne!(node.command(&["theme", "delete", "green-meadow", "--yes"], "").code, 0, "it is in use");

    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken");
    let mut all = files(TOML, "x");
    all[4].1 = b"<h1>{{ entry.titel }}</h1>".to_vec();
    all[1].1 = String::from_utf8_lossy(&all[1].1).replace("</main>", "<img src=x></main>").into_bytes();
    put(&broken, &all);
    let path = broken.to_str().unwrap();
    let said = node.command(&["theme", "check", path, "--json"], "");
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.contains("entry.titel") && said.out.contains("a11y-alt"), "{said:?}");
    assert_ne!(node.command(&["theme", "install", path], "").code, 0, "what cannot draw is not installed");
    put(&broken, &files(TOML, "mended"));
    let said = node.command(&["theme", "install", path, "--name", "mended", "--json"], "");
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.json()["theme"], "mended");
    let zip = folder.path().join("mended.zip");
    let said = node.command(&["theme", "download", "mended", zip.to_str().unwrap()], "");
    assert_eq!(said.code, 0, "{said:?}");
    let said = node.command(&["theme", "install", zip.to_str().unwrap(), "--name", "again"], "");
    assert_eq!(said.code, 0, "what was downloaded can be installed: {said:?}");
    assert_eq!(node.command(&["theme", "delete", "mended", "--yes"], "").code, 0);
    let (status, html) = page(&browser, "/admin/s/1/theme/again");
    assert_eq!(status, 200);
    assert!(html.contains("Theme check") && html.contains("All well"), "{}", between(&html, "<main", "</main>"));
}

// row: TH01. rules: C1, C2
#[test]
fn c02_a_theme_that_a_site_added_for_itself_is_that_sites_alone() {
    let node = Launch::all().remove(0).env("FREEHOLD__THEMES__OWNERS_MAY_ADD", "true").start();
    let browser = Browser::of(&node);
    browser.set_up(&node);
    let made = node.command(&["site", "create", "--title", "Other", "--host", "other.localhost", "--json"], "").json();
    let other = made["id"].to_string();
    let folder = tempfile::tempdir().unwrap();
    let mut all = files(TOML, "drawn by meadow");
    all.push(("static/own.js".into(), b"alert(1)".to_vec()));
    all.push(("static/own.svg".into(), b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()));
    all[2].1 = b"{% extends \"base.html\" %}{% block main %}<p>script={{ asset(path=\"own.js\") }}; drawing={{ asset(path=\"own.svg\") }};</p>{% endblock %}".to_vec();
    put(folder.path(), &all);
    let said = node.command(&["theme", "install", folder.path().to_str().unwrap(), "--site", &other, "--json"], "");
    assert_eq!(said.code, 0, "{said:?}");
    let name = said.json()["theme"].as_str().unwrap().to_owned();
    assert_eq!(name, format!("meadow@{other}"));
    assert_ne!(node.command(&["theme", "activate", &name, "--site", "1"], "").code, 0, "not for another site");
    assert!(!page(&browser, "/admin/s/1/theme").1.contains("Meadow"));
    assert_eq!(browser.get(&format!("/admin/s/1/theme/{name}")).status(), 404);
    assert_eq!(browser.post(&format!("/admin/s/1/theme/{name}"), &[("do", "activate")]).status(), 404);
    assert_eq!(node.command(&["theme", "activate", &name, "--site", &other], "").code, 0);

    let port = node.site.rsplit(':').next().unwrap().to_owned();
    let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let ask = |path: &str| {
        http.get(format!("{}{path}", node.site)).header("host", format!("other.localhost:{port}")).send().unwrap()
    };
    let html = ask("/").text().unwrap();
    assert!(html.contains("drawn by meadow"), "{html}");
    let (script, drawing) = (between(&html, "script=", ";").to_owned(), between(&html, "drawing=", ";").to_owned());
    assert_eq!(ask(&script).status(), 200);
    assert_eq!(visit(&node, &script).0, 404, "its files are no other site's");
    assert!(ask(&drawing).headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
}

// row: TH01
#[test]
fn th01_a_switch_on_one_site_does_not_hold_up_another() {
    let node = Launch::all().first().unwrap().start();
    let browser = Browser::of(&node);
    browser.set_up(&node);
    node.command(&["site", "create", "--title", "Other", "--host", "other.localhost", "--json"], "");
    node.command(&["theme", "new", "tide", "--child-of", "croft"], "");
    let port = node.site.rsplit(':').next().unwrap().to_owned();
    let (stop, asked) = (std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)), node.site.clone());
    let flag = std::sync::Arc::clone(&stop);
    let visitor = thread::spawn(move || {
        let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let mut answers = 0;
        while !flag.load(std::sync::atomic::Ordering::Relaxed) {
            let answer = http.get(&asked).header("host", format!("other.localhost:{port}")).send().unwrap();
            assert_eq!(answer.status(), 200);
            answers += 1;
        }
        answers
    });
    for turn in 0..10 {
        let name = if turn % 2 == 0 { "tide" } else { "croft" };
        browser.post(&format!("/admin/s/1/theme/{name}"), &[("do", "activate")]);
        let html = visit(&node, "/").1;
        assert_eq!(html.contains("tide.css"), name == "tide", "turn {turn}: stale");
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(visitor.join().unwrap() > 10);
}
