//! The functions that templates call.

use freehold_base::text::escape_html;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use tera::{Error, Function, Kwargs, State, Tera, TeraResult, Value};

use super::context::{MediaView, Variant};
use super::frame::{self, Frame};
use super::guard::spend;
use super::head;
use super::markup::{self, Picture};

/// What a path segment may not hold as it is.
const SEGMENT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'#').add(b'?').add(b'\\');

/// A function whose result is markup.
struct Markup(fn(&Frame, &Kwargs) -> TeraResult<String>);

impl Function<TeraResult<Value>> for Markup {
    fn call(&self, kwargs: Kwargs, _: &State) -> TeraResult<Value> {
        let html = frame::with(|frame| (self.0)(frame, &kwargs))?;
        spend(html.len())?;
        Ok(Value::safe_string(&html))
    }
    fn is_safe(&self) -> bool {
        true
    }
}

/// A function whose result is text, escaped when printed.
struct Plain(fn(&Frame, &Kwargs) -> TeraResult<String>);

impl Function<TeraResult<Value>> for Plain {
    fn call(&self, kwargs: Kwargs, _: &State) -> TeraResult<Value> {
        frame::with(|frame| (self.0)(frame, &kwargs)).map(Value::from)
    }
}

pub(crate) fn register(tera: &mut Tera) {
    tera.register_function("head", Markup(|frame, _| Ok(head::head(frame))));
    tera.register_function("foot", Markup(|frame, _| Ok(slot_html(frame, "foot"))));
    tera.register_function("slot", Markup(|frame, args| Ok(slot_html(frame, args.must_get("name")?))));
    tera.register_function("widgets", Markup(|frame, args| Ok(slot_html(frame, args.must_get("position")?))));
    tera.register_function("image", Markup(image));
    tera.register_function("menu", Markup(menu));
    tera.register_function("comments", Markup(comments));
    tera.register_function("unlock", Markup(|frame, _| Ok(markup::unlock(frame))));
    tera.register_function("search_form", Markup(|frame, _| Ok(markup::search_form(frame))));
    tera.register_function("pagination", Markup(|f, _| Ok(markup::pagination(f, &f.page.page.pagination))));
    tera.register_function("icon", Markup(icon));
    tera.register_function("fragment", Markup(fragment));
    tera.register_function("time", Markup(time));
    tera.register_function("wordmark", Markup(|frame, _| Ok(wordmark(frame))));
    tera.register_function("url", Plain(url));
    tera.register_function("asset", Plain(asset));
    tera.register_function("t", Plain(translate));
}

fn slot_html(frame: &Frame, name: &str) -> String {
    frame.page.slots.get(name).map(|html| html.0.clone()).unwrap_or_default()
}

/// A media value as templates hold it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct MediaValue {
    url: String,
    alt: String,
    width: u32,
    height: u32,
    mime: String,
    variants: Vec<VariantValue>,
    focus: Option<(u8, u8)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct VariantValue {
    width: u32,
    mime: String,
    url: String,
}

/// Reads a media value; none for an empty one.
pub(crate) fn media_of(value: &Value) -> Option<MediaView> {
    let m = MediaValue::deserialize(value).ok().filter(|m| !m.url.is_empty())?;
    let variants = m.variants.into_iter().map(|v| Variant { width: v.width, mime: v.mime, url: v.url }).collect();
    Some(MediaView {
        url: m.url,
        alt: m.alt,
        width: m.width,
        height: m.height,
        mime: m.mime,
        variants,
        focus: m.focus,
        ..MediaView::default()
    })
}

/// `image(media, widths?, sizes?, class?, eager?, alt?)`: empty when there is no picture.
fn image(frame: &Frame, args: &Kwargs) -> TeraResult<String> {
    let Some(mut media) = args.get::<&Value>("media")?.and_then(media_of) else { return Ok(String::new()) };
    if let Some(alt) = args.get::<&str>("alt")? {
        media.alt = alt.to_owned();
    }
    let widths = args.get::<Vec<u32>>("widths")?;
    let wanted = Picture {
        widths: widths.as_deref().unwrap_or(&frame.fixed.manifest.images.widths),
        sizes: args.get("sizes")?.unwrap_or("100vw"),
        class: args.get("class")?.unwrap_or(""),
        eager: args.get("eager")?.unwrap_or(false),
    };
    Ok(markup::image(&media, &wanted))
}

/// `menu(location)`.
fn menu(frame: &Frame, args: &Kwargs) -> TeraResult<String> {
    let location = args.must_get::<&str>("location")?;
    Ok(frame.page.menus.get(location).map(|items| markup::menu(items)).unwrap_or_default())
}

/// `comments(entry)`: those of the page's own entry; lists carry none.
fn comments(frame: &Frame, _: &Kwargs) -> TeraResult<String> {
    Ok(frame.page.entry.as_ref().map(|entry| markup::comments(frame, entry)).unwrap_or_default())
}

fn icon(_: &Frame, args: &Kwargs) -> TeraResult<String> {
    let name = args.must_get::<&str>("name")?;
    markup::icon(name).ok_or_else(|| Error::message(format!("There is no icon named `{name}`.")))
}

/// `time(at, format?)`: a `<time>` element.
fn time(frame: &Frame, args: &Kwargs) -> TeraResult<String> {
    Ok(markup::time(frame, args.must_get("at")?, args.get("format")?.unwrap_or("long")))
}

/// `fragment(name)`: the place of a part that differs from visitor to visitor, so that the page stays cacheable.
/// Nothing offers such parts yet (decision 0004): the place stays empty.
fn fragment(_: &Frame, args: &Kwargs) -> TeraResult<String> {
    let name = args.must_get::<&str>("name")?;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(Error::message("A fragment's name is made of letters, digits, - and _."));
    }
    Ok(String::new())
}

/// `url(to)`: the address of an entry, term, author, media or menu item, or of a path on the site.
fn url(frame: &Frame, args: &Kwargs) -> TeraResult<String> {
    let to = args.must_get::<&Value>("to")?;
    if let Some(path) = to.as_str() {
        return Ok(match path {
            "home" | "/" => "/".to_owned(),
            "feed" => frame.page.site.feed_url.clone(),
            path if path.contains("://") => path.to_owned(),
            path => format!("/{}", utf8_percent_encode(path.trim_start_matches('/'), SEGMENT)),
        });
    }
    let address = to.get_from_path("url").and_then(Value::as_str);
    address.map(str::to_owned).ok_or_else(|| Error::message("This has no address."))
}

/// `asset(path)`: the address of a file in `static/`, with its hash.
fn asset(frame: &Frame, args: &Kwargs) -> TeraResult<String> {
    let path = args.must_get::<&str>("path")?;
    frame
        .asset_url(path)
        .map(str::to_owned)
        .ok_or_else(|| Error::message(format!("The theme has no file static/{path}.")))
}

/// `t(key, name=…)`: words in the site's language, with `{name}` filled in.
fn translate(frame: &Frame, args: &Kwargs) -> TeraResult<String> {
    let key = args.must_get::<&str>("key")?;
    let mut words = frame.word(key).to_owned();
    for (name, value) in args.iter() {
        match name.as_str() {
            Some("key") | None => {}
            Some(name) => words = words.replace(&format!("{{{name}}}"), &value.to_string()),
        }
    }
    spend(words.len())?;
    Ok(words)
}

/// The site's logo, or its name.
fn wordmark(frame: &Frame) -> String {
    let site = &frame.page.site;
    let Some(logo) = &site.logo else { return ampersands(&site.title) };
    let logo = MediaView { alt: site.title.clone(), ..logo.clone() };
    markup::image(&logo, &Picture { widths: &[320, 640], sizes: "320px", class: "logo", eager: true })
}

/// The site's name with its ampersands in `<em>`, for a masthead.
fn ampersands(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split('&').enumerate() {
        if i > 0 {
            out.push_str("<em>&amp;</em>");
        }
        escape_html(part, &mut out);
    }
    out
}
