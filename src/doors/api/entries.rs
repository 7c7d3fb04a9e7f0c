//! Entries: list, read, make, change, trash, restore, versions.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Payload;
use freehold_base::secret::hex;
use freehold_base::{Capability, Code, Cursor, EntryId, Error, Result, RevisionId};
use freehold_publishing::content::{self, Entry, Filter, Label, Sort, Target, lists, prepare, trash, versions};
use freehold_store::{Tx, done_requests};
use sha2::{Digest as _, Sha256};

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::entry_input::EntryInput;
use super::strict;
use super::views::{EntryCard, EntryView, VersionView};

/// Parameters of the list.
pub const QUERY: &[&str] =
    &["type", "status", "author", "parent", "term", "live", "q", "sort", "limit", "after", "fields"];

/// A page of entries.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let sort = match query.get("sort") {
        None | Some("-updated") => Sort::Updated,
        Some("updated") => Sort::UpdatedUp,
        Some("-published") => Sort::Published,
        Some("published") => Sort::Oldest,
        Some("title") => Sort::Title,
        Some("-title") => Sort::TitleDown,
        Some(_) => {
            let known = "updated, -updated, published, -published, title, -title";
            return Err(Error::invalid("sort", Code::NotAllowed, known).into());
        }
    };
    let filter = Filter {
        kind: query.get("type").map(str::to_owned),
        status: query.get("status").map(str::to_owned),
        live: query.get("live") == Some("true"),
        author: query.number("author")?.map(Into::into),
        parent: query.number("parent")?.map(Into::into),
        term: query.number("term")?,
        ..Default::default()
    };
    let (site, words) = (ctx.site, query.get("q").unwrap_or_default().to_owned());
    let rows = ctx.read(move |tx| lists::list(tx, site, &filter, &words, sort, &page)).await?;
    let origin = ctx.origin();
    let cursor = |(row, _): &(content::CardRow, Vec<Label>)| sort.place(row);
    let list = List::of(rows, limit, cursor, |(row, terms)| EntryCard::new(row, &terms, &origin));
    Ok(ok(&list, query.get("fields"))?)
}

fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

fn show(ctx: &ApiCtx, entry: Entry, terms: &[Label], fields: Option<&str>) -> Result<HttpResponse> {
    let tag = etag(entry.version);
    let mut answer = ok(&EntryView::new(entry, terms, &ctx.origin())?, fields)?;
    put_tag(&mut answer, &tag);
    Ok(answer)
}

fn put_tag(answer: &mut HttpResponse, tag: &str) {
    if let Ok(value) = header::HeaderValue::from_str(tag) {
        answer.headers_mut().insert(header::ETAG, value);
    }
}

/// One entry with its document.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(&["fields"])?;
    let (site, id) = (ctx.site, ctx.id::<EntryId>("id", "entry")?);
    let (entry, terms) = ctx.read(move |tx| lists::find(tx, site, id)).await?;
    let tag = etag(entry.version);
    if ctx.header(header::IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|t| t.trim() == tag)) {
        let mut answer = HttpResponse::NotModified().finish();
        put_tag(&mut answer, &tag);
        return Ok(answer);
    }
    Ok(show(&ctx, entry, &terms, query.get("fields"))?)
}

/// Makes an entry. With an `Idempotency-Key`, the same request makes it once.
pub async fn create(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let body = ctx.body(payload).await?;
    let request_key = ctx.request_key()?;
    let digest = request_key.as_ref().map(|_| hex(&Sha256::digest(&body))).unwrap_or_default();
    let input: EntryInput = strict::read(&body)?;
    let kind = input.r#type.clone().unwrap_or_else(|| "post".into());
    if kind != "post" && kind != "page" {
        return Err(Error::invalid("type", Code::NotAllowed, "post, page").into());
    }
    if input.version.is_some() {
        return Err(Error::invalid("version", Code::NotAllowed, "only where an entry is changed").into());
    }
    let intent = input.intent()?;
    let may_have_terms = input.terms.is_some() || input.tags.is_some();
    let (pages, template) = (Arc::clone(&ctx.app.pages), input.template.clone().unwrap_or_default());
    let prepared = prepare(input.changes(&ctx.app.keys, ctx.site)?, ctx.rights.has(Capability::EntriesRawHtml))?;
    let (site, target) = (ctx.site, Target::New(kind.clone()));
    let (entry, terms) = ctx
        .write(move |tx| {
            let user = tx.actor().user().ok_or_else(Error::denied)?;
            if let Some(key) = &request_key
                && let Some(made) = done_requests::find(tx, user, key, &digest)?
            {
                return lists::find(tx, site, EntryId(made));
            }
            pages.check_template(tx, site, &kind, &template)?;
            let entry = content::save(tx, site, &target, &prepared, intent)?;
            if let Some(key) = &request_key {
                done_requests::remember(tx, user, key, &digest, entry.id.get())?;
            }
            let terms = if may_have_terms { terms_of(tx, &entry)? } else { Vec::new() };
            Ok((entry, terms))
        })
        .await?;
    let (tag, location) = (etag(entry.version), format!("/api/v1/sites/{site}/entries/{}", entry.id));
    let mut answer = created(&EntryView::new(entry, &terms, &ctx.origin())?, &location)?;
    put_tag(&mut answer, &tag);
    Ok(answer)
}

fn terms_of(tx: &mut Tx<'_>, entry: &Entry) -> Result<Vec<Label>> {
    let scope = tx.authorize(entry.site_id, Capability::SiteRead)?;
    Ok(freehold_store::terms::of_entries(tx, scope, &[entry.id.get()])?.into_iter().map(|(_, t)| t).collect())
}

/// Changes an entry: what is named is replaced.
pub async fn update(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<EntryId>("id", "entry")?;
    let expected = expected(&ctx)?;
    let body = ctx.body(payload).await?;
    let input: EntryInput = strict::read(&body)?;
    if input.r#type.is_some() {
        return Err(Error::invalid("type", Code::NotAllowed, "only where an entry is made").into());
    }
    let (intent, version) = (input.intent()?, expected.or(input.version));
    let (pages, template) = (Arc::clone(&ctx.app.pages), input.template.clone());
    let prepared = prepare(input.changes(&ctx.app.keys, ctx.site)?, ctx.rights.has(Capability::EntriesRawHtml))?;
    let (site, target) = (ctx.site, Target::Existing(id, version));
    let saved = ctx
        .write(move |tx| {
            let entry = content::save(tx, site, &target, &prepared, intent)?;
            if let Some(template) = &template {
                pages.check_template(tx, site, &entry.kind, template)?; // a refusal takes the save back
            }
            let terms = terms_of(tx, &entry)?;
            Ok((entry, terms))
        })
        .await;
    let (entry, terms) = saved.map_err(|e| conditional(e, expected.is_some()))?;
    Ok(show(&ctx, entry, &terms, None)?)
}

/// The version that `If-Match` names; `*` and none compare nothing.
fn expected(ctx: &ApiCtx) -> Result<Option<i64>> {
    match ctx.header(header::IF_MATCH).map(str::trim) {
        None | Some("*") => Ok(None),
        Some(tag) => {
            let version = tag.trim_matches('"').parse().map_err(|_| Error::code(Code::PreconditionFailed))?;
            Ok(Some(version))
        }
    }
}

/// A condition of the request's head fails with 412, one of its body with 409.
fn conditional(e: Error, in_head: bool) -> Error {
    if in_head && e.as_code() == Code::VersionConflict { Error::code(Code::PreconditionFailed) } else { e }
}

/// To the trash; with `?permanent=true` for good what lies there.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(&["permanent"])?;
    let (site, id) = (ctx.site, ctx.id::<EntryId>("id", "entry")?);
    if query.get("permanent") == Some("true") {
        ctx.write(move |tx| trash::delete(tx, site, id)).await?;
        return Ok(done());
    }
    let entry = ctx.write(move |tx| trash::trash(tx, site, id)).await?;
    Ok(show(&ctx, entry, &[], None)?)
}

/// Back from the trash.
pub async fn restore(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<EntryId>("id", "entry")?);
    let (entry, terms) = ctx
        .write(move |tx| {
            let entry = trash::restore(tx, site, id)?;
            let terms = terms_of(tx, &entry)?;
            Ok((entry, terms))
        })
        .await?;
    Ok(show(&ctx, entry, &terms, None)?)
}

/// A page of an entry's versions, newest first.
pub async fn versions(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(&["limit", "after"])?;
    let (page, limit) = query.page()?;
    let (site, id) = (ctx.site, ctx.id::<EntryId>("id", "entry")?);
    let before = page.after.as_ref().map_or(0, |c| c.id);
    let rows = ctx.read(move |tx| versions::list(tx, site, id, before, page.size.get())).await?;
    let cursor = |row: &freehold_store::revisions::RevisionLine| Cursor { key: String::new(), id: row.id };
    let list = List::of(rows, limit, cursor, |v| VersionView {
        id: v.id,
        version: v.version,
        action: v.action,
        author: v.author_id,
        author_name: v.author_name.unwrap_or_default(),
        created_at: freehold_base::Timestamp(v.created_at).rfc3339(),
    });
    Ok(ok(&list, None)?)
}

/// Brings a version back as a new one.
pub async fn restore_version(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<EntryId>("id", "entry")?);
    let revision = ctx.id::<RevisionId>("version", "version")?;
    let (entry, terms) = ctx
        .write(move |tx| {
            let entry = versions::restore(tx, site, id, revision, None)?;
            let terms = terms_of(tx, &entry)?;
            Ok((entry, terms))
        })
        .await?;
    Ok(show(&ctx, entry, &terms, None)?)
}
