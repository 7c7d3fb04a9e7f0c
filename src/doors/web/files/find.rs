//! Looks for a file on the disk and makes it ready to be sent. Waits for the disk.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{self, HeaderName, HeaderValue};
use arc_swap::ArcSwap;
use bytes::Bytes;
use freehold_base::{Clock, OrInternal as _, Result, SiteId};
use freehold_host::packed::Packed;
use freehold_hosting::files::is_kept_back;

use super::folder::{Opened, Root, Stamp};
use super::pack::Packer;
use super::shelf::{Form, HARD_MS, Held, IN_MEMORY, Known, Making, OpenFile, Shelf};
use super::{dates, listing, names};
use crate::web::coding::{Coding, MIN_BYTES};
use crate::web::rules::{self, InForce};

/// A file that was written so shortly before it was read may have been written again at the same time, as clocks of
/// filesystems tick: it is read once more when it is compared.
const SETTLED_NS: i64 = 2_000_000_000;

/// Start pages of a folder.
const START: &str = "index.html";

/// Usual for what may change at any moment: the answer is 304 while nothing did.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");

/// What was found for an address.
#[derive(Clone, Debug)]
pub enum Found {
    /// A file.
    File(Arc<Known>),
    /// A folder that was asked for without the slash at its end.
    Folder,
    /// What is in a folder, as a page.
    Listing(Bytes),
    /// Nothing; with the site's own page for that, where it has one.
    Missing(Option<Arc<Known>>),
}

/// What a look at the disk needs.
#[derive(Clone)]
pub struct Search {
    /// The site.
    pub site: SiteId,
    /// Its folder.
    pub root: Arc<Root>,
    /// Its rules.
    pub rules: Option<Arc<InForce>>,
    /// Canonical path.
    pub path: Box<str>,
}

type Roots = HashMap<SiteId, Arc<Root>, foldhash::quality::RandomState>;

/// Sites made of files, as one node serves them.
pub struct Files {
    roots: ArcSwap<Roots>,
    /// What was found.
    pub shelf: Arc<Shelf>,
    packer: Packer,
    packed: Option<Arc<Packed>>,
    listings: Mutex<Vec<Listed>>,
    clock: Clock,
    secure: bool,
}

/// Pages of folders that are kept at once.
const LISTINGS: usize = 16;

/// The page of a folder, and when it was made.
struct Listed {
    site: SiteId,
    path: Box<str>,
    made: u64,
    page: Bytes,
}

impl Files {
    /// With a shelf of so many bytes; packed forms are kept in `packed`, where there is such a folder.
    ///
    /// # Errors
    /// `Internal` where the thread that packs cannot be started.
    pub fn start(max_bytes: usize, packed: Option<Packed>, clock: Clock, secure: bool) -> Result<Self> {
        let (shelf, packed) = (Arc::new(Shelf::new(max_bytes)), packed.map(Arc::new));
        let packer = Packer::start(Arc::clone(&shelf), packed.clone())?;
        Ok(Self { roots: ArcSwap::default(), shelf, packer, packed, listings: Mutex::default(), clock, secure })
    }

    /// Puts these folders in force, in place of all.
    pub fn set_roots(&self, roots: impl IntoIterator<Item = (SiteId, Root)>) {
        self.roots.store(Arc::new(roots.into_iter().map(|(site, root)| (site, Arc::new(root))).collect()));
    }

    /// The folder of a site.
    pub fn root(&self, site: SiteId) -> Option<Arc<Root>> {
        self.roots.load().get(&site).cloned()
    }

    /// Has a file packed in the background.
    pub fn pack(&self, known: &Arc<Known>, coding: Coding) {
        self.packer.press(known, coding);
    }

    /// Looks for what answers an address.
    ///
    /// # Errors
    /// `Busy`, `Internal`.
    pub fn find(&self, search: &Search) -> Result<Found> {
        let path = &*search.path;
        if is_kept_back(path) {
            return self.missing(search);
        }
        let name = if path.ends_with('/') { format!("{path}{START}") } else { path.to_owned() };
        if let Some(known) = self.file(search, path, &name)? {
            return Ok(Found::File(known));
        }
        self.shelf.remove(search.site, path);
        let is_folder = matches!(search.root.open(path.trim_end_matches('/'))?, Some(Opened::Folder));
        match (is_folder, path.ends_with('/')) {
            (true, false) => Ok(Found::Folder),
            (true, true) if search.rules.as_ref().is_some_and(|rules| rules.web.listing) => {
                match self.listing(search)? {
                    Some(page) => Ok(Found::Listing(page)),
                    None => self.missing(search),
                }
            }
            _ => self.missing(search),
        }
    }

    /// What is in a folder, looked at again after a second: the names of a large one take long to read.
    fn listing(&self, search: &Search) -> Result<Option<Bytes>> {
        let (site, path, now) = (search.site, &*search.path, self.shelf.ms(Clock::instant()));
        let mut made = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|one| now.saturating_sub(one.made) < HARD_MS);
        if let Some(one) = made.iter().find(|one| one.site == site && *one.path == *path) {
            return Ok(Some(one.page.clone()));
        }
        drop(made);
        let Some(list) = search.root.list(path, listing::MOST)? else { return Ok(None) };
        let page = Bytes::from(listing::page(path, list));
        let mut made = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= LISTINGS {
            made.remove(0);
        }
        made.push(Listed { site, path: path.into(), made: now, page: page.clone() });
        Ok(Some(page))
    }

    fn missing(&self, search: &Search) -> Result<Found> {
        Ok(Found::Missing(self.error_page(search, "404")?))
    }

    /// The site's own page for an error: as its settings say, or `/404.html` and the like where it is there.
    ///
    /// # Errors
    /// As [`Files::find`].
    pub fn error_page(&self, search: &Search, error: &str) -> Result<Option<Arc<Known>>> {
        let named = search.rules.as_ref().and_then(|rules| rules.web.error_pages.get(error).cloned());
        let path = named.unwrap_or_else(|| format!("/{error}.html"));
        if is_kept_back(&path) {
            return Ok(None);
        }
        self.file(search, &path, &path)
    }

    /// A file by its name, from the shelf where nothing changed. Leaves the shelf alone where there is none.
    fn file(&self, search: &Search, path: &str, name: &str) -> Result<Option<Arc<Known>>> {
        let now = self.shelf.ms(Clock::instant());
        let version = search.rules.as_ref().map_or(0, |rules| rules.version);
        let Some(Opened::File(file, stamp)) = search.root.open(name)? else { return Ok(None) };
        let beside = self.beside(search, (path, name), &stamp)?;
        let seen = [
            Some(stamp),
            beside[0].as_ref().map(|b| b.1),
            beside[1].as_ref().map(|b| b.1),
            beside[2].as_ref().map(|b| b.1),
        ];
        if let Some(known) = self.shelf.look(search.site, path)
            && known.rules == version
            && known.settled
            && known.seen == seen
        {
            known.confirm(now);
            return Ok(Some(known));
        }
        let making = Reading { files: self, search, path, name, version, now };
        let known = Arc::new(making.read(file, stamp, beside, seen)?);
        self.shelf.put(&known);
        Ok(Some(known))
    }

    /// Packed files beside a file, by their coding; those that are older than it do not count.
    fn beside(&self, search: &Search, (path, name): (&str, &str), stamp: &Stamp) -> Result<[Option<(File, Stamp)>; 3]> {
        let mut found = [None, None, None];
        let rules = search.rules.as_deref().filter(|rules| rules.names_types());
        let own = rules.and_then(|rules| type_of(&rules::headers(rules, rule_path(path, name), self.secure)));
        if !names::is_compressible(&own.unwrap_or_else(|| names::content_type(name))) {
            return Ok(found);
        }
        for coding in Coding::ALL {
            if let Some(Opened::File(file, packed)) = search.root.open(&format!("{name}.{}", ending(coding)))?
                && packed.modified_ns >= stamp.modified_ns
                && let Some(place) = found.get_mut(coding.slot())
            {
                *place = Some((file, packed));
            }
        }
        Ok(found)
    }
}

/// How names of packed files end.
const fn ending(coding: Coding) -> &'static str {
    match coding {
        Coding::Gzip => "gz",
        Coding::Br => "br",
        Coding::Zstd => "zst",
    }
}

/// The name under which a packed form is kept.
pub fn packed_name(stamp: &Stamp, coding: Coding) -> String {
    let Stamp { disk, inode, bytes, modified_ns, changed_ns } = stamp;
    format!("{disk:x}-{inode:x}-{bytes:x}-{modified_ns:x}-{changed_ns:x}.{}", ending(coding))
}

/// A file on its way to the shelf.
struct Reading<'a> {
    files: &'a Files,
    search: &'a Search,
    path: &'a str,
    name: &'a str,
    version: u64,
    now: u64,
}

impl Reading<'_> {
    fn read(
        &self,
        file: File,
        stamp: Stamp,
        beside: [Option<(File, Stamp)>; 3],
        seen: [Option<Stamp>; 4],
    ) -> Result<Known> {
        let rules = self.search.rules.as_deref();
        let headers = headers(self.name, self.path, rules, self.files.secure, &stamp);
        let compressible = is_packed_smaller(&headers, stamp.bytes);
        let wall_ns = self.files.clock.now().ms().saturating_mul(1_000_000);
        let (held, stamp) = held(file, stamp)?;
        let settled = seen[0] == Some(stamp) && wall_ns.saturating_sub(stamp.changed_ns) > SETTLED_NS;
        let plain = Arc::new(form(&headers, None, &stamp, stamp.bytes, held));
        let mut packed = Vec::new();
        for (coding, found) in [Coding::Gzip, Coding::Br, Coding::Zstd].into_iter().zip(beside) {
            let found = match found {
                Some((file, own)) => Some(held_packed(file, own.bytes)?),
                None if compressible => self.kept(&stamp, coding)?,
                None => None,
            };
            packed.extend(found.map(|(held, len)| Arc::new(form(&headers, Some(coding), &stamp, len, held))));
        }
        Ok(Known::new(Making {
            site: self.search.site,
            path: self.path.into(),
            rules: self.version,
            seen,
            settled,
            headers,
            compressible: compressible || !packed.is_empty(),
            plain,
            packed,
            checked: self.now,
        }))
    }

    /// A form that was packed before.
    fn kept(&self, stamp: &Stamp, coding: Coding) -> Result<Option<(Held, u64)>> {
        let Some(packed) = &self.files.packed else { return Ok(None) };
        let Some(file) = packed.file(&packed_name(stamp, coding))? else { return Ok(None) };
        let bytes = file.metadata().or_internal("looking at a packed file")?.len();
        held_packed(file, bytes).map(Some)
    }
}

/// Reads a small file into memory, or keeps a large one open. A file that changes while it is read is read again.
fn held(file: File, mut stamp: Stamp) -> Result<(Held, Stamp)> {
    for _ in 0..3 {
        if stamp.bytes > IN_MEMORY {
            break;
        }
        let bytes = read_all(&file, stamp.bytes)?;
        let after = Stamp::of(&file)?;
        if after == stamp && u64::try_from(bytes.len()).is_ok_and(|n| n == stamp.bytes) {
            return Ok((Held::Bytes(bytes), stamp));
        }
        stamp = after;
    }
    Ok((Held::File(OpenFile::keep(file)), stamp))
}

fn held_packed(file: File, bytes: u64) -> Result<(Held, u64)> {
    if bytes > IN_MEMORY {
        return Ok((Held::File(OpenFile::keep(file)), bytes));
    }
    let bytes = read_all(&file, bytes)?;
    let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok((Held::Bytes(bytes), len))
}

/// The first `most` bytes of a file, fewer where it is shorter.
pub fn read_all(file: &File, most: u64) -> Result<Bytes> {
    let mut bytes = vec![0; usize::try_from(most).or_internal("reading a file")?];
    let mut at = 0;
    while let Some(rest) = bytes.get_mut(at..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, at as u64) {
            Ok(0) => break,
            Ok(n) => at += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(freehold_base::Error::internal("reading a file", e)),
        }
    }
    bytes.truncate(at);
    Ok(bytes.into())
}

/// Headers of a file's answers, but for its length, tag and coding.
fn headers(
    name: &str,
    path: &str,
    own: Option<&InForce>,
    secure: bool,
    stamp: &Stamp,
) -> Box<[(HeaderName, HeaderValue)]> {
    let kind = names::content_type(name);
    let text = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    let mut out = vec![
        (header::CONTENT_TYPE, text(&kind)),
        (header::LAST_MODIFIED, text(&dates::written(stamp.modified()))),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (header::CACHE_CONTROL, CACHE_CONTROL),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
    ];
    for (name, value) in own.map(|rules| rules::headers(rules, rule_path(path, name), secure)).unwrap_or_default() {
        out.retain(|(known, _)| *known != name);
        out.push((name, value));
    }
    if type_of(&out).is_some_and(|kind| names::is_compressible(&kind)) {
        out.push((header::VARY, HeaderValue::from_static("Accept-Encoding")));
    }
    out.into()
}

/// A rule for an ending is meant for the file: the start page of a folder is one.
fn rule_path<'a>(path: &'a str, name: &'a str) -> &'a str {
    if path.ends_with('/') { name } else { path }
}

/// The type that headers name.
fn type_of(headers: &[(HeaderName, HeaderValue)]) -> Option<String> {
    let kind = headers.iter().find(|(name, _)| *name == header::CONTENT_TYPE)?;
    kind.1.to_str().ok().map(str::to_owned)
}

fn is_packed_smaller(headers: &[(HeaderName, HeaderValue)], bytes: u64) -> bool {
    type_of(headers).is_some_and(|kind| names::is_compressible(&kind))
        && usize::try_from(bytes).is_ok_and(|bytes| bytes >= MIN_BYTES)
}

/// A form with its head. Its tag is strong: another one for each state of the file and each coding.
pub fn form(
    headers: &[(HeaderName, HeaderValue)],
    coding: Option<Coding>,
    stamp: &Stamp,
    len: u64,
    held: Held,
) -> Form {
    let suffix = coding.map_or(String::new(), |coding| format!("-{}", ending(coding)));
    let tag = format!("\"{:x}-{:x}-{:x}{suffix}\"", stamp.inode, stamp.bytes, stamp.modified_ns);
    let etag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
    let mut head = Vec::with_capacity(512);
    // Writing to memory cannot fail.
    let _ = write!(head, "HTTP/1.1 200 OK\r\ncontent-length: {len}\r\netag: {tag}\r\n");
    if let Some(coding) = coding {
        let _ = write!(head, "content-encoding: {}\r\n", coding.name());
    }
    crate::web::page::put_headers(&mut head, headers.iter());
    head.extend_from_slice(b"date: ");
    Form { coding, len, etag, head: head.into(), held }
}
