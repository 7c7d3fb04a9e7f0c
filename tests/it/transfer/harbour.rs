//! A node with open doors to files, and the programs that people use on them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use freehold_base::Clock;
use freehold_store::{Store, StoreOptions};

use crate::node::{Browser, Launch, Node};
use crate::support::{free_port, free_ports};

/// Password of the logins that tests make.
pub const PASSWORD: &str = "seven quiet herons wade";

/// A node with its doors.
pub struct Harbour {
    pub node: Node,
    pub admin: Browser,
    pub sftp: u16,
    pub webdav: u16,
    pub ftp: u16,
    /// Files of the test itself.
    pub desk: tempfile::TempDir,
}

/// What a program said.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    #[track_caller]
    pub fn good(self) -> String {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self.out
    }
    /// Both streams.
    pub fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

/// Runs a program to its end.
#[allow(clippy::disallowed_methods)] // a test of the doors starts the programs that knock
pub fn run(program: &str, args: &[&str], env: &[(&str, &str)], stdin: &str) -> Ran {
    let mut child = Command::new(program)
        .args(args)
        .envs(env.iter().copied())
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{program}: {e}; ./test installs it"));
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes()); // it may have ended
    let done = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ran { code: done.status.code().unwrap_or(-1), out: text(done.stdout), err: text(done.stderr) }
}

/// Ports of a node for the data of FTP.
const PASSIVE: u16 = 21;

impl Harbour {
    /// Claimed, with all three doors open; the first site is `127.0.0.1`, of account 1.
    pub fn open(database_url: &str) -> Self {
        Self::with(database_url, &[])
    }

    /// The same with more of the environment.
    pub fn with(database_url: &str, env: &[(&str, &str)]) -> Self {
        let (sftp, webdav, ftp, passive) = (free_port(), free_port(), free_port(), free_ports(PASSIVE));
        let last = passive + PASSIVE - 1;
        let launch = env.iter().fold(Launch::new(database_url), |launch, (name, value)| launch.env(name, value));
        let node = launch
            .env("FREEHOLD__SFTP", &format!("127.0.0.1:{sftp}"))
            .env("FREEHOLD__WEBDAV", &format!("127.0.0.1:{webdav}"))
            .env("FREEHOLD__FTP", &format!("127.0.0.1:{ftp}"))
            .env("FREEHOLD__FTP_PASSIVE", &format!("{passive}-{last}"))
            .start();
        let admin = Browser::of(&node);
        admin.set_up(&node);
        Self { node, admin, sftp, webdav, ftp, desk: tempfile::tempdir().unwrap() }
    }

    /// One for each kind of database.
    pub fn all() -> Vec<Self> {
        let urls = std::iter::once(String::new()).chain(crate::support::fresh_postgres());
        urls.map(|url| Self::open(&url)).collect()
    }

    /// Makes a login with [`PASSWORD`] on the account of site 1.
    pub fn login(&self, name: &str, more: &[&str]) {
        self.login_on("1", name, more);
    }

    pub fn login_on(&self, site: &str, name: &str, more: &[&str]) {
        let mut args = vec!["login", "create", name, "--site", site, "--password-stdin"];
        args.extend(more);
        if !more.contains(&"--services") {
            args.extend(["--services", "sftp,webdav,ftp"]);
        }
        let made = self.node.command(&args, PASSWORD);
        assert_eq!(made.code, 0, "{}", made.err);
    }

    /// An account with a site of its own: both their numbers.
    pub fn other_account(&self, name: &str, host: &str) -> (String, String) {
        let account = self.node.command(&["--json", "account", "create", name], "").json()["id"].to_string();
        let args = ["--json", "site", "create", "--title", name, "--host", host, "--account", &account];
        let site = self.node.command(&args, "").json()["id"].to_string();
        (account, site)
    }

    fn beside(&self) -> Store {
        let data = self.node.data.path().to_owned();
        let options = StoreOptions { data, database_url: self.node.database_url.clone(), readers: 1 };
        Store::open_beside(&options, Clock::system()).unwrap()
    }

    /// Changes the database beside the node.
    pub fn execute(&self, sql: &'static str) {
        freehold_store::testing::execute(&self.beside(), sql).unwrap();
    }

    /// So many failures of somebody else, just now.
    pub fn strangers_fail(&self, subject: &str, times: usize) {
        let store = self.beside();
        let now = Clock::system().now().ms();
        let insert = format!("INSERT INTO sign_in_failures (subject, failed_at) VALUES ('{subject}', {now})");
        let insert: &'static str = Box::leak(insert.into_boxed_str());
        for _ in 0..times {
            freehold_store::testing::execute(&store, insert).unwrap();
        }
    }

    /// The home of an account on the disk.
    pub fn home(&self, account: &str) -> PathBuf {
        self.node.data.path().join("accounts").join(account).join("home")
    }

    /// A file of the test's own.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.desk.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }
    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.desk.path().join(name)).unwrap()
    }

    fn ssh_options(&self, auth: &str) -> Vec<String> {
        let mut all: Vec<String> = vec!["-P".into(), self.sftp.to_string(), "-F".into(), "/dev/null".into()];
        for option in ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=no"] {
            all.extend(["-o".into(), option.into()]);
        }
        all.extend(["-o".into(), format!("PreferredAuthentications={auth}")]);
        all
    }

    /// A batch of commands for `sftp`, with a password.
    pub fn sftp(&self, name: &str, password: &str, batch: &str) -> Ran {
        let mut args = vec!["-e".to_owned(), "sftp".to_owned()];
        args.extend(self.ssh_options("password"));
        args.extend(["-b".into(), "-".into(), format!("{name}@127.0.0.1")]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        run("sshpass", &args, &[("SSHPASS", password)], batch)
    }

    /// The same with a key.
    pub fn sftp_by_key(&self, name: &str, key: &Path, batch: &str) -> Ran {
        let mut args = self.ssh_options("publickey");
        args.extend(["-o".into(), "IdentitiesOnly=yes".into(), "-i".into(), key.display().to_string()]);
        args.extend(["-b".into(), "-".into(), format!("{name}@127.0.0.1")]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        run("sftp", &args, &[], batch)
    }

    /// The same where the program asks: password, then code.
    pub fn sftp_asked(&self, name: &str, password: &str, code: &str, batch: &str) -> Ran {
        use std::os::unix::fs::PermissionsExt as _;
        let script = "#!/bin/sh\ncase \"$1\" in *[Cc]ode*) echo \"$ITS_CODE\";; *) echo \"$ITS_PASSWORD\";; esac\n";
        let path = self.file("askpass", script.as_bytes());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        let mut args = self.ssh_options("keyboard-interactive");
        args.extend(["-b".into(), "-".into(), format!("{name}@127.0.0.1")]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let env = [
            ("SSH_ASKPASS", path.as_str()),
            ("SSH_ASKPASS_REQUIRE", "force"),
            ("ITS_PASSWORD", password),
            ("ITS_CODE", code),
        ];
        run("sftp", &args, &env, batch)
    }

    /// A connection that is signed in and stays open until it is hung up on.
    #[allow(clippy::disallowed_methods)]
    pub fn stay(&self, name: &str) -> Child {
        let port = self.sftp.to_string();
        let child = Command::new("sshpass")
            .args(["-e", "ssh", "-N", "-p", &port, "-F", "/dev/null", "-o", "StrictHostKeyChecking=no"])
            .args(["-o", "UserKnownHostsFile=/dev/null", "-o", "PreferredAuthentications=password"])
            .arg(format!("{name}@127.0.0.1"))
            .env("SSHPASS", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let used = || {
            let list = self.node.command(&["--json", "login", "list", "--site", "1"], "").json();
            list.as_array().unwrap().iter().any(|l| l["name"] == name && l["used_at"].as_i64() > Some(0))
        };
        crate::support::until("it is signed in", used);
        child
    }

    /// The address of a path by WebDAV.
    pub fn dav(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.webdav)
    }

    /// `curl`: what it got, with the status behind it on a line of its own.
    pub fn curl(&self, user: &str, args: &[&str], path: &str) -> (u16, String) {
        let url = self.dav(path);
        let both = format!("{user}:{PASSWORD}");
        let mut all = vec!["-sS", "--noproxy", "*", "--path-as-is", "-w", "\n%{http_code}", "-u", &both];
        all.extend(args);
        all.push(&url);
        let out = run("curl", &all, &[], "").good();
        let (text, status) = out.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), text.to_owned())
    }

    /// `rclone` with the remotes `dav:` and `sftp:` for this login; nothing is tried twice.
    pub fn rclone(&self, user: &str, args: &[&str]) -> Ran {
        let hidden = run("rclone", &["obscure", PASSWORD], &[], "").good();
        let (url, config) = (self.dav("/"), self.desk.path().join("rclone.conf"));
        let port = self.sftp.to_string();
        let env = [
            ("RCLONE_CONFIG", config.to_str().unwrap()),
            ("RCLONE_CONFIG_DAV_TYPE", "webdav"),
            ("RCLONE_CONFIG_DAV_URL", &url),
            ("RCLONE_CONFIG_DAV_VENDOR", "owncloud"),
            ("RCLONE_CONFIG_DAV_USER", user),
            ("RCLONE_CONFIG_DAV_PASS", hidden.trim()),
            ("RCLONE_CONFIG_SFTP_TYPE", "sftp"),
            ("RCLONE_CONFIG_SFTP_HOST", "127.0.0.1"),
            ("RCLONE_CONFIG_SFTP_PORT", &port),
            ("RCLONE_CONFIG_SFTP_USER", user),
            ("RCLONE_CONFIG_SFTP_PASS", hidden.trim()),
            ("RCLONE_CONFIG_SFTP_SHELL_TYPE", "none"),
            ("RCLONE_RETRIES", "1"),
            ("RCLONE_LOW_LEVEL_RETRIES", "1"),
            ("no_proxy", "*"),
        ];
        run("rclone", args, &env, "")
    }

    /// A script for `lftp`, by FTP with TLS.
    pub fn lftp(&self, user: &str, script: &str) -> Ran {
        let begin = format!(
            "set ssl:verify-certificate no; set ftp:ssl-force true; set ftp:ssl-protect-data true; set net:timeout 10; \
             set net:max-retries 4; set net:reconnect-interval-base 1; set cmd:fail-exit yes; set dns:order inet; \
             open -u '{user},{PASSWORD}' ftp://127.0.0.1:{}; {script}",
            self.ftp
        );
        run("lftp", &["-c", &begin], &[("HOME", self.desk.path().to_str().unwrap())], "")
    }
}
