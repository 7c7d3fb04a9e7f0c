//! What the visitors' routes share.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{Error, Result};
use freehold_platform::secrets::Keyring;
use freehold_publishing::pages::{Answer, Ask, Pages};
use freehold_store::{Actor, Store, Tx};

use crate::pages::SitePages;
use crate::web::page::CachedPage;
use crate::web::query::CanonQuery;
use crate::web::respond;
use crate::web::source::{PageRequest, Rendered};
use crate::web::visit::Visit;

/// The desk of a node.
pub struct VisitorDesk {
    source: SitePages,
    /// Origins of the panel, which shows previews of themes in frames.
    framers: String,
}

impl VisitorDesk {
    /// A desk that makes pages with `pages`. `framers`: origins of the panel, as a policy names them.
    pub fn new(store: Store, pages: Arc<Pages>, keys: Arc<Keyring>, framers: String) -> Arc<Self> {
        Arc::new(Self { source: SitePages::new(store, pages, keys), framers })
    }

    /// Origins of the panel.
    pub(super) fn framers(&self) -> &str {
        &self.framers
    }

    /// Keys of signatures.
    pub(super) fn keys(&self) -> &Arc<Keyring> {
        self.source.keys()
    }
    pub(super) fn store(&self) -> &Store {
        self.source.store()
    }
    pub(super) fn source(&self) -> &SitePages {
        &self.source
    }

    /// Reads as a visitor: here where reads are short (SQLite), else on the blocking pool.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let visitor = Actor::visitor("");
        if self.store().is_sqlite() {
            self.store().read(&visitor, f)
        } else {
            self.store().read_async(&visitor, f).await
        }
    }

    /// A page for one visitor: made now, kept by nobody. `make` gets the question as the address puts it.
    pub(super) async fn personal(
        self: &Arc<Self>,
        request: &HttpRequest,
        visit: &Visit,
        status: Option<StatusCode>,
        make: impl FnOnce(&Pages, &mut Tx<'_>, &Ask<'_>) -> Result<Answer> + Send + 'static,
        more: impl FnOnce(&mut Rendered),
    ) -> Result<HttpResponse> {
        let query = CanonQuery::parse(request.uri().query(), &["said"]);
        let asked = PageRequest { site: Arc::clone(&visit.site), path: visit.path.clone(), query };
        self.alone(request, asked, status, make, more).await
    }

    /// As [`VisitorDesk::personal`], of a question that is not the address's own.
    pub(super) async fn alone(
        self: &Arc<Self>,
        request: &HttpRequest,
        asked: PageRequest,
        status: Option<StatusCode>,
        make: impl FnOnce(&Pages, &mut Tx<'_>, &Ask<'_>) -> Result<Answer> + Send + 'static,
        more: impl FnOnce(&mut Rendered),
    ) -> Result<HttpResponse> {
        let (desk, question) = (Arc::clone(self), asked.clone());
        let answer = self.read(move |tx| make(desk.source.pages(), tx, &SitePages::ask(&question))).await?;
        let mut rendered = self.source.rendered(&asked, answer)?;
        rendered.cacheable = false;
        if let Some(status) = status {
            rendered.status = status;
        }
        more(&mut rendered);
        let page = CachedPage::new(rendered, &asked.site, true);
        Ok(respond::page(&page, request.headers(), respond::accepted(request.headers())).into())
    }
}

/// Goes on to an address of the site (303).
pub(super) fn go(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// A refusal or a fault as a plain sentence.
pub(super) fn refuse(e: &Error) -> HttpResponse {
    if let Error::Internal { .. } = e {
        tracing::error!("answering a visitor: {e}");
    }
    respond::plain(StatusCode::from_u16(e.status()).unwrap_or_default(), e.sentence()).into()
}
