//! Who reaches whose files.

use freehold_base::Role;
use freehold_hosting::files::Clash;

use crate::support::*;

// rule: C1
#[test]
fn c01_only_people_with_the_right_reach_an_accounts_files() {
    for town in towns() {
        town.puts("a.txt", b"a");
        for role in [Role::Owner, Role::FilesOnly] {
            let desk = town.files.of_site(&town.person(Some(role)), town.site).unwrap();
            assert!(desk.may_write().unwrap());
            desk.new_file(&at(role.name())).unwrap();
        }
        let desk = town.files.of_account(&town.person(Some(Role::Reader)), town.account).unwrap();
        assert!(!desk.may_write().unwrap());
        assert_eq!(desk.list(&at(""), &Default::default()).unwrap().total, 3);
        assert_eq!(refusal(desk.new_file(&at("x"))), "denied");
        assert_eq!(refusal(desk.trash(&[at("a.txt")])), "denied");
        assert_eq!(refusal(desk.begin_upload(&at("x"), 1, "as of 1", Clash::Refuse)), "denied");
        assert_eq!(refusal(desk.put(&at("x"), Clash::Refuse, None)), "denied");
        assert_eq!(refusal(desk.set_mode(&at("a.txt"), 0o600)), "denied");
        assert_eq!(refusal(desk.save_text(&at("x"), &text("x", None))), "denied");
        assert_eq!(refusal(desk.unpack_later(&at("a.zip"), None)), "not_found");
        for role in [Role::Billing, Role::DnsOnly] {
            let actor = town.person(Some(role));
            assert_eq!(refusal(town.files.of_account(&actor, town.account)), "denied", "{role:?}");
        }
        let stranger = town.person(None);
        assert_eq!(refusal(town.files.of_account(&stranger, town.account)), "not_found");
        assert_eq!(refusal(town.files.of_site(&stranger, town.site)), "not_found");
        town.check_count();
        assert!(!town.disk("x").exists());
    }
}
