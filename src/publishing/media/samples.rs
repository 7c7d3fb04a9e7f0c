//! Pictures made for tests.

use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageEncoder as _, Rgb, RgbImage};

use super::picture;
use super::sniff::Kind;

/// Something with detail, so that encoders have work.
pub(crate) fn photo(width: u32, height: u32) -> DynamicImage {
    let byte = |v: u32| u8::try_from(v % 256).unwrap();
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 27;
        Rgb([byte(x * 255 / width + noise), byte(y * 255 / height + noise), byte((x / 16 + y / 16) * 9)])
    }))
}

/// Red left, blue right.
pub(crate) fn halves(width: u32, height: u32) -> DynamicImage {
    let colour = |x| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, _| colour(x)))
}

/// One of each raster kind, 48 × 32; PNG and WebP with transparency.
pub(crate) fn pictures() -> Vec<(Kind, Vec<u8>)> {
    let image = photo(48, 32);
    let mut clear = image.to_rgba8();
    clear.put_pixel(3, 3, image::Rgba([1, 2, 3, 0]));
    let clear = DynamicImage::ImageRgba8(clear);
    vec![
        (Kind::Jpeg, picture::to_jpeg(&image, 90).unwrap()),
        (Kind::Png, picture::to_png(&clear).unwrap()),
        (Kind::Png, picture::to_png(&image.grayscale()).unwrap()),
        (Kind::Webp, picture::to_webp(&clear, Some(90.0), 3).unwrap()),
        (Kind::Webp, picture::to_webp(&clear, None, 3).unwrap()),
        (Kind::Gif, gif(48, 32)),
    ]
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &len[..], body].concat()
}

/// A JPEG with APP1 (EXIF with orientation, camera, position), APP1 (XMP) and a comment. Halves as [`halves`].
pub(crate) fn jpeg_with_exif(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let plain = picture::to_jpeg(&halves(width, height), 95).unwrap();
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
    exif.extend([0, 2]); // two entries: Make (text at 38), Orientation (short)
    exif.extend([0x01, 0x0f, 0, 2, 0, 0, 0, 10, 0, 0, 0, 38]);
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    exif.extend([0, 0, 0, 0]);
    exif.extend(b"SecretCam\0GPS 52.5200 13.4050");
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>52.5200</x:xmpmeta>";
    [&plain[..2], &segment(0xe1, &exif), &segment(0xe1, xmp), &segment(0xfe, b"a comment"), &plain[2..]].concat()
}

/// A PNG with a colour profile.
pub(crate) fn png_with_profile(image: &DynamicImage, profile: Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile).unwrap();
    encoder.write_image(image.as_bytes(), image.width(), image.height(), image.color().into()).unwrap();
    bytes
}

/// A still GIF.
pub(crate) fn gif(width: u16, height: u16) -> Vec<u8> {
    gif_of(width, height, 1)
}

/// Three frames, with a comment.
pub(crate) fn animated_gif() -> Vec<u8> {
    gif_of(40, 30, 3)
}

fn gif_of(width: u16, height: u16, frames: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &[255, 0, 0, 0, 0, 255]).unwrap();
    if frames > 1 {
        encoder.set_repeat(gif::Repeat::Infinite).unwrap();
    }
    encoder.write_raw_extension(gif::AnyExtension(0xfe), &[b"a comment"]).unwrap();
    for n in 0..frames {
        let pixels = (0..u32::from(width) * u32::from(height)).map(|i| u8::try_from((i + u32::from(n)) % 2).unwrap());
        let mut frame = gif::Frame::from_indexed_pixels(width, height, pixels.collect::<Vec<u8>>(), None);
        frame.delay = 10 + u16::from(n);
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

/// Three frames.
pub(crate) fn animated_webp() -> Vec<u8> {
    let config = webp::WebPConfig::new().unwrap();
    let images: Vec<_> = (0u8..3).map(|n| RgbImage::from_pixel(40, 30, Rgb([n * 80, 20, 20]))).collect();
    let mut encoder = webp::AnimEncoder::new(40, 30, &config);
    for (n, image) in images.iter().enumerate() {
        let at = i32::try_from(n * 100).unwrap();
        encoder.add_frame(webp::AnimFrame::from_rgb(image.as_raw(), 40, 30, at));
    }
    encoder.encode().to_vec()
}
