//! Response headers of a site, by folder and by the ending of a file's name.

use freehold_base::error::Refusals;
use freehold_base::{Capability, Code, Error, HeaderId, Result, SiteId};
use freehold_store::Tx;
use freehold_store::site_rules::{self as rows, Header, MOST};

use super::{address_typed, check_header, without_end};
use crate::sites::events::RulesChanged;

/// A header as somebody typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewHeader {
    /// The folder; empty: the whole site.
    pub prefix: String,
    /// Ending of names, such as `.woff2`; empty: all.
    pub ending: String,
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// Headers of a site.
///
/// # Errors
/// `Denied`, `NotFound("site")`.
pub fn headers(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<Header>> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    rows::headers(tx, scope)
}

/// Adds a header.
///
/// # Errors
/// `Denied`, `Invalid` (prefix, ending, name, value), `TooLarge` (too many).
pub fn add_header(tx: &mut Tx<'_>, site: SiteId, new: &NewHeader) -> Result<HeaderId> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let mut refused = Refusals::default();
    let prefix = match new.prefix.trim() {
        "" | "/" => Some("/".to_owned()),
        typed => refused.take(address_typed("prefix", typed))?.map(|path| without_end(&path).to_owned()),
    };
    let ending = refused.take(ending_typed(&new.ending))?;
    let pair = refused.take(check_header(&new.name, &new.value))?;
    refused.check()?;
    let (Some(prefix), Some(ending), Some((name, value))) = (prefix, ending, pair) else {
        return Err(Error::code(Code::BadRequest));
    };
    let all = rows::headers(tx, scope)?;
    if i64::try_from(all.len()).is_ok_and(|n| n >= MOST) {
        return Err(Error::refused(Code::TooLarge, format!("{MOST} headers")));
    }
    if is_refused_beside((&name, &value), &all) {
        let why = "not credentials and an origin of * together: browsers refuse both";
        return Err(Error::invalid("value", Code::NotAllowed, why));
    }
    let id = rows::add_header(tx, scope, (&prefix, &ending), (&name, &value)).map_err(|e| match e.as_code() {
        Code::AlreadyExists => Error::invalid("name", Code::AlreadyExists, name.clone()),
        _ => e,
    })?;
    tx.audit_site(scope, "header.add", format!("{name} ({prefix}{ending})"));
    tx.announce(RulesChanged { site });
    Ok(id)
}

/// Credentials beside an origin of `*`, in whichever order they come.
fn is_refused_beside((name, value): (&str, &str), all: &[Header]) -> bool {
    const ORIGIN: &str = "access-control-allow-origin";
    const CREDENTIALS: &str = "access-control-allow-credentials";
    let has = |name: &str, fits: fn(&str) -> bool| all.iter().any(|h| h.name == name && fits(&h.value));
    match name {
        CREDENTIALS => has(ORIGIN, |origin| origin == "*"),
        ORIGIN => value == "*" && has(CREDENTIALS, |_| true),
        _ => false,
    }
}

/// `.woff2`, `.tar.gz`; empty stays empty.
fn ending_typed(text: &str) -> Result<String> {
    let text = text.trim().trim_start_matches('*').to_ascii_lowercase();
    if text.is_empty() {
        return Ok(text);
    }
    let text = if text.starts_with('.') { text } else { format!(".{text}") };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if text.len() <= 40 && text.len() > 1 && text.bytes().all(plain) {
        Ok(text)
    } else {
        Err(Error::invalid("ending", Code::Malformed, "the end of a file\u{2019}s name such as .woff2"))
    }
}

/// Removes a header.
///
/// # Errors
/// `Denied`, `NotFound("header")`.
pub fn remove_header(tx: &mut Tx<'_>, site: SiteId, id: HeaderId) -> Result<()> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let gone = rows::headers(tx, scope)?.into_iter().find(|h| h.id == id);
    let gone = gone.ok_or_else(|| Error::not_found("header"))?;
    rows::remove_header(tx, scope, id)?;
    tx.audit_site(scope, "header.remove", format!("{} ({}{})", gone.name, gone.prefix, gone.ending));
    tx.announce(RulesChanged { site });
    Ok(())
}

#[cfg(test)]
mod tests {
    use freehold_base::Timestamp;

    use super::*;

    #[test]
    fn credentials_and_any_origin_are_refused_together_in_either_order() {
        let there = |name: &str, value: &str| {
            let (prefix, ending) = ("/".to_owned(), String::new());
            let (id, site_id, created_at) = (HeaderId(1), SiteId(1), Timestamp(0));
            vec![Header { id, site_id, prefix, ending, name: name.into(), value: value.into(), created_at }]
        };
        let (origin, credentials) = ("access-control-allow-origin", "access-control-allow-credentials");
        assert!(is_refused_beside((credentials, "true"), &there(origin, "*")));
        assert!(is_refused_beside((origin, "*"), &there(credentials, "true")));
        assert!(!is_refused_beside((origin, "https://a.example"), &there(credentials, "true")));
        assert!(!is_refused_beside((credentials, "true"), &there(origin, "https://a.example")));
    }
}
