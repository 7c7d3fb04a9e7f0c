//! What changed between two documents: blocks side by side, and the words inside them.
//!
//! The work is bounded whatever the documents are like: at most [`MAX_BLOCKS`] blocks of each are looked at, and where
//! words would take more comparisons than are left, a passage counts as replaced as a whole.

mod blocks;
mod words;

pub use blocks::{Block, Change, Look, Picture, Row};
pub use words::{Op, Run, count_words};

use super::Document;
use words::Budget;

/// Blocks of a document that are compared; what stands below is left out of the comparison.
pub const MAX_BLOCKS: usize = 2000;

/// Two documents, block by block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The blocks in reading order.
    pub rows: Vec<Row>,
    /// Words that only the new one has.
    pub added: usize,
    /// Words that only the old one has.
    pub removed: usize,
    /// Pictures that only the new one has.
    pub pictures_added: usize,
    /// Pictures that only the old one has.
    pub pictures_removed: usize,
    /// One of them has more than [`MAX_BLOCKS`] blocks: the rest was not compared.
    pub cut: bool,
}

/// Compares two documents.
pub fn compare(old: &Document, new: &Document) -> Comparison {
    let mut budget = Budget::new();
    let rows = blocks::align(&old.content, &new.content, &mut budget);
    let mut all = Comparison {
        cut: old.content.len() > MAX_BLOCKS || new.content.len() > MAX_BLOCKS,
        pictures_added: blocks::only_in(&new.content, &old.content),
        pictures_removed: blocks::only_in(&old.content, &new.content),
        ..Comparison::default()
    };
    for run in rows.iter().filter(|r| r.change != Change::Same).flat_map(|r| &r.runs) {
        match run.op {
            Op::New => all.added += count_words(&run.text),
            Op::Gone => all.removed += count_words(&run.text),
            Op::Same => {}
        }
    }
    all.rows = rows;
    all
}

/// Compares two texts word by word.
pub fn compare_text(old: &str, new: &str) -> Vec<Run> {
    words::compare(old, new, &mut Budget::new())
}

#[cfg(test)]
mod tests;
