//! Files of a site for its visitors: `/media/{hash}/{name}`, and the addresses that imported files had before.

use std::sync::Arc;

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{Code, Error, Result, SiteId};
use freehold_publishing::library::{self, Copy};
use freehold_store::{Actor, Tx};

use super::desk::{Door, MediaDesk};
use super::share;
use crate::web::render::pages;
use crate::web::respond;
use crate::web::state::Web;
use crate::web::visit::Visit;

/// Registers the addresses on a worker.
pub fn routes(desk: &Arc<MediaDesk>) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    let data = Data::from(Arc::clone(desk));
    move |config: &mut ServiceConfig| {
        config
            .app_data(data.clone())
            .service(web::resource("/media/{hash}/{name}").route(web::get().to(one)).route(web::head().to(one)))
            .service(
                web::resource("/_/share/{name}").route(web::get().to(share::share)).route(web::head().to(share::share)),
            )
            .service(
                web::resource("/wp-content/uploads/{path:.*}").route(web::get().to(old)).route(web::head().to(old)),
            );
    }
}

async fn one(
    request: HttpRequest,
    visit: Visit,
    desk: Data<MediaDesk>,
    web: Data<Web>,
    path: Path<(String, String)>,
) -> HttpResponse {
    let (hash, name) = path.into_inner();
    let desk = desk.into_inner();
    match find(&desk, visit.site.site, hash, &name, &request).await {
        Ok(answer) => answer,
        Err(e) if e.as_code() == Code::NotFound => pages(request, visit, web).await,
        Err(e) => failed(&e),
    }
}

async fn find(
    desk: &Arc<MediaDesk>,
    site: SiteId,
    hash: String,
    name: &str,
    request: &HttpRequest,
) -> Result<HttpResponse> {
    if hash.len() != 64 {
        return Err(Error::not_found("file"));
    }
    let media = desk.look(move |tx| library::find_public(tx, site, &hash)).await?;
    let media = media.ok_or_else(|| Error::not_found("file"))?;
    if name != media.filename && Copy::parse(name).is_none() {
        return Ok(moved(&library::address(&media)));
    }
    desk.answer(request, &media, name, Door::Site).await
}

/// An imported file's old address leads to the new one.
async fn old(request: HttpRequest, visit: Visit, desk: Data<MediaDesk>, web: Data<Web>) -> HttpResponse {
    let (site, path) = (visit.site.site, visit.path.as_str().to_owned());
    match desk.look(move |tx| library::find_public_path(tx, site, &path)).await {
        Ok(Some(to)) => moved(&to),
        Ok(None) => pages(request, visit, web).await,
        Err(e) => failed(&e),
    }
}

fn moved(to: &str) -> HttpResponse {
    let mut answer = respond::moved(actix_web::http::StatusCode::MOVED_PERMANENTLY, to);
    answer.headers_mut().insert(
        actix_web::http::header::CACHE_CONTROL,
        actix_web::http::header::HeaderValue::from_static("public, max-age=3600"),
    );
    answer.into()
}

pub(super) fn failed(e: &Error) -> HttpResponse {
    if let Error::Internal { .. } = e {
        tracing::error!("answering with a file: {e}");
    }
    let status = actix_web::http::StatusCode::from_u16(e.status()).unwrap_or_default();
    respond::plain(status, e.sentence()).into()
}

impl MediaDesk {
    /// One short read as a visitor: here where reads are short (SQLite), else on the blocking pool.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let visitor = Actor::visitor("");
        if self.store.is_sqlite() { self.store.peek(&visitor, f) } else { self.store.read_async(&visitor, f).await }
    }
}
