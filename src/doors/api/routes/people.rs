//! Doors to people, jobs, and how people sign in.

use actix_web::http::Method;
use freehold_base::Capability as C;

use crate::api::doc::{Table, doc};
use crate::api::{files, guarding, imports, jobs, server, users, views};
use crate::panel::access::Access;

pub(super) fn of_people_and_jobs(t: &mut Table) {
    const USERS: &str = "/api/v1/sites/{site}/users";
    const ROLE: &str = "/api/v1/sites/{site}/users/{id}/role";
    const JOBS: &str = "/api/v1/sites/{site}/jobs";
    const JOB: &str = "/api/v1/sites/{site}/jobs/{id}";
    let people = Access::Site(C::PeopleManage);
    let (see, run) = (Access::Server(C::ServerRead), Access::Server(C::ServerManage));
    let d = |summary| doc("users", summary);
    t.on(
        Method::GET,
        USERS,
        people,
        users::of_site,
        d("A site's people").query(users::QUERY).lists::<views::UserView>(),
    );
    let invite = d("Invite somebody into a site").takes::<users::SiteInvitation>().silent();
    t.on(Method::POST, USERS, people, users::invite_to_site, invite);
    let role = d("Set somebody's role on a site").takes::<users::RoleInput>().silent();
    t.on(Method::PUT, ROLE, people, users::put_role, role);
    t.on(Method::DELETE, ROLE, people, users::delete_role, d("Take somebody's role away").silent());
    let all = d("People of the installation").query(users::QUERY).lists::<views::UserView>();
    t.on(Method::GET, "/api/v1/users", see, users::all, all);
    let invite = d("Invite somebody into the server, a reseller, an account or a site");
    t.on(Method::POST, "/api/v1/users", run, users::invite, invite.takes::<users::PersonInvitation>().silent());
    let place = "/api/v1/users/{id}/roles/{place}";
    let role = d("Set somebody's role in a place").takes::<users::PlaceRoleInput>().silent();
    t.on(Method::PUT, place, run, users::put_place_role, role);
    let gone = d("Take somebody's role in a place away").silent();
    t.on(Method::DELETE, place, run, users::delete_place_role, gone);
    let gone = d("Delete somebody; `heir` gets their entries and files").query(&["heir"]).silent();
    t.on(Method::DELETE, "/api/v1/users/{id}", run, users::delete, gone);
    t.on(Method::GET, "/api/v1/users/{id}", see, users::read, d("One person").gives::<views::UserView>());

    let (read, import) = (Access::Site(C::SiteRead), Access::Site(C::ImportRun));
    let d = |summary| doc("jobs", summary);
    t.on(Method::GET, JOBS, read, jobs::list, d("A site's jobs").query(jobs::QUERY).lists::<views::JobView>());
    t.on(Method::GET, JOB, read, jobs::read, d("One job").gives::<views::JobView>());
    let stop = || d("Ask a job to stop").silent();
    let again = || d("Put an ended job back into the queue").silent();
    let now = || d("Let a job that waits begin now").silent();
    t.on(Method::POST, "/api/v1/sites/{site}/jobs/{id}/run", import, jobs::run_now, now());
    let look = d("Take a WordPress export in (multipart/form-data, part `file`) and look into it, as a job");
    t.on(Method::POST, "/api/v1/sites/{site}/imports", import, imports::create, look.makes::<files::JobRef>());
    let bring = d("Bring in what a job looked at").takes::<imports::ImportInput>().makes::<files::JobRef>();
    t.on(Method::POST, "/api/v1/sites/{site}/imports/{job}/run", import, imports::run, bring);
    t.on(Method::POST, "/api/v1/sites/{site}/jobs/{id}/cancel", import, jobs::cancel, stop());
    t.on(Method::POST, "/api/v1/sites/{site}/jobs/{id}/retry", import, jobs::retry, again());
    let all = d("All jobs").query(jobs::QUERY).lists::<views::JobView>();
    t.on(Method::GET, "/api/v1/jobs", see, jobs::list, all);
    t.on(Method::GET, "/api/v1/jobs/{id}", see, jobs::read, d("One job").gives::<views::JobView>());
    t.on(Method::POST, "/api/v1/jobs/{id}/cancel", run, jobs::cancel, stop());
    t.on(Method::POST, "/api/v1/jobs/{id}/retry", run, jobs::retry, again());
    t.on(Method::POST, "/api/v1/jobs/{id}/run", run, jobs::run_now, now());
    let hold = d("Hold a waiting job back").silent();
    t.on(Method::POST, "/api/v1/jobs/{id}/pause", run, jobs::pause, hold);
    let go = d("Let a paused job wait for its time again").silent();
    t.on(Method::POST, "/api/v1/jobs/{id}/resume", run, jobs::resume, go);
}

pub(super) fn of_signing_in(t: &mut Table) {
    const KEYS: &str = "/api/v1/users/{id}/passkeys";
    const KEY: &str = "/api/v1/users/{id}/passkeys/{passkey}";
    const SESSIONS: &str = "/api/v1/users/{id}/sessions";
    const DISABLED: &str = "/api/v1/users/{id}/disabled";
    const RULE: &str = "/api/v1/server/second-factor";
    const NETWORKS: &str = "/api/v1/server/networks";
    let (see, run) = (Access::Server(C::ServerRead), Access::Server(C::ServerManage));
    let d = |summary| doc("users", summary);
    let keys = d("Somebody's passkeys").gives::<guarding::PasskeysView>();
    t.on(Method::GET, KEYS, see, guarding::passkeys, keys);
    t.on(Method::DELETE, KEY, run, guarding::delete_passkey, d("Take one of somebody's passkeys away").silent());
    let factor = d("Take somebody's app, passkeys and recovery codes away").silent();
    t.on(Method::DELETE, "/api/v1/users/{id}/factor", run, guarding::delete_factor, factor);
    let sessions = d("Somebody's sessions").gives::<guarding::SessionsView>();
    t.on(Method::GET, SESSIONS, see, guarding::sessions, sessions);
    t.on(Method::DELETE, SESSIONS, run, guarding::end_sessions, d("End all of somebody's sessions").silent());
    t.on(Method::PUT, DISABLED, run, guarding::disable, d("Keep somebody out").silent());
    t.on(Method::DELETE, DISABLED, run, guarding::enable, d("Let a disabled person in again").silent());

    let d = |summary| doc("server", summary);
    let report = d("The security report").gives::<guarding::ReportView>();
    t.on(Method::GET, "/api/v1/server/security", see, guarding::report, report);
    let old = d("End sessions that are older than 8 hours").silent();
    t.on(Method::DELETE, "/api/v1/server/old-sessions", run, guarding::end_old_sessions, old);
    let audit = d("Look now whether the audit log is whole, as a job").silent();
    t.on(Method::POST, "/api/v1/server/audit/check", run, server::check_audit, audit);
    let mail = d("Send a mail to try the mail server out").takes::<server::TrialMailInput>().silent();
    t.on(Method::POST, "/api/v1/server/trial-mail", run, server::try_mail, mail);
    let rule = d("Who must have a second factor").gives::<guarding::FactorRuleBody>();
    t.on(Method::GET, RULE, see, guarding::rule, rule);
    let set = d("Set who must have a second factor").takes::<guarding::FactorRuleBody>().silent();
    t.on(Method::PUT, RULE, run, guarding::put_rule, set);
    let out = d("Networks that are kept out of sign-in").gives::<guarding::NetworksView>();
    t.on(Method::GET, NETWORKS, see, guarding::list_networks, out);
    let block = d("Keep a network out of every sign-in").takes::<guarding::NetworkInput>().silent();
    t.on(Method::POST, NETWORKS, run, guarding::block, block);
    let let_in = d("Let a network in again").takes::<guarding::NetworkInput>().silent();
    t.on(Method::POST, "/api/v1/server/networks/let-in", run, guarding::let_in, let_in);
}
