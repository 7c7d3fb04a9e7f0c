//! Starts that must fail: the program says what is wrong and what to do next, and touches nothing.

use std::net::TcpListener;

use freehold_base::Clock;
use freehold_base::config::Config;

use crate::node::{Browser, Launch};

/// It ends with code 1 and says all of these.
fn fails(launch: &Launch, says: &[&str]) {
    let (code, said) = launch.refused();
    assert_eq!(code, 1, "{said}");
    for words in says {
        assert!(said.contains(words), "\u{201c}{words}\u{201d} is not in: {said}");
    }
    assert!(!said.contains("panicked") && !said.contains("RUST_BACKTRACE"), "{said}");
}

fn with_config(text: &str) -> Launch {
    let launch = Launch::new("");
    let file = launch.data().join("config.toml");
    std::fs::write(&file, text).unwrap();
    launch.arg("--config").arg(file.to_str().unwrap())
}

#[test]
fn a_wrong_configuration_is_named_with_file_line_and_the_nearest_name() {
    fails(&with_config("\n[password]\nbcrypt_cots = 4\n"), &["config.toml", "line 3", "bcrypt_cots", "bcrypt_cost"]);
    fails(&with_config("log = [\n"), &["config.toml", "line"]);
    fails(&with_config("[limits]\nupload_mb = \"much\"\n"), &["config.toml", "line 2"]);
    fails(&Launch::new("").arg("--config").arg("/nowhere/config.toml"), &["/nowhere/config.toml"]);
    fails(&Launch::new("").env("FREEHOLD__PASSWORD__BCRYPT_COST", "99"), &["bcrypt_cost", "4", "15"]);
    fails(&Launch::new("").env("FREEHOLD__NOTHING__HERE", "1"), &["nothing"]);
}

#[test]
fn a_database_of_a_newer_release_is_left_alone() {
    for launch in Launch::all() {
        let config = Config {
            data: launch.data().to_owned(),
            database_url: launch.database_url().to_owned(),
            ..Config::default()
        };
        let base = freehold::open(config, Clock::system()).unwrap();
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
        freehold_store::testing::execute(&base.store, newer).unwrap();
        drop(base);
        fails(&launch, &["newer Freehold", "Start that version"]);
    }
}

#[test]
fn a_port_in_use_names_the_option() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    fails(&Launch::new("").listen(&address), &[&address, "--listen"]);
}

#[test]
fn an_unusable_data_folder_names_the_option() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plain-file");
    std::fs::write(&file, "x").unwrap();
    fails(&Launch::new("").at(&file), &["plain-file", "--data"]);
    fails(&Launch::new("").at(&file.join("below")), &["plain-file", "--data"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "x");
}

#[test]
fn two_nodes_on_one_folder_and_a_server_that_does_not_answer() {
    let launch = Launch::new("");
    let _running = launch.start();
    fails(&launch, &["another Freehold runs on", "--data"]);
    fails(&Launch::new("postgres://nobody@127.0.0.1:1/none"), &["database_url", "does not answer"]);
}

#[test]
fn a_lost_key_of_a_claimed_server_is_not_replaced_in_silence() {
    let launch = Launch::new("");
    let node = launch.start();
    Browser::of(&node).set_up(&node);
    drop(node);
    let key = launch.data().join("key");
    std::fs::remove_file(&key).unwrap();
    fails(&launch, &["key"]);
    assert!(!key.exists());
}
