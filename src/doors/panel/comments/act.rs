//! Deciding about comments, one or several; answering and correcting them.

use actix_web::web::Path;
use freehold_base::{Code, CommentId, Error, Result, SiteId};
use freehold_publishing::comments::{self, Verdict};
use freehold_store::Tx;

use super::list::{self, Asked};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

fn one(tx: &mut Tx<'_>, site: SiteId, id: CommentId, act: &str) -> Result<()> {
    match Verdict::parse(act) {
        Some(verdict) => comments::decide(tx, site, id, verdict),
        None if act == "delete" => comments::delete(tx, site, id),
        None => Err(Error::invalid("do", Code::NotAllowed, "approve, hold, spam, trash, delete")),
    }
}

fn done(act: &str) -> &'static str {
    match act {
        "approve" => "approved",
        "hold" => "held",
        "spam" => "spam",
        "delete" => "deleted",
        _ => "away",
    }
}

/// Back to where the button stood.
fn back(ctx: &Ctx, done: &str) -> String {
    if ctx.param("back").is_some_and(|b| b == "home") {
        return format!("{}?done={done}", ctx.base());
    }
    format!("{}/comments?status={}&done={done}", ctx.base(), Asked::of(ctx).status)
}

/// One comment.
pub async fn decide(ctx: Ctx, path: Path<(i64, CommentId)>, form: Form) -> Reply {
    let (site, id, act) = (ctx.site, path.1, form.get("do").to_owned());
    let doing = act.clone();
    ctx.write(move |tx| one(tx, site, id, &doing)).await?;
    Ok(ctx.go(&back(&ctx, done(&act))))
}

/// Several at once; all or none.
pub async fn bulk(ctx: Ctx, form: Form) -> Reply {
    let ids: Vec<CommentId> = form.all("ids").iter().filter_map(|id| id.parse().ok()).collect();
    let (site, act) = (ctx.site, form.get("do").to_owned());
    if ids.is_empty() {
        return Ok(ctx.go(&back(&ctx, "")));
    }
    let doing = act.clone();
    ctx.write(move |tx| {
        for id in &ids {
            one(tx, site, *id, &doing)?;
        }
        Ok(())
    })
    .await?;
    Ok(ctx.go(&back(&ctx, done(&act))))
}

/// Answers.
pub async fn reply(ctx: Ctx, path: Path<(i64, CommentId)>, form: Form) -> Reply {
    let (site, id, body) = (ctx.site, path.1, form.get("body").to_owned());
    let words = body.clone();
    match ctx.write(move |tx| comments::reply(tx, site, id, &words)).await {
        Ok(_) => Ok(ctx.go(&back(&ctx, "answered"))),
        Err(e @ Error::Invalid(_)) => list::refused(&ctx, id, false, &body, &e).await,
        Err(e) => Err(e.into()),
    }
}

/// Corrects the words.
pub async fn edit(ctx: Ctx, path: Path<(i64, CommentId)>, form: Form) -> Reply {
    let (site, id, body) = (ctx.site, path.1, form.get("body").to_owned());
    let words = body.clone();
    match ctx.write(move |tx| comments::edit(tx, site, id, &words)).await {
        Ok(()) => Ok(ctx.go(&back(&ctx, "saved"))),
        Err(e @ Error::Invalid(_)) => list::refused(&ctx, id, true, &body, &e).await,
        Err(e) => Err(e.into()),
    }
}
