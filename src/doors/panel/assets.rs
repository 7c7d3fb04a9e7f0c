//! Styles, scripts, fonts and icons of the panel, embedded at build time.
//!
//! Every file carries the hash of its bytes in its name, so it is served as immutable.

use std::borrow::Cow;
use std::collections::BTreeMap;

use freehold_base::{Error, Result};
use rust_embed::Embed;

/// Where the panel's assets are reached: `{BASE}/{hashed name}`.
pub const BASE: &str = "/admin/assets";

/// `Cache-Control` of every asset: the name changes when the bytes do.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The bundle that `build.rs` made from `admin-ui/`.
#[derive(Embed)]
#[folder = "$OUT_DIR/admin-ui"]
struct Bundle;

/// One embedded file, ready to answer with.
#[derive(Debug)]
pub struct Asset {
    /// The bytes, borrowed from the program in a release build.
    pub bytes: Cow<'static, [u8]>,
    /// `Content-Type`, with `charset=utf-8` for text.
    pub content_type: &'static str,
}

/// The asset of that hashed name (no folder part), or `None`.
pub fn find(name: &str) -> Option<Asset> {
    let content_type = content_type(name)?;
    Bundle::get(name).map(|file| Asset { bytes: file.data, content_type })
}

/// Address of each asset by its plain name: `panel.css` → `/admin/assets/panel-P6SAHUR2.css`.
///
/// Errors: `Internal` when the bundle's manifest is unreadable (a broken build).
pub fn addresses() -> Result<BTreeMap<String, String>> {
    let manifest = Bundle::get("manifest.json").ok_or_else(|| broken("manifest.json is missing"))?;
    let names: BTreeMap<String, String> = serde_json::from_slice(&manifest.data).map_err(|e| broken(&e.to_string()))?;
    Ok(names.into_iter().map(|(plain, hashed)| (plain, format!("{BASE}/{hashed}"))).collect())
}

/// Only what the bundle holds for browsers; the manifest is not served.
fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "json" if name.starts_with("speculation-") => Some("application/speculationrules+json"),
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        "txt" => Some("text/plain; charset=utf-8"),
        _ => None,
    }
}

fn broken(what: &str) -> Error {
    Error::internal("reading the panel's asset bundle", what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_in_the_manifest_is_served() {
        let addresses = addresses().unwrap();
        for needed in ["panel.css", "main.js", "editor.js", "icons.svg"] {
            assert!(addresses.contains_key(needed), "{needed} is missing");
        }
        for address in addresses.values() {
            let name = address.strip_prefix("/admin/assets/").unwrap();
            assert!(find(name).is_some(), "{name} is not embedded");
        }
    }

    #[test]
    fn the_manifest_and_unknown_names_are_not_served() {
        assert!(find("manifest.json").is_none());
        assert!(find("../manifest.json").is_none());
        assert!(find("nothing.css").is_none());
    }

    /// Budgets of the design, compressed the way a browser gets them.
    #[test]
    fn styles_and_scripts_stay_in_their_budgets() {
        let islands = [
            ("editor.js", 145_000),
            ("terminal.js", 90_000),
            ("files.js", 10_000),
            ("files.css", 4_000),
            ("writing.css", 4_000),
            ("looks.css", 2_000),
        ];
        for (plain, limit) in [("panel.css", 15_000), ("main.js", 30_000)].into_iter().chain(islands) {
            let address = addresses().unwrap().remove(plain).unwrap();
            let asset = find(address.strip_prefix("/admin/assets/").unwrap()).unwrap();
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            std::io::Write::write_all(&mut gzip, &asset.bytes).unwrap();
            let size = gzip.finish().unwrap().len();
            assert!(size <= limit, "{plain} is {size} bytes compressed, the limit is {limit}");
        }
    }
}
