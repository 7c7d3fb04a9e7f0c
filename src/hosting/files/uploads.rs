//! Files that come in: whole in one request, or in pieces that go on after a broken line. A piece is counted when it is
//! written; the file appears in its place when it is whole.

use std::collections::HashSet;

use freehold_base::{Code, Error, JailPath, OrInternal as _, Result};
use freehold_host::account_dir::{AccountDir, Create, Links, Metadata, Part, Replace, WriteFile, WriteOptions, Writer};
use freehold_store::files::{self as rows, Upload as Row};

use super::desk::Act;
use super::usage::{signed, unsigned};
use super::{Clash, Desk};

/// The longest file that is taken in: what a file system of today holds.
const MOST_BYTES: u64 = 16 << 40;

/// Characters of a fingerprint that count.
const FINGERPRINT: usize = 100;

/// An upload in pieces, as its sender sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: i64,
    /// Where it goes.
    pub path: JailPath,
    /// How long it will be.
    pub bytes: u64,
    /// How much of it is here: the next piece begins there.
    pub arrived: u64,
}

/// A file that comes in one request.
#[derive(Debug)]
pub struct Put {
    writer: Writer,
}

/// An upload whose next piece is written.
#[derive(Debug)]
pub struct Piece {
    file: WriteFile,
    at: u64,
    end: u64,
}

impl Desk {
    /// Begins a file that comes in one request. `known`: what must stand there (`Some(None)`: nothing), for `If-Match`.
    /// Whoever waits for its bytes asks first; the name may be another one with `KeepBoth`.
    ///
    /// # Errors
    /// `NotFound` (the folder), `AlreadyExists`, `QuotaExceeded`, `DiskFull`, `PreconditionFailed`, `Denied`.
    pub fn put(&self, path: &JailPath, clash: Clash, known: Option<Option<&str>>) -> Result<Put> {
        let now = match self.metadata(path) {
            Ok(metadata) => Some(metadata),
            Err(e) if e.as_code() == Code::NotFound => None,
            Err(e) => return Err(e),
        };
        if known.is_some_and(|known| known != now.map(|m| m.etag()).as_deref()) {
            return Err(Error::code(Code::PreconditionFailed));
        }
        let replace = |clash: Replace| if known.is_some() { Replace::Only(now) } else { clash };
        let mode = now.map_or(0o644, |metadata| metadata.mode);
        let writer = self.doing(Act::on("file.upload", &[path]), || {
            clash.settle(&self.home, path, |path, clash| self.home.create(path, replace(clash), mode))
        })?;
        Ok(Put { writer: writer.1 })
    }

    /// Begins an upload in pieces, or finds one of the same person, place, length and fingerprint that broke off.
    /// The fingerprint is what its sender knows of the bytes (when they were last written): without one nothing is
    /// found, because another file of that length would become half the old, half the new one.
    ///
    /// # Errors
    /// `QuotaExceeded` where it will not fit, `TooLarge`, `Invalid("path")`, `NotFound`, `Denied`.
    pub fn begin_upload(&self, path: &JailPath, bytes: u64, fingerprint: &str, clash: Clash) -> Result<Upload> {
        self.changing(&[path])?;
        let fingerprint: String = fingerprint.chars().take(FINGERPRINT).collect();
        if bytes > MOST_BYTES {
            return Err(Error::invalid("bytes", Code::TooLarge, "16 TB"));
        }
        let (folder, _) = path.split().ok_or_else(super::arrange::top)?;
        let is_taken = match self.home.metadata(path, Links::Refuse) {
            Ok(_) => true,
            Err(e) if e.as_code() == Code::NotFound => false,
            Err(e) => return Err(e),
        };
        // Asked before a byte is sent, also by who goes on with what broke off.
        if is_taken && clash == Clash::Refuse {
            return Err(Error::refused(Code::AlreadyExists, path.name()));
        }
        if let Some(known) = self.broken_off(path, bytes, &fingerprint, clash)? {
            return Ok(known);
        }
        if !is_taken {
            path.check_new()?;
        }
        let room = self.room()?;
        if room.most_bytes.is_some_and(|most| room.used_bytes.saturating_add(bytes) > most) {
            let left = room.most_bytes.unwrap_or_default().saturating_sub(room.used_bytes);
            return Err(Error::refused(Code::QuotaExceeded, format!("{left} bytes are left, the file has {bytes}")));
        }
        let _moving = self.home.moving();
        let (name, about) = (path.to_string(), Act::on("file.begin_upload", &[path]));
        let id = self.noting(about, move |tx, scope| {
            rows::begin_upload(tx, scope, (&name, signed(bytes)), &fingerprint, clash.name())
        })?;
        // A folder that was dropped with its files is made with its first file.
        self.home.make_folders(&folder)?;
        let options = WriteOptions { create: Create::New, mode: 0o600, ..WriteOptions::default() };
        self.home.part(Part::Run).open_write(&place(id)?, options)?;
        Ok(Upload { id, path: path.clone(), bytes, arrived: 0 })
    }

    /// Goes on with what broke off; what happens where the name is taken is as it is wished now, not as it was then.
    fn broken_off(&self, path: &JailPath, bytes: u64, fingerprint: &str, clash: Clash) -> Result<Option<Upload>> {
        if fingerprint.is_empty() {
            return Ok(None);
        }
        let name = path.to_string();
        let found = self.store().read(&self.actor, |tx| {
            let scope = self.at.authorize(tx, freehold_base::Capability::FilesWrite)?;
            rows::broken_off(tx, scope, (&name, signed(bytes)), fingerprint)
        })?;
        let Some(row) = &found else { return Ok(None) };
        let upload = match self.seen(row) {
            Err(e) if e.as_code() == Code::NotFound => return Ok(None),
            upload => upload?,
        };
        if row.clash != clash.name() {
            let id = row.id;
            let act = Act::on("file.begin_upload", &[path]).saying(format!("goes on: {}", clash.name()));
            self.noting(act, move |tx, scope| rows::set_upload_clash(tx, scope, id, clash.name()))?;
        }
        Ok(Some(upload))
    }

    /// How far an upload is.
    ///
    /// # Errors
    /// `NotFound("upload")`, `Denied`.
    pub fn upload(&self, id: i64) -> Result<Upload> {
        self.seen(&self.row(id)?)
    }

    /// Writes on at `offset`, which must be where the last piece ended.
    ///
    /// # Errors
    /// `WrongState` with the right offset, `NotFound("upload")`, `Denied`.
    pub fn piece(&self, id: i64, offset: u64) -> Result<Piece> {
        let upload = self.upload(id)?;
        if offset != upload.arrived {
            return Err(Error::refused(Code::WrongState, format!("the next piece begins at {}", upload.arrived)));
        }
        let file = self.home.part(Part::Run).open_write(&place(id)?, WriteOptions::default())?;
        Ok(Piece { file, at: offset, end: upload.bytes })
    }

    /// Puts a whole upload into its place; where it lies now.
    ///
    /// # Errors
    /// `WrongState` where a part is missing, `AlreadyExists`, `NotFound`, `Denied`.
    pub fn finish_upload(&self, id: i64) -> Result<(JailPath, Metadata)> {
        let row = self.row(id)?;
        let upload = self.seen(&row)?;
        if upload.arrived != upload.bytes {
            let why = format!("{} of {} bytes are here; send the rest", upload.arrived, upload.bytes);
            return Err(Error::refused(Code::WrongState, why));
        }
        let run = self.home.part(Part::Run);
        let file = run.open_write(&place(id)?, WriteOptions::default())?;
        let clash = Clash::by_name(&row.clash)?;
        let _moving = self.home.moving();
        let (path, ()) = self.doing(Act::on("file.upload", &[&upload.path]), || {
            file.set_mode(0o644)?;
            file.sync()?;
            self.home.make_folders(&upload.path.parent().unwrap_or_default())?;
            clash.settle(&self.home, &upload.path, |path, replace| run.move_to(&place(id)?, &self.home, path, replace))
        })?;
        self.after(move |tx, scope| rows::end_upload(tx, scope, id))?;
        let metadata = file.metadata()?;
        Ok((path, metadata))
    }

    /// Gives an upload up; fine where it is gone.
    ///
    /// # Errors
    /// `Denied`.
    pub fn cancel_upload(&self, id: i64) -> Result<()> {
        let row = match self.row(id) {
            Err(e) if e.as_code() == Code::NotFound => return Ok(()),
            row => row?,
        };
        let path = JailPath::parse(&row.path)?;
        let _moving = self.home.moving();
        self.noting(Act::on("file.cancel_upload", &[&path]), move |tx, scope| rows::end_upload(tx, scope, id))?;
        drop_bytes(&self.home, id)
    }

    fn row(&self, id: i64) -> Result<Row> {
        self.store().read(&self.actor, |tx| {
            let scope = self.at.authorize(tx, freehold_base::Capability::FilesWrite)?;
            let row = rows::upload(tx, scope, id)?;
            if super::desk::reaches(tx, scope, &row.path) { Ok(row) } else { Err(Error::not_found("upload")) }
        })
    }

    fn seen(&self, row: &Row) -> Result<Upload> {
        let about = self.home.part(Part::Run).metadata(&place(row.id)?, Links::Refuse);
        let about = about.map_err(|_| Error::not_found("upload"))?;
        Ok(Upload { id: row.id, path: JailPath::parse(&row.path)?, bytes: unsigned(row.bytes), arrived: about.bytes })
    }
}

impl Put {
    /// Adds bytes.
    ///
    /// # Errors
    /// `QuotaExceeded`, `DiskFull`; drop it then.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer.write(bytes)
    }

    /// Puts it into its place.
    ///
    /// # Errors
    /// `AlreadyExists`, `PreconditionFailed`, `NotFound`, `DiskFull`; then nothing is left of it.
    pub fn finish(self) -> Result<(JailPath, Metadata)> {
        let path = self.writer.path().clone();
        match self.writer.finish() {
            Err(e) if e.as_code() == Code::VersionConflict => Err(Error::code(Code::PreconditionFailed)),
            done => done.map(|metadata| (path, metadata)),
        }
    }
}

impl Piece {
    /// Adds bytes; they stay where the line breaks after them.
    ///
    /// # Errors
    /// `TooLarge` past the promised length, `QuotaExceeded`, `DiskFull`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let end = self.at.saturating_add(bytes.len() as u64);
        if end > self.end {
            return Err(Error::refused(Code::TooLarge, format!("{} bytes, as was promised,", self.end)));
        }
        self.file.write_at(self.at, bytes)?;
        self.at = end;
        Ok(())
    }

    /// How much is here.
    pub fn arrived(&self) -> u64 {
        self.at
    }
}

/// The folder of pieces in `run`.
pub(super) const FOLDER: &str = "uploads";

/// Where the bytes of an upload lie.
pub(super) fn place(id: i64) -> Result<JailPath> {
    JailPath::root().join(FOLDER)?.join(&id.to_string())
}

pub(super) fn drop_bytes(home: &AccountDir, id: i64) -> Result<()> {
    match home.part(Part::Run).remove_file(&place(id)?) {
        Err(e) if e.as_code() == Code::NotFound => Ok(()),
        other => other,
    }
}

/// Takes away bytes that no row names, and rows whose bytes are in their place already.
pub(super) fn tidy(desk: &Desk) -> Result<()> {
    let _resting = desk.home.resting();
    let run = desk.home.part(Part::Run);
    let (mut known, mut before) = (HashSet::new(), i64::MAX);
    loop {
        let some = desk.after(move |tx, scope| rows::uploads(tx, scope, before))?;
        let Some(last) = some.last() else { break };
        before = last.id;
        for row in &some {
            match desk.seen(row) {
                Err(e) if e.as_code() == Code::NotFound => {
                    let id = row.id;
                    desk.after(move |tx, scope| rows::end_upload(tx, scope, id))?;
                }
                _ => drop(known.insert(row.id)),
            }
        }
    }
    let folder = JailPath::root().join(FOLDER)?;
    let here = match run.list(&folder, &Default::default()) {
        Err(e) if e.as_code() == Code::NotFound => return Ok(()),
        list => list?,
    };
    for entry in here.entries {
        let id: i64 = entry.name.parse().or_internal("reading the name of an upload")?;
        if !known.contains(&id) {
            drop_bytes(&desk.home, id)?;
        }
    }
    Ok(())
}
