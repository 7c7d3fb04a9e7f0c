use std::sync::Arc;

use crate::themes::context::{EntryView, Html, Page};
use crate::themes::guard::Limits;
use crate::themes::{Question, Theme, ThemeFiles, sample};

fn croft() -> Theme {
    Theme::compile(&[]).unwrap()
}

fn draw(theme: &Theme, question: Question<'_>, page: Page) -> String {
    theme.render(&theme.template_for(question), &Arc::new(page), Limits::default()).unwrap()
}

const POST: Question<'static> = Question::Entry { kind: "post", slug: "winter", template: "" };

/// Where a folder `freehold-theme-samples` exists among the temporary files, the pages are also written there, to be
/// looked at in a browser.
#[test]
fn every_page_is_drawn_full_and_empty() {
    let theme = croft();
    sample::try_all(&theme).unwrap();
    for (i, (question, page)) in sample::pages().into_iter().enumerate() {
        let html = draw(&theme, question, page);
        assert!(html.ends_with("</html>\n"), "{i} {question:?}");
        assert_eq!(html.matches("<h1").count(), 1, "{question:?}: one heading of the first level");
        assert_eq!(html.matches("<main").count(), 1, "{question:?}");
        let folder = std::env::temp_dir().join("freehold-theme-samples");
        if folder.is_dir() {
            std::fs::write(folder.join(format!("{i:02}.html")), &html).unwrap();
            for path in [
                "croft.css",
                "fonts/newsreader.woff2",
                "fonts/newsreader-italic.woff2",
                "fonts/newsreader-bold.woff2",
                "fonts/inter.woff2",
            ] {
                let asset = theme.asset(path).unwrap();
                let target = folder.join(asset.url.trim_start_matches('/'));
                std::fs::create_dir_all(target.parent().unwrap()).unwrap();
                std::fs::write(target, &asset.bytes).unwrap();
            }
        }
    }
}

#[test]
fn text_is_escaped_and_cleaned_markup_is_not() {
    let mut page = sample::full("entry");
    let entry = page.entry.as_mut().unwrap();
    entry.title = "<script>alert(1)</script>".into();
    entry.html = Html("<p class=\"ok\">kept</p>".into());
    entry.comments.tree[0].author = "\"><img src=x>".into();
    page.page.title = "</title><script>".into();
    page.site.title = "A & <B>".into();
    let html = draw(&croft(), POST, page);
    assert!(html.contains("<p class=\"ok\">kept</p>"));
    assert!(!html.contains("<script>"), "no script element but the data block");
    assert!(!html.contains("<img src=x>"));
    assert!(html.contains("A <em>&amp;</em> &lt;B&gt;"));
}

#[test]
fn a_data_block_cannot_be_closed_by_a_title() {
    let mut page = sample::full("entry");
    page.entry.as_mut().unwrap().title = "</script><b>".into();
    let html = draw(&croft(), POST, page);
    let block = html.split("application/ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(block).unwrap();
    assert_eq!(data["headline"], "</script><b>");
}

#[test]
fn the_head_names_title_canonical_feed_and_early_files() {
    let theme = croft();
    let html = draw(&theme, POST, sample::full("entry"));
    for part in [
        "<title>Notes from the winter harbour · Harbour &amp; Pine</title>",
        "rel=\"canonical\"",
        "og:type\" content=\"article\"",
        "twitter:card",
        "application/rss+xml",
        "rel=\"icon\"",
    ] {
        assert!(html.contains(part), "{part}");
    }
    for (url, _) in theme.preloads() {
        assert!(html.contains(url.as_str()), "{url}");
    }
}

#[test]
fn a_preview_and_an_error_page_stay_out_of_search_engines() {
    let mut preview = sample::full("entry");
    preview.request.is_preview = true;
    let theme = croft();
    assert!(draw(&theme, POST, preview).contains("content=\"noindex,follow\""));
    assert!(draw(&theme, Question::NotFound, sample::full("404")).contains("content=\"noindex,follow\""));
}

#[test]
fn a_style_sheet_is_served_under_its_hash_with_the_fonts_hashes_inside() {
    let theme = croft();
    let css = theme.asset("croft.css").unwrap();
    let font = theme.asset("fonts/newsreader.woff2").unwrap();
    assert!(css.url.starts_with("/_/assets/") && css.url.ends_with("/croft.css"));
    assert!(String::from_utf8_lossy(&css.bytes).contains(&font.url));
    assert!(theme.asset_at(&css.hash, "croft.css").is_some());
    assert!(theme.asset_at("0000000000000000", "croft.css").is_none());
    assert_eq!(font.content_type, "font/woff2");
    assert!(css.bytes.len() <= 18 * 1024, "{} bytes; packed it is a third", css.bytes.len());
}

#[test]
fn a_setting_is_taken_only_when_the_theme_accepts_it() {
    let mut page = sample::full("home");
    page.settings.insert("palette".into(), "tide".into());
    page.settings.insert("measure".into(), "1ch;} body{display:none".into());
    page.settings.insert("text_size".into(), 22.into());
    let html = draw(&croft(), Question::Home, page);
    assert!(html.contains("class=\"tide auto serif\""));
    assert!(html.contains("--size:22px;"));
    assert!(!html.contains("display:none"));
}

#[test]
fn a_child_theme_overrides_one_template_and_inherits_the_rest() {
    let toml = "[theme]\nname = \"Child\"\nversion = \"1\"\napi = 1\n";
    let files = [
        ("theme.toml", toml),
        ("templates/page.html", "{% extends \"entry.html\" %}{% block meta %}<p>mine</p>{% endblock %}"),
        ("templates/entry-recipe.html", "<h1>{{ entry.title }}</h1>"),
    ];
    let theme = Theme::compile(&[ThemeFiles::from_memory("child", files)]).unwrap();
    let page = Question::Entry { kind: "page", slug: "about", template: "" };
    assert!(draw(&theme, page, sample::full("entry")).contains("<p>mine</p>"));
    assert!(draw(&theme, POST, sample::full("entry")).contains("class=\"meta\""));
    let recipe = Question::Entry { kind: "recipe", slug: "tar", template: "" };
    assert_eq!(draw(&theme, recipe, sample::full("entry")), "<h1>Notes from the winter harbour</h1>");
    assert_eq!(theme.template_for(Question::Entry { kind: "page", slug: "x", template: "wide" }), "custom/wide.html");
}

#[test]
fn a_theme_with_a_frame_of_its_own_needs_none_of_our_blocks() {
    let toml = "[theme]\nname = \"Child\"\nversion = \"1\"\napi = 1\n";
    let base = "<main><h1>mine</h1>{% block main %}{% endblock %}</main></html>\n";
    let files =
        [("theme.toml", toml), ("templates/base.html", base), ("templates/index.html", "{% extends \"base.html\" %}")];
    let theme = Theme::compile(&[ThemeFiles::from_memory("child", files)]).unwrap();
    assert!(draw(&theme, Question::Date, sample::full("date")).contains("class=\"cards\""));
    sample::try_all(&theme).unwrap();
}

#[test]
fn d01_another_theme_of_the_node_cannot_be_included() {
    let toml = "[theme]\nname = \"Child\"\nversion = \"1\"\napi = 1\n";
    let files = [("theme.toml", toml), ("templates/index.html", "{% include \"other/templates/index.html\" %}")];
    let problem = Theme::compile(&[ThemeFiles::from_memory("child", files)]).unwrap_err();
    assert_eq!((problem.file.as_str(), problem.line), ("child/templates/index.html", 1));
}

#[test]
fn a_wrong_manifest_names_its_line() {
    let toml = "[theme]\nname = \"Child\"\nversion = \"1\"\napi = 1\ncolour = \"red\"\n";
    let problem = Theme::compile(&[ThemeFiles::from_memory("child", [("theme.toml", toml)])]).unwrap_err();
    assert_eq!((problem.file.as_str(), problem.line), ("child/theme.toml", 5));
    assert!(problem.message.contains("colour"), "{problem}");
    assert_eq!(problem.snippet, "colour = \"red\"");
}

#[test]
fn a_wrong_template_names_its_line_although_guard_calls_were_added() {
    let toml = "[theme]\nname = \"Child\"\nversion = \"1\"\napi = 1\n";
    let template = "{% for e in entries %}\n{% set x = 1 %}\n{{ e.nothing.at.all }}\n{% endfor %}";
    let theme =
        Theme::compile(&[ThemeFiles::from_memory("child", [("theme.toml", toml), ("templates/home.html", template)])]);
    let page = Arc::new(sample::full("home"));
    let problem = theme.unwrap().render("home.html", &page, Limits::default()).unwrap_err();
    assert_eq!((problem.line, problem.snippet.as_str()), (3, "{{ e.nothing.at.all }}"));
    assert!(!problem.limit);
}

#[test]
fn dates_are_in_the_sites_zone_and_relative_to_the_given_moment() {
    let toml = "[theme]\nname = \"Child\"\nversion = \"1\"\napi = 1\n";
    let template = "{{ 0 | date(format=\"%Y-%m-%d %H:%M\") }} {{ 0 | date }} {{ (now - 7200000) | relative_date }}";
    let files = ThemeFiles::from_memory("child", [("theme.toml", toml), ("templates/home.html", template)]);
    let html = draw(&Theme::compile(&[files]).unwrap(), Question::Home, sample::full("home"));
    assert_eq!(html, "1970-01-01 01:00 1 January 1970 2 hours ago");
}

#[test]
fn a_text_is_broken_into_lines_for_drawings() {
    let toml = "[theme]\nname = \"Child\"\nversion = \"1\"\napi = 1\n";
    let of = |text: &str| {
        let template = format!("{{% for l in '{text}' | lines(width=10, most=3) %}}[{{{{ l }}}}]{{% endfor %}}");
        let files = ThemeFiles::from_memory("child", [("theme.toml", toml), ("templates/home.html", &template)]);
        draw(&Theme::compile(&[files]).unwrap(), Question::Home, sample::full("home"))
    };
    assert_eq!(of("  how to   read the sea "), "[how to][read the][sea]");
    assert_eq!(of("a ten tens and then one more word"), "[a ten tens][and then][one more…]");
    assert_eq!(of("Donaudampfschifffahrt"), "[Donaudampf][schifffahr][t]");
    assert_eq!(of("éééééééééé x"), "[éééééééééé][x]", "letters are counted, not bytes");
    assert_eq!(of(" "), "");
}

#[test]
fn a_page_without_anything_and_a_very_long_title_are_still_pages() {
    let mut page = sample::full("home");
    page.entries = vec![EntryView { title: "Donaudampfschiff".repeat(60), ..EntryView::default() }];
    assert!(draw(&croft(), Question::Home, page).contains("class=\"lead bare\""));
    assert!(draw(&croft(), Question::Home, sample::empty("home")).contains("Nothing is published here yet"));
}

#[test]
fn comments_answer_each_other_and_the_form_has_its_trap() {
    let html = draw(&croft(), POST, sample::full("entry"));
    assert!(html.contains("action=\"/_/comment\"") && html.contains("name=\"website2\""));
    assert!(html.contains("<ol><li id=\"comment-2\">"), "an answer stands inside its parent");
    let mut closed = sample::full("entry");
    closed.entry.as_mut().unwrap().comments.open = false;
    assert!(!draw(&croft(), POST, closed).contains("/_/comment"));
}

#[test]
fn a_page_and_its_styles_stay_within_thirty_kilobytes_compressed() {
    let theme = croft();
    let html = draw(&theme, Question::Home, sample::full("home"));
    // measured with gzip: text of this kind shrinks at least to a third
    assert!((html.len() + theme.asset("croft.css").unwrap().bytes.len()) / 3 < 30 * 1024);
}

#[test]
fn pages_speak_the_language_of_the_site_and_so_do_their_dates() {
    let theme = croft();
    for (locale, date, words) in [
        ("de", "20. November 2026", "3 Kommentare"),
        ("de-CH", "20. November 2026", "3 Kommentare"),
        ("sv", "20 november 2026", "3 kommentarer"),
        ("fr", "20 novembre 2026", "3 commentaires"),
        ("es", "20 de noviembre de 2026", "3 comentarios"),
        ("ar", "20 نوفمبر 2026", "3 تعليقات"),
        ("xx", "20 November 2026", "3 comments"),
    ] {
        let mut page = sample::full("entry");
        page.site.locale = locale.into();
        page.site.rtl = locale == "ar";
        let html = draw(&theme, POST, page);
        assert!(html.contains(date) && html.contains(words), "{locale}: {html}");
        assert_eq!(html.contains("dir=\"rtl\""), locale == "ar");
    }
}

#[test]
fn text_of_others_is_shown_cleaned_and_pictures_in_their_sizes() {
    let toml = "[theme]\nname = \"Child\"\nversion = \"1\"\napi = 1\n";
    let template = "{{ \"A *b* <script>x</script>\" | markdown }}|{{ \"<p onclick=x>c</p><script>y</script>\" | sanitize }}|\
        {{ entry.image | srcset(mime=\"image/webp\") }}|{{ entry.fields.tide }}";
    let files = ThemeFiles::from_memory("child", [("theme.toml", toml), ("templates/entry.html", template)]);
    let mut page = sample::full("entry");
    let entry = page.entry.as_mut().unwrap();
    entry.fields.insert("tide".into(), "low".into());
    let copy = |width: u32| crate::themes::context::Variant {
        width,
        mime: "image/webp".into(),
        url: format!("/media/x/{width}.webp"),
    };
    let image = crate::themes::context::MediaView { url: "/media/x/a.jpg".into(), width: 640, ..Default::default() };
    entry.image = Some(crate::themes::context::MediaView { variants: vec![copy(640), copy(320)], ..image });
    let html = draw(&Theme::compile(&[files]).unwrap(), POST, page);
    assert!(html.contains("<em>b</em>") && html.contains("<p>c</p>"), "{html}");
    assert!(!html.contains("<script") && !html.contains("onclick"), "{html}");
    assert!(html.contains("/media/x/320.webp 320w, /media/x/640.webp 640w|low"), "{html}");
}
