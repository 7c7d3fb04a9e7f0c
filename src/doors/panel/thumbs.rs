//! Small pictures of files.

use freehold_publishing::media::Kind;

/// The address of a small picture of a file; empty where it is none.
pub fn thumb(hash: &str, filename: &str, content_type: &str, width: u32) -> String {
    match Kind::from_mime(content_type) {
        Some(Kind::Gif | Kind::Svg) => format!("/media/{hash}/{filename}"),
        Some(kind) if kind.is_raster() => format!("/media/{hash}/{width}.webp"),
        _ => String::new(),
    }
}
