//! `/_/theme/{token}/…`: the site's public pages drawn by a theme that it has not got, for the gallery of the panel
//! (row TH02). Links stay in the preview, nothing of it is kept, and it can be framed by the panel alone.

use std::sync::Arc;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{Code, Error, Result};
use freehold_platform::secrets::tokens::{ThemeGrant, read_theme};
use freehold_publishing::designs::Values;

use super::desk::{VisitorDesk, refuse};
use super::preview::apart;
use crate::web::page::content_security_policy;
use crate::web::path::CanonPath;
use crate::web::query::CanonQuery;
use crate::web::source::{PageRequest, PageSource as _, Rendered};
use crate::web::visit::Visit;

/// Addresses that are no pages: the same whatever theme draws.
const NO_PAGES: &[&str] = &["/_/", "/media/", "/wp-content/", "//"];

/// Shows what the token grants. Unknown, expired and foreign tokens answer alike.
pub(super) async fn show(
    request: HttpRequest,
    visit: Visit,
    desk: Data<VisitorDesk>,
    path: Path<(String, String)>,
) -> HttpResponse {
    let desk = desk.into_inner();
    let now = desk.store().clock().now();
    let (token, _) = path.into_inner();
    let grant = read_theme(desk.keys(), &token, now).filter(|g| g.site == visit.site.site);
    match grant {
        Some(grant) => page(&request, &visit, &desk, grant, &token).await.unwrap_or_else(|e| refuse(&e)),
        None => refuse(&Error::code(Code::LinkUsed)),
    }
}

async fn page(
    request: &HttpRequest,
    visit: &Visit,
    desk: &Arc<VisitorDesk>,
    grant: ThemeGrant,
    token: &str,
) -> Result<HttpResponse> {
    let base = format!("/_/theme/{token}");
    let asked = asked_within(request, visit, desk, &base)?;
    let policy = content_security_policy(&[])
        .replace("frame-ancestors 'self'", &format!("frame-ancestors 'self' {}", desk.framers()));
    let origin = visit.site.origin.to_string();
    let more = move |page: &mut Rendered| {
        stay(page, &origin, &base);
        apart(page, &policy);
    };
    let make = move |pages: &freehold_publishing::pages::Pages,
                     tx: &mut freehold_store::Tx<'_>,
                     ask: &freehold_publishing::pages::Ask<'_>| {
        pages.answer_with(tx, ask, &grant.theme, Values::new())
    };
    desk.alone(request, asked, None, make, more).await
}

/// What is asked for below the address of a preview.
pub(super) fn asked_within(
    request: &HttpRequest,
    visit: &Visit,
    desk: &VisitorDesk,
    base: &str,
) -> Result<PageRequest> {
    let inside = visit.path.encoded();
    let inside = inside.strip_prefix(base).unwrap_or("/").to_owned();
    let path = CanonPath::parse(&inside).map_err(|_| Error::not_found("page"))?.into_owned();
    let query = CanonQuery::parse(request.uri().query(), desk.source().allowed_query());
    Ok(PageRequest { site: Arc::clone(&visit.site), path, query })
}

/// Links and redirects lead to the same preview.
pub(super) fn stay(page: &mut Rendered, origin: &str, base: &str) {
    let is_html = page.content_type.as_bytes().starts_with(b"text/html");
    if let (true, Ok(html)) = (is_html, std::str::from_utf8(&page.body)) {
        page.body = within(html, base).into();
    }
    for (name, value) in &mut page.headers {
        let inside = value.to_str().ok().and_then(|to| to.strip_prefix(origin)).map(|to| format!("{origin}{base}{to}"));
        if let (true, Some(to)) = (*name == header::LOCATION, inside)
            && let Ok(to) = HeaderValue::from_str(&to)
        {
            *value = to;
        }
    }
}

/// A page whose links and forms to pages of the site stay below `base`. One walk over it, however many links it has.
fn within(html: &str, base: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut done = 0;
    for (at, _) in html.match_indices("=\"/") {
        let (before, address) = (html.get(done..at).unwrap_or_default(), at + 2);
        let is_link = [" href", " action"].iter().any(|name| before.ends_with(name));
        let after = html.get(address..).unwrap_or_default();
        if is_link && !NO_PAGES.iter().any(|start| after.starts_with(start)) {
            out.push_str(html.get(done..address).unwrap_or_default());
            out.push_str(base);
            done = address;
        }
    }
    out.push_str(html.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_pages_stay_in_the_preview_and_files_are_as_they_are() {
        let html = "<link href=\"/_/assets/1/a.css\"><a href=\"/\">x</a><a class=\"y\" href=\"/notes/?a=1\">x</a>\
            <a href=\"//other.example/\">x</a><a href=\"https://other.example/\">x</a><img src=\"/media/1/a.jpg\">\
            <form action=\"/\"><a href=\"/media/1/a.pdf\">href=\"/\"</a>";
        let expected = "<link href=\"/_/assets/1/a.css\"><a href=\"/p/\">x</a><a class=\"y\" href=\"/p/notes/?a=1\">x</a>\
            <a href=\"//other.example/\">x</a><a href=\"https://other.example/\">x</a><img src=\"/media/1/a.jpg\">\
            <form action=\"/p/\"><a href=\"/media/1/a.pdf\">href=\"/\"</a>";
        assert_eq!(within(html, "/p"), expected);
        assert_eq!(within("", "/p"), "");
    }
}
