//! All doors of the panel on one screen, each with what it needs. What changes something has its twins (API, command
//! line) in `doors/twins_tests.rs`.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};
use freehold_base::Capability as C;

use super::access::{Access, Routes};
use super::failure::Reply;
use super::{
    assets, audit, auth, checklist, comments, confirm, cron, customers, domains, entries, events, factor, files, help,
    home, import, jobs, logins, machine, me, media, menus, new_site, notices, passkey, reset, search, settings, share,
    site_people, site_rules, terminal, terms, themes,
};

/// The table.
pub fn table() -> Routes {
    let mut r = Routes::default();
    let write = Access::Site(C::EntriesWriteOwn);

    r.get("/", Access::Open, root);
    r.get("/healthz", Access::Open, healthz);
    r.get("/readyz", Access::Open, readyz);
    r.get("/admin/assets/{name}", Access::Open, asset);

    r.get("/admin/setup/{code}", Access::Open, auth::setup_form);
    r.post("/admin/setup/{code}", Access::Open, auth::setup);
    r.get("/admin/login", Access::Open, auth::login_form);
    r.post("/admin/login", Access::Open, auth::login);
    r.get("/admin/login/code", Access::Half, auth::code_form);
    r.post("/admin/login/code", Access::Half, auth::code);
    r.post("/admin/login/passkey/start", Access::Open, passkey::start_sign_in);
    r.post("/admin/login/passkey", Access::Open, auth::passkey);
    r.post("/admin/login/code/passkey", Access::Half, passkey::start_second);
    r.post("/admin/login/factor/passkey", Access::Half, passkey::start_first);
    r.get("/admin/confirm", Access::Signed, confirm::show);
    r.post("/admin/confirm", Access::Signed, confirm::confirm);
    r.post("/admin/confirm/passkey", Access::Signed, passkey::start_confirm);
    r.post("/admin/logout", Access::Open, auth::logout);
    r.get("/admin", Access::Signed, auth::start);
    r.get("/admin/search", Access::Signed, search::show);
    r.post("/admin/me/appearance", Access::Signed, auth::appearance);

    r.get("/admin/s/{site}", Access::Site(C::SiteRead), home::show);
    r.post("/admin/s/{site}/checklist/{name}", Access::Site(C::SettingsManage), checklist::dismiss);
    // Pages are the editors'.
    let pages = Access::Site(C::EntriesWriteAll);
    for (list, access) in [("/admin/s/{site}/posts", write), ("/admin/s/{site}/pages", pages)] {
        r.get(list, access, entries::list::show);
    }
    for (new, access) in [("/admin/s/{site}/posts/new", write), ("/admin/s/{site}/pages/new", pages)] {
        r.get(new, access, entries::edit::new);
        r.post(new, access, entries::save::create);
        r.on(Method::PUT, new, access, entries::unsaved::begin);
    }
    for (one, access) in [("/admin/s/{site}/posts/{id}", write), ("/admin/s/{site}/pages/{id}", pages)] {
        r.get(one, access, entries::edit::edit);
        r.post(one, access, entries::save::update);
    }
    // What an import brought beside posts and pages.
    r.get("/admin/s/{site}/types/{type}", pages, entries::list::show);
    r.get("/admin/s/{site}/types/{type}/{id}", pages, entries::edit::edit);
    r.post("/admin/s/{site}/types/{type}/{id}", pages, entries::save::update);
    r.post("/admin/s/{site}/entries/bulk", write, entries::act::bulk);
    r.post("/admin/s/{site}/entries/empty", write, entries::act::empty);
    r.post("/admin/s/{site}/entries/{id}/delete", write, entries::act::delete);
    r.post("/admin/s/{site}/entries/{id}/trash", write, entries::act::to_trash);
    r.post("/admin/s/{site}/entries/{id}/restore", write, entries::act::restore);
    r.on(Method::PUT, "/admin/s/{site}/entries/{id}/autosave", write, entries::unsaved::keep);
    r.post("/admin/s/{site}/entries/{id}/discard", write, entries::unsaved::discard);
    r.post("/admin/s/{site}/entries/{id}/lock", write, entries::act::lock);
    r.post("/admin/s/{site}/entries/{id}/check-in", write, entries::act::check_in);
    r.post("/admin/s/{site}/entries/{id}/take-over", write, entries::act::take_over);

    // Versions, previews.
    r.get("/admin/s/{site}/entries/{id}", write, entries::act::open);
    r.get("/admin/s/{site}/entries/{id}/versions", write, entries::versions::newest);
    r.get("/admin/s/{site}/entries/{id}/versions/{version}", write, entries::versions::show);
    r.post("/admin/s/{site}/entries/{id}/versions/{version}/restore", write, entries::versions::restore);
    r.post("/admin/s/{site}/entries/{id}/versions/{version}/block", write, entries::versions::restore_block);
    r.get("/admin/s/{site}/entries/{id}/preview", write, share::preview);
    r.get("/admin/s/{site}/entries/{id}/share", write, share::show);

    // Media.
    r.get("/media/{hash}/{name}", Access::Signed, media::file::serve);
    r.get("/admin/s/{site}/media", Access::Site(C::SiteRead), media::list::show);
    r.post("/admin/s/{site}/media", Access::Site(C::MediaWrite), media::upload::store);
    r.post("/admin/s/{site}/media/bulk", Access::Site(C::MediaWrite), media::act::bulk);
    r.post("/admin/s/{site}/media/{id}", Access::Site(C::MediaWrite), media::act::describe);
    r.post("/admin/s/{site}/media/{id}/delete", Access::Site(C::MediaWrite), media::act::delete);

    // Comments.
    let moderate = Access::Site(C::CommentsModerate);
    r.get("/admin/s/{site}/comments", moderate, comments::list::show);
    r.post("/admin/s/{site}/comments/bulk", moderate, comments::act::bulk);
    r.post("/admin/s/{site}/comments/{id}/decide", moderate, comments::act::decide);
    r.post("/admin/s/{site}/comments/{id}/reply", moderate, comments::act::reply);
    r.post("/admin/s/{site}/comments/{id}/edit", moderate, comments::act::edit);

    // Categories, tags.
    let manage = Access::Site(C::TermsManage);
    r.get("/admin/s/{site}/terms/{taxonomy}", manage, terms::list::show);
    r.post("/admin/s/{site}/terms/{taxonomy}", manage, terms::list::add);
    r.post("/admin/s/{site}/terms/{taxonomy}/bulk", manage, terms::list::bulk);
    r.get("/admin/s/{site}/terms/{taxonomy}/{id}", manage, terms::edit::show);
    r.post("/admin/s/{site}/terms/{taxonomy}/{id}", manage, terms::edit::save);
    r.post("/admin/s/{site}/terms/{taxonomy}/{id}/merge", manage, terms::edit::merge);
    r.post("/admin/s/{site}/terms/{taxonomy}/{id}/delete", manage, terms::edit::delete);

    // Themes.
    let looks = Access::Site(C::SettingsManage);
    r.get("/admin/s/{site}/theme", looks, themes::gallery::show);
    r.post("/admin/s/{site}/theme-undo", looks, themes::act::undo);
    r.get("/admin/s/{site}/theme-add", looks, themes::add::show);
    r.post("/admin/s/{site}/theme-add", looks, themes::add::store);
    r.get("/admin/s/{site}/theme-jobs/{id}", looks, themes::add::follow);
    r.get("/admin/s/{site}/theme-customise", looks, themes::design::page::show);
    r.post("/admin/s/{site}/theme-customise", looks, themes::design::act::act);
    r.on(Method::PUT, "/admin/s/{site}/theme-customise", looks, themes::design::act::autosave);
    r.get("/admin/s/{site}/theme-customise/compare", looks, themes::design::page::compare);
    r.get("/admin/s/{site}/theme-history", looks, themes::design::past::show);
    r.post("/admin/s/{site}/theme-history-undo", looks, themes::design::past::undo);
    r.post("/admin/s/{site}/theme-history/{id}", looks, themes::design::past::restore);
    r.get("/admin/s/{site}/theme/{name}", looks, themes::one::show);
    r.post("/admin/s/{site}/theme/{name}", looks, themes::act::act);
    r.get("/admin/s/{site}/theme/{name}/preview", looks, themes::preview::show);
    r.get("/admin/s/{site}/theme/{name}/package", looks, themes::one::package);
    r.get("/admin/s/{site}/theme/{name}/code", looks, themes::code::show);
    r.post("/admin/s/{site}/theme/{name}/code", looks, themes::code::act);
    r.get("/admin/s/{site}/theme/{name}/states", looks, themes::states::show);
    r.get("/admin/s/{site}/theme/{name}/parent", looks, themes::parent::show);
    r.post("/admin/s/{site}/theme/{name}/parent", looks, themes::parent::act);

    // Menus.
    let arrange = Access::Site(C::MenusManage);
    r.get("/admin/s/{site}/menus", arrange, menus::page::show);
    r.post("/admin/s/{site}/menus", arrange, menus::act::create);
    r.post("/admin/s/{site}/menus/places", arrange, menus::act::places);
    r.post("/admin/s/{site}/menus/{menu}", arrange, menus::act::rename);
    r.post("/admin/s/{site}/menus/{menu}/delete", arrange, menus::act::delete);
    r.post("/admin/s/{site}/menus/{menu}/add", arrange, menus::act::add);
    r.post("/admin/s/{site}/menus/{menu}/link", arrange, menus::act::link);
    r.post("/admin/s/{site}/menus/{menu}/order", arrange, menus::act::order);
    r.post("/admin/s/{site}/menus/{menu}/lines/{line}", arrange, menus::act::edit);
    r.post("/admin/s/{site}/menus/{menu}/lines/{line}/move", arrange, menus::act::step);
    r.post("/admin/s/{site}/menus/{menu}/lines/{line}/remove", arrange, menus::act::remove);

    // Import, jobs of the site, who did what.
    let bring = Access::Site(C::ImportRun);
    r.get("/admin/s/{site}/import", bring, import::choose::show);
    r.post("/admin/s/{site}/import", bring, import::choose::store);
    r.get("/admin/s/{site}/import/{id}", bring, import::follow::show);
    r.post("/admin/s/{site}/import/{id}", bring, import::follow::act);
    r.get("/admin/s/{site}/jobs", bring, jobs::list::show);
    r.get("/admin/s/{site}/jobs/{id}", bring, jobs::one::show);
    r.post("/admin/s/{site}/jobs/{id}", bring, jobs::one::act);
    r.get("/admin/s/{site}/audit", Access::Site(C::PeopleManage), audit::list::show);
    r.get("/admin/s/{site}/audit/export", Access::Site(C::PeopleManage), audit::export::send);

    // People of a site.
    r.get("/admin/s/{site}/people", Access::Site(C::PeopleManage), site_people::show);
    r.post("/admin/s/{site}/people", Access::Site(C::PeopleManage), site_people::invite);
    r.post("/admin/s/{site}/people/{id}", Access::Site(C::PeopleManage), site_people::change);

    // Commands at set times, and a terminal: of the site's account.
    let cron = Access::Site(C::CronManage);
    r.get("/admin/s/{site}/cron", cron, cron::list::show);
    r.get("/admin/s/{site}/cron/new", cron, cron::edit::new);
    r.post("/admin/s/{site}/cron/new", cron, cron::edit::create);
    r.get("/admin/s/{site}/cron/preview", cron, cron::edit::preview);
    r.get("/admin/s/{site}/cron/{job}", cron, cron::one::show);
    r.post("/admin/s/{site}/cron/{job}", cron, cron::act::act);
    r.get("/admin/s/{site}/cron/{job}/edit", cron, cron::edit::show);
    r.post("/admin/s/{site}/cron/{job}/edit", cron, cron::edit::save);
    r.get("/admin/s/{site}/cron/{job}/runs/{run}", cron, cron::run::show);
    r.post("/admin/s/{site}/cron/{job}/runs/{run}", cron, cron::run::act);
    r.get("/admin/s/{site}/cron/{job}/runs/{run}/live", cron, cron::live::stream);
    let shell = Access::Site(C::TerminalUse);
    r.get("/admin/s/{site}/terminal", shell, terminal::page::show);
    r.post("/admin/s/{site}/terminal", shell, terminal::page::open);
    r.get("/admin/s/{site}/terminal/socket", shell, terminal::socket::open);

    // Domains of a site.
    let names = Access::Site(C::DomainsManage);
    r.get("/admin/s/{site}/domains", names, domains::list::show);
    r.post("/admin/s/{site}/domains", names, domains::new::add);
    r.get("/admin/s/{site}/domains/new", names, domains::new::show);
    r.get("/admin/s/{site}/domains/{name}", names, domains::one::show);
    r.post("/admin/s/{site}/domains/{name}", names, domains::act::change);
    r.get("/admin/s/{site}/domains/{name}/health", names, domains::health::show);
    r.post("/admin/s/{site}/domains/{name}/health", names, domains::health::check);

    // What a site answers before its pages: redirects and other rules.
    let rule = Access::Site(C::SettingsManage);
    r.get("/admin/s/{site}/redirects", rule, site_rules::redirects::show);
    r.post("/admin/s/{site}/redirects", rule, site_rules::redirects::add);
    r.post("/admin/s/{site}/redirects/import", rule, site_rules::redirects::import);
    r.get("/admin/s/{site}/redirects/export", rule, site_rules::redirects::export);
    r.post("/admin/s/{site}/redirects/{id}", rule, site_rules::redirects::change);
    r.get("/admin/s/{site}/rules", rule, site_rules::rules::show);
    r.post("/admin/s/{site}/rules", rule, site_rules::rules::save);
    r.post("/admin/s/{site}/rules/headers", rule, site_rules::rules::add_header);
    r.post("/admin/s/{site}/rules/headers/{id}", rule, site_rules::rules::remove_header);
    r.post("/admin/s/{site}/rules/folders", rule, site_rules::rules::add_folder);
    r.post("/admin/s/{site}/rules/folders/{id}", rule, site_rules::rules::change_folder);
    // Files of a site's account.
    let (look, change) = (Access::Site(C::FilesRead), Access::Site(C::FilesWrite));
    for folder in ["/admin/s/{site}/files", "/admin/s/{site}/files/{path:.*}"] {
        r.get(folder, look, files::list::show);
        r.post(folder, change, files::act::act);
    }
    r.post("/admin/s/{site}/files-download", look, files::take::several);
    r.post("/admin/s/{site}/files-upload", change, files::bring::begin);
    r.get("/admin/s/{site}/files-upload/{id}", change, files::bring::standing);
    r.on(Method::PUT, "/admin/s/{site}/files-upload/{id}", change, files::bring::part);
    r.on(Method::DELETE, "/admin/s/{site}/files-upload/{id}", change, files::bring::end);
    r.get("/admin/s/{site}/files-jobs/{id}", look, jobs::one::show);
    r.post("/admin/s/{site}/files-jobs/{id}", change, jobs::one::act);
    r.get("/admin/s/{site}/files-trash", look, files::trash::show);
    r.post("/admin/s/{site}/files-trash", change, files::trash::act);
    r.get("/admin/s/{site}/files-check", look, files::check::show);
    r.post("/admin/s/{site}/files-check", change, files::check::act);
    r.get("/admin/s/{site}/files-space", look, files::space::show);
    // Logins to files.
    let access = Access::Site(C::AccessManage);
    r.get("/admin/s/{site}/access", access, logins::show);
    r.post("/admin/s/{site}/access", access, logins::act::create);
    r.get("/admin/s/{site}/access/{id}", access, logins::one::show);
    r.post("/admin/s/{site}/access/{id}", access, logins::act::change);

    // Settings of a site.
    r.get("/admin/s/{site}/settings", Access::Site(C::SettingsManage), settings::first);
    r.get("/admin/s/{site}/settings/example", Access::Site(C::SettingsManage), settings::example);
    r.get("/admin/s/{site}/settings/delete", Access::Site(C::AccountSites), settings::danger::show);
    r.post("/admin/s/{site}/settings/delete", Access::Site(C::AccountSites), settings::danger::delete);
    r.get("/admin/s/{site}/settings/{page}", Access::Site(C::SettingsManage), settings::show);
    r.post("/admin/s/{site}/settings/{page}", Access::Site(C::SettingsManage), settings::save);
    r.post("/admin/s/{site}/settings/{page}/undo", Access::Site(C::SettingsManage), settings::undo);

    // The person at the panel.
    r.get("/admin/forgot", Access::Open, reset::forgot_form);
    r.post("/admin/forgot", Access::Open, reset::forgot);
    r.get("/admin/reset/{code}", Access::Open, reset::reset_form);
    r.post("/admin/reset/{code}", Access::Open, reset::reset);
    r.get("/admin/invite/{code}", Access::Open, reset::invite_form);
    r.post("/admin/invite/{code}", Access::Open, reset::invite);
    r.get("/admin/login/factor", Access::Half, factor::half_form);
    r.post("/admin/login/factor", Access::Half, factor::half);
    r.get("/admin/me", Access::Signed, me::profile::show);
    r.post("/admin/me", Access::Signed, me::profile::save);
    r.get("/admin/me/security", Access::Signed, me::security::show);
    r.post("/admin/me/password", Access::Signed, me::security::password);
    r.post("/admin/me/sessions/{id}/end", Access::Signed, me::security::end_one);
    r.post("/admin/me/sessions/end-others", Access::Signed, me::security::end_others);
    r.get("/admin/me/factor", Access::Signed, me::factor::show);
    r.post("/admin/me/factor", Access::Signed, me::factor::act);
    r.post("/admin/me/passkeys/start", Access::Signed, passkey::start_adding);
    r.post("/admin/me/passkeys", Access::Signed, me::passkeys::add);
    r.post("/admin/me/passkeys/{id}", Access::Signed, me::passkeys::change);
    r.get("/admin/me/tokens", Access::Signed, me::tokens::show);
    r.post("/admin/me/tokens", Access::Signed, me::tokens::create);
    r.get("/admin/me/keys", Access::Signed, me::keys::show);
    r.post("/admin/me/keys", Access::Signed, me::keys::add);
    r.post("/admin/me/keys/{id}/remove", Access::Signed, me::keys::remove);
    r.post("/admin/me/tokens/{id}/revoke", Access::Signed, me::tokens::revoke);

    // The server hat: people, sites, settings.
    r.get("/admin/server", Access::Customers(C::AccountsRead), customers::overview::show);
    r.get("/admin/server/sites", Access::Server(C::ServerRead), machine::sites::show);
    r.get("/admin/server/domains", Access::Server(C::ServerRead), machine::domains::show);
    r.post("/admin/server/domains/{id}", Access::Server(C::ServerManage), machine::domains::approve);
    r.get("/admin/server/people", Access::Server(C::ServerRead), machine::people::show);
    r.post("/admin/server/people", Access::Server(C::ServerManage), machine::people::invite);
    r.get("/admin/server/people/{id}", Access::Server(C::ServerRead), machine::person::show);
    r.post("/admin/server/people/{id}", Access::Server(C::ServerManage), machine::act::act);
    r.get("/admin/server/security", Access::Server(C::ServerRead), machine::security::show);
    r.post("/admin/server/security", Access::Server(C::ServerManage), machine::security::act);
    r.get("/admin/server/security/networks", Access::Server(C::ServerRead), machine::security::networks_page);
    r.post("/admin/server/security/networks", Access::Server(C::ServerManage), machine::security::networks_act);
    r.get("/admin/server/settings", Access::Server(C::ServerManage), machine::settings::show);
    r.post("/admin/server/settings/mail", Access::Server(C::ServerManage), machine::settings::try_mail);
    // Customers.
    let (sees, runs) = (Access::Customers(C::AccountsRead), Access::Customers(C::AccountsManage));
    let (suspends, closes) = (Access::Customers(C::AccountsSuspend), Access::Customers(C::AccountsTerminate));
    r.get("/admin/server/accounts", sees, customers::list::show);
    r.get("/admin/server/accounts/export", sees, customers::list::export);
    r.get("/admin/server/accounts/new", runs, customers::new::show);
    r.post("/admin/server/accounts/new", runs, customers::new::create);
    r.get("/admin/server/accounts/import", runs, customers::table::show);
    r.post("/admin/server/accounts/import", runs, customers::table::look);
    r.post("/admin/server/accounts/import/run", runs, customers::table::run);
    r.get("/admin/server/accounts/import/{id}", runs, customers::table::follow);
    r.post("/admin/server/accounts/bulk/suspend", suspends, customers::act::bulk_suspend);
    r.post("/admin/server/accounts/bulk/plan", runs, customers::act::bulk_plan);
    r.get("/admin/server/accounts/{id}", sees, customers::account::show);
    r.post("/admin/server/accounts/{id}", runs, customers::act::change);
    r.post("/admin/server/accounts/{id}/people", runs, customers::team::of_customer);
    r.post("/admin/server/accounts/{id}/suspend", suspends, customers::act::suspension);
    r.get("/admin/server/accounts/{id}/close", closes, customers::act::close_form);
    r.post("/admin/server/accounts/{id}/close", closes, customers::act::close);
    let makes_plans = Access::Customers(C::PlansManage);
    r.get("/admin/server/plans", sees, customers::plans::show);
    r.post("/admin/server/plans/ready", makes_plans, customers::plans::make_ready);
    r.get("/admin/server/plans/new", makes_plans, customers::plans::new);
    r.post("/admin/server/plans/new", makes_plans, customers::plans::create);
    r.get("/admin/server/plans/{id}", sees, customers::plans::one);
    r.post("/admin/server/plans/{id}", makes_plans, customers::plans::change);
    r.get("/admin/server/resellers", sees, customers::resellers::show);
    r.get("/admin/server/resellers/new", Access::Server(C::ServerManage), customers::resellers::new);
    r.post("/admin/server/resellers/new", Access::Server(C::ServerManage), customers::resellers::create);
    r.get("/admin/server/resellers/{id}", sees, customers::resellers::one);
    r.post("/admin/server/resellers/{id}", Access::Server(C::ServerManage), customers::resellers::change);
    r.post("/admin/server/resellers/{id}/brand", runs, customers::resellers::brand);
    r.post("/admin/server/resellers/{id}/people", Access::Server(C::ServerManage), customers::resellers::people);
    r.get("/admin/brand/{name}", Access::Open, customers::brand::css);
    // What people of an account see of it.
    r.get("/admin/s/{site}/usage", Access::Site(C::UsageRead), customers::usage::of_site);
    r.get("/admin/account/{id}/usage", Access::Account(C::UsageRead), customers::usage::of_account);
    r.get("/admin/account/{id}/people", Access::Account(C::AccountPeople), customers::team::show);
    r.post("/admin/account/{id}/people", Access::Account(C::AccountPeople), customers::team::change);
    r.post("/admin/server/accounts/{id}/open", Access::Customers(C::AccountsOpen), customers::acting::open);
    r.post("/admin/leave", Access::Signed, customers::acting::leave);
    // Sites are made by account owners too: the service asks for the account.
    r.get("/admin/sites/new", Access::Account(C::AccountSites), new_site::show);
    r.post("/admin/sites/new", Access::Account(C::AccountSites), new_site::create);
    r.get("/admin/notices", Access::Signed, notices::show);
    r.get("/admin/help", Access::Signed, help::show);

    // The server hat: jobs, audit; live events.
    r.get("/admin/server/jobs", Access::Server(C::ServerRead), jobs::list::show);
    r.get("/admin/server/jobs/{id}", Access::Server(C::ServerRead), jobs::one::show);
    r.post("/admin/server/jobs/{id}", Access::Server(C::ServerManage), jobs::one::act);
    r.get("/admin/server/audit", Access::Server(C::ServerRead), audit::list::show);
    r.get("/admin/server/audit/export", Access::Server(C::ServerRead), audit::export::send);
    r.post("/admin/server/audit/check", Access::Server(C::ServerManage), audit::list::check);
    r.get("/admin/events", Access::Signed, events::stream);

    r
}

/// Registers the table on a worker.
pub fn configure(config: &mut ServiceConfig) {
    table().register(config);
}

async fn root(ctx: super::ctx::Ctx) -> Reply {
    Ok(ctx.go("/admin"))
}

/// The process lives.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// The database answers.
async fn readyz(app: web::Data<crate::panel::app::App>) -> Reply {
    let app = app.into_inner();
    app.read(&freehold_store::Actor::system(), |tx| freehold_store::installation::get(tx, "ready")).await?;
    Ok(HttpResponse::Ok().content_type("text/plain").body("ok\n"))
}

/// Styles, scripts, fonts: their names carry their hashes.
async fn asset(name: Path<String>) -> Reply {
    let asset = assets::find(&name).ok_or_else(|| freehold_base::Error::not_found("file"))?;
    Ok(HttpResponse::Ok()
        .content_type(asset.content_type)
        .insert_header(("cache-control", assets::CACHE_CONTROL))
        .body(asset.bytes.into_owned()))
}
