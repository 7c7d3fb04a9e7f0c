//! Tests of the document; each file is one way in or out.

mod cleaning;
mod html;
mod import;
mod json;
mod markdown;
mod rewriting;

use super::{Document, Kind, Node};

fn doc(content: &str) -> Document {
    Document::parse(&format!(r#"{{"type":"doc","attrs":{{"version":1}},"content":[{content}]}}"#)).unwrap()
}

/// The names of the top blocks.
fn names(document: &Document) -> Vec<&str> {
    document.content.iter().map(|node| node.kind.name()).collect()
}

fn paragraph(text: &str) -> Node {
    Node::new(Kind::Paragraph, vec![Node::text(text, Vec::new())])
}
