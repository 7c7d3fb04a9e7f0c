//! WebDAV (row H082) with litmus, curl, rclone and cadaver.

use super::harbour::{Harbour, PASSWORD, run};

// row: H082
#[test]
fn h082_litmus_finds_nothing() {
    for harbour in Harbour::all() {
        harbour.login("mara", &[]);
        let folder = harbour.desk.path();
        let env = [("TMPDIR", folder.to_str().unwrap()), ("no_proxy", "*")];
        #[allow(clippy::disallowed_methods)]
        let done = std::process::Command::new("litmus")
            .args(["-k", &harbour.dav("/"), "mara", PASSWORD])
            .envs(env)
            .current_dir(folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success() && !said.contains("FAIL"), "{said}");
        for suite in ["basic", "copymove", "props", "locks", "http"] {
            assert!(said.contains(&format!("summary for `{suite}'")), "{suite} did not run: {said}");
        }
    }
}

// row: H082. rule: B6
#[test]
fn h082_what_a_browser_asks_for_is_saved_and_not_shown() {
    let harbour = Harbour::open("");
    harbour.login("mara", &[]);
    let page = harbour.file("page.html", b"<script>alert(1)</script>0123456789");
    assert_eq!(harbour.curl("mara", &["-T", &page], "/page.html").0, 201);
    let (status, head) = harbour.curl("mara", &["-D", "-", "-o", "/dev/null"], "/page.html");
    let head = head.to_lowercase();
    assert_eq!(status, 200);
    for line in
        ["content-disposition: attachment", "x-content-type-options: nosniff", "sandbox", "accept-ranges: bytes"]
    {
        assert!(head.contains(line), "{line}: {head}");
    }
    let (status, part) = harbour.curl("mara", &["-r", "25-34"], "/page.html");
    assert_eq!((status, part.as_str()), (206, "0123456789"));
    let (status, all) = harbour.curl("mara", &["-H", "Range: bytes=0-9,0-9,0-9"], "/page.html");
    assert_eq!((status, all.len()), (200, 35), "many ranges are the whole file");
    assert_eq!(harbour.curl("mara", &[], "/").0, 405, "no listing for browsers");
    assert_eq!(harbour.curl("mara", &["-H", "Origin: https://evil.example"], "/page.html").0, 403);
    let (status, _) = harbour.curl("mara", &["-X", "PROPFIND", "-H", "Depth: infinity"], "/");
    assert_eq!(status, 403);
    assert_eq!(harbour.curl("mara", &["-X", "PROPFIND", "-H", "Depth: 1"], "/").0, 207);
    let nobody =
        run("curl", &["-s", "-o", "/dev/null", "-w", "%{http_code}", &harbour.dav("/page.html")], &[], "").good();
    assert_eq!(nobody, "401");
}

// row: H082
#[test]
fn h082_a_put_for_an_old_version_is_refused_and_a_torn_one_leaves_the_old_file() {
    use std::io::{Read as _, Write as _};
    let harbour = Harbour::open("");
    harbour.login("mara", &[]);
    let (one, two) = (harbour.file("one", b"one"), harbour.file("two", b"two"));
    assert_eq!(harbour.curl("mara", &["-T", &one], "/a.txt").0, 201);
    let (_, head) = harbour.curl("mara", &["-I"], "/a.txt");
    let etag = head.lines().find_map(|l| l.to_lowercase().strip_prefix("etag: ").map(str::to_owned)).unwrap();
    let old = format!("If-Match: {}", etag.trim());
    assert_eq!(harbour.curl("mara", &["-T", &two, "-H", &old], "/a.txt").0, 204);
    assert_eq!(harbour.curl("mara", &["-T", &one, "-H", &old], "/a.txt").0, 412);
    assert_eq!(harbour.curl("mara", &["-T", &one, "-H", "If-None-Match: *"], "/a.txt").0, 412);
    // A connection that is lost at 3 of 10 bytes.
    let mut line = std::net::TcpStream::connect(("127.0.0.1", harbour.webdav)).unwrap();
    let sign_in = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("mara:{PASSWORD}"));
    let head =
        format!("PUT /a.txt HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {sign_in}\r\nContent-Length: 10\r\n\r\nabc");
    line.write_all(head.as_bytes()).unwrap();
    line.shutdown(std::net::Shutdown::Write).unwrap();
    let _ = line.read_to_end(&mut Vec::new());
    assert_eq!(harbour.curl("mara", &[], "/a.txt"), (200, "two".into()));
    crate::support::until("nothing is left of it", || {
        let fresh = harbour.node.data.path().join("accounts/1/run/new");
        std::fs::read_dir(fresh).is_ok_and(|all| all.count() == 0)
    });
}

// row: H082
#[test]
fn h082_rclone_copies_a_tree_and_finds_it_the_same() {
    for harbour in Harbour::all() {
        harbour.login("mara", &[]);
        let tree = harbour.desk.path().join("tree");
        for n in 0..60 {
            let folder = tree.join(format!("folder {}", n % 7)).join("é");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("{n}.txt")), format!("{n}").repeat(n * 50)).unwrap();
        }
        let from = tree.to_str().unwrap();
        let copied = harbour.rclone("mara", &["copy", from, "dav:site"]);
        assert_eq!(copied.code, 0, "{}", copied.said());
        let checked = harbour.rclone("mara", &["check", "--download", from, "dav:site"]);
        assert_eq!(checked.code, 0, "{}", checked.said());
        harbour.rclone("mara", &["moveto", "dav:site", "dav:moved"]).good();
        let listed = harbour.rclone("mara", &["lsf", "-R", "--files-only", "dav:moved"]).good();
        assert_eq!(listed.lines().count(), 60, "{listed}");
        harbour.rclone("mara", &["purge", "dav:moved"]).good();
        assert!(!harbour.home("1").join("moved").exists() && !harbour.home("1").join("site").exists());
    }
}

// row: H082
#[test]
fn h082_cadaver_moves_files_and_a_lock_keeps_another_login_out() {
    let harbour = Harbour::open("");
    // cadaver reads names and passwords from a file that knows no spaces.
    let password = "seven-quiet-herons-wade";
    let made = ["login", "create", "mara", "--site", "1", "--services", "webdav", "--password-stdin"];
    assert_eq!(harbour.node.command(&made, password).code, 0);
    harbour.login("ida", &[]);
    let file = harbour.file("a.txt", b"mine");
    let home = harbour.desk.path().to_str().unwrap();
    harbour.file(".netrc", format!("machine 127.0.0.1 login mara password {password}\n").as_bytes());
    let back = harbour.desk.path().join("back.txt").display().to_string();
    let script = format!(
        "mkcol docs\nput {file} docs/a.txt\nmove docs/a.txt docs/b.txt\nget docs/b.txt {back}\nls docs\nquit\n"
    );
    let said = run("cadaver", &[&harbour.dav("/")], &[("HOME", home)], &script);
    assert!(said.out.contains("b.txt") && !said.out.contains("failed"), "{}", said.said());
    assert_eq!(harbour.read("back.txt"), b"mine");

    let body = "<?xml version=\"1.0\"?><D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope>\
                <D:locktype><D:write/></D:locktype><D:owner>Ida</D:owner></D:lockinfo>";
    let (status, said) = harbour.curl("ida", &["-X", "LOCK", "-H", "Timeout: Second-300", "-d", body], "/docs/b.txt");
    assert_eq!(status, 200, "{said}");
    let (both, url) = (format!("mara:{password}"), harbour.dav("/docs/b.txt"));
    let mara = |args: &[&str]| {
        let all = [&["-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", &both], args, &[url.as_str()]].concat();
        run("curl", &all, &[], "").good()
    };
    assert_eq!(mara(&["-T", &file]), "423");
    assert_eq!(mara(&["-X", "DELETE"]), "423");
    let token = said.split("urn:uuid:").nth(1).unwrap().split('<').next().unwrap();
    let token = format!("Lock-Token: <urn:uuid:{token}>");
    assert_eq!(harbour.curl("ida", &["-X", "UNLOCK", "-H", &token], "/docs/b.txt").0, 204);
    assert_eq!(mara(&["-X", "DELETE"]), "204");
}

// row: H082
#[test]
fn h082_a_move_that_cannot_be_leaves_both_places_as_they_were() {
    for harbour in Harbour::all() {
        harbour.login("mara", &[]);
        let one = harbour.file("one", b"one");
        for folder in ["/photos/", "/photos/photos/", "/docs/"] {
            assert_eq!(harbour.curl("mara", &["-X", "MKCOL"], folder).0, 201);
        }
        for path in ["/photos/a.txt", "/photos/photos/b.txt", "/docs/c.txt"] {
            assert_eq!(harbour.curl("mara", &["-T", &one], path).0, 201);
        }
        let carry = |how: &str, from: &str, to: &str| {
            let to = format!("Destination: {to}");
            harbour.curl("mara", &["-X", how, "-H", &to], from).0
        };
        for how in ["MOVE", "COPY"] {
            for (from, to) in [
                ("/photos/photos/", "/photos/"),
                ("/photos", "/photos/photos"),
                ("/photos", "/photos/%70hotos/"),
                ("/photos/photos/b.txt", "/photos"),
                ("/docs", "/"),
                ("/", "/docs"),
            ] {
                assert_eq!(carry(how, from, to), 403, "{how} {from} {to}");
                assert_eq!(carry(how, from, &harbour.dav(to)), 403, "{how} {from} to a whole address");
            }
        }
        let home = harbour.home("1");
        for path in ["photos/a.txt", "photos/photos/b.txt", "docs/c.txt"] {
            assert_eq!(std::fs::read(home.join(path)).unwrap(), b"one", "{path}");
        }
        assert_eq!(carry("MOVE", "/photos/a.txt", "/docs/c.txt"), 204);
        assert_eq!(carry("COPY", "/docs", "/photos/docs"), 201);
        let said = harbour.rclone("mara", &["moveto", "dav:photos/photos", "dav:docs/in"]);
        assert_eq!(said.code, 0, "{}", said.said());
        assert!(home.join("docs/in/b.txt").exists() && !home.join("photos/photos").exists());
    }
}

// row: H082
#[test]
fn h082_a_folder_that_is_replaced_is_the_old_one_until_it_is_the_new_one() {
    use std::os::unix::ffi::OsStrExt as _;
    use std::sync::atomic::{AtomicBool, Ordering};
    for harbour in Harbour::all() {
        let made = harbour.node.command(&["--json", "plan", "create", "Small", "--disk-mb", "3"], "");
        let plan = made.json()["id"].to_string();
        assert_eq!(harbour.node.command(&["account", "plan", "1", &plan], "").code, 0);
        harbour.login("mara", &[]);
        let (one, large) = (harbour.file("one", b"one"), harbour.file("large", &vec![7; 1_300_000]));
        for folder in ["/live/", "/live/deep/", "/next/", "/next/deep/", "/heavy/"] {
            assert_eq!(harbour.curl("mara", &["-X", "MKCOL"], folder).0, 201);
        }
        for path in ["/live/deep/page", "/next/deep/page", "/next/new"] {
            assert_eq!(harbour.curl("mara", &["-T", &one], path).0, 201);
        }
        for path in ["/live/old", "/heavy/large"] {
            assert_eq!(harbour.curl("mara", &["-T", &large], path).0, 201);
        }
        let home = harbour.home("1");
        // A name that came by another way.
        std::fs::create_dir(home.join(std::ffi::OsStr::from_bytes(b"caf\xe9"))).unwrap();
        std::fs::write(home.join(std::ffi::OsStr::from_bytes(b"caf\xe9")).join("kept"), "kept").unwrap();
        let carry = |how: &str, more: &[&str], from: &str, to: &str| {
            let to = format!("Destination: {to}");
            harbour.curl("mara", &[&["-X", how, "-H", &to], more].concat(), from).0
        };
        // A copy that does not fit, and a name that nothing new may have: what stood there stands there.
        let (status, said) = harbour.curl("mara", &["-X", "COPY", "-H", "Destination: /live"], "/heavy");
        assert!(status == 207 && said.contains("507"), "{status} {said}");
        assert!(carry("MOVE", &[], "/next", "/caf%e9") >= 400);
        assert_eq!(carry("COPY", &["-H", "Overwrite: F"], "/next", "/live"), 412);
        assert!(home.join("live/old").exists() && home.join("live/deep/page").exists());
        assert!(home.join(std::ffi::OsStr::from_bytes(b"caf\xe9")).join("kept").exists());
        assert!(home.join("next/new").exists() && home.join("heavy/large").exists());
        // Somebody looks all the time: the page is there in every moment.
        let (page, stop) = (home.join("live/deep/page"), AtomicBool::new(false));
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| {
                let mut missed = 0;
                while !stop.load(Ordering::Relaxed) {
                    missed += usize::from(std::fs::metadata(&page).is_err());
                }
                missed
            });
            assert_eq!(carry("COPY", &[], "/next", "/live"), 204);
            assert!(home.join("live/new").exists() && !home.join("live/old").exists());
            assert!(home.join("next/new").exists(), "a copy leaves what it is of");
            assert_eq!(carry("MOVE", &[], "/next/", "/live/"), 204);
            stop.store(true, Ordering::Relaxed);
            assert_eq!(looking.join().unwrap(), 0, "times it was not there");
        });
        assert!(!home.join("next").exists() && home.join("live/new").exists());
        // The folder alone takes nothing along and nothing away.
        assert_eq!(carry("COPY", &["-H", "Depth: 0"], "/live", "/alone"), 201);
        assert_eq!(std::fs::read_dir(home.join("alone")).unwrap().count(), 0);
        assert_eq!(carry("COPY", &["-H", "Depth: 0"], "/alone", "/live"), 204);
        assert!(home.join("live/new").exists());
        let fresh = harbour.node.data.path().join("accounts/1/run/new");
        assert_eq!(std::fs::read_dir(fresh).unwrap().count(), 0, "nothing is left of what went");
    }
}

// row: H082
#[test]
fn h082_a_move_to_another_account_deletes_nothing_there() {
    let harbour = Harbour::open("");
    harbour.other_account("Net loft", "loft.example");
    let (one, two) = (harbour.file("one", b"one"), harbour.file("two", b"two"));
    let both = "mara@example.org:grey-gull-over-the-quay";
    let ask = |args: &[&str], path: &str| {
        let url = harbour.dav(path);
        let all = [&["-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", both], args, &[url.as_str()]].concat();
        run("curl", &all, &[], "").good()
    };
    let top = harbour.sftp("mara@example.org", "grey-gull-over-the-quay", "ls -1\n").good();
    let first = top.lines().find(|l| !l.contains("Net loft") && !l.starts_with("sftp>")).unwrap().trim().to_owned();
    let first = first.replace(' ', "%20");
    let (mine, theirs) = (format!("/{first}/a.txt"), "/Net%20loft/b.txt".to_owned());
    assert_eq!(ask(&["-T", &one], &mine), "201");
    assert_eq!(ask(&["-T", &two], &theirs), "201");
    let to = |path: &str| format!("Destination: {path}");
    assert_eq!(ask(&["-X", "MOVE", "-H", &to(&theirs)], &mine), "502");
    assert_eq!(ask(&["-X", "MOVE", "-H", &to("/Net%20loft")], &mine), "403");
    assert_eq!(ask(&["-X", "COPY", "-H", &to("/Net%20loft")], &mine), "403");
    assert_eq!(std::fs::read(harbour.home("2").join("b.txt")).unwrap(), b"two");
    assert_eq!(ask(&["-X", "COPY", "-H", &to(&theirs)], &mine), "204", "a copy goes over");
    assert_eq!(std::fs::read(harbour.home("2").join("b.txt")).unwrap(), b"one");
}

// row: H082
#[test]
fn h082_a_put_keeps_permissions_and_a_reader_locks_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let harbour = Harbour::open("");
    harbour.login("mara", &[]);
    harbour.login("reader", &["--read-only"]);
    let one = harbour.file("one", b"one");
    assert_eq!(harbour.curl("mara", &["-T", &one], "/secret.txt").0, 201);
    let path = harbour.home("1").join("secret.txt");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(harbour.curl("mara", &["-T", &one], "/secret.txt").0, 204);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let body = "<?xml version=\"1.0\"?><D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope>\
                <D:locktype><D:write/></D:locktype></D:lockinfo>";
    for path in ["/secret.txt", "/none.txt", "/"] {
        assert_eq!(harbour.curl("reader", &["-X", "LOCK", "-d", body], path).0, 403, "{path}");
    }
    assert_eq!(harbour.curl("mara", &["-T", &one], "/secret.txt").0, 204, "nobody is kept out");
}

// row: H082
#[test]
fn h082_what_programs_say_of_files_is_bounded() {
    for harbour in Harbour::all() {
        harbour.login("mara", &[]);
        let one = harbour.file("one", b"one");
        assert_eq!(harbour.curl("mara", &["-T", &one], "/a.txt").0, 201);
        let say = |name: &str| {
            let body = format!(
                "<?xml version=\"1.0\"?><D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop><x:{name} \
                 xmlns:x=\"urn:x\">1</x:{name}></D:prop></D:set></D:propertyupdate>"
            );
            harbour.curl("mara", &["-X", "PROPPATCH", "-d", &body], "/a.txt").1
        };
        assert!(say("small").contains("200 OK"));
        assert!(say(&"n".repeat(300)).contains("507"), "a name of 300 letters");
        harbour.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
             INSERT INTO dav_properties (account_id, path, namespace, name, element) \
             SELECT 1, 'f' || i, 'urn:x', 'n', '' FROM n",
        );
        assert!(say("another").contains("507"), "an account has so many");
        assert_eq!(harbour.curl("mara", &["-X", "DELETE"], "/a.txt").0, 204, "and files go on");
    }
}
