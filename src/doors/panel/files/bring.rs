//! Bringing files in: by scripts in parts that go on where they stopped, by plain forms as they are.

use actix_multipart::Multipart;
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use bytes::BytesMut;
use freehold_base::{Code, Error, JailPath, Result};
use freehold_hosting::files::{self, Clash, Piece, Put};
use futures_util::StreamExt as _;
use serde_json::json;
use std::time::Duration;

use super::asked::Asked;
use super::desk;
use super::{href, list};
use crate::panel::auth::FieldText;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::web::limits::{BodyRules, GuardedBody, read_body, refusal};
use crate::web::multipart::{self, blocking, broken, drain, text};

/// Largest part of a file that a script sends at once.
const PART: u64 = 16 << 20;
/// Bytes that are gathered before they are written.
const GATHER: usize = 512 << 10;
/// A large form on a slow line takes its time.
const LONGEST: Duration = Duration::from_secs(6 * 3600);
/// Most files of one form.
const FILES: usize = 200;

/// Begins the upload of a script; a small file comes in whole with it.
pub async fn begin(ctx: Ctx, payload: Payload) -> Reply {
    let get = |name: &str| ctx.param(name).unwrap_or_default();
    let path = super::below(&JailPath::parse(&get("folder"))?, &get("path"))?;
    if get("kind") == "folder" {
        desk::on(&ctx, move |files| fine_if_there(files.new_folder(&path))).await?;
        return Ok(HttpResponse::Ok().json(json!({ "done": true })));
    }
    let bytes: u64 = get("bytes").parse().map_err(|_| Error::invalid("bytes", Code::Malformed, "a number"))?;
    let clash = match get("exists").as_str() {
        "replace" => Clash::Replace,
        "both" => Clash::KeepBoth,
        "skip" => {
            let at = path.clone();
            if desk::on(&ctx, move |files| exists(&files, &at)).await? {
                return Ok(HttpResponse::Ok().json(json!({ "skipped": true })));
            }
            Clash::Refuse
        }
        _ => Clash::Refuse,
    };
    if get("part") == "1" {
        let changed = get("changed");
        let upload = desk::on(&ctx, move |files| files.begin_upload(&path, bytes, &changed, clash)).await?;
        return Ok(HttpResponse::Created().json(json!({ "id": upload.id.to_string(), "offset": upload.arrived })));
    }
    let rules = BodyRules::up_to(PART);
    let whole = read_body(payload, rules).await?;
    if whole.len() as u64 != bytes {
        return Err(Error::refused(Code::BadRequest, "the file ended early").into());
    }
    desk::on(&ctx, move |files| put(&files, &path, clash, &whole)).await?;
    Ok(HttpResponse::Ok().json(json!({ "offset": bytes, "done": true })))
}

fn exists(files: &files::Desk, path: &JailPath) -> Result<bool> {
    match files.metadata(path) {
        Ok(_) => Ok(true),
        Err(e) if e.as_code() == Code::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

fn fine_if_there(made: Result<()>) -> Result<()> {
    match made {
        Err(e) if e.as_code() == Code::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Stores a small file; the folders of one that was dropped with them are made with it.
fn put(files: &files::Desk, path: &JailPath, clash: Clash, bytes: &[u8]) -> Result<()> {
    let mut put = begin_put(files, path, clash)?;
    put.write(bytes)?;
    put.finish().map(drop)
}

fn begin_put(files: &files::Desk, path: &JailPath, clash: Clash) -> Result<Put> {
    match files.put(path, clash, None) {
        Err(e) if e.as_code() == Code::NotFound => {
            fine_if_there(files.new_folder(&path.parent().unwrap_or_default()))?;
            files.put(path, clash, None)
        }
        put => put,
    }
}

/// The next part of an upload.
pub async fn part(ctx: Ctx, path: Path<(i64, i64)>, payload: Payload) -> Reply {
    let id = path.1;
    let at: u64 = ctx.param("at").and_then(|at| at.parse().ok()).unwrap_or(0);
    let (piece, whole) = desk::on(&ctx, move |files| Ok((files.piece(id, at)?, files.upload(id)?.bytes))).await?;
    let at = receive(payload, piece).await?;
    let done = at >= whole;
    if done {
        desk::on(&ctx, move |files| files.finish_upload(id)).await?;
    }
    Ok(HttpResponse::Ok().json(json!({ "offset": at, "done": done })))
}

/// Writes what comes; how much is here then. What came before the line broke stays: the next try goes on from there.
async fn receive(payload: Payload, piece: Piece) -> Result<u64> {
    let rules = BodyRules { total: LONGEST, ..BodyRules::up_to(PART) };
    let mut body = GuardedBody::new(payload, rules);
    let (mut piece, mut gathered, mut broke) = (piece, BytesMut::new(), None);
    loop {
        let chunk = match body.next().await.transpose() {
            Ok(chunk) => chunk,
            Err(e) => {
                broke = Some(refusal(&e, rules));
                None
            }
        };
        let end = chunk.is_none();
        gathered.extend_from_slice(&chunk.unwrap_or_default());
        if gathered.len() >= GATHER || (end && !gathered.is_empty()) {
            let bytes = gathered.split().freeze();
            piece = blocking(move || piece.write(&bytes).map(|()| piece)).await?;
        }
        match broke {
            Some(e) => return Err(e),
            None if end => return Ok(piece.arrived()),
            None => {}
        }
    }
}

/// Where an upload stands.
pub async fn standing(ctx: Ctx, path: Path<(i64, i64)>) -> Reply {
    let id = path.1;
    let upload = desk::on(&ctx, move |files| files.upload(id)).await?;
    Ok(HttpResponse::Ok().json(json!({ "id": upload.id.to_string(), "offset": upload.arrived })))
}

/// Ends an upload; what came of it goes.
pub async fn end(ctx: Ctx, path: Path<(i64, i64)>) -> Reply {
    let id = path.1;
    desk::on(&ctx, move |files| files.cancel_upload(id)).await?;
    Ok(HttpResponse::Ok().json(json!({ "done": true })))
}

/// The files of a form without script.
pub async fn plain(ctx: &Ctx, request: &HttpRequest, payload: Payload, folder: JailPath) -> Reply {
    let most = ctx.app.config.limits.import_mb.saturating_mul(1_000_000);
    let rules = BodyRules { total: LONGEST, ..BodyRules::up_to(most) };
    let mut form = Multipart::new(request.headers(), GuardedBody::new(payload, rules));
    let (mut stored, mut errors) = (0, Vec::new());
    while let Some(field) = form.next().await {
        let field = field.map_err(|e| broken(&e, rules))?;
        let name = field.content_disposition().and_then(|d| d.get_filename()).map(str::to_owned);
        let Some(name) = name else {
            text(field, rules).await?;
            continue;
        };
        if name.is_empty() {
            drain(field, rules).await?;
            continue;
        }
        if stored + errors.len() >= FILES {
            return Err(Error::refused(Code::TooLarge, format!("{FILES} files at once")).into());
        }
        // A folder's files come with their paths.
        let outcome = match super::below(&folder, &name) {
            Ok(path) => match desk::on(ctx, move |files| begin_put(&files, &path, Clash::Refuse)).await {
                Ok(put) => match multipart::file(field, rules, put, Put::write).await? {
                    Ok(put) => blocking(move || put.finish().map(drop)).await,
                    Err(e) => Err(e),
                },
                Err(e) => drain(field, rules).await.and(Err(e)),
            },
            Err(e) => drain(field, rules).await.and(Err(e)),
        };
        match outcome {
            Ok(()) => stored += 1,
            Err(e) if e.status() < 500 || e.status() == 507 => {
                errors.push(FieldText { field: "files-input".into(), text: format!("{name}: {}", e.sentence()) });
            }
            Err(e) => return Err(e.into()),
        }
    }
    if errors.is_empty() {
        let done = if stored > 0 { "?done=uploaded" } else { "" };
        return Ok(ctx.go(&format!("{}{done}", href(&super::base(ctx), &folder))));
    }
    let mut view = list::read(ctx, &Asked::of(ctx, folder)).await?;
    view.errors = errors;
    list::page(ctx, 422, &view).await
}
