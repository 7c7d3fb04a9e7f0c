use freehold_base::Role;
use freehold_platform::accounts::{Invitation, LinkKind, SignIn};
use freehold_store::Actor;
use freehold_store::roles::RolePlace;

use crate::support::*;

fn ask(town: &Town, email: &'static str) -> Option<String> {
    let asked = town.write(&Actor::visitor("192.0.2.1"), move |a, tx| a.ask_reset(tx, email)).unwrap();
    let mail = match asked {
        true => town.write(&Actor::visitor("192.0.2.1"), move |a, tx| a.make_reset(tx, email)).unwrap()?,
        false => return None,
    };
    assert_eq!(mail.email, "mara@example.org");
    let token = mail.link.token.reveal_text().to_owned();
    assert_eq!(mail.link.url.reveal_text(), format!("https://panel.example.org/admin/reset/{token}"));
    Some(token)
}

fn reset(town: &Town, token: &str) -> &'static str {
    let (token, new) = (token.to_owned(), town.password("nine grey geese at noon"));
    refusal(town.write(&Actor::visitor("192.0.2.1"), move |a, tx| a.reset_password(tx, &token, &new)))
}

#[test]
fn a_reset_link_is_good_once_for_an_hour_and_only_the_newest() {
    for town in towns() {
        town.claim();
        let cookie = town.sign_in("mara@example.org");
        let old = ask(&town, "mara@example.org").unwrap();
        let newer = ask(&town, "Mara@Example.org").unwrap();
        assert_eq!(reset(&town, &old), "link_used");
        assert_eq!(reset(&town, "nonsense\r\n\0"), "link_used");
        assert_eq!(reset(&town, &newer), "none");
        assert_eq!(reset(&town, &newer), "link_used");
        assert!(town.look(&cookie).is_none(), "all sessions end");
        assert!(town.try_sign_in("mara@example.org", "nine grey geese at noon", "").is_ok());
        let late = ask(&town, "mara@example.org").unwrap();
        town.wait(3600);
        assert_eq!(reset(&town, &late), "link_used");
    }
}

#[test]
fn a_reset_link_is_no_invitation_and_needs_a_known_active_person() {
    for town in towns() {
        town.claim();
        let token = ask(&town, "mara@example.org").unwrap();
        let new = town.password("nine grey geese at noon");
        let as_invite = town.write(&Actor::visitor(""), move |a, tx| a.accept_invitation(tx, &token, "M", &new));
        assert_eq!(refusal(as_invite), "link_used");
        assert!(ask(&town, "nobody@example.org").is_none());
        assert!(ask(&town, "x@y\r\nBcc: z@z.z").is_none());
    }
}

#[test]
fn nobody_is_flooded_with_reset_mails() {
    for town in towns() {
        town.claim();
        for _ in 0..3 {
            assert!(ask(&town, "mara@example.org").is_some());
        }
        assert!(ask(&town, "mara@example.org").is_none(), "the same words, no mail");
        for _ in 0..26 {
            ask(&town, "nobody@example.org");
        }
        let asked = town.write(&Actor::visitor("192.0.2.1"), |a, tx| a.ask_reset(tx, "mara@example.org"));
        assert_eq!(refusal(asked), "too_many_attempts");
    }
}

#[test]
fn an_invited_person_signs_in_after_setting_a_password_and_only_where_they_were_invited() {
    for town in towns() {
        let (_, account) = town.claim();
        let site = town.site(account, "bakery");
        town.person("admin@example.org", Some((RolePlace::Site(site), Role::Administrator)));
        let admin = town.actor("admin@example.org");
        let invitation = Invitation {
            email: "New@Example.org".into(),
            name: String::new(),
            place: RolePlace::Site(site),
            role: Role::Author,
        };
        let invited = town.write(&admin, move |a, tx| a.invite(tx, &invitation)).unwrap();
        assert!(invited.is_new && invited.may_show_link);
        assert_eq!(refusal(town.try_sign_in("new@example.org", "", "")), "sign_in_wrong");
        let token = invited.link.unwrap().token.reveal_text().to_owned();
        let opened = town.store.read(&Actor::visitor(""), |tx| town.accounts.open_link(tx, LinkKind::Invite, &token));
        assert_eq!(opened.unwrap().email, "new@example.org");
        let new = town.password(PASSWORD);
        town.write(&Actor::visitor(""), move |a, tx| a.accept_invitation(tx, &token, "New Person", &new)).unwrap();
        assert!(matches!(town.try_sign_in("new@example.org", PASSWORD, "").unwrap(), SignIn::Full(_)));
        let actor = town.actor("new@example.org");
        assert_eq!(actor.grants.sites, vec![(site, Role::Author)]);
    }
}

#[test]
fn an_inviter_never_sees_a_link_that_opens_rights_others_gave() {
    let town = towns().remove(0);
    let (_, account) = town.claim();
    let (bakery, garden) = (town.site(account, "bakery"), town.site(account, "garden"));
    for (email, site) in [("a@example.org", bakery), ("b@example.org", garden)] {
        town.person(email, Some((RolePlace::Site(site), Role::Administrator)));
    }
    let invite = |by: &str, site| {
        let invitation = Invitation {
            email: "new@example.org".into(),
            name: String::new(),
            place: RolePlace::Site(site),
            role: Role::Author,
        };
        town.write(&town.actor(by), move |a, tx| a.invite(tx, &invitation)).unwrap()
    };
    let first = invite("a@example.org", bakery);
    let second = invite("b@example.org", garden);
    assert!(!second.is_new && !second.may_show_link && second.link.is_some());
    let token = first.link.unwrap().token.reveal_text().to_owned();
    let new = town.password(PASSWORD);
    let taken = town.write(&Actor::visitor(""), move |a, tx| a.accept_invitation(tx, &token, "M", &new));
    assert_eq!(refusal(taken), "link_used", "the first inviter's link would open the garden too");
}
