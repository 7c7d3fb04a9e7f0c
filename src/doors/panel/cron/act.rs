//! The buttons of a command: run now, on, off, remove.

use actix_web::web::Path;
use freehold_base::{Code, Error};
use freehold_hosting::cron;

use super::Numbers;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::refused::{Confirm, Sent, confirm};

/// One of them.
pub async fn act(ctx: Ctx, path: Path<Numbers>, form: Form) -> Reply {
    let (site, id, list) = (ctx.site, path.job, ctx.cron());
    match form.get("do") {
        "run" => {
            let run = ctx.write(move |tx| cron::run_now(tx, site, id)).await?;
            Ok(ctx.go(&format!("{list}/{id}/runs/{run}")))
        }
        wanted @ ("on" | "off") => {
            let on = wanted == "on";
            ctx.write(move |tx| cron::set_enabled(tx, site, id, on)).await?;
            Ok(ctx.go(&format!("{list}/{id}?done={}", if on { "cron-on" } else { "cron-off" })))
        }
        "remove" if form.has("sure") => {
            ctx.write(move |tx| cron::remove(tx, site, id)).await?;
            Ok(ctx.go(&format!("{list}?done=removed")))
        }
        "remove" => {
            let job = ctx.read(move |tx| cron::find(tx, site, id)).await?;
            let view = Confirm {
                title: format!("Remove {}?", job.name),
                text: "It does not run again, and its results go with it. What runs now is ended.".into(),
                items: Vec::new(),
                keep: "Keep it",
                back: format!("{list}/{id}"),
                label: "Remove".into(),
                action: ctx.path.clone(),
                fields: vec![Sent::new("do", "remove"), Sent::new("sure", 1)],
            };
            confirm(&ctx, &view).await
        }
        _ => {
            ctx.read(move |tx| cron::find(tx, site, id)).await?;
            Err(Error::invalid("do", Code::NotAllowed, "run, on, off, remove").into())
        }
    }
}
