//! The person's own SSH keys: they open by SFTP the files of every account the person may see (row H086).

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Code, Error, KeyId, Result};
use freehold_hosting::access::{Generated, KeyText, keys};
use serde::Serialize;

use super::{Tab, tabs};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::logins::KeyView;
use crate::panel::logins::act::at_its_field;

const HERE: &str = "/admin/me/keys";

#[derive(Serialize)]
struct KeysView {
    tabs: Vec<Tab>,
    keys: Vec<KeyView>,
    email: String,
    /// The port of SFTP; empty where it is off.
    port: String,
    private_key: String,
    fingerprint: String,
    key: String,
    key_name: String,
    errors: Vec<FieldText>,
    key_error: String,
    key_name_error: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, &Form::default(), None, None).await?)
}

async fn page(ctx: &Ctx, typed: &Form, made: Option<&Generated>, e: Option<&Error>) -> Result<HttpResponse> {
    let frame = ctx.own_frame("SSH keys").await?;
    let (list, now) = ctx.read(|tx| Ok((keys::mine(tx)?, tx.now()))).await?;
    let view = KeysView {
        tabs: tabs(HERE),
        keys: list.into_iter().map(|k| KeyView::of(k, now)).collect(),
        email: ctx.person.as_ref().map(|p| p.email.clone()).unwrap_or_default(),
        port: ctx.app.file_doors.sftp.map_or_else(String::new, |a| a.port().to_string()),
        private_key: made.map(|m| m.private.reveal_text().to_owned()).unwrap_or_default(),
        fingerprint: made.map(|m| m.public.fingerprint().to_owned()).unwrap_or_default(),
        key: typed.get("key").to_owned(),
        key_name: typed.get("key_name").to_owned(),
        errors: e.map(field_texts).unwrap_or_default(),
        key_error: error_at(e, "key"),
        key_name_error: error_at(e, "key_name"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "me/keys.html", &frame, &view)
}

/// Adds a key that was brought, or makes one and shows its private half once.
pub async fn add(ctx: Ctx, form: Form) -> Reply {
    match try_add(&ctx, &form).await {
        Ok(Some(made)) => Ok(page(&ctx, &Form::default(), Some(&made), None).await?),
        Ok(None) => Ok(ctx.go(&format!("{HERE}?done=added"))),
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, &form, None, Some(&at_its_field(e, "add-key"))).await?),
        Err(e) => Err(e.into()),
    }
}

async fn try_add(ctx: &Ctx, form: &Form) -> Result<Option<Generated>> {
    let (key, made) = match form.get("do") {
        "make-key" => {
            let made = keys::generate(form.get("key_name"))?;
            (made.public.clone(), Some(made))
        }
        "add-key" => (KeyText::parse(form.get("key"), form.get("key_name"))?, None),
        _ => return Err(Error::refused(Code::NotAllowed, "add-key, make-key")),
    };
    ctx.write(move |tx| keys::add_mine(tx, &key)).await?;
    Ok(made)
}

/// Takes a key away; sessions it opened end.
pub async fn remove(ctx: Ctx, id: Path<KeyId>) -> Reply {
    let id = id.into_inner();
    ctx.write(move |tx| keys::remove_mine(tx, id)).await?;
    Ok(ctx.go(&format!("{HERE}?done=removed")))
}
