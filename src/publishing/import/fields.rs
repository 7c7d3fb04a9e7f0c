//! Further values of an item. Public ones become fields of their names; those of WordPress itself and of plugins
//! (names that begin with `_`) are kept together under `_wordpress`, so that nothing is lost.

use serde_json::{Map, Value};

use crate::wxr::Item;

/// Largest value kept, in bytes.
const MAX_VALUE: usize = 1 << 20;
/// Values that mean nothing outside the other site.
const DROPPED: &[&str] = &["_edit_lock", "_edit_last", "_encloseme", "_pingme"];

/// The fields as JSON, and what had to be left out.
pub(super) fn of(item: &Item) -> (String, Vec<String>) {
    let (mut open, mut own, mut lost) = (Map::new(), Map::new(), Vec::new());
    for (name, value) in &item.meta {
        if DROPPED.contains(&name.as_str()) {
            continue;
        }
        if value.len() > MAX_VALUE || name.len() > 200 {
            let short: String = name.chars().take(60).collect();
            lost.push(format!("its value \u{201c}{short}\u{201d} is larger than 1 MB and was left out"));
            continue;
        }
        add(if name.starts_with('_') { &mut own } else { &mut open }, name, value);
    }
    for (name, value) in [("guid", &item.guid), ("ping_status", &item.ping_status)] {
        if !value.is_empty() {
            own.insert(name.to_owned(), Value::String(value.clone()));
        }
    }
    if item.wp_id > 0 {
        own.insert("id".to_owned(), item.wp_id.into());
    }
    if !own.is_empty() {
        open.insert("_wordpress".to_owned(), Value::Object(own));
    }
    (Value::Object(open).to_string(), lost)
}

/// A name that stands several times becomes a list.
fn add(map: &mut Map<String, Value>, name: &str, value: &str) {
    let value = Value::String(value.to_owned());
    match map.get_mut(name) {
        None => drop(map.insert(name.to_owned(), value)),
        Some(Value::Array(list)) => list.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
    }
}

/// Title and description for search engines, where a known plugin wrote them without placeholders.
pub(super) fn seo(item: &Item) -> (String, String) {
    let first = |names: &[&str], max: usize| -> String {
        let found = names.iter().filter_map(|n| item.meta(n)).find(|v| !v.trim().is_empty() && !v.contains('%'));
        found.unwrap_or_default().chars().filter(|c| !c.is_control()).take(max).collect::<String>().trim().to_owned()
    };
    (
        first(&["_yoast_wpseo_title", "rank_math_title", "_aioseo_title", "_seopress_titles_title"], 200),
        first(&["_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description", "_seopress_titles_desc"], 500),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_fields_and_lists() {
        let meta = [("price", "5"), ("colour", "red"), ("colour", "blue"), ("_edit_lock", "1"), ("_thumbnail_id", "9")];
        let meta = meta.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec();
        let (json, lost) = of(&Item { meta, wp_id: 3, ..Default::default() });
        let wanted =
            serde_json::json!({"price": "5", "colour": ["red", "blue"], "_wordpress": {"_thumbnail_id": "9", "id": 3}});
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON"), wanted);
        assert!(lost.is_empty());
    }
}
