use serde_json::{Value, json};

use crate::themes::manifest::Setting;
use crate::themes::settings::contrasts;
use crate::themes::{Manifest, ThemeFiles};

fn manifest(settings: &str) -> Result<Manifest, String> {
    let toml = format!("[theme]\nname = \"Lawn\"\nversion = \"1\"\napi = 1\n{settings}");
    Manifest::read(&ThemeFiles::from_memory("lawn", [("theme.toml", toml)])).map_err(|problem| problem.to_string())
}

fn one(kind: &str, default: &str, more: &str) -> Setting {
    let text = format!("[[settings]]\nid = \"x\"\ntype = \"{kind}\"\ndefault = {default}\n{more}\n");
    manifest(&text).unwrap_or_else(|e| panic!("{kind}: {e}")).settings.remove(0)
}

// row: TH03
#[test]
fn th03_each_kind_of_setting_takes_what_it_is_for_and_nothing_else() {
    let options = "options = [\"left\", { value = \"centre\", label = \"Centre\" }]";
    for (setting, good, wrong) in [
        (one("text", "\"\"", ""), vec![json!("Ägir & Söhne")], vec![json!("a\nb"), json!("x".repeat(501)), json!(1)]),
        (one("textarea", "\"\"", ""), vec![json!("a\n\tb")], vec![json!("\u{7}"), Value::Null]),
        (one("number", "1", ""), vec![json!(-5), json!(2.5)], vec![json!("5"), json!(1e12)]),
        (one("range", "16", "min = 16\nmax = 24"), vec![json!(16), json!(24)], vec![json!(15.9), json!(25)]),
        (one("range", "0", ""), vec![json!(100)], vec![json!(101), json!(-1)]),
        (one("bool", "true", ""), vec![json!(false)], vec![json!("true"), json!(1)]),
        (one("select", "\"left\"", options), vec![json!("centre")], vec![json!("Centre"), json!("")]),
        (one("radio", "\"left\"", options), vec![json!("left")], vec![json!("right")]),
        (one("font", "\"serif\"", ""), vec![json!("mono")], vec![json!("Comic Sans")]),
        (one("icon", "\"menu\"", ""), vec![json!("moon")], vec![json!("rocket")]),
        (
            one("color", "\"#fff\"", ""),
            vec![json!("oklch(.5 .1 30)"), json!("light-dark(#fff, black)"), json!("rgb(1 2 3 / .5)")],
            vec![json!(""), json!("red;}"), json!("url(x)"), json!("var(--x)"), json!("rgb(1 2 3/;})")],
        ),
        (one("color", "\"\"", ""), vec![json!("")], vec![json!("none")]),
        (
            one("spacing", "\"1rem\"", ""),
            vec![json!("62ch"), json!("0"), json!("-4px")],
            vec![json!("62"), json!("1px;")],
        ),
        (
            one("link", "\"\"", ""),
            vec![json!(""), json!("/a/?b=1#c"), json!("https://a.example/"), json!("mailto:a@b.example")],
            vec![json!("javascript:alert(1)"), json!("//a.example"), json!("a b"), json!("https://"), json!("/\\a")],
        ),
        (one("image", "0", ""), vec![Value::Null, json!(0), json!(7)], vec![json!(-1), json!("7")]),
        (one("code", "\"\"", ""), vec![json!("a { b: c }")], vec![json!("a {"), json!("</style>")]),
    ] {
        for value in good {
            assert_eq!(setting.judge(&value), Ok(()), "{:?}: {value}", setting.kind);
        }
        for value in wrong {
            assert!(setting.judge(&value).is_err(), "{:?}: {value}", setting.kind);
        }
    }
}

// row: TH03
#[test]
fn th03_what_a_form_sends_becomes_what_is_stored() {
    let range = one("range", "20", "min = 16\nmax = 85\nunit = \"ch\"\ncss_var = \"--m\"");
    assert_eq!(range.read(" 22 "), Ok(json!(22)));
    assert_eq!(range.read("22.5"), Ok(json!(22.5)));
    assert!(range.read("wide").is_err() && range.read("nan").is_err());
    assert_eq!(range.css_text(&json!(22)).as_deref(), Some("22ch"));
    // What was a choice once is a number now.
    assert_eq!(range.settle(&json!("62ch")), Some(json!(62)));
    assert_eq!((range.settle(&json!("620ch")), range.settle(&json!(null))), (None, None));
    let switch = one("bool", "true", "");
    assert_eq!((switch.read("on"), switch.read("")), (Ok(json!(true)), Ok(json!(false))));
    assert!(switch.read("maybe").is_err());
    let text = one("textarea", "\"\"", "");
    assert_eq!(text.read("a\r\nb\r\n"), Ok(json!("a\nb")));
    assert_eq!(text.settle(&json!("a\r\nb\rc")), Some(json!("a\nb\nc")), "stored as a form sent it");
    assert_eq!(one("text", "\"\"", "").settle(&json!("a\r\nb")), None, "one line stays one line");
    let font = one("font", "\"serif\"", "css_var = \"--f\"");
    assert_eq!(font.css_text(&json!("serif")).as_deref(), Some("ui-serif, Georgia, serif"));
}

// row: TH03
#[test]
fn th03_a_setting_that_cannot_be_is_told_with_its_line() {
    for (settings, why) in [
        ("id = \"x\"\ntype = \"select\"\ndefault = \"a\"", "needs its options"),
        ("id = \"x\"\ntype = \"text\"\ndefault = \"a\"\noptions = [\"a\"]", "have options"),
        ("id = \"x\"\ntype = \"select\"\ndefault = \"a\"\noptions = [\"a\", \"a\"]", "stands there twice"),
        (
            "id = \"x\"\ntype = \"radio\"\ndefault = \"a\"\noptions = [{ value = \"a\", colors = [\"nice\"] }]",
            "nice is no colour",
        ),
        (
            "id = \"x\"\ntype = \"radio\"\ndefault = \"a\"\noptions = [{ value = \"a\", colors = [\"rgb(1 2 3/;)\"] }]",
            "is no colour",
        ),
        (
            "id = \"x\"\ntype = \"radio\"\ndefault = \"a\"\noptions = [{ value = \"a\", font = \"a;b\" }]",
            "names with commas",
        ),
        ("id = \"x\"\ntype = \"icon\"\ndefault = \"a\"\noptions = [\"a\"]", "no drawing"),
        ("id = \"x\"\ntype = \"range\"\ndefault = 5\nmin = 9\nmax = 2", "min is below max"),
        ("id = \"x\"\ntype = \"range\"\ndefault = 5\nmin = 9\nmax = 20", "a number from 9 to 20"),
        ("id = \"x\"\ntype = \"range\"\ndefault = 5\nstep = 0", "step is above 0"),
        ("id = \"x y\"\ntype = \"text\"\ndefault = \"\"", "letters, digits and _"),
        ("id = \"x\"\ntype = \"color\"\ndefault = \"#fff\"\ncontrast_with = \"y\"", "contrast_with names a setting"),
        ("id = \"x\"\ntype = \"color\"\ndefault = \"#fff\"\nwhen = \"noon\"", "light or dark"),
        ("id = \"x\"\ntype = \"color\"\ndefault = \"#fff\"\ncss_var = \"accent\"", "--like-this"),
        ("id = \"x\"\ntype = \"colour\"\ndefault = \"#fff\"", "unknown variant"),
    ] {
        let e = manifest(&format!("[[settings]]\n{settings}\n")).expect_err(settings);
        assert!(e.contains(why) && e.contains("lawn/theme.toml:"), "{settings}: {e}");
    }
}

// row: TH10
#[test]
fn th10_a_colour_is_read_upon_the_ground_that_it_names() {
    let text = "[[settings]]\nid = \"palette\"\ntype = \"radio\"\ndefault = \"a\"\noptions = [{ value = \"a\", colors = [\"light-dark(#fff, #000)\", \"#777\"] }]\n\
                [[settings]]\nid = \"accent\"\ntype = \"color\"\ndefault = \"#767676\"\ncontrast_with = \"palette\"\nwhen = \"light\"\n\
                [[settings]]\nid = \"plain\"\ntype = \"color\"\ndefault = \"#767676\"\n";
    let settings = manifest(text).unwrap().settings;
    let found = contrasts(&settings, |s| s.default.clone());
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["palette", "accent"], "what names no ground is not judged");
    assert_eq!(found[1].1.dark, None);
    assert!(found[1].1.words().starts_with("Readable, 4.5"), "{}", found[1].1.words());
    assert!(found[0].1.light.unwrap() < 4.5 && found[0].1.dark.unwrap() > 4.5);
    let none = contrasts(&settings, |s| if s.id == "accent" { json!("") } else { s.default.clone() });
    assert_eq!(none.len(), 1, "no colour, no badge");
}
