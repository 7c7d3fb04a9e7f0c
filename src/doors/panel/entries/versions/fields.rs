//! What stands beside the words: status, address, terms, cover and the like.

use std::collections::HashMap;

use chrono::TimeZone as _;
use freehold_base::{EntryId, Result, SiteId, Timestamp};
use freehold_publishing::content::{self, versions::Snapshot};
use freehold_store::{SiteScope, Tx};

use super::view::FieldView;
use crate::panel::entries::{shown_title, status_word};

/// What stands beside the words, on both sides.
pub(super) fn fields(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    site: SiteId,
    zone: chrono_tz::Tz,
    old: &Snapshot,
    new: &Snapshot,
) -> Result<Vec<FieldView>> {
    let mut names = HashMap::new();
    for id in old.terms.iter().chain(&new.terms).take(400) {
        if !names.contains_key(id) {
            let found = freehold_store::terms::find(tx, scope, freehold_base::TermId(*id)).ok();
            names.insert(*id, found.map_or(("gone".into(), "deleted".into()), |t| (t.taxonomy, t.name)));
        }
    }
    let of = |s: &Snapshot, wanted: fn(&str) -> bool| {
        let mut all: Vec<&str> =
            s.terms.iter().filter_map(|id| names.get(id)).filter(|(t, _)| wanted(t)).map(|(_, n)| n.as_str()).collect();
        all.sort_unstable();
        all.join(", ")
    };
    let yes = |on: bool| if on { "Yes" } else { "No" }.to_owned();
    let when = |ms: i64| match ms {
        0 => String::new(),
        ms => zone.from_utc_datetime(&Timestamp(ms).utc().naive_utc()).format("%-d %b %Y %H:%M").to_string(),
    };
    let who = |v: &str| {
        match v {
            "private" => "People of this site",
            "password" => "Those with the password",
            _ => "Everyone",
        }
        .to_owned()
    };
    let covers = freehold_store::media::find_many(tx, scope, &[old.cover, new.cover])?;
    let cover = |id: i64| match covers.iter().find(|m| m.id.get() == id) {
        Some(m) => m.filename.clone(),
        None if id > 0 => "A file that was deleted".into(),
        None => String::new(),
    };
    let mut page_above = |id: i64| -> String {
        if id == 0 {
            return String::new();
        }
        content::lists::find(tx, site, EntryId(id))
            .map_or_else(|_| "A page that is gone".into(), |(e, _)| shown_title(&e.title))
    };
    let parents = (page_above(old.parent), page_above(new.parent));
    let field = |label, old: String, new: String| FieldView { label, changed: old != new, old, new };
    let mut all = vec![
        field("Status", status_word(&old.status, "").0.into(), status_word(&new.status, "").0.into()),
        field("Address", old.slug.clone(), new.slug.clone()),
        field("Visible to", who(&old.visibility), who(&new.visibility)),
        field("Date", when(old.published_at), when(new.published_at)),
        field("Categories", of(old, |t| t == "category"), of(new, |t| t == "category")),
        field("Tags", of(old, |t| t == "tag"), of(new, |t| t == "tag")),
        field(
            "Other terms",
            of(old, |t| !matches!(t, "category" | "tag")),
            of(new, |t| !matches!(t, "category" | "tag")),
        ),
        field("Cover", cover(old.cover), cover(new.cover)),
        field("Excerpt", old.excerpt.clone(), new.excerpt.clone()),
        field("Page above", parents.0, parents.1),
        field("Template", old.template.clone(), new.template.clone()),
        field("On top of the front page", yes(old.sticky), yes(new.sticky)),
        field("Readers may comment", yes(old.comments_open), yes(new.comments_open)),
        field("Title for search engines", old.seo_title.clone(), new.seo_title.clone()),
        field("Description for search engines", old.seo_description.clone(), new.seo_description.clone()),
    ];
    if old.fields != new.fields {
        all.push(field("Further fields", old.fields.to_string(), new.fields.to_string()));
    }
    all.retain(|f| f.changed || !f.old.is_empty());
    all.sort_by_key(|f| !f.changed);
    Ok(all)
}
