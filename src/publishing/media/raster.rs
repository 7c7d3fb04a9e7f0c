//! Photos and graphics: only their pixels are kept.
//!
//! The upload waits for the full decoding and encoding, and nothing else: variants are made when first asked for.
//! Decoding at once is the only proof that the file is a picture, and encoding at once means that no byte of the
//! sender is ever on the disk under a public name.
//!
//! Measured on one busy core, optimised, 2400 × 1600 (1.3 MB, much detail), CPU time: decoding 34 ms, encoding 128 ms,
//! placeholder 6 ms. The encoder is the cost: it writes full colour resolution. One that halves it (4:2:0), as
//! cameras do, is expected (not measured) to bring the whole below 150 ms.

use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions};
use freehold_base::Result;
use image::DynamicImage;

use super::sniff::Kind;
use super::{Clean, animated, picture};

/// Best quality that is kept of a photo (85: where artefacts stop being visible at full size).
const JPEG_QUALITY: u8 = 85;
/// Width of the copy that the colour is taken from, in pixels.
const TINY_WIDTH: u32 = 16;

/// Decodes within limits, turns upright, drops all metadata, encodes anew.
///
/// # Errors
/// `MediaBroken`, `TooLarge` (64 megapixels).
pub fn clean(kind: Kind, bytes: &[u8]) -> Result<Clean> {
    // The decoder paints grey over what is missing of a JPEG; somebody would publish half a picture.
    if kind == Kind::Jpeg && !is_whole_jpeg(bytes) {
        return Err(picture::broken(kind));
    }
    let image = picture::decode(kind, bytes)?;
    let (encoded, animated) = match kind {
        Kind::Jpeg => (picture::to_jpeg(&image, jpeg_quality(bytes).min(JPEG_QUALITY))?, false),
        Kind::Gif => animated::gif(bytes)?,
        Kind::Webp if animated::is_animated_webp(bytes) => (animated::webp(bytes)?, true),
        Kind::Webp => (picture::to_webp(&image, (!is_lossless_webp(bytes)).then_some(85.0), 2)?, false),
        _ => (picture::to_png(&image)?, false),
    };
    let colour = average(&image)?;
    let (width, height) = (image.width(), image.height());
    Ok(Clean { kind, bytes: encoded, width, height, colour, animated })
}

/// The average colour, out of a tiny copy.
fn average(image: &DynamicImage) -> Result<String> {
    let width = TINY_WIDTH.min(image.width());
    let height = (u64::from(image.height()) * u64::from(width) / u64::from(image.width().max(1))).clamp(1, 64);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box));
    let tiny = picture::resize(image, width, u32::try_from(height).unwrap_or(1), options)?;
    let mut sums = [0u64; 4];
    for pixel in tiny.to_rgba8().pixels() {
        let [r, g, b, a] = pixel.0.map(u64::from);
        for (sum, value) in sums.iter_mut().zip([r * a, g * a, b * a, a]) {
            *sum += value;
        }
    }
    let [r, g, b] = [sums[0], sums[1], sums[2]].map(|sum| sum.checked_div(sums[3]).unwrap_or(255));
    Ok(format!("#{r:02x}{g:02x}{b:02x}"))
}

/// The quality a JPEG was saved with, from its first quantisation table; saving it better only makes it larger.
/// 100 where it cannot be told. Source: ITU-T T.81 annex K (the table of quality 50 sums to 3,688; libjpeg scales it).
fn jpeg_quality(bytes: &[u8]) -> u8 {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, body @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*high, *low])).saturating_sub(2);
        match (marker, body) {
            (0xdb, [0, table @ ..]) if table.len() >= 64 => {
                let sum: u32 = table.iter().take(64).map(|q| u32::from(*q)).sum();
                let scale = (sum * 100 / 3688).max(1);
                let quality = if scale <= 100 { (200 - scale) / 2 } else { 5000 / scale };
                return u8::try_from(quality.clamp(40, 100)).unwrap_or(100);
            }
            (0xda, _) => break,
            _ => rest = body.get(len..).unwrap_or_default(),
        }
    }
    100
}

/// Does the picture's data end with its end marker? Inside of the data 0xff is never followed by 0xd9 (T.81 B.1.1.2);
/// thumbnails in headers have ends of their own, so only what follows the first scan counts.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, tail @ ..] = rest {
        match (marker, tail) {
            (0xff, _) => rest = rest.get(1..).unwrap_or_default(), // fill bytes before a marker
            (0xda, data) => return data.windows(2).any(|pair| pair == [0xff, 0xd9]),
            (_, [high, low, ..]) => {
                let len = usize::from(u16::from_be_bytes([*high, *low])).max(2);
                rest = tail.get(len..).unwrap_or_default();
            }
            _ => break,
        }
    }
    false
}

/// Does the first picture chunk say lossless?
fn is_lossless_webp(bytes: &[u8]) -> bool {
    animated::chunks(bytes).find_map(|(id, _)| matches!(&id, b"VP8 " | b"VP8L").then_some(id)) == Some(*b"VP8L")
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn position_camera_and_comments_are_gone_and_the_picture_is_upright() {
        let photo = samples::jpeg_with_exif(40, 20, 6);
        let found = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|w| w == what);
        assert!(found(&photo, b"Exif") && found(&photo, b"52.5200") && found(&photo, b"SecretCam"));
        let clean = clean(Kind::Jpeg, &photo).unwrap();
        assert_eq!((clean.width, clean.height), (20, 40), "orientation 6 is a quarter turn");
        for trace in [&b"Exif"[..], b"52.5200", b"SecretCam", b"a comment", b"http://ns.adobe.com"] {
            assert!(!found(&clean.bytes, trace), "{}", String::from_utf8_lossy(trace));
        }
        // The sample is red on its left half, blue on its right; a quarter turn clockwise puts red on top.
        let upright = picture::decode(Kind::Jpeg, &clean.bytes).unwrap().to_rgb8();
        let (top, bottom) = (upright.get_pixel(10, 5).0, upright.get_pixel(10, 35).0);
        assert!(top[0] > 200 && top[2] < 60 && bottom[2] > 200 && bottom[0] < 60, "{top:?} {bottom:?}");
    }

    #[test]
    fn all_eight_orientations_end_upright() {
        for orientation in 1..=8 {
            let clean = clean(Kind::Jpeg, &samples::jpeg_with_exif(40, 20, orientation)).unwrap();
            let turned = orientation >= 5;
            assert_eq!((clean.width, clean.height), if turned { (20, 40) } else { (40, 20) }, "{orientation}");
        }
    }

    #[test]
    fn half_a_photo_is_refused() {
        let photo = samples::jpeg_with_exif(400, 300, 1);
        assert!(clean(Kind::Jpeg, &photo).is_ok());
        let trailing = [&photo[..], b"\0\0 what some cameras append"].concat();
        assert!(clean(Kind::Jpeg, &trailing).is_ok());
        for cut in [photo.len() - 3, photo.len() * 3 / 4, photo.len() / 2, 700, 20] {
            assert!(clean(Kind::Jpeg, &photo[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn quality_is_never_raised() {
        let image = samples::photo(256, 256);
        for (saved, within) in [(30, 40..=40), (50, 49..=51), (75, 74..=76), (95, 94..=96)] {
            let bytes = picture::to_jpeg(&image, saved).unwrap();
            assert!(within.contains(&jpeg_quality(&bytes)), "{saved}: {}", jpeg_quality(&bytes));
        }
        let small = picture::to_jpeg(&image, 50).unwrap();
        assert!(clean(Kind::Jpeg, &small).unwrap().bytes.len() <= small.len() * 11 / 10);
    }

    #[test]
    fn every_kind_keeps_size_colour_and_transparency() {
        for (kind, bytes) in samples::pictures() {
            let clean = clean(kind, &bytes).unwrap();
            assert_eq!((clean.width, clean.height, clean.kind), (48, 32, kind));
            assert_eq!(clean.colour.len(), 7);
            let again = picture::decode(kind, &clean.bytes).unwrap();
            assert_eq!(
                again.color().has_alpha(),
                picture::decode(kind, &bytes).unwrap().color().has_alpha(),
                "{kind:?}"
            );
        }
        let red = DynamicImage::ImageRgb8(image::RgbImage::from_pixel(50, 50, image::Rgb([255, 0, 0])));
        assert_eq!(average(&red).unwrap(), "#ff0000");
    }

    #[test]
    fn a_wide_gamut_photo_keeps_its_look() {
        let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
        let image = DynamicImage::ImageRgb8(image::RgbImage::from_pixel(8, 8, image::Rgb([200, 60, 60])));
        let shown = picture::decode(Kind::Png, &samples::png_with_profile(&image, profile)).unwrap().to_rgb8();
        let [r, g, _] = shown.get_pixel(0, 0).0;
        assert!(r > 205 && g < 55, "P3 red is a stronger red in sRGB: {:?}", shown.get_pixel(0, 0));
    }
}
