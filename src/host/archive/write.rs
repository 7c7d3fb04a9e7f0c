//! Writing archives: files and folders as they are seen from the folder they stand in. Links and pipes are left out.

use std::fs::File;
use std::io::{BufWriter, Read, Write};

use crate::account_dir::{AccountDir, Kind, Links, Metadata, Next, typed};
use freehold_base::{Code, Error, JailPath, OrInternal as _, Result, Timestamp};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{Format, tar};

/// Writes files and folders into an archive, named as they are seen from the folder they stand in; `see` hears of bytes
/// and may end it. Links and pipes are left out.
pub fn write<W: Write>(
    format: Format,
    home: &AccountDir,
    paths: &[JailPath],
    out: W,
    see: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<W> {
    match format {
        Format::Zip => write_zip(home, paths, out, see),
        Format::Tar => write_tar(home, paths, BufWriter::with_capacity(64 << 10, out), see)?
            .into_inner()
            .map_err(|e| typed("writing an archive", e.into_error())),
        Format::TarGz => {
            let packer = flate2::write::GzEncoder::new(BufWriter::new(out), flate2::Compression::default());
            let packer = write_tar(home, paths, packer, see)?;
            let out = packer.finish().map_err(|e| typed("writing an archive", e))?;
            out.into_inner().map_err(|e| typed("writing an archive", e.into_error()))
        }
        Format::TarZst => {
            let packer = zstd::stream::write::Encoder::new(out, 3).or_internal("packing an archive")?;
            write_tar(home, paths, packer, see)?.finish().map_err(|e| typed("writing an archive", e))
        }
        Format::SevenZ => Err(Error::invalid("archive", Code::NotAllowed, Format::NAMES)),
    }
}

/// Writes bytes that are in memory as a zip: names with `/` between their steps.
///
/// # Errors
/// `DiskFull`, `Internal`.
pub fn zip_of<'a, W: Write>(files: impl IntoIterator<Item = (String, &'a [u8])>, out: W) -> Result<W> {
    let mut writer = ZipWriter::new_stream(BufWriter::with_capacity(64 << 10, out));
    for (name, bytes) in files {
        let options =
            SimpleFileOptions::default().unix_permissions(0o644).compression_method(CompressionMethod::Deflated);
        writer.start_file(name, options).map_err(zip_error)?;
        writer.write_all(bytes).map_err(|e| typed("writing an archive", e))?;
    }
    let out = writer.finish().map_err(zip_error)?.into_inner();
    out.into_inner().map_err(|e| typed("writing an archive", e.into_error()))
}

/// Takes one thing that goes into an archive.
type Put<'a> = dyn FnMut(&JailPath, &Metadata, Option<File>) -> Result<()> + 'a;

/// Each thing that goes into an archive: its name there, what it is, its bytes.
fn each_of(home: &AccountDir, paths: &[JailPath], put: &mut Put<'_>) -> Result<()> {
    for path in paths {
        let base = path.parent().unwrap_or_default();
        let mut one = |path: &JailPath, about: &Metadata| {
            let name = path.strip(&base).unwrap_or_default();
            match about.kind {
                Kind::Folder => put(&name, about, None),
                // Deleted or shut meanwhile: what is there goes in.
                Kind::File => match home.open_read(path, Links::Refuse) {
                    Ok(opened) => put(&name, &opened.metadata, Some(opened.file)),
                    Err(e) if matches!(e.as_code(), Code::NotFound | Code::WrongState) => Ok(()),
                    Err(e) => Err(e),
                },
                Kind::Link | Kind::Other => Ok(()),
            }
        };
        let about = home.metadata(path, Links::Refuse)?;
        if !path.is_root() {
            one(path, &about)?;
        }
        if about.kind == Kind::Folder {
            home.walk(path, &mut |path, about| one(path, about).map(|()| Next::On))?;
        }
    }
    Ok(())
}

/// Tells of bytes that go through, and passes a refusal on.
struct Told<'a, R> {
    inner: R,
    see: &'a mut dyn FnMut(u64) -> Result<()>,
}

impl<R: Read> Read for Told<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        (self.see)(count as u64).map_err(std::io::Error::other)?;
        Ok(count)
    }
}

fn write_tar<W: Write>(
    home: &AccountDir,
    paths: &[JailPath],
    out: W,
    see: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<W> {
    let mut writer = tar::Writer::new(out);
    each_of(home, paths, &mut |name, about, file| match file {
        None => writer.folder(name.as_bytes(), about.mode, about.modified),
        Some(inner) => {
            let mut source = Told { inner, see };
            writer.file(name.as_bytes(), about.mode, about.modified, about.bytes, &mut source)
        }
    })?;
    writer.finish()
}

fn write_zip<W: Write>(
    home: &AccountDir,
    paths: &[JailPath],
    out: W,
    see: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<W> {
    let mut writer = ZipWriter::new_stream(BufWriter::with_capacity(64 << 10, out));
    each_of(home, paths, &mut |name, about, file| {
        let options = SimpleFileOptions::default()
            .unix_permissions(u32::from(about.mode))
            .last_modified_time(dos_time(about.modified))
            .large_file(about.bytes >= u64::from(u32::MAX) - (1 << 20));
        let text = String::from_utf8_lossy(name.as_bytes()).into_owned();
        let Some(inner) = file else {
            return writer.add_directory(text, options).map_err(zip_error);
        };
        let method = if is_packed(name) { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        writer.start_file(text, options.compression_method(method)).map_err(zip_error)?;
        let mut source = Told { inner, see }.take(about.bytes);
        std::io::copy(&mut source, &mut writer).map(drop).map_err(|e| typed("writing an archive", e))
    })?;
    let out = writer.finish().map_err(zip_error)?.into_inner();
    out.into_inner().map_err(|e| typed("writing an archive", e.into_error()))
}

/// Packing it again costs time and wins nothing.
fn is_packed(name: &JailPath) -> bool {
    const PACKED: &[&str] = &[
        "jpg", "jpeg", "png", "gif", "webp", "avif", "mp4", "webm", "mov", "mp3", "ogg", "m4a", "zip", "gz", "tgz",
        "zst", "xz", "bz2", "7z", "rar", "woff", "woff2", "br", "pdf", "docx", "xlsx",
    ];
    PACKED.contains(&name.extension().as_str())
}

/// Zip knows years from 1980 to 2107.
fn dos_time(at: Timestamp) -> DateTime {
    let text = at.rfc3339();
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|n| n.parse::<u16>().ok()).unwrap_or(0);
    let small = |range| u8::try_from(part(range)).unwrap_or(0);
    DateTime::from_date_and_time(part(0..4), small(5..7), small(8..10), small(11..13), small(14..16), small(17..19))
        .unwrap_or_default()
}

fn zip_error(e: zip::result::ZipError) -> Error {
    match e {
        zip::result::ZipError::Io(e) => typed("writing an archive", e),
        e => Error::internal("writing an archive", e),
    }
}
