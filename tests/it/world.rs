//! Two accounts with a site each and people of every role, made by the services before the node starts.

use std::sync::{Arc, Mutex};

use freehold_base::capability::{Capabilities, PRIVILEGES};
use freehold_base::config::Config;
use freehold_base::{
    AccountId, Capability, Clock, CommentId, Features, HostName, ResellerId, Role, Secret, SiteId, UserId,
};
use freehold_doors::panel::auth::{FirstRun, first_run_site};
use freehold_platform::accounts::{Accounts, NewPerson, Options};
use freehold_platform::customers::accounts::{self, Opening};
use freehold_platform::customers::plans::{self, PlanEdit};
use freehold_platform::customers::resellers::{self, ResellerEdit, ResellerLimits};
use freehold_platform::limits::Limits;
use freehold_platform::secrets::{Hasher, SteadyClock, tokens};
use freehold_platform::sites::{self, NewSite, Settings};
use freehold_publishing::content::{self, Body, Changes, Intent, Target};
use freehold_publishing::starts::Start;
use freehold_store::roles::RolePlace;
use freehold_store::{Actor, ActorKind, Store, comments, jobs, menus, sessions, testing};

use crate::node::{Launch, Node};

/// The site that is asked about.
pub const HOME: SiteId = SiteId(1);
/// The first number of everything on the other site: whatever has a number from here on belongs to it.
pub const FOREIGN: i64 = 5000;
/// Password of everybody.
pub const PASSWORD: &str = "seven quiet herons wade";

/// How somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Without a session.
    Nobody,
    /// With a session that still owes the second factor.
    Half,
    /// Signed in.
    Whole,
}

/// Somebody who asks.
pub struct Persona {
    /// For messages.
    pub name: &'static str,
    /// How they come.
    pub standing: Standing,
    /// What they may do on [`HOME`], by the roles' own table.
    pub on_home: Capabilities,
    /// What they may do on an account of theirs.
    pub on_accounts: Capabilities,
    /// What they may do with accounts of customers.
    pub on_customers: Capabilities,
    /// What they may do on the installation.
    pub on_server: Capabilities,
    user: Option<UserId>,
    cookies: Mutex<Vec<String>>,
}

impl Persona {
    /// A session that was never used: what one request does to it meets no other.
    pub fn cookie(&self) -> Option<String> {
        let next = self.cookies.lock().unwrap().pop();
        if self.standing == Standing::Nobody { None } else { Some(next.expect("enough sessions")) }
    }
}

/// The node and its people.
pub struct World {
    /// The running binary.
    pub node: Node,
    /// Everybody.
    pub people: Vec<Persona>,
    builder: Builder,
}

impl World {
    /// The persona with this name.
    pub fn person(&self, name: &str) -> &Persona {
        self.people.iter().find(|p| p.name == name).expect("a persona")
    }

    /// New sessions for somebody, past the running node.
    pub fn refresh(&self, person: &Persona) {
        if let Some(user) = person.user {
            let fresh = self.builder.sessions(user, person.standing == Standing::Half);
            *person.cookies.lock().unwrap() = fresh;
        }
    }

    /// Makes the world with so many sessions for each, and starts the node.
    pub fn start(launch: &Launch, each: usize) -> Self {
        let config = Config {
            data: launch.data().to_owned(),
            database_url: launch.database_url().to_owned(),
            ..Config::default()
        };
        let base = freehold::open(config, Clock::system()).unwrap();
        let hasher = Hasher::start(&base.keys, 4).unwrap();
        let steady = SteadyClock::anchored(base.store.clock().clone());
        let options = Options { panel_url: String::new(), beyond_loopback: false };
        let accounts = Accounts::new(Arc::clone(&base.keys), hasher, steady, options);
        let builder = Builder { store: base.store.clone(), accounts, each };
        let people = builder.people();
        Self { node: launch.start(), people, builder }
    }
}

struct Builder {
    store: Store,
    accounts: Accounts,
    each: usize,
}

impl Builder {
    fn people(&self) -> Vec<Persona> {
        let (mara, home) = self.home();
        let (away, account) = self.away();
        let roles: [(&'static str, RolePlace, Role); 7] = [
            ("subscriber", RolePlace::Site(home), Role::Subscriber),
            ("contributor", RolePlace::Site(home), Role::Contributor),
            ("author", RolePlace::Site(home), Role::Author),
            ("editor", RolePlace::Site(home), Role::Editor),
            ("administrator", RolePlace::Site(home), Role::Administrator),
            ("administrator of another site", RolePlace::Site(away), Role::Administrator),
            ("owner of another account", RolePlace::Account(account), Role::Owner),
        ];
        let persona = |name, standing, on_home, on_server, user: Option<UserId>| Persona {
            name,
            standing,
            on_home,
            on_accounts: on_server,
            on_customers: on_server,
            on_server,
            user,
            cookies: Mutex::new(user.map(|u| self.sessions(u, standing == Standing::Half)).unwrap_or_default()),
        };
        let none = Capabilities::NONE;
        let mut all = vec![persona("nobody", Standing::Nobody, none, none, None)];
        let half = self.person("half", RolePlace::Site(home), Role::Administrator);
        self.second_factor(half);
        all.push(persona("half session", Standing::Half, none, none, Some(half)));
        for (name, place, role) in roles {
            let user = self.person(name, place, role);
            let on_home = if place == RolePlace::Site(home) { role.capabilities() } else { none };
            let on_accounts = if place == RolePlace::Account(account) { role.capabilities() } else { none };
            all.push(Persona { on_accounts, ..persona(name, Standing::Whole, on_home, none, Some(user)) });
        }
        let (reseller, sold) = self.sold();
        let kust = self.person("reseller", RolePlace::Reseller(reseller), Role::Reseller);
        let sells = Role::Reseller.capabilities();
        let of_kust = persona("reseller", Standing::Whole, none, none, Some(kust));
        all.push(Persona { on_accounts: sells, on_customers: sells, ..of_kust });
        let auditor = self.person("auditor", RolePlace::Server, Role::Auditor);
        let sees = Role::Auditor.capabilities();
        all.push(persona("auditor", Standing::Whole, sees, sees, Some(auditor)));
        for (name, role) in [("files only", Role::FilesOnly), ("billing", Role::Billing)] {
            let user = self.person(name, RolePlace::Account(sold), role);
            let of_account = persona(name, Standing::Whole, none, none, Some(user));
            all.push(Persona { on_accounts: role.capabilities(), ..of_account });
        }
        all.push(persona("hosting admin", Standing::Whole, Capabilities::ALL, Capabilities::ALL, Some(mara)));
        all
    }

    fn home(&self) -> (UserId, SiteId) {
        let new = FirstRun {
            title: "Harbour".into(),
            email: "mara@example.org".into(),
            name: "Mara".into(),
            password: self.accounts.new_password(Secret::text(PASSWORD), &[]).unwrap(),
            host: "127.0.0.1".into(),
            time_zone: String::new(),
            language: String::new(),
            start: Start::by_name("journal"),
        };
        let (user, site, _) = self.store.write(&Actor::system(), move |tx| first_run_site(tx, &new)).unwrap();
        assert_eq!(site, HOME);
        (user, site)
    }

    /// The other tenant, with one thing of every kind.
    fn away(&self) -> (SiteId, freehold_base::AccountId) {
        testing::execute(&self.store, if self.store.is_sqlite() { LEAP_SQLITE } else { LEAP_POSTGRES }).unwrap();
        self.store
            .write(&Actor::system(), |tx| {
                let server = tx.authorize_server(Capability::ServerManage)?;
                let account = freehold_store::testing::account(tx, server, "away")?;
                let host = HostName::parse("away.example")?;
                let new = NewSite { account, title: "Away".into(), host, settings: Settings::default() };
                let site = sites::create(tx, &new)?;
                furnish(tx, site)?;
                Ok((site, account))
            })
            .unwrap()
    }

    /// A reseller and an account that it sold.
    fn sold(&self) -> (ResellerId, AccountId) {
        self.store
            .write(&Actor::system(), |tx| {
                let edit = ResellerEdit {
                    name: "Kust".into(),
                    limits: ResellerLimits::default(),
                    features: Features::ALL,
                    privileges: PRIVILEGES.to_vec(),
                };
                let reseller = resellers::create(tx, &edit)?;
                let limits = Limits::default();
                let plan = plans::create(tx, &PlanEdit { name: "Whole".into(), limits, features: Features::ALL })?;
                let account = accounts::open(tx, &Opening { title: "Sold".into(), plan, reseller })?;
                Ok((reseller, account))
            })
            .unwrap()
    }

    fn person(&self, name: &str, place: RolePlace, role: Role) -> UserId {
        let new = NewPerson {
            email: format!("{}@example.org", name.replace(' ', "-")),
            name: name.to_owned(),
            password: self.accounts.new_password(Secret::text(PASSWORD), &[]).unwrap(),
            role: Some((place, role)),
        };
        let accounts = self.accounts.clone();
        self.store.write(&Actor::system(), move |tx| accounts.create_person(tx, &new)).unwrap()
    }

    /// Puts a factor in force without its first code: nobody needs its codes here.
    fn second_factor(&self, user: UserId) {
        let began = self.store.clock().now();
        let session = self.store.write(&Actor::system(), move |tx| {
            let token_hash = &format!("of person {user}");
            sessions::insert(tx, &sessions::NewSession { user, token_hash, half: false, address: "", agent: "", began })
        });
        let me = Actor { kind: ActorKind::User { user, session: session.unwrap() }, ..Actor::system() };
        let accounts = self.accounts.clone();
        self.store.write(&me, move |tx| accounts.enrol(tx).map(|_| ())).unwrap();
        testing::execute(&self.store, "UPDATE users SET totp_sealed = totp_pending WHERE totp_pending <> ''").unwrap();
    }

    fn sessions(&self, user: UserId, half: bool) -> Vec<String> {
        let made: Vec<_> = (0..self.each).map(|_| tokens::new_session().unwrap()).collect();
        let cookies = made.iter().map(|t| t.secret.reveal_text().to_owned()).collect();
        let hashes: Vec<String> = made.into_iter().map(|t| t.hash).collect();
        self.store
            .write(&Actor::system(), move |tx| {
                let began = tx.now();
                for token_hash in &hashes {
                    sessions::insert(
                        tx,
                        &sessions::NewSession { user, token_hash, half, address: "", agent: "", began },
                    )?;
                }
                Ok(())
            })
            .unwrap();
        cookies
    }
}

fn furnish(tx: &mut freehold_store::Tx<'_>, site: SiteId) -> freehold_base::Result<()> {
    let term = content::terms::TermInput { name: "Far".into(), ..Default::default() };
    let term = content::terms::add(tx, site, "category", &term)?;
    let post = Changes {
        title: Some("Far away".into()),
        body: Some(Body::Markdown("Words of another tenant.".into())),
        terms: Some(vec![term]),
        ..Default::default()
    };
    let entry = content::save(tx, site, &Target::New("post".into()), &content::prepare(post, false)?, Intent::Publish)?;
    let scope = tx.scope_of(site)?;
    let created_at = tx.now();
    let comment = comments::Comment {
        id: CommentId(0),
        entry_id: entry.id,
        parent_id: CommentId(0),
        user_id: 0,
        author_name: "Ada".into(),
        author_email: "ada@example.net".into(),
        author_url: String::new(),
        address: String::new(),
        agent: String::new(),
        body: "Well said.".into(),
        status: "pending".into(),
        created_at,
    };
    comments::insert(tx, scope, &comment)?;
    menus::create(tx, scope, "main", "Main")?;
    let run_at = freehold_base::Timestamp(created_at.ms() + 1_000_000_000);
    let job = jobs::NewJob { site, kind: "content.publish_due", payload: "{}", run_at, unique_key: None };
    jobs::enqueue(tx, &job)?;
    Ok(())
}

/// Numbers leap, so that no number of the other tenant is one of ours too.
const LEAP_SQLITE: &str = "UPDATE content_ids SET next = 5000; \
    DELETE FROM sqlite_sequence WHERE name IN ('terms', 'comments', 'menus', 'jobs', 'revisions', 'site_domains'); \
    INSERT INTO sqlite_sequence (name, seq) VALUES ('terms', 4999), ('comments', 4999), ('menus', 4999), ('jobs', 4999), \
    ('revisions', 4999), ('site_domains', 4999);";
const LEAP_POSTGRES: &str = "SELECT setval('content_ids', 4999); SELECT setval(pg_get_serial_sequence('terms', 'id'), 4999); \
    SELECT setval(pg_get_serial_sequence('comments', 'id'), 4999); SELECT setval(pg_get_serial_sequence('menus', 'id'), 4999); \
    SELECT setval(pg_get_serial_sequence('jobs', 'id'), 4999); SELECT setval(pg_get_serial_sequence('revisions', 'id'), 4999); \
    SELECT setval(pg_get_serial_sequence('site_domains', 'id'), 4999);";
