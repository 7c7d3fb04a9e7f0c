//! What a run says, as it says it: server-sent events. The right is looked at again every ten seconds, however much is
//! said.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;
use bytes::Bytes;
use freehold_base::{Clock, Code, CronJobId, CronRunId, Error, SiteId};
use freehold_hosting::cron;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::Numbers;
use crate::panel::app::App;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::news::Ear;

/// A stream says something at least so often, and asks whether it still may.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Words that come together are told together.
const GATHER: Duration = Duration::from_millis(150);

struct Stream {
    app: Arc<App>,
    cookie: String,
    place: (SiteId, CronJobId, CronRunId),
    /// The place among the streams of the session, which are bounded.
    ear: Ear,
    told: Option<watch::Receiver<u64>>,
    from: u64,
    over: bool,
    /// When the right was looked at.
    checked: Instant,
}

/// The stream. It ends with `event: end` when the run is over, or runs on another node: the page then asks anew.
pub async fn stream(ctx: Ctx, path: Path<Numbers>) -> Reply {
    let (site, job, run) = (ctx.site, path.job, path.run);
    let (Some(person), Some(cookie)) = (ctx.person.clone(), ctx.cookie.clone()) else {
        return Err(Error::code(Code::SignInRequired).into());
    };
    let found = ctx.read(move |tx| cron::run(tx, site, job, run)).await?;
    let ear = ctx.app.news.listen(person.session)?;
    let told = ctx.app.cron.follow(run);
    // It is said to run a moment before it can be followed.
    let waits = matches!(found.state.as_str(), "waiting" | "running") && told.is_none();
    if waits {
        sleep(GATHER).await; // it begins in this moment; the page asks again where it does not
    }
    let told = told.or_else(|| ctx.app.cron.follow(run));
    let stream = Stream {
        app: ctx.app.clone(),
        cookie,
        place: (site, job, run),
        ear,
        told,
        from: 0,
        over: false,
        checked: Clock::instant(),
    };
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
    async fn next(&mut self) -> Option<Bytes> {
        if self.over || (self.checked.elapsed() >= HEARTBEAT && !self.still_may().await) {
            return None;
        }
        if let Some(words) = self.words() {
            return Some(words);
        }
        let Some(told) = &mut self.told else { return self.end() };
        match timeout(HEARTBEAT, told.changed()).await {
            Ok(Ok(())) => {
                sleep(GATHER).await;
                Some(self.words().unwrap_or_else(|| Bytes::from_static(b": here\n\n")))
            }
            Ok(Err(_)) => {
                let rest = self.words();
                self.told = None;
                rest.or_else(|| self.end())
            }
            Err(_) => self.still_may().await.then(|| Bytes::from_static(b": here\n\n")),
        }
    }

    /// What was said since the last time.
    fn words(&mut self) -> Option<Bytes> {
        let heard = self.app.cron.since(self.place.2, self.from)?;
        if heard.upto == self.from {
            return None;
        }
        self.from = heard.upto;
        let text = String::from_utf8_lossy(&heard.bytes);
        let text = text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "");
        let text = if heard.missed > 0 { format!("\n\u{2026}\n{text}") } else { text };
        let json = serde_json::to_string(&text).ok()?;
        Some(Bytes::from(format!("event: text\ndata: {json}\n\n")))
    }

    fn end(&mut self) -> Option<Bytes> {
        self.over = true;
        Some(Bytes::from_static(b"event: end\ndata: 1\n\n"))
    }

    /// The session lives, and its person may still see this.
    async fn still_may(&mut self) -> bool {
        if matches!(self.ear.news.try_recv(), Err(tokio::sync::broadcast::error::TryRecvError::Closed)) {
            return false; // the node stops
        }
        self.checked = Clock::instant();
        let (site, job, run) = self.place;
        self.app.still_may(&self.cookie, "", move |tx| cron::run(tx, site, job, run)).await
    }
}
