//! Names of sites: whose a claim is, what names count against, how rules of sites change.

use std::time::Duration;

use freehold_base::{AccountId, DomainName, Features, HostName, PlanId, ResellerId, Role, SiteId};
use freehold_platform::customers::accounts::{self, Opening};
use freehold_platform::customers::plans::{self, PlanEdit};
use freehold_platform::limits::Limits;
use freehold_platform::sites::domains::{self, Add, Found, Kind};
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_store::Actor;
use freehold_store::roles::RolePlace;
use freehold_store::sites::Domain;

use crate::support::*;

const AWAY: Found = Found { points: "elsewhere", proof: None, away: true, look: String::new() };
const SILENT: Found = Found { points: "nowhere", proof: None, away: false, look: String::new() };
const PARTLY: Found = Found { points: "partly", proof: None, away: false, look: String::new() };
const HERE: Found = Found { points: "here", proof: Some("points"), away: false, look: String::new() };
const OURS: Found = Found { points: "here", proof: Some("ns"), away: false, look: String::new() };
const TEXT: Found = Found { points: "here", proof: Some("txt"), away: false, look: String::new() };

/// A customer with a site.
struct Customer {
    actor: Actor,
    account: AccountId,
    site: SiteId,
}

fn customer(town: &Town, name: &'static str, limits: Option<Limits>) -> Customer {
    let plan = limits.map_or(PlanId(0), |limits| {
        let edit = PlanEdit { name: name.into(), limits, features: Features::ALL };
        town.system(move |_, tx| plans::create(tx, &edit))
    });
    let opening = Opening { title: name.into(), plan, reseller: ResellerId(0) };
    let account = town.system(move |_, tx| accounts::open(tx, &opening));
    let email = format!("{name}@example.org");
    town.person(&email, Some((RolePlace::Account(account), Role::Owner)));
    let host = HostName::parse(&format!("{name}.localhost")).unwrap();
    let new = NewSite { account, title: name.into(), host, settings: Settings::default() };
    let site = town.system(move |_, tx| sites::create(tx, &new));
    Customer { actor: town.actor(&email), account, site }
}

fn add_as(town: &Town, by: &Customer, host: &str, becomes_main: bool) -> freehold_base::Result<Domain> {
    let (site, name) = (by.site, DomainName::parse(host).unwrap());
    let new = Add { name, kind: Kind::Alias, becomes_main };
    town.write(&by.actor, move |_, tx| domains::add(tx, site, &new))
}

fn add(town: &Town, by: &Customer, host: &str) -> Domain {
    add_as(town, by, host, false).unwrap()
}

fn look(town: &Town, of: &Customer, claim: &Domain, found: &Found) -> bool {
    let (site, id, found) = (of.site, claim.id, found.clone());
    town.system(move |_, tx| domains::settle(tx, site, id, &found)).is_live()
}

// row: H030
#[test]
fn h030_that_a_name_points_here_shows_whose_it_is_where_that_changed_after_the_claim() {
    for town in towns() {
        town.claim();
        let nils = customer(&town, "nils", None);
        // The usual way: it leads elsewhere, then here.
        let moved = add(&town, &nils, "moved.example");
        assert!(!look(&town, &nils, &moved, &AWAY) && !look(&town, &nils, &moved, &PARTLY));
        assert!(look(&town, &nils, &moved, &HERE));
        let ours = add(&town, &nils, "ours.example");
        assert!(!look(&town, &nils, &ours, &AWAY) && look(&town, &nils, &ours, &OURS));
        // It pointed here before: anybody could have claimed it. Silence of name servers is no change.
        for found in [HERE, OURS] {
            let claim = add(&town, &nils, "before.example");
            for found in [&found, &SILENT, &found, &PARTLY, &found] {
                assert!(!look(&town, &nils, &claim, found));
            }
            assert!(look(&town, &nils, &claim, &TEXT), "the text record says it");
            let (site, id) = (nils.site, claim.id);
            town.system(move |_, tx| domains::remove_domain(tx, site, id));
        }
    }
}

// row: H030
#[test]
fn h030_a_name_that_several_accounts_claim_goes_to_who_has_the_text_record_alone() {
    for town in towns() {
        town.claim();
        let (nils, jonas) = (customer(&town, "nils", None), customer(&town, "jonas", None));
        for (early, late) in [
            ("a.example", "a.example"),
            ("*.b.example", "b.example"),
            ("shop.c.example", "c.example"),
            ("d.example", "www.d.example"),
        ] {
            let (stranger, owner) = (add(&town, &jonas, early), add(&town, &nils, late));
            assert!(!look(&town, &jonas, &stranger, &AWAY) && !look(&town, &nils, &owner, &AWAY));
            for _ in 0..2 {
                assert!(!look(&town, &jonas, &stranger, &HERE) && !look(&town, &nils, &owner, &HERE), "{early}");
            }
            assert!(look(&town, &nils, &owner, &TEXT), "{late}");
            assert!(!look(&town, &jonas, &stranger, &TEXT), "{early} overlaps it now");
        }
    }
}

/// Somebody waited with a claim until the owner, who had not added the name yet, pointed it here.
// row: H030
#[test]
fn h030_a_name_that_only_pointed_here_goes_to_who_has_the_text_record() {
    for town in towns() {
        town.claim();
        let (nils, jonas) = (customer(&town, "nils", None), customer(&town, "jonas", None));
        let state = |of: &Customer| {
            let site = of.site;
            let names = town.store.read(&Actor::system(), move |tx| domains::domains(tx, site)).unwrap();
            names.into_iter().map(|d| format!("{} {} {}", d.host, d.kind, d.state)).collect::<Vec<_>>()
        };
        let stranger = add_as(&town, &jonas, "harbour.example", true).unwrap();
        assert!(!look(&town, &jonas, &stranger, &AWAY) && look(&town, &jonas, &stranger, &HERE));
        // Without the address of this machine too, which its people may take off.
        let (site, local) = (jonas.site, "jonas.localhost".to_owned());
        let id = town.system(move |_, tx| domains::named(tx, site, &local)).id;
        town.write(&jonas.actor, move |_, tx| domains::remove_domain(tx, site, id)).unwrap();
        assert_eq!(state(&jonas), ["harbour.example main live"]);

        assert_eq!(refusal(add_as(&town, &nils, "www.harbour.example", false)), "domain_overlaps");
        let owner = add_as(&town, &nils, "harbour.example", true).unwrap();
        for found in [&HERE, &AWAY, &HERE, &OURS] {
            assert!(!look(&town, &nils, &owner, found), "pointing shows nothing against pointing");
        }
        assert_eq!(state(&jonas), ["harbour.example main live"], "a claim alone takes nothing");
        assert!(look(&town, &nils, &owner, &TEXT));
        assert_eq!(state(&nils)[0], "harbour.example main live");
        assert_eq!(state(&jonas), ["jonas.localhost main live", "harbour.example alias pending"]);
        for found in [&AWAY, &HERE, &TEXT] {
            assert!(!look(&town, &jonas, &stranger, found), "what a text record showed stays");
        }
        assert_eq!(refusal(add_as(&town, &customer(&town, "ida", None), "harbour.example", false)), "domain_overlaps");
        assert!(town.audit().iter().any(|row| row.action == "domain.yield" && row.object == "harbour.example"));
    }
}

// row: H030
#[test]
fn h030_an_early_claim_does_not_inherit_a_name_that_its_owner_moves_to_another_site() {
    for town in towns() {
        town.claim();
        let (nils, jonas) = (customer(&town, "nils", None), customer(&town, "jonas", None));
        let stranger = add(&town, &jonas, "harbour.example");
        look(&town, &jonas, &stranger, &AWAY);
        let owner = add(&town, &nils, "harbour.example");
        assert!(look(&town, &nils, &owner, &TEXT));
        // Looks go on every hour, and at night.
        assert!(!look(&town, &jonas, &stranger, &HERE));
        let (site, id) = (nils.site, owner.id);
        town.write(&nils.actor, move |_, tx| domains::remove_domain(tx, site, id)).unwrap();
        assert!(!look(&town, &jonas, &stranger, &HERE), "it points here still, and that is the owner's doing");
    }
}

// row: H030
#[test]
fn h030_a_claim_ends_after_thirty_days_and_asking_for_looks_does_not_hasten_them() {
    for town in towns() {
        town.claim();
        let nils = customer(&town, "nils", None);
        let claim = add(&town, &nils, "harbour.example");
        let live = add(&town, &nils, "pine.example");
        assert!(look(&town, &nils, &live, &TEXT));
        let end = || town.system(|_, tx| domains::end_old_claims(tx));
        town.wait(29 * 24 * 3600);
        let site = nils.site;
        town.system(move |_, tx| domains::look_now(tx, site, "harbour.example"));
        let jobs = town.store.read(&Actor::system(), |tx| freehold_platform::jobs::list(tx, None, 0, 100)).unwrap();
        let since = format!("\"since\":{}", claim.created_at.ms());
        let waits =
            jobs.iter().find(|j| j.kind == domains::WATCH && j.payload.contains(&format!("\"domain\":{}", claim.id)));
        assert!(waits.is_some_and(|job| job.payload.contains(&since)), "the name's age sets the pace: {jobs:?}");
        assert_eq!(end(), 0);
        town.clock.advance(Duration::from_secs(25 * 3600));
        assert_eq!((end(), end()), (1, 0));
        let names = town.store.read(&Actor::system(), move |tx| domains::domains(tx, site)).unwrap();
        let hosts: Vec<&str> = names.iter().map(|d| d.host.as_str()).collect();
        assert_eq!(hosts, ["nils.localhost", "pine.example"]);
    }
}

// row: H025
#[test]
fn h025_www_is_free_beside_its_name_alone_and_names_of_this_machine_are_bounded() {
    for town in towns() {
        town.claim();
        let limits = Limits { domains: Some(1), subdomains: Some(0), aliases: Some(1), ..Limits::default() };
        let nils = customer(&town, "nils", Some(limits));
        let refused = |host: &str, main: bool| refusal(add_as(&town, &nils, host, main));
        assert_eq!(refused("www.harbour.example", false), "limit_reached", "without harbour.example");
        let bare = add(&town, &nils, "harbour.example");
        assert_eq!(refused("www.harbour.example", false), "none");
        let (site, id) = (nils.site, bare.id);
        let remove = town.write(&nils.actor, move |_, tx| domains::remove_domain(tx, site, id));
        assert_eq!(refusal(remove), "limit_reached", "its www would stay behind");
        assert_eq!(refused("second.example", false), "limit_reached");
        assert_eq!(refused("main.example", true), "none");
        assert_eq!(refused("other.example", true), "limit_reached", "a claim counts as what it is to be");
        assert_eq!((refused("squat.localhost", false), refused("more.localhost", false)), ("none", "limit_reached"));
        assert_eq!(refused("*.more.localhost", false), "limit_reached");
    }
}

// row: H025
#[test]
fn h025_a_further_name_is_not_made_the_main_one_past_the_plan() {
    for town in towns() {
        town.claim();
        let limits = Limits { domains: Some(0), aliases: Some(2), ..Limits::default() };
        let nils = customer(&town, "nils", Some(limits));
        let claim = add(&town, &nils, "harbour.example");
        let (site, id) = (nils.site, claim.id);
        let make_main = || refusal(town.write(&nils.actor, move |_, tx| domains::make_main(tx, site, id)));
        assert_eq!(make_main(), "limit_reached", "a claim");
        assert!(look(&town, &nils, &claim, &TEXT));
        assert_eq!(make_main(), "limit_reached");
        // Where there is room, names take turns.
        let jonas = customer(&town, "jonas", Some(Limits { domains: Some(1), aliases: Some(1), ..Limits::default() }));
        let first = add_as(&town, &jonas, "pine.example", true).unwrap();
        assert!(look(&town, &jonas, &first, &TEXT));
        let second = add(&town, &jonas, "sail.example");
        assert!(look(&town, &jonas, &second, &TEXT));
        for id in [second.id, first.id] {
            let site = jonas.site;
            town.write(&jonas.actor, move |_, tx| domains::make_main(tx, site, id)).unwrap();
        }
    }
}

// row: H023
#[test]
fn h023_two_sites_of_files_that_claim_one_name_have_a_folder_each() {
    for town in towns() {
        town.claim();
        let nils = customer(&town, "nils", None);
        let account = nils.account;
        let make = || {
            let host = HostName::parse("harbour.example").unwrap();
            let new = NewSite { account, title: "Harbour".into(), host, settings: Settings::default() };
            let site = town.write(&nils.actor, move |_, tx| sites::create_of_files(tx, &new)).unwrap();
            town.system(move |_, tx| {
                let scope = tx.scope_of(site)?;
                freehold_store::sites::find(tx, scope)
            })
        };
        let (one, other) = (make(), make());
        assert_eq!(one.root, "harbour.example/public");
        assert_eq!(other.root, format!("harbour.example-{}/public", other.id));
    }
}
