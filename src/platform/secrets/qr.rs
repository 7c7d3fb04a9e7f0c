//! QR codes as the path of an SVG, so that a template draws them without inline style or image.

use freehold_base::{OrInternal as _, Result};
use qrcodegen::{QrCode, QrCodeEcc};

/// White modules around the code that readers need (ISO/IEC 18004 asks for 4).
const QUIET: i32 = 4;

/// A QR code: `<svg viewBox="0 0 SIZE SIZE"><path d="PATH"/></svg>`, dark on white.
#[derive(Clone)]
pub struct QrPath {
    /// Side length in modules, with the quiet zone.
    pub size: i32,
    /// Path data: only digits, `M`, `h`, `v`, `z`, `-` and spaces. It shows the text: as secret as that.
    pub path: String,
}

/// Draws a text of up to 1,000 bytes.
///
/// # Errors
/// `Internal` where it does not fit.
pub fn draw(text: &str) -> Result<QrPath> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).or_internal("drawing a QR code")?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).unwrap_or(0);
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run + 1;
        }
    }
    Ok(QrPath { size: code.size() + 2 * QUIET, path })
}
