//! The document: an entry's body as a versioned JSON tree of blocks (ProseMirror shape).
//!
//! `{"type":"doc","attrs":{"version":1},"content":[…]}`. One document becomes HTML, Markdown, plain text and
//! feed text. The node names are a contract with the editor in the browser; [`Kind`] lists them.
//!
//! What this module promises:
//! * A node type or an attribute it does not know (a plugin that is gone, a newer editor) is kept byte for byte
//!   and shown to visitors as nothing.
//! * Parsing checks depth, size, attribute types, where a node may stand and the scheme of every address; what
//!   passes can be rendered without further checks.
//! * It knows no database, no site and no theme.

pub mod clean;
pub mod diff;
mod dom;
pub mod embed;
mod escape;
mod from_html;
mod html;
mod json;
mod markdown;
mod node;
mod outline;
mod plain;
mod read;
mod rewrite;
mod url;
mod write;

#[cfg(test)]
mod tests;

pub use clean::{clean_html, clean_page_html};
pub use html::{KnownMedia, RenderOptions, together};
pub use json::nesting as json_depth;
pub use node::{Align, Extra, File, Image, Kind, Link, Mark, Node};
pub use outline::TocEntry;
pub use rewrite::FindMedia;
pub use url::is_safe_url;

/// The version of the tree that this release writes.
pub const VERSION: u32 = 1;
/// Levels of nodes that a document may have, the text included.
pub const MAX_DEPTH: usize = 64;
/// Bytes of JSON that a document may have.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// An entry's body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The blocks, in reading order.
    pub content: Vec<Node>,
    /// Attributes of the document beyond its version, kept as they came.
    pub extra: Extra,
}

impl Document {
    /// A document of these blocks.
    pub fn new(content: Vec<Node>) -> Self {
        Self { content, extra: Extra::default() }
    }

    /// Whether nothing stands in it: no block, or paragraphs without content only.
    pub fn is_empty(&self) -> bool {
        self.content.iter().all(|node| matches!(node.kind, Kind::Paragraph) && node.content.is_empty())
    }

    /// Every node with what stands in it, in reading order.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        node::walk(&self.content, visit);
    }
}
