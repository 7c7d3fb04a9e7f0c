//! The end of a site: everything that carries it goes, files too; its neighbour keeps all.

use freehold_base::{Capability, CommentId, MediaId, Role, SiteId, Timestamp, UserId};
use freehold_doors::cli::seed;
use freehold_host::files::Reserve;
use freehold_platform::jobs::{self as service, Handlers, NewJob, Runner};
use freehold_platform::sites;
use freehold_publishing::content::{self, Body, Changes, Intent, Target, menus};
use freehold_publishing::library::{self, Details, Library, address};
use freehold_store::roles::{self, RolePlace};
use freehold_store::{
    Actor, SiteScope, Store, Tx, comments, designs, entries, imported, paths, revisions, site_rules, testing,
    theme_texts, tokens, traffic, users,
};

use crate::store::make_site;
use crate::support::{TestStore, stores};

/// Tables with a site's number whose rows stay: the log of what was done, and the traffic, which counts against the
/// account's month whatever becomes of the site.
const KEPT: &[&str] = &["audit_rows", "traffic_days"];

fn a_person(store: &Store) -> UserId {
    store
        .write(&Actor::system(), |tx| {
            let row = users::NewUser {
                email: "mara@example.org",
                name: "Mara",
                slug: "mara",
                password_hash: "",
                password_scheme: "",
                status: "active",
            };
            users::insert(tx, &row)
        })
        .unwrap()
}

/// A draft of the theme's settings, and settings that were live once.
fn furnish_designs(tx: &mut Tx<'_>, site: SiteScope, user: UserId) -> freehold_base::Result<()> {
    let draft = designs::DraftRow {
        theme: "meadow".into(),
        version: 1,
        changes: "{}".into(),
        steps: "[]".into(),
        updated_by: user,
        updated_at: tx.now(),
        publish_at: Timestamp(0),
        publish_by: UserId(0),
        share_number: 0,
        share_until: Timestamp(0),
    };
    designs::save_draft(tx, site, &draft)?;
    designs::add_state(tx, site, &designs::NewState { theme: "meadow", settings: "{}", how: "publish", by: user }, 20)
}

/// A row in every table, many in some; gives the bytes of a file that only this site has.
fn furnish(t: &TestStore, library: &Library, site: SiteId, user: UserId, own: &[u8]) -> String {
    let store = &t.store;
    seed::seed(store, site, 230, &mut |_| {}).unwrap();
    let keep = |bytes: &[u8], name: &str| {
        library::keep_file(store, library, &Actor::system(), site, bytes, name, &Details::default()).unwrap()
    };
    keep(b"what both sites have", "both.txt");
    let file: MediaId = keep(own, "own.txt");
    let shown = store.read(&Actor::system(), |tx| library::find(tx, site, file)).unwrap();
    let hash = shown.hash.clone();
    let body = format!(
        r#"{{"type":"doc","attrs":{{"version":1}},"content":[{{"type":"file","attrs":{{"media_id":{file},"src":"{}","name":"x"}}}}]}}"#,
        address(&shown)
    );
    let changes = Changes {
        title: Some("With a file".into()),
        body: Some(Body::Json(body)),
        published_at: Some(Timestamp(crate::support::START.ms() + 1_000_000)),
        ..Default::default()
    };
    let later = content::prepare(changes, false).unwrap();
    store
        .write(&Actor::system(), move |tx| {
            let entry = content::save(tx, site, &Target::New("post".into()), &later, Intent::Publish)?;
            let scope = tx.scope_of(site)?;
            revisions::autosave(tx, scope, entry.id, user, entry.version, "{}")?;
            revisions::take_lock(tx, scope, entry.id, user)?;
            paths::remember(tx, scope, "/old/", &paths::Target::Entry(entry.id))?;
            let menu = menus::create(tx, site, "Main")?;
            menus::add(tx, site, menu, &[menus::NewLine::Entry(entry.id)])?;
            menus::place(tx, site, "primary", Some(menu))?;
            roles::set(tx, RolePlace::Site(site), user, Role::Editor)?;
            let name = freehold_store::sites::domains(tx, scope)?.remove(0);
            freehold_store::domains::keep_look(tx, scope, name.id, "setup", "{}")?;
            let token = tokens::NewToken {
                user,
                site: Some(site),
                name: "t",
                token_hash: &format!("hash of {site}"),
                scopes: "site.read",
                expires_at: Timestamp(0),
                addresses: "",
            };
            tokens::insert(tx, &token)?;
            for n in 0..700 {
                let thing = imported::Imported {
                    kind: if n % 2 == 0 { "item" } else { "file" }.into(),
                    source_id: n.to_string(),
                    target_id: n,
                    fingerprint: String::new(),
                };
                imported::note(tx, scope, "http://elsewhere.example", &thing)?;
            }
            let to = site_rules::NewRedirect {
                how: "exact".into(),
                source: "/a".into(),
                target: "/b".into(),
                status: 301,
                keep_query: true,
            };
            site_rules::add_redirect(tx, scope, &to)?;
            let server = tx.authorize_server(Capability::ServerManage)?;
            let sent = traffic::Counted { account: scope.account(), site, service: "web", requests: 1, bytes: 1000 };
            traffic::add(tx, server, 20_000, &[sent])?;
            site_rules::add_header(tx, scope, ("/", ""), ("x-a", "b"))?;
            let own = theme_texts::ThemeScope::of(scope);
            let file = theme_texts::ThemeFile { theme: "meadow", path: "templates/index.html" };
            theme_texts::keep(tx, own, file, "before")?;
            theme_texts::set_base(tx, own, file, "of the parent")?;
            furnish_designs(tx, scope, user)?;
            let folder = site_rules::add_folder(tx, scope, "/members", "Members")?;
            site_rules::add_folder_user(tx, scope, folder, "ada", ("", "bcrypt"))?;
            let found = entries::list(tx, scope, &Default::default(), Default::default(), &Default::default())?;
            let created_at = tx.now();
            for entry_id in found.iter().map(|(card, ..)| card.id).take(3) {
                let comment = comments::Comment {
                    id: CommentId(0),
                    entry_id,
                    parent_id: CommentId(0),
                    user_id: 0,
                    author_name: "Ada".into(),
                    author_email: "ada@example.net".into(),
                    author_url: String::new(),
                    address: String::new(),
                    agent: String::new(),
                    body: "Well said.".into(),
                    status: "approved".into(),
                    created_at,
                };
                comments::insert(tx, scope, &comment)?;
            }
            Ok(())
        })
        .unwrap();
    hash
}

/// Does what is due until nothing is.
fn work_off(store: &Store, library: &Library) {
    let mut handlers = Handlers::default();
    library::jobs::register(&mut handlers, library);
    content::jobs::register(&mut handlers);
    let runner = Runner::start(store, &handlers, 2).unwrap();
    let open = |tx: &mut freehold_store::Tx<'_>| {
        let all = service::list(tx, None, 0, 200)?;
        let due = |j: &&freehold_store::jobs::Job| j.state == "running" || j.state == "waiting" && j.run_at <= tx.now();
        Ok(all.iter().filter(due).count())
    };
    while store.read(&Actor::system(), open).unwrap() > 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    runner.stop();
}

#[test]
fn a_deleted_site_leaves_no_row_and_no_file_and_its_neighbour_keeps_everything() {
    for t in stores() {
        let folder = tempfile::tempdir().unwrap();
        let (media, cache) = (folder.path().join("media"), folder.path().join("cache"));
        let library = Library::open(&media, &cache, 1 << 20, Reserve { percent: 0 }).unwrap();
        let (gone, stays) = (make_site(&t.store, "a.example"), make_site(&t.store, "b.example"));
        let user = a_person(&t.store);
        let own = furnish(&t, &library, gone, user, b"only the first site has this");
        let other = furnish(&t, &library, stays, user, b"only the second site has this");
        let rows = |site: SiteId| testing::rows_of_site(&t.store, site.get()).unwrap();
        let before = rows(stays);
        let tables: std::collections::BTreeSet<String> = testing::columns(&t.store)
            .unwrap()
            .into_iter()
            .filter(|(_, column, _)| column == "site_id")
            .map(|(table, ..)| table)
            .chain(["held_roles".to_owned()])
            .collect();
        assert_eq!(rows(gone).into_iter().map(|(table, _)| table).collect::<std::collections::BTreeSet<_>>(), tables);

        t.store.write(&Actor::system(), move |tx| sites::delete(tx, gone)).unwrap();
        // At once: nobody finds it, its names and its work are free.
        let seen = t.store.read(&Actor::system(), |tx| {
            Ok((sites::list_visible(tx)?.len(), tx.scope_of(gone).is_err(), tx.visit(gone).is_err(), sites::hosts(tx)?))
        });
        let (listed, unknown, closed, hosts) = seen.unwrap();
        assert!(listed == 1 && unknown && closed && hosts.iter().all(|h| h.site == stays));
        assert!(make_site(&t.store, "a.example") != gone);

        work_off(&t.store, &library);
        let left: Vec<_> = rows(gone).into_iter().filter(|(table, _)| !KEPT.contains(&table.as_str())).collect();
        assert!(left.is_empty(), "{left:?}");
        assert!(library.original(&own).unwrap().is_none(), "its file is gone from the disk");
        assert!(library.original(&other).unwrap().is_some());
        assert!(library.original(&bytes_of_both()).unwrap().is_some(), "the other site has it still");
        assert_eq!(rows(stays), before);
        let failed = t.store.read(&Actor::system(), |tx| service::list(tx, None, 0, 200)).unwrap();
        let failed: Vec<_> = failed.iter().filter(|j| j.state == "failed").map(|j| (&j.kind, &j.message)).collect();
        assert!(failed.is_empty(), "{failed:?}");
        assert_eq!(testing::faults(&t.store).unwrap(), "");
    }
}

/// Where the file stands that both sites have.
fn bytes_of_both() -> String {
    use sha2::Digest as _;
    freehold_base::secret::hex(&sha2::Sha256::digest(b"what both sites have"))
}

#[test]
fn a_site_that_is_not_deleted_is_never_erased_and_erasing_waits_for_its_running_work() {
    for t in stores() {
        let site = make_site(&t.store, "a.example");
        let erase = || t.store.write(&Actor::system(), move |tx| sites::erase_some(tx, site));
        assert_eq!(erase().unwrap_err().as_code(), freehold_base::Code::WrongState);
        t.store
            .write(&Actor::system(), move |tx| {
                let run_at = tx.now();
                service::enqueue(tx, &NewJob { site, kind: "test.x", payload: "{}", run_at, unique_key: None })?;
                let lease = Timestamp(run_at.ms() + 60_000);
                let any = freehold_store::jobs::Kinds { named: Vec::new(), only: false };
                freehold_store::jobs::claim(tx, &any, "token", lease)?;
                sites::delete(tx, site)
            })
            .unwrap();
        while !matches!(erase(), Err(e) if e.as_code() == freehold_base::Code::Busy) {}
        t.store
            .write(&Actor::system(), |tx| {
                let job = freehold_base::JobId(1);
                freehold_store::jobs::end(tx, job, "token", &freehold_store::jobs::Ending::Cancelled)
            })
            .unwrap();
        assert_eq!(erase().unwrap().rows, 0);
        let left = testing::rows_of_site(&t.store, site.get()).unwrap();
        assert!(left.iter().all(|(table, _)| KEPT.contains(&table.as_str())), "{left:?}");
    }
}
