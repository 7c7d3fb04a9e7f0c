//! From JSON to a document, with every check.

use std::borrow::Cow;

use freehold_base::{Code, Error, Result};

use super::json::{Reader, Value, malformed, nesting};
use super::{Align, Document, Extra, File, Image, Kind, Link, MAX_BYTES, MAX_DEPTH, Mark, Node, VERSION, is_safe_url};

impl Document {
    /// Reads a document as the editor sends it and the database keeps it.
    ///
    /// # Errors
    /// `TooLarge` over [`MAX_BYTES`], `TooDeep` over [`MAX_DEPTH`] levels, `DocumentMalformed` for anything that is
    /// not a document of this version: wrong JSON, wrong attributes, a node where it may not stand, an address with
    /// another scheme than http, https, mailto or tel.
    pub fn parse(json: &str) -> Result<Self> {
        if json.len() > MAX_BYTES {
            return Err(Error::refused(Code::TooLarge, "4 MiB"));
        }
        let mut reader = Reader::new(json);
        let document = document(&mut reader)?;
        if reader.peek().is_some() {
            return Err(malformed("something follows after its end"));
        }
        Ok(document)
    }
}

fn document(reader: &mut Reader<'_>) -> Result<Document> {
    let (mut is_doc, mut document, mut first) = (false, Document::default(), true);
    reader.expect(b'{')?;
    while let Some(key) = reader.key(&mut first)? {
        match &*key {
            "type" => is_doc = reader.string()? == "doc",
            "attrs" => document.extra = version(Attrs::read(reader)?)?,
            "content" => document.content = nodes(reader, 1)?,
            other => return Err(malformed(format!("the document has no part “{other}”"))),
        }
    }
    check_place(&document.content, None)?;
    if is_doc { Ok(document) } else { Err(malformed("its type is not “doc”")) }
}

/// Checks the version. A later release turns older trees into its own here; a newer tree is refused.
fn version(mut attrs: Attrs<'_>) -> Result<Extra> {
    match attrs.int::<u32>("version")? {
        None | Some(VERSION) => Ok(attrs.rest()),
        Some(other) => Err(malformed(format!("version {other} is newer than this release"))),
    }
}

fn nodes(reader: &mut Reader<'_>, depth: usize) -> Result<Vec<Node>> {
    let (mut list, mut first) = (Vec::new(), true);
    reader.expect(b'[')?;
    while reader.more(&mut first, b']')? {
        let node = node(reader, depth)?;
        if node.as_text() != Some("") {
            list.push(node);
        }
    }
    Ok(list)
}

/// Refuses the first node that may not stand there.
fn check_place(content: &[Node], parent: Option<&Kind>) -> Result<()> {
    for node in content {
        if !parent.map_or_else(|| node.kind.is_block(), |parent| parent.takes(&node.kind)) {
            let place = parent.map_or("doc", Kind::name);
            return Err(malformed(format!("a {} cannot stand in a {place}", node.kind.name())));
        }
    }
    Ok(())
}

fn node(reader: &mut Reader<'_>, depth: usize) -> Result<Node> {
    if depth > MAX_DEPTH {
        return Err(Error::refused(Code::TooDeep, MAX_DEPTH.to_string()));
    }
    let mut first = true;
    let (start, name) = open(reader, &mut first)?;
    if !is_known(&name) {
        reader.go_to(start);
        let raw = kept(reader, depth)?;
        return Ok(Node::leaf(Kind::Unknown { name: (&*name).into(), raw: raw.into() }));
    }
    let (mut attrs, mut text, mut marks, mut content) = (Attrs::default(), None, Vec::new(), Vec::new());
    while let Some(key) = reader.key(&mut first)? {
        match &*key {
            "type" => drop(reader.string()?),
            "attrs" => attrs = Attrs::read(reader)?,
            "marks" => marks = read_marks(reader)?,
            "text" => text = Some(reader.string()?.into_owned()),
            "content" => content = nodes(reader, depth + 1)?,
            other => return Err(malformed(format!("a {name} has no part “{other}”"))),
        }
    }
    let kind = build(&name, &mut attrs, text)?;
    check_place(&content, Some(&kind))?;
    Ok(Node { kind, marks, content, extra: attrs.rest() })
}

/// Goes into the object that starts here: its place and its type. The editor writes the type first, then the reader
/// stands after it; otherwise it is looked up and the reader stands before the first part.
fn open<'a>(reader: &mut Reader<'a>, first: &mut bool) -> Result<(usize, Cow<'a, str>)> {
    reader.peek();
    let start = reader.pos();
    reader.expect(b'{')?;
    let inside = reader.pos();
    while let Some(key) = reader.key(first)? {
        if key != "type" {
            reader.skip()?;
            continue;
        }
        let name = reader.string()?;
        if !reader.since(inside).trim_start().starts_with("\"type\"") {
            reader.go_to(inside);
            *first = true;
        }
        return Ok((start, name));
    }
    Err(malformed("a node has no type"))
}

/// The raw text of a value that is kept; one level of nodes is two of JSON.
fn kept<'a>(reader: &mut Reader<'a>, depth: usize) -> Result<&'a str> {
    let raw = reader.skip()?;
    if nesting(raw) > 2 * (MAX_DEPTH + 2 - depth.min(MAX_DEPTH)) {
        return Err(Error::refused(Code::TooDeep, MAX_DEPTH.to_string()));
    }
    Ok(raw)
}

const KNOWN: [&str; 21] = [
    "text",
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "listItem",
    "blockquote",
    "codeBlock",
    "image",
    "gallery",
    "table",
    "tableRow",
    "tableHeader",
    "tableCell",
    "embed",
    "horizontalRule",
    "html",
    "file",
    "hardBreak",
    "unknown",
    "doc",
];

fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

fn build(name: &str, attrs: &mut Attrs<'_>, text: Option<String>) -> Result<Kind> {
    Ok(match name {
        "text" => Kind::Text(text.ok_or_else(|| malformed("a text has no text"))?),
        "paragraph" => Kind::Paragraph,
        "heading" => Kind::Heading(level(attrs)?),
        "bulletList" => Kind::BulletList,
        "orderedList" => Kind::OrderedList(attrs.int("start")?),
        "listItem" => Kind::ListItem,
        "blockquote" => Kind::Blockquote,
        "codeBlock" => Kind::CodeBlock(attrs.text("language")?.map(Into::into)),
        "image" => Kind::Image(Box::new(image(attrs)?)),
        "gallery" => Kind::Gallery(attrs.int("columns")?),
        "table" => Kind::Table,
        "tableRow" => Kind::TableRow,
        "tableHeader" => Kind::TableHeader(span(attrs, "colspan")?, span(attrs, "rowspan")?),
        "tableCell" => Kind::TableCell(span(attrs, "colspan")?, span(attrs, "rowspan")?),
        "embed" => Kind::Embed {
            url: attrs.url("url")?.unwrap_or_default().into(),
            provider: attrs.text("provider")?.map(Into::into),
        },
        "horizontalRule" => Kind::HorizontalRule,
        "html" => Kind::Html {
            source: attrs.text("source")?.unwrap_or_default().into(),
            raw: attrs.bool("raw")?.unwrap_or_default(),
        },
        "file" => Kind::File(Box::new(file(attrs)?)),
        "hardBreak" => Kind::HardBreak,
        "unknown" => Kind::Imported {
            kind: attrs.text("kind")?.unwrap_or_default().into(),
            raw: attrs.text("raw")?.unwrap_or_default().into(),
        },
        other => return Err(malformed(format!("a {other} cannot stand here"))),
    })
}

fn level(attrs: &mut Attrs<'_>) -> Result<u8> {
    match attrs.int("level")? {
        Some(level @ 1..=6) => Ok(level),
        _ => Err(malformed("the level of a heading is a number from 1 to 6")),
    }
}

/// A span of cells; browsers cut at 1000 columns and 65,534 rows.
fn span(attrs: &mut Attrs<'_>, name: &str) -> Result<Option<u16>> {
    match attrs.int(name)? {
        Some(0 | 1001..) => Err(malformed(format!("{name} is a number from 1 to 1000"))),
        other => Ok(other),
    }
}

fn image(attrs: &mut Attrs<'_>) -> Result<Image> {
    let align = match attrs.text("align")? {
        None => None,
        Some(name) => Some(Align::parse(&name).ok_or_else(|| malformed(format!("“{name}” is no alignment")))?),
    };
    Ok(Image {
        media_id: attrs.int("media_id")?,
        src: attrs.url("src")?.unwrap_or_default(),
        alt: attrs.text("alt")?,
        caption: attrs.text("caption")?,
        width: attrs.int("width")?,
        height: attrs.int("height")?,
        align,
    })
}

fn file(attrs: &mut Attrs<'_>) -> Result<File> {
    Ok(File {
        media_id: attrs.int("media_id")?,
        src: attrs.url("src")?.unwrap_or_default(),
        name: attrs.text("name")?,
        bytes: attrs.int("bytes")?,
    })
}

fn read_marks(reader: &mut Reader<'_>) -> Result<Vec<Mark>> {
    let (mut list, mut first) = (Vec::new(), true);
    reader.expect(b'[')?;
    while reader.more(&mut first, b']')? {
        list.push(mark(reader)?);
    }
    Ok(list)
}

fn mark(reader: &mut Reader<'_>) -> Result<Mark> {
    let mut first = true;
    let (start, name) = open(reader, &mut first)?;
    let mark = match &*name {
        "bold" => Mark::Bold,
        "italic" => Mark::Italic,
        "strike" => Mark::Strike,
        "underline" => Mark::Underline,
        "code" => Mark::Code,
        "superscript" => Mark::Superscript,
        "subscript" => Mark::Subscript,
        "link" => return link(reader, first),
        _ => {
            reader.go_to(start);
            return Ok(Mark::Unknown(kept(reader, MAX_DEPTH)?.into()));
        }
    };
    while reader.key(&mut first)?.is_some() {
        reader.skip()?;
    }
    Ok(mark)
}

fn link(reader: &mut Reader<'_>, mut first: bool) -> Result<Mark> {
    let mut attrs = Attrs::default();
    while let Some(key) = reader.key(&mut first)? {
        match &*key {
            "attrs" => attrs = Attrs::read(reader)?,
            _ => drop(reader.skip()?),
        }
    }
    let href = attrs.url("href")?.unwrap_or_default();
    let (title, rel, target) = (attrs.text("title")?, attrs.text("rel")?, attrs.text("target")?);
    Ok(Mark::Link(Box::new(Link { href, title, rel, target, extra: attrs.rest() })))
}

/// The attributes of a node or a mark; the readers take them out, what remains is kept.
#[derive(Default)]
struct Attrs<'a> {
    list: Vec<(Cow<'a, str>, Value<'a>, &'a str)>,
}

impl<'a> Attrs<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        let (mut list, mut first) = (Vec::new(), true);
        if reader.peek() == Some(b'n') {
            reader.skip()?;
            return Ok(Self { list });
        }
        reader.expect(b'{')?;
        while let Some(key) = reader.key(&mut first)? {
            reader.peek();
            let start = reader.pos();
            let value = reader.value()?;
            let raw = reader.since(start);
            if matches!(value, Value::Other) && nesting(raw) > MAX_DEPTH {
                return Err(Error::refused(Code::TooDeep, MAX_DEPTH.to_string()));
            }
            if !matches!(value, Value::Null) {
                list.push((key, value, raw));
            }
        }
        Ok(Self { list })
    }

    fn take(&mut self, name: &str) -> Option<Value<'a>> {
        let at = self.list.iter().position(|(key, ..)| key == name)?;
        Some(self.list.remove(at).1)
    }

    fn text(&mut self, name: &str) -> Result<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.into_owned())),
            Some(_) => Err(malformed(format!("{name} is not a text"))),
        }
    }

    fn url(&mut self, name: &str) -> Result<Option<String>> {
        match self.text(name)? {
            Some(url) if !is_safe_url(&url) => Err(malformed(format!(
                "the address “{}” does not start with http, https, mailto or tel",
                url.chars().take(60).collect::<String>()
            ))),
            other => Ok(other),
        }
    }

    fn int<N: TryFrom<i64>>(&mut self, name: &str) -> Result<Option<N>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Int(number)) => {
                N::try_from(number).map(Some).map_err(|_| malformed(format!("{name} is out of range")))
            }
            Some(_) => Err(malformed(format!("{name} is not a whole number"))),
        }
    }

    fn bool(&mut self, name: &str) -> Result<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(malformed(format!("{name} is not true or false"))),
        }
    }

    fn rest(self) -> Extra {
        if self.list.is_empty() {
            return Extra::default();
        }
        Extra(Some(Box::new(self.list.into_iter().map(|(key, _, raw)| ((&*key).into(), raw.into())).collect())))
    }
}
