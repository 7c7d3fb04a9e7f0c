//! Pages that try a theme out: full ones, and ones where everything that may be missing is missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::{
    AuthorView, CommentView, Comments, EntryView, Html, Link, MediaView, MenuItem, Page, PageView, Pagination, Request,
    Site, TermView,
};
use super::guard::Limits;
use super::hierarchy::Question;
use super::load::Theme;
use super::problem::Problem;

/// 20 November 2026, 08:06 UTC.
const NOW: i64 = 1_795_161_960_000;
const DAY: i64 = 86_400_000;

/// Renders every kind of page with a theme, and what its picture for shared links is drawn from.
///
/// # Errors
/// The first template that fails.
pub fn try_all(theme: &Theme) -> Result<(), Problem> {
    for (question, page) in pages() {
        let page = Arc::new(page);
        theme.render(&theme.template_for(question), &page, Limits::default())?;
        theme.check_share(&page)?;
    }
    Ok(())
}

/// Every question with a full page and an empty one.
pub fn pages() -> Vec<(Question<'static>, Page)> {
    let questions = [
        (Question::Home, "home"),
        (Question::Front { kind: "page", slug: "about" }, "front"),
        (Question::Entry { kind: "post", slug: "winter", template: "" }, "entry"),
        (Question::Entry { kind: "page", slug: "about", template: "" }, "entry"),
        (Question::Term { taxonomy: "category", slug: "journal", template: "" }, "term"),
        (Question::Term { taxonomy: "tag", slug: "ice", template: "" }, "term"),
        (Question::Author { slug: "mara" }, "author"),
        (Question::Date, "date"),
        (Question::Archive { kind: "post" }, "archive"),
        (Question::Search, "search"),
        (Question::NotFound, "404"),
        (Question::Error, "error"),
    ];
    questions.into_iter().flat_map(|(q, kind)| [(q, full(kind)), (q, empty(kind))]).collect()
}

/// A page of this kind with everything in it.
pub fn full(kind: &str) -> Page {
    let entry = winter();
    let list = ["home", "term", "author", "date", "archive", "search"].contains(&kind);
    let is_entry = matches!(kind, "entry" | "front");
    let title = match kind {
        "home" => String::new(),
        "entry" | "front" => entry.title.clone(),
        "search" => "Search".to_owned(),
        "404" => "Nothing here".to_owned(),
        "error" => "Something went wrong".to_owned(),
        _ => "Journal".to_owned(),
    };
    Page {
        site: site(),
        request: Request {
            path: "/".into(),
            url: "https://harbour.example/".into(),
            query: "harbour".into(),
            is_preview: false,
            ..Request::default()
        },
        page: PageView {
            kind: kind.to_owned(),
            title,
            canonical: "https://harbour.example/notes-from-the-winter-harbour/".into(),
            pagination: Pagination {
                number: u32::from(list),
                older: if list { "/?before=12".into() } else { String::new() },
                total: Some(12),
                ..Pagination::default()
            },
            status: match kind {
                "404" => 404,
                "error" => 500,
                _ => 200,
            },
            ..PageView::default()
        },
        menus: BTreeMap::from([("primary".to_owned(), menu()), ("footer".to_owned(), menu())]),
        entry: is_entry.then_some(entry),
        entries: if list { entries() } else { Vec::new() },
        term: (kind == "term").then(|| term("Journal")),
        author: (kind == "author").then(|| author("Mara Lindqvist")),
        now: NOW,
        ..Page::default()
    }
}

/// A page of this kind where everything that may be missing is missing.
pub fn empty(kind: &str) -> Page {
    let mut page = full(kind);
    page.site =
        Site { title: "New site".into(), url: "https://new.example".into(), locale: "en".into(), ..Site::default() };
    page.menus.clear();
    page.entries.clear();
    page.page.pagination = Pagination::default();
    page.page.canonical.clear();
    page.request = Request::default();
    page.entry = page.entry.map(|e| EntryView { id: 1, kind: e.kind, url: "/x/".into(), ..EntryView::default() });
    page.term = page.term.map(|t| TermView { name: t.name, taxonomy: t.taxonomy, ..TermView::default() });
    page.author = page.author.map(|a| AuthorView { name: a.name, ..AuthorView::default() });
    page
}

fn site() -> Site {
    Site {
        title: "Harbour & Pine".into(),
        tagline: "Notes on boats, weather, and the people who read it".into(),
        url: "https://harbour.example".into(),
        locale: "en".into(),
        timezone: "Europe/Stockholm".into(),
        feed_url: "/feed/".into(),
        is_public: true,
        ..Site::default()
    }
}

fn menu() -> Vec<MenuItem> {
    let item = |(i, title): (usize, &str)| MenuItem {
        title: title.to_owned(),
        url: format!("/{}/", title.to_lowercase()),
        is_current: i == 0,
        ..MenuItem::default()
    };
    ["Journal", "Guides", "People", "Places", "About"].into_iter().enumerate().map(item).collect()
}

fn term(name: &str) -> TermView {
    let slug = name.to_lowercase();
    TermView {
        id: 7,
        taxonomy: "category".into(),
        url: format!("/category/{slug}/"),
        slug,
        name: name.to_owned(),
        description: "What we saw, heard and wrote down.".into(),
        count: 12,
        image: None,
    }
}

fn author(name: &str) -> AuthorView {
    AuthorView {
        id: 3,
        name: name.to_owned(),
        slug: "mara".into(),
        url: "/author/mara/".into(),
        bio: "Writes about ice, gulls and other neighbours.".into(),
        image: None,
    }
}

fn teaser(id: i64, section: &str, title: &str, excerpt: &str) -> EntryView {
    EntryView {
        id,
        kind: "post".into(),
        title: title.into(),
        slug: format!("entry-{id}"),
        url: format!("/entry-{id}/"),
        excerpt: excerpt.into(),
        reading_time: 4,
        published_at: NOW - id * 2 * DAY,
        updated_at: NOW - id * DAY,
        authors: vec![Arc::new(author("Ida Holm"))],
        terms: BTreeMap::from([("category".into(), vec![Arc::new(term(section))])]),
        can_read: true,
        ..EntryView::default()
    }
}

fn entries() -> Vec<EntryView> {
    let mut lead = teaser(
        1,
        "Guide",
        "How to read the sea",
        "Five signs every skipper learns before the first one written in a book: the colour of the swell, the hush, the birds that leave.",
    );
    lead.reading_time = 9;
    lead.image = Some(picture());
    vec![
        lead,
        teaser(2, "Journal", "Pine tar, again", "A small history of a smell that never quite leaves your sleeves."),
        teaser(3, "Places", "A house on the skerry", "Fourteen windows, no road, and a very patient postman."),
        teaser(4, "Food", "What the lighthouse keeper cooked", "Recipes copied from the log books of Vinga."),
        teaser(5, "People", "Why we still mend nets by hand", ""),
        teaser(6, "Audio", "Fog signals you can still hear", ""),
        teaser(7, "Journal", "The colour of herring", ""),
        teaser(8, "Guide", "Rope knots you need, and three you don’t", ""),
    ]
}

fn picture() -> MediaView {
    MediaView {
        id: 20,
        url: "/media/sea/original.svg".into(),
        alt: "A low sun over a calm sea, one headland".into(),
        width: 1920,
        height: 984,
        mime: "image/svg+xml".into(),
        ..MediaView::default()
    }
}

fn winter() -> EntryView {
    let mut entry = teaser(
        9,
        "Journal",
        "Notes from the winter harbour",
        "In January the boats sleep on trestles and the town belongs to the gulls. We walked the quay every morning for a month.",
    );
    entry.authors = vec![Arc::new(author("Mara Lindqvist")), Arc::new(author("Tomás Vela"))];
    entry.published_at = NOW;
    entry.html = Html(BODY.to_owned());
    entry.prev = Some(Link { title: "Pine tar, again".into(), url: "/entry-2/".into() });
    entry.next = Some(Link { title: "The colour of herring".into(), url: "/entry-7/".into() });
    let reply =
        comment(2, "Mara Lindqvist", "Henrik says the same. He also says it is never a quiet newspaper.", true, vec![]);
    let tree = vec![
        comment(1, "Signe", "I have heard that newspaper too, from the other side of the fjord.", false, vec![reply]),
        comment(3, "Olle P.", "The dog’s name is Kapten, for the record.", false, vec![]),
    ];
    entry.comments = Comments { count: 3, open: true, tree, ..Comments::default() };
    entry
}

fn comment(id: i64, author: &str, text: &str, by_author: bool, replies: Vec<CommentView>) -> CommentView {
    CommentView {
        id,
        author: author.to_owned(),
        url: String::new(),
        html: Html(format!("<p>{text}</p>")),
        published_at: NOW + id * 3_600_000,
        by_author,
        replies,
    }
}

const BODY: &str = "<p>The ice comes in from the north side first. Old Henrik says you can hear it an hour before you see it, a sound like someone folding a very large newspaper. By noon the inner basin is shut and the ferry leaves from the fish quay instead, where nobody has cleared the steps.</p>\
<p>By the second week we knew the regulars: the harbour master with her thermos, two boys who never caught anything, and the dog from the <a href=\"/net-loft/\">net loft on Pine Street</a> who considered every one of us staff.</p>\
<blockquote><p>A harbour in winter is a library with the lights off. Everything is still there.</p></blockquote>\
<p>We began to keep a list of sounds. Halyards, obviously. The pump in the basement of the customs house, which hums a low B flat until four in the afternoon and then stops, as if it had a train to catch.</p>\
<h2 id=\"sounds\">A list of sounds</h2><ul><li>Halyards against masts</li><li>The pump, <strong>in B flat</strong></li><li>Somebody’s radio, <em>always</em> the weather</li></ul>\
<ol><li>First the north side</li><li>Then the basin</li></ol>\
<h3 id=\"code\">For the record</h3><pre><code>wind NNE 4\nair  -6 C</code></pre><p>Use <code>wind</code> first.</p>\
<table><thead><tr><th scope=\"col\">Day</th><th scope=\"col\">Ice</th></tr></thead><tbody><tr><td>11 January</td><td>4 cm</td></tr></tbody></table><hr>\
<p class=\"file\"><a href=\"/media/x/log.pdf\">Harbour log (PDF, 120 kB)</a></p>";
