//! Strict JSON bodies: an unknown field or a wrong type is refused and named; nothing is guessed.

use freehold_base::error::FieldError;
use freehold_base::{Code, Error, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a body whose type denies unknown fields.
///
/// # Errors
/// `BadRequest` where it is no JSON object; `Invalid` naming every field that is unknown, missing or of a wrong type.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // serde would read a list as the fields in their order.
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Error::refused(Code::BadRequest, "the body must be one JSON object"));
    }
    serde_json::from_slice(bytes).map_err(|e| explain::<T>(bytes, &e))
}

/// The slow way, for the answer only: which fields are wrong.
fn explain<T: DeserializeOwned>(bytes: &[u8], e: &serde_json::Error) -> Error {
    let Ok(Value::Object(fields)) = serde_json::from_slice(bytes) else {
        return Error::refused(Code::BadRequest, "the body must be one JSON object");
    };
    let mut refused = Vec::new();
    for (name, value) in fields {
        let alone = Value::Object([(name.clone(), value)].into_iter().collect());
        let Err(e) = serde_json::from_value::<T>(alone) else { continue };
        let text = e.to_string();
        let (code, detail) = if text.starts_with("unknown field") {
            (Code::UnknownField, known(&text))
        } else if text.starts_with("missing field") {
            continue; // only because it stands alone
        } else {
            (Code::Malformed, expected(&text))
        };
        refused.push(FieldError { field: name.into(), code, detail });
    }
    if refused.is_empty() {
        let text = e.to_string();
        return match quoted(&text).filter(|_| text.starts_with("missing field")) {
            Some(field) => Error::invalid(field.to_owned(), Code::Required, ""),
            None => Error::refused(Code::BadRequest, text),
        };
    }
    Error::Invalid(refused)
}

/// What serde wanted to read, in words with an example where there is one. Where the body has it (line, column), the
/// name of the field says better.
pub(super) fn expected(text: &str) -> String {
    let whole = text.split(" at line ").next().unwrap_or(text);
    let Some((_, wanted)) = whole.split_once("expected ") else { return whole.to_owned() };
    let words = match wanted {
        "a string" | "string" => "text in quotes, such as \"bread\"",
        "a boolean" => "true or false",
        "a sequence" => "a list in [ ], such as [1, 2]",
        "i8" | "i16" | "i32" | "i64" | "isize" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, such as 20",
        "f32" | "f64" => "a number, such as 0.5",
        "a map" => "an object in { }",
        of if of.starts_with("struct ") => "an object in { }",
        other => other,
    };
    words.replace('`', "")
}

/// The first word in backquotes.
fn quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

/// "Known are: …" out of serde's message.
fn known(text: &str) -> String {
    let names: Vec<&str> = text.split('`').skip(3).step_by(2).collect();
    if names.is_empty() { String::new() } else { format!("Known are: {}.", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Input {
        title: String,
        #[serde(default)]
        sticky: bool,
    }

    #[test]
    fn a_wrong_kind_of_value_is_told_by_what_is_expected() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Kinds {
            title: String,
            sticky: bool,
            price: u64,
            tags: Vec<String>,
            author: Option<Input>,
        }
        let e = read::<Kinds>(br#"{"title": 7, "sticky": 1, "price": "x", "tags": "a", "author": 3}"#).unwrap_err();
        let mut said: Vec<String> = e.fields().iter().map(|f| format!("{}: {}", f.field, f.detail)).collect();
        said.sort();
        assert_eq!(
            said,
            [
                "author: an object in { }",
                "price: a whole number, such as 20",
                "sticky: true or false",
                "tags: a list in [ ], such as [1, 2]",
                "title: text in quotes, such as \"bread\"",
            ]
        );
        assert_eq!(expected("unknown variant `x`, expected `a` or `b` at line 1 column 3"), "a or b");
        assert_eq!(expected("invalid value: integer `-1`, expected u64"), "a whole number, such as 20");
    }

    #[test]
    fn every_wrong_field_is_named() {
        let fields = |body: &str| {
            let e = read::<Input>(body.as_bytes()).expect_err("refused");
            let names: Vec<String> = e.fields().iter().map(|f| format!("{} {}", f.field, f.code.name())).collect();
            (e.status(), names.join(", "))
        };
        assert_eq!(fields(r#"{"title":"x","colour":1}"#), (422, "colour unknown_field".into()));
        assert_eq!(fields(r#"{"title":7,"sticky":"yes"}"#), (422, "sticky malformed, title malformed".into()));
        assert_eq!(fields("{}"), (422, "title required".into()));
        for broken in ["", "[]", "{", "null", "{\"title\":"] {
            assert_eq!(fields(broken).0, 400, "{broken}");
        }
        assert!(read::<Input>(br#"{"title":"x"}"#).is_ok());
    }
}
