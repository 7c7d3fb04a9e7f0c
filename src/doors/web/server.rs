//! The listener of the sites.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{Extensions, HttpService, KeepAlive};
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, map_config};
use actix_web::dev::{AppConfig, Server, fn_service};
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, web::Data};
use freehold_base::{OrInternal as _, Result};

use super::connection::{Connection, Patience, accept};
use super::front::FrontFactory;
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
