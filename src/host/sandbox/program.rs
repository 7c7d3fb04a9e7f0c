//! How a program is started: which tools, which walls, which words. Only absolute paths, only lists of arguments, a
//! cleared environment.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::limits::Limits;
use super::watch::{Stop, Watched, spawn, wait_for};
use super::{Order, Work};

/// Where programs of the system lie; never what a PATH says.
const PLACES: &[&str] = &["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];
/// Folders at the root that hold programs and libraries, or lead to them.
const SYSTEM: &[&str] = &["bin", "sbin", "lib", "lib32", "lib64", "libx32"];
/// What of `/etc` programs need: nothing that tells of people, keys or passwords.
const OF_ETC: &[&str] = &[
    "alternatives",
    "bash.bashrc",
    "gai.conf",
    "host.conf",
    "hosts",
    "inputrc",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "magic",
    "mime.types",
    "nsswitch.conf",
    "protocols",
    "resolv.conf",
    "services",
    "ssl/certs",
    "ssl/openssl.cnf",
    "terminfo",
    "ca-certificates",
];
/// Memory of `/tmp` and of `/dev/shm`.
const TMP_BYTES: &str = "268435456";
const SHM_BYTES: &str = "67108864";
/// The account's home as it sees it.
const HOME: &str = "/home/account";
/// The account's own shell.
const SHELL: &str = "/bin/sh";
/// A shell that edits its line, where it is there.
const BETTER_SHELL: &str = "/bin/bash";
/// The number of the account's user inside.
const USER: &str = "1000";
/// A probe takes a tenth of a second.
const PROBE: Duration = Duration::from_secs(10);

/// How strong the walls are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walls {
    /// No further namespaces inside: bubblewrap 0.8 and later.
    pub sealed: bool,
}

impl Walls {
    /// As they are tried.
    pub const STRONGEST_FIRST: &[Self] = &[Self { sealed: true }, Self { sealed: false }];
}

/// Programs that start programs.
#[derive(Clone, Debug)]
pub struct Tools {
    bwrap: Option<PathBuf>,
    prlimit: PathBuf,
    setsid: PathBuf,
    setpriv: PathBuf,
    /// The one that gives signals their usual meaning back: who was started in the background, or by `nohup`, ignores
    /// some, and so would all that it starts; Ctrl C in a terminal ends nothing then. None where there is another `env`.
    env: Option<PathBuf>,
    /// The account's `/etc/passwd` and `/etc/group`: files of ours without a name of this machine.
    stubs: PathBuf,
    /// None: limits and a session, no walls.
    pub walls: Option<Walls>,
}

impl Tools {
    /// Those of this machine; none where not even limits can be set.
    pub fn find(data: &Path) -> Option<Self> {
        let find = |name: &str| PLACES.iter().map(|p| Path::new(p).join(name)).find(|p| p.is_file());
        let stubs = data.join("run").join("sandbox");
        let written = super::make_folder(&stubs).is_ok()
            && std::fs::write(stubs.join("passwd"), "account:x:1000:1000::/home/account:/bin/sh\n").is_ok()
            && std::fs::write(stubs.join("group"), "account:x:1000:\n").is_ok();
        Some(Self {
            bwrap: find("bwrap").filter(|_| written),
            prlimit: find("prlimit")?,
            setsid: find("setsid")?,
            setpriv: find("setpriv")?,
            env: find("env").filter(|env| resets_signals(env)),
            stubs,
            walls: None,
        })
    }
    /// The same with walls.
    pub fn with(self, walls: Walls) -> Self {
        Self { walls: Some(walls), ..self }
    }
}

/// Whether a program really starts this way.
pub fn works(tools: &Tools) -> bool {
    let inside = Inside { home: None, network: false, terminal: false, limits: Limits::default(), environment: &[] };
    let Some(mut command) = command(tools, &inside, &["/bin/true".into()]) else { return false };
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = spawn(&mut command) else { return false };
    let Ok(stop) = Stop::new() else { return false };
    let ended = wait_for(&mut child, &stop, PROBE, &mut |_| true);
    child.kill_group();
    matches!(ended, Ok(Watched::Exited(0)))
}

/// What `env` of coreutils knows (8.31 and later), and that of BusyBox does not.
const RESET: &str = "--default-signal";

fn resets_signals(env: &Path) -> bool {
    let mut command = bare(env.as_os_str());
    command.args([RESET, "/bin/true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// What a program finds around it.
struct Inside<'a> {
    home: Option<&'a Path>,
    network: bool,
    terminal: bool,
    limits: Limits,
    environment: &'a [(&'static str, String)],
}

/// The command of an order.
pub fn of_order(tools: &Tools, order: &Order<'_>, home: &Path) -> Option<Command> {
    let terminal = matches!(order.work, Work::Shell);
    let environment = &order.environment;
    let inside = Inside { home: Some(home), network: order.network, terminal, limits: order.limits, environment };
    let program: Vec<OsString> = match order.work {
        // The one place where a text of a customer becomes an argument: of the account's own shell, inside.
        Work::Command(text) => vec![SHELL.into(), "-c".into(), text.into()],
        Work::Shell => vec![if Path::new(BETTER_SHELL).is_file() { BETTER_SHELL } else { SHELL }.into()],
    };
    command(tools, &inside, &program)
}

/// The words of a whole command. None where walls are wanted and bubblewrap is not there.
fn command(tools: &Tools, inside: &Inside<'_>, program: &[OsString]) -> Option<Command> {
    let mut words: Vec<OsString> = Vec::new();
    words.push(tools.setsid.clone().into());
    if inside.terminal {
        words.push("--ctty".into());
    }
    if let Some(env) = &tools.env {
        words.extend([env.clone().into(), RESET.into()]);
    }
    match tools.walls {
        Some(walls) => {
            words.push(tools.bwrap.clone()?.into());
            words.extend(of_walls(tools, inside, walls));
            words.push("--".into());
        }
        None => {
            let away = ["--no-new-privs", "--pdeathsig", "KILL", "--"];
            words.push(tools.setpriv.clone().into());
            words.extend(away.map(OsString::from));
        }
    }
    words.push(tools.prlimit.clone().into());
    words.extend(inside.limits.arguments(tools.walls.is_some()).into_iter().map(OsString::from));
    words.push("--".into());
    words.extend_from_slice(program);
    let (first, rest) = words.split_first()?;
    Some(cleared(first, rest, inside, tools.walls.is_none()))
}

/// A command without anything of this process: not its environment, which the first process of a sandbox would show
/// in `/proc/1/environ`, and not its folder.
fn cleared(program: &OsStr, arguments: &[OsString], inside: &Inside<'_>, plain: bool) -> Command {
    let mut command = bare(program);
    command.args(arguments);
    if plain {
        let home = inside.home.unwrap_or(Path::new("/"));
        command.current_dir(home).env("HOME", home).envs(of_account(inside));
    }
    command
}

/// A program with nothing.
fn bare(program: &OsStr) -> Command {
    #[allow(clippy::disallowed_methods)] // the one place that starts programs
    let mut command = Command::new(program);
    command.env_clear().current_dir("/");
    command
}

/// The environment of an account's program, without its home.
fn of_account(inside: &Inside<'_>) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&str, String)> = vec![
        ("PATH", "/usr/local/bin:/usr/bin:/bin".into()),
        ("USER", "account".into()),
        ("LOGNAME", "account".into()),
        ("SHELL", SHELL.into()),
        ("LANG", "C.UTF-8".into()),
    ];
    all.extend(inside.environment.iter().cloned());
    all
}

/// The words of bubblewrap.
fn of_walls(tools: &Tools, inside: &Inside<'_>, walls: Walls) -> Vec<OsString> {
    let mut words = Words::default();
    for word in ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"] {
        words.add(&[word]);
    }
    if !inside.network {
        words.add(&["--unshare-net"]);
    }
    if walls.sealed {
        words.add(&["--disable-userns"]);
    }
    words.add(&["--cap-drop", "ALL", "--uid", USER, "--gid", USER, "--hostname", "freehold", "--die-with-parent"]);
    if !inside.terminal {
        // A terminal's session is the one that `setsid` made: its shell needs the terminal, which is nobody else's.
        words.add(&["--new-session"]);
    }
    words.add(&["--clearenv", "--setenv", "HOME", HOME]);
    for (name, value) in of_account(inside) {
        words.add(&["--setenv", name, &value]);
    }
    words.add(&["--ro-bind", "/usr", "/usr"]);
    for name in SYSTEM {
        let path = Path::new("/").join(name);
        match std::fs::read_link(&path) {
            Ok(target) => words.add_paths("--symlink", &[&target, &path]),
            Err(_) if path.is_dir() => words.add_paths("--ro-bind", &[&path, &path]),
            Err(_) => {}
        }
    }
    words.add(&["--proc", "/proc", "--dev", "/dev"]);
    words.add(&["--size", SHM_BYTES, "--tmpfs", "/dev/shm", "--size", TMP_BYTES, "--tmpfs", "/tmp"]);
    for name in OF_ETC {
        let path = Path::new("/etc").join(name);
        words.add_paths("--ro-bind-try", &[&path, &path]);
    }
    for name in ["passwd", "group"] {
        words.add_paths("--ro-bind", &[&tools.stubs.join(name), &Path::new("/etc").join(name)]);
    }
    if let Some(home) = inside.home {
        words.add_paths("--bind", &[home, Path::new(HOME)]);
    }
    // What was put together above is no place to write to.
    words.add(&["--remount-ro", "/dev", "--remount-ro", "/", "--chdir"]);
    words.add(&[if inside.home.is_some() { HOME } else { "/" }]);
    words.0
}

/// A list of arguments.
#[derive(Default)]
struct Words(Vec<OsString>);

impl Words {
    fn add(&mut self, words: &[&str]) {
        self.0.extend(words.iter().map(OsString::from));
    }
    fn add_paths(&mut self, word: &str, paths: &[&Path]) {
        self.0.push(word.into());
        self.0.extend(paths.iter().map(|p| p.as_os_str().to_owned()));
    }
}
