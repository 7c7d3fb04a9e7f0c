//! Many accounts at once, from a table.

use freehold_base::{Features, ResellerId, Role};
use freehold_platform::customers::accounts::{self, Opening};
use freehold_platform::customers::bulk;
use freehold_platform::customers::plans::{self, PlanEdit};
use freehold_platform::customers::resellers::ResellerLimits;
use freehold_platform::limits::Limits;
use freehold_store::Actor;
use freehold_store::roles::RolePlace;

use super::{open, plan, reseller, site};
use crate::support::*;

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
