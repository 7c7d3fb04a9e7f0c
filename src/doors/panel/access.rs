//! Which route needs what. A route without a line here does not exist; a method without one answers 405.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{Handler, Resource, Responder};
use freehold_base::Capability;

/// What a route needs of who asks (security rule C1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Open,
    /// The half session after the password.
    Half,
    /// Somebody signed in.
    Signed,
    /// Somebody signed in who may do this on the site of the address.
    Site(Capability),
    /// Somebody signed in who may do this on an account of theirs.
    Account(Capability),
    /// Somebody signed in who may do this with accounts of customers: of all, or of a reseller they work for.
    Customers(Capability),
    /// Somebody signed in who may do this on the installation.
    Server(Capability),
}

/// The line of one route.
#[derive(Clone, Debug)]
pub struct RouteLine {
    /// Method.
    pub method: Method,
    /// Pattern of the address.
    pub path: &'static str,
    /// What it needs.
    pub access: Access,
}

/// Access by method, as each resource carries it.
#[derive(Clone, Debug, Default)]
pub struct AccessOf(pub Vec<(Method, Access)>);

/// The table of routes while it is being made.
#[derive(Default)]
pub struct Routes {
    lines: Vec<RouteLine>,
    resources: BTreeMap<&'static str, Resource>,
    order: Vec<&'static str>,
}

impl Routes {
    /// Adds a route with what it needs.
    pub fn on<F, Args>(&mut self, method: Method, path: &'static str, access: Access, handler: F)
    where
        F: Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let resource = match self.resources.remove(path) {
            Some(resource) => resource,
            None => {
                self.order.push(path);
                web::resource(path)
            }
        };
        self.resources.insert(path, resource.route(web::method(method.clone()).to(handler)));
        self.lines.push(RouteLine { method, path, access });
    }
    /// A route that reads.
    pub fn get<F, Args>(&mut self, path: &'static str, access: Access, handler: F)
    where
        F: Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, path, access, handler);
    }
    /// A route that changes.
    pub fn post<F, Args>(&mut self, path: &'static str, access: Access, handler: F)
    where
        F: Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::POST, path, access, handler);
    }
    /// The lines: what the route walk is made from.
    pub fn lines(&self) -> &[RouteLine] {
        &self.lines
    }
    /// Registers all routes.
    pub fn register(mut self, config: &mut ServiceConfig) {
        for path in std::mem::take(&mut self.order) {
            let methods = self.lines.iter().filter(|l| l.path == path).map(|l| (l.method.clone(), l.access)).collect();
            if let Some(resource) = self.resources.remove(path) {
                config.service(resource.app_data(AccessOf(methods)));
            }
        }
    }
}
