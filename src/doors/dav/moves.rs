//! MOVE and COPY. The library takes the target away before it tries, and copies a folder file by file; here what stands
//! there is replaced in one step, when what comes is whole: the library is shown nothing to take away and nothing to copy.

use dav_server::davpath::DavPath;
use freehold_base::{Code, JailPath};
use freehold_host::account_dir::{Kind, Replace};
use freehold_hosting::access::Tree;
use hyper::http::{HeaderMap, Request, StatusCode, Uri};

use super::fs::path_of;

/// What a request to move or copy names.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    is_move: bool,
    pub(super) from: JailPath,
    pub(super) to: JailPath,
    overwrites: bool,
    /// A folder with what is in it.
    is_deep: bool,
}

impl Asked {
    /// What happens with what stands there.
    pub(super) fn replace(&self) -> Replace {
        if self.overwrites { Replace::All } else { Replace::No }
    }
}

/// Reads a MOVE or COPY; `None` for all else, and for what the library refuses by itself.
pub(super) fn read<B>(request: &Request<B>) -> Option<Asked> {
    let is_move = match request.method().as_str() {
        "MOVE" => true,
        "COPY" => false,
        _ => return None,
    };
    let says = |name: &str, word: &[u8]| request.headers().get(name).is_some_and(|v| v.as_bytes() == word);
    let (from, to) = (at(request)?, path(&destination(request.headers())?)?);
    Some(Asked { is_move, from, to, overwrites: !says("overwrite", b"F"), is_deep: !says("depth", b"0") })
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

/// Why it cannot be; else what is done in one step: all but the copy of a folder without what is in it, which takes
/// nothing away. Waits for the disk.
pub(super) fn look(tree: &Tree, asked: Asked) -> Result<Option<Asked>, StatusCode> {
    let Asked { from, to, is_move, .. } = &asked;
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
    let is_folder = match tree.metadata(from) {
        Ok(about) => about.kind == Kind::Folder,
        Err(e) if e.as_code() == Code::NotFound => false,
        Err(_) => return Err(StatusCode::SERVICE_UNAVAILABLE),
    };
    Ok((asked.is_deep || !is_folder).then_some(asked))
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
