//! From Markdown to a document.

use comrak::nodes::{AstNode, ListType, NodeValue};
use comrak::{Arena, Options};

use super::super::{Document, Image, Kind, Link, Mark, Node, clean, embed, is_safe_url};
use super::write::html_block;

/// Levels of blocks and of marks that are read; deeper ones give their text.
const MAX_NEST: usize = 24;
/// Signs of quotations and lists in front of one line; the parser's work grows with their number on every line.
const MAX_SIGNS: usize = 200;

impl Document {
    /// A document of Markdown (GitHub's flavour). Raw HTML becomes HTML blocks, cleaned; raw marks in a line are
    /// read (`<u>`, `<sup>`, `<br>`), other tags in a line are dropped and their text stays.
    pub fn from_markdown(markdown: &str) -> Self {
        if markdown.len() > clean::MAX_BYTES || markdown.lines().any(has_too_many_signs) {
            return Self::new(vec![Node::new(Kind::Paragraph, vec![Node::text(markdown, Vec::new())])]);
        }
        let arena = Arena::new();
        let mut options = Options::default();
        options.extension.strikethrough = true;
        options.extension.table = true;
        options.extension.autolink = true;
        let root = comrak::parse_document(&arena, markdown, &options);
        Self::new(blocks(root, 1))
    }
}

fn has_too_many_signs(line: &str) -> bool {
    let front = line.bytes().take_while(|b| b" \t>-*+.)0123456789".contains(b));
    let mut kinds = [false; 2];
    let count = front.filter(|b| {
        kinds[usize::from(*b == b'>')] |= !b.is_ascii_whitespace();
        b">*+-.)".contains(b)
    });
    count.count() > MAX_SIGNS
        && (line.contains('>')
            || line.contains("- -")
            || line.contains("* *")
            || line.contains("+ +")
            || line.contains(". "))
}

fn blocks<'a>(parent: &'a AstNode<'a>, depth: usize) -> Vec<Node> {
    let mut list = Vec::new();
    for child in parent.children() {
        block(child, depth, &mut list);
    }
    list
}

fn block<'a>(node: &'a AstNode<'a>, depth: usize, out: &mut Vec<Node>) {
    if depth > MAX_NEST {
        let text = text_of(node);
        if !text.is_empty() {
            out.push(Node::new(Kind::Paragraph, vec![Node::text(text, Vec::new())]));
        }
        return;
    }
    match &node.data().value {
        NodeValue::Paragraph => paragraph(node, out),
        NodeValue::Heading(heading) => {
            let mut line = Line { is_heading: true, ..Line::default() };
            line.children(node, 0);
            line.end();
            let content = line.blocks.into_iter().flat_map(|block| block.content).collect();
            out.push(Node::new(Kind::Heading(heading.level.clamp(1, 6)), content));
        }
        NodeValue::BlockQuote => out.push(Node::new(Kind::Blockquote, blocks(node, depth + 1))),
        NodeValue::List(list) => {
            let kind = match list.list_type {
                ListType::Bullet => Kind::BulletList,
                ListType::Ordered => Kind::OrderedList(u32::try_from(list.start).ok().filter(|start| *start != 1)),
            };
            out.push(Node::new(kind, blocks(node, depth + 1)));
        }
        NodeValue::Item(_) => {
            let mut content = blocks(node, depth + 1);
            if content.is_empty() {
                content.push(Node::leaf(Kind::Paragraph));
            }
            out.push(Node::new(Kind::ListItem, content));
        }
        NodeValue::CodeBlock(code) => {
            let word = code.info.split_whitespace().next().filter(|_| code.fenced).unwrap_or_default();
            let language: String = word.chars().filter(|c| c.is_alphanumeric() || "+#._-".contains(*c)).collect();
            let language = Some(language).filter(|language| !language.is_empty()).map(Into::into);
            let text = code.literal.strip_suffix('\n').unwrap_or(&code.literal);
            let content = if text.is_empty() { Vec::new() } else { vec![Node::text(text, Vec::new())] };
            out.push(Node::new(Kind::CodeBlock(language), content));
        }
        NodeValue::HtmlBlock(html) => out.extend(raw_html(&html.literal)),
        NodeValue::ThematicBreak => out.push(Node::leaf(Kind::HorizontalRule)),
        NodeValue::Table(_) => out.push(Node::new(Kind::Table, node.children().map(row).collect())),
        _ => paragraph(node, out),
    }
}

fn raw_html(literal: &str) -> Option<Node> {
    if literal.trim() == "<!--more-->" {
        return Some(Node::leaf(Kind::Imported { kind: "more".into(), raw: "<!--more-->".into() }));
    }
    let mut source = html_block(&clean::clean_or_text(literal));
    // Cleaning may move what it finds; done twice it stands still.
    source = html_block(&clean::clean_or_text(&source));
    let says = Document::from_html(&source);
    (!says.is_empty()).then(|| Node::leaf(Kind::Html { source: source.into(), raw: false }))
}

fn row<'a>(row: &'a AstNode<'a>) -> Node {
    let is_head = matches!(row.data().value, NodeValue::TableRow(true));
    let cells = row.children().map(|cell| {
        let mut line = Line::default();
        line.children(cell, 0);
        line.end();
        let mut content = line.blocks;
        if content.is_empty() {
            content.push(Node::leaf(Kind::Paragraph));
        }
        Node::new(if is_head { Kind::TableHeader(None, None) } else { Kind::TableCell(None, None) }, content)
    });
    Node::new(Kind::TableRow, cells.collect())
}

fn paragraph<'a>(node: &'a AstNode<'a>, out: &mut Vec<Node>) {
    let mut line = Line::default();
    line.children(node, 0);
    line.end();
    let blocks = line.blocks;
    if blocks.len() > 1 && blocks.iter().all(|block| matches!(block.kind, Kind::Image(_))) {
        out.push(Node::new(Kind::Gallery(None), blocks));
    } else if let Some(embed) = lone_address(&blocks) {
        out.push(embed);
    } else {
        out.extend(blocks);
    }
}

/// An address alone in a paragraph is shown as what it leads to, if we know the site.
fn lone_address(blocks: &[Node]) -> Option<Node> {
    let [Node { kind: Kind::Paragraph, content, .. }] = blocks else { return None };
    let [node] = &content[..] else { return None };
    let text = node.as_text()?;
    let found =
        node.link().filter(|link| link.href == text && node.marks.len() == 1).and_then(|_| embed::find(text))?;
    Some(Node::leaf(Kind::Embed { url: text.into(), provider: Some(found.provider.into()) }))
}

fn text_of<'a>(node: &'a AstNode<'a>) -> String {
    let mut out = String::new();
    for node in node.descendants() {
        match &node.data().value {
            NodeValue::Text(text) => out.push_str(text),
            NodeValue::Code(code) => out.push_str(&code.literal),
            NodeValue::CodeBlock(code) => out.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak | NodeValue::Paragraph => out.push(' '),
            _ => {}
        }
    }
    out.trim().to_owned()
}

/// A line in the making; images part it, because they are blocks.
#[derive(Default)]
struct Line {
    blocks: Vec<Node>,
    open: Vec<Node>,
    marks: Vec<Mark>,
    /// Headings hold no images; what they say stands there instead.
    is_heading: bool,
}

impl Line {
    fn children<'a>(&mut self, node: &'a AstNode<'a>, depth: usize) {
        if depth > MAX_NEST {
            return self.text(&text_of(node), None);
        }
        for child in node.children() {
            self.one(child, depth);
        }
    }

    fn one<'a>(&mut self, node: &'a AstNode<'a>, depth: usize) {
        match &node.data().value {
            NodeValue::Text(text) => self.text(text, None),
            NodeValue::SoftBreak => self.text(" ", None),
            NodeValue::LineBreak => self.open.push(Node::leaf(Kind::HardBreak)),
            NodeValue::Code(code) => self.text(&code.literal, Some(Mark::Code)),
            NodeValue::HtmlInline(tag) => self.tag(tag),
            NodeValue::Strong => self.marked(Mark::Bold, node, depth),
            NodeValue::Emph => self.marked(Mark::Italic, node, depth),
            NodeValue::Strikethrough => self.marked(Mark::Strike, node, depth),
            NodeValue::Link(link) if is_safe_url(&link.url) => {
                let title = Some(link.title.clone()).filter(|title| !title.is_empty());
                let link = Link { href: link.url.clone(), title, ..Link::default() };
                self.marked(Mark::Link(Box::new(link)), node, depth);
            }
            NodeValue::Image(image) if is_safe_url(&image.url) && !image.url.is_empty() => {
                let filled = |text: String| Some(text).filter(|text| !text.is_empty());
                let (alt, caption) = (filled(text_of(node)), filled(image.title.clone()));
                let image = Image { src: image.url.clone(), alt, caption, ..Image::default() };
                self.image(Node::leaf(Kind::Image(Box::new(image))));
            }
            _ => self.children(node, depth + 1),
        }
    }

    fn marked<'a>(&mut self, mark: Mark, node: &'a AstNode<'a>, depth: usize) {
        let is_new = !self.marks.contains(&mark);
        if is_new {
            self.marks.push(mark);
        }
        self.children(node, depth + 1);
        if is_new {
            self.marks.pop();
        }
    }

    fn image(&mut self, mut node: Node) {
        if let (true, Kind::Image(image)) = (self.is_heading, &node.kind) {
            return self.text(image.alt.as_deref().unwrap_or_default(), None);
        }
        node.marks.extend(self.marks.iter().filter(|mark| matches!(mark, Mark::Link(_))).cloned());
        self.end();
        self.blocks.push(node);
    }

    fn text(&mut self, text: &str, code: Option<Mark>) {
        let at_start = self.open.last().is_none_or(|node| matches!(node.kind, Kind::HardBreak));
        let text = if at_start && code.is_none() { text.trim_start_matches(' ') } else { text };
        if text.is_empty() {
            return;
        }
        let mut marks = self.marks.clone();
        marks.extend(code);
        match self.open.last_mut() {
            Some(Node { kind: Kind::Text(have), marks: has, .. }) if *has == marks => have.push_str(text),
            _ => self.open.push(Node::text(text, marks)),
        }
    }

    /// Reads the tags of marks; an image written as HTML is an image.
    fn tag(&mut self, tag: &str) {
        let name = tag.trim_start_matches(['<', '/']).trim_end_matches(['>', '/', ' ']);
        let name = name.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let mark = match name.as_str() {
            "strong" | "b" => Mark::Bold,
            "em" | "i" => Mark::Italic,
            "s" | "del" | "strike" => Mark::Strike,
            "u" | "ins" => Mark::Underline,
            "sup" => Mark::Superscript,
            "sub" => Mark::Subscript,
            "br" => return self.open.push(Node::leaf(Kind::HardBreak)),
            "img" => {
                for node in Document::from_html(tag).content {
                    self.image(node);
                }
                return;
            }
            _ => return,
        };
        if tag.starts_with("</") {
            if let Some(at) = self.marks.iter().rposition(|open| *open == mark) {
                self.marks.remove(at);
            }
        } else if !self.marks.contains(&mark) {
            self.marks.push(mark);
        }
    }

    /// Makes the open line a paragraph, without space and line breaks at its end.
    fn end(&mut self) {
        while let Some(last) = self.open.last_mut() {
            match &mut last.kind {
                Kind::Text(text) if !last.marks.contains(&Mark::Code) => {
                    text.truncate(text.trim_end_matches(' ').len());
                    if !text.is_empty() {
                        break;
                    }
                }
                Kind::HardBreak => {}
                _ => break,
            }
            self.open.pop();
        }
        let line = std::mem::take(&mut self.open);
        if !line.is_empty() {
            self.blocks.push(Node::new(Kind::Paragraph, line));
        }
    }
}
