//! What a guest sees: one folder of one account, or a folder for each account. Paths are looked at by words before
//! anything is opened, links are never followed, and everything is counted by the account's meter.
//!
//! Everything here waits for the disk: call it from a thread that may wait.

use std::sync::Arc;

use freehold_base::{AccountId, Code, Error, JailPath, Result, Timestamp};
use freehold_host::account_dir::{
    AccountDir, Entry, Kind, Links, ListOptions, Metadata, OpenFolder, OpenedFile, Replace, Room, WriteFile,
    WriteOptions, Writer,
};

use super::desk::Guest;
use super::lease::Lease;
use super::pass::{Pass, Root};

/// One name in a folder.
pub type Node = Entry;

/// The files of a guest, for one step: the next step asks the [`Guest`] again.
#[derive(Clone, Debug)]
pub struct Tree {
    guest: Guest,
    pass: Arc<Pass>,
}

/// What is left of a folder that is read piece by piece.
#[derive(Debug)]
pub struct Names(Left);

#[derive(Debug)]
enum Left {
    Folder(OpenFolder, Lease),
    Top(std::vec::IntoIter<Node>),
}

impl Names {
    /// The next names, in no order; none at the end.
    ///
    /// # Errors
    /// As [`Lease::check`]; faults of the disk.
    pub fn next(&mut self, most: usize) -> Result<Vec<Node>> {
        match &mut self.0 {
            Left::Folder(folder, lease) => {
                lease.check()?;
                folder.next(most)
            }
            Left::Top(all) => Ok(all.by_ref().take(most).collect()),
        }
    }
}

/// Where a path leads.
struct Spot<'a> {
    root: &'a Root,
    /// Below the account's home.
    path: JailPath,
}

impl Tree {
    pub(super) fn new(guest: Guest, pass: Arc<Pass>) -> Self {
        Self { guest, pass }
    }

    /// `None` is the top with a folder for each account.
    fn spot(&self, path: &JailPath) -> Result<Option<Spot<'_>>> {
        if !self.pass.has_folders {
            let root = self.pass.roots.first().ok_or_else(missing)?;
            return Ok(Some(Spot { root, path: root.home.join_path(path)? }));
        }
        let mut names = path.names();
        let Some(first) = names.next() else { return Ok(None) };
        let root = self.pass.roots.iter().find(|r| r.folder.as_bytes() == first).ok_or_else(missing)?;
        let below = names.try_fold(root.home.clone(), |at, name| at.join_disk(name))?;
        Ok(Some(Spot { root, path: below }))
    }

    fn reading(&self, path: &JailPath) -> Result<(AccountDir, JailPath)> {
        let spot = self.spot(path)?.ok_or_else(top)?;
        Ok((self.guest.open(spot.root)?, spot.path))
    }

    /// For changes: refused for who only reads, and for the top itself.
    fn writing(&self, path: &JailPath) -> Result<(AccountDir, JailPath)> {
        let spot = self.spot(path)?.ok_or_else(top)?;
        if spot.root.read_only {
            return Err(Error::denied());
        }
        if spot.path == spot.root.home {
            return Err(top());
        }
        Ok((self.guest.open(spot.root)?, spot.path))
    }

    /// The account and the path below its home that a path means.
    ///
    /// # Errors
    /// `NotFound` for the top of several accounts and for what is none of them.
    pub fn place(&self, path: &JailPath) -> Result<(AccountId, JailPath)> {
        let spot = self.spot(path)?.ok_or_else(missing)?;
        Ok((spot.root.account, spot.path))
    }

    /// What a file that is opened there is asked for with each piece; the opening is counted at once.
    ///
    /// # Errors
    /// `NotFound` for what is none of the accounts.
    pub fn lease(&self, path: &JailPath) -> Result<Lease> {
        Ok(self.tie(path)?.opened())
    }

    fn tie(&self, path: &JailPath) -> Result<Lease> {
        Ok(Lease::new(self.guest.clone(), self.place(path)?.0))
    }

    /// Whether something may be changed there.
    pub fn is_writable(&self, path: &JailPath) -> bool {
        self.spot(path).is_ok_and(|spot| spot.is_some_and(|spot| !spot.root.read_only))
    }

    /// Whether it is the top, or the folder of an account there.
    pub fn is_top(&self, path: &JailPath) -> bool {
        self.spot(path).is_ok_and(|spot| spot.is_none_or(|spot| spot.path == spot.root.home))
    }

    /// Whether both paths lead into one account.
    pub fn is_one_account(&self, one: &JailPath, other: &JailPath) -> bool {
        matches!((self.place(one), self.place(other)), (Ok(one), Ok(other)) if one.0 == other.0)
    }

    /// What a path stands for; a link is shown as a link.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn metadata(&self, path: &JailPath) -> Result<Metadata> {
        match self.spot(path)? {
            None => Ok(top_metadata()),
            Some(spot) => self.guest.open(spot.root)?.metadata(&spot.path, Links::Refuse),
        }
    }

    /// A folder to be read piece by piece.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn read_folder(&self, path: &JailPath) -> Result<Names> {
        match self.spot(path)? {
            Some(spot) => {
                let folder = self.guest.open(spot.root)?.read_folder(&spot.path)?;
                Ok(Names(Left::Folder(folder, self.tie(path)?)))
            }
            None => Ok(Names(Left::Top(self.list(path)?.into_iter()))),
        }
    }

    /// All names of a folder.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn list(&self, path: &JailPath) -> Result<Vec<Node>> {
        match self.spot(path)? {
            Some(spot) => {
                let all = self.guest.open(spot.root)?.list(&spot.path, &ListOptions::default())?;
                Ok(all.entries)
            }
            None => Ok(self
                .pass
                .roots
                .iter()
                .map(|root| Node { name: root.folder.clone(), metadata: top_metadata() })
                .collect()),
        }
    }

    /// Opens a regular file for reading.
    ///
    /// # Errors
    /// `NotFound`, `WrongState` for a folder.
    pub fn open_read(&self, path: &JailPath) -> Result<OpenedFile> {
        let (dir, path) = self.reading(path)?;
        dir.open_read(&path, Links::Refuse)
    }

    /// Opens a regular file for reading and writing in place.
    ///
    /// # Errors
    /// `Denied`, `NotFound`, `AlreadyExists`, `WrongState`, `QuotaExceeded`, `DiskFull`.
    pub fn open_write(&self, path: &JailPath, options: WriteOptions) -> Result<WriteFile> {
        let (dir, path) = self.writing(path)?;
        dir.open_write(&path, options)
    }

    /// Begins a file that appears when it is whole.
    ///
    /// # Errors
    /// As [`Tree::open_write`].
    pub fn create(&self, path: &JailPath, mode: u16) -> Result<Writer> {
        let (dir, path) = self.writing(path)?;
        dir.create(&path, Replace::Yes, mode)
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// `Denied`, `NotFound`, `AlreadyExists`, `QuotaExceeded`, `DiskFull`, `Invalid`.
    pub fn make_folder(&self, path: &JailPath) -> Result<()> {
        if self.spot(path)?.is_some_and(|spot| spot.path == spot.root.home) {
            return Err(Error::refused(Code::AlreadyExists, "/"));
        }
        let (dir, path) = self.writing(path)?;
        dir.make_folder(&path)
    }

    /// Deletes a file or link.
    ///
    /// # Errors
    /// `Denied`, `NotFound`, `WrongState` for a folder.
    pub fn remove_file(&self, path: &JailPath) -> Result<()> {
        let (dir, path) = self.writing(path)?;
        dir.remove_file(&path)
    }

    /// Deletes an empty folder.
    ///
    /// # Errors
    /// `Denied`, `NotFound`, `WrongState`.
    pub fn remove_folder(&self, path: &JailPath) -> Result<()> {
        let (dir, path) = self.writing(path)?;
        dir.remove_empty_folder(&path)
    }

    /// Moves a file, folder or link.
    ///
    /// # Errors
    /// `Denied`, `NotFound`, `AlreadyExists`, `WrongState` (into itself, over a full folder, to another account).
    pub fn rename(&self, from: &JailPath, to: &JailPath, replace: Replace) -> Result<()> {
        let ((dir, from), (there, to)) = (self.writing(from)?, self.writing(to)?);
        if !dir.is_same_account(&there) {
            return Err(Error::refused(Code::WrongState, "from one account to another a file is copied, not moved"));
        }
        dir.rename(&from, &to, replace)
    }

    /// Copies a file, or a folder with all in it, also into another account.
    ///
    /// # Errors
    /// As [`Tree::open_read`] and [`Tree::open_write`]; then nothing is left of the copy.
    pub fn copy(&self, from: &JailPath, to: &JailPath, replace: Replace) -> Result<()> {
        let (source, target) = (self.tie(from)?, self.tie(to)?);
        let ((dir, from), (there, to)) = (self.reading(from)?, self.writing(to)?);
        // A large copy takes longer than a right may last.
        dir.copy_to(&from, (&there, &to), replace, &mut |_| source.check().and_then(|()| target.check_write()))
    }

    /// Sets the nine permission bits.
    ///
    /// # Errors
    /// `Denied`, `NotFound`, `Invalid("mode")`.
    pub fn set_mode(&self, path: &JailPath, mode: u16) -> Result<()> {
        let (dir, path) = self.writing(path)?;
        dir.set_mode(&path, mode)
    }

    /// Sets when something was last written.
    ///
    /// # Errors
    /// `Denied`, `NotFound`.
    pub fn set_times(&self, path: &JailPath, modified: Timestamp) -> Result<()> {
        let (dir, path) = self.writing(path)?;
        dir.set_times(&path, modified)
    }

    /// The time, for lists.
    pub fn now(&self) -> Timestamp {
        self.guest.desk().store().clock().now()
    }

    /// What the account of a path holds and may hold; nothing is known at the top of several.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn room(&self, path: &JailPath) -> Result<Room> {
        match self.spot(path)? {
            Some(spot) => self.guest.open(spot.root)?.room(),
            None => Ok(Room::default()),
        }
    }
}

fn missing() -> Error {
    Error::not_found("file or folder")
}

fn top() -> Error {
    Error::refused(Code::WrongState, "this is the top folder")
}

fn top_metadata() -> Metadata {
    Metadata { kind: Kind::Folder, bytes: 0, modified: Timestamp(0), mode: 0o555, modified_ns: 0, inode: 0 }
}

/// A path as programs send it, from the top; `.` and `..` by words, and above the top is the top.
///
/// # Errors
/// `Invalid("path")` for names that no file has.
pub fn path_from_top(bytes: &[u8]) -> Result<JailPath> {
    let mut at = JailPath::root();
    for name in bytes.split(|b| *b == b'/') {
        at = match name {
            b"" | b"." => at,
            b".." => at.parent().unwrap_or_default(),
            name => at.join_disk(name)?,
        };
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::path_from_top as path_of;

    #[test]
    fn paths_stay_below_the_top_and_keep_their_bytes() {
        let of = |text: &[u8]| path_of(text).map(|p| p.as_bytes().to_vec());
        for (given, path) in [
            (&b"."[..], &b""[..]),
            (b"/", b""),
            (b"", b""),
            (b"../../etc/passwd", b"etc/passwd"),
            (b"/a/./b//c/../d/", b"a/b/d"),
            (b"/caf\xe9", b"caf\xe9"),
        ] {
            assert_eq!(of(given).ok().as_deref(), Some(path), "{given:?}");
        }
        assert!(path_of(b"/a\0b").is_err());
        assert!(path_of(&[b'x'; 256]).is_err(), "a name of 256 bytes");
        assert!(path_of(&[b'x'; 255]).is_ok());
    }
}
