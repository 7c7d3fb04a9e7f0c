//! Accounts of customers: plans, resellers, suspension, the graveyard, opening as owner, traffic and warnings.

use freehold_base::capability::PRIVILEGES;
use freehold_base::{AccountId, Capability, Feature, Features, HostName, Page, PlanId, ResellerId, Role, SiteId};
use freehold_host::mail::Mailer;
use freehold_platform::accounts::{Invitation, roles};
use freehold_platform::customers::accounts::{self, Opening};
use freehold_platform::customers::bulk;
use freehold_platform::customers::figures::{self, Figures};
use freehold_platform::customers::plans::{self, PlanEdit};
use freehold_platform::customers::resellers::{self, Brand, Customers, ResellerEdit, ResellerLimits};
use freehold_platform::customers::traffic::{Traffic, month_of};
use freehold_platform::customers::{acting, graveyard, suspend, warnings};
use freehold_platform::limits::{self, Limits};
use freehold_platform::outbox::Outbox;
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_store::accounts::AccountFilter;
use freehold_store::roles::RolePlace;
use freehold_store::{Actor, testing, traffic as stored};

use crate::support::*;

fn plan(town: &Town, name: &str, limits: Limits, features: Features) -> PlanId {
    let edit = PlanEdit { name: name.into(), limits, features };
    town.system(move |_, tx| plans::create(tx, &edit))
}

fn small() -> Limits {
    Limits { sites: Some(1), people: Some(1), disk_mb: Some(100), traffic_gb: Some(1), ..Limits::default() }
}

fn open(town: &Town, by: &Actor, title: &str, plan: PlanId, reseller: ResellerId) -> freehold_base::Result<AccountId> {
    let opening = Opening { title: title.into(), plan, reseller };
    town.write(by, move |_, tx| accounts::open(tx, &opening))
}

fn reseller(town: &Town, name: &str, limits: ResellerLimits, features: Features) -> ResellerId {
    let edit = ResellerEdit { name: name.into(), limits, features, privileges: PRIVILEGES.to_vec() };
    town.system(move |_, tx| resellers::create(tx, &edit))
}

fn site(town: &Town, by: &Actor, account: AccountId, host: &str) -> freehold_base::Result<SiteId> {
    let new =
        NewSite { account, title: host.into(), host: HostName::parse(host).unwrap(), settings: Settings::default() };
    town.write(by, move |_, tx| sites::create(tx, &new))
}

fn suspended(town: &Town, host: &str) -> Option<bool> {
    let hosts = town.store.read(&Actor::system(), sites::hosts).unwrap();
    hosts.iter().find(|h| h.host == host).map(|h| h.suspended)
}

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
fn used_up_traffic_suspends_until_a_new_month_or_a_plan_that_fits_and_ends_no_other_suspension() {
    for town in towns() {
        town.claim();
        let limits = Limits { traffic_gb: Some(1), suspend_over_traffic: true, ..Limits::default() };
        let (tight, wide) =
            (plan(&town, "Tight", limits, Features::ALL), plan(&town, "Wide", Limits::default(), Features::ALL));
        let outbox = Outbox::new(town.keys.clone(), Mailer::from_url("", "", &[]).unwrap());
        let look = || warnings::look(&town.store, &outbox).unwrap();
        let account = |title: &str| open(&town, &Actor::system(), title, tight, ResellerId(0)).unwrap();
        let (waits, grows, owes) = (account("Waits"), account("Grows"), account("Owes"));
        let status = |id| town.store.read(&Actor::system(), |tx| accounts::show(tx, id)).unwrap().account.status;
        let traffic = Traffic::default();
        for id in [waits, grows, owes] {
            traffic.counter(id, SiteId(0), "web").add(1, 1_000_000_000);
        }
        traffic.flush(&town.store).unwrap();
        town.system(move |_, tx| suspend::suspend(tx, owes, "unpaid"));
        look();
        assert_eq!([waits, grows, owes].map(status), ["suspended", "suspended", "suspended"]);
        look();
        assert_eq!(status(waits), "suspended", "the month goes on");
        town.system(move |_, tx| accounts::change_plan(tx, grows, tight));
        assert_eq!(status(grows), "suspended", "this plan does not fit either");
        town.system(move |_, tx| accounts::change_plan(tx, grows, wide));
        town.system(move |_, tx| accounts::change_plan(tx, owes, wide));
        assert_eq!([grows, owes].map(status), ["active", "suspended"]);

        town.wait(11 * 24 * 3600); // 1 December
        look();
        assert_eq!([waits, grows, owes].map(status), ["active", "active", "suspended"]);
        // 31 days back, not from the end of this month.
        let whole = town.store.read(&Actor::system(), |tx| accounts::show(tx, waits)).unwrap();
        assert_eq!((whole.traffic.len(), whole.traffic_bytes), (1, 0));
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
fn h008_traffic_is_counted_by_day_and_none_is_lost_when_a_write_fails() {
    for town in towns() {
        let (_, account) = town.claim();
        let home = town.site(account, "bakery");
        let traffic = Traffic::default();
        traffic.counter(account, home, "web").add(3, 1000);
        traffic.flush(&town.store).unwrap();
        traffic.counter(account, home, "web").add(1, 500);
        traffic.counter(account, SiteId(0), "sftp").add(1, 3);
        testing::execute(&town.store, "ALTER TABLE traffic_days RENAME TO elsewhere").unwrap();
        assert!(traffic.flush(&town.store).is_err(), "this write fails");
        testing::execute(&town.store, "ALTER TABLE elsewhere RENAME TO traffic_days").unwrap();
        // What goes on after the failure: bytes of an upload whose request was counted before.
        traffic.counter(account, SiteId(0), "sftp").add(0, 4);
        traffic.flush(&town.store).unwrap();
        traffic.flush(&town.store).unwrap();
        let month = |now| month_of(now);
        let days = town
            .store
            .read(&Actor::system(), |tx| {
                let scope = tx.authorize_account(account, Capability::UsageRead)?;
                let (from, to) = month(tx.now());
                stored::of_account(tx, scope, from, to)
            })
            .unwrap();
        let lines: Vec<_> = days.iter().map(|d| (d.site_id, d.service.as_str(), d.requests, d.bytes)).collect();
        assert_eq!(lines, [(SiteId(0), "sftp", 1, 7), (home, "web", 4, 1500)]);
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

#[test]
fn figures_say_what_needs_somebody_and_a_reseller_sees_those_of_its_own() {
    for town in towns() {
        town.claim();
        let plan = plan(&town, "Small", small(), Features::ALL);
        let kust = reseller(&town, "Kust", ResellerLimits::default(), Features::ALL);
        town.person("kim@example.org", Some((RolePlace::Reseller(kust), Role::Reseller)));
        let kim = town.actor("kim@example.org");
        let full = open(&town, &kim, "Full", plan, kust).unwrap();
        let away = open(&town, &Actor::system(), "Nearly", plan, ResellerId(0)).unwrap();
        for (id, bytes) in [(full, 100_000_000), (away, 95_000_000)] {
            town.system(move |_, tx| {
                let scope = tx.authorize_account(id, Capability::AccountsManage)?;
                freehold_store::accounts::set_usage(tx, scope, bytes, 3)
            });
        }
        let home = site(&town, &kim, full, "full.example").unwrap();
        let traffic = Traffic::default();
        traffic.counter(full, home, "web").add(3, 1000);
        traffic.counter(away, SiteId(0), "sftp").add(1, 50);
        traffic.flush(&town.store).unwrap();
        let read = |actor: &Actor| town.store.read(actor, |tx| figures::read(tx, START)).unwrap();
        let (all, own) = (read(&town.actor("mara@example.org")), read(&kim));
        let needy = |f: &Figures| f.attention.iter().map(|a| (a.account, a.is_over())).collect::<Vec<_>>();
        assert_eq!(needy(&all), [(full, true), (away, false)]);
        assert_eq!((needy(&own), own.all(), own.disk_bytes, own.sites), (vec![(full, true)], 1, 100_000_000, 1));
        assert_eq!((all.all(), all.disk_bytes), (3, 195_000_000));
        let months = |actor: &Actor| town.store.read(actor, figures::months).unwrap();
        assert_eq!((months(&town.actor("mara@example.org")), months(&kim)), ((1050, 0), (1000, 0)));
        let owner = town.person("owner@example.org", Some((RolePlace::Account(full), Role::Owner)));
        assert!(owner.get() > 0);
        let refused = town.store.read(&town.actor("owner@example.org"), |tx| figures::read(tx, START));
        assert_eq!(refusal(refused), "denied");
    }
}

/// Opens accounts of a table without a site: how a site begins is known a floor above.
fn opens() -> bulk::Open {
    std::sync::Arc::new(|tx, new| {
        accounts::open(tx, &Opening { title: new.title.clone(), plan: new.plan, reseller: ResellerId(0) })
    })
}

#[test]
fn h017_a_line_of_a_table_does_what_its_sender_may_and_finds_nothing_of_others() {
    for town in towns() {
        town.claim();
        let whole = plan(&town, "Whole", Limits::default(), Features::ALL);
        let kust =
            reseller(&town, "Kust", ResellerLimits { accounts: Some(2), ..ResellerLimits::default() }, Features::ALL);
        town.person("kim@example.org", Some((RolePlace::Reseller(kust), Role::Reseller)));
        let kim = town.actor("kim@example.org");
        let foreign = open(&town, &Actor::system(), "Foreign", whole, ResellerId(0)).unwrap();
        site(&town, &Actor::system(), foreign, "foreign.example").unwrap();
        let table = bulk::parse(
            "title,plan,domain,action,reason\n\
             One,whole,,create,\n\
             One,Whole,,create,\n\
             Three,Whole,,create,\n\
             Foreign,,,suspend,\n\
             ,,foreign.example,suspend,\n\
             One,,,suspend,\n\
             Four,Nothing,,create,\n",
        )
        .unwrap();
        let run = |row: &bulk::Row| {
            let row = row.clone();
            refusal(town.write(&kim, move |_, tx| bulk::perform(tx, &row, &opens())))
        };
        let came: Vec<_> = table.rows.iter().map(run).collect();
        assert_eq!(
            came,
            ["none", "none", "reseller_limit", "not_found", "not_found", "wrong_state", "not_found"],
            "two of a title are not guessed between"
        );
        let row = town.audit().into_iter().find(|r| r.action == "account.create").unwrap();
        assert_eq!((row.actor.as_str(), row.actor_id), ("user", kim.user().unwrap().get()));
        assert_eq!(refusal(town.write(&kim, |_, tx| bulk::find(tx, freehold_base::JobId(1)))), "not_found");
        let id = town.write(&kim, move |_, tx| bulk::later(tx, &table.rows)).unwrap();
        assert_eq!(town.store.read(&kim, |tx| bulk::find(tx, id)).unwrap().kind, bulk::BULK);
        let mara = town.actor("mara@example.org");
        assert_eq!(refusal(town.store.read(&mara, |tx| bulk::find(tx, id))), "not_found", "whose it is");
    }
}

#[test]
fn h017_a_plan_and_a_domain_are_those_of_the_account_and_not_of_a_namesake() {
    for town in towns() {
        town.claim();
        let small = |by: &Actor, disk_mb| {
            let limits = Limits { disk_mb: Some(disk_mb), ..Limits::default() };
            let edit = PlanEdit { name: "Small".into(), limits, features: Features::ALL };
            town.write(by, move |_, tx| plans::create(tx, &edit)).unwrap()
        };
        let kust = reseller(&town, "Kust", ResellerLimits::default(), Features::ALL);
        town.person("kim@example.org", Some((RolePlace::Reseller(kust), Role::Reseller)));
        let (kim, mara) = (town.actor("kim@example.org"), town.actor("mara@example.org"));
        let (ours, of_kust) = (small(&mara, 1), small(&kim, 2));
        let of_kim = open(&town, &kim, "Kim’s", of_kust, kust).unwrap();
        // Kim claims a name first; whom it is served for is another account.
        site(&town, &kim, of_kim, "xn--bcher-kva.example").unwrap();
        let run = |by: &Actor, line: &str| {
            let table = bulk::parse(&format!("title,plan,domain,action\n{line}")).unwrap();
            let row = table.rows[0].clone();
            town.write(by, move |_, tx| bulk::perform(tx, &row, &opens()))
        };
        let plan_of = |id| town.store.read(&mara, |tx| accounts::show(tx, id)).unwrap().account.plan_id;
        let made = run(&mara, "Ours,small,,create").unwrap();
        assert_eq!(plan_of(made), ours);
        assert_eq!(plan_of(run(&kim, "Theirs,small,,create").unwrap()), of_kust);
        run(&mara, "Kim’s,Small,,plan").unwrap();
        assert_eq!(plan_of(of_kim), of_kust, "a plan of its reseller before one of the installation");
        assert_eq!(refusal(run(&mara, ",,bücher.example,suspend")), "not_found", "nobody is served there yet");
        site(&town, &mara, made, "xn--bcher-kva.example").unwrap();
        assert_eq!(run(&mara, ",,bücher.example,suspend").unwrap(), made);
    }
}

#[test]
fn every_site_is_listed_however_many_there_are() {
    for town in towns() {
        let (_, account) = town.claim();
        town.system(move |_, tx| {
            let scope = tx.authorize_account(account, Capability::AccountSites)?;
            (0..1001).try_for_each(|n| freehold_store::sites::create(tx, scope, &format!("s{n}"), "cms").map(|_| ()))
        });
        let all = town.store.read(&Actor::system(), sites::list_visible).unwrap();
        assert_eq!(all.len(), 1001);
        assert!(all.windows(2).all(|two| two[0].name < two[1].name), "by name");
        let last = all.iter().map(|s| s.id).max().unwrap();
        let after = SiteId(last.get() - 3);
        let page = town.store.read(&Actor::system(), |tx| sites::list_after(tx, after, 2)).unwrap();
        assert_eq!(page.iter().map(|s| s.id.get()).collect::<Vec<_>>(), [last.get() - 2, last.get() - 1]);
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
