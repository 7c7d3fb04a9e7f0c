//! Files of a site's account: look, read, write, uploads in pieces. Paths begin at the top of the account's files and are
//! given as `path`.

use actix_web::HttpRequest;
use actix_web::web::Payload;
use bytes::BytesMut;
use freehold_base::{Code, Error, JailPath, Result};
use freehold_host::account_dir::{Kind, ListOptions, Metadata, Room, Sort};
use freehold_hosting::files::{self as service, Clash, Desk, Query as Words};
use freehold_publishing::media::sniff::UNKNOWN;
use futures_util::StreamExt as _;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, Query, ok};
use crate::media::answer::{self, How};
use crate::web::limits::{BodyRules, GuardedBody, refusal};
use crate::web::multipart::blocking;

/// Parameters of the list.
pub const QUERY: &[&str] = &["path", "sort", "order", "skip", "limit", "q", "fields"];
/// Parameters of the search.
pub const SEARCH: &[&str] = &["path", "q", "in"];
/// One path.
pub const PATH: &[&str] = &["path"];
/// What the largest folders are asked with.
pub const SPACE: &[&str] = &["fresh"];
/// Parameters of a write.
pub const PUT: &[&str] = &["path", "exists"];
/// Rows of a list at most.
const MOST: usize = 1000;
/// Bytes that are gathered before they are written.
const GATHER: usize = 512 << 10;
/// A large file on a slow line takes its time.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// A file or folder.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileView {
    /// Its path.
    pub path: String,
    /// Its name.
    pub name: String,
    /// `file`, `folder`, `link` or `other`.
    pub kind: &'static str,
    /// Length of a file.
    pub bytes: u64,
    /// When it was last written.
    pub modified_at: String,
    /// Permissions: three octal digits.
    pub mode: String,
    /// What `If-Match` takes, without quotes.
    pub etag: String,
}

/// A page of a folder.
#[derive(Debug, Serialize, ToSchema)]
pub struct FolderView {
    /// Its files and folders.
    pub items: Vec<FileView>,
    /// How many there are in all.
    pub total: usize,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundView {
    /// Names and lines.
    pub items: Vec<HitView>,
    /// Whether everything was looked at.
    pub is_complete: bool,
}

/// A name or a line that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitView {
    /// Where.
    pub path: String,
    /// The line, from 1; null where the name fits.
    pub line: Option<usize>,
    /// That line.
    pub text: String,
}

/// Where something lies now.
#[derive(Debug, Serialize, ToSchema)]
pub struct PathView {
    /// Its path.
    pub path: String,
}

/// What the files take.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomView {
    /// Bytes they have.
    pub used_bytes: u64,
    /// How many there are.
    pub used_files: u64,
    /// Bytes they may have; null for no limit.
    pub most_bytes: Option<u64>,
    /// How many there may be; null for no limit.
    pub most_files: Option<u64>,
}

/// Which folders take the space.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpaceView {
    /// Largest first; at most 100, of the upper six levels.
    pub items: Vec<FolderSizeView>,
    /// When the disk was looked at.
    pub seen_at: String,
}

/// A folder with everything below it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FolderSizeView {
    /// Where.
    pub path: String,
    /// Bytes of its files.
    pub bytes: u64,
    /// Files and folders in it.
    pub files: u64,
    /// Whether all of it was counted: not where something in it could not be read.
    pub is_whole: bool,
}

/// Numbers in the trash.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdsView {
    /// In the order of the paths.
    pub ids: Vec<i64>,
}

/// What lies in the trash.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrashView {
    /// Newest first.
    pub items: Vec<TrashedView>,
}

/// Something in the trash.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrashedView {
    /// Its number.
    pub id: i64,
    /// Where it was.
    pub path: String,
    /// `file`, `folder` or `link`.
    pub kind: String,
    /// Bytes of it.
    pub bytes: i64,
    /// Who deleted it; 0 for the system.
    pub deleted_by: i64,
    /// When.
    pub deleted_at: String,
}

/// A job that was queued.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobRef {
    /// Its number.
    pub job: i64,
}

/// States of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionsView {
    /// Newest first.
    pub items: Vec<StateView>,
}

/// A state of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateView {
    /// Its number.
    pub id: i64,
    /// How many bytes it has.
    pub bytes: i64,
    /// Who saved it; 0 where it was found on the disk.
    pub made_by: i64,
    /// When.
    pub made_at: String,
}

/// An upload in pieces.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadView {
    /// Its number.
    pub id: i64,
    /// Where the next piece begins.
    pub offset: u64,
    /// How long it will be.
    pub bytes: u64,
}

impl FileView {
    pub(super) fn of(path: &JailPath, about: &Metadata) -> Self {
        let kind = match about.kind {
            Kind::File => "file",
            Kind::Folder => "folder",
            Kind::Link => "link",
            Kind::Other => "other",
        };
        Self {
            path: path.to_string(),
            name: path.name(),
            kind,
            bytes: about.bytes,
            modified_at: about.modified.rfc3339(),
            mode: format!("{:03o}", about.mode),
            etag: about.etag(),
        }
    }
}

impl From<service::Upload> for UploadView {
    fn from(upload: service::Upload) -> Self {
        Self { id: upload.id, offset: upload.arrived, bytes: upload.bytes }
    }
}

/// Works on the files, on a thread that may wait.
pub(super) async fn on<T: Send + 'static>(
    ctx: &ApiCtx,
    work: impl FnOnce(Desk) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (app, actor, site) = (ctx.app.clone(), ctx.actor.clone(), ctx.site);
    blocking(move || work(app.files.of_site(&actor, site)?)).await
}

fn path_of(query: &Query) -> Result<JailPath> {
    JailPath::parse(query.get("path").unwrap_or_default())
}

/// A page of a folder.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let path = path_of(&query)?;
    let number = |name, most: usize, usual: usize| -> Result<usize> {
        let number = query.number(name)?;
        Ok(number.map_or(usual, |n| usize::try_from(n).unwrap_or(0)).min(most))
    };
    let sort = match query.get("sort") {
        None | Some("name") => Sort::Name,
        Some("size") => Sort::Size,
        Some("modified") => Sort::Modified,
        Some("type") => Sort::Type,
        Some(_) => return Err(Error::invalid("sort", Code::NotAllowed, "name, size, modified, type").into()),
    };
    let options = ListOptions {
        sort,
        descending: query.get("order") == Some("desc"),
        skip: number("skip", usize::MAX, 0)?,
        take: number("limit", MOST, 100)?,
        containing: query.get("q").map(str::to_owned),
        hidden: true,
    };
    let folder = path.clone();
    let page = on(&ctx, move |files| files.list(&folder, &options)).await?;
    let items = page.entries.iter().map(|entry| Ok(FileView::of(&path.join(&entry.name)?, &entry.metadata)));
    let view = FolderView { items: items.collect::<Result<_>>()?, total: page.total };
    Ok(ok(&view, None)?)
}

/// Names and lines that hold some words.
pub async fn search(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(SEARCH)?;
    let path = path_of(&query)?;
    let place = query.get("in").unwrap_or("names");
    let words = Words {
        text: query.get("q").unwrap_or_default().to_owned(),
        in_names: place != "contents",
        in_contents: place != "names",
        ..Words::default()
    };
    let found = on(&ctx, move |files| files.search(&path, &words)).await?;
    let hit = |hit: service::Hit| HitView { path: hit.path.to_string(), line: hit.line, text: hit.text };
    let items = found.hits.into_iter().map(hit).collect();
    Ok(ok(&FoundView { items, is_complete: found.is_complete }, None)?)
}

/// A file's bytes; a part of them where one is asked for.
pub async fn read(ctx: ApiCtx, request: HttpRequest) -> ApiReply {
    let path = path_of(&ctx.query(PATH)?)?;
    let opened = on(&ctx, move |files| files.open(&path)).await?;
    let tag = opened.metadata.etag();
    let how = How { served: UNKNOWN, name: "file".to_owned(), tag, keep: "private, no-cache", vary: None };
    Ok(answer::file(&request, opened.file, &how).await?)
}

/// Writes a file: the body is its bytes.
pub async fn put(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let query = ctx.query(PUT)?;
    let (path, clash) = (path_of(&query)?, Clash::by_name(query.get("exists").unwrap_or("refuse"))?);
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    let matched = ctx.header("if-match").map(plain);
    let none = ctx.header("if-none-match").is_some_and(|tag| tag.trim() == "*");
    let mut put = on(&ctx, move |files| {
        let matched = match matched.as_deref() {
            // Whatever stands there, if something does.
            Some("*") => match files.metadata(&path) {
                Err(e) if e.as_code() == Code::NotFound => return Err(Error::code(Code::PreconditionFailed)),
                there => Some(there?.etag()),
            },
            matched => matched.map(str::to_owned),
        };
        let known = if none { Some(None) } else { matched.as_deref().map(Some) };
        files.put(&path, clash, known)
    })
    .await?;
    let most = ctx.app.config.limits.import_mb.saturating_mul(1_000_000);
    let rules = BodyRules { total: LONGEST, ..BodyRules::up_to(most) };
    let mut body = GuardedBody::new(payload, rules);
    let mut gathered = BytesMut::new();
    loop {
        let chunk = body.next().await.transpose().map_err(|e| refusal(&e, rules))?;
        let end = chunk.is_none();
        gathered.extend_from_slice(&chunk.unwrap_or_default());
        if gathered.len() >= GATHER || (end && !gathered.is_empty()) {
            let bytes = gathered.split().freeze();
            put = blocking(move || put.write(&bytes).map(|()| put)).await?;
        }
        if end {
            break;
        }
    }
    let (path, about) = blocking(move || put.finish()).await?;
    Ok(ok(&FileView::of(&path, &about), None)?)
}

/// What the account's files take.
pub async fn room(ctx: ApiCtx) -> ApiReply {
    let room: Room = on(&ctx, |files| files.room()).await?;
    let Room { used_bytes, used_files, most_bytes, most_files } = room;
    Ok(ok(&RoomView { used_bytes, used_files, most_bytes, most_files }, None)?)
}

/// Which folders take the space, as it was seen last or, with `fresh=true`, anew.
pub async fn largest(ctx: ApiCtx) -> ApiReply {
    let anew = ctx.query(SPACE)?.get("fresh") == Some("true");
    let largest = on(&ctx, move |files| files.largest(anew)).await?;
    let items = largest.folders.iter().map(|one| FolderSizeView {
        path: one.path.to_string(),
        bytes: one.bytes,
        files: one.files,
        is_whole: one.is_whole,
    });
    Ok(ok(&SpaceView { items: items.collect(), seen_at: largest.seen_at.rfc3339() }, None)?)
}

/// What lies in the trash.
pub async fn trashed(ctx: ApiCtx) -> ApiReply {
    let before = ctx.query(&["before"])?.number("before")?.unwrap_or(0);
    let all = on(&ctx, move |files| files.trashed(before, 200)).await?;
    let items = all.into_iter().map(|one| TrashedView {
        id: one.id,
        path: one.path,
        kind: one.kind,
        bytes: one.bytes,
        deleted_by: one.deleted_by,
        deleted_at: one.deleted_at.rfc3339(),
    });
    Ok(ok(&TrashView { items: items.collect() }, None)?)
}

/// States that a text file had.
pub async fn versions(ctx: ApiCtx) -> ApiReply {
    let path = path_of(&ctx.query(PATH)?)?;
    let all = on(&ctx, move |files| files.versions(&path)).await?;
    let items = all.into_iter().map(|one| StateView {
        id: one.id,
        bytes: one.bytes,
        made_by: one.made_by,
        made_at: one.made_at.rfc3339(),
    });
    Ok(ok(&VersionsView { items: items.collect() }, None)?)
}

/// How far an upload is.
pub async fn upload(ctx: ApiCtx) -> ApiReply {
    let id: i64 = ctx.id("id", "upload")?;
    let upload = on(&ctx, move |files| files.upload(id)).await?;
    Ok(ok(&UploadView::from(upload), None)?)
}

/// The next piece of an upload. What came before the line broke stays.
pub async fn piece(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id: i64 = ctx.id("id", "upload")?;
    let offset = ctx.query(&["offset"])?.number("offset")?.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    let mut piece = on(&ctx, move |files| files.piece(id, offset)).await?;
    let most = ctx.app.config.limits.import_mb.saturating_mul(1_000_000);
    let rules = BodyRules { total: LONGEST, ..BodyRules::up_to(most) };
    let mut body = GuardedBody::new(payload, rules);
    let (mut gathered, mut broke) = (BytesMut::new(), None);
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
        if end {
            break;
        }
    }
    if let Some(e) = broke {
        return Err(e.into());
    }
    let upload = on(&ctx, move |files| files.upload(id)).await?;
    Ok(ok(&UploadView::from(upload), None)?)
}
