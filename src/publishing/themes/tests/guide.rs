//! `docs/guide/themes.md` says what the program does: its tutorial is a theme that works, and its lists are complete.

use std::collections::BTreeSet;

use crate::themes::check::check;
use crate::themes::context::{FIELDS, NAMES};
use crate::themes::hierarchy::{Question, candidates};
use crate::themes::manifest::Kind;
use crate::themes::{Theme, ThemeFiles, sample, scaffold};

const GUIDE: &str = include_str!("../../../../docs/guide/themes.md");

/// Files that the guide shows whole: a line `**place**`, then a block.
fn shown() -> Vec<(&'static str, &'static str)> {
    let file = |part: &'static str| {
        let (name, rest) = part.split_once("**\n```")?;
        let text = rest.split_once('\n')?.1.split_once("```")?.0;
        (!name.contains(['\n', ' '])).then_some((name, text))
    };
    GUIDE.match_indices("\n**").filter_map(|(at, _)| file(GUIDE.get(at + 3..)?)).collect()
}

#[test]
fn the_tutorial_ends_with_a_theme_that_works_and_passes_the_check() {
    let shown = shown();
    assert_eq!(shown.len(), 4, "{shown:?}");
    let begun = scaffold::new("pebble", None);
    let mut files: Vec<(String, Vec<u8>)> = begun.all().iter().map(|(p, b)| (p.clone(), b.to_vec())).collect();
    files.retain(|(path, _)| !shown.iter().any(|(name, _)| name == path));
    files.extend(shown.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
    let chain = [ThemeFiles::from_memory("pebble", files)];
    let theme = Theme::compile(&chain).expect("a theme");
    sample::try_all(&theme).expect("every page");
    assert_eq!(check(&chain).findings, []);
    assert_eq!(theme.manifest().templates["custom/wide"].label, "Wide");
}

/// Names in backticks, and those in code that stands in a row of a table.
fn named() -> BTreeSet<&'static str> {
    GUIDE.split('`').skip(1).step_by(2).collect()
}

/// What the guide calls a field: entries of lists are entries, and pictures, terms and authors are told once.
fn told(field: &str) -> String {
    let mut field = field.replace("entries[].", "entry.");
    for (from, to) in [("authors[].", "author."), (".terms.*[].", ".term."), ("entry.author.", "author.")] {
        field = field.replace(from, to);
    }
    for (inner, name) in [(".image.", "media."), (".logo.", "media."), (".icon.", "media."), ("entry.term.", "term.")] {
        if let Some(at) = field.find(inner) {
            field = format!("{name}{}", &field[at + inner.len()..]);
        }
    }
    field.strip_prefix("entry.author.").map_or(field.clone(), |rest| format!("author.{rest}"))
}

// rule: D3
#[test]
fn d03_the_guide_names_every_field_and_none_that_is_not_there() {
    let named = named();
    let told: BTreeSet<String> = FIELDS.lines().filter(|line| !line.is_empty()).map(told).collect();
    let missing: Vec<&String> = told.iter().filter(|field| !named.contains(field.as_str())).collect();
    assert!(missing.is_empty(), "not in the guide: {missing:#?}");
    let heads: Vec<String> = NAMES.iter().chain(&["media"]).map(|name| format!("{name}.")).collect();
    let fields = named.iter().filter(|name| heads.iter().any(|head| name.starts_with(head.as_str())));
    let is_there = |name: &str| {
        let whole = |field: &String| {
            field.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        // Lists, and what is an object of its own in the guide.
        let objects = ["image", "logo", "icon", "author", "authors[]", "terms.*[]", "terms.category", "terms.tag"];
        told.iter().any(whole)
            || name.split_once('.').is_some_and(|(_, rest)| objects.contains(&rest))
            || name == "theme.ID"
            || name.ends_with(".html")
            || name.ends_with(".toml")
    };
    let invented: Vec<_> = fields.filter(|name| !is_there(name)).collect();
    assert!(invented.is_empty(), "not in the program: {invented:?}");
}

/// What is registered under a name in these sources: `register_filter("date", …`.
fn registered(what: &str) -> BTreeSet<&'static str> {
    let sources = [include_str!("../functions.rs"), include_str!("../filters.rs"), include_str!("../bounded.rs")];
    let begins = format!("register_{what}(\"");
    let all = sources.iter().flat_map(|source| source.split(begins.as_str()).skip(1).collect::<Vec<_>>());
    all.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_guide_lists_every_function_and_filter() {
    let named = named();
    let functions: BTreeSet<&str> =
        named.iter().filter_map(|code| code.split_once('(').map(|(name, _)| name)).collect();
    let is_filter = |code: &&&str| code.contains("\\| ");
    let filters: BTreeSet<&str> =
        named.iter().filter(is_filter).filter_map(|code| code.split_once("\\| ")?.1.split('(').next()).collect();
    assert!(registered("function").len() > 15 && registered("filter").len() > 20, "the sources are read");
    for function in registered("function") {
        assert!(functions.contains(function), "{function} is not in the guide");
    }
    assert_eq!(filters, registered("filter"));
}

#[test]
fn the_guide_lists_templates_as_they_are_asked_for() {
    let row = |page: &str| -> Vec<&str> {
        let line = GUIDE.lines().find(|line| line.starts_with(&format!("| {page} | `"))).expect(page);
        line.split('`').skip(1).step_by(2).collect()
    };
    let entry = |kind| Question::Entry { kind, slug: "SLUG", template: "CHOSEN" };
    let term = |taxonomy| Question::Term { taxonomy, slug: "SLUG", template: "CHOSEN" };
    for (page, question) in [
        ("home", Question::Home),
        ("post", entry("post")),
        ("page", entry("page")),
        ("own type", entry("TYPE")),
        ("category", term("category")),
        ("own taxonomy", term("TAXONOMY")),
        ("author", Question::Author { slug: "SLUG" }),
        ("date", Question::Date),
        ("archive", Question::Archive { kind: "TYPE" }),
        ("search", Question::Search),
        ("not found", Question::NotFound),
        ("error", Question::Error),
    ] {
        assert_eq!(row(page), candidates(question), "{page}");
    }
}

#[test]
fn the_guide_lists_every_type_of_setting() {
    use Kind as K;
    let all = [
        K::Text,
        K::Textarea,
        K::Richtext,
        K::Number,
        K::Range,
        K::Bool,
        K::Select,
        K::Radio,
        K::Color,
        K::Font,
        K::Image,
        K::Media,
        K::Link,
        K::Entry,
        K::Term,
        K::Menu,
        K::Spacing,
        K::Icon,
        K::Code,
    ];
    let line = GUIDE.split("Types of settings:").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("the list");
    let named: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
    let known: Vec<String> = all.iter().map(|kind| serde_json::to_string(kind).unwrap().replace('"', "")).collect();
    assert_eq!(named, known);
}
