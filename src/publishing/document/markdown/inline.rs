//! Lines of text as Markdown.

use super::super::{Image, Kind, Link, Mark, Node};

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Paragraph,
    Heading,
    Cell,
}

/// Writes a line. Delimiters stand only where CommonMark's flanking rules cannot misread them; elsewhere the mark is
/// written as HTML, which reads back the same.
pub(super) fn line(nodes: &[Node], place: Place) -> String {
    let mut writer = Writer { out: String::new(), place, open: Vec::new() };
    for (i, node) in nodes.iter().enumerate() {
        writer.marks(nodes, i);
        match &node.kind {
            Kind::Text(text) if node.marks.contains(&Mark::Code) => writer.code(text),
            Kind::Text(text) => writer.text(text),
            Kind::HardBreak if place == Place::Paragraph && i + 1 < nodes.len() => writer.out.push_str("\\\n"),
            Kind::HardBreak if i + 1 < nodes.len() => writer.out.push_str("<br>"),
            _ => {}
        }
    }
    writer.close_to(0);
    writer.out
}

struct Writer {
    out: String,
    place: Place,
    /// Open marks with what closes them.
    open: Vec<(Mark, String)>,
}

impl Writer {
    /// Closes and opens marks before node `i`.
    fn marks(&mut self, nodes: &[Node], i: usize) {
        let Some(node) = nodes.get(i) else { return };
        let wanted = node.marks.iter().filter(|mark| !matches!(mark, Mark::Code | Mark::Unknown(_)));
        let wanted: Vec<&Mark> = wanted.collect();
        let shared = self.open.iter().zip(&wanted).take_while(|((mark, _), want)| mark == **want).count();
        self.close_to(shared);
        for mark in wanted.into_iter().skip(shared) {
            let plain = self.may_use_delimiters(nodes, i, mark);
            let (open, close) = match mark {
                Mark::Bold if plain => ("**".to_owned(), "**".to_owned()),
                Mark::Italic if plain => ("*".to_owned(), "*".to_owned()),
                Mark::Strike if plain => ("~~".to_owned(), "~~".to_owned()),
                Mark::Link(link) => ("[".to_owned(), format!("]({})", destination(link))),
                other => {
                    let tag = tag(other);
                    (format!("<{tag}>"), format!("</{tag}>"))
                }
            };
            self.out.push_str(&open);
            self.open.push((mark.clone(), close));
        }
    }

    fn close_to(&mut self, count: usize) {
        while self.open.len() > count {
            if let Some((_, close)) = self.open.pop() {
                self.out.push_str(&close);
            }
        }
    }

    /// Whether the text that carries `mark` from node `i` on starts and ends with a letter or digit, with none beside.
    fn may_use_delimiters(&self, nodes: &[Node], i: usize, mark: &Mark) -> bool {
        let run = nodes.iter().skip(i).take_while(|node| node.marks.contains(mark)).count();
        let (Some(first), Some(last)) = (nodes.get(i), nodes.get(i + run.saturating_sub(1))) else { return false };
        let inner = |node: &Node| node.marks.iter().skip_while(|m| *m != mark).count() == 1;
        let starts = first.as_text().and_then(|text| text.chars().next()).is_some_and(char::is_alphanumeric);
        let ends = last.as_text().and_then(|text| text.chars().next_back()).is_some_and(char::is_alphanumeric);
        let before = self.out.chars().next_back();
        let after = nodes.get(i + run).and_then(Node::as_text).and_then(|text| text.chars().next());
        starts
            && ends
            && inner(first)
            && inner(last)
            && before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '*' | '~' | '_' | '\\'))
            && after.is_none_or(|c| !c.is_alphanumeric())
    }

    fn code(&mut self, text: &str) {
        let text = text.replace('\n', " ");
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest + 1);
        let all_spaces = text.chars().all(|c| c == ' ');
        let pad = (text.starts_with([' ', '`']) || text.ends_with([' ', '`'])) && !all_spaces;
        let pad = if pad || text.starts_with('`') { " " } else { "" };
        let text = if self.place == Place::Cell { text.replace('|', "\\|") } else { text };
        self.out.push_str(&format!("{fence}{pad}{text}{pad}{fence}"));
    }

    fn text(&mut self, text: &str) {
        let mut previous = self.out.chars().next_back();
        let mut chars = text.chars().peekable();
        let mut digits = self.is_line_start();
        let mut start = self.is_line_start();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            let is_special = match c {
                '\\' | '`' | '*' | '[' | ']' | '<' | '&' | '~' | '|' => true,
                '_' => !(previous.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric)),
                '!' => next.is_none(),
                '#' => start || self.place == Place::Heading,
                '+' | '-' | '=' | '>' | ':' => start,
                '.' | ')' => digits && !start,
                _ => false,
            };
            if is_special {
                self.out.push('\\');
            }
            match c {
                '\n' | '\r' => self.out.push(' '),
                c => self.out.push(c),
            }
            digits &= c.is_ascii_digit();
            start = false;
            previous = Some(c);
        }
    }

    fn is_line_start(&self) -> bool {
        self.out.is_empty() || self.out.ends_with('\n')
    }
}

const fn tag(mark: &Mark) -> &'static str {
    match mark {
        Mark::Bold => "strong",
        Mark::Italic => "em",
        Mark::Strike => "s",
        Mark::Underline => "u",
        Mark::Superscript => "sup",
        Mark::Subscript => "sub",
        Mark::Code => "code",
        Mark::Link(_) | Mark::Unknown(_) => "span",
    }
}

/// What stands in the round brackets of a link.
fn destination(link: &Link) -> String {
    let mut out = address(&link.href);
    if let Some(title) = link.title.as_deref().filter(|title| !title.is_empty()) {
        out.push_str(&title_of(title));
    }
    out
}

fn title_of(title: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    format!(" \"{}\"", title.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;").replace('|', "\\|"))
}

fn address(href: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#@!$',;=%+".contains(&b);
    if !href.is_empty() && href.bytes().all(plain) {
        return href.to_owned();
    }
    let mut out = String::from("<");
    for c in href.chars() {
        match c {
            '<' | '>' | '\\' | '|' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => {}
            c => out.push(c),
        }
    }
    out + ">"
}

/// An image with its link.
pub(super) fn image(image: &Image, link: Option<&Link>) -> String {
    let alt = line(&[Node::text(image.alt.as_deref().unwrap_or_default(), Vec::new())], Place::Heading);
    let title = image.caption.as_deref().filter(|caption| !caption.is_empty()).map(title_of).unwrap_or_default();
    let own = format!("![{alt}]({}{title})", address(&image.src));
    link.map_or(own.clone(), |link| format!("[{own}]({})", destination(link)))
}

/// A link to a file.
pub(super) fn file(name: &str, src: &str) -> String {
    format!("[{}]({})", line(&[Node::text(name, Vec::new())], Place::Heading), address(src))
}
