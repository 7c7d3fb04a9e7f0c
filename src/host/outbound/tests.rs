//! Security rule B9: what must not be reached gets no connection.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Error as IoError, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use freehold_base::Code;
use futures_util::future::BoxFuture;

use super::*;

const LIMITS: Limits = Limits { max_bytes: 1000, timeout: Duration::from_secs(20) };

/// A name server with a list of answers per name, given one after the other; the last one stays.
#[derive(Default)]
struct Names {
    answers: Mutex<HashMap<&'static str, Vec<Vec<IpAddr>>>>,
    asked: AtomicUsize,
}

impl Names {
    fn with(answers: &[(&'static str, &[&[&str]])]) -> Arc<Self> {
        let ips = |list: &[&str]| list.iter().map(|ip| ip.parse().unwrap()).collect();
        let answers = answers.iter().map(|(n, lists)| (*n, lists.iter().map(|l| ips(l)).collect())).collect();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0) })
    }
}

impl Resolver for Names {
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, std::io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let found = answers.get_mut(host).map(|list| if list.len() > 1 { list.remove(0) } else { list[0].clone() });
        Box::pin(std::future::ready(found.ok_or_else(|| IoError::other("no such name"))))
    }
}

/// A web server on this machine: answers by path, counts its connections.
struct Peer {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
}

impl Peer {
    fn new(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let hits = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&hits);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let path = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or_default().to_owned();
                lines.take_while(|l| !l.is_empty()).for_each(drop);
                let _ = stream.write_all(answer(&path).as_bytes()); // the client may have gone: that is a test too
            }
        });
        Self { address, hits }
    }
    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
    fn port(&self) -> u16 {
        self.address.port()
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn to(target: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n")
}

fn refusal_of(result: Result<Fetched>, what: &str) -> String {
    let error = result.expect_err(what);
    assert_eq!(error.as_code(), Code::OutboundRefused, "{what}: {error}");
    error.sentence()
}

#[tokio::test]
async fn b09_sixty_spellings_of_forbidden_addresses_make_no_connection() {
    let peer = Peer::new(|_| ok("secret"));
    let names = Names::with(&[
        ("private.test", &[&["10.0.0.1"]]),
        ("mixed.test", &[&["1.1.1.1", "127.0.0.1"]]),
        ("six.test", &[&["2606:4700::1111", "::1"]]),
        ("mapped.test", &[&["::ffff:127.0.0.1"]]),
        ("nat64.test", &[&["64:ff9b::7f00:1"]]),
        ("metadata.test", &[&["169.254.169.254"]]),
        ("empty.test", &[&[]]),
        ("ours.test", &[&["1.2.3.4"]]),
    ]);
    let outbound = Outbound::with_resolver(&[], vec!["1.2.3.4".parse().unwrap()], names).unwrap();
    let hosts = [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "0177.0.0.01",
        "127.0.0.1.",
        "127.000.000.001",
        "127.0.0.0x1",
        "%31%32%37.0.0.1",
        "0",
        "0.0.0.0",
        "0x0",
        "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
        "\u{2460}27.0.0.1",
        "127\u{3002}0\u{3002}0\u{3002}1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "foo.localhost",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[fc00::1]",
        "[ff02::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "0xA9FEA9FE",
        "2852039166",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "private.test",
        "PRIVATE.test.",
        "mixed.test",
        "six.test",
        "mapped.test",
        "nat64.test",
        "metadata.test",
        "empty.test",
        "ours.test",
        "1.2.3.4",
        "missing.test",
        "user@1.1.1.1",
        "user:pass@1.1.1.1",
        "1.1.1.1@127.0.0.1",
        "1.1.1.1\\@127.0.0.1",
        "1.1.1.1%00.127.0.0.1",
        "127.0.0.1\t",
        "12\n7.0.0.1",
        "1.1.1.1:22",
        "1.1.1.1:6379",
        "1.1.1.1:8080",
        "999.1.1.1",
        "1.1.1.1.1",
        "",
    ];
    assert!(hosts.len() >= 60, "{}", hosts.len());
    for host in hosts {
        refusal_of(outbound.get(&format!("http://{host}/"), LIMITS).await, host);
        if !host.contains(":8080") {
            refusal_of(outbound.get(&format!("http://{host}:{}/", peer.port()), LIMITS).await, host);
        }
    }
    for url in ["ftp://1.1.1.1/", "file:///etc/passwd", "gopher://127.0.0.1:70/", "data:text/html,x", "//1.1.1.1", "x"]
    {
        refusal_of(outbound.get(url, LIMITS).await, url);
    }
    assert_eq!(peer.hits(), 0);
}

#[tokio::test]
async fn b09_a_listed_peer_works_and_a_redirect_from_it_is_checked_anew() {
    let hidden = Peer::new(|_| ok("secret"));
    let port = hidden.port();
    let peer = Peer::new(move |path| match path {
        "/private" => to(&format!("http://127.0.0.1:{port}/")),
        "/name" => to("http://inside.test/"),
        "/scheme" => to("file:///etc/passwd"),
        "/user" => to("http://a@1.1.1.1/"),
        "/loop" => to("/loop"),
        "/relative" => to("page"),
        _ => ok(path),
    });
    let names = Names::with(&[("inside.test", &[&["127.0.0.1"]])]);
    let outbound = Outbound::with_resolver(&[peer.address.to_string()], vec![], names).unwrap();
    let url = |path: &str| format!("http://{}{path}", peer.address);
    let page = outbound.get(&url("/relative"), LIMITS).await.unwrap();
    assert_eq!((page.status, &page.body[..], page.final_url.as_str()), (200, &b"/page"[..], url("/page").as_str()));
    assert_eq!(page.content_type.as_deref(), Some("text/plain"));
    for path in ["/private", "/name", "/scheme", "/user", "/loop"] {
        refusal_of(outbound.get(&url(path), LIMITS).await, path);
    }
    let posted = outbound.post(&url("/private"), &[("x-signature", "1")], "{}", LIMITS).await.unwrap();
    assert_eq!((posted.status, hidden.hits()), (302, 0));
}

#[tokio::test]
async fn b09_a_rebinding_name_server_is_asked_once_and_only_its_checked_answer_is_used() {
    let peer = Peer::new(|_| ok("first"));
    let second = TcpListener::bind(("127.0.0.2", peer.port())).unwrap();
    second.set_nonblocking(true).unwrap();
    // Listed, so that the first answer may be this machine; no other resolver knows the name.
    let names = Names::with(&[("peer.test", &[&["127.0.0.1"], &["127.0.0.2"]])]);
    let allow = [format!("PEER.test:{}", peer.port())];
    let outbound = Outbound::with_resolver(&allow, vec![], Arc::clone(&names) as Arc<dyn Resolver>).unwrap();
    let page = outbound.get(&format!("http://peer.test.:{}/", peer.port()), LIMITS).await.unwrap();
    assert_eq!((&page.body[..], peer.hits(), names.asked.load(Ordering::SeqCst)), (&b"first"[..], 1, 1));
    assert!(second.accept().is_err(), "the second answer was connected to");

    // Public at the first look, private at the next: each fetch is decided by its own answer.
    let names = Names::with(&[("swap.test", &[&["93.184.215.14"], &["127.0.0.1"]])]);
    let guard = Guard::new(&[], vec![], names);
    let checked = guard.check("http://swap.test/", None).await.unwrap();
    assert_eq!(checked.addresses, ["93.184.215.14:80".parse::<SocketAddr>().unwrap()]);
    assert!(guard.check("http://swap.test/", None).await.is_err());
}

#[tokio::test]
async fn b09_size_and_time_are_limited() {
    let peer = Peer::new(|path| match path {
        "/long" => ok(&"x".repeat(1001)),
        // No length given: counted as it arrives.
        "/endless" => format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(100_000)),
        "/cut" => "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx".into(),
        _ => ok(&"x".repeat(1000)),
    });
    let silent = TcpListener::bind("127.0.0.1:0").unwrap(); // takes connections, never answers
    let silent = silent.local_addr().unwrap();
    let outbound = Outbound::new(&[peer.address.to_string(), silent.to_string()], vec![]).unwrap();
    let url = |path: &str| format!("http://{}{path}", peer.address);
    assert_eq!(outbound.get(&url("/fits"), LIMITS).await.unwrap().body.len(), 1000);
    for path in ["/long", "/endless"] {
        assert!(refusal_of(outbound.get(&url(path), LIMITS).await, path).contains("larger"));
    }
    refusal_of(outbound.get(&url("/cut"), LIMITS).await, "cut");
    let short = Limits { timeout: Duration::from_millis(1), ..LIMITS };
    refusal_of(outbound.get(&format!("http://{silent}/"), short).await, "silent");
}

#[test]
fn jobs_fetch_without_a_runtime_of_their_own() {
    let peer = Peer::new(|_| ok("hello"));
    let outbound = Outbound::new(&[peer.address.to_string()], vec![]).unwrap();
    let blocking = BlockingOutbound::start(outbound).unwrap();
    let url = format!("http://{}/", peer.address);
    assert_eq!(&blocking.get(&url, LIMITS).unwrap().body[..], b"hello");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    assert_eq!(blocking.get_to_file(&url, LIMITS, file.reopen().unwrap()).unwrap().len, 5);
    let mut text = String::new();
    std::io::Read::read_to_string(file.as_file_mut(), &mut text).unwrap();
    assert_eq!(text, "hello");
    assert_eq!(blocking.post(&url, &[], "{}", LIMITS).unwrap().status, 200);
}
