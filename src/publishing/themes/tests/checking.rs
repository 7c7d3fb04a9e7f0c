//! The theme check and the themes that `theme new` writes (row TH08).

use crate::themes::check::{Level, Report, check};
use crate::themes::{Manifest, ThemeFiles, scaffold};

const TOML: &str = "[theme]\nname = \"Meadow\"\nversion = \"1\"\napi = 1\n[preload]\nstyles = [\"a.css\"]\n";
const BASE: &str = "<!doctype html>\n<html lang=\"en\"><head>{{ head() }}</head><body><main>{% block main %}{% endblock %}</main></body></html>";

fn of(files: &[(&str, &str)]) -> Report {
    let mut all = vec![("theme.toml", TOML), ("static/a.css", "a{color:red}"), ("templates/base.html", BASE)];
    all.retain(|(path, _)| !files.iter().any(|(own, _)| own == path));
    all.extend(files);
    check(&[ThemeFiles::from_memory("meadow", all)])
}

fn shown(report: &Report) -> Vec<String> {
    report.findings.iter().map(|f| format!("{} {} {}", f.level.name(), f.code, f.problem)).collect()
}

#[test]
fn th08_what_we_ship_and_what_we_write_for_people_has_no_findings() {
    let croft = ThemeFiles::shipped("croft").unwrap();
    let report = check(std::slice::from_ref(&croft));
    assert_eq!(shown(&report), Vec::<String>::new());
    assert!(report.css.1 > 1_000 && report.css.1 < report.css.0, "{:?}", report.css);
    let whole = scaffold::new("green-meadow", None);
    assert_eq!(shown(&check(&[whole])), Vec::<String>::new());
    let manifest = Manifest::read(&croft).unwrap();
    let child = scaffold::new("croft-two", Some(("croft", &manifest)));
    assert_eq!(Manifest::read(&child).unwrap().preload.styles, ["croft.css", "croft-two.css"]);
    assert_eq!(shown(&check(&[child, croft])), Vec::<String>::new());
}

#[test]
fn th08_each_kind_of_fault_is_found_at_its_place() {
    let entry = |inside: &str| format!("{{% extends \"base.html\" %}}\n{{% block main %}}\n{inside}\n{{% endblock %}}");
    let cases: &[(&str, &str, &str, usize)] = &[
        ("templates/entry.html", "<h1>{{ entry.titel }}</h1>", "unknown-name", 3),
        ("templates/entry.html", "<h1>{{ post.title }}</h1>", "unknown-name", 3),
        ("templates/entry.html", "<h1>{{ theme.accent }}</h1>", "unknown-name", 3),
        ("templates/entry.html", "<h1>{{ entry.title | shout }}</h1>", "does-not-compile", 3),
        ("templates/entry.html", "<h1>{{ shout(x=1) }}</h1>", "does-not-compile", 3),
        ("templates/entry.html", "<h1>{{ entry.title | safe }}</h1>", "safe", 3),
        ("templates/entry.html", "<h1>x</h1><script src=\"https://cdn.example/x.js\"></script>", "foreign", 3),
        ("templates/entry.html", "<h1>x</h1><img src=\"x.png\">", "a11y-alt", 0),
        ("templates/entry.html", "<h1>x</h1><input name=\"x\">", "a11y-label", 0),
        ("templates/entry.html", "<h1>x</h1><h3>y</h3>", "a11y-headings", 0),
        ("templates/entry.html", "<h1>{{ 1 / 0 }}</h1>", "does-not-draw", 3),
        ("static/a.css", "@import \"b.css\";", "foreign", 1),
    ];
    for (path, inside, code, line) in cases {
        let text = if path.ends_with(".css") { (*inside).to_owned() } else { entry(inside) };
        let report = of(&[(path, &text)]);
        let found = report.findings.iter().find(|f| f.code == *code);
        let found = found.unwrap_or_else(|| panic!("{inside}: {:?}", shown(&report)));
        assert_eq!((found.problem.file.as_str(), found.problem.line), (&*format!("meadow/{path}"), *line), "{inside}");
    }
    let no_language = BASE.replace(" lang=\"en\"", "");
    let report = of(&[("templates/base.html", &no_language), ("templates/entry.html", &entry("<h1>x</h1>"))]);
    assert!(report.findings.iter().any(|f| f.code == "a11y-lang") && !report.passes());
}

#[test]
fn th08_all_unknown_names_are_told_at_once() {
    let report = of(&[
        ("templates/entry.html", "{{ one() }}\n{{ 'x' | two }}"),
        ("templates/page.html", "{% include \"three.html\" %}"),
    ]);
    let compile: Vec<_> = report.findings.iter().filter(|f| f.code == "does-not-compile").collect();
    assert_eq!(compile.len(), 3, "{:?}", shown(&report));
}

#[test]
fn th08_files_that_are_named_and_missing_and_too_much_style() {
    let toml = format!("{TOML}fonts = [\"x.woff2\"]\n[templates.\"custom/tall\"]\nlabel = \"Tall\"\n");
    let report = of(&[("theme.toml", &toml)]);
    let codes: Vec<&str> = report.findings.iter().filter(|f| f.level == Level::Error).map(|f| f.code).collect();
    assert_eq!(codes, ["missing-file", "missing-template"], "{:?}", shown(&report));
    // Numbers that cannot be packed well.
    let much: String =
        (0..12_000_u64).map(|n| format!(".a{}{{order:{}}}", n * 7919 % 99_991, n * n % 99_991)).collect();
    let report = of(&[("static/a.css", &much)]);
    assert!(report.findings.iter().any(|f| f.code == "css-budget"), "{:?}", report.css);
}
