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

/// A part of the picture with a fixed shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crop {
    /// Width to height: `(16, 9)`.
    pub ratio: (u32, u32),
    /// The point that stays in view: 0 to 1 from the left and from the top.
    pub focal: (f64, f64),
}

/// A copy that is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// One of [`WIDTHS`].
    pub width: u32,
    /// Its encoding.
    pub format: Format,
    /// `None`: the whole picture.
    pub crop: Option<Crop>,
}

/// A copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The encoded copy.
    pub bytes: Vec<u8>,
    /// In pixels; the original's (or the crop's) own width where that is smaller.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// The widths worth offering for an original: those smaller than it.
pub fn widths_for(original_width: u32) -> impl Iterator<Item = u32> {
    WIDTHS.into_iter().filter(move |w| *w < original_width)
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
    let part = part_of(f64::from(image.width()), f64::from(image.height()), wanted.crop);
    let width = wanted.width.min(whole(part.width));
    let height = whole(part.height * f64::from(width) / part.width);
    let same = (width, height) == (image.width(), image.height());
    let options = ResizeOptions::new().crop(part.left, part.top, part.width, part.height);
    let small = if same { image } else { picture::resize(&image, width, height, options)? };
    let bytes = match wanted.format {
        Format::Webp => picture::to_webp(&small, Some(78.0), 3)?,
        Format::Avif => picture::to_avif(&small, 65)?,
        Format::Jpeg => picture::to_jpeg(&small, 80)?,
        Format::Png => picture::to_png(&small)?,
    };
    Ok(Variant { bytes, width, height })
}

struct Part {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// The largest part of the wanted shape, as near around the focal point as the borders allow.
fn part_of(width: f64, height: f64, crop: Option<Crop>) -> Part {
    let Some(Crop { ratio: (across, down), focal: (x, y) }) = crop else {
        return Part { left: 0.0, top: 0.0, width, height };
    };
    // Shapes beyond 20:1 are mistakes; a focal point outside the picture is its border.
    let ratio = (f64::from(across.max(1)) / f64::from(down.max(1))).clamp(0.05, 20.0);
    let w = width.min(height * ratio).max(1.0);
    let h = height.min(width / ratio).max(1.0);
    let start = |focal: f64, all: f64, part: f64| (focal * all - part / 2.0).max(0.0).min(all - part);
    Part { left: start(x, width, w), top: start(y, height, h), width: w, height: h }
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
        Wanted { width, format, crop: None }
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
        assert_eq!(widths_for(700).collect::<Vec<_>>(), [160, 320, 480, 640]);
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

    #[test]
    fn a_crop_holds_the_focal_point() {
        // Red left half, blue right half.
        let original = picture::to_png(&samples::halves(800, 400)).unwrap();
        for (focal, red) in [((0.0, 0.5), true), ((1.0, 0.5), false), ((-9.0, f64::NAN), true)] {
            let crop = Some(Crop { ratio: (1, 1), focal });
            let copy = make(Kind::Png, &original, Wanted { width: 160, format: Format::Png, crop }).unwrap();
            assert_eq!((copy.width, copy.height), (160, 160));
            let [r, _, b] = picture::decode(Kind::Png, &copy.bytes).unwrap().to_rgb8().get_pixel(80, 80).0;
            assert_eq!(r > b, red, "{focal:?}");
        }
    }
}
