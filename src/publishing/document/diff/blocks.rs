//! Blocks of two documents against each other.

use std::collections::HashMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::super::{Kind, Node, node, plain, write};
use super::MAX_BLOCKS;
use super::words::{self, Budget, Op, Run};

/// What happened to a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The same in both.
    Same,
    /// In both, with other words or another look.
    Changed,
    /// Only in the old document.
    Gone,
    /// Only in the new document.
    New,
}

/// How a block looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Running text.
    Paragraph,
    /// A heading of this level.
    Heading(u8),
    /// Lines with bullets.
    List,
    /// Lines with numbers.
    Numbered,
    /// Words of somebody else.
    Quote,
    /// Lines of code.
    Code,
    /// Rows with tabs between the cells.
    Table,
    /// One picture or several; the text is descriptions and captions.
    Pictures,
    /// Something that is not text, with its name in words.
    Thing(&'static str),
}

/// A picture of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Piece of media; 0 where it is not ours.
    pub media_id: i64,
    /// Its address.
    pub src: String,
    /// Its description.
    pub alt: String,
}

/// One block of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which of the top blocks it is, from 0.
    pub index: usize,
    /// How it looks.
    pub look: Look,
    /// Its pictures.
    pub pictures: Vec<Picture>,
}

/// Two blocks beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What happened.
    pub change: Change,
    /// The block of the old document.
    pub old: Option<Block>,
    /// The block of the new document.
    pub new: Option<Block>,
    /// Where in the new document the old block would stand.
    pub at: usize,
    /// The words of both; lines end with a line break.
    pub runs: Vec<Run>,
}

impl Row {
    /// Whether only bold, links or settings of the block differ, and no word.
    pub fn is_only_form(&self) -> bool {
        self.change == Change::Changed && self.runs.iter().all(|r| r.op == Op::Same)
    }
}

/// How far ahead the counterpart of a block is looked for.
const WINDOW: usize = 12;

pub(super) fn align(old: &[Node], new: &[Node], budget: &mut Budget) -> Vec<Row> {
    let old = old.get(..MAX_BLOCKS).unwrap_or(old);
    let new = new.get(..MAX_BLOCKS).unwrap_or(new);
    let mut names = HashMap::new();
    let old_names: Vec<usize> = old.iter().map(|n| name(&mut names, n)).collect();
    let new_names: Vec<usize> = new.iter().map(|n| name(&mut names, n)).collect();
    let mut rows = Aligned { old, new, budget, rows: Vec::new() };
    for op in capture_diff_slices(Algorithm::Myers, &old_names, &new_names) {
        match op {
            DiffOp::Equal { old_index, new_index, len } => {
                (0..len).for_each(|n| rows.pair(old_index + n, new_index + n));
            }
            DiffOp::Delete { old_index, old_len, new_index } => rows.between(old_index, old_len, new_index, 0),
            DiffOp::Insert { old_index, new_index, new_len } => rows.between(old_index, 0, new_index, new_len),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                rows.between(old_index, old_len, new_index, new_len);
            }
        }
    }
    rows.rows
}

/// The same number for the same block.
fn name(names: &mut HashMap<String, usize>, node: &Node) -> usize {
    let mut json = String::new();
    write::one(&mut json, node);
    let next = names.len();
    *names.entry(json).or_insert(next)
}

struct Aligned<'a> {
    old: &'a [Node],
    new: &'a [Node],
    budget: &'a mut Budget,
    rows: Vec<Row>,
}

impl Aligned<'_> {
    /// Finds counterparts in a passage that differs, in reading order.
    fn between(&mut self, old_from: usize, old_len: usize, new_from: usize, new_len: usize) {
        let (old_end, new_end) = (old_from + old_len, new_from + new_len);
        let mut next = new_from;
        for old_at in old_from..old_end {
            // One for one: they are counterparts whatever they say.
            let alone = old_len == 1 && new_len == 1;
            // Lists and tables change line by line; running text with little in common is another text.
            let enough = if self.old.get(old_at).is_some_and(is_line) { 35 } else { 10 };
            let found = (next..new_end.min(next + WINDOW))
                .map(|new_at| (new_at, self.likeness(old_at, new_at)))
                .filter(|(_, like)| alone || *like >= enough)
                .max_by_key(|(new_at, like)| (*like, usize::MAX - new_at));
            match found {
                Some((new_at, _)) => {
                    (next..new_at).for_each(|n| self.fresh(n));
                    self.pair(old_at, new_at);
                    next = new_at + 1;
                }
                None => self.gone(old_at, next),
            }
        }
        (next..new_end).for_each(|n| self.fresh(n));
    }
    /// How much two blocks have in common, in percent.
    fn likeness(&self, old_at: usize, new_at: usize) -> usize {
        let (Some(old), Some(new)) = (self.old.get(old_at), self.new.get(new_at)) else { return 0 };
        if std::mem::discriminant(&old.kind) != std::mem::discriminant(&new.kind) && !(is_line(old) && is_line(new)) {
            return 0;
        }
        let (old, new) = (text_of(old), text_of(new));
        let mut bag: HashMap<&str, usize> = HashMap::new();
        let (mut of_old, mut of_new, mut common) = (0_usize, 0_usize, 0_usize);
        for word in old.split_whitespace().take(400) {
            *bag.entry(word).or_default() += 1;
            of_old += 1;
        }
        for word in new.split_whitespace().take(400) {
            of_new += 1;
            if let Some(left) = bag.get_mut(word).filter(|n| **n > 0) {
                *left -= 1;
                common += 1;
            }
        }
        (200 * common).checked_div(of_old + of_new).unwrap_or(100)
    }
    fn pair(&mut self, old_at: usize, new_at: usize) {
        let (Some(a), Some(b)) = (self.old.get(old_at), self.new.get(new_at)) else { return };
        let runs = words::compare(&text_of(a), &text_of(b), self.budget);
        let change = if a == b { Change::Same } else { Change::Changed };
        let (old, new) = (Some(block(a, old_at)), Some(block(b, new_at)));
        self.rows.push(Row { change, old, new, at: new_at, runs });
    }
    fn gone(&mut self, old_at: usize, at: usize) {
        let Some(node) = self.old.get(old_at) else { return };
        let runs = vec![Run { op: Op::Gone, text: text_of(node) }];
        self.rows.push(Row { change: Change::Gone, old: Some(block(node, old_at)), new: None, at, runs });
    }
    fn fresh(&mut self, new_at: usize) {
        let Some(node) = self.new.get(new_at) else { return };
        let runs = vec![Run { op: Op::New, text: text_of(node) }];
        self.rows.push(Row { change: Change::New, old: None, new: Some(block(node, new_at)), at: new_at, runs });
    }
}

fn is_line(node: &Node) -> bool {
    matches!(node.kind, Kind::Paragraph | Kind::Heading(_) | Kind::Blockquote)
}

fn block(node: &Node, index: usize) -> Block {
    Block { index, look: look(&node.kind), pictures: pictures(std::slice::from_ref(node)) }
}

fn look(kind: &Kind) -> Look {
    match kind {
        Kind::Heading(level) => Look::Heading(*level),
        Kind::BulletList => Look::List,
        Kind::OrderedList(_) => Look::Numbered,
        Kind::Blockquote => Look::Quote,
        Kind::CodeBlock(_) => Look::Code,
        Kind::Table => Look::Table,
        Kind::Image(_) | Kind::Gallery(_) => Look::Pictures,
        Kind::Embed { .. } => Look::Thing("Embed"),
        Kind::HorizontalRule => Look::Thing("Divider"),
        Kind::Html { .. } => Look::Thing("HTML"),
        Kind::File(_) => Look::Thing("File"),
        Kind::Imported { .. } | Kind::Unknown { .. } => Look::Thing("Block from elsewhere"),
        Kind::Paragraph
        | Kind::ListItem
        | Kind::TableRow
        | Kind::TableHeader(..)
        | Kind::TableCell(..)
        | Kind::HardBreak
        | Kind::Text(_) => Look::Paragraph,
    }
}

/// What a block says: its words, or what names it.
fn text_of(node: &Node) -> String {
    let mut text = String::new();
    match &node.kind {
        Kind::Image(_) | Kind::Gallery(_) => node::walk(std::slice::from_ref(node), &mut |n| {
            if let Kind::Image(image) = &n.kind {
                for line in [&image.alt, &image.caption].into_iter().flatten().filter(|t| !t.is_empty()) {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }),
        Kind::Embed { url, .. } => text.push_str(url),
        Kind::Html { source, .. } => text.push_str(source),
        Kind::Imported { kind, .. } => text.push_str(kind),
        Kind::Unknown { name, .. } => text.push_str(name),
        _ => plain::lines(&mut text, std::slice::from_ref(node), true),
    }
    text.truncate(text.trim_end().len());
    text
}

fn pictures(nodes: &[Node]) -> Vec<Picture> {
    let mut found = Vec::new();
    node::walk(nodes, &mut |n| {
        if let Kind::Image(image) = &n.kind {
            let (media_id, alt) = (image.media_id.unwrap_or(0), image.alt.clone().unwrap_or_default());
            found.push(Picture { media_id, src: image.src.clone(), alt });
        }
    });
    found
}

/// How many pictures of `these` the others do not show.
pub(super) fn only_in(these: &[Node], others: &[Node]) -> usize {
    let mut left: HashMap<(i64, String), usize> = HashMap::new();
    let key = |p: Picture| if p.media_id > 0 { (p.media_id, String::new()) } else { (0, p.src) };
    for picture in pictures(others) {
        *left.entry(key(picture)).or_default() += 1;
    }
    pictures(these)
        .into_iter()
        .filter(|p| match left.get_mut(&key(p.clone())).filter(|n| **n > 0) {
            Some(n) => {
                *n -= 1;
                false
            }
            None => true,
        })
        .count()
}
