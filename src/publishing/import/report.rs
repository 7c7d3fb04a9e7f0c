//! What an import found and did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Notes that are written out; more are counted.
const MAX_NOTES: usize = 1000;

/// How many things of one kind. `found` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// In the file.
    pub found: u64,
    /// New here.
    pub made: u64,
    /// Here already, and the same.
    pub unchanged: u64,
    /// Here already, and brought to the file's state.
    pub changed: u64,
    /// Left out; the notes say why.
    pub skipped: u64,
}

/// Something a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Kind of thing: `post`, `attachment`.
    pub kind: String,
    /// Which: title and number in the file.
    pub item: String,
    /// What happened, in words.
    pub why: String,
}

/// The report of an import. Its counts are those of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Title of the other site.
    pub title: String,
    /// Address of the other site.
    pub address: String,
    /// Only looked: nothing was written; `made` is what would be made.
    pub dry_run: bool,
    /// Somebody asked to stop; a second run goes on from there.
    pub stopped: bool,
    /// By kind of thing, as the file names it.
    pub kinds: BTreeMap<String, Tally>,
    /// Shortcodes that no block stands for; they stay in the text as written. How often each.
    pub shortcodes: BTreeMap<String, u64>,
    /// Characters of the file that were no text and were replaced.
    pub repairs: u64,
    /// Old addresses that lead to the new ones.
    pub redirects: u64,
    /// What is wrong with the file, where only its complete part was taken.
    pub incomplete: Option<String>,
    /// What a person should know.
    pub notes: Vec<Note>,
    /// Notes beyond those that are written out.
    pub more_notes: u64,
}

impl Report {
    /// The tally of a kind.
    pub fn tally(&mut self, kind: &str) -> &mut Tally {
        self.kinds.entry(kind.to_owned()).or_default()
    }
    /// Adds a note.
    pub fn note(&mut self, kind: &str, item: impl Into<String>, why: impl Into<String>) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(Note { kind: kind.to_owned(), item: item.into(), why: why.into() });
        } else {
            self.more_notes += 1;
        }
    }
    /// Counts something as left out, with the reason.
    pub fn skip(&mut self, kind: &str, item: impl Into<String>, why: impl Into<String>) {
        self.tally(kind).skipped += 1;
        self.note(kind, item, why);
    }
    /// Sums over all kinds.
    pub fn total(&self) -> Tally {
        self.kinds.values().fold(Tally::default(), |a, t| Tally {
            found: a.found + t.found,
            made: a.made + t.made,
            unchanged: a.unchanged + t.unchanged,
            changed: a.changed + t.changed,
            skipped: a.skipped + t.skipped,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_bounded_and_counted() {
        let mut report = Report::default();
        for n in 0..MAX_NOTES + 5 {
            report.skip("post", n.to_string(), "why");
        }
        assert_eq!((report.notes.len(), report.more_notes, report.total().skipped), (MAX_NOTES, 5, 1005));
    }
}
