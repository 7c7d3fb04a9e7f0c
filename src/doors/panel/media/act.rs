//! Describing and deleting a file.

use actix_web::web::Path;
use freehold_base::{Code, Error, MediaId};
use freehold_publishing::library::{self, Description};

use super::list::{self, Asked};
use crate::panel::auth::field_texts;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

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

/// Deletes a file for good.
pub async fn delete(ctx: Ctx, path: Path<(i64, MediaId)>, form: Form) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let anyway = form.has("anyway");
    match ctx.write(move |tx| library::delete(tx, site, id, anyway)).await {
        Ok(()) => Ok(ctx.go(&to(&ctx, "done=deleted"))),
        Err(e) if e.as_code() == Code::WrongState => {
            let mut view = with_open(&ctx, id).await?;
            if let Some(open) = &mut view.open {
                open.refused = e.sentence();
            }
            list::page(&ctx, e.status(), &view).await
        }
        Err(e) => Err(e.into()),
    }
}

async fn with_open(ctx: &Ctx, id: MediaId) -> freehold_base::Result<list::ListView> {
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
