//! Markdown (GFM): for people who write without script, for the API and for exports.
//!
//! Nothing is lost on the way: what Markdown cannot say (galleries, files, embeds, unknown blocks, underlined words)
//! stands as a fenced block with the info word `freehold` that holds the block's JSON, and comes back as it was.

use comrak::nodes::{AstNode, ListType, NodeValue};
use comrak::{Arena, Options, parse_document};
use freehold_base::{Code, Error, Result};

use super::{Document, Image, Kind, Link, MAX_BYTES, MAX_DEPTH, Mark, Node, is_safe_url};

/// Info word of a fenced block that holds a block as JSON.
const FENCE: &str = "freehold";

impl Document {
    /// Reads Markdown. HTML in it becomes HTML blocks (cleaned like all HTML); HTML within a line stays text.
    ///
    /// # Errors
    /// `TooLarge`, `TooDeep`, `DocumentMalformed` (a `freehold` block that is none).
    pub fn from_markdown(text: &str) -> Result<Self> {
        if text.len() > MAX_BYTES {
            return Err(Error::invalid("document", Code::TooLarge, "4 MB"));
        }
        let mut options = Options::default();
        options.extension.strikethrough = true;
        options.extension.table = true;
        options.extension.autolink = true;
        options.extension.superscript = false;
        let arena = Arena::new();
        let root = parse_document(&arena, text, &options);
        Ok(Self::new(blocks(root, 0)?))
    }

    /// Writes Markdown.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        write_blocks(&self.content, "", &mut out);
        out
    }
}

fn blocks<'a>(parent: &'a AstNode<'a>, depth: usize) -> Result<Vec<Node>> {
    // A list item within a list costs two levels, the text one more.
    if depth + 4 > MAX_DEPTH {
        return Err(Error::invalid("document", Code::TooDeep, MAX_DEPTH.to_string()));
    }
    let mut out = Vec::new();
    for node in parent.children() {
        block(node, depth, &mut out)?;
    }
    Ok(out)
}

fn block<'a>(node: &'a AstNode<'a>, depth: usize, out: &mut Vec<Node>) -> Result<()> {
    match &node.data().value {
        NodeValue::Paragraph => paragraph(node, out),
        NodeValue::Heading(h) => {
            let mut parts = Vec::new();
            inline(node, &[], &mut parts, 0);
            let (text, images): (Vec<Node>, Vec<Node>) = parts.into_iter().partition(|n| n.kind.is_inline());
            out.push(Node::new(Kind::Heading(h.level.clamp(1, 6)), text));
            out.extend(images);
        }
        NodeValue::BlockQuote => out.push(Node::new(Kind::Blockquote, or_empty(blocks(node, depth + 1)?))),
        NodeValue::List(list) => {
            let kind = match list.list_type {
                ListType::Bullet => Kind::BulletList,
                ListType::Ordered => Kind::OrderedList(u32::try_from(list.start).ok().filter(|n| *n != 1)),
            };
            let mut items = Vec::new();
            for item in node.children() {
                items.push(Node::new(Kind::ListItem, or_empty(blocks(item, depth + 2)?)));
            }
            out.push(Node::new(kind, items));
        }
        NodeValue::CodeBlock(code) => out.extend(code_block(&code.info, &code.literal)?),
        NodeValue::HtmlBlock(html) => {
            out.push(Node::leaf(Kind::Html { source: html.literal.trim_end().into(), raw: false }));
        }
        NodeValue::ThematicBreak => out.push(Node::leaf(Kind::HorizontalRule)),
        NodeValue::Table(_) => out.push(table(node)),
        _ => paragraph(node, out),
    }
    Ok(())
}

/// List items, quotations and cells hold at least one block.
fn or_empty(content: Vec<Node>) -> Vec<Node> {
    if content.is_empty() { vec![Node::leaf(Kind::Paragraph)] } else { content }
}

/// Images are blocks: a paragraph with images between words becomes several blocks.
fn paragraph<'a>(node: &'a AstNode<'a>, out: &mut Vec<Node>) {
    let mut parts = Vec::new();
    inline(node, &[], &mut parts, 0);
    let mut line: Vec<Node> = Vec::new();
    for part in parts {
        if part.kind.is_inline() {
            line.push(part);
        } else {
            end_line(&mut line, out);
            out.push(part);
        }
    }
    end_line(&mut line, out);
}

fn end_line(line: &mut Vec<Node>, out: &mut Vec<Node>) {
    let content = std::mem::take(line);
    if content.iter().any(|n| n.as_text().is_none_or(|t| !t.trim().is_empty())) {
        out.push(Node::new(Kind::Paragraph, content));
    }
}

fn code_block(info: &str, literal: &str) -> Result<Vec<Node>> {
    let word = info.split_whitespace().next().unwrap_or_default();
    if word == FENCE {
        return Ok(Document::parse(literal.trim())?.content);
    }
    let language = (!word.is_empty()).then(|| word.into());
    let text = literal.strip_suffix('\n').unwrap_or(literal);
    let content = if text.is_empty() { Vec::new() } else { vec![Node::text(text, Vec::new())] };
    Ok(vec![Node::new(Kind::CodeBlock(language), content)])
}

fn table<'a>(node: &'a AstNode<'a>) -> Node {
    let rows = node
        .children()
        .map(|row| {
            let head = matches!(row.data().value, NodeValue::TableRow(true));
            let cells = row
                .children()
                .map(|cell| {
                    let mut content = Vec::new();
                    paragraph(cell, &mut content);
                    let kind = if head { Kind::TableHeader(None, None) } else { Kind::TableCell(None, None) };
                    Node::new(kind, or_empty(content))
                })
                .collect();
            Node::new(Kind::TableRow, cells)
        })
        .collect();
    Node::new(Kind::Table, rows)
}

fn inline<'a>(parent: &'a AstNode<'a>, marks: &[Mark], out: &mut Vec<Node>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    for node in parent.children() {
        let with = |mark: Mark| {
            let mut all = marks.to_vec();
            if !all.contains(&mark) {
                all.push(mark);
            }
            all
        };
        match &node.data().value {
            NodeValue::Text(text) => push_text(text, marks, out),
            NodeValue::HtmlInline(text) | NodeValue::Raw(text) => push_text(text, marks, out),
            NodeValue::SoftBreak => push_text(" ", marks, out),
            NodeValue::LineBreak => out.push(Node::leaf(Kind::HardBreak)),
            NodeValue::Code(code) => push_text(&code.literal, &with(Mark::Code), out),
            NodeValue::Emph => inline(node, &with(Mark::Italic), out, depth + 1),
            NodeValue::Strong => inline(node, &with(Mark::Bold), out, depth + 1),
            NodeValue::Strikethrough => inline(node, &with(Mark::Strike), out, depth + 1),
            NodeValue::Link(link) if is_safe_url(&link.url) => {
                let title = (!link.title.is_empty()).then(|| link.title.clone());
                let mark = Mark::Link(Box::new(Link { href: link.url.clone(), title, ..Default::default() }));
                inline(node, &with(mark), out, depth + 1);
            }
            NodeValue::Image(link) if is_safe_url(&link.url) => {
                let mut alt = Vec::new();
                inline(node, &[], &mut alt, depth + 1);
                let alt: String = alt.iter().filter_map(Node::as_text).collect();
                let image = Image {
                    src: link.url.clone(),
                    alt: (!alt.is_empty()).then_some(alt),
                    caption: (!link.title.is_empty()).then(|| link.title.clone()),
                    ..Default::default()
                };
                out.push(Node::leaf(Kind::Image(Box::new(image))));
            }
            _ => inline(node, marks, out, depth + 1),
        }
    }
}

fn push_text(text: &str, marks: &[Mark], out: &mut Vec<Node>) {
    if text.is_empty() {
        return;
    }
    if let Some(last) = out.last_mut()
        && last.marks == marks
        && let Kind::Text(before) = &mut last.kind
    {
        before.push_str(text);
        return;
    }
    out.push(Node::text(text, marks.to_vec()));
}

/// Whether Markdown says all of a block.
fn is_plain(node: &Node) -> bool {
    let known = match &node.kind {
        Kind::Image(image) => {
            image.media_id.is_none() && image.width.is_none() && image.height.is_none() && image.align.is_none() && node.marks.is_empty()
        }
        Kind::Gallery(_) | Kind::Embed { .. } | Kind::File(_) | Kind::Imported { .. } | Kind::Unknown { .. } => false,
        Kind::Html { raw, .. } => !raw,
        Kind::TableHeader(a, b) | Kind::TableCell(a, b) => {
            a.is_none() && b.is_none() && node.content.len() <= 1 && node.content.iter().all(|n| n.kind == Kind::Paragraph)
        }
        Kind::CodeBlock(language) => language.as_deref() != Some(FENCE),
        _ => true,
    };
    let marks = |m: &Mark| match m {
        Mark::Bold | Mark::Italic | Mark::Strike | Mark::Code => true,
        Mark::Link(link) => link.rel.is_none() && link.target.is_none() && link.extra.iter().next().is_none(),
        Mark::Underline | Mark::Superscript | Mark::Subscript | Mark::Unknown(_) => false,
    };
    known && node.extra.iter().next().is_none() && node.marks.iter().all(marks) && node.content.iter().all(is_plain)
}

fn write_blocks(nodes: &[Node], indent: &str, out: &mut String) {
    for (i, node) in nodes.iter().enumerate() {
        if i > 0 {
            out.push_str(indent.trim_end());
            out.push('\n');
        }
        write_block(node, indent, out);
    }
}

fn write_block(node: &Node, indent: &str, out: &mut String) {
    if !is_plain(node) {
        let json = Document::new(vec![node.clone()]).to_json();
        out.push_str(&format!("{indent}~~~{FENCE}\n{indent}{json}\n{indent}~~~\n"));
        return;
    }
    match &node.kind {
        Kind::Heading(level) => line(&format!("{indent}{} ", "#".repeat(usize::from(*level))), node, out),
        Kind::BulletList => items(node, indent, out, &mut |_| "- ".to_owned()),
        Kind::OrderedList(start) => {
            let first = usize::try_from(start.unwrap_or(1)).unwrap_or(1);
            items(node, indent, out, &mut |i| format!("{}. ", first + i));
        }
        Kind::Blockquote => {
            let mut inner = String::new();
            write_blocks(&node.content, "", &mut inner);
            for l in inner.lines() {
                out.push_str(&format!("{indent}> {l}").trim_end().to_owned());
                out.push('\n');
            }
        }
        Kind::CodeBlock(language) => {
            let text: String = node.content.iter().filter_map(Node::as_text).collect();
            let fence = if text.contains("```") { "~~~~~~" } else { "```" };
            out.push_str(&format!("{indent}{fence}{}\n", language.as_deref().unwrap_or_default()));
            for l in text.split('\n') {
                out.push_str(&format!("{indent}{l}\n"));
            }
            out.push_str(&format!("{indent}{fence}\n"));
        }
        Kind::Image(image) => {
            let caption = image.caption.as_ref().map(|c| format!(" \"{}\"", c.replace('"', "\\\""))).unwrap_or_default();
            let alt = escape(image.alt.as_deref().unwrap_or_default());
            out.push_str(&format!("{indent}![{alt}](<{}>{caption})\n", image.src));
        }
        Kind::Table => write_table(node, indent, out),
        Kind::HorizontalRule => out.push_str(&format!("{indent}---\n")),
        Kind::Html { source, .. } => {
            for l in source.lines() {
                out.push_str(&format!("{indent}{l}\n"));
            }
        }
        _ => line(indent, node, out),
    }
}

fn items(list: &Node, indent: &str, out: &mut String, marker: &mut dyn FnMut(usize) -> String) {
    for (i, item) in list.content.iter().enumerate() {
        let marker = marker(i);
        let mut inner = String::new();
        write_blocks(&item.content, "", &mut inner);
        let pad = " ".repeat(marker.len());
        for (n, l) in inner.lines().enumerate() {
            let start = if n == 0 { &marker } else { &pad };
            out.push_str(format!("{indent}{start}{l}").trim_end());
            out.push('\n');
        }
    }
}

fn write_table(table: &Node, indent: &str, out: &mut String) {
    for (i, row) in table.content.iter().enumerate() {
        let cells: Vec<String> = row
            .content
            .iter()
            .map(|cell| {
                let mut text = String::new();
                for block in &cell.content {
                    write_inline(&block.content, &mut text);
                }
                text.replace('|', "\\|").replace('\n', " ")
            })
            .collect();
        out.push_str(&format!("{indent}| {} |\n", cells.join(" | ")));
        if i == 0 {
            out.push_str(&format!("{indent}|{}\n", " --- |".repeat(cells.len())));
        }
    }
}

fn line(start: &str, node: &Node, out: &mut String) {
    let mut text = String::new();
    write_inline(&node.content, &mut text);
    // What would begin a list, a heading or a quotation is only text here.
    let first = text.trim_start();
    let digits = first.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = digits.len() < first.len() && digits.starts_with(['.', ')']);
    if node.kind == Kind::Paragraph && numbered {
        let at = first.len() - digits.len();
        text = format!("{}\\{}", &first[..at], digits);
    } else if node.kind == Kind::Paragraph && first.starts_with(['#', '+', '-', '=', '~']) {
        text = format!("\\{first}");
    }
    out.push_str(start);
    out.push_str(&text);
    out.push('\n');
}

fn write_inline(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match &node.kind {
            Kind::HardBreak => out.push_str("\\\n"),
            Kind::Text(text) => marked(text, &node.marks, out),
            _ => {}
        }
    }
}

fn marked(text: &str, marks: &[Mark], out: &mut String) {
    // Marks may not touch spaces: `** x**` is no emphasis.
    let inner = text.trim();
    if inner.is_empty() {
        out.push_str(text);
        return;
    }
    let lead = &text[..text.len() - text.trim_start().len()];
    let tail = &text[text.trim_end().len()..];
    let mut shown = if marks.contains(&Mark::Code) { code_span(inner) } else { escape(inner) };
    for mark in marks.iter().rev() {
        shown = match mark {
            Mark::Bold => format!("**{shown}**"),
            Mark::Italic => format!("*{shown}*"),
            Mark::Strike => format!("~~{shown}~~"),
            Mark::Link(link) => {
                let title = link.title.as_ref().map(|t| format!(" \"{}\"", t.replace('"', "\\\""))).unwrap_or_default();
                format!("[{shown}](<{}>{title})", link.href)
            }
            _ => shown,
        };
    }
    out.push_str(lead);
    out.push_str(&shown);
    out.push_str(tail);
}

fn code_span(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>~&".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_comes_back_as_it_went() {
        for text in [
            "A *walk* by the **sea**, `x < y` and ~~no~~.\n",
            "## Two\n\nText with a [link](<https://example.org> \"There\").\n",
            "- one\n- two\n  - three\n\n1. a\n2. b\n",
            "> said\n>\n> more\n",
            "```rust\nfn main() {}\n```\n",
            "| a | b |\n| --- | --- |\n| 1 | 2 |\n",
            "![Sea](<https://example.org/a.jpg> \"At noon\")\n",
            "---\n",
        ] {
            let once = Document::from_markdown(text).expect(text);
            let again = Document::from_markdown(&once.to_markdown()).expect(text);
            assert_eq!(once, again, "{}", once.to_markdown());
        }
    }

    #[test]
    fn what_markdown_cannot_say_is_kept_as_it_was() {
        let json = r#"{"type":"doc","attrs":{"version":1},"content":[{"type":"tideTable","attrs":{"port":"Vinga"}},{"type":"paragraph","content":[{"type":"text","text":"under","marks":[{"type":"underline"}]}]},{"type":"embed","attrs":{"url":"https://example.org/v"}}]}"#;
        let document = Document::parse(json).expect("document");
        let again = Document::from_markdown(&document.to_markdown()).expect("markdown");
        assert_eq!(again.to_json(), document.to_json());
    }

    #[test]
    fn text_that_looks_like_markup_stays_text() {
        for words in ["1. not a list", "# not a heading", "a * b * c _d_ <b>", "- no", "&amp; [x](y)", "+1"] {
            let document = Document::new(vec![Node::new(Kind::Paragraph, vec![Node::text(words, Vec::new())])]);
            let again = Document::from_markdown(&document.to_markdown()).expect(words);
            assert_eq!(again.to_plain().trim(), words, "{}", document.to_markdown());
        }
    }

    #[test]
    fn scripts_do_not_come_in_by_links() {
        let document = Document::from_markdown("[x](javascript:alert(1)) ![y](javascript:alert(1))").expect("markdown");
        assert!(!document.to_json().contains("javascript:"));
    }
}
