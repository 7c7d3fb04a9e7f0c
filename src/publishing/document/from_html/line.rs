//! Text and line breaks gathered into paragraphs.

use super::super::{Kind, Mark, Node, embed};

/// What white space in a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spaces {
    /// Any run is one space.
    Join,
    /// A blank line ends a paragraph, a line end is a line break: WordPress's classic texts.
    Lines,
    /// Every line end is a line break, spaces stay.
    Keep,
}

/// Blocks in the making, with the open line of text.
pub(super) struct Builder {
    pub spaces: Spaces,
    blocks: Vec<Node>,
    line: Vec<Node>,
}

impl Builder {
    pub const fn new(spaces: Spaces) -> Self {
        Self { spaces, blocks: Vec::new(), line: Vec::new() }
    }

    /// Adds a block; the open line becomes a paragraph before it.
    pub fn block(&mut self, node: Node) {
        self.end_line();
        self.blocks.push(node);
    }

    pub fn blocks(&mut self, nodes: Vec<Node>) {
        self.end_line();
        self.blocks.extend(nodes);
    }

    /// Adds text as the white space of this builder says.
    pub fn text(&mut self, text: &str, marks: &[Mark]) {
        let mut rest = text;
        while !rest.is_empty() {
            let gap = rest.find(is_space).unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(gap).unwrap_or((rest, ""));
            self.push(word, marks);
            let next = after.find(|c| !is_space(c)).unwrap_or(after.len());
            let (space, after) = after.split_at_checked(next).unwrap_or((after, ""));
            if !space.is_empty() {
                self.space(space, marks);
            }
            rest = after;
        }
    }

    fn space(&mut self, space: &str, marks: &[Mark]) {
        let ends = space.bytes().filter(|b| *b == b'\n').count();
        match self.spaces {
            Spaces::Lines if ends > 1 => self.end_line(),
            Spaces::Lines if ends == 1 => {
                if !self.is_at_start() {
                    self.line_break();
                }
            }
            Spaces::Keep => {
                for (i, part) in space.split('\n').enumerate() {
                    if i > 0 {
                        self.line_break();
                    }
                    self.push(part, marks);
                }
            }
            Spaces::Join | Spaces::Lines => {
                if !self.is_at_start() && !self.ends_with_space() {
                    self.push(" ", marks);
                }
            }
        }
    }

    /// Whether nothing, or a line break, was put last.
    fn is_at_start(&self) -> bool {
        self.line.last().is_none_or(|node| matches!(node.kind, Kind::HardBreak))
    }

    fn ends_with_space(&self) -> bool {
        self.line.last().and_then(Node::as_text).is_some_and(|text| text.ends_with(' '))
    }

    fn push(&mut self, text: &str, marks: &[Mark]) {
        if text.is_empty() {
            return;
        }
        match self.line.last_mut() {
            Some(Node { kind: Kind::Text(have), marks: has, .. }) if has == marks => have.push_str(text),
            _ => self.line.push(Node::text(text, marks.to_vec())),
        }
    }

    pub fn line_break(&mut self) {
        trim_end(&mut self.line, false);
        self.line.push(Node::leaf(Kind::HardBreak));
    }

    /// Makes the open line a paragraph, if anything stands in it.
    pub fn end_line(&mut self) {
        trim_end(&mut self.line, true);
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return;
        }
        match lone_address(&line).filter(|_| self.spaces == Spaces::Lines) {
            Some(embed) => self.blocks.push(embed),
            None => self.blocks.push(Node::new(Kind::Paragraph, line)),
        }
    }

    pub fn finish(mut self) -> Vec<Node> {
        self.end_line();
        self.blocks
    }
}

/// The white space of HTML; a no-break space is a character.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\t' | '\r' | '\x0c')
}

fn trim_end(line: &mut Vec<Node>, breaks: bool) {
    while let Some(last) = line.last_mut() {
        match &mut last.kind {
            Kind::HardBreak if breaks => {}
            Kind::Text(text) => {
                text.truncate(text.trim_end_matches(is_space).len());
                if !text.is_empty() {
                    return;
                }
            }
            _ => return,
        }
        line.pop();
    }
}

/// An address alone in its line is shown as what it leads to, if we know the site.
fn lone_address(line: &[Node]) -> Option<Node> {
    let [node] = line else { return None };
    let text = node.as_text()?;
    let alone = node.marks.is_empty() || node.link().is_some_and(|link| link.href == text);
    let found = embed::find(text).filter(|_| alone && !text.contains(char::is_whitespace))?;
    Some(Node::leaf(Kind::Embed { url: text.into(), provider: Some(found.provider.into()) }))
}
