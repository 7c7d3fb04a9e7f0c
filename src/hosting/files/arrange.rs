//! New folders and files, new names and places, copies, permissions.

use freehold_base::{Code, Error, JailPath, Result};

use super::desk::Act;
use super::follow::Move;
use super::{Clash, Desk};

impl Desk {
    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// `AlreadyExists`, `QuotaExceeded`, `DiskFull`, `Invalid("path")`, `Denied`.
    pub fn new_folder(&self, path: &JailPath) -> Result<()> {
        path.check_new()?;
        self.doing(Act::on("file.new_folder", &[path]), || {
            self.home.make_folders(&path.parent().unwrap_or_default())?;
            self.home.make_folder(path)
        })
    }

    /// Makes an empty file.
    ///
    /// # Errors
    /// As [`Desk::new_folder`]; `NotFound` where the folder is missing.
    pub fn new_file(&self, path: &JailPath) -> Result<()> {
        path.check_new()?;
        self.doing(Act::on("file.new", &[path]), || {
            self.home.create(path, Clash::Refuse.replace(), 0o644)?.finish().map(drop)
        })
    }

    /// Gives a file or folder another name in its folder; its new path.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`, `Invalid("path")`, `Denied`.
    pub fn rename(&self, path: &JailPath, name: &str) -> Result<JailPath> {
        let to = path.parent().ok_or_else(top)?.join(name)?;
        if to != *path {
            to.check_new()?;
        }
        self.move_one("file.rename", path, &to, Clash::Refuse)
    }

    /// Moves a file or folder to a path; where it came to lie.
    ///
    /// # Errors
    /// As [`Desk::rename`]; `WrongState` into itself.
    pub fn move_to(&self, path: &JailPath, to: &JailPath, clash: Clash) -> Result<JailPath> {
        self.move_one("file.move", path, to, clash)
    }

    fn move_one(&self, name: &'static str, from: &JailPath, to: &JailPath, clash: Clash) -> Result<JailPath> {
        let (act, following) = (Act::on(name, &[from]).to(to), Move::of(&self.home, from, to, clash)?);
        let promised = following.clone();
        self.noting(act.clone(), move |tx, scope| promised.promise(tx, scope))?;
        let moved = clash.settle(&self.home, to, |to, replace| self.home.rename(from, to, replace));
        let (to, ()) = moved.inspect_err(|e| self.note_refusal(&act, e))?;
        let place = to.clone();
        self.after(move |tx, scope| following.keep(tx, scope, &place))?;
        Ok(to)
    }

    /// Moves files and folders into a folder; where each came to lie. It ends at the first that is refused: those
    /// before it are moved.
    ///
    /// # Errors
    /// As [`Desk::rename`].
    pub fn move_into(&self, paths: &[JailPath], folder: &JailPath, clash: Clash) -> Result<Vec<JailPath>> {
        paths.iter().map(|path| self.move_to(path, &within(folder, path)?, clash)).collect()
    }

    /// Copies a file or folder to a path; where it came to lie.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`, `WrongState`, `QuotaExceeded`, `DiskFull`, `Denied`; then nothing is left of it.
    pub fn copy_to(&self, path: &JailPath, to: &JailPath, clash: Clash) -> Result<JailPath> {
        self.doing(Act::on("file.copy", &[path]).to(to), || {
            let copied = clash.settle(&self.home, to, |to, replace| {
                self.home.copy_to(path, (&self.home, to), replace, &mut |_| Ok(()))
            });
            Ok(copied?.0)
        })
    }

    /// Copies files and folders into a folder; where each came to lie.
    ///
    /// # Errors
    /// As [`Desk::copy_to`].
    pub fn copy_into(&self, paths: &[JailPath], folder: &JailPath, clash: Clash) -> Result<Vec<JailPath>> {
        paths.iter().map(|path| self.copy_to(path, &within(folder, path)?, clash)).collect()
    }

    /// Sets permissions: three octal digits.
    ///
    /// # Errors
    /// `Invalid("mode")`, `NotFound`, `Denied`.
    pub fn set_mode(&self, path: &JailPath, mode: u16) -> Result<()> {
        if mode > 0o777 {
            return Err(Error::invalid("mode", Code::NotAllowed, "three digits from 0 to 7, as 644"));
        }
        let act = Act::on("file.permissions", &[path]).saying(format!("{mode:03o}"));
        self.doing(act, || self.home.set_mode(path, mode))
    }
}

/// The path of something in another folder, under its own name.
fn within(folder: &JailPath, path: &JailPath) -> Result<JailPath> {
    let (_, name) = path.split().ok_or_else(top)?;
    folder.join_disk(name)
}

pub(super) fn top() -> Error {
    Error::refused(Code::WrongState, "this is the top folder of the account")
}
