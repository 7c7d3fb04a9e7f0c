//! Doors to sites, their names, rules, files, logins and commands.

use actix_web::http::Method;
use freehold_base::Capability as C;
use freehold_platform::sites::Settings;
use utoipa::{PartialSchema, ToSchema};

use crate::api::doc::{Table, doc};
use crate::api::{cron, domains, file_changes, files, jobs, logins, rules, sites, users, views};
use crate::panel::access::Access;

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

pub(super) fn of_sites(t: &mut Table) {
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

pub(super) fn of_rules(t: &mut Table) {
    const REDIRECTS: &str = "/api/v1/sites/{site}/redirects";
    const REDIRECT: &str = "/api/v1/sites/{site}/redirects/{id}";
    const CSV: &str = "/api/v1/sites/{site}/redirects-csv";
    const HEADERS: &str = "/api/v1/sites/{site}/headers";
    const FOLDERS: &str = "/api/v1/sites/{site}/private-folders";
    const FOLDER: &str = "/api/v1/sites/{site}/private-folders/{id}";
    const PEOPLE: &str = "/api/v1/sites/{site}/private-folders/{id}/people";
    let manage = Access::Site(C::SettingsManage);
    let d = |summary| doc("rules", summary);
    let all = d("Redirects of a site").query(rules::QUERY).lists::<rules::RedirectOut>();
    t.on(Method::GET, REDIRECTS, manage, rules::redirects, all);
    let make = d("Let an address lead to another one").takes::<rules::RedirectBody>().makes::<rules::Made>();
    t.on(Method::POST, REDIRECTS, manage, rules::add_redirect, make);
    let change = d("Replace a redirect").takes::<rules::RedirectBody>().silent();
    t.on(Method::PUT, REDIRECT, manage, rules::change_redirect, change);
    t.on(Method::DELETE, REDIRECT, manage, rules::remove_redirect, d("Take a redirect away").silent());
    t.on(Method::GET, CSV, manage, rules::export, d("All redirects as CSV").gives::<rules::Csv>());
    let bring = d("Bring redirects in: all of them or none").takes::<rules::Csv>().gives::<rules::ImportOut>();
    t.on(Method::POST, CSV, manage, rules::import, bring);
    let trial = d("Which rule answers an address").query(&["address"]).gives::<rules::TrialOut>();
    t.on(Method::GET, "/api/v1/sites/{site}/rules/try", manage, rules::try_address, trial);
    let all = d("Headers that a site sends").query(rules::QUERY).lists::<rules::HeaderOut>();
    t.on(Method::GET, HEADERS, manage, rules::headers, all);
    let make = d("Send a header with answers").takes::<rules::HeaderBody>().makes::<rules::Made>();
    t.on(Method::POST, HEADERS, manage, rules::add_header, make);
    let gone = d("Take a header away").silent();
    t.on(Method::DELETE, "/api/v1/sites/{site}/headers/{id}", manage, rules::remove_header, gone);
    let all = d("Folders with a password").query(rules::QUERY).lists::<rules::FolderOut>();
    t.on(Method::GET, FOLDERS, manage, rules::folders, all);
    let make = d("Make a folder private").takes::<rules::FolderBody>().makes::<rules::Made>();
    t.on(Method::POST, FOLDERS, manage, rules::add_folder, make);
    t.on(Method::DELETE, FOLDER, manage, rules::remove_folder, d("Open a folder to everybody").silent());
    let make = d("Let somebody open a private folder").takes::<rules::PersonBody>().makes::<rules::Made>();
    t.on(Method::POST, PEOPLE, manage, rules::let_in, make);
    let gone = d("Take somebody off a private folder").silent();
    t.on(Method::DELETE, "/api/v1/sites/{site}/private-folders/{id}/people/{person}", manage, rules::shut_out, gone);
}

pub(super) fn of_domains(t: &mut Table) {
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

pub(super) fn of_files(t: &mut Table) {
    const ALL: &str = "/api/v1/sites/{site}/files";
    const BYTES: &str = "/api/v1/sites/{site}/files/content";
    const TRASH: &str = "/api/v1/sites/{site}/files/trash";
    const TRASHED: &str = "/api/v1/sites/{site}/files/trash/{id}";
    const BACK: &str = "/api/v1/sites/{site}/files/trash/{id}/restore";
    const STATES: &str = "/api/v1/sites/{site}/files/versions";
    const STATE: &str = "/api/v1/sites/{site}/files/versions/{id}/restore";
    const UPLOADS: &str = "/api/v1/sites/{site}/files/uploads";
    const UPLOAD: &str = "/api/v1/sites/{site}/files/uploads/{id}";
    const FINISH: &str = "/api/v1/sites/{site}/files/uploads/{id}/finish";
    let (read, write) = (Access::Site(C::FilesRead), Access::Site(C::FilesWrite));
    let d = |summary| doc("files", summary);
    let list = d("A folder of the account's files, folders first").query(files::QUERY).gives::<files::FolderView>();
    t.on(Method::GET, ALL, read, files::list, list);
    let find = d("Names and lines that hold some words").query(files::SEARCH).gives::<files::FoundView>();
    t.on(Method::GET, "/api/v1/sites/{site}/files/search", read, files::search, find);
    t.on(Method::GET, BYTES, read, files::read, d("A file's bytes, with its ETag").query(files::PATH));
    let put = d("Write a file: the body is its bytes; If-Match or If-None-Match say over what").query(files::PUT);
    t.on(Method::PUT, BYTES, write, files::put, put.gives::<files::FileView>());
    let room = d("What the account's files take and may take").gives::<files::RoomView>();
    t.on(Method::GET, "/api/v1/sites/{site}/files/room", read, files::room, room);
    let space = d("The largest folders, largest first; `fresh` looks at the disk anew").query(files::SPACE);
    t.on(Method::GET, "/api/v1/sites/{site}/files/largest", read, files::largest, space.gives::<files::SpaceView>());
    let folder = d("Make a folder and those above it").takes::<file_changes::PathInput>().makes::<files::PathView>();
    t.on(Method::POST, "/api/v1/sites/{site}/files/folders", write, file_changes::new_folder, folder);
    let go = d("Move or rename").takes::<file_changes::MoveInput>().gives::<files::PathView>();
    t.on(Method::POST, "/api/v1/sites/{site}/files/move", write, file_changes::move_to, go);
    let copy = d("Copy").takes::<file_changes::MoveInput>().gives::<files::PathView>();
    t.on(Method::POST, "/api/v1/sites/{site}/files/copy", write, file_changes::copy_to, copy);
    let mode = d("Set permissions").takes::<file_changes::ModeInput>().silent();
    t.on(Method::PUT, "/api/v1/sites/{site}/files/mode", write, file_changes::set_mode, mode);
    let all = d("What lies in the trash, newest first").query(&["before"]).gives::<files::TrashView>();
    t.on(Method::GET, TRASH, read, files::trashed, all);
    let trash = d("Put files and folders into the trash").takes::<file_changes::PathsInput>().gives::<files::IdsView>();
    t.on(Method::POST, TRASH, write, file_changes::trash, trash);
    t.on(Method::DELETE, TRASHED, write, file_changes::delete, d("Delete for good what lies in the trash").silent());
    let back = d("Back from the trash").takes::<file_changes::ClashInput>().gives::<files::PathView>();
    t.on(Method::POST, BACK, write, file_changes::restore, back);
    let pack = d("Make an archive, as a job").takes::<file_changes::PackInput>().gives::<files::JobRef>();
    t.on(Method::POST, "/api/v1/sites/{site}/files/pack", write, file_changes::pack, pack);
    let unpack = d("Unpack an archive, as a job").takes::<file_changes::UnpackInput>().gives::<files::JobRef>();
    t.on(Method::POST, "/api/v1/sites/{site}/files/unpack", write, file_changes::unpack, unpack);
    let states = d("States that a text file had, newest first").query(files::PATH).gives::<files::VersionsView>();
    t.on(Method::GET, STATES, read, files::versions, states);
    let state = d("Bring a state back as the newest").takes::<file_changes::PathInput>().gives::<files::FileView>();
    t.on(Method::POST, STATE, write, file_changes::restore_version, state);
    let begin = d("Begin an upload in pieces, or find it again").takes::<file_changes::UploadInput>();
    t.on(Method::POST, UPLOADS, write, file_changes::begin_upload, begin.gives::<files::UploadView>());
    let stands = d("How far an upload is").gives::<files::UploadView>();
    t.on(Method::GET, UPLOAD, write, files::upload, stands);
    let piece = d("Send the next piece: the body is its bytes").query(&["offset"]).gives::<files::UploadView>();
    t.on(Method::PUT, UPLOAD, write, files::piece, piece);
    t.on(Method::DELETE, UPLOAD, write, file_changes::cancel_upload, d("Give an upload up").silent());
    let check = d("What more people may read or write than should").gives::<file_changes::FindingsView>();
    t.on(Method::GET, "/api/v1/sites/{site}/files/permissions", read, file_changes::findings, check);
    let repair = d("Repair permissions").takes::<file_changes::RepairInput>().gives::<file_changes::RepairedView>();
    t.on(Method::POST, "/api/v1/sites/{site}/files/permissions/repair", write, file_changes::repair, repair);
    // Jobs on files, for who may work on files and not import.
    let stop = d("Ask a job on files to stop").silent();
    t.on(Method::POST, "/api/v1/sites/{site}/files/jobs/{id}/cancel", write, jobs::cancel, stop);
    let again = d("Put an ended job on files back into the queue").silent();
    t.on(Method::POST, "/api/v1/sites/{site}/files/jobs/{id}/retry", write, jobs::retry, again);
    let now = d("Let a job on files that waits begin now").silent();
    t.on(Method::POST, "/api/v1/sites/{site}/files/jobs/{id}/run", write, jobs::run_now, now);
    t.on(Method::POST, FINISH, write, file_changes::finish_upload, d("Put it in its place").gives::<files::PathView>());
}

pub(super) fn of_logins(t: &mut Table) {
    const ALL: &str = "/api/v1/sites/{site}/logins";
    const ONE: &str = "/api/v1/sites/{site}/logins/{id}";
    let access = Access::Site(C::AccessManage);
    let d = |summary| doc("logins", summary);
    t.on(Method::GET, ALL, access, logins::list, d("Logins to the account's files").gives::<logins::LoginList>());
    let make = d("Make a login to the account's files").takes::<logins::NewLoginInput>().makes::<logins::LoginOut>();
    t.on(Method::POST, ALL, access, logins::create, make);
    t.on(Method::GET, ONE, access, logins::read, d("One login").gives::<logins::LoginOut>());
    let change = d("Change what a login opens").takes::<logins::LoginInput>().gives::<logins::LoginOut>();
    t.on(Method::PATCH, ONE, access, logins::update, change);
    t.on(Method::DELETE, ONE, access, logins::delete, d("Revoke a login; open sessions end").silent());
    let password = d("Set a login's password, or take it away").takes::<logins::PasswordInput>().silent();
    t.on(Method::PUT, "/api/v1/sites/{site}/logins/{id}/password", access, logins::put_password, password);
    let key = d("Add an SSH key to a login").takes::<logins::KeyInput>().makes::<logins::LoginOut>();
    t.on(Method::POST, "/api/v1/sites/{site}/logins/{id}/keys", access, logins::add_key, key);
    let gone = d("Take an SSH key from a login").silent();
    t.on(Method::DELETE, "/api/v1/sites/{site}/logins/{id}/keys/{key}", access, logins::remove_key, gone);
}

pub(super) fn of_cron(t: &mut Table) {
    const ALL: &str = "/api/v1/sites/{site}/cron";
    const ONE: &str = "/api/v1/sites/{site}/cron/{id}";
    const RUNS: &str = "/api/v1/sites/{site}/cron/{id}/runs";
    const RUN: &str = "/api/v1/sites/{site}/cron/{id}/runs/{run}";
    const STOP: &str = "/api/v1/sites/{site}/cron/{id}/runs/{run}/stop";
    let manage = Access::Site(C::CronManage);
    let d = |summary| doc("cron", summary);
    let all = d("Commands at set times, of the site's account").query(cron::QUERY).lists::<cron::CommandView>();
    t.on(Method::GET, ALL, manage, cron::list, all);
    let make = d("Set up a command").takes::<cron::CommandInput>().makes::<cron::CommandView>();
    t.on(Method::POST, ALL, manage, cron::create, make);
    t.on(Method::GET, ONE, manage, cron::read, d("One command").gives::<cron::CommandView>());
    let change = d("Change a command; turn it on or off").takes::<cron::CommandInput>().gives::<cron::CommandView>();
    t.on(Method::PATCH, ONE, manage, cron::update, change);
    t.on(Method::DELETE, ONE, manage, cron::delete, d("Remove a command with its results").silent());
    let runs = d("What came of its runs, newest first").query(cron::QUERY).lists::<cron::CommandRunView>();
    t.on(Method::GET, RUNS, manage, cron::runs, runs);
    t.on(Method::POST, RUNS, manage, cron::run_now, d("Run it now").makes::<cron::CommandRunView>());
    t.on(Method::GET, RUN, manage, cron::run, d("One run with what it said").gives::<cron::CommandRunView>());
    t.on(Method::POST, STOP, manage, cron::stop, d("Ask a run to stop").silent());
}
