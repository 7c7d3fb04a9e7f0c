//! Smaller copies for visitors: made when first asked for, never larger than the original.

use fast_image_resize::ResizeOptions;
use freehold_base::{Error, Result};

use super::picture;
use super::sniff::Kind;

/// The widths that may be asked for; anything else would let strangers fill the disk.
pub const WIDTHS: [u32; 9] = [160, 320, 480, 640, 960, 1280, 1600, 1920, 2560];

/// What a copy is encoded as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Lossy, keeps transparency; about 30 % smaller than JPEG. Fast enough to be made while a visitor waits.
    Webp,
    /// Smallest, takes seconds: in the background only.
    Avif,
    /// For clients that know nothing else; transparent parts become white.
    Jpeg,
    /// Lossless, for graphics.
    Png,
}

impl Format {
    /// The ending in addresses: `webp`.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Avif => "avif",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
    /// The format of an ending.
    pub fn from_extension(text: &str) -> Option<Self> {
        [Self::Webp, Self::Avif, Self::Jpeg, Self::Png].into_iter().find(|f| f.extension() == text)
    }
    /// The media type it is served with.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// A copy that is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// One of [`WIDTHS`].
    pub width: u32,
    /// Its encoding.
    pub format: Format,
}

/// A copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The encoded copy.
    pub bytes: Vec<u8>,
    /// In pixels; the original's own width where that is smaller.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Makes a copy of a stored original. Slow (20 to 200 ms; AVIF seconds): in the `ImagePool`.
///
/// # Errors
/// `NotFound("image size")` for a width that is not in [`WIDTHS`]; `MediaBroken`, `TooLarge`.
pub fn make(kind: Kind, original: &[u8], wanted: Wanted) -> Result<Variant> {
    if !WIDTHS.contains(&wanted.width) {
        return Err(Error::not_found("image size"));
    }
    let image = picture::decode(kind, original)?;
    let width = wanted.width.min(image.width());
    let height = whole(f64::from(image.height()) * f64::from(width) / f64::from(image.width().max(1)));
    let same = (width, height) == (image.width(), image.height());
    let small = if same { image } else { picture::resize(&image, width, height, ResizeOptions::new())? };
    let bytes = match wanted.format {
        Format::Webp => picture::to_webp(&small, Some(78.0), 3)?,
        Format::Avif => picture::to_avif(&small, 65)?,
        Format::Jpeg => picture::to_jpeg(&small, 80)?,
        Format::Png => picture::to_png(&small)?,
    };
    Ok(Variant { bytes, width, height })
}

/// At least one pixel; sides are at most 32,767 by the decoder's limits.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(pixels: f64) -> u32 {
    pixels.round().clamp(1.0, 32_767.0) as u32
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn wanted(width: u32, format: Format) -> Wanted {
        Wanted { width, format }
    }

    #[test]
    fn copies_are_smaller_and_keep_their_shape_in_every_format() {
        let original = picture::to_png(&samples::photo(800, 400)).unwrap();
        for format in [Format::Webp, Format::Avif, Format::Jpeg, Format::Png] {
            let copy = make(Kind::Png, &original, wanted(160, format)).unwrap();
            assert_eq!((copy.width, copy.height), (160, 80));
            let magic: &[u8] = match format {
                Format::Webp => b"RIFF",
                Format::Avif => b"\0\0\0",
                Format::Jpeg => b"\xff\xd8",
                Format::Png => b"\x89PNG",
            };
            assert!(copy.bytes.starts_with(magic), "{format:?}");
            assert_eq!(Format::from_extension(format.extension()), Some(format));
        }
    }

    #[test]
    fn nothing_is_enlarged_and_no_other_width_is_made() {
        let original = picture::to_png(&samples::photo(200, 100)).unwrap();
        let copy = make(Kind::Png, &original, wanted(2560, Format::Webp)).unwrap();
        assert_eq!((copy.width, copy.height), (200, 100));
        for width in [0, 1, 161, 100_000] {
            assert!(make(Kind::Png, &original, wanted(width, Format::Webp)).is_err());
        }
    }

    #[test]
    fn transparency_is_kept_or_becomes_white() {
        let clear =
            image::DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(400, 400, image::Rgba([255, 0, 0, 0])));
        let original = picture::to_png(&clear).unwrap();
        let webp = make(Kind::Png, &original, wanted(160, Format::Webp)).unwrap();
        assert_eq!(picture::decode(Kind::Webp, &webp.bytes).unwrap().to_rgba8().get_pixel(80, 80).0[3], 0);
        let jpeg = make(Kind::Png, &original, wanted(160, Format::Jpeg)).unwrap();
        assert_eq!(picture::decode(Kind::Jpeg, &jpeg.bytes).unwrap().to_rgb8().get_pixel(80, 80).0, [255; 3]);
    }
}
