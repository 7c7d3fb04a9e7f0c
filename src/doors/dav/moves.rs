//! MOVE and COPY: the library takes the target away before it tries; what would then fail is refused before it.

use dav_server::davpath::DavPath;
use freehold_base::{Code, JailPath};
use freehold_host::account_dir::Kind;
use freehold_hosting::access::Tree;
use hyper::http::{HeaderMap, Request, StatusCode, Uri};

use super::fs::path_of;

/// What a request to move or copy names.
#[derive(Debug)]
pub(super) struct Asked {
    is_move: bool,
    from: JailPath,
    to: JailPath,
}

/// Reads a MOVE or COPY; `None` for all else, and for what the library refuses by itself.
pub(super) fn read<B>(request: &Request<B>) -> Option<Asked> {
    let is_move = match request.method().as_str() {
        "MOVE" => true,
        "COPY" => false,
        _ => return None,
    };
    Some(Asked { is_move, from: at(request)?, to: path(&destination(request.headers())?)? })
}

/// Where a request goes.
pub(super) fn at<B>(request: &Request<B>) -> Option<JailPath> {
    path(request.uri().path())
}

fn path(text: &str) -> Option<JailPath> {
    path_of(&DavPath::new(text).ok()?).ok()
}

/// The path that `Destination` names, alone or in a whole address.
fn destination(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("destination")?.to_str().ok()?;
    if text.starts_with('/') {
        return Some(text.to_owned());
    }
    text.parse::<Uri>().ok().map(|uri| uri.path().to_owned())
}

/// Why it cannot be; else the file that it replaces in one step, where there is one. Waits for the disk.
pub(super) fn look(tree: &Tree, asked: &Asked) -> Result<Option<JailPath>, StatusCode> {
    let Asked { from, to, is_move } = asked;
    if from.is_within(to) || to.is_within(from) {
        return Err(StatusCode::FORBIDDEN);
    }
    if tree.is_top(to) || (*is_move && tree.is_top(from)) {
        return Err(StatusCode::FORBIDDEN);
    }
    if *is_move && !tree.is_one_account(from, to) {
        return Err(StatusCode::BAD_GATEWAY);
    }
    if *is_move && !tree.is_writable(from) {
        return Err(StatusCode::FORBIDDEN);
    }
    let is_file = |path: &JailPath| match tree.metadata(path) {
        Ok(about) => Ok(about.kind == Kind::File),
        Err(e) if e.as_code() == Code::NotFound => Ok(false),
        Err(_) => Err(StatusCode::SERVICE_UNAVAILABLE),
    };
    Ok((is_file(from)? && is_file(to)?).then(|| to.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_as_a_path_or_a_whole_address() {
        let of = |method: &str, to: &str| {
            let request = Request::builder().method(method).uri("/a%20b/").header("destination", to).body(()).unwrap();
            read(&request).map(|asked| (asked.is_move, asked.from.to_string(), asked.to.to_string()))
        };
        let asked = |is_move, to: &str| Some((is_move, "a b".to_owned(), to.to_owned()));
        assert_eq!(of("MOVE", "/x/./y%20z"), asked(true, "x/y z"));
        assert_eq!(of("COPY", "http://files.example:8082/x/../y/"), asked(false, "y"));
        assert_eq!(of("MOVE", "/../x"), None, "the library says what is wrong");
        assert_eq!(of("PUT", "/x"), None);
    }
}
