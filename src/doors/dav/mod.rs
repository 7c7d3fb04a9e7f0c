//! Files of accounts by WebDAV, class 1 and 2 (row H082), on a listener of its own: bytes of users never come from the
//! panel's origin (security rule B6), and whatever a browser asks for here is saved, not shown.

mod file;
mod fs;
mod locks;
mod moves;
mod patient;
mod properties;
mod signed;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dav_server::body::Body;
use dav_server::{DavConfig, DavHandler};
use freehold_base::{Code, Error, Result, Timestamp};
use freehold_hosting::access::{Desk, Guest, Tree};
use hyper::body::Incoming;
use hyper::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use self::fs::Files;
use self::locks::Locks;
use self::patient::Patient;
use self::signed::Signed;

/// Connections at once.
const CONNECTIONS: usize = 500;
/// How long the head of a request may take (security rule B3).
const HEAD: Duration = Duration::from_secs(30);
/// Bytes of one read.
const PIECE: usize = 512 << 10;
/// How often those who went away are forgotten.
const SWEEP: Duration = Duration::from_secs(60);

/// The door. It serves while its listener lives.
#[derive(Clone)]
pub struct Dav {
    parts: Arc<Parts>,
}

struct Parts {
    signed: Signed,
    locks: Locks,
    handler: DavHandler,
    trusted: Vec<IpAddr>,
    connections: Arc<Semaphore>,
}

impl Dav {
    /// Puts the parts together; `trusted` are proxies whose forwarding headers are believed (security rule B2).
    ///
    /// # Errors
    /// `Internal` where the machine has no random bytes.
    pub fn new(desk: Desk, trusted: Vec<IpAddr>) -> Result<Self> {
        let handler = DavConfig::new().autoindex(false).read_buf_size(PIECE).build_handler();
        let connections = Arc::new(Semaphore::new(CONNECTIONS));
        let parts = Parts { signed: Signed::new(desk)?, locks: Locks::default(), handler, trusted, connections };
        Ok(Self { parts: Arc::new(parts) })
    }

    /// Takes connections until told to stop.
    pub async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let mut sweep = tokio::time::interval(SWEEP);
        loop {
            tokio::select! {
                _ = stop.changed() => return,
                _ = sweep.tick() => self.parts.signed.sweep(),
                taken = listener.accept() => match taken {
                    Ok((stream, from)) => {
                        let Ok(permit) = Arc::clone(&self.parts.connections).try_acquire_owned() else { continue };
                        tokio::spawn(self.clone().connection(stream, from, permit, stop.clone()));
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await, // out of handles, mostly
                },
            }
        }
    }

    async fn connection(
        self,
        stream: TcpStream,
        from: SocketAddr,
        _permit: OwnedSemaphorePermit,
        mut stop: watch::Receiver<bool>,
    ) {
        let _ = stream.set_nodelay(true);
        let service = service_fn(move |request| {
            let door = self.clone();
            async move { Ok::<_, Infallible>(door.answer(request, from.ip()).await) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(64 << 10);
        let serving = http.serve_connection(TokioIo::new(Patient::new(stream)), service);
        tokio::pin!(serving);
        tokio::select! {
            _ = serving.as_mut() => {}
            _ = stop.changed() => {
                serving.as_mut().graceful_shutdown();
                let _ = tokio::time::timeout(Duration::from_secs(5), serving).await;
            }
        }
    }

    async fn answer(&self, mut request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let mut response = match self.try_answer(&mut request, peer).await {
            Ok(Asked::Files(files)) => self.files(request, files).await,
            Ok(Asked::Answered(response)) => response,
            Err(e) => refusal(&e),
        };
        seal(response.headers_mut());
        response
    }

    /// Everything before the files are touched.
    async fn try_answer(&self, request: &mut Request<Incoming>, peer: IpAddr) -> Result<Asked> {
        let headers = request.headers_mut();
        // A page of another site may know the way here, and the browser the password (security rule C7).
        let cross = headers.get("sec-fetch-site").is_some_and(|v| v != "none" && v != "same-origin");
        if cross || headers.contains_key(header::ORIGIN) {
            return Err(Error::code(Code::ForeignOrigin));
        }
        // The litmus tests get what everybody gets.
        headers.remove("x-litmus");
        // Many ranges of one file are more bytes than the file: it comes whole.
        if headers.get(header::RANGE).is_some_and(|v| v.as_bytes().contains(&b',')) {
            headers.remove(header::RANGE);
        }
        let address = client(peer, headers, &self.parts.trusted).to_string();
        let authorization = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let (guest, tree) = self.sign_in(authorization.as_deref(), &address).await?;
        if request.method().as_str() == "PROPFIND" && is_endless(request.headers()) {
            return Ok(Asked::Answered(too_deep()));
        }
        let modified = mtime(request.headers());
        Ok(Asked::Files(Files { guest, tree, modified, carries: None }))
    }

    /// Who asks, and what they see. Who lost a right since their last request signs in again, and hears why not.
    async fn sign_in(&self, authorization: Option<&str>, address: &str) -> Result<(Guest, Tree)> {
        let guest = self.parts.signed.guest(authorization, address).await?;
        match tree_of(guest.clone()).await {
            Err(e) if e.as_code() == Code::SignInRequired => {
                let guest = self.parts.signed.guest(authorization, address).await?;
                Ok((guest.clone(), tree_of(guest).await?))
            }
            other => Ok((guest, other?)),
        }
    }

    async fn files(&self, request: Request<Incoming>, mut files: Files) -> Response<Body> {
        if let Some(asked) = moves::read(&request) {
            let tree = files.tree.clone();
            match tokio::task::spawn_blocking(move || moves::look(&tree, asked)).await {
                Ok(Ok(carries)) => files.carries = carries,
                Ok(Err(status)) => return bare(status),
                Err(_) => return bare(StatusCode::INTERNAL_SERVER_ERROR),
            }
        }
        // A lock keeps others from writing: who may not write has no use for one.
        if request.method().as_str() == "LOCK" && !moves::at(&request).is_some_and(|at| files.tree.is_writable(&at)) {
            return bare(StatusCode::FORBIDDEN);
        }
        let is_get = *request.method() == Method::GET;
        let takes_time = *request.method() == Method::PUT && files.modified.is_some();
        let config = DavConfig::new()
            .locksystem(self.parts.locks.of(files.tree.clone()))
            .principal(files.guest.name())
            .filesystem(Box::new(files));
        let mut response = self.parts.handler.handle_with(config, request).await;
        if is_get && response.status().is_success() {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        }
        if takes_time && response.status().is_success() {
            response.headers_mut().insert("x-oc-mtime", HeaderValue::from_static("accepted"));
        }
        response
    }
}

/// What is left to do after the head of a request was looked at.
enum Asked {
    Files(Files),
    Answered(Response<Body>),
}

async fn tree_of(guest: Guest) -> Result<Tree> {
    let tree = tokio::task::spawn_blocking(move || guest.tree()).await;
    tree.map_err(|e| Error::internal("reading rights", e))?
}

/// `Depth: infinity`, which is also what no depth means: the whole account in one answer.
fn is_endless(headers: &HeaderMap) -> bool {
    headers.get("depth").is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"infinity"))
}

fn too_deep() -> Response<Body> {
    let words =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\"><D:propfind-finite-depth/></D:error>\n";
    let mut response = Response::new(Body::from(words));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
    response
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// When a file was written, as ownCloud's programs and rclone say it.
fn mtime(headers: &HeaderMap) -> Option<Timestamp> {
    let seconds: f64 = headers.get("x-oc-mtime")?.to_str().ok()?.trim().parse().ok()?;
    let fits = (0.0..253_402_300_800.0).contains(&seconds);
    #[allow(clippy::cast_possible_truncation)] // looked at just above
    fits.then_some(Timestamp((seconds * 1000.0) as i64))
}

/// The client's address behind trusted proxies; see `web::client` for the same rule on the other listeners.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut known = peer.to_canonical();
    if !trusted.contains(&known) {
        return known;
    }
    let values: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
    for hop in values.iter().rev().flat_map(|v| v.rsplit(',')) {
        let Ok(address) = hop.trim().parse::<IpAddr>() else { return known };
        known = address.to_canonical();
        if !trusted.contains(&known) {
            return known;
        }
    }
    known
}

/// A refusal in words, for people who try it with a browser.
fn refusal(e: &Error) -> Response<Body> {
    if e.as_code() == Code::Internal {
        tracing::error!("webdav: {e}");
    }
    let wrong = matches!(e.as_code(), Code::SignInRequired | Code::SignInWrong);
    let words = if wrong { "Name and password do not match.\n".to_owned() } else { format!("{}\n", e.sentence()) };
    let mut response = Response::new(Body::from(words));
    *response.status_mut() = StatusCode::from_u16(e.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    if wrong {
        let asks = HeaderValue::from_static("Basic realm=\"Freehold files\", charset=\"UTF-8\"");
        headers.insert(header::WWW_AUTHENTICATE, asks);
    }
    if e.as_code() == Code::TooManyAttempts {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}

/// Nothing from here is run by a browser.
fn seal(headers: &mut HeaderMap) {
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, no-cache"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_a_file_is_read_or_left() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-oc-mtime", HeaderValue::from_str(text).unwrap());
            mtime(&headers)
        };
        assert_eq!(of("1795161600"), Some(Timestamp(1_795_161_600_000)));
        assert_eq!(of("1795161600.5"), Some(Timestamp(1_795_161_600_500)));
        for wrong in ["", "soon", "-1", "1e300", "NaN"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn b2_only_a_trusted_proxy_names_the_client() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("6.6.6.6, 203.0.113.7"));
        let (proxy, stranger): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "198.51.100.4".parse().unwrap());
        assert_eq!(client(proxy, &headers, &[proxy]).to_string(), "203.0.113.7");
        assert_eq!(client(stranger, &headers, &[proxy]), stranger);
    }
}
