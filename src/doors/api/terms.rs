//! Terms: categories, tags and others.

use actix_web::web::Payload;
use freehold_base::{Code, Cursor, Error, TermId};
use freehold_publishing::content::{Term, terms};
use serde::Deserialize;
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::strict;
use super::views::TermView;

/// Parameters of the list.
pub const QUERY: &[&str] = &["taxonomy", "q", "limit", "after", "fields"];

/// A term to make or change. What is not named stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TermInput {
    /// `category` or `tag`. Only when it is made.
    pub taxonomy: Option<String>,
    /// Name, at most 100 characters.
    pub name: Option<String>,
    /// Last part of its address; empty: made from the name.
    pub slug: Option<String>,
    /// A few words about it.
    pub description: Option<String>,
    /// Term above it; 0 for none.
    pub parent: Option<i64>,
    /// Image; 0 for none.
    pub image: Option<i64>,
    /// Template of the theme.
    pub template: Option<String>,
    /// Title for search engines.
    pub seo_title: Option<String>,
    /// Description for search engines.
    pub seo_description: Option<String>,
}

impl TermInput {
    /// As the service takes it, on top of what there is.
    fn over(self, before: Option<&Term>) -> terms::TermInput {
        let old = |f: fn(&Term) -> &String| before.map(f).cloned().unwrap_or_default();
        terms::TermInput {
            name: self.name.unwrap_or_else(|| old(|t| &t.name)),
            slug: self.slug.unwrap_or_else(|| old(|t| &t.slug)),
            description: self.description.unwrap_or_else(|| old(|t| &t.description)),
            parent: self.parent.map_or_else(|| before.map_or(TermId(0), |t| t.parent_id), TermId),
            image_id: self.image.unwrap_or_else(|| before.map_or(0, |t| t.image_id)),
            template: self.template.unwrap_or_else(|| old(|t| &t.template)),
            seo_title: self.seo_title.unwrap_or_else(|| old(|t| &t.seo_title)),
            seo_description: self.seo_description.unwrap_or_else(|| old(|t| &t.seo_description)),
        }
    }
}

/// A term into which another one goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeInput {
    /// The term that stays.
    pub into: i64,
}

/// A page of terms by name.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let (site, taxonomy) = (ctx.site, query.get("taxonomy").map(str::to_owned));
    let words = query.get("q").map(str::to_owned);
    let rows = ctx
        .read(move |tx| match words {
            Some(words) => {
                let taxonomy = taxonomy.ok_or_else(|| Error::invalid("taxonomy", Code::Required, ""))?;
                terms::search(tx, site, &taxonomy, &words, &page)
            }
            None => terms::list(tx, site, taxonomy.as_deref(), &page),
        })
        .await?;
    let origin = ctx.origin();
    let cursor = |t: &Term| Cursor { key: t.name.clone(), id: t.id.get() };
    let list = List::of(rows, limit, cursor, |t| TermView::new(t, &origin));
    Ok(ok(&list, query.get("fields"))?)
}

/// One term.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<TermId>("id", "term")?);
    let term = ctx.read(move |tx| terms::find(tx, site, id)).await?;
    Ok(ok(&TermView::new(term, &ctx.origin()), None)?)
}

/// Makes a term; a name that exists answers with the term that has it (row TX04).
pub async fn create(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: TermInput = strict::read(&ctx.body(payload).await?)?;
    let taxonomy = match input.taxonomy.as_deref() {
        Some(known @ ("category" | "tag")) => known.to_owned(),
        Some(_) => return Err(Error::invalid("taxonomy", Code::NotAllowed, "category, tag").into()),
        None => return Err(Error::invalid("taxonomy", Code::Required, "").into()),
    };
    let (site, input) = (ctx.site, input.over(None));
    let (term, new) = ctx
        .write(move |tx| {
            let (id, new) = terms::add_or_find(tx, site, &taxonomy, &input)?;
            Ok((terms::find(tx, site, id)?, new))
        })
        .await?;
    let location = format!("/api/v1/sites/{site}/terms/{}", term.id);
    let view = TermView::new(term, &ctx.origin());
    Ok(if new { created(&view, &location)? } else { ok(&view, None)? })
}

/// Changes a term.
pub async fn update(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<TermId>("id", "term")?);
    let input: TermInput = strict::read(&ctx.body(payload).await?)?;
    if input.taxonomy.is_some() {
        return Err(Error::invalid("taxonomy", Code::NotAllowed, "only where a term is made").into());
    }
    let before = ctx.read(move |tx| terms::find(tx, site, id)).await?;
    let wanted = input.over(Some(&before));
    let term = ctx.write(move |tx| terms::update(tx, site, id, &wanted)).await?;
    Ok(ok(&TermView::new(term, &ctx.origin()), None)?)
}

/// Deletes a term; entries lose it.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<TermId>("id", "term")?);
    ctx.write(move |tx| terms::delete(tx, site, id)).await?;
    Ok(done())
}

/// Gives everything of a term to another one.
pub async fn merge(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<TermId>("id", "term")?);
    let MergeInput { into } = strict::read(&ctx.body(payload).await?)?;
    let term = ctx
        .write(move |tx| {
            terms::merge(tx, site, id, TermId(into))?;
            terms::find(tx, site, TermId(into))
        })
        .await?;
    Ok(ok(&TermView::new(term, &ctx.origin()), None)?)
}
