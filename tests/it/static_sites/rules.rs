//! What the owner of a site says: error pages, headers, private folders, redirects.

use super::*;

// row: H047
#[test]
fn h047_errors_have_the_sites_own_pages() {
    let files = Files::new();
    let usual = files.get("/nothing");
    assert_eq!((usual.status().as_u16(), header(&usual, "content-type")), (404, "text/html; charset=utf-8".to_owned()));
    files.put("404.html", "<h1>Not here, dear</h1>");
    let own = files.get("/nothing");
    assert_eq!((own.status().as_u16(), own.text().unwrap()), (404, "<h1>Not here, dear</h1>".to_owned()));
    files.put("errors/lost.html", "<h1>Lost</h1>");
    files.run(&["rules", "set", "--site", "files.localhost", "--error-page", "404=/errors/lost.html"]);
    let named = files.get("/nothing");
    assert_eq!((header(&named, "etag"), named.text().unwrap()), (String::new(), "<h1>Lost</h1>".to_owned()));
    assert_eq!(files.status("/errors/lost.html"), 200, "it is a page of its own too");
    let said = run_in(
        files.node.data.path(),
        "",
        &["rules", "set", "--site", "files.localhost", "--error-page", "999=/x.html"],
        "",
    );
    assert_ne!(said.code, 0, "there is no such error");
}

// row: H049
#[test]
fn h049_headers_are_sent_by_folder_and_ending_and_the_servers_own_are_refused() {
    let files = Files::new();
    files.put("assets/a.woff2", "x");
    files.put("assets/b.dat", "x");
    let add = |args: &[&str]| {
        let mut all = vec!["rules", "header", "--site", "files.localhost"];
        all.extend(args);
        run_in(files.node.data.path(), "", &all, "").code
    };
    assert_eq!(add(&["cache-control", "public, max-age=31536000, immutable", "--folder", "/assets"]), 0);
    assert_eq!(add(&["cache-control", "no-store", "--folder", "/assets", "--ending", ".dat"]), 0);
    assert_eq!(add(&["content-type", "application/x-ndjson", "--ending", "dat"]), 0);
    assert_eq!(add(&["Access-Control-Allow-Origin", "https://a.example"]), 0);
    for wrong in [
        ["set-cookie", "a=b"],
        ["content-length", "1"],
        ["x-a", "b\r\nset-cookie: c=d"],
        ["cache-control", "for ever"],
        ["access-control-allow-origin", "everybody"],
    ] {
        assert_ne!(add(&wrong), 0, "{wrong:?}");
    }
    let font = files.get("/assets/a.woff2");
    assert_eq!(header(&font, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&font, "access-control-allow-origin"), "https://a.example");
    let data = files.get("/assets/b.dat");
    assert_eq!(header(&data, "cache-control"), "no-store");
    assert_eq!(header(&data, "content-type"), "application/x-ndjson");
    assert_eq!(header(&files.get("/"), "cache-control"), "public, max-age=0, must-revalidate");
    // So are answers that are no file of theirs.
    files.run(&["rules", "set", "--site", "files.localhost", "--listing", "true"]);
    for (path, status) in [("/nothing", 404), ("/assets", 301), ("/assets/", 200)] {
        let answer = files.get(path);
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(header(&answer, "access-control-allow-origin"), "https://a.example", "{path}");
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8", "{path}");
    }
    // Whether a file is packed follows from the type it is sent as, whatever its name says.
    assert_eq!(add(&["content-type", "text/plain", "--ending", "bin"]), 0);
    assert_eq!(add(&["content-type", "application/octet-stream", "--ending", "css"]), 0);
    let text = "a line like others\n".repeat(1000);
    for (name, vary) in [("c.bin", "Accept-Encoding"), ("d.css", "")] {
        files.put(name, &text);
        files.put(&format!("{name}.gz"), "not asked for by who takes no gzip");
        assert_eq!(header(&files.get(&format!("/{name}")), "vary"), vary, "{name}");
    }
    let zipped = |name: &str| header(&files.get_with(name, &[("accept-encoding", "gzip")]), "content-encoding");
    assert_eq!((zipped("/c.bin").as_str(), zipped("/d.css").as_str()), ("gzip", ""));
    // The same on pages made by a theme, cached or not.
    let set = ["rules", "header", "--site", "127.0.0.1", "x-frame-options", "DENY"];
    files.run(&set);
    for _ in 0..3 {
        let page = files.http.get(format!("{}/", files.node.site)).send().unwrap();
        assert_eq!((header(&page, "x-frame-options"), page.status().as_u16()), ("DENY".to_owned(), 200));
    }
}

// row: H139
#[test]
fn h139_a_private_folder_opens_for_who_knows_its_password_and_guessing_is_slowed() {
    for launch in Launch::all() {
        let files = Files::start(&launch);
        files.put("members/index.html", "inside");
        files.put("members-not/index.html", "outside");
        let made =
            files.run(&["--json", "rules", "private", "--site", "files.localhost", "/members/", "--title", "Members"]);
        let folder = between(&made, "\"id\":", "}").trim().to_owned();
        let let_in = ["rules", "let-in", "--site", "files.localhost", &folder, "ada"];
        files.run_with(&let_in, "grey-gull-over-the-quay\n");
        let open = |path: &str, name: &str, password: &str| {
            let url = format!("{}{path}", files.node.site);
            files.http.get(url).header("host", "files.localhost").basic_auth(name, Some(password)).send().unwrap()
        };
        let shut = files.get("/members/");
        assert_eq!((shut.status().as_u16(), header(&shut, "www-authenticate").contains("Members")), (401, true));
        for path in ["/members", "/members/index.html", "//members//", "/%6dembers/", "/members/none"] {
            assert_eq!(files.status(path), 401, "{path}");
        }
        assert_eq!(files.get("/members-not/").text().unwrap(), "outside");
        let inside = open("/members/", "ada", "grey-gull-over-the-quay");
        assert_eq!(header(&inside, "cache-control"), "private, no-cache");
        assert_eq!(inside.text().unwrap(), "inside");
        assert_eq!(open("/members/none", "ada", "grey-gull-over-the-quay").status(), 404);
        assert_eq!(files.status("/members/"), 401, "nobody else comes in behind");
        for (name, password) in [("ada", "wrong"), ("bob", "grey-gull-over-the-quay"), ("", ""), ("ada", "")] {
            assert_eq!(open("/members/", name, password).status(), 401, "{name} {password}");
        }
        // Guessing at one name soon waits; who is known already does not.
        let mut last = 0;
        for n in 0..8 {
            last = open("/members/", "ada", &format!("guess {n}")).status().as_u16();
        }
        assert_eq!(last, 429);
        assert_eq!(open("/members/", "ada", "grey-gull-over-the-quay").status(), 200);
        // On a site made by a theme the password stands before stored pages.
        let theme = |auth: Option<&str>| {
            let request = files.http.get(format!("{}/", files.node.site));
            match auth {
                Some(password) => request.basic_auth("eve", Some(password)),
                None => request,
            }
            .send()
            .unwrap()
        };
        assert_eq!(theme(None).status(), 200);
        assert_eq!(theme(None).status(), 200, "stored by now");
        let made = files.run(&["--json", "rules", "private", "--site", "127.0.0.1", "/"]);
        let folder = between(&made, "\"id\":", "}").trim().to_owned();
        assert_eq!(theme(None).status(), 401);
        files.run_with(&["rules", "let-in", "--site", "127.0.0.1", &folder, "eve"], "another-quay-at-night-9\n");
        let page = theme(Some("another-quay-at-night-9"));
        assert_eq!((page.status().as_u16(), header(&page, "cache-control")), (200, "private, no-cache".to_owned()));
        files.run(&["rules", "private-remove", "--site", "127.0.0.1", &folder]);
        assert_eq!(theme(None).status(), 200, "open again");
        // Proofs of who owns a name are asked for by machines that know no password.
        files.put(".well-known/acme-challenge/token", "proof");
        files.run(&["rules", "private", "--site", "files.localhost", "/"]);
        assert_eq!((files.status("/"), files.status("/.well-known/x")), (401, 401));
        assert_eq!(files.get("/.well-known/acme-challenge/token").text().unwrap(), "proof");
    }
}

// row: H027, H028
#[test]
fn h027_redirects_go_before_pages_and_files() {
    for launch in Launch::all() {
        let files = Files::start(&launch);
        files.put("new.html", "new");
        files.put("old.html", "old");
        assert_eq!(files.status("/old.html"), 200);
        let add = |site: &str, args: &[&str]| {
            let mut all = vec!["redirect", "add", "--site", site];
            all.extend(args);
            run_in(files.node.data.path(), &files.node.database_url, &all, "").code
        };
        assert_eq!(add("files.localhost", &["/old.html", "/new.html"]), 0);
        assert_eq!(
            add("files.localhost", &["/blog", "https://blog.example/all", "--how", "prefix", "--status", "308"]),
            0
        );
        assert_eq!(
            add("files.localhost", &[r"/(\d+)/(.*)", "/posts/$2?year=$1", "--how", "pattern", "--status", "302"]),
            0
        );
        assert_eq!(add("files.localhost", &["/drop", "/new.html", "--drop-query"]), 0);
        for (wrong, target) in [("/new.html", "/old.html"), ("/x", "/x"), ("/y", "//evil.example"), ("/z", "/$1")] {
            assert_ne!(add("files.localhost", &[wrong, target]), 0, "{wrong} to {target}");
        }
        for (path, status, to) in [
            ("/old.html?a=b", 301, "/new.html?a=b"),
            ("/blog/2020/a%20b?c", 308, "https://blog.example/all/2020/a%20b?c"),
            ("/2020/caf%C3%A9?z=1", 302, "/posts/caf%C3%A9?year=2020&z=1"),
            ("/2020/%0d%0aset-cookie:x", 400, ""),
            ("/drop?a=b", 301, "/new.html"),
        ] {
            let answer = files.get(path);
            assert_eq!((answer.status().as_u16(), header(&answer, "location").as_str()), (status, to), "{path}");
        }
        assert_eq!(files.status("/blogging"), 404);
        // A page of a theme that is stored already gives way at once.
        let home = || files.http.get(format!("{}/", files.node.site)).send().unwrap();
        assert_eq!((home().status().as_u16(), home().status().as_u16()), (200, 200));
        assert_eq!(add("127.0.0.1", &["/", "https://elsewhere.example/", "--status", "307"]), 0);
        assert_eq!((home().status().as_u16(), header(&home(), "location")), (307, "https://elsewhere.example/".into()));
        let list = files.run(&["--json", "redirect", "list", "--site", "127.0.0.1"]);
        let id = between(&list, "\"id\":", ",").to_owned();
        files.run(&["redirect", "remove", "--site", "127.0.0.1", &id]);
        assert_eq!(home().status(), 200);
        // www and bare.
        files.run(&["domain", "add", "www.files.localhost", "--site", "files.localhost"]);
        let at = |host: &str| {
            let url = format!("{}/new.html?q", files.node.site);
            files.http.get(url).header("host", host).send().unwrap()
        };
        assert_eq!(at("www.files.localhost").status(), 301, "a further name leads to the main one by itself");
        files.run(&["rules", "set", "--site", "files.localhost", "--www", "with"]);
        assert_eq!(at("files.localhost").status(), 200, "not to a name that leads back");
    }
}

// row: H139
#[test]
fn h139_rules_that_could_not_be_read_are_read_as_soon_as_they_can() {
    for launch in Launch::all() {
        let files = Files::start(&launch);
        let options = freehold_store::StoreOptions {
            data: files.node.data.path().to_owned(),
            database_url: files.node.database_url.clone(),
            readers: 2,
        };
        let beside = freehold_store::Store::open_beside(&options, freehold_base::Clock::system()).unwrap();
        testing::execute(&beside, "ALTER TABLE private_folder_users RENAME TO taken_away").unwrap();
        files.run(&["redirect", "add", "--site", "files.localhost", "/old.html", "/new.html"]);
        assert_eq!(files.status("/old.html"), 404, "the rules that were in force");
        testing::execute(&beside, "ALTER TABLE taken_away RENAME TO private_folder_users").unwrap();
        until("the rules are in force", || files.status("/old.html") == 301);
    }
}

// row: H027
#[test]
fn h027_lists_of_redirects_come_in_and_go_out_as_csv_all_or_none() {
    for t in stores() {
        let system = Actor::system();
        let site = site_of_files(&t.store);
        let import = |text: &'static str| {
            let checked = t.store.read(&system, move |tx| site_rules::check_csv(tx, site, text)).unwrap();
            t.store.write(&system, move |tx| site_rules::put_csv(tx, &checked)).unwrap()
        };
        let text = "source,target,status,how,query\n/a,/b\n\"/c, d\",https://example.org/x,302,prefix,drop\n";
        let done = import(text);
        assert_eq!((done.added, done.changed, done.refused), (2, 0, vec![]));
        let again = import("/a,/b2,308\n/e,/f\n");
        assert_eq!((again.added, again.changed), (1, 1));
        let wrong = import("/g,/h\n/i\n/j,/j\n/k,/l,404\n/b2,/a\n/m,/n\n/m,/o\n");
        let lines: Vec<usize> = wrong.refused.iter().map(|(line, _)| *line).collect();
        assert_eq!((wrong.added, lines), (0, vec![2, 3, 4, 5, 7]), "{:?}", wrong.refused);
        let csv = t.store.read(&system, move |tx| site_rules::export_csv(tx, site)).unwrap();
        assert_eq!(
            csv,
            "source,target,status,how,query\n/a,/b2,308,exact,keep\n\"/c, d\",https://example.org/x,302,prefix,drop\n\
             /e,/f,301,exact,keep\n"
        );
        let all = t.store.read(&system, move |tx| site_rules::redirects(tx, site)).unwrap();
        let id = all[0].id;
        let input = RedirectInput { source: "/e".into(), target: "/z".into(), ..Default::default() };
        let check = |id, input: RedirectInput| {
            t.store.read(&system, move |tx| site_rules::check_redirect(tx, site, id, &input))
        };
        let put =
            |checked: site_rules::Checked| t.store.write(&system, move |tx| site_rules::put_redirect(tx, &checked));
        let taken = put(check(Some(id), input).unwrap()).unwrap_err();
        assert_eq!(taken.fields()[0].field, "source", "the address has one already");
        // What was checked before somebody else came is checked again.
        let to = |source: &str, target: &str| RedirectInput {
            source: source.into(),
            target: target.into(),
            ..Default::default()
        };
        let (one, other) = (check(None, to("/p", "/q")).unwrap(), check(None, to("/q", "/p")).unwrap());
        put(one).unwrap();
        assert_eq!(put(other).unwrap_err().as_code(), freehold_base::Code::WrongState);
        assert_eq!(check(None, to("/q", "/p")).unwrap_err().fields()[0].code, freehold_base::Code::RedirectLoop);
        // Patterns that need more than a step for each byte are refused before they are anywhere.
        let hostile = RedirectInput { how: "pattern".into(), ..to("/[a-z]*[a-z]{0,2000}z", "/x") };
        assert_eq!(check(None, hostile).unwrap_err().fields()[0].field, "source");
        // A deleted site leaves none behind.
        assert!(testing::rows_of_site(&t.store, site.get()).unwrap().iter().any(|(t, _)| t == "site_headers"));
        t.store.write(&system, move |tx| sites::delete(tx, site)).unwrap();
        while t.store.write(&system, move |tx| sites::erase_some(tx, site)).unwrap().rows > 0 {}
        let left = testing::rows_of_site(&t.store, site.get()).unwrap();
        assert!(left.iter().all(|(table, _)| table == "audit_rows"), "{left:?}");
    }
}

fn site_of_files(store: &freehold_store::Store) -> SiteId {
    store
        .write(&Actor::system(), |tx| {
            let server = tx.authorize_server(Capability::ServerManage)?;
            let account = testing::account(tx, server, "files")?;
            let host = HostName::parse("a.example")?;
            let new = NewSite { account, title: "Files".into(), host, settings: Settings::default() };
            let site = sites::create_of_files(tx, &new)?;
            let folder = site_rules::add_folder(tx, site, "/x", "")?;
            let header = site_rules::NewHeader { name: "x-a".into(), value: "b".into(), ..Default::default() };
            site_rules::add_header(tx, site, &header)?;
            let hash = freehold_platform::secrets::StoredHash {
                scheme: freehold_platform::secrets::Scheme::Bcrypt,
                hash: "x".into(),
            };
            site_rules::add_folder_user(tx, site, folder, "ada", &hash)?;
            Ok(site)
        })
        .unwrap()
}

// row: H027, H047, H049, H139
#[test]
fn h027_rules_are_kept_in_the_panel_in_plain_words() {
    for node in crate::node::nodes() {
        let mara = Browser::of(&node);
        mara.set_up(&node);
        let form = [("title", "Net loft"), ("account", "1"), ("start", "files")];
        let made = location(&mara.post("/admin/sites/new", &form));
        assert!(made.ends_with("done=site-files"), "{made}");
        let base = made.split('?').next().unwrap().to_owned();
        let redirects = format!("{base}/redirects");
        let refused = mara.post(&redirects, &[("source", "/a"), ("target", "/a"), ("status", "301")]);
        assert_eq!(refused.status(), 422);
        assert!(refused.text().unwrap().contains("This would lead in a circle: /a"));
        let add = [("source", "/a"), ("target", "/b"), ("status", "302"), ("keep_query", "on")];
        assert_eq!(mara.post(&redirects, &add).status(), 303);
        let page = mara.get(&format!("{redirects}?try=/a/")).text().unwrap();
        assert!(page.contains("The redirect of /a answers 302 and leads to /b"), "{page}");
        let id = between(&page, &format!("{redirects}/"), "\"").to_owned();
        let id = if id == "export" {
            between(page.split("<tbody>").nth(1).unwrap(), &format!("{redirects}/"), "\"").to_owned()
        } else {
            id
        };
        let edit = mara.get(&format!("{redirects}?edit={id}")).text().unwrap();
        assert!(edit.contains("Change a redirect"));
        let wrong = mara.post(&format!("{redirects}/import"), &[("csv", "/x,/y\n/z\n")]);
        assert_eq!(wrong.status(), 422);
        assert!(wrong.text().unwrap().contains("Line 2"));
        assert_eq!(mara.post(&format!("{redirects}/import"), &[("csv", "/x,/y\n")]).status(), 303);
        assert!(mara.get(&format!("{redirects}/export")).text().unwrap().contains("/x,/y,301,exact,keep"));
        assert_eq!(mara.post(&format!("{redirects}/{id}"), &[("do", "remove")]).status(), 303);
        assert_eq!(mara.post(&format!("{redirects}/{id}"), &[("do", "remove")]).status(), 404);

        let rules = format!("{base}/rules");
        let wrong = mara.post(&format!("{rules}/headers"), &[("name", "set-cookie"), ("value", "a=b")]);
        assert_eq!(wrong.status(), 422);
        assert!(wrong.text().unwrap().contains("server\u{2019}s to say"));
        assert_eq!(mara.post(&format!("{rules}/headers"), &[("name", "x-a"), ("value", "b")]).status(), 303);
        assert_eq!(mara.post(&format!("{rules}/folders"), &[("prefix", "/members")]).status(), 303);
        let page = mara.get(&rules).text().unwrap();
        let folder = between(&page, &format!("{rules}/folders/"), "\"").to_owned();
        let let_in = |password: &str| {
            let form = [("name", "ada"), ("password", password), ("do", "let-in")];
            mara.post(&format!("{rules}/folders/{folder}"), &form).status().as_u16()
        };
        assert_eq!((let_in("short"), let_in("grey-gull-over-the-quay")), (422, 303));
        let save =
            [("www", "without"), ("listing", "on"), ("page_404", "/lost.html"), ("hsts", "on"), ("hsts_days", "30")];
        assert_eq!(mara.post(&rules, &save).status(), 303);
        let wrong = mara.post(&rules, &[("www", ""), ("page_404", "lost")]);
        assert_eq!(wrong.status(), 422);
        let page = mara.get(&format!("{rules}?try=/members/x")).text().unwrap();
        assert!(page.contains("asks for a name and a password; one person can open it"), "{page}");
        assert!(page.contains("x-a: b") && page.contains("value=\"/lost.html\""));
        assert_eq!(mara.post(&format!("{rules}/folders/{folder}"), &[("do", "open")]).status(), 303);
        let settings = mara.get(&format!("{base}/settings/general")).text().unwrap();
        assert!(!settings.contains("/settings/permalinks"), "a site of files has no settings of pages");
    }
}

// row: H004 (sites)
#[test]
fn h004_a_suspended_account_answers_that_it_is_closed_on_every_name() {
    let files = Files::new();
    files.run(&["account", "suspend", "1", "--reason", "unpaid"]);
    for host in ["files.localhost", "127.0.0.1"] {
        let answer = files.http.get(format!("{}/a", files.node.site)).header("host", host).send().unwrap();
        assert_eq!((answer.status().as_u16(), header(&answer, "retry-after").is_empty()), (503, false), "{host}");
    }
    files.run(&["account", "unsuspend", "1"]);
    assert_eq!(files.status("/"), 200);
}

// row: H027, H049, H139, AP01
#[test]
fn h027_programs_do_all_of_it_by_the_api() {
    let files = Files::new();
    let token = files.run(&["token", "create", "--user", "1", "--scope", "settings.manage", "--site", "2"]);
    let base = format!("{}/api/v1/sites/2", files.node.panel);
    let ask = |method: &str, path: &str, body: &str| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = files.http.request(method, format!("{base}{path}")).bearer_auth(token.trim());
        let request = match body {
            "" => request,
            body => request.header("content-type", "application/json").body(body.to_owned()),
        };
        let answer = request.send().unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str::<serde_json::Value>(&answer.text().unwrap()).unwrap_or_default())
    };
    let (status, made) = ask("POST", "/redirects", r#"{"source":"/a","target":"/b","status":302}"#);
    assert_eq!(status, 201, "{made}");
    let redirect = format!("/redirects/{}", made["id"]);
    let (status, refused) = ask("POST", "/redirects", r#"{"source":"/b","target":"/a"}"#);
    assert_eq!((status, refused["fields"][0]["code"].as_str()), (422, Some("redirect_loop")));
    assert_eq!(ask("PUT", &redirect, r#"{"source":"/a","target":"/c","keep_query":false}"#).0, 204);
    let list = ask("GET", "/redirects", "").1;
    assert_eq!((list["items"][0]["target"].as_str(), list["items"][0]["status"].as_i64()), (Some("/c"), Some(301)));
    let trial = ask("GET", "/rules/try?address=/a", "").1;
    assert_eq!(trial["steps"][0]["kind"], "redirect");
    assert_eq!(ask("POST", "/redirects-csv", r#"{"csv":"/x,/y\n/z"}"#).1["refused"][0]["line"], 2);
    assert_eq!(ask("POST", "/redirects-csv", r#"{"csv":"/x,/y"}"#).1["added"], 1);
    assert!(ask("GET", "/redirects-csv", "").1["csv"].as_str().unwrap().contains("/x,/y"));
    assert_eq!(ask("DELETE", &redirect, "").0, 204);
    assert_eq!(ask("DELETE", &redirect, "").0, 404);

    assert_eq!(ask("POST", "/headers", r#"{"name":"set-cookie","value":"a=b"}"#).0, 422);
    let (status, made) = ask("POST", "/headers", r#"{"name":"x-a","value":"b","folder":"/img"}"#);
    assert_eq!((status, &ask("GET", "/headers", "").1["items"][0]["folder"]), (201, &"/img".into()));
    assert_eq!(ask("DELETE", &format!("/headers/{}", made["id"]), "").0, 204);

    let folder = ask("POST", "/private-folders", r#"{"folder":"/members"}"#).1["id"].clone();
    let people = format!("/private-folders/{folder}/people");
    assert_eq!(ask("POST", &people, r#"{"name":"ada","password":"short"}"#).0, 422);
    let (status, person) = ask("POST", &people, r#"{"name":"ada","password":"grey-gull-over-the-quay"}"#);
    assert_eq!(status, 201, "{person}");
    let shown = ask("GET", "/private-folders", "").1;
    assert_eq!(shown["items"][0]["people"][0]["name"], "ada");
    assert!(!shown.to_string().contains("$2"), "no hash leaves");
    assert_eq!(ask("DELETE", &format!("{people}/{}", person["id"]), "").0, 204);
    assert_eq!(ask("DELETE", &format!("/private-folders/{folder}"), "").0, 204);

    let (status, settings) =
        ask("PATCH", "/settings", r#"{"web":{"listing":true,"error_pages":{"404":"/lost.html"}}}"#);
    assert_eq!((status, &settings["web"]["listing"]), (200, &true.into()), "{settings}");
}
