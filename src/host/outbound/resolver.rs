//! Names to addresses.

use std::io;
use std::net::IpAddr;

use futures_util::future::BoxFuture;

/// Asks for a name's addresses. A trait, so that tests can be the hostile name server.
pub trait Resolver: Send + Sync {
    /// All addresses of `host`, in the order to try.
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// The machine's own resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|a| a.ip()).collect()) })
    }
}
