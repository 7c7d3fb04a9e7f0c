//! What one worker of the visitors' door works with: the stored pages, its own counters, its own end of the log.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use actix_web::http::{Method, Version};
use freehold_base::Clock;

use super::access_log::LogBuffer;
use super::access_record::AccessRecord;
use super::cache::PageKey;
use super::coding::Accepted;
use super::counters::{Outcome, WorkerCounters};
use super::hosts::SiteRef;
use super::page::CachedPage;
use super::path::CanonPath;
use super::query::CanonQuery;
use super::render::ABSENT;
use super::state::Web;
use super::traffic::Book;

/// One worker's desk. Clones are the same desk.
#[derive(Clone)]
pub struct Desk {
    /// The door's state.
    pub web: Arc<Web>,
    counters: Arc<WorkerCounters>,
    log: Option<Arc<LogBuffer>>,
    book: Arc<Book>,
}

/// Answers up to this size are noted before they are sent: the kernel takes them at once.
const SHORT: u64 = 64 * 1024;

/// An answered request, for the counters and the log.
pub struct Noted<'a> {
    /// When its head was read.
    pub started: Instant,
    /// Method.
    pub method: &'a Method,
    /// Path and query as sent.
    pub target: &'a str,
    /// HTTP version.
    pub version: Version,
    /// `Referer`.
    pub referrer: &'a [u8],
    /// `User-Agent`.
    pub agent: &'a [u8],
    /// Who asked.
    pub client: IpAddr,
    /// Site, 0 where none.
    pub site: i64,
    /// Status of the answer.
    pub status: u16,
    /// Size of the answer's body; counted as 0 for HEAD.
    pub bytes: u64,
    /// How the answer came to be.
    pub outcome: Outcome,
}

impl Desk {
    /// A desk for one more worker.
    pub fn join(web: &Arc<Web>) -> Self {
        Self { counters: web.counters.join(), log: web.log.join(), book: web.books.join(), web: Arc::clone(web) }
    }

    /// Calls `answer` with the stored page for an address, or with the site's page for addresses that are known not
    /// to exist. `query` as it was sent.
    pub fn remembered<R>(
        &self,
        site: &SiteRef,
        path: &CanonPath<'_>,
        query: Option<&str>,
        accepted: Accepted,
        answer: impl Fn(&Arc<CachedPage>) -> R,
    ) -> Option<(R, Outcome)> {
        let cache = &self.web.cache;
        let query = query.map(|raw| CanonQuery::parse(Some(raw), self.web.source.allowed_query()).encoded());
        let secure = self.web.settings.secure;
        let query = query.as_deref().unwrap_or_default();
        let key = PageKey { secure, site: site.site, origin: &site.origin, path: path.as_str(), query };
        let hash = cache.hash(&key);
        if let Some(answer) = self.kept(hash, &key, accepted, &answer) {
            return Some((answer, Outcome::Hit));
        }
        if self.web.negative.knows(hash, cache.epoch()) {
            let key = PageKey { path: ABSENT, query: "", ..key };
            return self.kept(cache.hash(&key), &key, accepted, &answer).map(|answer| (answer, Outcome::Absent));
        }
        None
    }

    fn kept<R>(
        &self,
        hash: u64,
        key: &PageKey<'_>,
        accepted: Accepted,
        answer: &impl Fn(&Arc<CachedPage>) -> R,
    ) -> Option<R> {
        self.web.cache.hit(hash, key, |page| {
            if let Some(coding) = page.wanted(accepted) {
                self.web.finisher.improve(hash, page, coding);
            }
            answer(page)
        })
    }

    /// Counts and logs an answer.
    pub fn note(&self, request: &Noted<'_>) {
        self.write_down(request, Clock::instant());
    }

    /// As [`Desk::note`], before the answer is sent. A long one is noted when what this gives is dropped, with as many
    /// bytes as were sent by then: nobody is charged for what a client asked for and did not take.
    pub fn note_sent(&self, request: &Noted<'_>) -> Option<Box<Sending>> {
        if request.bytes <= SHORT || *request.method == Method::HEAD {
            self.note(request);
            return None;
        }
        Some(Box::new(Sending {
            desk: self.clone(),
            answered: Clock::instant(),
            started: request.started,
            method: request.method.clone(),
            target: request.target.to_owned(),
            version: request.version,
            referrer: request.referrer.to_vec(),
            agent: request.agent.to_vec(),
            client: request.client,
            site: request.site,
            status: request.status,
            outcome: request.outcome,
            sent: 0,
        }))
    }

    fn write_down(&self, request: &Noted<'_>, now: Instant) {
        self.counters.count(request.outcome);
        let bytes = if *request.method == Method::HEAD { 0 } else { request.bytes };
        if request.site != 0 {
            self.book.add(request.site, bytes);
        }
        let Some(log) = &self.log else { return };
        let took = u32::try_from(now.saturating_duration_since(request.started).as_micros()).unwrap_or(u32::MAX);
        log.push(&AccessRecord {
            at_us: log.clock_us(now),
            took_us: took,
            client: request.client,
            site: request.site,
            status: request.status,
            bytes,
            outcome: request.outcome,
            version: request.version,
            method: request.method,
            target: request.target,
            referrer: request.referrer,
            agent: request.agent,
        });
        self.counters.took(request.status, took.into());
    }
}

/// An answer on its way; noted when it is dropped.
pub struct Sending {
    desk: Desk,
    /// When its head was ready: the time it took a client to take it is none of ours.
    answered: Instant,
    started: Instant,
    method: Method,
    target: String,
    version: Version,
    referrer: Vec<u8>,
    agent: Vec<u8>,
    client: IpAddr,
    site: i64,
    status: u16,
    outcome: Outcome,
    /// Bytes of its body that were sent.
    pub sent: u64,
}

impl Drop for Sending {
    fn drop(&mut self) {
        let noted = Noted {
            started: self.started,
            method: &self.method,
            target: &self.target,
            version: self.version,
            referrer: &self.referrer,
            agent: &self.agent,
            client: self.client,
            site: self.site,
            status: self.status,
            bytes: self.sent,
            outcome: self.outcome,
        };
        self.desk.write_down(&noted, self.answered);
    }
}
