//! The colour of a brand as a style sheet: the panel has no inline styles. Its address holds the colour, so it never
//! changes; what is not readable is not served.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Error, ResellerId, Result};
use freehold_platform::customers::colour::{Colour, INK, NIGHT, READABLE, WHITE};
use freehold_platform::customers::resellers;
use freehold_store::Tx;
use serde::Serialize;

use crate::panel::assets::CACHE_CONTROL;
use crate::panel::failure::Reply;

/// What people see instead of our name.
#[derive(Clone, Debug, Serialize)]
pub struct BrandView {
    /// The name.
    pub name: String,
    /// Address of the style sheet of its colour; empty: our colour.
    pub css: String,
    /// Where its customers find help; empty: our help.
    pub help: String,
}

/// The brand of a reseller; none for the installation and for who has none.
///
/// # Errors
/// Database failures.
pub fn of(tx: &mut Tx<'_>, reseller: ResellerId) -> Result<Option<BrandView>> {
    let brand = resellers::brand_of(tx, reseller)?;
    Ok(brand.map(|brand| BrandView {
        css: brand.colour.strip_prefix('#').map_or_else(String::new, |hex| format!("/admin/brand/{hex}.css")),
        name: brand.name,
        help: brand.support_url,
    }))
}

/// `/admin/brand/0a6b4f.css`
pub async fn css(name: Path<String>) -> Reply {
    let colour = name.strip_suffix(".css").and_then(|hex| Colour::parse(&format!("#{hex}")));
    let colour = colour.filter(|c| c.contrast(WHITE) >= READABLE).ok_or_else(|| Error::not_found("file"))?;
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("cache-control", CACHE_CONTROL))
        .body(sheet(colour)))
}

/// The six accents of the tokens, for both themes; they win because they stand in no layer.
fn sheet(c: Colour) -> String {
    let (soft, dark_soft) = (c.mixed(7, WHITE), c.mixed(22, NIGHT));
    let night = c.until(7.0, NIGHT, WHITE);
    let rules = [
        ("accent", c, night),
        ("accent-hi", c.mixed(86, INK), night.mixed(70, WHITE)),
        ("on-accent", WHITE, INK),
        ("accent-text", c.until(5.0, soft, INK), c.until(6.0, dark_soft, WHITE)),
        ("accent-soft", soft, dark_soft),
        ("accent-line", c.mixed(38, WHITE), c.mixed(50, NIGHT)),
    ];
    let rules: Vec<String> = rules
        .iter()
        .map(|(name, light, dark)| format!("--{name}:light-dark({},{})", light.hex(), dark.hex()))
        .collect();
    format!(":root{{{}}}", rules.join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_can_be_read_on_every_accent_of_every_brand() {
        for hex in ["#0a6b4f", "#000000", "#c2185b", "#0b1f4b", "#767676", "#7a4b00", "#ff0000"] {
            let c = Colour::parse(hex).unwrap();
            if c.contrast(WHITE) < READABLE {
                continue;
            }
            let sheet = sheet(c);
            let of = |name: &str, dark: bool| {
                let rest = sheet.split(&format!("--{name}:light-dark(")).nth(1).unwrap();
                let pair: Vec<&str> = rest.split(')').next().unwrap().split(',').collect();
                Colour::parse(pair[usize::from(dark)]).unwrap()
            };
            for dark in [false, true] {
                let ground = if dark { NIGHT } else { WHITE };
                for (word, on) in [
                    (of("on-accent", dark), of("accent", dark)),
                    (of("on-accent", dark), of("accent-hi", dark)),
                    (of("accent-text", dark), of("accent-soft", dark)),
                    (of("accent-text", dark), ground),
                    (of("accent", dark), ground),
                ] {
                    assert!(word.contrast(on) >= READABLE, "{hex} dark={dark}: {} on {}", word.hex(), on.hex());
                }
            }
        }
    }
}
