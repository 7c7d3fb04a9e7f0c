//! From a document to Markdown.

use super::super::{Document, Kind, Node, clean, html};
use super::inline::{self, Place};

/// Places in [`BULLETS`]: the usual marker, that of a second list right after a first, that of a list at once in one.
const DASH: usize = 0;
const STAR: usize = 1;
const PLUS: usize = 2;
const BULLETS: [&str; 3] = ["- ", "* ", "+ "];

impl Document {
    /// The document as Markdown.
    pub fn to_markdown(&self) -> String {
        let mut out = blocks(&self.content);
        if !out.is_empty() {
            out.push('\n');
        }
        out
    }
}

fn blocks(nodes: &[Node]) -> String {
    blocks_from(nodes, DASH)
}

/// As [`blocks`], with the marker of a list in front.
fn blocks_from(nodes: &[Node], first: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut marker = first;
    for (i, node) in nodes.iter().enumerate() {
        // Two lists in a row would be one; the second gets another marker.
        let previous = i.checked_sub(1).and_then(|i| nodes.get(i));
        let follows = previous.is_some_and(|previous| is_list(node) && previous.kind.name() == node.kind.name());
        if i > 0 {
            marker = if follows && marker == DASH { STAR } else { DASH };
        }
        let part = block(node, marker);
        if !part.is_empty() {
            parts.push(part);
        }
    }
    parts.join("\n\n")
}

const fn is_list(node: &Node) -> bool {
    matches!(node.kind, Kind::BulletList | Kind::OrderedList(_))
}

fn block(node: &Node, marker: usize) -> String {
    match &node.kind {
        Kind::Paragraph => inline::line(&node.content, Place::Paragraph),
        Kind::Heading(level) => {
            let hashes = "#".repeat(usize::from(*level));
            format!("{hashes} {}", inline::line(&node.content, Place::Heading))
        }
        Kind::BulletList => items(&node.content, |_| BULLETS.get(marker).copied().unwrap_or("- ").to_owned()),
        Kind::OrderedList(start) => {
            let dot = if marker == STAR { ')' } else { '.' };
            let first = start.unwrap_or(1) as usize;
            items(&node.content, |i| format!("{}{dot} ", (first + i).min(999_999_999)))
        }
        Kind::Blockquote => prefixed(&blocks(&node.content), "> ", "> "),
        Kind::CodeBlock(language) => code(language.as_deref(), &node.content),
        Kind::Image(image) if image.src.is_empty() => String::new(),
        Kind::Image(image) => inline::image(image, node.link()),
        Kind::Gallery(_) => node.content.iter().map(|image| block(image, DASH)).collect::<Vec<_>>().join("\n"),
        Kind::Table => table(node),
        Kind::Embed { url, .. } if url.contains([' ', '<', '>']) => String::new(),
        Kind::Embed { url, .. } => format!("<{url}>"),
        // Stars: "- ---" would be read as one long line of dashes.
        Kind::HorizontalRule => "***".into(),
        Kind::Html { source, .. } => html_block(&clean::clean_or_text(source)),
        Kind::Imported { raw, .. } if node.is_marker("more") => (**raw).into(),
        Kind::Imported { raw, .. } => html_block(&clean::clean_or_text(raw)),
        Kind::File(file) => inline::file(file.name.as_deref().unwrap_or(&file.src), &file.src),
        Kind::ListItem | Kind::TableRow | Kind::TableHeader(..) | Kind::TableCell(..) => blocks(&node.content),
        Kind::Text(_) | Kind::HardBreak => inline::line(std::slice::from_ref(node), Place::Paragraph),
        Kind::Unknown { .. } => String::new(),
    }
}

/// HTML as one block: no blank lines, and in front an element that CommonMark takes for a block.
pub(super) fn html_block(source: &str) -> String {
    const STARTS: [&str; 16] = [
        "<div",
        "<p",
        "<table",
        "<ul",
        "<ol",
        "<dl",
        "<figure",
        "<section",
        "<article",
        "<h1",
        "<h2",
        "<h3",
        "<h4",
        "<iframe",
        "<details",
        "<blockquote",
    ];
    let lines: Vec<&str> = source.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let joined = lines.join("\n");
    let joined = joined.trim();
    let is_block =
        STARTS.iter().any(|start| joined.strip_prefix(start).is_some_and(|rest| rest.starts_with(['>', ' '])));
    if joined.is_empty() || is_block { joined.to_owned() } else { format!("<div>\n{joined}\n</div>") }
}

fn items(list: &[Node], marker: impl Fn(usize) -> String) -> String {
    let is_tight = list.iter().all(|item| match &item.content[..] {
        [] => true,
        [first] => matches!(first.kind, Kind::Paragraph),
        [first, below] => matches!(first.kind, Kind::Paragraph) && may_follow_text(below),
        _ => false,
    });
    let parts = list.iter().enumerate().map(|(i, item)| {
        let marker = marker(i);
        let body = if is_tight {
            item.content.iter().map(|node| block(node, DASH)).collect::<Vec<_>>().join("\n")
        } else {
            // A list at once in a list: "- - -" would be read as a line across.
            blocks_from(&item.content, PLUS)
        };
        prefixed(&body, &marker, &" ".repeat(marker.len()))
    });
    parts.collect::<Vec<_>>().join(if is_tight { "\n" } else { "\n\n" })
}

/// Whether a list may stand right under a line of text: one that starts with an empty item or another number than 1
/// would be read as part of that line (CommonMark section 5.3).
fn may_follow_text(list: &Node) -> bool {
    let first = list.content.first().and_then(|item| item.content.first());
    matches!(list.kind, Kind::BulletList | Kind::OrderedList(None | Some(1)))
        && first.is_some_and(|first| !first.content.is_empty())
}

/// Puts `first` before the first line and `rest` before the others; blank lines get no trailing space.
fn prefixed(text: &str, first: &str, rest: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (i, line) in text.split('\n').enumerate() {
        if i > 0 {
            out.push('\n');
        }
        let prefix = if i == 0 { first } else { rest };
        out.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        out.push_str(line);
    }
    out
}

fn code(language: Option<&str>, content: &[Node]) -> String {
    let text: String = content.iter().filter_map(Node::as_text).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    let language: String = language.unwrap_or_default().chars().filter(|c| !c.is_whitespace() && *c != '`').collect();
    if text.is_empty() { format!("{fence}{language}\n{fence}") } else { format!("{fence}{language}\n{text}\n{fence}") }
}

/// A table of pipes where one can say it: heading cells in the first row only, none merged, lines in them only.
fn table(node: &Node) -> String {
    let Some((head, body)) = node.content.split_first() else { return String::new() };
    let width = head.content.len();
    let is_line = |cell: &Node| cell.content.iter().all(|n| matches!(n.kind, Kind::Paragraph | Kind::Image(_)));
    let head_fits = head.content.iter().all(|c| matches!(c.kind, Kind::TableHeader(None, None)) && is_line(c));
    let body_fits = body.iter().all(|row| {
        row.content.len() == width
            && row.content.iter().all(|c| matches!(c.kind, Kind::TableCell(None, None)) && is_line(c))
    });
    if width == 0 || !head_fits || !body_fits {
        return html_block(&html::fragment(std::slice::from_ref(node)));
    }
    let row = |row: &Node| {
        let cells = row.content.iter().map(|cell| format!(" {} ", self::cell(cell)));
        format!("|{}|", cells.collect::<Vec<_>>().join("|"))
    };
    let mut lines = vec![row(head), format!("|{}", " --- |".repeat(width))];
    lines.extend(body.iter().map(row));
    lines.join("\n")
}

fn cell(cell: &Node) -> String {
    let parts = cell.content.iter().map(|node| match &node.kind {
        Kind::Image(image) => inline::image(image, node.link()).replace('\n', " "),
        _ => inline::line(&node.content, Place::Cell),
    });
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
