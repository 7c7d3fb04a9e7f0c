//! What each element of HTML becomes.

use super::super::dom::{Data, Id};
use super::super::escape::escape;
use super::super::{Align, File, Image, Kind, Mark, Node, embed, is_safe_url};
use super::flow::{Flow, MAX_NEST};
use super::line::{Builder, Spaces};

impl Flow<'_> {
    pub(super) fn element(&self, id: Id, out: &mut Builder, depth: usize) {
        let name = self.dom.name(id);
        match name {
            "script" | "style" | "template" | "head" | "title" | "meta" | "link" | "svg" | "noframes" => {}
            "br" => out.line_break(),
            "b" | "strong" => self.marked(Mark::Bold, id, out, depth),
            "i" | "em" | "cite" | "dfn" | "var" => self.marked(Mark::Italic, id, out, depth),
            "s" | "strike" | "del" => self.marked(Mark::Strike, id, out, depth),
            "u" | "ins" => self.marked(Mark::Underline, id, out, depth),
            "code" | "kbd" | "samp" | "tt" => self.marked(Mark::Code, id, out, depth),
            "sup" => self.marked(Mark::Superscript, id, out, depth),
            "sub" => self.marked(Mark::Subscript, id, out, depth),
            "a" => self.link(id, out, depth),
            "img" => self.image(id, out),
            "hr" => out.block(Node::leaf(Kind::HorizontalRule)),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(id, name, out, depth),
            "ul" | "ol" | "menu" | "dir" if depth < MAX_NEST => out.block(self.list(id, out.spaces, depth)),
            "blockquote" if depth < MAX_NEST => {
                let content = self.inside(id, out.spaces, depth + 1);
                if !content.is_empty() {
                    out.block(Node::new(Kind::Blockquote, content));
                }
            }
            "pre" => self.pre(id, out, depth),
            "table" if depth < MAX_NEST => self.table(id, out, depth),
            "figure" => self.figure(id, out, depth),
            "iframe" | "embed" | "object" => self.frame(id, out, depth),
            "video" | "audio" | "details" => self.as_html(id, out),
            "div" if self.dom.has_class(id, "wp-block-file") => self.file(id, out, depth),
            "dt" => {
                out.end_line();
                self.marked(Mark::Bold, id, out, depth);
                out.end_line();
            }
            _ if is_block(name) => {
                out.end_line();
                self.children(id, out, depth);
                out.end_line();
            }
            _ => self.children(id, out, depth),
        }
    }

    fn heading(&self, id: Id, name: &str, out: &mut Builder, depth: usize) {
        let level = name.trim_start_matches('h').parse().unwrap_or(2);
        let (mut line, mut after) = (Vec::new(), Vec::new());
        for block in self.inside(id, Spaces::Join, depth + 1) {
            if matches!(block.kind, Kind::Paragraph) {
                if !line.is_empty() {
                    line.push(Node::leaf(Kind::HardBreak));
                }
                line.extend(block.content);
            } else {
                after.push(block);
            }
        }
        if !line.is_empty() {
            out.block(Node::new(Kind::Heading(level), line));
        }
        out.blocks(after);
    }

    fn list(&self, id: Id, spaces: Spaces, depth: usize) -> Node {
        let start = self.dom.attr(id, "start").and_then(|start| start.parse().ok());
        let kind = if self.dom.name(id) == "ol" { Kind::OrderedList(start) } else { Kind::BulletList };
        let mut items: Vec<Node> = Vec::new();
        for child in self.dom.children(id) {
            if self.dom.name(*child) == "li" {
                items.push(Node::new(Kind::ListItem, self.inside(*child, spaces, depth + 2)));
                continue;
            }
            // A list right in a list belongs to the item before it; anything else is an item of its own.
            let mut stray = Builder::new(spaces);
            self.node(*child, &mut stray, depth + 2);
            let blocks = stray.finish();
            match items.last_mut() {
                _ if blocks.is_empty() => {}
                Some(item) => item.content.extend(blocks),
                None => items.push(Node::new(Kind::ListItem, blocks)),
            }
        }
        for item in items.iter_mut().filter(|item| item.content.is_empty()) {
            item.content.push(Node::leaf(Kind::Paragraph));
        }
        Node::new(kind, items)
    }

    fn pre(&self, id: Id, out: &mut Builder, depth: usize) {
        if self.dom.has_class(id, "wp-block-verse") || self.dom.has_class(id, "wp-block-preformatted") {
            return out.blocks(self.inside(id, Spaces::Keep, depth));
        }
        let code = self.dom.find(id, "code");
        let classes = self.dom.classes(id).chain(code.into_iter().flat_map(|code| self.dom.classes(code)));
        let language = classes
            .filter_map(|class| class.strip_prefix("language-").or_else(|| class.strip_prefix("lang-")))
            .find(|language| language.len() <= 40)
            .map(Into::into);
        let text = self.dom.text(id);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        if !text.trim().is_empty() {
            out.block(Node::new(Kind::CodeBlock(language), vec![Node::text(text, Vec::new())]));
        }
    }

    fn image(&self, id: Id, out: &mut Builder) {
        let attr = |name| self.dom.attr(id, name);
        let alt = attr("alt").map(str::to_owned);
        if self.dom.has_class(id, "wp-smiley") || self.dom.has_class(id, "emoji") {
            return out.text(&alt.unwrap_or_default(), &self.marks.borrow());
        }
        // Lazy-loading plugins put a placeholder into src and the address beside it.
        let known = [attr("src"), attr("data-src"), attr("data-lazy-src"), attr("data-original")];
        let src = known.into_iter().flatten().map(str::trim).find(|src| !src.is_empty() && is_safe_url(src));
        let Some(src) = src else { return };
        let numbered = self.dom.classes(id).find_map(|class| class.strip_prefix("wp-image-")?.parse().ok());
        let image = Image {
            media_id: self.block_number("id").or(numbered),
            src: src.to_owned(),
            alt,
            caption: None,
            width: attr("width").and_then(|width| width.parse().ok()),
            height: attr("height").and_then(|height| height.parse().ok()),
            align: self.align(id),
        };
        let mut node = Node::leaf(Kind::Image(Box::new(image)));
        node.marks = self.marks.borrow().iter().filter(|mark| matches!(mark, Mark::Link(_))).cloned().collect();
        out.block(node);
    }

    fn align(&self, id: Id) -> Option<Align> {
        let by_class = self.dom.classes(id).find_map(|class| Align::parse(class.strip_prefix("align")?));
        by_class.or_else(|| self.dom.attr(id, "align").and_then(Align::parse))
    }

    /// Images with captions, galleries, embeds; any other figure is its content and its caption.
    fn figure(&self, id: Id, out: &mut Builder, depth: usize) {
        let (mut inner, mut caption) = (Builder::new(Spaces::Join), Builder::new(Spaces::Join));
        for child in self.dom.children(id) {
            if self.dom.name(*child) == "figcaption" {
                self.children(*child, &mut caption, depth);
            } else {
                self.node(*child, &mut inner, depth);
            }
        }
        let (mut blocks, caption) = (inner.finish(), caption.finish());
        if self.dom.classes(id).any(|class| class.starts_with("wp-block-gallery")) {
            out.blocks(self.gallery(id, blocks));
            return out.blocks(caption);
        }
        if self.dom.classes(id).any(|class| class.starts_with("wp-block-embed")) {
            blocks = embedded(blocks);
        }
        match &mut blocks[..] {
            [Node { kind: Kind::Image(image), .. }] => {
                image.align = image.align.or_else(|| self.align(id));
                let text = Node::new(Kind::Paragraph, Vec::new());
                let text = caption.iter().fold(text, |mut all, block| {
                    all.content.extend(block.content.iter().cloned());
                    all
                });
                let text = super::super::outline::text_of(&text);
                image.caption = Some(text).filter(|text| !text.is_empty());
                out.blocks(blocks);
            }
            _ => {
                out.blocks(blocks);
                out.blocks(caption);
            }
        }
    }

    fn gallery(&self, id: Id, blocks: Vec<Node>) -> Vec<Node> {
        let (mut images, mut rest) = (Vec::new(), Vec::new());
        let mut open = blocks;
        // Older galleries are lists of figures.
        while !open.is_empty() {
            let mut below = Vec::new();
            for mut block in open {
                match block.kind {
                    Kind::Image(_) => images.push(block),
                    Kind::BulletList | Kind::ListItem => below.append(&mut block.content),
                    Kind::Paragraph if block.content.is_empty() => {}
                    _ => rest.push(block),
                }
            }
            open = below;
        }
        let columns = self.dom.classes(id).find_map(|class| class.strip_prefix("columns-")?.parse().ok());
        let mut list = vec![Node::new(Kind::Gallery(columns), images)];
        list.append(&mut rest);
        list
    }

    fn frame(&self, id: Id, out: &mut Builder, depth: usize) {
        let src = ["src", "data-src", "data"].into_iter().find_map(|name| self.dom.attr(id, name));
        let url = src.map(str::trim).filter(|src| !src.is_empty() && is_safe_url(src));
        match url.filter(|url| url.starts_with("http") || url.starts_with("//")) {
            Some(url) => {
                let url = if url.starts_with("//") { format!("https:{url}") } else { url.to_owned() };
                let provider = embed::find(&url).map(|found| found.provider.into());
                out.block(Node::leaf(Kind::Embed { url: url.into(), provider }));
            }
            None if self.dom.name(id) != "iframe" => self.children(id, out, depth),
            None => {}
        }
    }

    fn file(&self, id: Id, out: &mut Builder, depth: usize) {
        let media_id = self.block_number("id");
        let link = self.dom.find(id, "a");
        match link.and_then(|link| Some((link, self.dom.attr(link, "href").filter(|href| is_safe_url(href))?))) {
            Some((link, href)) => {
                let name = Some(self.dom.text(link).trim().to_owned()).filter(|name| !name.is_empty());
                out.block(Node::leaf(Kind::File(Box::new(File { media_id, src: href.to_owned(), name, bytes: None }))));
            }
            None => self.children(id, out, depth),
        }
    }

    /// Keeps an element as a block of HTML. Players without an address say nothing and become their text.
    fn as_html(&self, id: Id, out: &mut Builder) {
        let mut source = String::new();
        self.write(id, &mut source);
        out.block(Node::leaf(Kind::Html { source: source.into(), raw: false }));
    }

    fn write(&self, id: Id, out: &mut String) {
        enum Step<'a> {
            Open(Id),
            Close(&'a str),
        }
        let mut steps = vec![Step::Open(id)];
        while let Some(step) = steps.pop() {
            let id = match step {
                Step::Open(id) => id,
                Step::Close(name) => {
                    out.push_str("</");
                    out.push_str(name);
                    out.push('>');
                    continue;
                }
            };
            match self.dom.data(id) {
                Data::Text(text) => escape(out, text),
                Data::Element(name, attrs) => {
                    if matches!(&*name.local, "script" | "style" | "template") {
                        continue;
                    }
                    out.push('<');
                    out.push_str(&name.local);
                    for attr in attrs {
                        out.push(' ');
                        out.push_str(&attr.name.local);
                        out.push_str("=\"");
                        escape(out, &attr.value);
                        out.push('"');
                    }
                    out.push('>');
                    if !matches!(&*name.local, "img" | "br" | "hr" | "source" | "track" | "input" | "wbr" | "col") {
                        steps.push(Step::Close(self.dom.name(id)));
                    }
                }
                Data::Root | Data::Comment(_) => {}
            }
            steps.extend(self.dom.children(id).iter().rev().map(|child| Step::Open(*child)));
        }
    }
}

/// The content of an embed block: its address as text.
fn embedded(blocks: Vec<Node>) -> Vec<Node> {
    let [Node { kind: Kind::Paragraph, content, .. }] = &blocks[..] else { return blocks };
    let [Node { kind: Kind::Text(text), .. }] = &content[..] else { return blocks };
    if !text.starts_with("http") || text.contains(' ') || !is_safe_url(text) {
        return blocks;
    }
    let provider = embed::find(text).map(|found| found.provider.into());
    vec![Node::leaf(Kind::Embed { url: text.as_str().into(), provider })]
}

/// Elements that end the line before and after them.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "main"
            | "aside"
            | "nav"
            | "address"
            | "center"
            | "form"
            | "fieldset"
            | "legend"
            | "hgroup"
            | "dl"
            | "dd"
            | "li"
            | "ul"
            | "ol"
            | "blockquote"
            | "table"
            | "tbody"
            | "thead"
            | "tfoot"
            | "tr"
            | "td"
            | "th"
            | "caption"
            | "summary"
            | "option"
            | "select"
            | "textarea"
            | "noscript"
            | "body"
            | "html"
            | "figcaption"
            | "search"
            | "dialog"
    )
}
