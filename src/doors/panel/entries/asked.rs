//! What the address of a list asks for.

use freehold_base::{Result, SiteId, Timestamp, UserId};
use freehold_publishing::content::{self, Filter, Sort};
use freehold_store::Tx;

use super::Noun;
use super::list_view::Pair;
use crate::panel::build_frame::Moment;
use crate::panel::ctx::Ctx;

/// What the query asks for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) noun: Noun,
    pub(super) status: String,
    pub(super) text: String,
    pub(super) author: String,
    pub(super) category: String,
    pub(super) tag: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) sort: String,
    pub(super) rows: String,
    pub(super) after: String,
    pub(super) before: String,
    /// How many rows stand before this page.
    pub(super) at: i64,
    pub(super) editing: bool,
}

/// Entries that somebody writes in now: id and name.
pub(super) type Editing = Vec<(i64, String)>;

/// Rows of a page that people choose from, the usual one first.
pub(super) const SIZES: [u16; 4] = [20, 10, 50, 100];
/// Places of an address that begin anew when anything else of it changes.
const PLACES: [&str; 3] = ["after", "before", "at"];

impl Asked {
    pub(super) fn of(ctx: &Ctx) -> Self {
        let p = |name| ctx.param(name).map(|text| text.chars().take(200).collect::<String>()).unwrap_or_default();
        Self {
            noun: ctx.noun(),
            status: p("status"),
            text: p("q"),
            author: p("author"),
            category: p("category"),
            tag: p("tag"),
            from: p("from"),
            to: p("to"),
            sort: p("sort"),
            rows: p("rows"),
            after: ctx.param("after").unwrap_or_default(),
            before: ctx.param("before").unwrap_or_default(),
            at: p("at").parse().unwrap_or(0),
            editing: ctx.param("editing").is_some(),
        }
    }
    pub(super) fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("status", self.status.as_str()),
            ("q", &self.text),
            ("author", &self.author),
            ("category", &self.category),
            ("tag", &self.tag),
            ("from", &self.from),
            ("to", &self.to),
            ("sort", &self.sort),
            ("rows", &self.rows),
            ("editing", if self.editing { "1" } else { "" }),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
    /// The list as it is, without a place in it.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs());
        query.finish()
    }
    /// The address of this list with some things different.
    pub(super) fn with(&self, base: &str, changed: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let kept = self.pairs().into_iter().filter(|(name, _)| changed.iter().all(|(n, _)| n != name));
        query.extend_pairs(kept);
        query.extend_pairs(changed.iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        let question = if query.is_empty() { "" } else { "?" };
        format!("{base}/{}{question}{query}", self.noun.plural)
    }
    pub(super) fn href(&self, base: &str, name: &str, value: &str) -> String {
        self.with(base, &[(name, value)])
    }
    /// What hidden fields keep beside those that a form shows.
    pub(super) fn keep(&self, but: &[&str]) -> Vec<Pair> {
        let kept = self.pairs().into_iter().filter(|(name, _)| !but.contains(name) && !PLACES.contains(name));
        kept.map(|(name, value)| Pair { name, value: value.to_owned() }).collect()
    }
    pub(super) fn size(&self) -> u16 {
        self.rows.parse().ok().filter(|n| SIZES.contains(n)).unwrap_or(SIZES[0])
    }
    pub(super) fn sort(&self) -> Sort {
        match self.sort.as_str() {
            "title" => Sort::Title,
            "-title" => Sort::TitleDown,
            "author" => Sort::Author,
            "-author" => Sort::AuthorDown,
            "updated" => Sort::UpdatedUp,
            "published" => Sort::Published,
            _ => Sort::Updated,
        }
    }
    pub(super) fn is_filtered(&self) -> bool {
        let all = [&self.text, &self.author, &self.category, &self.tag, &self.from, &self.to];
        self.editing || all.iter().any(|text| !text.is_empty())
    }
    /// What the database is asked for.
    pub(super) fn filter(&self, tx: &mut Tx<'_>, site: SiteId, now: Moment, editing: &Editing) -> Result<Filter> {
        let mut ids = self.editing.then(|| editing.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        let mut also = None;
        if !self.tag.is_empty() {
            match content::terms::find_by_name(tx, site, "tag", &self.tag)? {
                Some(tag) => also = Some(tag.id.get()),
                None => ids = Some(Vec::new()),
            }
        }
        let (from, to) = (now.day(&self.from), now.day(&self.to));
        let day = 24 * 3600 * 1000;
        let updated = (from.is_some() || to.is_some())
            .then(|| (from.unwrap_or(Timestamp(0)), to.map_or(Timestamp(i64::MAX), |to| Timestamp(to.ms() + day))));
        Ok(Filter {
            ids,
            kind: Some(self.noun.kind.into()),
            status: (!self.status.is_empty()).then(|| self.status.clone()),
            author: self.author.parse().ok().map(UserId),
            term: self.category.parse().ok(),
            also,
            updated,
            ..Default::default()
        })
    }
}
