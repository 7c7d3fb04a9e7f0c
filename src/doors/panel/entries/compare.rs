//! A comparison as the versions page shows it.

use freehold_publishing::document::diff::{Block, Change, Comparison, Look, Op, Row, Run};
use serde::Serialize;

/// Words with the same fate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct RunView {
    /// `a` added, `d` gone, else in both.
    pub(super) op: &'static str,
    pub(super) text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct PictureView {
    pub(super) media_id: i64,
    pub(super) url: String,
    pub(super) alt: String,
}

/// One block on one side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct SideView {
    look: &'static str,
    /// Of something that is not text.
    label: &'static str,
    pub(super) pictures: Vec<PictureView>,
    lines: Vec<Vec<RunView>>,
}

/// Two blocks beside each other, or so many that are the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct RowView {
    change: &'static str,
    /// Blocks that are the same and not shown.
    skipped: usize,
    pub(super) old: Option<SideView>,
    pub(super) new: Option<SideView>,
    /// Both in one, for reading in the text.
    pub(super) both: Option<SideView>,
    /// No word differs.
    form_only: bool,
    /// Fields of the form that brings the old block back.
    old_block: String,
    new_block: String,
    at: usize,
}

/// Runs of words as the page shows them.
pub(super) fn runs(all: &[Run]) -> Vec<RunView> {
    all.iter().map(|r| RunView { op: letter(r.op), text: r.text.clone() }).collect()
}

/// The part of runs that one side shows.
pub(super) fn side_runs(all: &[Run], hidden: Op) -> Vec<RunView> {
    all.iter().filter(|r| r.op != hidden).map(|r| RunView { op: letter(r.op), text: r.text.clone() }).collect()
}

const fn letter(op: Op) -> &'static str {
    match op {
        Op::Same => "",
        Op::Gone => "d",
        Op::New => "a",
    }
}

/// More blocks than this, and long passages without a change are only counted.
const SHOWN_WHOLE: usize = 40;
/// Blocks shown around a change of a long text.
const AROUND: usize = 2;

/// The rows of the page. `all`: long passages without a change are shown too.
pub(super) fn rows(found: &Comparison, all: bool) -> Vec<RowView> {
    if all || found.rows.len() <= SHOWN_WHOLE {
        return found.rows.iter().map(row).collect();
    }
    let near = |at: usize| {
        let from = at.saturating_sub(AROUND);
        found.rows.iter().skip(from).take(at - from + AROUND + 1).any(|r| r.change != Change::Same)
    };
    let mut views: Vec<RowView> = Vec::new();
    for (at, found) in found.rows.iter().enumerate() {
        match views.last_mut() {
            _ if near(at) => views.push(row(found)),
            Some(last) if last.skipped > 0 => last.skipped += 1,
            _ => views.push(RowView { skipped: 1, old: None, new: None, both: None, ..row(found) }),
        }
    }
    views
}

fn row(row: &Row) -> RowView {
    let of = |block: &Option<Block>, hidden: Op| block.as_ref().map(|b| side(b, side_runs(&row.runs, hidden)));
    let index = |block: &Option<Block>| block.as_ref().map(|b| b.index.to_string()).unwrap_or_default();
    RowView {
        change: match row.change {
            Change::Same => "same",
            Change::Changed => "changed",
            Change::Gone => "gone",
            Change::New => "new",
        },
        skipped: 0,
        old: of(&row.old, Op::New),
        new: of(&row.new, Op::Gone),
        both: row.new.as_ref().or(row.old.as_ref()).map(|b| side(b, runs(&row.runs))),
        form_only: row.is_only_form(),
        old_block: index(&row.old),
        new_block: index(&row.new),
        at: row.at,
    }
}

fn side(block: &Block, runs: Vec<RunView>) -> SideView {
    let (look, label) = match &block.look {
        Look::Paragraph => ("p", ""),
        Look::Heading(1 | 2) => ("h2", ""),
        Look::Heading(_) => ("h3", ""),
        Look::List => ("ul", ""),
        Look::Numbered => ("ol", ""),
        Look::Quote => ("quote", ""),
        Look::Code => ("code", "Code"),
        Look::Table => ("table", "Table"),
        Look::Pictures => ("pictures", ""),
        Look::Thing(label) => ("thing", *label),
    };
    let picture = |p: &freehold_publishing::document::diff::Picture| PictureView {
        media_id: p.media_id,
        url: String::new(),
        alt: p.alt.clone(),
    };
    SideView { look, label, pictures: block.pictures.iter().map(picture).collect(), lines: lines(runs) }
}

/// Runs by the line.
fn lines(runs: Vec<RunView>) -> Vec<Vec<RunView>> {
    let mut all = vec![Vec::new()];
    for run in runs {
        for (n, part) in run.text.split('\n').enumerate() {
            if n > 0 {
                all.push(Vec::new());
            }
            if let Some(line) = all.last_mut().filter(|_| !part.is_empty()) {
                line.push(RunView { op: run.op, text: part.replace('\t', "  ·  ") });
            }
        }
    }
    all.retain(|line| !line.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use freehold_publishing::document::Document;
    use freehold_publishing::document::diff::compare;

    use super::*;

    #[test]
    fn runs_are_cut_at_line_breaks() {
        let run = |op, text: &str| RunView { op, text: text.into() };
        let cut = lines(vec![run("", "one\ntwo "), run("d", "three\nfour"), run("", "")]);
        assert_eq!(cut, [vec![run("", "one")], vec![run("", "two "), run("d", "three")], vec![run("d", "four")]]);
    }

    #[test]
    fn long_texts_show_what_changed_and_count_the_rest() {
        let text = |word: &str| {
            (0..100).map(|n| if n == 50 { word.into() } else { format!("Line {n}.\n\n") }).collect::<String>()
        };
        let (old, new) = (text("Before.\n\n"), text("After.\n\n"));
        let found = compare(&Document::from_markdown(&old), &Document::from_markdown(&new));
        let skipped = |all: bool| rows(&found, all).iter().map(|r| r.skipped).collect::<Vec<_>>();
        assert_eq!(skipped(false), [48, 0, 0, 0, 0, 0, 47]);
        assert_eq!(skipped(true).len(), 100);
    }
}
