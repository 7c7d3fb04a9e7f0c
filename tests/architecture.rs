//! The floors of the house, read from the sources: which crate may use which, and what only one of them may do.
//! A breach fails with the file and the line.

use std::path::{Path, PathBuf};

/// Crates and what they may use of ours (design of the floors).
const FLOORS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("store", &["base"]),
    ("host", &["base"]),
    ("platform", &["base", "store", "host"]),
    ("publishing", &["base", "store", "host", "platform"]),
    ("doors", &["base", "store", "host", "platform", "publishing"]),
];

/// Words that stand in one crate only: (word in a source line, crate, reason).
const ONLY: &[(&str, &str, &str)] = &[
    ("diesel::", "store", "only store knows diesel"),
    ("actix_web", "doors", "only doors know HTTP"),
    ("std::process::Command", "host", "only host starts programs"),
    ("reqwest::", "host", "only host opens outgoing connections"),
    ("std::env::var", "base", "only base::config reads the environment"),
    ("SystemTime::now", "base", "only base::clock reads the time"),
    ("Utc::now", "base", "only base::clock reads the time"),
];

/// Exceptions with their reasons: (file, word).
const EXCEPTIONS: &[(&str, &str)] = &[
    // npm and esbuild run while building, not in the product; cargo tells a build script its folders by environment.
    ("src/doors/build.rs", "std::process::Command"),
    ("src/doors/build.rs", "std::env::var"),
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
                    if name != owner && line.contains(word) && !EXCEPTIONS.contains(&(file.as_str(), *word)) {
                        breaches.push(format!("{file}:{number}: {reason}"));
                    }
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
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
