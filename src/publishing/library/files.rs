//! A site's files as rows: adding, describing, listing, deleting, and where each one stands.

use std::io::Read;

use freehold_base::text::{line, lines, uuid};
use freehold_base::{Capability, Code, EntryId, Error, MediaId, Page, Result, SiteId, Timestamp, UserId};
use freehold_platform::sites::settings;
use freehold_store::media::{self as rows, Filter, Media};
use freehold_store::media_uses::{self, Use};
use freehold_store::{Actor, SiteScope, Store, Tx, counters, entries, paths};

use super::events::MediaChanged;
use super::{Arrived, Library, jobs};

/// Most entries that are named as places of a file.
const SHOWN_USES: i64 = 50;

/// What is known of a file when it comes. Empty: nothing.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// Title.
    pub title: String,
    /// Description for people who do not see it.
    pub alt: String,
    /// Words below it.
    pub caption: String,
    /// Address it had elsewhere: `/wp-content/uploads/2024/05/cat.jpg`. Needs `import.run`.
    pub path: Option<String>,
    /// Who uploaded it elsewhere. Needs `import.run`.
    pub author: Option<UserId>,
    /// When it was uploaded elsewhere. Needs `import.run`.
    pub created_at: Option<Timestamp>,
}

/// A file in the library.
#[derive(Clone, Debug)]
pub struct Added {
    /// Its row.
    pub media: Media,
    /// False where the site had the same bytes before: then its old row is given.
    pub new: bool,
}

/// Words about a file; they replace the old ones.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// Title, at most 200 characters.
    pub title: String,
    /// Description for people who do not see it, at most 1,000 characters.
    pub alt: String,
    /// It says nothing: needs no description.
    pub decorative: bool,
    /// Words below it, at most 1,000 characters.
    pub caption: String,
    /// Who made it, at most 200 characters.
    pub credit: String,
    /// Under which terms, at most 200 characters.
    pub licence: String,
}

/// Where a file stands.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    /// Entries that show it, at most 50.
    pub entries: Vec<Use>,
    /// Names of terms whose picture it is.
    pub terms: Vec<String>,
    /// It is the site's icon.
    pub icon: bool,
}

impl Uses {
    /// In how many places.
    pub fn count(&self) -> usize {
        self.entries.len() + self.terms.len() + usize::from(self.icon)
    }
}

/// The address of a file on its site.
pub fn address(m: &Media) -> String {
    format!("/media/{}/{}", m.hash, m.filename)
}

/// Gives a stored file to a site.
///
/// # Errors
/// `Denied`; `Invalid` for words that are too long.
pub fn add(tx: &mut Tx<'_>, site: SiteId, file: &Arrived, details: &Details) -> Result<Added> {
    let scope = tx.authorize(site, Capability::MediaWrite)?;
    if details.path.is_some() || details.author.is_some() || details.created_at.is_some() {
        scope.need(Capability::ImportRun)?;
    }
    if let Some(media) = rows::find_by_hash(tx, scope, &file.hash)? {
        return again(tx, scope, media, details);
    }
    let media = Media {
        id: MediaId(entries::next_id(tx)?),
        site_id: site,
        public_id: uuid(),
        hash: file.hash.clone(),
        filename: file.file_name.clone(),
        path: details.path.clone(),
        content_type: file.kind.mime().into(),
        bytes: i64::try_from(file.bytes).unwrap_or(i64::MAX),
        width: i64::from(file.width),
        height: i64::from(file.height),
        colour: file.colour.clone(),
        title: line("title", &details.title, 200)?,
        alt: line("alt", &details.alt, 1000)?,
        decorative: false,
        caption: lines("caption", &details.caption, 1000)?,
        credit: String::new(),
        licence: String::new(),
        uploaded_by: details.author.or(tx.actor().user()).map_or(0, UserId::get),
        created_at: details.created_at.unwrap_or(tx.now()),
    };
    rows::insert(tx, scope, &media)?;
    count(tx, scope, &media, 1)?;
    tx.audit_site(scope, "media.add", named(&media));
    tx.announce(MediaChanged { site, id: media.id, entries: Vec::new(), everywhere: false });
    Ok(Added { media, new: true })
}

/// The same bytes came again; a second old address leads to the one file too.
fn again(tx: &mut Tx<'_>, scope: SiteScope, mut media: Media, details: &Details) -> Result<Added> {
    match (&media.path, &details.path) {
        (None, Some(path)) => {
            media.path = Some(path.clone());
            rows::update(tx, scope, &media)?;
        }
        (Some(old), Some(path)) if old != path => {
            paths::remember(tx, scope, path, &paths::Target::Address(address(&media)))?;
        }
        _ => {}
    }
    Ok(Added { media, new: false })
}

/// Reads, cleans, stores and adds a file in one go: for jobs and the command line, never on an async thread.
/// A file that the site has already (the same bytes) gives its old id.
///
/// # Errors
/// As [`Library::receive`] and [`add`]; then nothing of the file stays.
pub fn keep_file(
    store: &Store,
    library: &Library,
    actor: &Actor,
    site: SiteId,
    source: impl Read,
    file_name: &str,
    details: &Details,
) -> Result<MediaId> {
    let arrived = library.receive(source, file_name)?;
    let (file, details) = (arrived.clone(), details.clone());
    let added = store.write(actor, move |tx| add(tx, site, &file, &details));
    if added.is_err() {
        let hash = arrived.hash.clone();
        drop(arrived);
        library.sweep(store, &hash)?;
    }
    added.map(|a| a.media.id)
}

/// Changes the words about a file.
///
/// # Errors
/// `Denied`, `NotFound("media")`, `Invalid` naming each field.
pub fn describe(tx: &mut Tx<'_>, site: SiteId, id: MediaId, words: &Description) -> Result<Media> {
    let scope = tx.authorize(site, Capability::MediaWrite)?;
    let before = rows::find(tx, scope, id)?;
    let mut after = before.clone();
    let mut refused = freehold_base::error::Refusals::default();
    let mut put = |to: &mut String, clean: Result<String>| -> Result<()> {
        if let Some(clean) = refused.take(clean)? {
            *to = clean;
        }
        Ok(())
    };
    put(&mut after.title, line("title", &words.title, 200))?;
    put(&mut after.alt, line("alt", &words.alt, 1000))?;
    put(&mut after.caption, lines("caption", &words.caption, 1000))?;
    put(&mut after.credit, line("credit", &words.credit, 200))?;
    put(&mut after.licence, line("licence", &words.licence, 200))?;
    refused.check()?;
    after.decorative = words.decorative;
    if after == before {
        return Ok(after);
    }
    rows::update(tx, scope, &after)?;
    tx.audit_site(scope, "media.describe", named(&after));
    tell(tx, scope, &after)?;
    Ok(after)
}

/// Deletes a file for good; its bytes go when no site has them. `even_if_used`: also where entries show it.
///
/// # Errors
/// `Denied` for files of others without `media.manage`, `NotFound("media")`, `WrongState` where it is in use.
pub fn delete(tx: &mut Tx<'_>, site: SiteId, id: MediaId, even_if_used: bool) -> Result<()> {
    let scope = tx.authorize(site, Capability::MediaWrite)?;
    let media = rows::find(tx, scope, id)?;
    if tx.actor().user().map(UserId::get) != Some(media.uploaded_by) {
        scope.need(Capability::MediaManage)?;
    }
    let used = uses_of(tx, scope, id)?.count();
    if used > 0 && !even_if_used {
        let places = if used == 1 { "one place shows".to_owned() } else { format!("{used} places show") };
        return Err(Error::refused(Code::WrongState, format!("{places} this file")));
    }
    tell(tx, scope, &media)?;
    rows::delete(tx, scope, id)?;
    count(tx, scope, &media, -1)?;
    jobs::sweep_later(tx, scope, &media.hash)?;
    tx.audit_site(scope, "media.delete", named(&media));
    Ok(())
}

fn named(m: &Media) -> String {
    format!("file {} \u{201c}{}\u{201d}", m.id, m.filename)
}

fn count(tx: &mut Tx<'_>, scope: SiteScope, m: &Media, sign: i64) -> Result<()> {
    counters::add(tx, scope, "media.files", sign)?;
    counters::add(tx, scope, "media.bytes", sign * m.bytes)
}

/// Pages that show the file are old.
fn tell(tx: &mut Tx<'_>, scope: SiteScope, m: &Media) -> Result<()> {
    let uses = uses_of(tx, scope, m.id)?;
    // Beyond what is listed the rest is not known by name: the whole site is made anew.
    let many = uses.entries.len() as i64 >= SHOWN_USES;
    let everywhere = uses.icon || !uses.terms.is_empty() || many;
    let entries: Vec<EntryId> = uses.entries.into_iter().map(|u| u.entry).collect();
    tx.announce(MediaChanged { site: scope.id(), id: m.id, entries, everywhere });
    Ok(())
}

/// One file.
///
/// # Errors
/// `Denied`, `NotFound("media")`.
pub fn find(tx: &mut Tx<'_>, site: SiteId, id: MediaId) -> Result<Media> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::find(tx, scope, id)
}

/// Pictures that need a description, and files that no entry shows; 1000 stands for more.
///
/// # Errors
/// `Denied`.
pub fn to_do(tx: &mut Tx<'_>, site: SiteId) -> Result<(usize, usize)> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::to_do(tx, scope)
}

/// Files, in the filter's order, after the page's cursor (the order's key, id).
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, site: SiteId, filter: &Filter, page: &Page) -> Result<Vec<Media>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::list(tx, scope, filter, page)
}

/// How many files the site has, and their bytes.
///
/// # Errors
/// `Denied`.
pub fn totals(tx: &mut Tx<'_>, site: SiteId) -> Result<(i64, i64)> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    let all = counters::all(tx, scope)?;
    let of = |name: &str| all.iter().find(|(n, _)| n == name).map_or(0, |(_, v)| *v);
    Ok((of("media.files"), of("media.bytes")))
}

/// Where a file stands.
///
/// # Errors
/// `Denied`.
pub fn uses(tx: &mut Tx<'_>, site: SiteId, id: MediaId) -> Result<Uses> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    uses_of(tx, scope, id)
}

fn uses_of(tx: &mut Tx<'_>, scope: SiteScope, id: MediaId) -> Result<Uses> {
    Ok(Uses {
        entries: media_uses::of(tx, scope, id, SHOWN_USES)?,
        terms: media_uses::terms_of(tx, scope, id)?,
        icon: settings::read(tx, scope)?.general.icon_id == id.get(),
    })
}

/// A site's file by the hash of its bytes, as visitors see it.
///
/// # Errors
/// Database failures.
pub fn find_public(tx: &mut Tx<'_>, site: SiteId, hash: &str) -> Result<Option<Media>> {
    let scope = tx.visit(site)?;
    rows::find_by_hash(tx, scope, hash)
}

/// Where an address that a file had elsewhere leads now: also addresses of WordPress' smaller sizes
/// (`cat-300x200.jpg`), which lead to our nearest.
///
/// # Errors
/// Database failures.
pub fn find_public_path(tx: &mut Tx<'_>, site: SiteId, path: &str) -> Result<Option<String>> {
    let scope = tx.visit(site)?;
    if let Some(media) = rows::find_by_path(tx, scope, path)? {
        return Ok(Some(address(&media)));
    }
    if let Some(paths::Target::Address(to)) = paths::find(tx, scope, path)? {
        return Ok(Some(to));
    }
    let Some((stem, width, ending)) = sized(path) else { return Ok(None) };
    for name in [format!("{stem}.{ending}"), format!("{stem}-scaled.{ending}")] {
        if let Some(media) = rows::find_by_path(tx, scope, &name)? {
            let near = crate::media::variants::WIDTHS.into_iter().find(|w| *w >= width);
            let raster = crate::media::Kind::from_mime(&media.content_type).is_some_and(crate::media::Kind::is_raster);
            return Ok(Some(match near {
                Some(near) if raster && i64::from(near) < media.width => format!("/media/{}/{near}.webp", media.hash),
                _ => address(&media),
            }));
        }
    }
    Ok(None)
}

/// `/…/cat-300x200.jpg` as (`/…/cat`, 300, `jpg`).
fn sized(path: &str) -> Option<(&str, u32, &str)> {
    let (name, ending) = path.rsplit_once('.')?;
    let (stem, size) = name.rsplit_once('-')?;
    let (width, height) = size.split_once('x')?;
    height.parse::<u16>().ok()?;
    Some((stem, u32::from(width.parse::<u16>().ok()?), ending))
}

#[cfg(test)]
mod address_tests {
    use super::sized;

    #[test]
    fn names_of_smaller_sizes_are_read() {
        assert_eq!(sized("/u/cat-300x200.jpg"), Some(("/u/cat", 300, "jpg")));
        assert_eq!(sized("/u/my-cat-1024x68.png"), Some(("/u/my-cat", 1024, "png")));
        for other in ["/u/cat.jpg", "/u/cat-300.jpg", "/u/cat-x2.jpg", "/u/cat-300x200", "/u/cat-3x-4.jpg"] {
            assert_eq!(sized(other), None, "{other}");
        }
    }
}
