//! The customiser: what the theme's settings are tried out as, beside the site as it would be (row TH03).

pub mod act;
pub mod page;
pub mod past;
mod setting;

use freehold_base::error::Refusals;
use freehold_base::{Result, SiteId, Timestamp};
use freehold_platform::secrets::tokens::{DesignGrant, Scheme, sign_design};
use freehold_publishing::designs::{Design, Values};
use freehold_publishing::themes::manifest::Kind;
use serde::Serialize;

use super::{HOUR_MS, WORKS};
use crate::panel::app::App;
use crate::panel::ctx::Ctx;
use crate::panel::form::Form;

/// What stands before a setting's id in a form: no setting is mistaken for a button.
const FIELD: &str = "s_";

/// How the page is looked at: all of it stands in its address.
#[derive(Clone, Copy)]
struct Look {
    /// All options, or the simple ones.
    all: bool,
    scheme: &'static str,
    width: &'static str,
}

/// Colours and widths of the frame: word, name, icon.
const SCHEMES: [(&str, &str, &str); 3] =
    [("auto", "As this device", "sun-moon"), ("light", "Light", "sun"), ("dark", "Dark", "moon")];
const WIDTHS: [(&str, &str, &str); 3] =
    [("desktop", "Wide screen", "monitor"), ("tablet", "Tablet", "tablet"), ("phone", "Phone", "smartphone")];

impl Look {
    fn of(ctx: &Ctx) -> Self {
        let known = |param: &str, all: [(&'static str, &str, &str); 3]| {
            let asked = ctx.param(param).unwrap_or_default();
            all.iter().map(|(word, ..)| *word).find(|word| *word == asked).unwrap_or(all[0].0)
        };
        Self {
            all: ctx.param("options").is_some_and(|o| o == "all"),
            scheme: known("colours", SCHEMES),
            width: known("width", WIDTHS),
        }
    }

    /// The address of the page looked at so.
    fn href(self, ctx: &Ctx) -> String {
        let mut asked = Vec::new();
        if self.all {
            asked.push("options=all".to_owned());
        }
        if self.scheme != SCHEMES[0].0 {
            asked.push(format!("colours={}", self.scheme));
        }
        if self.width != WIDTHS[0].0 {
            asked.push(format!("width={}", self.width));
        }
        let query = if asked.is_empty() { String::new() } else { format!("?{}", asked.join("&")) };
        format!("{}{query}", ctx.design_href())
    }

    /// The same with what was just done.
    fn done(self, ctx: &Ctx, word: &str) -> String {
        let href = self.href(ctx);
        let join = if href.contains('?') { '&' } else { '?' };
        if word.is_empty() { href } else { format!("{href}{join}done={word}") }
    }
}

impl Ctx {
    /// The customiser.
    fn design_href(&self) -> String {
        format!("{}/theme-customise", self.base())
    }

    /// What was live.
    fn designs_href(&self) -> String {
        format!("{}/theme-history", self.base())
    }
}

/// Signed addresses of the design in a frame, with a slash at their end.
#[derive(Clone, Debug, Serialize)]
struct Frames {
    auto: String,
    light: String,
    dark: String,
}

impl Frames {
    fn of(app: &App, origin: &str, (site, theme): (SiteId, &str), live: bool, now: Timestamp) -> Self {
        // The same address for an hour: a page that is loaded again shows the same frame.
        let expires_at = Timestamp((now.plus(WORKS).ms() / HOUR_MS + 1) * HOUR_MS);
        let address = |scheme| {
            let grant = DesignGrant { site, theme: theme.to_owned(), link: 0, live, scheme, expires_at };
            format!("{origin}/_/design/{}/", sign_design(&app.keys, &grant))
        };
        Self { auto: address(Scheme::Auto), light: address(Scheme::Light), dark: address(Scheme::Dark) }
    }

    fn get(&self, scheme: &str) -> String {
        match scheme {
            "light" => &self.light,
            "dark" => &self.dark,
            _ => &self.auto,
        }
        .clone()
    }
}

/// The link that shows the draft to others; empty where there is none.
fn link_of(app: &App, origin: &str, site: SiteId, design: &Design) -> String {
    let Some(share) = design.share else { return String::new() };
    let grant = DesignGrant {
        site,
        theme: design.theme.clone(),
        link: share.number,
        live: false,
        scheme: Scheme::Auto,
        expires_at: share.until,
    };
    format!("{origin}/_/design/{}/", sign_design(&app.keys, &grant))
}

/// The values of a form. A switch that is off sends nothing: the form says which were shown.
///
/// # Errors
/// `Invalid` naming each setting.
fn typed(design: &Design, form: &Form) -> Result<Values> {
    let (mut values, mut refused) = (Values::new(), Refusals::default());
    let switches = form.all("shown");
    let reset = form.get("reset");
    for setting in design.settings() {
        let field = format!("{FIELD}{}", setting.id);
        if setting.id == reset {
            values.extend(design.live.get(&setting.id).map(|live| (setting.id.clone(), live.clone())));
            continue;
        }
        let sent = form.has(&field) || setting.kind == Kind::Bool && switches.contains(&setting.id.as_str());
        match setting.read(form.get(&field)) {
            _ if !sent => {}
            Ok(value) => drop(values.insert(setting.id.clone(), value)),
            Err((code, detail)) => refused.add(setting.id.clone(), code, detail),
        }
    }
    refused.check()?;
    Ok(values)
}
