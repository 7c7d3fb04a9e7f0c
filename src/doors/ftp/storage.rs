//! The files of a guest as FTP sees them.

use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use freehold_base::{Code, Error, JailPath, Result};
use freehold_host::account_dir::{Create, Kind, Metadata, OpenedFile, Replace, WriteOptions};
use freehold_hosting::access::tree::path_from_top;
use freehold_hosting::access::{Lease, Tree};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio_util::io::StreamReader;
use unftp_core::storage::{self, ErrorKind, FEATURE_RESTART, Fileinfo, Permissions, StorageBackend};

use super::FtpUser;

/// Bytes of one read or write.
const PIECE: usize = 512 << 10;

/// How long a client may go on to send what was refused.
const HEAR_OUT: Duration = Duration::from_secs(10);

/// Everything comes from the user: this holds nothing.
#[derive(Clone, Copy, Debug)]
pub struct Files;

/// What is known of a name.
#[derive(Clone, Debug)]
pub struct Meta(Metadata);

impl storage::Metadata for Meta {
    fn len(&self) -> u64 {
        self.0.bytes
    }
    fn is_dir(&self) -> bool {
        self.0.kind == Kind::Folder
    }
    fn is_file(&self) -> bool {
        self.0.kind == Kind::File
    }
    fn is_symlink(&self) -> bool {
        self.0.kind == Kind::Link
    }
    fn modified(&self) -> storage::Result<SystemTime> {
        Ok(UNIX_EPOCH + Duration::from_nanos(u64::try_from(self.0.modified_ns).unwrap_or(0)))
    }
    fn gid(&self) -> u32 {
        0
    }
    fn uid(&self) -> u32 {
        0
    }
    fn permissions(&self) -> Permissions {
        Permissions(u32::from(self.0.mode))
    }
}

/// Our refusal in the words of the protocol.
fn refused(e: Error) -> storage::Error {
    let kind = match e.as_code() {
        Code::NotFound => ErrorKind::PermanentFileNotAvailable,
        Code::Denied | Code::SignInRequired => ErrorKind::PermissionDenied,
        Code::QuotaExceeded => ErrorKind::ExceededStorageAllocationError,
        Code::DiskFull => ErrorKind::InsufficientStorageSpaceError,
        Code::Malformed | Code::TooLong => ErrorKind::FileNameNotAllowedError,
        Code::AlreadyExists | Code::WrongState => ErrorKind::PermanentFileNotAvailable,
        Code::Internal => {
            tracing::error!("ftp: {e}");
            ErrorKind::LocalError
        }
        _ => ErrorKind::LocalError,
    };
    storage::Error::new(kind, e)
}

/// A path from the top. Lists are text: a name that is none comes as its list showed it, or as its bytes.
fn path_of(path: &Path) -> Result<JailPath> {
    let mut at = JailPath::root();
    for name in path_from_top(path.as_os_str().as_bytes())?.names() {
        let shown = std::str::from_utf8(name).ok().and_then(|text| at.join(text).ok());
        at = shown.map_or_else(|| at.join_disk(name), Ok)?;
    }
    Ok(at)
}

/// Runs one step on a path, on a thread that may wait for the disk.
async fn on<T: Send + 'static>(
    user: &FtpUser,
    path: &Path,
    work: impl FnOnce(&Tree, &JailPath) -> Result<T> + Send + 'static,
) -> storage::Result<T> {
    let (guest, path) = (user.guest(), path_of(path));
    blocking(move || work(&guest.tree()?, &path?)).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> storage::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| storage::Error::new(ErrorKind::LocalError, e))?.map_err(refused)
}

/// Writes what comes into a file, from `start` on; gives how many bytes came.
async fn store<R: AsyncRead + Unpin>(user: &FtpUser, input: &mut R, path: &Path, start: u64) -> storage::Result<u64> {
    let options = WriteOptions { create: Create::IfMissing, truncate: start == 0, ..Default::default() };
    let (file, lease) = on(user, path, move |tree, path| {
        let file = tree.open_write(path, options)?;
        // An upload that goes on begins where the last one ended: what is behind that goes.
        if start > 0 && file.metadata()?.bytes > start {
            file.set_len(start)?;
        }
        Ok((file, tree.lease(path)?))
    })
    .await?;
    let file = Arc::new(file);
    let mut at = start;
    loop {
        let mut buffer = Vec::with_capacity(PIECE);
        // One piece at a time: what comes meanwhile waits in the socket.
        let n = (&mut *input).take(PIECE as u64).read_to_end(&mut buffer).await?;
        if n == 0 {
            return Ok(at - start);
        }
        let (file, right) = (Arc::clone(&file), lease.clone());
        blocking(move || {
            right.check_write()?;
            file.write_at(at, &buffer)
        })
        .await?;
        lease.count(n);
        at += n as u64;
    }
}

/// Takes what still comes of a file that was refused, while the refusal goes out on the other connection. A client whose
/// data connection ends before it looked there takes that for a fault of the network and begins again (lftp does, for as
/// long as it gets bytes out).
async fn hear_out(mut input: impl AsyncRead + Unpin) {
    let rest = async { tokio::io::copy(&mut input, &mut tokio::io::sink()).await };
    let _ = tokio::time::timeout(HEAR_OUT, rest).await;
}

fn missing() -> Error {
    Error::not_found("file or folder")
}

/// A file as a stream of pieces, each read when it is wanted.
fn stream(file: OpenedFile, lease: Lease, from: u64) -> Box<dyn AsyncRead + Send + Sync + Unpin> {
    let file = Arc::new(file);
    let pieces = futures_util::stream::unfold(from, move |at| {
        let (file, lease) = (Arc::clone(&file), lease.clone());
        let read = tokio::task::spawn_blocking(move || -> io::Result<Bytes> {
            lease.check().map_err(io::Error::other)?;
            let mut buffer = vec![0; PIECE];
            let n = file.file.read_at(&mut buffer, at)?;
            buffer.truncate(n);
            lease.count(n);
            Ok(Bytes::from(buffer))
        });
        async move {
            let bytes = read.await.unwrap_or_else(|e| Err(io::Error::other(e)));
            match bytes {
                Ok(bytes) if bytes.is_empty() => None,
                Ok(bytes) => {
                    let next = at + bytes.len() as u64;
                    Some((Ok(bytes), next))
                }
                Err(e) => Some((Err(e), at)),
            }
        }
    });
    Box::new(StreamReader::new(Box::pin(pieces)))
}

#[async_trait]
impl StorageBackend<FtpUser> for Files {
    type Metadata = Meta;

    fn supported_features(&self) -> u32 {
        FEATURE_RESTART
    }

    async fn metadata<P: AsRef<Path> + Send + std::fmt::Debug>(
        &self,
        user: &FtpUser,
        path: P,
    ) -> storage::Result<Meta> {
        on(user, path.as_ref(), |tree, path| {
            let about = tree.metadata(path)?;
            if matches!(about.kind, Kind::Link | Kind::Other) { Err(missing()) } else { Ok(Meta(about)) }
        })
        .await
    }

    async fn list<P: AsRef<Path> + Send + std::fmt::Debug>(
        &self,
        user: &FtpUser,
        path: P,
    ) -> storage::Result<Vec<Fileinfo<PathBuf, Meta>>> {
        on(user, path.as_ref(), |tree, path| {
            let shown = |kind| matches!(kind, Kind::File | Kind::Folder);
            let rows = tree.list(path)?.into_iter().filter(|node| shown(node.metadata.kind));
            Ok(rows.map(|n| Fileinfo { path: PathBuf::from(n.name), metadata: Meta(n.metadata) }).collect())
        })
        .await
    }

    async fn get<P: AsRef<Path> + Send + std::fmt::Debug>(
        &self,
        user: &FtpUser,
        path: P,
        start_pos: u64,
    ) -> storage::Result<Box<dyn AsyncRead + Send + Sync + Unpin>> {
        let open = |tree: &Tree, path: &JailPath| Ok((tree.open_read(path)?, tree.lease(path)?));
        let (file, lease) = on(user, path.as_ref(), open).await?;
        Ok(stream(file, lease, start_pos))
    }

    async fn put<P: AsRef<Path> + Send + std::fmt::Debug, R: AsyncRead + Send + Sync + Unpin + 'static>(
        &self,
        user: &FtpUser,
        mut input: R,
        path: P,
        start_pos: u64,
    ) -> storage::Result<u64> {
        let stored = store(user, &mut input, path.as_ref(), start_pos).await;
        if stored.is_err() {
            tokio::spawn(hear_out(input));
        }
        stored
    }

    async fn del<P: AsRef<Path> + Send + std::fmt::Debug>(&self, user: &FtpUser, path: P) -> storage::Result<()> {
        on(user, path.as_ref(), |tree, path| tree.remove_file(path)).await
    }

    async fn mkd<P: AsRef<Path> + Send + std::fmt::Debug>(&self, user: &FtpUser, path: P) -> storage::Result<()> {
        on(user, path.as_ref(), |tree, path| tree.make_folder(path)).await
    }

    async fn rename<P: AsRef<Path> + Send + std::fmt::Debug>(
        &self,
        user: &FtpUser,
        from: P,
        to: P,
    ) -> storage::Result<()> {
        let to = path_of(to.as_ref()).map_err(refused)?;
        on(user, from.as_ref(), move |tree, from| tree.rename(from, &to, Replace::Yes)).await
    }

    async fn rmd<P: AsRef<Path> + Send + std::fmt::Debug>(&self, user: &FtpUser, path: P) -> storage::Result<()> {
        on(user, path.as_ref(), |tree, path| tree.remove_folder(path)).await
    }

    async fn cwd<P: AsRef<Path> + Send + std::fmt::Debug>(&self, user: &FtpUser, path: P) -> storage::Result<()> {
        on(user, path.as_ref(), |tree, path| match tree.metadata(path)?.kind {
            Kind::Folder => Ok(()),
            _ => Err(missing()),
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_text_is_found_by_what_its_list_shows() {
        let raw = JailPath::root().join_disk(b"caf\xe9 menu").unwrap();
        let shown = raw.name();
        assert_eq!(path_of(Path::new(&format!("/{shown}"))).unwrap(), raw);
        assert_eq!(path_of(Path::new(std::ffi::OsStr::from_bytes(b"/caf\xe9 menu"))).unwrap(), raw);
        assert_eq!(path_of(Path::new("/a/../b c")).unwrap().to_string(), "b c");
    }
}
