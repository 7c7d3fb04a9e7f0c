//! Folders, names, copies, permissions, search: each with its line in the audit log.

use std::sync::atomic::{AtomicUsize, Ordering};

use freehold_host::account_dir::Replace;
use freehold_hosting::files::{Clash, Fault, Query};

use crate::support::*;

// row: H077
#[test]
fn h077_files_are_made_moved_copied_and_every_act_is_in_the_log() {
    for town in towns() {
        let desk = town.desk();
        desk.new_folder(&at("harbour.blog/public")).unwrap();
        desk.new_file(&at("harbour.blog/public/index.html")).unwrap();
        assert_eq!(refusal(desk.new_folder(&at("harbour.blog"))), "already_exists");
        assert_eq!(refusal(desk.new_file(&at("harbour.blog/public"))), "already_exists");
        assert_eq!(refusal(desk.new_file(&at("missing/x"))), "not_found");
        let page = desk.rename(&at("harbour.blog/public/index.html"), "home.html").unwrap();
        assert_eq!(page, at("harbour.blog/public/home.html"));
        assert_eq!(refusal(desk.rename(&page, "a/b")), "malformed");
        assert_eq!(refusal(desk.rename(&page, "..")), "malformed");
        let copies = desk.copy_into(std::slice::from_ref(&page), &at("harbour.blog/public"), Clash::KeepBoth).unwrap();
        assert_eq!(copies, [at("harbour.blog/public/home (2).html")]);
        assert_eq!(
            refusal(desk.copy_into(std::slice::from_ref(&page), &at("harbour.blog/public"), Clash::Refuse)),
            "already_exists"
        );
        desk.copy_into(&[at("harbour.blog")], &at(""), Clash::KeepBoth).unwrap();
        assert_eq!(town.names(""), ["harbour (2).blog", "harbour.blog"]);
        desk.move_into(std::slice::from_ref(&page), &at("harbour (2).blog/public"), Clash::Replace).unwrap();
        assert_eq!(town.names("harbour.blog/public"), ["home (2).html"]);
        desk.set_mode(&at("harbour (2).blog/public/home.html"), 0o600).unwrap();
        assert_eq!(refusal(desk.set_mode(&page, 0o4755)), "not_allowed");
        town.check_count();
        town.check_swept();
        let log = town.audit();
        for line in [
            "file.new_folder /harbour.blog/public",
            "file.new /harbour.blog/public/index.html",
            "file.rename /harbour.blog/public/index.html",
            "file.copy /harbour.blog/public/home.html",
            "file.move /harbour.blog/public/home.html",
            "file.permissions /harbour (2).blog/public/home.html",
            "file.refused /missing/x",
        ] {
            assert!(log.iter().any(|row| row == line), "{line} is not in {log:?}");
        }
    }
}

// row: H081
#[test]
fn h081_search_finds_names_and_lines_and_passes_over_other_peoples_code() {
    let town = town();
    town.puts("site/About.html", b"first\nThe Harbour opens\nlast harbour\n");
    town.puts("site/node_modules/harbour.js", b"harbour");
    town.puts("site/harbour.bin", b"harbour\0");
    let find = |in_names, in_contents, match_case, everywhere| {
        let query = Query { text: "harbour".into(), in_names, in_contents, match_case, everywhere };
        let found = town.desk().search(&at(""), &query).unwrap();
        assert!(found.is_complete);
        let show = |hit: &freehold_hosting::files::Hit| match hit.line {
            Some(line) => format!("{}:{line}:{}", hit.path, hit.text),
            None => hit.path.to_string(),
        };
        found.hits.iter().map(show).collect::<Vec<_>>()
    };
    assert_eq!(find(true, false, false, false), ["site/harbour.bin"]);
    assert_eq!(
        find(false, true, false, false),
        ["site/About.html:2:The Harbour opens", "site/About.html:3:last harbour"]
    );
    assert_eq!(find(false, true, true, false), ["site/About.html:3:last harbour"]);
    assert_eq!(find(true, true, true, true).len(), 4);
    assert_eq!(refusal(town.desk().search(&at(""), &Query::default())), "required");
}

// row: H089
#[test]
fn h089_the_doctor_finds_what_is_open_or_shut_and_repairs_it() {
    let town = town();
    for (path, mode) in [
        ("a.txt", 0o666),
        (".env", 0o644),
        ("dump.sql", 0o640),
        ("shut.txt", 0o000),
        ("fine.txt", 0o644),
        ("lib.php", 0o644),
        ("wp-config.php", 0o644),
    ] {
        town.puts(path, b"x");
        town.desk().set_mode(&at(path), mode).unwrap();
    }
    town.desk().new_folder(&at("open")).unwrap();
    town.desk().set_mode(&at("open"), 0o777).unwrap();
    let found = town.desk().check_permissions(&at("")).unwrap();
    let seen: Vec<_> = found.iter().map(|f| (f.path.to_string(), f.fault, f.repaired)).collect();
    assert_eq!(
        seen,
        [
            (".env".to_owned(), Fault::OpenSecret, 0o600),
            ("a.txt".to_owned(), Fault::WorldWritable, 0o644),
            ("dump.sql".to_owned(), Fault::OpenSecret, 0o600),
            ("open".to_owned(), Fault::WorldWritable, 0o755),
            ("shut.txt".to_owned(), Fault::Shut, 0o600),
            ("wp-config.php".to_owned(), Fault::OpenSecret, 0o600),
        ]
    );
    let paths: Vec<_> = found.into_iter().map(|f| f.path).collect();
    assert_eq!(town.desk().repair_permissions(&paths).unwrap(), 6);
    assert_eq!(town.desk().check_permissions(&at("")).unwrap(), []);
    assert_eq!(town.desk().repair_permissions(&paths).unwrap(), 0);
}

// row: H007
#[test]
fn h007_the_largest_folders_are_seen_and_names_are_counted() {
    let town = town();
    town.puts("big/deep/film.bin", &[0; 5000]);
    town.puts("small/a.txt", b"a");
    town.puts("small/b.txt", b"b");
    let largest = town.desk().largest(false).unwrap();
    let seen: Vec<_> = largest.folders.iter().map(|f| (f.path.to_string(), f.bytes, f.files)).collect();
    assert_eq!(seen, [("big".to_owned(), 5000, 2), ("big/deep".to_owned(), 5000, 1), ("small".to_owned(), 2, 2)]);
    town.puts("new/x", b"x");
    assert_eq!(town.desk().largest(false).unwrap(), largest, "kept until somebody wants it fresh");
    assert_eq!(town.desk().largest(true).unwrap().folders.len(), 4);
    let (bytes, names) = town.check_count();
    town.allows(bytes + 10, names + 1);
    town.puts("last", b"x");
    assert_eq!(refusal(town.desk().new_folder(&at("one-more"))), "quota_exceeded");
    town.check_count();
}

// row: H007
#[test]
fn h007_folders_that_cannot_be_read_are_said_not_to_be_counted() {
    let town = town();
    town.puts("open/film.bin", &[0; 5000]);
    // Two trees, one put into the other from outside: no path is long enough for what lies at its end.
    let long = [vec!["n".repeat(250); 9].join("/"), vec!["m".repeat(250); 9].join("/")];
    for (top, below) in ["deep", "deeper"].iter().zip(&long) {
        std::fs::create_dir_all(town.disk(top).join(below)).unwrap();
    }
    std::fs::write(town.disk("deeper").join(&long[1]).join("film.bin"), [0; 7000]).unwrap();
    std::fs::rename(town.disk("deeper"), town.disk("deep").join(&long[0]).join("deeper")).unwrap();
    let largest = town.desk().largest(true).unwrap();
    let of = |path: &str| largest.folders.iter().find(|f| f.path == at(path)).map(|f| (f.bytes, f.is_whole));
    assert_eq!(of("open"), Some((5000, true)));
    assert_eq!(of("deep"), Some((0, false)), "there is more than it says");
    assert_eq!(largest.folders.iter().filter(|f| f.is_whole).count(), 1);
    assert!(largest.folders.len() > 4, "each folder above it says so");
}

// row: H006
#[test]
fn h006_a_count_anew_among_changes_loses_none_of_them() {
    let town = town();
    town.puts("a.txt", b"12345");
    let home = town.files.dirs().open(town.account).unwrap();
    let busy = AtomicUsize::new(3);
    std::thread::scope(|scope| {
        for n in 0..3 {
            let (home, busy) = (home.clone(), &busy);
            scope.spawn(move || {
                for turn in 0..150 {
                    let (folder, file) = (at(&format!("f{n}-{turn}")), at(&format!("{n}.txt")));
                    home.make_folder(&folder).unwrap();
                    let mut writer = home.create(&file, Replace::Yes, 0o644).unwrap();
                    writer.write(&vec![7; turn]).unwrap();
                    writer.finish().unwrap();
                    if turn % 2 == 0 {
                        home.remove_tree(&folder).unwrap();
                    }
                }
                busy.fetch_sub(1, Ordering::SeqCst);
            });
        }
        while busy.load(Ordering::SeqCst) > 0 {
            town.files.recount(town.account).unwrap();
        }
    });
    town.check_count();
    assert!(town.files.recount(town.account).unwrap(), "at rest it is set");
    town.check_count();
}

// row: H006
#[test]
fn h006_what_an_account_holds_is_kept_over_a_stop_and_looked_up_after_a_crash() {
    for town in towns() {
        town.puts("a.txt", b"12345");
        let held = town.check_count();
        town.files.close().unwrap();
        std::fs::write(town.disk("behind-our-back"), "xyz").unwrap();
        let town = town.starts_again();
        let room = town.desk().room().unwrap();
        assert_eq!((room.used_bytes, room.used_files), held, "what was written down is believed after a stop");
        let town = town.starts_again();
        assert_eq!(town.check_count(), (8, held.1 + 1), "after a crash the disk is asked");
        std::fs::write(town.disk("again"), "xy").unwrap();
        assert!(town.files.recount(town.account).unwrap());
        assert_eq!(town.check_count().0, 10);
    }
}

// row: H077
#[test]
fn h077_a_small_picture_pushes_out_the_one_before_it_and_does_not_count() {
    use freehold_host::account_dir::Metadata;
    use freehold_hosting::files::Small;
    let town = town();
    town.puts("a.png", b"a picture");
    let desk = town.desk();
    let about = desk.metadata(&at("a.png")).unwrap();
    let before = town.check_count();
    desk.keep_small(&about, b"small").unwrap();
    assert!(matches!(desk.small(&at("a.png")).unwrap(), Small::Kept(bytes) if bytes == b"small"));
    // Another file whose copy has the same slot.
    let slot = |of: &Metadata| freehold_base::secret::token_hash(&of.etag())[..3].to_owned();
    let other = (1..).map(|inode| Metadata { inode, ..about }).find(|other| slot(other) == slot(&about)).unwrap();
    desk.keep_small(&other, b"other").unwrap();
    assert!(matches!(desk.small(&at("a.png")).unwrap(), Small::Whole(_)));
    desk.keep_small(&about, &vec![0; 100_000]).unwrap();
    assert!(matches!(desk.small(&at("a.png")).unwrap(), Small::Whole(_)), "large ones are not kept");
    assert_eq!(town.check_count(), before);
    town.files.remove_account(town.account).unwrap();
    assert!(!town.folder.path().join("accounts").join(town.account.to_string()).exists());
}
