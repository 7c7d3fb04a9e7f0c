//! HTML as a browser reads it: html5ever's tree in one vector, with bounds.
//!
//! html5ever is quadratic in three ways that a visitor can buy with a few bytes: open elements (each new one is
//! searched in the stack), attributes of one tag (each is compared with the others), and formatting elements that
//! are opened again in every paragraph. So it is fed in small pieces and stopped once a bound is passed.

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, interface::ElemName, local_name, ns};

/// Levels of elements; deeper HTML is refused (security rule D4).
pub(super) const MAX_DEPTH: u32 = 256;
const PIECE: usize = 4096;
/// Places in one tag where an attribute could start. A data address has one per 64 bytes.
const MAX_ATTRIBUTES: usize = 8_000;

/// Which bound was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    Depth,
    Size,
}

pub(super) type Id = usize;

pub(super) enum Data {
    Root,
    Element(QualName, Vec<Attribute>),
    Text(String),
    Comment(String),
}

pub(super) struct DomNode {
    pub data: Data,
    pub children: Vec<Id>,
    parent: Option<Id>,
    depth: u32,
}

/// A parsed fragment. Node [`Dom::ROOT`] holds everything.
pub(super) struct Dom {
    nodes: Vec<DomNode>,
    deepest: u32,
    /// Grows with whatever the parser says; it stands still within a long tag or comment.
    activity: usize,
}

impl Dom {
    pub const ROOT: Id = 0;

    /// Parses a fragment in the context of a div. Scripts count as off, so `noscript` is read.
    pub fn parse(html: &str) -> Result<Self, Excess> {
        let context = QualName::new(None, ns!(html), local_name!("div"));
        let mut opts = ParseOpts::default();
        opts.tree_builder.scripting_enabled = false;
        let mut parser = html5ever::parse_fragment(Sink::new(), opts, context, Vec::new(), false);
        let most_nodes = 50_000 + html.len() / 2;
        let (mut rest, mut activity, mut separators) = (html, 0, 0);
        while !rest.is_empty() {
            let (piece, after) = split(rest);
            rest = after;
            parser.process(StrTendril::from(piece));
            let dom = parser.tokenizer.sink.sink.0.borrow();
            let places = piece.bytes().filter(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'"' | b'\'')).count();
            separators = if dom.activity == activity { separators + places } else { places };
            activity = dom.activity;
            if dom.deepest > MAX_DEPTH + 1 {
                return Err(Excess::Depth);
            }
            if dom.nodes.len() > most_nodes || separators > MAX_ATTRIBUTES {
                return Err(Excess::Size);
            }
        }
        let dom = parser.finish();
        if dom.deepest > MAX_DEPTH + 1 { Err(Excess::Depth) } else { Ok(dom) }
    }

    /// What stands in a node. A fragment's root is an `html` element made by the parser.
    pub fn children(&self, id: Id) -> &[Id] {
        self.nodes.get(id).map_or(&[], |node| &node.children)
    }

    /// The top of the fragment.
    pub fn top(&self) -> Id {
        self.children(Self::ROOT).first().copied().unwrap_or(Self::ROOT)
    }

    pub fn data(&self, id: Id) -> &Data {
        self.nodes.get(id).map_or(&Data::Root, |node| &node.data)
    }

    /// The tag's name; empty for what is no element.
    pub fn name(&self, id: Id) -> &str {
        match self.data(id) {
            Data::Element(name, _) => &name.local,
            _ => "",
        }
    }

    pub fn attr(&self, id: Id, name: &str) -> Option<&str> {
        match self.data(id) {
            Data::Element(_, attrs) => attrs.iter().find(|a| &*a.name.local == name).map(|a| &*a.value),
            _ => None,
        }
    }

    pub fn has_class(&self, id: Id, class: &str) -> bool {
        self.classes(id).any(|c| c == class)
    }

    pub fn classes(&self, id: Id) -> impl Iterator<Item = &str> {
        self.attr(id, "class").unwrap_or_default().split_ascii_whitespace()
    }

    /// The first element with that name below a node, in reading order.
    pub fn find(&self, id: Id, name: &str) -> Option<Id> {
        let mut open = vec![id];
        while let Some(at) = open.pop() {
            if at != id && self.name(at) == name {
                return Some(at);
            }
            open.extend(self.children(at).iter().rev());
        }
        None
    }

    /// All text below a node as it is written, without that of scripts and styles.
    pub fn text(&self, id: Id) -> String {
        let mut out = String::new();
        let mut open = vec![id];
        while let Some(at) = open.pop() {
            match self.data(at) {
                Data::Text(text) => out.push_str(text),
                Data::Element(..) if matches!(self.name(at), "script" | "style" | "template") => continue,
                Data::Element(..) if self.name(at) == "br" => out.push('\n'),
                _ => {}
            }
            open.extend(self.children(at).iter().rev());
        }
        out
    }

    fn insert(&mut self, data: Data) -> Id {
        self.activity += 1;
        self.nodes.push(DomNode { data, children: Vec::new(), parent: None, depth: 0 });
        self.nodes.len() - 1
    }

    fn detach(&mut self, id: Id) {
        let Some(parent) = self.nodes.get_mut(id).and_then(|node| node.parent.take()) else { return };
        if let Some(parent) = self.nodes.get_mut(parent)
            && let Some(at) = parent.children.iter().rposition(|child| *child == id)
        {
            parent.children.remove(at);
        }
    }

    /// Puts a node under `parent` at `at` (`None`: at the end). Text joins the text before it.
    fn place(&mut self, parent: Id, at: Option<usize>, child: NodeOrText<Id>) {
        self.activity += 1;
        let before = at.unwrap_or_else(|| self.children(parent).len());
        let id = match child {
            NodeOrText::AppendNode(id) => {
                self.detach(id);
                id
            }
            NodeOrText::AppendText(text) => {
                let previous = before.checked_sub(1).and_then(|i| self.children(parent).get(i)).copied();
                if let Some(Data::Text(have)) = previous.and_then(|id| self.nodes.get_mut(id)).map(|n| &mut n.data) {
                    return have.push_str(&text);
                }
                self.insert(Data::Text(text.to_string()))
            }
        };
        let depth = self.nodes.get(parent).map_or(0, |node| node.depth) + 1;
        self.deepest = self.deepest.max(depth);
        if let Some(node) = self.nodes.get_mut(id) {
            node.parent = Some(parent);
            node.depth = depth;
        }
        if let Some(parent) = self.nodes.get_mut(parent) {
            let before = before.min(parent.children.len());
            parent.children.insert(before, id);
        }
    }
}

/// About [`PIECE`] bytes and the rest.
fn split(text: &str) -> (&str, &str) {
    let mut end = PIECE.min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    text.split_at(end)
}

struct Sink(RefCell<Dom>);

impl Sink {
    fn new() -> Self {
        let root = DomNode { data: Data::Root, children: Vec::new(), parent: None, depth: 0 };
        Self(RefCell::new(Dom { nodes: vec![root], deepest: 0, activity: 0 }))
    }
}

#[derive(Debug)]
struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }
    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl TreeSink for Sink {
    type Handle = Id;
    type Output = Dom;
    type ElemName<'a> = Name;

    fn finish(self) -> Dom {
        self.0.into_inner()
    }
    fn parse_error(&self, _: Cow<'static, str>) {}
    fn get_document(&self) -> Id {
        Dom::ROOT
    }
    fn elem_name<'a>(&'a self, target: &'a Id) -> Name {
        match self.0.borrow().data(*target) {
            Data::Element(name, _) => Name(name.clone()),
            _ => Name(QualName::new(None, ns!(), LocalName::from(""))),
        }
    }
    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> Id {
        self.0.borrow_mut().insert(Data::Element(name, attrs))
    }
    fn create_comment(&self, text: StrTendril) -> Id {
        self.0.borrow_mut().insert(Data::Comment(text.to_string()))
    }
    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Id {
        self.0.borrow_mut().insert(Data::Root)
    }
    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        self.0.borrow_mut().place(*parent, None, child);
    }
    fn append_based_on_parent_node(&self, element: &Id, previous: &Id, child: NodeOrText<Id>) {
        let has_parent = self.0.borrow().nodes.get(*element).is_some_and(|node| node.parent.is_some());
        if has_parent { self.append_before_sibling(element, child) } else { self.append(previous, child) }
    }
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    // A template's content is put into the template itself: it is never shown, and one tree is enough.
    fn get_template_contents(&self, target: &Id) -> Id {
        *target
    }
    fn same_node(&self, x: &Id, y: &Id) -> bool {
        x == y
    }
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn append_before_sibling(&self, sibling: &Id, child: NodeOrText<Id>) {
        let mut dom = self.0.borrow_mut();
        if let NodeOrText::AppendNode(id) = &child {
            dom.detach(*id);
        }
        let Some(parent) = dom.nodes.get(*sibling).and_then(|node| node.parent) else { return };
        let at = dom.children(parent).iter().rposition(|id| id == sibling);
        dom.place(parent, at, child);
    }
    fn add_attrs_if_missing(&self, target: &Id, attrs: Vec<Attribute>) {
        let mut dom = self.0.borrow_mut();
        if let Some(Data::Element(_, have)) = dom.nodes.get_mut(*target).map(|node| &mut node.data) {
            for attr in attrs {
                if have.iter().all(|a| a.name != attr.name) {
                    have.push(attr);
                }
            }
        }
    }
    fn remove_from_parent(&self, target: &Id) {
        self.0.borrow_mut().detach(*target);
    }
    fn reparent_children(&self, node: &Id, new_parent: &Id) {
        let mut dom = self.0.borrow_mut();
        let children = dom.nodes.get_mut(*node).map(|node| std::mem::take(&mut node.children)).unwrap_or_default();
        for child in children {
            if let Some(child) = dom.nodes.get_mut(child) {
                child.parent = None;
            }
            dom.place(*new_parent, None, NodeOrText::AppendNode(child));
        }
    }
}
