//! Rules of a site beside its redirects: names, folders without a start page, error pages, private folders, headers.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Capability as C, Error, FolderId, FolderUserId, HeaderId, Result, Secret};
use freehold_platform::sites::rules::{self as service, KNOWN_HEADERS, NewHeader};
use freehold_platform::sites::settings::{self, Web};
use serde::Serialize;

use super::{Choice, TryView, choices, trial};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

#[derive(Serialize)]
struct RulesView {
    base: String,
    /// Its files are what visitors get.
    of_files: bool,
    host: String,
    www: String,
    wwws: Vec<Choice>,
    https: bool,
    hsts: bool,
    hsts_days: String,
    hsts_subdomains: bool,
    listing: bool,
    pages: Vec<ErrorPage>,
    pages_error: String,
    folders: Vec<FolderRow>,
    headers: Vec<HeaderRow>,
    names: Vec<Name>,
    /// Which form was refused: `switches`, `folder`, `person`, `header`; empty: none.
    failed: &'static str,
    /// The folder whose form was refused.
    failed_at: i64,
    typed: Typed,
    errors: Vec<FieldText>,
    r#try: TryView,
}

#[derive(Serialize)]
struct ErrorPage {
    field: String,
    label: &'static str,
    value: String,
    /// What is taken without an entry.
    usual: String,
}

#[derive(Serialize)]
struct FolderRow {
    id: i64,
    prefix: String,
    title: String,
    people: Vec<Person>,
}

#[derive(Serialize)]
struct Person {
    id: i64,
    name: String,
}

#[derive(Serialize)]
struct HeaderRow {
    id: i64,
    name: String,
    value: String,
    place: String,
}

#[derive(Serialize)]
struct Name {
    name: &'static str,
    about: &'static str,
}

#[derive(Default, Serialize)]
struct Typed {
    prefix: String,
    title: String,
    name: String,
    value: String,
    ending: String,
    prefix_error: String,
    title_error: String,
    name_error: String,
    value_error: String,
    ending_error: String,
    password_error: String,
}

/// What was refused.
#[derive(Clone, Copy)]
struct Wrong<'a> {
    what: &'static str,
    at: i64,
    form: &'a Form,
    error: &'a Error,
}

const PAGES: &[(&str, &str)] = &[
    ("404", "When there is nothing at an address (404)"),
    ("401", "When a private folder asks for its password (401)"),
    ("500", "When something goes wrong (500)"),
];

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, None).await?)
}

async fn page(ctx: &Ctx, wrong: Option<Wrong<'_>>) -> Result<HttpResponse> {
    let frame = ctx.frame("Rules", vec![crumb("Rules", None)]).await?;
    let site = ctx.site;
    let (web, kind, host, folders, headers) = ctx
        .read(move |tx| {
            let scope = tx.authorize(site, C::SettingsManage)?;
            let kind = freehold_store::sites::find(tx, scope)?.kind;
            let host = freehold_store::sites::domains(tx, scope)?.into_iter().next().map(|d| d.host);
            let web = settings::read(tx, scope)?.web;
            Ok((web, kind, host.unwrap_or_default(), service::folders(tx, site)?, service::headers(tx, site)?))
        })
        .await?;
    let of_switches = wrong.filter(|w| w.what == "switches");
    let web = of_switches.map_or(web, |w| switches(w.form));
    let error = wrong.map(|w| w.error);
    let view = RulesView {
        base: format!("{}/rules", ctx.base()),
        of_files: kind == "static",
        wwws: choices(&[
            ("", "Both answer"),
            ("without", "Names with www. lead to those without"),
            ("with", "Names without www. lead to those with it"),
        ]),
        host,
        https: web.https,
        hsts: web.hsts_days > 0,
        hsts_days: if web.hsts_days == 0 { "180".to_owned() } else { web.hsts_days.to_string() },
        hsts_subdomains: web.hsts_subdomains,
        listing: web.listing,
        pages: PAGES.iter().map(|(code, label)| error_page(&web, code, label)).collect(),
        pages_error: error_at(of_switches.map(|w| w.error), "error_pages"),
        www: web.www,
        folders: folders.into_iter().map(folder_row).collect(),
        headers: headers.into_iter().map(header_row).collect(),
        names: KNOWN_HEADERS.iter().map(|(name, about)| Name { name, about }).collect(),
        failed: wrong.map_or("", |w| w.what),
        failed_at: wrong.map_or(0, |w| w.at),
        typed: wrong.filter(|w| w.what != "switches").map(|w| typed(w.form, w.error)).unwrap_or_default(),
        errors: error.map(field_texts).unwrap_or_default(),
        r#try: trial(ctx, "rules").await?,
    };
    ctx.page(if wrong.is_some() { 422 } else { 200 }, "rules/rules.html", &frame, &view)
}

fn error_page(web: &Web, code: &str, label: &'static str) -> ErrorPage {
    let value = web.error_pages.get(code).cloned().unwrap_or_default();
    ErrorPage { field: format!("page_{code}"), label, value, usual: format!("/{code}.html") }
}

fn folder_row(f: service::FolderView) -> FolderRow {
    let people = f.people.into_iter().map(|p| Person { id: p.id.get(), name: p.name }).collect();
    FolderRow { id: f.folder.id.get(), prefix: f.folder.prefix, title: f.folder.title, people }
}

fn header_row(h: service::Header) -> HeaderRow {
    let place = match (h.prefix.as_str(), h.ending.as_str()) {
        ("/", "") => "Everywhere".to_owned(),
        ("/", ending) => format!("Names ending in {ending}"),
        (folder, "") => format!("Below {folder}"),
        (folder, ending) => format!("Below {folder}, names ending in {ending}"),
    };
    HeaderRow { id: h.id.get(), name: h.name, value: h.value, place }
}

fn typed(form: &Form, e: &Error) -> Typed {
    let (text, at) = (|name| form.get(name).to_owned(), |name| error_at(Some(e), name));
    Typed {
        prefix: text("prefix"),
        title: text("title"),
        name: text("name"),
        value: text("value"),
        ending: text("ending"),
        prefix_error: at("prefix"),
        title_error: at("title"),
        name_error: at("name"),
        value_error: at("value"),
        ending_error: at("ending"),
        password_error: at("password"),
    }
}

fn switches(form: &Form) -> Web {
    let days = u32::try_from(form.number("hsts_days")).unwrap_or(0);
    Web {
        www: form.get("www").to_owned(),
        https: form.has("https"),
        hsts_days: if form.has("hsts") { days.max(1) } else { 0 },
        hsts_subdomains: form.has("hsts_subdomains"),
        listing: form.has("listing"),
        error_pages: PAGES
            .iter()
            .map(|(code, _)| ((*code).to_owned(), form.get(&format!("page_{code}")).trim().to_owned()))
            .filter(|(_, page)| !page.is_empty())
            .collect(),
    }
}

fn done(ctx: &Ctx, what: &str) -> HttpResponse {
    ctx.go(&format!("{}/rules?done={what}", ctx.base()))
}

/// Saves the switches.
pub async fn save(ctx: Ctx, form: Form) -> Reply {
    let (site, wanted) = (ctx.site, switches(&form));
    let saved = ctx
        .write(move |tx| {
            let scope = tx.authorize(site, C::SettingsManage)?;
            let mut all = settings::read(tx, scope)?;
            all.web = wanted.clone();
            settings::save(tx, site, &all)
        })
        .await;
    match saved {
        Ok(_) => Ok(done(&ctx, "saved")),
        Err(e @ Error::Invalid(_)) => refused(&ctx, "switches", 0, &form, &e).await,
        Err(e) => Err(e.into()),
    }
}

async fn refused(ctx: &Ctx, what: &'static str, at: i64, form: &Form, error: &Error) -> Reply {
    Ok(page(ctx, Some(Wrong { what, at, form, error })).await?)
}

/// Sends a header more.
pub async fn add_header(ctx: Ctx, form: Form) -> Reply {
    let text = |name| form.get(name).to_owned();
    let new = NewHeader { prefix: text("prefix"), ending: text("ending"), name: text("name"), value: text("value") };
    let site = ctx.site;
    match ctx.write(move |tx| service::add_header(tx, site, &new)).await {
        Ok(_) => Ok(done(&ctx, "added")),
        Err(e @ Error::Invalid(_)) => refused(&ctx, "header", 0, &form, &e).await,
        Err(e) => Err(e.into()),
    }
}

/// Sends a header no longer.
pub async fn remove_header(ctx: Ctx, path: Path<(i64, HeaderId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    ctx.write(move |tx| service::remove_header(tx, site, id)).await?;
    Ok(done(&ctx, "removed"))
}

/// Makes a folder private.
pub async fn add_folder(ctx: Ctx, form: Form) -> Reply {
    let (site, prefix, title) = (ctx.site, form.get("prefix").to_owned(), form.get("title").to_owned());
    match ctx.write(move |tx| service::add_folder(tx, site, &prefix, &title)).await {
        Ok(_) => Ok(done(&ctx, "private")),
        Err(e @ Error::Invalid(_)) => refused(&ctx, "folder", 0, &form, &e).await,
        Err(e) => Err(e.into()),
    }
}

/// Lets somebody into a folder, takes them off it, or opens it to everybody.
pub async fn change_folder(ctx: Ctx, path: Path<(i64, FolderId)>, form: Form) -> Reply {
    let (site, id) = (ctx.site, path.1);
    match form.get("do") {
        "open" => {
            ctx.write(move |tx| service::remove_folder(tx, site, id)).await?;
            Ok(done(&ctx, "open"))
        }
        "shut-out" => {
            let person = FolderUserId(form.number("person"));
            ctx.write(move |tx| service::remove_folder_user(tx, site, id, person)).await?;
            Ok(done(&ctx, "removed"))
        }
        _ => match let_in(&ctx, id, &form).await {
            Ok(()) => Ok(done(&ctx, "let-in")),
            Err(e @ Error::Invalid(_)) => refused(&ctx, "person", id.get(), &form, &e).await,
            Err(e) => Err(e.into()),
        },
    }
}

async fn let_in(ctx: &Ctx, folder: FolderId, form: &Form) -> Result<()> {
    let site = ctx.site;
    // A folder that is not there costs no hash.
    let all = ctx.read(move |tx| service::folders(tx, site)).await?;
    if !all.iter().any(|f| f.folder.id == folder) {
        return Err(Error::not_found("folder"));
    }
    let name = form.get("name").to_owned();
    let password = Secret::text(form.get("password"));
    let hash = ctx.app.accounts.new_password_async(password, &[&name]).await?.into_hash();
    ctx.write(move |tx| service::add_folder_user(tx, site, folder, &name, &hash)).await.map(|_| ())
}
