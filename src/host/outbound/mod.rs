//! The one outgoing HTTP client (security rule B9). http and https, ports 80 and 443; every address of the
//! name is checked and only the checked ones are connected to; each redirect is checked anew; sizes and times
//! are limited. No proxies, no cookies, no decompression. Exceptions stand only in the configuration file.

mod address;
mod blocking;
mod guard;
mod resolver;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use freehold_base::{OrInternal as _, Result};
use futures_util::StreamExt as _;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Method, Response, Url};
use tokio::io::AsyncWriteExt as _;

pub use address::refusal as address_refusal;
pub use blocking::BlockingOutbound;
use guard::{Checked, Guard, refused};
pub use resolver::{Resolver, SystemResolver};

/// Redirects followed before giving up.
const MAX_REDIRECTS: usize = 5;

/// How much and how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest body.
    pub max_bytes: u64,
    /// For everything together: names, redirects, body.
    pub timeout: Duration,
}

/// An answer with its body in memory.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The HTTP status, whatever it is.
    pub status: u16,
    /// As the peer said it; believe the bytes instead.
    pub content_type: Option<String>,
    /// After redirects.
    pub final_url: String,
    /// The body.
    pub body: Bytes,
}

/// An answer whose body went into a file.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The HTTP status, whatever it is.
    pub status: u16,
    /// As the peer said it; believe the bytes instead.
    pub content_type: Option<String>,
    /// After redirects.
    pub final_url: String,
    /// Bytes written.
    pub len: u64,
}

/// The client. Cheap to clone; needs a tokio runtime with time and net around its calls.
#[derive(Clone)]
pub struct Outbound {
    guard: Arc<Guard>,
    tls: rustls::ClientConfig,
}

impl Outbound {
    /// `allow`: `HOST:PORT` pairs of the configuration that may be reached although private.
    /// `own`: this server's addresses, never reached.
    ///
    /// # Errors
    /// `Internal` where TLS cannot be set up.
    pub fn new(allow: &[String], own: Vec<IpAddr>) -> Result<Self> {
        Self::with_resolver(allow, own, Arc::new(SystemResolver))
    }

    /// [`Outbound::new`] with another way to look names up.
    ///
    /// # Errors
    /// As [`Outbound::new`].
    pub fn with_resolver(allow: &[String], own: Vec<IpAddr>, resolver: Arc<dyn Resolver>) -> Result<Self> {
        Ok(Self { guard: Arc::new(Guard::new(allow, own, resolver)), tls: tls()? })
    }

    /// Fetches a page or file into memory.
    ///
    /// # Errors
    /// `OutboundRefused` with the reason in words: refused address, unreachable, too slow, too large.
    pub async fn get(&self, url: &str, limits: Limits) -> Result<Fetched> {
        within(limits, async {
            let (answer, url) = self.follow(url).await?;
            collect(answer, url, limits).await
        })
        .await
    }

    /// Fetches into a file opened for writing; it may hold a part after an error.
    ///
    /// # Errors
    /// As [`Outbound::get`]; `DiskFull`.
    pub async fn get_to_file(&self, url: &str, limits: Limits, file: std::fs::File) -> Result<Saved> {
        within(limits, async {
            let (answer, url) = self.follow(url).await?;
            save(answer, url, limits, tokio::fs::File::from_std(file)).await
        })
        .await
    }

    /// Posts a body, for webhooks; redirects are not followed but given back.
    ///
    /// # Errors
    /// As [`Outbound::get`].
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
        limits: Limits,
    ) -> Result<Fetched> {
        let body = body.into();
        within(limits, async {
            let checked = self.guard.check(url, None).await?;
            let url = checked.url.clone();
            collect(self.send(Method::POST, checked, headers, Some(body)).await?, url, limits).await
        })
        .await
    }

    async fn follow(&self, url: &str) -> Result<(Response, Url)> {
        let mut checked = self.guard.check(url, None).await?;
        for _ in 0..=MAX_REDIRECTS {
            let at = checked.url.clone();
            let answer = self.send(Method::GET, checked, &[], None).await?;
            let target = answer.headers().get(LOCATION).and_then(|v| v.to_str().ok());
            match target {
                Some(target) if matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) => {
                    checked = self.guard.check(target, Some(&at)).await?;
                }
                _ => return Ok((answer, at)),
            }
        }
        Err(refused(format!("it redirects more than {MAX_REDIRECTS} times")))
    }

    /// One request on a connection of its own: a pool would be keyed by name and outlive the check.
    async fn send(
        &self,
        method: Method,
        to: Checked,
        headers: &[(&str, &str)],
        body: Option<Bytes>,
    ) -> Result<Response> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .dns_resolver(Arc::new(Pinned(to.addresses)))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .pool_max_idle_per_host(0)
            .user_agent("Freehold")
            .build()
            .or_internal("preparing a request")?;
        let mut request = client.request(method, to.url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        request.send().await.map_err(|e| refused(in_words(&e)))
    }
}

/// Answers every name with the addresses that were checked: the client cannot ask anybody else.
struct Pinned(Vec<SocketAddr>);

impl Resolve for Pinned {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

/// The built-in list of authorities: no file or variable of the machine changes whom we believe.
fn tls() -> Result<rustls::ClientConfig> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .or_internal("setting up TLS")?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

async fn within<T>(limits: Limits, work: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(limits.timeout, work).await {
        Ok(done) => done,
        Err(_) => Err(refused(format!("it took longer than {} ms", limits.timeout.as_millis()))),
    }
}

async fn collect(answer: Response, url: Url, limits: Limits) -> Result<Fetched> {
    let (status, content_type) = head(&answer, limits)?;
    let mut body = Vec::new();
    let mut parts = answer.bytes_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|e| refused(in_words(&e)))?;
        check_size((body.len() + part.len()) as u64, limits)?;
        body.extend_from_slice(&part);
    }
    Ok(Fetched { status, content_type, final_url: url.into(), body: body.into() })
}

async fn save(answer: Response, url: Url, limits: Limits, mut file: tokio::fs::File) -> Result<Saved> {
    let (status, content_type) = head(&answer, limits)?;
    let mut len = 0;
    let mut parts = answer.bytes_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|e| refused(in_words(&e)))?;
        len += part.len() as u64;
        check_size(len, limits)?;
        file.write_all(&part).await.map_err(|e| crate::files::io("saving a download", e))?;
    }
    file.flush().await.map_err(|e| crate::files::io("saving a download", e))?;
    Ok(Saved { status, content_type, final_url: url.into(), len })
}

fn head(answer: &Response, limits: Limits) -> Result<(u16, Option<String>)> {
    check_size(answer.content_length().unwrap_or(0), limits)?;
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).map(str::to_owned);
    Ok((answer.status().as_u16(), kind))
}

fn check_size(len: u64, limits: Limits) -> Result<()> {
    if len > limits.max_bytes { Err(refused(format!("it is larger than {} bytes", limits.max_bytes))) } else { Ok(()) }
}

/// The innermost cause: "connection refused", "invalid peer certificate …". Never the URL, which may hold a key.
fn in_words(e: &reqwest::Error) -> String {
    let what = if e.is_connect() { "it cannot be reached" } else { "its answer could not be read" };
    let mut cause = std::error::Error::source(e);
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| what.to_owned(), |cause| format!("{what} ({cause})"))
}
