//! People at the panel, over HTTP: second factor, one-time links, sessions, tokens, mail.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use freehold_base::Clock;
use totp_rs::Builder;

use crate::node::{Browser, Node, location, nodes};

const EMAIL: &str = "mara@example.org";
const PASSWORD: &str = "grey-gull-over-the-quay";

/// A mail server on this machine that takes everything; gives one mail as it came.
struct Post {
    url: String,
    mails: Receiver<String>,
}

impl Post {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (send, mails) = channel();
        std::thread::spawn(move || {
            for talk in listener.incoming().map_while(Result::ok) {
                let send = send.clone();
                std::thread::spawn(move || {
                    let mut to = talk.try_clone().unwrap();
                    let (mut mail, mut in_mail) = (String::new(), false);
                    let _ = to.write_all(b"220 test\r\n");
                    for line in BufReader::new(talk).lines().map_while(Result::ok) {
                        let answer: &[u8] = match line.as_str() {
                            "." => b"250 taken\r\n",
                            _ if in_mail => b"",
                            "DATA" => b"354 go on\r\n",
                            "QUIT" => b"221 bye\r\n",
                            l if l.starts_with("EHLO") => b"250-test\r\n250 8BITMIME\r\n",
                            _ => b"250 ok\r\n",
                        };
                        if line == "." {
                            let _ = send.send(std::mem::take(&mut mail));
                        } else {
                            mail.push_str(&line);
                            mail.push('\n');
                        }
                        in_mail = (in_mail || line == "DATA") && line != ".";
                        let _ = to.write_all(answer);
                    }
                });
            }
        });
        Self { url, mails }
    }
    fn next(&self) -> String {
        self.mails.recv_timeout(Duration::from_secs(20)).expect("a mail")
    }
    fn none(&self) -> bool {
        self.mails.recv_timeout(Duration::from_millis(400)).is_err()
    }
}

/// One node of each kind that mails to this server.
fn mailing_nodes() -> Vec<(Post, Node)> {
    let mut urls = vec![String::new()];
    urls.extend(crate::support::fresh_postgres());
    urls.into_iter()
        .map(|url| {
            let post = Post::open();
            let node = Node::start_with(&url, &[("FREEHOLD__MAIL__SMTP_URL", &post.url)]);
            (post, node)
        })
        .collect()
}

/// The first address in a mail or page with this in it, as a path of the panel. Mails may be quoted-printable.
fn link_in(text: &str, part: &str) -> String {
    let text = text.replace("=\n", "").replace("=3D", "=");
    let from = text.find(part).unwrap_or_else(|| panic!("no {part} in {text}"));
    text[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/-_.".contains(*c)).collect()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let from = text.find(before).unwrap_or_else(|| panic!("no {before} in {text}")) + before.len();
    text[from..].split(after).next().unwrap()
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut out) = (0u32, 0, Vec::new());
    for c in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = if c.is_ascii_digit() { c - b'2' + 26 } else { c - b'A' };
        bits = (bits << 5) | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    out
}

/// What the app shows `steps` half minutes from now.
fn code(key: &str, steps: i64) -> String {
    let totp = Builder::new().with_secret(base32(key)).build().unwrap();
    let at = Clock::system().now().ms() / 1000 + steps * 30;
    totp.generate(u64::try_from(at).unwrap()).to_string()
}

fn sign_in(browser: &Browser, email: &str, password: &str) -> String {
    let answer = browser.post("/admin/login", &[("email", email), ("password", password)]);
    assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
    location(&answer)
}

// row: US05. rule: C5
#[test]
fn the_second_factor_from_the_first_code_to_switching_it_off() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        assert!(browser.get("/admin/me/factor").text().unwrap().contains("Begin"));
        assert_eq!(browser.post("/admin/me/factor", &[("do", "begin")]).status(), 303);
        let page = browser.get("/admin/me/factor").text().unwrap();
        assert!(page.contains("<path d=\"M"), "the QR code is drawn");
        let key = between(&page, "data-copy=\"", "\"").to_owned();
        let wrong = browser.post("/admin/me/factor", &[("do", "confirm"), ("code", "000000")]);
        assert_eq!(wrong.status(), 401);
        assert!(wrong.text().unwrap().contains(&key), "the same key is shown again");
        let done = browser.post("/admin/me/factor", &[("do", "confirm"), ("code", &code(&key, 0))]);
        assert_eq!(done.status(), 200);
        let page = done.text().unwrap();
        let recovery = between(&page, "<li class=\"mono\">", "<").to_owned();
        assert!(page.contains("download=\"freehold-recovery-codes.txt\""));
        let page = browser.get("/admin/me/factor").text().unwrap();
        assert!(!page.contains(&key) && !page.contains(&recovery), "shown once");
        assert!(page.contains("10 of your recovery codes"));

        let second = Browser::of(&node);
        assert_eq!(sign_in(&second, EMAIL, PASSWORD), "/admin/login/code");
        assert_eq!(second.get("/admin/s/1").status(), 303, "the password alone opens nothing");
        assert_eq!(second.post("/admin/login/code", &[("code", "123456")]).status(), 401);
        let used = code(&key, 1);
        assert_eq!(second.post("/admin/login/code", &[("code", &used)]).status(), 303);
        assert_eq!(second.get("/admin/s/1").status(), 200);

        let third = Browser::of(&node);
        sign_in(&third, EMAIL, PASSWORD);
        assert_eq!(third.post("/admin/login/code", &[("code", &used)]).status(), 401, "a code counts once");
        assert_eq!(third.post("/admin/login/code", &[("recovery_code", &recovery)]).status(), 303);
        let fourth = Browser::of(&node);
        sign_in(&fourth, EMAIL, PASSWORD);
        assert_eq!(fourth.post("/admin/login/code", &[("recovery_code", &recovery)]).status(), 401);

        let wrong = third.post("/admin/me/factor", &[("do", "codes"), ("codes_password", "not this one")]);
        assert_eq!(wrong.status(), 401);
        assert!(wrong.text().unwrap().contains("not your password"));
        let fresh = third.post("/admin/me/factor", &[("do", "codes"), ("codes_password", PASSWORD)]);
        assert_eq!(fresh.status(), 200);
        let off = third.post("/admin/me/factor", &[("do", "off"), ("off_password", PASSWORD)]);
        assert_eq!(location(&off), "/admin/me/security?done=factor-off");
        assert_eq!(second.get("/admin/s/1").status(), 303, "all other sessions ended");
        assert_eq!(third.get("/admin/s/1").status(), 200);
        assert_eq!(sign_in(&Browser::of(&node), EMAIL, PASSWORD), "/admin");
    }
}

// rule: C5. A panel that other machines reach opens to a hosting admin only with a second factor.
#[test]
fn c05_a_reachable_panel_wants_the_second_factor_of_its_hosting_admin() {
    let node = Node::start_with("", &[("FREEHOLD_PANEL", "0.0.0.0:0")]);
    let browser = Browser::of(&node);
    browser.set_up(&node);
    assert_eq!(browser.get("/admin/s/1").status(), 303);
    assert_eq!(location(&browser.get("/admin/login/code")), "/admin/login/factor");
    assert_eq!(browser.post("/admin/login/factor", &[("do", "begin")]).status(), 303);
    let page = browser.get("/admin/login/factor").text().unwrap();
    let key = between(&page, "data-copy=\"", "\"").to_owned();
    let done = browser.post("/admin/login/factor", &[("do", "confirm"), ("code", &code(&key, 0))]);
    assert!(done.text().unwrap().contains("recovery codes"));
    assert_eq!(browser.get("/admin/s/1").status(), 200);
}

// row: US07 (sessions). rule: C4
#[test]
fn sessions_are_seen_and_ended_and_a_new_password_ends_them() {
    for node in nodes() {
        let here = Browser::of(&node);
        here.set_up(&node);
        let (phone, laptop) = (Browser::of(&node), Browser::of(&node));
        sign_in(&phone, EMAIL, PASSWORD);
        sign_in(&laptop, EMAIL, PASSWORD);
        let page = here.get("/admin/me/security").text().unwrap();
        assert_eq!(page.matches("This device").count(), 1);
        assert_eq!(page.matches("/end\"").count(), 2, "every other session has its button");
        let id = page.split("/admin/me/sessions/").find_map(|p| p.split_once("/end\"")).unwrap().0.to_owned();
        assert_eq!(here.post(&format!("/admin/me/sessions/{id}/end"), &[]).status(), 303);
        let alive = [&phone, &laptop].iter().filter(|b| b.get("/admin/s/1").status() == 200).count();
        assert_eq!(alive, 1);
        assert_eq!(here.post("/admin/me/sessions/999/end", &[]).status(), 404);
        assert_eq!(here.post("/admin/me/sessions/end-others", &[]).status(), 303);
        assert!([&phone, &laptop].iter().all(|b| b.get("/admin/s/1").status() == 303));

        sign_in(&phone, EMAIL, PASSWORD);
        let new = "nine grey geese at noon";
        let wrong = here.post("/admin/me/password", &[("current", "wrong one"), ("password", new)]);
        assert_eq!(wrong.status(), 401);
        let weak = here.post("/admin/me/password", &[("current", PASSWORD), ("password", "password")]);
        assert_eq!(weak.status(), 422);
        assert_eq!(here.post("/admin/me/password", &[("current", PASSWORD), ("password", new)]).status(), 303);
        assert_eq!(here.get("/admin/s/1").status(), 200, "this session goes on");
        assert_eq!(phone.get("/admin/s/1").status(), 303, "all others ended");
        assert_eq!(sign_in(&phone, EMAIL, new), "/admin");
    }
}

// row: US06. rule: C8
#[test]
fn a_token_is_shown_once_and_can_be_revoked() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let nothing = browser.post("/admin/me/tokens", &[("name", "Uploader"), ("expires", "30")]);
        assert_eq!(nothing.status(), 422);
        assert!(nothing.text().unwrap().contains("value=\"Uploader\""), "what was typed stays");
        let form = [("name", "Uploader"), ("scopes", "media.write"), ("site", "1"), ("expires", "30")];
        let made = browser.post("/admin/me/tokens", &form).text().unwrap();
        let secret = between(&made, "data-copy=\"", "\"").to_owned();
        assert!(secret.len() > 30, "{secret}");
        let page = browser.get("/admin/me/tokens").text().unwrap();
        assert!(page.contains("Uploader") && page.contains("Upload media") && !page.contains(&secret));
        let id = between(&page, "/admin/me/tokens/", "/revoke");
        assert_eq!(browser.post(&format!("/admin/me/tokens/{id}/revoke"), &[]).status(), 303);
        assert!(!browser.get("/admin/me/tokens").text().unwrap().contains("Uploader"));
        let unknown = browser.post("/admin/me/tokens", &[("name", "x"), ("scopes", "everything"), ("expires", "0")]);
        assert_eq!(unknown.status(), 422);
    }
}

// rule: C5. Row: US07
#[test]
fn a_forgotten_password_is_reset_by_a_mailed_link_once() {
    for (post, node) in mailing_nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let stranger = Browser::of(&node);
        assert!(stranger.get("/admin/login").text().unwrap().contains("/admin/forgot"));
        let ask = |email: &str| stranger.post("/admin/forgot", &[("email", email)]);
        let words = |email: &str| {
            let answer = ask(email);
            (answer.status().as_u16(), answer.text().unwrap().replace(email, "X"))
        };
        let strip = |(status, text): (u16, String)| (status, text.split("<main").nth(1).unwrap().to_owned());
        assert_eq!(strip(words(EMAIL)), strip(words("nobody@example.org")), "known and unknown look the same");
        let mail = post.next();
        assert!(mail.contains("To: mara@example.org"), "{mail}");
        assert!(post.none(), "nobody gets no mail");
        assert_eq!(ask("no address").status(), 422);

        let link = link_in(&mail, "/admin/reset/");
        assert_eq!(stranger.get(&link).status(), 200);
        assert_eq!(stranger.get(&link).status(), 200, "looking does not use it up");
        assert_eq!(stranger.post(&link, &[("password", "short")]).status(), 422);
        let new = "nine grey geese at noon";
        assert_eq!(location(&stranger.post(&link, &[("password", new)])), "/admin/login?done=reset");
        assert_eq!(stranger.post(&link, &[("password", "another good one here")]).status(), 404);
        assert_eq!(stranger.get(&link).status(), 404);
        assert_eq!(browser.get("/admin/s/1").status(), 303, "all sessions ended");
        assert_eq!(sign_in(&browser, EMAIL, new), "/admin");
    }
}

#[test]
#[allow(clippy::disallowed_methods)] // a test of the program starts the program
fn without_a_mail_server_the_command_line_gives_the_link() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let page = browser.post("/admin/forgot", &[("email", EMAIL)]).text().unwrap();
        assert!(page.contains("Ask your hosting admin") && page.contains("freehold user password"));
        let run = |email: &str| {
            Command::new(env!("CARGO_BIN_EXE_freehold"))
                .args(["--data", node.data.path().to_str().unwrap(), "--database-url", &node.database_url])
                .args(["user", "password", email])
                .output()
                .unwrap()
        };
        let out = run(EMAIL);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let link = link_in(&String::from_utf8(out.stdout).unwrap(), "/admin/reset/");
        let new = "nine grey geese at noon";
        assert_eq!(browser.post(&link, &[("password", new)]).status(), 303);
        assert_eq!(sign_in(&browser, EMAIL, new), "/admin");
        assert_eq!(run("nobody@example.org").status.code(), Some(1));
    }
}
