//! Doors to what a site says: entries, terms, media, comments, menus, themes.

use actix_web::http::Method;
use freehold_base::Capability as C;

use crate::api::doc::{Table, doc};
use crate::api::entry_input::EntryInput;
use crate::api::{comments, designs, entries, media, menus, terms, theme_texts, themes, views};
use crate::panel::access::Access;

pub(super) fn of_entries(t: &mut Table) {
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

pub(super) fn of_terms_and_media(t: &mut Table) {
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

pub(super) fn of_comments(t: &mut Table) {
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

pub(super) fn of_menus(t: &mut Table) {
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

fn of_theme_texts(t: &mut Table) {
    const TEXT: &str = "/api/v1/sites/{site}/themes/{name}/text";
    const CHANGES: &str = "/api/v1/sites/{site}/themes/{name}/parent-changes";
    let manage = Access::Site(C::SettingsManage);
    let d = |summary| doc("themes", summary);
    let child = d("Make a theme that builds on this one").takes::<theme_texts::ChildInput>();
    let child = child.makes::<theme_texts::ThemeName>();
    t.on(Method::POST, "/api/v1/sites/{site}/themes/{name}/children", manage, theme_texts::begin, child);
    let files = d("Files of a theme, and those of its parents that it can take over");
    let files = files.lists::<theme_texts::PartView>();
    t.on(Method::GET, "/api/v1/sites/{site}/themes/{name}/files", manage, theme_texts::parts, files);
    let text = d("What a file of a theme says").query(theme_texts::QUERY).gives::<theme_texts::TextView>();
    t.on(Method::GET, TEXT, manage, theme_texts::read, text);
    let write = d("Change a file of a theme: it is kept only where the theme works with it");
    let write = write.takes::<theme_texts::TextInput>().gives::<theme_texts::TextView>();
    t.on(Method::PUT, TEXT, manage, theme_texts::write, write);
    let gone = d("Delete a file of a theme: a parent's counts again").query(theme_texts::DELETE_QUERY).silent();
    t.on(Method::DELETE, TEXT, manage, theme_texts::delete, gone);
    let states = d("What a file said before, newest first").query(theme_texts::QUERY);
    let states = states.lists::<theme_texts::StateView>();
    t.on(Method::GET, "/api/v1/sites/{site}/themes/{name}/states", manage, theme_texts::states, states);
    let changes = d("Files of parents that changed since the theme took them over");
    t.on(Method::GET, CHANGES, manage, theme_texts::changes, changes.lists::<theme_texts::DriftView>());
    let settle = d("Say what becomes of such a file").takes::<theme_texts::SettleInput>().silent();
    t.on(Method::POST, CHANGES, manage, theme_texts::settle, settle);
}

pub(super) fn of_themes(t: &mut Table) {
    const ALL: &str = "/api/v1/sites/{site}/themes";
    const ONE: &str = "/api/v1/sites/{site}/themes/{name}";
    let manage = Access::Site(C::SettingsManage);
    let d = |summary| doc("themes", summary);
    let all = d("Themes that a site can choose, the one it has first");
    t.on(Method::GET, ALL, manage, themes::list, all.query(themes::QUERY).lists::<themes::ThemeView>());
    let add =
        d("Install a theme: multipart/form-data with a part `file` (zip or tar.gz) or `address`; `name`, `replace`");
    t.on(Method::POST, ALL, manage, themes::install, add.makes::<crate::api::files::JobRef>());
    let one = d("A theme with what the theme check says of it").gives::<themes::ThemeWithReport>();
    t.on(Method::GET, ONE, manage, themes::read, one);
    t.on(Method::DELETE, ONE, manage, themes::delete, d("Remove a theme that was added").silent());
    of_theme_texts(t);
    let choose = d("Give the site another theme").takes::<themes::ThemeInput>().gives::<themes::ThemeView>();
    t.on(Method::PUT, "/api/v1/sites/{site}/theme", manage, themes::choose, choose);
}

pub(super) fn of_designs(t: &mut Table) {
    const ONE: &str = "/api/v1/sites/{site}/design";
    const LIVE: &str = "/api/v1/sites/{site}/design/publication";
    const LINK: &str = "/api/v1/sites/{site}/design/link";
    const PAST: &str = "/api/v1/sites/{site}/designs";
    let manage = Access::Site(C::SettingsManage);
    let d = |summary| doc("designs", summary);
    let one = d("The settings of the site's theme: what is live, what is tried out").gives::<designs::DesignView>();
    t.on(Method::GET, ONE, manage, designs::read, one);
    let change = d("Try settings out: visitors see no change until they are published");
    t.on(
        Method::PATCH,
        ONE,
        manage,
        designs::change,
        change.takes::<designs::DesignInput>().gives::<designs::DesignView>(),
    );
    t.on(Method::DELETE, ONE, manage, designs::discard, d("Throw the draft away").silent());
    let live = d("Publish the draft, at once or at a time").takes::<designs::DesignPublicationInput>();
    t.on(Method::PUT, LIVE, manage, designs::publish, live.gives::<designs::DesignView>());
    t.on(Method::DELETE, LIVE, manage, designs::unschedule, d("Forget the time of the draft").silent());
    let link = d("Make a link that shows the draft without signing in").takes::<designs::DesignLinkInput>();
    t.on(Method::PUT, LINK, manage, designs::share, link.gives::<designs::DesignView>());
    t.on(Method::DELETE, LINK, manage, designs::unshare, d("End the link").silent());
    let past = d("Designs that were live, newest first").query(designs::QUERY).lists::<designs::PastDesignView>();
    t.on(Method::GET, PAST, manage, designs::history, past);
    let undo = d("Take the last publication back").gives::<designs::LiveDesignView>();
    t.on(Method::POST, "/api/v1/sites/{site}/designs/undo", manage, designs::undo, undo);
    let back = d("Bring a design back that was live").gives::<designs::LiveDesignView>();
    t.on(Method::POST, "/api/v1/sites/{site}/designs/{id}/restore", manage, designs::restore, back);
}
