//! Sending mail through the configured server. Waits for the server: for jobs, not for requests.

use std::net::IpAddr;
use std::time::Duration;

use freehold_base::{Code, Error, Result};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::SmtpTransport;
use lettre::{Address, Transport as _};
use reqwest::Url;

/// For connecting and for each answer of the server.
const PATIENCE: Duration = Duration::from_secs(30);

/// One mail to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The recipient's bare address.
    pub to: String,
    /// One line; control characters become spaces.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part, if any.
    pub html: Option<String>,
    /// Who sends it, as `Name <address>`; empty, or no address: as configured.
    pub from: String,
}

/// The way to the mail server; off when no server is configured. Clones share connections.
#[derive(Clone)]
pub struct Mailer {
    server: Option<SmtpTransport>,
    from: Option<Mailbox>,
}

impl Mailer {
    /// `smtp_url`: `smtp://USER:PASSWORD@HOST:PORT` (STARTTLS required; without encryption only to this machine or
    /// to a `HOST:PORT` listed in `plain_allowed`), `smtps://…` (TLS from the first byte), or empty (off).
    /// `from`: `Name <address>` or a bare address. Connects to nothing yet.
    ///
    /// # Errors
    /// `Config` naming what is wrong, never the password.
    pub fn from_url(smtp_url: &str, from: &str, plain_allowed: &[String]) -> Result<Self> {
        if smtp_url.trim().is_empty() {
            return Ok(Self { server: None, from: None });
        }
        let from = from.parse().map_err(|_| config("mail.from is not an e-mail address"))?;
        let url = with_tls(smtp_url.trim(), plain_allowed)?;
        let server = SmtpTransport::from_url(url.as_str()).map_err(|e| config(&format!("mail.smtp_url: {e}")))?;
        Ok(Self { server: Some(server.timeout(Some(PATIENCE)).build()), from: Some(from) })
    }

    /// Is a server configured?
    pub fn is_on(&self) -> bool {
        self.server.is_some()
    }

    /// Hands one mail to the server; returns when the server took it.
    ///
    /// # Errors
    /// `MailFailed` with the server's words, `Invalid("to")` with `EmailMalformed`.
    pub fn send(&self, message: &Message) -> Result<()> {
        let (Some(server), Some(from)) = (&self.server, &self.from) else {
            return Err(Error::refused(Code::MailFailed, "no mail server is configured"));
        };
        let mail = compose(from, message)?;
        server.send(&mail).map(|_| ()).map_err(|e| Error::refused(Code::MailFailed, in_words(&e)))
    }
}

fn config(what: &str) -> Error {
    Error::refused(Code::Config, what)
}

/// Writes into the URL what the transport must do about encryption; it would otherwise take `smtp://` as plain.
fn with_tls(text: &str, plain_allowed: &[String]) -> Result<Url> {
    let mut url = Url::parse(text).map_err(|_| config("mail.smtp_url is not a URL"))?;
    let host =
        url.host_str().filter(|h| !h.is_empty()).ok_or_else(|| config("mail.smtp_url has no host"))?.to_lowercase();
    let bare = host.trim_matches(['[', ']']);
    let port = url.port().unwrap_or(25);
    let near = bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let excepted = plain_allowed.iter().any(|pair| pair.to_lowercase() == format!("{host}:{port}"));
    match url.scheme() {
        "smtps" => url.set_query(None),
        "smtp" if near || excepted => url.set_query(None),
        "smtp" => url.set_query(Some("tls=required")),
        _ => return Err(config("mail.smtp_url must begin with smtp:// or smtps://")),
    }
    Ok(url)
}

/// Typed fields only; nothing of a message is ever pasted into a header (rule: header injection is impossible).
fn compose(from: &Mailbox, message: &Message) -> Result<lettre::Message> {
    let to = freehold_base::text::email("to", &message.to)?;
    let to: Address = to.parse().map_err(|_| Error::invalid("to", Code::EmailMalformed, ""))?;
    let subject: String = message.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let from = message.from.parse().unwrap_or_else(|_| from.clone());
    let mail = lettre::Message::builder().from(from).to(Mailbox::new(None, to)).subject(subject.trim());
    let mail = match &message.html {
        Some(html) => mail.multipart(MultiPart::alternative_plain_html(message.text.clone(), html.clone())),
        None => mail.singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(message.text.clone())),
    };
    mail.map_err(|e| Error::refused(Code::MailFailed, e.to_string()))
}

fn in_words(e: &lettre::transport::smtp::Error) -> String {
    let mut cause: &dyn std::error::Error = e;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match e.status() {
        Some(status) => format!("the server answered {status} {cause}"),
        None => cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{SocketAddr, TcpListener};
    use std::thread::JoinHandle;

    use super::*;

    /// A mail server that takes one mail and gives back all lines the client said.
    fn server(refuse: bool) -> (SocketAddr, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let talk = std::thread::spawn(move || {
            let (mut to, _) = listener.accept().unwrap();
            let from = BufReader::new(to.try_clone().unwrap());
            let mut said = Vec::new();
            let mut in_mail = false;
            to.write_all(b"220 test\r\n").unwrap();
            for line in from.lines().map_while(Result::ok) {
                let answer: &[u8] = match line.as_str() {
                    "." => b"250 taken\r\n",
                    _ if in_mail => b"",
                    "DATA" => b"354 go on\r\n",
                    "QUIT" => b"221 bye\r\n",
                    l if l.starts_with("EHLO") => b"250-test\r\n250 8BITMIME\r\n",
                    l if l.starts_with("RCPT") && refuse => b"550 no such person\r\n",
                    _ => b"250 ok\r\n",
                };
                in_mail = (in_mail || line == "DATA") && line != ".";
                to.write_all(answer).unwrap();
                let last = line == "." || line == "QUIT";
                said.push(line);
                if last {
                    break;
                }
            }
            said
        });
        (address, talk)
    }

    fn hello() -> Message {
        Message {
            to: "mara@example.org".into(),
            subject: "Hi".into(),
            text: "Hello\n.\nmore".into(),
            html: None,
            from: String::new(),
        }
    }

    #[test]
    fn a_mail_reaches_the_server_and_cannot_smuggle_headers() {
        let (address, talk) = server(false);
        let mailer = Mailer::from_url(&format!("smtp://{address}"), "Freehold <no-reply@example.org>", &[]).unwrap();
        let subject = "Welcome\r\nBcc: all@example.org\r\n\r\n<script>".to_owned();
        mailer.send(&Message { subject, html: Some("<p>Hello</p>".into()), ..hello() }).unwrap();
        let said = talk.join().unwrap();
        let starts = |what: &str| said.iter().filter(|l| l.starts_with(what)).count();
        assert_eq!((starts("RCPT TO:<mara@example.org>"), starts("RCPT"), starts("Bcc")), (1, 1, 0));
        assert_eq!((starts("From: "), starts("Subject: Welcome  Bcc"), starts("<p>Hello</p>")), (1, 1, 1));
        assert_eq!(starts(".."), 1, "a lone dot in the text is doubled");
    }

    #[test]
    fn addresses_that_are_more_than_an_address_are_refused() {
        let from: Mailbox = "a@example.org".parse().unwrap();
        for to in ["x@y.org\r\nBcc: z@z.org", "x@y.org, z@z.org", "<x@y.org>", "x@y.org>\r\nDATA", "", "x@y.org\0"] {
            let refused = compose(&from, &Message { to: to.into(), ..hello() }).unwrap_err();
            assert_eq!(refused.as_code(), Code::EmailMalformed, "{to:?}");
        }
    }

    #[test]
    fn the_servers_refusal_is_told_in_its_words() {
        let (address, _talk) = server(true);
        let mailer = Mailer::from_url(&format!("smtp://{address}"), "a@example.org", &[]).unwrap();
        let refused = mailer.send(&hello()).unwrap_err();
        assert_eq!(refused.as_code(), Code::MailFailed);
        assert!(refused.sentence().contains("no such person"), "{}", refused.sentence());
    }

    #[test]
    fn mail_is_off_without_a_server() {
        let off = Mailer::from_url("", "", &[]).unwrap();
        assert!(!off.is_on());
        assert_eq!(off.send(&hello()).unwrap_err().as_code(), Code::MailFailed);
    }

    #[test]
    fn only_loopback_and_listed_servers_are_spoken_to_in_the_clear() {
        let allow = ["mail.lan:2525".to_owned()];
        for (url, query) in [
            ("smtp://127.0.0.1:25", None),
            ("smtp://[::1]:25", None),
            ("smtp://localhost", None),
            ("smtp://mail.lan:2525", None),
            ("smtp://mail.lan:25", Some("tls=required")),
            ("smtp://u:p@mail.example.org:587", Some("tls=required")),
            ("smtp://mail.example.org?tls=opportunistic", Some("tls=required")),
            ("smtps://mail.example.org", None),
        ] {
            assert_eq!(with_tls(url, &allow).unwrap().query(), query, "{url}");
        }
        for wrong in ["http://mail.example.org", "mail.example.org:25", "smtp://", "x"] {
            assert_eq!(with_tls(wrong, &allow).unwrap_err().as_code(), Code::Config, "{wrong}");
        }
        let secret = Mailer::from_url("smtp://u:hunter2@mail.example.org?x", "not an address", &[]).err().unwrap();
        assert!(!secret.to_string().contains("hunter2"));
    }
}
