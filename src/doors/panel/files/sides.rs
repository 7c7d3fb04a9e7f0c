//! Two texts as a page shows them beside each other.

use freehold_hosting::text_diff::{Change, Line, Run, compare};
use serde::Serialize;

/// A piece of a line.
#[derive(Serialize)]
pub struct RunView {
    op: &'static str,
    text: String,
}

/// A line.
#[derive(Serialize)]
pub struct LineView {
    skip: usize,
    old_n: String,
    new_n: String,
    old: Vec<RunView>,
    new: Vec<RunView>,
    change: &'static str,
}

/// What stands over a side.
#[derive(Serialize)]
pub struct Side {
    /// What it is.
    pub name: String,
    /// Who wrote it and when; empty where it is not known.
    pub by: String,
}

/// The lines of two texts, and whether there are more than were compared.
pub fn lines(old: &str, new: &str) -> (Vec<LineView>, bool) {
    let found = compare(old, new);
    (found.lines.into_iter().map(line).collect(), found.cut)
}

fn line(line: Line) -> LineView {
    let view = |change, old_n: usize, new_n: usize, old, new| LineView {
        skip: 0,
        old_n: number(old_n),
        new_n: number(new_n),
        old,
        new,
        change,
    };
    match line {
        Line::Skipped(skip) => LineView { skip, ..view("", 0, 0, Vec::new(), Vec::new()) },
        Line::Same(a, b, text) => view("", a, b, plain(&text), plain(&text)),
        Line::Changed(a, b, old, new) => view("changed", a, b, runs(old), runs(new)),
        Line::Gone(a, text) => view("gone", a, 0, plain(&text), Vec::new()),
        Line::New(b, text) => view("new", 0, b, Vec::new(), plain(&text)),
    }
}

fn number(n: usize) -> String {
    if n == 0 { String::new() } else { n.to_string() }
}

fn plain(text: &str) -> Vec<RunView> {
    vec![RunView { op: "", text: text.to_owned() }]
}

fn runs(runs: Vec<Run>) -> Vec<RunView> {
    let op = |change| match change {
        Change::Same => "",
        Change::New => "a",
        Change::Gone => "d",
    };
    runs.into_iter().map(|run| RunView { op: op(run.change), text: run.text }).collect()
}
