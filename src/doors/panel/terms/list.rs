//! The list of a taxonomy's terms, with a form for one more beside it.

use freehold_base::{Code, Cursor, Error, Page, PageSize, Result, SiteId, TermId};
use freehold_publishing::content::{Term, terms};
use freehold_store::Tx;
use serde::Serialize;

use super::{Choice, FieldErrors, Kind, Typed, input_of, parents, posts};
use crate::panel::auth::{FieldText, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

const ROWS: u16 = 50;

#[derive(Serialize)]
struct ListView {
    title: String,
    one: String,
    many: String,
    tree: bool,
    self_href: String,
    query: String,
    filtered: bool,
    rows: Vec<Row>,
    summary: String,
    prev: String,
    next: String,
    bulk_action: String,
    action: String,
    typed: Typed,
    parents: Vec<Choice>,
    errors: Vec<FieldText>,
    field_errors: FieldErrors,
}

#[derive(Serialize)]
struct Row {
    id: i64,
    depth: usize,
    name: String,
    href: String,
    path: String,
    description: String,
    posts: String,
    posts_href: String,
    view_href: String,
    delete_action: String,
    delete_text: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let kind = ctx.taxonomy().await?;
    page(&ctx, 200, &kind, Typed::default(), None).await
}

async fn page(ctx: &Ctx, status: u16, kind: &Kind, typed: Typed, e: Option<&Error>) -> Reply {
    let frame = ctx.frame(&kind.title(), vec![crumb(&kind.title(), None)]).await?;
    let (app, site, query) = (ctx.app.clone(), ctx.site, ctx.param("q").unwrap_or_default());
    let after = ctx.param("after").and_then(|a| Cursor::decode(&a));
    let paged = after.is_some();
    let (asked, words) = (kind.clone(), query.clone());
    let (origin, found, choices) = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            Ok((origin, read(tx, site, &asked, &words, after)?, parents(tx, site, &asked, None)?))
        })
        .await?;
    let here = ctx.terms_href(kind);
    let filtered = !query.trim().is_empty();
    let more = |cursor: &Cursor| {
        let mut next = form_urlencoded::Serializer::new(String::new());
        if filtered {
            next.append_pair("q", &query);
        }
        format!("{here}?{}", next.append_pair("after", &cursor.encode()).finish())
    };
    let shown = found.terms.len();
    let view = ListView {
        title: kind.title(),
        one: kind.one.clone(),
        many: kind.many.clone(),
        tree: kind.tree,
        next: found.next.as_ref().map(more).unwrap_or_default(),
        prev: if paged { here.clone() } else { String::new() },
        rows: found.terms.into_iter().map(|(depth, term)| row(ctx, kind, &origin, depth, term)).collect(),
        summary: if shown == 1 { format!("1 {}", kind.one) } else { format!("{shown} {}", kind.many) },
        bulk_action: format!("{here}/bulk"),
        action: here.clone(),
        self_href: here,
        query,
        filtered,
        typed,
        parents: choices,
        errors: e.map(field_texts).unwrap_or_default(),
        field_errors: FieldErrors::of(e),
    };
    Ok(ctx.page(status, "terms/list.html", &frame, &view)?)
}

struct Found {
    terms: Vec<(usize, Term)>,
    next: Option<Cursor>,
}

/// A tree where the terms nest and are few enough; else a list, page by page.
fn read(tx: &mut Tx<'_>, site: SiteId, kind: &Kind, words: &str, after: Option<Cursor>) -> Result<Found> {
    if kind.tree
        && words.trim().is_empty()
        && after.is_none()
        && let Some(terms) = terms::tree(tx, site, &kind.taxonomy)?
    {
        return Ok(Found { terms, next: None });
    }
    let page = Page { size: PageSize::new(ROWS + 1), after };
    let mut list = if words.trim().is_empty() {
        terms::list(tx, site, Some(&kind.taxonomy), &page)?
    } else {
        terms::search(tx, site, &kind.taxonomy, words, &page)?
    };
    let more = list.len() > usize::from(ROWS);
    list.truncate(usize::from(ROWS));
    let next = list.last().filter(|_| more).map(|t| Cursor { key: t.name.clone(), id: t.id.get() });
    Ok(Found { terms: list.into_iter().map(|t| (0, t)).collect(), next })
}

fn row(ctx: &Ctx, kind: &Kind, origin: &str, depth: usize, term: Term) -> Row {
    let href = format!("{}/{}", ctx.terms_href(kind), term.id);
    let category = kind.taxonomy == "category";
    Row {
        id: term.id.get(),
        depth: depth.min(3),
        posts: posts(term.entry_count),
        posts_href: if category { format!("{}/posts?category={}", ctx.base(), term.id) } else { String::new() },
        view_href: format!("{origin}{}", term.path),
        delete_action: format!("{href}/delete"),
        delete_text: super::edit::what_goes(kind, &term),
        href,
        name: term.name,
        path: term.path,
        description: term.description.lines().next().unwrap_or_default().chars().take(120).collect(),
    }
}

/// Adds one.
pub async fn add(ctx: Ctx, form: Form) -> Reply {
    let kind = ctx.taxonomy().await?;
    let (site, taxonomy, input) = (ctx.site, kind.taxonomy.clone(), input_of(&form, None));
    let added = ctx
        .write(move |tx| {
            let (id, new) = terms::add_or_find(tx, site, &taxonomy, &input)?;
            if new { Ok(id) } else { Err(Error::invalid("name", Code::AlreadyExists, input.name.trim().to_owned())) }
        })
        .await;
    match added {
        Ok(id) => Ok(ctx.go(&format!("{}?done=added#row-{id}", ctx.terms_href(&kind)))),
        Err(e @ Error::Invalid(_)) => page(&ctx, e.status(), &kind, Typed::of(&form), Some(&e)).await,
        Err(e) => Err(e.into()),
    }
}

/// Deletes several; all or none.
pub async fn bulk(ctx: Ctx, form: Form) -> Reply {
    let kind = ctx.taxonomy().await?;
    let here = ctx.terms_href(&kind);
    let ids: Vec<TermId> = form.all("ids").iter().filter_map(|id| id.parse().ok()).collect();
    if form.get("do") != "delete" {
        return Err(Error::invalid("do", Code::NotAllowed, "delete").into());
    }
    if ids.is_empty() {
        return Ok(ctx.go(&here));
    }
    let site = ctx.site;
    ctx.write(move |tx| ids.iter().try_for_each(|id| terms::delete(tx, site, *id))).await?;
    Ok(ctx.go(&format!("{here}?done=deleted")))
}
