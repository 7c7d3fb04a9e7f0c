//! What visitors find, in which order, and what they never find.

use freehold_base::Timestamp;
use freehold_platform::secrets::Keyring;
use freehold_publishing::content::{self, Changes};

use crate::support::START;
use crate::town::{HOUR, SITE, Town, text, towns, turn};

/// Posts about herons, one page, and what nobody may find.
fn herons(town: &Town) {
    let at = |hours: i64| Some(Timestamp(START.ms() - hours * HOUR));
    let body = "A grey bird stands still. Then the herons fish. And so on.";
    town.save("post", Changes { published_at: at(50), ..text("Heron, the old one", body) });
    for i in 1..=12 {
        let title = format!("Morning {i}");
        town.save("post", Changes { published_at: at(i), ..text(&title, "One heron & <b>two</b> gulls at the quay.") });
    }
    town.save("page", Changes { published_at: at(3), ..text("About herons", "All about them.") });
    let folder = tempfile::tempdir().unwrap();
    let keys = Keyring::open_or_create(&folder.path().join("key")).unwrap();
    let hidden = |visibility: &str| Changes {
        visibility: Some(visibility.into()),
        password: Some(content::password::seal(&keys, SITE, "blue heron").unwrap()),
        ..text("Secret heron", "Nobody finds this heron.")
    };
    town.save("post", hidden("private"));
    town.save("post", hidden("password"));
}

// row: SE01
#[test]
fn se01_a_search_is_ordered_by_relevance_or_time_filtered_by_type_and_turned() {
    for town in towns() {
        herons(&town);
        let best = town.get("/?s=heron");
        assert!(best.contains("14 found for “heron”"), "{best}");
        let newest = town.get("/?s=heron&order=newest");
        let place = |html: &str, title: &str| html.find(title).unwrap_or(usize::MAX);
        assert!(place(&best, "/heron-the-old-one/") < place(&best, "/morning-"), "the title weighs more");
        assert!(place(&newest, "/morning-1/") < place(&newest, "/morning-2/"));
        assert!(!newest.contains("/heron-the-old-one/"), "it stands on the second page");
        let next = turn(&newest, "next").unwrap();
        assert_eq!(next, "/?s=heron&order=newest&page=2");
        let second = town.get(&next);
        assert!(second.contains("/heron-the-old-one/") && turn(&second, "next").is_none(), "{second}");
        assert_eq!(turn(&second, "prev").unwrap(), "/?s=heron&order=newest");
        let pages = town.get("/?s=heron&type=page");
        assert!(pages.contains("One found for") && pages.contains("/about-herons/"), "{pages}");
        assert!(pages.contains("s=heron&amp;type=page&amp;order=newest\""), "the choices keep each other");
        assert!(town.get("/?s=zzz").contains("Nothing was found"));
        assert!(!town.get("/?s=").contains("Nothing was found"), "nothing was asked");
    }
}

// row: SE02
#[test]
fn se02_words_are_found_in_their_forms_and_as_beginnings_and_are_marked() {
    for town in towns() {
        herons(&town);
        let page = town.get("/?s=HERONS");
        assert!(page.contains("14 found"), "one form finds the other");
        assert!(page.contains("One <mark>heron</mark> &amp; "), "{page}");
        assert!(page.contains("<mark>Heron</mark>, the old one"), "the title too: {page}");
        assert!(town.get("/?s=qua").contains("12 found"), "a beginning, where no word is like that");
        assert!(town.get("/?s=heron%20gulls").contains("12 found"), "every word must occur");
        for odd in ["%22heron%22%20OR%20*", "heron)%20AND%20(", "'%3A*%20%26%20%7C", "scope%3Av1"] {
            town.get(&format!("/?s={odd}"));
        }
    }
}

// row: SE03
#[test]
fn se03_what_a_visitor_may_not_read_is_neither_found_nor_counted() {
    for town in towns() {
        herons(&town);
        for address in ["/?s=secret", "/?s=nobody&order=newest", "/?s=secret&type=post", "/?s=secr"] {
            let page = town.get(address);
            assert!(page.contains("Nothing was found") && !page.contains("Secret heron"), "{address}: {page}");
        }
        assert!(!town.get("/feed/?s=heron").contains("Secret"));
    }
}
