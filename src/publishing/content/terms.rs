//! Categories, tags and other terms (rows TX01, TX02, TX04).

use freehold_base::text::{line, lines, required_line, slugify};
use freehold_base::{Capability, Code, Cursor, Error, Page, PageSize, Result, SiteId, TermId, Timestamp};
use freehold_platform::sites::{Settings, settings};
use freehold_store::{SiteScope, Tx, menus, paths, terms as rows};

use super::Term;
use super::events::TermChanged;

/// What somebody says of a term.
#[derive(Clone, Debug, Default)]
pub struct TermInput {
    /// Name, at most 100 characters.
    pub name: String,
    /// Slug; empty: made from the name.
    pub slug: String,
    /// A few words about it.
    pub description: String,
    /// Term above; `TermId(0)` for none.
    pub parent: TermId,
    /// Image.
    pub image_id: i64,
    /// Template of the theme.
    pub template: String,
    /// Title for search engines.
    pub seo_title: String,
    /// Description for search engines.
    pub seo_description: String,
}

/// Adds a term while writing; a name that exists answers with the existing term (row TX04).
///
/// # Errors
/// `Denied`, `Invalid`.
pub fn add(tx: &mut Tx<'_>, site: SiteId, taxonomy: &str, input: &TermInput) -> Result<TermId> {
    add_or_find(tx, site, taxonomy, input).map(|(id, _)| id)
}

/// As [`add`], but says whether it is new.
///
/// # Errors
/// `Denied`, `Invalid`.
pub fn add_or_find(tx: &mut Tx<'_>, site: SiteId, taxonomy: &str, input: &TermInput) -> Result<(TermId, bool)> {
    let scope = tx.authorize(site, Capability::TermsAdd)?;
    let name = required_line("name", &input.name, 100)?;
    let slug = slug_for(&input.slug, &name)?;
    if let Some(known) = rows::find_by_slug(tx, scope, taxonomy, &slug)? {
        return Ok((known.id, false));
    }
    let term = fill(tx, scope, taxonomy, None, input, name, slug)?;
    let id = rows::insert(tx, scope, &term)?;
    paths::forget(tx, scope, &term.path)?;
    tx.audit_site(scope, "term.add", format!("{taxonomy} \u{201c}{}\u{201d}", term.name));
    announce(tx, scope, id)?;
    Ok((id, true))
}

/// The term of a name, made if it is new. The caller was authorized to write; a new one needs the right to add.
pub(super) fn find_or_add(tx: &mut Tx<'_>, scope: SiteScope, taxonomy: &str, name: &str) -> Result<TermId> {
    let slug = slug_for("", name)?;
    if let Some(known) = rows::find_by_slug(tx, scope, taxonomy, &slug)? {
        return Ok(known.id);
    }
    add(tx, scope.id(), taxonomy, &TermInput { name: name.to_owned(), ..Default::default() })
}

/// Whether all these tags are there: what saves itself while somebody types makes none of half a word.
///
/// # Errors
/// `Denied`.
pub fn are_known_tags(tx: &mut Tx<'_>, site: SiteId, names: &[String]) -> Result<bool> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    for name in names {
        let Ok(slug) = slug_for("", name) else { return Ok(false) };
        if rows::find_by_slug(tx, scope, "tag", &slug)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn slug_for(slug: &str, name: &str) -> Result<String> {
    let wanted = slugify(if slug.is_empty() { name } else { slug });
    if wanted.is_empty() {
        Err(Error::invalid("slug", Code::Malformed, "letters and digits, such as fresh-bread"))
    } else {
        Ok(wanted)
    }
}

/// Changes a term; an old address leads to the new one, terms below move along.
///
/// # Errors
/// `Denied`, `NotFound("term")`, `Invalid`, `TermCircle`.
pub fn update(tx: &mut Tx<'_>, site: SiteId, id: TermId, input: &TermInput) -> Result<Term> {
    let scope = tx.authorize(site, Capability::TermsManage)?;
    let before = rows::find(tx, scope, id)?;
    let name = required_line("name", &input.name, 100)?;
    let slug = slug_for(&input.slug, &name)?;
    if let Some(other) = rows::find_by_slug(tx, scope, &before.taxonomy, &slug)?
        && other.id != id
    {
        return Err(Error::invalid("slug", Code::SlugTaken, slug));
    }
    let after = fill(tx, scope, &before.taxonomy, Some(&before), input, name, slug)?;
    store(tx, scope, &before, &after)?;
    tx.audit_site(scope, "term.save", format!("{} \u{201c}{}\u{201d}", after.taxonomy, after.name));
    Ok(after)
}

/// Writes a changed term; the terms below move along.
pub(super) fn store(tx: &mut Tx<'_>, scope: SiteScope, before: &Term, after: &Term) -> Result<()> {
    rows::update(tx, scope, after)?;
    if before.path != after.path {
        paths::forget(tx, scope, &after.path)?;
        paths::remember(tx, scope, &before.path, &paths::Target::Term(after.id))?;
        for child in rows::children(tx, scope, after.id)? {
            let moved = Term { path: format!("{}{}/", after.path, child.slug), ..child.clone() };
            store(tx, scope, &child, &moved)?;
        }
    }
    announce(tx, scope, after.id)?;
    Ok(())
}

fn fill(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    taxonomy: &str,
    before: Option<&Term>,
    input: &TermInput,
    name: String,
    slug: String,
) -> Result<Term> {
    let all = settings::read(tx, scope)?;
    let above = parent_path(tx, scope, taxonomy, before, input.parent, &all)?;
    if input.image_id > 0 && before.is_none_or(|b| b.image_id != input.image_id) {
        an_image(tx, scope, input.image_id)?;
    }
    Ok(Term {
        id: before.map_or(TermId(0), |b| b.id),
        site_id: scope.id(),
        taxonomy: taxonomy.to_owned(),
        parent_id: input.parent,
        path: format!("{above}{slug}/"),
        slug,
        name,
        description: lines("description", &input.description, 5000)?,
        image_id: input.image_id,
        template: line("template", &input.template, 100)?,
        seo_title: line("seo_title", &input.seo_title, 200)?,
        seo_description: line("seo_description", &input.seo_description, 500)?,
        entry_count: before.map_or(0, |b| b.entry_count),
        created_at: before.map_or(Timestamp(0), |b| b.created_at),
    })
}

/// Checks that a number is that of a picture in the site's library.
fn an_image(tx: &mut Tx<'_>, scope: SiteScope, id: i64) -> Result<()> {
    let found = freehold_store::media::find(tx, scope, id.into());
    match found {
        Ok(file) if file.content_type.starts_with("image/") => Ok(()),
        Err(e) if e.as_code() != Code::NotFound => Err(e),
        _ => Err(Error::invalid("image", Code::NotAllowed, "a picture of this site's library")),
    }
}

fn parent_path(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    taxonomy: &str,
    before: Option<&Term>,
    parent: TermId,
    settings: &Settings,
) -> Result<String> {
    if parent == TermId(0) {
        return Ok(base_path(taxonomy, settings));
    }
    let mut at = rows::find(tx, scope, parent)?;
    let path = at.path.clone();
    if at.taxonomy != taxonomy || taxonomy == "tag" {
        return Err(Error::invalid("parent", Code::NotAllowed, "a term of the same tree"));
    }
    for _ in 0..12 {
        if before.is_some_and(|b| b.id == at.id) {
            return Err(Error::invalid("parent", Code::TermCircle, ""));
        }
        if at.parent_id == TermId(0) {
            return Ok(path);
        }
        at = rows::find(tx, scope, at.parent_id)?;
    }
    Err(Error::invalid("parent", Code::TooDeep, "12"))
}

/// Where the addresses of a taxonomy begin: `/category/`.
pub fn base_path(taxonomy: &str, settings: &Settings) -> String {
    match taxonomy {
        "category" => format!("/{}/", settings.permalinks.category_base),
        "tag" => format!("/{}/", settings.permalinks.tag_base),
        other => format!("/{other}/"),
    }
}

fn announce(tx: &mut Tx<'_>, scope: SiteScope, id: TermId) -> Result<()> {
    let in_menus = menus::name(tx, scope, "term", id.get())?;
    tx.announce(TermChanged { site: scope.id(), id: id.get(), in_menus });
    Ok(())
}

/// Deletes a term; entries lose it, terms below move up.
///
/// # Errors
/// `Denied`, `NotFound("term")`.
pub fn delete(tx: &mut Tx<'_>, site: SiteId, id: TermId) -> Result<()> {
    let scope = tx.authorize(site, Capability::TermsManage)?;
    let term = rows::find(tx, scope, id)?;
    let settings = settings::read(tx, scope)?;
    let above = match term.parent_id {
        TermId(0) => base_path(&term.taxonomy, &settings),
        parent => rows::find(tx, scope, parent)?.path,
    };
    move_children(tx, scope, id, term.parent_id, &above)?;
    rows::delete(tx, scope, id)?;
    tx.audit_site(scope, "term.delete", format!("{} \u{201c}{}\u{201d}", term.taxonomy, term.name));
    announce(tx, scope, id)?;
    Ok(())
}

/// Puts the terms below `id` below `parent`, whose address is `above`.
fn move_children(tx: &mut Tx<'_>, scope: SiteScope, id: TermId, parent: TermId, above: &str) -> Result<()> {
    for child in rows::children(tx, scope, id)? {
        let moved = Term { parent_id: parent, path: format!("{above}{}/", child.slug), ..child.clone() };
        store(tx, scope, &child, &moved)?;
    }
    Ok(())
}

/// Gives all entries of a term to another one of the same taxonomy; its addresses and lines of menus lead there, and
/// the terms below it move along.
///
/// # Errors
/// `Denied`, `NotFound("term")`, `Invalid`.
pub fn merge(tx: &mut Tx<'_>, site: SiteId, from: TermId, into: TermId) -> Result<()> {
    let scope = tx.authorize(site, Capability::TermsManage)?;
    let (a, b) = (rows::find(tx, scope, from)?, rows::find(tx, scope, into)?);
    if from == into || a.taxonomy != b.taxonomy {
        return Err(Error::invalid("into", Code::NotAllowed, "another term of the same kind"));
    }
    if is_below(tx, scope, &b, from)? {
        return Err(Error::invalid("into", Code::TermCircle, ""));
    }
    move_children(tx, scope, from, into, &b.path)?;
    rows::merge(tx, scope, from, into)?;
    paths::retarget_term(tx, scope, from, into)?;
    menus::retarget_term(tx, scope, from, into)?;
    paths::remember(tx, scope, &a.path, &paths::Target::Term(into))?;
    tx.audit_site(scope, "term.merge", format!("\u{201c}{}\u{201d} into \u{201c}{}\u{201d}", a.name, b.name));
    announce(tx, scope, from)?;
    announce(tx, scope, into)?;
    Ok(())
}

/// Whether a term stands below another one.
fn is_below(tx: &mut Tx<'_>, scope: SiteScope, term: &Term, above: TermId) -> Result<bool> {
    let mut parent = term.parent_id;
    for _ in 0..12 {
        if parent == above {
            return Ok(true);
        }
        if parent == TermId(0) {
            return Ok(false);
        }
        parent = rows::find(tx, scope, parent)?.parent_id;
    }
    Ok(false)
}

/// Most terms that are shown as a tree; more are a list.
pub const TREE: usize = 500;

/// All terms of a taxonomy as a tree: each with its depth, children after their parent, siblings by name. `None`
/// where there are more than [`TREE`].
///
/// # Errors
/// `Denied`.
pub fn tree(tx: &mut Tx<'_>, site: SiteId, taxonomy: &str) -> Result<Option<Vec<(usize, Term)>>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    let mut all: Vec<Term> = Vec::new();
    loop {
        let after = all.last().map(|t| Cursor { key: t.name.clone(), id: t.id.get() });
        let page = Page { size: PageSize::new(PageSize::MAX), after };
        let more = rows::list(tx, scope, Some(taxonomy), &page)?;
        let last = more.len() < usize::from(PageSize::MAX);
        all.extend(more);
        if all.len() > TREE {
            return Ok(None);
        }
        if last {
            return Ok(Some(branches(&all)));
        }
    }
}

fn branches(all: &[Term]) -> Vec<(usize, Term)> {
    fn grow(all: &[Term], parent: TermId, depth: usize, out: &mut Vec<(usize, Term)>) {
        if depth > 12 {
            return;
        }
        for term in all.iter().filter(|t| t.parent_id == parent) {
            out.push((depth, term.clone()));
            grow(all, term.id, depth + 1, out);
        }
    }
    let mut out = Vec::with_capacity(all.len());
    grow(all, TermId(0), 0, &mut out);
    // A term whose parent is gone still shows, at the top.
    for term in all {
        if !out.iter().any(|(_, t)| t.id == term.id) {
            out.push((0, term.clone()));
        }
    }
    out
}

/// Terms whose name or slug holds these words, by name.
///
/// # Errors
/// `Denied`.
pub fn search(tx: &mut Tx<'_>, site: SiteId, taxonomy: &str, text: &str, page: &Page) -> Result<Vec<Term>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::search(tx, scope, taxonomy, text.trim(), page)
}

/// The term of exactly this name, or with its slug.
///
/// # Errors
/// `Denied`.
pub fn find_by_name(tx: &mut Tx<'_>, site: SiteId, taxonomy: &str, name: &str) -> Result<Option<Term>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::find_by_slug(tx, scope, taxonomy, &slugify(name))
}

/// Terms by name.
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, site: SiteId, taxonomy: Option<&str>, page: &Page) -> Result<Vec<Term>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::list(tx, scope, taxonomy, page)
}

/// Terms of a taxonomy by name, those that hold the words; `back`: from the other end.
///
/// # Errors
/// `Denied`.
pub fn look(tx: &mut Tx<'_>, site: SiteId, taxonomy: &str, text: &str, page: &Page, back: bool) -> Result<Vec<Term>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::look(tx, scope, taxonomy, text, page, back)
}

/// One term.
///
/// # Errors
/// `Denied`, `NotFound("term")`.
pub fn find(tx: &mut Tx<'_>, site: SiteId, id: TermId) -> Result<Term> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::find(tx, scope, id)
}
