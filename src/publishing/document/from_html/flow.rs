//! Walks a tree of HTML and builds blocks from it.

use std::cell::RefCell;

use super::super::dom::{Data, Dom, Id};
use super::super::{Kind, Link, Mark, Node, is_safe_url};
use super::line::{Builder, Spaces};

/// Levels of HTML that are walked; deeper elements give their text.
const MAX_WALK: usize = 120;
/// Levels of the document in which lists, quotations and tables may still begin.
pub(super) const MAX_NEST: usize = 50;

/// What was taken out of the source before it was parsed. A comment `fh:NUMBER` stands in its place.
#[derive(Default)]
pub(super) struct Stash(pub Vec<Kept>);

/// Something taken out.
pub(super) enum Kept {
    /// Blocks that are made already.
    Nodes(Vec<Node>),
    /// The JSON of a block comment; it belongs to the element after it.
    Attributes(serde_json::Value),
}

impl Stash {
    /// Keeps something and gives the comment that stands for it.
    pub fn keep(&mut self, kept: Kept) -> String {
        self.0.push(kept);
        format!("<!--fh:{}-->", self.0.len() - 1)
    }
}

pub(super) struct Flow<'a> {
    pub dom: &'a Dom,
    stash: &'a Stash,
    pub marks: RefCell<Vec<Mark>>,
    /// The attributes of the block comment last seen.
    pub attributes: RefCell<Option<&'a serde_json::Value>>,
    walked: RefCell<usize>,
}

impl<'a> Flow<'a> {
    pub fn new(dom: &'a Dom, stash: &'a Stash) -> Self {
        let (marks, attributes) = (RefCell::default(), RefCell::default());
        Self { dom, stash, marks, attributes, walked: RefCell::new(0) }
    }

    pub fn children(&self, id: Id, out: &mut Builder, depth: usize) {
        for child in self.dom.children(id) {
            self.node(*child, out, depth);
        }
    }

    /// What stands in an element, as blocks of their own.
    pub fn inside(&self, id: Id, spaces: Spaces, depth: usize) -> Vec<Node> {
        let mut out = Builder::new(spaces);
        let marks = std::mem::take(&mut *self.marks.borrow_mut());
        self.children(id, &mut out, depth);
        *self.marks.borrow_mut() = marks;
        out.finish()
    }

    pub fn node(&self, id: Id, out: &mut Builder, depth: usize) {
        match self.dom.data(id) {
            Data::Text(text) => out.text(text, &self.marks.borrow()),
            Data::Comment(text) => self.comment(text, out),
            Data::Root => self.children(id, out, depth),
            Data::Element(..) => {
                let walked = *self.walked.borrow();
                if walked > MAX_WALK {
                    out.text(&self.dom.text(id), &self.marks.borrow());
                    return;
                }
                self.walked.replace(walked + 1);
                self.element(id, out, depth);
                self.walked.replace(walked);
            }
        }
    }

    fn comment(&self, text: &str, out: &mut Builder) {
        let kept = text.strip_prefix("fh:").and_then(|n| n.parse::<usize>().ok()).and_then(|n| self.stash.0.get(n));
        match kept {
            Some(Kept::Nodes(nodes)) => out.blocks(nodes.clone()),
            Some(Kept::Attributes(value)) => drop(self.attributes.replace(Some(value))),
            None => {
                let word = text.trim().split(' ').next().unwrap_or_default();
                if matches!(word, "more" | "nextpage" | "noteaser") {
                    let raw = format!("<!--{text}-->");
                    out.block(Node::leaf(Kind::Imported { kind: word.into(), raw: raw.into() }));
                }
            }
        }
    }

    /// Walks an element's content with one more mark.
    pub fn marked(&self, mark: Mark, id: Id, out: &mut Builder, depth: usize) {
        let is_new = !self.marks.borrow().contains(&mark);
        if is_new {
            self.marks.borrow_mut().push(mark);
        }
        self.children(id, out, depth);
        if is_new {
            self.marks.borrow_mut().pop();
        }
    }

    /// Walks a link; one that leads nowhere, or where it may not, is its text.
    pub fn link(&self, id: Id, out: &mut Builder, depth: usize) {
        let attr = |name| self.dom.attr(id, name).map(str::to_owned).filter(|value| !value.is_empty());
        let linked = self.marks.borrow().iter().any(|mark| matches!(mark, Mark::Link(_)));
        match attr("href").map(|href| href.trim().to_owned()).filter(|href| is_safe_url(href) && !linked) {
            Some(href) => {
                let target = attr("target").filter(|target| target == "_blank");
                let link = Link { href, title: attr("title"), rel: attr("rel"), target, ..Link::default() };
                self.marked(Mark::Link(Box::new(link)), id, out, depth);
            }
            None => self.children(id, out, depth),
        }
    }

    /// A number of the block comment last seen; the comment counts for one element only.
    pub fn block_number(&self, name: &str) -> Option<i64> {
        self.attributes.take()?.get(name)?.as_i64()
    }
}
