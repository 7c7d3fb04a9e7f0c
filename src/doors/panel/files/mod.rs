//! The files of a site's account: look, change, bring in, take away. Bytes of an account never get a type that runs on
//! this origin (security rule B6): text is escaped, pictures are drawn anew, all else is a download.

pub mod words;
pub mod desk;
pub mod asked;
pub mod sides;
pub mod tree;
pub mod preview;
pub mod list;
pub mod places;
pub mod act;
pub mod take;
pub mod bring;
pub mod edit;
pub mod compare;
pub mod trash;
pub mod check;
pub mod space;

use actix_web::HttpRequest;
use freehold_base::{Code, Error, JailPath, Result};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::ctx::Ctx;

/// What a name in an address is written without.
const NAME: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// `/admin/s/1/files`
pub(super) fn base(ctx: &Ctx) -> String {
    format!("{}/files", ctx.base())
}

/// The address of a file or folder.
pub(super) fn href(base: &str, path: &JailPath) -> String {
    let text = path.to_string();
    let mut address = base.to_owned();
    for name in text.split('/').filter(|name| !name.is_empty()) {
        address.push('/');
        address.extend(utf8_percent_encode(name, NAME));
    }
    address
}

/// The path that an address of the files names, read from the address as it was sent.
///
/// # Errors
/// `NotFound` for what is no path.
pub(super) fn path_of(request: &HttpRequest) -> Result<JailPath> {
    let rest = request.uri().path().splitn(6, '/').nth(5).unwrap_or_default();
    let missing = || Error::not_found("file or folder");
    rest.trim_end_matches('/').split('/').filter(|name| !name.is_empty()).try_fold(JailPath::root(), |at, name| {
        let name = percent_decode_str(name).decode_utf8().map_err(|_| missing())?;
        at.join(&name).map_err(|_| missing())
    })
}

/// A path that a form names, from a folder.
///
/// # Errors
/// `Invalid("path")`.
pub(super) fn below(folder: &JailPath, text: &str) -> Result<JailPath> {
    let path = JailPath::parse(text)?;
    if path.is_root() {
        return Err(Error::invalid("path", Code::Required, ""));
    }
    folder.join_path(&path)
}
