//! Security rule D3: a template sees the fields of this list and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use crate::themes::context::{FIELDS, NAMES};
use crate::themes::sample;

/// Objects whose keys a site chooses: places of menus, taxonomies, settings of a theme, fields of an entry, plug-ins.
const FREE: &[&str] = &[
    "menus",
    "theme",
    "plugins",
    "site.globals",
    "entry.terms",
    "entries[].terms",
    "entry.fields",
    "entries[].fields",
];

fn walk(value: &serde_json::Value, path: &str, all: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                let key = if FREE.contains(&path) { "*" } else { key.as_str() };
                walk(value, &format!("{path}.{key}"), all);
            }
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| walk(value, &format!("{path}[]"), all)),
        _ => drop(all.insert(path.to_owned())),
    }
}

/// Menus and comments stand in themselves; one level tells all.
fn folded(path: &str) -> String {
    let mut path = path.to_owned();
    for inner in [".children[]", ".replies[]"] {
        while let Some(at) = path.find(&inner.repeat(2)) {
            path.replace_range(at..at + inner.len(), "");
        }
    }
    path
}

#[test]
fn d03_a_context_holds_only_listed_fields() {
    let listed: Vec<&str> = FIELDS.lines().filter(|line| !line.is_empty()).collect();
    let mut seen = BTreeSet::new();
    for (_, page) in sample::pages() {
        let context = page.context(crate::themes::context::value(&BTreeMap::from([("accent", "#123456")])));
        let mut same = tera::Context::new();
        for name in NAMES {
            let value = context.get(name).expect("a name that every context has").clone();
            walk(&serde_json::to_value(&value).expect("JSON"), name, &mut seen);
            same.insert_value(*name, value);
        }
        assert_eq!(context, same, "a context holds a name that is not on the list");
    }
    let seen: BTreeSet<String> = seen.iter().map(|path| folded(path)).collect();
    assert!(seen.len() > 60, "the pages are full: {seen:?}");
    let more: Vec<&String> = seen.iter().filter(|path| !listed.iter().any(|line| allows(line, path))).collect();
    assert!(more.is_empty(), "not on the list of what templates may see: {more:#?}");
}

/// Whether a line of the list allows a path: itself, what stands there where it is missing, and all below a `*`.
fn allows(line: &str, path: &str) -> bool {
    line == path
        || line.strip_prefix(path).is_some_and(|rest| rest.starts_with(['.', '[']))
        || line.strip_suffix('*').is_some_and(|above| path.starts_with(above))
}

#[test]
fn d03_the_list_refuses_what_is_not_on_it() {
    for (line, path, allowed) in [
        ("site.title", "site.title", true),
        ("site.logo.url", "site.logo", true),
        ("theme.*", "theme.*", true),
        ("entry.fields.*", "entry.fields.price.net", true),
        ("site.title", "site.titles", false),
        ("site.title", "site.title.raw", false),
        ("site.title", "si", false),
        ("entry.fields.*", "entry.password", false),
    ] {
        assert_eq!(allows(line, path), allowed, "{line} {path}");
    }
}
