//! Reading TOML tables key by key, noting what is wrong instead of ending at the first.

use toml::{Table, Value};

use crate::problem::Problems;

/// A table of the manifest with its place in it, and the list of what is wrong.
pub(super) struct Reader<'t, 'p> {
    table: &'t Table,
    place: String,
    pub(super) problems: &'p mut Problems,
}

impl<'t, 'p> Reader<'t, 'p> {
    /// Reads a table; notes every key that is not one of the known.
    pub(super) fn new(table: &'t Table, place: &str, known: &[&str], problems: &'p mut Problems) -> Self {
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            let what = if place.is_empty() { "a part of plugin.toml".to_owned() } else { format!("a key of {place}") };
            problems.unknown(join(place, key), &what, key, known.iter().copied());
        }
        Self { table, place: place.to_owned(), problems }
    }
    /// The full name of a key here.
    pub(super) fn field(&self, key: &str) -> String {
        join(&self.place, key)
    }
    /// The value of a key, if it stands here.
    pub(super) fn value(&self, key: &str) -> Option<&'t Value> {
        self.table.get(key)
    }
    /// Notes what is wrong with a key.
    pub(super) fn wrong(&mut self, key: &str, wrong: impl Into<String>, next: impl Into<String>) {
        let field = self.field(key);
        self.problems.add(field, wrong, next);
    }
    /// One line of text that must be there.
    pub(super) fn needed(&mut self, key: &str, max: usize, example: &str) -> String {
        if self.value(key).is_none() {
            self.wrong(key, "is missing", format!("Write {key} = \"{example}\"."));
        }
        let text = self.line(key, max);
        if self.value(key).is_some_and(|v| v.as_str().is_some_and(|t| t.trim().is_empty())) {
            self.wrong(key, "is empty", format!("Write {key} = \"{example}\"."));
        }
        text.unwrap_or_default()
    }
    /// One line of text, if it is there.
    pub(super) fn line(&mut self, key: &str, max: usize) -> Option<String> {
        match self.value(key)? {
            Value::String(text) => match freehold_base::text::line("text", text, max) {
                Ok(line) => Some(line),
                Err(_) => {
                    self.wrong(key, "is too long", format!("Shorten it to {max} characters."));
                    None
                }
            },
            other => {
                let wrong = format!("is {}, not text", kind_of(other));
                self.wrong(key, wrong, "Write it in quotation marks.");
                None
            }
        }
    }
    /// `true` or `false`; `false` where it is not there.
    pub(super) fn flag(&mut self, key: &str) -> bool {
        match self.value(key) {
            None => false,
            Some(Value::Boolean(flag)) => *flag,
            Some(other) => {
                let wrong = format!("is {}, not true or false", kind_of(other));
                self.wrong(key, wrong, "Write true or false without quotation marks.");
                false
            }
        }
    }
    /// A list of texts, at most `max`, none twice; with the place of each.
    pub(super) fn texts(&mut self, key: &str, max: usize) -> Vec<(String, &'t str)> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Value::Array(list) = value else {
            let wrong = format!("is {}, not a list", kind_of(value));
            self.wrong(key, wrong, format!("Write {key} = [\"…\"]."));
            return Vec::new();
        };
        if list.len() > max {
            self.wrong(key, format!("has {} items", list.len()), format!("Keep at most {max}."));
        }
        let mut texts: Vec<(String, &str)> = Vec::new();
        for (at, item) in list.iter().take(max).enumerate() {
            let place = format!("{key}[{at}]");
            match item.as_str() {
                Some(text) if texts.iter().any(|(_, seen)| *seen == text) => {
                    self.wrong(&place, "stands there twice", "Take one out.");
                }
                Some(text) => texts.push((self.field(&place), text)),
                None => self.wrong(&place, format!("is {}, not text", kind_of(item)), "Write it in quotation marks."),
            }
        }
        texts
    }
    /// A table inside, if it is there.
    pub(super) fn inner(&mut self, key: &str) -> Option<&'t Table> {
        match self.value(key)? {
            Value::Table(table) => Some(table),
            other => {
                let wrong = format!("is {}, not a part", kind_of(other));
                self.wrong(key, wrong, format!("Write [{}].", self.field(key)));
                None
            }
        }
    }
    /// A list of tables (`[[key]]`), at most `max`, with the place of each.
    pub(super) fn tables(&mut self, key: &str, max: usize) -> Vec<(String, &'t Table)> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let tables: Option<Vec<&Table>> = value.as_array().map(|l| l.iter().filter_map(Value::as_table).collect());
        let full = self.field(key);
        match tables {
            Some(tables) if Some(tables.len()) == value.as_array().map(Vec::len) => {
                if tables.len() > max {
                    self.wrong(key, format!("stands there {} times", tables.len()), format!("Keep at most {max}."));
                }
                tables.into_iter().take(max).enumerate().map(|(at, t)| (format!("{full}[{at}]"), t)).collect()
            }
            _ => {
                let wrong = format!("is {}, not a list of parts", kind_of(value));
                self.wrong(key, wrong, format!("Write [[{full}]]."));
                Vec::new()
            }
        }
    }
    /// A short id: lower-case letters, digits and underscores, to 40 characters; notes one that was there before.
    pub(super) fn id(&mut self, seen: &mut Vec<String>) -> String {
        let id = self.needed("id", 40, "a_short_name");
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let first = id.starts_with(|c: char| c.is_ascii_lowercase());
        let shape = id.is_empty() || (first && id.bytes().all(letters));
        if !shape {
            self.wrong("id", format!("`{id}` is not an id"), "Use lower-case letters, digits and _, a letter first.");
        } else if seen.contains(&id) {
            self.wrong("id", format!("`{id}` stands there twice"), "Give each an id of its own.");
        }
        seen.push(id.clone());
        id
    }
}

/// What a value is, for people.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a part",
    }
}

fn join(place: &str, key: &str) -> String {
    let key = crate::problem::shown(key);
    if place.is_empty() { key } else { format!("{place}.{key}") }
}
