//! One term: change, merge, delete.

use freehold_base::{Code, Error, Page, PageSize, Result, SiteId, TermId};
use freehold_publishing::content::{Term, terms};
use freehold_publishing::library;
use freehold_store::Tx;
use serde::Serialize;

use super::{Choice, FieldErrors, Kind, Typed, input_of, parents, posts};
use crate::panel::auth::{FieldText, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::refused::{Confirm, Sent, confirm};

/// Pictures that are offered.
const PICTURES: u16 = 100;
/// Most terms that a select offers to merge into; beyond, the name is typed.
const OFFERED: usize = 300;

#[derive(Serialize)]
struct EditView {
    title: String,
    one: String,
    tree: bool,
    list_href: String,
    action: String,
    typed: Typed,
    parents: Vec<Choice>,
    images: Vec<Choice>,
    errors: Vec<FieldText>,
    field_errors: FieldErrors,
    posts: String,
    posts_href: String,
    view_href: String,
    address: String,
    slug_prefix: String,
    merge_action: String,
    merge_choices: Vec<Choice>,
    merge_typed: String,
    delete_action: String,
    delete_text: String,
}

/// What deleting a term does, in words.
pub(super) fn what_goes(kind: &Kind, term: &Term) -> String {
    let first = match term.entry_count {
        0 => "No post has it.".to_owned(),
        1 => format!("1 post loses this {} and stays as it is otherwise.", kind.one),
        n => format!("{n} posts lose this {} and stay as they are otherwise.", kind.one),
    };
    let below = if kind.tree { " What stands below it moves up." } else { "" };
    format!("{first}{below} Its address {} answers \u{201c}not found\u{201d}.", term.path)
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let (kind, term) = open(&ctx).await?;
    let typed = Typed {
        name: term.name.clone(),
        slug: term.slug.clone(),
        description: term.description.clone(),
        image: Some(term.image_id).filter(|id| *id > 0).map(|id| id.to_string()).unwrap_or_default(),
        seo_title: term.seo_title.clone(),
        seo_description: term.seo_description.clone(),
        parent: Some(term.parent_id).filter(|p| *p != TermId(0)).map(|p| p.to_string()).unwrap_or_default(),
    };
    page(&ctx, 200, &kind, &term, typed, "", None).await
}

/// The term of the address; one of another taxonomy is not there.
async fn open(ctx: &Ctx) -> Result<(Kind, Term)> {
    let kind = ctx.taxonomy().await?;
    let (site, id) = (ctx.site, ctx.term_id()?);
    let term = ctx.read(move |tx| terms::find(tx, site, id)).await?;
    if term.taxonomy == kind.taxonomy { Ok((kind, term)) } else { Err(Error::not_found("term")) }
}

async fn page(
    ctx: &Ctx,
    status: u16,
    kind: &Kind,
    term: &Term,
    typed: Typed,
    merge_typed: &str,
    e: Option<&Error>,
) -> Reply {
    let list = ctx.terms_href(kind);
    let crumbs = vec![crumb(&kind.title(), Some(list.clone())), crumb(&term.name, None)];
    let frame = ctx.frame(&term.name, crumbs).await?;
    let (app, site, id, asked) = (ctx.app.clone(), ctx.site, term.id, kind.clone());
    let chosen = term.image_id;
    let (origin, above, others, images) = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            let above = parents(tx, site, &asked, Some(id))?;
            Ok((origin, above, others(tx, site, &asked, id)?, images(tx, site, chosen)?))
        })
        .await?;
    let here = format!("{list}/{}", term.id);
    let category = kind.taxonomy == "category";
    let prefix = term.path.trim_end_matches('/').rsplit_once('/').map_or("", |(before, _)| before);
    let view = EditView {
        title: term.name.clone(),
        one: kind.one.clone(),
        tree: kind.tree,
        list_href: list,
        typed,
        parents: above,
        images,
        errors: e.map(field_texts).unwrap_or_default(),
        field_errors: FieldErrors::of(e),
        posts: posts(term.entry_count),
        posts_href: if category { format!("{}/posts?category={}", ctx.base(), term.id) } else { String::new() },
        view_href: format!("{origin}{}", term.path),
        address: term.path.clone(),
        slug_prefix: format!("{prefix}/"),
        merge_action: format!("{here}/merge"),
        merge_choices: others,
        merge_typed: merge_typed.to_owned(),
        delete_action: format!("{here}/delete"),
        delete_text: what_goes(kind, term),
        action: here,
    };
    Ok(ctx.page(status, "terms/edit.html", &frame, &view)?)
}

/// The newest pictures of the library, and the chosen one.
fn images(tx: &mut Tx<'_>, site: SiteId, chosen: i64) -> Result<Vec<Choice>> {
    let filter = library::Filter { family: Some("image".into()), ..Default::default() };
    let newest = library::list(tx, site, &filter, &Page { size: PageSize::new(PICTURES), after: None })?;
    let mut all = vec![Choice { value: String::new(), label: "None".into() }];
    if chosen > 0 && !newest.iter().any(|m| m.id.get() == chosen) {
        all.push(Choice { value: chosen.to_string(), label: format!("The present one (number {chosen})") });
    }
    all.extend(newest.into_iter().map(|m| {
        let label = if m.title.is_empty() { m.filename } else { m.title };
        Choice { value: m.id.to_string(), label }
    }));
    Ok(all)
}

/// The other terms, where they are few enough to choose from.
fn others(tx: &mut Tx<'_>, site: SiteId, kind: &Kind, but: TermId) -> Result<Vec<Choice>> {
    let all = terms::tree(tx, site, &kind.taxonomy)?.filter(|all| all.len() <= OFFERED).unwrap_or_default();
    let others = all.into_iter().filter(|(_, t)| t.id != but);
    Ok(others
        .map(|(depth, t)| {
            let label = format!("{}{} ({})", "\u{2014} ".repeat(depth), t.name, posts(t.entry_count));
            Choice { value: t.id.to_string(), label }
        })
        .collect())
}

/// Stores it.
pub async fn save(ctx: Ctx, form: Form) -> Reply {
    let (kind, term) = open(&ctx).await?;
    let (site, id, input) = (ctx.site, term.id, input_of(&form, Some(&term)));
    match ctx.write(move |tx| terms::update(tx, site, id, &input)).await {
        Ok(_) => Ok(ctx.go(&format!("{}/{id}?done=saved", ctx.terms_href(&kind)))),
        Err(e @ Error::Invalid(_)) => page(&ctx, e.status(), &kind, &term, Typed::of(&form), "", Some(&e)).await,
        Err(e) => Err(e.into()),
    }
}

/// Gives everything of it to another one; asks first.
pub async fn merge(ctx: Ctx, form: Form) -> Reply {
    let (kind, term) = open(&ctx).await?;
    if !form.has("sure") && !form.get("into").trim().is_empty() {
        let view = Confirm {
            title: format!("Merge “{}”?", term.name),
            text: format!(
                "{} move over, with its addresses and lines in menus. This cannot be undone.",
                posts(term.entry_count)
            ),
            items: Vec::new(),
            keep: "Keep both",
            back: format!("{}/{}", ctx.terms_href(&kind), term.id),
            label: "Merge".into(),
            action: ctx.path.clone(),
            fields: vec![Sent::new("into", form.get("into")), Sent::new("by", form.get("by")), Sent::new("sure", 1)],
        };
        return confirm(&ctx, &view).await;
    }
    let (site, from, taxonomy) = (ctx.site, term.id, kind.taxonomy.clone());
    let wanted = form.get("into").to_owned();
    let by_name = form.get("by") == "name";
    let merged = ctx
        .write(move |tx| {
            let into = target(tx, site, &taxonomy, &wanted, by_name)?;
            terms::merge(tx, site, from, into)?;
            Ok(into)
        })
        .await;
    match merged {
        Ok(into) => Ok(ctx.go(&format!("{}/{into}?done=merged", ctx.terms_href(&kind)))),
        Err(e @ Error::Invalid(_)) => {
            let typed = Typed { name: term.name.clone(), slug: term.slug.clone(), ..Typed::default() };
            page(&ctx, e.status(), &kind, &term, typed, form.get("into"), Some(&e)).await
        }
        Err(e) => Err(e.into()),
    }
}

fn target(tx: &mut Tx<'_>, site: SiteId, taxonomy: &str, wanted: &str, by_name: bool) -> Result<TermId> {
    let unknown = || Error::invalid("into", Code::NotFound, "term of this name");
    if wanted.trim().is_empty() {
        return Err(Error::invalid("into", Code::Required, ""));
    }
    if by_name {
        return terms::find_by_name(tx, site, taxonomy, wanted)?.map(|t| t.id).ok_or_else(unknown);
    }
    wanted.parse().map_err(|_| unknown())
}

/// Deletes it; asks first.
pub async fn delete(ctx: Ctx, form: Form) -> Reply {
    let (kind, term) = open(&ctx).await?;
    if !form.has("sure") {
        let view = Confirm {
            title: format!("Delete “{}”?", term.name),
            text: what_goes(&kind, &term),
            items: Vec::new(),
            keep: "Keep it",
            back: ctx.terms_href(&kind),
            label: "Delete".into(),
            action: ctx.path.clone(),
            fields: vec![Sent::new("sure", 1)],
        };
        return confirm(&ctx, &view).await;
    }
    let site = ctx.site;
    ctx.write(move |tx| terms::delete(tx, site, term.id)).await?;
    Ok(ctx.go(&format!("{}?done=deleted", ctx.terms_href(&kind))))
}
