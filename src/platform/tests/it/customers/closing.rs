//! Suspension, the graveyard, opening as owner.

use freehold_base::{Capability, Page, PlanId, ResellerId, Role};
use freehold_platform::accounts::roles;
use freehold_platform::customers::accounts::{self, Carry};
use freehold_platform::customers::{acting, graveyard, suspend};
use freehold_platform::jobs::{self, JobFilter};
use freehold_platform::sites;
use freehold_store::Actor;
use freehold_store::accounts::AccountFilter;
use freehold_store::roles::RolePlace;

use super::{open, site, suspended};
use crate::support::*;

#[test]
fn a_suspension_shuts_members_and_visitors_out_and_its_end_restores_exactly_what_was() {
    for town in towns() {
        let (_, first) = town.claim();
        let account = open(&town, &Actor::system(), "Brandt", PlanId(0), ResellerId(0)).unwrap();
        let home = site(&town, &Actor::system(), account, "brandt.example").unwrap();
        let other = site(&town, &Actor::system(), first, "other.example").unwrap();
        town.person("owner@example.org", Some((RolePlace::Account(account), Role::Owner)));
        town.person("author@example.org", Some((RolePlace::Site(home), Role::Author)));
        let (owner, author) = (town.actor("owner@example.org"), town.actor("author@example.org"));
        let admin = town.actor("mara@example.org");
        let see = |actor: &Actor| refusal(town.store.read(actor, |tx| tx.authorize(home, Capability::SiteRead)));
        let all = || {
            let rows = |tx: &mut freehold_store::Tx<'_>| {
                let scope = tx.authorize_account(account, Capability::AccountRead)?;
                freehold_store::accounts::find(tx, scope)
            };
            format!("{:?}", town.store.read(&Actor::system(), rows).unwrap())
        };
        let before = all();

        town.write(&admin, move |_, tx| suspend::suspend(tx, account, "unpaid since March")).unwrap();
        assert_eq!((see(&owner).to_owned(), see(&author)), ("account_suspended".to_owned(), "account_suspended"));
        assert_eq!(see(&admin), "none", "who runs the installation still looks after it");
        assert_eq!((suspended(&town, "brandt.example"), suspended(&town, "other.example")), (Some(true), Some(false)));
        let stranger =
            refusal(town.store.read(&town.actor("mara@example.org"), |tx| tx.authorize(other, Capability::SiteRead)));
        assert_eq!(stranger, "none");
        assert_eq!(refusal(town.write(&admin, move |_, tx| suspend::suspend(tx, account, "again"))), "wrong_state");
        assert_eq!(refusal(town.write(&owner, move |_, tx| suspend::unsuspend(tx, account))), "denied");

        town.write(&admin, move |_, tx| suspend::unsuspend(tx, account)).unwrap();
        assert_eq!((see(&owner), see(&author)), ("none", "none"));
        assert_eq!(suspended(&town, "brandt.example"), Some(false));
        assert_eq!(all(), before);
    }
}

#[test]
fn a_closed_account_is_nowhere_and_comes_back_as_it_was_until_its_time_is_over() {
    for town in towns() {
        town.claim();
        let account = open(&town, &Actor::system(), "Brandt", PlanId(0), ResellerId(0)).unwrap();
        let home = site(&town, &Actor::system(), account, "brandt.example").unwrap();
        town.person("owner@example.org", Some((RolePlace::Account(account), Role::Owner)));
        let owner = town.actor("owner@example.org");
        let goes = town.store.read(&Actor::system(), |tx| graveyard::preview(tx, account)).unwrap();
        assert_eq!(
            (goes.hosts, goes.people),
            (
                vec!["brandt-example.localhost".to_owned(), "brandt.example".into()],
                vec!["owner@example.org".to_owned()]
            )
        );

        town.system(move |_, tx| suspend::suspend(tx, account, "unpaid"));
        town.system(move |_, tx| graveyard::terminate(tx, account));
        assert_eq!(suspended(&town, "brandt.example"), None, "its names answer nowhere");
        let read = |actor: &Actor| refusal(town.store.read(actor, |tx| tx.authorize(home, Capability::SiteRead)));
        assert_eq!((read(&owner), read(&Actor::system())), ("not_found", "not_found"));
        assert_eq!(town.store.read(&owner, sites::list_visible).unwrap().len(), 0);
        assert_eq!(refusal(site(&town, &Actor::system(), account, "new.example")), "not_found");
        let (lines, _) = town
            .store
            .read(&Actor::system(), |tx| accounts::list(tx, &AccountFilter::default(), &Page::default()))
            .unwrap();
        assert!(lines.iter().all(|l| l.account.id != account));

        town.system(move |_, tx| graveyard::restore(tx, account));
        assert_eq!(suspended(&town, "brandt.example"), Some(true), "suspended it was, suspended it is");
        town.system(move |_, tx| suspend::unsuspend(tx, account));
        assert_eq!(read(&owner), "none");

        town.system(move |_, tx| graveyard::terminate(tx, account));
        assert!(town.store.read(&Actor::system(), graveyard::overdue).unwrap().is_empty());
        town.wait(14 * 24 * 3600 + 1);
        assert_eq!(refusal(town.write(&Actor::system(), move |_, tx| graveyard::restore(tx, account))), "wrong_state");
        assert_eq!(town.store.read(&Actor::system(), graveyard::overdue).unwrap(), [account]);
        // May run twice without harm, and says that sites' rows are still going.
        for _ in 0..2 {
            assert_eq!(town.system(move |_, tx| graveyard::begin_end(tx, account)), graveyard::Step::Sites);
        }
        assert_eq!(
            refusal(town.write(&Actor::system(), move |_, tx| graveyard::finish_end(tx, account))),
            "wrong_state"
        );
    }
}

// rows: H011 H013
#[test]
fn h013_an_account_does_not_end_while_the_folder_of_a_site_that_left_it_still_lies_there() {
    for town in towns() {
        let (_, first) = town.claim();
        let account = open(&town, &Actor::system(), "Brandt", PlanId(0), ResellerId(0)).unwrap();
        let home = site(&town, &Actor::system(), account, "brandt.example").unwrap();
        let carry = Carry {
            from: account,
            to: first,
            folder: "brandt.example/public".into(),
            inode: 7,
            place: "brandt.example/public".into(),
            newest_version: 0,
        };
        town.system(move |_, tx| {
            let scope = tx.scope_of(home)?;
            freehold_store::sites::set_root(tx, scope, "brandt.example/public")
        });
        town.system(move |_, tx| accounts::move_site(tx, home, first, Some(&carry)));
        town.system(move |_, tx| graveyard::terminate(tx, account));
        town.system(move |_, tx| graveyard::end_now(tx, account));
        let end = || town.system(move |_, tx| graveyard::begin_end(tx, account));
        assert_eq!(end(), graveyard::Step::Sites, "its files are not with the other account yet");
        let ways = JobFilter { kinds: Some(vec![accounts::CARRY.to_owned()]), ..JobFilter::default() };
        let job = town.store.read(&Actor::system(), |tx| jobs::search(tx, None, &ways, 0, 1)).unwrap().remove(0);
        town.system(move |_, tx| jobs::cancel(tx, Some(home), job.id).map(|_| ()));
        assert_eq!(end(), graveyard::Step::Files);
    }
}

#[test]
fn h012_opening_as_owner_gives_that_account_and_nothing_else_and_names_both() {
    for town in towns() {
        let (_, first) = town.claim();
        let account = open(&town, &Actor::system(), "Brandt", PlanId(0), ResellerId(0)).unwrap();
        let home = site(&town, &Actor::system(), account, "brandt.example").unwrap();
        let other = site(&town, &Actor::system(), first, "other.example").unwrap();
        let owner = town.person("owner@example.org", Some((RolePlace::Account(account), Role::Owner)));
        let cookie = town.sign_in("mara@example.org");
        let mara = town.signed_in(&cookie).actor;
        let token = town.write(&mara, move |_, tx| acting::open_as_owner(tx, account)).unwrap();
        assert!(town.look(&cookie).is_none(), "the old cookie ends");
        let opened = token.reveal_text().to_owned();
        let me = town.signed_in(&opened).actor;
        assert_eq!(me.acting, Some(account));
        let may = |site, c| refusal(town.store.read(&me, |tx| tx.authorize(site, c)));
        assert_eq!((may(home, Capability::SettingsManage), may(other, Capability::SiteRead)), ("none", "not_found"));
        assert_eq!(refusal(town.store.read(&me, |tx| tx.authorize_server(Capability::ServerRead))), "denied");
        // Neither the owner's credentials nor one's own; nor anybody's rights beyond the owner's.
        assert_eq!(refusal(town.write(&me, |a, tx| a.revoke_other_sessions(tx))), "denied");
        assert_eq!(refusal(town.write(&me, |a, tx| a.enrol(tx).map(|_| ()))), "denied");
        let place = RolePlace::Account(account);
        assert_eq!(refusal(town.write(&me, move |_, tx| roles::set_role(tx, place, owner, None))), "last_owner");
        town.write(&me, move |_, tx| freehold_platform::sites::delete(tx, home)).unwrap();
        let row = town.audit().into_iter().find(|r| r.action == "site.delete").unwrap();
        assert_eq!((row.actor.as_str(), row.actor_id), ("as_owner", mara.user().unwrap().get()));
        let opened_row = town.audit().into_iter().find(|r| r.action == "account.open_as_owner").unwrap();
        assert!(opened_row.detail.contains("owner@example.org"), "{}", opened_row.detail);

        let token = town.write(&me, |_, tx| acting::leave(tx)).unwrap();
        let back = town.signed_in(token.reveal_text()).actor;
        assert_eq!(refusal(town.store.read(&back, |tx| tx.authorize_server(Capability::ServerManage))), "none");
        assert_eq!(refusal(town.write(&back, |_, tx| acting::leave(tx))), "wrong_state");
    }
}

#[test]
fn who_loses_the_right_to_open_accounts_loses_the_opened_one_at_once() {
    for town in towns() {
        town.claim();
        let account = open(&town, &Actor::system(), "Brandt", PlanId(0), ResellerId(0)).unwrap();
        let home = site(&town, &Actor::system(), account, "brandt.example").unwrap();
        let ben = town.person("ben@example.org", Some((RolePlace::Server, Role::HostingAdmin)));
        let actor = town.actor("ben@example.org");
        let token = town.write(&actor, move |_, tx| acting::open_as_owner(tx, account)).unwrap();
        let me = town.signed_in(token.reveal_text()).actor;
        town.system(move |_, tx| roles::set_role(tx, RolePlace::Server, ben, None));
        assert_eq!(
            refusal(town.write(&me, move |_, tx| tx.authorize(home, Capability::SiteRead).map(|_| ()))),
            "not_found"
        );
        let again = town.signed_in(token.reveal_text()).actor;
        assert_eq!(refusal(town.store.read(&again, |tx| tx.authorize(home, Capability::SiteRead))), "not_found");
    }
}

#[test]
fn who_has_a_customer_open_whose_account_goes_for_good_leaves_it() {
    for town in towns() {
        town.claim();
        let account = open(&town, &Actor::system(), "Brandt", PlanId(0), ResellerId(0)).unwrap();
        let mara = town.actor("mara@example.org");
        let token = town.write(&mara, move |_, tx| acting::open_as_owner(tx, account)).unwrap();
        town.system(move |_, tx| graveyard::terminate(tx, account));
        let early = town.write(&Actor::system(), move |_, tx| graveyard::begin_end(tx, account));
        assert_eq!(refusal(early), "wrong_state", "its time is not over");
        town.system(move |_, tx| graveyard::end_now(tx, account));
        assert_eq!(town.system(move |_, tx| graveyard::begin_end(tx, account)), graveyard::Step::Files);
        town.system(move |_, tx| graveyard::finish_end(tx, account));
        let me = town.signed_in(token.reveal_text()).actor;
        assert_eq!(
            refusal(town.store.read(&me, |tx| tx.authorize_account(account, Capability::SiteRead))),
            "not_found"
        );
        let back = town.write(&me, |_, tx| acting::leave(tx)).unwrap();
        let mara = town.signed_in(back.reveal_text()).actor;
        assert_eq!(refusal(town.store.read(&mara, |tx| tx.authorize_server(Capability::ServerManage))), "none");
    }
}
