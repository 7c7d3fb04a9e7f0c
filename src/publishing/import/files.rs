//! Files of the other site: from its address or from a copy of its folder into the library.

use std::path::{Path, PathBuf};
use std::time::Duration;

use freehold_base::{Capability, Code, Error, MediaId, OrInternal as _, Result, SiteId};
use freehold_host::files::scratch;
use freehold_host::outbound::{BlockingOutbound, Limits};
use freehold_host::rooted::Rooted;
use freehold_store::imported::{self, Imported};
use freehold_store::{Actor, SiteScope, Store, Tx, media, paths};

use super::address::Address;
use super::convert::{one_line, some_lines};
use super::survey::{key_of, named};
use super::world::{NewFile, World};
use crate::library::{Details, Library, address, keep_file};
use crate::wxr::Item;

/// Largest file, in bytes.
const MAX_BYTES: u64 = 512 << 20;
/// Longest download.
const TIMEOUT: Duration = Duration::from_secs(300);
/// Where WordPress keeps files.
const UPLOADS: &str = "/wp-content/uploads/";

/// Where files come from.
pub enum Origin {
    /// Their addresses; downloads grow in a folder of ours first.
    Web(Box<BlockingOutbound>, PathBuf),
    /// A copy of `wp-content/uploads`.
    Folder(PathBuf),
}

/// A file to be fetched.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub key: i64,
    pub name: String,
    pub url: String,
    pub link: String,
    pub details: Details,
}

pub(super) fn wanted(world: &World, item: &Item) -> Wanted {
    let url = if item.attachment_url.is_empty() { &item.guid } else { &item.attachment_url };
    let path = Address::parse(url).map(|a| a.path).filter(|p| p.contains(UPLOADS));
    Wanted {
        key: key_of(item),
        name: named(item),
        url: url.clone(),
        link: item.link.clone(),
        details: Details {
            title: one_line(&item.title, 200).0,
            alt: one_line(item.meta("_wp_attachment_image_alt").unwrap_or_default(), 1000).0,
            caption: some_lines(&item.excerpt, 1000).0,
            path,
            author: world.authors.get(&item.creator).copied(),
            created_at: item.pub_date_gmt.filter(|t| *t <= world.now),
        },
    }
}

/// Reads files from one origin.
pub(super) enum Opened<'a> {
    Web(&'a BlockingOutbound, &'a Path),
    Folder(Rooted),
}

impl Origin {
    pub(super) fn open(&self) -> Result<Opened<'_>> {
        Ok(match self {
            Self::Web(outbound, folder) => Opened::Web(outbound, folder),
            Self::Folder(folder) => Opened::Folder(Rooted::open(folder).map_err(|_| {
                Error::invalid("media", Code::Malformed, format!("a folder that can be read: {}", folder.display()))
            })?),
        })
    }
}

impl Opened<'_> {
    /// Brings one file into the library.
    pub(super) fn fetch(&self, store: &Store, site: SiteId, library: &Library, file: &Wanted) -> Result<MediaId> {
        let path = Address::parse(&file.url).map(|a| a.path).unwrap_or_default();
        let name = path.rsplit('/').next().filter(|n| !n.is_empty()).unwrap_or("file");
        match self {
            Self::Folder(folder) => {
                let below = path.split_once(UPLOADS).map_or(path.trim_start_matches('/'), |(_, below)| below);
                let found = folder.file(below)?.ok_or_else(|| Error::not_found("file in the folder"))?;
                keep_file(store, library, &Actor::system(), site, found, name, &file.details)
            }
            Self::Web(outbound, folder) => {
                let mut saved = scratch(folder, library.reserve())?;
                let target = saved.try_clone().or_internal("making room for a download")?;
                let limits = Limits { max_bytes: MAX_BYTES, timeout: TIMEOUT };
                let answer = outbound.get_to_file(&file.url, limits, target)?;
                if answer.status != 200 {
                    let why = format!("it answered with {}", answer.status);
                    return Err(Error::refused(Code::OutboundRefused, why));
                }
                std::io::Seek::rewind(&mut saved).or_internal("reading a download")?;
                keep_file(store, library, &Actor::system(), site, saved, name, &file.details)
            }
        }
    }
}

/// Whether a failure is about one file, so that the import goes on without it.
pub(super) fn is_of_the_file(e: &Error) -> bool {
    !matches!(e, Error::Internal { .. } | Error::Retry) && !matches!(e.as_code(), Code::DiskFull | Code::Busy)
}

/// Notes what a file became, with its old addresses.
pub(super) fn note(store: &Store, world: &World, file: &Wanted, id: MediaId) -> Result<NewFile> {
    let (site, source) = (world.site, world.source.clone());
    let known = store.read(&Actor::system(), |tx| {
        let scope = tx.authorize(site, Capability::ImportRun)?;
        media::find(tx, scope, id)
    })?;
    let address = address(&known);
    let page = Address::parse(&file.link).filter(|a| world.survey.old.owns(a) && a.path != "/" && a.query.is_empty());
    let (file_address, key, page) = (address.clone(), file.key, page.map(|a| a.path));
    store.write(&Actor::system(), move |tx| {
        let scope = tx.authorize(site, Capability::ImportRun)?;
        let target = paths::Target::Address(file_address.clone());
        for old in page.iter().cloned().chain((key > 0).then(|| format!("/?p={key}"))) {
            paths::remember(tx, scope, &old, &target)?;
        }
        let thing = Imported {
            kind: "file".into(),
            source_id: key.to_string(),
            target_id: id.get(),
            fingerprint: String::new(),
        };
        imported::note(tx, scope, &source, &thing)
    })?;
    Ok(new_file(&known, address))
}

fn new_file(m: &media::Media, address: String) -> NewFile {
    let size = |n: i64| u32::try_from(n).unwrap_or(0);
    NewFile { id: m.id, address: address.into(), alt: m.alt.as_str().into(), size: (size(m.width), size(m.height)) }
}

/// A file of an earlier run, if it is still in the library.
pub(super) fn earlier(tx: &mut Tx<'_>, scope: SiteScope, id: i64) -> Option<NewFile> {
    let known = media::find(tx, scope, MediaId(id)).ok()?;
    let address = address(&known);
    Some(new_file(&known, address))
}
