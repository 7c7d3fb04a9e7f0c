//! Every form of a path by SFTP, WebDAV and FTP, to the folder of another account and to that of another login.

use super::two::{MARKER, NOBODY, Tenant, Two};
use crate::transfer::harbour::PASSWORD;

/// Ways to say where something of theirs lies: `ACCOUNT` and `WORD` are filled in. `LINK` is a link in our own folder
/// that leads there.
const PATHS: &[&str] = &[
    "/WORD/kept.txt",
    "/ACCOUNT/home/WORD/kept.txt",
    "/../ACCOUNT/home/WORD/kept.txt",
    "/../../ACCOUNT/home/WORD/kept.txt",
    "../../ACCOUNT/home/WORD/kept.txt",
    "./.././../ACCOUNT/home/WORD/docs/deep.txt",
    "/../../../accounts/ACCOUNT/home/WORD/kept.txt",
    "DATA/accounts/ACCOUNT/home/WORD/kept.txt",
    "/../../ACCOUNT/trash",
    "/../../ACCOUNT/versions",
    "/WORD ltd/WORD/kept.txt",
    "/WORD ltd/../WORD ltd/WORD",
    "/LINK/kept.txt",
    "/LINK/../WORD/kept.txt",
    "/LINK",
    "/FILELINK",
];

/// Fills a path for a tenant's things, or for nobody's.
fn path(two: &Two, pattern: &str, nobodys: bool) -> String {
    let (word, account) = if nobodys { (NOBODY, super::two::MISSING) } else { (MARKER, two.theirs.id("account")) };
    let data = two.harbour.node.data.path().display().to_string();
    pattern
        .replace("FILELINK", &format!("file-to-{word}"))
        .replace("LINK", &format!("to-{word}"))
        .replace("WORD", word)
        .replace("ACCOUNT", account)
        .replace("DATA", &data)
}

/// What was said, without the names that were asked for.
fn plain(two: &Two, said: &str) -> String {
    let mut out = said.to_owned();
    for name in [MARKER, NOBODY, two.theirs.id("account"), super::two::MISSING] {
        out = out.replace(name, "\u{b7}");
    }
    out
}

/// Our own folder as it is before each question: links to theirs and to nothing, as an archive of ours might have
/// brought them, and a file of ours.
fn fresh(two: &Two) {
    use std::os::unix::fs::symlink;
    let home = two.harbour.home(two.ours.id("account"));
    let clear = |name: &str| {
        let at = home.join(name);
        let _ = std::fs::remove_file(&at);
        let _ = std::fs::remove_dir_all(&at);
        at
    };
    for name in ["stolen.txt", "stolen"] {
        clear(name);
    }
    std::fs::write(clear("mine.txt"), "ours").unwrap();
    for nobodys in [false, true] {
        let of = |pattern: &str| path(two, pattern, nobodys);
        symlink(of("DATA/accounts/ACCOUNT/home/WORD"), clear(&of("LINK"))).unwrap();
        symlink(of("../../ACCOUNT/home/WORD/kept.txt"), clear(&of("FILELINK"))).unwrap();
    }
}

/// What a session says to one batch about a path: every line is tried, whatever became of those before.
fn by_sftp(two: &Two, name: &str, path: &str) -> (i32, String) {
    fresh(two);
    let (ours, taken) = (two.harbour.file("ours.txt", b"ours"), two.harbour.desk.path().join("taken"));
    let _ = std::fs::remove_file(&taken);
    let batch = format!(
        "-put {ours} mine.txt\n-get \"{path}\" {taken}\n-ls -la \"{path}\"\n-cd \"{path}\"\n-put {ours} \"{path}\"\n\
         -put {ours} \"{path}/new.txt\"\n-mkdir \"{path}/new\"\n-chmod 777 \"{path}\"\n-rename mine.txt \"{path}/mine.txt\"\n\
         -rename \"{path}\" stolen\n-ln \"{path}\" twin\n-ln -s \"{path}\" soft\n-rm \"{path}\"\n-rmdir \"{path}\"\n-rm mine.txt\n-df \"{path}\"\n",
        taken = taken.display()
    );
    let said = two.harbour.sftp(name, PASSWORD, &batch);
    assert!(!taken.exists(), "{name} took {path}");
    // What the program repeats of the batch is not the server's.
    let lines: Vec<&str> = said.out.lines().filter(|line| !line.starts_with("sftp>")).collect();
    let lines: Vec<String> = lines.iter().map(|line| without_times(line)).collect();
    (said.code, format!("{}\n{}", lines.join("\n"), said.err))
}

/// A line without the minute in which our own link was made anew.
fn without_times(line: &str) -> String {
    line.split(' ').filter(|word| word.len() != 5 || word.as_bytes()[2] != b':').collect::<Vec<_>>().join(" ")
}

// rule: C2, E1. rows: H083
#[test]
fn c02_no_path_by_sftp_leads_to_another_account() {
    Two::walk(|two| {
        let Tenant { word: us, .. } = two.ours;
        two.unchanged("sftp", || {
            let mut wrong = Vec::new();
            for name in [us.to_owned(), format!("{us}-docs"), format!("{us}-owner@example.org")] {
                // Every login by every path in the long run; the others by every third one in the short one.
                let step = if name == us || crate::support::full() { 1 } else { 3 };
                for pattern in PATHS.iter().step_by(step) {
                    let [theirs, nobodys] =
                        [false, true].map(|nobodys| by_sftp(two, &name, &path(two, pattern, nobodys)));
                    let [a, b] = [&theirs, &nobodys].map(|(code, said)| (*code, plain(two, said)));
                    if a != b {
                        wrong.push(format!("{name} {pattern}: {a:?}\n  for nothing: {b:?}"));
                    }
                }
            }
            assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
        });
        // What people of several accounts, and resellers, see at the top.
        for name in [format!("{us}-owner@example.org"), format!("{us}-seller@example.org")] {
            let said = two.harbour.sftp(&name, PASSWORD, "-ls -la\n-ls -la ..\n-ls -la ../..\n").said();
            assert!(!said.replace(&format!("to-{MARKER}"), "").contains(MARKER), "{name}: {said}");
        }
        // Their own people do get there, and a login of another folder does not.
        let taken = two.harbour.desk.path().join("taken").display().to_string();
        for name in [MARKER.to_owned(), format!("{MARKER}-owner@example.org")] {
            two.harbour.sftp(&name, PASSWORD, &format!("get {MARKER}/kept.txt {taken}\n")).good();
            assert_eq!(two.harbour.read("taken"), MARKER.as_bytes());
        }
        let narrow = format!("{MARKER}-docs");
        two.harbour.sftp(&narrow, PASSWORD, &format!("get deep.txt {taken}\n")).good();
        let ask = |file: &str, word: &str| {
            let (code, said) = by_sftp(two, &narrow, &file.replace("kept", word));
            (code, said.replace(word, "\u{b7}"))
        };
        for file in ["../kept.txt", "/../kept.txt", "/kittiwake/kept.txt", "../../kittiwake/kept.txt"] {
            assert_eq!(ask(file, "kept"), ask(file, "lost"), "{file}");
        }
        let kept = std::fs::read_to_string(two.folder().join("home/kittiwake/kept.txt")).unwrap();
        assert_eq!(kept, MARKER, "another login of the account does not reach it");
    });
}

/// The same path as clients and attackers write it in an address.
fn spellings(path: &str) -> Vec<String> {
    let path = path.trim_start_matches('/').replace(' ', "%20");
    let mut all = vec![
        format!("/{path}"),
        format!("//{path}"),
        format!("/{}", path.replace("..", "%2e%2e")),
        format!("/{}", path.replace("../", "..%2f")),
        format!("/{}", path.replace("../", "%2e%2e%2f")),
        format!("/{}", path.replace("..", "%252e%252e")),
        format!("/{}", path.replace('/', "%2f")),
        format!("/{}", path.replace("../", "..%5c")),
        format!("/{}", path.replace("../", "..%00/")),
        format!("/{}", path.replace("../", "..;/")),
        format!("/{}", path.replace("..", "%c0%ae%c0%ae")),
    ];
    all.dedup();
    all
}

/// A request as it is written, on a connection of its own: clients would tidy the path up.
fn raw(two: &Two, name: &str, head: &str, body: &str) -> (u16, String) {
    use std::io::{Read as _, Write as _};
    let sign_in = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{name}:{PASSWORD}"));
    let mut line = std::net::TcpStream::connect(("127.0.0.1", two.harbour.webdav)).unwrap();
    let (first, more) = head.split_once('\n').unwrap_or((head, ""));
    let more: String = more.lines().map(|header| format!("{header}\r\n")).collect();
    let request = format!(
        "{first} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Basic {sign_in}\r\nConnection: close\r\n\
         Content-Length: {}\r\n{more}\r\n{body}",
        two.harbour.webdav,
        body.len()
    );
    line.write_all(request.as_bytes()).unwrap();
    let mut said = Vec::new();
    line.read_to_end(&mut said).unwrap();
    let said = String::from_utf8_lossy(&said).into_owned();
    let status = said.get(9..12).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("{head}: {said}"));
    (status, said.split_once("\r\n\r\n").unwrap_or_default().1.to_owned())
}

// rule: C2, E1, B4. rows: H082
#[test]
fn c02_no_address_of_webdav_leads_to_another_account() {
    const LOCK: &str = "<?xml version=\"1.0\"?><D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope>\
                        <D:locktype><D:write/></D:locktype></D:lockinfo>";
    const PATCH: &str = "<?xml version=\"1.0\"?><D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop>\
                         <x xmlns=\"urn:x\">1</x></D:prop></D:set></D:propertyupdate>";
    // Method, headers, body; a lock that is made has a token of its own.
    const WAYS: &[(&str, &str, &str)] = &[
        ("GET", "", ""),
        ("GET", "Range: bytes=0-3", ""),
        ("HEAD", "", ""),
        ("OPTIONS", "", ""),
        ("PROPFIND", "Depth: 0", ""),
        ("PROPFIND", "Depth: 1", ""),
        ("PROPPATCH", "", PATCH),
        ("MOVE", "Destination: /stolen.txt", ""),
        ("COPY", "Destination: /stolen.txt", ""),
        ("PUT", "", "ours"),
        ("MKCOL", "", ""),
        ("DELETE", "", ""),
    ];
    Two::walk(|two| {
        let us = two.ours.word;
        let ask = |head: &str, body: &str| {
            fresh(two);
            let (status, said) = raw(two, us, head, body);
            let said = plain(two, &said);
            assert!(!said.contains("\u{b7}: "), "{head}: {said}");
            // What is ours has times of its own.
            (status, if status == 207 || head.starts_with("LOCK") { String::new() } else { said })
        };
        let patterns: Vec<&str> =
            PATHS.iter().filter(|p| !p.starts_with('.')).copied().chain(["/../WORD", "/WORD/"]).collect();
        two.unchanged("webdav", || {
            let mut wrong = Vec::new();
            let mut differ = |theirs: &str, body: &str, nobodys: &str| {
                let (a, b) = (ask(theirs, body), ask(nobodys, body));
                if a != b {
                    wrong.push(format!("{theirs}: {a:?}\n  for nothing: {b:?}"));
                }
            };
            for pattern in &patterns {
                let [theirs, nobodys] = [false, true].map(|nobodys| spellings(&path(two, pattern, nobodys)));
                for (theirs, nobodys) in theirs.iter().zip(&nobodys) {
                    for (method, headers, body) in WAYS {
                        differ(
                            &format!("{method} {theirs}\n{headers}"),
                            body,
                            &format!("{method} {nobodys}\n{headers}"),
                        );
                    }
                    for verb in ["MOVE", "COPY"] {
                        for host in ["", "http://evil.example"] {
                            let to = |path: &str| format!("{verb} /mine.txt\nDestination: {host}{path}");
                            differ(&to(theirs), "", &to(nobodys));
                        }
                    }
                }
            }
            // At the end: what is locked answers everything else alike.
            for pattern in &patterns {
                let [theirs, nobodys] =
                    [false, true].map(|nobodys| format!("LOCK {}", spellings(&path(two, pattern, nobodys))[0]));
                differ(&theirs, LOCK, &nobodys);
            }
            assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
        });
        assert_eq!(raw(two, MARKER, &format!("GET /{MARKER}/kept.txt"), ""), (200, MARKER.to_owned()));
        let listed = raw(two, MARKER, &format!("PROPFIND /{MARKER}/\nDepth: 1"), "").1;
        assert!(listed.contains("kept.txt"), "{listed}");
    });
}

// rule: C2, E1. rows: H084
#[test]
fn c02_no_path_by_ftp_leads_to_another_account() {
    Two::walk(|two| {
        let ask = |name: &str, path: &str| {
            fresh(two);
            // Told raw: the program itself would tidy the path up.
            let raw = ["CWD", "SIZE", "MDTM", "DELE", "RMD", "RNFR", "MKD", "STAT"];
            let raw: Vec<String> = raw.iter().map(|verb| format!("quote {verb} \"{path}\"")).collect();
            let script = format!("set cmd:fail-exit no; {}; cat \"{path}\"", raw.join("; "));
            let said = two.harbour.lftp(name, &script);
            let folders = format!("MKD {path}");
            plain(two, &said.said().replace(&folders, "MKD"))
        };
        two.unchanged("ftp", || {
            let mut wrong = Vec::new();
            for pattern in PATHS.iter().filter(|p| !p.contains(' ')) {
                let [a, b] = [false, true].map(|nobodys| ask(two.ours.word, &path(two, pattern, nobodys)));
                if a != b {
                    wrong.push(format!("{pattern}: {a}\n  for nothing: {b}"));
                }
            }
            assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
        });
        let own = two.harbour.lftp(MARKER, &format!("cat {MARKER}/kept.txt"));
        assert_eq!((own.code, own.out.as_str()), (0, MARKER), "{}", own.said());
    });
}
