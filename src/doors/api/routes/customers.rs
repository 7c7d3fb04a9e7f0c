//! Doors to accounts, plans and resellers.

use actix_web::http::Method;
use freehold_base::Capability as C;

use crate::api::customers::{accounts, plans, resellers};
use crate::api::doc::{Table, doc};
use crate::panel::access::Access;

pub(super) fn of_customers(t: &mut Table) {
    const ALL: &str = "/api/v1/accounts";
    const ONE: &str = "/api/v1/accounts/{id}";
    const SUSPENSION: &str = "/api/v1/accounts/{id}/suspension";
    const PEOPLE: &str = "/api/v1/accounts/{id}/people";
    const PERSON: &str = "/api/v1/accounts/{id}/people/{user}";
    let (read, manage) = (Access::Customers(C::AccountsRead), Access::Customers(C::AccountsManage));
    let (suspend, close) = (Access::Customers(C::AccountsSuspend), Access::Customers(C::AccountsTerminate));
    let people = Access::Account(C::AccountPeople);
    let d = |summary| doc("accounts", summary);
    let list = d("Accounts by title").query(accounts::QUERY).lists::<accounts::AccountLineView>();
    t.on(Method::GET, ALL, read, accounts::list, list);
    let make = d("Open an account with its owner and first site").takes::<accounts::AccountInput>();
    t.on(Method::POST, ALL, manage, accounts::create, make.makes::<accounts::OpenedView>());
    // An account's own people read it too: the service asks.
    let one = d("One account with its usage").gives::<accounts::AccountView>();
    t.on(Method::GET, ONE, Access::Account(C::UsageRead), accounts::read, one);
    let change = d("Change an account").takes::<accounts::AccountChange>().gives::<accounts::AccountView>();
    t.on(Method::PATCH, ONE, manage, accounts::update, change);
    let gone = d("Close an account; with now=true end a closed one for good").query(&["now"]).silent();
    t.on(Method::DELETE, ONE, close, accounts::delete, gone);
    let back = d("Take a closed account back").silent();
    t.on(Method::POST, "/api/v1/accounts/{id}/restore", close, accounts::restore, back);
    let stop = d("Suspend an account").takes::<accounts::SuspensionInput>().silent();
    t.on(Method::PUT, SUSPENSION, suspend, accounts::put_suspension, stop);
    t.on(Method::DELETE, SUSPENSION, suspend, accounts::delete_suspension, d("End a suspension").silent());
    let take = d("Move a site into an account").takes::<accounts::MoveInput>().silent();
    t.on(Method::POST, "/api/v1/accounts/{id}/sites", manage, accounts::take_site, take);
    let invite = d("Invite somebody into an account").takes::<accounts::MemberInput>().silent();
    t.on(Method::POST, PEOPLE, people, accounts::invite, invite);
    let role = d("Set somebody's role on an account").takes::<accounts::MemberRoleInput>().silent();
    t.on(Method::PUT, PERSON, people, accounts::put_member, role);
    t.on(Method::DELETE, PERSON, people, accounts::delete_member, d("Take somebody out of an account").silent());

    let sell = Access::Customers(C::PlansManage);
    let d = |summary| doc("plans", summary);
    t.on(Method::GET, "/api/v1/plans", read, plans::list_plans, d("Plans by name").gives::<plans::PlansView>());
    let make = d("Make a plan").takes::<plans::PlanInput>().makes::<plans::PlanView>();
    t.on(Method::POST, "/api/v1/plans", sell, plans::create_plan, make);
    let one = "/api/v1/plans/{id}";
    t.on(Method::GET, one, read, plans::read_plan, d("One plan").gives::<plans::PlanView>());
    let change = d("Write a plan anew").takes::<plans::PlanInput>().silent();
    t.on(Method::PUT, one, sell, plans::put_plan, change);
    t.on(Method::DELETE, one, sell, plans::delete_plan, d("Delete a plan that no account has").silent());
}

pub(super) fn of_resellers(t: &mut Table) {
    const ALL: &str = "/api/v1/resellers";
    const ONE: &str = "/api/v1/resellers/{id}";
    const SUSPENSION: &str = "/api/v1/resellers/{id}/suspension";
    let (read, run) = (Access::Customers(C::AccountsRead), Access::Server(C::ServerManage));
    let d = |summary| doc("resellers", summary);
    t.on(Method::GET, ALL, read, resellers::list_resellers, d("Resellers").gives::<resellers::ResellersView>());
    let make = d("Make a reseller").takes::<resellers::ResellerInput>().makes::<resellers::ResellerView>();
    t.on(Method::POST, ALL, run, resellers::create_reseller, make);
    let change = d("Write a reseller anew").takes::<resellers::ResellerInput>().silent();
    t.on(Method::PUT, ONE, run, resellers::put_reseller, change);
    let gone = d("Delete a reseller").query(&["customers"]).silent();
    t.on(Method::DELETE, ONE, run, resellers::delete_reseller, gone);
    let stop = d("Suspend a reseller").takes::<resellers::ResellerSuspensionInput>().silent();
    t.on(Method::PUT, SUSPENSION, run, resellers::suspend_reseller, stop);
    t.on(Method::DELETE, SUSPENSION, run, resellers::unsuspend_reseller, d("End a suspension").silent());
    let brand = d("Set what a reseller's customers see").takes::<resellers::BrandInput>().silent();
    let manage = Access::Customers(C::AccountsManage);
    t.on(Method::PUT, "/api/v1/resellers/{id}/brand", manage, resellers::put_brand, brand);
    let invite = d("Invite somebody to work for a reseller").takes::<resellers::ResellerPersonInput>().silent();
    t.on(Method::POST, "/api/v1/resellers/{id}/people", run, resellers::invite, invite);
    let gone = d("Take somebody out of a reseller").silent();
    t.on(Method::DELETE, "/api/v1/resellers/{id}/people/{user}", run, resellers::delete_person, gone);
}
