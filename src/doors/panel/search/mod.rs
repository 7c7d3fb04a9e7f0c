//! The palette, and the same search as a page (row SE06): pages, acts, settings, entries, media, people, sites. Each
//! only where the person may go.

mod fit;
mod places;

use freehold_base::{Capability as C, Page, PageSize, Result, SiteId};
use freehold_platform::accounts::people;
use freehold_platform::sites;
use freehold_publishing::content::{self, Filter, Sort};
use freehold_publishing::library;
use freehold_store::users::PeopleFilter;
use freehold_store::{SiteScope, Tx};
use serde::Serialize;

use self::fit::rank;
use self::places::Found;
use super::build_frame::crumb;
use super::ctx::Ctx;
use super::entries::list_of;
use super::failure::Reply;
use super::menu;

#[derive(Serialize)]
struct SearchView {
    query: String,
    groups: Vec<Group>,
    /// The palette's list box, not the page.
    palette: bool,
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
    /// What a press posts instead of going somewhere: name and value; empty for links.
    name: &'static str,
    value: &'static str,
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
    let palette = ctx.param("fragment").is_some();
    let view = SearchView { query, groups, palette };
    if palette {
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
    // The site that the person is on comes first; names are looked at everywhere, things on a few sites.
    let mut cards = sites::cards_of(tx, &[asked.site])?;
    let here = cards.len();
    let (mut several, wanted) = (false, asked.text.clone());
    sites::walk_cards(tx, |_, card| {
        if card.scope.has(C::SiteRead) && card.site.id != asked.site {
            several = true;
            let fits = rank(&format!("{} {}", card.title, card.site.name), &wanted);
            if let Some(r) = fits.filter(|_| !wanted.is_empty() && things.sites.len() < 50) {
                let base = format!("/admin/s/{}", card.site.id);
                things.sites.push((r, item(&card.title, &card.host, base, "layout-grid")));
            }
            if cards.len() < SITES {
                cards.push(card);
            }
        }
        Ok(!wanted.is_empty() || cards.len() < SITES)
    })?;
    several |= here > 0 && cards.len() > 1;
    for card in cards.iter().filter(|card| card.scope.has(C::SiteRead)) {
        let base = format!("/admin/s/{}", card.site.id);
        let rights = menu::rights_on(&card.site.kind, card.scope.capabilities());
        found.site(&base, &card.title, rights, &asked.text);
        if !asked.text.is_empty() && asked.sign.is_none() {
            things.of_site(tx, card.scope, &base, &asked.text)?;
        }
    }
    let rights = grants.on_customers();
    if rights.has(C::ServerRead) || rights.has(C::AccountsRead) {
        found.server(rights, asked.server, &asked.text);
        if rights.has(C::ServerRead) && !asked.text.is_empty() && asked.sign.is_none() {
            things.everybody(tx, &asked.text)?;
        }
    }
    found.colours(&asked.text);
    found.own(grants.server.is_some() || !grants.accounts.is_empty(), &asked.text);
    if asked.sign == Some('>') {
        return Ok(groups(vec![("Actions", found.acts)]));
    }
    let sites = if several { things.sites } else { Vec::new() };
    Ok(groups(vec![
        ("Go to", found.places),
        ("Actions", found.acts),
        ("Content", things.entries),
        ("Media", things.media),
        ("Categories, tags, menus", things.terms),
        ("Domains", things.domains),
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
    Item { label: label.to_owned(), detail: detail.to_owned(), href, icon, badge: String::new(), name: "", value: "" }
}

fn help() -> Item {
    item("Where things are, keys, what to do when", "Help", "/admin/help".into(), "circle-help")
}

/// Things found in the database.
#[derive(Default)]
struct Things {
    entries: Vec<(u8, Item)>,
    media: Vec<(u8, Item)>,
    terms: Vec<(u8, Item)>,
    domains: Vec<(u8, Item)>,
    people: Vec<(u8, Item)>,
    sites: Vec<(u8, Item)>,
}

impl Things {
    fn of_site(&mut self, tx: &mut Tx<'_>, scope: SiteScope, base: &str, text: &str) -> Result<()> {
        let page = Page { size: PageSize::new(PER_SITE), after: None };
        if scope.has(C::EntriesWriteOwn) {
            for ((card, ..), _) in content::lists::list(tx, scope.id(), &Filter::default(), text, Sort::Updated, &page)?
            {
                let (list, icon) = (list_of(&card.kind), if card.kind == "page" { "file" } else { "pencil" });
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
        self.structure(tx, scope, base, text)?;
        // Who runs the installation finds everybody once, below.
        if scope.has(C::PeopleManage) && !scope.has(C::ServerRead) {
            let filter = PeopleFilter { search: text.to_owned(), ..Default::default() };
            for (person, role) in people::list_of_site(tx, scope.id(), &filter, &page)?.0 {
                let query: String = form_urlencoded::byte_serialize(person.email.as_bytes()).collect();
                let detail = format!("{} · {}", person.email, role.label());
                self.people.push((0, item(&person.name, &detail, format!("{base}/people?q={query}"), "user")));
            }
        }
        Ok(())
    }

    /// Terms, menus and host names of a site.
    fn structure(&mut self, tx: &mut Tx<'_>, scope: SiteScope, base: &str, text: &str) -> Result<()> {
        let page = Page { size: PageSize::new(PER_SITE), after: None };
        if scope.has(C::TermsManage) {
            for taxonomy in ["category", "tag"] {
                for term in content::terms::search(tx, scope.id(), taxonomy, text, &page)? {
                    let href = format!("{base}/terms/{taxonomy}/{}", term.id);
                    let icon = if taxonomy == "tag" { "tag" } else { "folder-tree" };
                    self.terms.push((rank(&term.name, text).unwrap_or(3), item(&term.name, taxonomy, href, icon)));
                }
            }
        }
        if scope.has(C::MenusManage) {
            for menu in content::menus::list(tx, scope.id())? {
                if let Some(r) = rank(&menu.name, text) {
                    let href = format!("{base}/menus?menu={}", menu.id);
                    self.terms.push((r, item(&menu.name, "menu", href, "list-tree")));
                }
            }
        }
        if scope.has(C::DomainsManage) {
            for domain in sites::domains(tx, scope.id())? {
                if let Some(r) = rank(&domain.host, text) {
                    let what = if domain.kind == "main" { "main address" } else { "domain" };
                    self.domains.push((r, item(&domain.host, what, format!("{base}/domains"), "globe")));
                }
            }
        }
        Ok(())
    }

    fn everybody(&mut self, tx: &mut Tx<'_>, text: &str) -> Result<()> {
        let filter = PeopleFilter { search: text.to_owned(), ..Default::default() };
        let page = Page { size: PageSize::new(PER_SITE), after: None };
        for person in people::list(tx, &filter, &page)?.0 {
            let href = format!("/admin/server/people/{}", person.id);
            self.people.push((1, item(&person.name, &person.email, href, "user")));
        }
        Ok(())
    }
}
