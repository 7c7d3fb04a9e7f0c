//! Resellers: what they see, sell and have to give.

use freehold_base::capability::PRIVILEGES;
use freehold_base::{AccountId, Capability, Feature, Features, PlanId, ResellerId, Role};
use freehold_platform::accounts::Invitation;
use freehold_platform::customers::accounts;
use freehold_platform::customers::plans::{self, PlanEdit};
use freehold_platform::customers::resellers::{self, Brand, Customers, ResellerEdit, ResellerLimits};
use freehold_platform::customers::{acting, graveyard, suspend};
use freehold_platform::limits::{self, Limits};
use freehold_platform::sites;
use freehold_store::Actor;
use freehold_store::roles::RolePlace;

use super::{open, plan, reseller, site, small, suspended};
use crate::support::*;

#[test]
fn a_reseller_sees_and_sells_its_own_and_every_id_of_another_tree_is_as_missing() {
    for town in towns() {
        let (_, first) = town.claim();
        let (kust, fjord) = (
            reseller(&town, "Kust", ResellerLimits::default(), Features::ALL),
            reseller(&town, "Fjord", ResellerLimits::default(), Features::ALL),
        );
        town.person("kim@example.org", Some((RolePlace::Reseller(kust), Role::Reseller)));
        let kim = town.actor("kim@example.org");
        let whole = plan(&town, "Whole", Limits::default(), Features::ALL);
        let own = open(&town, &kim, "Own", whole, ResellerId(0)).unwrap();
        let foreign = open(&town, &Actor::system(), "Foreign", whole, fjord).unwrap();
        site(&town, &kim, own, "own.example").unwrap();
        let away = site(&town, &Actor::system(), foreign, "foreign.example").unwrap();

        let row = town.store.read(&kim, |tx| accounts::show(tx, own)).unwrap();
        assert_eq!(row.account.reseller_id, kust, "a reseller sells for itself, whatever is asked");
        let titles = town.store.read(&kim, accounts::titles).unwrap();
        assert_eq!(titles.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [own]);
        assert_eq!(town.store.read(&kim, sites::list_visible).unwrap().len(), 1);
        for id in [foreign, first, AccountId(9999)] {
            let seen = [
                refusal(town.store.read(&kim, |tx| accounts::show(tx, id))),
                refusal(town.write(&kim, move |_, tx| suspend::suspend(tx, id, "mine"))),
                refusal(town.write(&kim, move |_, tx| graveyard::terminate(tx, id))),
                refusal(town.write(&kim, move |_, tx| accounts::change_plan(tx, id, whole))),
                refusal(town.write(&kim, move |_, tx| accounts::rename(tx, id, "Mine", ""))),
                refusal(town.write(&kim, move |_, tx| acting::open_as_owner(tx, id))),
            ];
            assert!(seen.iter().all(|s| *s == "not_found"), "{id}: {seen:?}");
        }
        assert_eq!(refusal(town.store.read(&kim, |tx| tx.authorize(away, Capability::SiteRead))), "not_found");
        assert_eq!(refusal(town.store.read(&kim, |tx| resellers::find(tx, fjord))), "not_found");
        assert_eq!(refusal(open(&town, &kim, "No plan", PlanId(0), ResellerId(0))), "required");
        let edit = PlanEdit { name: "Mine".into(), limits: Limits::default(), features: Features::ALL };
        let (edited, mine) = (edit.clone(), edit.clone());
        assert_eq!(refusal(town.write(&kim, move |_, tx| plans::change(tx, whole, &edited))), "denied", "not its plan");
        let mine = town.write(&kim, move |_, tx| plans::create(tx, &mine)).unwrap();
        assert_eq!(refusal(open(&town, &Actor::system(), "Wrong plan", mine, fjord)), "not_found");

        town.system(move |_, tx| resellers::suspend(tx, kust, "unpaid", true));
        let kim = town.actor("kim@example.org");
        assert_eq!(refusal(town.store.read(&kim, |tx| accounts::show(tx, own))), "not_found");
        assert_eq!(town.store.read(&kim, sites::list_visible).unwrap().len(), 0, "not even a name");
        // Its own name is a claim still; what is served is the address of this machine.
        assert_eq!(suspended(&town, "own-example.localhost"), Some(true));
        town.system(move |_, tx| resellers::unsuspend(tx, kust));
        assert_eq!(refusal(town.store.read(&town.actor("kim@example.org"), |tx| accounts::show(tx, own))), "none");
        town.system(move |_, tx| resellers::delete(tx, kust, Customers::Keep));
        let kept = town.store.read(&Actor::system(), |tx| accounts::show(tx, own)).unwrap();
        assert_eq!(kept.account.reseller_id, ResellerId(0));
    }
}

#[test]
fn a_reseller_sells_no_more_than_it_may() {
    for town in towns() {
        town.claim();
        let limits = ResellerLimits { accounts: Some(3), disk_mb: Some(200), ..ResellerLimits::default() };
        let few = Features::ALL.iter().filter(|f| *f != Feature::Terminal).fold(Features::NONE, |all, f| all.with(f));
        let kust = reseller(&town, "Kust", limits, few);
        town.person("kim@example.org", Some((RolePlace::Reseller(kust), Role::Reseller)));
        let kim = town.actor("kim@example.org");
        let (small, whole) =
            (plan(&town, "Small", small(), Features::NONE), plan(&town, "Whole", Limits::default(), few));
        let beyond = plan(&town, "Beyond", Limits::default(), Features::ALL);
        assert_eq!(refusal(open(&town, &kim, "Beyond", beyond, kust)), "reseller_limit", "it has no terminal to sell");
        let all = PlanEdit { name: "All".into(), limits: Limits::default(), features: Features::ALL };
        assert_eq!(refusal(town.write(&kim, move |_, tx| plans::create(tx, &all))), "reseller_limit");
        assert_eq!(refusal(open(&town, &kim, "Endless", whole, kust)), "reseller_limit");
        let first = open(&town, &kim, "One", small, kust).unwrap();
        open(&town, &kim, "Two", small, kust).unwrap();
        assert_eq!(refusal(open(&town, &kim, "Three", small, kust)), "reseller_limit", "200 MB are sold");
        assert_eq!(refusal(town.write(&kim, move |_, tx| accounts::change_plan(tx, first, whole))), "reseller_limit");
        let kept = town.store.read(&kim, |tx| accounts::show(tx, first)).unwrap();
        assert_eq!(kept.account.plan_id, small, "nothing half-done");
        let may_oversell = ResellerLimits { oversell: true, ..limits };
        let edit = ResellerEdit {
            name: "Kust".into(),
            limits: may_oversell,
            features: few,
            privileges: vec![Capability::AccountsManage],
        };
        town.system(move |_, tx| resellers::change(tx, kust, &edit));
        open(&town, &kim, "Three", small, kust).unwrap();
        assert_eq!(refusal(open(&town, &kim, "Four", small, kust)), "reseller_limit", "three accounts");
        let privileges = town.write(&kim, move |_, tx| suspend::suspend(tx, first, "unpaid"));
        assert_eq!(refusal(privileges), "denied", "a privilege it was not given");
    }
}

#[test]
fn a_reseller_sells_no_more_by_a_larger_plan_nor_by_taking_an_account_back() {
    for town in towns() {
        town.claim();
        let limits = ResellerLimits { accounts: Some(2), disk_mb: Some(200), ..ResellerLimits::default() };
        let kust = reseller(&town, "Kust", limits, Features::ALL);
        town.person("kim@example.org", Some((RolePlace::Reseller(kust), Role::Reseller)));
        let kim = town.actor("kim@example.org");
        let edit = |disk_mb| PlanEdit {
            name: "Own".into(),
            limits: Limits { disk_mb, ..Limits::default() },
            features: Features::ALL,
        };
        let tiny = edit(Some(1));
        let own = town.write(&kim, move |_, tx| plans::create(tx, &tiny)).unwrap();
        let first = open(&town, &kim, "One", own, kust).unwrap();
        let grow = |disk_mb| {
            let edit = edit(disk_mb);
            refusal(town.write(&kim, move |_, tx| plans::change(tx, own, &edit)))
        };
        assert_eq!((grow(Some(1_000_000)), grow(None), grow(Some(200))), ("reseller_limit", "reseller_limit", "none"));
        let kept = town.store.read(&kim, |tx| plans::find(tx, own)).unwrap();
        assert_eq!(PlanEdit::of(&kept).limits.disk_mb, Some(200));

        town.write(&kim, move |_, tx| graveyard::terminate(tx, first)).unwrap();
        let second = open(&town, &kim, "Two", own, kust).unwrap();
        let back = || refusal(town.write(&kim, move |_, tx| graveyard::restore(tx, first)));
        assert_eq!(back(), "reseller_limit", "its 200 MB are sold again");
        assert_eq!(grow(Some(100)), "none", "a smaller plan is never refused");
        assert_eq!(back(), "none");
        town.write(&kim, move |_, tx| graveyard::terminate(tx, first)).unwrap();
        open(&town, &kim, "Three", own, kust).unwrap();
        assert_eq!(grow(Some(1)), "none");
        assert_eq!(back(), "reseller_limit", "two accounts");
        town.write(&kim, move |_, tx| graveyard::terminate(tx, second)).unwrap();
        assert_eq!(back(), "none");
    }
}

#[test]
fn a_feature_that_a_reseller_was_not_given_is_nowhere_in_its_accounts_and_a_taken_one_goes_at_once() {
    for town in towns() {
        town.claim();
        let but = |without: &[Feature]| {
            let kept = Feature::ALL.iter().filter(|f| !without.contains(f));
            kept.fold(Features::NONE, |all, f| all.with(*f))
        };
        let most = but(&[Feature::Terminal, Feature::Cron, Feature::Sites, Feature::Team]);
        let kust = reseller(&town, "Kust", ResellerLimits::default(), most);
        town.person("kim@example.org", Some((RolePlace::Reseller(kust), Role::Reseller)));
        let kim = town.actor("kim@example.org");
        let plan = plan(&town, "Most", Limits::default(), most);
        let account = open(&town, &kim, "Brandt", plan, kust).unwrap();
        site(&town, &kim, account, "brandt.example").unwrap();
        let invitation = Invitation {
            email: "owner@example.org".into(),
            name: String::new(),
            place: RolePlace::Account(account),
            role: Role::Owner,
        };
        town.write(&kim, move |a, tx| a.invite(tx, &invitation).map(|_| ())).unwrap();
        town.person("second@example.org", Some((RolePlace::Account(account), Role::Owner)));
        let owner = town.actor("second@example.org");
        let may = |actor: &Actor, c| refusal(town.store.read(actor, |tx| tx.authorize_account(account, c)));
        for feature in [Capability::TerminalUse, Capability::CronManage] {
            assert_eq!((may(&kim, feature), may(&owner, feature)), ("denied", "feature_off"), "{feature:?}");
        }
        assert_eq!((may(&kim, Capability::FilesWrite), may(&owner, Capability::FilesWrite)), ("none", "none"));
        let fewer = but(&[Feature::Terminal, Feature::Cron, Feature::Files, Feature::Sftp]);
        let edit = ResellerEdit {
            name: "Kust".into(),
            limits: ResellerLimits::default(),
            features: fewer,
            privileges: PRIVILEGES.to_vec(),
        };
        town.system(move |_, tx| resellers::change(tx, kust, &edit));
        let kim = town.actor("kim@example.org");
        assert_eq!((may(&kim, Capability::FilesWrite), may(&owner, Capability::FilesWrite)), ("denied", "feature_off"));
        let sftp = town.store.read(&owner, |tx| {
            let scope = tx.authorize_account(account, Capability::FilesRead)?;
            limits::need_feature(scope, Feature::Sftp)
        });
        assert_eq!(refusal(sftp), "feature_off");
        assert_eq!(may(&town.actor("mara@example.org"), Capability::TerminalUse), "none");
    }
}

#[test]
fn h021_a_brand_whose_colour_cannot_be_read_is_refused_and_the_others_have_their_kin() {
    for town in towns() {
        town.claim();
        let kust = reseller(&town, "Kust", ResellerLimits::default(), Features::ALL);
        town.person("kim@example.org", Some((RolePlace::Reseller(kust), Role::Reseller)));
        let kim = town.actor("kim@example.org");
        let set = |colour: &str| {
            let brand = Brand {
                name: "Kust AB".into(),
                colour: colour.into(),
                mail_from: "hej@kust.example".into(),
                ..Brand::default()
            };
            refusal(town.write(&kim, move |_, tx| resellers::set_brand(tx, kust, &brand)))
        };
        assert_eq!((set("#7fd4b0"), set("#7a1f5c")), ("malformed", "none"));
        let brand = town.store.read(&kim, |tx| resellers::brand_of(tx, kust)).unwrap().unwrap();
        assert_eq!((brand.sender().name.as_str(), brand.sender().address.as_str()), ("Kust AB", "hej@kust.example"));
        assert_eq!(town.store.read(&kim, |tx| resellers::brand_of(tx, ResellerId(0))).unwrap(), None);
    }
}
