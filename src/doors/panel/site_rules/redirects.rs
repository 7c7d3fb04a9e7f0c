//! Redirects of a site: list, add, change, remove, bring in, take out.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Error, RedirectId, Result};
use freehold_platform::sites::rules::{self as service, Redirect, RedirectInput};
use freehold_store::Tx;
use serde::Serialize;

use super::{Choice, TryView, choices, trial};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::paging::range;

/// Rows on one page.
const ROWS: usize = 100;

#[derive(Serialize)]
struct RedirectsView {
    base: String,
    query: String,
    rows: Vec<Row>,
    summary: String,
    prev: String,
    next: String,
    total: usize,
    typed: Typed,
    /// The number of the redirect that is being changed; 0: a new one.
    editing: i64,
    hows: Vec<Choice>,
    statuses: Vec<Choice>,
    errors: Vec<FieldText>,
    source_error: String,
    target_error: String,
    csv: String,
    refused: Vec<Line>,
    r#try: TryView,
}

#[derive(Serialize)]
struct Row {
    id: i64,
    source: String,
    how: &'static str,
    target: String,
    status: &'static str,
    more: &'static str,
}

#[derive(Clone, Default, Serialize)]
struct Typed {
    how: String,
    source: String,
    target: String,
    status: String,
    keep_query: bool,
}

#[derive(Serialize)]
struct Line {
    number: usize,
    why: String,
}

/// What the page shows beside the list.
#[derive(Default)]
struct Shown<'a> {
    typed: Typed,
    editing: i64,
    error: Option<&'a Error>,
    csv: String,
    refused: Vec<(usize, String)>,
}

fn how_word(how: &str) -> &'static str {
    match how {
        "prefix" => "and everything below, ",
        "pattern" => "pattern, ",
        _ => "",
    }
}

fn status_word(status: i64) -> &'static str {
    match status {
        302 => "For now (302)",
        307 => "For now (307)",
        308 => "For good (308)",
        _ => "For good (301)",
    }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let mut shown = Shown { typed: Typed { keep_query: true, ..Default::default() }, ..Default::default() };
    if let Some(id) = ctx.param("edit").and_then(|id| id.parse::<i64>().ok()) {
        let site = ctx.site;
        let all = ctx.read(move |tx| service::redirects(tx, site)).await?;
        if let Some(row) = all.into_iter().find(|r| r.id.get() == id) {
            shown.editing = id;
            shown.typed = Typed {
                how: row.how,
                source: row.source,
                target: row.target,
                status: row.status.to_string(),
                keep_query: row.keep_query,
            };
        }
    }
    Ok(page(&ctx, 200, shown).await?)
}

async fn page(ctx: &Ctx, status: u16, shown: Shown<'_>) -> Result<HttpResponse> {
    let frame = ctx.frame("Redirects", vec![crumb("Redirects", None)]).await?;
    let site = ctx.site;
    let all = ctx.read(move |tx| service::redirects(tx, site)).await?;
    let query = ctx.param("q").unwrap_or_default();
    let from = ctx.param("from").and_then(|f| f.parse::<usize>().ok()).unwrap_or(0);
    let wanted = query.trim().to_lowercase();
    let fits = |r: &&Redirect| [&r.source, &r.target].iter().any(|text| text.to_lowercase().contains(&wanted));
    let total = all.len();
    let found: Vec<&Redirect> = all.iter().filter(fits).collect();
    let base = format!("{}/redirects", ctx.base());
    let words: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let at = |from: usize| format!("{base}?q={words}&from={from}");
    let row = |r: &&Redirect| Row {
        id: r.id.get(),
        source: r.source.clone(),
        how: how_word(&r.how),
        target: r.target.clone(),
        status: status_word(r.status),
        more: if r.keep_query { "" } else { "without what stands after ?" },
    };
    let rows: Vec<Row> = found.iter().skip(from).take(ROWS).map(row).collect();
    let view = RedirectsView {
        summary: range(i64::try_from(from).unwrap_or(0), rows.len(), i64::try_from(found.len()).unwrap_or(0)),
        prev: if from > 0 { at(from.saturating_sub(ROWS)) } else { String::new() },
        next: if from + rows.len() < found.len() { at(from + ROWS) } else { String::new() },
        rows,
        total,
        query,
        typed: shown.typed,
        editing: shown.editing,
        hows: choices(&[
            ("exact", "This address"),
            ("prefix", "This address and everything below it"),
            ("pattern", "Addresses that fit a pattern (regular expression)"),
        ]),
        statuses: choices(&[
            ("301", "For good (301)"),
            ("302", "For now (302)"),
            ("308", "For good, forms too (308)"),
            ("307", "For now, forms too (307)"),
        ]),
        errors: shown.error.map(field_texts).unwrap_or_default(),
        source_error: error_at(shown.error, "source"),
        target_error: error_at(shown.error, "target"),
        csv: shown.csv,
        refused: shown.refused.into_iter().map(|(number, why)| Line { number, why }).collect(),
        r#try: trial(ctx, "redirects").await?,
        base,
    };
    ctx.page(status, "rules/redirects.html", &frame, &view)
}

fn input(form: &Form) -> (RedirectInput, Typed) {
    let text = |name| form.get(name).to_owned();
    let keep_query = form.has("keep_query");
    let typed =
        Typed { how: text("how"), source: text("source"), target: text("target"), status: text("status"), keep_query };
    let status = form.number("status");
    (RedirectInput { how: text("how"), source: text("source"), target: text("target"), status, keep_query }, typed)
}

async fn put(ctx: &Ctx, id: Option<RedirectId>, input: RedirectInput) -> Result<RedirectId> {
    let site = ctx.site;
    let check = move |tx: &mut Tx<'_>| service::check_redirect(tx, site, id, &input);
    let checked = ctx.app.store.read_async(&ctx.actor, check).await?;
    ctx.write(move |tx| service::put_redirect(tx, &checked)).await
}

/// Adds a redirect.
pub async fn add(ctx: Ctx, form: Form) -> Reply {
    let (input, typed) = input(&form);
    match put(&ctx, None, input).await {
        Ok(_) => Ok(ctx.go(&format!("{}/redirects?done=added", ctx.base()))),
        Err(e @ Error::Invalid(_)) => {
            Ok(page(&ctx, 422, Shown { typed, error: Some(&e), ..Default::default() }).await?)
        }
        Err(e) => Err(e.into()),
    }
}

/// Changes or removes one.
pub async fn change(ctx: Ctx, path: Path<(i64, RedirectId)>, form: Form) -> Reply {
    let (site, id) = (ctx.site, path.1);
    if form.get("do") == "remove" {
        ctx.write(move |tx| service::remove_redirect(tx, site, id)).await?;
        return Ok(ctx.go(&format!("{}/redirects?done=removed", ctx.base())));
    }
    let (input, typed) = input(&form);
    match put(&ctx, Some(id), input).await {
        Ok(_) => Ok(ctx.go(&format!("{}/redirects?done=saved", ctx.base()))),
        Err(e @ Error::Invalid(_)) => {
            let shown = Shown { typed, editing: id.get(), error: Some(&e), ..Default::default() };
            Ok(page(&ctx, 422, shown).await?)
        }
        Err(e) => Err(e.into()),
    }
}

/// Brings redirects in.
pub async fn import(ctx: Ctx, form: Form) -> Reply {
    let (site, csv) = (ctx.site, form.get("csv").to_owned());
    let text = csv.clone();
    // Read where it may take its time: the list is compiled and walked through.
    let checked = ctx.app.store.read_async(&ctx.actor, move |tx| service::check_csv(tx, site, &text)).await?;
    let done = ctx.write(move |tx| service::put_csv(tx, &checked)).await?;
    if done.refused.is_empty() {
        return Ok(ctx.go(&format!("{}/redirects?done=imported", ctx.base())));
    }
    let typed = Typed { keep_query: true, ..Default::default() };
    Ok(page(&ctx, 422, Shown { typed, csv, refused: done.refused, ..Default::default() }).await?)
}

/// All redirects as a file.
pub async fn export(ctx: Ctx) -> Reply {
    let site = ctx.site;
    let text = ctx.read(move |tx| service::export_csv(tx, site)).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", "attachment; filename=\"redirects.csv\""))
        .insert_header(("cache-control", "no-store"))
        .body(text))
}
