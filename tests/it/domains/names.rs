//! Real name servers: knot with the zones that a test writes, bind as a resolver that remembers.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use crate::support::{free_port, until};

/// The name server that a zone names, and its address.
pub const SERVER: &str = "ns-1.gandi.net";

/// A world of names: who serves zones, and a resolver that keeps what it once heard.
pub struct Names {
    folder: tempfile::TempDir,
    /// Port of the server of all zones; it answers for the root too.
    pub port: u16,
    /// Port of the resolver.
    pub resolver: u16,
    zones: Mutex<Vec<(String, String)>>,
    serial: Mutex<u32>,
    running: Vec<Child>,
}

#[allow(clippy::disallowed_methods)] // a test that needs a name server starts one
fn start(program: &str, arguments: &[&str], log: &Path) -> Child {
    let log = std::fs::File::create(log).unwrap();
    let started =
        Command::new(program).args(arguments).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn();
    started.unwrap_or_else(|e| panic!("{program}: {e}; ./test installs it"))
}

impl Names {
    /// Servers that know the root and nothing else.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, resolver) = (free_port(), free_port());
        let mut names =
            Self { folder, port, resolver, zones: Mutex::default(), serial: Mutex::new(1), running: Vec::new() };
        names.write();
        let at = |name: &str| names.folder.path().join(name).to_str().unwrap().to_owned();
        let knot = start("knotd", &["-c", &at("knot.conf")], &names.folder.path().join("knot.log"));
        std::fs::write(at("named.conf"), names.resolver_configuration()).unwrap();
        let bind = start("named", &["-g", "-n", "1", "-c", &at("named.conf")], &names.folder.path().join("named.log"));
        names.running = vec![knot, bind];
        until("the name server answers", || names.ask(names.port, SERVER).contains("127.0.0.1"));
        until("the resolver answers", || names.ask(names.resolver, SERVER).contains("127.0.0.1"));
        names
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn resolver_configuration(&self) -> String {
        let folder = self.folder.path().display();
        format!(
            "options {{ directory \"{folder}\"; listen-on port {} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; \
             pid-file \"{folder}/named.pid\"; session-keyfile \"{folder}/session.key\"; recursion yes; \
             forwarders {{ 127.0.0.1 port {}; }}; forward only; dnssec-validation no; max-ncache-ttl 1; \
             empty-zones-enable no; }};\ncontrols {{ }};\n",
            self.resolver, self.port
        )
    }

    /// Writes configuration and zones anew.
    fn write(&self) {
        let mut serial = self.serial.lock().unwrap();
        *serial += 1;
        let folder = self.folder.path().display();
        let mut text = format!(
            "server:\n  listen: 127.0.0.1@{}\n  rundir: {folder}\n  pidfile: {folder}/knot.pid\n\
             log:\n  - target: stderr\n    any: warning\n\
             database:\n  storage: {folder}/db\n\
             template:\n  - id: default\n    storage: {folder}\n    zonefile-load: whole\n    journal-content: none\n\
             zone:\n  - domain: .\n    file: root.zone\n",
            self.port
        );
        let head = |zone: &str| {
            format!("{zone} 660 IN SOA ns.invalid. root.invalid. {serial} 60 60 60 1\n{zone} 660 IN NS {SERVER}.\n")
        };
        std::fs::write(self.path("root.zone"), format!("{}{SERVER}. 660 IN A 127.0.0.1\n", head("."))).unwrap();
        for (zone, records) in self.zones.lock().unwrap().iter() {
            text.push_str(&format!("  - domain: {zone}\n    file: {zone}.zone\n"));
            let records: String = records
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(|line| {
                    let (name, rest) = line.split_once(' ').unwrap();
                    let name = if name == "@" { format!("{zone}.") } else { format!("{name}.{zone}.") };
                    format!("{name} 660 IN {rest}\n")
                })
                .collect();
            std::fs::write(self.path(&format!("{zone}.zone")), head(&format!("{zone}.")) + &records).unwrap();
        }
        std::fs::write(self.path("knot.conf"), text).unwrap();
    }

    /// Serves a zone with these records (`@ A 203.0.113.10`, one a line) from now on.
    pub fn zone(&self, zone: &str, records: &str) {
        {
            let mut zones = self.zones.lock().unwrap();
            zones.retain(|(name, _)| name != zone);
            zones.push((zone.to_owned(), records.to_owned()));
        }
        self.write();
        let serial = self.serial.lock().unwrap().to_string();
        self.reload();
        until("the zone is served", || self.dig(self.port, &["SOA", zone]).contains(&serial));
    }

    #[allow(clippy::disallowed_methods)]
    fn reload(&self) {
        let pid = self.running[0].id().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    }

    #[allow(clippy::disallowed_methods)]
    fn dig(&self, port: u16, words: &[&str]) -> String {
        let port = port.to_string();
        let out = Command::new("dig")
            .args(["@127.0.0.1", "-p", &port, "+short", "+time=1", "+tries=1"])
            .args(words)
            .output()
            .unwrap();
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// The addresses that a server gives for a name.
    pub fn ask(&self, port: u16, name: &str) -> String {
        self.dig(port, &["A", name])
    }

    /// Settings of a node that lives in this world and has these addresses.
    pub fn environment(&self, own: &str) -> Vec<(String, String)> {
        let set = |name: &str, value: String| (name.to_owned(), value);
        vec![
            set("FREEHOLD__DNS__RESOLVERS", format!("[\"127.0.0.1:{}\", \"127.0.0.1:{}\"]", self.port, self.resolver)),
            set("FREEHOLD__DNS__PORT", self.port.to_string()),
            set("FREEHOLD__DNS__RDAP", String::new()),
            set("FREEHOLD__OUTBOUND__ALLOW", format!("[\"127.0.0.1:{}\"]", self.port)),
            set("FREEHOLD__PUBLIC_ADDRESSES", own.to_owned()),
        ]
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        for server in &mut self.running {
            let _ = server.kill();
            let _ = server.wait();
        }
        if std::thread::panicking() {
            for log in ["knot.log", "named.log"] {
                eprintln!("{log}: {}", std::fs::read_to_string(self.path(log)).unwrap_or_default());
            }
        }
    }
}
