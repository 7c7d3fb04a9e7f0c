//! The store: scopes, group commit, audit chain, jobs; the same on both databases.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use freehold_base::{AccountId, Capability, Code, Error, HostName, PlanId, ResellerId, SiteId};
use freehold_platform::customers::{self, accounts::Opening};
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_store::{Actor, Store, StoreOptions, audit, jobs, testing};

use crate::support::stores;

pub fn make_site(store: &Store, host: &str) -> SiteId {
    let host = HostName::parse(host).unwrap();
    store
        .write(&Actor::system(), move |tx| {
            let server = tx.authorize_server(Capability::ServerManage)?;
            let account = match freehold_store::testing::accounts(tx, server)?.first() {
                Some(a) => a.id,
                None => freehold_store::testing::account(tx, server, "main")?,
            };
            let new =
                NewSite { account, title: "Harbour & Pine".into(), host: host.clone(), settings: Settings::default() };
            sites::create(tx, &new)
        })
        .unwrap()
}

#[test]
fn both_databases_have_the_same_tables() {
    let all: Vec<_> = stores().iter().map(|t| testing::columns(&t.store).unwrap()).collect();
    assert!(all[0].len() > 200, "{}", all[0].len());
    if let [sqlite, postgres] = &all[..] {
        // The sequence is a table in SQLite only.
        let sqlite: Vec<_> = sqlite.iter().filter(|(t, ..)| t != "content_ids").collect();
        assert_eq!(sqlite, postgres.iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_failed_write_leaves_nothing_and_its_neighbours_whole() {
    for t in stores() {
        let site = make_site(&t.store, "a.example");
        let before = t.store.read(&Actor::system(), |tx| sites::domains(tx, site)).unwrap().len();
        let failed: Result<(), Error> = t.store.write(&Actor::system(), move |tx| {
            sites::add_domain(tx, site, &HostName::parse("b.example")?)?;
            Err(Error::code(Code::Duplicate))
        });
        assert_eq!(failed.unwrap_err().as_code(), Code::Duplicate);
        // More often than there are connections: none of them may keep the broken transaction open.
        for _ in 0..6 {
            let panicked = t.store.write::<()>(&Actor::system(), move |tx| {
                sites::add_domain(tx, site, &HostName::parse("c.example")?)?;
                panic!("planted")
            });
            assert_eq!(panicked.unwrap_err().as_code(), Code::Internal);
        }
        t.store.write(&Actor::system(), move |tx| sites::add_domain(tx, site, &HostName::parse("d.example")?)).unwrap();
        let hosts: Vec<String> = t
            .store
            .read(&Actor::system(), |tx| sites::domains(tx, site))
            .unwrap()
            .into_iter()
            .map(|d| d.host)
            .collect();
        assert_eq!(hosts.len(), before + 1, "{hosts:?}");
        assert!(hosts.contains(&"d.example".to_owned()));
    }
}

#[derive(Debug)]
struct Told(usize);
freehold_base::event!(Told, "test.told");

// rule: F1, F2. Jobs of one commit: those beside one that fails are done once and told once, also in the commits after
// it, whose jobs are kept apart.
#[test]
fn a_failed_write_in_a_commit_of_many_is_the_only_one_that_is_lost() {
    for t in stores() {
        let site = make_site(&t.store, "a.example");
        let told = Arc::new(std::sync::Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        t.store.on_commit(move |news| {
            let numbers = news.iter().filter_map(|n| n.as_any().downcast_ref::<Told>()).map(|n| n.0);
            heard.lock().unwrap().extend(numbers);
        });
        let domains = || t.store.read(&Actor::system(), |tx| sites::domains(tx, site)).unwrap().len();
        let (before, domains_before) = (t.store.writer_figures(), domains());
        for round in 0..3 {
            let (begun, has_begun) = crossbeam_channel::bounded::<()>(1);
            let (go_on, may_go_on) = crossbeam_channel::bounded::<()>(1);
            std::thread::scope(|scope| {
                // Holds SQLite's writer until the others stand in its queue: they are one commit.
                let store = &t.store;
                let holder = scope.spawn(move || {
                    store.write(&Actor::system(), move |_| {
                        let _ = begun.try_send(());
                        let _ = may_go_on.recv();
                        Ok(())
                    })
                });
                has_begun.recv().unwrap();
                let writes: Vec<_> = (0..5_usize)
                    .map(|n| {
                        scope.spawn(move || {
                            store.write(&Actor::system(), move |tx| {
                                let host = HostName::parse(&format!("n{n}.round{round}.example"))?;
                                sites::add_domain(tx, site, &host)?;
                                tx.announce(Told(round * 10 + n));
                                if n == 2 { Err(Error::code(Code::Duplicate)) } else { Ok(()) }
                            })
                        })
                    })
                    .collect();
                while store.is_sqlite() && store.writer_figures().queue < 5 {
                    std::thread::yield_now();
                }
                go_on.send(()).unwrap();
                holder.join().unwrap().unwrap();
                let failed: Vec<usize> = writes
                    .into_iter()
                    .map(|w| w.join().unwrap())
                    .enumerate()
                    .filter(|(_, r)| r.is_err())
                    .map(|(n, _)| n)
                    .collect();
                assert_eq!(failed, [2]);
            });
        }
        let mut numbers = told.lock().unwrap().clone();
        numbers.sort_unstable();
        assert_eq!(numbers, [0, 1, 3, 4, 10, 11, 13, 14, 20, 21, 23, 24], "each told once");
        assert_eq!(domains() - domains_before, 12);
        if t.store.is_sqlite() {
            let after = t.store.writer_figures();
            assert_eq!((after.commits - before.commits, after.failed - before.failed), (6, 3), "one commit for four");
        }
    }
}

#[test]
fn a_host_name_belongs_to_one_site() {
    for t in stores() {
        make_site(&t.store, "a.example");
        let other = make_site(&t.store, "b.example");
        let taken =
            t.store.write(&Actor::system(), move |tx| sites::add_domain(tx, other, &HostName::parse("a.example")?));
        assert_eq!(taken.unwrap_err().as_code(), Code::DomainTaken);
    }
}

#[test]
fn a_visitor_has_no_site_and_no_server() {
    for t in stores() {
        let site = make_site(&t.store, "a.example");
        let visitor = Actor::visitor("192.0.2.1");
        let code = |e: Error| e.as_code();
        assert_eq!(
            t.store.read(&visitor, |tx| tx.authorize(site, Capability::SiteRead)).map(|_| ()).map_err(code),
            Err(Code::NotFound)
        );
        assert_eq!(
            t.store.read(&visitor, |tx| tx.authorize_server(Capability::ServerRead)).map(|_| ()).map_err(code),
            Err(Code::Denied)
        );
        let account = AccountId(1);
        assert!(t.store.read(&visitor, |tx| tx.authorize_account(account, Capability::AccountRead)).is_err());
        assert!(
            t.store.write(&visitor, move |tx| sites::add_domain(tx, site, &HostName::parse("x.example")?)).is_err()
        );
    }
}

// rule: C9
#[test]
fn c09_the_audit_chain_shows_a_changed_and_a_missing_row() {
    for t in stores() {
        let site = make_site(&t.store, "a.example");
        for n in 0..3 {
            let host = HostName::parse(&format!("h{n}.example")).unwrap();
            t.store.write(&Actor::system(), move |tx| sites::add_domain(tx, site, &host)).unwrap();
        }
        let verify = |store: &Store| {
            store.read(&Actor::system(), |tx| {
                let server = tx.authorize_server(Capability::ServerRead)?;
                audit::verify(tx, server, "account:1")
            })
        };
        assert_eq!(verify(&t.store).unwrap(), None);
        testing::execute(&t.store, "UPDATE audit_rows SET object = 'evil.example' WHERE position = 2").unwrap();
        assert_eq!(verify(&t.store).unwrap(), Some(2));
        testing::execute(&t.store, "DELETE FROM audit_rows WHERE position = 4").unwrap();
        testing::execute(&t.store, "UPDATE audit_rows SET object = 'h0.example' WHERE position = 2").unwrap();
        assert_eq!(verify(&t.store).unwrap(), Some(4), "a removed last row is seen by the head");
    }
}

// rule: C9
#[test]
fn c09_no_audit_row_no_act() {
    for t in stores() {
        let site = make_site(&t.store, "a.example");
        testing::execute(&t.store, "ALTER TABLE audit_heads RENAME TO audit_heads_gone").unwrap();
        let failed =
            t.store.write(&Actor::system(), move |tx| sites::add_domain(tx, site, &HostName::parse("b.example")?));
        assert!(failed.is_err());
        testing::execute(&t.store, "ALTER TABLE audit_heads_gone RENAME TO audit_heads").unwrap();
        let hosts = t.store.read(&Actor::system(), |tx| sites::domains(tx, site)).unwrap();
        assert!(hosts.iter().all(|d| d.host != "b.example"));
    }
}

#[test]
fn control_and_direction_characters_are_escaped_in_the_audit_log() {
    for t in stores() {
        t.store
            .write(&Actor::system(), |tx| {
                tx.audit(audit::Chain::Server, "test", "a\r\nb\u{202e}c", "");
                Ok(())
            })
            .unwrap();
        let rows = t
            .store
            .read(&Actor::system(), |tx| {
                let server = tx.authorize_server(Capability::ServerRead)?;
                audit::list_all(tx, server, &Default::default(), 0, 1)
            })
            .unwrap();
        assert_eq!(rows[0].object, "a\\u{d}\\u{a}b\\u{202e}c");
    }
}

// row: OP05
#[test]
fn a_job_is_done_once_however_many_workers_look() {
    for t in stores() {
        let ran = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = crossbeam_channel::unbounded();
        let mut handlers = freehold_platform::jobs::Handlers::default();
        let counter = ran.clone();
        handlers.add("test.count", move |job| {
            counter.fetch_add(1, Ordering::SeqCst);
            job.progress(1, 1, "counting")?;
            sender.send(job.job.id).unwrap();
            Ok("{}".into())
        });
        for _ in 0..20 {
            t.store
                .write(&Actor::system(), |tx| {
                    let run_at = tx.now();
                    let new =
                        jobs::NewJob { site: SiteId(0), kind: "test.count", payload: "{}", run_at, unique_key: None };
                    freehold_platform::jobs::enqueue(tx, &new)
                })
                .unwrap();
        }
        let runner = freehold_platform::jobs::Runner::start(&t.store, &handlers, 4).unwrap();
        let ids: BTreeSet<_> =
            (0..20).map(|_| receiver.recv_timeout(std::time::Duration::from_secs(60)).unwrap()).collect();
        runner.stop();
        assert_eq!((ids.len(), ran.load(Ordering::SeqCst)), (20, 20));
        let states: Vec<String> = t
            .store
            .read(&Actor::system(), |tx| freehold_platform::jobs::list(tx, None, 0, 50))
            .unwrap()
            .into_iter()
            .map(|j| j.state)
            .collect();
        assert!(states.iter().all(|s| s == "done"), "{states:?}");
    }
}

/// So many clients write to one account's chain at once.
fn write_at_once(store: &Store, site: SiteId, clients: i64) -> Vec<String> {
    let refused = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|s| {
        for n in 0..clients {
            let refused = &refused;
            s.spawn(move || {
                let done = store.write(&Actor::system(), move |tx| {
                    let scope = tx.authorize(site, Capability::SettingsManage)?;
                    freehold_store::settings::set(tx, scope, &format!("client{n}"), "1")?;
                    tx.audit_site(scope, "settings.save", format!("client {n}"));
                    Ok(())
                });
                if let Err(e) = done {
                    refused.lock().unwrap().push(format!("{e:?}"));
                }
            });
        }
    });
    refused.into_inner().unwrap()
}

#[test]
fn c09_thirty_two_writers_of_one_account_are_all_served_and_their_chain_fits() {
    for t in stores() {
        let site = make_site(&t.store, "a.example");
        // As many connections as the product has: fewer would let fewer meet.
        let options = StoreOptions { readers: 16, ..t.options.clone() };
        let store = if t.store.is_sqlite() { t.store.clone() } else { Store::open(&options, t.clock.clone()).unwrap() };
        for _ in 0..3 {
            assert_eq!(write_at_once(&store, site, 32), Vec::<String>::new());
        }
        let chain = t.store.read(&Actor::system(), |tx| {
            let server = tx.authorize_server(Capability::ServerRead)?;
            audit::verify(tx, server, "account:1")
        });
        assert_eq!(chain.unwrap(), None);
    }
}

#[test]
fn names_are_found_for_more_sites_and_accounts_than_a_list_holds() {
    for t in stores() {
        t.store
            .write(&Actor::system(), |tx| {
                let server = tx.authorize_server(Capability::ServerManage)?;
                let account = freehold_store::testing::account(tx, server, "harbour-pine")?;
                let scope = tx.authorize_account(account, Capability::AccountSites)?;
                // Names before ours in the alphabet fill a list by name.
                for n in 0..1001 {
                    freehold_store::testing::account(tx, server, &format!("a-{n}"))?;
                }
                for n in 0..501 {
                    freehold_store::sites::create(tx, scope, &format!("a-{n}"), "cms")?;
                }
                freehold_store::sites::create(tx, scope, "harbour-pine", "cms")?;
                Ok(())
            })
            .unwrap();
        let made = t.store.write(&Actor::system(), |tx| {
            let opening = Opening { title: "Harbour & Pine".into(), plan: PlanId(0), reseller: ResellerId(0) };
            customers::accounts::open(tx, &opening)?;
            Ok((sites::local_host(tx, "Harbour & Pine")?, sites::local_host(tx, "Harbour")?))
        });
        let (pine, harbour) = made.unwrap();
        assert_eq!((pine.as_str(), harbour.as_str()), ("harbour-pine-2.localhost", "harbour.localhost"));
    }
}
