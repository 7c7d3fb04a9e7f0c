//! Rule E5: live names of different accounts never overlap, whatever is added and removed in whatever order.

use freehold_base::{AccountId, Capability, DomainId, DomainName, HostName, SiteId};
use freehold_platform::sites::domains::{Add, Kind, add};
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_store::Actor;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{TestStore, stores};

/// What somebody tries.
#[derive(Clone, Debug)]
enum Try {
    Add(usize, String),
    Remove(usize),
}

/// Names that meet each other often.
fn name() -> impl Strategy<Value = String> {
    let label = prop_oneof![Just("a"), Just("b"), Just("aa"), Just("b-a")];
    let labels = proptest::collection::vec(label, 1..4);
    (labels, any::<bool>(), prop_oneof![Just("example"), Just("co.uk")])
        .prop_map(|(labels, star, ending)| format!("{}{}.{ending}", if star { "*." } else { "" }, labels.join(".")))
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = prop_oneof![
        4 => (0..3usize, name()).prop_map(|(who, name)| Try::Add(who, name)),
        1 => (0..8usize).prop_map(Try::Remove),
    ];
    proptest::collection::vec(one, 1..16)
}

fn base(name: &str) -> &str {
    name.trim_start_matches("*.")
}

fn meet(a: &str, b: &str) -> bool {
    let below = |x: &str, y: &str| x == y || x.ends_with(&format!(".{y}"));
    below(base(a), base(b)) || below(base(b), base(a))
}

fn three_sites(t: &TestStore) -> Vec<(AccountId, SiteId)> {
    let make = |n: usize| {
        t.store.write(&Actor::system(), move |tx| {
            let server = tx.authorize_server(Capability::ServerManage)?;
            let account = freehold_store::testing::account(tx, server, &format!("account-{n}"))?;
            let host = HostName::parse(&format!("site-{n}.localhost"))?;
            let new = NewSite { account, title: format!("Site {n}"), host, settings: Settings::default() };
            Ok((account, sites::create(tx, &new)?))
        })
    };
    (0..3).map(|n| make(n).unwrap()).collect()
}

// rule: E5. row: H030
#[test]
fn e05_names_of_different_accounts_never_overlap() {
    for t in stores() {
        let sites_of = three_sites(&t);
        let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&tries(), |tries| {
            // The model: who has what.
            let mut held: Vec<(usize, String, DomainId)> = Vec::new();
            for one in tries {
                match one {
                    Try::Add(who, name) => {
                        let site = sites_of[who].1;
                        let new =
                            Add { name: DomainName::parse(&name).unwrap(), kind: Kind::Alias, becomes_main: false };
                        let added = t.store.write(&Actor::system(), move |tx| add(tx, site, &new));
                        let met = held.iter().any(|(other, of, _)| *other != who && meet(of, &name));
                        let same = held.iter().any(|(_, of, _)| *of == name);
                        prop_assert_eq!(added.is_err(), met || same, "{} by {}: {:?}", name, who, held);
                        if let Ok(row) = added {
                            held.push((who, name, row.id));
                        }
                    }
                    Try::Remove(place) if place < held.len() => {
                        let (who, _, id) = held.remove(place);
                        let site = sites_of[who].1;
                        t.store.write(&Actor::system(), move |tx| sites::remove_domain(tx, site, id)).unwrap();
                    }
                    Try::Remove(_) => {}
                }
            }
            for (who, _, id) in held {
                let site = sites_of[who].1;
                t.store.write(&Actor::system(), move |tx| sites::remove_domain(tx, site, id)).unwrap();
            }
            Ok(())
        });
        outcome.unwrap_or_else(|e| panic!("{e}"));
    }
}
