//! Bodies that end in time (security rule B3). The framework has no time-out for bodies: every route that reads one
//! does it through [`GuardedBody`] or [`read_body`], never with the raw extractor.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::RequestHead;
use actix_web::error::PayloadError;
use bytes::{Bytes, BytesMut};
use freehold_base::{Code, Error, Result};
use futures_util::{Stream, StreamExt as _};
use tokio::time::{Instant, Sleep, sleep_until};

/// Longest request head, in bytes of names and values (security rule B3).
pub const MAX_HEAD_BYTES: usize = 32 * 1024;

/// Bytes of a request's head: target, names and values.
pub fn head_bytes(head: &RequestHead) -> usize {
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    head.headers().iter().fold(target, |sum, (name, value)| sum + name.as_str().len() + value.len() + 4)
}

/// What a body may take.
#[derive(Clone, Copy, Debug)]
pub struct BodyRules {
    /// Largest body.
    pub max_bytes: u64,
    /// Time before the rate counts.
    pub grace: Duration,
    /// Slowest mean rate after the grace time.
    pub min_bytes_per_s: u64,
    /// Longest time for the whole body.
    pub total: Duration,
}

impl BodyRules {
    /// 5 s grace, then at least 1 KiB/s, at most 10 minutes.
    pub const fn up_to(max_bytes: u64) -> Self {
        Self { max_bytes, grace: Duration::from_secs(5), min_bytes_per_s: 1024, total: Duration::from_secs(600) }
    }

    /// The moment by which more must have come.
    fn deadline(&self, started: Instant, received: u64) -> Instant {
        let earned = Duration::from_millis(received.saturating_mul(1000) / self.min_bytes_per_s.max(1));
        started + self.grace.saturating_add(earned).min(self.total)
    }
}

/// A body that fails when it is too long or too slow. Hand it to `actix_multipart::Multipart::new` or [`read_body`].
#[derive(Debug)]
pub struct GuardedBody<S> {
    body: S,
    rules: BodyRules,
    started: Instant,
    received: u64,
    alarm: Pin<Box<Sleep>>,
    over: bool,
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> GuardedBody<S> {
    /// Starts the clock.
    pub fn new(body: S, rules: BodyRules) -> Self {
        let started = Instant::now();
        let alarm = Box::pin(sleep_until(rules.deadline(started, 0)));
        Self { body, rules, started, received: 0, alarm, over: false }
    }

    fn fail(&mut self, why: PayloadError) -> Poll<Option<Result<Bytes, PayloadError>>> {
        self.over = true;
        Poll::Ready(Some(Err(why)))
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for GuardedBody<S> {
    type Item = Result<Bytes, PayloadError>;

    /// `Overflow` where it is too long, `Incomplete(TimedOut)` where it is too slow.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.over {
            return Poll::Ready(None);
        }
        // The alarm goes first: a client that always has one more byte must not put it off.
        if this.alarm.as_mut().poll(cx).is_ready() {
            return this.fail(PayloadError::Incomplete(Some(std::io::ErrorKind::TimedOut.into())));
        }
        match Pin::new(&mut this.body).poll_next(cx) {
            Poll::Ready(Some(Ok(chunk))) => {
                this.received = this.received.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                if this.received > this.rules.max_bytes {
                    return this.fail(PayloadError::Overflow);
                }
                let deadline = this.rules.deadline(this.started, this.received);
                this.alarm.as_mut().reset(deadline);
                Poll::Ready(Some(Ok(chunk)))
            }
            other => other,
        }
    }
}

/// Reads a whole body into memory.
///
/// # Errors
/// `TooLarge`, `TooSlow`, or `BadRequest` where the client broke off. Answer with `Connection: close`.
pub async fn read_body<S>(body: S, rules: BodyRules) -> Result<Bytes>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    let mut body = GuardedBody::new(body, rules);
    let mut out = BytesMut::new();
    while let Some(chunk) = body.next().await {
        out.extend_from_slice(&chunk.map_err(|error| refusal(&error, rules))?);
    }
    Ok(out.freeze())
}

/// What a failed body is answered with.
pub fn refusal(error: &PayloadError, rules: BodyRules) -> Error {
    match error {
        PayloadError::Overflow => Error::refused(Code::TooLarge, format!("{} bytes", rules.max_bytes)),
        PayloadError::Incomplete(Some(cause)) if cause.kind() == std::io::ErrorKind::TimedOut => {
            Error::code(Code::TooSlow)
        }
        _ => Error::refused(Code::BadRequest, "the body ended too early"),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    type Chunk = Result<Bytes, PayloadError>;

    fn rules(max_bytes: u64) -> BodyRules {
        BodyRules {
            max_bytes,
            grace: Duration::from_millis(20),
            min_bytes_per_s: 1000,
            total: Duration::from_millis(200),
        }
    }

    fn chunks(sizes: &[usize]) -> Vec<Chunk> {
        sizes.iter().map(|n| Ok(Bytes::from(vec![b'x'; *n]))).collect()
    }

    #[actix_web::test]
    async fn b3_limit_passes_and_limit_plus_one_is_refused() {
        let all = read_body(stream::iter(chunks(&[60, 40])), rules(100)).await.expect("at the limit");
        assert_eq!(all.len(), 100);
        let more = read_body(stream::iter(chunks(&[60, 41])), rules(100)).await;
        assert_eq!(more.map_err(|e| e.as_code()), Err(Code::TooLarge));
    }

    #[actix_web::test]
    async fn b3_a_body_that_stalls_is_cut() {
        for sent in [&[][..], &[1], &[1, 1, 1]] {
            let body = stream::iter(chunks(sent)).chain(stream::pending());
            assert_eq!(read_body(body, rules(100)).await.map_err(|e| e.as_code()), Err(Code::TooSlow));
        }
    }

    #[actix_web::test]
    async fn b3_a_body_that_trickles_for_ever_is_cut() {
        // Always one more byte, never a pending moment long enough to look idle.
        let drip = stream::unfold((), |()| async {
            tokio::task::yield_now().await;
            Some((Ok::<_, PayloadError>(Bytes::new()), ()))
        });
        let body = Box::pin(drip);
        assert_eq!(read_body(body, rules(100)).await.map_err(|e| e.as_code()), Err(Code::TooSlow));
    }
}
