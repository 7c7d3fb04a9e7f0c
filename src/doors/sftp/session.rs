//! One SFTP session: packets come, go in batches to a thread that may wait for the disk, and the answers go out.
//! While a batch is worked on, the next one is read; while its answers go out, the next batch is worked on.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use freehold_hosting::access::Guest;
use russh::server::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf};
use tokio::sync::{Semaphore, mpsc};

use super::files::{Files, Numbered};
use super::wire::{self, Replies, Request};

/// Requests of one batch.
const BATCH: usize = 64;
/// Bytes that one batch may ask for, so that the answers of all sessions fit into memory.
const BATCH_BYTES: usize = 1 << 20;
/// Batches of answers that wait for a slow reader.
const WAITING: usize = 2;

/// Serves a channel until it ends.
pub async fn run(channel: Channel<Msg>, guest: Guest, threads: Arc<Semaphore>) {
    let (mut from, to) = channel.split();
    let (answers, mut outgoing) = mpsc::channel::<Bytes>(WAITING);
    let to = Arc::new(to);
    let writer = Arc::clone(&to);
    let writing = tokio::spawn(async move {
        while let Some(bytes) = outgoing.recv().await {
            if writer.data_bytes(bytes).await.is_err() {
                return;
            }
        }
    });
    serve(&mut from, guest, &threads, &answers).await;
    drop(answers);
    let _ = writing.await;
    let _ = to.eof().await;
    let _ = to.exit_status(0).await;
    let _ = to.close().await;
}

async fn serve(from: &mut ChannelReadHalf, guest: Guest, threads: &Semaphore, answers: &mpsc::Sender<Bytes>) {
    let mut stream = BytesMut::new();
    let mut files = Some(Files::new(guest));
    loop {
        let Some(batch) = next_batch(from, &mut stream).await else { return };
        let Some(mut open) = files.take() else { return };
        let Ok(thread) = threads.acquire().await else { return };
        let worked = tokio::task::spawn_blocking(move || {
            let mut out = Replies::default();
            let goes_on = open.answer(batch, &mut out);
            (open, goes_on, out.take())
        });
        let Ok((open, goes_on, bytes)) = worked.await else { return };
        drop(thread); // a reader that never reads keeps nobody else waiting
        if answers.send(bytes).await.is_err() || !goes_on {
            return;
        }
        files = Some(open);
    }
}

/// The requests that are there, at least one; `None` where there will be no more.
async fn next_batch(from: &mut ChannelReadHalf, stream: &mut BytesMut) -> Option<Vec<Numbered>> {
    let mut batch = Vec::new();
    let mut weight = 0;
    loop {
        while batch.len() < BATCH && weight < BATCH_BYTES {
            match wire::take(stream) {
                Ok(Some((id, request))) => {
                    weight += weight_of(&request);
                    batch.push((id, request));
                }
                Ok(None) => break,
                Err(wire::Malformed) => return None,
            }
        }
        let message = if batch.is_empty() {
            from.wait().await?
        } else if batch.len() >= BATCH || weight >= BATCH_BYTES {
            return Some(batch);
        } else {
            use futures_util::FutureExt as _;
            // Whatever came meanwhile joins the batch; nobody waits for more.
            match from.wait().now_or_never() {
                Some(Some(message)) => message,
                _ => return Some(batch),
            }
        };
        match message {
            ChannelMsg::Data { data } => stream.extend_from_slice(&data),
            ChannelMsg::Eof | ChannelMsg::Close => return (!batch.is_empty()).then_some(batch),
            _ => {}
        }
    }
}

fn weight_of(request: &std::result::Result<Request, wire::Malformed>) -> usize {
    match request {
        Ok(Request::Read(_, _, length)) => usize::try_from(*length).unwrap_or(wire::DATA_MAX).min(wire::DATA_MAX),
        Ok(Request::Write(_, _, data)) => data.len(),
        _ => 256,
    }
}
