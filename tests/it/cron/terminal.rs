//! A terminal over a real WebSocket: tickets that are good once and for nobody else, a shell behind walls, an end with
//! the session (row H145).

use std::time::Duration;

use freehold_base::Clock;
use freehold_store::{Store, StoreOptions, testing};

use super::socket::Socket;
use crate::node::{Browser, Launch, Node, between, location};
use crate::support::until;

const PAGE: &str = "/admin/s/1/terminal";
const PASSWORD: &str = "grey-gull-over-the-quay";

struct House {
    launch: Launch,
    node: Node,
    browser: Browser,
}

fn houses() -> Vec<House> {
    let launches = Launch::all().into_iter().map(|launch| {
        launch
            .unprivileged()
            .env("FREEHOLD__TERMINAL__ENABLED", "true")
            .env("FREEHOLD__TRUSTED_PROXIES", "[\"127.0.0.1\"]")
    });
    launches.map(House::new).collect()
}

/// A ticket with the cookie of its session.
#[derive(Clone)]
struct Ticket {
    token: String,
    cookie: String,
}

impl House {
    fn new(launch: Launch) -> Self {
        let node = launch.start();
        let browser = Browser::of(&node);
        browser.set_up(&node);
        Self { launch, node, browser }
    }
    /// A session of the owner, as a cookie that requests of our own can carry.
    fn sign_in(&self) -> String {
        let http = reqwest::blocking::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let form = [("email", "mara@example.org"), ("password", PASSWORD)];
        let url = format!("{}/admin/login", self.node.panel);
        let answer = http.post(url).header("sec-fetch-site", "same-origin").form(&form).send().unwrap();
        assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
        let cookies = answer.headers().get_all("set-cookie").iter().filter_map(|c| c.to_str().ok());
        cookies
            .filter(|c| c.starts_with("freehold_session="))
            .map(|c| c.split(';').next().unwrap().to_owned())
            .next()
            .unwrap()
    }
    fn ticket(&self, cookie: &str) -> Ticket {
        let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let answer = http
            .post(format!("{}{PAGE}", self.node.panel))
            .header("sec-fetch-site", "same-origin")
            .header("cookie", cookie)
            .form(&[("open", "1")])
            .send()
            .unwrap();
        let page = answer.text().unwrap();
        Ticket { token: between(&page, "data-ticket=\"", "\"").to_owned(), cookie: cookie.to_owned() }
    }
    fn open(&self, ticket: &Ticket) -> Result<Socket, u16> {
        self.open_with(ticket, &[])
    }
    fn open_with(&self, ticket: &Ticket, more: &[(&str, &str)]) -> Result<Socket, u16> {
        let protocol = format!("freehold.terminal, ticket.{}", ticket.token);
        let mut headers = vec![("cookie", ticket.cookie.as_str()), ("sec-websocket-protocol", protocol.as_str())];
        if !more.iter().any(|(name, _)| *name == "origin") {
            headers.push(("origin", self.node.panel.as_str()));
        }
        headers.extend(more);
        Socket::open(&self.node.panel, &format!("{PAGE}/socket"), &headers)
    }
    fn store(&self) -> Store {
        let options = StoreOptions {
            data: self.node.data.path().to_owned(),
            database_url: self.node.database_url.clone(),
            readers: 2,
        };
        Store::open_beside(&options, Clock::system()).unwrap()
    }
    fn audit(&self) -> String {
        self.browser.get("/admin/s/1/audit/export").text().unwrap()
    }
}

// row: H145
#[test]
fn h145_a_shell_behind_walls_that_ends_with_its_socket() {
    for house in houses() {
        let cookie = house.sign_in();
        let mut socket = house.open(&house.ticket(&cookie)).unwrap();
        socket.text(r#"{"columns": 97, "rows": 33}"#);
        let data = house.node.data.path().display();
        socket.types(&format!("stty size; cat {data}/key /etc/shadow; id -un; echo a$((1+1))b\n"));
        let said = socket.until("a2b");
        assert!(said.contains("33 97") && said.contains("account"), "{said}");
        assert_eq!(said.matches("No such file").count(), 2, "{said}");
        // What is no drawing does not come through, in however many pieces.
        socket.types("printf '\\033]52;c;c3RvbGVu\\007\\033]0;stolen\\007x%s\\n' yz\n");
        let said = socket.until("xyz");
        let shown = said.split("\u{1b}[?2004l").last().unwrap_or_default();
        assert!(!said.contains("\u{1b}]") && !shown.contains("stolen"), "{said:?}");
        // Nobody types for longer than the head of a request may take, and pings are answered: it stays.
        socket.types("sleep 12; echo c$((1+2))d\n");
        socket.until("c3d");
        socket.types("sleep 88.201 &\n");
        until("it runs", || processes("88.201") > 0);
        drop(socket);
        until("all of it ends with the socket", || processes("88.201") == 0);
        until("it is written down", || house.audit().contains("terminal.close"));
        let log = house.audit();
        assert!(log.contains("terminal.open") && log.contains("the browser left"), "{log}");
        assert!(!log.contains("stty"), "what is typed is nobody's business");
        let mut socket = house.open(&house.ticket(&cookie)).unwrap();
        socket.types("exit\n");
        assert_eq!(socket.close(), "the shell ended");
    }
}

fn processes(word: &str) -> usize {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(word)).count()
}

// rows: H145 H135
#[test]
fn h145_who_has_not_shown_for_a_while_that_it_is_them_is_asked_before_a_terminal_opens() {
    for house in houses() {
        let open = |form: &[(&str, &str)]| house.browser.post(PAGE, form);
        assert!(open(&[("open", "1")]).text().unwrap().contains("data-ticket"), "they signed in just now");
        let sql = "UPDATE sessions SET confirmed_at = confirmed_at - 3600000";
        testing::execute(&house.store(), sql).unwrap();
        let asked = open(&[("open", "1")]);
        let to = location(&asked);
        let held = to.strip_prefix("/admin/confirm?held=").expect("the page that asks");
        assert!(house.browser.get(&to).text().unwrap().contains("open a terminal"));
        let prove = |password: &str| house.browser.post("/admin/confirm", &[("held", held), ("password", password)]);
        assert_eq!(prove("not it at all").status(), 401);
        let page = prove(PASSWORD).text().unwrap();
        let back = between(&page, "name=\"__held\" value=\"", "\"").to_owned();
        assert!(open(&[("__held", &back)]).text().unwrap().contains("data-ticket"), "it goes on from there");
        assert!(!house.audit().contains("grey-gull"), "no password is written down");
    }
}

// row: H145
#[test]
fn h145_a_ticket_is_good_once_for_its_session_account_and_address() {
    for house in houses() {
        let (cookie, other) = (house.sign_in(), house.sign_in());
        let ticket = house.ticket(&cookie);
        let mut socket = house.open(&ticket).unwrap();
        socket.types("echo a$((1+1))b\n");
        socket.until("a2b");
        assert_eq!(house.open(&ticket).err(), Some(404), "a second time");
        drop(socket);
        let stolen = |cookie: &str, more: &[(&str, &str)]| {
            let ticket = house.ticket(&house.sign_in());
            let theirs = Ticket { cookie: cookie.to_owned(), ..ticket.clone() };
            let refused = house.open_with(&theirs, more).err();
            // Whoever tried, it is burnt.
            assert_eq!(house.open(&ticket).err(), Some(404), "{more:?}");
            refused
        };
        assert_eq!(stolen(&other, &[]), Some(404), "another session of the same person");
        let mine = house.ticket(&cookie);
        assert_eq!(house.open_with(&mine, &[("x-forwarded-for", "203.0.113.7")]).err(), Some(404), "another address");
        assert_eq!(house.open(&mine).err(), Some(404));
        let foreign = house.ticket(&cookie);
        for origin in ["http://evil.example", "null", "http://127.0.0.1:1", ""] {
            assert_eq!(house.open_with(&foreign, &[("origin", origin)]).err(), Some(403), "{origin}");
        }
        let nobody = Ticket { cookie: "freehold_session=x".into(), ..foreign.clone() };
        assert_eq!(house.open(&nobody).err(), Some(303), "no session");
        assert_eq!(house.open(&Ticket { token: String::new(), ..foreign.clone() }).err(), Some(404));
        drop(house.open(&foreign).unwrap());
        // Half a minute is over.
        let late = house.ticket(&cookie);
        testing::execute(&house.store(), "UPDATE terminal_tickets SET expires_at = 1000").unwrap();
        assert_eq!(house.open(&late).err(), Some(404), "too old");
        // Made for another account, or for another purpose.
        let elsewhere = house.ticket(&cookie);
        testing::execute(&house.store(), "UPDATE terminal_tickets SET purpose = 'backup'").unwrap();
        assert_eq!(house.open(&elsewhere).err(), Some(404));
        let account = house.ticket(&cookie);
        let sql = "INSERT INTO accounts SELECT * FROM accounts WHERE false";
        testing::execute(&house.store(), sql).unwrap();
        testing::execute(&house.store(), "UPDATE terminal_tickets SET user_id = 999").unwrap();
        assert_eq!(house.open(&account).err(), Some(404));
        assert!(house.audit().contains("terminal.refuse"));
    }
}

// row: H145
#[test]
fn h145_a_terminal_ends_with_its_session_and_there_are_only_so_many() {
    for house in houses() {
        let cookie = house.sign_in();
        let open: Vec<Socket> = (0..3).map(|_| house.open(&house.ticket(&cookie)).unwrap()).collect();
        assert_eq!(house.open(&house.ticket(&cookie)).err(), Some(409), "three of one person");
        drop(open);
        let mut socket = None;
        until("a place is given back", || {
            socket = house.open(&house.ticket(&cookie)).ok();
            socket.is_some()
        });
        let http = reqwest::blocking::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let url = format!("{}/admin/logout", house.node.panel);
        http.post(url).header("sec-fetch-site", "same-origin").header("cookie", &cookie).send().unwrap();
        let begun = Clock::instant();
        assert_eq!(socket.unwrap().close(), "the session ended, or the right to it");
        assert!(begun.elapsed() < Duration::from_secs(25));
    }
}

// row: H145
#[test]
fn h145_where_terminals_are_off_there_is_none() {
    let launch = Launch::new("").unprivileged();
    let house = House::new(launch);
    let page = house.browser.get(PAGE).text().unwrap();
    assert!(page.contains("Terminals are off on this server") && !page.contains("data-ticket"), "{page}");
    let answer = house.browser.post(PAGE, &[("open", "1")]);
    assert_eq!(answer.status(), 409);
    let none = Ticket { token: "x".into(), cookie: house.sign_in() };
    assert_eq!(house.open(&none).err(), Some(409));
    assert!(house.launch.data().exists());
}
