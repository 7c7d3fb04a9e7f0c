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
use crate::panel::refused::{Confirm, Sent, confirm};
use crate::panel::several::{self, Pressed, Refused, joined};

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
    refused: Refused,
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
    page(&ctx, 200, &kind, Typed::default(), None, Refused::default()).await
}

async fn page(ctx: &Ctx, status: u16, kind: &Kind, typed: Typed, e: Option<&Error>, refused: Refused) -> Reply {
    let (app, site, query) = (ctx.app.clone(), ctx.site, ctx.param("q").unwrap_or_default());
    let place = |name| ctx.param(name).and_then(|a| Cursor::decode(&a));
    let (after, before) = (place("after"), place("before"));
    let (asked, words) = (kind.clone(), query.clone());
    let (origin, found, choices) = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            Ok((origin, read(tx, site, &asked, &words, after, before)?, parents(tx, site, &asked, None)?))
        })
        .await?;
    let here = ctx.terms_href(kind);
    let filtered = !query.trim().is_empty();
    let at = |name: &str, cursor: &Cursor| {
        let mut next = form_urlencoded::Serializer::new(String::new());
        if filtered {
            next.append_pair("q", &query);
        }
        format!("{here}?{}", next.append_pair(name, &cursor.encode()).finish())
    };
    let shown = found.terms.len();
    let view = ListView {
        title: kind.title(),
        one: kind.one.clone(),
        many: kind.many.clone(),
        tree: kind.tree,
        next: found.next.as_ref().map(|c| at("after", c)).unwrap_or_default(),
        prev: found.prev.as_ref().map(|c| at("before", c)).unwrap_or_default(),
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
        refused,
    };
    if ctx.part {
        return Ok(ctx.part("terms/list.html", "list", &view)?);
    }
    let frame = ctx.frame(&kind.title(), vec![crumb(&kind.title(), None)]).await?;
    Ok(ctx.page(status, "terms/list.html", &frame, &view)?)
}

struct Found {
    terms: Vec<(usize, Term)>,
    next: Option<Cursor>,
    prev: Option<Cursor>,
}

/// A tree where the terms nest and are few enough; else a list, page by page.
fn read(
    tx: &mut Tx<'_>,
    site: SiteId,
    kind: &Kind,
    words: &str,
    after: Option<Cursor>,
    before: Option<Cursor>,
) -> Result<Found> {
    let (back, began) = (before.is_some(), after.is_some() || before.is_some());
    if kind.tree
        && words.trim().is_empty()
        && !began
        && let Some(terms) = terms::tree(tx, site, &kind.taxonomy)?
    {
        return Ok(Found { terms, next: None, prev: None });
    }
    let page = Page { size: PageSize::new(ROWS + 1), after: before.or(after) };
    let mut list = terms::look(tx, site, &kind.taxonomy, words, &page, back)?;
    let more = list.len() > usize::from(ROWS);
    list.truncate(usize::from(ROWS));
    if back {
        list.reverse();
    }
    let key = |t: &Term| Cursor { key: t.name.clone(), id: t.id.get() };
    let next = list.last().filter(|_| back || more).map(key);
    let prev = list.first().filter(|_| if back { more } else { began }).map(key);
    Ok(Found { terms: list.into_iter().map(|t| (0, t)).collect(), next, prev })
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
        Err(e @ Error::Invalid(_)) => {
            page(&ctx, e.status(), &kind, Typed::of(&form), Some(&e), Refused::default()).await
        }
        Err(e) => Err(e.into()),
    }
}

fn one(tx: &mut Tx<'_>, site: SiteId, id: i64, _: &str) -> Result<()> {
    terms::delete(tx, site, TermId(id))
}

/// Deletes several; asks first. Those that are refused are named.
pub async fn bulk(ctx: Ctx, form: Form) -> Reply {
    let kind = ctx.taxonomy().await?;
    let here = ctx.terms_href(&kind);
    let pressed = Pressed::of(&ctx, &form);
    if pressed.act != "delete" {
        return Err(Error::invalid("do", Code::NotAllowed, "delete").into());
    }
    if pressed.ids.is_empty() {
        return Ok(ctx.go(&here));
    }
    if !pressed.sure {
        let (site, ids) = (ctx.site, pressed.ids.clone());
        let names = ctx
            .read(move |tx| {
                let few = ids.into_iter().take(20);
                few.map(|id| terms::find(tx, site, TermId(id)).map(|t| t.name)).collect::<Result<Vec<_>>>()
            })
            .await?;
        let mut fields: Vec<Sent> = pressed.ids.iter().map(|id| Sent::new("ids", id)).collect();
        fields.extend([Sent::new("do", "delete"), Sent::new("sure", 1)]);
        let view = Confirm {
            title: format!("Delete {} {}?", pressed.ids.len(), if pressed.ids.len() == 1 { &kind.one } else { &kind.many }),
            text: "Posts lose them and stay as they are otherwise. Their addresses answer “not found”. This cannot be undone.".into(),
            items: names,
            keep: "Keep them",
            back: here,
            label: "Delete".into(),
            action: ctx.path.clone(),
            fields,
        };
        return confirm(&ctx, &view).await;
    }
    let outcome = several::each(&ctx, &pressed, one).await?;
    if outcome.refused.is_empty() {
        return Ok(ctx.go(&format!("{here}?done=deleted&ids={}", joined(&outcome.done))));
    }
    let refused = Refused::of(&outcome, |id| format!("Number {id}"));
    let status = if outcome.done.is_empty() { 409 } else { 200 };
    page(&ctx, status, &kind, Typed::default(), None, refused).await
}
