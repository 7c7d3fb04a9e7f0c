//! The trash: in, out, for good, after thirty days, and after a crash between two steps.

use std::time::Duration;

use freehold_hosting::files::Clash;

use crate::support::*;

// row: H080
#[test]
fn h080_what_was_deleted_comes_back_to_where_it_was() {
    for town in towns() {
        let desk = town.desk();
        town.puts("site/css/a.css", b"body{}");
        town.puts("site/index.html", b"hello");
        let before = town.check_count();
        let ids = desk.trash(&[at("site/css"), at("site/index.html")]).unwrap();
        assert_eq!(town.names("site"), [""; 0]);
        let listed = desk.trashed(0, 100).unwrap();
        let seen: Vec<_> = listed.iter().map(|t| (t.path.as_str(), t.kind.as_str(), t.bytes, t.files)).collect();
        assert_eq!(seen, [("site/index.html", "file", 5, 1), ("site/css", "folder", 6, 2)]);
        assert_eq!(town.check_count(), before, "the trash counts");
        desk.trash(&[at("site")]).unwrap();
        assert_eq!(desk.restore(ids[0], Clash::Refuse).unwrap(), at("site/css"), "with the folder above");
        assert_eq!(town.reads("site/css/a.css"), "body{}");
        town.puts("site/index.html", b"another");
        assert_eq!(refusal(desk.restore(ids[1], Clash::Refuse)), "already_exists");
        assert_eq!(desk.restore(ids[1], Clash::KeepBoth).unwrap(), at("site/index (2).html"));
        assert_eq!(refusal(desk.restore(ids[1], Clash::Refuse)), "not_found");
        assert_eq!(refusal(desk.trash(&[at("")])), "wrong_state");
        assert_eq!(refusal(desk.trash(&[at("none")])), "not_found");
        let again = desk.trash(&[at("site/css")]).unwrap();
        desk.delete_for_good(&again).unwrap();
        assert_eq!(refusal(desk.delete_for_good(&again)), "not_found");
        desk.trash(&[at("site")]).unwrap();
        desk.empty_trash().unwrap();
        assert_eq!(desk.trashed(0, 100).unwrap(), []);
        assert_eq!(town.check_count(), (0, 0));
        let log = town.audit();
        for line in ["file.trash /site/css", "file.restore /site/css", "file.delete /site/css"] {
            assert!(log.iter().any(|row| row == line), "{line} is not in {log:?}");
        }
    }
}

#[test]
fn one_account_that_cannot_be_tidied_keeps_no_other_from_it() {
    use freehold_base::Capability;
    use freehold_store::Actor;
    let town = town();
    let broken = town
        .store
        .write(&Actor::system(), |tx| {
            let server = tx.authorize_server(Capability::ServerManage)?;
            freehold_store::testing::account(tx, server, "broken")
        })
        .unwrap();
    let theirs = town.files.of_account(&Actor::system(), broken).unwrap();
    theirs.new_file(&at("theirs")).unwrap();
    theirs.trash(&[at("theirs")]).unwrap();
    drop(theirs);
    town.puts("ours", b"ours");
    town.desk().trash(&[at("ours")]).unwrap();
    let town = town.starts_again();
    let folder = town.folder.path().join(format!("accounts/{broken}/home"));
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "a file where the home was").unwrap();
    town.clock.advance(Duration::from_secs(31 * 24 * 3600));
    town.files.tidy().unwrap();
    assert_eq!(town.desk().trashed(0, 10).unwrap(), []);
    town.check_count();
}

#[test]
fn after_thirty_days_the_trash_empties_itself() {
    for town in towns() {
        town.puts("old", b"old");
        town.puts("new", b"new");
        town.desk().trash(&[at("old")]).unwrap();
        town.clock.advance(Duration::from_secs(29 * 24 * 3600));
        town.desk().trash(&[at("new")]).unwrap();
        town.files.tidy().unwrap();
        assert_eq!(town.desk().trashed(0, 10).unwrap().len(), 2);
        town.clock.advance(Duration::from_secs(2 * 24 * 3600));
        town.files.tidy().unwrap();
        let left: Vec<_> = town.desk().trashed(0, 10).unwrap().into_iter().map(|t| t.path).collect();
        assert_eq!(left, ["new"]);
        assert_eq!(town.check_count(), (3, 1));
    }
}

// rule: F3
#[test]
fn f03_a_crash_between_two_steps_of_the_trash_leaves_the_state_before_or_after() {
    for town in towns() {
        town.puts("kept", b"kept");
        town.puts("deleted", b"deleted");
        let desk = town.desk();
        let id = desk.trash(&[at("deleted")]).unwrap()[0];
        let trash = town.folder.path().join(format!("accounts/{}/trash", town.account));
        // Killed after the row, before the move: the file is where it was.
        let other = desk.trash(&[at("kept")]).unwrap()[0];
        std::fs::rename(trash.join(other.to_string()), town.disk("kept")).unwrap();
        // Killed after a row of the trash went, before its bytes did.
        std::fs::create_dir(trash.join("777")).unwrap();
        std::fs::write(trash.join("777/x"), "x").unwrap();
        let town = town.starts_again();
        town.files.tidy().unwrap();
        let listed: Vec<_> = town.desk().trashed(0, 10).unwrap().into_iter().map(|t| t.id).collect();
        assert_eq!(listed, [id], "before");
        assert_eq!(town.reads("kept"), "kept");
        assert!(!trash.join("777").exists(), "an orphan is left");
        // Killed after the move back, before the row went: after.
        std::fs::rename(trash.join(id.to_string()), town.disk("deleted")).unwrap();
        town.files.tidy().unwrap();
        assert_eq!(town.desk().trashed(0, 10).unwrap(), []);
        assert_eq!(town.reads("deleted"), "deleted");
        assert_eq!(town.check_count(), (11, 2));
    }
}
