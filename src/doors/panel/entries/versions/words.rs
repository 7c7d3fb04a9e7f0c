//! The words of two states against each other.

use freehold_base::Result;
use freehold_publishing::content::versions::Snapshot;
use freehold_publishing::document::Document;
use freehold_publishing::document::diff::{
    Comparison, Op, Run, compare as compare_documents, compare_text, count_words,
};

use super::view::Badge;

/// The words of two states against each other.
pub(super) struct Words {
    pub(super) title: Vec<Run>,
    pub(super) excerpt: Vec<Run>,
    pub(super) body: Comparison,
}

impl Words {
    pub(super) fn of(old: &Snapshot, new: &Snapshot) -> Result<Self> {
        let parse = |s: &Snapshot| Document::parse(&s.document.to_string());
        Ok(Self {
            title: compare_text(&old.title, &new.title),
            excerpt: compare_text(&old.excerpt, &new.excerpt),
            body: compare_documents(&parse(old)?, &parse(new)?),
        })
    }
    fn count(&self, op: Op) -> usize {
        let of_body = if op == Op::New { self.body.added } else { self.body.removed };
        let lines = self.title.iter().chain(&self.excerpt).filter(|r| r.op == op);
        of_body + lines.map(|r| count_words(&r.text)).sum::<usize>()
    }
    pub(super) fn badges(&self) -> Vec<Badge> {
        let some = |n: usize, sign: &str, one: &str, many: &str, tone: &'static str| {
            let word = if n == 1 { one } else { many };
            (n > 0).then(|| Badge { label: format!("{sign}{n} {word}"), tone })
        };
        let (came, went) = (self.body.pictures_added, self.body.pictures_removed);
        [
            some(self.count(Op::New), "+ ", "word", "words", "good"),
            some(self.count(Op::Gone), "\u{2212} ", "word", "words", "bad"),
            some(came, "", "picture added", "pictures added", "info"),
            some(went, "", "picture gone", "pictures gone", "info"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
