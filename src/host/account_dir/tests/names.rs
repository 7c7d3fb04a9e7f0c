//! Files and folders by their names: made, listed, moved, copied, deleted.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use freehold_base::{Code, Timestamp};

use super::*;

#[test]
fn the_folders_of_an_account_are_its_owners_only() {
    let town = Town::new();
    for part in ["", "home", "trash", "versions", "run"] {
        let about = std::fs::metadata(town.folder.path().join("accounts/7").join(part)).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o700, "{part}");
    }
}

#[test]
fn a_file_appears_whole_with_its_mode_and_is_replaced_in_one_step() {
    let town = Town::new();
    town.home.make_folders(&at("a/b")).unwrap();
    let first = town.puts("a/b/page.txt", "one");
    let mut second = town.home.create(&at("a/b/page.txt"), Replace::Yes, 0o600).unwrap();
    second.write(b"second").unwrap();
    assert_eq!(town.reads("a/b/page.txt"), "one");
    let second = second.finish().unwrap();
    assert_eq!(town.reads("a/b/page.txt"), "second");
    assert_eq!((second.bytes, second.mode), (6, 0o600));
    assert_ne!(first.etag(), second.etag());
    assert_eq!(town.home.metadata(&at("a/b/page.txt"), Links::Refuse).unwrap(), second);
    let refused = |path: &str, replace| town.home.create(&at(path), replace, 0o644).unwrap_err().as_code();
    assert_eq!(refused("a/b/page.txt", Replace::No), Code::AlreadyExists);
    assert_eq!(refused("a/b", Replace::Yes), Code::WrongState);
    assert_eq!(refused("missing/x", Replace::No), Code::NotFound);
    assert_eq!(refused("a/b/page.txt/x", Replace::No), Code::NotFound);
    town.check_count();
    town.check_swept();
}

#[test]
fn a_file_that_somebody_else_saved_meanwhile_is_not_replaced() {
    let town = Town::new();
    let seen = town.puts("x", "one");
    let save = |known: Option<Metadata>, text: &str| {
        let mut writer = town.home.create(&at("x"), Replace::Only(known), 0o644).unwrap();
        writer.write(text.as_bytes()).unwrap();
        writer.finish().map_err(|e| e.as_code())
    };
    let (mine, theirs) =
        (town.home.create(&at("x"), Replace::Only(Some(seen)), 0o644).unwrap(), save(Some(seen), "two"));
    assert!(theirs.is_ok());
    assert_eq!(mine.finish().unwrap_err().as_code(), Code::VersionConflict);
    assert_eq!(save(None, "three"), Err(Code::VersionConflict));
    assert_eq!(save(Some(seen), "three"), Err(Code::VersionConflict));
    assert_eq!(town.reads("x"), "two");
    town.check_count();
    town.check_swept();
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing() {
    let town = Town::new();
    let mut writer = town.home.create(&at("x"), Replace::No, 0o644).unwrap();
    writer.write(b"half").unwrap();
    town.check_count();
    drop(writer);
    assert!(!town.disk("x").exists());
    assert_eq!(town.check_count(), Usage::default());
    town.check_swept();
}

#[test]
fn a_file_is_written_at_offsets_and_goes_on_later() {
    let town = Town::new();
    let options = WriteOptions { create: Create::IfMissing, ..WriteOptions::default() };
    let file = town.home.open_write(&at("big"), options).unwrap();
    file.write_at(4, b"5678").unwrap();
    file.write_at(0, b"1234").unwrap();
    town.check_count();
    drop(file);
    let file = town.home.open_write(&at("big"), options).unwrap();
    assert_eq!(file.append(b"9").unwrap(), 8);
    let mut bytes = [0; 16];
    assert_eq!(file.read_at(2, &mut bytes).unwrap(), 7);
    assert_eq!(&bytes[..7], b"3456789");
    file.set_len(3).unwrap();
    town.check_count();
    file.set_len(5).unwrap();
    file.set_times(Timestamp(1_700_000_000_123)).unwrap();
    file.sync().unwrap();
    assert_eq!(file.metadata().unwrap().modified, Timestamp(1_700_000_000_123));
    assert_eq!(town.reads("big"), "123\0\0");
    town.check_count();
    let new = WriteOptions { create: Create::New, ..options };
    assert_eq!(town.home.open_write(&at("big"), new).unwrap_err().as_code(), Code::AlreadyExists);
    let emptied = WriteOptions { truncate: true, ..WriteOptions::default() };
    town.home.open_write(&at("big"), emptied).unwrap();
    assert_eq!(town.check_count(), Usage { bytes: 0, files: 1 });
    assert_eq!(town.home.open_write(&at("none"), emptied).unwrap_err().as_code(), Code::NotFound);
    town.home.remove_file(&at("big")).unwrap();
    assert_eq!(file.write_at(0, b"late").unwrap_err().as_code(), Code::NotFound);
    assert_eq!(town.check_count(), Usage::default());
}

#[test]
fn names_are_moved_and_nothing_is_replaced_unasked() {
    let town = Town::new();
    town.home.make_folders(&at("a/deep")).unwrap();
    town.home.make_folder(&at("b")).unwrap();
    town.puts("a/x", "xx");
    town.puts("y", "yyy");
    let rename = |from: &str, to: &str, replace| town.home.rename(&at(from), &at(to), replace).map_err(|e| e.as_code());
    assert_eq!(rename("a/x", "y", Replace::No), Err(Code::AlreadyExists));
    assert_eq!(rename("a", "a/deep/a", Replace::No), Err(Code::WrongState));
    assert_eq!(rename("a", "b", Replace::No), Err(Code::AlreadyExists));
    assert_eq!(rename("b", "a", Replace::Yes), Err(Code::WrongState), "a is not empty");
    assert_eq!(rename("none", "z", Replace::No), Err(Code::NotFound));
    assert_eq!(rename("", "z", Replace::No), Err(Code::WrongState));
    assert_eq!(rename("y", "", Replace::No), Err(Code::WrongState));
    assert_eq!(rename("y", "y", Replace::No), Ok(()));
    town.check_count();
    rename("a/x", "y", Replace::Yes).unwrap();
    assert_eq!(town.reads("y"), "xx");
    rename("a", "b", Replace::Yes).unwrap();
    assert!(town.disk("b/deep").is_dir() && !town.disk("a").exists());
    assert_eq!(town.check_count(), Usage { bytes: 2, files: 3 });
    let trash = town.home.part(Part::Trash);
    town.home.move_to(&at("b"), &trash, &at("17"), Replace::No).unwrap();
    assert!(!town.disk("b").exists() && town.folder.path().join("accounts/7/trash/17/deep").is_dir());
    town.check_count();
    let other = town.dirs.open(AccountId(8)).unwrap();
    assert!(town.home.move_to(&at("y"), &other, &at("y"), Replace::No).is_err(), "never into another account");
}

#[test]
fn a_tree_is_deleted_however_deep_and_shut() {
    let town = Town::new();
    let deep = vec!["d"; 600].join("/");
    town.home.unsynced().make_folders(&at(&format!("tree/{deep}"))).unwrap();
    town.puts(&format!("tree/{deep}/leaf"), "leaf");
    town.puts("tree/file", "file");
    town.home.make_folder(&at("tree/shut")).unwrap();
    town.puts("tree/shut/inside", "x");
    town.home.set_mode(&at("tree/shut"), 0o000).unwrap();
    let refused = |path: &str| town.home.remove_empty_folder(&at(path)).unwrap_err().as_code();
    assert_eq!((refused("tree"), refused("tree/file")), (Code::WrongState, Code::WrongState));
    assert_eq!(town.home.remove_file(&at("tree")).unwrap_err().as_code(), Code::WrongState);
    town.home.remove_tree(&at("tree")).unwrap();
    assert_eq!(town.check_count(), Usage::default());
    town.check_swept();
    assert_eq!(town.home.remove_tree(&at("tree")).unwrap_err().as_code(), Code::NotFound);
    assert_eq!(town.home.remove_tree(&at("")).unwrap_err().as_code(), Code::WrongState);
}

#[test]
fn a_copy_is_whole_or_not_there() {
    let town = Town::new();
    town.home.make_folders(&at("site/css")).unwrap();
    town.puts("site/index.html", "hello");
    town.puts("site/css/a.css", "body{}");
    town.home.set_mode(&at("site/index.html"), 0o640).unwrap();
    town.home.set_mode(&at("site/css"), 0o700).unwrap();
    std::os::unix::fs::symlink("index.html", town.disk("site/link")).unwrap();
    town.counter.take(0, 1).unwrap(); // the link came from outside
    std::fs::write(town.disk("site").join(OsStr::from_bytes(b"caf\xE9")), "1").unwrap();
    town.counter.take(1, 1).unwrap();
    let mut seen = 0;
    let copy = |from: &str, to: &str, seen: &mut u64, stop: bool| {
        town.home.copy_tree(&at(from), &at(to), &mut |bytes| {
            *seen += bytes;
            if stop { Err(Error::code(Code::Busy)) } else { Ok(()) }
        })
    };
    copy("site", "copy", &mut seen, false).unwrap();
    assert_eq!(town.home.metadata(&at("copy/css"), Links::Refuse).unwrap().mode, 0o700, "closed stays closed");
    assert_eq!(town.home.set_mode(&at(""), 0o777).unwrap_err().as_code(), Code::WrongState, "the home is ours");
    assert_eq!(seen, 12);
    assert_eq!((town.reads("copy/index.html"), town.reads("copy/css/a.css")), ("hello".into(), "body{}".into()));
    assert_eq!(std::fs::metadata(town.disk("copy/index.html")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(town.disk("copy").join(OsStr::from_bytes(b"caf\xE9")).exists() && !town.disk("copy/link").exists());
    let before = town.check_count();
    assert_eq!(copy("site", "stopped", &mut seen, true).unwrap_err().as_code(), Code::Busy);
    assert_eq!(copy("site", "copy", &mut seen, false).unwrap_err().as_code(), Code::AlreadyExists);
    assert_eq!(copy("site", "site/css/in", &mut seen, false).unwrap_err().as_code(), Code::WrongState);
    assert_eq!(copy("site/link", "l", &mut seen, false).unwrap_err().as_code(), Code::WrongState);
    assert_eq!(town.check_count(), before);
    town.check_swept();
    copy("site/index.html", "one.html", &mut seen, false).unwrap();
    assert_eq!(town.reads("one.html"), "hello");
    town.check_count();
}

#[test]
fn a_copy_lacks_nothing_and_is_as_closed_as_what_was_copied() {
    if !crate::tests_as_nobody::as_nobody(concat!(
        "account_dir::tests::names::",
        "a_copy_lacks_nothing_and_is_as_closed_as_what_was_copied"
    )) {
        return;
    }
    let town = Town::new();
    let home = &town.home;
    home.make_folders(&at("site/own/in")).unwrap();
    town.puts("site/own/in/a.txt", "a");
    town.puts("there", "stays");
    let copy = |from: &str, to: &str| home.copy_to(&at(from), (home, &at(to)), Replace::All, &mut |_| Ok(()));
    home.set_mode(&at("site/own"), 0o700).unwrap();
    copy("site/own", "own").unwrap();
    assert_eq!(home.metadata(&at("own"), Links::Refuse).unwrap().mode, 0o700);
    home.set_mode(&at("site/own/in"), 0).unwrap();
    let before = town.check_count();
    let refused = copy("site", "there").unwrap_err();
    assert_eq!(refused.as_code(), Code::WrongState);
    assert!(refused.to_string().contains("/site/own/in"), "{refused}");
    assert_eq!((town.reads("there"), town.check_count()), ("stays".into(), before));
    town.check_swept();
}

#[test]
fn whatever_stands_there_is_replaced_in_one_step_and_stays_where_that_cannot_be() {
    // Root needs no rights on a folder.
    if !crate::tests_as_nobody::as_nobody(concat!(
        "account_dir::tests::names::",
        "whatever_stands_there_is_replaced_in_one_step_and_stays_where_that_cannot_be"
    )) {
        return;
    }
    let town = Town::new();
    let home = &town.home;
    let fill = |folder: &str, text: &str| {
        home.make_folders(&at(&format!("{folder}/in"))).unwrap();
        town.puts(&format!("{folder}/in/x"), text);
        town.puts(&format!("{folder}/{text}"), text);
    };
    let carried = |from: &str, to: &str| home.rename(&at(from), &at(to), Replace::All).map_err(|e| e.as_code());
    let copied = |from: &str, to: &str, stop: bool| {
        home.copy_to(&at(from), (home, &at(to)), Replace::All, &mut |_| match stop {
            true => Err(Error::code(Code::Busy)),
            false => Ok(()),
        })
        .map_err(|e| e.as_code())
    };
    let names = |folder: &str| {
        home.list(&at(folder), &ListOptions::default()).unwrap().entries.into_iter().map(|e| e.name).collect::<Vec<_>>()
    };
    fill("old", "older");
    fill("new", "newer");
    home.set_mode(&at("old"), 0o500).unwrap(); // closed to changes, and gone all the same
    assert_eq!(copied("new", "old", true), Err(Code::Busy));
    assert_eq!(carried("none", "old"), Err(Code::NotFound));
    assert_eq!((names("old"), town.reads("old/in/x")), (vec!["in".into(), "older".into()], "older".into()));
    assert_eq!((carried("new/in", "new"), carried("new", "new/in/n")), (Err(Code::WrongState), Err(Code::WrongState)));
    assert_eq!(names("new"), ["in", "newer"]);
    copied("new", "old", false).unwrap();
    assert_eq!((names("old"), town.reads("old/in/x")), (vec!["in".into(), "newer".into()], "newer".into()));
    assert_eq!(town.check_count(), Usage { bytes: 20, files: 8 });
    fill("third", "third");
    home.set_mode(&at("old"), 0o500).unwrap();
    carried("third", "old").unwrap();
    assert_eq!((names(""), names("old")), (vec!["new".into(), "old".into()], vec!["in".into(), "third".into()]));
    // A file in place of a folder, and a folder in place of a file.
    copied("new/newer", "old", false).unwrap();
    assert_eq!(town.reads("old"), "newer");
    copied("new", "old", false).unwrap();
    carried("old/newer", "new").unwrap();
    carried("old", "new").unwrap();
    assert_eq!((names(""), names("new")), (vec!["new".to_owned()], vec!["in".to_owned()]));
    carried("new", "free").unwrap();
    assert_eq!(town.check_count(), Usage { bytes: 5, files: 3 });
    town.check_swept();
}

#[test]
fn a_list_has_folders_first_and_numbers_in_their_order() {
    let town = Town::new();
    for folder in ["Zoo", "apple"] {
        town.home.make_folder(&at(folder)).unwrap();
    }
    for (name, text) in [("img10.png", "1"), ("img9.png", "333"), ("Img1.png", "22"), (".env", "x"), ("b.txt", "")] {
        town.puts(name, text);
    }
    let names = |options: ListOptions| {
        let list = town.home.list(&at(""), &options).unwrap();
        (list.entries.into_iter().map(|e| e.name).collect::<Vec<_>>().join(" "), list.total)
    };
    let all = || ListOptions { hidden: false, ..ListOptions::default() };
    assert_eq!(names(all()), ("apple Zoo b.txt Img1.png img9.png img10.png".into(), 6));
    assert_eq!(names(ListOptions { descending: true, ..all() }).0, "Zoo apple img10.png img9.png Img1.png b.txt");
    assert_eq!(names(ListOptions { skip: 1, take: 2, ..all() }), ("Zoo b.txt".into(), 6));
    assert_eq!(names(ListOptions { sort: Sort::Type, ..all() }).0, "apple Zoo Img1.png img9.png img10.png b.txt");
    let by_size = ListOptions { sort: Sort::Size, descending: true, containing: Some("IMG".into()), ..all() };
    assert_eq!(names(by_size), ("img9.png Img1.png img10.png".into(), 3));
    assert_eq!(names(ListOptions::default()).1, 7);
    town.home.set_times(&at("b.txt"), Timestamp(1000)).unwrap();
    let by_time = ListOptions { sort: Sort::Modified, containing: Some(".".into()), take: 1, ..all() };
    assert_eq!(names(by_time).0, "b.txt");
    assert_eq!(town.home.list(&at("b.txt"), &all()).unwrap_err().as_code(), Code::NotFound);
}

#[test]
fn names_of_any_bytes_and_any_length_are_shown_renamed_and_deleted() {
    let town = Town::new();
    for name in [&b"caf\xE9"[..], b"line\nbreak", b"\xFF"] {
        std::fs::write(town.disk("").join(OsStr::from_bytes(name)), "x").unwrap();
        town.counter.take(1, 1).unwrap();
    }
    let list = town.home.list(&at(""), &ListOptions::default()).unwrap();
    assert_eq!(list.total, 3);
    for (number, entry) in list.entries.iter().enumerate() {
        let path = at(&entry.name);
        assert_eq!(town.home.open_read(&path, Links::Refuse).unwrap().metadata.bytes, 1);
        assert!(town.home.create(&path, Replace::Yes, 0o644).unwrap().finish().is_ok(), "what is there is saved");
        town.home.rename(&path, &at(&format!("file {number}")), Replace::No).unwrap();
    }
    town.check_count();
    let strange = JailPath::root().join_disk(b"\xFE").unwrap();
    assert_eq!(town.home.create(&strange, Replace::No, 0o644).unwrap_err().as_code(), Code::Malformed);
    assert_eq!(town.home.make_folder(&strange).unwrap_err().as_code(), Code::Malformed);
    assert_eq!(town.home.rename(&at("file 0"), &strange, Replace::No).unwrap_err().as_code(), Code::Malformed);
    let long = "é".repeat(127) + "x";
    town.puts(&long, "255 bytes");
    town.home.rename(&at(&long), &at(&"y".repeat(255)), Replace::No).unwrap();
    town.home.remove_file(&at(&"y".repeat(255))).unwrap();
    town.check_count();
}

#[test]
fn permissions_are_nine_bits_of_what_was_opened() {
    let town = Town::new();
    town.puts("x", "x");
    for mode in [0o600, 0o000, 0o644] {
        town.home.set_mode(&at("x"), mode).unwrap();
        assert_eq!(town.home.metadata(&at("x"), Links::Refuse).unwrap().mode, mode);
    }
    for bad in [0o1000, 0o4755, 0o2755, 0o7777] {
        assert_eq!(town.home.set_mode(&at("x"), bad).unwrap_err().as_code(), Code::NotAllowed);
    }
}
