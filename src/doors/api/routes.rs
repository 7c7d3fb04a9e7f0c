//! All doors of the API on one screen, each with what it needs and what the OpenAPI document says of it.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use freehold_base::Capability as C;
use freehold_platform::sites::Settings;
use utoipa::{PartialSchema, ToSchema};

use super::customers::{accounts, plans, resellers};
use super::doc::{Table, doc};
use super::entry_input::EntryInput;
use super::{
    comments, cron, domains, entries, file_changes, files, guarding, imports, jobs, logins, media, menus, metrics,
    rules, server, sites, terms, themes, users, views,
};
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
    of_rules(&mut t);
    of_domains(&mut t);
    of_entries(&mut t);
    of_terms_and_media(&mut t);
    of_comments(&mut t);
    of_menus(&mut t);
    of_themes(&mut t);
    of_files(&mut t);
    of_people_and_jobs(&mut t);
    of_logins(&mut t);
    of_customers(&mut t);
    of_resellers(&mut t);
    of_signing_in(&mut t);
    of_cron(&mut t);
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

fn of_rules(t: &mut Table) {
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

fn of_comments(t: &mut Table) {
    const ALL: &str = "/api/v1/sites/{site}/comments";
    const ONE: &str = "/api/v1/sites/{site}/comments/{id}";
    const REPLIES: &str = "/api/v1/sites/{site}/comments/{id}/replies";
    let moderate = Access::Site(C::CommentsModerate);
    let d = |summary| doc("comments", summary);
    let all = d("Comments of one status (those that wait, where none is named), newest first");
    t.on(Method::GET, ALL, moderate, comments::list, all.query(comments::QUERY).lists::<comments::CommentView>());
    t.on(Method::GET, ONE, moderate, comments::read, d("One comment").gives::<comments::CommentView>());
    let change = d("Decide about a comment, or correct its words").takes::<comments::CommentChange>();
    t.on(Method::PATCH, ONE, moderate, comments::update, change.gives::<comments::CommentView>());
    t.on(
        Method::DELETE,
        ONE,
        moderate,
        comments::delete,
        d("Delete for good a comment that lies in the trash or the spam").silent(),
    );
    let reply = d("Answer a comment").takes::<comments::ReplyInput>().makes::<comments::CommentView>();
    t.on(Method::POST, REPLIES, moderate, comments::reply, reply);
}

fn of_menus(t: &mut Table) {
    const ALL: &str = "/api/v1/sites/{site}/menus";
    const ONE: &str = "/api/v1/sites/{site}/menus/{menu}";
    const LINES: &str = "/api/v1/sites/{site}/menus/{menu}/lines";
    const LINE: &str = "/api/v1/sites/{site}/menus/{menu}/lines/{line}";
    const ORDER: &str = "/api/v1/sites/{site}/menus/{menu}/order";
    const PLACE: &str = "/api/v1/sites/{site}/menu-places/{place}";
    let arrange = Access::Site(C::MenusManage);
    let d = |summary| doc("menus", summary);
    t.on(Method::GET, ALL, arrange, menus::list, d("Menus with their lines").gives::<menus::MenusView>());
    let make = d("Make a menu").takes::<menus::MenuInput>().makes::<menus::MenuView>();
    t.on(Method::POST, ALL, arrange, menus::create, make);
    t.on(Method::GET, ONE, arrange, menus::read, d("One menu").gives::<menus::MenuView>());
    let name = d("Give a menu another name").takes::<menus::MenuChange>().gives::<menus::MenuView>();
    t.on(Method::PATCH, ONE, arrange, menus::update, name);
    t.on(Method::DELETE, ONE, arrange, menus::delete, d("Delete a menu").silent());
    let place = d("Put a menu into a place of the theme").takes::<menus::MenuPlaceInput>().silent();
    t.on(Method::PUT, PLACE, arrange, menus::put_place, place);
    let add = d("Add a line at the end of a menu").takes::<menus::MenuLineInput>().makes::<menus::MenuView>();
    t.on(Method::POST, LINES, arrange, menus::add_line, add);
    let edit = d("Change a line").takes::<menus::MenuLineChange>().gives::<menus::MenuView>();
    t.on(Method::PATCH, LINE, arrange, menus::update_line, edit);
    t.on(Method::DELETE, LINE, arrange, menus::delete_line, d("Take a line out").silent());
    let order = d("Give all lines their order and depth").takes::<menus::MenuOrderInput>().gives::<menus::MenuView>();
    t.on(Method::PUT, ORDER, arrange, menus::put_order, order);
}

fn of_themes(t: &mut Table) {
    const ALL: &str = "/api/v1/sites/{site}/themes";
    const ONE: &str = "/api/v1/sites/{site}/themes/{name}";
    let manage = Access::Site(C::SettingsManage);
    let d = |summary| doc("themes", summary);
    let all = d("Themes that a site can choose, the one it has first");
    t.on(Method::GET, ALL, manage, themes::list, all.query(themes::QUERY).lists::<themes::ThemeView>());
    let add =
        d("Install a theme: multipart/form-data with a part `file` (zip or tar.gz) or `address`; `name`, `replace`");
    t.on(Method::POST, ALL, manage, themes::install, add.makes::<super::files::JobRef>());
    let one = d("A theme with what the theme check says of it").gives::<themes::ThemeWithReport>();
    t.on(Method::GET, ONE, manage, themes::read, one);
    t.on(Method::DELETE, ONE, manage, themes::delete, d("Remove a theme that was added").silent());
    let choose = d("Give the site another theme").takes::<themes::ThemeInput>().gives::<themes::ThemeView>();
    t.on(Method::PUT, "/api/v1/sites/{site}/theme", manage, themes::choose, choose);
}

fn of_files(t: &mut Table) {
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

fn of_logins(t: &mut Table) {
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

fn of_customers(t: &mut Table) {
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

fn of_resellers(t: &mut Table) {
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

fn of_signing_in(t: &mut Table) {
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

fn of_cron(t: &mut Table) {
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
