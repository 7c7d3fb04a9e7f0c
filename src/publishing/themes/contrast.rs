//! How well one colour is read on another: WCAG 2.2, "contrast ratio" and "relative luminance".

/// A colour as light: red, green and blue of linear sRGB, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light([f64; 3]);

/// A colour in light and in dark; the same where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// On light pages.
    pub light: Light,
    /// On dark pages.
    pub dark: Light,
}

/// Contrast from which any text is read well (WCAG 2.2, 1.4.3).
pub const READABLE: f64 = 4.5;
/// Contrast from which large text is.
pub const LARGE: f64 = 3.0;

/// How well a text is read: 1 (not at all) to 21, in light and in dark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// On light pages; none where the colour is not used there.
    pub light: Option<f64>,
    /// On dark pages.
    pub dark: Option<f64>,
}

impl Found {
    /// Of a text on its ground; `when`: `light`, `dark` or empty for both.
    pub fn of(text: Pair, ground: Pair, when: &str) -> Self {
        Self {
            light: (when != "dark").then(|| ratio(text.light, ground.light)),
            dark: (when != "light").then(|| ratio(text.dark, ground.dark)),
        }
    }

    /// The worse of both.
    pub fn worst(self) -> f64 {
        self.light.into_iter().chain(self.dark).fold(21.0, f64::min)
    }

    /// In words: `Readable, 15.5 : 1`.
    pub fn words(self) -> String {
        let worst = self.worst();
        format!("{}, {} : 1", verdict(worst), shown(worst))
    }

    /// Both in words, where they differ: `Light 15.5 : 1, dark 14.2 : 1`.
    pub fn both(self) -> String {
        match (self.light, self.dark) {
            (Some(light), Some(dark)) => format!("Light {} : 1, dark {} : 1", shown(light), shown(dark)),
            (Some(light), None) => format!("On light pages {} : 1", shown(light)),
            (None, Some(dark)) => format!("On dark pages {} : 1", shown(dark)),
            (None, None) => String::new(),
        }
    }
}

fn verdict(ratio: f64) -> &'static str {
    match ratio {
        r if r >= READABLE => "Readable",
        r if r >= LARGE => "Only large text is readable",
        _ => "Hard to read",
    }
}

/// Cut, not rounded: 4.49 is no 4.5.
fn shown(ratio: f64) -> String {
    format!("{:.1}", (ratio * 10.0).floor() / 10.0)
}

/// The contrast of two colours, 1 to 21.
pub fn ratio(a: Light, b: Light) -> f64 {
    let luminance = |Light([r, g, b]): Light| 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

impl Pair {
    /// Reads a CSS colour: hexadecimal, `rgb()`, `hsl()`, `oklch()`, `oklab()`, a basic name, or `light-dark()` of two.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text.len() > 120 {
            return None;
        }
        match text.strip_prefix("light-dark(").and_then(|rest| rest.strip_suffix(')')) {
            Some(two) => {
                let (light, dark) = halves(two)?;
                Some(Self { light: Light::parse(light.trim())?, dark: Light::parse(dark.trim())? })
            }
            None => Light::parse(&text).map(|one| Self { light: one, dark: one }),
        }
    }
}

/// The two parts around the comma that stands in no bracket.
fn halves(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_i32;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

/// Basic colours of CSS.
const NAMES: &[(&str, u32)] = &[
    ("black", 0x00_0000),
    ("silver", 0xc0_c0c0),
    ("gray", 0x80_8080),
    ("grey", 0x80_8080),
    ("white", 0xff_ffff),
    ("maroon", 0x80_0000),
    ("red", 0xff_0000),
    ("purple", 0x80_0080),
    ("fuchsia", 0xff_00ff),
    ("green", 0x00_8000),
    ("lime", 0x00_ff00),
    ("olive", 0x80_8000),
    ("yellow", 0xff_ff00),
    ("navy", 0x00_0080),
    ("blue", 0x00_00ff),
    ("teal", 0x00_8080),
    ("aqua", 0x00_ffff),
    ("orange", 0xff_a500),
];

impl Light {
    fn parse(text: &str) -> Option<Self> {
        if let Some((_, hex)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Some(Self::of_bytes(hex.to_be_bytes()));
        }
        if let Some(hex) = text.strip_prefix('#') {
            return Self::of_hex(hex);
        }
        let (name, rest) = text.split_once('(')?;
        let parts = parts(rest.strip_suffix(')')?)?;
        match name {
            "rgb" | "rgba" => Some(Self(parts.map(|p| linear(p.of(255.0) / 255.0)))),
            "hsl" | "hsla" => Some(Self(of_hsl(parts).map(linear))),
            "oklch" => {
                let [l, c, h] = parts;
                let (c, h) = (c.of(0.4), h.number.to_radians());
                Some(Self::of_oklab(l.of(1.0), c * h.cos(), c * h.sin()))
            }
            "oklab" => {
                let [l, a, b] = parts;
                Some(Self::of_oklab(l.of(1.0), a.of(0.4), b.of(0.4)))
            }
            _ => None,
        }
    }

    fn of_bytes([_, r, g, b]: [u8; 4]) -> Self {
        Self([r, g, b].map(|part| linear(f64::from(part) / 255.0)))
    }

    fn of_hex(hex: &str) -> Option<Self> {
        let long = match hex.len() {
            3 | 4 => hex.chars().take(3).flat_map(|c| [c, c]).collect(),
            6 | 8 => hex.get(..6)?.to_owned(),
            _ => return None,
        };
        let all = hex.bytes().all(|b| b.is_ascii_hexdigit());
        u32::from_str_radix(&long, 16).ok().filter(|_| all).map(|rgb| Self::of_bytes(rgb.to_be_bytes()))
    }

    /// Source: Björn Ottosson, "A perceptual color space for image processing"; CSS Color 4 section 9. What lies
    /// outside sRGB is cut.
    fn of_oklab(l: f64, a: f64, b: f64) -> Self {
        let cube = |x: f64| x * x * x;
        let long = cube(l + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
        let mid = cube(l - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
        let short = cube(l - 0.089_484_177_5 * a - 1.291_485_548 * b);
        let rgb = [
            4.076_741_662_1 * long - 3.307_711_591_3 * mid + 0.230_969_929_2 * short,
            -1.268_438_004_6 * long + 2.609_757_401_1 * mid - 0.341_319_396_5 * short,
            -0.004_196_086_3 * long - 0.703_418_614_7 * mid + 1.707_614_701 * short,
        ];
        Self(rgb.map(|part| part.clamp(0.0, 1.0)))
    }
}

/// One number of a colour, and whether it was a percentage.
#[derive(Clone, Copy)]
struct Part {
    number: f64,
    percent: bool,
}

impl Part {
    /// Its value where 100 % is `whole`.
    fn of(self, whole: f64) -> f64 {
        if self.percent { self.number / 100.0 * whole } else { self.number }
    }
}

/// The three numbers of a colour. How much shines through is a number too, and is left out.
fn parts(text: &str) -> Option<[Part; 3]> {
    let part = |word: &str| {
        let percent = word.ends_with('%');
        let number = word.trim_end_matches('%').trim_end_matches("deg").parse::<f64>().ok()?;
        number.is_finite().then_some(Part { number, percent })
    };
    let mut sides = text.split('/');
    let words = sides.next()?.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let all: Vec<Part> = words.map(part).collect::<Option<_>>()?;
    let shines = sides.next().is_none_or(|word| part(word.trim()).is_some()) && sides.next().is_none();
    if !(3..=4).contains(&all.len()) || !shines {
        return None;
    }
    all.get(..3)?.try_into().ok()
}

/// Source: CSS Color 4 section 7.
fn of_hsl([h, s, l]: [Part; 3]) -> [f64; 3] {
    let unit = |part: Part| (part.number / 100.0).clamp(0.0, 1.0);
    let (h, s, l) = (h.number.rem_euclid(360.0), unit(s), unit(l));
    let a = s * l.min(1.0 - l);
    [0.0, 8.0, 4.0].map(|n: f64| {
        let k = (n + h / 30.0).rem_euclid(12.0);
        l - a * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    })
}

/// A part of sRGB as light.
fn linear(part: f64) -> f64 {
    let part = part.clamp(0.0, 1.0);
    if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, ground: &str) -> f64 {
        ratio(Pair::parse(text).unwrap().light, Pair::parse(ground).unwrap().light)
    }

    // row: TH10
    #[test]
    fn th10_contrast_is_as_wcag_counts_it() {
        // Known pairs: WebAIM's contrast checker, and what a browser shows for oklch.
        for (text, ground, expected) in [
            ("#000", "#fff", 21.0),
            ("#777777", "white", 4.47),
            ("#767676", "#FFFFFF", 4.54),
            ("rgb(170 61 39)", "#fff", 6.27),
            ("rgba(170, 61, 39, .5)", "#ffffffff", 6.27),
            ("rgb(170 61 39 / 50%)", "#fff", 6.27),
            ("hsl(0 100% 50%)", "white", 3.99),
            ("hsl(240, 100%, 50%)", "white", 8.59),
            ("oklch(0.5 0.148 33)", "oklch(100% 0 0)", 6.4),
            ("oklab(0 0 0)", "white", 21.0),
        ] {
            let found = of(text, ground);
            assert!((found - expected).abs() < 0.15, "{text} on {ground}: {found}");
        }
    }

    #[test]
    fn colours_of_two_sides_and_what_is_none() {
        let pair = Pair::parse("light-dark(oklch(.2 0 0), rgb(255, 255, 255))").unwrap();
        assert!(ratio(pair.light, Pair::parse("#fff").unwrap().light) > 10.0);
        assert_eq!(pair.dark, Pair::parse("white").unwrap().light);
        for none in [
            "",
            "#12",
            "#ggg",
            "reddish",
            "rgb(1 2)",
            "url(x)",
            "rgb(1 2 3",
            "rgb(1 2 3/;})",
            "rgb(1 2 3/()",
            "rgb(1 2 3 / 1 / 1)",
            "light-dark(#fff)",
            "rgb(a b c)",
            "#ffff00ff0",
        ] {
            assert_eq!(Pair::parse(none), None, "{none}");
        }
    }

    #[test]
    fn the_words_name_the_worse_side_and_never_round_up() {
        let found = |light, dark| Found { light, dark };
        assert_eq!(found(Some(15.58), Some(12.0)).words(), "Readable, 12.0 : 1");
        assert_eq!(found(Some(4.49), None).words(), "Only large text is readable, 4.4 : 1");
        assert_eq!(found(None, Some(2.99)).words(), "Hard to read, 2.9 : 1");
        assert_eq!(found(Some(15.58), Some(12.0)).both(), "Light 15.5 : 1, dark 12.0 : 1");
    }
}
