//! The public site as visitors and machines read it, on both databases: lists and their pages, comments,
//! feeds, sitemaps, terms, the icon.

use freehold_base::{CommentId, Timestamp};
use freehold_platform::sites::settings;
use freehold_publishing::content::{Changes, terms};
use freehold_publishing::pages::Answer;
use freehold_store::{Actor, comments};

use crate::support::START;
use crate::town::{HOUR, SITE, listed, text, towns, turn};

// row: CM19
#[test]
fn what_stays_on_top_stands_first_on_the_first_page_and_in_its_place_on_later_ones() {
    for town in towns() {
        town.posts(25, None);
        let old = Changes {
            sticky: Some(true),
            published_at: Some(Timestamp(START.ms() - 500 * HOUR)),
            ..text("Post 0", "Old and important.")
        };
        town.save("post", old);
        let first = town.get("/");
        assert_eq!(listed(&first).first().map(String::as_str), Some("0"));
        assert_eq!(listed(&first).len(), 11, "it stands beside the newest ten");
        let second = town.get(&turn(&first, "next").unwrap());
        assert_eq!(listed(&second), (6..=15).rev().map(|n| n.to_string()).collect::<Vec<_>>());
        assert!(!second.contains("class=\"mast\"") && !second.contains("class=\"lead"), "a plain list");
        let third = town.get(&turn(&second, "next").unwrap());
        assert_eq!(listed(&third).last().map(String::as_str), Some("0"));
    }
}

#[test]
fn a_list_is_turned_forth_and_back_and_pages_know_their_number() {
    for town in towns() {
        let sea = town.category(terms::TermInput { name: "Sea".into(), ..Default::default() });
        town.posts(35, Some(sea));
        for path in ["/", "/category/sea/", "/author/ada/", "/2026/"] {
            let mut page = town.get(path);
            let mut seen = vec![listed(&page)];
            while let Some(next) = turn(&page, "next") {
                assert!(next.contains(&format!("page={}", seen.len() + 1)), "{next}");
                page = town.get(&next);
                seen.push(listed(&page));
            }
            assert_eq!(seen.concat(), (1..=35).rev().map(|n| n.to_string()).collect::<Vec<_>>(), "{path}");
            for number in (1..seen.len()).rev() {
                let back = turn(&page, "prev").unwrap();
                assert_eq!(back == path, number == 1, "{back}");
                page = town.get(&back);
                assert_eq!(listed(&page), seen[number - 1], "{path} back to page {number}");
            }
            assert_eq!(turn(&page, "prev"), None);
        }
    }
}

// row: CM21
#[test]
fn addresses_as_wordpress_has_them_lead_on() {
    for town in towns() {
        let sea = town.category(terms::TermInput { name: "Sea".into(), ..Default::default() });
        let ids = town.posts(35, Some(sea));
        for (path, base) in [("/page/3/", "/"), ("/category/sea/page/3/", "/category/sea/"), ("/?paged=3", "/")] {
            let to = town.moved(path);
            assert!(to.starts_with(&format!("{base}?before=")) && to.ends_with("page=3"), "{to}");
            assert_eq!(listed(&town.get(&to)).first().map(String::as_str), Some("15"), "{path}");
        }
        assert!(town.moved("/author/ada/page/2/").starts_with("/author/ada/?before="));
        assert_eq!(town.moved("/page/1/"), "/");
        for path in ["/page/9/", "/category/sea/page/9/", "/nowhere/page/2/"] {
            assert!(town.is_missing(path), "{path}");
        }
        for (old, now) in [
            ("/search/low%20tide/", "/?s=low%2520tide"),
            ("/?feed=rss2", "/feed/"),
            ("/?feed=comments-rss2", "/comments/feed/"),
            ("/post-3/2/", "/post-3/"),
            ("/post-3/comment-page-2/", "/post-3/?comments=2"),
            ("/post-3/embed/", "/post-3/"),
        ] {
            assert_eq!(town.moved(old), now, "{old}");
        }
        town.comment(ids[2], CommentId(0), "Well said.", 1);
        assert!(town.get("/post-3/feed/").contains("Well said."), "a feed of its comments");
    }
}

#[test]
fn a_person_who_may_write_here_has_a_page_before_the_first_post() {
    for town in towns() {
        assert!(town.is_missing("/author/ada/"), "nobody knows her here");
        freehold_store::testing::execute(
            &town.t.store,
            "INSERT INTO held_roles (user_id, scope, scope_id, role) VALUES (1, 'account', 1, 'owner')",
        )
        .unwrap();
        assert!(town.get("/author/ada/").contains("Ada"));
        freehold_store::testing::execute(
            &town.t.store,
            "UPDATE held_roles SET scope = 'server', scope_id = 0, role = 'owner'",
        )
        .unwrap();
        assert!(town.get("/author/ada/").contains("Ada"));
        freehold_store::testing::execute(&town.t.store, "UPDATE held_roles SET scope = 'account', scope_id = 77")
            .unwrap();
        assert!(town.is_missing("/author/ada/"), "an owner of another account is no author here");
    }
}

// row: CO01, CO04
#[test]
fn comments_stand_on_pages_by_thread_and_an_answer_stays_with_what_it_answers() {
    for town in towns() {
        town.set(|s| s.discussion.page_size = 10);
        let id = town.save("post", text("Bread", "Text."));
        let threads: Vec<CommentId> =
            (0..25).map(|i| town.comment(id, CommentId(0), &format!("Thread-{i}."), i)).collect();
        let late = town.comment(id, threads[0], "A late answer.", 1000);
        town.comment(id, late, "An answer to it.", 1001);
        let first = town.get("/bread/");
        assert!(first.contains("Thread-0.") && first.contains("Thread-9.") && !first.contains("Thread-10."), "{first}");
        assert!(first.contains("A late answer.") && first.contains("An answer to it."));
        assert!(first.contains("27 comments"));
        assert_eq!(turn(&first, "next").unwrap(), "/bread/?comments=2#comments");
        assert_eq!(turn(&first, "prev"), None);
        let last = town.get("/bread/?comments=3");
        assert!(last.contains("Thread-24.") && !last.contains("Thread-19.") && turn(&last, "next").is_none());
        assert!(town.is_missing("/bread/?comments=4"));
        let page_of =
            |id| town.t.store.read(&Actor::visitor(""), |tx| freehold_publishing::comments::page_of(tx, SITE, id));
        assert_eq!((page_of(late).unwrap(), page_of(threads[24]).unwrap()), (0, 3));

        town.set(|s| s.discussion.newest_first = true);
        let newest = town.get("/bread/");
        assert!(newest.contains("Thread-24.") && !newest.contains("Thread-19."), "{newest}");
        assert_eq!(turn(&newest, "prev").unwrap(), "/bread/?comments=2#comments");
        let kept = town.t.store.read(&Actor::system(), |tx| {
            let scope = tx.visit(SITE)?;
            comments::counts(tx, scope)
        });
        assert_eq!(kept.unwrap(), [("approved".to_owned(), 27)]);
    }
}

// row: SO05
#[test]
fn so05_feeds_of_a_site_a_type_a_term_a_search_and_comments_whole_or_in_short() {
    for town in towns() {
        let sea = town.category(terms::TermInput { name: "Sea".into(), ..Default::default() });
        let id = town.save("post", Changes { terms: Some(vec![sea]), ..text("Tide", "Low *water* at noon.") });
        town.save("page", text("About", "Us and the tide."));
        town.save("post", Changes { visibility: Some("private".into()), ..text("Hidden", "No tide.") });
        town.comment(id, CommentId(0), "Well <said>.", 1);
        assert!(town.get("/feed/").contains("&lt;em&gt;water&lt;/em&gt;"));
        for (address, there) in [
            ("/feed/atom/", "Tide"),
            ("/feed/json", "Tide"),
            ("/feed/?type=page", "About"),
            ("/category/sea/feed/", "Tide"),
            ("/author/ada/feed/", "Tide"),
            ("/feed/?s=tide", "About"),
            ("/comments/feed/", "Well &lt;said&gt;."),
            ("/tide/feed/", "/tide/#comment-1"),
        ] {
            let feed = town.get(address);
            assert!(feed.contains(there) && !feed.contains("Hidden"), "{address}: {feed}");
        }
        assert!(town.is_missing("/nowhere/feed/"));
        town.set(|s| s.reading.feed_full = false);
        let short = town.get("/feed/");
        assert!(!short.contains("content:encoded>") && short.contains("Low water at noon."), "{short}");
        assert!(town.get("/category/sea/").contains("href=\"/category/sea/feed/\""), "each list names its own feed");
    }
}

// row: SO03
#[test]
fn so03_sitemaps_hold_what_everybody_may_read_with_pictures_and_true_times() {
    for town in towns() {
        let sea = town.category(terms::TermInput { name: "Sea".into(), ..Default::default() });
        let picture = town.picture();
        let changes = Changes { terms: Some(vec![sea]), cover: Some(picture), ..text("Tide", "Water.") };
        town.save("post", changes);
        town.save("page", Changes { visibility: Some("private".into()), ..text("Hidden", "No.") });
        let index = town.get("/sitemap.xml");
        let changed = format!("<lastmod>{}</lastmod>", START.rfc3339());
        for name in ["post", "category", "author"] {
            let line = format!("<loc>http://a.example/sitemap-{name}-1.xml</loc>{changed}");
            assert!(index.contains(&line), "{name}: {index}");
        }
        assert!(!index.contains("page"), "a kind with nothing public has no file: {index}");
        assert!(town.is_missing("/sitemap-page-1.xml") && town.is_missing("/sitemap-post-2.xml"));
        let posts = town.get("/sitemap-post-1.xml");
        assert!(posts.contains("<loc>http://a.example/tide/</loc>") && posts.contains(&changed), "{posts}");
        assert!(posts.contains("<image:loc>http://a.example/media/") && posts.contains("/sea.jpg"), "{posts}");
        assert!(town.get("/sitemap-category-1.xml").contains("<loc>http://a.example/category/sea/</loc>"));
        assert!(town.get("/sitemap-author-1.xml").contains("<loc>http://a.example/author/ada/</loc>"));
        let robots = town.get("/robots.txt");
        assert!(
            robots.contains("Allow: /_/assets/\nAllow: /_/share/\n")
                && robots.contains("Sitemap: http://a.example/sitemap.xml")
        );
    }
}

// row: SO01, SO02
#[test]
fn so01_what_is_written_for_search_engines_goes_before_the_patterns() {
    for town in towns() {
        town.set(|s| s.seo.post_title = "{title} by {author}".into());
        town.save("post", text("Tide", "Low water."));
        town.save(
            "post",
            Changes {
                seo_title: Some("All about ebb".into()),
                seo_description: Some("When it comes.".into()),
                ..text("Ebb", "Water.")
            },
        );
        assert!(town.get("/tide/").contains("<title>Tide by Ada</title>"));
        let page = town.get("/ebb/");
        assert!(page.contains("<title>All about ebb</title>"), "{page}");
        for part in
            ["name=\"description\" content=\"When it comes.\"", "og:type\" content=\"article\"", "article:author"]
        {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}

// row: TX02
#[test]
fn tx02_a_terms_picture_words_and_template_are_used() {
    for town in towns() {
        let picture = town.picture();
        let input = terms::TermInput {
            name: "Sea".into(),
            description: "Salt water.".into(),
            image_id: picture.get(),
            seo_title: "The sea, all of it".into(),
            seo_description: "Everything on salt water.".into(),
            ..Default::default()
        };
        let id = town.category(input.clone());
        let page = town.get("/category/sea/");
        for part in [
            "<title>The sea, all of it</title>",
            "content=\"Everything on salt water.\"",
            "<p>Salt water.</p>",
            "og:image\" content=\"http://a.example/media/",
            "class=\"banner\"",
            "href=\"/category/sea/feed/\"",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let wrong = terms::TermInput { image_id: 9999, ..input };
        let refused = town.t.store.write(&Actor::system(), move |tx| terms::update(tx, SITE, id, &wrong)).unwrap_err();
        assert_eq!(refused.fields().first().map(|f| f.field.to_string()), Some("image".into()));
    }
}

#[test]
fn the_icon_and_the_logo_are_pictures_of_the_library() {
    for town in towns() {
        assert!(town.get("/favicon.ico").starts_with("<svg"));
        assert!(town.get("/").contains("rel=\"icon\" href=\"/favicon.ico\""));
        let picture = town.picture().get();
        town.set(move |s| {
            s.general.icon_id = picture;
            s.general.logo_id = picture;
        });
        let page = town.get("/");
        assert!(page.contains("rel=\"icon\" href=\"/media/") && page.contains("rel=\"apple-touch-icon\""), "{page}");
        assert!(page.contains("class=\"logo\" alt=\"Harbour\""), "{page}");
        match town.answer("/favicon.ico").unwrap() {
            Answer::Elsewhere(to) => assert!(to.starts_with("/media/"), "{to}"),
            other => panic!("{other:?}"),
        }
    }
}

// row: TH06
#[test]
fn a_template_that_the_theme_does_not_offer_is_refused_at_its_field() {
    for town in towns() {
        let check = |kind: &str, template: &str| {
            town.t.store.read(&Actor::system(), |tx| town.pages.check_template(tx, SITE, kind, template))
        };
        for (kind, template) in [("post", ""), ("page", "wide"), ("post", "custom/wide")] {
            assert!(check(kind, template).is_ok(), "{kind} {template}");
        }
        for (kind, template) in [("category", "wide"), ("post", "nothing"), ("page", "../base")] {
            let e = check(kind, template).unwrap_err();
            assert_eq!(e.fields().first().map(|f| f.field.to_string()), Some("template".into()), "{kind} {template}");
        }
        let wanted = town.save("post", text("Tide", "Water.")).get();
        let refused = town.t.store.write(&Actor::system(), move |tx| {
            let scope = tx.visit(SITE)?;
            let mut all = settings::read(tx, scope)?;
            all.reading.front_page_id = wanted;
            settings::save(tx, SITE, &all)
        });
        let fields = refused.unwrap_err();
        assert_eq!(fields.fields().first().map(|f| f.field.to_string()), Some("front_page_id".into()));
    }
}

// row: PA03
#[test]
fn pages_stand_below_each_other_and_say_the_way() {
    for town in towns() {
        let about = town.save("page", text("About us", "We."));
        town.save("page", Changes { parent: Some(about), ..text("Crew", "They.") });
        let page = town.get("/about-us/crew/");
        assert!(page.contains(">About us</a>"), "{page}");
    }
}
