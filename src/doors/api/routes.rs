//! All doors of the API on one screen, each with what it needs and what the OpenAPI document says of it.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use freehold_base::Capability as C;
use freehold_platform::sites::Settings;
use utoipa::{PartialSchema, ToSchema};

use super::doc::{Table, doc};
use super::entry_input::EntryInput;
use super::{domains, entries, jobs, media, metrics, sites, terms, users, views};
use crate::panel::access::{Access, RouteLine};

/// Settings in the document: groups of fields.
struct SettingsSchema;
impl ToSchema for SettingsSchema {
    fn name() -> std::borrow::Cow<'static, str> {
        "Settings".into()
    }
}
impl PartialSchema for SettingsSchema {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Schema};
        let mut object = ObjectBuilder::new().description(Some("Groups of fields; what is not named stays."));
        if let Ok(serde_json::Value::Object(groups)) = serde_json::to_value(Settings::default()) {
            for (name, fields) in groups {
                object = object.property(name, ObjectBuilder::new().examples([fields]).build());
            }
        }
        utoipa::openapi::RefOr::T(Schema::Object(object.build()))
    }
}

/// The table.
pub fn table() -> Table {
    let mut t = Table::default();
    of_sites(&mut t);
    of_domains(&mut t);
    of_entries(&mut t);
    of_terms_and_media(&mut t);
    of_people_and_jobs(&mut t);
    t
}

fn of_sites(t: &mut Table) {
    const SITES: &str = "/api/v1/sites";
    const SITE: &str = "/api/v1/sites/{site}";
    const SETTINGS: &str = "/api/v1/sites/{site}/settings";
    let signed = Access::Signed;
    t.on(Method::GET, "/api/v1/me", signed, users::me, doc("me", "Who the token stands for").gives::<users::MeView>());
    let list = doc("sites", "Sites that the token may see").query(sites::QUERY).lists::<views::SiteView>();
    t.on(Method::GET, SITES, signed, sites::list, list);
    let make = doc("sites", "Make a site").takes::<sites::SiteInput>().makes::<views::SiteView>();
    t.on(Method::POST, SITES, signed, sites::create, make);
    let read = Access::Site(C::SiteRead);
    t.on(Method::GET, SITE, read, sites::read, doc("sites", "One site").gives::<views::SiteView>());
    let gone = doc("sites", "Delete a site with everything in it, for good").silent();
    t.on(Method::DELETE, SITE, read, sites::delete, gone);
    let manage = Access::Site(C::SettingsManage);
    let all = doc("sites", "A site's settings").gives::<SettingsSchema>();
    t.on(Method::GET, SETTINGS, manage, sites::read_settings, all);
    let change = doc("sites", "Change settings").takes::<SettingsSchema>().gives::<SettingsSchema>();
    t.on(Method::PATCH, SETTINGS, manage, sites::update_settings, change);
}

fn of_domains(t: &mut Table) {
    const ALL: &str = "/api/v1/sites/{site}/domains";
    const ONE: &str = "/api/v1/sites/{site}/domains/{name}";
    const LOOK: &str = "/api/v1/sites/{site}/domains/{name}/look";
    const HEALTH: &str = "/api/v1/sites/{site}/domains/{name}/health";
    const APPROVE: &str = "/api/v1/sites/{site}/domains/{name}/approve";
    let manage = Access::Site(C::DomainsManage);
    let d = |summary| doc("domains", summary);
    t.on(
        Method::GET,
        ALL,
        manage,
        domains::list,
        d("Names of a site").query(domains::QUERY).lists::<domains::NameView>(),
    );
    let add = d("Add a name").takes::<domains::NameInput>().makes::<domains::NameView>();
    t.on(Method::POST, ALL, manage, domains::create, add);
    let one = d("One name, with what the last look found").gives::<domains::NameWithLook>();
    t.on(Method::GET, ONE, manage, domains::read, one);
    let change = d("Make a name main, let it redirect or show the site");
    let change = change.takes::<domains::NameChange>().gives::<domains::NameView>();
    t.on(Method::PATCH, ONE, manage, domains::update, change);
    t.on(Method::DELETE, ONE, manage, domains::delete, d("Remove a name").silent());
    t.on(Method::POST, LOOK, manage, domains::look, d("Look now whether a name points here").silent());
    t.on(Method::GET, HEALTH, manage, domains::health, d("Health of a name").gives::<domains::HealthView>());
    t.on(Method::POST, HEALTH, manage, domains::check, d("Look at a name\u{2019}s health now").silent());
    let run = Access::Server(C::ServerManage);
    t.on(Method::POST, APPROVE, run, domains::approve, d("Let a claimed name be served without proof").silent());
    let all = d("Names of all accounts").query(domains::QUERY_ALL).lists::<domains::NameOfAll>();
    t.on(Method::GET, "/api/v1/domains", Access::Server(C::ServerRead), domains::all, all);
}

fn of_entries(t: &mut Table) {
    const ALL: &str = "/api/v1/sites/{site}/entries";
    const ONE: &str = "/api/v1/sites/{site}/entries/{id}";
    const RESTORE: &str = "/api/v1/sites/{site}/entries/{id}/restore";
    const VERSIONS: &str = "/api/v1/sites/{site}/entries/{id}/versions";
    const VERSION: &str = "/api/v1/sites/{site}/entries/{id}/versions/{version}/restore";
    let (read, write) = (Access::Site(C::SiteRead), Access::Site(C::EntriesWriteOwn));
    let d = |summary| doc("entries", summary);
    t.on(
        Method::GET,
        ALL,
        write,
        entries::list,
        d("Entries; own ones for who may not write all").query(entries::QUERY).lists::<views::EntryCard>(),
    );
    let make = d("Make an entry").takes::<EntryInput>().makes::<views::EntryView>();
    t.on(Method::POST, ALL, write, entries::create, make);
    let one = d("One entry with its document").query(&["fields"]).gives::<views::EntryView>();
    t.on(Method::GET, ONE, read, entries::read, one);
    let change = d("Change an entry: what is named is replaced").takes::<EntryInput>().gives::<views::EntryView>();
    t.on(Method::PATCH, ONE, write, entries::update, change);
    let gone = d("To the trash, or for good what lies there").query(&["permanent"]).gives::<views::EntryView>();
    t.on(Method::DELETE, ONE, write, entries::delete, gone);
    t.on(Method::POST, RESTORE, write, entries::restore, d("Back from the trash").gives::<views::EntryView>());
    let old = d("Versions, newest first").query(&["limit", "after"]).lists::<views::VersionView>();
    t.on(Method::GET, VERSIONS, write, entries::versions, old);
    let back = d("Bring a version back as a new one").gives::<views::EntryView>();
    t.on(Method::POST, VERSION, write, entries::restore_version, back);
}

fn of_terms_and_media(t: &mut Table) {
    const TERMS: &str = "/api/v1/sites/{site}/terms";
    const TERM: &str = "/api/v1/sites/{site}/terms/{id}";
    const MERGE: &str = "/api/v1/sites/{site}/terms/{id}/merge";
    const FILES: &str = "/api/v1/sites/{site}/media";
    const FILE: &str = "/api/v1/sites/{site}/media/{id}";
    let (read, manage, add) = (Access::Site(C::SiteRead), Access::Site(C::TermsManage), Access::Site(C::TermsAdd));
    let d = |summary| doc("terms", summary);
    t.on(Method::GET, TERMS, read, terms::list, d("Terms by name").query(terms::QUERY).lists::<views::TermView>());
    let make = d("Make a term, or get the one of this name").takes::<terms::TermInput>().makes::<views::TermView>();
    t.on(Method::POST, TERMS, add, terms::create, make);
    t.on(Method::GET, TERM, read, terms::read, d("One term").gives::<views::TermView>());
    let change = d("Change a term").takes::<terms::TermInput>().gives::<views::TermView>();
    t.on(Method::PATCH, TERM, manage, terms::update, change);
    t.on(Method::DELETE, TERM, manage, terms::delete, d("Delete a term; entries lose it").silent());
    let merge = d("Give everything of a term to another one").takes::<terms::MergeInput>().gives::<views::TermView>();
    t.on(Method::POST, MERGE, manage, terms::merge, merge);

    let write = Access::Site(C::MediaWrite);
    let d = |summary| doc("media", summary);
    t.on(
        Method::GET,
        FILES,
        read,
        media::list,
        d("Files, newest first").query(media::QUERY).lists::<views::MediaView>(),
    );
    t.on(Method::GET, FILE, read, media::read, d("One file").gives::<views::MediaView>());
    let upload = d("Upload a file: multipart/form-data with one part `file`").makes::<views::MediaView>();
    t.on(Method::POST, FILES, write, media::create, upload);
    let describe = d("Describe a file").takes::<media::MediaInput>().gives::<views::MediaView>();
    t.on(Method::PATCH, FILE, write, media::update, describe);
    t.on(Method::DELETE, FILE, write, media::delete, d("Delete a file").query(&["force"]).silent());
}

fn of_people_and_jobs(t: &mut Table) {
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
    let role = d("Set somebody's role on a site").takes::<users::RoleInput>().silent();
    t.on(Method::PUT, ROLE, people, users::put_role, role);
    t.on(Method::DELETE, ROLE, people, users::delete_role, d("Take somebody's role away").silent());
    let all = d("People of the installation").query(users::QUERY).lists::<views::UserView>();
    t.on(Method::GET, "/api/v1/users", see, users::all, all);
    t.on(Method::GET, "/api/v1/users/{id}", see, users::read, d("One person").gives::<views::UserView>());

    let (read, import) = (Access::Site(C::SiteRead), Access::Site(C::ImportRun));
    let d = |summary| doc("jobs", summary);
    t.on(Method::GET, JOBS, read, jobs::list, d("A site's jobs").query(jobs::QUERY).lists::<views::JobView>());
    t.on(Method::GET, JOB, read, jobs::read, d("One job").gives::<views::JobView>());
    let stop = || d("Ask a job to stop").silent();
    let again = || d("Put an ended job back into the queue").silent();
    t.on(Method::POST, "/api/v1/sites/{site}/jobs/{id}/cancel", import, jobs::cancel, stop());
    t.on(Method::POST, "/api/v1/sites/{site}/jobs/{id}/retry", import, jobs::retry, again());
    let all = d("All jobs").query(jobs::QUERY).lists::<views::JobView>();
    t.on(Method::GET, "/api/v1/jobs", see, jobs::list, all);
    t.on(Method::GET, "/api/v1/jobs/{id}", see, jobs::read, d("One job").gives::<views::JobView>());
    t.on(Method::POST, "/api/v1/jobs/{id}/cancel", run, jobs::cancel, stop());
    t.on(Method::POST, "/api/v1/jobs/{id}/retry", run, jobs::retry, again());
}

/// The document, written once.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| table().document().1.to_json().unwrap_or_default());

/// The lines of the table: what the route walk is made from.
pub fn lines() -> Vec<RouteLine> {
    table().routes.lines().to_vec()
}

/// Registers the table, the document and `/metrics` on a worker.
pub fn configure(config: &mut ServiceConfig) {
    table().routes.register(config);
    for address in ["/api/openapi.json", "/api/v1/openapi.json"] {
        config.route(address, web::get().to(document));
    }
    config.route("/metrics", web::get().to(metrics::show));
}

/// The OpenAPI 3.1 document; it holds nothing that is not in the source.
async fn document() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("cache-control", "public, max-age=300"))
        .body(DOCUMENT.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    // row: AP01
    #[test]
    fn ap01_every_route_is_in_the_document() {
        let document: serde_json::Value = serde_json::from_str(&DOCUMENT).expect("JSON");
        assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{}", document["openapi"]);
        let all = lines();
        assert!(all.len() > 35, "{}", all.len());
        for line in all {
            let operation = &document["paths"][line.path][line.method.as_str().to_lowercase()];
            assert!(operation["summary"].is_string(), "{} {}", line.method, line.path);
            assert!(operation["responses"]["default"].is_object());
            assert_eq!(operation["security"][0]["token"], serde_json::json!([]), "{} {}", line.method, line.path);
        }
        let text = DOCUMENT.as_str();
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap_or_default();
            assert!(document["components"]["schemas"][name].is_object(), "{name} is named and not described");
        }
    }

    // rule: C8
    #[test]
    fn c08_no_route_of_the_api_is_open_or_makes_tokens() {
        for line in lines() {
            assert!(!matches!(line.access, Access::Open | Access::Half), "{}", line.path);
            assert!(!line.path.contains("token"), "{}", line.path);
        }
    }
}
