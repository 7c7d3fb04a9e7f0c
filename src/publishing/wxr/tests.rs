//! The exports here are written by the tests; real ones are read where `FREEHOLD_WXR_DIR` points to some.

use std::io::BufReader;

use freehold_base::{Code, Timestamp};

use super::menu::MenuItem;
use super::*;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.4" -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>A &amp; B</title><link>https://old.example</link><language>de-DE</language>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://old.example</wp:base_site_url>
<atom:link href="x" rel="self"/>
<wp:author><wp:author_id>7</wp:author_id><wp:author_login><![CDATA[mo]]></wp:author_login></wp:author>
<wp:category><wp:term_id>3</wp:term_id><wp:category_nicename>bread</wp:category_nicename><wp:cat_name><![CDATA[Bread]]></wp:cat_name></wp:category>
<wp:tag><wp:tag_slug>rye</wp:tag_slug><wp:tag_name>Rye</wp:tag_name></wp:tag>
<wp:term><wp:term_taxonomy>region</wp:term_taxonomy><wp:term_slug>north</wp:term_slug><wp:term_name>North</wp:term_name>
<wp:termmeta><wp:meta_key>k</wp:meta_key><wp:meta_value><![CDATA[v]]></wp:meta_value></wp:termmeta></wp:term>
"#;
const ITEM: &str = r#"<item><title>Rye &#8211; &lt;b&gt;</title><link>https://old.example/rye</link><dc:creator>mo</dc:creator>
<guid isPermaLink="false">g1</guid><content:encoded><![CDATA[<p>One</p>]]><![CDATA[ two]]></content:encoded>
<excerpt:encoded><![CDATA[short]]></excerpt:encoded><wp:post_id>12</wp:post_id><wp:post_date_gmt>2013-04-09 13:37:45</wp:post_date_gmt>
<wp:status>publish</wp:status><wp:post_type>post</wp:post_type><wp:is_sticky>1</wp:is_sticky><wp:post_name>rye</wp:post_name>
<category domain="category" nicename="bread"><![CDATA[Bread]]></category><category domain="post_tag" nicename="rye">Rye</category>
<wp:postmeta><wp:meta_key>a</wp:meta_key><wp:meta_value><![CDATA[1]]></wp:meta_value></wp:postmeta>
<wp:postmeta><wp:meta_key>a</wp:meta_key><wp:meta_value>2</wp:meta_value></wp:postmeta>
<wp:comment><wp:comment_id>5</wp:comment_id><wp:comment_author>Eva</wp:comment_author><wp:comment_author_IP>1.2.3.4</wp:comment_author_IP>
<wp:comment_date_gmt>2013-04-10 00:00:00</wp:comment_date_gmt><wp:comment_content><![CDATA[Yes]]></wp:comment_content>
<wp:comment_approved>1</wp:comment_approved><wp:comment_parent>4</wp:comment_parent></wp:comment></item>
"#;
const TAIL: &str = "</channel></rss>\n";

fn read(text: impl AsRef<[u8]>) -> (Vec<Record>, Option<String>) {
    let (mut records, mut error) = (Vec::new(), None);
    match Export::open(BufReader::with_capacity(7, text.as_ref())) {
        Err(e) => {
            assert_eq!(e.as_code(), Code::ImportMalformed, "{e}");
            error = Some(e.to_string());
        }
        Ok(export) => {
            for record in export {
                match record {
                    Ok(record) => records.push(record),
                    Err(e) => {
                        assert_eq!(e.as_code(), Code::ImportMalformed, "{e}");
                        error = Some(e.to_string());
                    }
                }
            }
        }
    }
    (records, error)
}

fn items(records: &[Record]) -> Vec<&Item> {
    records.iter().filter_map(|r| if let Record::Item(item) = r { Some(&**item) } else { None }).collect()
}

#[test]
fn a_whole_export_is_read_in_its_order() {
    let (records, error) = read(format!("{HEAD}{ITEM}{TAIL}"));
    assert_eq!(error, None);
    let Record::Site(site) = &records[0] else { panic!("{:?}", records[0]) };
    assert_eq!(
        (site.title.as_str(), site.link.as_str(), site.version.as_str()),
        ("A & B", "https://old.example", "1.2")
    );
    assert!(matches!(&records[1], Record::Author(a) if a.login == "mo" && a.wp_id == 7));
    assert!(matches!(&records[2], Record::Term(t) if t.taxonomy == "category" && t.slug == "bread" && t.term_id == 3));
    assert!(matches!(&records[3], Record::Term(t) if t.taxonomy == "post_tag" && t.name == "Rye"));
    assert!(matches!(&records[4], Record::Term(t) if t.taxonomy == "region" && t.meta == [("k".into(), "v".into())]));
    let item = items(&records)[0];
    assert_eq!(item.title, "Rye – <b>");
    assert_eq!(item.content, "<p>One</p> two");
    assert_eq!(item.excerpt, "short");
    assert_eq!(item.pub_date_gmt, Timestamp::parse_rfc3339("2013-04-09T13:37:45Z"));
    assert!(item.is_sticky);
    assert_eq!(item.terms.len(), 2);
    assert_eq!(item.meta, [("a".into(), "1".into()), ("a".into(), "2".into())]);
    let comment = &item.comments[0];
    assert_eq!((comment.wp_id, comment.parent, comment.ip.as_str()), (5, 4, "1.2.3.4"));
    assert_eq!(comment.content, "Yes");
}

#[test]
fn a_cut_file_yields_what_is_complete_and_then_says_where_it_ends() {
    let whole = format!("{HEAD}{ITEM}{ITEM}{TAIL}");
    let second = HEAD.len() + ITEM.len();
    for cut in [second + 10, second + 200, second + ITEM.len() - 3] {
        let (records, error) = read(&whole[..cut]);
        assert_eq!(items(&records).len(), 1, "cut at {cut}");
        let error = error.expect("an error");
        assert!(error.contains("byte") && error.contains("number 12") && error.contains("1 items"), "{error}");
    }
    for cut in (0..whole.len()).step_by(13) {
        if whole.is_char_boundary(cut) {
            let (records, error) = read(&whole[..cut]);
            assert!(error.is_some() || records.len() == 7, "cut at {cut}");
        }
    }
}

#[test]
fn wrong_utf8_control_characters_and_foreign_references_are_replaced_and_counted() {
    let mut bytes = format!("{HEAD}<item><wp:post_id>1</wp:post_id><title>a").into_bytes();
    bytes.extend(b"\xff\x08b &nbsp; &uuml;</title></item>");
    bytes.extend(TAIL.bytes());
    let mut export = Export::open(&bytes[..]).unwrap();
    let records: Vec<Record> = export.by_ref().map(|r| r.unwrap()).collect();
    assert_eq!(items(&records)[0].title, "a\u{fffd} b \u{a0} &uuml;");
    assert_eq!(export.repairs(), 3);
}

#[test]
fn prefixes_may_be_missing_and_end_tags_wrong() {
    let text = "<rss><channel><wxr_version>1.0</wxr_version><item><title>A <i>b</title><post_id>3</post_id>\
                <encoded>text</encoded><post_date_gmt>0000-00-00 00:00:00</post_date_gmt><post_date>0000-00-00 00:00:00</post_date>\
                <pubDate>Mon, 30 Nov -0001 00:00:00 +0000</pubDate></oops></item></channel></rss>";
    let (records, error) = read(text);
    assert_eq!(error, None);
    let item = items(&records)[0];
    assert_eq!((item.wp_id, item.content.as_str(), item.pub_date_gmt), (3, "text", None));
}

#[test]
fn entities_are_refused_and_never_expanded() {
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><channel><title>&b;</title></channel></rss>"#;
    let (records, error) = read(bomb);
    assert!(records.is_empty());
    assert!(error.unwrap().contains("entities"));
    let external = r#"<!DOCTYPE rss SYSTEM "file:///etc/passwd" [ %x; ]><rss><channel/></rss>"#;
    assert!(read(external).1.is_some());
}

#[test]
fn other_files_are_named_by_what_they_look_like() {
    for (text, what) in [
        ("", "empty"),
        ("<!DOCTYPE html><html><body>x</body></html>", "HTML page"),
        ("\n<html><head>", "HTML page"),
        ("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\"><html>", "HTML page"),
        ("<?xml version=\"1.0\"?><feed xmlns=\"a\"><entry/></feed>", "Atom feed"),
        ("<rss version=\"2.0\"><channel><title>x</title><item><title>y</title></item></channel></rss>", "RSS feed"),
        ("<rss version=\"2.0\"><channel><title>x</title></channel></rss>", "RSS feed"),
        ("{\"a\":1}", "JSON"),
        ("hello", "text file"),
        ("PK\u{3}\u{4}", "ZIP"),
        ("<urlset/>", "sitemap"),
    ] {
        let (records, error) = read(text);
        assert!(records.is_empty(), "{text}");
        let error = error.expect(text);
        assert!(error.contains(what), "{text}: {error}");
    }
}

#[test]
fn nesting_is_bounded() {
    let text = format!("{HEAD}<item>{}{TAIL}", "<a>".repeat(100_000));
    assert!(read(text).1.unwrap().contains("deeply"));
}

/// Gives an endless field without holding it.
struct Endless {
    head: std::io::Cursor<Vec<u8>>,
}

impl std::io::Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        match self.head.read(out)? {
            0 => {
                out.fill(b'x');
                Ok(out.len())
            }
            n => Ok(n),
        }
    }
}

#[test]
fn a_field_without_an_end_is_refused_before_the_memory_is_gone() {
    let head = std::io::Cursor::new(format!("{HEAD}{ITEM}<item><content:encoded><![CDATA[").into_bytes());
    let export = Export::open(BufReader::with_capacity(1 << 20, Endless { head })).unwrap();
    let last = export.last().unwrap();
    assert!(last.unwrap_err().to_string().contains("64 MiB"));
}

#[test]
fn a_line_of_a_menu_is_read_with_what_it_leads_to() {
    let meta = |k: &str, v: &str| {
        format!(
            "<wp:postmeta><wp:meta_key>_menu_item_{k}</wp:meta_key><wp:meta_value><![CDATA[{v}]]></wp:meta_value></wp:postmeta>"
        )
    };
    let item = format!(
        "<item><title>Shop</title><wp:post_id>9</wp:post_id><wp:menu_order>2</wp:menu_order><wp:post_type>nav_menu_item</wp:post_type>\
         <category domain=\"nav_menu\" nicename=\"main\">Main</category>{}{}{}{}{}</item>",
        meta("type", "post_type"),
        meta("object", "page"),
        meta("object_id", "44"),
        meta("menu_item_parent", "8"),
        meta("classes", "a:2:{i:0;s:3:\"big\";i:1;s:0:\"\";}")
    );
    let (records, _) = read(format!("{HEAD}{item}{ITEM}{TAIL}"));
    let items = items(&records);
    let line = MenuItem::from_item(items[0]).unwrap();
    assert_eq!(
        (line.menu.as_str(), line.object.as_str(), line.object_id, line.parent, line.order),
        ("main", "page", 44, 8, 2)
    );
    assert_eq!(line.classes, ["big"]);
    assert_eq!(MenuItem::from_item(items[1]), None);
}

#[test]
#[allow(clippy::disallowed_methods)] // the folder of real exports is named by the person who runs the tests
fn real_exports_are_read_whole_and_lose_no_word() {
    let Ok(dir) = std::env::var("FREEHOLD_WXR_DIR") else { return };
    for file in std::fs::read_dir(dir).unwrap().flatten().filter(|f| f.path().extension().is_some_and(|e| e == "xml")) {
        let text = std::fs::read(file.path()).unwrap();
        let (records, error) = read(&text);
        assert_eq!(error, None, "{:?}", file.path());
        let items = items(&records);
        let written = String::from_utf8_lossy(&text).matches("<item>").count();
        assert_eq!(items.len(), written, "{:?}", file.path());
        for item in items {
            assert_no_word_is_lost(item, &file.path());
        }
    }
}

/// The words of HTML: those of its text, and what its images say.
fn words(html: &str) -> Vec<String> {
    let plain = crate::document::Document::from_html(html).to_plain();
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn assert_no_word_is_lost(item: &Item, file: &std::path::Path) {
    let document = crate::document::Document::from_wordpress(&item.content);
    let options = crate::document::RenderOptions { frames: false, ..Default::default() };
    let html = document.to_html(&options);
    // What WordPress shows: shortcodes and comments are no words.
    let mut shown = String::new();
    for (i, part) in item.content.split("<!--").enumerate() {
        let text = if i == 0 { part } else { part.split_once("-->").map_or(part, |(_, text)| text) };
        shown.push_str(text);
    }
    for code in ["[gallery", "[caption", "[/caption", "[embed", "[/embed"] {
        while let Some(at) = shown.find(code) {
            let end = shown[at..].find(']').map_or(shown.len(), |end| at + end + 1);
            shown.replace_range(at..end, " ");
        }
    }
    let mut after = std::collections::HashMap::<String, i64>::new();
    for word in words(&html) {
        *after.entry(word).or_default() += 1;
    }
    let mut lost = Vec::new();
    for word in words(&shown) {
        let left = after.entry(word.clone()).or_default();
        *left -= 1;
        if *left < 0 && word != "download" {
            lost.push(word);
        }
    }
    assert!(lost.is_empty(), "{file:?} “{}” lost {lost:?}\n{}\n=====\n{html}", item.title, item.content);
    assert_eq!(crate::document::Document::parse(&document.to_json()).unwrap(), document);
    let markdown = document.to_markdown();
    crate::document::Document::from_markdown(&markdown);
}
