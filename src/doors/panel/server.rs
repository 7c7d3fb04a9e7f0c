//! The listener of the panel.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, PayloadConfig, ServiceConfig};
use actix_web::{App as Actix, HttpServer};
use freehold_base::{OrInternal as _, Result};

use super::{guard, routes};
use crate::panel::app::App;

/// Serves the panel on a bound listener, and what `more` registers (the API). Signals are the caller's business.
///
/// # Errors
/// `Internal` where the listener cannot be used.
pub fn start(
    listener: TcpListener,
    app: Arc<App>,
    more: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> Result<Server> {
    let body = usize::try_from(app.config.limits.body_kb).unwrap_or(4096).saturating_mul(1000);
    let data = Data::from(app);
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(data.clone())
            .app_data(PayloadConfig::new(body))
            .wrap(from_fn(guard::guard))
            .configure(routes::configure)
            .configure(more.clone())
    })
    .workers(2)
    .client_request_timeout(Duration::from_secs(5))
    .disable_signals()
    .shutdown_timeout(5)
    .listen(listener)
    .or_internal("listening for the panel")?;
    Ok(server.run())
}
