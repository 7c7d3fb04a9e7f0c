//! One login: what it opens, its password, its SSH keys.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Error, LoginId, Result};
use freehold_hosting::access::{Generated, Place, logins};
use serde::Serialize;

use super::addresses::{AddressView, addresses};
use super::{KeyView, Typed, service_views};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

#[derive(Serialize)]
struct OneView {
    action: String,
    name: String,
    form: Typed,
    has_password: bool,
    keys: Vec<KeyView>,
    addresses: Vec<AddressView>,
    shown: Shown,
    errors: Vec<FieldText>,
    home_error: String,
    services_error: String,
    password_error: String,
    key: String,
    key_name: String,
    key_error: String,
    key_name_error: String,
}

/// What stands in one answer and nowhere else.
#[derive(Default, Serialize)]
pub(super) struct Shown {
    /// A password that was made here.
    password: String,
    /// The private half of a key that was made here.
    private_key: String,
    /// Its fingerprint.
    fingerprint: String,
}

impl Shown {
    /// A password just made.
    pub(super) fn password(text: String) -> Self {
        Self { password: text, ..Self::default() }
    }
    /// A key just made.
    pub(super) fn key(made: &Generated) -> Self {
        Self {
            private_key: made.private.reveal_text().to_owned(),
            fingerprint: made.public.fingerprint().to_owned(),
            ..Self::default()
        }
    }
}

/// The page.
pub async fn show(ctx: Ctx, path: Path<(i64, LoginId)>) -> Reply {
    Ok(page(&ctx, path.1, &Form::default(), Shown::default(), None).await?)
}

pub(super) async fn page(
    ctx: &Ctx,
    id: LoginId,
    typed: &Form,
    shown: Shown,
    e: Option<&Error>,
) -> Result<HttpResponse> {
    let (site, base) = (ctx.site, format!("{}/access", ctx.base()));
    let (view, now) = ctx
        .read(move |tx| {
            let place = Place::of_site(tx, site)?;
            Ok((logins::one(tx, place, id)?, tx.now()))
        })
        .await?;
    let login = &view.login;
    let crumbs = vec![crumb("Logins to files", Some(base.clone())), crumb(&login.name, None)];
    let frame = ctx.frame(&login.name, crumbs).await?;
    let again = e.is_some() && typed.get("do") == "save";
    let chosen = typed.all("services");
    let form = Typed {
        name: login.name.clone(),
        home: if again { typed.get("home").to_owned() } else { login.home.clone() },
        read_only: if again { typed.has("read_only") } else { login.read_only },
        services: service_views(ctx, |s| if again { chosen.contains(&s.name()) } else { view.services().has(s) }),
    };
    let page = OneView {
        action: format!("{base}/{id}"),
        name: login.name.clone(),
        form,
        has_password: view.has_password(),
        addresses: addresses(ctx, Some(&login.name)),
        keys: view.keys.into_iter().map(|k| KeyView::of(k, now)).collect(),
        shown,
        errors: e.map(field_texts).unwrap_or_default(),
        home_error: error_at(e, "home"),
        services_error: error_at(e, "services"),
        password_error: error_at(e, "password"),
        key: if e.is_some() { typed.get("key").to_owned() } else { String::new() },
        key_name: if e.is_some() { typed.get("key_name").to_owned() } else { String::new() },
        key_error: error_at(e, "key"),
        key_name_error: error_at(e, "key_name"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "logins/one.html", &frame, &page)
}
