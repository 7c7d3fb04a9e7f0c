//! Texts: two people at one file, versions, space that ends while saving.

use freehold_hosting::files::{Encoding, LineEnds, NewText, Saved};

use crate::support::*;

// row: H078
#[test]
fn h078_of_two_people_who_save_one_file_the_second_sees_the_firsts_text() {
    for town in towns() {
        let desk = town.desk();
        assert!(matches!(desk.save_text(&at("a.css"), &text("one\n", None)).unwrap(), Saved::Done(_)));
        let (mine, theirs) = (desk.read_text(&at("a.css")).unwrap(), desk.read_text(&at("a.css")).unwrap());
        let saved = desk.save_text(&at("a.css"), &text("theirs\n", Some(&theirs.etag))).unwrap();
        let Saved::Done(now) = saved else { panic!("{saved:?}") };
        let conflict = desk.save_text(&at("a.css"), &text("mine\n", Some(&mine.etag))).unwrap();
        let Saved::Conflict(Some(other)) = conflict else { panic!("{conflict:?}") };
        assert_eq!((other.text.as_str(), other.etag.clone()), ("theirs\n", now.etag()));
        assert_eq!(town.reads("a.css"), "theirs\n");
        assert_eq!(refusal(conflict_of(&desk, "mine")), "precondition_failed");
        desk.save_text(&at("a.css"), &text("both\n", Some(&other.etag))).unwrap().done().unwrap();
        assert_eq!(town.reads("a.css"), "both\n");
        // A file that is gone, and one that came meanwhile.
        desk.trash(&[at("a.css")]).unwrap();
        assert_eq!(desk.save_text(&at("a.css"), &text("x", Some(&other.etag))).unwrap(), Saved::Conflict(None));
        desk.save_text(&at("new.txt"), &text("a", None)).unwrap().done().unwrap();
        assert!(matches!(desk.save_text(&at("new.txt"), &text("b", None)).unwrap(), Saved::Conflict(Some(_))));
        town.check_count();
        town.check_swept();
    }
}

fn conflict_of(desk: &freehold_hosting::files::Desk, words: &str) -> freehold_base::Result<()> {
    desk.save_text(&at("a.css"), &text(words, Some("old")))?.done().map(drop)
}

#[test]
fn a_text_keeps_its_encoding_ends_and_permissions() {
    let town = town();
    town.puts("old.txt", b"caf\xE9\r\nbar\r\n");
    town.desk().set_mode(&at("old.txt"), 0o600).unwrap();
    let read = town.desk().read_text(&at("old.txt")).unwrap();
    assert_eq!(
        (read.text.as_str(), read.encoding, read.line_ends),
        ("café\nbar\n", Encoding::Windows1252, LineEnds::CrLf)
    );
    let new = NewText {
        text: "thé\nx".into(),
        encoding: read.encoding,
        line_ends: read.line_ends,
        etag: Some(read.etag.clone()),
    };
    let saved = town.desk().save_text(&at("old.txt"), &new).unwrap().done().unwrap();
    assert_eq!((std::fs::read(town.disk("old.txt")).unwrap(), saved.mode), (b"th\xE9\r\nx".to_vec(), 0o600));
    let impossible = NewText { text: "日".into(), etag: Some(saved.etag()), ..new };
    assert_eq!(refusal(town.desk().save_text(&at("old.txt"), &impossible)), "not_allowed");
    town.puts("film.bin", b"\0\x01");
    assert_eq!(refusal(town.desk().read_text(&at("film.bin"))), "unsupported_media");
    assert_eq!(refusal(town.desk().read_text(&at("none"))), "not_found");
    town.puts("large.txt", &vec![b'x'; (4 << 20) + 1]);
    assert_eq!(refusal(town.desk().read_text(&at("large.txt"))), "too_large");
}

// row: H088
#[test]
fn h088_the_last_twenty_states_of_a_text_are_kept_and_follow_it() {
    for town in towns() {
        let desk = town.desk();
        town.puts("notes/a.txt", b"found on the disk");
        let mut etag = desk.read_text(&at("notes/a.txt")).unwrap().etag;
        for turn in 1..=25 {
            etag = desk
                .save_text(&at("notes/a.txt"), &text(&format!("state {turn}"), Some(&etag)))
                .unwrap()
                .done()
                .unwrap()
                .etag();
        }
        let all = desk.versions(&at("notes/a.txt")).unwrap();
        assert_eq!(all.len(), 20);
        assert_eq!(desk.version_text(&at("notes/a.txt"), all[0].id).unwrap().text, "state 25");
        assert_eq!(desk.version_text(&at("notes/a.txt"), all[19].id).unwrap().text, "state 6");
        desk.rename(&at("notes"), "papers").unwrap();
        assert_eq!(desk.versions(&at("notes/a.txt")).unwrap(), []);
        let moved = desk.versions(&at("papers/a.txt")).unwrap();
        assert_eq!(moved.len(), 20);
        desk.restore_version(&at("papers/a.txt"), moved[19].id).unwrap().done().unwrap();
        assert_eq!(town.reads("papers/a.txt"), "state 6");
        assert_eq!(refusal(desk.version(&at("papers/a.txt"), 999_999)), "not_found");
        assert_eq!(desk.versions(&at("papers/a.txt")).unwrap().len(), 20);
        let shelf = town.folder.path().join(format!("accounts/{}/versions", town.account));
        let blobs = walk(&shelf);
        assert_eq!(blobs, 20, "states that no row names are gone");
        town.check_count();
        town.files.tidy().unwrap();
        assert_eq!(desk.versions(&at("papers/a.txt")).unwrap().len(), 20);
    }
}

fn walk(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| if entry.path().is_dir() { walk(&entry.path()) } else { 1 })
        .sum()
}

// row: H006
#[test]
fn h006_a_save_that_meets_the_quota_leaves_the_file_as_it_was() {
    let town = town();
    town.puts("a.txt", b"small");
    let etag = town.desk().read_text(&at("a.txt")).unwrap().etag;
    let (bytes, names) = town.check_count();
    town.allows(bytes + 100, names + 100);
    let large: String = (0..20_000).map(|n| format!("{:x}", n * 7919)).collect();
    assert_eq!(refusal(town.desk().save_text(&at("a.txt"), &text(&large, Some(&etag)))), "quota_exceeded");
    assert_eq!(town.reads("a.txt"), "small");
    town.check_count();
    town.check_swept();
    town.allows(bytes + 200_000, names + 100);
    town.desk().save_text(&at("a.txt"), &text("smaller", Some(&etag))).unwrap().done().unwrap();
    town.check_count();
}
