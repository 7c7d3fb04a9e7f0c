//! Deleting a site, for good.

use actix_web::HttpResponse;
use freehold_base::{Code, Error, Result};
use freehold_platform::sites::{self, settings};
use freehold_publishing::content;
use serde::Serialize;

use super::{Tab, is_of_files, tabs};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

#[derive(Serialize)]
struct DangerView {
    tabs: Vec<Tab>,
    action: String,
    title: String,
    main_url: String,
    posts: i64,
    pages: i64,
    typed: String,
    errors: Vec<FieldText>,
    typed_error: String,
}

/// The page: what goes, and the name to type.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, "", None).await?)
}

async fn title_of(ctx: &Ctx) -> Result<String> {
    let site = ctx.site;
    ctx.read(move |tx| {
        let scope = tx.scope_of(site)?;
        Ok(settings::read(tx, scope)?.general.title)
    })
    .await
}

async fn page(ctx: &Ctx, typed: &str, e: Option<&Error>) -> Result<HttpResponse> {
    let settings_href = format!("{}/settings", ctx.base());
    let crumbs = vec![crumb("Settings", Some(settings_href)), crumb("Delete", None)];
    let frame = ctx.frame("Delete the site", crumbs).await?;
    let (site, app) = (ctx.site, ctx.app.clone());
    let (counts, main_url, of_files) = ctx
        .read(move |tx| Ok((content::lists::counts(tx, site)?, app.origin_of(tx, site)?, is_of_files(tx, site)?)))
        .await?;
    let count = |kind: &str| counts.iter().filter(|(name, _)| name.starts_with(kind)).map(|(_, n)| n).sum();
    let view = DangerView {
        tabs: tabs(ctx, "delete", true, of_files),
        action: format!("{}/settings/delete", ctx.base()),
        title: title_of(ctx).await?,
        main_url,
        posts: count("post."),
        pages: count("page."),
        typed: typed.to_owned(),
        errors: e.map(field_texts).unwrap_or_default(),
        typed_error: error_at(e, "typed"),
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "settings/delete.html", &frame, &view)
}

/// Deletes the site where its title was typed.
pub async fn delete(ctx: Ctx, form: Form) -> Reply {
    let typed = form.get("typed");
    let title = title_of(&ctx).await?;
    if typed.trim() != title.trim() {
        let e = Error::invalid("typed", Code::Malformed, format!("the title of the site, \u{201c}{title}\u{201d}"));
        return Ok(page(&ctx, typed, Some(&e)).await?);
    }
    let site = ctx.site;
    ctx.write(move |tx| sites::delete(tx, site)).await?;
    Ok(ctx.go("/admin?done=site-deleted"))
}
