//! Tables.

use super::super::dom::Id;
use super::super::{Kind, Node};
use super::flow::Flow;
use super::line::Builder;

impl Flow<'_> {
    /// A table; its caption becomes a paragraph before it, and whatever stands between rows follows it.
    pub(super) fn table(&self, id: Id, out: &mut Builder, depth: usize) {
        let mut rows = Vec::new();
        let mut strays = Builder::new(out.spaces);
        self.rows(id, out, &mut rows, &mut strays, depth);
        if !rows.is_empty() {
            out.block(Node::new(Kind::Table, rows));
        }
        out.blocks(strays.finish());
    }

    fn rows(&self, id: Id, out: &mut Builder, rows: &mut Vec<Node>, strays: &mut Builder, depth: usize) {
        for child in self.dom.children(id) {
            match self.dom.name(*child) {
                "thead" | "tbody" | "tfoot" => self.rows(*child, out, rows, strays, depth),
                "caption" => out.blocks(self.inside(*child, out.spaces, depth)),
                "colgroup" | "col" => {}
                "tr" => rows.extend(self.row(*child, strays, depth)),
                _ => self.node(*child, strays, depth),
            }
        }
    }

    fn row(&self, id: Id, strays: &mut Builder, depth: usize) -> Option<Node> {
        let mut cells = Vec::new();
        for child in self.dom.children(id) {
            let span = |name| {
                self.dom.attr(*child, name).and_then(|n| n.parse::<u16>().ok()).filter(|n| (2..=1000).contains(n))
            };
            let kind = match self.dom.name(*child) {
                "th" => Kind::TableHeader(span("colspan"), span("rowspan")),
                "td" => Kind::TableCell(span("colspan"), span("rowspan")),
                _ => {
                    self.node(*child, strays, depth);
                    continue;
                }
            };
            let mut content = self.inside(*child, strays.spaces, depth + 3);
            if content.is_empty() {
                content.push(Node::leaf(Kind::Paragraph));
            }
            cells.push(Node::new(kind, content));
        }
        (!cells.is_empty()).then(|| Node::new(Kind::TableRow, cells))
    }
}
