use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::themes::guard::Limits;
use crate::themes::{Question, Themes, sample};

const TOML: &str = "[theme]\nname = \"Meadow\"\nversion = \"1\"\napi = 1\n";

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

fn meadow(home: &str) -> (tempfile::TempDir, Arc<Themes>) {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "meadow/theme.toml", TOML);
    write(root.path(), "meadow/templates/home.html", home);
    let themes = Arc::new(Themes::open(Some(root.path())).unwrap());
    (root, themes)
}

fn home(themes: &Themes) -> String {
    themes.render("meadow", Question::Home, &Arc::new(sample::full("home")), Limits::default()).unwrap()
}

#[test]
fn f09_a_saved_template_is_live_and_a_broken_one_never_is() {
    let (root, themes) = meadow("one");
    assert_eq!(home(&themes), "one");
    let (tell, heard) = crossbeam_channel::unbounded();
    let watching = themes.watch(move |name| tell.send(name.to_owned()).unwrap()).unwrap();
    write(root.path(), "meadow/templates/home.html", "two");
    let limit = Duration::from_secs(60);
    assert_eq!(heard.recv_timeout(limit).unwrap(), "meadow");
    // a save may be seen while the file is still empty; the full one follows
    while home(&themes) != "two" {
        heard.recv_timeout(limit).unwrap();
    }
    write(root.path(), "meadow/templates/home.html", "\n{% for x in %}");
    while themes.problem("meadow").is_none() {
        heard.recv_timeout(limit).unwrap();
    }
    let problem = themes.problem("meadow").unwrap();
    assert_eq!((problem.file.as_str(), problem.line), ("meadow/templates/home.html", 2));
    assert_ne!(home(&themes), "\n");
    drop(watching);
}

#[test]
fn f09_a_template_that_fails_when_drawn_never_becomes_live() {
    let (root, themes) = meadow("good");
    write(root.path(), "meadow/templates/home.html", "{{ nothing.at.all }}");
    assert_eq!(themes.reload(), ["meadow"]);
    assert_eq!(home(&themes), "good");
    assert_eq!(themes.problem("meadow").unwrap().line, 1);
    write(root.path(), "meadow/templates/home.html", "better");
    assert_eq!(themes.reload(), ["meadow"]);
    assert_eq!(themes.problem("meadow"), None);
    assert_eq!(home(&themes), "better");
    assert!(themes.reload().is_empty(), "nothing changed, nothing is told");
}

/// A visitor saw an empty page while an editor saved a template in small steps.
#[test]
fn f09_five_mutations_of_a_template_fail_no_page() {
    let good = "{% extends \"base.html\" %}{% block main %}<main id=\"main\">{% for e in entries %}{{ e.title }}{% endfor %}</main>{% endblock %}";
    let (root, themes) = meadow(good);
    let mut seed = 7_usize;
    for _ in 0..5 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bytes = good.as_bytes().to_vec();
        let at = (seed >> 33) % bytes.len();
        bytes[at] = b"{}%<\"x"[(seed >> 20) % 6];
        write(root.path(), "meadow/templates/home.html", std::str::from_utf8(&bytes).unwrap());
        themes.reload();
        assert!(!home(&themes).is_empty());
    }
}

#[test]
fn sites_with_the_same_theme_share_one_instance() {
    let (root, themes) = meadow("one");
    let before = themes.get("meadow");
    write(root.path(), "other/theme.toml", TOML);
    themes.reload();
    assert!(Arc::ptr_eq(&before, &themes.get("meadow")), "an unchanged theme is not compiled again");
    assert_eq!(themes.names(), ["croft", "loft", "meadow", "other", "quay"]);
    assert_eq!(themes.get("no-such-theme").manifest().theme.name, "Croft");
}

#[cfg(unix)]
#[test]
fn d01_a_link_in_a_theme_refuses_it() {
    use std::os::unix::fs::symlink;
    let (root, themes) = meadow("one");
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "secret.html", "secret");
    symlink(outside.path().join("secret.html"), root.path().join("meadow/templates/x.html")).unwrap();
    themes.reload();
    assert!(themes.problem("meadow").unwrap().message.contains("Links"));
    std::fs::remove_file(root.path().join("meadow/templates/x.html")).unwrap();
    symlink(outside.path(), root.path().join("meadow/folder")).unwrap();
    themes.reload();
    assert!(themes.problem("meadow").unwrap().file.ends_with("meadow/folder"));
    symlink(outside.path(), root.path().join("linked")).unwrap();
    themes.reload();
    assert!(themes.problem("linked").is_some());
}

#[test]
fn parents_in_a_circle_and_missing_parents_are_named() {
    let (root, themes) = meadow("one");
    let child = |parent: &str| TOML.replace("api = 1", &format!("api = 1\nparent = \"{parent}\""));
    write(root.path(), "a/theme.toml", &child("b"));
    write(root.path(), "b/theme.toml", &child("a"));
    write(root.path(), "c/theme.toml", &child("gone"));
    write(root.path(), "d/theme.toml", &child("meadow"));
    themes.reload();
    assert!(themes.problem("a").unwrap().message.contains("circle"));
    assert!(themes.problem("c").unwrap().message.contains("gone"));
    let page = Arc::new(sample::full("home"));
    assert_eq!(themes.render("d", Question::Home, &page, Limits::default()).unwrap(), "one");
}
