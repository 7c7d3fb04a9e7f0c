//! From a document to JSON, in the order type, attrs, content, marks, text.

use std::fmt::Write as _;

use super::json::push_string;
use super::{Document, Extra, File, Image, Kind, Link, Mark, Node, VERSION};

impl Document {
    /// The JSON that [`Document::parse`] reads, without white space.
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(256 * (1 + self.content.len()));
        // Writing to a String cannot fail; so here and below.
        let _ = write!(out, r#"{{"type":"doc","attrs":{{"version":{VERSION}"#);
        for (name, raw) in self.extra.iter() {
            out.push(',');
            push_string(&mut out, name);
            out.push(':');
            out.push_str(raw);
        }
        out.push_str(r#"},"content":["#);
        list(&mut out, &self.content);
        out.push_str("]}");
        out
    }
}

fn list(out: &mut String, nodes: &[Node]) {
    for (i, node) in nodes.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        one(out, node);
    }
}

pub(super) fn one(out: &mut String, node: &Node) {
    if let Kind::Unknown { raw, .. } = &node.kind {
        return out.push_str(raw);
    }
    out.push_str(r#"{"type":""#);
    out.push_str(node.kind.name());
    out.push('"');
    attributes(out, &node.kind, &node.extra);
    if !node.content.is_empty() {
        out.push_str(r#","content":["#);
        list(out, &node.content);
        out.push(']');
    }
    if !node.marks.is_empty() {
        out.push_str(r#","marks":["#);
        for (i, mark) in node.marks.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            one_mark(out, mark);
        }
        out.push(']');
    }
    if let Kind::Text(text) = &node.kind {
        out.push_str(r#","text":"#);
        push_string(out, text);
    }
    out.push('}');
}

fn one_mark(out: &mut String, mark: &Mark) {
    let name = match mark {
        Mark::Bold => "bold",
        Mark::Italic => "italic",
        Mark::Strike => "strike",
        Mark::Underline => "underline",
        Mark::Code => "code",
        Mark::Superscript => "superscript",
        Mark::Subscript => "subscript",
        Mark::Link(link) => return link_mark(out, link),
        Mark::Unknown(raw) => return out.push_str(raw),
    };
    let _ = write!(out, r#"{{"type":"{name}"}}"#);
}

fn link_mark(out: &mut String, link: &Link) {
    out.push_str(r#"{"type":"link""#);
    let mut attrs = Attrs::new(out);
    attrs.text("href", Some(&link.href));
    attrs.text("title", link.title.as_deref());
    attrs.text("rel", link.rel.as_deref());
    attrs.text("target", link.target.as_deref());
    attrs.end(&link.extra);
    out.push('}');
}

fn attributes(out: &mut String, kind: &Kind, extra: &Extra) {
    let mut attrs = Attrs::new(out);
    match kind {
        Kind::Heading(level) => attrs.number("level", Some(level)),
        Kind::OrderedList(start) => attrs.number("start", start.as_ref()),
        Kind::CodeBlock(language) => attrs.text("language", language.as_deref()),
        Kind::Image(image) => image_attributes(&mut attrs, image),
        Kind::Gallery(columns) => attrs.number("columns", columns.as_ref()),
        Kind::TableHeader(columns, rows) | Kind::TableCell(columns, rows) => {
            attrs.number("colspan", columns.as_ref());
            attrs.number("rowspan", rows.as_ref());
        }
        Kind::Embed { url, provider } => {
            attrs.text("url", Some(url));
            attrs.text("provider", provider.as_deref());
        }
        Kind::Html { source, raw } => {
            attrs.text("source", Some(source));
            attrs.number("raw", raw.then_some(&true));
        }
        Kind::File(file) => file_attributes(&mut attrs, file),
        Kind::Imported { kind, raw } => {
            attrs.text("kind", Some(kind));
            attrs.text("raw", Some(raw));
        }
        _ => {}
    }
    attrs.end(extra);
}

fn image_attributes(attrs: &mut Attrs<'_>, image: &Image) {
    attrs.number("media_id", image.media_id.as_ref());
    attrs.text("src", Some(&image.src));
    attrs.text("alt", image.alt.as_deref());
    attrs.text("caption", image.caption.as_deref());
    attrs.number("width", image.width.as_ref());
    attrs.number("height", image.height.as_ref());
    attrs.text("align", image.align.map(super::Align::name));
}

fn file_attributes(attrs: &mut Attrs<'_>, file: &File) {
    attrs.number("media_id", file.media_id.as_ref());
    attrs.text("src", Some(&file.src));
    attrs.text("name", file.name.as_deref());
    attrs.number("bytes", file.bytes.as_ref());
}

/// Writes `,"attrs":{…}` once there is an attribute.
struct Attrs<'a> {
    out: &'a mut String,
    open: bool,
}

impl<'a> Attrs<'a> {
    const fn new(out: &'a mut String) -> Self {
        Self { out, open: false }
    }

    fn name(&mut self, name: &str) {
        self.out.push_str(if self.open { "," } else { r#","attrs":{"# });
        self.open = true;
        push_string(self.out, name);
        self.out.push(':');
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.name(name);
            push_string(self.out, value);
        }
    }

    fn number(&mut self, name: &str, value: Option<&impl std::fmt::Display>) {
        if let Some(value) = value {
            self.name(name);
            let _ = write!(self.out, "{value}");
        }
    }

    fn end(mut self, extra: &Extra) {
        for (name, raw) in extra.iter() {
            self.name(name);
            self.out.push_str(raw);
        }
        if self.open {
            self.out.push('}');
        }
    }
}
