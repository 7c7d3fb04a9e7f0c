//! The palette, and the same search as a page (row SE06): pages, acts, settings, entries, media, people, sites. Each
//! only where the person may go.

mod fit;
mod places;

use freehold_base::{Capability as C, Page, PageSize, Result, SiteId};
use freehold_platform::accounts::people;
use freehold_platform::sites::{self, settings};
use freehold_publishing::content::{self, Filter, Sort};
use freehold_publishing::library;
use freehold_store::users::PeopleFilter;
use freehold_store::{SiteScope, Tx};
use serde::Serialize;

use self::fit::rank;
use self::places::Found;
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

/// One result.
#[derive(Serialize)]
pub(super) struct Item {
    label: String,
    detail: String,
    href: String,
    icon: &'static str,
    badge: String,
}

/// Most results of one kind from one site.
const PER_SITE: u16 = 6;
/// Most sites that are searched.
const SITES: usize = 5;
/// Most results of one group.
const PER_GROUP: usize = 10;

/// What is asked for.
struct Asked {
    /// Without its sign.
    text: String,
    /// `>`: only acts; `?`: only help.
    sign: Option<char>,
    /// The site that the person is on.
    site: SiteId,
    /// The server hat is on.
    server: bool,
}

/// The page; with `fragment=1` its results alone.
pub async fn show(ctx: Ctx) -> Reply {
    let mut ctx = ctx;
    let query = ctx.param("q").unwrap_or_default();
    let typed = query.trim();
    let sign = typed.chars().next().filter(|c| ['>', '?'].contains(c));
    let asked = Asked {
        text: typed.trim_start_matches(['>', '?']).trim().to_owned(),
        sign,
        site: ctx.param("site").and_then(|s| s.parse().ok()).unwrap_or_default(),
        server: ctx.param("site").is_none() && ctx.param("fragment").is_some(),
    };
    let site = asked.site;
    let groups = ctx.read(move |tx| find(tx, &asked)).await?;
    let view = SearchView { query, groups };
    if ctx.param("fragment").is_some() {
        return Ok(ctx.part("system/search.html", "results", &view)?);
    }
    ctx.site = site;
    let frame = ctx.frame("Search", vec![crumb("Search", None)]).await?;
    Ok(ctx.page(200, "system/search.html", &frame, &view)?)
}

fn find(tx: &mut Tx<'_>, asked: &Asked) -> Result<Vec<Group>> {
    let grants = tx.actor().grants.clone();
    if asked.sign == Some('?') {
        return Ok(vec![Group { label: "Help", items: vec![help()] }]);
    }
    let (mut found, mut things) = (Found::default(), Things::default());
    let mut all = sites::list_visible(tx)?;
    all.sort_by_key(|s| s.id != asked.site); // the site that the person is on comes first
    for (n, site) in all.iter().enumerate() {
        let scope = tx.scope_of(site.id)?;
        if !scope.has(C::SiteRead) {
            continue;
        }
        let title = settings::read(tx, scope)?.general.title;
        let base = format!("/admin/s/{}", site.id);
        if !asked.text.is_empty()
            && let Some(r) = rank(&format!("{title} {}", site.name), &asked.text)
        {
            things.sites.push((r, item(&title, &site.name, base.clone(), "layout-grid")));
        }
        if n < SITES {
            found.site(&base, &title, scope.capabilities(), &asked.text);
            if !asked.text.is_empty() && asked.sign.is_none() {
                things.of_site(tx, scope, &base, &asked.text)?;
            }
        }
    }
    let rights = grants.on_server();
    if rights.has(C::ServerRead) {
        found.server(rights, asked.server, &asked.text);
        if !asked.text.is_empty() && asked.sign.is_none() {
            things.everybody(tx, &asked.text)?;
        }
    }
    found.own(grants.server.is_some() || !grants.accounts.is_empty(), &asked.text);
    if asked.sign == Some('>') {
        return Ok(groups(vec![("Actions", found.acts)]));
    }
    let sites = if all.len() > 1 { things.sites } else { Vec::new() };
    Ok(groups(vec![
        ("Go to", found.places),
        ("Actions", found.acts),
        ("Content", things.entries),
        ("Media", things.media),
        ("People", things.people),
        ("Sites", sites),
    ]))
}

fn groups(all: Vec<(&'static str, Vec<(u8, Item)>)>) -> Vec<Group> {
    all.into_iter()
        .filter(|(_, items)| !items.is_empty())
        .map(|(label, mut items)| {
            items.sort_by_key(|(rank, _)| *rank);
            Group { label, items: items.into_iter().take(PER_GROUP).map(|(_, item)| item).collect() }
        })
        .collect()
}

fn item(label: &str, detail: &str, href: String, icon: &'static str) -> Item {
    Item { label: label.to_owned(), detail: detail.to_owned(), href, icon, badge: String::new() }
}

fn help() -> Item {
    item("Where things are, keys, what to do when", "Help", "/admin/help".into(), "circle-help")
}

/// Things found in the database.
#[derive(Default)]
struct Things {
    entries: Vec<(u8, Item)>,
    media: Vec<(u8, Item)>,
    people: Vec<(u8, Item)>,
    sites: Vec<(u8, Item)>,
}

impl Things {
    fn of_site(&mut self, tx: &mut Tx<'_>, scope: SiteScope, base: &str, text: &str) -> Result<()> {
        let page = Page { size: PageSize::new(PER_SITE), after: None };
        if scope.has(C::EntriesWriteOwn) {
            for ((card, ..), _) in content::lists::list(tx, scope.id(), &Filter::default(), text, Sort::Updated, &page)?
            {
                let (list, icon) = if card.kind == "page" { ("pages", "file") } else { ("posts", "pencil") };
                let title = super::entries::shown_title(&card.title);
                let detail = format!("{} · {}", card.kind, card.status);
                self.entries.push((0, item(&title, &detail, format!("{base}/{list}/{}", card.id), icon)));
            }
        }
        if scope.has(C::MediaWrite) {
            let filter = library::Filter { text: Some(text.to_owned()), ..Default::default() };
            for file in library::list(tx, scope.id(), &filter, &page)? {
                let name = if file.title.is_empty() { &file.filename } else { &file.title };
                self.media.push((0, item(name, &file.content_type, format!("{base}/media?open={}", file.id), "image")));
            }
        }
        // Who runs the installation finds everybody once, below.
        if scope.has(C::PeopleManage) && !scope.has(C::ServerRead) {
            let filter = PeopleFilter { search: text.to_owned(), status: String::new() };
            for (person, role) in people::list_of_site(tx, scope.id(), &filter, &page)?.0 {
                let query: String = form_urlencoded::byte_serialize(person.email.as_bytes()).collect();
                let detail = format!("{} · {}", person.email, role.label());
                self.people.push((0, item(&person.name, &detail, format!("{base}/people?q={query}"), "user")));
            }
        }
        Ok(())
    }

    fn everybody(&mut self, tx: &mut Tx<'_>, text: &str) -> Result<()> {
        let filter = PeopleFilter { search: text.to_owned(), status: String::new() };
        let page = Page { size: PageSize::new(PER_SITE), after: None };
        for person in people::list(tx, &filter, &page)?.0 {
            let href = format!("/admin/server/people/{}", person.id);
            self.people.push((1, item(&person.name, &person.email, href, "user")));
        }
        Ok(())
    }
}
