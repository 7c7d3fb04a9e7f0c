//! Colours of brands: whether words can be read on them (WCAG 2.2, relative luminance), and their lighter and darker
//! kin.

/// A colour by its three parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(u8, u8, u8);

/// White.
pub const WHITE: Colour = Colour(255, 255, 255);
/// The ground of dark panels.
pub const NIGHT: Colour = Colour(0x16, 0x1b, 0x19);
/// Words on light buttons of dark panels.
pub const INK: Colour = Colour(0x07, 0x12, 0x0d);
/// Least contrast between words and their ground.
pub const READABLE: f64 = 4.5;

impl Colour {
    /// Reads `#rrggbb` in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('#').filter(|h| h.len() == 6 && h.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let part = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        Some(Self(part(0)?, part(2)?, part(4)?))
    }
    /// As `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
    /// Contrast with another one, 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
    /// So many percent of it, the rest of another one.
    #[must_use]
    pub fn mixed(self, percent: u16, other: Self) -> Self {
        let percent = percent.min(100);
        let part = |a: u8, b: u8| {
            let sum = u16::from(a) * percent + u16::from(b) * (100 - percent);
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        Self(part(self.0, other.0), part(self.1, other.1), part(self.2, other.2))
    }
    /// It, moved towards another one until it has this contrast with a ground.
    #[must_use]
    pub fn until(self, contrast: f64, ground: Self, towards: Self) -> Self {
        let steps = (0..=20).rev().map(|n| self.mixed(n * 5, towards));
        steps.into_iter().find(|c| c.contrast(ground) >= contrast).unwrap_or(towards)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_rules() {
        let black = Colour::parse("#000000").unwrap();
        assert!((WHITE.contrast(black) - 21.0).abs() < 0.01);
        let grey = Colour::parse("#767676").unwrap();
        assert!((4.5..4.6).contains(&grey.contrast(WHITE)), "the lightest grey that may stand on white");
        assert_eq!(Colour::parse("#0A6b4F").unwrap().hex(), "#0a6b4f");
        for wrong in ["", "0a6b4f", "#0a6b4", "#0a6b4g", "#0a6b4fa", "#é6b4f"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_colour_moves_until_it_can_be_read() {
        let navy = Colour::parse("#0b1f4b").unwrap();
        assert!(navy.contrast(NIGHT) < 2.0);
        assert!(navy.until(7.0, NIGHT, WHITE).contrast(NIGHT) >= 7.0);
        assert_eq!(WHITE.until(7.0, NIGHT, WHITE), WHITE);
    }
}
