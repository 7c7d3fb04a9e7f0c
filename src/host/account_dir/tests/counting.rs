//! The meter equals the disk, whatever failed in between.

use freehold_base::{Code, Error};

use super::*;

fn limited(bytes: u64, files: u64) -> Town {
    Town::with(Room { most_bytes: Some(bytes), most_files: Some(files), ..Room::default() })
}

// row: H006 H007
#[test]
fn an_account_takes_no_byte_and_no_name_more_than_it_may() {
    let town = limited(10, 4);
    town.puts("a", "1234567");
    let mut writer = town.home.create(&at("b"), Replace::No, 0o644).unwrap();
    writer.write(b"89").unwrap();
    let refused = writer.write(b"xx").unwrap_err();
    assert_eq!((refused.as_code(), refused.status()), (Code::QuotaExceeded, 507));
    assert!(refused.sentence().contains("9 bytes of 10 bytes are in use"), "{}", refused.sentence());
    drop(writer);
    assert_eq!(town.check_count(), Usage { bytes: 7, files: 1 });
    let file = town.home.open_write(&at("a"), WriteOptions::default()).unwrap();
    assert_eq!(file.write_at(5, b"xxxxxx").unwrap_err().as_code(), Code::QuotaExceeded);
    assert_eq!(file.set_len(11).unwrap_err().as_code(), Code::QuotaExceeded);
    file.write_at(5, b"xxxxx").unwrap();
    town.check_count();
    // A replaced file needs room for both until the new one stands; then the old one's room is free again.
    file.set_len(4).unwrap();
    town.puts("a", "123456");
    assert_eq!(town.check_count(), Usage { bytes: 6, files: 1 });
    for name in ["f1", "f2", "f3"] {
        town.home.make_folder(&at(name)).unwrap();
    }
    assert_eq!(town.home.make_folder(&at("f4")).unwrap_err().as_code(), Code::QuotaExceeded);
    assert_eq!(town.home.create(&at("f1/x"), Replace::No, 0o644).unwrap_err().as_code(), Code::QuotaExceeded);
    let new = WriteOptions { create: Create::New, ..WriteOptions::default() };
    assert_eq!(town.home.open_write(&at("x"), new).unwrap_err().as_code(), Code::QuotaExceeded);
    assert_eq!(town.check_count(), Usage { bytes: 6, files: 4 });
    town.home.remove_tree(&at("f1")).unwrap();
    town.home.make_folder(&at("f4")).unwrap();
    town.check_count();
}

#[test]
fn a_copy_that_meets_the_quota_leaves_nothing() {
    let town = limited(100, 20);
    town.home.make_folders(&at("a/b")).unwrap();
    for name in ["a/1", "a/2", "a/b/3"] {
        town.puts(name, "twenty bytes of text");
    }
    let before = town.check_count();
    let refused = town.home.copy_tree(&at("a"), &at("c"), &mut |_| Ok(())).unwrap_err();
    assert_eq!(refused.as_code(), Code::QuotaExceeded);
    assert_eq!(town.check_count(), before);
    assert!(!town.disk("c").exists());
    town.check_swept();
}

#[test]
fn many_hands_at_once_keep_the_count_exact() {
    let town = limited(1 << 20, 400);
    town.home.make_folder(&at("d")).unwrap();
    std::thread::scope(|scope| {
        for hand in 0..6_u64 {
            let home = town.home.clone();
            scope.spawn(move || {
                for turn in 0..150_u64 {
                    let name = |n: u64| at(&format!("d/{}", n % 5));
                    let text = vec![b'x'; ((hand * 31 + turn * 17) % 900) as usize];
                    let done: Result<(), Error> = match (hand + turn) % 6 {
                        0 => home.create(&name(turn), Replace::Yes, 0o644).and_then(|mut w| {
                            w.write(&text)?;
                            w.finish().map(drop)
                        }),
                        1 => home.remove_tree(&name(turn / 2)),
                        2 => home.rename(&name(turn), &name(turn + hand), Replace::Yes),
                        3 => home.copy_tree(&name(turn), &name(turn + 1), &mut |_| Ok(())),
                        4 => home
                            .open_write(
                                &name(turn),
                                WriteOptions { create: Create::IfMissing, truncate: turn % 3 == 0, mode: 0o644 },
                            )
                            .and_then(|file| file.append(&text).map(drop)),
                        _ => home
                            .open_write(&name(turn), WriteOptions::default())
                            .and_then(|file| file.set_len(hand * turn)),
                    };
                    if let Err(e) = done {
                        let ordinary = [Code::NotFound, Code::AlreadyExists, Code::WrongState, Code::QuotaExceeded];
                        assert!(ordinary.contains(&e.as_code()), "{e}");
                    }
                }
            });
        }
    });
    town.check_count();
    town.check_swept();
}

#[test]
fn what_a_crash_left_is_swept_when_the_account_is_opened_again() {
    let town = Town::new();
    town.puts("kept", "kept");
    let fresh = town.folder.path().join("accounts/7/run/new");
    std::fs::write(fresh.join("half"), "half a file").unwrap();
    std::fs::create_dir_all(fresh.join("tree/deep")).unwrap();
    std::fs::write(fresh.join("tree/deep/x"), "x").unwrap();
    town.counter.take(12, 4).unwrap();
    let mut held = town.home.create(&at("held"), Replace::No, 0o644).unwrap();
    let tree = town.home.begin_tree().unwrap();
    held.write(b"going on").unwrap();
    // Another process opens the account: what is held stays.
    let again = AccountDirs::new(
        &town.folder.path().join("accounts"),
        Reserve { percent: 0 },
        Arc::new(One(town.counter.clone())),
    );
    let again = again.open(AccountId(7)).unwrap();
    drop(again.create(&at("x"), Replace::No, 0o644).unwrap());
    assert_eq!(again.usage().unwrap(), Usage { bytes: 12, files: 3 });
    town.check_count();
    held.finish().unwrap();
    drop(tree);
    assert_eq!(town.check_count(), Usage { bytes: 12, files: 2 });
    town.check_swept();
}

#[test]
fn an_account_goes_whole_though_its_folders_are_shut_and_others_stay_open() {
    use std::os::unix::fs::PermissionsExt as _;
    if !crate::tests_as_nobody::as_nobody(concat!(
        "account_dir::tests::counting::",
        "an_account_goes_whole_though_its_folders_are_shut_and_others_stay_open"
    )) {
        return;
    }
    let town = Town::new();
    let shut = |path: &str, mode| {
        std::fs::set_permissions(town.disk(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    std::fs::create_dir_all(town.disk("a/b/c")).unwrap();
    std::fs::write(town.disk("a/b/c/file"), "x").unwrap();
    std::os::unix::fs::symlink("/", town.disk("a/link")).unwrap();
    for (path, mode) in [("a/b/c", 0), ("a/b", 0o500), ("a", 0), ("", 0)] {
        shut(path, mode);
    }
    town.dirs.remove(AccountId(7)).unwrap();
    let accounts = town.folder.path().join("accounts");
    assert_eq!(std::fs::read_dir(&accounts).unwrap().count(), 0, "nothing is left");
    // Who comes late does not make it again.
    assert_eq!(town.dirs.open_kept(AccountId(7)).err().unwrap().as_code(), Code::NotFound);
    assert_eq!(std::fs::read_dir(&accounts).unwrap().count(), 0);
    // Beside what an earlier attempt left.
    std::fs::create_dir_all(accounts.join("7/home")).unwrap();
    std::fs::create_dir_all(accounts.join("gone-7/home/x")).unwrap();
    town.dirs.remove(AccountId(7)).unwrap();
    assert_eq!(std::fs::read_dir(&accounts).unwrap().count(), 0);
    town.dirs.remove(AccountId(7)).unwrap();
}

#[test]
fn homes_that_were_looked_at_do_not_stay_open_without_end() {
    let town = Town::new();
    for account in 100..100 + 3 * KEPT as i64 {
        town.dirs.open_kept(AccountId(account)).unwrap();
    }
    let open = town.dirs.0.open.lock().unwrap();
    let held = open.values().filter(|cell| cell.lock().unwrap().strong_count() > 0).count();
    assert_eq!(held, KEPT + 1, "the last ones, and the one that is in hand");
}

#[test]
fn what_is_shut_or_deeper_than_a_path_can_say_is_counted_all_the_same() {
    use std::os::unix::fs::PermissionsExt as _;
    let town = Town::new();
    let fast = town.home.unsynced();
    let deep = vec!["d".repeat(200); 18].join("/"); // 3,617 bytes
    fast.make_folders(&at(&format!("one/{deep}"))).unwrap();
    fast.make_folders(&at(&format!("two/{deep}"))).unwrap();
    town.puts(&format!("two/{deep}/leaf"), "leaf");
    fast.rename(&at("two"), &at(&format!("one/{deep}/two")), Replace::No).unwrap();
    town.check_count();
    // A folder that nobody may enter, in one that may be entered and not read.
    fast.make_folders(&at("shut/inner")).unwrap();
    town.puts("shut/inner/x", "12345");
    let mode = |path: &str| std::fs::metadata(town.disk(path)).unwrap().permissions().mode() & 0o777;
    fast.set_mode(&at("shut/inner"), 0o000).unwrap();
    fast.set_mode(&at("shut"), 0o311).unwrap();
    let all = town.check_count();
    assert_eq!((all.bytes, all.files), (9, 19 + 19 + 1 + 3));
    assert_eq!(town.home.usage_of(&at("shut")).unwrap(), Usage { bytes: 5, files: 2 });
    assert_eq!((mode("shut"), mode("shut/inner")), (0o311, 0o000), "shut again");
}

#[test]
fn what_two_programs_append_at_once_is_all_there() {
    let town = Town::new();
    town.puts("log", "");
    std::thread::scope(|all| {
        for letter in [b'a', b'b', b'c', b'd'] {
            let file = town.home.open_write(&at("log"), WriteOptions::default()).unwrap();
            all.spawn(move || (0..200).for_each(|_| assert!(file.append(&[letter; 10]).is_ok())));
        }
    });
    assert_eq!(town.reads("log").len(), 8000);
    town.check_count();
}
