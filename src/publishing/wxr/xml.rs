//! XML as events with bounds, and elements as small trees.

use std::io::BufRead;

use freehold_base::{Code, Error, Result};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::bytes::CleanReader;

/// Bytes between two tags.
const MAX_FIELD: usize = 64 * 1024 * 1024;
/// Bytes of one record; each element counts for [`ELEMENT`] more.
const MAX_RECORD: usize = 128 * 1024 * 1024;
const ELEMENT: usize = 160;
/// Levels of elements.
const MAX_DEPTH: usize = 64;

/// An element with what stands in it. Names keep their prefix, except that `wp:` is dropped.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub name: String,
    pub attrs: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Takes the text of the first child with that name; empty where there is none.
    pub fn take(&mut self, name: &str) -> String {
        self.children
            .iter_mut()
            .find(|child| child.name == name)
            .map(|c| std::mem::take(&mut c.text))
            .unwrap_or_default()
    }

    /// As [`Element::take`], without white space around it.
    pub fn line(&mut self, name: &str) -> String {
        let text = self.take(name);
        let trimmed = text.trim();
        if trimmed.len() == text.len() { text } else { trimmed.to_owned() }
    }

    pub fn number(&mut self, name: &str) -> i64 {
        self.line(name).parse().unwrap_or_default()
    }

    pub fn attr(&self, name: &str) -> &str {
        self.attrs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// What stands next, between elements that are read as a whole.
pub(super) enum Step {
    /// A start tag, with nothing in it yet; `true` if the element is empty and closed already.
    Start(Element, bool),
    /// The end tag of that name.
    End(String),
    /// Text that is no white space.
    Text,
    /// A document type: its text.
    Doctype(String),
    /// The end of the file.
    Eof,
}

pub(super) struct Xml<R: BufRead> {
    reader: Reader<CleanReader<R>>,
    buffer: Vec<u8>,
    unknown_references: u64,
}

impl<R: BufRead> Xml<R> {
    pub fn new(bytes: CleanReader<R>) -> Self {
        let mut reader = Reader::from_reader(bytes);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Self { reader, buffer: Vec::new(), unknown_references: 0 }
    }

    pub fn offset(&self) -> u64 {
        self.reader.get_ref().offset()
    }

    pub fn repairs(&self) -> u64 {
        self.reader.get_ref().repairs() + self.unknown_references
    }

    fn event(&mut self) -> Result<Event<'_>> {
        self.buffer.clear();
        self.buffer.shrink_to(1024 * 1024);
        self.reader.get_mut().allow(MAX_FIELD);
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => Ok(event),
            Err(_) if self.reader.get_ref().is_used_up() => {
                Err(broken(format!("a field before byte {} is larger than 64 MiB", self.reader.get_ref().offset())))
            }
            Err(quick_xml::Error::Io(e)) => Err(Error::internal("reading the export", e)),
            Err(quick_xml::Error::Syntax(e)) => {
                Err(broken(format!("it ends in the middle, at byte {} ({e})", self.reader.get_ref().offset())))
            }
            Err(e) => Err(broken(format!("{e}, before byte {}", self.reader.get_ref().offset()))),
        }
    }

    /// The next thing that matters between records.
    pub fn step(&mut self) -> Result<Step> {
        loop {
            return Ok(match self.event()? {
                Event::Start(tag) => Step::Start(element(&tag), false),
                Event::Empty(tag) => Step::Start(element(&tag), true),
                Event::End(tag) => Step::End(short(tag.name().as_ref())),
                Event::Text(text) if text.trim().is_empty() => continue,
                Event::Text(_) | Event::CData(_) => Step::Text,
                Event::DocType(text) => Step::Doctype(text.to_string()),
                Event::Eof => Step::Eof,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::GeneralRef(_) => continue,
            });
        }
    }

    /// Reads the rest of an element whose start tag was taken. An end tag closes what it names; what was left open
    /// inside is closed with it, and an end tag of nothing is passed over.
    pub fn fill(&mut self, root: Element) -> Result<Element> {
        let mut open = vec![root];
        let mut size = 0;
        loop {
            let mut closed = None;
            let mut unknown = 0;
            match self.event()? {
                Event::Start(tag) => open.push(element(&tag)),
                Event::Empty(tag) => closed = Some(element(&tag)),
                Event::End(tag) => {
                    let name = short(tag.name().as_ref());
                    while open.iter().any(|element| element.name == name) {
                        let Some(last) = open.pop() else { break };
                        let is_named = last.name == name;
                        match open.last_mut() {
                            Some(parent) => parent.children.push(last),
                            None => return Ok(last),
                        }
                        if is_named {
                            break;
                        }
                    }
                }
                Event::Text(text) => push(&mut open, &text, &mut size),
                Event::CData(text) => push(&mut open, &text, &mut size),
                Event::GeneralRef(reference) => unknown = refer(&mut open, &reference),
                Event::Eof => {
                    return Err(broken(format!("it ends in the middle, at byte {}", self.offset())));
                }
                Event::DocType(_) => return Err(broken("it defines entities")),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
            size += ELEMENT;
            self.unknown_references += unknown;
            if let (Some(element), Some(parent)) = (closed, open.last_mut()) {
                parent.children.push(element);
            }
            if open.len() > MAX_DEPTH {
                return Err(broken(format!("elements are nested too deeply before byte {}", self.offset())));
            }
            if size > MAX_RECORD {
                return Err(broken(format!("an item before byte {} is larger than 128 MiB", self.offset())));
            }
        }
    }
}

pub(super) fn broken(detail: impl Into<String>) -> Error {
    Error::refused(Code::ImportMalformed, detail)
}

fn short(name: &str) -> String {
    name.strip_prefix("wp:").unwrap_or(name).to_owned()
}

fn element(tag: &BytesStart<'_>) -> Element {
    let mut list = tag.attributes();
    let attrs = list.with_checks(false).flatten().take(64).map(|attr| {
        let value = attr.value.as_ref();
        let plain = quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), Into::into);
        (attr.key.as_ref().to_owned(), plain)
    });
    Element { name: short(tag.name().as_ref()), attrs: attrs.collect(), ..Element::default() }
}

fn push(open: &mut [Element], text: &str, size: &mut usize) {
    *size += text.len();
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// Adds what a reference stands for: a character by its number, the five of XML, and the space of HTML. Others stay
/// as written and are counted; nothing is ever expanded.
fn refer(open: &mut [Element], reference: &BytesRef<'_>) -> u64 {
    let Some(element) = open.last_mut() else { return 0 };
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        element.text.push(c);
        return 0;
    }
    let name: &str = reference;
    let known = match name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        "nbsp" => "\u{a0}",
        _ => {
            element.text.push('&');
            element.text.push_str(name);
            element.text.push(';');
            return 1;
        }
    };
    element.text.push_str(known);
    0
}
