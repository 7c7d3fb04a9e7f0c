//! Two texts beside each other, and three texts made one. Pure: no files, no clock.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Lines of a text that are looked at; what follows is not compared.
pub const MOST_LINES: usize = 5000;
/// Unchanged lines that are shown around a change.
const AROUND: usize = 3;
/// Comparisons of words that two texts are worth, about a tenth of a second; after them lines are marked as a whole.
const MOST_WORDS: usize = 20_000_000;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Whether it stands in both, is new, or is gone.
    pub change: Change,
    /// The piece.
    pub text: String,
}

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// In both.
    Same,
    /// Only in the new text.
    New,
    /// Only in the old text.
    Gone,
}

/// A line of the comparison. Numbers count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// So many unchanged lines are left out.
    Skipped(usize),
    /// In both.
    Same(usize, usize, String),
    /// Changed: the pieces of the old and of the new line.
    Changed(usize, usize, Vec<Run>, Vec<Run>),
    /// Only in the old text.
    Gone(usize, String),
    /// Only in the new text.
    New(usize, String),
}

/// The comparison of two texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Its lines; none where the texts are the same.
    pub lines: Vec<Line>,
    /// Whether the texts are longer than what was compared.
    pub cut: bool,
}

/// Compares two texts line by line, changed lines word by word; long unchanged stretches are left out.
pub fn compare(old: &str, new: &str) -> Comparison {
    let (old, old_cut) = lines(old);
    let (new, new_cut) = lines(new);
    let (mut all, mut budget) = (Vec::new(), MOST_WORDS);
    for op in capture_diff_slices(Algorithm::Patience, &old, &new) {
        put(&mut all, op, &old, &new, &mut budget);
    }
    let changed = all.iter().any(|line| !matches!(line, Line::Same(..)));
    Comparison { lines: if changed { near(all) } else { Vec::new() }, cut: old_cut || new_cut }
}

fn lines(text: &str) -> (Vec<&str>, bool) {
    let mut lines = text.lines();
    let some = lines.by_ref().take(MOST_LINES).collect();
    (some, lines.next().is_some())
}

fn put(all: &mut Vec<Line>, op: DiffOp, old: &[&str], new: &[&str], budget: &mut usize) {
    let (from, to) = (op.old_range(), op.new_range());
    let paired = from.len().min(to.len());
    for n in 0..paired {
        let (at, there) = (from.start + n, to.start + n);
        let (Some(a), Some(b)) = (old.get(at), new.get(there)) else { return };
        all.push(match op {
            DiffOp::Equal { .. } => Line::Same(at + 1, there + 1, (*a).to_owned()),
            _ => {
                let (gone, added) = words(a, b, budget);
                Line::Changed(at + 1, there + 1, gone, added)
            }
        });
    }
    for at in from.skip(paired) {
        all.extend(old.get(at).map(|text| Line::Gone(at + 1, (*text).to_owned())));
    }
    for at in to.skip(paired) {
        all.extend(new.get(at).map(|text| Line::New(at + 1, (*text).to_owned())));
    }
}

/// The pieces of two lines.
fn words(old: &str, new: &str, budget: &mut usize) -> (Vec<Run>, Vec<Run>) {
    let (a, b) = (pieces(old), pieces(new));
    let whole = |change, text: &str| vec![Run { change, text: text.to_owned() }];
    let Some(left) = budget.checked_sub(a.len().saturating_mul(b.len())) else {
        return (whole(Change::Gone, old), whole(Change::New, new));
    };
    *budget = left;
    let (mut gone, mut added) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &a, &b) {
        let same = matches!(op, DiffOp::Equal { .. });
        add(&mut gone, if same { Change::Same } else { Change::Gone }, a.get(op.old_range()));
        add(&mut added, if same { Change::Same } else { Change::New }, b.get(op.new_range()));
    }
    (gone, added)
}

fn add(runs: &mut Vec<Run>, change: Change, pieces: Option<&[&str]>) {
    let text = pieces.unwrap_or_default().concat();
    if !text.is_empty() {
        runs.push(Run { change, text });
    }
}

/// Words, and what stands between them.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut before) = (0, None);
    for (at, c) in line.char_indices() {
        let word = c.is_alphanumeric() || c == '_';
        if before.is_some_and(|was| was != word || !word) {
            pieces.push(&line[from..at]);
            from = at;
        }
        before = Some(word);
    }
    if from < line.len() {
        pieces.push(&line[from..]);
    }
    pieces
}

/// Only what stands near a change.
fn near(all: Vec<Line>) -> Vec<Line> {
    let changes: Vec<usize> =
        all.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Same(..))).map(|(at, _)| at).collect();
    let mut shown: Vec<Line> = Vec::with_capacity(all.len());
    let (mut next, mut skipped) = (0, 0);
    for (at, line) in all.into_iter().enumerate() {
        while changes.get(next).is_some_and(|change| change + AROUND < at) {
            next += 1;
        }
        if changes.get(next).is_some_and(|change| at + AROUND >= *change) {
            if skipped > 0 {
                shown.push(Line::Skipped(std::mem::take(&mut skipped)));
            }
            shown.push(line);
        } else {
            skipped += 1;
        }
    }
    if skipped > 0 {
        shown.push(Line::Skipped(skipped));
    }
    shown
}

/// Two changes of one text made one, where they touch different lines; `None` where they do not fit together, or the
/// texts are too long to tell.
pub fn merge(base: &str, mine: &str, theirs: &str) -> Option<String> {
    let split = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (base, mine, theirs) = (split(base), split(mine), split(theirs));
    if [&base, &mine, &theirs].iter().any(|text| text.len() > MOST_LINES) {
        return None;
    }
    let (in_mine, in_theirs) = (matches(&base, &mine), matches(&base, &theirs));
    let mut out = String::new();
    let (mut at, mut a, mut b) = (0, 0, 0);
    loop {
        // The next line that all three have.
        let stable = (at..base.len()).find_map(|k| Some((k, (*in_mine.get(k)?)?, (*in_theirs.get(k)?)?)));
        let (k, x, y) = stable.unwrap_or((base.len(), mine.len(), theirs.len()));
        let (was, one, other) = (base.get(at..k)?, mine.get(a..x)?, theirs.get(b..y)?);
        let taken = match (one == was, other == was) {
            (true, _) => other,
            (_, true) => one,
            _ if one == other => one,
            _ => return None,
        };
        taken.iter().for_each(|line| out.push_str(line));
        if stable.is_none() {
            return Some(out);
        }
        out.push_str(base.get(k)?);
        (at, a, b) = (k + 1, x + 1, y + 1);
    }
}

/// Where each line of `base` stands in `text`, if it does.
fn matches(base: &[&str], text: &[&str]) -> Vec<Option<usize>> {
    let mut found = vec![None; base.len()];
    for op in capture_diff_slices(Algorithm::Myers, base, text) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            for n in 0..len {
                if let Some(slot) = found.get_mut(old_index + n) {
                    *slot = Some(new_index + n);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(change: Change, text: &str) -> Run {
        Run { change, text: text.to_owned() }
    }

    #[test]
    fn a_changed_line_is_compared_word_by_word() {
        let found = compare("a { color: red }\n", "a { color: blue }\n");
        let [Line::Changed(1, 1, old, new)] = &found.lines[..] else { panic!("{found:?}") };
        assert_eq!(old[1], run(Change::Gone, "red"));
        assert_eq!(new[1], run(Change::New, "blue"));
        assert_eq!(old[0], run(Change::Same, "a { color: "));
    }

    #[test]
    fn what_is_far_from_a_change_is_left_out_and_counted() {
        let old: String = (0..40).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 20\n", "");
        let found = compare(&old, &new);
        assert_eq!(found.lines.first(), Some(&Line::Skipped(17)));
        assert_eq!(found.lines.last(), Some(&Line::Skipped(16)));
        assert!(found.lines.contains(&Line::Gone(21, "line 20".into())));
        assert_eq!(found.lines.len(), 9);
    }

    #[test]
    fn equal_texts_have_nothing_to_show() {
        assert_eq!(compare("a\nb\n", "a\nb\n"), Comparison::default());
    }

    #[test]
    fn changes_of_different_lines_fit_together() {
        let base = "one\ntwo\nthree\nfour\nfive\n";
        let mine = "ONE\ntwo\nthree\nfour\nfive\n";
        let theirs = "one\ntwo\nthree\nfour\nFIVE\nsix\n";
        assert_eq!(merge(base, mine, theirs).as_deref(), Some("ONE\ntwo\nthree\nfour\nFIVE\nsix\n"));
        assert_eq!(merge(base, base, theirs).as_deref(), Some(theirs));
        assert_eq!(merge(base, mine, mine).as_deref(), Some(mine));
        assert_eq!(merge("", "", "").as_deref(), Some(""));
    }

    #[test]
    fn changes_of_the_same_line_do_not_fit() {
        assert_eq!(merge("one\ntwo\n", "ONE\ntwo\n", "1\ntwo\n"), None);
        assert_eq!(merge("one\n", "one", "one\ntwo\n"), None, "the last line lost its end, and one came after it");
    }

    #[test]
    fn no_text_makes_it_fail() {
        for text in ["", "\n", "\r\n\r\n", "é\u{301}x y", "no end"] {
            for other in ["", "\n", "a\r\nb", "é", "no end\n"] {
                compare(text, other);
                merge(text, other, text);
            }
        }
    }
}
