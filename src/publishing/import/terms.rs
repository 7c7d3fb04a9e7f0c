//! Categories, tags and terms of other taxonomies.

use std::collections::HashMap;

use freehold_base::text::slugify;
use freehold_base::{Capability, Error, Result, SiteId, TermId};
use freehold_store::imported::{self, Imported};
use freehold_store::{Actor, Store, Tx, paths, terms as rows};
use percent_encoding::percent_decode_str;

use super::address::short;
use super::convert::{kind_of, one_line, some_lines};
use super::report::Report;
use super::survey::{named_kind, slug_of};
use super::world::World;
use crate::content::terms::{TermInput, add};

/// Terms in one transaction.
const BATCH: usize = 100;

/// A term to be made.
#[derive(Clone, Debug)]
struct Wanted {
    /// The report's kind.
    kind: String,
    /// As the file has them.
    taxonomy: String,
    slug: String,
    parent: String,
    number: i64,
    /// Ours.
    ours: String,
    input: TermInput,
    /// Where WordPress shows it.
    old: Vec<String>,
    /// What an earlier run made of it.
    before: Option<i64>,
}

/// What became of a term.
struct Made {
    id: i64,
    slug: String,
    path: String,
    is_new: bool,
    redirects: u64,
}

/// Our taxonomy for one of theirs.
fn taxonomy_of(name: &str) -> String {
    match name {
        "category" => "category".into(),
        "post_tag" => "tag".into(),
        other => match kind_of(other) {
            k if ["tag", "post", "page"].contains(&k.as_str()) => format!("x-{k}"),
            k => k,
        },
    }
}

fn wanted(world: &World) -> Vec<Wanted> {
    let above: HashMap<(&str, &str), &str> =
        world.survey.terms.iter().map(|t| ((t.taxonomy.as_str(), t.slug.as_str()), t.parent.as_str())).collect();
    let declared = world.survey.terms.iter().map(|t| {
        (
            t.taxonomy.clone(),
            t.taxonomy.clone(),
            t.slug.clone(),
            t.name.clone(),
            t.parent.clone(),
            &t.description[..],
            t.term_id,
        )
    });
    let named = world.survey.named.iter().map(|t| {
        (named_kind(&t.taxonomy), t.taxonomy.clone(), slug_of(t).to_owned(), t.name.clone(), String::new(), "", 0)
    });
    declared
        .chain(named)
        .map(|(kind, taxonomy, slug, name, parent, description, number)| {
            let ours = taxonomy_of(&taxonomy);
            let mut clean = slugify(&percent_decode_str(&slug).decode_utf8_lossy());
            if clean.is_empty() {
                clean = slugify(&name);
            }
            if clean.is_empty() {
                clean = format!("term-{:x}", short(&name) & 0xff_ffff);
            }
            let name = Some(one_line(&name, 100).0).filter(|n| !n.is_empty()).unwrap_or_else(|| clean.clone());
            let input =
                TermInput { name, slug: clean, description: some_lines(description, 5000).0, ..Default::default() };
            let known = world.others.get(&("term".to_owned(), format!("{taxonomy}:{slug}")));
            let old = old_paths(&above, &taxonomy, &slug, &parent, number);
            Wanted { kind, taxonomy, slug, parent, number, ours, input, old, before: known.map(|d| d.id) }
        })
        .collect()
}

/// Finds or makes all terms, those above first.
pub(super) fn bring_all(store: &Store, world: &mut World, report: &mut Report) -> Result<()> {
    let mut waiting = wanted(world);
    let listed: std::collections::HashSet<(String, String)> =
        waiting.iter().map(|w| (w.taxonomy.clone(), w.slug.clone())).collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        let (mut now, mut later) = (Vec::new(), Vec::new());
        for mut w in waiting {
            let above = (w.taxonomy.clone(), w.parent.clone());
            let is_tag = w.ours == "tag";
            match world.terms.get(&above) {
                Some(id) if !w.parent.is_empty() && !is_tag => w.input.parent = TermId(*id),
                _ if w.parent.is_empty() || is_tag || w.parent == w.slug || !listed.contains(&above) => {}
                _ => {
                    later.push(w);
                    continue;
                }
            }
            now.push(w);
        }
        if later.len() == before
            && let Some(first) = later.first_mut()
        {
            report.note(&first.kind, &first.input.name, "it stands below itself in the file; it stands on top now");
            first.parent = String::new();
        }
        while !now.is_empty() {
            let rest = now.split_off(now.len().min(BATCH));
            write(store, world, report, now)?;
            now = rest;
        }
        waiting = later;
    }
    Ok(())
}

fn write(store: &Store, world: &mut World, report: &mut Report, batch: Vec<Wanted>) -> Result<()> {
    let (site, source, list) = (world.site, world.source.clone(), batch.clone());
    let together = store.write(&Actor::system(), move |tx| list.iter().map(|w| one(tx, site, &source, w)).collect());
    let made: Vec<Result<Made>> = match together {
        Ok(made) => Vec::<Made>::into_iter(made).map(Ok).collect(),
        Err(e @ (Error::Internal { .. } | Error::Retry)) => return Err(e),
        Err(_) => batch
            .iter()
            .map(|w| {
                let (source, w) = (world.source.clone(), w.clone());
                store.write(&Actor::system(), move |tx| one(tx, site, &source, &w))
            })
            .collect(),
    };
    for (w, made) in batch.into_iter().zip(made) {
        match made {
            Ok(made) => done(world, report, w, made),
            Err(e @ (Error::Internal { .. } | Error::Retry)) => return Err(e),
            Err(e) => report.skip(&w.kind, &w.input.name, e.sentence()),
        }
    }
    Ok(())
}

fn done(world: &mut World, report: &mut Report, w: Wanted, made: Made) {
    let tally = report.tally(&w.kind);
    if made.is_new {
        tally.made += 1;
    } else {
        tally.unchanged += 1;
    }
    report.redirects += made.redirects;
    if w.number > 0 {
        world.term_numbers.insert(w.number, made.id);
    }
    if w.ours == "category" {
        world.category_slugs.insert(made.id, made.slug);
    }
    for old in &w.old {
        world.term_paths.insert(short(old.trim_end_matches('/')), made.path.clone());
    }
    world.terms.insert((w.taxonomy, w.slug), made.id);
}

/// Where WordPress shows a term by default: `/category/above/slug/`, `/tag/slug/`, `/taxonomy/slug/`, `/?cat=7`.
fn old_paths(
    above: &HashMap<(&str, &str), &str>,
    taxonomy: &str,
    slug: &str,
    parent: &str,
    number: i64,
) -> Vec<String> {
    let text = percent_decode_str(slug).decode_utf8_lossy().into_owned();
    let mut list = vec![match taxonomy {
        "category" => format!("/category/{text}/"),
        "post_tag" => format!("/tag/{text}/"),
        "post_format" => format!("/type/{}/", text.strip_prefix("post-format-").unwrap_or(&text)),
        other => format!("/{other}/{text}/"),
    }];
    let (mut path, mut at) = (text, parent);
    for _ in 0..12 {
        if at.is_empty() {
            break;
        }
        path = format!("{at}/{path}");
        at = above.get(&(taxonomy, at)).copied().unwrap_or_default();
    }
    if !parent.is_empty() {
        list.push(format!("/{taxonomy}/{path}/"));
    }
    if taxonomy == "category" && number > 0 {
        list.push(format!("/?cat={number}"));
    }
    list
}

fn one(tx: &mut Tx<'_>, site: SiteId, source: &str, w: &Wanted) -> Result<Made> {
    let scope = tx.authorize(site, Capability::ImportRun)?;
    let known = match w.before {
        Some(id) => rows::find(tx, scope, TermId(id)).ok(),
        None => rows::find_by_slug(tx, scope, &w.ours, &w.input.slug)?,
    };
    let is_new = known.is_none();
    let term = match known {
        Some(term) => term,
        None => {
            let id = add(tx, site, &w.ours, &w.input)?;
            rows::find(tx, scope, id)?
        }
    };
    let mut redirects = 0;
    if w.before.is_none() {
        let thing = Imported {
            kind: "term".into(),
            source_id: format!("{}:{}", w.taxonomy, w.slug),
            target_id: term.id.get(),
            fingerprint: String::new(),
        };
        imported::note(tx, scope, source, &thing)?;
        for path in w.old.iter().filter(|p| **p != term.path) {
            paths::remember(tx, scope, path, &paths::Target::Term(term.id))?;
            redirects += 1;
        }
    }
    Ok(Made { id: term.id.get(), slug: term.slug, path: term.path, is_new, redirects })
}
