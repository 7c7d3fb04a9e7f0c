//! A WebSocket client of a few lines: what a browser sends, and what it reads.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// An open socket.
pub struct Socket {
    stream: TcpStream,
    read: Vec<u8>,
}

/// One message.
#[derive(Debug, PartialEq)]
pub enum Frame {
    Bytes(Vec<u8>),
    Close(String),
}

impl Socket {
    /// Asks for a socket; the answer's status where it is not given.
    pub fn open(origin: &str, path: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let address = origin.strip_prefix("http://").unwrap().replace("localhost", "127.0.0.1");
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let host = origin.strip_prefix("http://").unwrap();
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        let mut read = Vec::new();
        let mut byte = [0; 1];
        while !read.ends_with(b"\r\n\r\n") {
            assert_eq!(stream.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&read));
            read.push(byte[0]);
        }
        let text = String::from_utf8_lossy(&read).into_owned();
        let status: u16 = text.split(' ').nth(1).unwrap().parse().unwrap();
        if status == 101 { Ok(Self { stream, read: Vec::new() }) } else { Err(status) }
    }

    fn send(&mut self, kind: u8, bytes: &[u8]) {
        let mask = [7, 31, 127, 3];
        let mut frame = vec![0x80 | kind];
        match bytes.len() {
            n @ 0..126 => frame.push(0x80 | n as u8),
            n => {
                frame.push(0x80 | 126);
                frame.extend((n as u16).to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(bytes.iter().enumerate().map(|(at, b)| b ^ mask[at % 4]));
        self.stream.write_all(&frame).unwrap();
    }

    /// What somebody types.
    pub fn types(&mut self, text: &str) {
        self.send(2, text.as_bytes());
    }

    /// The window's size.
    pub fn text(&mut self, text: &str) {
        self.send(1, text.as_bytes());
    }

    fn take(&mut self, n: usize) -> Vec<u8> {
        while self.read.len() < n {
            let mut part = [0; 4096];
            let got = self.stream.read(&mut part).expect("more of the socket");
            assert!(got > 0, "the socket ended without a word");
            self.read.extend(&part[..got]);
        }
        self.read.drain(..n).collect()
    }

    /// The next message; pings are answered.
    pub fn next(&mut self) -> Frame {
        loop {
            let head = self.take(2);
            let len = match head[1] & 127 {
                126 => usize::from(u16::from_be_bytes(self.take(2).try_into().unwrap())),
                127 => usize::try_from(u64::from_be_bytes(self.take(8).try_into().unwrap())).unwrap(),
                n => usize::from(n),
            };
            let bytes = self.take(len);
            match head[0] & 15 {
                9 => self.send(10, &bytes),
                8 => return Frame::Close(String::from_utf8_lossy(bytes.get(2..).unwrap_or_default()).into_owned()),
                1 | 2 => return Frame::Bytes(bytes),
                _ => {}
            }
        }
    }

    /// Reads until this was said; gives all of it.
    pub fn until(&mut self, words: &str) -> String {
        let mut all = Vec::new();
        loop {
            match self.next() {
                Frame::Bytes(bytes) => all.extend(bytes),
                Frame::Close(why) => panic!("closed ({why}) before {words}: {}", String::from_utf8_lossy(&all)),
            }
            let text = String::from_utf8_lossy(&all);
            if text.contains(words) {
                return text.into_owned();
            }
        }
    }

    /// Reads to the end; gives why it ended.
    pub fn close(mut self) -> String {
        loop {
            if let Frame::Close(why) = self.next() {
                return why;
            }
        }
    }
}
