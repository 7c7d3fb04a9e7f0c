//! The acts of hosting that have more than one step.

use freehold_base::{AccountId, Capability, DomainName, PlanId, ResellerId, SiteId};
use freehold_hosting::access::{LoginRequest, Place, Services, logins};
use freehold_hosting::files::{Clash, Existing, Format, NewText, Target};
use freehold_platform::customers::accounts::{self, Opening};
use freehold_platform::customers::graveyard;
use freehold_platform::sites::{self, domains};
use freehold_store::accounts as rows;

use crate::town::{Town, at, new_site};

/// One of them. `act` is done again where it was undone.
pub struct Act {
    pub name: &'static str,
    pub prepare: fn(&Town),
    pub act: fn(&Town),
    /// Lines of a picture that are right also where the act was neither finished nor undone.
    pub between: fn(&str) -> bool,
}

const fn act(name: &'static str, prepare: fn(&Town), act: fn(&Town)) -> Act {
    Act { name, prepare, act, between: |_| false }
}

pub fn pack() -> Act {
    act("pack", Town::fills, |town| {
        town.desk().pack_later(&[at("site")], &at("a.zip"), Format::Zip, Clash::Refuse).unwrap();
        town.works_off();
    })
}

pub fn pack_beside() -> Act {
    let prepare = |town: &Town| {
        town.fills();
        town.puts("a.tar", b"another");
    };
    act("pack beside", prepare, |town| {
        town.desk().pack_later(&[at("site")], &at("a.tar"), Format::Tar, Clash::KeepBoth).unwrap();
        town.works_off();
    })
}

fn an_archive(town: &Town) {
    town.fills();
    town.desk().pack_later(&[at("site")], &at("a.zip"), Format::Zip, Clash::Refuse).unwrap();
    town.works_off();
}

pub fn unpack() -> Act {
    act("unpack", an_archive, |town| {
        town.desk().unpack_later(&at("a.zip"), None).unwrap();
        town.works_off();
    })
}

pub fn unpack_over() -> Act {
    let prepare = |town: &Town| {
        an_archive(town);
        town.puts("site/index.html", b"newer");
        town.puts("site/css/own.css", b"own");
        town.desk().new_folder(&at("there")).unwrap();
        town.desk().move_to(&at("site"), &at("there/site"), Clash::Refuse).unwrap();
    };
    act("unpack over", prepare, |town| {
        let into = Target::Into(at("there"), Existing::Replace);
        town.desk().unpack_later(&at("a.zip"), Some(&into)).unwrap();
        town.works_off();
    })
}

pub fn copy_folder() -> Act {
    act("copy a folder", Town::fills, |town| {
        town.desk().copy_to(&at("site"), &at("copy"), Clash::Refuse).unwrap();
    })
}

pub fn copy_over() -> Act {
    act("copy over a file", Town::fills, |town| {
        town.desk().copy_to(&at("site/css/a.css"), &at("site/index.html"), Clash::Replace).unwrap();
    })
}

fn a_text(town: &Town, text: &str) {
    let desk = town.desk();
    let path = at("site/notes.txt");
    let etag = desk.metadata(&path).ok().map(|about| about.etag());
    let new = NewText { text: text.into(), etag, ..NewText::default() };
    desk.save_text(&path, &new).unwrap().done().unwrap();
}

pub fn move_folder() -> Act {
    let prepare = |town: &Town| {
        town.fills();
        town.desk().new_folder(&at("other")).unwrap();
        a_text(town, "first");
        a_text(town, "second");
    };
    act("move a folder", prepare, |town| {
        town.desk().move_into(&[at("site")], &at("other"), Clash::Refuse).unwrap();
    })
}

pub fn trash() -> Act {
    act("trash", Town::fills, |town| {
        town.desk().trash(&[at("site/css")]).unwrap();
    })
}

pub fn restore() -> Act {
    let prepare = |town: &Town| {
        town.fills();
        town.desk().trash(&[at("site/css")]).unwrap();
        town.desk().trash(&[at("site")]).unwrap();
    };
    act("restore", prepare, |town| {
        let all = town.desk().trashed(0, 10).unwrap();
        let one = all.iter().find(|one| one.path == "site/css").unwrap();
        town.desk().restore(one.id, Clash::Refuse).unwrap();
    })
}

pub fn delete_for_good() -> Act {
    let prepare = |town: &Town| {
        town.fills();
        town.desk().trash(&[at("site")]).unwrap();
    };
    act("delete for good", prepare, |town| {
        let all: Vec<i64> = town.desk().trashed(0, 10).unwrap().iter().map(|one| one.id).collect();
        town.desk().delete_for_good(&all).unwrap();
    })
}

/// An upload that broke off is not undone: it goes on where it was.
pub fn upload() -> Act {
    let act = act(
        "upload in pieces",
        |_| (),
        |town| {
            let desk = town.desk();
            let begun = desk.begin_upload(&at("new/folder/film.mp4"), 9000, "", Clash::Replace).unwrap();
            let mut at = begun.arrived;
            while at < 9000 {
                desk.piece(begun.id, at).unwrap().write(&[at.to_be_bytes()[6]; 3000]).unwrap();
                at += 3000;
            }
            desk.finish_upload(begun.id).unwrap();
        },
    );
    Act { between: |line| line == "of 1: upload new/folder/film.mp4 9000 replace", ..act }
}

pub fn put() -> Act {
    act("put", Town::fills, |town| town.puts("site/index.html", b"in one request"))
}

/// What was typed may be kept already where the file is still the one before.
pub fn save() -> Act {
    let prepare = |town: &Town| {
        town.fills();
        a_text(town, "first");
    };
    let act = act("save", prepare, |town| a_text(town, "second"));
    Act { between: |line| line.starts_with("of 1: versions site/notes.txt "), ..act }
}

pub fn open_account() -> Act {
    act(
        "open an account",
        |_| (),
        |town| {
            town.writes(|tx| {
                let opening = Opening { title: "Kvarnby".into(), plan: PlanId(0), reseller: ResellerId(0) };
                let account = accounts::open(tx, &opening)?;
                sites::create_of_files(tx, &new_site(account, "kvarnby.localhost")).map(|_| ())
            });
            town.works_off();
        },
    )
}

pub fn make_site() -> Act {
    act(
        "make a site",
        |_| (),
        |town| {
            town.writes(|tx| sites::create_of_files(tx, &new_site(AccountId(1), "second.localhost")).map(|_| ()));
            town.works_off();
        },
    )
}

/// Its files stay with the account, as the page says that deletes it.
pub fn delete_site() -> Act {
    let prepare = |town: &Town| {
        town.writes(|tx| sites::create_of_files(tx, &new_site(AccountId(1), "second.localhost")).map(|_| ()));
        town.works_off();
    };
    act("delete a site", prepare, |town| {
        town.writes(|tx| sites::delete(tx, SiteId(2)));
        town.works_off();
    })
}

pub fn add_name() -> Act {
    act(
        "add a name",
        |_| (),
        |town| {
            town.writes(|tx| {
                let name = DomainName::parse("harbour.example").unwrap();
                domains::add(tx, SiteId(1), &domains::Add { name, kind: domains::Kind::Alias, becomes_main: false })
            });
            town.works_off();
        },
    )
}

/// Its folder is made when the login is first used.
pub fn add_login() -> Act {
    let act = act(
        "add a login",
        |_| (),
        |town| {
            let request = || LoginRequest {
                name: "ada".into(),
                home: "shared/ada".into(),
                read_only: false,
                services: Services::parse("sftp").unwrap(),
            };
            let is_there = town.reads(|tx| {
                let scope = tx.authorize_account(AccountId(1), Capability::AccessManage)?;
                Ok(freehold_store::access_logins::count(tx, scope)? > 0)
            });
            if !is_there {
                town.writes(move |tx| logins::create(tx, Place::of_account(AccountId(1)), &request(), None));
            }
            town.files.dirs().open(AccountId(1)).unwrap().make_folders(&at("shared/ada")).unwrap();
        },
    );
    Act { between: |line| line == "of 1: login ada shared/ada", ..act }
}

/// Files of all kinds: in the home, in the trash, states of a text, an upload on its way.
fn a_full_account(town: &Town) {
    town.fills();
    a_text(town, "first");
    a_text(town, "second");
    town.desk().trash(&[at("site/css")]).unwrap();
    town.desk().begin_upload(&at("film.mp4"), 100, "", Clash::Refuse).unwrap();
}

pub fn close_and_take_back() -> Act {
    let act = act("close and take back", a_full_account, |town| {
        let is_closed = town.reads(|tx| {
            let scope = tx.authorize_account(AccountId(1), Capability::ServerManage)?;
            Ok(rows::find(tx, scope)?.status == "terminated")
        });
        if !is_closed {
            town.writes(|tx| graveyard::terminate(tx, AccountId(1)));
        }
        town.writes(|tx| graveyard::restore(tx, AccountId(1)));
        town.puts("back.txt", b"taken back");
    });
    // Closed for now: one of the two states that people may leave it in.
    Act { between: |line| line.starts_with("account 1 harbour "), ..act }
}

pub fn end_account() -> Act {
    let act = act("end an account", a_full_account, |town| {
        let status = town.reads(|tx| {
            let scope = tx.authorize_account(AccountId(1), Capability::ServerManage)?;
            Ok(rows::find(tx, scope)?.status)
        });
        if status != "terminated" {
            town.writes(|tx| graveyard::terminate(tx, AccountId(1)));
        }
        town.writes(|tx| graveyard::end_now(tx, AccountId(1)));
        town.works_off();
        town.clock.advance(std::time::Duration::from_secs(61));
        town.works_off();
    });
    Act { between: |line| line.starts_with("account 1 harbour "), ..act }
}
