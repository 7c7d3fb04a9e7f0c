use std::sync::Arc;

use skrifa::{FontRef, MetadataProvider as _};

use crate::themes::context::{Page, PageView, Site};
use crate::themes::{Theme, ThemeFiles, manifest, share};

fn page(title: &str) -> Page {
    let site = Site {
        title: "Harbour Notes".into(),
        tagline: "A journal of weather, wood and salt water.".into(),
        url: "https://harbour.example".into(),
        locale: "en".into(),
        ..Site::default()
    };
    Page { site, page: PageView { title: title.into(), ..PageView::default() }, ..Page::default() }
}

fn size(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    (number(16), number(20))
}

/// Where a folder `freehold-theme-samples` exists among the temporary files, the pictures are also written there.
#[test]
fn so02_a_picture_is_drawn_from_a_title() {
    let theme = Theme::compile(&[]).unwrap();
    let blank = theme.draw_share(&Arc::new(page("\u{a0}"))).unwrap();
    let long = "Three things nobody tells you about wintering a wooden boat in a harbour that freezes twice a year";
    let titles = ["", "Tide", "How to read the sea", "Café & <Crêpes> “at the quay”", long];
    let mut all = Vec::new();
    for (i, title) in titles.into_iter().enumerate() {
        let page = Arc::new(page(title));
        assert_eq!(theme.share_key(&page, title).unwrap().len(), 16, "{title}");
        let png = theme.draw_share(&page).unwrap();
        assert_eq!(size(&png), (share::WIDTH, share::HEIGHT));
        assert!(png != blank && !all.contains(&png), "{title}: its words are there");
        let folder = std::env::temp_dir().join("freehold-theme-samples");
        if folder.is_dir() {
            std::fs::write(folder.join(format!("share-{i}.png")), &png).unwrap();
        }
        all.push(png);
    }
}

#[test]
fn so02_the_key_follows_all_that_the_picture_shows() {
    let theme = Theme::compile(&[]).unwrap();
    let key = |page: &Page, title: &str| theme.share_key(page, title);
    let first = key(&page("Tide"), "Tide");
    assert_eq!(first, key(&page("another heading"), "Tide"), "only the title it is asked for counts");
    let mut other = page("Tide");
    other.site.title = "Harbour".into();
    let mut dark = page("Tide");
    dark.settings.insert("scheme".into(), "dark".into());
    let keys = [first, key(&page("Tide"), "Ebb"), key(&other, "Tide"), key(&dark, "Tide"), key(&page(""), "")];
    for (i, one) in keys.iter().enumerate() {
        assert!(one.is_some() && !keys[..i].contains(one), "{i}: {keys:?}");
    }
    for unknown in ["مدّ وجزر", "潮汐", "Прилив"] {
        assert_eq!(key(&page(unknown), unknown), None, "{unknown}: better no picture than one full of boxes");
    }
}

#[test]
fn the_fonts_of_shipped_themes_have_the_letters_they_name() {
    for name in ThemeFiles::shipped_names() {
        let files = ThemeFiles::shipped(&name).unwrap();
        let of = crate::themes::Manifest::read(&files).unwrap().share;
        assert!(!of.fonts.is_empty() && !of.letters.is_empty(), "{name}");
        for path in &of.fonts {
            let font = share::unpack(files.get(&format!("static/{path}")).unwrap()).unwrap();
            let letters = FontRef::new(&font).unwrap().charmap();
            for letter in manifest::ranges(&of.letters).unwrap().into_iter().flatten() {
                assert!(letters.map(letter).is_some(), "{name}: {path} has no U+{letter:X}");
            }
        }
    }
}

#[test]
fn every_shipped_theme_draws_its_own_picture() {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for name in ThemeFiles::shipped_names() {
        let theme = Theme::compile(&[ThemeFiles::shipped(&name).unwrap()]).unwrap();
        let blank = theme.draw_share(&Arc::new(page("\u{a0}"))).unwrap();
        for title in ["", "Tide", "Three things nobody tells you about wintering a wooden boat in a harbour"] {
            let png = theme.draw_share(&Arc::new(page(title))).unwrap();
            assert_eq!(size(&png), (share::WIDTH, share::HEIGHT));
            assert!(png != blank && !seen.contains(&png), "{name} {title}");
            let folder = std::env::temp_dir().join("freehold-theme-samples");
            if folder.is_dir() {
                std::fs::write(folder.join(format!("share-{name}-{}.png", title.len())), &png).unwrap();
            }
            seen.push(png);
        }
    }
}

#[test]
fn f09_a_theme_whose_picture_fails_never_becomes_live() {
    for wrong in ["{{ page.nothing.at.all }}", "no drawing"] {
        let toml = "[theme]\nname = \"Own\"\nversion = \"1\"\napi = 1\n";
        let files = ThemeFiles::from_memory("own", [("theme.toml", toml), ("templates/share.svg", wrong)]);
        let theme = Theme::compile(&[files]).unwrap();
        let problem = crate::themes::sample::try_all(&theme).unwrap_err();
        assert!(problem.file.ends_with("share.svg"), "{problem:?}");
    }
}

#[test]
fn what_a_theme_writes_for_it_is_drawn_within_bounds() {
    let draw = |svg: &str| {
        let files = ThemeFiles::from_memory(
            "own",
            [
                ("theme.toml", b"[theme]\nname = \"Own\"\nversion = \"1\"\napi = 1\n".as_slice()),
                ("templates/share.svg", svg.as_bytes()),
            ],
        );
        Theme::compile(&[files]).and_then(|theme| theme.draw_share(&Arc::new(page("Tide"))))
    };
    let svg =
        |inside: &str| format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\">{inside}</svg>");
    assert_eq!(size(&draw(&svg("<rect width=\"10\" height=\"10\"/>")).unwrap()), (share::WIDTH, share::HEIGHT));
    let file = svg("<image href=\"/etc/hostname\" width=\"10\" height=\"10\"/>");
    assert_eq!(draw(&file).unwrap(), draw(&svg("")).unwrap(), "no file of the machine is read");
    for wrong in
        ["no drawing", "<svg", &svg("{{ page.nothing }}"), &svg("{% for a in range(end=999999) %}<g>{% endfor %}")]
    {
        assert!(draw(wrong).is_err(), "{wrong}");
    }
}
