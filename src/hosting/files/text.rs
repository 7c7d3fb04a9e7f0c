//! Editing texts: read with its encoding, saved only over what was read (row H078). Two people who save one file both
//! keep what they wrote: the second gets the other's text and may compare.

use std::io::Read as _;

use freehold_base::{Code, Error, JailPath, OrInternal as _, Result, Timestamp};
use freehold_host::account_dir::{Links, Metadata, Replace};

use super::desk::Act;
use super::{Desk, Encoding, LineEnds, encoding, versions};

/// The longest text that is edited here.
pub(super) const MOST_BYTES: u64 = 4 << 20;

/// A text as the editor has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// UTF-8; lines end with `\n`, unless they end in several ways.
    pub text: String,
    /// How it is written on the disk.
    pub encoding: Encoding,
    /// How its lines end there.
    pub line_ends: LineEnds,
    /// What it was when it was read: a save names it.
    pub etag: String,
    /// When it was last written.
    pub modified: Timestamp,
}

/// A text to be saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewText {
    /// The text.
    pub text: String,
    /// How it shall be written.
    pub encoding: Encoding,
    /// How its lines shall end.
    pub line_ends: LineEnds,
    /// What was read before; `None` for a file that must not be there yet.
    pub etag: Option<String>,
}

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is on the disk.
    Done(Metadata),
    /// Somebody saved meanwhile: their text. `None` where the file was deleted, or is no text any more.
    Conflict(Option<Box<Text>>),
}

impl Saved {
    /// The saved file, where a conflict is an error.
    ///
    /// # Errors
    /// `PreconditionFailed`.
    pub fn done(self) -> Result<Metadata> {
        match self {
            Self::Done(metadata) => Ok(metadata),
            Self::Conflict(_) => Err(Error::code(Code::PreconditionFailed)),
        }
    }
}

impl Text {
    pub(super) fn of(bytes: &[u8], etag: String, modified: Timestamp) -> Result<Self> {
        let (text, encoding, line_ends) = encoding::read(bytes)?;
        Ok(Self { text, encoding, line_ends, etag, modified })
    }
}

impl Desk {
    /// A file as a text.
    ///
    /// # Errors
    /// `NotFound`, `Denied`; `TooLarge` past 4 MB; `UnsupportedMedia` where it is no text.
    pub fn read_text(&self, path: &JailPath) -> Result<Text> {
        self.looking(&[path])?;
        let (bytes, metadata) = self.bytes_of(path)?;
        Text::of(&bytes, metadata.etag(), metadata.modified)
    }

    /// Saves a text over what was read. The state before and the new one are kept as versions.
    ///
    /// # Errors
    /// `QuotaExceeded`, `DiskFull` (the file stays as it was), `Invalid("text")`, `TooLarge`, `NotFound`, `Denied`.
    pub fn save_text(&self, path: &JailPath, new: &NewText) -> Result<Saved> {
        let bytes = encoding::write(&new.text, new.encoding, new.line_ends)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(too_large());
        }
        self.looking(&[path])?;
        let now = match self.home.metadata(path, Links::Refuse) {
            Ok(metadata) => Some(metadata),
            Err(e) if e.as_code() == Code::NotFound => None,
            Err(e) => return Err(e),
        };
        if now.map(|metadata| metadata.etag()) != new.etag {
            return self.conflict(path);
        }
        self.store_text("file.save", path, &bytes, now)
    }

    /// Replaces what is known to stand there, keeping both states.
    pub(super) fn store_text(
        &self,
        act: &'static str,
        path: &JailPath,
        bytes: &[u8],
        known: Option<Metadata>,
    ) -> Result<Saved> {
        if known.is_none() {
            path.check_new()?;
        }
        self.changing(&[path])?;
        // From a state in its place to its row: nobody takes away meanwhile what no row names.
        let moving = self.home.moving();
        let old = match known {
            Some(_) => match self.bytes_of(path) {
                Ok((old, metadata)) => versions::pack(&self.home, &old, Some(metadata.modified))?,
                Err(e) if matches!(e.as_code(), Code::TooLarge | Code::NotFound) => None,
                Err(e) => return Err(e),
            },
            None => None,
        };
        let new = versions::pack(&self.home, bytes, None)?;
        let name = path.to_string();
        let act = Act::on(act, &[path]);
        let gone = self.noting(act.clone(), move |tx, scope| {
            let mut gone = Vec::new();
            for state in [&old, &new].into_iter().flatten() {
                gone.extend(state.note(tx, scope, &name)?);
            }
            Ok(gone)
        })?;
        drop(moving);
        versions::forget(self, gone)?;
        match self.replace(path, bytes, known) {
            Ok(metadata) => Ok(Saved::Done(metadata)),
            Err(e) if e.as_code() == Code::VersionConflict => {
                self.note_refusal(&act, &e);
                self.conflict(path)
            }
            Err(e) => {
                self.note_refusal(&act, &e);
                Err(e)
            }
        }
    }

    fn replace(&self, path: &JailPath, bytes: &[u8], known: Option<Metadata>) -> Result<Metadata> {
        let mode = known.map_or(0o644, |metadata| metadata.mode);
        let mut writer = self.home.create(path, Replace::Only(known), mode)?;
        writer.write(bytes)?;
        writer.finish()
    }

    fn conflict(&self, path: &JailPath) -> Result<Saved> {
        let theirs = match self.bytes_of(path) {
            Ok((bytes, metadata)) => Text::of(&bytes, metadata.etag(), metadata.modified).ok(),
            Err(e) if matches!(e.as_code(), Code::NotFound | Code::TooLarge) => None,
            Err(e) => return Err(e),
        };
        Ok(Saved::Conflict(theirs.map(Box::new)))
    }

    fn bytes_of(&self, path: &JailPath) -> Result<(Vec<u8>, Metadata)> {
        let opened = self.home.open_read(path, Links::Refuse)?;
        let mut bytes = Vec::new();
        opened.file.take(MOST_BYTES + 1).read_to_end(&mut bytes).or_internal("reading a file")?;
        if bytes.len() as u64 > MOST_BYTES { Err(too_large()) } else { Ok((bytes, opened.metadata)) }
    }
}

fn too_large() -> Error {
    Error::refused(Code::TooLarge, "4 MB of text; download the file and edit it on your computer")
}
