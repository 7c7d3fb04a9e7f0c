//! The files of a guest as WebDAV sees them.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dav_server::davpath::DavPath;
use dav_server::fs::{
    DavDirEntry, DavFile, DavFileSystem, DavMetaData, DavProp, FsError, FsFuture, FsResult, FsStream, OpenOptions,
    ReadDirMeta,
};
use freehold_base::{Code, Error, JailPath, Result, Timestamp};
use freehold_host::account_dir::{Create, Kind, Metadata, Replace, WriteOptions};
use freehold_hosting::access::{Guest, Node, Tree};
use hyper::http::StatusCode;

use super::file::OpenFile;
use super::moves::Asked;
use super::properties;

/// The files as one request sees them.
#[derive(Clone)]
pub(super) struct Files {
    pub(super) guest: Guest,
    pub(super) tree: Tree,
    /// What the program says of a new file's age (`X-OC-Mtime`).
    pub(super) modified: Option<Timestamp>,
    /// The MOVE or COPY that is done in one step.
    pub(super) carries: Option<Asked>,
}

/// What is known of a name.
#[derive(Clone, Debug)]
pub(super) struct Meta(pub(super) Metadata);

impl DavMetaData for Meta {
    fn len(&self) -> u64 {
        self.0.bytes
    }
    fn modified(&self) -> FsResult<SystemTime> {
        let ns = u64::try_from(self.0.modified_ns).unwrap_or(0);
        Ok(UNIX_EPOCH + Duration::from_nanos(ns))
    }
    fn is_dir(&self) -> bool {
        self.0.kind == Kind::Folder
    }
    fn is_file(&self) -> bool {
        self.0.kind == Kind::File
    }
    fn is_symlink(&self) -> bool {
        matches!(self.0.kind, Kind::Link | Kind::Other)
    }
    fn etag(&self) -> Option<String> {
        Some(self.0.etag())
    }
    fn executable(&self) -> FsResult<bool> {
        Ok(self.0.mode & 0o100 != 0)
    }
}

/// One name of a folder.
struct Entry {
    name: Vec<u8>,
    metadata: Metadata,
}

impl DavDirEntry for Entry {
    fn name(&self) -> Vec<u8> {
        self.name.clone()
    }
    fn metadata(&'_ self) -> FsFuture<'_, Box<dyn DavMetaData>> {
        let meta: Box<dyn DavMetaData> = Box::new(Meta(self.metadata));
        Box::pin(std::future::ready(Ok(meta)))
    }
}

/// A path as it comes, from the top.
pub(super) fn path_of(path: &DavPath) -> Result<JailPath> {
    let names = path.as_bytes().split(|b| *b == b'/').filter(|name| !name.is_empty());
    names.into_iter().try_fold(JailPath::root(), |at, name| at.join_disk(name))
}

/// Our refusal in the words of the protocol.
pub(super) fn refused(e: &Error) -> FsError {
    match e.as_code() {
        Code::NotFound => FsError::NotFound,
        Code::Denied | Code::SignInRequired => FsError::Forbidden,
        Code::AlreadyExists => FsError::Exists,
        Code::QuotaExceeded | Code::DiskFull => FsError::InsufficientStorage,
        Code::TooLong => FsError::PathTooLong,
        Code::TooLarge => FsError::TooLarge,
        Code::WrongState | Code::Malformed => FsError::Forbidden,
        Code::Internal => {
            tracing::error!("webdav: {e}");
            FsError::GeneralFailure
        }
        _ => FsError::GeneralFailure,
    }
}

/// Runs what waits for the disk on a thread that may.
pub(super) fn waiting<'a, T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> FsFuture<'a, T> {
    Box::pin(async move {
        let done = tokio::task::spawn_blocking(work).await.map_err(|_| FsError::GeneralFailure)?;
        done.map_err(|e| refused(&e))
    })
}

impl Files {
    /// Runs one step on a path.
    fn on<'a, T: Send + 'static>(
        &self,
        path: &DavPath,
        work: impl FnOnce(&Tree, &JailPath) -> Result<T> + Send + 'static,
    ) -> FsFuture<'a, T> {
        let (tree, path) = (self.tree.clone(), path_of(path));
        waiting(move || work(&tree, &path?))
    }

    fn on_two<'a, T: Send + 'static>(
        &self,
        (from, to): (&DavPath, &DavPath),
        work: impl FnOnce(&Tree, &JailPath, &JailPath) -> Result<T> + Send + 'static,
    ) -> FsFuture<'a, T> {
        let (tree, from, to) = (self.tree.clone(), path_of(from), path_of(to));
        waiting(move || work(&tree, &from?, &to?))
    }

    /// Whether it stays until it is replaced in one step.
    fn stays(&self, path: &JailPath) -> bool {
        self.carries.as_ref().is_some_and(|asked| asked.to == *path)
    }

    /// Whether its names are none of the library's business: they are carried as a whole.
    fn is_carried(&self, path: &JailPath) -> bool {
        self.carries.as_ref().is_some_and(|asked| asked.from == *path || asked.to == *path)
    }

    fn replace(&self) -> Replace {
        self.carries.as_ref().map_or(Replace::Yes, Asked::replace)
    }

    /// A file, or a folder with all in it, and what was said of them.
    fn copy_whole(&self, from: &JailPath, to: &JailPath) -> Result<()> {
        self.tree.copy(from, to, self.replace())?;
        properties::carry(self, from, to)
    }
}

fn open(files: &Files, path: &JailPath, options: &OpenOptions) -> Result<Box<dyn DavFile>> {
    let tree = &files.tree;
    if !options.write && !options.append {
        return Ok(OpenFile::reading(tree.open_read(path)?, tree.lease(path)?));
    }
    let there = match tree.metadata(path) {
        Ok(about) if about.kind == Kind::Folder => {
            return Err(Error::refused(Code::AlreadyExists, path.name()));
        }
        Ok(about) => Some(about),
        Err(e) if e.as_code() == Code::NotFound => None,
        Err(e) => return Err(e),
    };
    let is_there = there.is_some();
    if is_there && options.create_new {
        return Err(Error::refused(Code::AlreadyExists, path.name()));
    }
    if !is_there && !options.create {
        return Err(Error::not_found("file"));
    }
    if options.truncate {
        let room = tree.room(path)?;
        if let (Some(size), Some(most)) = (options.size, room.most_bytes)
            && size > most
        {
            return Err(Error::refused(Code::QuotaExceeded, "the file is larger than the plan"));
        }
        // What its people closed stays closed.
        let mode = there.filter(|about| about.kind == Kind::File).map_or(0o644, |about| about.mode);
        let file = tree.create(path, mode)?;
        return Ok(OpenFile::whole(file, tree.lease(path)?, options.size, files.modified));
    }
    let file = tree.open_write(path, WriteOptions { create: Create::IfMissing, ..Default::default() })?;
    let at = if options.append { file.metadata()?.bytes } else { 0 };
    Ok(OpenFile::parts(file, tree.lease(path)?, at))
}

impl DavFileSystem for Files {
    fn open<'a>(&'a self, path: &'a DavPath, options: OpenOptions) -> FsFuture<'a, Box<dyn DavFile>> {
        let files = self.clone();
        self.on(path, move |_, path| open(&files, path, &options))
    }

    fn read_dir<'a>(&'a self, path: &'a DavPath, _meta: ReadDirMeta) -> FsFuture<'a, FsStream<Box<dyn DavDirEntry>>> {
        let files = self.clone();
        let listed = self.on(path, move |tree, path| {
            let rows = if files.is_carried(path) { Vec::new() } else { tree.list(path)? };
            Ok(rows.into_iter().filter_map(|node| entry(path, &node)).collect::<Vec<_>>())
        });
        Box::pin(async move {
            let entries = listed.await?.into_iter().map(|e| Ok(Box::new(e) as Box<dyn DavDirEntry>));
            let all: FsStream<Box<dyn DavDirEntry>> = Box::pin(futures_util::stream::iter(entries));
            Ok(all)
        })
    }

    fn metadata<'a>(&'a self, path: &'a DavPath) -> FsFuture<'a, Box<dyn DavMetaData>> {
        self.on(path, |tree, path| {
            let about = tree.metadata(path)?;
            // Where a link leads is not looked at, and a pipe is nothing to transfer.
            if matches!(about.kind, Kind::Link | Kind::Other) {
                return Err(Error::not_found("file or folder"));
            }
            Ok(Box::new(Meta(about)) as Box<dyn DavMetaData>)
        })
    }

    fn symlink_metadata<'a>(&'a self, path: &'a DavPath) -> FsFuture<'a, Box<dyn DavMetaData>> {
        self.on(path, |tree, path| Ok(Box::new(Meta(tree.metadata(path)?)) as Box<dyn DavMetaData>))
    }

    fn create_dir<'a>(&'a self, path: &'a DavPath) -> FsFuture<'a, ()> {
        let files = self.clone();
        self.on(path, move |tree, path| match &files.carries {
            Some(asked) if asked.to == *path => files.copy_whole(&asked.from, path),
            _ => tree.make_folder(path),
        })
    }

    fn remove_dir<'a>(&'a self, path: &'a DavPath) -> FsFuture<'a, ()> {
        let files = self.clone();
        self.on(path, move |tree, path| {
            if files.stays(path) {
                return Ok(());
            }
            tree.remove_folder(path)?;
            properties::forget(&files, path)
        })
    }

    fn remove_file<'a>(&'a self, path: &'a DavPath) -> FsFuture<'a, ()> {
        let files = self.clone();
        self.on(path, move |tree, path| {
            if files.stays(path) {
                return Ok(());
            }
            tree.remove_file(path)?;
            properties::forget(&files, path)
        })
    }

    fn rename<'a>(&'a self, from: &'a DavPath, to: &'a DavPath) -> FsFuture<'a, ()> {
        let files = self.clone();
        self.on_two((from, to), move |tree, from, to| {
            tree.rename(from, to, files.replace())?;
            properties::carry(&files, from, to)?;
            properties::forget(&files, from)
        })
    }

    fn copy<'a>(&'a self, from: &'a DavPath, to: &'a DavPath) -> FsFuture<'a, ()> {
        let files = self.clone();
        self.on_two((from, to), move |_, from, to| files.copy_whole(from, to))
    }

    fn set_modified<'a>(&'a self, path: &'a DavPath, tm: SystemTime) -> FsFuture<'a, ()> {
        let ms = tm.duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(0));
        self.on(path, move |tree, path| tree.set_times(path, Timestamp(ms)))
    }

    fn set_accessed<'a>(&'a self, _path: &'a DavPath, _tm: SystemTime) -> FsFuture<'a, ()> {
        Box::pin(std::future::ready(Ok(()))) // nobody keeps it
    }

    fn have_props<'a>(&'a self, _path: &'a DavPath) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(std::future::ready(true))
    }

    fn patch_props<'a>(
        &'a self,
        path: &'a DavPath,
        patch: Vec<(bool, DavProp)>,
    ) -> FsFuture<'a, Vec<(StatusCode, DavProp)>> {
        let files = self.clone();
        self.on(path, move |_, path| properties::patch(&files, path, patch))
    }

    fn get_props<'a>(&'a self, path: &'a DavPath, do_content: bool) -> FsFuture<'a, Vec<DavProp>> {
        let files = self.clone();
        self.on(path, move |_, path| properties::all(&files, path, do_content))
    }

    fn get_prop<'a>(&'a self, path: &'a DavPath, prop: DavProp) -> FsFuture<'a, Vec<u8>> {
        let files = self.clone();
        self.on(path, move |_, path| properties::one(&files, path, &prop))
    }

    fn get_quota(&'_ self) -> FsFuture<'_, (u64, Option<u64>)> {
        let tree = Arc::new(self.tree.clone());
        waiting(move || {
            let room = tree.room(&JailPath::root())?;
            Ok((room.used_bytes, room.most_bytes))
        })
    }
}

fn entry(folder: &JailPath, node: &Node) -> Option<Entry> {
    let path = folder.join(&node.name).ok()?;
    let name = path.split()?.1.to_vec();
    // Links and pipes are not shown: nothing can be done with them here.
    matches!(node.metadata.kind, Kind::File | Kind::Folder).then_some(Entry { name, metadata: node.metadata })
}
