//! One run: how it ended and what it said, or says right now.

use actix_web::web::Path;
use freehold_base::{Code, Error, Timestamp};
use freehold_hosting::cron;
use serde::Serialize;

use super::{Numbers, list, one, words};
use crate::panel::build_frame::{Moment, crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;

#[derive(Serialize)]
struct RunView {
    action: String,
    stream_href: String,
    title: String,
    name: String,
    state: &'static str,
    tone: &'static str,
    live: bool,
    stopping: bool,
    can_stop: bool,
    message: String,
    output: String,
    bytes: i64,
    exit: String,
    is_url: bool,
    by_hand: bool,
    due: TimeView,
    began: Option<TimeView>,
    ended: Option<TimeView>,
    took: String,
}

/// The page.
pub async fn show(ctx: Ctx, path: Path<Numbers>) -> Reply {
    let (site, job, id) = (ctx.site, path.job, path.run);
    let (command, run, now) = ctx
        .read(move |tx| Ok((cron::find(tx, site, job)?, cron::run(tx, site, job, id)?, Moment::at(tx, site)?)))
        .await?;
    let now = list::in_its_zone(&command, now);
    let here = format!("{}/{job}", ctx.cron());
    let (state, tone) = words::state(&run.state);
    let past = |at: Timestamp| (at.ms() > 0).then(|| time_view(at, now));
    let live = matches!(run.state.as_str(), "waiting" | "running");
    let said = if live { ctx.app.cron.text(id) } else { None };
    let view = RunView {
        action: format!("{here}/runs/{id}"),
        stream_href: format!("{here}/runs/{id}/live"),
        title: format!("Run of {}", command.name),
        name: command.name.clone(),
        state,
        tone,
        live,
        stopping: run.stop_asked && live,
        can_stop: live && !run.stop_asked,
        message: run.message.clone(),
        bytes: run.output_bytes,
        exit: if run.exit_status >= 0 { run.exit_status.to_string() } else { String::new() },
        is_url: command.kind == "url",
        by_hand: run.cause == "hand",
        due: time_view(run.due_at, now),
        began: past(run.started_at),
        ended: past(run.ended_at),
        took: one::took(&run, now.now()),
        output: said.unwrap_or(run.output),
    };
    let crumbs = vec![crumb("Commands", Some(ctx.cron())), crumb(&command.name, Some(here)), crumb("Result", None)];
    let frame = ctx.frame(&view.title, crumbs).await?;
    Ok(ctx.page(200, "cron/run.html", &frame, &view)?)
}

/// Stops it.
pub async fn act(ctx: Ctx, path: Path<Numbers>, form: Form) -> Reply {
    let (site, job, id) = (ctx.site, path.job, path.run);
    let wanted = form.get("do").to_owned();
    ctx.write(move |tx| match wanted.as_str() {
        "stop" => cron::stop(tx, site, job, id),
        _ => {
            cron::run(tx, site, job, id)?;
            Err(Error::invalid("do", Code::NotAllowed, "stop"))
        }
    })
    .await?;
    Ok(ctx.go(&format!("{}/{job}/runs/{id}", ctx.cron())))
}
