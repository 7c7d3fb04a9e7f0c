//! A theme's static files, each reached under the hash of its bytes, so that a browser keeps it for ever.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use freehold_base::secret::hex;
use sha2::{Digest as _, Sha256};

use super::files::ThemeFiles;

/// A static file, ready to be sent.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its bytes.
    pub bytes: Bytes,
    /// Packed forms of a text, one for each coding; whoever serves it fills them.
    pub packed: Arc<[OnceLock<Bytes>; 3]>,
    /// Its type: `text/css; charset=utf-8`.
    pub content_type: &'static str,
    /// The address it is served under: `/_/assets/{hash}/{path}`; answer it with
    /// `Cache-Control: public, max-age=31536000, immutable`.
    pub url: String,
    /// The hash in that address: 16 hexadecimal digits of SHA-256; fits as ETag.
    pub hash: String,
}

impl Asset {
    /// Whether packing makes it smaller: fonts and pictures are packed already.
    pub fn is_text(&self) -> bool {
        let kind = self.content_type;
        kind.starts_with("text/") || matches!(kind, "application/json" | "image/svg+xml")
    }
}

/// The static files of a chain.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    by_path: HashMap<String, Asset>,
}

impl Assets {
    /// Of a chain, child first: the first theme that has a path wins.
    pub(crate) fn of(chain: &[ThemeFiles]) -> Self {
        let mut by_path = HashMap::new();
        for theme in chain.iter().rev() {
            for (path, bytes) in theme.below("static/") {
                let hash = short_hash(bytes);
                let url = format!("/_/assets/{hash}/{path}");
                let asset = Asset {
                    bytes: Bytes::copy_from_slice(bytes),
                    packed: Arc::default(),
                    content_type: content_type(path),
                    url,
                    hash,
                };
                by_path.insert(path.to_owned(), asset);
            }
        }
        // style sheets name other files of the theme; those addresses get their hashes too
        let styles: Vec<String> = by_path.keys().filter(|p| p.ends_with(".css")).cloned().collect();
        for path in styles {
            let Some(css) = by_path.get(&path).and_then(|a| String::from_utf8(a.bytes.to_vec()).ok()) else { continue };
            let css = smaller(&with_addresses(&css, &path, &by_path));
            let hash = short_hash(css.as_bytes());
            if let Some(asset) = by_path.get_mut(&path) {
                asset.url = format!("/_/assets/{hash}/{path}");
                asset.bytes = css.into();
                asset.hash = hash;
            }
        }
        Self { by_path }
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Asset> {
        self.by_path.get(path)
    }
}

fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).get(..8).map(hex).unwrap_or_default()
}

/// Replaces `url(fonts/x.woff2)`, relative to the style sheet, by the served address.
fn with_addresses(css: &str, path: &str, files: &HashMap<String, Asset>) -> String {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut out = String::with_capacity(css.len() + 256);
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("url(") {
        let (inside, tail) = after.split_once(')').unwrap_or((after, ""));
        let named = inside.trim().trim_matches(['"', '\'']);
        let full = if folder.is_empty() { named.to_owned() } else { format!("{folder}/{named}") };
        out.push_str(before);
        let address = files.get(&full).map_or(inside, |asset| asset.url.as_str());
        let _ = write!(out, "url({address})");
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// A style sheet without comments and the white space that means nothing; texts in quotes stay as they are.
fn smaller(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut chars = css.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        if let Some(open) = quote {
            out.push(c);
            match c {
                '\\' => out.extend(chars.next()),
                _ if c == open => quote = None,
                _ => {}
            }
        } else if c == '/' && chars.peek() == Some(&'*') {
            let mut last = ' ';
            chars.next();
            for c in chars.by_ref() {
                if last == '*' && c == '/' {
                    break;
                }
                last = c;
            }
        } else if c.is_whitespace() {
            let glued = out.is_empty() || out.ends_with(['{', '}', ';', ':', ',', ' ']);
            // a space before `{` ends a selector; before `:` or `(` it may be a descendant
            let next = chars.peek().copied().unwrap_or('}');
            if !glued && !matches!(next, '{' | '}' | ';' | ',') && !next.is_whitespace() {
                out.push(' ');
            }
        } else {
            if c == '}' && out.ends_with(';') {
                out.pop();
            }
            if matches!(c, '"' | '\'') {
                quote = Some(c);
            }
            out.push(c);
        }
    }
    out
}

/// The type of a static file by its ending; unknown ones are downloads.
fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        _ => "application/octet-stream",
    }
}
