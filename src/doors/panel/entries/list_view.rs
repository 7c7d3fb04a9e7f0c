//! What the list of posts or pages shows.

use freehold_publishing::content::{CardRow, Label, Term};
use serde::Serialize;

use super::asked::{Asked, Editing, SIZES};
use super::list::{Found, total};
use super::{Noun, shown_title, status_word};
use crate::panel::build_frame::{Moment, hue, time_view};
use crate::panel::frame::TimeView;
use crate::panel::menu;
use crate::panel::paging::range;
use crate::panel::several::Refused;
use crate::panel::thumbs::thumb;

#[derive(Serialize)]
pub(super) struct ListView {
    pub(super) title: &'static str,
    pub(super) noun: &'static str,
    pub(super) new_href: String,
    pub(super) new_label: String,
    pub(super) import_href: String,
    pub(super) self_href: String,
    pub(super) query: String,
    pub(super) keep: Vec<Pair>,
    pub(super) tabs: Vec<Tab>,
    pub(super) chips: Vec<Chip>,
    pub(super) filters: Vec<FilterView>,
    pub(super) filter_action: String,
    pub(super) sorts: Sorts,
    pub(super) bulk_action: String,
    pub(super) trash: bool,
    pub(super) rows: Vec<Row>,
    pub(super) summary: String,
    /// The number of matches in words, announced after a partial update.
    pub(super) found: String,
    pub(super) prev: String,
    pub(super) next: String,
    pub(super) total: i64,
    pub(super) filtered: bool,
    pub(super) clear_href: String,
    pub(super) sizes: Vec<SizeLink>,
    pub(super) export_href: String,
    pub(super) empty_action: String,
    pub(super) editing_href: String,
    pub(super) refused: Refused,
}

#[derive(Serialize)]
pub(super) struct SizeLink {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) current: bool,
}

#[derive(Serialize)]
pub(super) struct Pair {
    pub(super) name: &'static str,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct Tab {
    pub(super) label: &'static str,
    pub(super) href: String,
    pub(super) current: bool,
    pub(super) count: i64,
}

#[derive(Serialize)]
pub(super) struct Chip {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) remove: String,
    pub(super) icon: &'static str,
}

#[derive(Serialize)]
pub(super) struct FilterView {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) value: String,
    /// `select`, `text` or `date`.
    pub(super) kind: &'static str,
    pub(super) options: Vec<OptionView>,
}

#[derive(Serialize)]
pub(super) struct OptionView {
    pub(super) value: String,
    pub(super) label: String,
}

#[derive(Serialize)]
pub(super) struct Sorts {
    pub(super) title: SortLink,
    pub(super) author: SortLink,
    pub(super) updated: SortLink,
}

#[derive(Serialize)]
pub(super) struct SortLink {
    pub(super) href: String,
    pub(super) dir: &'static str,
}

#[derive(Serialize)]
pub(super) struct StatusView {
    pub(super) label: &'static str,
    pub(super) tone: &'static str,
}

#[derive(Serialize)]
pub(super) struct AuthorView {
    pub(super) name: String,
    pub(super) initials: String,
    pub(super) hue: u16,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) href: String,
    pub(super) subline: String,
    pub(super) thumb: String,
    pub(super) status: StatusView,
    pub(super) author: AuthorView,
    pub(super) categories: Vec<String>,
    pub(super) updated: TimeView,
    pub(super) view_href: String,
    pub(super) versions_href: String,
    pub(super) trash_action: String,
    pub(super) restore_action: String,
    pub(super) delete_action: String,
    pub(super) can_edit: bool,
    pub(super) sticky: bool,
    /// Who writes in it now.
    pub(super) editing: String,
    pub(super) check_in_action: String,
}

impl ListView {
    /// Says who writes where (row CM15).
    pub(super) fn mark(&mut self, base: &str, editing: Editing) {
        for row in &mut self.rows {
            if let Some((_, name)) = editing.iter().find(|(id, _)| *id == row.id) {
                row.editing.clone_from(name);
                row.check_in_action = format!("{base}/entries/{}/check-in", row.id);
            }
        }
    }
}

/// The page without its rows.
pub(super) fn present(asked: &Asked, base: &str, counts: &[(String, i64)], matching: i64, found: &Found) -> ListView {
    let noun = asked.noun;
    let size = i64::from(asked.size());
    let shown = found.rows.len();
    let at = if found.before { asked.at.max(0) } else { 0 };
    let key =
        |row: Option<&(CardRow, Vec<Label>)>| row.map(|(row, _)| asked.sort().place(row).encode()).unwrap_or_default();
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

pub(super) fn chips(asked: &Asked, base: &str, categories: &[Term], authors: &[(i64, String)]) -> Vec<Chip> {
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

pub(super) fn filters(
    asked: &Asked,
    categories: &[Term],
    authors: &[(i64, String)],
    counts: &[(String, i64)],
) -> Vec<FilterView> {
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

pub(super) fn row(
    asked: &Asked,
    base: &str,
    origin: &str,
    (card, author, cover): CardRow,
    terms: &[Label],
    now: Moment,
) -> Row {
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
