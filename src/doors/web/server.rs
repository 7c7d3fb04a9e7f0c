//! The listener of the sites.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{Extensions, HttpService, KeepAlive, Protocol};
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, map_config};
use actix_web::dev::{AppConfig, Server, fn_service};
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::timeout;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, web::Data};
use freehold_base::{OrInternal as _, Result};

use super::connection::{Connection, OpenConnections, Patience};
use super::front::FrontFactory;
use super::render::pages;
use super::state::Web;

type Accepted = (Connection, Protocol, Option<SocketAddr>);

/// What HTTP/2 with prior knowledge begins with (RFC 9113 section 3.4), as much as one look shows for certain.
const H2_PREFACE: &[u8; 12] = b"PRI * HTTP/2";

/// Serves the sites on a bound listener: HTTP/1.1 with keep-alive, and HTTP/2 with prior knowledge.
///
/// `routes` registers further services (media, forms, assets, previews) on each worker; they come before pages and
/// find a [`super::visit::Visit`] in every request. The returned future runs until stopped: `server.handle().stop(true)`
/// ends it gracefully. Signals are the caller's business.
///
/// # Errors
/// `Internal` where the listener cannot be used.
pub fn start(
    listener: TcpListener,
    web: Arc<Web>,
    routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> Result<Server> {
    let settings = &web.settings;
    let address = listener.local_addr().or_internal("reading the listener's address")?;
    let builder = Server::build()
        .workers(settings.workers.clamp(1, 512))
        .max_concurrent_connections(settings.max_connections)
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let service = move || {
        let (settings, stopping) = (&web.settings, stopping.clone());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            // Heads and rest are timed by our connection; the framework would set a timer at every request.
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .on_connect_ext(|io: &Connection, data: &mut Extensions| {
                data.insert(io.progress());
            })
            .client_disconnect_timeout(Duration::from_secs(1))
            .local_addr(address)
            .finish(map_config(
                FrontFactory { routes: app(Arc::clone(&web), routes.clone()).into_factory(), web: Arc::clone(&web) },
                |()| AppConfig::default(),
            ));
        let patience = Patience { head: settings.head_timeout, idle: settings.keep_alive };
        let (stall, open) = (settings.stall_timeout, web.connections.clone());
        fn_service(move |io: TcpStream| {
            let open = open.clone();
            async move { accept(io, patience, stall, &open).await }
        })
        .and_then(http)
    };
    Ok(builder.listen("sites", listener, service).or_internal("listening for the sites")?.run())
}

fn app(
    web: Arc<Web>,
    routes: impl Fn(&mut ServiceConfig),
) -> App<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    App::new().app_data(Data::from(web)).configure(routes).default_service(web::to(pages))
}

/// Prepares an accepted connection: no delay for small answers, cut where the client takes nothing, and not kept for
/// a client that never sends a first byte (the framework's own look for HTTP/2 would wait for ever).
async fn accept(
    io: TcpStream,
    patience: Patience,
    stall: Duration,
    open: &OpenConnections,
) -> Result<Accepted, DispatchError> {
    let mut start = [0; H2_PREFACE.len()];
    let seen =
        timeout(patience.head, io.peek(&mut start)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    io.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(&io, u32::try_from(stall.as_millis()).unwrap_or(u32::MAX))
        .map_err(io::Error::from)?;
    #[cfg(not(target_os = "linux"))]
    let _ = stall;
    let peer = io.peer_addr().ok();
    if start.get(..seen) == Some(H2_PREFACE) {
        return Ok((Connection::many(io, patience, open), Protocol::Http2, peer));
    }
    Ok((Connection::new(io, patience, open), Protocol::Http1, peer))
}
