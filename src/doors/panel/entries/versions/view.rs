//! What the page of versions shows.

use freehold_publishing::content::Entry;
use freehold_publishing::document::diff::{Change, Op};
use serde::Serialize;

use super::asked::Asked;
use super::words::Words;
use crate::panel::entries::compare::{self, RowView, RunView};
use crate::panel::entries::{PAGES, POSTS, shown_title};
use crate::panel::frame::TimeView;

#[derive(Serialize)]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) noun: &'static str,
    pub(super) list_href: String,
    pub(super) list_label: &'static str,
    pub(super) edit_href: String,
    pub(super) views: Vec<Tab>,
    pub(super) view: &'static str,
    pub(super) badges: Vec<Badge>,
    pub(super) position: String,
    pub(super) older_href: String,
    pub(super) newer_href: String,
    pub(super) left: Head,
    pub(super) right: Head,
    pub(super) against: Vec<Tab>,
    pub(super) title_old: Vec<RunView>,
    pub(super) title_new: Vec<RunView>,
    pub(super) title_both: Vec<RunView>,
    pub(super) excerpt_old: Vec<RunView>,
    pub(super) excerpt_new: Vec<RunView>,
    pub(super) excerpt_both: Vec<RunView>,
    pub(super) rows: Vec<RowView>,
    /// Where all of a long text is shown; empty where it is.
    pub(super) all_href: String,
    pub(super) cut: bool,
    pub(super) same: bool,
    pub(super) fields: Vec<FieldView>,
    pub(super) fields_changed: usize,
    pub(super) lines: Vec<Line>,
    pub(super) more_href: String,
    pub(super) first_href: String,
    /// Where the chosen version is brought back; empty where it cannot be.
    pub(super) restore_action: String,
    pub(super) block_action: String,
    /// The version of the entry that is compared, for what is brought back.
    pub(super) seen: i64,
    pub(super) live: bool,
    pub(super) back: Option<Back>,
}

#[derive(Serialize)]
pub(super) struct Tab {
    pub(super) label: &'static str,
    pub(super) href: String,
    pub(super) current: bool,
}

#[derive(Serialize)]
pub(super) struct Badge {
    pub(super) label: String,
    pub(super) tone: &'static str,
}

/// What stands over one side.
#[derive(Serialize)]
pub(super) struct Head {
    pub(super) name: String,
    pub(super) by: String,
}

/// One thing beside the words.
#[derive(Serialize)]
pub(super) struct FieldView {
    pub(super) label: &'static str,
    pub(super) old: String,
    pub(super) new: String,
    pub(super) changed: bool,
}

#[derive(Serialize)]
pub(super) struct Line {
    pub(super) href: String,
    pub(super) who: String,
    pub(super) initials: String,
    pub(super) hue: u16,
    pub(super) at: TimeView,
    pub(super) name: String,
    pub(super) figures: String,
    pub(super) current: bool,
}

/// A version was brought back just now.
#[derive(Serialize)]
pub(super) struct Back {
    pub(super) text: &'static str,
    pub(super) undo_action: String,
}

/// The page of a comparison, without the list at its side.
pub(super) fn blank(asked: &Asked, entry: &Entry, words: &Words, left: Head, right: Head) -> Page {
    let noun = if entry.kind == "page" { PAGES } else { POSTS };
    let name = asked.name();
    let tab = |label, view: &'static str| Tab {
        label,
        href: asked.href(&name, view, asked.before, asked.list_from, false),
        current: asked.view == view,
    };
    let rows = compare::rows(&words.body, asked.all);
    let skips = !asked.all && rows.len() < words.body.rows.len();
    Page {
        title: shown_title(&entry.title),
        noun: noun.kind,
        list_href: format!("{}/{}", asked.base, noun.plural),
        list_label: noun.label,
        edit_href: format!("{}/{}/{}", asked.base, noun.plural, entry.id),
        views: vec![tab("Side by side", "side"), tab("In the text", "text"), tab("Settings", "settings")],
        view: asked.view,
        badges: words.badges(),
        position: String::new(),
        older_href: String::new(),
        newer_href: String::new(),
        left,
        right,
        against: Vec::new(),
        title_old: compare::side_runs(&words.title, Op::New),
        title_new: compare::side_runs(&words.title, Op::Gone),
        title_both: compare::runs(&words.title),
        excerpt_old: compare::side_runs(&words.excerpt, Op::New),
        excerpt_new: compare::side_runs(&words.excerpt, Op::Gone),
        excerpt_both: compare::runs(&words.excerpt),
        same: words.badges().is_empty() && words.body.rows.iter().all(|r| r.change == Change::Same),
        all_href: if skips {
            asked.href(&name, asked.view, asked.before, asked.list_from, true)
        } else {
            String::new()
        },
        cut: words.body.cut,
        rows,
        fields: Vec::new(),
        fields_changed: 0,
        lines: Vec::new(),
        more_href: String::new(),
        first_href: String::new(),
        restore_action: String::new(),
        block_action: String::new(),
        seen: entry.version,
        live: matches!(entry.status.as_str(), "published" | "scheduled"),
        back: None,
    }
}
