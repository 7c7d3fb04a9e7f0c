//! What is never sent, however it is asked for (rules B4, E1).

use super::*;

// rule: B4, E1
#[test]
fn b4_nothing_outside_the_folder_and_nothing_private_is_sent() {
    let files = Files::new();
    let secret = files.node.data.path().join("secret.txt");
    std::fs::write(&secret, "SECRET").unwrap();
    let home = files.root.parent().unwrap().parent().unwrap();
    std::fs::write(home.join("mine.txt"), "SECRET").unwrap();
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, files.root.join(name)).unwrap();
    link(&secret, "link.txt");
    link(home, "linked-folder");
    link(Path::new("/etc"), "etc");
    link(&files.root.join("index.html"), "inner.html");
    link(Path::new("loop"), "loop");
    rustix_fifo(&files.root.join("pipe"));
    for name in [".env", ".git/config", ".htaccess", "dump.sql", "dump.sql.gz", "a.bak", "a~", "wp-config.php", "x.php"]
    {
        files.put(name, "SECRET");
    }
    files.put(".well-known/security.txt", "Contact: mara");
    files.put("x.jpg", "picture");
    let long = format!("{}.txt", "n".repeat(251));
    files.put(&long, "a long name");
    {
        use std::os::unix::ffi::OsStrExt as _;
        std::fs::write(files.root.join(std::ffi::OsStr::from_bytes(b"\xff\xfe.txt")), "SECRET").unwrap();
    }
    files.put("cafe\u{301}.txt", "accents apart");

    assert_eq!(files.get("/.well-known/security.txt").text().unwrap(), "Contact: mara");
    assert_eq!(files.get(&format!("/{long}")).text().unwrap(), "a long name");
    assert_eq!(files.status(&format!("/{}.txt", "n".repeat(252))), 404, "longer than any name");
    assert_eq!(files.get("/caf%C3%A9.txt").text().unwrap(), "accents apart");
    for path in [
        "/link.txt",
        "/linked-folder/mine.txt",
        "/linked-folder/",
        "/etc/passwd",
        "/inner.html",
        "/loop",
        "/pipe",
        "/.env",
        "/.git/config",
        "/.htaccess",
        "/dump.sql",
        "/dump.sql.gz",
        "/a.bak",
        "/a~",
        "/wp-config.php",
        "/x.php",
        "/x.jpg/y.php",
        "/%2eenv",
        "/%2Egit/config",
        "/.well-known/../.env",
        "/..%2fmine.txt",
        "/%2e%2e/mine.txt",
        "/%ff%fe.txt",
        "/%EF%BF%BDff%EF%BF%BDfe.txt",
        "/x%00.txt",
        "/..;/mine.txt",
        "/....//mine.txt",
        "/%252e%252e/mine.txt",
        "/\u{ff0e}\u{ff0e}/mine.txt",
    ] {
        // As bytes: a client of ours would tidy the address up.
        let answer = files.raw(&format!("GET {path} HTTP/1.1\r\nHost: files.localhost\r\nConnection: close\r\n\r\n"));
        let (status, body) = parsed(&answer);
        assert!([400, 404].contains(&status), "{path}: {status}");
        assert!(!body.windows(6).any(|w| w == b"SECRET"), "{path} gave it away");
    }
    // Missing and kept back look alike.
    assert_eq!(files.get("/.env").text().unwrap(), files.get("/nothing").text().unwrap());
}

fn rustix_fifo(path: &Path) {
    #[allow(clippy::disallowed_methods)] // the test plants what a customer could
    let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

// rule: B4
#[test]
fn b4_one_hundred_and_twenty_paths_are_refused_or_stay_below() {
    let files = Files::new();
    files.put("a/b.txt", "fine");
    std::fs::write(files.root.parent().unwrap().join("b.txt"), "SECRET").unwrap();
    let ups = ["..", "%2e%2e", ".%2e", "%2e.", "..%00", "..;", "..%20", "%c0%ae%c0%ae", "%u002e%u002e", "..%ef%bc%8f"];
    let slashes = ["/", "%2f", "\\", "%5c", "%252f", "//"];
    let mut asked = 0;
    for up in ups {
        for slash in slashes {
            for start in ["/", "/a/"] {
                let path = format!("{start}{up}{slash}b.txt");
                let request = format!("GET {path} HTTP/1.1\r\nHost: files.localhost\r\nConnection: close\r\n\r\n");
                let answer = files.raw(&request);
                let (status, body) = parsed(&answer);
                assert!([400, 404].contains(&status), "{path}: {status}");
                assert!(!body.windows(6).any(|w| w == b"SECRET"), "{path}");
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 120);
    assert_eq!(files.get("/a/b.txt").text().unwrap(), "fine");
    // What is matched is what is acted on: every canonical form of a kept-back name is kept back.
    for path in ["/.env", "/%2eenv", "//.env", "/.%65nv"] {
        assert!(CanonPath::parse(path).is_ok_and(|p| is_kept_back(p.as_str())), "{path}");
    }
}
