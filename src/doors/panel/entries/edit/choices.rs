//! What can be chosen on the writing page: templates, cover, categories, tags, the page above.

use freehold_base::{EntryId, Page, PageSize, Result, SiteId};
use freehold_publishing::content::{self, Entry, Filter, Label, Sort};
use freehold_publishing::themes::manifest::Manifest;
use freehold_store::Tx;

use super::view::{CategoryView, CoverView};
use crate::panel::entries::list_view::OptionView;
use crate::panel::entries::{Noun, shown_title};
use crate::panel::thumbs::thumb;

/// The templates of the theme that fit (row TH01).
pub(super) fn templates(manifest: &Manifest, noun: Noun) -> Vec<OptionView> {
    let fits = |types: &[String]| types.is_empty() || types.iter().any(|t| t == noun.kind);
    let all = manifest.templates.iter().filter(|(_, t)| fits(&t.types));
    all.map(|(name, t)| OptionView {
        value: name.strip_prefix("custom/").unwrap_or(name).to_owned(),
        label: t.label.clone(),
    })
    .collect()
}

pub(super) fn cover(tx: &mut Tx<'_>, scope: freehold_store::SiteScope, id: i64) -> Result<Option<CoverView>> {
    let found = freehold_store::media::find_many(tx, scope, &[id])?.into_iter().next();
    Ok(found.map(|m| CoverView { id, url: thumb(&m.hash, &m.filename, &m.content_type, 640), alt: m.alt }))
}

/// The categories as a tree: those that the entry holds are always there, and none is lost with its parent.
pub(super) fn tree(tx: &mut Tx<'_>, site: SiteId, held: &[Label]) -> Result<Vec<CategoryView>> {
    let page = Page { size: PageSize::new(200), after: None };
    let mut all: Vec<Label> =
        content::terms::list(tx, site, Some("category"), &page)?.into_iter().map(Label::from).collect();
    let missing = held.iter().filter(|h| h.taxonomy == "category" && !all.iter().any(|t| t.id == h.id));
    all.extend(missing.cloned().collect::<Vec<_>>());
    Ok(as_tree(&all, held))
}

fn as_tree(all: &[Label], held: &[Label]) -> Vec<CategoryView> {
    let mut views = Vec::with_capacity(all.len());
    let is_root = |t: &Label| !all.iter().any(|other| other.id == t.parent_id);
    for root in all.iter().filter(|t| is_root(t)) {
        below(all, root, 0, held, &mut views);
    }
    views
}

fn below(all: &[Label], term: &Label, depth: usize, held: &[Label], views: &mut Vec<CategoryView>) {
    let checked = held.iter().any(|h| h.id == term.id);
    views.push(CategoryView { id: term.id.get(), name: term.name.clone(), depth, checked });
    if depth < 12 {
        all.iter().filter(|t| t.parent_id == term.id).for_each(|t| below(all, t, depth + 1, held, views));
    }
}

pub(super) fn suggestions(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<String>> {
    let tags = content::terms::list(tx, site, Some("tag"), &Page { size: PageSize::new(50), after: None })?;
    Ok(tags.into_iter().map(|t| t.name).collect())
}

/// Pages that it may stand below. The one it stands below is always there, wherever it is in the list.
pub(super) fn parents(tx: &mut Tx<'_>, site: SiteId, e: Option<&Entry>) -> Result<Vec<OptionView>> {
    let filter = Filter { kind: Some("page".into()), ..Default::default() };
    let pages =
        content::lists::list(tx, site, &filter, "", Sort::Title, &Page { size: PageSize::new(200), after: None })?;
    let me = e.map_or(EntryId(0), |e| e.id);
    let mut options = vec![OptionView { value: String::new(), label: "None".into() }];
    for ((card, ..), _) in pages.into_iter().filter(|((card, ..), _)| card.id != me) {
        options.push(OptionView { value: card.id.to_string(), label: shown_title(&card.title) });
    }
    let above = e.map_or(EntryId(0), |e| e.parent_id);
    if above != EntryId(0) && !options.iter().any(|o| o.value == above.to_string()) {
        let found = content::lists::find(tx, site, above);
        let label = found.map_or_else(|_| "A page that is gone".into(), |(page, _)| shown_title(&page.title));
        options.push(OptionView { value: above.to_string(), label });
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_shows_even_where_its_parent_is_not_in_the_list() {
        let term = |id: i64, parent: i64| Label {
            id: id.into(),
            parent_id: parent.into(),
            name: id.to_string(),
            taxonomy: "category".into(),
            ..Label::default()
        };
        let all = [term(1, 0), term(2, 1), term(3, 99), term(4, 3)];
        let shown: Vec<_> = as_tree(&all, &[term(4, 3)]).into_iter().map(|c| (c.id, c.depth, c.checked)).collect();
        assert_eq!(shown, [(1, 0, false), (2, 1, false), (3, 0, false), (4, 1, true)]);
    }
}
