//! The walls, tried from inside. The kernel exempts root from some limits, so as root each test runs itself again as nobody.

use std::path::Path;
use std::sync::mpsc::channel;

use super::*;

/// Texts that broke other panels.
const NASTY: [&str; 40] = [
    "a\nb",
    "a\r\nb",
    "\n* * * * * root id",
    "'",
    "\"",
    "`id`",
    "$(id)",
    "${HOME}",
    "$HOME",
    "a;id",
    "a&&id",
    "a|id",
    "a&",
    ">x",
    "<x",
    "x>/tmp/y",
    "\\",
    "\\n",
    "%0a",
    "%",
    "a b",
    " a ",
    "--",
    "-x",
    "--help",
    "-e id",
    "..",
    "../../../etc/passwd",
    "/etc/passwd",
    "*",
    "?",
    "[a]",
    "{a,b}",
    "~",
    "#",
    "!!",
    "\u{202e}abc",
    "\u{e9}\u{1f40e}",
    "'; DROP TABLE cron_jobs; --",
    "\u{1b}]52;c;aGk=\u{7}",
];

fn as_nobody(name: &str) -> bool {
    crate::tests_as_nobody::as_nobody(&format!("sandbox::tests::{name}"))
}

/// A data folder with two accounts and what a node has beside them.
struct World {
    data: tempfile::TempDir,
    sandbox: Sandbox,
}

const MINE: AccountId = AccountId(1);

impl World {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("accounts/1/home/mine.txt", "mine"),
            ("accounts/2/home/theirs.txt", "canary-theirs"),
            ("freehold.db", "canary-database"),
            ("key", "canary-key"),
        ] {
            let path = data.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let sandbox = Sandbox::new(Places { data: data.path().to_owned(), one_trust_domain: false });
        assert_eq!(
            sandbox.isolation(),
            Isolation::Sandboxed,
            "bubblewrap is one of the Debian packages that ./test wants"
        );
        Self { data, sandbox }
    }
    fn order<'a>(&self, command: &'a str) -> Order<'a> {
        Order {
            account: MINE,
            work: Work::Command(command),
            limits: Limits { cpu_s: 20, memory_bytes: 400 << 20, processes: 40, ..Limits::default() },
            network: false,
            timeout: Duration::from_secs(60),
            environment: Vec::new(),
        }
    }
    fn run(&self, order: &Order<'_>) -> (End, String) {
        let mut kept = Kept::new(64 << 10);
        let ran = self.sandbox.run(order, &Stop::new().unwrap(), &mut |bytes| kept.push(bytes)).unwrap();
        (ran.end, kept.text())
    }
    fn say(&self, command: &str) -> String {
        self.run(&self.order(command)).1
    }
    /// Everything outside the account's home, as text.
    fn outside(&self) -> Vec<(String, Vec<u8>)> {
        let mut all = Vec::new();
        let mut folders = vec![self.data.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.ends_with("accounts/1/home") {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path.clone());
                }
                all.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default()));
            }
        }
        all.sort();
        all
    }
}

/// Processes whose command line has this word.
/// A time to sleep that no other run of these tests has.
fn nap(number: u32) -> String {
    format!("77.{number:03}{}", std::process::id())
}

fn processes(word: &str) -> usize {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(word)).count()
}

fn gone(word: &str) {
    wait_for("gone", word, |running| running == 0);
}

/// Waits until the number of processes with `word` in their command is as it should be.
fn wait_for(what: &str, word: &str, right: impl Fn(usize) -> bool) {
    let begun = freehold_base::Clock::instant();
    while !right(processes(word)) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{word} is not {what}: {} processes", processes(word));
        std::thread::sleep(Duration::from_millis(5));
    }
}

// rule: A1
#[test]
fn a01_as_root_nothing_of_an_account_runs() {
    let root = rustix::process::geteuid().is_root();
    let data = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::new(Places { data: data.path().to_owned(), one_trust_domain: true });
    assert_eq!(sandbox.isolation() == Isolation::Refused(Refusal::Root), root);
    let order = Order {
        account: MINE,
        work: Work::Command("true"),
        limits: Limits::default(),
        network: false,
        timeout: Duration::from_secs(10),
        environment: Vec::new(),
    };
    let ran = sandbox.run(&order, &Stop::new().unwrap(), &mut |_| {});
    assert_eq!(ran.is_err(), root, "{ran:?}");
}

// rule: E5
#[test]
fn e05_a_command_sees_its_own_account_and_nothing_of_the_machine() {
    if !as_nobody("e05_a_command_sees_its_own_account_and_nothing_of_the_machine") {
        return;
    }
    let world = World::new();
    let data = world.data.path().display().to_string();
    assert_eq!(world.say("cat mine.txt; echo more >> mine.txt; pwd; id -un"), "mine/home/account\naccount\n");
    assert_eq!(std::fs::read_to_string(world.data.path().join("accounts/1/home/mine.txt")).unwrap(), "minemore\n");
    for path in [format!("{data}/accounts/2/home/theirs.txt"), format!("{data}/freehold.db"), format!("{data}/key")] {
        let said = world.say(&format!("cat {path}; cat ../../2/home/theirs.txt; ls -a /home /home/account/.."));
        assert!(said.contains("No such file") && !said.contains("canary"), "{said}");
    }
    let passwd = world.say("cat /etc/passwd /etc/group; ls /etc/shadow /root /var /run /boot /srv /opt /sys 2>&1");
    assert!(passwd.starts_with("account:x:1000:1000::/home/account:/bin/sh\naccount:x:1000:\n"), "{passwd}");
    assert_eq!(passwd.matches("No such file").count(), 8, "{passwd}");
    // A link out of the home leads nowhere.
    let linked = world.say(&format!("ln -sf {data}/key out; cat out; ln -sf /proc/1/root/{data}/key o2; cat o2"));
    assert!(!linked.contains("canary"), "{linked}");
    let seen = world.say("cat /proc/*/environ | tr '\\0' '\\n'; env; ls -d /proc/[0-9]* | wc -l");
    assert!(!seen.contains("canary-7391") && !seen.contains("CARGO"), "{seen}");
    assert!(seen.trim().ends_with(['3', '4', '5', '6']), "no process of the machine: {seen}");
    let walls = world.say(
        "touch /x /usr/x /dev/x /etc/x 2>&1; unshare -U true 2>&1; cat /proc/self/status | grep -E 'CapEff|CapBnd|NoNewPrivs'",
    );
    assert_eq!(walls.matches("Read-only file system").count(), 4, "{walls}");
    assert!(walls.contains("unshare failed") && walls.contains("NoNewPrivs:\t1"), "{walls}");
    assert!(walls.contains("CapEff:\t0000000000000000") && walls.contains("CapBnd:\t0000000000000000"), "{walls}");
    let alone = world.say("cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' \\n'; echo; hostname");
    assert_eq!(alone, "lo\nfreehold\n", "without the network there is none");
}

// rule: E5, row: H009
#[test]
fn e05_a_fork_bomb_and_a_hog_of_memory_are_stopped() {
    if !as_nobody("e05_a_fork_bomb_and_a_hog_of_memory_are_stopped") {
        return;
    }
    let world = World::new();
    let nap = nap(1);
    let bomb = format!("f() {{ f | f & }}; f; sleep 0.2; ls -d /proc/[0-9]* | wc -l; sleep {nap}");
    let bomb = world.order(&bomb);
    let (end, said) = world.run(&Order { timeout: Duration::from_secs(3), ..bomb });
    assert!(matches!(end, End::TimedOut | End::Exit(_)), "{end:?} {said}");
    let most = said.lines().filter_map(|l| l.trim().parse::<u64>().ok()).max().unwrap_or(0);
    assert!(most <= 45, "more processes than the limit: {most}");
    gone(&nap);
    let (end, said) = world.run(&world.order("head -c 2000000000 /dev/zero | tail | wc -c"));
    assert!(said.contains("memory exhausted") || said.trim() == "0", "{end:?} {said}");
    let (_, said) =
        world.run(&world.order("head -c 600000000 /dev/zero > /tmp/x 2>/tmp/e; ls -l /tmp/x | cut -d' ' -f5"));
    assert!(said.trim().parse::<u64>().unwrap() <= 268_435_456, "/tmp is of a bounded size: {said}");
    let small = world.order("head -c 9000000 /dev/zero > big; stat -c %s big");
    let (_, said) = world.run(&Order { limits: Limits { file_bytes: 1 << 20, ..small.limits }, ..small });
    assert!(said.trim().ends_with("1048576"), "{said}");
    let spin = world.order("while :; do :; done");
    let (end, _) = world.run(&Order { limits: Limits { cpu_s: 1, ..spin.limits }, ..spin });
    assert!(matches!(end, End::Exit(128..)), "{end:?}");
}

// rule: E5
#[test]
fn e05_endless_output_is_ended_and_kept_in_part() {
    if !as_nobody("e05_endless_output_is_ended_and_kept_in_part") {
        return;
    }
    let world = World::new();
    let nap = nap(2);
    let (end, said) = world.run(&world.order(&format!("echo begin; exec yes {nap}")));
    assert_eq!(end, End::TooMuch);
    assert!(
        said.starts_with(&format!("begin\n{nap}\n")) && said.len() < 140_000 && said.contains("left out"),
        "{}",
        said.len()
    );
    gone(&nap);
}

// rule: E5
#[test]
fn e05_what_is_over_is_killed_with_all_it_started() {
    if !as_nobody("e05_what_is_over_is_killed_with_all_it_started") {
        return;
    }
    let world = World::new();
    let nap = nap(3);
    let many = &format!(
        "sleep {nap} & (setsid sleep {nap} &) ; nohup sleep {nap} >/dev/null & trap '' TERM; echo up; sleep {nap}"
    );
    let order = Order { timeout: Duration::from_secs(4), ..world.order(many) };
    assert_eq!(world.run(&order), (End::TimedOut, "up\n".into()));
    gone(&nap);
    // On request, from another thread, as soon as it is up.
    let stop = Stop::new().unwrap();
    let ran = world.sandbox.run(&world.order(many), &stop.clone(), &mut |_| stop.ask()).unwrap();
    assert_eq!(ran.end, End::Stopped);
    gone(&nap);
    // By itself: what it left behind ends with it.
    assert_eq!(world.run(&world.order(&format!("sleep {nap} & exit 3"))).0, End::Exit(3));
    gone(&nap);
}

// rule: A3
#[test]
fn a03_no_text_reaches_a_shell_of_ours_or_another_field() {
    if !as_nobody("a03_no_text_reaches_a_shell_of_ours_or_another_field") {
        return;
    }
    let world = World::new();
    let before = world.outside();
    for text in NASTY {
        let order =
            Order { environment: vec![("TZ", text.to_owned())], ..world.order("printf '%s|%s' \"$TZ\" \"$USER\"") };
        let wanted = format!("{text}|account").replace(|c: char| c.is_control() && c != '\n', "");
        assert_eq!(world.run(&order).1, wanted, "{text:?}");
        let order = Order { timeout: Duration::from_secs(10), ..world.order(text) };
        let (_, said) = world.run(&order);
        assert!(!said.contains("uid=0") && !said.contains("root:"), "{text:?}: {said}");
        assert_eq!(world.outside(), before, "{text:?}");
    }
}

#[test]
fn without_walls_there_are_limits_and_a_session() {
    if !as_nobody("without_walls_there_are_limits_and_a_session") {
        return;
    }
    let mut world = World::new();
    let tools = program::Tools::find(world.data.path()).unwrap();
    assert!(program::works(&tools));
    let found = OnceLock::from(Found { isolation: Isolation::OneTrustDomain, tools: Some(tools) });
    let places = Places { data: world.data.path().to_owned(), one_trust_domain: true };
    world.sandbox = Sandbox { inner: Arc::new(Inner { places, found }) };
    let said = world.say("pwd; ulimit -v; ulimit -t; ps -o pid=,sid= -p $$ | awk '{print ($1 == $2)}'; env | sort");
    let home = world.data.path().join("accounts/1/home").display().to_string();
    assert!(said.starts_with(&format!("{home}\n409600\n20\n1\n")), "{said}");
    assert!(!said.contains("canary"), "{said}");
    let nap = nap(4);
    let text = format!("sleep {nap} & sleep {nap}");
    let order = Order { timeout: Duration::from_millis(300), ..world.order(&text) };
    assert_eq!(world.run(&order).0, End::TimedOut);
    gone(&nap);
    let terminal = world.sandbox.open_terminal(&shell(), Size { columns: 80, rows: 24 }, |_| true, || {});
    assert_eq!(terminal.unwrap_err().as_code(), Code::WrongState, "a terminal only behind walls");
}

fn shell() -> Order<'static> {
    Order {
        account: MINE,
        work: Work::Shell,
        limits: Limits::default(),
        network: false,
        timeout: Duration::from_secs(60),
        environment: vec![("TERM", "xterm-256color".into())],
    }
}

// row: H145
#[test]
fn h145_a_terminal_is_a_shell_of_the_account_and_ends_with_who_holds_it() {
    if !as_nobody("h145_a_terminal_is_a_shell_of_the_account_and_ends_with_who_holds_it") {
        return;
    }
    let world = World::new();
    let (tell, heard) = channel();
    let (ended, end) = channel();
    let hear = move |bytes: &[u8]| tell.send(bytes.to_vec()).is_ok();
    let over = move || ended.send(()).unwrap_or_default();
    let terminal = world.sandbox.open_terminal(&shell(), Size { columns: 90, rows: 30 }, hear, over).unwrap();
    let mut said = String::new();
    let mut until = |word: &str| {
        let end = loop {
            if let Some(at) = said.find(word) {
                break at + word.len();
            }
            let more = heard.recv_timeout(Duration::from_secs(30)).unwrap_or_else(|_| panic!("no {word} in {said}"));
            said.push_str(&String::from_utf8_lossy(&more));
        };
        let rest = said.split_off(end); // it may have come in one piece with what is waited for next
        std::mem::replace(&mut said, rest)
    };
    assert!(terminal.type_in(b"stty size; echo a$((1+1))b; cat mine.txt; tty >/dev/null && echo yes\n"));
    let first = until("a2b");
    assert!(first.contains("30 90") && !first.contains("no job control"), "{first}");
    terminal.resize(Size { columns: 101, rows: 41 });
    let (first_nap, last_nap) = (nap(5), nap(6));
    terminal.type_in(format!("sleep {first_nap}\n").as_bytes());
    until(&format!("sleep {first_nap}"));
    // A Ctrl C between the shell's fork and the program's start finds a shell that has no terminal and ends.
    wait_for("started", &first_nap, |running| running > 0);
    terminal.type_in(b"\x03"); // Ctrl C ends the program, not the shell
    until("^C");
    until("$ "); // what is typed before the shell asks again may be lost to it
    terminal.type_in(b"stty size; echo c$((1+2))d\n");
    let second = until("c3d");
    assert!(second.contains("41 101"), "{second}");
    terminal.type_in(format!("sleep {last_nap} &\necho e$((2+2))f\n").as_bytes());
    until("e4f");
    drop(terminal);
    end.recv_timeout(Duration::from_secs(30)).expect("the terminal is over");
    gone(&last_nap);
    assert!(Path::new("/proc").is_dir());
}
