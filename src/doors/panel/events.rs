//! `/admin/events`: news as server-sent events. A person hears only of what they may see; rights and session are looked
//! at before each piece of news and at each heartbeat, so that the stream ends with the session.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use bytes::Bytes;
use freehold_base::{Capability as C, Code, Error, JobId, Result, SiteId};
use freehold_platform::accounts::{Authenticated, SignedIn};
use freehold_platform::jobs::{self, JobChanged};
use freehold_platform::sites::domains::{CHECK, WATCH};
use freehold_store::Tx;
use serde::Serialize;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{sleep, timeout};

use super::ctx::Ctx;
use super::failure::Reply;
use super::jobs::words;
use super::news::Ear;
use crate::panel::app::App;

/// A stream says something at least so often: a proxy keeps it, and an ended session is noticed.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// News that comes together is told together.
const GATHER: Duration = Duration::from_millis(250);
/// Jobs that one page watches.
const WATCHED: usize = 10;
/// Sites of a person that are looked at for them.
const SITES: i64 = 20;

/// A stream.
struct Stream {
    app: Arc<App>,
    cookie: String,
    ear: Ear,
    /// Jobs on the page: their state is told at the start and at each heartbeat, whatever was missed.
    watched: Vec<JobId>,
    begun: bool,
}

/// News of a job, as `scripts/live.ts` reads it.
#[derive(Serialize)]
struct JobNews {
    id: i64,
    step: String,
    percent: Option<i64>,
    detail: String,
    state: &'static str,
}

#[derive(Serialize)]
struct Notice {
    text: String,
    tone: &'static str,
}

/// The stream. `jobs=12,15` names the jobs that stand on the page.
pub async fn stream(ctx: Ctx) -> Reply {
    let (Some(person), Some(cookie)) = (ctx.person.clone(), ctx.cookie.clone()) else {
        return Err(Error::code(Code::SignInRequired).into());
    };
    let ear = ctx.app.news.listen(person.session)?;
    let watched = ctx.param("jobs").unwrap_or_default();
    let watched = watched.split(',').filter_map(|id| id.parse().ok().map(JobId)).take(WATCHED).collect();
    let stream = Stream { app: ctx.app.clone(), cookie, ear, watched, begun: false };
    let body = futures_util::stream::unfold(stream, |mut stream| async move {
        let part = stream.next().await?;
        Some((Ok::<_, actix_web::Error>(part), stream))
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Box::pin(body)))
}

impl Stream {
    /// The next bytes; nothing where the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            return self.tell(Vec::new(), "retry: 3000\n\n").await;
        }
        match timeout(HEARTBEAT, self.ear.news.recv()).await {
            Ok(Ok(first)) => {
                sleep(GATHER).await;
                let mut news = vec![first];
                loop {
                    match self.ear.news.try_recv() {
                        Ok(more) => news.push(more),
                        Err(TryRecvError::Lagged(_)) => {}
                        Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                    }
                }
                self.tell(news, "").await
            }
            Ok(Err(RecvError::Lagged(_))) => self.tell(Vec::new(), "").await,
            Ok(Err(RecvError::Closed)) => None,
            Err(_) => self.tell(Vec::new(), ": here\n\n").await,
        }
    }

    /// What this person may hear of the news; their watched jobs too where there is no news.
    async fn tell(&self, news: Vec<Arc<JobChanged>>, before: &str) -> Option<Bytes> {
        let (accounts, cookie) = (self.app.accounts.clone(), self.cookie.clone());
        let found =
            self.app.read(&freehold_store::Actor::visitor(""), move |tx| accounts.authenticate(tx, &cookie)).await;
        let Ok(Some(Authenticated::Full(person))) = found else { return None };
        let watched = if news.is_empty() { self.watched.clone() } else { Vec::new() };
        let actor = person.actor.clone();
        let text = self.app.read(&actor, move |tx| heard(tx, &person, &news, &watched)).await;
        text.map(|text| Bytes::from(format!("{before}{text}"))).ok()
    }
}

fn heard(tx: &mut Tx<'_>, person: &SignedIn, news: &[Arc<JobChanged>], watched: &[JobId]) -> Result<String> {
    let mut out = String::new();
    for id in watched {
        if let Some(job) = watched_job(tx, *id)? {
            frame(&mut out, "job", &of_job(&job));
        }
    }
    // The newest word of each job is the one that counts.
    let newest: BTreeMap<i64, &Arc<JobChanged>> = news.iter().map(|n| (n.id.get(), n)).collect();
    for changed in newest.into_values() {
        if !may_see(tx, changed.site)? {
            continue;
        }
        frame(&mut out, "job", &of_change(changed));
        if let Some(notice) = notice(changed).filter(|_| changed.created_by == person.user.get()) {
            frame(&mut out, "notice", &notice);
        }
    }
    Ok(out)
}

/// A job on somebody's page, if they may see it.
fn watched_job(tx: &mut Tx<'_>, id: JobId) -> Result<Option<jobs::Job>> {
    if tx.actor().grants.on_server().has(C::ServerRead) {
        return found(jobs::find(tx, None, id));
    }
    for site in freehold_platform::sites::list_after(tx, SiteId(0), SITES)? {
        if let Some(job) = found(jobs::find(tx, Some(site.id), id))? {
            return Ok(Some(job));
        }
    }
    Ok(None)
}

fn found(job: Result<jobs::Job>) -> Result<Option<jobs::Job>> {
    match job {
        Ok(job) => Ok(Some(job)),
        Err(e @ Error::Internal { .. }) => Err(e),
        Err(_) => Ok(None),
    }
}

fn may_see(tx: &mut Tx<'_>, site: SiteId) -> Result<bool> {
    if site == SiteId(0) {
        return Ok(tx.actor().grants.on_server().has(C::ServerRead));
    }
    match tx.scope_of(site) {
        Ok(scope) => Ok(scope.has(C::SiteRead)),
        Err(e @ Error::Internal { .. }) => Err(e),
        Err(_) => Ok(false), // deleted meanwhile
    }
}

fn of_change(n: &JobChanged) -> JobNews {
    let progress = words::progress(n.done, n.total);
    JobNews {
        id: n.id.get(),
        step: words::step(&n.kind, n.state, n.done, n.total),
        percent: progress,
        detail: words::sentence(&n.message),
        state: state_of(n.state),
    }
}

fn of_job(job: &jobs::Job) -> JobNews {
    JobNews {
        id: job.id.get(),
        step: words::step(&job.kind, &job.state, job.done, job.total),
        percent: words::progress(job.done, job.total),
        detail: words::sentence(&job.message),
        state: state_of(&job.state),
    }
}

/// A state as the script knows it.
fn state_of(state: &str) -> &'static str {
    match state {
        "waiting" | "paused" => "queued",
        "running" => "running",
        "done" => "done",
        "failed" => "failed",
        _ => "cancelled",
    }
}

/// What the person who asked for a job is told at its end.
fn notice(n: &JobChanged) -> Option<Notice> {
    if n.kind == WATCH || n.kind == CHECK {
        return None; // small and often: their own page shows what they found
    }
    let title = words::title(&n.kind);
    match n.state {
        "done" => Some(Notice { text: format!("{title}: done."), tone: "good" }),
        "failed" => Some(Notice { text: format!("{title}: {}", n.message), tone: "bad" }),
        "cancelled" => Some(Notice { text: format!("{title}: stopped."), tone: "warn" }),
        _ => None,
    }
}

fn frame<T: Serialize>(out: &mut String, name: &str, what: &T) {
    if let Ok(json) = serde_json::to_string(what) {
        out.push_str(&format!("event: {name}\ndata: {json}\n\n"));
    }
}
