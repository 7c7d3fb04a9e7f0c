//! Plugins on a node (rows PL01 to PL04, PL08, rules A5, D5, D6, F9): how they come, what people agree to, what they can
//! reach, and that a page is served whatever they do.

use std::path::Path;

use freehold_plugins::package::Package;
use freehold_plugins::signature::SecretKey;
use serde_json::Value;

use crate::cli::Said;
use crate::node::{Browser, Launch, Node, location, nodes, visit};
use crate::support::until;

/// A plugin as somebody would write it.
struct Plugin {
    id: &'static str,
    version: &'static str,
    /// Further lines of `[plugin]`.
    more: String,
    /// Capabilities, hooks, settings.
    toml: String,
    script: String,
}

impl Plugin {
    fn new(id: &'static str, toml: &str, script: &str) -> Self {
        Self { id, version: "1.0.0", more: String::new(), toml: toml.into(), script: script.into() }
    }
    /// That writes a mark below each entry.
    fn marks(id: &'static str, mark: &str) -> Self {
        let script = format!("freehold.on(\"entry.render\", (e) => e.html + `<p class=\"mark\">{mark}</p>`);");
        Self::new(id, "[hooks]\n\"entry.render\" = true\n", &script)
    }
    fn version(self, version: &'static str) -> Self {
        Self { version, ..self }
    }
    fn needs(self, needs: &str) -> Self {
        Self { toml: format!("[needs]\n{needs}\n{}", self.toml), ..self }
    }
    fn by(self, key: &SecretKey) -> Self {
        Self { more: format!("publisher = \"{}\"\n", key.public()), ..self }
    }
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let toml = format!(
            "[plugin]\nid = \"{}\"\nname = \"The {} plugin\"\nversion = \"{}\"\napi = 1\nauthor = \"Ida\"\n{}\n{}",
            self.id, self.id, self.version, self.more, self.toml
        );
        vec![("plugin.toml".into(), toml.into_bytes()), ("plugin.js".into(), self.script.clone().into_bytes())]
    }
    fn signed(&self, key: &SecretKey) -> Vec<(String, Vec<u8>)> {
        let mut files = self.files();
        let text = key.sign(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())));
        files.push(("plugin.sig".into(), text.into_bytes()));
        files
    }
}

fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let all = files.iter().map(|(name, bytes)| (name.clone(), bytes.as_slice()));
    freehold_host::archive::zip_of(all, Vec::new()).unwrap()
}

/// A node with a first site, and who runs it.
struct House {
    node: Node,
    browser: Browser,
    brought: tempfile::TempDir,
}

impl House {
    fn of(node: Node) -> Self {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        Self { node, browser, brought: tempfile::tempdir().unwrap() }
    }
    fn all() -> Vec<Self> {
        nodes().into_iter().map(Self::of).collect()
    }
    fn one() -> Self {
        Self::of(Launch::new("").start())
    }
    fn page(&self, path: &str) -> String {
        let answer = self.browser.get(path);
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().unwrap()
    }
    fn run(&self, args: &[&str]) -> Said {
        self.node.command(args, "")
    }
    fn json(&self, args: &[&str]) -> Value {
        self.run(&[&["--json"], args].concat()).json()
    }
    /// Lays files into a folder of the machine.
    fn folder(&self, files: &[(String, Vec<u8>)]) -> String {
        let folder = tempfile::tempdir_in(self.brought.path()).unwrap().keep();
        lay(&folder, files);
        folder.to_str().unwrap().to_owned()
    }
    fn install(&self, files: &[(String, Vec<u8>)]) -> Said {
        self.run(&["plugin", "install", &self.folder(files)])
    }
    /// Installed, agreed to, and on at the first site.
    fn runs(&self, plugin: &Plugin) {
        let said = self.install(&plugin.files());
        assert_eq!(said.code, 0, "{}", said.err);
        let said = self.run(&["plugin", "enable", plugin.id, "--yes"]);
        assert_eq!(said.code, 0, "{}", said.err);
        self.switch(plugin.id, "1", true);
    }
    fn switch(&self, id: &str, site: &str, on: bool) {
        let said = self.run(&["plugin", if on { "enable" } else { "disable" }, id, "--site", site]);
        assert_eq!(said.code, 0, "{}", said.err);
    }
    /// A published post of the first site; its address.
    fn post(&self, slug: &str) -> String {
        let form = [
            ("title", slug),
            ("slug", slug),
            ("do", "publish"),
            ("source", "markdown"),
            ("markdown", "## One\n\nFresh bread.\n\n## Two\n\nMore.\n\n## Three\n\nEnd."),
        ];
        assert_eq!(self.browser.post("/admin/s/1/posts/new", &form).status(), 303);
        format!("/{slug}/")
    }
    fn shown(&self, path: &str) -> String {
        let (status, html) = visit(&self.node, path);
        assert_eq!(status, 200, "{path}: {html}");
        html
    }
    fn notices(&self) -> String {
        self.page("/admin/notices")
    }
}

fn lay(folder: &Path, files: &[(String, Vec<u8>)]) {
    for (path, bytes) in files {
        let to = folder.join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
}

/// Sends an archive as a browser does.
fn send(house: &House, bytes: &[u8]) -> reqwest::blocking::Response {
    let mut body = b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"plugin.zip\"\r\n\r\n".to_vec();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--XX--\r\n");
    let url = format!("{}/admin/server/plugin-add", house.node.panel);
    let request = house.browser.http.post(url).header("sec-fetch-site", "same-origin");
    request.header("content-type", "multipart/form-data; boundary=XX").body(body).send().unwrap()
}

/// Sends an archive, and waits for what came of it.
fn add(house: &House, files: &[(String, Vec<u8>)]) -> String {
    let answer = send(house, &zip(files));
    assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
    let follow = location(&answer);
    let mut said = String::new();
    until("the plugin was looked at", || {
        said = house.page(&follow);
        !said.contains("data-live")
    });
    said
}

// rows: PL01 PL02
#[test]
fn pl02_a_plugin_runs_once_somebody_has_seen_what_it_may_do_and_agreed() {
    for house in House::all() {
        let path = house.post("bread");
        assert!(house.page("/admin/server/plugins").contains("No plugins yet"));
        // What runs scripts is made with the first one: seconds, for which a browser need not wait here.
        assert_eq!(house.run(&["plugin", "enable", "reading-time", "--yes"]).code, 0);
        let plugin = Plugin::marks("marker", "marked once").needs("capabilities = [\"kv\"]");
        let said = add(&house, &plugin.files());
        assert!(
            said.contains("The marker plugin 1.0.0") && said.contains("/admin/server/plugins/marker/consent"),
            "{said}"
        );
        assert_eq!(house.browser.get("/admin/s/1/plugins/marker").status(), 404, "no site can use it yet");
        let asked = house.page("/admin/server/plugins/marker/consent");
        for words in ["Changes how entries look to visitors", "Keeps notes of its own for this site", "by nobody"] {
            assert!(asked.contains(words), "{words}: {asked}");
        }
        let one = "/admin/server/plugins/marker";
        let wrong = house.browser.post(one, &[("do", "allow"), ("digest", "ab")]);
        assert_eq!(wrong.status(), 409, "what is agreed to is what was seen");
        let digest = crate::node::between(&asked, "name=\"digest\" value=\"", "\"").to_owned();
        let answer = house.browser.post(one, &[("do", "allow"), ("digest", &digest)]);
        assert_eq!(location(&answer), format!("{one}?done=plugin-allowed"));
        assert!(!house.shown(&path).contains("marked once"), "no site switched it on");

        assert!(house.page("/admin/s/1/plugins").contains("The marker plugin"));
        let answer = house.browser.post("/admin/s/1/plugins/marker", &[("do", "on")]);
        assert_eq!(location(&answer), "/admin/s/1/plugins?done=plugin-on");
        assert!(house.shown(&path).contains("marked once"), "the ready page was forgotten");
        assert!(house.page("/admin/s/1/plugins/marker").contains("A post or page is shown"), "what it costs is told");
        let refused = house.browser.post(one, &[("do", "remove"), ("sure", "1")]);
        assert_eq!(refused.status(), 409, "a site uses it");
        house.browser.post("/admin/s/1/plugins/marker", &[("do", "off")]);
        assert!(!house.shown(&path).contains("marked once"));
        house.browser.post("/admin/s/1/plugins/marker", &[("do", "on")]);
        house.browser.post(one, &[("do", "stop")]);
        assert!(!house.shown(&path).contains("marked once"), "stopped on all sites");
        house.browser.post(one, &[("do", "start")]);
        assert!(house.shown(&path).contains("marked once"));
        house.browser.post("/admin/s/1/plugins/marker", &[("do", "off")]);
        let answer = house.browser.post(one, &[("do", "remove"), ("sure", "1")]);
        assert_eq!(location(&answer), "/admin/server/plugins?done=removed");
        assert!(!house.node.data.path().join("plugins/marker").exists());
        let audit = house.page("/admin/server/audit");
        for act in ["added the plugin", "let the plugin run", "stopped the plugin", "removed the plugin"] {
            assert!(audit.contains(act), "{act}: {audit}");
        }
    }
}

// row: PL02. rule: D6
#[test]
fn pl02_an_update_that_asks_for_more_waits_while_the_older_version_runs() {
    for house in House::all() {
        let path = house.post("bread");
        let marks = |mark: &str, version| Plugin::marks("marker", mark).version(version);
        house.runs(&marks("first", "1.0.0"));
        assert!(house.shown(&path).contains("first"));
        let said = house.install(&marks("second", "1.1.0").files());
        assert!(said.err.contains("asks for nothing new"), "{}", said.err);
        assert!(house.shown(&path).contains("second"), "it took the place at once");

        let third = || marks("third", "1.2.0").needs("capabilities = [\"kv\"]");
        let said = house.install(&third().files());
        assert!(said.err.contains("The version before runs on") && said.err.contains("asks for more"), "{}", said.err);
        assert!(house.shown(&path).contains("second"));
        assert!(house.notices().contains("Version 1.2.0 of the plugin The marker plugin waits for you"));
        let asked = house.page("/admin/server/plugins/marker/consent");
        assert!(asked.contains("Keeps notes of its own") && asked.contains(">New<"), "{asked}");
        assert_eq!(house.run(&["plugin", "refuse", "marker"]).code, 0);
        assert!(!house.notices().contains("waits for you"));
        assert_eq!(house.run(&["plugin", "refuse", "marker"]).code, 3, "nothing waits any more");
        house.install(&third().files());
        let said = house.run(&["plugin", "enable", "marker"]);
        assert!(said.out.contains("new: Keeps notes of its own") && said.err.contains("--yes"), "{}", said.out);
        assert!(house.shown(&path).contains("second"), "to look is not to agree");
        assert_eq!(house.run(&["plugin", "enable", "marker", "--yes"]).code, 0);
        assert!(house.shown(&path).contains("third"));

        // An older one does not come back by itself.
        let said = house.install(&marks("older", "1.1.5").files());
        assert!(said.err.contains("is not later than the installed"), "{}", said.err);
        assert!(house.shown(&path).contains("third"));
    }
}

fn key(n: u8) -> SecretKey {
    SecretKey::from_bytes(&[n; 32])
}

// rule: D6
#[test]
fn d06_another_key_no_key_and_a_forged_signature_change_nothing_by_themselves() {
    let house = House::one();
    let path = house.post("bread");
    let marks = |mark: &str, version| Plugin::marks("marker", mark).version(version).by(&key(1));
    let first = marks("first", "1.0.0");
    assert_eq!(house.install(&first.signed(&key(1))).code, 0);
    assert_eq!(house.run(&["plugin", "enable", "marker", "--yes"]).code, 0);
    house.switch("marker", "1", true);
    assert!(house.shown(&path).contains("first"));
    let print = key(1).public().fingerprint();
    assert!(house.page("/admin/server/plugins/marker").contains(&print), "who signed it is told");

    let mut forged = marks("forged", "2.0.0").signed(&key(1));
    forged.iter_mut().find(|(path, _)| path == "plugin.js").unwrap().1.extend_from_slice(b"\n// changed");
    let said = house.install(&forged);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("plugin.sig"), "{}", said.err);
    let other = Plugin::marks("marker", "other").version("2.0.0").by(&key(2));
    for (files, why) in [
        (marks("unsigned", "2.0.0").files(), "this one by nobody"),
        (other.signed(&key(2)), "Somebody else signed it"),
        (marks("older", "0.9.0").signed(&key(1)), "is not later than the installed"),
    ] {
        let said = house.install(&files);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.err.contains(why), "{why}: {}", said.err);
        assert!(house.notices().contains("waits for you"));
        assert!(house.shown(&path).contains("first"));
    }
    let said = house.install(&marks("later", "1.0.1").signed(&key(1)));
    assert!(said.err.contains("asks for nothing new"), "{}", said.err);
    assert!(house.shown(&path).contains("later"));
}

// row: PL02. rules: D5, E3
#[test]
fn pl02_what_is_no_sound_plugin_is_refused_with_the_reason_and_leaves_nothing() {
    let house = House::one();
    let sound = Plugin::marks("marker", "x").files();
    let with = |path: &str, bytes: &[u8]| {
        let mut files = sound.clone();
        files.retain(|(known, _)| known != path);
        files.push((path.to_owned(), bytes.to_vec()));
        files
    };
    let toml = String::from_utf8(sound[0].1.clone()).unwrap();
    for (files, why) in [
        (with("plugin.toml", toml.replace("entry.render", "entry.rendr").as_bytes()), "Did you mean `entry.render`"),
        (with("plugin.toml", toml.replace("api = 1", "api = 9").as_bytes()), "api"),
        (with("plugin.wasm", b"\0asm"), "plugin.wasm"),
        (with("Plugin.js", b"x"), "twice"),
        (with("plugin.toml", format!("{toml}\"order.status_changed\" = true\n").as_bytes()), "does not have yet"),
        (vec![("readme.md".into(), b"x".to_vec())], "plugin.toml"),
        (Plugin { id: "reading-time", ..Plugin::marks("marker", "x") }.files(), "Freehold has a plugin named"),
    ] {
        let said = add(&house, &files);
        assert!(said.contains(&why.replace('`', "&#96;")) || said.contains(why), "{why}: {said}");
    }
    let answer = send(&house, b"nothing");
    let follow = location(&answer);
    until("it was refused", || house.page(&follow).contains("neither a zip nor a tar.gz"));
    // A folder with a link in it, from the command line.
    let folder = house.folder(&sound);
    std::os::unix::fs::symlink("/etc/hostname", Path::new(&folder).join("more.txt")).unwrap();
    let said = house.run(&["plugin", "install", &folder]);
    assert!(said.code == 1 && said.err.contains("is a link"), "{}", said.err);
    let left = std::fs::read_dir(house.node.data.path().join("plugins")).map(|all| all.count()).unwrap_or(0);
    assert_eq!(left, 0, "nothing is left");

    // What listens elsewhere than it says is found before it runs.
    let silent = Plugin::new("silent", "[hooks]\n\"entry.render\" = true\n", "freehold.on(\"cron.tick\", () => {});");
    assert_eq!(house.install(&silent.files()).code, 0);
    let said = house.run(&["plugin", "enable", "silent", "--yes"]);
    assert!(said.code == 1 && said.err.contains("cron.tick"), "{}", said.err);
}

/// Counts what it was told, and shows the count.
fn counter(id: &'static str) -> Plugin {
    let script = r#"
        freehold.on("settings.changed", () => freehold.kv.set("count", (freehold.kv.get("count") ?? 0) + 1));
        freehold.on("entry.render", (e) => {
          let stored = "not stored";
          try { freehold.kv.set("from-a-page", 1); stored = "stored"; } catch {}
          return e.html + `<p>ID counts ${freehold.kv.get("count")} and ${stored}, knows ${freehold.kv.list().join("+")}</p>`;
        });"#;
    let toml = "[needs]\ncapabilities = [\"kv\"]\n[hooks]\n\"entry.render\" = true\n\"settings.changed\" = true\n\
                [[settings]]\nid = \"word\"\nlabel = \"A word\"\ntype = \"text\"\n";
    Plugin::new(id, toml, &script.replace("ID", id))
}

// rows: PL01 PL06. rules: A5, D5, C2
#[test]
fn d05_what_a_plugin_keeps_is_seen_by_it_alone_and_on_that_site_alone() {
    for house in House::all() {
        let path = house.post("bread");
        let made = house.json(&["site", "create", "--title", "Second", "--host", "second.example", "--account", "1"]);
        let second = made["site"].as_i64().or_else(|| made["id"].as_i64()).expect("its number").to_string();
        let post = ["content", "create", "--site", &second, "--title", "Tide", "--publish"];
        let said = house.node.command(&post, "High water at noon.");
        assert_eq!(said.code, 0, "{}", said.err);
        house.runs(&counter("first"));
        house.runs(&counter("other"));
        house.switch("first", &second, true);
        for word in ["a", "b"] {
            let said = house.run(&["plugin", "settings", "first", "--site", "1", &format!("word={word}")]);
            assert_eq!(said.code, 0, "{}", said.err);
        }
        until("it was told twice", || {
            // Kept pages are made without what was stored since: this one asks for the newest.
            house.run(&["cache", "purge"]);
            house.shown(&path).contains("first counts 2 and not stored, knows count")
        });
        assert!(
            house.shown(&path).contains("other counts null and not stored, knows <"),
            "another plugin sees nothing"
        );
        let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let there = || http.get(format!("{}/tide/", house.node.site)).header("host", "second.example").send().unwrap();
        let there = there().text().unwrap();
        assert!(there.contains("first counts null and not stored, knows <"), "another site sees nothing: {there}");
        let kept = house.json(&["plugin", "show", "first", "--site", "1"])["kept_bytes"].as_i64().unwrap();
        assert_eq!(kept, "count".len() as i64 + 1);
    }
}

// rows: PL03 PL08. rules: D5, F9
#[test]
fn pl03_a_plugin_that_does_harm_is_stopped_and_the_page_is_served_without_it() {
    for house in House::all() {
        // Five pages: each is made anew once, and five faults in a minute are the bound.
        let paths = ["rye", "oat", "spelt", "barley", "wheat"].map(|slug| house.post(slug));
        house.runs(&Plugin::marks("good", "good one"));
        for (id, harm) in [
            ("looping", "for (;;) {}"),
            ("bombing", "const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));"),
            ("nesting", "const deep = (n) => deep(n + 1) + 1; deep(0);"),
            ("flooding", "return 'x'.repeat(20 << 20);"),
            ("throwing", "throw new Error('out of bread');"),
            ("injecting", "return e.html + '<script>alert(1)</script><p onclick=\"x\">let in</p>';"),
        ] {
            let plugin = Plugin::new(
                id,
                "[hooks]\n\"entry.render\" = true\n",
                &format!("freehold.on(\"entry.render\", (e) => {{ {harm} }});"),
            );
            house.runs(&plugin);
            for path in &paths {
                let html = house.shown(path);
                assert!(html.contains("Fresh bread.") && html.contains("good one"), "{id}: {html}");
                assert!(!html.contains("alert(1)") && !html.contains("onclick"), "{id}: {html}");
            }
            if id == "injecting" {
                assert!(house.shown(&paths[0]).contains("let in"), "it is cleaned, not refused");
            } else {
                until("it is stopped", || house.json(&["plugin", "show", id])["state"] == "stopped");
                assert!(house.notices().contains(&format!("The plugin The {id} plugin was stopped")));
                assert!(
                    house.page(&format!("/admin/server/plugins/{id}")).contains("entry.render:"),
                    "why, in its log"
                );
            }
            let calls = house.json(&["plugin", "show", id])["costs"][0]["calls"].as_u64();
            assert!(calls.is_none_or(|calls| calls >= 5), "{id}: {calls:?}");
            house.switch(id, "1", false);
        }
        // A person lets one run again: it begins without faults.
        assert_eq!(house.run(&["plugin", "enable", "throwing"]).code, 0);
        assert_eq!(house.json(&["plugin", "show", "throwing"])["state"], "enabled");
        assert!(!house.notices().contains("The throwing plugin was stopped"));
    }
}

// row: PL04. rule: C10
#[test]
fn pl04_settings_are_a_form_of_the_manifest_and_secrets_are_never_shown_again() {
    const SECRET: &str = "canary-of-the-harbour";
    let toml = "[needs]\ncapabilities = [\"secrets\"]\n[hooks]\n\"entry.render\" = true\n\"settings.changed\" = true\n\
        [[settings]]\nid = \"place\"\nlabel = \"Place\"\ntype = \"text\"\nrequired = true\n\
        [[settings]]\nid = \"hours\"\nlabel = \"Hours a day\"\ntype = \"number\"\nmin = 1\nmax = 24\ndefault = 8\n\
        [[settings]]\nid = \"look\"\nlabel = \"Look\"\ntype = \"select\"\ndefault = \"small\"\n\
        options = [{ value = \"small\", label = \"Small\" }, { value = \"large\", label = \"Large\" }]\n\
        [[settings]]\nid = \"open\"\nlabel = \"Open on Sundays\"\ntype = \"bool\"\n\
        [[settings]]\nid = \"token\"\nlabel = \"Token\"\ntype = \"secret\"\n";
    let script = r#"
        freehold.on("settings.changed", () => freehold.log(`token of ${freehold.secret("token")?.length ?? 0} letters`));
        freehold.on("entry.render", (e) => {
          const s = freehold.settings;
          return e.html + `<p>${s.place}, ${s.hours} hours, ${s.look}, ${s.open}, ${s.token}</p>`;
        });"#;
    for house in House::all() {
        let path = house.post("bread");
        let plugin = Plugin::new("hours", toml, script);
        assert_eq!(house.install(&plugin.files()).code, 0);
        assert_eq!(house.run(&["plugin", "enable", "hours", "--yes"]).code, 0);
        let one = "/admin/s/1/plugins/hours";
        let asked = house.browser.post(one, &[("do", "on")]);
        assert_eq!(asked.status(), 422, "it cannot work without its place");
        let html = asked.text().unwrap();
        for label in ["Place", "Hours a day", "Look", "Open on Sundays", "Token"] {
            assert!(html.contains(label), "{label}: {html}");
        }
        let save = |form: &[(&str, &str)]| house.browser.post(&format!("{one}/settings"), form);
        let wrong = save(&[("place", "Quay"), ("hours", "25"), ("look", "wide"), ("token", SECRET)]);
        assert_eq!(wrong.status(), 422);
        let html = wrong.text().unwrap();
        assert!(html.contains("Type 24 or less") && html.contains("Choose one of small, large"), "{html}");
        assert!(html.contains("value=\"Quay\"") && !html.contains(SECRET), "what was typed stays, but no secret");
        let answer = save(&[("place", "Quay"), ("hours", "9"), ("look", "large"), ("open", "on"), ("token", SECRET)]);
        assert_eq!(location(&answer), format!("{one}?done=saved"));
        house.browser.post(one, &[("do", "on")]);
        assert!(house.shown(&path).contains("Quay, 9 hours, large, true, null"), "no secret by the settings");
        save(&[("place", "Pier"), ("hours", "9"), ("look", "large"), ("token", "")]);
        assert!(house.shown(&path).contains("Pier, 9 hours, large, false, null"), "seen at once");
        let letters = format!("token of {} letters", SECRET.len());
        until("it could read its secret", || house.page(one).contains(&letters));

        let view = house.json(&["plugin", "settings", "hours", "--site", "1"]);
        assert_eq!((view["settings"]["place"].as_str(), view["secrets"][0].as_str()), (Some("Pier"), Some("token")));
        assert!(!view.to_string().contains(SECRET) && !house.page(one).contains(SECRET));
        let said = house.run(&["plugin", "settings", "hours", "--site", "1", "colour=red"]);
        assert!(said.code == 1 && said.err.contains("place, hours, look"), "{}", said.err);
        let said =
            house.node.command(&["plugin", "settings", "hours", "--site", "1", "--secret-stdin", "token"], "short");
        assert_eq!(said.code, 0, "{}", said.err);
        until("it was told again", || house.page(one).contains("token of 5 letters"));
        save(&[("place", "Pier"), ("hours", ""), ("look", "large"), ("forget-token", "on")]);
        let view = house.json(&["plugin", "settings", "hours", "--site", "1"]);
        assert_eq!((view["settings"]["hours"].as_i64(), view["secrets"].as_array().map(Vec::len)), (Some(8), Some(0)));
        if house.node.database_url.is_empty() {
            for file in walkdir::WalkDir::new(house.node.data.path()).into_iter().flatten() {
                let bytes = if file.file_type().is_file() { std::fs::read(file.path()).unwrap() } else { Vec::new() };
                assert!(!String::from_utf8_lossy(&bytes).contains(SECRET), "{}", file.path().display());
            }
        }
    }
}

// rows: PL01 PL03
#[test]
fn pl03_in_safe_mode_no_plugin_runs() {
    let launch = Launch::new("");
    let (path, browser) = {
        let house = House::of(launch.start());
        let path = house.post("bread");
        house.runs(&Plugin::marks("marker", "marked once"));
        assert!(house.shown(&path).contains("marked once"));
        (path, house.browser)
    };
    let node = launch.clone().arg("--safe-mode").start();
    let (status, html) = visit(&node, &path);
    assert!(status == 200 && html.contains("Fresh bread.") && !html.contains("marked once"), "{html}");
    let page = browser.moved(&node).get("/admin/server/plugins").text().unwrap();
    assert!(page.contains("Safe mode"), "{page}");
    drop(node);
    let node = launch.env("FREEHOLD__PLUGINS__SAFE_MODE", "true").start();
    assert!(!visit(&node, &path).1.contains("marked once"), "the configuration says the same");
    drop(node);
}

// rows: PL01 PL13
#[test]
fn pl13_the_plugin_that_we_ship_is_a_model_and_works() {
    let house = House::one();
    let path = house.post("bread");
    let page = house.page("/admin/server/plugins");
    assert!(page.contains("Reading time and contents") && page.contains("Ready to be used"), "{page}");
    assert!(!house.shown(&path).contains("class=\"contents\""), "off by itself");
    assert_eq!(house.run(&["plugin", "enable", "reading-time", "--yes"]).code, 0);
    house.switch("reading-time", "1", true);
    let html = house.shown(&path);
    assert!(html.contains("1 min read") && html.contains("class=\"contents\""), "{html}");
    assert!(html.contains("<a href=\"#two\"") && html.contains("<h2 id=\"two\">"), "{html}");
    assert_eq!(house.run(&["plugin", "settings", "reading-time", "--site", "1", "contents=false"]).code, 0);
    assert!(!house.shown(&path).contains("class=\"contents\""));
    // Sound by the rules that hold for others.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/reading-time");
    let files = ["plugin.toml", "plugin.js"].map(|name| (name.to_owned(), std::fs::read(folder.join(name)).unwrap()));
    assert!(Package::read(files).is_ok());
}
