//! Words of two texts against each other.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// What happened to a run of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// In both.
    Same,
    /// Only in the old text.
    Gone,
    /// Only in the new text.
    New,
}

/// Words beside each other with the same fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Their fate.
    pub op: Op,
    /// The words as they stand, spaces included.
    pub text: String,
}

/// Comparisons that are left. A pair of texts takes at most the square of its words.
pub(super) struct Budget(usize);

impl Budget {
    /// Enough for two texts of 5,000 words with nothing in common; about a tenth of a second.
    pub fn new() -> Self {
        Self(100_000_000)
    }
    fn spend(&mut self, words: usize) -> bool {
        match self.0.checked_sub(words.saturating_mul(words)) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

/// Words in a text; in scripts without spaces each character counts.
pub fn count_words(text: &str) -> usize {
    split(text).into_iter().filter(|t| t.chars().any(char::is_alphanumeric)).count()
}

pub(super) fn compare(old: &str, new: &str, budget: &mut Budget) -> Vec<Run> {
    let (old, new) = (split(old), split(new));
    let before = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = |list: &[&str]| list.len() - before;
    let after = old.iter().rev().zip(new.iter().rev()).take(rest(&old).min(rest(&new)));
    let after = after.take_while(|(a, b)| a == b).count();
    let part = |list: &[&'_ str], from: usize, to: usize| list.get(from..to).unwrap_or_default().concat();
    let (old_end, new_end) = (old.len() - after, new.len() - after);
    let mut runs = Runs::default();
    runs.push(Op::Same, &part(&old, 0, before));
    let (a, b) = (old.get(before..old_end).unwrap_or_default(), new.get(before..new_end).unwrap_or_default());
    if a.is_empty() || b.is_empty() || !budget.spend(a.len() + b.len()) {
        runs.push(Op::Gone, &a.concat());
        runs.push(Op::New, &b.concat());
    } else {
        middle(a, b, &mut runs);
    }
    runs.push(Op::Same, &part(&old, old_end, old.len()));
    runs.finish()
}

fn middle(old: &[&str], new: &[&str], runs: &mut Runs) {
    let ops = capture_diff_slices(Algorithm::Myers, old, new);
    for (at, op) in ops.iter().enumerate() {
        let gone = old.get(op.old_range()).unwrap_or_default().concat();
        let fresh = new.get(op.new_range()).unwrap_or_default().concat();
        match op {
            // A lone space between two replaced words: "three weeks" became "a month", not two words apart.
            DiffOp::Equal { .. } if at + 1 < ops.len() && gone.chars().all(|c| c == ' ') && runs.replacing() => {
                runs.gone.push_str(&gone);
                runs.fresh.push_str(&fresh);
            }
            DiffOp::Equal { .. } => runs.push(Op::Same, &gone),
            _ => {
                runs.gone.push_str(&gone);
                runs.fresh.push_str(&fresh);
            }
        }
    }
    runs.flush();
}

/// Collects runs: what is gone stands before what is new.
#[derive(Default)]
struct Runs {
    done: Vec<Run>,
    gone: String,
    fresh: String,
}

impl Runs {
    fn replacing(&self) -> bool {
        !self.gone.is_empty() && !self.fresh.is_empty()
    }
    fn flush(&mut self) {
        for (op, text) in [(Op::Gone, std::mem::take(&mut self.gone)), (Op::New, std::mem::take(&mut self.fresh))] {
            self.add(op, text);
        }
    }
    fn push(&mut self, op: Op, text: &str) {
        match op {
            Op::Gone => self.gone.push_str(text),
            Op::New => self.fresh.push_str(text),
            Op::Same if text.is_empty() => {}
            Op::Same => {
                self.flush();
                self.add(op, text.to_owned());
            }
        }
    }
    fn add(&mut self, op: Op, text: String) {
        match self.done.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.op == op => last.text.push_str(&text),
            _ => self.done.push(Run { op, text }),
        }
    }
    fn finish(mut self) -> Vec<Run> {
        self.flush();
        self.done
    }
}

/// Words, spaces and single marks. A word is letters and digits with the marks that join them (don’t, e-mail).
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut last = Class::Single;
    for (at, c) in text.char_indices() {
        let class = match Class::of(c) {
            Class::Joint if last == Class::Word && next_is_word(text, at + c.len_utf8()) => Class::Word,
            Class::Joint => Class::Single,
            class => class,
        };
        if at > 0 && (class != last || class == Class::Single) {
            parts.extend(text.get(start..at));
            start = at;
        }
        last = class;
    }
    parts.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    parts
}

fn next_is_word(text: &str, at: usize) -> bool {
    text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(|c| Class::of(c) == Class::Word)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Space,
    Joint,
    Single,
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            '\'' | '\u{2019}' | '-' => Self::Joint,
            '\n' => Self::Single,
            // Scripts without spaces: each character is a word.
            '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' => Self::Single,
            _ if c.is_whitespace() => Self::Space,
            _ if c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}') => Self::Word,
            _ => Self::Single,
        }
    }
}
