//! What the pages of files ask of the service. TEMPORARY: over the bare folder, until the service is there.

use std::collections::HashMap;
use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use freehold_base::{Capability, Code, Error, JailPath, OrInternal as _, Result, Timestamp};
use freehold_host::account_dir::{
    AccountDir, AccountDirs, Create, Kind, Links, Metadata, Next, Part, Replace, Room, Unmetered, WriteOptions, Writer,
};
use freehold_host::files::Reserve;
use serde::Serialize;

use crate::panel::build_frame::{Moment, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::frame::TimeView;
use crate::panel::jobs::one::JobCard;
use crate::web::multipart::blocking;

pub const LINKS: Links = Links::Refuse;
pub const ENCODINGS: &[(&str, &str)] = &[("utf-8", "UTF-8"), ("windows-1252", "Western (Windows-1252)")];
pub const ENDS: &[(&str, &str)] = &[("lf", "LF (Unix)"), ("crlf", "CRLF (Windows)")];

pub struct Desk {
    pub dir: AccountDir,
    pub site_root: JailPath,
    pub can_write: bool,
    pub now: Moment,
    pub room: Room,
}

impl Desk {
    pub fn served_at(&self, _: &JailPath) -> Option<(String, String)> {
        None
    }
}

static DIRS: OnceLock<AccountDirs> = OnceLock::new();
static TRASH: Mutex<Vec<Trashed>> = Mutex::new(Vec::new());
static UPLOADS: OnceLock<Mutex<HashMap<String, (JailPath, u64, Exists)>>> = OnceLock::new();

fn uploads() -> std::sync::MutexGuard<'static, HashMap<String, (JailPath, u64, Exists)>> {
    UPLOADS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

pub async fn reading(ctx: &Ctx) -> Result<Desk> {
    let site = ctx.site;
    let (account, can_write, now) = ctx
        .read(move |tx| {
            let scope = tx.authorize(site, Capability::FilesRead)?;
            Ok((scope.account(), scope.has(Capability::FilesWrite), Moment::at(tx, site)?))
        })
        .await?;
    let data = ctx.app.config.data.clone();
    blocking(move || {
        let dirs = DIRS.get_or_init(|| {
            AccountDirs::new(&Path::new(&data).join("accounts"), Reserve { percent: 0 }, std::sync::Arc::new(Unmetered))
        });
        let dir = dirs.open(account)?;
        let room = dir.room()?;
        Ok(Desk { dir, site_root: JailPath::root(), can_write, now, room })
    })
    .await
}

pub async fn jobs(_: &Ctx) -> Result<Vec<JobCard>> {
    Ok(Vec::new())
}
pub async fn trash_count(_: &Ctx) -> Result<i64> {
    Ok(TRASH.lock().unwrap_or_else(PoisonError::into_inner).len() as i64)
}

#[derive(Serialize)]
pub struct VersionView {
    at: TimeView,
    by: String,
    note: String,
    current: bool,
    compare_href: String,
    value: String,
}
impl VersionView {
    pub fn is(&self, version: &str) -> bool {
        self.value == version
    }
    pub fn words(&self) -> (String, String) {
        (self.at.text.clone(), self.by.clone())
    }
}
pub async fn versions(_: &Ctx, _: &JailPath) -> Result<Vec<VersionView>> {
    let _ = |at, now: Moment| time_view(at, now);
    Ok(Vec::new())
}

pub struct FoundHit {
    pub path: JailPath,
    pub metadata: Metadata,
    pub line: String,
}
pub struct FoundAll {
    pub hits: Vec<FoundHit>,
    pub cut: bool,
}
pub fn search(dir: &AccountDir, folder: &JailPath, text: &str, _: bool) -> Result<FoundAll> {
    let mut hits = Vec::new();
    let wanted = text.to_lowercase();
    dir.walk(folder, &mut |path, metadata| {
        if path.name().to_lowercase().contains(&wanted) {
            hits.push(FoundHit { path: path.clone(), metadata: *metadata, line: String::new() });
        }
        Ok(Next::On)
    })?;
    Ok(FoundAll { hits, cut: false })
}
pub fn zip(_: &AccountDir, _: &JailPath, _: &[JailPath], mut out: impl Write) -> Result<()> {
    out.write_all(b"PK").or_internal("zip")
}

async fn on<T: Send + 'static>(ctx: &Ctx, f: impl FnOnce(AccountDir) -> Result<T> + Send + 'static) -> Result<T> {
    let desk = reading(ctx).await?;
    blocking(move || f(desk.dir)).await
}

pub async fn make(ctx: &Ctx, path: JailPath, folder: bool) -> Result<()> {
    on(
        ctx,
        move |dir| {
            if folder { dir.make_folder(&path) } else { dir.create(&path, Replace::No, 0o644)?.finish().map(|_| ()) }
        },
    )
    .await
}
pub async fn make_folders(ctx: &Ctx, path: JailPath) -> Result<()> {
    on(ctx, move |dir| dir.make_folders(&path)).await
}
pub async fn rename(ctx: &Ctx, from: JailPath, to: JailPath) -> Result<()> {
    on(ctx, move |dir| dir.rename(&from, &to, Replace::No)).await
}
pub async fn copy(ctx: &Ctx, from: JailPath, to: JailPath) -> Result<()> {
    on(ctx, move |dir| dir.copy_tree(&from, &to, &mut |_| Ok(()))).await
}
pub async fn trash(ctx: &Ctx, path: JailPath) -> Result<i64> {
    on(ctx, move |dir| {
        let metadata = dir.metadata(&path, LINKS)?;
        let mut all = TRASH.lock().unwrap_or_else(PoisonError::into_inner);
        let id = all.iter().map(|t| t.id).max().unwrap_or(0) + 1;
        dir.move_to(&path, &dir.part(Part::Trash), &JailPath::parse(&format!("t{id}"))?, Replace::No)?;
        all.insert(
            0,
            Trashed {
                id,
                name: path.name(),
                kind: metadata.kind,
                was: path.parent().unwrap_or_default().to_string(),
                bytes: metadata.bytes,
                at: Timestamp(1_795_000_000_000),
                gone: Timestamp(1_797_000_000_000),
                by: String::new(),
            },
        );
        Ok(id)
    })
    .await
}
pub async fn set_mode(ctx: &Ctx, path: JailPath, mode: u16, _: bool) -> Result<()> {
    on(ctx, move |dir| dir.set_mode(&path, mode)).await
}
pub async fn restore_version(_: &Ctx, _: JailPath, _: String) -> Result<()> {
    Err(Error::not_found("version"))
}
pub async fn pack(_: &Ctx, _: &JailPath, _: Vec<JailPath>, _: &str) -> Result<()> {
    Ok(())
}
pub async fn unpack(_: &Ctx, _: JailPath, _: JailPath) -> Result<()> {
    Ok(())
}

#[derive(Clone)]
pub struct Text {
    pub text: String,
    pub etag: String,
    pub encoding: String,
    pub end: String,
    pub why_read_only: String,
}
pub async fn read_text(ctx: &Ctx, path: JailPath) -> Result<Text> {
    on(ctx, move |dir| {
        let opened = dir.open_read(&path, LINKS)?;
        let mut text = String::new();
        (&opened.file).read_to_string(&mut text).or_internal("reading")?;
        let end = if text.contains("\r\n") { "crlf" } else { "lf" };
        Ok(Text {
            text: text.replace("\r\n", "\n"),
            etag: opened.metadata.etag(),
            encoding: "utf-8".into(),
            end: end.into(),
            why_read_only: String::new(),
        })
    })
    .await
}
pub async fn write_text(ctx: &Ctx, path: JailPath, text: Text) -> Result<String> {
    on(ctx, move |dir| {
        let now = dir.metadata(&path, LINKS).ok();
        if now.map(|m| m.etag()).unwrap_or_default() != text.etag {
            return Err(Error::code(Code::VersionConflict));
        }
        let mut writer = dir.create(&path, Replace::Only(now), 0o644)?;
        let text = if text.end == "crlf" { text.text.replace('\n', "\r\n") } else { text.text };
        writer.write(text.as_bytes())?;
        Ok(writer.finish()?.etag())
    })
    .await
}
pub async fn text_of(_: &Ctx, _: JailPath, _: &str) -> Result<Option<String>> {
    Ok(None)
}
pub async fn last_writer(_: &Ctx, _: &JailPath) -> Result<String> {
    Ok(String::new())
}
pub async fn version_text(_: &Ctx, _: JailPath, _: String) -> Result<String> {
    Err(Error::not_found("version"))
}

#[derive(Clone)]
pub struct Trashed {
    pub id: i64,
    pub name: String,
    pub kind: Kind,
    pub was: String,
    pub bytes: u64,
    pub at: Timestamp,
    pub gone: Timestamp,
    pub by: String,
}
pub async fn trashed(_: &Ctx, before: i64, most: i64) -> Result<(Vec<Trashed>, i64)> {
    let all = TRASH.lock().unwrap_or_else(PoisonError::into_inner);
    let some = all.iter().filter(|t| before == 0 || t.id < before).take(most as usize).cloned().collect();
    Ok((some, all.len() as i64))
}
pub async fn trashed_name(_: &Ctx, id: i64) -> String {
    let all = TRASH.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().find(|t| t.id == id).map(|t| t.name.clone()).unwrap_or_default()
}
fn untrash(id: i64) -> Result<Trashed> {
    let mut all = TRASH.lock().unwrap_or_else(PoisonError::into_inner);
    let at = all.iter().position(|t| t.id == id).ok_or_else(|| Error::not_found("thing in the trash"))?;
    Ok(all.remove(at))
}
pub async fn restore_trashed(ctx: &Ctx, id: i64) -> Result<()> {
    on(ctx, move |dir| {
        let item = untrash(id)?;
        let to = JailPath::parse(&item.was)?.join(&item.name)?;
        dir.part(Part::Trash).move_to(&JailPath::parse(&format!("t{id}"))?, &dir, &to, Replace::No)
    })
    .await
}
pub async fn delete_trashed(ctx: &Ctx, id: i64) -> Result<()> {
    on(ctx, move |dir| {
        untrash(id)?;
        dir.part(Part::Trash).remove_tree(&JailPath::parse(&format!("t{id}"))?)
    })
    .await
}
pub async fn empty_trash(ctx: &Ctx) -> Result<()> {
    let ids: Vec<i64> = TRASH.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|t| t.id).collect();
    for id in ids {
        delete_trashed(ctx, id).await?;
    }
    Ok(())
}

pub struct Problem {
    pub path: JailPath,
    pub what: &'static str,
    pub tone: &'static str,
    pub why: String,
    pub remedy: String,
}
pub struct Problems {
    pub problems: Vec<Problem>,
    pub cut: bool,
}
pub async fn problems(ctx: &Ctx) -> Result<Problems> {
    on(ctx, |dir| {
        let mut problems = Vec::new();
        dir.walk(&JailPath::root(), &mut |path, metadata| {
            if metadata.mode & 0o002 != 0 && metadata.kind != Kind::Link {
                problems.push(Problem {
                    path: path.clone(),
                    what: "Anybody may change it",
                    tone: "bad",
                    why: format!("Permission {:03o}", metadata.mode),
                    remedy: "Only you may change it".into(),
                });
            }
            Ok(Next::On)
        })?;
        Ok(Problems { problems, cut: false })
    })
    .await
}
pub async fn repair(ctx: &Ctx, path: JailPath) -> Result<()> {
    on(ctx, move |dir| {
        let mode = dir.metadata(&path, LINKS)?.mode;
        dir.set_mode(&path, mode & !0o022)
    })
    .await
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Exists {
    Ask,
    Replace,
    Both,
    Skip,
}
pub struct Upload {
    pub id: String,
    pub offset: u64,
    pub bytes: u64,
}
pub async fn begin_upload(ctx: &Ctx, path: JailPath, bytes: u64, exists: Exists) -> Result<Option<Upload>> {
    on(ctx, move |dir| {
        if dir.metadata(&path, LINKS).is_ok() {
            match exists {
                Exists::Ask => return Err(Error::refused(Code::AlreadyExists, path.name())),
                Exists::Skip => return Ok(None),
                Exists::Both | Exists::Replace => {}
            }
        }
        let mut all = uploads();
        let id = format!("u{}", all.len() + 1);
        let at = JailPath::parse(&id)?;
        dir.part(Part::Run).open_write(&at, WriteOptions { create: Create::New, truncate: false, mode: 0o600 })?;
        all.insert(id.clone(), (path, bytes, exists));
        Ok(Some(Upload { id, offset: 0, bytes }))
    })
    .await
}
pub async fn find_upload(ctx: &Ctx, id: &str) -> Result<Upload> {
    let id = id.to_owned();
    on(ctx, move |dir| {
        let bytes = uploads().get(&id).ok_or_else(|| Error::not_found("upload"))?.1;
        let offset = dir.part(Part::Run).metadata(&JailPath::parse(&id)?, LINKS)?.bytes;
        Ok(Upload { id, offset, bytes })
    })
    .await
}
pub async fn write_upload(ctx: &Ctx, id: &str, at: u64, bytes: Bytes) -> Result<u64> {
    let id = id.to_owned();
    on(ctx, move |dir| {
        let file = dir.part(Part::Run).open_write(&JailPath::parse(&id)?, WriteOptions::default())?;
        file.write_at(at, &bytes)?;
        Ok(at + bytes.len() as u64)
    })
    .await
}
pub async fn finish_upload(ctx: &Ctx, id: &str) -> Result<()> {
    let id = id.to_owned();
    on(ctx, move |dir| {
        let (path, _, exists) = uploads().remove(&id).ok_or_else(|| Error::not_found("upload"))?;
        if let Some(parent) = path.parent() {
            dir.make_folders(&parent)?;
        }
        let replace = if exists == Exists::Replace { Replace::Yes } else { Replace::No };
        dir.part(Part::Run).move_to(&JailPath::parse(&id)?, &dir, &path, replace)?;
        dir.set_mode(&path, 0o644)
    })
    .await
}
pub async fn drop_upload(ctx: &Ctx, id: &str) -> Result<()> {
    let id = id.to_owned();
    on(ctx, move |dir| {
        uploads().remove(&id);
        dir.part(Part::Run).remove_file(&JailPath::parse(&id)?)
    })
    .await
}

pub struct Incoming(Writer);
impl Incoming {
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write(bytes)
    }
}
pub async fn create(ctx: &Ctx, path: JailPath) -> Result<Incoming> {
    on(ctx, move |dir| {
        if let Some(parent) = path.parent() {
            dir.make_folders(&parent)?;
        }
        Ok(Incoming(dir.create(&path, Replace::No, 0o644)?))
    })
    .await
}
pub async fn created(_: &Ctx, incoming: Incoming) -> Result<()> {
    blocking(move || incoming.0.finish().map(|_| ())).await
}

/// Stands for the service's words.
pub mod access {
    use freehold_base::JailPath;
    use freehold_host::account_dir::Kind;
    pub fn never_served(path: &JailPath) -> Option<&'static str> {
        path.is_hidden().then_some("its name begins with a dot")
    }
    pub fn readable_by(mode: u16, _: Kind) -> &'static str {
        if mode & 0o004 != 0 { "Everyone" } else { "Only you" }
    }
    pub fn in_words(mode: u16, _: Kind) -> &'static str {
        if mode & 0o004 != 0 { "everyone can read" } else { "only you can read" }
    }
}
pub mod text {
    pub fn head(bytes: &[u8]) -> Option<String> {
        if bytes.contains(&0) {
            return None;
        }
        Some(String::from_utf8_lossy(bytes).into_owned())
    }
}
