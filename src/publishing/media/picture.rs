//! Pixels: decoding within limits and encoding. What is not a pixel does not pass through here.

use std::io::Cursor;

use fast_image_resize::{ResizeOptions, Resizer};
use freehold_base::{Code, Error, Result};
use image::codecs::avif::AvifEncoder;
use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder, ImageEncoder as _, Limits};
use moxcms::{ColorProfile, Layout, TransformOptions};

use super::sniff::Kind;

/// Largest picture: 64 megapixels (security rule B8).
pub const MAX_PIXELS: u64 = 64_000_000;
/// Longest side; a picture of 1 × 64,000,000 is nobody's.
const MAX_SIDE: u32 = 32_767;
/// Memory a decoder may take: 64 megapixels of 8 bytes (16-bit RGBA).
const MAX_MEMORY: u64 = 512 << 20;

/// "The file could not be read as …".
pub(super) fn broken(kind: Kind) -> Error {
    Error::refused(Code::MediaBroken, kind.extension().to_uppercase())
}

/// Refuses dimensions before anything is decoded.
pub(super) fn check_size(kind: Kind, width: u32, height: u32) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(broken(kind));
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS || width.max(height) > MAX_SIDE {
        return Err(Error::refused(Code::TooLarge, "64 megapixels"));
    }
    Ok(())
}

/// The picture upright, in sRGB, 8 bits per channel: grey, RGB or RGBA. Of an animation the first frame.
///
/// # Errors
/// `MediaBroken`, `TooLarge`.
pub fn decode(kind: Kind, bytes: &[u8]) -> Result<DynamicImage> {
    let source = Cursor::new(bytes);
    let lost = |_| broken(kind);
    match kind {
        Kind::Jpeg => pixels(kind, JpegDecoder::new(source).map_err(lost)?),
        Kind::Png => pixels(kind, PngDecoder::with_limits(source, limits()).map_err(lost)?),
        Kind::Gif => pixels(kind, GifDecoder::new(source).map_err(lost)?),
        Kind::Webp => pixels(kind, WebPDecoder::new(source).map_err(lost)?),
        _ => Err(broken(kind)),
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

fn pixels(kind: Kind, mut decoder: impl ImageDecoder) -> Result<DynamicImage> {
    let (width, height) = decoder.dimensions();
    check_size(kind, width, height)?;
    decoder.set_limits(limits()).map_err(|_| broken(kind))?;
    let orientation = decoder.orientation().ok();
    let profile = decoder.icc_profile().ok().flatten();
    let decoded = DynamicImage::from_decoder(decoder).map_err(|_| broken(kind))?;
    let mut image = eight_bit(decoded);
    if let Some(profile) = profile {
        to_srgb(&mut image, &profile);
    }
    if let Some(orientation) = orientation {
        image.apply_orientation(orientation);
    }
    Ok(image)
}

fn eight_bit(image: DynamicImage) -> DynamicImage {
    match image {
        DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_) => image,
        DynamicImage::ImageLuma16(_) => DynamicImage::ImageLuma8(image.into_luma8()),
        other if other.color().has_alpha() => DynamicImage::ImageRgba8(other.into_rgba8()),
        other => DynamicImage::ImageRgb8(other.into_rgb8()),
    }
}

/// Colours of another profile (phones: Display P3) become sRGB, because the profile is dropped like all metadata.
/// A profile that cannot be used changes nothing.
fn to_srgb(image: &mut DynamicImage, profile: &[u8]) {
    // Most profiles say "sRGB"; the two spellings are ICC's `desc` in ASCII and in UTF-16.
    let says = |what: &[u8]| profile.windows(what.len()).any(|w| w == what);
    if says(b"sRGB") || says(b"s\0R\0G\0B") {
        return;
    }
    let Ok(source) = ColorProfile::new_from_slice(profile) else { return };
    let (layout, samples) = match image {
        DynamicImage::ImageRgb8(i) => (Layout::Rgb, i.as_flat_samples_mut().samples),
        DynamicImage::ImageRgba8(i) => (Layout::Rgba, i.as_flat_samples_mut().samples),
        _ => return,
    };
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = source.create_transform_8bit(layout, &srgb, layout, TransformOptions::default()) else {
        return;
    };
    let mut changed = vec![0; samples.len()];
    if transform.transform(samples, &mut changed).is_ok() {
        samples.copy_from_slice(&changed);
    }
}

/// A smaller (or cropped) copy; alpha is handled so that edges do not darken.
pub(super) fn resize(image: &DynamicImage, width: u32, height: u32, options: ResizeOptions) -> Result<DynamicImage> {
    let mut small = DynamicImage::new(width.max(1), height.max(1), image.color());
    Resizer::new().resize(image, &mut small, &options).map_err(|e| Error::internal("making an image smaller", e))?;
    Ok(small)
}

/// JPEG of a quality 1 to 100; transparent parts become white.
pub(super) fn to_jpeg(image: &DynamicImage, quality: u8) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    let flat;
    let image = match image {
        DynamicImage::ImageRgba8(image) => {
            flat = on_white(image);
            &flat
        }
        other => other,
    };
    encoder.write_image(image.as_bytes(), image.width(), image.height(), image.color().into()).map_err(failed)?;
    Ok(bytes)
}

fn on_white(image: &image::RgbaImage) -> DynamicImage {
    let mix =
        |c: u8, a: u8| u8::try_from((u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a))) / 255).unwrap_or(255);
    let flat = image::RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [r, g, b, a] = image.get_pixel(x, y).0;
        image::Rgb([mix(r, a), mix(g, a), mix(b, a)])
    });
    DynamicImage::ImageRgb8(flat)
}

/// PNG without any text, profile or time.
pub(super) fn to_png(image: &DynamicImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
    encoder.write_image(image.as_bytes(), image.width(), image.height(), image.color().into()).map_err(failed)?;
    Ok(bytes)
}

/// WebP of a quality 0 to 100; `None`: lossless. `effort` 0 (fast) to 6 (small).
pub(super) fn to_webp(image: &DynamicImage, quality: Option<f32>, effort: i32) -> Result<Vec<u8>> {
    let rgb;
    let (samples, layout) = match image {
        DynamicImage::ImageRgba8(i) => (i.as_raw().as_slice(), webp::PixelLayout::Rgba),
        DynamicImage::ImageRgb8(i) => (i.as_raw().as_slice(), webp::PixelLayout::Rgb),
        other => {
            rgb = other.to_rgb8();
            (rgb.as_raw().as_slice(), webp::PixelLayout::Rgb)
        }
    };
    let failed = |what: &str| Error::internal("encoding WebP", what.to_owned());
    let mut config = webp::WebPConfig::new().map_err(|()| failed("no configuration"))?;
    config.lossless = i32::from(quality.is_none());
    config.quality = quality.unwrap_or(50.0);
    config.method = effort;
    let encoder = webp::Encoder::new(samples, layout, image.width(), image.height());
    let bytes = encoder.encode_advanced(&config).map_err(|e| failed(&format!("{e:?}")))?;
    Ok(bytes.to_vec())
}

/// AVIF, speed 9 on one thread: a full-size one takes seconds, so it is made in the background only.
pub(super) fn to_avif(image: &DynamicImage, quality: u8) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One thread: the default would use rayon's threads, which have no lowered priority.
    let encoder = AvifEncoder::new_with_speed_quality(&mut bytes, 9, quality).with_num_threads(Some(1));
    encoder.write_image(image.as_bytes(), image.width(), image.height(), image.color().into()).map_err(failed)?;
    Ok(bytes)
}

fn failed(e: image::ImageError) -> Error {
    Error::internal("encoding an image", e)
}
