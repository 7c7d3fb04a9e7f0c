//! Drawings: read as XML, and only what stands on the lists is written again. Whatever a browser would run, load
//! or follow is not on them; so a new trick is refused by not being known.

mod lists;
mod styles;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use freehold_base::text::escape_html;
use freehold_base::{Code, Error, Result};
use quick_xml::XmlVersion;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::sniff::{Kind, identify, refused};
use super::{Clean, picture, raster};

/// Largest drawing.
const MAX_BYTES: usize = 4 << 20;
/// Deepest nesting, as with text (rule D4).
const MAX_DEPTH: usize = 256;
/// Most elements.
const MAX_ELEMENTS: usize = 100_000;
/// Most `use` elements: each draws another part again, and parts may hold `use` themselves.
const MAX_USES: usize = 500;
/// Most embedded photos; each is decoded and encoded anew.
const MAX_IMAGES: usize = 20;

/// Sanitises a drawing.
///
/// # Errors
/// `MediaBroken` (no well-formed SVG in UTF-8), `TooLarge`, `UnsupportedMedia` (entity declarations).
pub fn clean(bytes: &[u8]) -> Result<Clean> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::refused(Code::TooLarge, "4 MB of drawing"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| picture::broken(Kind::Svg))?;
    let mut out = Sanitiser::default();
    out.read(text.trim_start_matches('\u{feff}'))?;
    let (width, height) = out.size();
    Ok(Clean { kind: Kind::Svg, bytes: out.text.into_bytes(), width, height, colour: String::new(), animated: false })
}

/// What happens to an open element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Kept,
    /// Left out, its children stay (`a`, `switch`).
    Unwrapped,
    /// Left out with all in it.
    Dropped,
    /// A style sheet: its text is collected.
    Style,
}

#[derive(Default)]
struct Sanitiser {
    text: String,
    open: Vec<(String, Open)>,
    style: String,
    elements: usize,
    uses: usize,
    images: usize,
    width: Option<f64>,
    height: Option<f64>,
    view: Option<(f64, f64)>,
    has_root: bool,
}

impl Sanitiser {
    fn read(&mut self, text: &str) -> Result<()> {
        let broken = |_| picture::broken(Kind::Svg);
        let mut reader = Reader::from_str(text);
        loop {
            match reader.read_event().map_err(broken)? {
                Event::Start(tag) => self.start(&tag, false)?,
                Event::Empty(tag) => self.start(&tag, true)?,
                Event::End(_) => self.end(),
                Event::Text(text) => self.characters(&text.into_inner()),
                Event::CData(text) => self.characters(&text.into_inner()),
                Event::GeneralRef(name) => self.characters(&character(&name.into_inner())?),
                // A doctype without declarations is what drawing programs write; it is left out.
                Event::DocType(doctype) if doctype.contains('[') => {
                    return Err(refused("the drawing declares entities; save it as plain SVG"));
                }
                Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        if self.has_root && self.open.is_empty() { Ok(()) } else { Err(picture::broken(Kind::Svg)) }
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<()> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS || self.open.len() >= MAX_DEPTH {
            return Err(Error::refused(Code::TooLarge, format!("{MAX_ELEMENTS} shapes, {MAX_DEPTH} deep")));
        }
        let name = tag.name().into_inner();
        let name = name.strip_prefix("svg:").unwrap_or(name).to_owned();
        let fate = self.fate(&name)?;
        if fate == Open::Kept {
            self.write_tag(&name, tag, empty)?;
        }
        if !empty {
            self.open.push((name, fate));
        }
        Ok(())
    }

    fn fate(&mut self, name: &str) -> Result<Open> {
        let inside = self.open.last().map(|(_, fate)| *fate);
        if self.open.is_empty() {
            if name != "svg" || self.has_root {
                return Err(picture::broken(Kind::Svg));
            }
            self.has_root = true;
            return Ok(Open::Kept);
        }
        Ok(match name {
            _ if matches!(inside, Some(Open::Dropped | Open::Style)) => Open::Dropped,
            "style" => Open::Style,
            "a" | "switch" => Open::Unwrapped,
            _ if lists::ELEMENTS.contains(&name) => Open::Kept,
            _ => Open::Dropped,
        })
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some((name, Open::Kept)) => {
                self.text.push_str("</");
                self.text.push_str(&name);
                self.text.push('>');
            }
            Some((_, Open::Style)) => {
                let sheet = styles::sheet(&std::mem::take(&mut self.style));
                if !sheet.is_empty() {
                    self.text.push_str("<style>");
                    escape_html(&sheet, &mut self.text);
                    self.text.push_str("</style>");
                }
            }
            _ => {}
        }
    }

    fn characters(&mut self, text: &str) {
        let text: String = text.chars().filter(|c| is_xml(*c)).collect();
        match self.open.last() {
            Some((_, Open::Kept | Open::Unwrapped)) => escape_html(&unescape(&text), &mut self.text),
            Some((_, Open::Style)) => self.style.push_str(&unescape(&text)),
            _ => {}
        }
    }

    fn write_tag(&mut self, name: &str, tag: &BytesStart<'_>, empty: bool) -> Result<()> {
        let is_root = self.open.is_empty();
        let attributes = self.attributes(name, tag, is_root)?;
        // An animation of something that may not be written, or a photo that may not be shown, is nothing.
        if lists::is_animation(name) && !lists::animates_only_looks(name, &attributes) {
            return self.leave_out(name, empty);
        }
        match name {
            "use" => self.uses += 1,
            "image" => self.images += 1,
            _ => {}
        }
        if self.uses > MAX_USES || self.images > MAX_IMAGES {
            return Err(Error::refused(Code::TooLarge, format!("{MAX_USES} repeated parts, {MAX_IMAGES} photos")));
        }
        self.text.push('<');
        self.text.push_str(name);
        if is_root {
            self.text.push_str(" xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"");
        }
        for (key, value) in &attributes {
            self.text.push(' ');
            self.text.push_str(key);
            self.text.push_str("=\"");
            escape_html(value, &mut self.text);
            self.text.push('"');
        }
        self.text.push_str(if empty { "/>" } else { ">" });
        Ok(())
    }

    /// Writes an empty group where an element must not stand, so that its end tag has a partner.
    fn leave_out(&mut self, name: &str, empty: bool) -> Result<()> {
        self.text.push('<');
        self.text.push_str(name);
        self.text.push_str(if empty { "/>" } else { ">" });
        Ok(())
    }

    fn attributes(&mut self, element: &str, tag: &BytesStart<'_>, is_root: bool) -> Result<Vec<(String, String)>> {
        let mut kept = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|_| picture::broken(Kind::Svg))?;
            let (name, value) = read_attribute(&attribute)?;
            if is_root {
                self.note_size(&name, &value);
            }
            if let Some(value) = self.attribute(element, &name, value) {
                kept.push((name, value));
            }
        }
        Ok(kept)
    }

    /// The value that may stay, if any.
    fn attribute(&mut self, element: &str, name: &str, value: String) -> Option<String> {
        match name {
            "href" | "xlink:href" if element == "image" => photo(&value),
            "href" | "xlink:href" => is_own_part(&value).then_some(value),
            "style" => Some(styles::declarations(&value)).filter(|s| !s.is_empty()),
            _ if lists::is_attribute(name) => (lists::is_text(name) || styles::is_safe(&value)).then_some(value),
            _ => None,
        }
    }

    fn note_size(&mut self, name: &str, value: &str) {
        match name {
            "width" => self.width = pixels(value),
            "height" => self.height = pixels(value),
            "viewBox" => {
                let numbers: Vec<f64> = value.split([' ', ',']).filter_map(|n| n.parse().ok()).collect();
                if let [_, _, w, h] = numbers[..] {
                    self.view = Some((w, h));
                }
            }
            _ => {}
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped before
    fn size(&self) -> (u32, u32) {
        let whole = |n: f64| if n.is_finite() { n.round().clamp(0.0, 32_767.0) as u32 } else { 0 };
        match (self.width, self.height, self.view) {
            (Some(w), Some(h), _) | (_, _, Some((w, h))) => (whole(w), whole(h)),
            _ => (0, 0),
        }
    }
}

/// Name and meaning of an attribute: references are resolved, so that what is checked is what a browser sees.
fn read_attribute(attribute: &Attribute<'_>) -> Result<(String, String)> {
    let value = attribute
        .normalized_value(XmlVersion::Implicit1_0)
        .map_err(|_| refused("the drawing uses entities; save it as plain SVG"))?;
    Ok((attribute.key.into_inner().to_owned(), value.chars().filter(|c| is_xml(*c)).collect()))
}

/// `amp` or `#x41`, still in its escaped form; names of its own are refused.
fn character(name: &str) -> Result<String> {
    quick_xml::escape::unescape(&format!("&{name};"))
        .map(|text| quick_xml::escape::escape(text.as_ref()).into_owned())
        .map_err(|_| refused("the drawing uses entities; save it as plain SVG"))
}

/// Text events hold no references (those come as events of their own), CDATA holds none at all.
fn unescape(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// `#gradient`: a part of this drawing.
fn is_own_part(value: &str) -> bool {
    value
        .strip_prefix('#')
        .is_some_and(|id| !id.is_empty() && !id.contains(|c: char| c.is_whitespace() || c.is_control()))
}

/// An embedded photo, cleaned like an uploaded one; anything from elsewhere is left out.
fn photo(value: &str) -> Option<String> {
    let (_, data) = value.trim().strip_prefix("data:image/")?.split_once(";base64,")?;
    let data: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(data).ok()?;
    let kind = identify("", &bytes).ok()?.kind;
    let clean = kind.is_raster().then(|| raster::clean(kind, &bytes))?.ok()?;
    Some(format!("data:{};base64,{}", kind.mime(), STANDARD.encode(clean.bytes)))
}

fn pixels(length: &str) -> Option<f64> {
    length.trim().trim_end_matches("px").parse().ok()
}

#[cfg(test)]
pub(super) fn tests_vectors() -> &'static [&'static str] {
    tests::VECTORS
}

#[cfg(test)]
pub(super) fn assert_harmless(svg: &str) {
    tests::is_harmless(svg).unwrap();
}
