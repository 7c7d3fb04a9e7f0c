//! Taking files away: one as it is, several or a folder as a zip that is made while it is sent.

use std::io::{self, Write};

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use freehold_base::{Code, Error, JailPath, OrInternal as _, Result};
use freehold_host::account_dir::{Kind, ListOptions};
use freehold_hosting::files::Format;
use freehold_publishing::media::sniff::UNKNOWN;
use futures_util::stream;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::mpsc;

use super::desk;
use crate::media::answer::{self, How};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

/// Pieces of a zip that wait to be sent.
const WAITING: usize = 8;
/// Most things that are ticked for one zip.
const MOST: usize = 1000;
/// Bytes of a piece.
const PIECE: usize = 64 << 10;

/// A file as it is, or a folder as a zip.
pub async fn one(ctx: &Ctx, request: &HttpRequest, path: JailPath) -> Reply {
    let at = path.clone();
    let opened = desk::on(ctx, move |files| match files.metadata(&at)?.kind {
        Kind::Folder => Ok(None),
        _ => files.open(&at).map(Some),
    })
    .await?;
    let Some(opened) = opened else {
        let (folder, things) = match path.split() {
            Some((folder, _)) => (folder, vec![path.clone()]),
            None => (JailPath::root(), everything(ctx).await?),
        };
        return Ok(zip(ctx, folder, things).await?);
    };
    let tag = opened.metadata.etag();
    let how = How { served: UNKNOWN, name: plain_name(&path.name()), tag, keep: "private, no-cache", vary: None };
    let mut answer = answer::file(request, opened.file, &how).await?;
    named(&mut answer, &path.name());
    Ok(answer)
}

/// What lies in the home folder.
async fn everything(ctx: &Ctx) -> Result<Vec<JailPath>> {
    desk::on(ctx, |files| {
        let all = files.list(&JailPath::root(), &ListOptions::default())?;
        all.entries.iter().map(|entry| JailPath::root().join(&entry.name)).collect()
    })
    .await
}

/// What is ticked in a list, as one zip; one file as it is.
pub async fn several(ctx: Ctx, request: HttpRequest, form: Form) -> Reply {
    let folder = JailPath::parse(form.get("folder"))?;
    let ids = form.all("ids");
    if ids.len() > MOST {
        return Err(Error::invalid("ids", Code::TooLarge, format!("{MOST} things at once")).into());
    }
    let things = ids.into_iter().map(|id| super::below(&folder, id)).collect::<Result<Vec<_>>>()?;
    match things.as_slice() {
        [] => Err(Error::invalid("ids", Code::Required, "").into()),
        [path] => one(&ctx, &request, path.clone()).await,
        _ => Ok(zip(&ctx, folder, things).await?),
    }
}

/// Sends a zip of things of a folder while it is made. Nothing is sent before it is known that they may be read.
async fn zip(ctx: &Ctx, folder: JailPath, things: Vec<JailPath>) -> Result<HttpResponse> {
    let name = match things.as_slice() {
        [one] => one.name(),
        _ if folder.is_root() => "files".to_owned(),
        _ => folder.name(),
    };
    let (files, things, held) = desk::on(ctx, move |files| {
        things.iter().try_for_each(|path| files.metadata(path).map(drop))?;
        let held = files.begin_sending()?;
        Ok((files, things, held))
    })
    .await?;
    let (send, receive) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    actix_web::rt::task::spawn_blocking(move || {
        let failed = send.clone();
        let out = Pieces { send, gathered: Vec::with_capacity(PIECE) };
        let sent =
            files.download(&things, Format::Zip, out).and_then(|mut out| out.flush().or_internal("sending a zip"));
        if let Err(e) = sent {
            tracing::info!("a download ended early: {e}");
            let _ = failed.blocking_send(Err(io::ErrorKind::Other.into())); // the browser sees a broken download
        }
        drop(held);
    });
    let body = stream::unfold(receive, |mut receive| async move { Some((receive.recv().await?, receive)) });
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, UNKNOWN.content_type))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, UNKNOWN.csp.unwrap_or_default()));
    let mut answer = answer.streaming(Box::pin(body));
    named(&mut answer, &format!("{name}.zip"));
    Ok(answer)
}

/// What is written goes on to the browser in pieces.
struct Pieces {
    send: mpsc::Sender<io::Result<Bytes>>,
    gathered: Vec<u8>,
}

impl Pieces {
    fn pass(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.gathered, Vec::with_capacity(PIECE));
        self.send.blocking_send(Ok(piece.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE {
            self.pass()?;
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        self.pass()
    }
}

/// The name that browsers save it under: in full for those that know how, in plain letters for all.
fn named(answer: &mut HttpResponse, name: &str) {
    let full = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let text = format!("attachment; filename=\"{}\"; filename*=UTF-8''{full}", plain_name(name));
    if let Ok(value) = HeaderValue::from_str(&text) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
}

fn plain_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') { c } else { '_' };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_keeps_its_name_and_no_header_is_broken_by_it() {
        let mut answer = HttpResponse::Ok().finish();
        named(&mut answer, "räksmörgås \"1\"\r\nx.txt");
        let text = answer.headers().get(header::CONTENT_DISPOSITION).unwrap().to_str().unwrap().to_owned();
        assert!(
            text.starts_with("attachment; filename=\"r_ksm_rg_s__1___x.txt\"; filename*=UTF-8''r%C3%A4ksm"),
            "{text}"
        );
    }
}
