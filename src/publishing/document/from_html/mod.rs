//! From HTML to a document: any HTML, WordPress's block markup, and its classic texts.
//!
//! Nothing is refused: what is broken is read as a browser reads it, what is nested past all bounds becomes its
//! text. Nothing readable is lost: a block we have no node for is kept with its source.

mod blocks;
mod classic;
mod element;
mod flow;
mod line;
mod table;

use super::dom::Dom;
use super::{Document, Node, plain};
use flow::{Flow, Stash};
use line::{Builder, Spaces};

impl Document {
    /// A document of HTML. White space is that of HTML; block markup (`<!-- wp:… -->`) is understood.
    pub fn from_html(html: &str) -> Self {
        Self::new(convert(html, Spaces::Join))
    }

    /// A document of a WordPress post's content: block markup where there is some; otherwise a classic text, in which
    /// blank lines part paragraphs, line ends are line breaks, and `[caption]`, `[gallery]`, `[embed]` stand.
    /// Images carry WordPress's attachment numbers as `media_id`; `map_media` gives them ours.
    pub fn from_wordpress(html: &str) -> Self {
        Self::new(convert(html, Spaces::Lines))
    }
}

fn convert(html: &str, spaces: Spaces) -> Vec<Node> {
    let mut stash = Stash::default();
    if html.contains("<!-- wp:") {
        let source = blocks::rewrite(html, &mut stash);
        return read(&source, &stash, Spaces::Join);
    }
    let spaces = if html.contains('\n') || html.contains('[') { spaces } else { Spaces::Join };
    match spaces {
        Spaces::Lines => read(&classic::rewrite(html, &mut stash), &stash, spaces),
        Spaces::Join | Spaces::Keep => read(html, &stash, spaces),
    }
}

fn read(html: &str, stash: &Stash, spaces: Spaces) -> Vec<Node> {
    let mut out = Builder::new(spaces);
    match Dom::parse(html) {
        Ok(dom) => Flow::new(&dom, stash).children(dom.top(), &mut out, 1),
        Err(_) => out.text(&plain::strip_tags(html), &[]),
    }
    out.finish()
}
