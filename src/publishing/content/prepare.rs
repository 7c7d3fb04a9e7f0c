//! The first half of a save, on no transaction at all: reading, cleaning and measuring the text.

use freehold_base::text::{line, lines};
use freehold_base::{Code, Result};

use super::change::{Body, Changes};
use super::password::Sealed;
use crate::document::Document;

/// Checked changes: what remains is comparing and writing.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The changes, with clean texts and without body.
    pub changes: Changes,
    /// The clean document, if the body changes.
    pub text: Option<Text>,
}

/// A clean document with what is derived from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// The document as JSON.
    pub json: String,
    /// Its words, for the search index.
    pub plain: String,
    /// Its first words, for lists.
    pub summary: String,
    /// How many words.
    pub words: i64,
}

/// Words of a summary that nobody wrote.
const SUMMARY_WORDS: usize = 40;

/// Checks and cleans. `allow_raw`: HTML stays as it was written (row ED19).
///
/// # Errors
/// `Invalid` naming every refused field.
pub fn prepare(changes: Changes, allow_raw: bool) -> Result<Prepared> {
    let mut refused = freehold_base::error::Refusals::default();
    let mut c = changes;
    let body = c.body.take();
    let mut short = |field: &'static str, value: &mut Option<String>, max: usize| -> Result<()> {
        if let Some(text) = value.as_deref()
            && let Some(clean) = refused.take(line(field, text, max))?
        {
            *value = Some(clean);
        }
        Ok(())
    };
    short("title", &mut c.title, 300)?;
    short("slug", &mut c.slug, 190)?;
    short("seo_title", &mut c.seo_title, 200)?;
    short("seo_description", &mut c.seo_description, 500)?;
    short("template", &mut c.template, 100)?;
    if let Some(text) = &c.excerpt
        && let Some(clean) = refused.take(lines("excerpt", text, 2000))?
    {
        c.excerpt = Some(clean);
    }
    if let Some(visibility) = &c.visibility {
        if !["public", "private", "password"].contains(&visibility.as_str()) {
            refused.add("visibility", Code::NotAllowed, "public, private, password");
        }
        if visibility == "password" && c.password.as_ref().is_none_or(Sealed::is_empty) {
            refused.add("password", Code::Required, "");
        }
    }
    for tag in c.tags.iter_mut().flatten() {
        if let Some(clean) = refused.take(line("tags", tag, 100))? {
            *tag = clean;
        }
    }
    let text = match body {
        Some(body) => refused.take(read(&body, allow_raw))?,
        None => None,
    };
    refused.check()?;
    Ok(Prepared { changes: c, text })
}

fn read(body: &Body, allow_raw: bool) -> Result<Text> {
    let mut document = match body {
        Body::Json(json) => Document::parse(json)?,
        Body::Markdown(text) => Document::from_markdown(text),
        Body::Html(html) => Document::from_html(html),
    };
    document.clean(allow_raw)?;
    Ok(measure(&document))
}

/// What is derived from a document.
pub fn measure(document: &Document) -> Text {
    let plain = document.to_plain();
    Text {
        json: document.to_json(),
        summary: document.excerpt(SUMMARY_WORDS),
        words: i64::try_from(document.word_count()).unwrap_or(i64::MAX),
        plain,
    }
}
