//! A new theme to begin with (`freehold theme new`): small, working, and passing the theme check.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::ThemeFiles;
use super::manifest::Manifest;

/// A theme of its own: every page, one style sheet.
const WHOLE: &[(&str, &str)] = &[
    ("theme.toml", include_str!("whole/theme.toml")),
    ("README.md", include_str!("whole/README.md")),
    ("templates/base.html", include_str!("whole/base.html")),
    ("templates/index.html", include_str!("whole/index.html")),
    ("templates/home.html", include_str!("whole/home.html")),
    ("templates/search.html", include_str!("whole/search.html")),
    ("templates/entry.html", include_str!("whole/entry.html")),
    ("templates/page.html", include_str!("whole/page.html")),
    ("templates/404.html", include_str!("whole/404.html")),
    ("templates/error.html", include_str!("whole/error.html")),
    ("static/NAME.css", include_str!("whole/style.css")),
];

/// A child: a style sheet that comes after its parent's.
const CHILD: &[(&str, &str)] = &[
    ("theme.toml", include_str!("child/theme.toml")),
    ("README.md", include_str!("child/README.md")),
    ("static/NAME.css", include_str!("child/style.css")),
];

/// A theme that can be used at once. `name`: of its folder; `parent`: the theme it builds on, with the name of its
/// folder.
pub fn new(name: &str, parent: Option<(&str, &Manifest)>) -> ThemeFiles {
    let title = title_of(name);
    let (of, styles, fonts) = parent.map_or(("", &[][..], &[][..]), |(of, manifest)| {
        (of, manifest.preload.styles.as_slice(), manifest.preload.fonts.as_slice())
    });
    let listed = |all: &[String]| all.iter().map(|path| format!("{path:?}")).collect::<Vec<_>>().join(", ");
    let own = [styles, &[format!("{name}.css")]].concat();
    let words = [
        ("STYLES", listed(&own)),
        ("FONTS", listed(fonts)),
        ("NAME", name.to_owned()),
        ("TITLE", title),
        ("PARENT", of.to_owned()),
    ];
    let filled = |text: &str| words.iter().fold(text.to_owned(), |text, (word, to)| text.replace(word, to));
    let all = if of.is_empty() { WHOLE } else { CHILD };
    let files: BTreeMap<String, Arc<[u8]>> =
        all.iter().map(|(path, text)| (filled(path), Arc::from(filled(text).into_bytes()))).collect();
    ThemeFiles::from_parts(name, files)
}

/// `green-meadow` reads "Green meadow".
fn title_of(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut letters = words.trim().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
