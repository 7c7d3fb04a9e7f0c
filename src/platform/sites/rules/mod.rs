//! What a site answers before its pages or files are looked at, whatever its kind: redirects, folders with a password,
//! response headers. Rows become one [`Rules`] per site, which the visitors' door asks at each request: nothing of it
//! waits, and matching takes time in proportion to the address alone.

mod check_header;
mod csv;
mod folders;
mod headers;
mod load;
mod matcher;
mod redirects;
mod sample;
mod trial;

pub use check_header::{KNOWN as KNOWN_HEADERS, check_header};
pub use folders::{FolderView, add_folder, add_folder_user, folders, remove_folder, remove_folder_user};
pub use freehold_store::site_rules::{Folder, FolderUser, Header, Redirect};
pub use headers::{NewHeader, add_header, headers, remove_header};
pub use load::{PrivateFolder, Rules, is_for, is_within, load, load_all};
pub use matcher::{Hit, Redirects};
pub use redirects::{
    Checked, CheckedList, Imported, RedirectInput, check_csv, check_redirect, export_csv, put_csv, put_redirect,
    redirects, remove_redirect,
};
pub use trial::{Step, Trial, try_address};

use freehold_base::canon_path::{CanonPath, PathRefusal};
use freehold_base::{Code, Error, Result};

/// Longest address, target or pattern of a rule, in characters.
pub const LONGEST: usize = 2000;

/// An address of a site as people type or paste it: scheme and host go, what remains is a canonical path.
///
/// # Errors
/// `Invalid(field)`.
pub fn address_typed(field: &'static str, text: &str) -> Result<String> {
    let text = text.trim();
    let wrong = |why: &str| Err(Error::invalid(field, Code::Malformed, why.to_owned()));
    if text.is_empty() {
        return Err(Error::invalid(field, Code::Required, ""));
    }
    if text.chars().count() > LONGEST {
        return Err(Error::invalid(field, Code::TooLong, LONGEST.to_string()));
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let path = match rest {
        Some(rest) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => text,
    };
    if path.contains(['?', '#']) {
        return wrong("an address without ? and #, such as /about");
    }
    match CanonPath::parse(path) {
        Ok(path) => Ok(path.as_str().to_owned()),
        Err(PathRefusal::NotAbsolute) => wrong("an address that begins with /, such as /about"),
        Err(PathRefusal::TooLong) => Err(Error::invalid(field, Code::TooLong, LONGEST.to_string())),
        Err(PathRefusal::Escape) => wrong("an address; the sign % is written %25, such as /100%25-wool"),
        Err(PathRefusal::DotSegment) => wrong("an address without . and .. as its parts, such as /about/us"),
        Err(PathRefusal::Separator | PathRefusal::Control | PathRefusal::Encoding) => {
            wrong("an address without backslashes and control characters")
        }
    }
}

/// An address without the slash at its end; the root is `/`.
pub(crate) fn without_end(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(path) => path,
    }
}
