//! The door as a client sees it, over real connections.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, SET_COOKIE};
use actix_web::{HttpResponse, web};
use freehold_base::{AccountId, Clock, Code, EntryId, Error, Result, SiteId};

use super::access_log::{AccessLog, LogPlan};
use super::hosts::{HostTable, SiteKind, SiteRef};
use super::limits::{BodyRules, read_body};
use super::source::{PageRequest, PageSource, Preload, Rendered};
use super::state::{Web, WebSettings};
use super::tag::Tag;
use super::visit::Visit;

const SITE: SiteId = SiteId(1);
/// How long a connection may rest.
const KEEP_ALIVE: Duration = Duration::from_millis(600);

/// Pages that show how often they were made; `text` is what an editor changes.
#[derive(Default)]
struct Source {
    renders: AtomicUsize,
    absent: AtomicUsize,
    text: Mutex<String>,
    slow: AtomicBool,
}

impl PageSource for Source {
    fn render(&self, request: &PageRequest) -> Result<Rendered> {
        let n = self.renders.fetch_add(1, Ordering::SeqCst) + 1;
        let tags = vec![Tag::entry(SITE, EntryId(1))];
        let path = request.path.as_str();
        if self.slow.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        match path {
            "/panic" => panic!("a broken theme"),
            "/busy" => Err(Error::code(Code::Busy)),
            "/moved" => Ok(Rendered::redirect(StatusCode::MOVED_PERMANENTLY, "/new/")),
            _ if path.starts_with("/missing") => Err(Error::not_found("page")),
            "/cookie" => {
                let mut page = Rendered::html(StatusCode::OK, format!("render {n}"), tags);
                page.headers.push((SET_COOKIE, HeaderValue::from_static("a=b")));
                Ok(page)
            }
            "/long" => Ok(Rendered::html(StatusCode::OK, "<p>The same line again.</p>\n".repeat(800), tags)),
            "/now" => {
                let text = self.text.lock().map(|t| t.clone()).unwrap_or_default();
                Ok(Rendered::html(StatusCode::OK, text, tags))
            }
            _ => {
                let mut page =
                    Rendered::html(StatusCode::OK, format!("render {n} of {path}?{}", request.query.encoded()), tags);
                page.script_hashes.push("sha256-abc".into());
                page.preload.push(Preload { url: "/_/assets/x/inter.woff2".into(), destination: "font" });
                page.headers.push((HeaderName::from_static("x-theme"), HeaderValue::from_static("croft")));
                Ok(page)
            }
        }
    }
    fn not_found(&self, _: &PageRequest) -> Result<Rendered> {
        self.absent.fetch_add(1, Ordering::SeqCst);
        Ok(Rendered::html(StatusCode::NOT_FOUND, "nothing here", vec![Tag::theme(SITE)]))
    }
    fn allowed_query(&self) -> &[&str] {
        &["p", "s"]
    }
    fn gave(&self, site: SiteId, cookie: &str) -> bool {
        site == SITE && cookie == "signed"
    }
}

struct Door {
    address: SocketAddr,
    handle: ServerHandle,
    web: Arc<Web>,
    source: Arc<Source>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Door {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn site(host: &str, redirect_to_main: bool) -> SiteRef {
    SiteRef {
        site: SITE,
        account: AccountId(1),
        host: host.into(),
        origin: "http://a.example".into(),
        kind: SiteKind::Cms,
        redirect_to_main,
        suspended: false,
        preview: false,
        below: false,
    }
}

async fn form(visit: Visit, body: web::Payload) -> HttpResponse {
    let rules = BodyRules {
        max_bytes: 100,
        grace: Duration::from_millis(50),
        min_bytes_per_s: 1024,
        total: Duration::from_millis(500),
    };
    match read_body(body, rules).await {
        Ok(bytes) => HttpResponse::Ok().body(format!("{} bytes for {}", bytes.len(), visit.path.as_str())),
        Err(error) => HttpResponse::build(StatusCode::from_u16(error.status()).expect("status")).body(error.sentence()),
    }
}

/// What the next answer of [`drip`] is fed from: the test decides when a drop falls.
static TAP: Mutex<Option<tokio::sync::mpsc::Receiver<&'static [u8]>>> = Mutex::new(None);

/// Answers with what comes from the tap.
async fn drip() -> HttpResponse {
    let tap = TAP.lock().expect("tap").take().expect("one answer");
    let drops = futures_util::stream::unfold(tap, |mut tap| async move {
        let drop = tap.recv().await?;
        Some((Ok::<_, std::io::Error>(bytes::Bytes::from_static(drop)), tap))
    });
    HttpResponse::Ok().streaming(Box::pin(drops))
}

async fn broken() -> HttpResponse {
    panic!("a broken route")
}

impl Door {
    fn open() -> Self {
        Self::with(WebSettings { head_timeout: Duration::from_secs(5), ..WebSettings::default() }, AccessLog::off())
    }

    fn with(settings: WebSettings, log: AccessLog) -> Self {
        let source = Arc::new(Source::default());
        let table = {
            let closed = SiteRef { suspended: true, ..site("closed.example", false) };
            HostTable::new([site("a.example", false), site("www.a.example", true), closed], vec![])
        };
        let settings = WebSettings { workers: 2, keep_alive: KEEP_ALIVE, ..settings };
        let web = Web::new(settings, table, Arc::clone(&source) as _, log, Clock::system()).expect("state");
        let listener = TcpListener::bind("127.0.0.1:0").expect("port");
        let address = listener.local_addr().expect("address");
        let (ready, started) = channel();
        let shared = Arc::clone(&web);
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let routes = |config: &mut web::ServiceConfig| {
                    config
                        .route("/_/comment", web::post().to(form))
                        .route("/_/drip", web::get().to(drip))
                        .route("/_/broken", web::get().to(broken));
                };
                let server = super::server::start(listener, shared, routes).expect("starts");
                ready.send(server.handle()).expect("handle");
                server.await.expect("runs");
            });
        });
        let handle = started.recv().expect("started");
        Self { address, handle, web, source, thread: Some(thread) }
    }

    /// Sends bytes as they are and reads until the server closes.
    fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).expect("connects");
        stream.write_all(request).expect("sends");
        let mut out = Vec::new();
        stream.read_to_end(&mut out).expect("reads");
        String::from_utf8_lossy(&out).into_owned()
    }

    fn get_with(&self, path: &str, headers: &str) -> String {
        self.raw(format!("GET {path} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n{headers}\r\n").as_bytes())
    }

    fn get(&self, path: &str) -> String {
        self.get_with(path, "")
    }

    fn renders(&self) -> usize {
        self.source.renders.load(Ordering::SeqCst)
    }

    fn count(&self, outcome: &str) -> u64 {
        self.web.counters.totals().into_iter().find(|(name, _)| *name == outcome).map_or(0, |(_, n)| n)
    }
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0)
}

fn header(answer: &str, name: &str) -> Option<String> {
    let head = answer.split_once("\r\n\r\n")?.0;
    head.lines().find_map(|line| {
        let (known, value) = line.split_once(": ")?;
        known.eq_ignore_ascii_case(name).then(|| value.to_owned())
    })
}

#[test]
fn a_page_is_made_once_and_then_comes_from_memory() {
    let door = Door::open();
    let first = door.get("/about/");
    assert_eq!((status(&first), body(&first)), (200, "render 1 of /about/?"));
    assert_eq!(body(&door.get("/about/")), "render 1 of /about/?");
    assert_eq!(body(&door.get("/%61bout//?utm_source=x")), "render 1 of /about/?", "one address, however written");
    assert_eq!(body(&door.get("/about/?s=b&p=1")), "render 2 of /about/?p=1&s=b");
    assert_eq!(body(&door.get("/about/?p=1&x=9&s=b")), "render 2 of /about/?p=1&s=b");
    assert_eq!((door.count("hit"), door.count("miss")), (3, 2));
}

#[test]
fn b7_headers_of_rendered_pages() {
    let door = Door::open();
    for answer in [door.get("/"), door.get("/")] {
        let has = |name| header(&answer, name).unwrap_or_default();
        assert_eq!(has("x-content-type-options"), "nosniff");
        assert_eq!(has("referrer-policy"), "strict-origin-when-cross-origin");
        assert!(has("content-security-policy").contains("script-src 'self' 'sha256-abc';"));
        assert_eq!(has("link"), "</_/assets/x/inter.woff2>; rel=preload; as=font; crossorigin");
        assert_eq!(has("cache-control"), "public, max-age=0, must-revalidate");
        assert_eq!((has("vary").as_str(), has("x-theme").as_str()), ("Accept-Encoding", "croft"));
    }
}

#[test]
fn a_client_that_has_the_page_gets_304_and_head_gets_no_body() {
    let door = Door::open();
    let etag = header(&door.get("/"), "etag").expect("etag");
    let again = door.get_with("/", &format!("If-None-Match: {etag}\r\n"));
    assert_eq!((status(&again), body(&again)), (304, ""));
    assert_eq!(header(&again, "etag"), Some(etag));
    assert_eq!(status(&door.get_with("/", "If-None-Match: \"other\"\r\n")), 200);
    let head = door.raw(b"HEAD / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    assert_eq!((status(&head), body(&head)), (200, ""));
    assert_eq!(header(&head, "content-length"), Some("render 1 of /?".len().to_string()));
}

#[test]
fn bodies_are_compressed_for_those_who_take_it() {
    let door = Door::open();
    let plain = door.get("/long").len();
    let packed = door.get_with("/long?p=1", "Accept-Encoding: gzip\r\n");
    assert_eq!(header(&packed, "content-encoding").as_deref(), Some("gzip"));
    assert!(packed.len() * 5 < plain, "{} of {plain}", packed.len());
    let short = door.get_with("/", "Accept-Encoding: gzip\r\n");
    assert_eq!(header(&short, "content-encoding"), None);
}

#[test]
fn a_purge_shows_the_change_on_the_next_request() {
    let door = Door::open();
    for n in 0..200 {
        *door.source.text.lock().expect("text") = format!("version {n}");
        door.web.cache.purge(&[Tag::entry(SITE, EntryId(1))]);
        assert_eq!(body(&door.get("/now")), format!("version {n}"));
        assert_eq!(body(&door.get("/now")), format!("version {n}"));
    }
}

#[test]
fn however_many_ask_a_page_is_made_once() {
    let door = Door::open();
    door.source.slow.store(true, Ordering::SeqCst);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert_eq!(body(&door.get("/popular")), "render 1 of /popular?"));
        }
    });
    assert_eq!(door.renders(), 1);
}

#[test]
fn missing_addresses_share_one_page_and_take_no_room() {
    let door = Door::open();
    for n in 0..300 {
        let answer = door.get(&format!("/missing/{n}"));
        assert_eq!((status(&answer), body(&answer)), (404, "nothing here"));
    }
    assert_eq!((door.source.absent.load(Ordering::SeqCst), door.web.cache.len()), (1, 1));
    let before = door.renders();
    assert_eq!(status(&door.get("/missing/299")), 404);
    assert_eq!((door.renders(), door.count("absent")), (before, 1), "known to be missing");
    door.web.cache.purge(&[Tag::entry_list(SITE)]);
    door.get("/missing/299");
    assert_eq!(door.renders(), before + 1, "anything may exist after a change");
}

#[test]
fn b10_unkeyed_headers_change_nothing_and_cookies_and_credentials_are_not_stored() {
    let door = Door::open();
    let plain = body(&door.get("/")).to_owned();
    for name in [
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-For",
        "X-Forwarded-Port",
        "X-Forwarded-Scheme",
        "X-Forwarded-Server",
        "X-Forwarded-Prefix",
        "X-Host",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Real-IP",
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "X-Original-Host",
        "Forwarded",
        "Via",
        "Cookie",
        "Origin",
        "Referer",
        "User-Agent",
        "Accept",
        "Accept-Language",
        "Accept-Charset",
        "Range",
        "If-Modified-Since",
        "X-Wap-Profile",
        "Max-Forwards",
        "True-Client-IP",
        "CF-Connecting-IP",
        "X-Custom-IP-Authorization",
    ] {
        let answer = door.get_with("/", &format!("{name}: evil.example\r\n"));
        assert_eq!((status(&answer), body(&answer)), (200, plain.as_str()), "{name}");
        assert!(!answer.contains("evil.example"), "{name}");
    }
    assert_eq!(door.renders(), 1);
    assert_ne!(body(&door.get("/cookie")), body(&door.get("/cookie")));
    let personal = door.get_with("/", "Cookie: a=b; freehold_unlock=signed\r\n");
    assert_eq!(header(&personal, "cache-control").as_deref(), Some("private, no-store"));
    assert_eq!(body(&door.get("/")), plain);
    let renders = door.renders();
    for forged in [
        "Authorization: Bearer x\r\n",
        "Cookie: freehold_unlock=x\r\n",
        "Cookie: freehold_unlock=\r\n",
        "Cookie: a=freehold_unlock=signed\r\n",
        "Cookie: xfreehold_unlock=signed; freehold_unlock\r\n",
    ] {
        assert_eq!(body(&door.get_with("/", forged)), plain, "{forged}");
    }
    assert_eq!(door.renders(), renders, "what we did not sign costs no render");
    assert_eq!(door.web.cache.len(), 1);
}

#[test]
fn a_suspended_site_answers_503_and_shows_nothing() {
    let door = Door::open();
    for request in ["GET / HTTP/1.1", "GET /.well-known/x HTTP/1.1", "POST /form HTTP/1.1"] {
        let answer = door.raw(format!("{request}\r\nHost: closed.example\r\nConnection: close\r\n\r\n").as_bytes());
        assert_eq!(status(&answer), 503, "{answer}");
        assert!(answer.contains("closed for now") && header(&answer, "retry-after").is_some(), "{answer}");
        assert_eq!(header(&answer, "cache-control").as_deref(), Some("no-store"));
    }
    assert_eq!(door.renders(), 0);
}

#[test]
fn b1_unknown_hosts_malformed_targets_and_secondary_names() {
    let door = Door::open();
    let ask = |target: &str, host: &str| {
        door.raw(format!("GET {target} HTTP/1.1\r\n{host}Connection: close\r\n\r\n").as_bytes())
    };
    assert_eq!(status(&ask("/", "Host: evil.example\r\n")), 421);
    assert_eq!(status(&ask("/", "")), 400);
    assert_eq!(status(&ask("http://a.example/", "Host: evil.example\r\n")), 400);
    assert_eq!(status(&ask("http://a.example/", "Host: a.example\r\n")), 200);
    assert_eq!(status(&ask("/../etc/passwd", "Host: a.example\r\n")), 400);
    assert_eq!(status(&ask("/%00", "Host: a.example\r\n")), 400);
    let moved = ask("//evil.example/%C3%A9?a=b", "Host: WWW.a.example\r\n");
    assert_eq!(status(&moved), 301);
    assert_eq!(header(&moved, "location").as_deref(), Some("http://a.example/evil.example/%C3%A9?a=b"));
}

#[test]
fn refusals_are_answered_plainly() {
    let door = Door::open();
    assert_eq!(status(&door.get("/moved")), 301);
    let busy = door.get("/busy");
    assert_eq!((status(&busy), header(&busy, "retry-after").as_deref()), (503, Some("1")));
    let post = door.raw(b"POST /about HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000000\r\n\r\n");
    assert_eq!((status(&post), header(&post, "allow").as_deref()), (405, Some("GET, HEAD")));
    let long = door.get_with("/", &format!("X-Long: {}\r\n", "x".repeat(33 * 1024)));
    assert_eq!(status(&long), 431);
}

#[test]
fn a4_a_panic_is_one_fault_with_an_id_and_the_next_request_is_fine() {
    let door = Door::open();
    for path in ["/panic", "/_/broken"] {
        let answer = door.get(path);
        assert_eq!(status(&answer), 500, "{path}");
        assert!(body(&answer).contains("Fault ") && !answer.contains("theme"), "{answer}");
    }
    assert_eq!(status(&door.get("/")), 200);
}

#[test]
fn b3_slow_heads_and_slow_bodies_are_cut() {
    let hasty = WebSettings { head_timeout: Duration::from_millis(200), ..WebSettings::default() };
    let door = Door::with(hasty, AccessLog::off());
    // Each of these would wait for ever if the server did not end it.
    assert_eq!(door.raw(b""), "", "a client that says nothing");
    assert!(matches!(status(&door.raw(b"GET / HTTP/1.1\r\nHost: a.exa")), 0 | 408));
    let second = door.raw(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\nGET / HTTP/1.1\r\nHost: a.exa");
    assert_eq!(status(&second), 200, "the first request of a connection whose second never ends");
    let head = "POST /_/comment HTTP/1.1\r\nHost: a.example\r\nContent-Length: ";
    assert_eq!(status(&door.raw(format!("{head}50\r\n\r\nabc").as_bytes())), 408);
    assert_eq!(status(&door.raw(format!("{head}101\r\n\r\n{}", "x".repeat(101)).as_bytes())), 413);
    let whole = door.raw(format!("{head}100\r\nConnection: close\r\n\r\n{}", "x".repeat(100)).as_bytes());
    assert_eq!((status(&whole), body(&whole)), (200, "100 bytes for /_/comment"));
}

#[test]
fn b4_routes_match_the_canonical_path() {
    let door = Door::open();
    let request = "POST /_//%63omment HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx";
    assert_eq!(body(&door.raw(request.as_bytes())), "1 bytes for /_/comment");
}

#[test]
fn a_long_answer_is_not_cut_while_the_client_takes_it_and_rest_ends() {
    let door = Door::open();
    let (feed, tap) = tokio::sync::mpsc::channel(1);
    *TAP.lock().expect("tap") = Some(tap);
    let mut stream = TcpStream::connect(door.address).expect("connects");
    stream.write_all(b"GET /_/drip HTTP/1.1\r\nHost: a.example\r\n\r\n").expect("sends");
    // The clock that counts is the connection's: drops fall until it has gone round twice.
    let (begun, mut taken, mut drops) = (Clock::instant(), Vec::new(), 0);
    let mut buffer = [0; 4096];
    while begun.elapsed() < 2 * KEEP_ALIVE {
        feed.blocking_send(b"drop").expect("the answer goes on");
        drops += 1;
        while String::from_utf8_lossy(&taken).matches("drop").count() < drops {
            let n = stream.read(&mut buffer).expect("reads");
            assert!(n > 0, "cut after {drops} drops");
            taken.extend_from_slice(&buffer[..n]);
        }
    }
    drop(feed);
    // The client never says that it is done: the server ends the connection after its time of rest.
    stream.read_to_end(&mut taken).expect("reads");
    let answer = String::from_utf8_lossy(&taken);
    assert!(answer.ends_with("0\r\n\r\n"), "complete: {answer}");
}

#[test]
fn http2_with_prior_knowledge_is_spoken() {
    let door = Door::open();
    let mut stream = TcpStream::connect(door.address).expect("connects");
    // Preface and an empty SETTINGS frame; the server's own SETTINGS come back.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00").expect("sends");
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).expect("reads");
    assert_eq!(frame[3], 4, "SETTINGS");
}

#[test]
fn the_access_log_has_a_line_for_every_answer() {
    let folder = tempfile::tempdir().expect("folder");
    let plan = LogPlan::new(folder.path().join("access.log"));
    let door = Door::with(WebSettings::default(), AccessLog::start(plan.clone(), Clock::system()).expect("log"));
    door.get_with("/a?s=1", "Referer: http://r.example/\r\nUser-Agent: \"x\r\n");
    door.get("/a?s=1");
    door.get("/missing");
    door.web.log.stop();
    let text = std::fs::read_to_string(plan.file).expect("file");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(text.contains("\"GET /a?s=1 HTTP/1.1\" 200 18 \"http://r.example/\" \"\\x22x\" 1 miss "), "{text}");
    assert!(
        text.contains(" 1 hit ") && text.contains("\"GET /missing HTTP/1.1\" 404 12 \"-\" \"-\" 1 unstored "),
        "{text}"
    );
}
