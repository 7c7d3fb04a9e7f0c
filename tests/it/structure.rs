//! Categories, tags and menus through the real binary: what people arrange, visitors see at the next request.

use crate::node::{Browser, Node, location, nodes, visit};

/// A published post with this title and category; gives its number.
fn publish(browser: &Browser, title: &str, categories: &[&str], tags: &str) -> i64 {
    let mut form = vec![("title", title), ("do", "publish"), ("tags", tags)];
    form.extend(categories.iter().map(|c| ("categories", *c)));
    let answer = browser.post("/admin/s/1/posts/new", &form);
    assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
    location(&answer).split(['/', '?']).nth(5).unwrap().parse().unwrap()
}

/// Adds a term; gives its number.
fn add_term(browser: &Browser, taxonomy: &str, form: &[(&str, &str)]) -> String {
    let answer = browser.post(&format!("/admin/s/1/terms/{taxonomy}"), form);
    assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
    location(&answer).rsplit_once("#row-").unwrap().1.to_owned()
}

fn text(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path);
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().unwrap()
}

// row: TX01, TX02
#[test]
fn tx01_categories_are_added_nested_renamed_and_deleted() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        let list = "/admin/s/1/terms/category";
        let guides = add_term(&browser, "category", &[("name", "Guides"), ("description", "How things are done")]);
        let knots = add_term(&browser, "category", &[("name", "Knots"), ("parent", &guides)]);
        publish(&browser, "Bowline", &[&knots], "");
        assert!(visit(&node, "/category/guides/knots/").1.contains("Bowline"));
        let page = text(&browser, list);
        assert!(page.contains("How things are done") && page.contains("1 post"), "{page}");
        assert!(text(&browser, &format!("{list}?q=KNOT")).contains("Knots"));
        assert!(text(&browser, &format!("{list}?q=nothing")).contains("No category matches"));

        // Refused fields come back with what was typed.
        let again = browser.post(list, &[("name", "Guides"), ("description", "Typed words")]);
        assert_eq!(again.status(), 409);
        let page = again.text().unwrap();
        assert!(page.contains("exists already") && page.contains("Typed words"), "{page}");
        let empty = browser.post(list, &[("name", " ")]);
        assert_eq!(empty.status(), 422);
        let circle = browser.post(&format!("{list}/{guides}"), &[("name", "Guides"), ("parent", &knots)]);
        assert_eq!(circle.status(), 422);

        // Another name and address: pages show it at once, the old addresses lead on, terms below move along.
        let form = [("name", "Know-how"), ("slug", "know-how"), ("parent", "")];
        assert_eq!(browser.post(&format!("{list}/{guides}"), &form).status(), 303);
        assert_eq!(visit(&node, "/category/guides/").0, 301);
        assert_eq!(visit(&node, "/category/guides/knots/").0, 301);
        assert_eq!(visit(&node, "/category/know-how/knots/").0, 200);

        // Deleting takes it from its posts and moves what stood below it up.
        assert_eq!(browser.post(&format!("{list}/{guides}/delete"), &[("sure", "1")]).status(), 303);
        assert_eq!(visit(&node, "/category/know-how/").0, 404);
        assert!(visit(&node, "/category/knots/").1.contains("Bowline"));
        assert_eq!(
            browser.post(&format!("{list}/bulk"), &[("ids", &knots), ("do", "delete"), ("sure", "1")]).status(),
            303
        );
        assert_eq!(visit(&node, "/category/knots/").0, 404);
        assert_eq!(visit(&node, "/bowline/").0, 200, "the post stays");
        assert_eq!(browser.get(&format!("{list}/{knots}")).status(), 404);
        assert_eq!(browser.get("/admin/s/1/terms/nonsense").status(), 404);
    }
}

// row: TX03 (merge)
#[test]
fn tx03_a_merged_tag_gives_its_posts_addresses_and_menu_lines_to_the_other_one() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        publish(&browser, "One", &[], "boats");
        publish(&browser, "Two", &[], "ships, boats");
        let page = text(&browser, "/admin/s/1/terms/tag");
        let id = |name: &str| {
            let before = page.split(&format!("data-open>{name}<")).next().unwrap();
            before.rsplit("/terms/tag/").next().unwrap().split('"').next().unwrap().to_owned()
        };
        let (boats, ships) = (id("boats"), id("ships"));
        let menu = make_menu(&browser, &[]);
        add(&browser, &menu, &[&format!("term:{boats}")]);
        assert!(visit(&node, "/").1.contains("href=\"/tag/boats/\""));
        let merge = format!("/admin/s/1/terms/tag/{boats}/merge");
        assert_eq!(browser.post(&merge, &[("into", "")]).status(), 422);
        assert_eq!(browser.post(&merge, &[("into", &boats), ("sure", "1")]).status(), 422);
        assert_eq!(browser.post(&merge, &[("into", "ships"), ("by", "name"), ("sure", "1")]).status(), 303);
        assert_eq!(visit(&node, "/tag/boats/").0, 301);
        let archive = visit(&node, "/tag/ships/").1;
        assert!(archive.contains("One") && archive.contains("Two"));
        assert!(visit(&node, "/").1.contains("href=\"/tag/ships/\""), "the menu's line leads to the other one");
        assert!(text(&browser, &format!("/admin/s/1/terms/tag/{ships}")).contains("2 posts"));
    }
}

/// A menu that stands in the main place; gives its address in the panel.
fn make_menu(browser: &Browser, form: &[(&str, &str)]) -> String {
    let mut all = vec![("name", "Main menu"), ("from", "pages")];
    all.extend(form);
    let answer = browser.post("/admin/s/1/menus", &all);
    assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
    let id = location(&answer).split("menu=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    format!("/admin/s/1/menus/{id}")
}

fn add(browser: &Browser, menu: &str, targets: &[&str]) {
    let form: Vec<(&str, &str)> = targets.iter().map(|t| ("target", *t)).collect();
    assert_eq!(browser.post(&format!("{menu}/add"), &form).status(), 303);
}

/// The main menu as visitors read it, without blanks between the tags.
fn main_menu(node: &Node) -> String {
    let home = visit(node, "/").1;
    home.split("<nav id=\"nav\"").nth(1).unwrap().split("</nav>").next().unwrap().to_owned()
}

/// The number of a line by its words.
fn line(browser: &Browser, menu: &str, words: &str) -> String {
    let page = text(browser, &format!("/admin/s/1/menus?menu={}", menu.rsplit('/').next().unwrap()));
    let before = page.split(&format!("trunc\">{words}</span>")).next().unwrap();
    before.rsplit("data-line=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

// row: MN01
#[test]
fn mn01_menu_edits_show_on_the_public_page_at_the_next_request() {
    for node in nodes() {
        let browser = Browser::of(&node);
        browser.set_up(&node);
        assert!(text(&browser, "/admin/s/1/menus").contains("Make a menu of them"));
        let menu = make_menu(&browser, &[]);
        assert!(main_menu(&node).contains("About"), "it begins with the pages that stood there");
        let post = publish(&browser, "Bread", &[], "");
        add(&browser, &menu, &[&format!("entry:{post}")]);
        assert!(main_menu(&node).contains("href=\"/bread/\""));

        let link = format!("{menu}/link");
        let refused = browser.post(&link, &[("label", "Bad words"), ("url", "javascript:alert(1)")]);
        assert_eq!(refused.status(), 422);
        assert!(refused.text().unwrap().contains("Bad words"), "what was typed comes back");
        assert_eq!(browser.post(&link, &[("label", "Shop"), ("url", "https://shop.example/")]).status(), 303);
        let (about, bread, shop) =
            (line(&browser, &menu, "About"), line(&browser, &menu, "Bread"), line(&browser, &menu, "Shop"));
        let order = |page: &str, words: &[&str]| {
            let at: Vec<usize> = words.iter().map(|w| page.find(w).unwrap()).collect();
            at.windows(2).all(|w| w[0] < w[1])
        };
        assert!(order(&main_menu(&node), &["About", "Bread", "Shop"]));
        let step = |id: &str, to: &str| {
            assert_eq!(browser.post(&format!("{menu}/lines/{id}/move"), &[("do", to)]).status(), 303);
        };
        step(&shop, "up");
        assert!(order(&main_menu(&node), &["About", "Shop", "Bread"]));
        step(&bread, "in");
        let nested = main_menu(&node);
        assert!(nested.matches("<ul").count() == 2, "Bread stands below Shop: {nested}");
        step(&bread, "out");
        assert_eq!(main_menu(&node).matches("<ul").count(), 1);

        // As dragging sends it: everything at once.
        let dragged = format!("{shop}:0,{bread}:1,{about}:2");
        assert_eq!(browser.post(&format!("{menu}/order"), &[("order", &dragged)]).status(), 303);
        assert_eq!(main_menu(&node).matches("<ul").count(), 3);
        for wrong in ["", "1:0", &format!("{shop}:1,{bread}:0,{about}:0"), &format!("{shop}:0,{bread}:2,{about}:0")] {
            assert_eq!(browser.post(&format!("{menu}/order"), &[("order", wrong)]).status(), 422, "{wrong}");
        }

        // Own words; a line without its target is hidden; taking one out keeps what stood below it.
        assert_eq!(browser.post(&format!("{menu}/lines/{about}"), &[("line_label", "Who we are")]).status(), 303);
        assert!(main_menu(&node).contains("Who we are"));
        assert_eq!(browser.post(&format!("/admin/s/1/entries/{post}/trash"), &[]).status(), 303);
        assert!(!main_menu(&node).contains("/bread/"));
        assert!(text(&browser, "/admin/s/1/menus").contains("Hidden: in the trash"));
        assert_eq!(browser.post(&format!("{menu}/lines/{bread}/remove"), &[]).status(), 303);
        assert!(main_menu(&node).contains("Who we are"));

        // Places and names.
        let id = menu.rsplit('/').next().unwrap();
        assert_eq!(browser.post("/admin/s/1/menus/places", &[("place-footer", id), ("menu", id)]).status(), 303);
        let home = visit(&node, "/").1;
        assert!(home.split("<footer").nth(1).unwrap().contains("Who we are"));
        assert!(!main_menu(&node).contains("Who we are"), "the main place shows the top pages again");
        assert_eq!(browser.post("/admin/s/1/menus", &[("name", "Main menu")]).status(), 409);
        assert_eq!(browser.post(&menu, &[("rename", "Ways")]).status(), 303);
        assert!(text(&browser, "/admin/s/1/menus").contains("Ways"));
        assert_eq!(browser.post(&format!("{menu}/delete"), &[("sure", "1")]).status(), 303);
        assert!(!visit(&node, "/").1.contains("Who we are"));
        assert_eq!(browser.get(&format!("/admin/s/1/menus?menu={id}")).status(), 404);
    }
}
