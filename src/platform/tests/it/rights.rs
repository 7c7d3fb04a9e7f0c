use freehold_base::capability::Capabilities;
use freehold_base::{AccountId, Capability, Page, PageSize, Role, SiteId, UserId};
use freehold_platform::accounts::{people, roles};
use freehold_store::roles::RolePlace;
use freehold_store::users::PeopleFilter;
use freehold_store::{Actor, ActorKind, Grants, audit};

use crate::support::*;

#[test]
fn c03_an_administrator_grants_up_to_administrator_and_touches_no_owner() {
    for town in towns() {
        let (mara, account) = town.claim();
        let site = town.site(account, "bakery");
        let place = RolePlace::Site(site);
        town.person("admin@example.org", Some((place, Role::Administrator)));
        let ben = town.person("ben@example.org", Some((place, Role::Author)));
        let stranger = town.person("stranger@example.org", None);
        let admin = town.actor("admin@example.org");
        let set = |place, user, role| refusal(town.write(&admin, move |_, tx| roles::set_role(tx, place, user, role)));
        assert_eq!(set(place, ben, Some(Role::Administrator)), "none");
        assert_eq!(set(place, ben, Some(Role::Owner)), "not_allowed");
        assert_eq!(set(place, mara, Some(Role::Author)), "not_found", "an id says nothing to who may not see it");
        assert_eq!(set(place, stranger, Some(Role::Author)), "not_found");
        assert_eq!(set(RolePlace::Account(account), ben, Some(Role::Owner)), "not_found");
        assert_eq!(set(RolePlace::Server, ben, Some(Role::HostingAdmin)), "denied");
        assert_eq!(set(place, ben, None), "none");

        // The owner also has a role on the site: an administrator may not edit who holds more.
        town.system(move |_, tx| roles::set_role(tx, place, mara, Some(Role::Author)));
        assert_eq!(set(place, mara, None), "denied");
        let author = town.person("author@example.org", Some((place, Role::Author)));
        let actor = town.actor("author@example.org");
        assert_eq!(
            refusal(town.write(&actor, move |_, tx| roles::set_role(tx, place, author, Some(Role::Editor)))),
            "denied"
        );
    }
}

#[test]
fn c03_the_last_hosting_admin_and_the_last_owner_stay() {
    for town in towns() {
        let (mara, account) = town.claim();
        let me = town.actor("mara@example.org");
        for place in [RolePlace::Server, RolePlace::Account(account)] {
            let result = town.write(&me, move |_, tx| roles::set_role(tx, place, mara, None));
            assert_eq!(refusal(result), "last_owner");
        }
        assert_eq!(refusal(town.write(&me, move |_, tx| people::disable(tx, mara))), "last_owner");
        assert_eq!(refusal(town.write(&me, move |_, tx| people::delete(tx, mara, None))), "last_owner");
        let ben = town.person("ben@example.org", Some((RolePlace::Server, Role::HostingAdmin)));
        town.write(&me, move |_, tx| people::disable(tx, ben)).unwrap();
        let result = town.write(&me, move |_, tx| roles::set_role(tx, RolePlace::Server, mara, None));
        assert_eq!(refusal(result), "last_owner", "a disabled admin is none");
        town.write(&me, move |_, tx| people::enable(tx, ben)).unwrap();
        town.write(&me, move |_, tx| roles::set_role(tx, RolePlace::Server, mara, None)).unwrap();
        assert_eq!(refusal(town.write(&me, move |_, tx| people::disable(tx, ben))), "denied", "rights end at once");
    }
}

#[test]
fn a_deleted_persons_entries_go_to_the_named_heir_or_the_person_stays() {
    for town in towns() {
        let (mara, account) = town.claim();
        let site = town.site(account, "bakery");
        let ben = town.person("ben@example.org", Some((RolePlace::Site(site), Role::Author)));
        let me = town.actor("mara@example.org");
        let idle = town.person("idle@example.org", None);
        town.write(&me, move |_, tx| people::delete(tx, idle, None)).unwrap();
        write_entry(&town, site, ben);
        assert_eq!(refusal(town.write(&me, move |_, tx| people::delete(tx, ben, None))), "wrong_state");
        assert_eq!(refusal(town.write(&me, move |_, tx| people::delete(tx, ben, Some(ben)))), "wrong_state");
        town.write(&me, move |_, tx| people::delete(tx, ben, Some(mara))).unwrap();
        let written = town.system(move |_, tx| {
            let scope = tx.authorize_server(Capability::ServerManage)?;
            freehold_store::users::sites_written_on(tx, scope, mara)
        });
        assert_eq!(written, vec![site.get()]);
        assert_eq!(refusal(town.store.read(&me, |tx| people::show(tx, ben))), "not_found");
    }
}

/// An entry straight in the table: content is a floor up.
fn write_entry(town: &Town, site: SiteId, author: UserId) {
    let sql = format!(
        "INSERT INTO entries (id, site_id, public_id, kind, status, status_before_trash, visibility, password, title, slug, \
         excerpt, summary, document, fields, author_id, parent_id, cover_id, template, position, sticky, comments_open, comment_count, \
         seo_title, seo_description, word_count, published_at, created_at, updated_at, trashed_at, version, search_key) \
         VALUES (7, {site}, 'p', 'post', 'draft', '', 'public', '', 'T', 's', '', '', '', '', {author}, 0, 0, '', 0, false, true, 0, \
         '', '', 0, 0, 0, 0, 0, 1, 7)"
    );
    testing_execute(town, sql);
}

fn testing_execute(town: &Town, sql: String) {
    freehold_store::testing::execute(&town.store, Box::leak(sql.into_boxed_str())).unwrap();
}

#[test]
fn lists_page_by_name_and_show_only_the_sites_people() {
    for town in towns() {
        let (_, account) = town.claim();
        let site = town.site(account, "bakery");
        for name in ["cleo", "abe", "bea"] {
            town.person(&format!("{name}@example.org"), Some((RolePlace::Site(site), Role::Author)));
        }
        town.person("elsewhere@example.org", None);
        let me = town.actor("mara@example.org");
        let mut page = Page { size: PageSize::new(2), after: None };
        let mut names = Vec::new();
        loop {
            let asked = page.clone();
            let (rows, next) = town
                .store
                .read(&me, move |tx| people::list_of_site(tx, site, &PeopleFilter::default(), &asked))
                .unwrap();
            names.extend(rows.into_iter().map(|(p, _)| p.name));
            match next {
                Some(after) => page.after = Some(after),
                None => break,
            }
        }
        assert_eq!(names, ["abe", "bea", "cleo"]);
        let search = |text: &str| {
            let filter = PeopleFilter { search: text.into(), status: String::new(), back: false };
            town.store.read(&me, move |tx| people::list(tx, &filter, &Page::default())).unwrap().0.len()
        };
        assert_eq!((search("EXAMPLE"), search("cle"), search("%"), search("_")), (5, 1, 0, 0));
        let abe = town.actor("abe@example.org");
        let listed = town.store.read(&abe, |tx| people::list(tx, &PeopleFilter::default(), &Page::default()));
        assert_eq!(refusal(listed), "denied");
    }
}

#[test]
fn every_change_leaves_an_audit_row_and_the_chains_hold() {
    let town = towns().remove(0);
    let (_, account) = town.claim();
    let site = town.site(account, "bakery");
    let ben = town.person("ben@example.org", Some((RolePlace::Site(site), Role::Author)));
    let me = town.actor("mara@example.org");
    town.write(&me, move |_, tx| roles::set_role(tx, RolePlace::Site(site), ben, Some(Role::Editor))).unwrap();
    let rows = town.audit();
    let role = rows.iter().find(|r| r.detail == "author → editor").unwrap();
    assert_eq!((role.site_id, &*role.actor, &*role.action), (site.get(), "user", "person.role"));
    for chain in ["server".to_owned(), format!("account:{account}")] {
        let whole = town.store.read(&Actor::system(), |tx| {
            let scope = tx.authorize_server(Capability::ServerRead)?;
            audit::verify(tx, scope, &chain)
        });
        assert_eq!(whole.unwrap(), None);
    }
}

/// A small generator with a seed, so that a failure can be run again.
struct Dice(u64);
impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

/// What somebody may do in a place, worked out here from the roles alone.
fn may(grants: &Grants, place: RolePlace, account_of: impl Fn(SiteId) -> AccountId) -> Capabilities {
    let on_account = |id: AccountId| grants.accounts.iter().filter(move |(a, _)| *a == id).map(|(_, r)| *r);
    let mut all: Vec<Role> = grants.server.into_iter().collect();
    match place {
        RolePlace::Server | RolePlace::Reseller(_) => {}
        RolePlace::Account(id) => all.extend(on_account(id)),
        RolePlace::Site(id) => {
            all.extend(on_account(account_of(id)));
            all.extend(grants.sites.iter().filter(|(s, _)| *s == id).map(|(_, r)| *r));
        }
    }
    all.into_iter().fold(Capabilities::NONE, |c, r| c.union(r.capabilities()))
}

/// Security rule C3 on random role graphs: whatever is tried, nobody's rights pass those of who gave them.
#[test]
fn c03_nobody_grants_what_they_lack_on_random_role_graphs() {
    let tries = if full() { 100_000 } else { 1000 };
    for town in towns() {
        let (mara, first) = town.claim();
        let second = town.account("second");
        let sites = [town.site(first, "one"), town.site(first, "two"), town.site(second, "three")];
        let account_of = move |s: SiteId| if s == sites[2] { second } else { first };
        let mut people = vec![mara];
        people.extend((0..5).map(|i| town.person(&format!("p{i}@example.org"), None)));
        let places = [
            RolePlace::Server,
            RolePlace::Account(first),
            RolePlace::Account(second),
            RolePlace::Site(sites[0]),
            RolePlace::Site(sites[1]),
            RolePlace::Site(sites[2]),
        ];
        let grants = |user: UserId| {
            town.store.read(&Actor::system(), move |tx| freehold_store::roles::grants_of(tx, user)).unwrap()
        };
        let mut dice = Dice(0x5eed_f00d);
        let (mut granted, mut refused) = (0, 0);
        for _ in 0..tries {
            // A system hand stirs now and then, or the graph grows still.
            let stir = dice.roll(4) == 0;
            let (by, target) = (people[dice.roll(people.len())], people[dice.roll(people.len())]);
            let place = places[dice.roll(places.len())];
            let role = [None]
                .into_iter()
                .chain(Role::ALL.iter().copied().map(Some))
                .nth(dice.roll(Role::ALL.len() + 1))
                .unwrap();
            let kind = ActorKind::User { user: by, session: freehold_base::SessionId(1) };
            let actor = if stir { Actor::system() } else { Actor { kind, ..Actor::system() } };
            let (reach, before) = (may(&grants(by), place, account_of), grants(target));
            let result = town.write(&actor, move |_, tx| roles::set_role(tx, place, target, role));
            let after = grants(target);
            if result.is_ok() {
                granted += 1;
                let sets = [may(&before, place, account_of), may(&after, place, account_of)];
                assert!(stir || sets.iter().all(|s| reach.contains(*s)), "{by} {target} {place:?} {role:?}");
            } else {
                refused += 1;
                assert_eq!(before, after);
            }
            let admins = people.iter().filter(|p| grants(**p).server == Some(Role::HostingAdmin)).count();
            let owners = people.iter().filter(|p| grants(**p).accounts.contains(&(first, Role::Owner))).count();
            assert!(admins > 0 && owners > 0);
        }
        assert!(granted > tries / 20 && refused > tries / 5, "{granted} granted, {refused} refused");
    }
}
