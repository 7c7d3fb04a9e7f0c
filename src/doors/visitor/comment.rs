//! `POST /_/comment`: works from a cached page and without script (row CO04).

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{CommentId, EntryId, Error, Result};
use freehold_publishing::comments::{self, Said, Shown};
use freehold_publishing::themes::context::Typed;
use freehold_store::{Actor, entries};

use super::desk::{VisitorDesk, go, refuse};
use super::form;
use crate::web::path::CanonPath;
use crate::web::visit::Visit;

/// Takes a comment and goes back to its entry; a refused one is shown again with the reason.
pub(super) async fn take(
    request: HttpRequest,
    visit: Visit,
    desk: Data<VisitorDesk>,
    payload: Payload,
) -> HttpResponse {
    let desk = desk.into_inner();
    let said = match read(&request, &visit, payload).await {
        Ok(said) => said,
        Err(e) => return refuse(&e),
    };
    let (site, from, kept) = (visit.site.site, visit.client, said.clone());
    let actor = Actor::visitor(&from.to_string());
    let told = desk.store().write_async(&actor, move |tx| comments::say(tx, site, &kept, from)).await;
    let path = match address(&desk, &visit, said.entry).await {
        Ok(path) => path,
        Err(e) => return refuse(&e),
    };
    match told {
        Ok(Shown::Live(id)) => {
            let page = desk.read(move |tx| comments::page_of(tx, site, id)).await.unwrap_or(0);
            let at = if page > 0 { format!("comments={page}&") } else { String::new() };
            go(&format!("{path}?{at}said=live#comment-{id}"))
        }
        Ok(Shown::Waiting) => go(&format!("{path}?said=waiting#comments")),
        Err(e @ Error::Internal { .. }) => refuse(&e),
        Err(e) => again(&request, &visit, &desk, &path, said, &e).await.unwrap_or_else(|e| refuse(&e)),
    }
}

async fn read(request: &HttpRequest, visit: &Visit, payload: Payload) -> Result<Said> {
    let form = form::read(request, visit, payload).await?;
    let agent = request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok());
    Ok(Said {
        entry: EntryId(form.number("entry")),
        parent: CommentId(form.number("parent")),
        name: form.get("name").to_owned(),
        email: form.get("email").to_owned(),
        url: form.get("url").to_owned(),
        body: form.get("body").to_owned(),
        trap: form.get("website2").to_owned(),
        agent: agent.unwrap_or_default().to_owned(),
    })
}

/// Where the entry is.
async fn address(desk: &VisitorDesk, visit: &Visit, id: EntryId) -> Result<String> {
    let site = visit.site.site;
    desk.read(move |tx| {
        let scope = tx.visit(site)?;
        let found = entries::find_with_author(tx, scope, id)?.filter(|(e, ..)| e.is_live());
        found.and_then(|(e, ..)| e.path).ok_or_else(|| Error::not_found("entry"))
    })
    .await
}

/// The entry's page with what was typed; nothing of it is lost.
async fn again(
    request: &HttpRequest,
    visit: &Visit,
    desk: &std::sync::Arc<VisitorDesk>,
    path: &str,
    said: Said,
    e: &Error,
) -> Result<HttpResponse> {
    let reasons: Vec<String> = e.fields().iter().map(|f| format!("{}: {}", label(&f.field), f.sentence())).collect();
    let refused = if reasons.is_empty() { e.sentence() } else { reasons.join(" ") };
    let reply = Some(said.parent.get()).filter(|id| *id > 0);
    let typed = Typed { name: said.name, email: said.email, url: said.url, body: said.body, refused };
    let mut visit = visit.clone();
    visit.path = CanonPath::parse(path).map_err(|_| Error::not_found("entry"))?.into_owned();
    let status = StatusCode::from_u16(e.status()).ok();
    let make = move |pages: &freehold_publishing::pages::Pages,
                     tx: &mut freehold_store::Tx<'_>,
                     ask: &freehold_publishing::pages::Ask<'_>| {
        let ask = freehold_publishing::pages::Ask { typed: Some(&typed), reply, ..ask.clone() };
        pages.answer(tx, &ask)
    };
    desk.personal(request, &visit, status, make, |_| {}).await
}

fn label(field: &str) -> &'static str {
    match field {
        "name" => "Name",
        "email" => "Email",
        "url" => "Website",
        _ => "Comment",
    }
}
