//! The listener of the sites.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{Extensions, HttpService, KeepAlive, Protocol};
use actix_service::{ServiceFactoryExt as _, apply, map_config};
use actix_web::dev::{AppConfig, Server, fn_service};
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, web::Data};
use freehold_base::{OrInternal as _, Result};

use super::connection::{Accepted, Connection, Patience, accept};
use super::desk::Desk;
use super::front::Fronting;
use super::lane::Lane;
use super::render::pages;
use super::state::Web;

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
    let patience = Patience { head: settings.head_timeout, idle: settings.keep_alive };
    let lane = Lane::start(&web, patience, &stopping)?;
    let service = move || {
        let (settings, desk) = (&web.settings, Desk::join(&web));
        let stopping = stopping.clone();
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
            .finish(map_config(apply(Fronting(desk.clone()), app(Arc::clone(&web), routes.clone())), |()| {
                AppConfig::default()
            }));
        let (stall, web, lane) = (settings.stall_timeout, Arc::clone(&web), lane.clone());
        fn_service(move |io: TcpStream| {
            let (web, lane) = (Arc::clone(&web), lane.clone());
            async move { from_memory(accept(io, patience, stall, &web.connections).await?, &web, &lane, patience).await }
        })
        .and_then(http)
    };
    Ok(builder.listen("sites", listener, service).or_internal("listening for the sites")?.run())
}

/// Serves what is in memory; what is not goes on to the framework.
async fn from_memory(
    (io, protocol, peer): Accepted,
    web: &Web,
    lane: &Lane,
    patience: Patience,
) -> Result<Accepted, DispatchError> {
    let settings = &web.settings;
    let client = peer.map(|peer| peer.ip().to_canonical()).filter(|ip| !settings.trusted_proxies.contains(ip));
    let io = match client {
        Some(client) if protocol == Protocol::Http1 && settings.cache_enabled => {
            let (io, read) = lane.serve(io.into_io(), client).await?;
            let mut io = Connection::new(io, patience, &web.connections);
            io.give_back(read);
            io
        }
        _ => io,
    };
    Ok((io, protocol, peer))
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
