//! Moving pictures keep their frames and lose all else.

use std::io::Cursor;
use std::num::NonZeroU64;

use freehold_base::{Code, Error, Result};
use image::AnimationDecoder as _;
use image::codecs::webp::WebPDecoder;

use super::picture::{broken, check_size};
use super::sniff::Kind;

/// Frames of one animation; a minute at 24 a second is 1,440.
const MAX_FRAMES: usize = 1_500;
/// Pixels of all frames together: 5 s of full HD at 48 a second; bounds the work, not the memory (one frame at a time).
const MAX_FRAME_PIXELS: u64 = 500_000_000;

/// A GIF anew: each frame is decoded and encoded, with its colours and its time; comments, application blocks (but
/// the loop count) and what follows the end are not read. The second value says whether it moves.
pub(super) fn gif(bytes: &[u8]) -> Result<(Vec<u8>, bool)> {
    let lost = |_| broken(Kind::Gif);
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::Indexed);
    options.set_memory_limit(gif::MemoryLimit::Bytes(NonZeroU64::MIN.saturating_add(256 << 20)));
    options.check_frame_consistency(true);
    let mut decoder = options.read_info(bytes).map_err(lost)?;
    let (width, height) = (decoder.width(), decoder.height());
    check_size(Kind::Gif, width.into(), height.into())?;

    let colours = decoder.global_palette().unwrap_or_default().to_vec();
    let mut out = Vec::with_capacity(bytes.len());
    let mut encoder = gif::Encoder::new(&mut out, width, height, &colours).map_err(|_| broken(Kind::Gif))?;
    let mut budget = Budget::default();
    while let Some(frame) = decoder.read_next_frame().map_err(lost)? {
        budget.spend(frame.width.into(), frame.height.into())?;
        let count = frame.palette.as_ref().unwrap_or(&colours).len() / 3;
        let mut frame = frame.clone();
        frame.interlaced = false; // the decoder has put the lines in order
        for index in frame.buffer.to_mut() {
            if usize::from(*index) >= count {
                *index = 0; // a colour that is not in the table has no meaning
            }
        }
        // The loop count is known once the first frame is read, and is written before it.
        if budget.frames == 1 {
            encoder.set_repeat(decoder.repeat()).map_err(|_| broken(Kind::Gif))?;
        }
        encoder.write_frame(&frame).map_err(|_| broken(Kind::Gif))?;
    }
    drop(encoder);
    if budget.frames == 0 { Err(broken(Kind::Gif)) } else { Ok((out, budget.frames > 1)) }
}

#[derive(Default)]
struct Budget {
    frames: usize,
    pixels: u64,
}

impl Budget {
    fn spend(&mut self, width: u32, height: u32) -> Result<()> {
        self.frames += 1;
        self.pixels += u64::from(width) * u64::from(height);
        if self.frames > MAX_FRAMES || self.pixels > MAX_FRAME_PIXELS {
            return Err(Error::refused(Code::TooLarge, format!("{MAX_FRAMES} frames")));
        }
        Ok(())
    }
}

/// The chunks of a RIFF file: name and content; ends at the first that is cut off.
pub(super) fn chunks(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let size = bytes.get(4..8).and_then(|b| b.first_chunk()).map_or(0, |b: &[u8; 4]| u32::from_le_bytes(*b)) as usize;
    inner_chunks(bytes.get(12..size.saturating_add(8).min(bytes.len())).unwrap_or_default())
}

fn inner_chunks(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (id, after) = rest.split_first_chunk::<4>()?;
        let (len, body) = after.split_first_chunk::<4>()?;
        let len = u32::from_le_bytes(*len) as usize;
        let content = body.get(..len)?;
        rest = body.get(len + len % 2..).unwrap_or_default();
        Some((*id, content))
    })
}

/// Has it an animation chunk?
pub(crate) fn is_animated_webp(bytes: &[u8]) -> bool {
    chunks(bytes).any(|(id, _)| &id == b"ANIM")
}

/// An animated WebP with nothing but its frames. Every frame is decoded to prove it, and kept as it is: encoding
/// hundreds of frames anew takes minutes, and a frame's chunk is read by nothing but a picture decoder.
/// Source: RFC 9649 section 2.7.
pub(super) fn webp(bytes: &[u8]) -> Result<Vec<u8>> {
    check_frames(bytes)?;
    let mut body = b"WEBP".to_vec();
    for (id, content) in chunks(bytes) {
        match (&id, content) {
            // Only "has alpha" and "is animated" stay true; then 3 reserved bytes and the size of the canvas.
            (b"VP8X", [flags, _, _, _, size @ ..]) if size.len() == 6 => {
                push(&mut body, id, &[&[flags & 0x12, 0, 0, 0], size].concat());
            }
            (b"ANIM", content) if content.len() == 6 => push(&mut body, id, content),
            (b"ANMF", content) => {
                let (head, parts) = content.split_first_chunk::<16>().ok_or_else(|| broken(Kind::Webp))?;
                let mut frame = head.to_vec();
                inner_chunks(parts)
                    .filter(|(id, _)| matches!(id, b"ALPH" | b"VP8 " | b"VP8L"))
                    .for_each(|(id, part)| push(&mut frame, id, part));
                push(&mut body, id, &frame);
            }
            _ => {}
        }
    }
    let mut out = b"RIFF".to_vec();
    out.extend(u32::try_from(body.len()).map_err(|_| broken(Kind::Webp))?.to_le_bytes());
    out.extend(body);
    check_frames(&out)?;
    Ok(out)
}

fn check_frames(bytes: &[u8]) -> Result<()> {
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|_| broken(Kind::Webp))?;
    let mut budget = Budget::default();
    for frame in decoder.into_frames() {
        let frame = frame.map_err(|_| broken(Kind::Webp))?;
        budget.spend(frame.buffer().width(), frame.buffer().height())?;
    }
    if budget.frames == 0 { Err(broken(Kind::Webp)) } else { Ok(()) }
}

fn push(out: &mut Vec<u8>, id: [u8; 4], content: &[u8]) {
    out.extend(id);
    out.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(content);
    if content.len() % 2 == 1 {
        out.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn frames_of(bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
        let mut decoder = gif::DecodeOptions::new().read_info(bytes).unwrap();
        let mut frames = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            frames.push((frame.delay, frame.buffer.to_vec()));
        }
        frames
    }

    #[test]
    fn an_animated_gif_keeps_its_frames_times_and_loop_and_loses_its_comment() {
        let before = samples::animated_gif();
        let (after, moves) = gif(&before).unwrap();
        assert!(moves);
        assert_eq!(frames_of(&after), frames_of(&before));
        assert_eq!(frames_of(&after).len(), 3);
        let has = |what: &[u8]| after.windows(what.len()).any(|w| w == what);
        assert!(has(b"NETSCAPE2.0") && !has(b"a comment"));
    }

    #[test]
    fn an_animated_webp_keeps_its_frames_and_loses_its_metadata() {
        let plain = samples::animated_webp();
        let mut with_metadata = plain.clone();
        push(&mut with_metadata, *b"EXIF", b"GPS 52.5200");
        push(&mut with_metadata, *b"XMP ", b"<script>alert(1)</script>");
        let size = u32::try_from(with_metadata.len() - 8).unwrap().to_le_bytes();
        with_metadata[4..8].copy_from_slice(&size);
        with_metadata.extend(b"<?php trailer");
        let clean = webp(&with_metadata).unwrap();
        assert_eq!(clean, webp(&plain).unwrap());
        for trace in [&b"GPS"[..], b"<script", b"<?php"] {
            assert!(!clean.windows(trace.len()).any(|w| w == trace));
        }
    }

    #[test]
    fn too_many_frames_are_refused() {
        let mut budget = Budget::default();
        assert!((0..MAX_FRAMES).all(|_| budget.spend(10, 10).is_ok()));
        assert_eq!(budget.spend(10, 10).unwrap_err().as_code(), Code::TooLarge);
        assert!(Budget::default().spend(65_535, 65_535).is_err());
    }
}
