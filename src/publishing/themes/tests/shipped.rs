//! What every theme that we ship keeps (row TH12): it passes the check, draws every page full and empty with all of its
//! settings, needs no script, weighs little, and speaks the languages that we speak.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{Align, Document, File, Image, Kind, Node, RenderOptions};
use crate::themes::check::check;
use crate::themes::context::{EntryView, MediaView, Page};
use crate::themes::guard::Limits;
use crate::themes::settings::{Kind as SettingKind, Setting};
use crate::themes::{Question, Theme, ThemeFiles, sample};

/// Most bytes of style that a page of ours loads, as it is served and before it is packed (row TH12). Croft is older
/// than the row's number and has its own, see `croft.rs`.
const MOST_CSS: usize = 15_000;
const LANGUAGES: &[&str] = &["ar", "de", "es", "fr", "sv"];

fn shipped() -> Vec<(String, ThemeFiles, Theme)> {
    let all = ThemeFiles::shipped_names();
    assert_eq!(all, ["croft", "loft", "quay"]);
    let open = |name: String| {
        let files = ThemeFiles::shipped(&name).unwrap();
        let theme = Theme::compile(std::slice::from_ref(&files)).unwrap();
        (name, files, theme)
    };
    all.into_iter().map(open).collect()
}

fn draw(theme: &Theme, question: Question<'_>, page: Page) -> String {
    theme.render(&theme.template_for(question), &Arc::new(page), Limits::default()).unwrap()
}

// row: TH12
#[test]
fn th12_each_passes_the_check_and_says_who_it_is() {
    for (name, files, theme) in shipped() {
        let report = check(std::slice::from_ref(&files));
        assert_eq!(report.findings, [], "{name}");
        let about = &theme.manifest().theme;
        assert!(about.parent.is_empty() && about.name.to_lowercase() == name, "{about:?}");
        assert!(about.description.len() > 60 && about.author == "Freehold", "{about:?}");
        assert_eq!(about.license, "MIT OR Apache-2.0");
        for font in files.all().keys().filter(|path| path.ends_with(".woff2")) {
            let family = font.trim_end_matches(".woff2").trim_end_matches("-italic").trim_end_matches("-bold");
            assert!(files.get(&format!("{family}-LICENSE.txt")).is_some(), "{name}: {font} has no licence beside it");
        }
    }
}

// row: TH12
#[test]
fn th12_each_weighs_little_and_needs_no_script() {
    for (name, files, theme) in shipped() {
        let style = theme.asset(&format!("{name}.css")).unwrap();
        assert!(name == "croft" || style.bytes.len() <= MOST_CSS, "{name}: {} bytes", style.bytes.len());
        assert!(!files.all().keys().any(|path| path.ends_with(".js") || path.ends_with(".mjs")), "{name}");
        for (question, page) in sample::pages() {
            let html = draw(&theme, question, page);
            let scripts =
                html.matches("<script").count() - html.matches("<script type=\"application/ld+json\"").count();
            assert_eq!((scripts, html.contains(" onclick=")), (0, false), "{name} {question:?}");
        }
    }
}

// row: TH12
#[test]
fn th12_every_page_is_drawn_by_the_theme_itself_full_and_empty() {
    for (name, files, theme) in shipped() {
        sample::try_all(&theme).unwrap();
        let style = theme.asset(&format!("{name}.css")).unwrap();
        for (question, page) in sample::pages() {
            let template = theme.template_for(question);
            assert!(files.get(&format!("templates/{template}")).is_some(), "{name} borrows {template}");
            let html = draw(&theme, question, page);
            assert!(html.ends_with("</html>\n") && html.contains(&style.url), "{name} {question:?}");
            assert_eq!((html.matches("<h1").count(), html.matches("<main").count()), (1, 1), "{name} {question:?}");
        }
        for template in theme.manifest().templates.keys() {
            let html = theme.render(&format!("{template}.html"), &Arc::new(page_of(template)), Limits::default());
            assert_eq!(html.unwrap().matches("<h1").count(), 1, "{name} {template}");
        }
    }
}

/// A visitor saw the built-in theme where a list held an entry without a category.
#[test]
fn th12_a_list_of_entries_that_have_nothing_is_drawn() {
    for (name, _, theme) in shipped() {
        let mut seen = 0;
        for (question, mut page) in sample::pages().into_iter().filter(|(_, page)| !page.entries.is_empty()) {
            let bare = EntryView { url: "/x/".into(), ..EntryView::default() };
            let long = EntryView { title: "Donaudampfschiff".repeat(60), ..bare.clone() };
            page.entries = vec![bare.clone(), long, bare.clone(), bare.clone(), bare.clone(), bare];
            let html = draw(&theme, question, page);
            assert!(html.contains("Untitled"), "{name} {question:?}");
            seen += 1;
        }
        assert!(seen >= 6, "{name}: {seen} lists");
    }
}

/// A full page for a template that editors choose: of a term, where it is a list.
fn page_of(template: &str) -> Page {
    sample::full(if template == "custom/list" { "term" } else { "entry" })
}

/// What may be set: every choice; something to escape where anything may be typed.
fn choices(setting: &Setting) -> Vec<serde_json::Value> {
    match setting.kind {
        SettingKind::Select | SettingKind::Radio => setting.choices().into_iter().map(|one| one.value.into()).collect(),
        SettingKind::Range => vec![setting.bounds().0.into(), setting.bounds().1.into()],
        SettingKind::Bool => vec![true.into(), false.into()],
        SettingKind::Color => vec!["#ffffff".into(), "#000000".into()],
        SettingKind::Link => vec!["/a-page/".into(), "https://example.org/?a='b'&c".into()],
        SettingKind::Code => vec!["h2{color:#124}".into()],
        SettingKind::Textarea => vec!["One | two | /three/\n\nFour | five\nsix".into()],
        _ => vec!["<b>words</b> & more".into()],
    }
}

// row: TH12
#[test]
fn th12_every_setting_can_be_filled_and_every_choice_be_made() {
    for (name, _, theme) in shipped() {
        let settings = &theme.manifest().settings;
        let most = settings.iter().map(|setting| choices(setting).len()).max().unwrap();
        // Each round sets everything, each setting to its next choice.
        for round in 0..most {
            for (question, mut page) in sample::pages() {
                for setting in settings {
                    let all = choices(setting);
                    let value = all[round % all.len()].clone();
                    assert!(setting.accepts(&value), "{name} {}: {value}", setting.id);
                    page.settings.insert(setting.id.clone(), value);
                }
                let page = Arc::new(page);
                let html = theme.render(&theme.template_for(question), &page, Limits::default()).unwrap();
                assert!(!html.contains("<b>words"), "{name} {question:?}: what is set is escaped");
                theme.check_share(&page).unwrap();
            }
        }
    }
}

#[test]
fn quay_shows_a_firm_and_its_news() {
    let quay = Theme::compile(&[ThemeFiles::shipped("quay").unwrap()]).unwrap();
    let mut page = sample::full("home");
    let plain = draw(&quay, Question::Home, page.clone());
    assert!(plain.contains("<h1>Notes on boats, weather"), "the tagline is the first word where nothing is set");
    assert!(!plain.contains("class=\"does\"") && !plain.contains("class=\"reach\"") && !plain.contains("tel:"));
    for (id, value) in [
        ("hero_title", "Boats that outlive their owners"),
        ("services", "Building | One at a time | /building/\nMending | All of them"),
        ("figures", "1954 | founded"),
        ("contact_title", "Come by"),
        ("phone", "+46 522 123 45"),
        ("button_label", "Ask"),
        ("button_link", "/contact/"),
    ] {
        page.settings.insert(id.into(), value.into());
    }
    let html = draw(&quay, Question::Home, page.clone());
    for part in [
        "<h1>Boats that outlive their owners</h1>",
        "<h3><a href=\"&#x2F;building&#x2F;\">Building</a></h3><p>One at a time</p>",
        "<h3>Mending</h3><p>All of them</p>",
        "<b>1954</b> founded",
        "<h2>Come by</h2>",
        "tel:+4652212345",
        "<a class=\"button call\"",
    ] {
        let found = html.contains(part) || html.contains(&part.replace("&#x2F;", "/"));
        assert!(found, "{part}: {html}");
    }
    // The page chosen for posts is a list under its own title.
    page.page.title = "Newsroom".into();
    let html = draw(&quay, Question::Home, page);
    assert!(html.contains("<h1>Newsroom</h1>") && !html.contains("class=\"does\""), "{html}");
}

#[test]
fn loft_hangs_works_with_and_without_pictures() {
    let loft = Theme::compile(&[ThemeFiles::shipped("loft").unwrap()]).unwrap();
    let mut page = sample::full("home");
    let html = draw(&loft, Question::Home, page.clone());
    assert_eq!((html.matches("class=\"work\"").count(), html.matches("class=\"work bare\"").count()), (1, 7));
    assert!(html.contains("class=\"hang salon\"") && html.contains("fetchpriority=\"high\""));
    page.settings.insert("hang".into(), "grid".into());
    page.settings.insert("labels".into(), false.into());
    let html = draw(&loft, Question::Home, page);
    assert!(html.contains("class=\"hang grid\"") && !html.contains("<time"), "{html}");
    let post = Question::Entry { kind: "post", slug: "x", template: "" };
    let mut page = sample::full("entry");
    page.entry.as_mut().unwrap().image = Some(MediaView { url: "/media/x/a.jpg".into(), ..MediaView::default() });
    assert!(draw(&loft, post, page).contains("<article class=\"project\">"));
    let story = Question::Entry { kind: "post", slug: "x", template: "custom/story" };
    assert!(draw(&loft, story, sample::full("entry")).contains("<article class=\"story\">"));
}

/// A document with every block that gets a class.
fn classed() -> Document {
    let image = |align| {
        let image = Image { src: "/media/x/a.jpg".into(), caption: Some("c".into()), align, ..Image::default() };
        Node::leaf(Kind::Image(Box::new(image)))
    };
    let mut content: Vec<Node> = [None, Some(Align::Left), Some(Align::Center), Some(Align::Right), Some(Align::Wide)]
        .into_iter()
        .chain([Some(Align::Full)])
        .map(image)
        .collect();
    content.extend((1..=8).map(|n| Node::new(Kind::Gallery(Some(n)), vec![image(None)])));
    let cell = Node::new(Kind::TableCell(None, None), vec![Node::leaf(Kind::Paragraph)]);
    content.push(Node::new(Kind::Table, vec![Node::new(Kind::TableRow, vec![cell])]));
    for url in ["https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://example.org/x"] {
        content.push(Node::leaf(Kind::Embed { url: url.into(), provider: None }));
    }
    let file = File { src: "/media/x/a.pdf".into(), bytes: Some(1000), ..File::default() };
    content.push(Node::leaf(Kind::File(Box::new(file))));
    content.push(Node::new(Kind::CodeBlock(Some("rust".into())), vec![Node::text("x", Vec::new())]));
    Document { content, ..Document::default() }
}

#[test]
fn every_class_that_the_writer_gives_has_its_look() {
    let html = classed().to_html(&RenderOptions::default());
    for (name, _, theme) in shipped() {
        let css = String::from_utf8(theme.asset(&format!("{name}.css")).unwrap().bytes.to_vec()).unwrap();
        let mut seen = 0;
        for class in html.split("class=\"").skip(1).flat_map(|rest| rest.split('"').next().unwrap().split(' ')) {
            // Names for themes that want more: the language of code, the provider of an embed; three columns are usual.
            if class.starts_with("language-") || class.starts_with("embed-") || class == "columns-3" {
                continue;
            }
            seen += 1;
            let rule = css
                .match_indices(&format!(".{class}"))
                .any(|(at, found)| css[at + found.len()..].starts_with([' ', ',', '{', ':', ')', '.', '>']));
            assert!(rule, "{name}: nothing is said of .{class}");
        }
        assert!(seen > 25, "{seen} classes in {html}");
        // A link to a player that cannot be shown stands in no box of its own height.
        assert!(!css.contains(".embed{aspect-ratio"));
    }
}

#[test]
fn every_language_says_the_same_things() {
    let holes = |text: &str| {
        let mut all: Vec<String> =
            text.split('{').skip(1).filter_map(|p| Some(p.split_once('}')?.0.to_owned())).collect();
        all.sort();
        all
    };
    for (name, files, _) in shipped() {
        let words = |language: &str| -> BTreeMap<String, String> {
            toml::from_str(files.text(&format!("locales/{language}.toml")).unwrap().unwrap()).unwrap()
        };
        for language in LANGUAGES {
            let theirs = words(language);
            for (key, text) in words("en") {
                let other = theirs.get(&key).unwrap_or_else(|| panic!("{name}: {language} lacks {key}"));
                assert_eq!(holes(&text), holes(other), "{name} {language} {key}");
            }
        }
    }
}

#[test]
fn every_word_that_a_template_asks_for_is_there() {
    let ours = |files: &ThemeFiles| -> BTreeMap<String, String> {
        toml::from_str(files.text("locales/en.toml").unwrap().unwrap()).unwrap()
    };
    let croft = ours(&ThemeFiles::shipped("croft").unwrap());
    for (name, files, _) in shipped() {
        let own = ours(&files);
        for (path, bytes) in files.all().iter().filter(|(path, _)| path.ends_with(".html")) {
            let source = std::str::from_utf8(bytes).unwrap();
            for key in source.split("t(key=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(own.contains_key(key) || croft.contains_key(key), "{name}/{path}: {key}");
            }
        }
    }
}
