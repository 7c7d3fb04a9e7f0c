//! The list of posts or pages.

use freehold_base::{Capability, Cursor, Page, PageSize, Timestamp};
use freehold_publishing::content::{self, CardRow, Filter, Sort, Term};
use serde::Serialize;

use super::{Noun, shown_title, status_word};
use crate::panel::build_frame::{crumb, hue, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;
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
    prev: String,
    next: String,
    total: i64,
    filtered: bool,
    clear_href: String,
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
    can_edit: bool,
    sticky: bool,
    /// Who writes in it now.
    editing: String,
    check_in_action: String,
}

/// What the query asks for.
#[derive(Clone, Debug)]
struct Asked {
    noun: Noun,
    status: String,
    text: String,
    category: String,
    sort: String,
    after: String,
    editing: bool,
}

/// Entries that somebody writes in now: id and name.
type Editing = Vec<(i64, String)>;

const ROWS: u16 = 20;

impl Asked {
    fn of(ctx: &Ctx) -> Self {
        let p = |name| ctx.param(name).unwrap_or_default();
        Self {
            noun: ctx.noun(),
            status: p("status"),
            text: p("q"),
            category: p("category"),
            sort: p("sort"),
            after: p("after"),
            editing: ctx.param("editing").is_some(),
        }
    }
    /// The address of this list with one thing different.
    fn href(&self, base: &str, name: &str, value: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let all = [("status", &self.status), ("q", &self.text), ("category", &self.category), ("sort", &self.sort)];
        for (key, old) in all {
            let value = if key == name { value } else { old.as_str() };
            if !value.is_empty() {
                query.append_pair(key, value);
            }
        }
        if name == "after" && !value.is_empty() {
            query.append_pair("after", value);
        }
        let query = query.finish();
        let question = if query.is_empty() { "" } else { "?" };
        format!("{base}/{}{question}{query}", self.noun.plural)
    }
    fn sort(&self) -> Sort {
        match self.sort.as_str() {
            "title" => Sort::Title,
            "-title" => Sort::TitleDown,
            "updated" => Sort::UpdatedUp,
            "published" => Sort::Published,
            _ => Sort::Updated,
        }
    }
}

fn key_of(sort: Sort, row: &CardRow) -> Cursor {
    let card = &row.0;
    let key = match sort {
        Sort::Title | Sort::TitleDown => card.title.clone(),
        Sort::Published | Sort::Oldest => card.published_at.ms().to_string(),
        Sort::Updated | Sort::UpdatedUp => card.updated_at.ms().to_string(),
    };
    Cursor { key, id: card.id.get() }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let asked = Asked::of(&ctx);
    let frame = ctx.frame(asked.noun.label, vec![crumb(asked.noun.label, None)]).await?;
    let (app, site, base) = (ctx.app.clone(), ctx.site, ctx.base());
    let view = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            let counts = content::lists::counts(tx, site)?;
            let categories =
                content::terms::list(tx, site, Some("category"), &Page { size: PageSize::new(200), after: None })?;
            let editing = editing(tx, site)?;
            let filter = Filter {
                ids: asked.editing.then(|| editing.iter().map(|(id, _)| *id).collect()),
                kind: Some(asked.noun.kind.into()),
                status: (!asked.status.is_empty()).then(|| asked.status.clone()),
                term: asked.category.parse().ok(),
                ..Default::default()
            };
            let page = Page { size: PageSize::new(ROWS + 1), after: Cursor::decode(&asked.after) };
            let rows = content::lists::list(tx, site, &filter, &asked.text, asked.sort(), &page)?;
            let now = tx.now();
            let mut view = present(&asked, &base, &origin, &counts, &categories, rows, now);
            view.mark(&asked, &base, editing);
            if !tx.authorize(site, Capability::EntriesWriteOwn)?.has(Capability::ImportRun) {
                view.import_href.clear();
            }
            Ok(view)
        })
        .await?;
    Ok(ctx.page(200, "entries/list.html", &frame, &view)?)
}

/// Live locks, for people who may free them.
fn editing(tx: &mut freehold_store::Tx<'_>, site: freehold_base::SiteId) -> freehold_base::Result<Editing> {
    if !tx.authorize(site, Capability::EntriesWriteOwn)?.has(Capability::EntriesWriteAll) {
        return Ok(Vec::new());
    }
    let locks = content::locks::list(tx, site)?;
    Ok(locks.into_iter().map(|lock| (lock.entry_id, lock.user_name.unwrap_or_default())).collect())
}

impl ListView {
    /// Says who writes where, and leads to all such entries (row CM15).
    fn mark(&mut self, asked: &Asked, base: &str, editing: Editing) {
        for row in &mut self.rows {
            if let Some((_, name)) = editing.iter().find(|(id, _)| *id == row.id) {
                row.editing.clone_from(name);
                row.check_in_action = format!("{base}/entries/{}/check-in", row.id);
            }
        }
        if asked.editing {
            self.filtered = true;
            let remove = asked.href(base, "", "");
            self.chips.push(Chip { label: "Being edited", value: "now".into(), remove, icon: "pencil" });
        }
    }
}

fn present(
    asked: &Asked,
    base: &str,
    origin: &str,
    counts: &[(String, i64)],
    categories: &[Term],
    mut found: Vec<(CardRow, Vec<Term>)>,
    now: Timestamp,
) -> ListView {
    let noun = asked.noun;
    let more = found.len() > usize::from(ROWS);
    found.truncate(usize::from(ROWS));
    let next = match found.last() {
        Some((row, _)) if more => asked.href(base, "after", &key_of(asked.sort(), row).encode()),
        _ => String::new(),
    };
    let count =
        |status: &str| counts.iter().find(|(n, _)| *n == format!("{}.{status}", noun.kind)).map_or(0, |(_, v)| *v);
    let all = ["draft", "pending", "scheduled", "published", "archived"].iter().map(|s| count(s)).sum();
    let total = if asked.status.is_empty() { all } else { count(&asked.status) };
    let filtered = !asked.text.is_empty() || !asked.category.is_empty();
    let shown = found.len();
    let clear_href = format!("{base}/{}", noun.plural);
    let category_name = categories.iter().find(|c| c.id.to_string() == asked.category).map(|c| c.name.clone());
    ListView {
        title: noun.label,
        noun: noun.kind,
        new_href: format!("{base}/{}/new", noun.plural),
        new_label: format!("New {}", noun.kind),
        import_href: format!("{base}/import"),
        self_href: clear_href.clone(),
        query: asked.text.clone(),
        keep: [("status", &asked.status), ("category", &asked.category), ("sort", &asked.sort)]
            .into_iter()
            .filter(|(_, v)| !v.is_empty())
            .map(|(name, v)| Pair { name, value: v.clone() })
            .collect(),
        tabs: tabs(asked, base, all, &count),
        chips: category_name
            .map(|value| Chip { label: "Category", value, remove: asked.href(base, "category", ""), icon: "tag" })
            .into_iter()
            .collect(),
        filters: if noun.kind == "post" { vec![category_filter(asked, categories)] } else { Vec::new() },
        filter_action: clear_href.clone(),
        sorts: sorts(asked, base),
        bulk_action: format!("{base}/entries/bulk"),
        trash: asked.status == "trash",
        rows: found.into_iter().map(|(card, terms)| row(base, origin, noun, card, &terms, now)).collect(),
        summary: if filtered || more { format!("{shown} shown") } else { format!("{shown} of {total}") },
        prev: if asked.after.is_empty() { String::new() } else { asked.href(base, "", "") },
        next,
        total,
        filtered,
        clear_href,
    }
}

fn tabs(asked: &Asked, base: &str, all: i64, count: &dyn Fn(&str) -> i64) -> Vec<Tab> {
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

fn category_filter(asked: &Asked, categories: &[Term]) -> FilterView {
    let mut options = vec![OptionView { value: String::new(), label: "All categories".into() }];
    options.extend(categories.iter().map(|c| OptionView { value: c.id.to_string(), label: c.name.clone() }));
    FilterView { name: "category", label: "Category", value: asked.category.clone(), options }
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
    Sorts { title: link("title", "-title", "title"), author: SortLink { href: String::new(), dir: "" }, updated }
}

fn row(base: &str, origin: &str, noun: Noun, (card, author, cover): CardRow, terms: &[Term], now: Timestamp) -> Row {
    let (label, tone) = status_word(&card.status, &card.visibility);
    let live = card.status == "published" && card.visibility != "private";
    Row {
        id: card.id.get(),
        title: shown_title(&card.title),
        href: format!("{base}/{}/{}", noun.plural, card.id),
        subline: card.summary.chars().take(90).collect(),
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
        trash_action: format!("{base}/entries/{}/trash", card.id),
        restore_action: format!("{base}/entries/{}/restore", card.id),
        can_edit: true,
        sticky: card.sticky,
        editing: String::new(),
        check_in_action: String::new(),
    }
}
