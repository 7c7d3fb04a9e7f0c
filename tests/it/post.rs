//! A mail server for tests.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::node::Node;

/// A mail server on this machine that takes everything; gives one mail as it came.
pub struct Post {
    pub url: String,
    mails: Receiver<String>,
}

impl Post {
    pub fn open() -> Self {
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
    pub fn next(&self) -> String {
        self.mails.recv_timeout(Duration::from_secs(60)).expect("a mail")
    }
    pub fn none(&self) -> bool {
        self.mails.recv_timeout(Duration::from_millis(400)).is_err()
    }
}

/// One node of each kind that mails to this server.
pub fn mailing_nodes() -> Vec<(Post, Node)> {
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
pub fn link_in(text: &str, part: &str) -> String {
    let text = text.replace("=\n", "").replace("=3D", "=");
    let from = text.find(part).unwrap_or_else(|| panic!("no {part} in {text}"));
    text[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/-_.".contains(*c)).collect()
}
