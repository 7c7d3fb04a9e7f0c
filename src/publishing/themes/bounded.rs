//! The engine's filters that can multiply their input, with an end (security rule D2).

use tera::{Error, Kwargs, State, StringInput, Tera, TeraResult, Value};

use super::guard::{MAX_VALUE_BYTES, STOPPED, size_within, spend};

/// Most elements `range`, `split` and `unique` work with.
const MAX_ELEMENTS: usize = 10_000;

pub(crate) fn register(tera: &mut Tera) {
    tera.register_filter("replace", replace);
    tera.register_filter("join", join);
    tera.register_filter("indent", indent);
    tera.register_filter("split", split);
    tera.register_filter("unique", unique);
    tera.register_filter("str", text);
    tera.register_filter("escape", escape);
    tera.register_filter("escape_html", |s: &str, _: Kwargs, state: &State| small(s).and_then(|()| state.escape(s)));
    tera.register_filter("escape_xml", |s: &str, _: Kwargs, state: &State| small(s).and_then(|()| state.escape(s)));
    tera.register_filter("newlines_to_br", newlines_to_br);
    tera.register_function("range", range);
}

fn too_large() -> Error {
    Error::message(format!("{STOPPED}: a text is larger than 1 MiB"))
}

fn small(text: &str) -> TeraResult<()> {
    if text.len() > MAX_VALUE_BYTES { Err(too_large()) } else { spend(text.len()) }
}

/// Collects text up to 1 MiB.
struct Bounded(String);

impl Bounded {
    fn push(&mut self, text: &str) -> TeraResult<()> {
        if self.0.len() + text.len() > MAX_VALUE_BYTES {
            return Err(too_large());
        }
        self.0.push_str(text);
        Ok(())
    }
    fn value(self, safe: bool) -> TeraResult<Value> {
        spend(self.0.len())?;
        Ok(if safe { Value::safe_string(&self.0) } else { Value::from(self.0) })
    }
}

/// `replace(from, to)`: as the engine's, up to 1 MiB.
fn replace(value: StringInput, kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let from = kwargs.must_get::<&str>("from")?;
    let to = kwargs.must_get::<StringInput>("to")?;
    small(value.as_str())?;
    let safe = state.autoescaping_enabled() && (value.is_safe() || to.is_safe());
    let (text, with) =
        if safe { (value.rendered(state)?, to.rendered(state)?) } else { (value.as_str().into(), to.as_str().into()) };
    let mut out = Bounded(String::with_capacity(text.len()));
    for (i, part) in text.split(from).enumerate() {
        if i > 0 {
            out.push(&with)?;
        }
        out.push(part)?;
    }
    out.value(safe)
}

/// `join(sep)`: as the engine's, up to 1 MiB.
fn join(value: &[Value], kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let separator = kwargs.get::<StringInput>("sep")?;
    let safe = state.autoescaping_enabled()
        && (separator.as_ref().is_some_and(StringInput::is_safe) || value.iter().any(|v| v.is_string() && v.is_safe()));
    let separator = match &separator {
        Some(s) if safe => s.rendered(state)?,
        Some(s) => s.as_str().into(),
        None => "".into(),
    };
    let mut out = Bounded(String::new());
    for (i, item) in value.iter().enumerate() {
        if i > 0 {
            out.push(&separator)?;
        }
        size_within(item, MAX_VALUE_BYTES)?;
        let text = if safe { state.escape_if_needed(item)? } else { item.to_string() };
        out.push(&text)?;
    }
    out.value(safe)
}

/// `indent(width, first, blank)`: at most 64 spaces, up to 1 MiB.
fn indent(value: StringInput, kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let width = kwargs.get::<usize>("width")?.unwrap_or(4).min(64);
    let first = kwargs.get::<bool>("first")?.unwrap_or(false);
    let blank = kwargs.get::<bool>("blank")?.unwrap_or(false);
    let space = " ".repeat(width);
    let mut out = Bounded(String::new());
    for (i, line) in value.as_str().split('\n').enumerate() {
        if i > 0 {
            out.push("\n")?;
        }
        if (i > 0 || first) && (!line.trim().is_empty() || blank) {
            out.push(&space)?;
        }
        out.push(line)?;
    }
    out.value(value.is_safe())
}

fn split(value: &str, kwargs: Kwargs, _: &State) -> TeraResult<Vec<Value>> {
    let at = kwargs.must_get::<&str>("pat")?;
    small(value)?;
    let parts: Vec<Value> = value.split(at).take(MAX_ELEMENTS + 1).map(Value::normal_string).collect();
    few(parts.len())?;
    Ok(parts)
}

fn few(count: usize) -> TeraResult<()> {
    if count > MAX_ELEMENTS {
        return Err(Error::message(format!("{STOPPED}: a list has more than 10,000 elements")));
    }
    spend(count * 24)
}

/// The engine compares each with each; 1,000 keep that below 5 ms.
fn unique(value: &[Value], _: Kwargs, _: &State) -> TeraResult<Vec<Value>> {
    few(if value.len() > 1_000 { usize::MAX / 24 } else { value.len() })?;
    let mut seen: Vec<Value> = Vec::new();
    for item in value {
        spend(0)?;
        if !seen.contains(item) {
            seen.push(item.clone());
        }
    }
    Ok(seen)
}

fn text(value: Value, _: Kwargs, _: &State) -> TeraResult<String> {
    spend(size_within(&value, MAX_VALUE_BYTES)?)?;
    Ok(value.to_string())
}

fn escape(value: StringInput, _: Kwargs, state: &State) -> TeraResult<Value> {
    if value.is_safe() {
        return Ok(value.into_value());
    }
    small(value.as_str())?;
    Ok(Value::safe_string(&state.escape(value.as_str())?))
}

fn newlines_to_br(value: StringInput, _: Kwargs, state: &State) -> TeraResult<Value> {
    small(value.as_str())?;
    let text = value.rendered(state)?;
    Ok(Value::safe_string(&text.replace("\r\n", "\n").replace('\n', "<br>")))
}

fn range(kwargs: Kwargs, _: &State) -> TeraResult<Vec<Value>> {
    let start = kwargs.get::<i64>("start")?.unwrap_or(0);
    let end = kwargs.must_get::<i64>("end")?;
    let step = kwargs.get::<i64>("step_by")?.unwrap_or(1);
    if step <= 0 {
        return Err(Error::message("`step_by` is at least 1"));
    }
    let count = end.saturating_sub(start).max(0) / step;
    few(usize::try_from(count).unwrap_or(usize::MAX / 24))?;
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    Ok((start..end).step_by(step).map(Value::from).collect())
}
