//! Somebody who asks, by the panel and by the API, and what they are answered.

use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder};
use reqwest::redirect::Policy;
use serde_json::Value;

use super::two::MARKER;
use crate::node::Node;
use crate::transfer::harbour::PASSWORD;

/// An answer, as far as it can tell something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub body: String,
}

impl Answer {
    /// The same without the names that were asked for, and without what is new in every answer.
    pub fn without(mut self, asked: &[String]) -> Self {
        for text in [&mut self.body, &mut self.location] {
            for name in asked.iter().filter(|name| name.len() > 3) {
                *text = text.replace(name.as_str(), "\u{b7}").replace(&name.replace('/', "%2F"), "\u{b7}");
            }
            *text = without_nonces(text);
        }
        self
    }
    /// Where two answers part: the head of both, or the first lines that are not the same.
    pub fn parts_from(&self, other: &Self) -> String {
        let line = |text: &str| text.chars().take(600).collect::<String>();
        if (self.status, &self.location) != (other.status, &other.location) {
            let one = |a: &Self| format!("{} {} {}", a.status, a.location, line(&a.body));
            return format!("{}\n  for nothing: {}", one(self), one(other));
        }
        let lines = self.body.lines().zip(other.body.lines()).find(|(a, b)| a != b);
        let (a, b) = lines.unwrap_or((&self.body, &other.body));
        let from = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(80);
        let cut = |text: &str| text.bytes().skip(from).take(300).map(char::from).collect::<String>();
        format!("{} \u{2026}{}\n  for nothing: \u{2026}{}", self.status, cut(a), cut(b))
    }
    /// Whether it tells anything of theirs.
    pub fn tells(&self) -> bool {
        self.body.contains(MARKER) || self.location.contains(MARKER)
    }
}

/// Pages carry a fresh nonce.
fn without_nonces(text: &str) -> String {
    let mut parts = text.split("nonce=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + "nonce" + part.split_once('"').map_or("", |(_, rest)| rest))
}

/// What is sent.
#[derive(Clone, Debug)]
pub enum Sent {
    Nothing,
    Form(Vec<(String, String)>),
    Json(Value),
}

/// Somebody with a session and a token.
pub struct Person {
    http: Client,
    panel: String,
    token: String,
    email: String,
}

impl Person {
    pub fn sign_in(node: &Node, email: &str, token: &str) -> Self {
        let timeout = Duration::from_secs(60);
        let http =
            Client::builder().cookie_store(true).redirect(Policy::none()).no_proxy().timeout(timeout).build().unwrap();
        let person = Self { http, panel: node.panel.clone(), token: token.to_owned(), email: email.to_owned() };
        person.sign_in_again();
        person
    }

    /// A fresh session, where an act of the walk may have ended the one before.
    pub fn sign_in_again(&self) {
        let form = Sent::Form(vec![("email".into(), self.email.clone()), ("password".into(), PASSWORD.into())]);
        let answer = self.ask(&Method::POST, "/admin/login", &form);
        assert_eq!(answer.status, 303, "{}: {answer:?}", self.email);
    }

    /// Asks: `/api/…` by the token, everything else by the session.
    pub fn ask(&self, method: &Method, path: &str, sent: &Sent) -> Answer {
        let request = self.http.request(method.clone(), format!("{}{path}", self.panel));
        let request = if path.starts_with("/api/") {
            request.bearer_auth(&self.token)
        } else {
            request.header("accept", "application/json").header("sec-fetch-site", "same-origin")
        };
        self.send(match sent {
            Sent::Nothing => request,
            Sent::Form(form) => request.form(form),
            Sent::Json(body) => request.header("content-type", "application/json").body(body.to_string()),
        })
    }

    /// A page as a browser asks for it.
    pub fn look(&self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}{path}", self.panel)).header("accept", "text/html"))
    }

    fn send(&self, request: RequestBuilder) -> Answer {
        let what = request.try_clone().and_then(|r| r.build().ok()).map(|r| format!("{} {}", r.method(), r.url()));
        let answer = request.send().unwrap_or_else(|e| panic!("{}: {e}", self.email));
        let (status, head) = (answer.status().as_u16(), answer.headers());
        let text = |name: &str| head.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        let (location, is_stream) = (text("location"), text("content-type").starts_with("text/event-stream"));
        assert_ne!(status, 500, "{} {what:?}: {}", self.email, answer.text().unwrap_or_default());
        // A stream of news has no end.
        let body = if is_stream { Vec::new() } else { answer.bytes().unwrap().to_vec() };
        Answer { status, location, body: String::from_utf8_lossy(&body).into_owned() }
    }

    // --- making things -----------------------------------------------------------------------------------------------

    pub fn api(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.ask(&method, path, &body.map_or(Sent::Nothing, |body| Sent::Json(body.clone())))
    }

    /// Makes something through the API.
    pub fn made(&self, path: &str, body: Value) -> Value {
        let answer = self.api(Method::POST, path, Some(&body));
        assert_eq!(answer.status, 201, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Writes a file through the API.
    pub fn put(&self, path: &str, bytes: &str) {
        let request = self.http.put(format!("{}{path}", self.panel)).bearer_auth(&self.token).body(bytes.to_owned());
        let answer = self.send(request);
        assert!(matches!(answer.status, 200 | 201), "{path}: {answer:?}");
    }

    /// Uploads a file through the API.
    pub fn upload(&self, path: &str, name: &str, bytes: &[u8]) {
        let edge = "freehold-edge";
        let head = format!(
            "--{edge}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             content-type: application/octet-stream\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, format!("\r\n--{edge}--\r\n").as_bytes()].concat();
        let request = self.http.post(format!("{}{path}", self.panel)).bearer_auth(&self.token).body(body);
        let answer = self.send(request.header("content-type", format!("multipart/form-data; boundary={edge}")));
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    /// Sends a form that leads on.
    pub fn posted(&self, path: &str, form: &[(&str, &str)]) {
        let answer = self.ask(&Method::POST, path, &form_of(form));
        assert_eq!(answer.status, 303, "{path}: {}", answer.body);
    }

    /// Sends a form that is answered with a page.
    pub fn got(&self, path: &str, form: &[(&str, &str)]) {
        let answer = self.ask(&Method::POST, path, &form_of(form));
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
}

/// A form.
pub fn form_of(form: &[(&str, &str)]) -> Sent {
    Sent::Form(form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}
