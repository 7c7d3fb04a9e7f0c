//! Describing and deleting a file.

use actix_web::web::Path;
use freehold_base::{Code, Error, MediaId, Result, SiteId};
use freehold_publishing::library::{self, Description};
use freehold_store::Tx;

use super::list::{self, Asked};
use crate::panel::auth::field_texts;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::refused::{Confirm, Sent, confirm};
use crate::panel::several::{self, Pressed, Refused, joined};

/// Changes the words about a file.
pub async fn describe(ctx: Ctx, path: Path<(i64, MediaId)>, form: Form) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let words = Description {
        title: form.get("title").into(),
        alt: form.get("alt").into(),
        decorative: form.has("decorative"),
        caption: form.get("caption").into(),
        credit: form.get("credit").into(),
        licence: form.get("licence").into(),
    };
    let kept = words.clone();
    match ctx.write(move |tx| library::describe(tx, site, id, &words)).await {
        Ok(_) => Ok(ctx.go(&to(&ctx, &format!("open={id}&done=saved")))),
        Err(e @ Error::Invalid(_)) => {
            let mut view = with_open(&ctx, id).await?;
            if let Some(open) = &mut view.open {
                open.errors = field_texts(&e);
                open.typed(kept);
            }
            list::page(&ctx, e.status(), &view).await
        }
        Err(e) => Err(e.into()),
    }
}

/// Names of files, with where they stand.
fn names(tx: &mut Tx<'_>, site: SiteId, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    let mut names = Vec::new();
    for id in ids {
        let media = library::find(tx, site, MediaId(*id))?;
        let places = match library::uses(tx, site, media.id)?.count() {
            0 => "used nowhere".to_owned(),
            1 => "used in 1 place".to_owned(),
            n => format!("used in {n} places"),
        };
        names.push((*id, format!("{} \u{b7} {places}", media.filename)));
    }
    Ok(names)
}

fn one(tx: &mut Tx<'_>, site: SiteId, id: i64, _: &str) -> Result<()> {
    library::delete(tx, site, MediaId(id), true)
}

/// Deletes several for good; asks first and says where they stand. Files that may not be deleted are named.
pub async fn bulk(ctx: Ctx, form: Form) -> Reply {
    let pressed = Pressed::of(&ctx, &form);
    if pressed.ids.is_empty() {
        return Ok(ctx.go(&to(&ctx, "")));
    }
    if pressed.act != "delete" {
        return Err(Error::invalid("do", Code::NotAllowed, "delete").into());
    }
    let (site, ids) = (ctx.site, pressed.ids.clone());
    let named = ctx.read(move |tx| names(tx, site, &ids)).await?;
    if !pressed.sure {
        let mut fields: Vec<Sent> = pressed.ids.iter().map(|id| Sent::new("ids", id)).collect();
        fields.extend([Sent::new("do", "delete"), Sent::new("sure", 1)]);
        let view = Confirm {
            title: format!(
                "Delete {} for good?",
                if named.len() == 1 { "this file".into() } else { format!("{} files", named.len()) }
            ),
            text: "They are missing then where they stand. This cannot be undone.".into(),
            items: named.into_iter().map(|(_, name)| name).collect(),
            keep: "Keep them",
            back: to(&ctx, ""),
            label: "Delete for good".into(),
            action: format!("{}?{}", ctx.path, ctx.query),
            fields,
        };
        return confirm(&ctx, &view).await;
    }
    let outcome = several::each(&ctx, &pressed, one).await?;
    if outcome.refused.is_empty() {
        return Ok(ctx.go(&to(&ctx, &format!("done=deleted&ids={}", joined(&outcome.done)))));
    }
    let mut view = list::read(&ctx, &Asked::of(&ctx)).await?;
    view.refused = Refused::of(&outcome, |id| {
        named.iter().find(|(n, _)| *n == id).map_or_else(|| format!("File {id}"), |(_, name)| name.clone())
    });
    list::page(&ctx, if outcome.done.is_empty() { 409 } else { 200 }, &view).await
}

/// Deletes a file for good; asks first. A dialog's own button is `sure`.
pub async fn delete(ctx: Ctx, path: Path<(i64, MediaId)>, form: Form) -> Reply {
    let (site, id) = (ctx.site, path.1);
    if !form.has("sure") {
        let named = ctx.read(move |tx| names(tx, site, &[id.get()])).await?;
        let view = Confirm {
            title: "Delete this file for good?".into(),
            text: "It is missing then where it stands. This cannot be undone.".into(),
            items: named.into_iter().map(|(_, name)| name).collect(),
            keep: "Keep it",
            back: to(&ctx, &format!("open={id}")),
            label: "Delete the file".into(),
            action: format!("{}?{}", ctx.path, ctx.query),
            fields: vec![Sent::new("sure", 1)],
        };
        return confirm(&ctx, &view).await;
    }
    ctx.write(move |tx| library::delete(tx, site, id, true)).await?;
    Ok(ctx.go(&to(&ctx, "done=deleted")))
}

async fn with_open(ctx: &Ctx, id: MediaId) -> Result<list::ListView> {
    let mut asked = Asked::of(ctx);
    asked.open = Some(id);
    list::read(ctx, &asked).await
}

/// Back to the list as it was.
fn to(ctx: &Ctx, more: &str) -> String {
    let query = Asked::of(ctx).query();
    let and = if query.is_empty() { "" } else { "&" };
    format!("{}/media?{query}{and}{more}", ctx.base())
}
