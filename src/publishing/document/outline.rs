//! What stands in a document: headings, media, links.

use std::collections::{HashMap, HashSet};

use freehold_base::text::slugify;

use super::{Document, Kind, Mark, Node};

/// One line of a table of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TocEntry {
    /// 1 to 6.
    pub level: u8,
    /// The heading's id in the page.
    pub id: String,
    /// Its text.
    pub text: String,
}

/// Gives each heading of a document an id of its own, the same ones in HTML and table of contents.
#[derive(Default)]
pub(super) struct HeadingIds {
    used: HashSet<String>,
    next: HashMap<String, u32>,
}

impl HeadingIds {
    pub fn make(&mut self, heading: &Node) -> String {
        let mut slug = slugify(&text_of(heading));
        if slug.is_empty() {
            slug.push_str("section");
        }
        if self.used.insert(slug.clone()) {
            return slug;
        }
        let number = self.next.entry(slug.clone()).or_insert(1);
        loop {
            *number += 1;
            let id = format!("{slug}-{number}");
            if self.used.insert(id.clone()) {
                return id;
            }
        }
    }
}

/// The text of a line; a line break is a space.
pub(super) fn text_of(node: &Node) -> String {
    let mut out = String::new();
    for child in &node.content {
        match &child.kind {
            Kind::Text(text) => out.push_str(text),
            Kind::HardBreak => out.push(' '),
            _ => {}
        }
    }
    out
}

impl Document {
    /// The headings in their order, with the ids they get in HTML.
    pub fn toc(&self) -> Vec<TocEntry> {
        let (mut ids, mut list) = (HeadingIds::default(), Vec::new());
        self.walk(&mut |node| {
            if let Kind::Heading(level) = node.kind {
                list.push(TocEntry { level, id: ids.make(node), text: text_of(node) });
            }
        });
        list
    }

    /// The pieces of media it shows or offers, each once, in reading order.
    pub fn media_ids(&self) -> Vec<i64> {
        let (mut seen, mut list) = (HashSet::new(), Vec::new());
        self.walk(&mut |node| {
            let id = match &node.kind {
                Kind::Image(image) => image.media_id,
                Kind::File(file) => file.media_id,
                _ => None,
            };
            list.extend(id.filter(|id| seen.insert(*id)));
        });
        list
    }

    /// Where its links lead, each address once, in reading order.
    pub fn links(&self) -> Vec<String> {
        let (mut seen, mut list) = (HashSet::new(), Vec::new());
        self.walk(&mut |node| {
            for mark in &node.marks {
                if let Mark::Link(link) = mark
                    && seen.insert(link.href.as_str())
                {
                    list.push(link.href.clone());
                }
            }
        });
        list
    }
}
