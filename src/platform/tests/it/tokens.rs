use freehold_base::{Capability, Role, SiteId, Timestamp};
use freehold_platform::accounts::{TokenRequest, people, tokens};
use freehold_store::roles::RolePlace;
use freehold_store::{Actor, testing};

use crate::support::*;

fn request(scopes: &[Capability], site: Option<SiteId>, expires_at: Option<Timestamp>) -> TokenRequest {
    TokenRequest { name: "script".into(), scopes: scopes.to_vec(), site, expires_at, addresses: Vec::new() }
}

fn make(town: &Town, actor: &Actor, request: TokenRequest) -> String {
    let made = town.write(actor, move |_, tx| tokens::create(tx, &request)).unwrap();
    made.secret.reveal_text().to_owned()
}

fn user_of(town: &Town, token: &str) -> Option<tokens::TokenUser> {
    town.store.read(&Actor::visitor("192.0.2.5"), |tx| tokens::authenticate(tx, token)).unwrap()
}

fn may(town: &Town, actor: &Actor, site: SiteId, capability: Capability) -> bool {
    let read = town.store.read(actor, |tx| tx.authorize(site, capability).map(|_| ())).is_ok();
    let write = town.write(actor, move |_, tx| tx.authorize(site, capability).map(|_| ())).is_ok();
    assert_eq!(read, write);
    read
}

#[test]
fn a_tokens_rights_are_its_persons_cut_to_scopes_and_site() {
    for town in towns() {
        let (_, account) = town.claim();
        let (bakery, garden) = (town.site(account, "bakery"), town.site(account, "garden"));
        let ben = town.person("ben@example.org", Some((RolePlace::Site(bakery), Role::Editor)));
        town.system(move |_, tx| {
            freehold_platform::accounts::roles::set_role(tx, RolePlace::Site(garden), ben, Some(Role::Author))
        });
        let me = town.actor("ben@example.org");
        let holder = town.store.read(&Actor::system(), |tx| tx.holder(account)).unwrap();
        for scope in Capability::ALL {
            for bound in [None, Some(bakery)] {
                let token = make(&town, &me, request(&[*scope], bound, None));
                let actor = user_of(&town, &token).unwrap().actor;
                for site in [bakery, garden] {
                    for wanted in Capability::ALL {
                        let person_may = me.grants.on_site(site, &holder).has(*wanted);
                        let expected = person_may && wanted == scope && bound.is_none_or(|b| b == site);
                        let got = town.store.read(&actor, |tx| tx.authorize(site, *wanted).map(|_| ())).is_ok();
                        assert_eq!(got, expected, "{scope:?} {bound:?} {site} {wanted:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_token_loses_what_its_person_loses() {
    for town in towns() {
        let (_, account) = town.claim();
        let site = town.site(account, "bakery");
        let ben = town.person("ben@example.org", Some((RolePlace::Site(site), Role::Editor)));
        let me = town.actor("ben@example.org");
        let token = make(&town, &me, request(&[Capability::MenusManage], None, None));
        assert!(may(&town, &user_of(&town, &token).unwrap().actor, site, Capability::MenusManage));
        town.system(move |_, tx| {
            freehold_platform::accounts::roles::set_role(tx, RolePlace::Site(site), ben, Some(Role::Author))
        });
        let held = user_of(&town, &token).unwrap().actor;
        assert!(!may(&town, &held, site, Capability::MenusManage));
        town.system(move |_, tx| people::disable(tx, ben));
        assert!(user_of(&town, &token).is_none());
    }
}

#[test]
fn a_token_makes_no_tokens_and_changes_no_credentials() {
    for town in towns() {
        let (user, _) = town.claim();
        let me = town.actor("mara@example.org");
        let all = make(&town, &me, request(Capability::ALL, None, None));
        let actor = user_of(&town, &all).unwrap().actor;
        let more = request(&[Capability::SiteRead], None, None);
        assert_eq!(refusal(town.write(&actor, move |_, tx| tokens::create(tx, &more))), "denied");
        let more = request(&[Capability::SiteRead], None, None);
        assert_eq!(refusal(town.write(&actor, move |_, tx| tokens::create_for(tx, user, &more))), "denied");
        assert_eq!(refusal(town.store.read(&actor, |tx| town.accounts.prepare_own(tx))), "denied");
        assert_eq!(refusal(town.write(&actor, |a, tx| a.enrol(tx))), "denied");
        assert_eq!(refusal(town.write(&actor, |a, tx| a.revoke_other_sessions(tx))), "denied");
    }
}

#[test]
fn a_token_ends_at_its_time_and_when_revoked_and_is_stored_as_a_hash() {
    for town in towns() {
        town.claim();
        let me = town.actor("mara@example.org");
        let until = START.plus(std::time::Duration::from_secs(60));
        let short = make(&town, &me, request(&[Capability::SiteRead], None, Some(until)));
        let long = make(&town, &me, request(&[Capability::SiteRead], None, None));
        assert!(short.starts_with("fh_") && user_of(&town, &short).is_some());
        let used = user_of(&town, &long).unwrap();
        assert!(used.wants_touch);
        town.write(&used.actor, move |_, tx| tokens::touch(tx, used.token)).unwrap();
        assert!(!user_of(&town, &long).unwrap().wants_touch);
        town.wait(60);
        assert!(user_of(&town, &short).is_none());
        let listed = town.store.read(&me, tokens::list).unwrap();
        assert_eq!((listed.len(), &*listed[0].used_from), (2, "192.0.2.5"));
        let id = listed[0].id;
        town.person("ben@example.org", None);
        let ben = town.actor("ben@example.org");
        assert_eq!(refusal(town.write(&ben, move |_, tx| tokens::revoke(tx, id))), "not_found");
        town.write(&me, move |_, tx| tokens::revoke(tx, id)).unwrap();
        assert!(user_of(&town, &long).is_none());
        if town.store.is_sqlite() {
            testing::execute(&town.store, "PRAGMA wal_checkpoint(TRUNCATE)").ok();
            let bytes = std::fs::read(town.folder.path().join("freehold.db")).unwrap();
            assert!(!bytes.windows(long.len()).any(|w| w == long.as_bytes()));
        }
    }
}

#[test]
fn a_token_is_not_bound_to_a_site_its_person_cannot_see() {
    let town = towns().remove(0);
    let (_, account) = town.claim();
    let site = town.site(account, "bakery");
    town.person("ben@example.org", None);
    let me = town.actor("ben@example.org");
    let wanted = request(&[Capability::SiteRead], Some(site), None);
    assert_eq!(refusal(town.write(&me, move |_, tx| tokens::create(tx, &wanted))), "not_found");
}
