//! `/_/preview/{token}`: a draft in the real theme, for people without an account (row ED07).

use std::sync::Arc;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{EntryId, Error, MediaId, Result, RevisionId, SiteId, UserId};
use freehold_platform::secrets::tokens::{PreviewGrant, read_preview};
use freehold_publishing::content::{Body, Changes, prepare};
use freehold_publishing::pages::Draft;
use freehold_store::{Tx, revisions};

use super::desk::{VisitorDesk, refuse};
use crate::web::page::content_security_policy;
use crate::web::source::Rendered;
use crate::web::visit::Visit;

/// Shows what the token grants. Unknown, expired and foreign tokens answer alike.
pub(super) async fn show(
    request: HttpRequest,
    visit: Visit,
    desk: Data<VisitorDesk>,
    token: Path<String>,
) -> HttpResponse {
    let desk = desk.into_inner();
    let now = desk.store().clock().now();
    let grant = read_preview(desk.keys(), &token, now).filter(|g| g.site == visit.site.site);
    match grant {
        Some(grant) => page(&request, &visit, &desk, grant).await.unwrap_or_else(|e| refuse(&e)),
        None => refuse(&Error::code(freehold_base::Code::LinkUsed)),
    }
}

async fn page(
    request: &HttpRequest,
    visit: &Visit,
    desk: &Arc<VisitorDesk>,
    grant: PreviewGrant,
) -> Result<HttpResponse> {
    let make =
        move |pages: &freehold_publishing::pages::Pages, tx: &mut Tx<'_>, ask: &freehold_publishing::pages::Ask<'_>| {
            let draft = unsaved(tx, grant.site, grant.entry, grant.revision)?;
            pages.preview(tx, ask, grant.entry, draft.as_ref())
        };
    desk.personal(request, visit, None, make, alone).await
}

/// A preview runs no script, keeps no state and stays out of search engines; its address goes nowhere.
fn alone(page: &mut Rendered) {
    apart(page, &content_security_policy(&[]));
}

/// As [`alone`], by a policy of its own.
pub(super) fn apart(page: &mut Rendered, policy: &str) {
    apart_with(page, &format!("{policy}; sandbox allow-forms allow-popups"));
}

/// As [`apart`]; the policy says what the sandbox lets through.
pub(super) fn apart_with(page: &mut Rendered, policy: &str) {
    if let Ok(policy) = HeaderValue::from_str(policy) {
        page.headers.push((header::CONTENT_SECURITY_POLICY, policy));
    }
    page.headers.push((HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")));
    page.headers.push((header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")));
}

/// What a person has typed and not saved. A grant names them by their number below zero in the place of a version;
/// 0 stands for what is saved.
fn unsaved(tx: &mut Tx<'_>, site: SiteId, entry: EntryId, revision: RevisionId) -> Result<Option<Draft>> {
    if revision.get() >= 0 {
        return Ok(None);
    }
    let scope = tx.visit(site)?;
    let found = revisions::autosaved(tx, scope, entry, UserId(-revision.get()))?;
    let Some((_, json, _)) = found else { return Ok(None) };
    let Ok(typed) = serde_json::from_str::<serde_json::Value>(&json) else { return Ok(None) };
    // Scripts send the document as a tree, forms as its text.
    let text = |name: &str| match typed.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(tree @ serde_json::Value::Object(_)) => tree.to_string(),
        _ => String::new(),
    };
    let body = match (text("source").as_str(), text("document")) {
        ("markdown", _) => Some(Body::Markdown(text("markdown"))),
        (_, document) if !document.is_empty() => Some(Body::Json(document)),
        _ => None,
    };
    let changes = Changes { title: Some(text("title")), excerpt: Some(text("excerpt")), body, ..Default::default() };
    // Cleaned as a save would; what cannot be saved cannot be previewed, and the saved words show.
    let Ok(clean) = prepare(changes, false) else { return Ok(None) };
    Ok(Some(Draft {
        title: clean.changes.title.unwrap_or_default(),
        excerpt: clean.changes.excerpt.unwrap_or_default(),
        document: clean.text.map(|t| t.json),
        cover: MediaId(text("cover_id").parse().unwrap_or(0)),
    }))
}
