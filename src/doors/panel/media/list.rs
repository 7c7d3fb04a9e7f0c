//! The grid of files, with the chosen one beside it; as JSON the picker's list.

use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{Capability, Cursor, MediaId, Page, PageSize, Result, SiteId};
use freehold_publishing::library::{self, Filter, Media, Sort};
use freehold_store::Tx;
use serde::Serialize;
use serde_json::json;

use super::view::{self, Addresses, Opened, Tile, size_text};
use crate::panel::auth::FieldText;
use crate::panel::build_frame::{Moment, crumb};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::paging::range;
use crate::panel::several::Refused;

/// Files on one page of the grid.
const ROWS: u16 = 48;
/// Files that the picker is given at once.
const PICKED: u16 = 60;

#[derive(Serialize)]
struct Tab {
    label: &'static str,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Choice {
    label: &'static str,
    count: String,
    href: String,
    on: bool,
    icon: &'static str,
}

#[derive(Serialize)]
struct Pair {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
pub(super) struct ListView {
    self_href: String,
    sub: String,
    query: String,
    keep: Vec<Pair>,
    tabs: Vec<Tab>,
    choices: Vec<Choice>,
    can_upload: bool,
    upload_action: String,
    limit: String,
    pub(super) errors: Vec<FieldText>,
    tiles: Vec<Tile>,
    /// Rows with their figures instead of tiles.
    as_list: bool,
    view_href: String,
    sorts: Vec<Tab>,
    bulk_action: String,
    found: String,
    pub(super) refused: Refused,
    summary: String,
    prev: String,
    next: String,
    filtered: bool,
    clear_href: String,
    pub(super) open: Option<Opened>,
}

/// What the address asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    text: String,
    kind: String,
    only: String,
    sort: String,
    view: String,
    after: String,
    before: String,
    at: i64,
    pub(super) open: Option<MediaId>,
}

impl Asked {
    pub(super) fn of(ctx: &Ctx) -> Self {
        let get = |name: &str| ctx.param(name).unwrap_or_default();
        Self {
            text: get("q").chars().take(200).collect(),
            kind: get("kind"),
            only: get("only"),
            sort: get("sort"),
            view: get("view"),
            after: get("after"),
            before: get("before"),
            at: get("at").parse().unwrap_or(0),
            open: ctx.param("open").and_then(|id| id.parse().ok()),
        }
    }
    /// The query with one value changed; empty values are left out. A changed filter begins at the first page.
    fn with(&self, name: &str, value: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let stays = matches!(name, "open" | "");
        let at = if self.at > 0 { self.at.to_string() } else { String::new() };
        let place = |text| if stays { text } else { "" };
        let all = [
            ("q", self.text.as_str()),
            ("kind", &self.kind),
            ("only", &self.only),
            ("sort", &self.sort),
            ("view", &self.view),
            ("after", place(&self.after)),
            ("before", place(&self.before)),
            ("at", place(&at)),
        ];
        for (n, v) in all {
            let v = if n == name { value } else { v };
            if !v.is_empty() {
                query.append_pair(n, v);
            }
        }
        if name == "open" && !value.is_empty() {
            query.append_pair(name, value);
        }
        query.finish()
    }
    /// A place in the list, and how many rows stand before it.
    fn step(&self, base: &str, name: &str, place: &str, at: i64) -> String {
        let query = self.with(name, place);
        let at = if at > 0 { format!("&at={at}") } else { String::new() };
        format!("{base}/media?{query}{at}")
    }
    fn sort(&self) -> Sort {
        match self.sort.as_str() {
            "oldest" => Sort::Oldest,
            "name" => Sort::Name,
            "largest" => Sort::Largest,
            _ => Sort::Newest,
        }
    }
    /// The list's query without the chosen file.
    pub(super) fn query(&self) -> String {
        self.with("", "")
    }
    fn href(&self, base: &str, name: &str, value: &str) -> String {
        let query = self.with(name, value);
        if query.is_empty() { format!("{base}/media") } else { format!("{base}/media?{query}") }
    }
    fn filter(&self) -> Filter {
        Filter {
            family: (self.kind == "image").then(|| "image".to_owned()),
            no_images: self.kind == "other",
            needs_alt: self.only == "undescribed",
            unused: self.only == "unused",
            text: (!self.text.trim().is_empty()).then(|| self.text.trim().to_owned()),
            sort: self.sort(),
            ..Default::default()
        }
    }
    fn is_filtered(&self) -> bool {
        !self.text.is_empty() || !self.kind.is_empty() || !self.only.is_empty()
    }
}

/// The page, or the picker's list.
pub async fn show(ctx: Ctx, request: HttpRequest) -> Reply {
    if super::upload::wants_json(&request) {
        return picker(&ctx).await;
    }
    let asked = Asked::of(&ctx);
    let view = read(&ctx, &asked).await?;
    if ctx.part {
        return Ok(ctx.part("media/list.html", "list", &view)?);
    }
    page(&ctx, 200, &view).await
}

/// The page with this view.
pub(super) async fn page(ctx: &Ctx, status: u16, view: &ListView) -> Reply {
    let frame = ctx.frame("Media", vec![crumb("Media", None)]).await?;
    Ok(ctx.page(status, "media/list.html", &frame, view)?)
}

async fn picker(ctx: &Ctx) -> Reply {
    let site = ctx.site;
    let images = ctx.param("kind").is_some_and(|kind| kind == "image");
    let filter = Filter {
        family: images.then(|| "image".to_owned()),
        text: ctx.param("q").filter(|q| !q.is_empty()),
        ..Default::default()
    };
    if ctx.param("kind").is_some_and(|kind| kind == "none") {
        return Ok(HttpResponse::Ok().json(json!({ "items": [], "next": "" }))); // a script asks whether its session lives
    }
    let after = ctx.param("after").as_deref().and_then(Cursor::decode);
    let page = Page { size: PageSize::new(PICKED + 1), after };
    let mut found = ctx.read(move |tx| library::list(tx, site, &filter, &page)).await?;
    let more = found.len() > usize::from(PICKED);
    found.truncate(usize::from(PICKED));
    let next = match found.last() {
        Some(last) if more => Cursor { key: last.created_at.ms().to_string(), id: last.id.get() }.encode(),
        _ => String::new(),
    };
    let items: Vec<view::Item> = found.iter().map(view::item).collect();
    Ok(HttpResponse::Ok().json(json!({ "items": items, "next": next })))
}

/// Reads all that the page shows.
pub(super) async fn read(ctx: &Ctx, asked: &Asked) -> Result<ListView> {
    let (app, site, base, asked) = (ctx.app.clone(), ctx.site, ctx.base(), asked.clone());
    ctx.read(move |tx| {
        let rights = tx.scope_of(site)?.capabilities();
        let found = one_page(tx, site, &asked)?;
        let to_do = library::to_do(tx, site)?;
        let (files, bytes) = library::totals(tx, site)?;
        let open = match asked.open {
            Some(id) => {
                let media = library::find(tx, site, id)?;
                let uses = library::uses(tx, site, id)?;
                let author = freehold_store::entries::author(tx, media.uploaded_by.into())?;
                let origin = app.origin_of(tx, site)?;
                let at = Addresses { base: &base, query: &asked.query(), origin: &origin };
                let now = Moment::at(tx, site)?;
                let user = tx.actor().user();
                Some(view::opened(&media, uses, author.map_or(String::new(), |a| a.name), rights, user, &at, now))
            }
            None => None,
        };
        let limit = size_text(i64::try_from(app.config.limits.upload_mb).unwrap_or(0).saturating_mul(1_000_000));
        let now = Moment::at(tx, site)?;
        let mut view = present(&asked, &base, &found, (files, bytes), to_do, now);
        view.can_upload = rights.has(Capability::MediaWrite);
        view.limit = limit;
        view.open = open;
        Ok(view)
    })
    .await
}

/// Files of a page, and whether there are more on either side.
struct Found {
    files: Vec<Media>,
    before: bool,
    after: bool,
}

/// The page after a place, or the one before it: then the same list is read from its other end.
fn one_page(tx: &mut Tx<'_>, site: SiteId, asked: &Asked) -> Result<Found> {
    let back = Cursor::decode(&asked.before);
    let is_back = back.is_some();
    let place = back.or_else(|| Cursor::decode(&asked.after));
    let began = place.is_some();
    let mut filter = asked.filter();
    if is_back {
        filter.sort = filter.sort.reversed();
    }
    let mut files = library::list(tx, site, &filter, &Page { size: PageSize::new(ROWS + 1), after: place })?;
    let more = files.len() > usize::from(ROWS);
    files.truncate(usize::from(ROWS));
    if is_back {
        files.reverse();
    }
    Ok(Found { files, before: if is_back { more } else { began }, after: is_back || more })
}

/// A count as a chip shows it.
fn some(n: usize) -> String {
    match n {
        0 => String::new(),
        1000.. => "1,000+".to_owned(),
        n => n.to_string(),
    }
}

fn present(
    asked: &Asked,
    base: &str,
    found: &Found,
    (files, bytes): (i64, i64),
    (undescribed, unused): (usize, usize),
    now: Moment,
) -> ListView {
    let key =
        |m: Option<&Media>| m.map(|m| Cursor { key: asked.sort().key(m), id: m.id.get() }.encode()).unwrap_or_default();
    let at = if found.before { asked.at.max(0) } else { 0 };
    let size = i64::from(ROWS);
    let tab = |label, kind: &str| Tab { label, href: asked.href(base, "kind", kind), current: asked.kind == kind };
    let choice = |label, only: &str, icon, n: usize| {
        let on = asked.only == only;
        let href = asked.href(base, "only", if on { "" } else { only });
        Choice { label, count: some(n), href, on, icon }
    };
    let sort = |label, name: &str| Tab { label, href: asked.href(base, "sort", name), current: asked.sort == name };
    let shown = found.files.len();
    let word = if files == 1 { "file" } else { "files" };
    let as_list = asked.view == "list";
    ListView {
        self_href: format!("{base}/media"),
        sub: if files > 0 { format!("{files} {word} · {}", size_text(bytes)) } else { String::new() },
        query: asked.text.clone(),
        keep: [("kind", &asked.kind), ("only", &asked.only), ("sort", &asked.sort), ("view", &asked.view)]
            .into_iter()
            .filter(|(_, v)| !v.is_empty())
            .map(|(name, v)| Pair { name, value: v.clone() })
            .collect(),
        tabs: vec![tab("All", ""), tab("Pictures", "image"), tab("Other files", "other")],
        choices: vec![
            choice("No description", "undescribed", "triangle-alert", undescribed),
            choice("Used nowhere", "unused", "eye-off", unused),
        ],
        can_upload: false,
        upload_action: format!("{base}/media"),
        limit: String::new(),
        errors: Vec::new(),
        as_list,
        view_href: asked.href(base, "view", if as_list { "" } else { "list" }),
        sorts: vec![
            sort("Newest first", ""),
            sort("Oldest first", "oldest"),
            sort("By name", "name"),
            sort("Largest first", "largest"),
        ],
        bulk_action: format!("{base}/media/bulk?{}", asked.query()),
        found: if asked.is_filtered() { format!("{shown} files shown") } else { format!("{files} {word}") },
        refused: Refused::default(),
        summary: if asked.is_filtered() { format!("{shown} shown") } else { range(at, shown, files) },
        tiles: found
            .files
            .iter()
            .map(|m| {
                let href = asked.href(base, "open", &m.id.to_string());
                view::tile(m, href, asked.open == Some(m.id), now)
            })
            .collect(),
        prev: if found.before && shown > 0 {
            asked.step(base, "before", &key(found.files.first()), (at - size).max(0))
        } else {
            String::new()
        },
        next: if found.after && shown > 0 {
            asked.step(base, "after", &key(found.files.last()), at + size)
        } else {
            String::new()
        },
        filtered: asked.is_filtered(),
        clear_href: format!("{base}/media"),
        open: None,
    }
}
