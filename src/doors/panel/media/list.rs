//! The grid of files, with the chosen one beside it; as JSON the picker's list.

use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{Capability, Cursor, MediaId, Page, PageSize, Result};
use freehold_publishing::library::{self, Filter, Media};
use serde::Serialize;
use serde_json::json;

use super::view::{self, Addresses, Opened, Tile, size_text};
use crate::panel::auth::FieldText;
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

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
    after: String,
    pub(super) open: Option<MediaId>,
}

impl Asked {
    pub(super) fn of(ctx: &Ctx) -> Self {
        let get = |name: &str| ctx.param(name).unwrap_or_default();
        Self {
            text: get("q").chars().take(200).collect(),
            kind: get("kind"),
            only: get("only"),
            after: get("after"),
            open: ctx.param("open").and_then(|id| id.parse().ok()),
        }
    }
    /// The query with one value changed; empty values are left out. A changed filter begins at the first page.
    fn with(&self, name: &str, value: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let after = if matches!(name, "after" | "open" | "") { self.after.as_str() } else { "" };
        for (n, v) in [("q", self.text.as_str()), ("kind", &self.kind), ("only", &self.only), ("after", after)] {
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
        let page = Page { size: PageSize::new(ROWS + 1), after: Cursor::decode(&asked.after) };
        let found = library::list(tx, site, &asked.filter(), &page)?;
        let (files, bytes) = library::totals(tx, site)?;
        let open = match asked.open {
            Some(id) => {
                let media = library::find(tx, site, id)?;
                let uses = library::uses(tx, site, id)?;
                let author = freehold_store::entries::author(tx, media.uploaded_by.into())?;
                let origin = app.origin_of(tx, site)?;
                let at = Addresses { base: &base, query: &asked.query(), origin: &origin };
                let (user, now) = (tx.actor().user(), tx.now());
                Some(view::opened(&media, uses, author.map_or(String::new(), |a| a.name), rights, user, &at, now))
            }
            None => None,
        };
        let limit = size_text(i64::try_from(app.config.limits.upload_mb).unwrap_or(0).saturating_mul(1_000_000));
        let mut view = present(&asked, &base, found, files, bytes);
        view.can_upload = rights.has(Capability::MediaWrite);
        view.limit = limit;
        view.open = open;
        Ok(view)
    })
    .await
}

fn present(asked: &Asked, base: &str, mut found: Vec<Media>, files: i64, bytes: i64) -> ListView {
    let more = found.len() > usize::from(ROWS);
    found.truncate(usize::from(ROWS));
    let next = match found.last() {
        Some(last) if more => {
            let place = Cursor { key: last.created_at.ms().to_string(), id: last.id.get() };
            asked.href(base, "after", &place.encode())
        }
        _ => String::new(),
    };
    let tab = |label, kind: &str| Tab { label, href: asked.href(base, "kind", kind), current: asked.kind == kind };
    let choice = |label, only: &str, icon| {
        let on = asked.only == only;
        Choice { label, href: asked.href(base, "only", if on { "" } else { only }), on, icon }
    };
    let shown = found.len();
    let word = if files == 1 { "file" } else { "files" };
    ListView {
        self_href: format!("{base}/media"),
        sub: if files > 0 { format!("{files} {word} · {}", size_text(bytes)) } else { String::new() },
        query: asked.text.clone(),
        keep: [("kind", &asked.kind), ("only", &asked.only)]
            .into_iter()
            .filter(|(_, v)| !v.is_empty())
            .map(|(name, v)| Pair { name, value: v.clone() })
            .collect(),
        tabs: vec![tab("All", ""), tab("Pictures", "image"), tab("Other files", "other")],
        choices: vec![
            choice("No description", "undescribed", "triangle-alert"),
            choice("Used nowhere", "unused", "eye-off"),
        ],
        can_upload: false,
        upload_action: format!("{base}/media"),
        limit: String::new(),
        errors: Vec::new(),
        summary: if asked.is_filtered() || more || !asked.after.is_empty() {
            format!("{shown} shown")
        } else {
            format!("{shown} of {files}")
        },
        tiles: found
            .iter()
            .map(|m| {
                let href = asked.href(base, "open", &m.id.to_string());
                view::tile(m, href, asked.open == Some(m.id))
            })
            .collect(),
        prev: if asked.after.is_empty() { String::new() } else { asked.href(base, "after", "") },
        next,
        filtered: asked.is_filtered(),
        clear_href: format!("{base}/media"),
        open: None,
    }
}
