//! Files that come in: whole, in pieces, broken off, too large for the account.

use std::time::Duration;

use freehold_hosting::files::Clash;

use crate::support::*;

// row: H077
#[test]
fn h077_an_upload_goes_on_where_the_line_broke() {
    for town in towns() {
        let desk = town.desk();
        let begun = desk.begin_upload(&at("photos/2026/film.mp4"), 10, "as of 1", Clash::KeepBoth).unwrap();
        let mut piece = desk.piece(begun.id, 0).unwrap();
        piece.write(b"012345").unwrap();
        assert_eq!(piece.arrived(), 6);
        drop(piece); // at 60 %
        assert!(!town.disk("photos/2026/film.mp4").exists(), "a part is never seen");
        town.check_count();
        let town = town.starts_again();
        town.files.tidy().unwrap();
        let desk = town.desk();
        assert_eq!(
            desk.begin_upload(&at("photos/2026/film.mp4"), 10, "as of 1", Clash::KeepBoth).unwrap().arrived,
            6,
            "the same one"
        );
        assert_eq!(refusal(desk.piece(begun.id, 0)), "wrong_state");
        assert_eq!(refusal(desk.finish_upload(begun.id)), "wrong_state");
        let mut piece = desk.piece(begun.id, 6).unwrap();
        assert_eq!(refusal(piece.write(b"67890")), "too_large");
        piece.write(b"6789").unwrap();
        let (path, about) = desk.finish_upload(begun.id).unwrap();
        assert_eq!((path, about.bytes, about.mode), (at("photos/2026/film.mp4"), 10, 0o644));
        assert_eq!(town.reads("photos/2026/film.mp4"), "0123456789");
        assert_eq!(refusal(desk.upload(begun.id)), "not_found");
        let second = desk.begin_upload(&at("photos/2026/film.mp4"), 1, "as of 1", Clash::KeepBoth).unwrap();
        desk.piece(second.id, 0).unwrap().write(b"x").unwrap();
        assert_eq!(desk.finish_upload(second.id).unwrap().0, at("photos/2026/film (2).mp4"));
        assert_eq!(
            refusal(desk.begin_upload(&at("photos/2026/film.mp4"), 1, "as of 1", Clash::Refuse)),
            "already_exists"
        );
        town.check_count();
        town.check_swept();
    }
}

#[test]
fn another_file_of_the_same_length_begins_anew() {
    for town in towns() {
        let desk = town.desk();
        let begun = desk.begin_upload(&at("a.bin"), 4, "as of 1", Clash::Refuse).unwrap();
        desk.piece(begun.id, 0).unwrap().write(b"ol").unwrap();
        let new = desk.begin_upload(&at("a.bin"), 4, "as of 2", Clash::Refuse).unwrap();
        assert!(new.id != begun.id && new.arrived == 0, "half of the old file is not half of the new one");
        let unknown = desk.begin_upload(&at("a.bin"), 4, "", Clash::Refuse).unwrap();
        let again = desk.begin_upload(&at("a.bin"), 4, "", Clash::Refuse).unwrap();
        assert_ne!(unknown.id, again.id, "where nothing is known of the bytes, only the number goes on");
        assert_eq!(
            desk.begin_upload(&at("a.bin"), 4, "as of 1", Clash::Refuse).unwrap(),
            desk.upload(begun.id).unwrap()
        );
    }
}

#[test]
fn an_upload_that_a_thousand_others_follow_keeps_its_bytes() {
    let town = town();
    let begun = town.desk().begin_upload(&at("first"), 4, "as of 1", Clash::Refuse).unwrap();
    town.desk().piece(begun.id, 0).unwrap().write(b"he").unwrap();
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001) \
                INSERT INTO file_uploads (account_id, path, bytes, clash, made_by, made_at) \
                SELECT (SELECT account_id FROM file_uploads), 'x', 1, 'refuse', 0, 1795161600000 FROM n";
    freehold_store::testing::execute(&town.store, rows).unwrap();
    town.files.tidy().unwrap();
    assert_eq!(town.desk().upload(begun.id).unwrap().arrived, 2);
    town.check_count();
}

#[test]
fn who_goes_on_says_anew_what_happens_to_a_file_of_that_name() {
    for town in towns() {
        let desk = town.desk();
        let begun = desk.begin_upload(&at("a.txt"), 4, "as of 1", Clash::Refuse).unwrap();
        desk.piece(begun.id, 0).unwrap().write(b"ne").unwrap();
        town.puts("a.txt", b"old");
        assert_eq!(
            refusal(desk.begin_upload(&at("a.txt"), 4, "as of 1", Clash::Refuse)),
            "already_exists",
            "before any byte"
        );
        let again = desk.begin_upload(&at("a.txt"), 4, "as of 1", Clash::Replace).unwrap();
        assert_eq!((again.id, again.arrived), (begun.id, 2), "what is here is not sent again");
        desk.piece(again.id, 2).unwrap().write(b"w!").unwrap();
        assert_eq!(desk.finish_upload(again.id).unwrap().0, at("a.txt"));
        assert_eq!(town.reads("a.txt"), "new!");
        town.check_count();
        town.check_swept();
    }
}

#[test]
fn an_upload_that_nobody_goes_on_with_goes_after_a_week() {
    let town = town();
    let begun = town.desk().begin_upload(&at("x"), 10, "as of 1", Clash::Refuse).unwrap();
    town.desk().piece(begun.id, 0).unwrap().write(b"123").unwrap();
    let other = town.desk().begin_upload(&at("y"), 10, "as of 1", Clash::Refuse).unwrap();
    town.desk().cancel_upload(other.id).unwrap();
    town.desk().cancel_upload(other.id).unwrap();
    assert_eq!(refusal(town.desk().piece(other.id, 0)), "not_found");
    town.clock.advance(Duration::from_secs(8 * 24 * 3600));
    town.files.tidy().unwrap();
    assert_eq!(refusal(town.desk().upload(begun.id)), "not_found");
    town.check_count();
    town.check_swept();
}

// rule: F3
#[test]
fn f03_a_crash_between_two_steps_of_an_upload_leaves_no_orphan() {
    let town = town();
    let begun = town.desk().begin_upload(&at("x"), 3, "as of 1", Clash::Refuse).unwrap();
    town.desk().piece(begun.id, 0).unwrap().write(b"123").unwrap();
    let bytes = town.folder.path().join(format!("accounts/{}/run/uploads/{}", town.account, begun.id));
    // Killed after the move, before the row went.
    std::fs::rename(&bytes, town.disk("x")).unwrap();
    // Killed after the row went, before the bytes did.
    std::fs::write(bytes.with_file_name("4711"), "orphan").unwrap();
    let town = town.starts_again();
    town.files.tidy().unwrap();
    assert_eq!(refusal(town.desk().upload(begun.id)), "not_found");
    assert_eq!(town.reads("x"), "123");
    town.check_count();
    town.check_swept();
}

// row: H006
#[test]
fn h006_an_upload_that_meets_the_quota_says_so_and_counts_exactly() {
    let town = town();
    town.allows(100, 10);
    assert_eq!(refusal(town.desk().begin_upload(&at("x"), 101, "as of 1", Clash::Refuse)), "quota_exceeded");
    let begun = town.desk().begin_upload(&at("x"), 90, "as of 1", Clash::Refuse).unwrap();
    town.puts("meanwhile", &[b'x'; 50]);
    let mut piece = town.desk().piece(begun.id, 0).unwrap();
    piece.write(&[0; 40]).unwrap();
    assert_eq!(refusal(piece.write(&[0; 50])), "quota_exceeded");
    town.check_count();
    assert_eq!(town.desk().upload(begun.id).unwrap().arrived, 40, "what came stays for later");
    let mut put = town.desk().put(&at("y"), Clash::Refuse, None).unwrap();
    assert_eq!(refusal(put.write(&[0; 11])), "quota_exceeded");
    drop(put);
    town.check_count();
    town.desk().cancel_upload(begun.id).unwrap();
    assert_eq!(town.check_count(), (50, 1));
}

#[test]
fn a_put_replaces_only_what_was_seen() {
    let town = town();
    town.puts("a", b"one");
    let etag = town.desk().metadata(&at("a")).unwrap().etag();
    let put = |known: Option<Option<&str>>| -> freehold_base::Result<()> {
        let mut put = town.desk().put(&at("a"), Clash::Refuse, known)?;
        put.write(b"two")?;
        put.finish().map(drop)
    };
    assert_eq!(refusal(put(None)), "already_exists");
    assert_eq!(refusal(put(Some(None))), "precondition_failed");
    assert_eq!(refusal(put(Some(Some("other")))), "precondition_failed");
    put(Some(Some(&etag))).unwrap();
    assert_eq!(refusal(put(Some(Some(&etag)))), "precondition_failed");
    assert_eq!(town.reads("a"), "two");
}
