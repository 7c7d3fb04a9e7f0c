//! Requests of one session, answered one after the other in the order they came, as OpenSSH's server does: programs
//! that send many at once get their pace from batches, not from disorder. Waits for the disk.

use std::collections::HashMap;
use std::os::unix::fs::FileExt as _;

use bytes::Bytes;
use freehold_base::{Code, Error, JailPath, Result, Timestamp};
use freehold_host::account_dir::{Create, Kind, OpenedFile, Replace, WriteFile, WriteOptions};
use freehold_hosting::access::tree::path_from_top as path_of;
use freehold_hosting::access::{Guest, Lease, Names, Node, Seat, Tree};

use super::wire::{Attributes, DATA_MAX, HANDLES_MAX, Malformed, PACKET_MAX, Replies, Request, Status, flags};

/// Names of one answer to a read of a folder.
const NAMES: usize = 100;
/// Bytes of a block, for figures of space.
const BLOCK: u64 = 4096;
/// Blocks of an account without a limit: a petabyte.
const NO_LIMIT: u64 = (1 << 50) / BLOCK;

/// The open handles of a session.
#[derive(Debug)]
pub struct Files {
    guest: Guest,
    handles: HashMap<u32, (Handle, Seat)>,
    next: u32,
}

#[derive(Debug)]
enum Handle {
    Reads { path: JailPath, file: OpenedFile, lease: Lease },
    Writes { path: JailPath, file: WriteFile, appends: bool, lease: Lease },
    Lists { path: JailPath, names: Names },
}

/// A request with its number, as it came.
pub type Numbered = (u32, std::result::Result<Request, Malformed>);

impl Files {
    /// Nothing is open yet.
    pub fn new(guest: Guest) -> Self {
        Self { guest, handles: HashMap::new(), next: 0 }
    }

    /// Answers requests in their order; `false` where the session is over.
    pub fn answer(&mut self, requests: Vec<Numbered>, out: &mut Replies) -> bool {
        for (id, request) in requests {
            let tree = match self.guest.tree() {
                Ok(tree) => tree,
                Err(e) => {
                    out.status(id, Status::ConnectionLost, &e.sentence());
                    return false;
                }
            };
            match request {
                Err(Malformed) => out.status(id, Status::BadMessage, "this request cannot be read"),
                Ok(request) => {
                    if let Err(e) = self.one(&tree, id, request, out) {
                        refuse(id, &e, out);
                    }
                }
            }
        }
        true
    }

    fn one(&mut self, tree: &Tree, id: u32, request: Request, out: &mut Replies) -> Result<()> {
        match request {
            Request::Init => out.version(),
            Request::Open(path, how, attributes) => {
                let handle = open(tree, path_of(&path)?, how, &attributes)?;
                self.keep(id, handle, out)?;
            }
            Request::OpenDir(path) => {
                let path = path_of(&path)?;
                let names = tree.read_folder(&path)?;
                self.keep(id, Handle::Lists { path, names }, out)?;
            }
            Request::Close(handle) => {
                self.handles.remove(&number(&handle)).ok_or_else(no_handle)?;
                done(id, out);
            }
            Request::Read(handle, offset, length) => self.read(id, &handle, offset, length, out)?,
            Request::Write(handle, offset, data) => {
                self.write(&handle, offset, &data)?;
                done(id, out);
            }
            Request::ReadDir(handle) => self.read_names(tree, id, &handle, out)?,
            Request::FStat(handle) => match self.handle(&handle)? {
                Handle::Reads { file, .. } => out.attributes(id, &file.metadata),
                Handle::Writes { file, .. } => out.attributes(id, &file.metadata()?),
                Handle::Lists { path, .. } => out.attributes(id, &tree.metadata(path)?),
            },
            Request::FSetStat(handle, attributes) => {
                let path = match self.handle(&handle)? {
                    Handle::Writes { file, lease, .. } if lease.check_write().is_ok() => {
                        return set_on_file(file, &attributes).map(|()| done(id, out));
                    }
                    Handle::Reads { path, .. } | Handle::Writes { path, .. } | Handle::Lists { path, .. } => path,
                };
                set(tree, path, &attributes)?;
                done(id, out);
            }
            Request::FSync(handle) => {
                if let Handle::Writes { file, .. } = self.handle(&handle)? {
                    file.sync()?;
                }
                done(id, out);
            }
            Request::FStatVfs(handle) => {
                let (Handle::Reads { path, .. } | Handle::Writes { path, .. } | Handle::Lists { path, .. }) =
                    self.handle(&handle)?;
                space(tree, path, id, out)?;
            }
            other => by_path(tree, id, other, out)?,
        }
        Ok(())
    }

    fn keep(&mut self, id: u32, handle: Handle, out: &mut Replies) -> Result<()> {
        if self.handles.len() >= HANDLES_MAX {
            return Err(Error::refused(Code::WrongState, "too many open files; close some"));
        }
        let seat = self.guest.hold()?;
        self.next = self.next.wrapping_add(1);
        self.handles.insert(self.next, (handle, seat));
        out.handle(id, self.next);
        Ok(())
    }

    /// What is open under this name, while its account is still theirs.
    fn handle(&mut self, handle: &Bytes) -> Result<&mut Handle> {
        let (handle, _) = self.handles.get_mut(&number(handle)).ok_or_else(no_handle)?;
        match handle {
            Handle::Reads { lease, .. } | Handle::Writes { lease, .. } => lease.check()?,
            Handle::Lists { .. } => {} // its names are asked for where they are read
        }
        Ok(handle)
    }

    fn read(&mut self, id: u32, handle: &Bytes, offset: u64, length: u32, out: &mut Replies) -> Result<()> {
        let most = usize::try_from(length).unwrap_or(DATA_MAX).min(DATA_MAX);
        let (n, lease) = match self.handle(handle)? {
            Handle::Reads { file, lease, .. } => {
                let read = |place: &mut [u8]| file.file.read_at(place, offset);
                (out.data(id, most, |place| read(place).map_err(|e| Error::internal("reading a file", e)))?, lease)
            }
            Handle::Writes { file, lease, .. } => (out.data(id, most, |place| file.read_at(offset, place))?, lease),
            Handle::Lists { .. } => return Err(no_handle()),
        };
        lease.count(n);
        if n == 0 {
            out.status(id, if most == 0 { Status::Ok } else { Status::Eof }, "");
        }
        Ok(())
    }

    fn write(&mut self, handle: &Bytes, offset: u64, data: &[u8]) -> Result<()> {
        let (file, appends, lease) = match self.handle(handle)? {
            Handle::Writes { file, appends, lease, .. } => (file, *appends, lease),
            Handle::Reads { .. } => return Err(Error::denied()),
            Handle::Lists { .. } => return Err(no_handle()),
        };
        lease.check_write()?;
        if appends {
            file.append(data).map(drop)?
        } else {
            file.write_at(offset, data)?
        };
        lease.count(data.len());
        Ok(())
    }

    fn read_names(&mut self, tree: &Tree, id: u32, handle: &Bytes, out: &mut Replies) -> Result<()> {
        let Handle::Lists { path, names } = self.handle(handle)? else { return Err(no_handle()) };
        let next = names.next(NAMES)?;
        if next.is_empty() {
            out.status(id, Status::Eof, "");
            return Ok(());
        }
        let now = tree.now();
        // Names as they are on the disk: what is not UTF-8 can be renamed and deleted, too.
        let named: Vec<(Vec<u8>, Node)> = next
            .into_iter()
            .filter_map(|node| {
                let path = path.join(&node.name).ok()?;
                Some((path.split()?.1.to_vec(), node))
            })
            .collect();
        let rows = named.iter().map(|(name, node)| (&name[..], long(name, node, now), Some(node.metadata)));
        out.names(id, rows);
        Ok(())
    }
}

fn by_path(tree: &Tree, id: u32, request: Request, out: &mut Replies) -> Result<()> {
    match request {
        Request::LStat(path) => out.attributes(id, &tree.metadata(&path_of(&path)?)?),
        Request::Stat(path) => {
            let metadata = tree.metadata(&path_of(&path)?)?;
            // Links are not followed: where one leads to nothing may be reached.
            if metadata.kind == Kind::Link {
                return Err(Error::not_found("file or folder"));
            }
            out.attributes(id, &metadata);
        }
        Request::SetStat(path, attributes) => {
            set(tree, &path_of(&path)?, &attributes)?;
            done(id, out);
        }
        Request::Remove(path) => finish(id, out, tree.remove_file(&path_of(&path)?))?,
        Request::MakeDir(path) => finish(id, out, tree.make_folder(&path_of(&path)?))?,
        Request::RemoveDir(path) => finish(id, out, tree.remove_folder(&path_of(&path)?))?,
        Request::Rename(from, to) => {
            finish(id, out, tree.rename(&path_of(&from)?, &path_of(&to)?, Replace::No))?;
        }
        Request::PosixRename(from, to) => {
            finish(id, out, tree.rename(&path_of(&from)?, &path_of(&to)?, Replace::Yes))?;
        }
        Request::RealPath(path) => {
            let whole = [b"/", path_of(&path)?.as_bytes()].concat();
            let line = String::from_utf8_lossy(&whole).into_owned();
            out.names(id, std::iter::once((&whole[..], line, None)));
        }
        Request::StatVfs(path) => space(tree, &path_of(&path)?, id, out)?,
        Request::Limits => out.numbers(id, &[PACKET_MAX, DATA_MAX, DATA_MAX, HANDLES_MAX].map(|n| n as u64)),
        Request::Link => out.status(id, Status::PermissionDenied, "links are not made and not read here"),
        _ => out.status(id, Status::Unsupported, "this is not spoken here"),
    }
    Ok(())
}

fn open(tree: &Tree, path: JailPath, how: u32, attributes: &Attributes) -> Result<Handle> {
    let wants = |flag: u32| how & flag != 0;
    if !wants(flags::WRITE) && !wants(flags::APPEND) {
        let file = tree.open_read(&path)?;
        let lease = tree.lease(&path)?;
        return Ok(Handle::Reads { path, file, lease });
    }
    let create = match (wants(flags::CREATE), wants(flags::EXCLUSIVE)) {
        (false, _) => Create::Never,
        (true, false) => Create::IfMissing,
        (true, true) => Create::New,
    };
    let mode = u16::try_from(attributes.permissions.unwrap_or(0o644) & 0o755).unwrap_or(0o644);
    // Who makes a file may read and write it.
    let options = WriteOptions { create, truncate: wants(flags::TRUNCATE), mode: mode | 0o600 };
    let file = tree.open_write(&path, options)?;
    let lease = tree.lease(&path)?;
    Ok(Handle::Writes { path, file, appends: wants(flags::APPEND), lease })
}

fn set(tree: &Tree, path: &JailPath, attributes: &Attributes) -> Result<()> {
    if let Some(size) = attributes.size {
        tree.open_write(path, WriteOptions::default())?.set_len(size)?;
    }
    if let Some(permissions) = attributes.permissions {
        tree.set_mode(path, nine_bits(permissions)?)?;
    }
    if let Some(modified) = attributes.modified {
        tree.set_times(path, moment(modified))?;
    }
    Ok(())
}

fn set_on_file(file: &WriteFile, attributes: &Attributes) -> Result<()> {
    if let Some(size) = attributes.size {
        file.set_len(size)?;
    }
    if let Some(permissions) = attributes.permissions {
        file.set_mode(nine_bits(permissions)?)?;
    }
    if let Some(modified) = attributes.modified {
        file.set_times(moment(modified))?;
    }
    Ok(())
}

/// Bits beyond read, write and execute would change who a program runs as.
fn nine_bits(permissions: u32) -> Result<u16> {
    if permissions & 0o7000 != 0 {
        return Err(Error::denied());
    }
    Ok(u16::try_from(permissions & 0o777).unwrap_or(0o644))
}

fn moment(seconds: u32) -> Timestamp {
    Timestamp(i64::from(seconds) * 1000)
}

/// Figures of space: of the account's plan, not of the disk.
fn space(tree: &Tree, path: &JailPath, id: u32, out: &mut Replies) -> Result<()> {
    let room = tree.room(path)?;
    let used = room.used_bytes.div_ceil(BLOCK);
    let blocks = room.most_bytes.map_or(used.saturating_add(NO_LIMIT), |most| most / BLOCK);
    let free = blocks.saturating_sub(used);
    let files = room.most_files.unwrap_or(room.used_files.saturating_add(1 << 32));
    let free_files = files.saturating_sub(room.used_files);
    let reads_only = u64::from(!tree.is_writable(path));
    out.numbers(id, &[BLOCK, BLOCK, blocks, free, free, files, free_files, free_files, 1, reads_only | 2, 255]);
    Ok(())
}

/// The line of `ls -l` that programs show as it is.
fn long(name: &[u8], node: &Node, now: Timestamp) -> String {
    let about = node.metadata;
    let kind = match about.kind {
        Kind::Folder => 'd',
        Kind::Link => 'l',
        Kind::File | Kind::Other => '-',
    };
    let bit = |n: u16, sign: char| if about.mode & n != 0 { sign } else { '-' };
    let signs = [0o400, 0o200, 0o100, 0o40, 0o20, 0o10, 0o4, 0o2, 0o1].into_iter().zip("rwxrwxrwx".chars());
    let rights: String = signs.map(|(n, sign)| bit(n, sign)).collect();
    let half_a_year = 182 * 24 * 3600 * 1000;
    let recent = (now.ms() - about.modified.ms()).abs() < half_a_year;
    let when = about.modified.utc().format(if recent { "%b %e %H:%M" } else { "%b %e  %Y" });
    let name = String::from_utf8_lossy(name);
    format!("{kind}{rights}    1 account  account  {:>12} {when} {name}", about.bytes)
}

fn number(handle: &Bytes) -> u32 {
    handle[..].try_into().map_or(0, u32::from_be_bytes)
}

fn no_handle() -> Error {
    Error::refused(Code::WrongState, "this file is not open")
}

fn done(id: u32, out: &mut Replies) {
    out.status(id, Status::Ok, "");
}

fn finish(id: u32, out: &mut Replies, result: Result<()>) -> Result<()> {
    result.map(|()| done(id, out))
}

fn refuse(id: u32, e: &Error, out: &mut Replies) {
    let status = match e.as_code() {
        Code::NotFound => Status::NoSuchFile,
        Code::Denied => Status::PermissionDenied,
        Code::SignInRequired => Status::ConnectionLost,
        Code::Internal => {
            tracing::error!("sftp: {e}");
            Status::Failure
        }
        _ => Status::Failure,
    };
    out.status(id, status, &e.sentence());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_that_change_who_runs_are_refused() {
        assert_eq!(nine_bits(0o100_640).ok(), Some(0o640));
        assert!(nine_bits(0o4755).is_err());
    }
}
