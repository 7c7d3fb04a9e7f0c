//! A node that falls after any step of any act of hosting (security rule F3).
//!
//! An act that touches the disk and the database, or commits more than once, is done once from beginning to end on a
//! small installation. After each of its steps (a folder, a file, some bytes, a name that changed, something deleted, a
//! commit: see `freehold_base::steps`) the data folder is copied as it is in that moment. That copy is what a node finds
//! that was killed there: the kernel keeps what was written, nothing else is kept. Then every copy is started on as a
//! node starts (jobs taken up, files tidied), and looked at: the act is finished or undone, nothing is an orphan, what
//! is counted is what the disk holds; and an act that was undone works at the next try.
//!
//! No step is missed and none is hit twice, which a node that is killed at some moment cannot promise; that one is killed
//! too, in `tests/it/crash`. Commands at set times have their own in `tests/it/cron/runs.rs`. A program of its own,
//! because it hears of the steps of its whole process.

#![cfg(debug_assertions)] // a release says nothing of its steps
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test that cannot go on stops and says where

mod acts;
mod camera;
mod orphans;
mod picture;
#[path = "../shared/mod.rs"]
mod shared;
mod town;

use acts::Act;
use picture::Picture;
use town::Town;

/// Falls of one act that are looked at, spread over all of them; all with `./test --full`.
const SOME: usize = 10;

#[allow(clippy::disallowed_methods)] // how ./test says which size is wanted
fn full() -> bool {
    std::env::var("FREEHOLD_TEST_FULL").is_ok_and(|v| v == "1")
}

/// Does an act once, then falls after each of its steps.
fn falls(act: &Act) {
    let folder = tempfile::tempdir().unwrap();
    let copies = tempfile::tempdir().unwrap();
    let (before, after, shots) = {
        let _alone = camera::alone();
        let town = Town::found(folder.path());
        (act.prepare)(&town);
        town.settles();
        let before = Picture::of(&town);
        camera::begin(folder.path(), copies.path());
        (act.act)(&town);
        town.works_off();
        let shots = camera::end();
        town.settles();
        town.checks(act.name);
        (before, Picture::of(&town), shots)
    };
    assert_ne!(before, after, "{}: it does something", act.name);
    assert!(shots.len() > 1, "{}: it has several steps", act.name);
    let _others = camera::others();
    let (mut finished, mut undone) = (0, 0);
    for (number, step) in some(shots.len()).map(|number| (number, shots[number])) {
        let place = format!("{}, killed after step {} of {} ({step})", act.name, number + 1, shots.len());
        let town = Town::again(&copies.path().join(number.to_string()));
        town.settles();
        town.checks(&place);
        let now = Picture::of(&town);
        if now == after {
            finished += 1;
            continue;
        }
        undone += 1;
        let wrong = now.wrong(&before, &after, act.between);
        assert!(wrong.is_empty(), "{place}: neither finished nor undone:\n{}", wrong.join("\n"));
        (act.act)(&town);
        town.settles();
        town.checks(&place);
        let wrong = Picture::of(&town).wrong(&after, &after, act.between);
        assert!(wrong.is_empty(), "{place}: the next try:\n{}", wrong.join("\n"));
    }
    println!("{}: {} steps, {finished} finished, {undone} undone, 0 orphans", act.name, shots.len());
}

/// The numbers of those that are looked at.
fn some(all: usize) -> impl Iterator<Item = usize> {
    let count = if full() { all } else { all.min(SOME) };
    // The last step is always among them.
    (1..=count).map(move |n| n * all / count - 1)
}

macro_rules! acts {
    ($($name:ident: $act:expr;)*) => {
        $(
            // rule: F3
            #[test]
            fn $name() {
                falls(&$act);
            }
        )*
    };
}

acts! {
    f03_an_archive_that_is_made: acts::pack();
    f03_an_archive_that_is_made_beside_one_of_its_name: acts::pack_beside();
    f03_an_archive_that_comes_out_into_a_new_folder: acts::unpack();
    f03_an_archive_that_comes_out_over_what_is_there: acts::unpack_over();
    f03_a_folder_that_is_copied: acts::copy_folder();
    f03_a_file_that_is_copied_over_another: acts::copy_over();
    f03_a_folder_that_moves_with_the_states_of_its_texts: acts::move_folder();
    f03_a_folder_that_goes_to_the_trash: acts::trash();
    f03_a_folder_that_comes_back_from_the_trash: acts::restore();
    f03_a_folder_that_is_deleted_for_good: acts::delete_for_good();
    f03_an_upload_in_pieces: acts::upload();
    f03_an_upload_in_one_request: acts::put();
    f03_a_text_that_is_saved_with_its_states: acts::save();
    f03_an_account_that_is_opened_with_a_site: acts::open_account();
    f03_a_site_of_files_that_is_made: acts::make_site();
    f03_a_site_of_files_that_is_deleted: acts::delete_site();
    f03_a_name_that_is_added: acts::add_name();
    f03_a_login_with_its_folder: acts::add_login();
    f03_an_account_that_is_closed_and_taken_back: acts::close_and_take_back();
    f03_an_account_that_goes_for_good: acts::end_account();
}
