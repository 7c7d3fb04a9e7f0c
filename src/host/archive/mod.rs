//! Archives: which there are, how they are read and written. Reading believes nothing (security rule E3): names go
//! through [`JailPath`], links and devices are refused, entries and real bytes are counted.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::rc::Rc;

use crate::account_dir::typed;
use freehold_base::{Code, Error, JailPath, Result, Timestamp};
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, DateTime, ZipReadOptions};

mod sevenz;
mod tar;
mod write;

pub use self::write::{write, zip_of};

/// Entries of an archive at most.
const MOST_ENTRIES: usize = 100_000;
/// Bytes that come out before their ratio to what went in is looked at.
const FREE_BYTES: u64 = 16 << 20;
/// How many bytes may come out of one.
const RATIO: u64 = 200;

/// Kinds of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// zip.
    Zip,
    /// tar, packed by gzip.
    TarGz,
    /// tar, packed by zstd.
    TarZst,
    /// tar as it is.
    Tar,
    /// 7z: read, never made.
    SevenZ,
}

impl Format {
    /// Those that are made here.
    pub const MADE: [Format; 4] = [Self::Zip, Self::TarGz, Self::TarZst, Self::Tar];

    /// How names of archives end that are made here, in words.
    pub const NAMES: &str = "a name that ends in .zip, .tar.gz, .tar.zst or .tar";

    /// The word in forms and the API, and the extension of new archives.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::TarGz => "tar.gz",
            Self::TarZst => "tar.zst",
            Self::Tar => "tar",
            Self::SevenZ => "7z",
        }
    }

    /// Finds one by its word.
    ///
    /// # Errors
    /// `Invalid("format")`.
    pub fn by_name(name: &str) -> Result<Self> {
        let found = Self::MADE.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| Error::invalid("format", Code::NotAllowed, Self::MADE.map(Self::name).join(", ")))
    }

    /// By its first bytes: zip, or what is packed by gzip; `None` where it is neither.
    pub fn of_bytes(head: &[u8]) -> Option<Self> {
        match head {
            // The second is of a zip that holds nothing.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            [0x1f, 0x8b, ..] => Some(Self::TarGz),
            _ => None,
        }
    }

    /// By the name of a file; `None` where it is no archive that is known here.
    pub fn of(path: &JailPath) -> Option<Self> {
        let name = path.name().to_lowercase();
        let ends = [
            (".zip", Self::Zip),
            (".tar.gz", Self::TarGz),
            (".tgz", Self::TarGz),
            (".tar.zst", Self::TarZst),
            (".tzst", Self::TarZst),
            (".tar", Self::Tar),
            (".7z", Self::SevenZ),
        ];
        ends.into_iter().find(|(end, _)| name.len() > end.len() && name.ends_with(end)).map(|(_, format)| format)
    }

    /// What kind of archive a name asks for.
    ///
    /// # Errors
    /// `Invalid("archive")`.
    pub fn wanted(path: &JailPath) -> Result<Self> {
        let found = Self::of(path).filter(|format| Self::MADE.contains(format));
        found.ok_or_else(|| Error::invalid("archive", Code::NotAllowed, Self::NAMES))
    }

    /// The name of an archive without what says that it is one.
    pub fn stem(path: &JailPath) -> String {
        let name = path.name();
        let lower = name.to_lowercase();
        let ends = [".tar.gz", ".tar.zst", ".zip", ".tgz", ".tzst", ".tar", ".7z"];
        let end = ends.into_iter().find(|end| lower.len() > end.len() && lower.ends_with(end)).unwrap_or_default();
        name.get(..name.len() - end.len()).unwrap_or(&name).to_owned()
    }
}

/// What an archive holds under one name.
#[derive(Clone, Debug)]
pub struct Head {
    /// Its place below the folder that it is unpacked into.
    pub path: JailPath,
    /// A folder, else a file.
    pub is_folder: bool,
    /// Its Unix mode: nothing of a stranger is writable for others.
    pub mode: u16,
    /// When it was changed last, where the archive says so.
    pub modified: Option<Timestamp>,
}

/// What is known before the first byte comes out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Promise {
    /// Entries; 0 where nobody knows.
    pub entries: u64,
    /// Bytes; 0 where nobody knows.
    pub bytes: u64,
}

/// Counts what comes out of what.
#[derive(Clone, Default)]
struct Scale {
    taken: Rc<Cell<u64>>,
    given: Rc<Cell<u64>>,
}

impl Scale {
    fn takes(&self, bytes: usize) {
        self.taken.set(self.taken.get() + bytes as u64);
    }
    fn gives(&self, bytes: usize) -> Result<()> {
        let given = self.given.get() + bytes as u64;
        self.given.set(given);
        if given > FREE_BYTES && given > self.taken.get().saturating_mul(RATIO) {
            return Err(broken("more than 200 times its size would come out of it"));
        }
        Ok(())
    }
}

/// Reads an archive: `begin` hears what is promised once all names are known to be harmless (zip, 7z), or at once (tar);
/// then `each` gets entry after entry with its bytes.
///
/// # Errors
/// `ArchiveRefused` with the reason; `DiskFull`; what `begin` and `each` say.
pub fn read(
    format: Format,
    file: &File,
    begin: &mut dyn FnMut(Promise) -> Result<()>,
    each: &mut dyn FnMut(&Head, &mut dyn Read) -> Result<()>,
) -> Result<()> {
    let scale = Scale::default();
    let source = || BufReader::with_capacity(64 << 10, At::new(file, &scale));
    match format {
        Format::Zip => read_zip(file, &scale, begin, each),
        Format::SevenZ => sevenz::read(At::new(file, &scale), &scale, begin, each),
        Format::Tar => {
            begin(Promise::default())?;
            read_tar(source(), &scale, each)
        }
        Format::TarGz => {
            begin(Promise::default())?;
            read_tar(flate2::bufread::MultiGzDecoder::new(source()), &scale, each)
        }
        Format::TarZst => {
            begin(Promise::default())?;
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source()).map_err(unreadable)?;
            // A window of 128 MiB is the most that the program's own `--long` makes.
            decoder.window_log_max(27).map_err(unreadable)?;
            read_tar(decoder, &scale, each)
        }
    }
}

fn read_tar(inner: impl Read, scale: &Scale, each: &mut dyn FnMut(&Head, &mut dyn Read) -> Result<()>) -> Result<()> {
    // Everything that comes out of the packing is weighed, heads and names too.
    let mut reader = tar::Reader::new(Weighed { inner, scale: scale.clone() });
    let mut entries = 0;
    while let Some((head, mut body)) = reader.next()? {
        entries += 1;
        check_entries(entries)?;
        let name = String::from_utf8(head.name).map_err(|_| broken("a name is not UTF-8"))?;
        if head.kind == tar::Kind::Other {
            return Err(broken_at("it is a link or a device", &name));
        }
        let Some(path) = path_of(&name)? else { continue };
        let is_folder = head.kind == tar::Kind::Folder;
        let head = Head { path, is_folder, mode: mode_of(head.mode, is_folder), modified: Some(head.modified) };
        each(&head, &mut body)?;
    }
    Ok(())
}

fn read_zip(
    file: &File,
    scale: &Scale,
    begin: &mut dyn FnMut(Promise) -> Result<()>,
    each: &mut dyn FnMut(&Head, &mut dyn Read) -> Result<()>,
) -> Result<()> {
    let unscaled = Scale::default();
    let mut archive = ZipIterable::try_new(At::new(file, &unscaled), Default::default()).map_err(not_zip)?;
    check_entries(archive.len())?;
    let mut promise = Promise { entries: archive.len() as u64, bytes: 0 };
    for entry in archive.files().map_err(not_zip)? {
        let entry = entry.map_err(not_zip)?;
        let name = entry.name().map_err(not_zip)?;
        path_of(&name)?;
        promise.bytes = promise.bytes.saturating_add(entry.size());
        let unix = entry.unix_mode().unwrap_or(0) & 0o170_000;
        if entry.is_symlink() || !matches!(unix, 0 | 0o100_000 | 0o040_000) {
            return Err(broken_at("it is a link or a device", &name));
        }
        if entry.encrypted() {
            return Err(broken_at("it is locked by a password", &name));
        }
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(broken_at("it is packed in a way that is not known here", &name));
        }
    }
    begin(promise)?;
    let mut files = archive.files_with_reader(At::new(file, scale), ZipReadOptions::new()).map_err(not_zip)?;
    while let Some(entry) = files.next() {
        let entry = entry.map_err(not_zip)?;
        let name = entry.name().map_err(not_zip)?.into_owned();
        let Some(path) = path_of(&name)? else { continue };
        let is_folder = entry.is_dir();
        let head = Head {
            path,
            is_folder,
            mode: mode_of(entry.unix_mode().unwrap_or(0), is_folder),
            modified: entry.last_modified().and_then(moment),
        };
        each(&head, &mut Weighed { inner: entry, scale: scale.clone() })?;
    }
    Ok(())
}

fn check_entries(entries: usize) -> Result<()> {
    if entries > MOST_ENTRIES { Err(broken("it has more than 100,000 entries")) } else { Ok(()) }
}

/// The path that a name means; `None` for the folder of the archive itself.
fn path_of(name: &str) -> Result<Option<JailPath>> {
    let bad = |why: &str| broken_at(why, name);
    if name.contains('\\') {
        return Err(bad("it has a backslash"));
    }
    let mut letters = name.chars();
    let has_drive = letters.next().is_some_and(|c| c.is_ascii_alphabetic()) && letters.next() == Some(':');
    if name.starts_with('/') || has_drive {
        return Err(bad("it begins at the top of the machine"));
    }
    let mut rest = name;
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter;
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.is_empty() || rest == "." {
        return if name.is_empty() { Err(bad("it is empty")) } else { Ok(None) };
    }
    let path = JailPath::parse(rest).map_err(|_| bad("it leads elsewhere or cannot be a name"))?;
    if path.is_clean() { Ok(Some(path)) } else { Err(bad("it has characters that no name has")) }
}

/// Read for all, written by its owner, run where its owner may: nothing of a stranger's archive is writable for others.
fn mode_of(mode: u32, is_folder: bool) -> u16 {
    if is_folder || mode & 0o100 != 0 { 0o755 } else { 0o644 }
}

/// The time of a zip has no zone; it is taken as UTC.
fn moment(time: DateTime) -> Option<Timestamp> {
    let (y, mo, d) = (time.year(), time.month(), time.day());
    let (h, mi, s) = (time.hour(), time.minute(), time.second());
    Timestamp::parse_rfc3339(&format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z"))
}

/// Bytes that come out, weighed.
struct Weighed<R> {
    inner: R,
    scale: Scale,
}

impl<R: Read> Read for Weighed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.scale.gives(count).map_err(std::io::Error::other)?;
        Ok(count)
    }
}

/// A file read at any place, with a place and a buffer of its own: several of them share one handle. The buffer outlives
/// a seek that stays inside it.
struct At<'a> {
    file: &'a File,
    scale: Scale,
    at: u64,
    buffer: Vec<u8>,
    begins: u64,
}

impl<'a> At<'a> {
    fn new(file: &'a File, scale: &Scale) -> Self {
        Self { file, scale: scale.clone(), at: 0, buffer: Vec::new(), begins: 0 }
    }
}

/// Bytes that are read at once.
const AHEAD: usize = 64 << 10;

impl Read for At<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let inside = self.at.checked_sub(self.begins).and_then(|skip| usize::try_from(skip).ok());
        let skip = match inside.filter(|skip| *skip < self.buffer.len()) {
            Some(skip) => skip,
            None => {
                self.buffer.resize(AHEAD, 0);
                let count = self.file.read_at(&mut self.buffer, self.at)?;
                self.buffer.truncate(count);
                self.begins = self.at;
                0
            }
        };
        let count = out.len().min(self.buffer.len() - skip);
        out[..count].copy_from_slice(&self.buffer[skip..skip + count]);
        self.at += count as u64;
        self.scale.takes(count);
        Ok(count)
    }
}

impl Seek for At<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

fn not_zip(e: zip::result::ZipError) -> Error {
    match e {
        zip::result::ZipError::Io(e) => unreadable(e),
        e => broken(&format!("it is no whole zip file ({e})")),
    }
}

/// What a reader of an archive failed by: our own refusal, the disk, or bytes that are no archive.
pub fn unreadable(e: std::io::Error) -> Error {
    use std::io::ErrorKind as K;
    match e.kind() {
        _ if e.get_ref().is_some_and(|inner| inner.is::<Error>()) => typed("reading an archive", e),
        K::StorageFull | K::QuotaExceeded | K::ReadOnlyFilesystem => typed("reading an archive", e),
        _ => broken(&format!("it is damaged ({e})")),
    }
}

/// The archive is refused.
pub fn broken(why: &str) -> Error {
    Error::refused(Code::ArchiveRefused, why)
}

fn broken_at(why: &str, name: &str) -> Error {
    let shown: String = name.chars().take(80).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    broken(&format!("\u{201c}{shown}\u{201d}: {why}"))
}
