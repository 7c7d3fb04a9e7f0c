//! Search: only what every visitor may read is found and counted (rows SE01, SE02, SE03).

use freehold_base::Result;
use freehold_store::entries as rows;
use freehold_store::search::{self, COUNTED, Order, Visitors};

use super::{Answer, Making, Part, marks};
use crate::document::Document;
use crate::themes::Question;
use crate::themes::context::Choice;

/// Content types that can be chosen.
const TYPES: [&str; 2] = ["post", "page"];

/// What is asked of a search beside its words.
#[derive(Clone, Copy)]
struct Form<'a> {
    words: &'a str,
    kind: Option<&'a str>,
    newest: bool,
}

impl Form<'_> {
    /// The address of a page of this form.
    fn address(self, number: u32) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("s", self.words);
        if let Some(kind) = self.kind {
            query.append_pair("type", kind);
        }
        if self.newest {
            query.append_pair("order", "newest");
        }
        if number > 1 {
            query.append_pair("page", &number.to_string());
        }
        format!("/?{}", query.finish())
    }

    fn choices(self) -> Vec<Choice> {
        let choice = |group: &str, key: String, form: Form<'_>, is_current| Choice {
            group: group.to_owned(),
            key,
            url: form.address(1),
            is_current,
        };
        let mut all = vec![
            choice("order", "by_relevance".into(), Form { newest: false, ..self }, !self.newest),
            choice("order", "newest_first".into(), Form { newest: true, ..self }, self.newest),
            choice("type", "type_all".into(), Form { kind: None, ..self }, self.kind.is_none()),
        ];
        all.extend(TYPES.iter().map(|kind| {
            choice("type", format!("type_{kind}"), Form { kind: Some(kind), ..self }, self.kind == Some(*kind))
        }));
        all
    }
}

impl Making<'_, '_> {
    pub(super) fn search(&mut self, text: &str) -> Result<Answer> {
        self.parts.push(Part::EntryList);
        let words = search::words_of(text);
        let size = u32::from(self.page_size());
        let most = u32::try_from(COUNTED).unwrap_or(0).div_ceil(size).max(1);
        let number = self.ask.page.unwrap_or(1).clamp(1, most);
        let form = Form {
            words: text,
            kind: self.ask.kind.filter(|kind| TYPES.contains(kind)),
            newest: self.ask.order == Some("newest"),
        };
        let wanted = Visitors {
            words: &words,
            kind: form.kind,
            order: if form.newest { Order::Newest } else { Order::Relevance },
            skip: i64::from((number - 1) * size),
            limit: i64::from(size),
        };
        let found = search::for_visitors(self.tx, self.scope, &wanted)?;
        let mut page = self.page("search", text);
        page.page.noindex = true;
        page.page.canonical = String::new();
        page.entries = self.found(&found.ids, &marks::folded(&words))?;
        if !words.is_empty() {
            page.page.choices = form.choices();
        }
        let pages = &mut page.page.pagination;
        pages.number = number;
        pages.total = u64::try_from(found.total).ok();
        pages.more = found.total >= COUNTED;
        if number > 1 {
            pages.newer = form.address(number - 1);
        }
        if i64::from(number * size) < found.total {
            pages.older = form.address(number + 1);
        }
        self.render(200, Question::Search, page)
    }

    /// What was found, in the order of its ids, with the words marked.
    fn found(&mut self, ids: &[i64], words: &[String]) -> Result<Vec<crate::themes::context::EntryView>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = rows::found(self.tx, self.scope, ids)?;
        found.sort_by_key(|((card, ..), _)| ids.iter().position(|id| *id == card.id.get()));
        let (cards, documents): (Vec<_>, Vec<String>) = found.into_iter().unzip();
        let mut shown = self.cards(&cards)?;
        for (entry, document) in shown.iter_mut().zip(&documents) {
            let text = Document::parse(document)?.to_plain();
            entry.found = Some((marks::marked(&entry.title, words), marks::passage(&text, words)));
        }
        Ok(shown)
    }
}
