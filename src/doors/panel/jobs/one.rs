//! One job: how far it is, what came of it, and what can be done with it.

use actix_web::web::Path;
use freehold_base::{Capability, Code, Error, JobId, Result, SiteId};
use freehold_platform::jobs::{self, Job, JobFilter};
use freehold_platform::upkeep;
use freehold_publishing::import;
use freehold_store::{Tx, users};
use serde::Serialize;

use super::list::{JobRow, coming, row};
use super::{home, place, words};
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;

/// Earlier runs of the same kind that are shown.
const EARLIER: i64 = 5;
/// Runs of its kind among which those about the same domain are looked for.
const OF_ALL: i64 = 200;

/// How far a job is; component `ui.job` shows it.
#[derive(Serialize)]
pub struct JobCard {
    id: i64,
    title: String,
    step: String,
    percent: Option<i64>,
    detail: String,
    href: String,
}

impl JobCard {
    /// Of a job, with the address of its own page.
    pub fn of(job: &Job, href: String) -> Self {
        Self {
            id: job.id.get(),
            title: words::title_of(job),
            step: words::step(&job.kind, &job.state, job.done, job.total),
            percent: words::progress(job.done, job.total),
            detail: words::sentence(&job.message),
            href,
        }
    }
}

#[derive(Serialize)]
struct OneView {
    action: String,
    title: String,
    kind: String,
    state: &'static str,
    tone: &'static str,
    icon: &'static str,
    /// Something may still change without anybody's doing.
    live: bool,
    card: JobCard,
    failed: bool,
    message: String,
    result: String,
    by: String,
    queued: TimeView,
    due: Option<TimeView>,
    began: Option<TimeView>,
    ended: Option<TimeView>,
    took: String,
    attempts: i64,
    recurring: bool,
    import_href: String,
    can_stop: bool,
    can_retry: bool,
    can_run: bool,
    can_pause: bool,
    can_resume: bool,
    stopping: bool,
    earlier: Vec<JobRow>,
    all_href: String,
    all_label: &'static str,
}

/// Page of one job; the last name of the address is its number.
pub async fn show(ctx: Ctx, path: Path<Numbers>) -> Reply {
    let (site, id) = (place(&ctx), path.id());
    let may_act = ctx.actor.grants.on_server().has(Capability::ServerManage) || site.is_some();
    let list = Around::of(&ctx);
    let around = list.clone();
    let view = ctx.read(move |tx| read(tx, site, id, may_act, &around)).await?;
    let frame = ctx.frame(&view.title, vec![crumb(list.label, Some(list.all)), crumb(&view.title, None)]).await?;
    Ok(ctx.page(200, "jobs/one.html", &frame, &view)?)
}

/// The numbers of the address: that of the site where there is one, and that of the job.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub struct Numbers {
    id: JobId,
}

impl Numbers {
    /// The job's.
    pub fn id(self) -> JobId {
        self.id
    }
}

/// Where a job's page stands: among all jobs of a site or of the installation, or beside the files, where people see it
/// who may see no other jobs.
#[derive(Clone)]
struct Around {
    label: &'static str,
    /// The page that leads here.
    all: String,
    /// Before a job's number.
    jobs: String,
    of_files: bool,
}

impl Around {
    fn of(ctx: &Ctx) -> Self {
        let of_files = ctx.path.contains("/files-jobs/");
        let list = home(place(ctx));
        match list.strip_suffix("/jobs").filter(|_| of_files) {
            Some(base) => {
                Self { label: "Files", all: format!("{base}/files"), jobs: format!("{base}/files-jobs"), of_files }
            }
            None => Self { label: "Jobs", all: list.clone(), jobs: list, of_files },
        }
    }
}

fn read(tx: &mut Tx<'_>, site: Option<SiteId>, id: JobId, may_act: bool, around: &Around) -> Result<OneView> {
    let job = jobs::find(tx, site, id)?;
    if around.of_files && !job.kind.starts_with("files.") {
        return Err(Error::not_found("job"));
    }
    let may_act = may_act
        && match (around.of_files, site) {
            (true, Some(site)) => tx.scope_of(site)?.has(Capability::FilesWrite),
            _ => true,
        };
    let now = tx.now();
    let is = |states: &[&str]| states.contains(&job.state.as_str());
    let (state, tone, icon) = words::state(&job.state);
    let past = |at: freehold_base::Timestamp| (at.ms() > 0).then(|| time_view(at, now));
    let by = match job.created_by {
        0 => "Freehold".to_owned(),
        user => users::find(tx, user.into()).map(|u| u.name).unwrap_or_default(),
    };
    let recurring = upkeep::is_recurring(&job.kind);
    let list = &around.jobs;
    let import_href = match job.kind.as_str() {
        import::jobs::LOOK | import::jobs::RUN => format!("/admin/s/{}/import/{}", job.site_id, job.id),
        _ => String::new(),
    };
    let of_server = job.site_id == SiteId(0);
    Ok(OneView {
        action: format!("{list}/{}", job.id),
        title: words::title_of(&job),
        kind: job.kind.clone(),
        state,
        tone,
        icon,
        live: is(&["running"]) || (is(&["waiting"]) && job.run_at <= now),
        card: JobCard::of(&job, format!("{list}/{}", job.id)),
        failed: is(&["failed"]),
        message: job.message.clone(),
        result: words::result(&job),
        by,
        queued: time_view(job.created_at, now),
        due: is(&["waiting", "paused"]).then(|| coming(job.run_at, now)),
        began: past(job.started_at),
        ended: past(job.ended_at),
        took: words::took(&job),
        attempts: job.attempts,
        recurring,
        import_href,
        can_stop: may_act && is(&["running", "waiting", "paused"]) && !job.cancel_asked && !recurring,
        can_retry: may_act && is(&["failed", "cancelled"]),
        can_run: may_act && is(&["waiting", "paused"]) && job.run_at > now,
        can_pause: may_act && is(&["waiting"]) && of_server,
        can_resume: may_act && is(&["paused"]),
        stopping: job.cancel_asked && is(&["running"]),
        earlier: earlier(tx, site, &job, list)?,
        all_href: if around.of_files { around.all.clone() } else { format!("{list}?q={}", job.kind) },
        all_label: if around.of_files { "Back to the files" } else { "All of this kind" },
    })
}

/// What came of the last runs of the same kind, about the same domain.
fn earlier(tx: &mut Tx<'_>, site: Option<SiteId>, job: &Job, list: &str) -> Result<Vec<JobRow>> {
    let (states, kinds) = (vec!["done", "failed", "cancelled"], Some(vec![job.kind.clone()]));
    let filter = JobFilter { states, kinds, ..JobFilter::default() };
    let (now, about) = (tx.now(), jobs::about(job));
    let most = if about.is_empty() { EARLIER + 1 } else { OF_ALL };
    let found = jobs::search(tx, site, &filter, 0, most)?;
    let same = found.iter().filter(|other| other.id != job.id && jobs::about(other) == about);
    let others = same.take(EARLIER as usize);
    Ok(others.map(|other| row(other, list, String::new(), now)).collect())
}

/// One of the page's buttons.
pub async fn act(ctx: Ctx, path: Path<Numbers>, form: Form) -> Reply {
    let (site, id, wanted) = (place(&ctx), path.id(), form.get("do").to_owned());
    let act = wanted.clone();
    ctx.write(move |tx| run(tx, site, id, &act)).await?;
    let done = match wanted.as_str() {
        "retry" => "job-retry",
        "cancel" => "job-cancel",
        "run" => "job-run",
        "pause" => "job-pause",
        _ => "job-resume",
    };
    Ok(ctx.go(&format!("{}/{id}?done={done}", Around::of(&ctx).jobs)))
}

fn run(tx: &mut Tx<'_>, site: Option<SiteId>, id: JobId, wanted: &str) -> Result<()> {
    match (wanted, site) {
        ("retry", _) => jobs::retry(tx, site, id),
        ("cancel", _) => jobs::cancel(tx, site, id),
        ("run", _) => jobs::run_now(tx, site, id),
        ("pause", None) => jobs::pause(tx, id),
        ("resume", None) => jobs::resume(tx, id),
        _ => {
            jobs::find(tx, site, id)?;
            Err(Error::invalid("do", Code::NotAllowed, "the buttons of the page"))
        }
    }
}
