//! Sites made of files, and the rules before every kind of site, as browsers and raw sockets see them (rows H034, H047,
//! H048, H049, H139, H027, H028).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use freehold_base::canon_path::CanonPath;
use freehold_base::{Capability, HostName, SiteId};
use freehold_hosting::files::is_kept_back;
use freehold_platform::sites::rules::{self, RedirectInput};
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_store::{Actor, testing};
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;

use crate::cli::run_in;
use crate::node::{Browser, Launch, Node, between, location};
use crate::support::{stores, until};

/// A node with a site of files at `files.localhost`.
struct Files {
    node: Node,
    http: Client,
    root: PathBuf,
}

impl Files {
    fn start(launch: &Launch) -> Self {
        let node = launch.start();
        Browser::of(&node).set_up(&node);
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let root = node.data.path().join("accounts/1/home/files.localhost/public");
        let all = Self { node, http, root };
        all.run(&["site", "create", "--kind", "static", "--title", "Files & more", "--host", "files.localhost"]);
        until("the first page", || all.get("/").status() == 200);
        all
    }
    fn new() -> Self {
        Self::start(&Launch::new(""))
    }
    fn run(&self, args: &[&str]) -> String {
        self.run_with(args, "")
    }
    fn run_with(&self, args: &[&str], stdin: &str) -> String {
        let said = run_in(self.node.data.path(), &self.node.database_url, args, stdin);
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        said.out
    }
    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
    fn get(&self, path: &str) -> Response {
        self.get_with(path, &[])
    }
    fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.http.get(format!("{}{path}", self.node.site)).header("host", "files.localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().unwrap()
    }
    fn status(&self, path: &str) -> u16 {
        self.get(path).status().as_u16()
    }
    /// Bytes as they are, on a connection of their own; what the server answers until it closes.
    fn raw(&self, request: &str) -> Vec<u8> {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut out = Vec::new();
        let _ = stream.read_to_end(&mut out); // a cut connection is an answer too
        out
    }
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.node.site.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// The status of an answer, and what follows its head.
fn parsed(answer: &[u8]) -> (u16, &[u8]) {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("a whole head") + 4;
    let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
    (status, &answer[end..])
}

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
            let checked = t.store.read(&system, move |tx| rules::check_csv(tx, site, text)).unwrap();
            t.store.write(&system, move |tx| rules::put_csv(tx, &checked)).unwrap()
        };
        let text = "source,target,status,how,query\n/a,/b\n\"/c, d\",https://example.org/x,302,prefix,drop\n";
        let done = import(text);
        assert_eq!((done.added, done.changed, done.refused), (2, 0, vec![]));
        let again = import("/a,/b2,308\n/e,/f\n");
        assert_eq!((again.added, again.changed), (1, 1));
        let wrong = import("/g,/h\n/i\n/j,/j\n/k,/l,404\n/b2,/a\n/m,/n\n/m,/o\n");
        let lines: Vec<usize> = wrong.refused.iter().map(|(line, _)| *line).collect();
        assert_eq!((wrong.added, lines), (0, vec![2, 3, 4, 5, 7]), "{:?}", wrong.refused);
        let csv = t.store.read(&system, move |tx| rules::export_csv(tx, site)).unwrap();
        assert_eq!(
            csv,
            "source,target,status,how,query\n/a,/b2,308,exact,keep\n\"/c, d\",https://example.org/x,302,prefix,drop\n\
             /e,/f,301,exact,keep\n"
        );
        let all = t.store.read(&system, move |tx| rules::redirects(tx, site)).unwrap();
        let id = all[0].id;
        let input = RedirectInput { source: "/e".into(), target: "/z".into(), ..Default::default() };
        let check =
            |id, input: RedirectInput| t.store.read(&system, move |tx| rules::check_redirect(tx, site, id, &input));
        let put = |checked: rules::Checked| t.store.write(&system, move |tx| rules::put_redirect(tx, &checked));
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
            let folder = rules::add_folder(tx, site, "/x", "")?;
            let header = rules::NewHeader { name: "x-a".into(), value: "b".into(), ..Default::default() };
            rules::add_header(tx, site, &header)?;
            let hash = freehold_platform::secrets::StoredHash {
                scheme: freehold_platform::secrets::Scheme::Bcrypt,
                hash: "x".into(),
            };
            rules::add_folder_user(tx, site, folder, "ada", &hash)?;
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
