//! The filters that templates use.

use std::borrow::Cow;

use freehold_base::text::slugify;
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::dates;
use super::frame;
use super::functions::media_of;
use super::guard::{MAX_VALUE_BYTES, size_within, spend};
use super::markup;
use crate::document::{Document, RenderOptions, clean_html};

pub(crate) fn register(tera: &mut Tera) {
    tera.register_filter("date", date);
    tera.register_filter("relative_date", relative_date);
    tera.register_filter("excerpt", excerpt);
    tera.register_filter("lines", lines);
    tera.register_filter("plain", |html: &str, _: Kwargs, _: &State| spend(html.len()).map(|()| plain(html)));
    tera.register_filter("reading_time", reading_time);
    tera.register_filter("json", json);
    tera.register_filter("slug", |text: &str, _: Kwargs, _: &State| slugify(text));
    tera.register_filter("number", number);
    tera.register_filter("markdown", markdown);
    tera.register_filter("sanitize", sanitize);
    tera.register_filter("srcset", srcset);
    tera.register_filter("t", |key: &str, _: Kwargs, _: &State| frame::with(|f| Ok(f.word(key).to_owned())));
}

/// `at | date(format="long")`.
fn date(at: i64, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let format = kwargs.get::<&str>("format")?.unwrap_or("long");
    frame::with(|frame| {
        dates::show(&dates::local(at, frame.zone), format, |word| frame.word(word))
            .ok_or_else(|| Error::message(format!("`{format}` is not a date format.")))
    })
}

/// `at | relative_date`: "3 days ago", seen from the moment of rendering.
fn relative_date(at: i64, _: Kwargs, _: &State) -> TeraResult<String> {
    frame::with(|frame| {
        let gone = frame.page.now.saturating_sub(at);
        let (count, unit) = dates::distance(gone);
        if count == 0 {
            return Ok(frame.word("just_now").to_owned());
        }
        let plural = if count == 1 { "" } else { "s" };
        let span = frame.word(&format!("{unit}{plural}")).replace("{n}", &count.to_string());
        Ok(frame.word(if gone < 0 { "in_time" } else { "ago" }).replace("{time}", &span))
    })
}

/// `text | excerpt(words=30)`: plain text, cut between words.
fn excerpt(text: &str, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let most = kwargs.get::<usize>("words")?.unwrap_or(30).min(500);
    spend(text.len())?;
    let text = untagged(text);
    let mut words = text.split_whitespace();
    let mut out = String::with_capacity(text.len());
    for word in words.by_ref().take(most) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    if words.next().is_some() {
        out.push('…');
    }
    Ok(out)
}

/// `text | lines(width=24, most=4)`: its words on lines of about so many letters, for drawings, which break no lines
/// themselves. What does not fit ends with `…`; a word longer than a line goes on in the next one.
fn lines(text: &str, kwargs: Kwargs, _: &State) -> TeraResult<Vec<String>> {
    let width = kwargs.get::<usize>("width")?.unwrap_or(24).clamp(4, 200);
    let most = kwargs.get::<usize>("most")?.unwrap_or(4).clamp(1, 50);
    spend(text.len())?;
    let mut lines: Vec<String> = Vec::new();
    let mut letters = 0;
    for word in text.split_whitespace().flat_map(|word| pieces(word, width)) {
        let length = word.chars().count();
        let full = lines.len() == most;
        match lines.last_mut() {
            Some(line) if letters + 1 + length <= width => {
                line.push(' ');
                line.push_str(word);
                letters += 1 + length;
            }
            Some(line) if full => {
                line.push('…');
                break;
            }
            _ => {
                lines.push(word.to_owned());
                letters = length;
            }
        }
    }
    Ok(lines)
}

/// A word in parts of at most so many letters.
fn pieces(word: &str, width: usize) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Text without tags, its words one space apart.
fn plain(html: &str) -> String {
    untagged(html).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text without tags; the five common entities become characters.
fn untagged(html: &str) -> Cow<'_, str> {
    if !html.contains(['<', '&']) {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                out.push(' ');
            }
            _ if in_tag => {}
            c => out.push(c),
        }
    }
    if !out.contains('&') {
        return Cow::Owned(out);
    }
    let text = out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'");
    Cow::Owned(text.replace("&#39;", "'").replace("&amp;", "&"))
}

/// Minutes to read a text at 220 words a minute, at least 1.
fn reading_time(text: &str, _: Kwargs, _: &State) -> TeraResult<u64> {
    spend(text.len())?;
    Ok((untagged(text).split_whitespace().count() as u64).div_ceil(220).max(1))
}

/// `value | json`: for a data block; cannot end the element it stands in.
fn json(value: Value, _: Kwargs, _: &State) -> TeraResult<Value> {
    spend(size_within(&value, MAX_VALUE_BYTES)?)?;
    let json = serde_json::to_value(&value).map_err(|e| Error::message(e.to_string()))?;
    Ok(Value::safe_string(&super::head::script_json(&json)))
}

/// `text | markdown`: as an editor's Markdown would be shown, cleaned.
fn markdown(text: &str, _: Kwargs, _: &State) -> TeraResult<Value> {
    spend(text.len().saturating_mul(4))?;
    let options = RenderOptions { heading_ids: false, ..RenderOptions::default() };
    Ok(Value::safe_string(&Document::from_markdown(text).to_html(&options)))
}

/// `html | sanitize`: what visitors may see of markup that nobody checked.
fn sanitize(html: &str, _: Kwargs, _: &State) -> TeraResult<Value> {
    spend(html.len().saturating_mul(4))?;
    let clean = clean_html(html).map_err(|e| Error::message(e.sentence()))?;
    Ok(Value::safe_string(&clean))
}

/// `media | srcset(mime="image/webp")`: its copies of one format, for a `<source>` of one's own.
fn srcset(media: Value, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let mime = kwargs.get::<&str>("mime")?.unwrap_or("image/webp");
    Ok(media_of(&media).map(|m| markup::srcset(&m, mime, &[])).unwrap_or_default())
}

/// `12345 | number`: 12 345, with a narrow space from five digits on.
fn number(value: i64, _: Kwargs, _: &State) -> String {
    let digits = value.unsigned_abs().to_string();
    let sign = if value < 0 { "−" } else { "" };
    if digits.len() < 5 {
        return format!("{sign}{digits}");
    }
    let mut out = sign.to_owned();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    out
}
