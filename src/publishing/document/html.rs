//! A document as HTML for visitors.

use std::fmt::Write as _;

use super::clean::clean_or_text;
use super::escape::{escape, size};
use super::outline::HeadingIds;
use super::url::media_hash;
use super::{Align, Document, File, Image, Kind, Link, Mark, Node, embed};

/// What is known of one of our own pictures beside what its block says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownMedia {
    /// Its number.
    pub id: i64,
    /// Its address.
    pub src: String,
    /// What is to be seen; shown where the block says nothing.
    pub alt: String,
    /// Pixels; 0 where it is not known.
    pub width: u32,
    /// Pixels; 0 where it is not known.
    pub height: u32,
}

/// How a document becomes HTML.
#[derive(Clone, Copy, Debug)]
pub struct RenderOptions<'a> {
    /// Widths in pixels in which our own images are offered, ascending; empty for none.
    pub image_widths: &'a [u32],
    /// Our own pictures that the document shows: sizes and descriptions for blocks that do not say them.
    pub media: &'a [KnownMedia],
    /// The `sizes` attribute of images that are offered in several widths.
    pub sizes: &'a str,
    /// How many images at the start load at once instead of when they come into view.
    pub eager_images: usize,
    /// Whether headings get ids.
    pub heading_ids: bool,
    /// Whether known players are shown in frames; otherwise (feeds, mail) as links.
    pub frames: bool,
    /// Whether HTML blocks that were saved as raw are given out uncleaned. Only for the site's own pages.
    pub raw_html: bool,
    /// Put before addresses that start with a slash: `https://example.org`. For feeds and mail.
    pub base_url: &'a str,
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        Self {
            image_widths: &[],
            media: &[],
            sizes: "(min-width: 48rem) 48rem, 100vw",
            eager_images: 0,
            heading_ids: true,
            frames: true,
            raw_html: false,
            base_url: "",
        }
    }
}

impl Document {
    /// HTML for visitors. Everything in it is escaped or cleaned; nodes of unknown type are left out.
    pub fn to_html(&self, options: &RenderOptions<'_>) -> String {
        let mut out = String::with_capacity(512 * (1 + self.content.len()));
        let mut writer = Writer { out: &mut out, options, ids: HeadingIds::default(), images: 0, apart: None };
        writer.blocks(&self.content);
        out
    }

    /// As [`Document::to_html`], with HTML blocks that were saved as raw set apart: in their places stand marks that
    /// [`together`] knows. What lies between may pass through other hands and be cleaned.
    pub fn to_html_apart(&self, options: &RenderOptions<'_>, mark: &str) -> (String, Vec<String>) {
        let mut out = String::with_capacity(512 * (1 + self.content.len()));
        let apart = Some(Apart { mark, blocks: Vec::new() });
        let mut writer = Writer { out: &mut out, options, ids: HeadingIds::default(), images: 0, apart };
        writer.blocks(&self.content);
        let blocks = writer.apart.map(|apart| apart.blocks).unwrap_or_default();
        (out, blocks)
    }
}

/// Puts blocks that [`Document::to_html_apart`] set apart back where their marks stand. One whose mark is gone is left
/// out.
pub fn together(html: &str, mark: &str, blocks: &[String]) -> String {
    let mut out = html.to_owned();
    for (n, block) in blocks.iter().enumerate() {
        out = out.replacen(&mark_of(mark, n), block, 1);
    }
    out
}

fn mark_of(mark: &str, n: usize) -> String {
    format!("<hr class=\"{mark}-{n}\">")
}

/// Raw blocks set apart.
struct Apart<'a> {
    mark: &'a str,
    blocks: Vec<String>,
}

/// HTML of some nodes with the default options, for Markdown's sake.
pub(super) fn fragment(nodes: &[Node]) -> String {
    let mut out = String::new();
    let options = RenderOptions { heading_ids: false, frames: false, ..RenderOptions::default() };
    Writer { out: &mut out, options: &options, ids: HeadingIds::default(), images: 0, apart: None }.blocks(nodes);
    out
}

struct Writer<'a, 'o> {
    out: &'a mut String,
    options: &'a RenderOptions<'o>,
    ids: HeadingIds,
    images: usize,
    apart: Option<Apart<'a>>,
}

impl Writer<'_, '_> {
    fn blocks(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.block(node);
            self.out.push('\n');
        }
    }

    fn block(&mut self, node: &Node) {
        match &node.kind {
            Kind::Paragraph => self.line("<p>", &node.content, "</p>"),
            Kind::Heading(level) => self.heading(*level, node),
            Kind::BulletList => self.items("<ul>", node, "</ul>"),
            Kind::OrderedList(None | Some(1)) => self.items("<ol>", node, "</ol>"),
            Kind::OrderedList(Some(start)) => self.items(&format!("<ol start=\"{start}\">"), node, "</ol>"),
            Kind::Blockquote => {
                self.out.push_str("<blockquote>\n");
                self.blocks(&node.content);
                self.out.push_str("</blockquote>");
            }
            Kind::CodeBlock(language) => self.code(language.as_deref(), &node.content),
            Kind::Image(image) => self.image(image, node.link()),
            Kind::Gallery(columns) => self.gallery(*columns, &node.content),
            Kind::Table => self.table(&node.content),
            Kind::Embed { url, provider } => self.embed(url, provider.as_deref()),
            Kind::HorizontalRule => self.out.push_str("<hr>"),
            Kind::Html { source, raw } if *raw && self.options.raw_html => self.raw(source),
            Kind::Html { source, .. } => self.out.push_str(&clean_or_text(source)),
            Kind::Imported { raw, .. } => self.out.push_str(&clean_or_text(raw)),
            Kind::File(file) => self.file(file),
            Kind::Text(_) | Kind::HardBreak => self.inline(std::slice::from_ref(node)),
            Kind::ListItem | Kind::TableRow | Kind::TableHeader(..) | Kind::TableCell(..) => self.blocks(&node.content),
            Kind::Unknown { .. } => {}
        }
    }

    fn raw(&mut self, source: &str) {
        match &mut self.apart {
            None => self.out.push_str(source),
            Some(apart) => {
                self.out.push_str(&mark_of(apart.mark, apart.blocks.len()));
                apart.blocks.push(source.to_owned());
            }
        }
    }

    fn line(&mut self, open: &str, content: &[Node], close: &str) {
        self.out.push_str(open);
        self.inline(content);
        self.out.push_str(close);
    }

    fn heading(&mut self, level: u8, node: &Node) {
        let _ = write!(self.out, "<h{level}");
        if self.options.heading_ids {
            let id = self.ids.make(node);
            let _ = write!(self.out, " id=\"{id}\"");
        }
        self.out.push('>');
        self.inline(&node.content);
        let _ = write!(self.out, "</h{level}>");
    }

    fn items(&mut self, open: &str, list: &Node, close: &str) {
        self.out.push_str(open);
        self.out.push('\n');
        for item in &list.content {
            self.out.push_str("<li>");
            self.tight(&item.content);
            self.out.push_str("</li>\n");
        }
        self.out.push_str(close);
    }

    /// The content of an item or a cell; a single paragraph in front needs no tag of its own.
    fn tight(&mut self, content: &[Node]) {
        let Some((first, rest)) = content.split_first() else { return };
        let lists = rest.iter().all(|node| matches!(node.kind, Kind::BulletList | Kind::OrderedList(_)));
        if matches!(first.kind, Kind::Paragraph) && lists {
            self.inline(&first.content);
            for list in rest {
                self.out.push('\n');
                self.block(list);
            }
        } else {
            self.blocks(content);
        }
    }

    fn code(&mut self, language: Option<&str>, content: &[Node]) {
        self.out.push_str("<pre><code");
        if let Some(language) = language.filter(|language| !language.is_empty()) {
            self.out.push_str(" class=\"language-");
            escape(self.out, language);
            self.out.push('"');
        }
        self.out.push('>');
        for node in content {
            escape(self.out, node.as_text().unwrap_or_default());
        }
        self.out.push_str("</code></pre>");
    }

    fn gallery(&mut self, columns: Option<u8>, images: &[Node]) {
        let _ = writeln!(self.out, "<div class=\"gallery columns-{}\">", columns.unwrap_or(3));
        self.blocks(images);
        self.out.push_str("</div>");
    }

    fn image(&mut self, image: &Image, link: Option<&Link>) {
        if image.src.is_empty() {
            return;
        }
        self.out.push_str("<figure class=\"image");
        if let Some(align) = image.align {
            let _ = write!(self.out, " align-{}", Align::name(align));
        }
        self.out.push_str("\">");
        if let Some(link) = link {
            self.open_link(link);
        }
        self.img(image);
        if link.is_some() {
            self.out.push_str("</a>");
        }
        if let Some(caption) = image.caption.as_deref().filter(|caption| !caption.is_empty()) {
            self.out.push_str("<figcaption>");
            escape(self.out, caption);
            self.out.push_str("</figcaption>");
        }
        self.out.push_str("</figure>");
    }

    fn img(&mut self, image: &Image) {
        let known = image.media_id.and_then(|id| self.options.media.iter().find(|m| m.id == id));
        let pixels = |n: u32| Some(n).filter(|n| *n > 0);
        let width = image.width.or_else(|| pixels(known?.width));
        let height = image.height.or_else(|| pixels(known?.height));
        // The file's own width decides what is offered: a block may show it smaller.
        let own = known.and_then(|m| pixels(m.width)).or(width);
        let hash =
            media_hash(&image.src).filter(|_| has_copies(&image.src)).filter(|_| !self.options.image_widths.is_empty());
        if let Some(hash) = hash {
            self.out.push_str("<picture>");
            for format in ["avif", "webp"] {
                self.source(hash, format, own);
            }
        }
        let alt = image.alt.as_deref().filter(|alt| !alt.is_empty());
        self.out.push_str("<img src=\"");
        self.address(&image.src);
        self.out.push_str("\" alt=\"");
        escape(self.out, alt.or(known.map(|m| m.alt.as_str())).unwrap_or_default());
        self.out.push('"');
        for (name, value) in [("width", width), ("height", height)] {
            if let Some(value) = value {
                let _ = write!(self.out, " {name}=\"{value}\"");
            }
        }
        if self.images >= self.options.eager_images {
            self.out.push_str(" loading=\"lazy\"");
        }
        self.images += 1;
        self.out.push_str(" decoding=\"async\">");
        if hash.is_some() {
            self.out.push_str("</picture>");
        }
    }

    /// The picture in one format: the widths below its own, and its own, which the next width up holds (nothing is
    /// enlarged).
    fn source(&mut self, hash: &str, format: &str, own: Option<u32>) {
        let _ = write!(self.out, "<source type=\"image/{format}\" srcset=\"");
        let base = self.options.base_url;
        let mut first = true;
        for width in self.options.image_widths {
            let shown = (*width).min(own.unwrap_or(u32::MAX));
            let comma = if first { "" } else { ", " };
            first = false;
            let _ = write!(self.out, "{comma}{base}/media/{hash}/{width}.{format} {shown}w");
            if shown < *width || own == Some(*width) {
                break;
            }
        }
        let _ = write!(self.out, "\" sizes=\"{}\">", self.options.sizes);
    }

    fn table(&mut self, rows: &[Node]) {
        let is_head = |row: &&Node| {
            !row.content.is_empty() && row.content.iter().all(|cell| matches!(cell.kind, Kind::TableHeader(..)))
        };
        self.out.push_str("<div class=\"table\"><table>\n");
        let heads = rows.iter().take_while(is_head).count();
        let (head, body) = rows.split_at_checked(heads).unwrap_or((&[], rows));
        for (rows, open, close) in [(head, "<thead>\n", "</thead>\n"), (body, "<tbody>\n", "</tbody>\n")] {
            if !rows.is_empty() {
                self.out.push_str(open);
                rows.iter().for_each(|row| self.row(row));
                self.out.push_str(close);
            }
        }
        self.out.push_str("</table></div>");
    }

    fn row(&mut self, row: &Node) {
        self.out.push_str("<tr>");
        for cell in &row.content {
            let (tag, columns, rows) = match &cell.kind {
                Kind::TableHeader(columns, rows) => ("th", columns, rows),
                Kind::TableCell(columns, rows) => ("td", columns, rows),
                _ => continue,
            };
            let _ = write!(self.out, "<{tag}");
            for (name, span) in [("colspan", columns), ("rowspan", rows)] {
                if let Some(span) = span.filter(|span| *span > 1) {
                    let _ = write!(self.out, " {name}=\"{span}\"");
                }
            }
            self.out.push('>');
            self.tight(&cell.content);
            let _ = write!(self.out, "</{tag}>");
        }
        self.out.push_str("</tr>\n");
    }

    fn embed(&mut self, url: &str, provider: Option<&str>) {
        let found = embed::find(url);
        let name = found.as_ref().map(|found| found.provider).or(provider).unwrap_or("link");
        self.out.push_str("<figure class=\"embed embed-");
        escape(self.out, name);
        self.out.push_str("\">");
        match found.and_then(|found| found.player).filter(|_| self.options.frames) {
            Some(player) => {
                self.out.push_str("<iframe src=\"");
                escape(self.out, &player);
                self.out.push_str("\" title=\"");
                escape(self.out, name);
                self.out.push_str(
                    "\" loading=\"lazy\" referrerpolicy=\"strict-origin-when-cross-origin\" allowfullscreen></iframe>",
                );
            }
            None => {
                self.out.push_str("<a href=\"");
                self.address(url);
                self.out.push_str("\">");
                escape(self.out, url);
                self.out.push_str("</a>");
            }
        }
        self.out.push_str("</figure>");
    }

    fn file(&mut self, file: &File) {
        self.out.push_str("<p class=\"file\"><a href=\"");
        self.address(&file.src);
        self.out.push_str("\" download>");
        let name = file.name.as_deref().filter(|name| !name.is_empty());
        escape(self.out, name.unwrap_or_else(|| file.src.rsplit('/').next().unwrap_or_default()));
        self.out.push_str("</a>");
        if let Some(bytes) = file.bytes {
            let _ = write!(self.out, " <span class=\"file-size\">{}</span>", size(bytes));
        }
        self.out.push_str("</p>");
    }

    /// Text with its marks. Neighbours keep the marks they share open, as ProseMirror writes them.
    fn inline(&mut self, nodes: &[Node]) {
        let mut open: &[Mark] = &[];
        for node in nodes {
            let shared = open.iter().zip(&node.marks).take_while(|(a, b)| a == b).count();
            for mark in open.iter().skip(shared).rev() {
                self.close_mark(mark);
            }
            for mark in node.marks.iter().skip(shared) {
                self.open_mark(mark);
            }
            open = &node.marks;
            match &node.kind {
                Kind::Text(text) => escape(self.out, text),
                Kind::HardBreak => self.out.push_str("<br>\n"),
                Kind::Unknown { .. } => {}
                _ => self.block(node),
            }
        }
        for mark in open.iter().rev() {
            self.close_mark(mark);
        }
    }

    fn open_mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Link(link) => self.open_link(link),
            other => {
                if let Some(tag) = tag_of(other) {
                    self.out.push('<');
                    self.out.push_str(tag);
                    self.out.push('>');
                }
            }
        }
    }

    fn close_mark(&mut self, mark: &Mark) {
        if let Some(tag) = tag_of(mark) {
            self.out.push_str("</");
            self.out.push_str(tag);
            self.out.push('>');
        }
    }

    fn open_link(&mut self, link: &Link) {
        self.out.push_str("<a href=\"");
        self.address(&link.href);
        self.out.push('"');
        let blank = link.target.as_deref() == Some("_blank");
        let rel = link.rel.as_deref().filter(|rel| !rel.is_empty()).or_else(|| blank.then_some("noopener"));
        let target = blank.then_some("_blank");
        for (name, value) in [(" title=\"", link.title.as_deref()), (" rel=\"", rel), (" target=\"", target)] {
            if let Some(value) = value {
                self.out.push_str(name);
                escape(self.out, value);
                self.out.push('"');
            }
        }
        self.out.push('>');
    }

    fn address(&mut self, url: &str) {
        // A document built in code and not parsed could hold anything; this is the last gate.
        if !super::is_safe_url(url) {
            return self.out.push('#');
        }
        if url.starts_with('/') && !url.starts_with("//") {
            self.out.push_str(self.options.base_url);
        }
        escape(self.out, url);
    }
}

/// Whether smaller copies of a file are made: not of drawings, and not of GIFs, which may move.
fn has_copies(src: &str) -> bool {
    let ending = src.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(ending.as_str(), "jpg" | "jpeg" | "png" | "webp")
}

const fn tag_of(mark: &Mark) -> Option<&'static str> {
    Some(match mark {
        Mark::Bold => "strong",
        Mark::Italic => "em",
        Mark::Strike => "s",
        Mark::Underline => "u",
        Mark::Code => "code",
        Mark::Superscript => "sup",
        Mark::Subscript => "sub",
        Mark::Link(_) => "a",
        Mark::Unknown(_) => return None,
    })
}
