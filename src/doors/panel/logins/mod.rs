//! Logins to the files of a site's account: who reaches them from outside, and where programs connect to.

pub mod act;
mod addresses;
pub mod one;

use actix_web::HttpResponse;
use freehold_base::{Error, Result, Timestamp};
use freehold_hosting::access::{LoginView, Place, Service, logins};
use freehold_store::access_logins::Key;
use serde::Serialize;

use super::auth::{FieldText, error_at, field_texts};
use super::build_frame::{crumb, time_view};
use super::ctx::Ctx;
use super::failure::Reply;
use super::form::Form;
use super::frame::TimeView;
use addresses::{AddressView, addresses};

#[derive(Serialize)]
struct ListView {
    base: String,
    rows: Vec<Row>,
    addresses: Vec<AddressView>,
    host_key: String,
    form: Typed,
    open: bool,
    errors: Vec<FieldText>,
    name_error: String,
    home_error: String,
    services_error: String,
    password_error: String,
}

#[derive(Serialize)]
struct Row {
    href: String,
    name: String,
    folder: String,
    read_only: bool,
    services: Vec<&'static str>,
    keys: String,
    used: Option<TimeView>,
    used_from: String,
}

/// What a form says, to show it again.
#[derive(Serialize)]
struct Typed {
    name: String,
    home: String,
    read_only: bool,
    services: Vec<ServiceView>,
}

/// A service to tick.
#[derive(Serialize)]
struct ServiceView {
    name: &'static str,
    label: &'static str,
    help: &'static str,
    checked: bool,
}

/// An SSH key in a list.
#[derive(Serialize)]
pub(super) struct KeyView {
    id: i64,
    name: String,
    kind: String,
    fingerprint: String,
    added: TimeView,
    used: Option<TimeView>,
    used_from: String,
}

impl KeyView {
    /// A stored key as lists show it.
    pub(super) fn of(key: Key, now: Timestamp) -> Self {
        Self {
            id: key.id.get(),
            kind: key.kind.trim_start_matches("ssh-").to_uppercase(),
            fingerprint: key.fingerprint,
            added: time_view(key.created_at, now),
            used: (key.used_at.ms() > 0).then(|| time_view(key.used_at, now)),
            used_from: key.used_from,
            name: key.name,
        }
    }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, &Form::default(), None).await?)
}

fn service_views(ctx: &Ctx, checked: impl Fn(Service) -> bool) -> Vec<ServiceView> {
    let doors = &ctx.app.file_doors;
    Service::ALL
        .into_iter()
        .map(|service| {
            let (is_open, help) = match service {
                Service::Sftp => (doors.sftp.is_some(), "Encrypted. For FileZilla, Cyberduck, WinSCP, scp."),
                Service::WebDav => (doors.webdav.is_some(), "As a network drive, and for rclone."),
                Service::Ftp => (doors.ftp.is_some(), "With TLS, for old programs."),
            };
            let help = if is_open { help } else { "Switched off on this server." };
            ServiceView { name: service.name(), label: service.label(), help, checked: checked(service) }
        })
        .collect()
}

fn row(base: &str, view: &LoginView, now: Timestamp) -> Row {
    let login = &view.login;
    let keys = match view.keys.len() {
        0 => String::new(),
        1 => "1 key".to_owned(),
        n => format!("{n} keys"),
    };
    Row {
        href: format!("{base}/{}", login.id),
        name: login.name.clone(),
        folder: format!("/{}", login.home),
        read_only: login.read_only,
        services: view.services().iter().map(Service::label).collect(),
        keys,
        used: (login.used_at.ms() > 0).then(|| time_view(login.used_at, now)),
        used_from: login.used_from.clone(),
    }
}

async fn page(ctx: &Ctx, typed: &Form, e: Option<&Error>) -> Result<HttpResponse> {
    let frame = ctx.frame("Logins to files", vec![crumb("Logins to files", None)]).await?;
    let (site, base) = (ctx.site, format!("{}/access", ctx.base()));
    let (list, now) = ctx
        .read(move |tx| {
            let place = Place::of_site(tx, site)?;
            Ok((logins::list(tx, place)?, tx.now()))
        })
        .await?;
    let chosen = typed.all("services");
    let form = Typed {
        name: typed.get("name").to_owned(),
        home: typed.get("home").to_owned(),
        read_only: typed.has("read_only"),
        services: service_views(ctx, |s| match e {
            Some(_) => chosen.contains(&s.name()),
            None => s != Service::Ftp,
        }),
    };
    let view = ListView {
        addresses: addresses(ctx, None),
        host_key: ctx.app.file_doors.host_key.clone(),
        open: e.is_some() || list.is_empty(),
        rows: list.iter().map(|v| row(&base, v, now)).collect(),
        base,
        form,
        errors: e.map(field_texts).unwrap_or_default(),
        name_error: error_at(e, "name"),
        home_error: error_at(e, "home"),
        services_error: error_at(e, "services"),
        password_error: error_at(e, "password"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "logins/list.html", &frame, &view)
}
