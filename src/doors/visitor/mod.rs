//! What visitors do beside reading: comments, passwords of entries, previews that were shared with them or stand in the panel's gallery.
//!
//! Nothing of it is ever kept in the page cache (security rule B10), and no visitor gets a cookie before asking for
//! something that needs one.

mod desk;
mod form;
mod comment;
mod preview;
mod theme;
mod design;
mod unlock;

use std::sync::Arc;

use actix_web::guard;
use actix_web::web::{self, Data, ServiceConfig};

pub use desk::VisitorDesk;

use crate::web::visit::Visit;

/// Registers the addresses on a worker; after all other routes, because the last one looks at every address.
pub fn routes(desk: &Arc<VisitorDesk>) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    let data = Data::from(Arc::clone(desk));
    move |config: &mut ServiceConfig| {
        config
            .app_data(data.clone())
            .service(web::resource("/_/comment").route(web::post().to(comment::take)))
            .service(web::resource("/_/unlock").route(web::post().to(unlock::take)))
            .service(
                web::resource("/_/preview/{token}")
                    .route(web::get().to(preview::show))
                    .route(web::head().to(preview::show)),
            )
            .service(
                web::resource("/_/theme/{token}/{path:.*}")
                    .route(web::get().to(theme::show))
                    .route(web::head().to(theme::show)),
            )
            .service(
                web::resource("/_/design/{token}/{path:.*}")
                    .route(web::get().to(design::show))
                    .route(web::head().to(design::show)),
            )
            .service(
                web::resource("/{path:.*}")
                    .guard(guard::fn_guard(|ctx| ctx.req_data().get::<Visit>().is_some_and(|v| v.personal)))
                    .guard(guard::Any(guard::Get()).or(guard::Head()))
                    .to(unlock::show),
            );
    }
}
