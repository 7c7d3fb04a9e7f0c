//! The listener of the panel. Connections end in time as those of the sites do (security rule B3).

use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{Extensions, HttpService, KeepAlive};
use actix_service::{ServiceFactoryExt as _, apply, map_config};
use actix_web::App as Actix;
use actix_web::dev::{AppConfig, Server, fn_service};
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::web::{Data, PayloadConfig, ServiceConfig};
use freehold_base::{OrInternal as _, Result};

use super::{guard, routes};
use crate::panel::app::App;
use crate::web::catch::{Catching, Fault};
use crate::web::connection::{Connection, OpenConnections, Patience, accept};
use crate::web::respond::then_close;

/// A head must be complete within this time, a connection may rest this long.
const PATIENCE: Patience = Patience { head: Duration::from_secs(5), idle: Duration::from_secs(75) };
/// A connection whose client takes no byte for this long is cut.
const STALL: Duration = Duration::from_secs(15);
/// Connections of one worker; more wait in the kernel.
const CONNECTIONS: usize = 2000;

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
    let open = OpenConnections::default();
    let address = listener.local_addr().or_internal("reading the panel's address")?;
    let faulty = Arc::clone(&app);
    let data = Data::from(app);
    let builder =
        Server::build().workers(2).max_concurrent_connections(CONNECTIONS).shutdown_timeout(5).disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let service = move || {
        let (data, stopping, faulty) = (data.clone(), stopping.clone(), Arc::clone(&faulty));
        let app = Actix::new()
            .app_data(data)
            .app_data(PayloadConfig::new(body))
            .wrap(from_fn(guard::guard))
            .configure(routes::configure)
            .configure(more.clone());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            // Heads and rest are timed by our connection.
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .on_connect_ext(|io: &Connection, data: &mut Extensions| {
                data.insert(io.progress());
            })
            .client_disconnect_timeout(Duration::from_secs(1))
            .local_addr(address)
            .finish(map_config(apply(Catching(fault(faulty)), app), |()| AppConfig::default()));
        let open = open.clone();
        fn_service(move |io: TcpStream| {
            let open = open.clone();
            async move { accept(io, PATIENCE, STALL, &open).await }
        })
        .and_then(http)
    };
    Ok(builder.listen("panel", listener, service).or_internal("listening for the panel")?.run())
}

/// What a handler that panicked answers: an id that stands in the log too, and the connection ends.
fn fault(app: Arc<App>) -> Fault {
    Rc::new(move |method, path| {
        let mut answer = guard::fault(&app, method, path).into();
        then_close(&mut answer);
        answer
    })
}
