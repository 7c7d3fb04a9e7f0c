//! What stops somebody: a wrong password too often, a full plan, a suspended account, a login that only reads.

use super::harbour::{Harbour, PASSWORD, run};

// row: H137. rule: C5
#[test]
fn h137_wrong_passwords_at_any_door_count_for_all_of_them() {
    for harbour in Harbour::all() {
        harbour.login("mara", &[]);
        let wrong = |name: &str| {
            let both = format!("{name}:not this one");
            let args = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", &both, &harbour.dav("/")];
            run("curl", &args, &[], "").good()
        };
        // Unknown and wrong look alike.
        let both = |name: &str| {
            let both = format!("{name}:not this one");
            run("curl", &["-sS", "-i", "-u", &both, &harbour.dav("/")], &[], "").good()
        };
        let cut = |text: String| text.lines().filter(|l| !l.starts_with("date")).collect::<Vec<_>>().join("\n");
        assert_eq!(cut(both("mara")), cut(both("nobody-has-this")));
        // Refusals for coming too soon are not counted: eight that were looked at make the next one wait 8 seconds.
        let mut looked_at = 0;
        crate::support::until("eight wrong ones", || {
            looked_at += u32::from(wrong("mara") == "401");
            looked_at == 8
        });
        assert_eq!(wrong("mara"), "429");
        assert_ne!(harbour.sftp("mara", PASSWORD, "ls\n").code, 0, "at the other door, too");
        // A person's address: five here, and the panel waits before it has seen five of its own.
        let mut looked_at = 0;
        crate::support::until("five wrong ones", || {
            looked_at += u32::from(wrong("mara@example.org") == "401");
            looked_at == 5
        });
        let form = [("email", "mara@example.org"), ("password", "not this one")];
        // From a browser that nobody knows; the admin's own is never locked out.
        let stranger = crate::node::Browser::of(&harbour.node);
        assert!((0..4).any(|_| stranger.post("/admin/login", &form).status() == 429));
    }
}

// row: H137
#[test]
fn h137_who_signed_in_from_here_before_is_not_locked_out_by_strangers() {
    let harbour = Harbour::with("", &[("FREEHOLD__TRUSTED_PROXIES", "[\"127.0.0.1\"]")]);
    harbour.login("mara", &[]);
    harbour.login("ida", &[]);
    let from = |address: &str, name: &str, password: &str| {
        let (both, via) = (format!("{name}:{password}"), format!("X-Forwarded-For: {address}"));
        let url = harbour.dav("/");
        let args = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PROPFIND", "-H", "Depth: 0"];
        let args = [&args[..], &["-H", &via, "-u", &both, &url]].concat();
        run("curl", &args, &[], "").good()
    };
    assert_eq!(from("192.0.2.7", "mara", PASSWORD), "207");
    // It is asked for again: a connection that is open would go on.
    let args = ["login", "password", "mara", "--site", "1", "--password-stdin"];
    assert_eq!(harbour.node.command(&args, "eight quiet herons wade").code, 0);
    for name in ["mara", "ida"] {
        let subject: String = freehold_base::secret::token_hash(name).chars().take(32).collect();
        harbour.strangers_fail(&format!("email:{subject}"), 12);
    }
    // From anywhere else both wait, and so does ida at home: she never signed in there.
    assert_eq!(from("198.51.100.9", "mara", "eight quiet herons wade"), "429");
    assert_eq!(from("192.0.2.7", "ida", PASSWORD), "429");
    assert_eq!(from("192.0.2.7", "mara", "eight quiet herons wade"), "207");
}

// row: H083 (quota)
#[test]
fn h083_an_upload_stops_where_the_plan_is_full_and_nothing_is_miscounted() {
    for harbour in Harbour::all() {
        let made = harbour.node.command(&["--json", "plan", "create", "Small", "--disk-mb", "3"], "");
        let plan = made.json()["id"].to_string();
        let set = harbour.node.command(&["account", "plan", "1", &plan], "");
        assert_eq!(set.code, 0, "{}", set.err);
        harbour.login("mara", &[]);
        let large = harbour.file("large.bin", &vec![7; 5_000_000]);
        let small = harbour.file("small.bin", &vec![7; 1_000_000]);
        let put = harbour.sftp("mara", PASSWORD, &format!("put {large} large.bin\n"));
        assert_ne!(put.code, 0, "{}", put.said());
        let held = std::fs::metadata(harbour.home("1").join("large.bin")).map_or(0, |m| m.len());
        assert!(held <= 3_000_000, "{held}");
        harbour.sftp("mara", PASSWORD, &format!("rm large.bin\nput {small} a\nput {small} b\n")).good();
        let (status, _) = harbour.curl("mara", &["-T", &large], "/large.bin");
        assert_eq!(status, 507);
        let (status, _) = harbour.curl("mara", &["-H", "Transfer-Encoding: chunked", "-T", &large], "/large.bin");
        assert_eq!(status, 507, "where its length is not known before");
        assert!(!harbour.home("1").join("large.bin").exists(), "nothing of it stays");
        let put = harbour.lftp("mara", &format!("put {large} -o c"));
        assert!(put.code != 0 && put.said().contains("552"), "told once, and why: {}", put.said());
        harbour.curl("mara", &["-X", "DELETE"], "/c");
        assert_eq!(harbour.curl("mara", &["-T", &small, "-X", "PUT"], "/d").0, 201, "what was given back is there");
        let df = harbour.sftp("mara", PASSWORD, "df\n").good();
        assert!(df.contains("2929") || df.contains("2928"), "the plan, in kilobytes: {df}");
    }
}

// rows: H083, H011
#[test]
fn h083_a_suspended_account_hangs_up_and_lets_nobody_in() {
    for harbour in Harbour::all() {
        harbour.login("mara", &[]);
        let mut open = harbour.stay("mara");
        assert!(open.try_wait().unwrap().is_none(), "it stays");
        let (status, _) = harbour.curl("mara", &["-X", "PROPFIND", "-H", "Depth: 0"], "/");
        assert_eq!(status, 207);
        let done = harbour.node.command(&["account", "suspend", "1", "--reason", "unpaid"], "");
        assert_eq!(done.code, 0, "{}", done.err);
        crate::support::until("the session is hung up on", || open.try_wait().unwrap().is_some());
        assert_ne!(harbour.sftp("mara", PASSWORD, "ls\n").code, 0);
        assert_eq!(harbour.curl("mara", &["-X", "PROPFIND", "-H", "Depth: 0"], "/").0, 403);
        assert_ne!(harbour.lftp("mara", "cls").code, 0);
        let done = harbour.node.command(&["account", "unsuspend", "1"], "");
        assert_eq!(done.code, 0, "{}", done.err);
        harbour.sftp("mara", PASSWORD, "ls\n").good();
    }
}

// row: H083
#[test]
fn h083_a_login_that_only_reads_changes_nothing_by_any_door() {
    let harbour = Harbour::open("");
    harbour.login("reader", &["--read-only"]);
    harbour.login("mara", &[]);
    let small = harbour.file("small.txt", b"bread");
    harbour.sftp("mara", PASSWORD, &format!("mkdir docs\nput {small} docs/a.txt\n")).good();
    let back = harbour.desk.path().join("back").display().to_string();
    harbour.sftp("reader", PASSWORD, &format!("get docs/a.txt {back}\n")).good();
    for change in [
        format!("put {small} b.txt"),
        "rm docs/a.txt".into(),
        "rename docs b".into(),
        "mkdir c".into(),
        "rmdir docs".into(),
        "chmod 600 docs/a.txt".into(),
    ] {
        assert_ne!(harbour.sftp("reader", PASSWORD, &format!("{change}\n")).code, 0, "{change}");
    }
    assert_eq!(harbour.curl("reader", &[], "/docs/a.txt").0, 200);
    for (args, path) in [
        (vec!["-T", small.as_str()], "/b.txt"),
        (vec!["-X", "DELETE"], "/docs/a.txt"),
        (vec!["-X", "MKCOL"], "/c/"),
        (vec!["-X", "MOVE", "-H", "Destination: /e.txt"], "/docs/a.txt"),
    ] {
        let (status, said) = harbour.curl("reader", &args, path);
        assert!(status >= 400, "{args:?}: {status} {said}");
    }
    assert_ne!(harbour.lftp("reader", &format!("put {small} -o b.txt")).code, 0);
    assert_eq!(std::fs::read(harbour.home("1").join("docs/a.txt")).unwrap(), b"bread");
    assert_eq!(std::fs::read_dir(harbour.home("1")).unwrap().count(), 1, "only docs is there");
}

// row: H082, H083
#[test]
fn h083_a_login_opens_only_its_services_and_follows_changes_at_once() {
    let harbour = Harbour::open("");
    harbour.login("mara", &["--services", "webdav"]);
    assert_eq!(harbour.curl("mara", &["-X", "PROPFIND", "-H", "Depth: 0"], "/").0, 207);
    assert_ne!(harbour.sftp("mara", PASSWORD, "ls\n").code, 0);
    let change = |args: &[&str]| {
        let done = harbour.node.command(&[&["login", "change", "mara", "--site", "1"], args].concat(), "");
        assert_eq!(done.code, 0, "{}", done.err);
    };
    change(&["--services", "sftp"]);
    assert_ne!(harbour.curl("mara", &["-X", "PROPFIND", "-H", "Depth: 0"], "/").0, 207);
    harbour.sftp("mara", PASSWORD, "mkdir docs\n").good();
    change(&["--read-only", "true"]);
    assert_ne!(harbour.sftp("mara", PASSWORD, "rmdir docs\n").code, 0);
    let said = harbour.node.command(&["login", "password", "mara", "--site", "1"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_ne!(harbour.sftp("mara", PASSWORD, "ls\n").code, 0);
    harbour.sftp("mara", said.out.trim(), "ls\n").good();
    assert_eq!(harbour.node.command(&["login", "revoke", "mara", "--site", "1"], "").code, 0);
    assert_ne!(harbour.sftp("mara", said.out.trim(), "ls\n").code, 0);
    let audit = harbour.admin.get("/admin/server/audit").text().unwrap();
    assert!(audit.contains("mara"), "what was done stands in the log");
}
