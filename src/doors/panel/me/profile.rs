//! Name, words about oneself, looks.

use actix_web::HttpResponse;
use freehold_base::{Error, Result};
use freehold_platform::accounts::{Appearance, ProfileEdit, profile};
use serde::Serialize;

use super::{Tab, tabs};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

#[derive(Serialize)]
struct ProfileView {
    tabs: Vec<Tab>,
    email: String,
    name: String,
    bio: String,
    theme: String,
    density: String,
    locale: String,
    errors: Vec<FieldText>,
    name_error: String,
    bio_error: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let me = ctx.read(profile::show).await?;
    let looks = Appearance::parse(&me.appearance);
    let edit = ProfileEdit { name: me.name, bio: me.bio, locale: me.locale, appearance: looks };
    Ok(page(&ctx, &edit, None).await?)
}

async fn page(ctx: &Ctx, edit: &ProfileEdit, e: Option<&Error>) -> Result<HttpResponse> {
    let frame = ctx.own_frame("Profile").await?;
    let view = ProfileView {
        tabs: tabs("/admin/me"),
        email: ctx.person.as_ref().map(|p| p.email.clone()).unwrap_or_default(),
        name: edit.name.clone(),
        bio: edit.bio.clone(),
        theme: edit.appearance.theme.clone(),
        density: edit.appearance.density.clone(),
        locale: edit.locale.clone(),
        errors: e.map(field_texts).unwrap_or_default(),
        name_error: error_at(e, "name"),
        bio_error: error_at(e, "bio"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "me/profile.html", &frame, &view)
}

/// Saves it.
pub async fn save(ctx: Ctx, form: Form) -> Reply {
    let me = ctx.read(profile::show).await?;
    let mut appearance = Appearance::parse(&me.appearance);
    for (name, place) in [("theme", &mut appearance.theme), ("density", &mut appearance.density)] {
        if form.has(name) {
            form.get(name).clone_into(place);
        }
    }
    let edit = ProfileEdit {
        name: form.get("name").to_owned(),
        bio: form.get("bio").to_owned(),
        locale: if form.has("locale") { form.get("locale").to_owned() } else { me.locale },
        appearance,
    };
    let wanted = edit.clone();
    match ctx.write(move |tx| profile::update(tx, &wanted)).await {
        Ok(()) => Ok(ctx.go("/admin/me?done=saved")),
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, &edit, Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}
