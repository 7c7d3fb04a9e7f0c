//! The nodes and marks of a document.

/// Attributes that this release does not know, as name and raw JSON, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::box_collection, clippy::type_complexity)] // one word in every node instead of three: nearly all nodes have none
pub struct Extra(pub(super) Option<Box<Vec<(Box<str>, Box<str>)>>>);

impl Extra {
    /// Names and raw JSON values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|list| list.iter()).map(|(name, raw)| (&**name, &**raw))
    }
}

/// Where an image stands beside the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Floats to the left, text beside it.
    Left,
    /// Centered, text above and below.
    Center,
    /// Floats to the right, text beside it.
    Right,
    /// Wider than the text.
    Wide,
    /// As wide as the window.
    Full,
}

impl Align {
    /// The name in JSON and in the class `align-…`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Center => "center",
            Self::Right => "right",
            Self::Wide => "wide",
            Self::Full => "full",
        }
    }

    /// By its name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Left, Self::Center, Self::Right, Self::Wide, Self::Full].into_iter().find(|align| align.name() == name)
    }
}

/// An image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The piece of media it shows, where it is ours. After an import: the other system's number.
    pub media_id: Option<i64>,
    /// Its address; empty where an import knows the number only.
    pub src: String,
    /// What is to be seen, for people who do not see it.
    pub alt: Option<String>,
    /// The line under it, plain text.
    pub caption: Option<String>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Where it stands.
    pub align: Option<Align>,
}

/// A file to download.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// The piece of media, where it is ours.
    pub media_id: Option<i64>,
    /// Its address.
    pub src: String,
    /// The name people see.
    pub name: Option<String>,
    /// Its size.
    pub bytes: Option<u64>,
}

/// Where a link leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The address: http, https, mailto, tel or relative.
    pub href: String,
    /// Shown on hover.
    pub title: Option<String>,
    /// Relations as written by the author, space-separated.
    pub rel: Option<String>,
    /// `_blank` or `_self`.
    pub target: Option<String>,
    /// Further attributes.
    pub extra: Extra,
}

/// How a piece of text is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Strong.
    Bold,
    /// Emphasis.
    Italic,
    /// Struck out.
    Strike,
    /// Underlined.
    Underline,
    /// Code within a line.
    Code,
    /// A link.
    Link(Box<Link>),
    /// Raised.
    Superscript,
    /// Lowered.
    Subscript,
    /// A mark this release does not know, as raw JSON.
    Unknown(Box<str>),
}

/// What a node is. The names in JSON are those of the variants with a small first letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A paragraph of text.
    Paragraph,
    /// A heading, level 1 to 6.
    Heading(u8),
    /// An unordered list of list items.
    BulletList,
    /// An ordered list, with its first number where it was given.
    OrderedList(Option<u32>),
    /// One item of a list: blocks.
    ListItem,
    /// A quotation: blocks.
    Blockquote,
    /// Lines of code with the language, where known.
    CodeBlock(Option<Box<str>>),
    /// An image block. A link mark on it makes it a link.
    Image(Box<Image>),
    /// Images in a grid, with the number of columns where it was given.
    Gallery(Option<u8>),
    /// A table of rows.
    Table,
    /// A row of cells.
    TableRow,
    /// A heading cell: blocks, with colspan and rowspan.
    TableHeader(Option<u16>, Option<u16>),
    /// A cell: blocks, with colspan and rowspan.
    TableCell(Option<u16>, Option<u16>),
    /// Something shown from another site.
    Embed {
        /// The address of the thing itself (not of its player).
        url: Box<str>,
        /// Who shows it: "youtube".
        provider: Option<Box<str>>,
    },
    /// A thematic break.
    HorizontalRule,
    /// HTML as written.
    Html {
        /// The source.
        source: Box<str>,
        /// Saved by somebody whose role allows raw HTML ([`crate::document::Document::clean`] decides).
        raw: bool,
    },
    /// A file to download.
    File(Box<File>),
    /// A line break within a paragraph.
    HardBreak,
    /// Text; never empty.
    Text(String),
    /// A block of another system (JSON name `unknown`), kept as it was; visitors see its cleaned HTML.
    Imported {
        /// What it was: "jetpack/slideshow", "more".
        kind: Box<str>,
        /// Its source, byte for byte.
        raw: Box<str>,
    },
    /// A node type this release does not know, as raw JSON.
    Unknown {
        /// Its type.
        name: Box<str>,
        /// The whole node, byte for byte.
        raw: Box<str>,
    },
}

impl Kind {
    /// Its name in JSON.
    pub fn name(&self) -> &str {
        match self {
            Self::Paragraph => "paragraph",
            Self::Heading(_) => "heading",
            Self::BulletList => "bulletList",
            Self::OrderedList(_) => "orderedList",
            Self::ListItem => "listItem",
            Self::Blockquote => "blockquote",
            Self::CodeBlock(_) => "codeBlock",
            Self::Image(_) => "image",
            Self::Gallery(_) => "gallery",
            Self::Table => "table",
            Self::TableRow => "tableRow",
            Self::TableHeader(..) => "tableHeader",
            Self::TableCell(..) => "tableCell",
            Self::Embed { .. } => "embed",
            Self::HorizontalRule => "horizontalRule",
            Self::Html { .. } => "html",
            Self::File(_) => "file",
            Self::HardBreak => "hardBreak",
            Self::Text(_) => "text",
            Self::Imported { .. } => "unknown",
            Self::Unknown { name, .. } => name,
        }
    }

    /// Whether it stands in a line of text.
    pub const fn is_inline(&self) -> bool {
        matches!(self, Self::Text(_) | Self::HardBreak)
    }

    /// Whether `child` may stand in it. Nodes of unknown type may stand anywhere.
    pub fn takes(&self, child: &Self) -> bool {
        if matches!(child, Self::Unknown { .. }) {
            return true;
        }
        match self {
            Self::Paragraph | Self::Heading(_) => child.is_inline(),
            Self::CodeBlock(_) => matches!(child, Self::Text(_)),
            Self::BulletList | Self::OrderedList(_) => matches!(child, Self::ListItem),
            Self::Gallery(_) => matches!(child, Self::Image(_)),
            Self::Table => matches!(child, Self::TableRow),
            Self::TableRow => matches!(child, Self::TableHeader(..) | Self::TableCell(..)),
            Self::Blockquote | Self::ListItem | Self::TableHeader(..) | Self::TableCell(..) => child.is_block(),
            _ => false,
        }
    }

    /// Whether it may stand on the top level.
    pub const fn is_block(&self) -> bool {
        !matches!(
            self,
            Self::Text(_)
                | Self::HardBreak
                | Self::ListItem
                | Self::TableRow
                | Self::TableHeader(..)
                | Self::TableCell(..)
        )
    }
}

/// One node with what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// How it is marked, outermost first.
    pub marks: Vec<Mark>,
    /// What stands in it.
    pub content: Vec<Node>,
    /// Attributes this release does not know.
    pub extra: Extra,
}

impl Node {
    /// A node with content and without marks.
    pub fn new(kind: Kind, content: Vec<Node>) -> Self {
        Self { kind, marks: Vec::new(), content, extra: Extra::default() }
    }

    /// A node with nothing in it.
    pub fn leaf(kind: Kind) -> Self {
        Self::new(kind, Vec::new())
    }

    /// A piece of text.
    pub fn text(text: impl Into<String>, marks: Vec<Mark>) -> Self {
        Self { kind: Kind::Text(text.into()), marks, content: Vec::new(), extra: Extra::default() }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its link mark.
    pub fn link(&self) -> Option<&Link> {
        self.marks.iter().find_map(|mark| if let Mark::Link(link) = mark { Some(&**link) } else { None })
    }

    /// Whether it is an imported marker of that kind ("more", "nextpage").
    pub fn is_marker(&self, name: &str) -> bool {
        matches!(&self.kind, Kind::Imported { kind, .. } if &**kind == name)
    }
}

/// Visits nodes and what stands in them, in reading order. Documents are at most 64 levels deep.
pub(super) fn walk<'a>(nodes: &'a [Node], visit: &mut dyn FnMut(&'a Node)) {
    for node in nodes {
        visit(node);
        walk(&node.content, visit);
    }
}

/// As [`walk`], to change them.
pub(super) fn walk_mut(nodes: &mut [Node], visit: &mut dyn FnMut(&mut Node)) {
    for node in nodes {
        visit(node);
        walk_mut(&mut node.content, visit);
    }
}
