//! What is done with a draft: kept, step by step, shown to others, published.

use actix_web::HttpResponse;
use freehold_base::{Code, Error, Result, SiteId, Timestamp};
use freehold_publishing::designs::{self, Design};
use freehold_publishing::themes::Themes;
use freehold_store::Tx;

use super::page::{errors, page, state};
use super::{Look, typed};
use crate::panel::build_frame::Moment;
use crate::panel::ctx::Ctx;
use crate::panel::entries::save::moment;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

/// Days that a link works where nobody says.
const DAYS: i64 = 7;

/// One of the buttons. What is typed is kept first, unless the button takes something back.
pub async fn act(ctx: Ctx, form: Form) -> Reply {
    let look = Look::of(&ctx);
    let (site, app, sent) = (ctx.site, ctx.app.clone(), form.clone());
    let done = ctx.write(move |tx| perform(tx, app.pages.themes(), site, &sent)).await;
    match done {
        Ok(word) => Ok(ctx.go(&look.done(&ctx, word))),
        // Nothing was done, and what was typed stays.
        Err(e) if matches!(e.as_code(), Code::DesignConflict | Code::WrongState) || matches!(e, Error::Invalid(_)) => {
            page(&ctx, Some((&form, &e))).await
        }
        Err(e) => Err(e.into()),
    }
}

/// Does it; the word that the next page says.
fn perform(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, form: &Form) -> Result<&'static str> {
    let base = Some(form.number("version"));
    let kept = |tx: &mut Tx<'_>| keep(tx, themes, site, form);
    match form.get("do") {
        "save" | "" => kept(tx).map(|_| "design-kept"),
        "undo" => designs::undo_step(tx, themes, site, base).map(|_| ""),
        "redo" => designs::redo(tx, themes, site, base).map(|_| ""),
        "discard" => designs::discard(tx, themes, site, base).map(|_| "design-gone"),
        "publish" => {
            let design = kept(tx)?;
            designs::publish(tx, themes, site, Some(design.version)).map(|_| "design")
        }
        "schedule" => {
            let design = kept(tx)?;
            let at = time_of(tx, site, form.get("at"))?;
            designs::publish_later(tx, themes, site, Some(design.version), at).map(|_| "design-later")
        }
        "unschedule" => designs::unschedule(tx, themes, site).map(|_| "design-unscheduled"),
        "share" => {
            kept(tx)?;
            let days = if form.get("days").is_empty() { DAYS } else { form.number("days") };
            designs::share(tx, themes, site, days).map(|_| "design-shared")
        }
        "unshare" => designs::unshare(tx, themes, site).map(|_| "design-unshared"),
        _ => Err(Error::invalid("do", Code::NotAllowed, "save, undo, redo, discard, publish, schedule, share")),
    }
}

fn keep(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, form: &Form) -> Result<Design> {
    let design = designs::open(tx, themes, site)?;
    let values = typed(&design, form)?;
    designs::save(tx, themes, site, Some(form.number("version")), &values)
}

/// A time as its field has it, in the site's zone.
fn time_of(tx: &mut Tx<'_>, site: SiteId, text: &str) -> Result<Timestamp> {
    let zone = Moment::at(tx, site)?.zone_name();
    let read = moment(text, &zone).map_err(|_| Error::invalid("at", Code::DateMalformed, ""))?;
    read.ok_or_else(|| Error::invalid("at", Code::Required, ""))
}

/// Keeps what is being changed; answers with what the page shows of it. 409 names who was faster, 422 the settings.
pub async fn autosave(ctx: Ctx, form: Form) -> Reply {
    let (site, app, sent) = (ctx.site, ctx.app.clone(), form);
    let saved = ctx
        .write(move |tx| {
            let themes = app.pages.themes();
            match keep(tx, themes, site, &sent) {
                Err(e @ Error::Invalid(_)) => Ok(Err((designs::open(tx, themes, site)?, e))),
                saved => saved.map(Ok),
            }
        })
        .await;
    match saved {
        Ok(Ok(design)) => Ok(HttpResponse::Ok().json(state(&ctx, &design).await?)),
        Ok(Err((design, e))) => {
            let errors = errors(&design, &e);
            Ok(HttpResponse::UnprocessableEntity().json(serde_json::json!({ "errors": errors })))
        }
        Err(e @ Error::Refused { code: Code::DesignConflict, .. }) => {
            Ok(HttpResponse::Conflict().json(serde_json::json!({ "conflict": e.sentence() })))
        }
        Err(e) => Err(e.into()),
    }
}
