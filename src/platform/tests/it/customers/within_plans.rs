//! Plans: their last places, a smaller one, what they leave out.

use freehold_base::{Capability, Feature, Features, PlanId, ResellerId, Role};
use freehold_platform::accounts::roles;
use freehold_platform::customers::accounts;
use freehold_platform::customers::plans::{self, PlanEdit};
use freehold_platform::limits::Limits;
use freehold_store::Actor;
use freehold_store::roles::RolePlace;

use super::{open, plan, site, small};
use crate::support::*;

#[test]
fn the_last_place_of_a_plan_is_taken_once() {
    for town in towns() {
        town.claim();
        let plan = plan(&town, "Small", small(), Features::ALL);
        let account = open(&town, &Actor::system(), "Kvarnby", plan, ResellerId(0)).unwrap();
        let made: Vec<_> = std::thread::scope(|scope| {
            let town = &town;
            let tries: Vec<_> = (0..6)
                .map(|n| scope.spawn(move || site(town, &Actor::system(), account, &format!("s{n}.example"))))
                .collect();
            tries.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let good = made.iter().filter(|r| r.is_ok()).count();
        assert_eq!(good, 1);
        assert!(made.into_iter().filter_map(Result::err).all(|e| code(&e) == "limit_reached"));
        let larger =
            PlanEdit { name: "Small".into(), limits: Limits { sites: Some(2), ..small() }, features: Features::ALL };
        town.system(move |_, tx| plans::change(tx, plan, &larger));
        site(&town, &Actor::system(), account, "second.example").unwrap();
    }
}

#[test]
fn a_smaller_plan_holds_at_once_and_lists_what_is_over_it() {
    for town in towns() {
        town.claim();
        let account = open(&town, &Actor::system(), "Kvarnby", PlanId(0), ResellerId(0)).unwrap();
        for n in 0..3 {
            site(&town, &Actor::system(), account, &format!("s{n}.example")).unwrap();
        }
        let limits = Limits { domains: Some(0), subdomains: Some(0), aliases: Some(0), ..small() };
        let plan = plan(&town, "Small", limits, Features::ALL);
        let over = town.system(move |_, tx| accounts::change_plan(tx, account, plan));
        assert_eq!((over[0].resource.words(), over[0].used, over[0].most), ("sites", 3, Some(1)));
        let names = over.iter().filter(|u| ["domains", "further names"].contains(&u.resource.words()));
        assert_eq!(names.map(|u| u.used).sum::<i64>(), 3, "names are listed too: {over:?}");
        assert_eq!(refusal(site(&town, &Actor::system(), account, "more.example")), "limit_reached");
        let whole = town.store.read(&Actor::system(), |tx| accounts::show(tx, account)).unwrap();
        assert_eq!((whole.sites.len(), whole.plan.map(|p| p.name)), (3, Some("Small".into())), "nothing is deleted");
        assert_eq!(refusal(town.write(&Actor::system(), move |_, tx| plans::delete(tx, plan))), "wrong_state");
    }
}

#[test]
fn what_a_plan_leaves_out_is_refused_to_members_and_not_to_who_sells_it() {
    for town in towns() {
        let (_, _) = town.claim();
        let without = Feature::ALL
            .iter()
            .filter(|f| !matches!(f, Feature::Cron | Feature::Domains))
            .fold(Features::NONE, |all, f| all.with(*f));
        let plan = plan(&town, "Quiet", Limits::default(), without);
        let account = open(&town, &Actor::system(), "Kvarnby", plan, ResellerId(0)).unwrap();
        let home = site(&town, &Actor::system(), account, "kvarnby.example").unwrap();
        town.person("owner@example.org", Some((RolePlace::Account(account), Role::Owner)));
        let owner = town.actor("owner@example.org");
        let may = |actor: &Actor, c| refusal(town.store.read(actor, |tx| tx.authorize(home, c)));
        assert_eq!(may(&owner, Capability::DomainsManage), "feature_off");
        assert_eq!(may(&owner, Capability::CronManage), "feature_off");
        assert_eq!(may(&owner, Capability::FilesWrite), "none");
        assert_eq!(may(&owner, Capability::ServerManage), "denied", "no plan gives that");
        assert_eq!(may(&town.actor("mara@example.org"), Capability::DomainsManage), "none");
    }
}

#[test]
fn h011_the_last_place_of_a_team_is_taken_once_and_owners_do_not_count() {
    for town in towns() {
        town.claim();
        let plan = plan(&town, "Small", small(), Features::ALL);
        let account = open(&town, &Actor::system(), "Kvarnby", plan, ResellerId(0)).unwrap();
        let place = RolePlace::Account(account);
        let owner = town.person("owner@example.org", Some((place, Role::Owner)));
        let people: Vec<_> = (0..4).map(|n| town.person(&format!("p{n}@example.org"), None)).collect();
        let made: Vec<_> = std::thread::scope(|scope| {
            let town = &town;
            let give = |user| {
                let set =
                    move |_: &_, tx: &mut freehold_store::Tx<'_>| roles::set_role(tx, place, user, Some(Role::Billing));
                move || refusal(town.write(&Actor::system(), set))
            };
            let tries: Vec<_> = people.iter().map(|user| scope.spawn(give(*user))).collect();
            tries.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(made.iter().filter(|r| **r == "none").count(), 1, "{made:?}");
        assert!(made.iter().all(|r| ["none", "limit_reached"].contains(r)), "{made:?}");
        let second = town.person("second@example.org", None);
        town.system(move |_, tx| roles::set_role(tx, place, second, Some(Role::Owner)));
        // An owner who becomes one of the team is one more of it.
        let down = town.write(&Actor::system(), move |_, tx| roles::set_role(tx, place, owner, Some(Role::Reader)));
        assert_eq!(refusal(down), "limit_reached");
        let first = people[made.iter().position(|r| *r == "none").unwrap()];
        town.system(move |_, tx| roles::set_role(tx, place, first, Some(Role::FilesOnly)));
        town.system(move |_, tx| roles::set_role(tx, place, first, None));
        town.system(move |_, tx| roles::set_role(tx, place, owner, Some(Role::Reader)));
    }
}
