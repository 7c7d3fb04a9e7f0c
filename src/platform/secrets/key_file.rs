//! The key file on disk: read with its rights checked, written so that a crash leaves the old or the new one.
//!
//! ```text
//! freehold-keys 1
//! 5f0c1a2b <43 characters of URL-safe base64: 256 random bits>
//! ```
//! One key per line, oldest first; the last one seals new values, all of them open old ones. The id is derived
//! from the key, so that a damaged line is noticed at the start and not when the first secret fails to open.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use freehold_base::secret::{hex, random};
use freehold_base::{Code, Error, OrInternal as _, Result, Secret};
use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};

const HEADER: &str = "freehold-keys 1";
/// Room for hundreds of keys; anything larger is not a key file.
const MAX_BYTES: u64 = 64 * 1024;

/// One master key and its id.
#[derive(Clone, Debug)]
pub(super) struct MasterKey {
    pub(super) id: String,
    pub(super) key: Secret<[u8; 32]>,
}

impl MasterKey {
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        let key = Secret::new(bytes);
        let id = super::keyring::hmac(&key, &[b"freehold key id"]);
        Self { id: hex(id.first_chunk::<4>().unwrap_or(&[0; 4])), key }
    }
}

/// The keys in the file; `None` where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<MasterKey>>> {
    let nofollow = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or(0);
    let mut file = match OpenOptions::new().read(true).custom_flags(nofollow).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(refuse(path, &format!("cannot be opened ({e})"))),
    };
    check_rights(&file, path)?;
    let text = read_bounded(&mut file).map_err(|e| refuse(path, &format!("cannot be read ({e})")))?;
    parse(text.reveal_text()).map(Some).map_err(|why| refuse(path, &why))
}

fn read_bounded(file: &mut File) -> std::io::Result<Secret> {
    let mut bytes = Vec::with_capacity(4096);
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(Secret::new(bytes))
}

fn check_rights(file: &File, path: &Path) -> Result<()> {
    let found = file.metadata().or_internal("looking at the key file")?;
    if !found.is_file() {
        return Err(refuse(path, "is not a regular file"));
    }
    if found.mode() & 0o077 != 0 {
        let mode = found.mode() & 0o7777;
        let fix =
            format!("can be used by other users of this machine (mode {mode:04o}). Run: chmod 600 {}", path.display());
        return Err(refuse(path, &fix));
    }
    Ok(())
}

fn parse(text: &str) -> std::result::Result<Vec<MasterKey>, String> {
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return Err(format!("does not begin with \u{201c}{HEADER}\u{201d}. Restore it from a backup"));
    }
    let keys = lines
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        // Messages name the line's number, never its text: it is a key.
        .map(|(i, line)| parse_key(line).ok_or(format!("is damaged in line {}. Restore it from a backup", i + 2)))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    if keys.is_empty() { Err("holds no key. Restore it from a backup".into()) } else { Ok(keys) }
}

fn parse_key(line: &str) -> Option<MasterKey> {
    let (id, encoded) = line.trim_end().split_once(' ')?;
    let mut bytes = [0u8; 32];
    let length = BASE64.decode_slice(encoded, &mut bytes).ok()?;
    let key = MasterKey::from_bytes(bytes);
    (length == bytes.len() && key.id == id).then_some(key)
}

/// Writes the file for the first time. A file that another process made meanwhile stays: read again afterwards.
pub(super) fn create(path: &Path, keys: &[MasterKey]) -> Result<()> {
    let folder = folder_of(path);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|e| unwritable(path, &e))?;
    let temp = folder.join(format!(".key-{}", hex(&random::<8>()?)));
    let written = write_synced(&temp, keys).and_then(|()| rename_new(&temp, path));
    let written = written.and_then(|()| File::open(&folder)?.sync_all());
    if let Err(e) = written {
        // The failure to report is the first one; a left-over temp file is harmless (0600).
        let _ = std::fs::remove_file(&temp);
        return Err(unwritable(path, &e));
    }
    Ok(())
}

fn write_synced(temp: &Path, keys: &[MasterKey]) -> std::io::Result<()> {
    let mut text = format!("{HEADER}\n");
    for key in keys {
        text.push_str(&format!("{} {}\n", key.id, BASE64.encode(key.key.reveal())));
    }
    let text = Secret::text(text);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temp)?;
    file.write_all(text.reveal())?;
    file.sync_all()
}

/// Renames without replacing: of two first starts at once, one key wins and both use it.
fn rename_new(temp: &Path, path: &Path) -> std::io::Result<()> {
    use rustix::io::Errno;
    match renameat_with(CWD, temp, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => std::fs::remove_file(temp),
        // File systems without the flag. Linking refuses to replace as well.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => match std::fs::hard_link(temp, path) {
            Ok(()) => std::fs::remove_file(temp),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => std::fs::remove_file(temp),
            Err(e) => Err(e),
        },
        Err(e) => Err(e.into()),
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

fn refuse(path: &Path, why: &str) -> Error {
    Error::refused(Code::Config, format!("the key file {} {why}", path.display()))
}

fn unwritable(path: &Path, e: &std::io::Error) -> Error {
    if e.kind() == std::io::ErrorKind::StorageFull {
        return Error::code(Code::DiskFull);
    }
    refuse(path, &format!("cannot be written ({e})"))
}
