//! The cookie of somebody who knows an entry's password: what the entry's own signature is wrapped in, so that a forged
//! one is told from ours without a look into the database.

use freehold_base::SiteId;
use freehold_platform::secrets::Keyring;

/// Use of the signature.
const LABEL: &str = "unlock-cookie";

fn message(site: SiteId, inner: &str) -> Vec<u8> {
    format!("{site} {inner}").into_bytes()
}

/// Wraps what the entry's signature says.
pub fn sealed(keys: &Keyring, site: SiteId, inner: &str) -> String {
    format!("{inner}.{}", keys.sign(LABEL, &message(site, inner)))
}

/// What is in a cookie that this node gave for this site.
pub fn opened<'a>(keys: &Keyring, site: SiteId, cookie: &'a str) -> Option<&'a str> {
    let (inner, signature) = cookie.rsplit_once('.')?;
    keys.verify(LABEL, &message(site, inner), signature).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_of_another_site_or_with_another_word_is_none_of_ours() {
        let folder = tempfile::tempdir().expect("folder");
        let keys = Keyring::open_or_create(&folder.path().join("key")).expect("keys");
        let cookie = sealed(&keys, SiteId(1), "1.x");
        assert_eq!(opened(&keys, SiteId(1), &cookie), Some("1.x"));
        assert_eq!(opened(&keys, SiteId(2), &cookie), None);
        assert_eq!(opened(&keys, SiteId(1), &cookie.replacen('1', "2", 1)), None);
        for wrong in ["", ".", "1.x", "1.x."] {
            assert_eq!(opened(&keys, SiteId(1), wrong), None, "{wrong}");
        }
    }
}
