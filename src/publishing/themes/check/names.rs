//! Names in templates that no page fills, found by the list of all fields that contexts hold, and uses of `safe`.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use super::scan::{Part, Word};
use crate::themes::context::{FIELDS, NAMES};

/// Words of the language.
const KEYWORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "elif",
    "endif",
    "for",
    "endfor",
    "set",
    "set_global",
    "endset",
    "block",
    "endblock",
    "extends",
    "include",
    "filter",
    "endfilter",
    "component",
    "endcomponent",
    "true",
    "false",
    "True",
    "False",
    "none",
    "None",
    "loop",
    "super",
    "break",
    "continue",
    "body",
    "rest",
    "raw",
    "endraw",
];

/// The list of fields: the steps of each, and whether they are lists.
static KNOWN: LazyLock<Vec<Vec<(&str, bool)>>> =
    LazyLock::new(|| FIELDS.lines().map(|line| line.split('.').map(item).collect()).collect());

/// What a name of the template's own stands for: a path of the context, or something that is not looked into.
type Bound = Option<String>;

/// The names of one part of a template, innermost last.
struct Scopes<'a> {
    stack: Vec<HashMap<&'a str, Bound>>,
    /// How many components are open: in them only what they are given is known.
    components: usize,
}

impl<'a> Scopes<'a> {
    fn bind(&mut self, name: &'a str, to: Bound) {
        if let Some(scope) = self.stack.last_mut() {
            scope.insert(name, to);
        }
    }
    fn find(&self, name: &str) -> Option<&Bound> {
        self.stack.iter().rev().find_map(|scope| scope.get(name))
    }
}

/// Where `safe` is used as a filter.
pub(super) fn safe(parts: &[Part<'_>]) -> Vec<usize> {
    let words = parts.iter().filter_map(|part| match part {
        Part::Words(words, _) => Some(words),
        Part::Text(..) => None,
    });
    let is_safe = |pair: &&[Word<'_>]| matches!(pair, [bar, word] if bar.text == "|" && word.text == "safe");
    words.flat_map(|words| words.windows(2).filter(is_safe)).filter_map(|pair| Some(pair.get(1)?.at)).collect()
}

/// Names that no page fills: where, and in words. `settings`: ids of the theme's settings.
pub(super) fn unknown(parts: &[Part<'_>], settings: &BTreeSet<String>) -> Vec<(usize, String)> {
    let mut scopes = Scopes { stack: vec![HashMap::new()], components: 0 };
    let mut found = Vec::new();
    for part in parts {
        let Part::Words(words, printed) = part else { continue };
        let words = words.as_slice();
        let first = if *printed { "" } else { words.first().map_or("", |word| word.text) };
        match first {
            "for" => enter_loop(words, &mut scopes, settings, &mut found),
            "endfor" => drop(scopes.stack.pop()),
            "component" => scopes.components += 1,
            "endcomponent" => scopes.components = scopes.components.saturating_sub(1),
            "set" | "set_global" => {
                look(words.get(2..).unwrap_or_default(), &scopes, settings, &mut found);
                if let Some(name) = words.get(1) {
                    let bound = pure_path(words.get(3..).unwrap_or_default(), &scopes);
                    scopes.bind(name.text, bound);
                }
            }
            "block" | "endblock" | "extends" | "include" | "filter" => {}
            _ => look(words, &scopes, settings, &mut found),
        }
    }
    found
}

fn enter_loop<'a>(
    words: &[Word<'a>],
    scopes: &mut Scopes<'a>,
    settings: &BTreeSet<String>,
    found: &mut Vec<(usize, String)>,
) {
    let at = words.iter().position(|word| word.text == "in").unwrap_or(words.len());
    let (named, of) = words.split_at(at);
    let of = of.get(1..).unwrap_or_default();
    look(of, scopes, settings, found);
    let mut scope = HashMap::new();
    let names: Vec<&Word<'a>> = named.iter().skip(1).filter(|word| word.is_name()).collect();
    match names.as_slice() {
        [one] => drop(scope.insert(one.text, pure_path(of, scopes).map(|path| format!("{path}[]")))),
        several => several.iter().for_each(|word| drop(scope.insert(word.text, None))),
    }
    scopes.stack.push(scope);
}

/// The path of the context that an expression is, where it is nothing else.
fn pure_path(words: &[Word<'_>], scopes: &Scopes<'_>) -> Bound {
    let first = words.first().filter(|word| word.is_name())?;
    let is_path = words.iter().enumerate().all(|(i, word)| match i % 2 {
        0 => word.is_name(),
        _ => word.text == "." || word.text == "?.",
    });
    if !is_path || words.len().is_multiple_of(2) {
        return None;
    }
    let rest: Vec<&str> = words.iter().skip(2).step_by(2).map(|word| word.text).collect();
    let root = match scopes.find(first.text) {
        Some(bound) => bound.clone()?,
        None => first.text.to_owned(),
    };
    Some(rest.iter().fold(root, |path, step| format!("{path}.{step}")))
}

/// Looks at all names of an expression.
fn look(words: &[Word<'_>], scopes: &Scopes<'_>, settings: &BTreeSet<String>, found: &mut Vec<(usize, String)>) {
    if scopes.components > 0 {
        return;
    }
    let text = |i: Option<usize>| i.and_then(|i| words.get(i)).map_or("", |word| word.text);
    for (i, word) in words.iter().enumerate() {
        let (before, after) = (text(i.checked_sub(1)), text(Some(i + 1)));
        let is_other = [".", "?.", "|", "<", "</", "is", "@"].contains(&before)
            || (before == "not" && text(i.checked_sub(2)) == "is")
            || ["=", "(", ":"].contains(&after);
        if !word.is_name() || is_other || KEYWORDS.contains(&word.text) {
            continue;
        }
        let mut end = i + 1;
        while [".", "?."].contains(&text(Some(end))) && words.get(end + 1).is_some_and(Word::is_name) {
            end += 2;
        }
        let written: Vec<&str> =
            words.get(i..end).unwrap_or_default().iter().step_by(2).map(|word| word.text).collect();
        if let Some(message) = wrong(&written, scopes, settings) {
            found.push((word.at, message));
        }
    }
}

/// What is wrong with a name as it is written; `None` for names that are known, or not looked into.
fn wrong(written: &[&str], scopes: &Scopes<'_>, settings: &BTreeSet<String>) -> Option<String> {
    let (first, rest) = written.split_first()?;
    let root = match scopes.find(first) {
        Some(Some(path)) => path.clone(),
        Some(None) => return None,
        None if NAMES.contains(first) => (*first).to_owned(),
        None => return Some(format!("No page has `{first}`. Templates begin with: {}.", NAMES.join(", "))),
    };
    let path = rest.iter().fold(root, |path, step| format!("{path}.{step}"));
    if let Some(id) = path.strip_prefix("theme.").map(|id| id.split('.').next().unwrap_or(id)) {
        return (!settings.contains(id)).then(|| format!("theme.toml has no setting `{id}`."));
    }
    (!is_known(&path)).then(|| format!("No page has `{}`.", written.join(".")))
}

/// Whether a path stands in the list of fields: itself, or what stands there above it.
pub(super) fn is_known(path: &str) -> bool {
    let mut path = path.to_owned();
    while let Some(at) = path.find("children[].children") {
        path.replace_range(at..at + "children[].".len(), "");
    }
    let steps: Vec<(&str, bool)> = path.split('.').map(item).collect();
    KNOWN.iter().any(|known| {
        let fits = steps.iter().zip(known).enumerate().all(|(i, (&(name, is_item), &(known, is_list)))| {
            let last = i + 1 == steps.len();
            (known == "*" || known == name) && (is_item == is_list || (is_list && last))
        });
        fits && (steps.len() <= known.len() || known.last() == Some(&("*", false)))
    })
}

fn item(step: &str) -> (&str, bool) {
    step.strip_suffix("[]").map_or((step, false), |name| (name, true))
}

#[cfg(test)]
mod tests {
    use super::super::scan::parts;
    use super::*;

    fn found(template: &str) -> Vec<String> {
        let settings = BTreeSet::from(["accent".to_owned()]);
        unknown(&parts(template), &settings).into_iter().map(|(_, message)| message).collect()
    }

    #[test]
    fn names_that_pages_have_are_known() {
        for template in [
            "{{ entry.title or t(key=\"untitled\") }}",
            "{% for e in entries %}{{ e.title }}{% for t in e.terms.category %}{{ t.url }}{{ loop.index }}{% endfor %}{% endfor %}",
            "{% for i in menus.primary %}{% for c in i.children %}{% for d in c.children %}{{ d.title }}{% endfor %}{% endfor %}{% endfor %}",
            "{{ theme.accent }}{{ entry.fields.price }}{{ site.globals.phone }}{{ page?.notice }}",
            "{% set cells = theme.accent | split(pat=\"|\") %}{{ cells[0] | trim }}",
            "{{ <teaser entry={entry} level={2} /> }}{{ entries | length }}{% if entry is defined %}x{% endif %}",
            "{% component line(entry: map) %}{{ entry.anything }}{{ other }}{% endcomponent line %}",
            "{# {{ nothing }} #}{% raw %}{{ nothing }}{% endraw %}{{ \"nothing\" }}{{ now | date }}",
            "{% set first = entries %}{% for e in first %}{{ e.url }}{% endfor %}",
        ] {
            assert_eq!(found(template), Vec::<String>::new(), "{template}");
        }
    }

    #[test]
    fn names_that_no_page_has_are_found() {
        for (template, word) in [
            ("{{ entry.titel }}", "`entry.titel`"),
            ("{{ post.title }}", "`post`"),
            ("{% for e in entries %}{{ e.name }}{% endfor %}", "`e.name`"),
            ("{% for e in entries %}{% endfor %}{{ e.title }}", "`e`"),
            ("{{ theme.acent }}", "`acent`"),
            ("{% if site.titles %}x{% endif %}", "`site.titles`"),
            ("{{ url(to=entri) }}", "`entri`"),
            ("{% for t in entry.tags %}{% endfor %}", "`entry.tags`"),
            ("{{ entries.title }}", "`entries.title`"),
        ] {
            let found = found(template);
            assert!(found.len() == 1 && found[0].contains(word), "{template}: {found:?}");
        }
        assert_eq!(safe(&parts("{{ a | safe }} safe {{ safe }}")).len(), 1);
    }
}
