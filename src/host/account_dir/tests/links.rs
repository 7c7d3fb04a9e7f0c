//! No link leads out, whoever swaps it in at which moment (security rules E1, E2).

use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};

use freehold_base::Code;
use rustix::fs::{CWD, FileType, Mode};

use super::*;

/// A folder outside with a secret, and links to it inside.
fn with_links(town: &Town) -> tempfile::TempDir {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    std::fs::create_dir(outside.path().join("sub")).unwrap();
    std::fs::create_dir(town.disk("dir")).unwrap();
    std::fs::write(town.disk("dir/file"), "inside").unwrap();
    let links = [
        (outside.path().join("secret").to_str().unwrap(), "to-file"),
        (outside.path().to_str().unwrap(), "to-folder"),
        ("../../../../../../../../etc/passwd", "up"),
        ("../..", "up-folder"),
        ("/proc/self/root", "magic"),
        ("loop", "loop"),
        ("dir/file", "inner"),
        ("dir", "inner-folder"),
        ("../../7/home/dir/file", "out-and-in"),
    ]
    .map(|(target, name)| (target.to_owned(), name));
    for (target, name) in links {
        symlink(target, town.disk(name)).unwrap();
    }
    rustix::fs::mknodat(CWD, town.disk("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    outside
}

// rule: E1
#[test]
fn e01_no_operation_follows_a_link_out() {
    for town in [Town::new(), Town::by_steps()] {
        let outside = with_links(&town);
        let home = &town.home;
        let ways = [
            "to-file",
            "to-folder/secret",
            "up",
            "up-folder/run",
            "magic/etc/passwd",
            "loop",
            "out-and-in",
            "pipe",
            "inner-folder/pipe",
        ];
        for way in ways {
            let path = at(way);
            assert_eq!(home.open_read(&path, Links::Refuse).unwrap_err().as_code(), Code::NotFound, "{way}");
            assert_eq!(home.open_read(&path, Links::Inside).unwrap_err().as_code(), Code::NotFound, "{way}");
            assert_eq!(home.open_write(&path, WriteOptions::default()).unwrap_err().as_code(), Code::NotFound, "{way}");
            assert!(home.set_mode(&path, 0o777).is_err(), "{way}");
            assert!(home.set_times(&path, freehold_base::Timestamp(0)).is_err(), "{way}");
            assert!(home.list(&path, &ListOptions::default()).is_err(), "{way}");
            assert!(home.copy_tree(&path, &at("copy"), &mut |_| Ok(())).is_err(), "{way}");
        }
        for folder in ["to-folder", "up-folder", "magic/tmp", "inner-folder"] {
            let new = at(&format!("{folder}/new"));
            assert!(home.create(&new, Replace::Yes, 0o644).is_err(), "{folder}");
            assert!(
                home.open_write(&new, WriteOptions { create: Create::IfMissing, ..WriteOptions::default() }).is_err()
            );
            assert!(home.make_folder(&new).is_err() && home.make_folders(&new).is_err(), "{folder}");
            assert!(home.rename(&at("dir/file"), &new, Replace::Yes).is_err(), "{folder}");
            assert!(home.copy_tree(&at("dir"), &new, &mut |_| Ok(())).is_err(), "{folder}");
            assert!(home.remove_tree(&at(&format!("{folder}/secret"))).is_err(), "{folder}");
        }
        // A link is shown as one, moved and deleted as one.
        assert_eq!(home.metadata(&at("to-file"), Links::Refuse).unwrap().kind, Kind::Link);
        home.rename(&at("to-folder"), &at("dir/moved"), Replace::No).unwrap();
        home.remove_tree(&at("dir/moved")).unwrap();
        home.remove_file(&at("up")).unwrap();
        town.puts("to-file", "a file in place of the link");
        assert_eq!(std::fs::read(outside.path().join("secret")).unwrap(), b"secret");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 2);
    }
}

#[test]
fn a_link_that_stays_inside_is_followed_where_the_reader_wants_it() {
    let town = Town::new();
    let _outside = with_links(&town);
    for inner in ["inner", "inner-folder/file"] {
        assert_eq!(town.home.open_read(&at(inner), Links::Inside).unwrap().metadata.bytes, 6);
        assert_eq!(town.home.open_read(&at(inner), Links::Refuse).unwrap_err().as_code(), Code::NotFound);
    }
    assert_eq!(town.home.metadata(&at("inner"), Links::Inside).unwrap().kind, Kind::File);
}

/// Runs `act` while a neighbour swaps `way` between a folder of the account and a link to the outside. Before each turn
/// the folder has its `file` and `sub` again. How often the act met the folder.
fn while_swapping(times: usize, mut act: impl FnMut(&AccountDir, usize) -> Result<()>) -> (usize, tempfile::TempDir) {
    use std::os::fd::AsRawFd as _;
    let town = Town::new();
    let outside = tempfile::tempdir().unwrap();
    for place in [outside.path().to_owned(), town.disk("way")] {
        std::fs::create_dir_all(place.join("sub")).unwrap();
        std::fs::write(place.join("file"), if place == outside.path() { "SECRET" } else { "inside" }).unwrap();
    }
    std::fs::create_dir(town.disk("target")).unwrap();
    symlink(outside.path(), town.disk("link")).unwrap();
    let folder = std::fs::File::open(town.disk("way")).unwrap();
    let folder = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
    let home = town.home.unsynced();
    let (done, mut met) = (AtomicBool::new(false), 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (way, link) = (town.disk("way"), town.disk("link"));
            while !done.load(Ordering::Relaxed) {
                rustix::fs::renameat_with(CWD, &way, CWD, &link, rustix::fs::RenameFlags::EXCHANGE).unwrap();
            }
        });
        for turn in 0..times {
            if !folder.join("file").exists() {
                std::fs::write(folder.join("file"), "inside").unwrap();
            }
            let _ = std::fs::create_dir(folder.join("sub"));
            met += usize::from(act(&home, turn).is_ok());
        }
        done.store(true, Ordering::Relaxed);
    });
    (met, outside)
}

/// 200,000 with `./test --full`.
#[allow(clippy::disallowed_methods)]
fn times() -> usize {
    if std::env::var("FREEHOLD_TEST_FULL").is_ok_and(|v| v == "1") { 200_000 } else { 2_000 }
}

fn check_untouched(outside: &tempfile::TempDir) {
    let mut names: Vec<_> = std::fs::read_dir(outside.path()).unwrap().flatten().map(|e| e.file_name()).collect();
    names.sort();
    assert_eq!(names, ["file", "sub"], "something was made or taken outside");
    assert_eq!(std::fs::read(outside.path().join("file")).unwrap(), b"SECRET");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(outside.path().join("file")).unwrap());
    assert_eq!(mode & 0o777, 0o644);
    assert_eq!(std::fs::read_dir(outside.path().join("sub")).unwrap().count(), 0);
}

// rule: E1
#[test]
fn e01_no_reading_gets_out_while_links_are_swapped() {
    use std::io::Read as _;
    let (met, outside) = while_swapping(times(), |home, turn| {
        let links = if turn % 2 == 0 { Links::Refuse } else { Links::Inside };
        let mut text = String::new();
        home.open_read(&at("way/file"), links)?.file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "inside");
        Ok(())
    });
    assert!(met > 0, "no open met the folder");
    check_untouched(&outside);
    let (met, outside) = while_swapping(times(), |home, _| {
        let ours = home.metadata(&at("target"), Links::Refuse)?.inode;
        home.walk(&at(""), &mut |path, about| {
            assert!(about.kind != Kind::Folder || about.inode == ours || path.depth() < 3);
            assert!(path.name() != "file" || about.kind == Kind::File && about.bytes == 6);
            Ok(Next::On)
        })?;
        home.list(&at("way"), &ListOptions::default()).map(drop)
    });
    assert!(met > 0, "no list met the folder");
    check_untouched(&outside);
}

// rule: E1
#[test]
fn e01_no_writing_gets_out_while_links_are_swapped() {
    type Act = fn(&AccountDir, usize) -> Result<()>;
    let acts: [(&str, Act); 9] = [
        ("create", |home, turn| {
            home.create(&at(&format!("way/new{}", turn % 50)), Replace::Yes, 0o644)?.finish().map(drop)
        }),
        ("open", |home, turn| {
            let options = WriteOptions { create: Create::IfMissing, ..WriteOptions::default() };
            home.open_write(&at(&format!("way/w{}", turn % 50)), options)?.write_at(0, b"x")
        }),
        ("write", |home, _| home.open_write(&at("way/file"), WriteOptions::default())?.write_at(0, b"inside")),
        ("make a folder", |home, turn| home.make_folder(&at(&format!("way/d{turn}")))),
        ("rename", |home, _| home.rename(&at("way/file"), &at("target/file"), Replace::Yes)),
        ("delete", |home, _| home.remove_file(&at("way/file"))),
        ("delete a tree", |home, _| home.remove_tree(&at("way/sub"))),
        ("chmod", |home, _| home.set_mode(&at("way/file"), 0o600)),
        ("copy", |home, _| {
            home.copy_tree(&at("way/file"), &at("target/copy"), &mut |_| Ok(()))?;
            assert_eq!(home.open_read(&at("target/copy"), Links::Refuse)?.metadata.bytes, 6);
            home.remove_file(&at("target/copy"))
        }),
    ];
    for (name, act) in acts {
        let (met, outside) = while_swapping(times(), act);
        assert!(met > 0, "{name} never met the folder");
        check_untouched(&outside);
    }
}

// rule: E2
#[test]
fn e02_a_second_name_of_somebody_elses_file_is_neither_read_nor_written() {
    let town = Town::new();
    let theirs = town.folder.path().join("theirs");
    std::fs::write(&theirs, "theirs").unwrap();
    std::fs::hard_link(&theirs, town.disk("mine")).unwrap();
    let opens = |home: &AccountDir| {
        let read = home.open_read(&at("mine"), Links::Inside).map(drop);
        let written = home.open_write(&at("mine"), WriteOptions::default()).map(drop);
        (read.is_ok(), written.is_ok(), home.set_mode(&at("mine"), 0o644).is_ok())
    };
    assert_eq!(opens(&town.home), (true, true, true), "a second name of a file of the same owner");
    let mut place = town.dirs.open_place(AccountId(7)).unwrap();
    place.owner += 1; // as if the file belonged to somebody else
    let home = AccountDir { place: Arc::new(place), part: Part::Home, durable: true };
    assert_eq!(opens(&home), (false, false, false));
    std::fs::remove_file(&theirs).unwrap();
    assert_eq!(opens(&home), (true, true, true), "a file with one name that an administrator put there");
}
