//! Traffic and its warnings; figures; every site of the list.

use freehold_base::{Capability, Features, ResellerId, Role, SiteId};
use freehold_host::mail::Mailer;
use freehold_platform::customers::accounts;
use freehold_platform::customers::figures::{self, Figures};
use freehold_platform::customers::resellers::ResellerLimits;
use freehold_platform::customers::traffic::{Traffic, month_of};
use freehold_platform::customers::{suspend, warnings};
use freehold_platform::limits::Limits;
use freehold_platform::outbox::Outbox;
use freehold_platform::sites;
use freehold_store::roles::RolePlace;
use freehold_store::{Actor, testing, traffic as stored};

use super::{open, plan, reseller, site, small};
use crate::support::*;

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
