//! The palette, and the same search as a page (row SE06: entries and places).

use freehold_base::{Page, PageSize, Result, SiteId};
use freehold_platform::sites;
use freehold_publishing::content::{self, Filter, Sort};
use freehold_store::Tx;
use serde::Serialize;

use super::build_frame::crumb;
use super::ctx::Ctx;
use super::failure::Reply;

#[derive(Serialize)]
struct SearchView {
    query: String,
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    label: &'static str,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    label: String,
    detail: String,
    href: String,
    icon: &'static str,
    badge: String,
}

/// Most entries of one site among the results.
const PER_SITE: u16 = 8;
/// Most sites that are searched.
const SITES: usize = 5;

/// The page; with `fragment=1` its results alone.
pub async fn show(ctx: Ctx) -> Reply {
    let mut ctx = ctx;
    let query = ctx.param("q").unwrap_or_default();
    let text = query.clone();
    let (first, groups) = ctx.read(move |tx| find(tx, &text)).await?;
    ctx.site = first.unwrap_or_default();
    let view = SearchView { query, groups };
    if ctx.param("fragment").is_some() {
        return Ok(ctx.part("system/search.html", "results", &view)?);
    }
    let frame = ctx.frame("Search", vec![crumb("Search", None)]).await?;
    Ok(ctx.page(200, "system/search.html", &frame, &view)?)
}

fn find(tx: &mut Tx<'_>, text: &str) -> Result<(Option<SiteId>, Vec<Group>)> {
    let wanted = text.trim().to_lowercase();
    let (mut places, mut entries) = (Vec::new(), Vec::new());
    let all = sites::list_visible(tx)?;
    for site in all.iter().take(SITES) {
        let base = format!("/admin/s/{}", site.id);
        for (label, page, icon) in [
            ("Home", "", "house"),
            ("Posts", "/posts", "pencil"),
            ("Pages", "/pages", "file"),
            ("New post", "/posts/new", "plus"),
            ("New page", "/pages/new", "plus"),
        ] {
            if label.to_lowercase().contains(&wanted) {
                places.push(Item {
                    label: label.into(),
                    detail: site.name.clone(),
                    href: format!("{base}{page}"),
                    icon,
                    badge: String::new(),
                });
            }
        }
        if !wanted.is_empty() {
            let page = Page { size: PageSize::new(PER_SITE), after: None };
            // Somebody who may not write here finds nothing here.
            let Ok(found) = content::lists::list(tx, site.id, &Filter::default(), text, Sort::Updated, &page) else {
                continue;
            };
            for ((card, ..), _) in found {
                let list = if card.kind == "page" { "pages" } else { "posts" };
                entries.push(Item {
                    label: super::entries::shown_title(&card.title),
                    detail: format!("{} · {}", card.kind, card.status),
                    href: format!("{base}/{list}/{}", card.id),
                    icon: if card.kind == "page" { "file" } else { "pencil" },
                    badge: String::new(),
                });
            }
        }
    }
    let groups = [("Go to", places), ("Content", entries)];
    let groups = groups
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
        .map(|(label, items)| Group { label, items })
        .collect();
    Ok((all.first().map(|s| s.id), groups))
}
