//! Bringing files in: by scripts in parts that go on where they stopped, by plain forms as they are.

use actix_multipart::Multipart;
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use bytes::BytesMut;
use freehold_base::{Code, Error, JailPath, Result};
use futures_util::StreamExt as _;
use serde_json::json;
use std::time::Duration;

use super::asked::Asked;
use super::desk::{self, Exists, Upload};
use super::{href, list};
use crate::panel::auth::FieldText;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::web::limits::{BodyRules, GuardedBody, refusal};
use crate::web::multipart::{self, broken, drain, text};

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
    let folder = JailPath::parse(&get("folder"))?;
    let path = super::below(&folder, &get("path"))?;
    if get("kind") == "folder" {
        desk::make_folders(&ctx, path).await?;
        return Ok(HttpResponse::Ok().json(json!({ "done": true })));
    }
    let exists = match get("exists").as_str() {
        "replace" => Exists::Replace,
        "both" => Exists::Both,
        "skip" => Exists::Skip,
        _ => Exists::Ask,
    };
    let bytes: u64 = get("bytes").parse().map_err(|_| Error::invalid("bytes", Code::Malformed, "a number"))?;
    let Some(upload) = desk::begin_upload(&ctx, path, bytes, exists).await? else {
        return Ok(HttpResponse::Ok().json(json!({ "skipped": true })));
    };
    if get("part") == "1" {
        return Ok(HttpResponse::Created().json(json!({ "id": upload.id, "offset": upload.offset })));
    }
    let id = upload.id.clone();
    match receive(&ctx, payload, upload, 0).await {
        Ok(answer) => Ok(answer),
        Err(e) => {
            let _ = desk::drop_upload(&ctx, &id).await; // it is swept later otherwise
            Err(e.into())
        }
    }
}

/// The next part of an upload.
pub async fn part(ctx: Ctx, path: Path<(i64, String)>, payload: Payload) -> Reply {
    let at: u64 = ctx.param("at").and_then(|at| at.parse().ok()).unwrap_or(0);
    let upload = desk::find_upload(&ctx, &path.1).await?;
    Ok(receive(&ctx, payload, upload, at).await?)
}

/// Where an upload stands.
pub async fn standing(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let upload = desk::find_upload(&ctx, &path.1).await?;
    Ok(HttpResponse::Ok().json(json!({ "id": upload.id, "offset": upload.offset })))
}

/// Ends an upload; what came of it goes.
pub async fn end(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    desk::drop_upload(&ctx, &path.1).await?;
    Ok(HttpResponse::Ok().json(json!({ "done": true })))
}

/// Writes what comes, and puts the file in its place when it is whole.
async fn receive(ctx: &Ctx, payload: Payload, upload: Upload, at: u64) -> Result<HttpResponse> {
    let rules = BodyRules { total: LONGEST, ..BodyRules::up_to(PART) };
    let mut body = GuardedBody::new(payload, rules);
    let mut gathered = BytesMut::new();
    let (mut at, id) = (at, upload.id.clone());
    loop {
        let chunk = body.next().await.transpose().map_err(|e| refusal(&e, rules));
        // What came before the line broke is kept: the next try goes on from there.
        let (chunk, broke) = match chunk {
            Ok(chunk) => (chunk, None),
            Err(e) => (None, Some(e)),
        };
        let end = chunk.is_none();
        gathered.extend_from_slice(&chunk.unwrap_or_default());
        if gathered.len() >= GATHER || (end && !gathered.is_empty()) {
            let bytes = gathered.split().freeze();
            at = desk::write_upload(ctx, &id, at, bytes).await?;
        }
        if let Some(e) = broke {
            return Err(e);
        }
        if end {
            break;
        }
    }
    let done = at >= upload.bytes;
    if done {
        desk::finish_upload(ctx, &id).await?;
    }
    Ok(HttpResponse::Ok().json(json!({ "id": id, "offset": at, "done": done })))
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
            Ok(path) => match desk::create(ctx, path).await {
                Ok(writer) => match multipart::file(field, rules, writer, desk::Incoming::write).await? {
                    Ok(writer) => desk::created(ctx, writer).await,
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
