//! Templates written to hurt: each is refused when loaded, stopped while drawn, or ends with a bounded page.

use std::sync::Arc;
use std::time::Duration;

use crate::themes::guard::Limits;
use crate::themes::{Problem, Theme, ThemeFiles, sample};

const TOML: &str = "[theme]\nname = \"Hostile\"\nversion = \"1\"\napi = 1\n";

fn run(files: &[(&str, &str)]) -> Result<String, Problem> {
    let mut all = vec![("theme.toml", TOML)];
    all.extend_from_slice(files);
    let theme = Theme::compile(&[ThemeFiles::from_memory("hostile", all)])?;
    let limits = Limits { deadline: Duration::from_millis(400), ..Limits::default() };
    theme.render("home.html", &Arc::new(sample::full("home")), limits)
}

fn home(template: &str) -> Result<String, Problem> {
    run(&[("templates/home.html", template)])
}

/// What a case must come to.
enum End {
    /// Refused when compiled, or failed as any wrong template does.
    Refused,
    /// A limit stopped it.
    Stopped,
    /// It ended with a page of at most 8 MiB, or one of the above.
    Bounded,
}

const M: &str = "{% set a = \"xxxxxxxxxxxxxxxx\" %}{% for i in range(end=14) %}{% set_global a = a ~ a %}{% endfor %}";

fn cases() -> Vec<(&'static str, String, End)> {
    use End::{Bounded, Refused, Stopped};
    let nested = |depth: usize, body: &str| {
        let open: String = (0..depth).map(|i| format!("{{% for v{i} in range(end=10000) %}}")).collect();
        format!("{open}{body}{}", "{% endfor %}".repeat(depth))
    };
    let with_m = |rest: &str| format!("{M}{rest}");
    vec![
        ("nested loops", nested(3, ""), Stopped),
        ("nested loops with text", nested(3, "x"), Stopped),
        ("nested loops with a value", nested(3, "{{ site.title }}"), Stopped),
        ("loops in an if", nested(3, "{% if v0 %}{% endif %}"), Stopped),
        ("loops with set", nested(3, "{% set x = 1 %}"), Stopped),
        ("loops with continue", nested(3, "{% continue %}"), Stopped),
        ("whitespace control", nested(3, "").replace("%}", "-%}"), Stopped),
        ("a loop after a string with an end mark", format!("{{{{ \"%}}}}\" }}}}{}", nested(3, "")), Stopped),
        ("a loop after a raw part", format!("{{% raw %}}{{% for {{% endraw %}}{}", nested(3, "")), Stopped),
        ("a loop after a comment", format!("{{# {{% raw %}} #}}{}", nested(3, "")), Stopped),
        ("a loop after a dashed comment", format!("{{#-#}} -#}}{}", nested(3, "")), Stopped),
        ("a loop after a backtick string", format!("{{{{ `\"` }}}}{}", nested(3, "")), Stopped),
        ("a loop after an escaped quote", format!("{{{{ \"\\\"\" }}}}{}", nested(3, "")), Stopped),
        ("a comprehension", "{{ [x for x in range(end=10000)] | length }}".into(), Refused),
        ("a comprehension in a loop's list", "{% for y in [x for x in range(end=9)] %}{% endfor %}".into(), Refused),
        ("a comprehension in a set", "{% set y = [x for x in range(end=9)] %}".into(), Refused),
        ("a comprehension in a test", "{% if [x for x in range(end=9)] %}{% endif %}".into(), Refused),
        ("doubling a text", "{% set a = \"x\" %}{% for i in range(end=60) %}{% set_global a = a ~ a %}{% endfor %}".into(), Stopped),
        ("doubling a list", "{% set a = [1] %}{% for i in range(end=60) %}{% set_global a = [...a, ...a] %}{% endfor %}".into(), Stopped),
        ("nesting a list", "{% set a = [1] %}{% for i in range(end=60) %}{% set_global a = [a, a] %}{% endfor %}{{ a }}".into(), Stopped),
        ("nesting a map", "{% set a = {} %}{% for i in range(end=60) %}{% set_global a = {\"l\": a, \"r\": a} %}{% endfor %}{{ a }}".into(), Stopped),
        ("seventeen concatenations", format!("{{{{ \"a\"{} }}}}", " ~ \"b\"".repeat(17)), Refused),
        ("many concatenations of much", with_m(&format!("{{{{ a{} }}}}", " ~ a".repeat(16))), Bounded),
        ("many elements", format!("{{{{ [{}] | length }}}}", "1,".repeat(200)), Refused),
        ("a list of much, printed", with_m(&format!("{{{{ [{}a] }}}}", "a,".repeat(60))), Stopped),
        ("a captured loop of much", with_m("{% set b %}{% for i in range(end=10000) %}{{ a }}{% endfor %}{% endset %}"), Stopped),
        ("a captured loop of text", format!("{{% set b %}}{{% for i in range(end=10000) %}}{}{{% endfor %}}{{% endset %}}", "x".repeat(100_000)), Stopped),
        ("a filtered loop of text", format!("{{% filter upper %}}{{% for i in range(end=10000) %}}{}{{% endfor %}}{{% endfilter %}}", "x".repeat(100_000)), Stopped),
        ("a raw part in a captured loop", format!("{{% set b %}}{{% for i in range(end=10000) %}}{{% raw %}}{}{{% endraw %}}{{% endfor %}}{{% endset %}}", "x".repeat(100_000)), Stopped),
        ("too much output", format!("{{% for i in range(end=10000) %}}{}{{% endfor %}}", "x".repeat(10_000)), Stopped),
        ("replace with nothing in front", with_m("{{ a | replace(from=\"\", to=a) | length }}"), Stopped),
        ("replace that grows", with_m("{{ a | replace(from=\"x\", to=\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\") | length }}"), Stopped),
        ("join that grows", with_m("{{ range(end=10000) | join(sep=a) | length }}"), Stopped),
        ("indent that grows", "{% set a = \"x\n\" %}{% for i in range(end=15) %}{% set_global a = a ~ a %}{% endfor %}{{ a | indent(width=1000) | length }}".into(), Stopped),
        ("escaping again and again", with_m(&format!("{{{{ a | replace(from=\"x\", to=\"&\"){} | length }}}}", " | escape_html".repeat(100))), Stopped),
        ("splitting into letters", with_m("{{ a | split(pat=\"\") | length }}"), Stopped),
        ("a long range", "{{ range(end=100000000) | length }}".into(), Stopped),
        ("a range that overflows", "{{ range(start=-9223372036854775807, end=9223372036854775807) | length }}".into(), Bounded),
        ("unique of many", "{{ range(end=10000) | unique | length }}".into(), Stopped),
        ("a component that calls itself", "{% component me() %}{{ <me /> }}{% endcomponent me %}{{ <me /> }}".into(), Bounded),
        ("a component that calls itself twice", "{% component me() %}{{ <me /> }}{{ <me /> }}{% endcomponent me %}{{ <me /> }}".into(), Bounded),
        ("a component that grows its argument", "{% component me(a: array) %}{{ <me a={[a, a, a, a]} /> }}{% endcomponent me %}{{ <me a={[1]} /> }}".into(), Bounded),
        ("a component that grows its body", "{% component me(a: string) %}{{ a ~ a ~ a ~ a }}{{ <me a={a ~ a ~ a ~ a} /> }}{% endcomponent me %}{{ <me a={\"x\"} /> }}".into(), Bounded),
        ("the engine's dump", "{{ __tera_context }}".into(), Refused),
        ("the engine's dump in a set", "{% set x = __tera_context %}".into(), Refused),
        ("the guard's own name", "{% set __tick_0 = 1 %}".into(), Refused),
        ("the guard's filter", "{{ 1 | __print }}".into(), Refused),
        ("a file too large", "x".repeat(256 * 1024 + 1), Refused),
        ("tags nested too deep", format!("{}{}", "{% if 1 %}".repeat(2000), "{% endif %}".repeat(2000)), Refused),
        ("brackets nested too deep", format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000)), Refused),
        ("many nots", format!("{{{{ {}1 }}}}", "not ".repeat(20_000)), Refused),
        ("many minuses", format!("{{{{ {}1 }}}}", "- ".repeat(20_000)), Refused),
        ("a long chain of filters", format!("{{{{ 1{} }}}}", " | str".repeat(5000)), Bounded),
        ("a long chain of fields", format!("{{{{ site{} }}}}", ".a".repeat(5000)), Refused),
        ("division by zero", "{{ 1 / 0 }}".into(), Refused),
        ("a power that overflows", "{{ 99999999 ** 99999999 }}".into(), Bounded),
        ("an unclosed tag", "{% for x in entries".into(), Refused),
        ("an unclosed string", "{{ \"x }}".into(), Refused),
        ("an unclosed raw", "{% raw %} x".into(), Refused),
        ("no file of that name", "{% include \"../../../etc/passwd\" %}".into(), Refused),
        ("an asset of another folder", "{{ asset(path=\"../theme.toml\") }}".into(), Refused),
        ("a date format that is none", "{{ 0 | date(format=\"%Q%!\") }}".into(), Refused),
        ("a date beyond the calendar", "{{ 9223372036854775807 | date }}{{ -9223372036854775807 | relative_date }}".into(), Bounded),
        ("a fragment with markup", "{{ fragment(name=\"x\\\" onload=\\\"y\") }}".into(), Refused),
    ]
}

// rule: A5
#[test]
fn a05_a_template_reaches_no_file_no_environment_and_no_address() {
    for template in [
        "{{ get_env(name=\"HOME\") }}",
        "{{ env(\"HOME\") }}",
        "{{ read_file(path=\"/etc/passwd\") }}",
        "{{ load_data(path=\"/etc/passwd\", format=\"plain\") }}",
        "{{ load_data(url=\"http://127.0.0.1/\") }}",
        "{{ fetch(url=\"http://127.0.0.1/\") }}",
        "{{ now() }}",
        "{{ get_random(end=9) }}",
        "{% include \"/etc/passwd\" %}",
        "{% include \"../../key\" %}",
        "{% include \"file:///etc/passwd\" %}",
        "{% extends \"/etc/passwd\" %}",
        "{% import \"../theme.toml\" as t %}",
    ] {
        assert!(home(template).is_err(), "{template} did something");
    }
}

#[test]
fn d02_no_hostile_template_gets_through() {
    let cases = cases();
    assert!(cases.len() >= 42);
    for (name, template, end) in cases {
        let got = home(&template);
        match (end, got) {
            (End::Refused, Err(p)) => assert!(!p.limit, "{name}: {p}"),
            (End::Stopped, Err(p)) => assert!(p.limit, "{name}: {p}"),
            (End::Bounded, Ok(html)) => assert!(html.len() <= 8 << 20, "{name}"),
            (End::Bounded, Err(_)) => {}
            (_, Ok(html)) => panic!("{name} was drawn: {} bytes", html.len()),
        }
    }
}

#[test]
fn d02_includes_that_double_at_each_level_are_stopped() {
    let names: Vec<String> = (0..60).map(|i| format!("templates/p{i}.html")).collect();
    let texts: Vec<String> =
        (0..60).map(|i| format!("{{% include \"p{0}.html\" %}}{{% include \"p{0}.html\" %}}", i + 1)).collect();
    let mut files: Vec<(&str, &str)> = names.iter().zip(&texts).map(|(n, t)| (n.as_str(), t.as_str())).collect();
    files.extend([("templates/p60.html", ""), ("templates/home.html", "{% include \"p0.html\" %}")]);
    assert!(run(&files).unwrap_err().limit);
}

#[test]
fn d02_a_long_row_of_includes_never_overflows_the_stack() {
    let names: Vec<String> = (0..500).map(|i| format!("templates/p{i}.html")).collect();
    let texts: Vec<String> = (0..500).map(|i| format!("{{% include \"p{}.html\" %}}", i + 1)).collect();
    let mut files: Vec<(&str, &str)> = names.iter().zip(&texts).map(|(n, t)| (n.as_str(), t.as_str())).collect();
    files.extend([("templates/p500.html", "deep"), ("templates/home.html", "{% include \"p0.html\" %}")]);
    assert!(run(&files).map_or_else(|p| p.limit, |html| html == "deep"));
}

#[test]
fn d02_a_long_row_of_parents_that_double_is_stopped() {
    let names: Vec<String> = (0..40).map(|i| format!("templates/p{i}.html")).collect();
    let body = "{% block b %}{{ super() }}{{ super() }}x{% endblock %}";
    let texts: Vec<String> = (0..40).map(|i| format!("{{% extends \"p{}.html\" %}}{body}", i + 1)).collect();
    let mut files: Vec<(&str, &str)> = names.iter().zip(&texts).map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let home = format!("{{% extends \"p0.html\" %}}{body}");
    files.extend([("templates/p40.html", "{% block b %}x{% endblock %}"), ("templates/home.html", home.as_str())]);
    assert!(run(&files).unwrap_err().limit);
}

#[test]
fn d02_the_clock_is_what_stops_an_endless_template() {
    let theme = Theme::compile(&[ThemeFiles::from_memory(
        "hostile",
        [
            ("theme.toml", TOML),
            (
                "templates/home.html",
                "{% for a in range(end=10000) %}{% for b in range(end=10000) %}{% endfor %}{% endfor %}",
            ),
        ],
    )])
    .unwrap();
    let problem = theme.render("home.html", &Arc::new(sample::full("home")), Limits::default()).unwrap_err();
    assert!(problem.limit && problem.message.contains("too long"), "{problem}");
}
