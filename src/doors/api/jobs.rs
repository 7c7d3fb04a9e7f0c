//! Jobs: of a site, and of the installation.

use freehold_base::{Cursor, JobId, SiteId};
use freehold_platform::jobs::{self, JobFilter};
use freehold_platform::upkeep::ROUTINE;
use freehold_store::jobs::Job;

use super::ctx::{ApiCtx, ApiReply, List, done, ok};
use super::views::JobView;

/// Parameters of the lists.
pub const QUERY: &[&str] = &["limit", "after", "routine", "fields"];

/// The site of the address; none for the installation's jobs.
fn place(ctx: &ApiCtx) -> Option<SiteId> {
    (ctx.site != SiteId(0)).then_some(ctx.site)
}

/// A page of jobs, newest first; with `routine=false` without routine work that has nothing to tell.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let (site, before) = (place(&ctx), page.after.as_ref().map_or(0, |c| c.id));
    let quiet: &[&str] = if query.get("routine") == Some("false") { ROUTINE } else { &[] };
    let filter = JobFilter { quiet, ..JobFilter::default() };
    let rows = ctx.read(move |tx| jobs::search(tx, site, &filter, before, page.size.get())).await?;
    let cursor = |j: &Job| Cursor { key: String::new(), id: j.id.get() };
    Ok(ok(&List::of(rows, limit, cursor, JobView::from), query.get("fields"))?)
}

/// One job.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (place(&ctx), ctx.id::<JobId>("id", "job")?);
    let job = ctx.read(move |tx| jobs::find(tx, site, id)).await?;
    Ok(ok(&JobView::from(job), None)?)
}

/// Asks a job to stop.
pub async fn cancel(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (place(&ctx), ctx.id::<JobId>("id", "job")?);
    ctx.write(move |tx| jobs::cancel(tx, site, id)).await?;
    Ok(done())
}

/// Puts a failed or cancelled job back into the queue.
pub async fn retry(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (place(&ctx), ctx.id::<JobId>("id", "job")?);
    ctx.write(move |tx| jobs::retry(tx, site, id)).await?;
    Ok(done())
}

/// Lets a waiting or paused job begin now.
pub async fn run_now(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (place(&ctx), ctx.id::<JobId>("id", "job")?);
    ctx.write(move |tx| jobs::run_now(tx, site, id)).await?;
    Ok(done())
}

/// Holds a waiting job of the installation back.
pub async fn pause(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<JobId>("id", "job")?;
    ctx.write(move |tx| jobs::pause(tx, id)).await?;
    Ok(done())
}

/// Lets a paused job wait for its time again.
pub async fn resume(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<JobId>("id", "job")?;
    ctx.write(move |tx| jobs::resume(tx, id)).await?;
    Ok(done())
}
