//! Deciding about comments, one or several; answering and correcting them.

use actix_web::web::Path;
use freehold_base::{Code, CommentId, Error, Result, SiteId};
use freehold_publishing::comments::{self, Verdict};
use freehold_store::Tx;

use super::list::{self, Asked};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::refused::{Confirm, Sent, confirm};
use crate::panel::several::{self, Pressed, Refused, joined};

fn one(tx: &mut Tx<'_>, site: SiteId, id: i64, act: &str) -> Result<()> {
    let id = CommentId(id);
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
        return format!("{}?{done}", ctx.base());
    }
    let and = if done.is_empty() { "" } else { "&" };
    format!("{}/comments?{}{and}{done}", ctx.base(), Asked::of(ctx).query(&[]))
}

/// What was done to which, and what they were before: enough to take it back.
fn told(ctx: &Ctx, act: &str, ids: &[i64]) -> String {
    let undo =
        if act == "delete" { String::new() } else { format!("&ids={}&was={}", joined(ids), Asked::of(ctx).status) };
    format!("done={}{undo}", done(act))
}

async fn sure(ctx: &Ctx, ids: &[i64]) -> Reply {
    let (site, asked) = (ctx.site, ids.to_vec());
    let items = ctx
        .read(move |tx| {
            let mut items = Vec::new();
            for id in asked.into_iter().take(20) {
                let c = comments::find(tx, site, CommentId(id))?;
                items.push(format!("{}: {}", c.author_name, c.body.chars().take(90).collect::<String>()));
            }
            Ok(items)
        })
        .await?;
    let mut fields: Vec<Sent> = ids.iter().map(|id| Sent::new("ids", id)).collect();
    fields.extend([Sent::new("do", "delete"), Sent::new("sure", 1)]);
    let view = Confirm {
        title: format!(
            "Delete {} for good?",
            if ids.len() == 1 { "this comment".into() } else { format!("{} comments", ids.len()) }
        ),
        text: "Answers to what goes move up. This cannot be undone.".into(),
        items,
        keep: if ids.len() == 1 { "Keep it" } else { "Keep them" },
        back: back(ctx, ""),
        label: "Delete for good".into(),
        action: format!("{}?{}", ctx.path, ctx.query),
        fields,
    };
    confirm(ctx, &view).await
}

/// One comment.
pub async fn decide(ctx: Ctx, path: Path<(i64, CommentId)>, form: Form) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let pressed = Pressed::of(&ctx, &form);
    if pressed.act == "delete" && !pressed.sure {
        return sure(&ctx, &[id.get()]).await;
    }
    let doing = pressed.act.clone();
    ctx.write(move |tx| one(tx, site, id.get(), &doing)).await?;
    Ok(ctx.go(&back(&ctx, &told(&ctx, &pressed.act, &[id.get()]))))
}

/// Several at once. Rows that are refused are named, the others are done.
pub async fn bulk(ctx: Ctx, form: Form) -> Reply {
    let pressed = Pressed::of(&ctx, &form);
    if pressed.ids.is_empty() {
        return Ok(ctx.go(&back(&ctx, "")));
    }
    if pressed.act == "delete" && !pressed.sure {
        return sure(&ctx, &pressed.ids).await;
    }
    if Verdict::parse(&pressed.act).is_none() && pressed.act != "delete" {
        return Err(Error::invalid("do", Code::NotAllowed, "approve, hold, spam, trash, delete").into());
    }
    let outcome = several::each(&ctx, &pressed, one).await?;
    if outcome.refused.is_empty() {
        // What takes something back is not itself offered to be taken back.
        let undone = ctx.param("ids").is_some();
        let word = if undone { "done=undone".to_owned() } else { told(&ctx, &pressed.act, &outcome.done) };
        return Ok(ctx.go(&back(&ctx, &word)));
    }
    let mut view = list::read(&ctx, &Asked::of(&ctx), None).await?;
    view.refused = Refused::of(&outcome, |id| format!("Comment {id}"));
    list::page(&ctx, if outcome.done.is_empty() { 409 } else { 200 }, &view).await
}

/// Answers.
pub async fn reply(ctx: Ctx, path: Path<(i64, CommentId)>, form: Form) -> Reply {
    let (site, id, body) = (ctx.site, path.1, form.get("body").to_owned());
    let words = body.clone();
    match ctx.write(move |tx| comments::reply(tx, site, id, &words)).await {
        Ok(_) => Ok(ctx.go(&back(&ctx, "done=answered"))),
        Err(e @ Error::Invalid(_)) => list::refused(&ctx, id, false, &body, &e).await,
        Err(e) => Err(e.into()),
    }
}

/// Corrects the words.
pub async fn edit(ctx: Ctx, path: Path<(i64, CommentId)>, form: Form) -> Reply {
    let (site, id, body) = (ctx.site, path.1, form.get("body").to_owned());
    let words = body.clone();
    match ctx.write(move |tx| comments::edit(tx, site, id, &words)).await {
        Ok(()) => Ok(ctx.go(&back(&ctx, "done=saved"))),
        Err(e @ Error::Invalid(_)) => list::refused(&ctx, id, true, &body, &e).await,
        Err(e) => Err(e.into()),
    }
}
