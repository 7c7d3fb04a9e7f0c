//! Reads the two states that are compared, and what stands around them.

use std::collections::HashMap;

use freehold_base::{EntryId, Error, Result, RevisionId, SiteId};
use freehold_platform::sites::settings;
use freehold_publishing::content::versions::{self, Snapshot};
use freehold_publishing::content::{self, Body, Changes, prepare};
use freehold_store::revisions::RevisionLine;
use freehold_store::{SiteScope, Tx};

use super::asked::{Asked, Chosen};
use super::fields::fields;
use super::history::{Around, LISTED, list};
use super::view::{Back, Head, Page, Tab, blank};
use super::words::Words;
use crate::panel::entries::compare::{PictureView, RowView};
use crate::panel::form::Form;
use crate::panel::thumbs::thumb;

/// One side of a comparison.
struct Side {
    head: Head,
    state: Snapshot,
}

pub(super) fn read(tx: &mut Tx<'_>, site: SiteId, id: EntryId, asked: &Asked) -> Result<Page> {
    let (entry, terms) = content::lists::find(tx, site, id)?;
    let scope = tx.authorize(site, freehold_base::Capability::EntriesWriteOwn)?;
    let listed = versions::list(tx, site, id, asked.list_from, LISTED + 1)?;
    let newest = versions::list(tx, site, id, 0, 2)?;
    let zone = settings::read(tx, scope)?.general.timezone.parse().unwrap_or(chrono_tz::UTC);
    let around = Around { me: tx.actor().user().map_or(0, i64::from), now: tx.now(), zone };
    let now = Side {
        head: Head {
            name: "Now".into(),
            by: newest.first().map(|l| around.by(l, Some(entry.updated_at))).unwrap_or_default(),
        },
        state: Snapshot::now(&entry, &terms)?,
    };
    let chosen = match (asked.chosen, newest.as_slice()) {
        (Chosen::One(id), _) => Some(id),
        (_, [_, second, ..]) => Some(RevisionId(second.id)),
        (_, [only]) => Some(RevisionId(only.id)),
        _ => None,
    };
    let place = match chosen {
        Some(revision) => Some(versions::place(tx, site, id, revision)?),
        None => None,
    };
    let (left, right) = sides(tx, site, id, asked, &around, place.as_ref(), now)?;
    let words = Words::of(&left.state, &right.state)?;
    let mut page = blank(asked, &entry, &words, left.head, right.head);
    page.fields = fields(tx, scope, site, zone, &left.state, &right.state)?;
    page.fields_changed = page.fields.iter().filter(|f| f.changed).count();
    show_pictures(tx, scope, &mut page.rows)?;
    list(tx, site, id, asked, &around, listed, chosen.filter(|_| asked.chosen != Chosen::Unsaved), &mut page)?;
    if let (Some(place), true) = (&place, asked.chosen != Chosen::Unsaved) {
        let link = |id: Option<RevisionId>| {
            id.map(|id| asked.href(&id.to_string(), asked.view, asked.before, 0, false)).unwrap_or_default()
        };
        page.position = format!("{} of {}", place.count - place.newer, place.count);
        (page.older_href, page.newer_href) = (link(place.older_id), link(place.newer_id));
        let here = |before| asked.href(&place.line.id.to_string(), asked.view, before, asked.list_from, false);
        if place.newer > 0 && place.older_id.is_some() {
            page.against = vec![
                Tab { label: "Now", href: here(false), current: !asked.before },
                Tab { label: "The version before it", href: here(true), current: asked.before },
            ];
        }
        if place.newer > 0 && entry.status != "trash" {
            page.restore_action = format!("{}/{}/restore", asked.own, place.line.id);
            if !asked.before {
                page.block_action = format!("{}/{}/block", asked.own, place.line.id);
            }
        }
    }
    if ["back", "block", "undone"].contains(&asked.done.as_str()) && asked.undo > 0 {
        page.back = Some(Back {
            text: match asked.done.as_str() {
                "block" => "The block is back. What stood there is kept as a version.",
                "undone" => "Taken back. That was kept as a version too.",
                _ => "The version is back. What stood here before is kept as a version.",
            },
            undo_action: format!("{}/{}/restore", asked.own, asked.undo),
        });
    }
    Ok(page)
}

/// Which two states are compared.
fn sides(
    tx: &mut Tx<'_>,
    site: SiteId,
    id: EntryId,
    asked: &Asked,
    around: &Around,
    place: Option<&versions::Place>,
    now: Side,
) -> Result<(Side, Side)> {
    if let Some(form) = &asked.typed {
        let state = typed(form, &now.state)?;
        return Ok((now, Side { head: Head { name: "Your words, not saved".into(), by: "You".into() }, state }));
    }
    let Some(place) = place else {
        let head = Head { name: "Now".into(), by: now.head.by.clone() };
        return Ok((Side { head, state: now.state.clone() }, now));
    };
    let one = |tx: &mut Tx<'_>, revision: RevisionId, line: &RevisionLine| -> Result<Side> {
        let (_, state) = versions::find(tx, site, id, revision)?;
        let name = if place.newer == 0 && line.id == place.line.id { "Now" } else { "This version" };
        Ok(Side { head: Head { name: name.into(), by: around.by(line, None) }, state })
    };
    let chosen = one(tx, RevisionId(place.line.id), &place.line)?;
    match place.older_id.filter(|_| asked.before || place.newer == 0) {
        Some(older) => {
            let line = versions::place(tx, site, id, older)?.line;
            let mut left = one(tx, older, &line)?;
            left.head.name = "The version before it".into();
            Ok((left, if place.newer == 0 { now } else { chosen }))
        }
        None => Ok((chosen, now)),
    }
}

/// Unsaved words over the entry as it is.
fn typed(form: &Form, now: &Snapshot) -> Result<Snapshot> {
    let mut state = now.clone();
    let body = match (form.get("source"), form.get("document")) {
        ("markdown", _) => Some(Body::Markdown(form.get("markdown").to_owned())),
        (_, "") => None,
        (_, json) => Some(Body::Json(json.to_owned())),
    };
    // Cleaned as a save would, so that only what somebody typed differs.
    let clean = prepare(Changes { body, ..Default::default() }, true)?;
    if let Some(text) = clean.text {
        state.document = serde_json::from_str(&text.json).map_err(|e| Error::internal("reading unsaved words", e))?;
    }
    let put = |to: &mut String, name: &str| form.get(name).clone_into(to);
    put(&mut state.title, "title");
    put(&mut state.excerpt, "excerpt");
    put(&mut state.seo_title, "seo_title");
    put(&mut state.seo_description, "seo_description");
    Ok(state)
}

/// Gives pictures the addresses of their small forms.
fn show_pictures(tx: &mut Tx<'_>, scope: SiteScope, rows: &mut [RowView]) -> Result<()> {
    let mut all: Vec<&mut PictureView> = rows
        .iter_mut()
        .flat_map(|r| [r.old.as_mut(), r.new.as_mut(), r.both.as_mut()])
        .flatten()
        .flat_map(|side| side.pictures.iter_mut())
        .collect();
    let ids: Vec<i64> = all.iter().map(|p| p.media_id).filter(|id| *id > 0).collect();
    let known: HashMap<i64, String> = freehold_store::media::find_many(tx, scope, &ids)?
        .into_iter()
        .map(|m| (m.id.get(), thumb(&m.hash, &m.filename, &m.content_type, 640)))
        .collect();
    for picture in &mut all {
        picture.url = known.get(&picture.media_id).cloned().unwrap_or_default();
    }
    Ok(())
}
