//! What a name costs where there are many: 1,000 accounts with 5,000 names (200 without `--full`).

use std::sync::Arc;
use std::time::Duration;

use freehold_base::{AccountId, Capability, Clock, DomainName, SiteId};
use freehold_doors::pages::{SiteTables, renewed};
use freehold_host::account_dir::{AccountDirs, Unmetered};
use freehold_host::files::Reserve;
use freehold_platform::sites::domains::{Add, Kind, add};
use freehold_store::sites::NewDomain;
use freehold_store::{Actor, Store};

use crate::support::{full, stores};

/// Accounts with a site each and five names to a site.
fn furnish(store: &Store, accounts: usize) -> Vec<(AccountId, SiteId)> {
    let mut made = Vec::new();
    for chunk in (0..accounts).collect::<Vec<_>>().chunks(100) {
        let chunk = chunk.to_vec();
        made.extend(
            store
                .write(&Actor::system(), move |tx| {
                    let server = tx.authorize_server(Capability::ServerManage)?;
                    let mut sites = Vec::new();
                    for n in &chunk {
                        let account = freehold_store::testing::account(tx, server, &format!("a{n}"))?;
                        let scope = tx.authorize_account(account, Capability::AccountSites)?;
                        let site = freehold_store::sites::create(tx, scope, &format!("s{n}"), "cms")?;
                        let scope = tx.scope_of(site)?;
                        for (place, kind) in ["main", "alias", "alias", "redirect", "redirect"].into_iter().enumerate()
                        {
                            let name = DomainName::parse(&format!("name-{n}-{place}.example"))?;
                            let row =
                                NewDomain { name: &name, kind, state: "live", becomes: "", proof: "", proof_token: "" };
                            freehold_store::sites::add_domain(tx, scope, &row)?;
                        }
                        sites.push((account, site));
                    }
                    Ok(sites)
                })
                .unwrap(),
        );
    }
    made
}

fn timed<T>(what: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Clock::instant();
    let done = what();
    (done, begun.elapsed())
}

// row: H023, H026
#[test]
fn a_name_more_touches_no_other_name_however_many_there_are() {
    for t in stores() {
        let made = furnish(&t.store, if full() { 1000 } else { 40 });
        let dirs = AccountDirs::new(&t.options.data.join("accounts"), Reserve { percent: 0 }, Arc::new(Unmetered));
        let (table, whole) = timed(|| SiteTables::read(&t.store, 8080, &dirs).unwrap().take_hosts());
        assert_eq!(table.len(), made.len() * 5);
        let site = made[made.len() / 2].1;
        let name =
            Add { name: DomainName::parse("*.one-more.example").unwrap(), kind: Kind::Alias, becomes_main: false };
        let (_, added) = timed(|| t.store.write(&Actor::system(), move |tx| add(tx, site, &name)).unwrap());
        let (new, one) = timed(|| renewed(&t.store, &table, &[site], 8080).unwrap());
        assert_eq!(new.len(), table.len() + 1);
        assert_eq!(new.find("deep.below.one-more.example").unwrap().site, site);
        // The entries of all others are the very same ones, not made anew.
        let other = "name-0-0.example";
        assert!(Arc::ptr_eq(new.find(other).unwrap(), table.find(other).unwrap()));
        let looks = 100_000_u32;
        let (_, hits) = timed(|| {
            (0..looks).for_each(|_| {
                let _ = std::hint::black_box(new.find("name-1-3.example"));
            })
        });
        let (_, misses) = timed(|| {
            (0..looks).for_each(|_| {
                let _ = std::hint::black_box(new.find("a.b.c.unknown.example"));
            })
        });
        if full() {
            println!(
                "{} names: whole table {whole:?}, one name added {added:?}, its site read anew {one:?}, a look {:?}, a miss {:?}",
                table.len(),
                hits / looks,
                misses / looks
            );
        }
    }
}
