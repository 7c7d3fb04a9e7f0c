//! The list of posts or pages.

use actix_web::HttpResponse;
use freehold_base::{Capability, Cursor, Error, Page, PageSize, Result, SiteId, Timestamp, UserId};
use freehold_publishing::content::{self, CardRow, Filter, Sort, Term};
use freehold_store::Tx;
use serde::Serialize;

use super::{Noun, list_of, shown_title, status_word};
use crate::panel::build_frame::{Moment, crumb, hue, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;
use crate::panel::menu;
use crate::panel::several::Refused;
use crate::panel::thumbs::thumb;

#[derive(Serialize)]
struct ListView {
    title: &'static str,
    noun: &'static str,
    new_href: String,
    new_label: String,
    import_href: String,
    self_href: String,
    query: String,
    keep: Vec<Pair>,
    tabs: Vec<Tab>,
    chips: Vec<Chip>,
    filters: Vec<FilterView>,
    filter_action: String,
    sorts: Sorts,
    bulk_action: String,
    trash: bool,
    rows: Vec<Row>,
    summary: String,
    /// The number of matches in words, announced after a partial update.
    found: String,
    prev: String,
    next: String,
    total: i64,
    filtered: bool,
    clear_href: String,
    sizes: Vec<SizeLink>,
    export_href: String,
    empty_action: String,
    editing_href: String,
    refused: Refused,
}

#[derive(Serialize)]
struct SizeLink {
    label: String,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Pair {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Tab {
    label: &'static str,
    href: String,
    current: bool,
    count: i64,
}

#[derive(Serialize)]
struct Chip {
    label: &'static str,
    value: String,
    remove: String,
    icon: &'static str,
}

#[derive(Serialize)]
struct FilterView {
    name: &'static str,
    label: &'static str,
    value: String,
    /// `select`, `text` or `date`.
    kind: &'static str,
    options: Vec<OptionView>,
}

#[derive(Serialize)]
pub(super) struct OptionView {
    pub value: String,
    pub label: String,
}

#[derive(Serialize)]
struct Sorts {
    title: SortLink,
    author: SortLink,
    updated: SortLink,
}

#[derive(Serialize)]
struct SortLink {
    href: String,
    dir: &'static str,
}

#[derive(Serialize)]
struct StatusView {
    label: &'static str,
    tone: &'static str,
}

#[derive(Serialize)]
struct AuthorView {
    name: String,
    initials: String,
    hue: u16,
}

#[derive(Serialize)]
struct Row {
    id: i64,
    title: String,
    href: String,
    subline: String,
    thumb: String,
    status: StatusView,
    author: AuthorView,
    categories: Vec<String>,
    updated: TimeView,
    view_href: String,
    versions_href: String,
    trash_action: String,
    restore_action: String,
    delete_action: String,
    can_edit: bool,
    sticky: bool,
    /// Who writes in it now.
    editing: String,
    check_in_action: String,
}

/// What the query asks for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    noun: Noun,
    status: String,
    text: String,
    author: String,
    category: String,
    tag: String,
    from: String,
    to: String,
    sort: String,
    rows: String,
    after: String,
    before: String,
    /// How many rows stand before this page.
    at: i64,
    editing: bool,
}

/// Entries that somebody writes in now: id and name.
type Editing = Vec<(i64, String)>;

/// Rows of a page that people choose from, the usual one first.
const SIZES: [u16; 4] = [20, 10, 50, 100];
/// Rows of an export.
const EXPORTED: usize = 10_000;
/// Places of an address that begin anew when anything else of it changes.
const PLACES: [&str; 3] = ["after", "before", "at"];

impl Asked {
    pub(super) fn of(ctx: &Ctx) -> Self {
        let p = |name| ctx.param(name).map(|text| text.chars().take(200).collect::<String>()).unwrap_or_default();
        Self {
            noun: ctx.noun(),
            status: p("status"),
            text: p("q"),
            author: p("author"),
            category: p("category"),
            tag: p("tag"),
            from: p("from"),
            to: p("to"),
            sort: p("sort"),
            rows: p("rows"),
            after: ctx.param("after").unwrap_or_default(),
            before: ctx.param("before").unwrap_or_default(),
            at: p("at").parse().unwrap_or(0),
            editing: ctx.param("editing").is_some(),
        }
    }
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("status", self.status.as_str()),
            ("q", &self.text),
            ("author", &self.author),
            ("category", &self.category),
            ("tag", &self.tag),
            ("from", &self.from),
            ("to", &self.to),
            ("sort", &self.sort),
            ("rows", &self.rows),
            ("editing", if self.editing { "1" } else { "" }),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
    /// The list as it is, without a place in it.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs());
        query.finish()
    }
    /// The address of this list with some things different.
    fn with(&self, base: &str, changed: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let kept = self.pairs().into_iter().filter(|(name, _)| changed.iter().all(|(n, _)| n != name));
        query.extend_pairs(kept);
        query.extend_pairs(changed.iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        let question = if query.is_empty() { "" } else { "?" };
        format!("{base}/{}{question}{query}", self.noun.plural)
    }
    fn href(&self, base: &str, name: &str, value: &str) -> String {
        self.with(base, &[(name, value)])
    }
    /// What hidden fields keep beside those that a form shows.
    fn keep(&self, but: &[&str]) -> Vec<Pair> {
        let kept = self.pairs().into_iter().filter(|(name, _)| !but.contains(name) && !PLACES.contains(name));
        kept.map(|(name, value)| Pair { name, value: value.to_owned() }).collect()
    }
    fn size(&self) -> u16 {
        self.rows.parse().ok().filter(|n| SIZES.contains(n)).unwrap_or(SIZES[0])
    }
    fn sort(&self) -> Sort {
        match self.sort.as_str() {
            "title" => Sort::Title,
            "-title" => Sort::TitleDown,
            "author" => Sort::Author,
            "-author" => Sort::AuthorDown,
            "updated" => Sort::UpdatedUp,
            "published" => Sort::Published,
            _ => Sort::Updated,
        }
    }
    fn is_filtered(&self) -> bool {
        let all = [&self.text, &self.author, &self.category, &self.tag, &self.from, &self.to];
        self.editing || all.iter().any(|text| !text.is_empty())
    }
    /// What the database is asked for.
    fn filter(&self, tx: &mut Tx<'_>, site: SiteId, now: Moment, editing: &Editing) -> Result<Filter> {
        let mut ids = self.editing.then(|| editing.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        let mut also = None;
        if !self.tag.is_empty() {
            match content::terms::find_by_name(tx, site, "tag", &self.tag)? {
                Some(tag) => also = Some(tag.id.get()),
                None => ids = Some(Vec::new()),
            }
        }
        let (from, to) = (now.day(&self.from), now.day(&self.to));
        let day = 24 * 3600 * 1000;
        let updated = (from.is_some() || to.is_some())
            .then(|| (from.unwrap_or(Timestamp(0)), to.map_or(Timestamp(i64::MAX), |to| Timestamp(to.ms() + day))));
        Ok(Filter {
            ids,
            kind: Some(self.noun.kind.into()),
            status: (!self.status.is_empty()).then(|| self.status.clone()),
            author: self.author.parse().ok().map(UserId),
            term: self.category.parse().ok(),
            also,
            updated,
            ..Default::default()
        })
    }
}

fn key_of(sort: Sort, row: &CardRow) -> Cursor {
    let card = &row.0;
    let key = match sort {
        Sort::Title | Sort::TitleDown => card.title.clone(),
        Sort::Author | Sort::AuthorDown => row.1.name.clone(),
        Sort::Published | Sort::Oldest => card.published_at.ms().to_string(),
        Sort::Updated | Sort::UpdatedUp => card.updated_at.ms().to_string(),
    };
    Cursor { key, id: card.id.get() }
}

/// The page, its changing part, or the whole list as a table for spreadsheets.
pub async fn show(ctx: Ctx) -> Reply {
    let asked = Asked::of(&ctx);
    if let Some(kind) = ctx.param("type").filter(|kind| !kind.is_empty() && *kind != asked.noun.kind) {
        return Ok(ctx.go(&format!("{}/{}?{}", ctx.base(), list_of(&kind), asked.query())));
    }
    if ctx.param("export").is_some() {
        return Ok(export(&ctx, asked).await?);
    }
    page(&ctx, asked, Refused::default(), 200).await
}

/// The list of a kind with what was refused on top.
pub(super) async fn with(ctx: &Ctx, kind: &str, refused: Refused, status: u16) -> Reply {
    let mut ctx = ctx.clone();
    ctx.path = format!("{}/{}", ctx.base(), list_of(kind));
    let asked = Asked::of(&ctx);
    page(&ctx, asked, refused, status).await
}

async fn page(ctx: &Ctx, asked: Asked, refused: Refused, status: u16) -> Reply {
    let label = asked.noun.label;
    let (app, site, base) = (ctx.app.clone(), ctx.site, ctx.base());
    let mut view = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            let counts = content::lists::counts(tx, site)?;
            let own = !matches!(asked.noun.kind, "post" | "page");
            if own && !counts.iter().any(|(name, _)| name.split_once('.').is_some_and(|(k, _)| k == asked.noun.kind)) {
                return Err(Error::not_found("page"));
            }
            read(tx, site, &asked, &base, &origin, &counts)
        })
        .await?;
    view.refused = refused;
    if ctx.part {
        return Ok(ctx.part("entries/list.html", "list", &view)?);
    }
    let frame = ctx.frame(label, vec![crumb(label, None)]).await?;
    Ok(ctx.page(status, "entries/list.html", &frame, &view)?)
}

fn read(
    tx: &mut Tx<'_>,
    site: SiteId,
    asked: &Asked,
    base: &str,
    origin: &str,
    counts: &[(String, i64)],
) -> Result<ListView> {
    let now = Moment::at(tx, site)?;
    let top = Page { size: PageSize::new(200), after: None };
    let categories = content::terms::list(tx, site, Some("category"), &top)?;
    let authors = content::lists::authors(tx, site, asked.noun.kind)?;
    let editing = editing(tx, site)?;
    let filter = asked.filter(tx, site, now, &editing)?;
    let found = one_page(tx, site, asked, &filter)?;
    let matching = if asked.is_filtered() {
        content::lists::count(tx, site, &filter, &asked.text)?
    } else {
        total(counts, asked.noun.kind, &asked.status)
    };
    let mut view = present(asked, base, counts, matching, &found);
    view.filters = filters(asked, &categories, &authors, counts);
    view.chips = chips(asked, base, &categories, &authors);
    view.rows = found.rows.into_iter().map(|(card, terms)| row(asked, base, origin, card, &terms, now)).collect();
    view.mark(base, editing);
    if !tx.authorize(site, Capability::EntriesWriteOwn)?.has(Capability::ImportRun) {
        view.import_href.clear();
    }
    Ok(view)
}

/// Rows of a page, and whether there are more on either side.
struct Found {
    rows: Vec<(CardRow, Vec<Term>)>,
    before: bool,
    after: bool,
}

/// The page after a place, or the one before it: then the same list is read from its other end.
fn one_page(tx: &mut Tx<'_>, site: SiteId, asked: &Asked, filter: &Filter) -> Result<Found> {
    let size = asked.size();
    let (back, place) = match Cursor::decode(&asked.before) {
        Some(place) => (true, Some(place)),
        None => (false, Cursor::decode(&asked.after)),
    };
    let began = place.is_some();
    let sort = if back { asked.sort().reversed() } else { asked.sort() };
    let page = Page { size: PageSize::new(size + 1), after: place };
    let mut rows = content::lists::list(tx, site, filter, &asked.text, sort, &page)?;
    let more = rows.len() > usize::from(size);
    rows.truncate(usize::from(size));
    if back {
        rows.reverse();
    }
    Ok(Found { rows, before: if back { more } else { began }, after: if back { true } else { more } })
}

fn total(counts: &[(String, i64)], kind: &str, status: &str) -> i64 {
    let of = |name: &str| {
        name.split_once('.')
            .is_some_and(|(k, s)| k == kind && if status.is_empty() { s != "trash" } else { s == status })
    };
    counts.iter().filter(|(name, _)| of(name)).map(|(_, n)| n).sum()
}

/// All that the list shows, as CSV: cells that a spreadsheet would take for a formula are quoted.
async fn export(ctx: &Ctx, asked: Asked) -> Result<HttpResponse> {
    let (app, site, noun) = (ctx.app.clone(), ctx.site, asked.noun);
    let text = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            let now = Moment::at(tx, site)?;
            let editing = editing(tx, site)?;
            let filter = asked.filter(tx, site, now, &editing)?;
            let mut out = String::from("Title,Status,Author,Categories,Tags,Address,Published,Updated\r\n");
            let (mut after, mut many) = (None, 0);
            loop {
                let page = Page { size: PageSize::new(PageSize::MAX), after: after.take() };
                let rows = content::lists::list(tx, site, &filter, &asked.text, asked.sort(), &page)?;
                many += rows.len();
                let full = rows.len() == usize::from(PageSize::MAX);
                after = rows.last().map(|(row, _)| key_of(asked.sort(), row));
                rows.iter().for_each(|(row, terms)| out.push_str(&line_of(row, terms, &origin)));
                if !full || many >= EXPORTED {
                    return Ok(out);
                }
            }
        })
        .await?;
    let name = format!("attachment; filename=\"{}.csv\"", noun.plural.replace('/', "-"));
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", name))
        .body(text))
}

fn line_of((card, author, _): &CardRow, terms: &[Term], origin: &str) -> String {
    let named = |taxonomy: &str| -> String {
        terms.iter().filter(|t| t.taxonomy == taxonomy).map(|t| t.name.as_str()).collect::<Vec<_>>().join("; ")
    };
    let time = |at: Timestamp| if at.ms() > 0 { at.rfc3339() } else { String::new() };
    let address = card.path.as_ref().map(|path| format!("{origin}{path}")).unwrap_or_default();
    let cells = [
        shown_title(&card.title),
        status_word(&card.status, &card.visibility).0.to_owned(),
        author.name.clone(),
        named("category"),
        named("tag"),
        address,
        time(card.published_at),
        time(card.updated_at),
    ];
    cells.map(|text| cell(&text)).join(",") + "\r\n"
}

/// A cell of a CSV table. What begins like a formula gets an apostrophe, so that no spreadsheet runs it.
fn cell(text: &str) -> String {
    let formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Live locks, for people who may free them.
fn editing(tx: &mut Tx<'_>, site: SiteId) -> Result<Editing> {
    if !tx.authorize(site, Capability::EntriesWriteOwn)?.has(Capability::EntriesWriteAll) {
        return Ok(Vec::new());
    }
    let locks = content::locks::list(tx, site)?;
    Ok(locks.into_iter().map(|lock| (lock.entry_id, lock.user_name.unwrap_or_default())).collect())
}

impl ListView {
    /// Says who writes where (row CM15).
    fn mark(&mut self, base: &str, editing: Editing) {
        for row in &mut self.rows {
            if let Some((_, name)) = editing.iter().find(|(id, _)| *id == row.id) {
                row.editing.clone_from(name);
                row.check_in_action = format!("{base}/entries/{}/check-in", row.id);
            }
        }
    }
}

/// `1–20 of 42`.
pub(in crate::panel) fn range(at: i64, shown: usize, total: i64) -> String {
    let shown = i64::try_from(shown).unwrap_or(0);
    let total = total.max(at + shown);
    if shown == total { format!("{total} in all") } else { format!("{}–{} of {total}", at + 1, at + shown) }
}

fn present(asked: &Asked, base: &str, counts: &[(String, i64)], matching: i64, found: &Found) -> ListView {
    let noun = asked.noun;
    let size = i64::from(asked.size());
    let shown = found.rows.len();
    let at = if found.before { asked.at.max(0) } else { 0 };
    let key =
        |row: Option<&(CardRow, Vec<Term>)>| row.map(|(row, _)| key_of(asked.sort(), row).encode()).unwrap_or_default();
    let next = || asked.with(base, &[("after", &key(found.rows.last())), ("at", &(at + size).to_string())]);
    let prev = || asked.with(base, &[("before", &key(found.rows.first())), ("at", &(at - size).max(0).to_string())]);
    let filtered = asked.is_filtered();
    let clear_href = format!("{base}/{}", noun.plural);
    let words = spoken_kind(noun, matching);
    let summary = range(at, shown, matching);
    ListView {
        title: noun.label,
        noun: noun.kind,
        new_href: match noun.kind {
            "post" | "page" => format!("{base}/{}/new", noun.plural),
            _ => String::new(),
        },
        new_label: format!("New {}", noun.kind),
        import_href: format!("{base}/import"),
        self_href: clear_href.clone(),
        query: asked.text.clone(),
        keep: asked.keep(&["q"]),
        tabs: tabs(asked, base, counts),
        chips: Vec::new(),
        filters: Vec::new(),
        filter_action: clear_href.clone(),
        sorts: sorts(asked, base),
        bulk_action: action(base, "entries/bulk", asked),
        trash: asked.status == "trash",
        rows: Vec::new(),
        found: match (filtered, matching) {
            (false, n) => format!("{n} {words}"),
            (true, 1) => format!("1 {words} matches"),
            (true, n) => format!("{n} {words} match"),
        },
        summary: if filtered { summary.replace(" in all", "") + " matching" } else { summary },
        prev: if found.before && shown > 0 { prev() } else { String::new() },
        next: if found.after && shown > 0 { next() } else { String::new() },
        total: matching,
        filtered,
        sizes: sizes(asked, base),
        export_href: asked.href(base, "export", "csv"),
        empty_action: if matching > 0 { format!("{base}/entries/empty") } else { String::new() },
        editing_href: asked.href(base, "editing", "1"),
        refused: Refused::default(),
        clear_href,
    }
}

/// "post" or "posts"; own types have no plural that we know.
fn spoken_kind(noun: Noun, n: i64) -> &'static str {
    match (noun.kind, n) {
        ("post", 1) => "post",
        ("post", _) => "posts",
        ("page", 1) => "page",
        ("page", _) => "pages",
        (_, 1) => "entry",
        _ => "entries",
    }
}

/// An act's address that knows the list it was pressed in.
fn action(base: &str, act: &str, asked: &Asked) -> String {
    let query = asked.query();
    let and = if query.is_empty() { "" } else { "&" };
    format!("{base}/{act}?type={}{and}{query}", asked.noun.kind)
}

fn sizes(asked: &Asked, base: &str) -> Vec<SizeLink> {
    let mut all = SIZES;
    all.sort_unstable();
    all.iter()
        .map(|n| SizeLink {
            label: n.to_string(),
            href: asked.href(base, "rows", &if *n == SIZES[0] { String::new() } else { n.to_string() }),
            current: *n == asked.size(),
        })
        .collect()
}

fn tabs(asked: &Asked, base: &str, counts: &[(String, i64)]) -> Vec<Tab> {
    let count = |status: &str| total(counts, asked.noun.kind, status);
    let all = count("");
    let mut tabs =
        vec![Tab { label: "All", href: asked.href(base, "status", ""), current: asked.status.is_empty(), count: all }];
    let known = [
        ("Published", "published"),
        ("Drafts", "draft"),
        ("In review", "pending"),
        ("Scheduled", "scheduled"),
        ("Archived", "archived"),
        ("Trash", "trash"),
    ];
    for (label, status) in known {
        let count = count(status);
        if count > 0 || asked.status == status || ["published", "draft", "trash"].contains(&status) {
            tabs.push(Tab { label, href: asked.href(base, "status", status), current: asked.status == status, count });
        }
    }
    tabs
}

fn chips(asked: &Asked, base: &str, categories: &[Term], authors: &[(i64, String)]) -> Vec<Chip> {
    let mut chips = Vec::new();
    let mut chip = |label, name: &str, value: String, icon| {
        if !value.is_empty() {
            chips.push(Chip { label, value, remove: asked.href(base, name, ""), icon });
        }
    };
    let author = authors.iter().find(|(id, _)| id.to_string() == asked.author).map(|(_, name)| name.clone());
    let category = categories.iter().find(|c| c.id.to_string() == asked.category).map(|c| c.name.clone());
    let named = |known: Option<String>, asked: &str| known.unwrap_or_else(|| asked.to_owned());
    chip("Author", "author", named(author, &asked.author), "user");
    chip("Category", "category", named(category, &asked.category), "folder-tree");
    chip("Tag", "tag", asked.tag.clone(), "tag");
    chip("Changed since", "from", asked.from.clone(), "calendar");
    chip("Changed until", "to", asked.to.clone(), "calendar");
    chip("Being edited", "editing", if asked.editing { "now".into() } else { String::new() }, "pencil");
    chips
}

fn filters(asked: &Asked, categories: &[Term], authors: &[(i64, String)], counts: &[(String, i64)]) -> Vec<FilterView> {
    let option = |value: String, label: String| OptionView { value, label };
    let choice = |name, label, value: &str, any: &str, rest: Vec<OptionView>| {
        let mut options = vec![option(String::new(), any.into())];
        options.extend(rest);
        FilterView { name, label, value: value.to_owned(), kind: "select", options }
    };
    let field =
        |name, label, value: &str, kind| FilterView { name, label, value: value.to_owned(), kind, options: Vec::new() };
    let mut all = Vec::new();
    if authors.len() > 1 {
        let people = authors.iter().map(|(id, name)| option(id.to_string(), name.clone())).collect();
        all.push(choice("author", "Author", &asked.author, "Anybody", people));
    }
    if asked.noun.kind != "page" {
        let terms = categories.iter().map(|c| option(c.id.to_string(), c.name.clone())).collect();
        all.push(choice("category", "Category", &asked.category, "All categories", terms));
        all.push(field("tag", "Tag", &asked.tag, "text"));
    }
    all.push(field("from", "Changed since", &asked.from, "date"));
    all.push(field("to", "Changed until", &asked.to, "date"));
    let mut kinds: Vec<&str> =
        counts.iter().filter_map(|(name, _)| name.split_once('.')).map(|(kind, _)| kind).collect();
    kinds.retain(|kind| *kind != "media");
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.iter().any(|kind| !matches!(*kind, "post" | "page")) {
        let options = kinds.iter().map(|kind| option((*kind).to_owned(), menu::spoken(kind))).collect();
        all.push(FilterView { name: "type", label: "Type", value: asked.noun.kind.into(), kind: "select", options });
    }
    all
}

fn sorts(asked: &Asked, base: &str) -> Sorts {
    let link = |up: &str, down: &str, first: &str| {
        let dir = if asked.sort == up {
            "ascending"
        } else if asked.sort == down {
            "descending"
        } else {
            ""
        };
        let to = if asked.sort == first { if first == up { down } else { up } } else { first };
        SortLink { href: asked.href(base, "sort", to), dir }
    };
    let mut updated = link("updated", "", "");
    if asked.sort.is_empty() {
        updated = SortLink { href: asked.href(base, "sort", "updated"), dir: "descending" };
    }
    Sorts { title: link("title", "-title", "title"), author: link("author", "-author", "author"), updated }
}

fn row(asked: &Asked, base: &str, origin: &str, (card, author, cover): CardRow, terms: &[Term], now: Moment) -> Row {
    let (label, tone) = status_word(&card.status, &card.visibility);
    let live = card.status == "published" && card.visibility != "private";
    let act = |verb: &str| action(base, &format!("entries/{}/{verb}", card.id), asked);
    Row {
        id: card.id.get(),
        title: shown_title(&card.title),
        href: format!("{base}/{}/{}", asked.noun.plural, card.id),
        subline: match card.status.as_str() {
            "scheduled" => format!("Goes out {}", time_view(card.published_at, now).text),
            _ => card.summary.chars().take(90).collect(),
        },
        thumb: cover.map_or(String::new(), |c| thumb(&c.hash, &c.filename, &c.content_type, 160)),
        status: StatusView { label, tone },
        author: AuthorView {
            initials: freehold_base::text::initials(&author.name),
            hue: hue(author.id.get()),
            name: author.name,
        },
        categories: terms.iter().filter(|t| t.taxonomy == "category").map(|t| t.name.clone()).collect(),
        updated: time_view(card.updated_at, now),
        view_href: if live { format!("{origin}{}", card.path.clone().unwrap_or_default()) } else { String::new() },
        versions_href: format!("{base}/entries/{}/versions", card.id),
        trash_action: act("trash"),
        restore_action: act("restore"),
        delete_action: act("delete"),
        can_edit: true,
        sticky: card.sticky,
        editing: String::new(),
        check_in_action: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_an_export_run_nothing_in_a_spreadsheet() {
        for (text, cell_text) in [
            ("Plain", "Plain"),
            ("One, two", "\"One, two\""),
            ("Say \"hi\"", "\"Say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2", "\"'-2\""),
            ("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""),
        ] {
            assert_eq!(cell(text), cell_text);
        }
    }

    #[test]
    fn a_summary_says_where_in_the_list_one_is() {
        assert_eq!(range(0, 20, 42), "1–20 of 42");
        assert_eq!(range(40, 2, 42), "41–42 of 42");
        assert_eq!(range(0, 3, 3), "3 in all");
        assert_eq!(range(20, 20, 30), "21–40 of 40");
    }
}
