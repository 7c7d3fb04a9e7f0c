//! Files on their way: tags, parts, packed forms, sizes, listings.

use super::*;

// row: H034
#[test]
fn h034_a_site_of_files_is_served_at_once_and_a_changed_file_within_a_second() {
    for launch in Launch::all() {
        let files = Files::start(&launch);
        let first = files.get("/");
        assert_eq!(header(&first, "content-type"), "text/html; charset=utf-8");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
            ("accept-ranges", "bytes"),
            ("content-security-policy", ""),
        ] {
            assert_eq!(header(&first, name), value, "{name}");
        }
        let text = first.text().unwrap();
        assert!(text.contains("Files &amp; more") && text.contains("files.localhost/public"), "{text}");
        files.put("index.html", "<h1>Mine</h1>");
        until("the new page", || files.get("/").text().unwrap() == "<h1>Mine</h1>");
        files.put("sub/index.html", "below");
        let to = files.get("/sub?x=1");
        assert_eq!((to.status().as_u16(), location(&to)), (301, "/sub/?x=1".to_owned()));
        assert_eq!(files.get("/sub/").text().unwrap(), "below");
        assert_eq!(files.get("//sub//").text().unwrap(), "below", "slashes are joined");
        assert_eq!(files.status("/index.html/"), 404);
        let wrong = files.http.post(format!("{}/", files.node.site)).header("host", "files.localhost").send().unwrap();
        assert_eq!((wrong.status().as_u16(), header(&wrong, "allow")), (405, "GET, HEAD".to_owned()));
        // The panel's list and the site's own home name what it is.
        let mara = Browser::of(&files.node);
        let _ = mara.post("/admin/login", &[("email", "mara@example.org"), ("password", "grey-gull-over-the-quay")]);
        let home = mara.get("/admin/s/2").text().unwrap();
        assert!(home.contains("A site made of files") && !home.contains("/admin/s/2/posts"), "{home}");
        assert!(mara.get("/admin/server/sites").text().unwrap().contains("made of files"));
        assert!(mara.get("/admin/s/1").text().unwrap().contains("/admin/s/1/posts"));
    }
}

// row: H034
#[test]
fn h034_what_is_closed_to_others_is_not_served() {
    use std::os::unix::fs::PermissionsExt as _;
    let files = Files::new();
    files.run(&["rules", "set", "--site", "files.localhost", "--listing", "true"]);
    let close = |name: &str, mode| {
        std::fs::set_permissions(files.root.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for name in ["open.txt", "mine.txt", "shut/in.txt", "unlisted/in.txt"] {
        files.put(name, name);
        until(name, || files.status(&format!("/{name}")) == 200);
    }
    close("mine.txt", 0o640);
    close("shut", 0o700);
    close("unlisted", 0o711);
    until("it is closed", || files.status("/mine.txt") == 404 && files.status("/shut/in.txt") == 404);
    assert_eq!((files.status("/shut"), files.status("/shut/")), (404, 404));
    assert_eq!((files.status("/unlisted/in.txt"), files.status("/unlisted/")), (200, 404));
    files.put("list/a.txt", "a");
    files.put("list/b.txt", "b");
    close("list/b.txt", 0o600);
    let list = files.get("/list/").text().unwrap();
    assert!(list.contains("a.txt") && !list.contains("b.txt"), "{list}");
    close("mine.txt", 0o644);
    until("it is open again", || files.status("/mine.txt") == 200);
}

// row: H034
#[test]
fn h034_tags_dates_and_parts() {
    let files = Files::new();
    let bytes: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    for (name, body) in [("small.bin", &bytes[..1000]), ("large.bin", &bytes[..])] {
        files.put(name, body);
        let path = format!("/{name}");
        let whole = files.get(&path);
        let (tag, date) = (header(&whole, "etag"), header(&whole, "last-modified"));
        assert!(tag.starts_with('"') && tag.ends_with('"'), "a strong tag: {tag}");
        assert_eq!(whole.bytes().unwrap(), body);
        for (name, value, status) in [
            ("if-none-match", tag.as_str(), 304),
            ("if-none-match", "\"other\", *", 200),
            ("if-none-match", "*", 304),
            ("if-none-match", "\"other\"", 200),
            ("if-modified-since", date.as_str(), 304),
            ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT", 200),
            ("if-modified-since", "yesterday", 200),
        ] {
            assert_eq!(files.get_with(&path, &[(name, value)]).status(), status, "{name}: {value}");
        }
        let both = [("if-none-match", "\"other\""), ("if-modified-since", date.as_str())];
        assert_eq!(files.get_with(&path, &both).status(), 200, "the tag alone counts");
        let part = |range: &str| files.get_with(&path, &[("range", range)]);
        let one = part("bytes=10-19");
        assert_eq!(header(&one, "content-range"), format!("bytes 10-19/{}", body.len()));
        assert_eq!((one.status().as_u16(), &one.bytes().unwrap()[..]), (206, &body[10..20]));
        assert_eq!(part("bytes=-5").bytes().unwrap(), &body[body.len() - 5..]);
        let beyond = part(&format!("bytes={}-", body.len()));
        assert_eq!(
            (beyond.status().as_u16(), header(&beyond, "content-range")),
            (416, format!("bytes */{}", body.len()))
        );
        assert_eq!(part("bytes=5-2").status(), 200, "what is no range asks for nothing");
        let several = part("bytes=0-3,100-103");
        let line = between(&header(&several, "content-type"), "boundary=", "\r").to_owned();
        assert_eq!(several.status(), 206);
        let length: usize = header(&several, "content-length").parse().unwrap();
        let text = several.bytes().unwrap();
        assert_eq!(text.len(), length);
        let parts = text.windows(line.len()).filter(|w| *w == line.as_bytes()).count();
        assert_eq!(parts, 3, "two parts and an end");
        assert!(text.windows(4).any(|w| w == &body[100..104]));
        for (value, status) in [(tag.as_str(), 206), ("\"old\"", 200), (date.as_str(), 206), ("W/\"x\"", 200)] {
            let asked = files.get_with(&path, &[("range", "bytes=0-1"), ("if-range", value)]);
            assert_eq!(asked.status(), status, "if-range: {value}");
        }
        // The framework's way (a client that wants the connection closed) says the same.
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: files.localhost\r\nConnection: close\r\nRange: bytes=1-3\r\n\r\n");
        let answer = files.raw(&request);
        assert_eq!(parsed(&answer), (206, &body[1..4]));
        let request = format!("GET {path} HTTP/1.1\r\nHost: files.localhost\r\nConnection: close\r\n\r\n");
        assert_eq!(parsed(&files.raw(&request)), (200, body));
        let head = format!("HEAD {path} HTTP/1.1\r\nHost: files.localhost\r\nConnection: close\r\n\r\n");
        let answer = files.raw(&head);
        assert_eq!(parsed(&answer), (200, &b""[..]));
        assert!(String::from_utf8_lossy(&answer).contains(&format!("content-length: {}", body.len())));
    }
    // Many requests on one connection, heads and bodies in step.
    let mut stream = files.connect();
    let three = "GET /small.bin HTTP/1.1\r\nHost: files.localhost\r\nRange: bytes=0-1\r\n\r\n\
        HEAD /large.bin HTTP/1.1\r\nHost: files.localhost\r\n\r\n\
        GET /missing HTTP/1.1\r\nHost: files.localhost\r\n\r\n\
        GET /small.bin HTTP/1.1\r\nHost: files.localhost\r\nConnection: close\r\nRange: bytes=2-2\r\n\r\n";
    stream.write_all(three.as_bytes()).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let text = String::from_utf8_lossy(&all);
    let statuses: Vec<&str> = text.split("HTTP/1.1 ").skip(1).map(|part| &part[..3]).collect();
    assert_eq!(statuses, ["206", "200", "404", "206"]);
}

// row: H034
#[test]
fn h034_packed_files_are_taken_where_they_are_there_and_made_where_they_are_not() {
    let files = Files::new();
    let text = "<p>The same line again.</p>\n".repeat(4000);
    files.put("page.html", &text);
    let packed = |coding: &str| {
        let answer = files.get_with("/page.html", &[("accept-encoding", coding)]);
        (header(&answer, "content-encoding"), header(&answer, "etag"), answer.bytes().unwrap())
    };
    let plain = packed("identity");
    assert_eq!((plain.0.as_str(), &plain.2[..]), ("", text.as_bytes()));
    for coding in ["br", "gzip", "zstd"] {
        until(coding, || packed(coding).0 == coding);
        let (_, tag, bytes) = packed(coding);
        assert!(bytes.len() < text.len() / 10 && tag != plain.1, "{coding}");
        // A tag that was taken in one coding is as good in another.
        let known = files.get_with("/page.html", &[("accept-encoding", "gzip"), ("if-none-match", tag.as_str())]);
        assert_eq!(known.status(), 304);
    }
    assert!(files.node.data.path().join("cache/packed").read_dir().unwrap().count() >= 3, "kept for the next start");
    let vary = files.get("/page.html");
    assert_eq!(header(&vary, "vary"), "Accept-Encoding");
    assert_eq!(
        files.get_with("/page.html", &[("accept-encoding", "gzip"), ("range", "bytes=0-2")]).text().unwrap(),
        "<p>"
    );

    // One that its owner made wins; one that is older than its file does not count.
    files.put("own.css", "body { color: red }");
    files.put("own.css.gz", "not really packed");
    until("the owner's own", || {
        files.get_with("/own.css", &[("accept-encoding", "gzip")]).text().unwrap() == "not really packed"
    });
    #[allow(clippy::disallowed_methods, reason = "the disk's clock, not the product's")]
    let old = std::time::SystemTime::now() - Duration::from_secs(3600);
    let beside = std::fs::File::options().write(true).open(files.root.join("own.css.gz")).unwrap();
    beside.set_modified(old).unwrap();
    until("the file itself", || {
        files.get_with("/own.css", &[("accept-encoding", "gzip")]).text().unwrap() == "body { color: red }"
    });
}

// row: H034
#[test]
fn h034_a_file_that_is_rewritten_while_it_is_sent_is_never_taken_for_a_whole_one() {
    let files = Files::new();
    // More than what two sockets may hold on their way.
    let size: u64 = 96 << 20;
    let lay = |name: &str, bytes: u64| {
        std::fs::File::create(files.root.join(name)).unwrap().set_len(bytes).unwrap();
        until(name, || {
            let part = files.get_with(&format!("/{name}"), &[("range", "bytes=0-0")]);
            header(&part, "content-range").ends_with(&format!("/{bytes}"))
        });
    };
    let begin = |name: &str| {
        let mut stream = files.connect();
        stream.write_all(format!("GET /{name} HTTP/1.1\r\nHost: files.localhost\r\n\r\n").as_bytes()).unwrap();
        let mut got = vec![0; 64 * 1024];
        stream.read_exact(&mut got).unwrap();
        let head = got.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        (stream, u64::try_from(got.len() - head).unwrap())
    };
    let rest = |stream: TcpStream, most: u64| {
        let mut room = Vec::new();
        let _ = stream.take(most).read_to_end(&mut room); // a cut connection is what is wanted
        room
    };
    // Replaced by another file: who began goes on with the old one.
    lay("moving.bin", size);
    let (stream, begun) = begin("moving.bin");
    std::fs::write(files.root.join("next.bin"), vec![b'b'; 100]).unwrap();
    std::fs::rename(files.root.join("next.bin"), files.root.join("moving.bin")).unwrap();
    let old = rest(stream, size - begun);
    assert!(old.len() as u64 == size - begun && old.iter().all(|b| *b == 0));
    // Cut short in place: the connection ends before the promised length.
    lay("cut.bin", size);
    let (stream, begun) = begin("cut.bin");
    std::fs::File::options().write(true).open(files.root.join("cut.bin")).unwrap().set_len(1000).unwrap();
    let short = rest(stream, size);
    assert!((short.len() as u64) < size - begun, "a short answer is seen to be one");
    assert_eq!(files.status("/"), 200);
}

// row: H034
#[test]
fn h034_memory_does_not_grow_with_the_size_of_a_file() {
    let files = Files::new();
    let size: u64 = if crate::support::full() { 4 << 30 } else { 512 << 20 };
    std::fs::File::create(files.root.join("huge.bin")).unwrap().set_len(size).unwrap();
    let pid = files.node.pid();
    let rss = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        between(&status, "VmRSS:", "kB").trim().parse::<u64>().unwrap()
    };
    files.get("/");
    let before = rss();
    let read = |close: &str| {
        let mut stream = files.connect();
        let request = format!("GET /huge.bin HTTP/1.1\r\nHost: files.localhost\r\n{close}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let (mut room, mut got, mut most) = (vec![0; 1 << 20], 0u64, 0);
        while got < size {
            let n = stream.read(&mut room).unwrap();
            assert!(n > 0, "cut after {got}");
            got += n as u64;
            if got.is_multiple_of(64) {
                most = most.max(rss());
            }
        }
        most.max(rss())
    };
    for close in ["", "Connection: close\r\n"] {
        let most = read(close);
        assert!(most < before + 32 * 1024, "{before} kB became {most} kB ({close:?})");
    }
}

// row: H034
#[test]
fn h034_nobody_is_charged_for_what_a_client_did_not_take() {
    let files = Files::new();
    std::fs::File::create(files.put("huge.bin", "")).unwrap().set_len(5 << 30).unwrap();
    // With a wish of its own a request goes through the framework.
    for (target, more) in [("/huge.bin?1", ""), ("/huge.bin?2", "authorization: Basic x\r\n")] {
        let mut stream = files.connect();
        let request = format!("GET {target} HTTP/1.1\r\nhost: files.localhost\r\n{more}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut some = [0; 300_000];
        stream.read_exact(&mut some).unwrap();
        assert!(some.starts_with(b"HTTP/1.1 200") && some.windows(26).any(|w| w == b"content-length: 5368709120"));
        drop(stream);
        let log = files.node.data.path().join("logs/access.log");
        let mut bytes = 0;
        until("it is noted", || {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            let Some(line) = text.lines().find(|line| line.contains(target)) else { return false };
            bytes = between(line, "\" 200 ", " ").parse::<u64>().unwrap();
            true
        });
        assert!((200_000..1 << 30).contains(&bytes), "{target}: {bytes}");
        let head =
            files.raw(&format!("HEAD /huge.bin HTTP/1.1\r\nhost: files.localhost\r\nconnection: close\r\n{more}\r\n"));
        let (status, body) = parsed(&head);
        assert_eq!((status, body.len()), (200, 0));
        assert!(head.windows(26).any(|w| w == b"content-length: 5368709120"));
    }
}

// row: H048
#[test]
fn h048_a_folder_is_listed_only_where_its_owner_says_so() {
    let files = Files::new();
    files.put("photos/b <i>.jpg", "x");
    files.put("photos/A.txt", "y");
    files.put("photos/.hidden", "x");
    files.put("photos/dump.sql", "x");
    files.put("photos/deep/c.txt", "x");
    assert_eq!(files.status("/photos/"), 404);
    files.run(&["rules", "set", "--site", "files.localhost", "--listing", "true"]);
    let page = files.get("/photos/");
    assert!(header(&page, "content-security-policy").contains("default-src 'none'"));
    let text = page.text().unwrap();
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part} in {text}"));
    assert!(at("deep/") < at("A.txt") && at("A.txt") < at("b &lt;i&gt;.jpg"), "folders first, then by name");
    assert!(text.contains("href=\"./b%20%3Ci%3E.jpg\"") && !text.contains("hidden") && !text.contains("dump"));
    assert_eq!(files.status("/photos/b%20%3Ci%3E.jpg"), 200);
    assert_eq!(files.status("/missing/"), 404);
    assert!(files.get("/").text().unwrap().contains("index.html"), "a start page goes first");
    files.run(&["rules", "set", "--site", "files.localhost", "--listing", "false"]);
    assert_eq!(files.status("/photos/"), 404);
}
