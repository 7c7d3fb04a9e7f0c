//! Categories, tags and terms of imported taxonomies.

pub mod list;
pub mod edit;

use freehold_base::{Error, Page, PageSize, Result, SiteId, TermId};
use freehold_publishing::content::{Term, terms};
use freehold_store::Tx;
use serde::Serialize;

use super::ctx::Ctx;
use super::form::Form;

/// A taxonomy in words.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    /// As stored and in addresses: `category`.
    pub taxonomy: String,
    /// One of them: `category`.
    pub one: String,
    /// Many of them: `categories`.
    pub many: String,
    /// Whether its terms stand below each other.
    pub tree: bool,
}

impl Kind {
    fn of(taxonomy: &str) -> Self {
        let (one, many) = match taxonomy {
            "category" => ("category".to_owned(), "categories".to_owned()),
            "tag" => ("tag".to_owned(), "tags".to_owned()),
            other => (format!("term of {other}"), format!("terms of {other}")),
        };
        Self { taxonomy: taxonomy.to_owned(), one, many, tree: taxonomy != "tag" }
    }
    fn title(&self) -> String {
        let mut letters = self.many.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}

/// A choice of a select.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Choice {
    pub value: String,
    pub label: String,
}

/// What stands in the form of a term.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Typed {
    pub name: String,
    pub slug: String,
    pub description: String,
    pub parent: String,
    pub image: String,
    pub seo_title: String,
    pub seo_description: String,
}

impl Typed {
    fn of(form: &Form) -> Self {
        let text = |name: &str| form.get(name).to_owned();
        Self {
            name: text("name"),
            slug: text("slug"),
            description: text("description"),
            parent: text("parent"),
            image: text("image"),
            seo_title: text("seo_title"),
            seo_description: text("seo_description"),
        }
    }
}

/// Why fields were refused; empty where they were not.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct FieldErrors {
    pub name: String,
    pub slug: String,
    pub description: String,
    pub parent: String,
    pub image: String,
    pub seo_title: String,
    pub seo_description: String,
    pub into: String,
}

impl FieldErrors {
    fn of(e: Option<&Error>) -> Self {
        let at = |field| super::auth::error_at(e, field);
        Self {
            name: at("name"),
            slug: at("slug"),
            description: at("description"),
            parent: at("parent"),
            image: at("image"),
            seo_title: at("seo_title"),
            seo_description: at("seo_description"),
            into: at("into"),
        }
    }
}

impl Ctx {
    /// The taxonomy of this address: category, tag, or one that the site has terms of.
    async fn taxonomy(&self) -> Result<Kind> {
        let name = self.path.split('/').nth(5).unwrap_or_default().to_owned();
        if name == "category" || name == "tag" {
            return Ok(Kind::of(&name));
        }
        let (site, asked) = (self.site, name.clone());
        let one = Page { size: PageSize::new(1), after: None };
        let any = self.read(move |tx| terms::list(tx, site, Some(&asked), &one)).await?;
        if any.is_empty() { Err(Error::not_found("page")) } else { Ok(Kind::of(&name)) }
    }

    /// The term of this address.
    fn term_id(&self) -> Result<TermId> {
        self.path.split('/').nth(6).and_then(|id| id.parse().ok()).ok_or_else(|| Error::not_found("term"))
    }

    fn terms_href(&self, kind: &Kind) -> String {
        format!("{}/terms/{}", self.base(), kind.taxonomy)
    }
}

/// What a form of a term says.
fn input_of(form: &Form, before: Option<&Term>) -> terms::TermInput {
    // A short form (a new term in the list) says nothing of these.
    let told = |name: &str, old: fn(&Term) -> &String| match (form.has(name), before) {
        (false, Some(term)) => old(term).clone(),
        _ => form.get(name).to_owned(),
    };
    terms::TermInput {
        name: form.get("name").to_owned(),
        slug: form.get("slug").to_owned(),
        description: form.get("description").to_owned(),
        parent: TermId(form.number("parent")),
        image_id: if form.has("image") { form.number("image").max(0) } else { before.map_or(0, |t| t.image_id) },
        template: before.map(|t| t.template.clone()).unwrap_or_default(),
        seo_title: told("seo_title", |t| &t.seo_title),
        seo_description: told("seo_description", |t| &t.seo_description),
    }
}

/// Choices for the term above; none where terms do not nest or are too many.
fn parents(tx: &mut Tx<'_>, site: SiteId, kind: &Kind, but: Option<TermId>) -> Result<Vec<Choice>> {
    if !kind.tree {
        return Ok(Vec::new());
    }
    let mut choices = vec![Choice { value: String::new(), label: "None: at the top".into() }];
    let mut skipping = None;
    for (depth, term) in terms::tree(tx, site, &kind.taxonomy)?.unwrap_or_default() {
        // Neither itself nor what stands below it can be above it.
        if skipping.is_some_and(|limit| depth > limit) {
            continue;
        }
        skipping = (Some(term.id) == but).then_some(depth);
        if skipping.is_none() {
            let label = format!("{}{}", "\u{2014} ".repeat(depth), term.name);
            choices.push(Choice { value: term.id.to_string(), label });
        }
    }
    Ok(choices)
}

/// `3 posts`
fn posts(count: i64) -> String {
    match count {
        1 => "1 post".into(),
        n => format!("{n} posts"),
    }
}
