//! The panel's templates: one Tera instance, made once, when the first page of the panel is asked for. Until then a
//! node that only serves sites is 4 MB smaller and starts sooner.
//!
//! Every page is rendered with `frame`, `page` and `csp_nonce`; `assets` (plain name → address) is
//! there for all of them. Escaping is on for every template.

use std::sync::OnceLock;

use freehold_base::{Error, Result};
use rust_embed::Embed;
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera};

use super::assets;
use super::frame::Frame;

/// The files of `admin-ui/templates`.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../admin-ui/templates"]
struct Files;

/// The templates of the panel; cheap to share behind an `Arc`.
#[derive(Debug, Default)]
pub struct Templates {
    tera: OnceLock<Tera>,
}

impl Templates {
    /// The compiled templates.
    fn tera(&self) -> Result<&Tera> {
        if let Some(tera) = self.tera.get() {
            return Ok(tera);
        }
        let made = compile()?;
        Ok(self.tera.get_or_init(|| made))
    }

    /// Renders the page template `name` (such as `entries/list.html`).
    ///
    /// `nonce` is the one of this response's Content-Security-Policy.
    /// Errors: `Internal` when the template reads a field that `page` does not have.
    pub fn page<P: Serialize>(&self, name: &str, nonce: &str, frame: &Frame, page: &P) -> Result<String> {
        self.render(name, &context(nonce, frame, page))
    }

    /// Renders one block of a page template, for an answer to a partial update.
    ///
    /// Errors: as `page`.
    pub fn part<P: Serialize>(&self, name: &str, block: &str, nonce: &str, frame: &Frame, page: &P) -> Result<String> {
        let context = context(nonce, frame, page);
        self.tera()?.render_block(name, block, &context).map_err(|e| broken(&e))
    }

    /// Renders `name` with a context of the caller's own.
    ///
    /// Errors: as `page`.
    pub fn render(&self, name: &str, context: &Context) -> Result<String> {
        self.tera()?.render(name, context).map_err(|e| broken(&e))
    }
}

/// Compiles every embedded template.
///
/// Errors: `Internal` with Tera's report (file, line, what is wrong).
fn compile() -> Result<Tera> {
    let mut tera = Tera::new();
    tera.autoescape_on(vec![".html"]);
    tera.register_filter("hue_class", hue_class);
    tera.register_filter("grouped", grouped);
    tera.global_context().insert("assets", &assets::addresses()?);
    tera.add_raw_templates(sources()?).map_err(|e| broken(&e))?;
    Ok(tera)
}

/// The three things every page reads.
fn context<P: Serialize>(nonce: &str, frame: &Frame, page: &P) -> Context {
    let mut context = Context::new();
    context.insert("csp_nonce", nonce);
    context.insert("frame", frame);
    context.insert("page", page);
    context
}

/// Name and text of every template.
fn sources() -> Result<Vec<(String, String)>> {
    Files::iter()
        .filter(|name| name.ends_with(".html"))
        .filter_map(|name| Files::get(&name).map(|file| (name.into_owned(), file.data.into_owned())))
        .map(|(name, bytes)| {
            let text = String::from_utf8(bytes)
                .map_err(|_| Error::internal("reading a panel template", format!("{name} is not UTF-8")))?;
            Ok((name, text))
        })
        .collect()
}

/// Class of an avatar's colour: twelve steps of the circle (the panel has no inline styles).
#[allow(clippy::needless_pass_by_value, reason = "the shape that Tera calls")]
fn hue_class(hue: i64, _: Kwargs, _: &State<'_>) -> String {
    format!("h{}", hue.rem_euclid(360) / 30)
}

/// A whole number in groups of three.
#[allow(clippy::needless_pass_by_value, reason = "the shape that Tera calls")]
fn grouped(number: i64, _: Kwargs, _: &State<'_>) -> String {
    freehold_base::text::grouped(number)
}

fn broken(error: &tera::Error) -> Error {
    Error::internal("rendering a panel page", error.to_string())
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
