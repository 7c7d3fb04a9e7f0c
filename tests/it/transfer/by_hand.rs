//! SFTP spoken by hand through OpenSSH's connection: a file stays open as long as the test likes, and answers are left
//! unread. What programs never do, and strangers may.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::harbour::{Harbour, PASSWORD};

/// Kinds of packets.
const INIT: u8 = 1;
const OPEN: u8 = 3;
const READ: u8 = 5;
const OPEN_FOLDER: u8 = 11;
const READ_FOLDER: u8 = 12;
const STATUS: u8 = 101;

/// One session.
struct Line {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
}

fn text(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

impl Line {
    #[allow(clippy::disallowed_methods)] // a test of the doors starts the programs that knock
    fn open(harbour: &Harbour, name: &str, password: &str) -> Self {
        let port = harbour.sftp.to_string();
        let mut child = Command::new("sshpass")
            .args([
                "-e",
                "ssh",
                "-p",
                &port,
                "-F",
                "/dev/null",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "LogLevel=ERROR",
            ])
            .args(["-o", "UserKnownHostsFile=/dev/null", "-o", "PreferredAuthentications=password"])
            .args(["-l", name, "-s", "127.0.0.1", "sftp"])
            .env("SSHPASS", password)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut line = Self { child, to, from };
        line.send(INIT, &3u32.to_be_bytes());
        line.answer();
        line
    }

    fn send(&mut self, kind: u8, body: &[u8]) {
        self.to.write_all(&text(&[&[kind], body].concat())).unwrap();
        self.to.flush().unwrap();
    }

    /// The kind of the next answer, and what is behind its number.
    fn answer(&mut self) -> (u8, Vec<u8>) {
        let mut length = [0; 4];
        self.from.read_exact(&mut length).unwrap();
        let mut packet = vec![0; u32::from_be_bytes(length) as usize];
        self.from.read_exact(&mut packet).unwrap();
        (packet[0], packet[5..].to_vec())
    }

    /// What is open now, by its handle.
    fn opens(&mut self, kind: u8, path: &str) -> Vec<u8> {
        let how = if kind == OPEN { [0, 0, 0, 1, 0, 0, 0, 0].to_vec() } else { Vec::new() };
        self.send(kind, &[&[0; 4][..], &text(path.as_bytes()), &how].concat());
        let (kind, handle) = self.answer();
        assert_ne!(kind, STATUS, "{path}: {}", String::from_utf8_lossy(&handle));
        handle
    }

    fn asks(&mut self, handle: &[u8], at: u64, bytes: u32) {
        self.send(READ, &[&[0; 4], handle, &at.to_be_bytes()[..], &bytes.to_be_bytes()].concat());
    }

    /// How many bytes came, or why not.
    fn reads(&mut self, handle: &[u8], at: u64) -> Result<usize, u8> {
        self.asks(handle, at, 1000);
        let (kind, body) = self.answer();
        if kind == STATUS { Err(body[3]) } else { Ok(body.len() - 4) }
    }

    /// Whether names came, or why not.
    fn names(&mut self, handle: &[u8]) -> Result<(), u8> {
        self.send(READ_FOLDER, &[&[0; 4], handle].concat());
        let (kind, body) = self.answer();
        if kind == STATUS { Err(body[3]) } else { Ok(()) }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn large(path: &std::path::Path, bytes: u64) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::File::create(path).unwrap().set_len(bytes).unwrap();
}

// rows: H083, H082, H011
#[test]
fn h083_what_is_open_of_an_account_that_was_lost_is_read_no_further() {
    const WHOLE: u64 = 60_000_000;
    let (email, password) = ("mara@example.org", "grey-gull-over-the-quay");
    for harbour in Harbour::all() {
        harbour.other_account("Net loft", "loft.example");
        let top = harbour.sftp(email, password, "ls -1\n").good();
        let mine = top.lines().find(|l| !l.contains("Net loft") && !l.starts_with("sftp>")).unwrap().trim();
        for account in ["1", "2"] {
            large(&harbour.home(account).join("large"), WHOLE);
        }
        let mut line = Line::open(&harbour, email, password);
        let (left, lost) = (line.opens(OPEN, &format!("/{mine}/large")), line.opens(OPEN, "/Net loft/large"));
        let folder = line.opens(OPEN_FOLDER, "/Net loft");
        assert_eq!((line.reads(&left, 0), line.reads(&lost, 0)), (Ok(1000), Ok(1000)));
        // The same by WebDAV: the head came, and the beginning of the bytes.
        let mut web = std::net::TcpStream::connect(("127.0.0.1", harbour.webdav)).unwrap();
        let sign_in = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{email}:{password}"));
        web.write_all(
            format!("GET /Net%20loft/large HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {sign_in}\r\n\r\n").as_bytes(),
        )
        .unwrap();
        let mut head = [0; 2000];
        web.read_exact(&mut head).unwrap();
        assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));

        let done = harbour.node.command(&["account", "suspend", "2", "--reason", "unpaid"], "");
        assert_eq!(done.code, 0, "{}", done.err);
        assert_eq!((line.reads(&lost, 1000), line.names(&folder)), (Err(2), Err(2)), "no such file");
        assert_eq!(line.reads(&left, 1000), Ok(1000), "the other account goes on");
        let mut came = 0;
        let mut piece = vec![0; 1 << 16];
        while let Ok(n @ 1..) = web.read(&mut piece) {
            came += n as u64;
        }
        assert!(came < WHOLE - 2000, "{came} bytes came");
    }
}

// row: H083. rule: F13
#[test]
fn h083_those_who_ask_and_never_read_take_no_place_of_others() {
    const PIECE: u32 = 255 << 10;
    let harbour = Harbour::open("");
    harbour.login("mara", &[]);
    harbour.sftp("mara", PASSWORD, "ls\n").good();
    large(&harbour.home("1").join("large"), 40_000_000);
    // More than the threads that batches of all sessions share, and each asks for more than is kept for it.
    let stuck: Vec<Line> = (0..17)
        .map(|_| {
            let mut line = Line::open(&harbour, "mara", PASSWORD);
            let handle = line.opens(OPEN, "/large");
            (0..90).for_each(|n| line.asks(&handle, n * u64::from(PIECE), PIECE));
            line
        })
        .collect();
    let (tell, told) = channel();
    let mut other = Line::open(&harbour, "mara", PASSWORD);
    std::thread::spawn(move || {
        let handle = other.opens(OPEN, "/large");
        let _ = tell.send(other.reads(&handle, 0));
    });
    assert_ne!(told.recv_timeout(Duration::from_secs(60)), Err(RecvTimeoutError::Timeout), "it waits for the others");
    // Who reads at last gets all of it.
    let mut first = stuck.into_iter().next().unwrap();
    let came: usize = (0..90).map(|_| first.answer().1.len() - 4).sum();
    assert_eq!(came, 90 * PIECE as usize);
}
