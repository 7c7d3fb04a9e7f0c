//! The floors of the house, read from the sources: which crate may use which, and what only one of them may do.
//! A breach fails with the file and the line.

use std::path::{Path, PathBuf};

/// Crates and what they may use of ours (design of the floors).
const FLOORS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("store", &["base"]),
    ("host", &["base"]),
    ("plugins", &["base"]),
    ("platform", &["base", "store", "host"]),
    ("publishing", &["base", "store", "host", "plugins", "platform"]),
    ("hosting", &["base", "store", "host", "platform"]),
    ("doors", &["base", "store", "host", "plugins", "platform", "publishing", "hosting"]),
];

/// Words that stand in one crate only: (word in a source line, crate, reason).
const ONLY: &[(&str, &str, &str)] = &[
    ("diesel::", "store", "only store knows diesel"),
    ("actix_web", "doors", "only doors know HTTP"),
    ("std::process::Command", "host", "only host starts programs"),
    ("reqwest::", "host", "only host opens outgoing connections"),
    ("std::env::var", "base", "only base::config reads the environment"),
    ("std::fs::", "host", FILES),
    ("File::open(", "host", FILES),
    ("File::create(", "host", FILES),
    ("OpenOptions::new(", "host", FILES),
    ("DirBuilder::new(", "host", FILES),
    ("WalkDir::new(", "host", FILES),
    ("rustix::fs::", "host", FILES),
    ("tokio::fs::", "host", FILES),
    ("TcpStream::connect", "host", "only host opens outgoing connections"),
    ("TcpSocket::", "host", "only host opens outgoing connections"),
    ("UdpSocket::", "host", "only host opens outgoing connections"),
    ("UnixStream::connect", "host", "only host opens sockets"),
    ("UnixListener::bind", "host", "only host opens sockets"),
    ("TcpListener::bind", "host", "boot opens the listeners and hands them down"),
    ("ToSocketAddrs", "host", "only host asks for addresses"),
    ("SystemTime::now", "base", "only base::clock reads the time"),
    ("Utc::now", "base", "only base::clock reads the time"),
];

/// Why files are host's.
const FILES: &str = "only host touches paths; others get opened files or ask it";

/// Files outside host that open files of their own, with the reason. None of them opens a path that came from a
/// request, an account or a theme.
const OPENERS: &[(&str, &str)] = &[
    ("src/base/config.rs", "reads the configuration file before anything else is there"),
    ("src/platform/secrets/key_file.rs", "the key: its rights are looked at on the handle, and host shall hold no key"),
    ("src/store/handle.rs", "makes the database's folder and file, below host"),
    ("src/store/migrate.rs", "the folder of the database's own snapshots, below host"),
    ("src/store/wal.rs", "the length of the database's own log, below host"),
    ("src/doors/web/connection.rs", "sends what host made: a nameless file, by sendfile on its own socket"),
    ("src/doors/web/access_log.rs", "appends to its own log and turns it over; one path, from the configuration"),
];

/// `use std::fs::File` names the type of a handle that host opened; opening one is watched by its own word.
const HANDLES: &[&str] = &["use std::fs::File;"];

/// Exceptions with their reasons: (file, word).
const EXCEPTIONS: &[(&str, &str)] = &[
    // npm and esbuild run while building, not in the product; cargo tells a build script its folders by environment.
    ("src/doors/build.rs", "std::process::Command"),
    ("src/doors/build.rs", "std::env::var"),
    ("src/plugins/build.rs", "std::process::Command"),
    ("src/plugins/build.rs", "std::env::var"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .collect()
}

/// The part before a file's unit tests, without comments.
fn product_lines(path: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    if path.to_string_lossy().contains("tests") {
        return Vec::new();
    }
    text.lines()
        .enumerate()
        .take_while(|(_, l)| l.trim() != "#[cfg(test)]")
        .map(|(n, l)| (n + 1, l.split("//").next().unwrap_or("").to_owned()))
        .collect()
}

#[test]
fn a_crate_lists_only_the_floors_below_it() {
    for (name, allowed) in FLOORS {
        let manifest = root().join("src").join(name).join("Cargo.toml");
        let table: toml::Table = std::fs::read_to_string(&manifest).unwrap().parse().unwrap();
        for dependency in table["dependencies"].as_table().unwrap().keys() {
            if let Some(ours) = dependency.strip_prefix("freehold-") {
                assert!(allowed.contains(&ours), "{name} must not use {ours}");
            }
        }
    }
}

#[test]
fn what_one_crate_does_no_other_does() {
    let mut breaches = Vec::new();
    for (name, _) in FLOORS {
        for path in sources(&root().join("src").join(name)) {
            let file = path.strip_prefix(root()).unwrap().display().to_string();
            for (number, line) in product_lines(&path) {
                for (word, owner, reason) in ONLY {
                    let opens =
                        *reason == FILES && (HANDLES.contains(&line.trim()) || OPENERS.iter().any(|(f, _)| *f == file));
                    if name != owner && line.contains(word) && !opens && !EXCEPTIONS.contains(&(file.as_str(), *word)) {
                        breaches.push(format!("{file}:{number}: {reason}"));
                    }
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn every_exception_is_still_one() {
    let holds = |file: &str, words: &[&str]| {
        let lines = product_lines(&root().join(file));
        words.iter().any(|word| lines.iter().any(|(_, line)| line.contains(word)))
    };
    let files: Vec<&str> = ONLY.iter().filter(|(.., reason)| *reason == FILES).map(|(word, ..)| *word).collect();
    for (file, reason) in OPENERS {
        assert!(holds(file, &files), "{file} opens nothing any more ({reason}): take it off the list");
    }
    for (file, word) in EXCEPTIONS {
        assert!(holds(file, &[word]), "{file} has no {word} any more: take it off the list");
    }
}

/// What starts another program, or could be handed a line for a shell (security rule A3).
const PROGRAMS: &[&str] =
    &["Command::new(", "\"sh\"", "\"bash\"", "\"/bin/", "\"cmd.exe\"", "libc::system", "execv", "popen"];
/// Where programs are started: (file, why).
const STARTERS: &[(&str, &str)] = &[
    ("src/doors/build.rs", "npm and esbuild run while building, with fixed arguments"),
    ("src/plugins/build.rs", "npm and node run while building, with fixed arguments"),
    ("src/host/helper.rs", "this very program, with a fixed word and no environment"),
    (
        "src/host/sandbox/program.rs",
        "programs of accounts: fixed lists of arguments; a customer's command is one argument, as data, of the \
         account's own shell inside the sandbox, and no shell of ours reads it",
    ),
];
/// Statements that are put together from parts, each looked at: (file, what the parts are).
const PUT_TOGETHER: &[(&str, &str)] = &[
    ("src/store/search.rs", "one of two constant orders"),
    ("src/store/handle.rs", "the name of an isolation, a constant"),
    ("src/store/conn.rs", "numbers of ours in PRAGMAs"),
    ("src/store/wal.rs", "numbers of ours in PRAGMAs"),
    ("src/store/testing.rs", "table names of the schema; for tests"),
];

/// The statement and those around it: from the call to the end of its line, and what `let sql = …` says above.
fn is_put_together(lines: &[(usize, String)], at: usize) -> bool {
    let parts = ["format!", "concat!", "push_str", " + ", ".join("];
    let call = &lines[at].1;
    let named = call.split("sql_query(").nth(1).and_then(|rest| rest.split([')', ',']).next()).unwrap_or("").trim();
    let made =
        lines[..at].iter().rev().take(30).find(|(_, l)| l.contains(&format!("let {}", named.trim_start_matches('&'))));
    parts.iter().any(|p| call.contains(p)) || made.is_some_and(|(_, line)| parts.iter().any(|p| line.contains(p)))
}

// rule: D3
#[test]
fn d03_no_row_of_the_database_can_go_into_a_template_as_it_is() {
    for path in sources(&root().join("src/store")) {
        for (number, line) in product_lines(&path) {
            assert!(!line.contains("Serialize"), "{}:{number}: views are made for their template", path.display());
        }
    }
}

// rule: A3
#[test]
fn a03_no_program_by_a_shell_and_no_statement_out_of_values() {
    let mut breaches = Vec::new();
    for path in sources(&root().join("src")) {
        let file = path.strip_prefix(root()).unwrap().display().to_string();
        let lines = product_lines(&path);
        for (at, (number, line)) in lines.iter().enumerate() {
            let starts = PROGRAMS.iter().any(|p| line.contains(p)) && !STARTERS.iter().any(|(f, _)| *f == file);
            let run = [".run(&format!", "batch_execute(&format!"].iter().any(|p| line.contains(p));
            let made = run || line.contains("sql_query(") && is_put_together(&lines, at);
            if starts {
                breaches.push(format!("{file}:{number}: starts a program: {line}"));
            }
            if made && !PUT_TOGETHER.iter().any(|(f, _)| *f == file) {
                breaches.push(format!("{file}:{number}: a statement put together from parts: {line}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    // The watch sees what it should.
    let text = |lines: &[&str]| lines.iter().enumerate().map(|(n, l)| (n, (*l).to_owned())).collect::<Vec<_>>();
    assert!(is_put_together(&text(&["let sql = format!(\"… {name}\");", "diesel::sql_query(sql)"]), 1));
    assert!(is_put_together(&text(&["sql_query(format!(\"…\"))"]), 0));
    assert!(!is_put_together(&text(&["let sql = \"SELECT 1\";", "diesel::sql_query(sql)"]), 1));
}

#[test]
fn a_module_uses_only_modules_that_stand_before_it() {
    let mut breaches = Vec::new();
    for (name, _) in FLOORS {
        let folder = root().join("src").join(name);
        let lib = std::fs::read_to_string(folder.join("lib.rs")).unwrap();
        let order: Vec<String> = lib
            .lines()
            .filter_map(|l| {
                let l = l.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
                l.strip_prefix("mod ").and_then(|l| l.strip_suffix(';')).map(str::to_owned)
            })
            .collect();
        for (place, module) in order.iter().enumerate() {
            let single = folder.join(format!("{module}.rs"));
            let files = if single.is_file() { vec![single] } else { sources(&folder.join(module)) };
            for path in files {
                for (number, line) in product_lines(&path) {
                    for later in &order[place + 1..] {
                        if line.contains(&format!("crate::{later}::")) {
                            breaches.push(format!(
                                "{}:{number}: {module} uses {later}, which stands after it",
                                path.display()
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn migrations_of_both_databases_have_the_same_names() {
    let names = |kind: &str| -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(root().join("migrations").join(kind))
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn every_package_name_of_a_floor_is_a_folder_with_a_word_about_itself() {
    for (name, _) in FLOORS {
        let lib = std::fs::read_to_string(root().join("src").join(name).join("lib.rs")).unwrap();
        assert!(lib.starts_with("//! Floor"), "src/{name}/lib.rs says first which floor it is");
    }
}
