use super::super::{Document, KnownMedia, RenderOptions};
use super::doc;

fn html(content: &str) -> String {
    doc(content).to_html(&RenderOptions::default()).trim_end().to_owned()
}

#[test]
fn text_is_escaped_everywhere() {
    let evil = r#"<script>\"&"#;
    let content = format!(
        r#"{{"type":"paragraph","content":[{{"type":"text","text":"{evil}","marks":[{{"type":"link","attrs":{{"href":"/{evil}","title":"{evil}","rel":"{evil}"}}}}]}}]}},
        {{"type":"codeBlock","attrs":{{"language":"{evil}"}},"content":[{{"type":"text","text":"{evil}"}}]}},
        {{"type":"image","attrs":{{"src":"/{evil}","alt":"{evil}","caption":"{evil}"}}}},
        {{"type":"embed","attrs":{{"url":"https://x/{evil}","provider":"{evil}"}}}},
        {{"type":"file","attrs":{{"src":"/{evil}","name":"{evil}"}}}}"#
    );
    let out = html(&content);
    assert!(!out.contains("<script") && !out.contains("\"&amp;") && !out.contains("&\""), "{out}");
    assert_eq!(out.matches("&lt;script&gt;&quot;&amp;").count(), 14, "{out}");
}

#[test]
fn marks_that_neighbours_share_stay_open() {
    let out = html(
        r#"{"type":"paragraph","content":[{"type":"text","text":"a","marks":[{"type":"link","attrs":{"href":"/x"}}]},{"type":"text","text":"b","marks":[{"type":"link","attrs":{"href":"/x"}},{"type":"bold"}]},{"type":"hardBreak"},{"type":"text","text":"c","marks":[{"type":"superscript"}]}]}"#,
    );
    assert_eq!(out, "<p><a href=\"/x\">a<strong>b</strong></a><br>\n<sup>c</sup></p>");
}

#[test]
fn headings_get_ids_that_the_table_of_contents_names() {
    let heading = |text: &str| {
        format!(r#"{{"type":"heading","attrs":{{"level":2}},"content":[{{"type":"text","text":"{text}"}}]}}"#)
    };
    let document = doc(&["Über uns", "Über uns", "uber-uns-2", "…"].map(heading).join(","));
    let toc = document.toc();
    let ids: Vec<&str> = toc.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), 4);
    assert_eq!(ids[..2], ["uber-uns", "uber-uns-2"]);
    let out = document.to_html(&RenderOptions::default());
    for id in &ids {
        assert_eq!(out.matches(&format!("id=\"{id}\"")).count(), 1, "{out}");
    }
}

#[test]
fn our_own_images_are_offered_in_widths_up_to_their_own() {
    let options = RenderOptions { image_widths: &[400, 800, 1600], sizes: "100vw", ..RenderOptions::default() };
    let document = doc(
        r#"{"type":"image","attrs":{"src":"/media/0123456789abcdef/cat.jpg","alt":"Cat","width":1000,"height":500,"align":"left","caption":"Here"}}"#,
    );
    let set = |format: &str| {
        let one = |width: u32, shown: u32| format!("/media/0123456789abcdef/{width}.{format} {shown}w");
        let all = [one(400, 400), one(800, 800), one(1600, 1000)].join(", ");
        format!("<source type=\"image/{format}\" srcset=\"{all}\" sizes=\"100vw\">")
    };
    assert_eq!(
        document.to_html(&options).trim_end(),
        format!(
            "<figure class=\"image align-left\"><picture>{}{}<img src=\"/media/0123456789abcdef/cat.jpg\" alt=\"Cat\" width=\"1000\" height=\"500\" loading=\"lazy\" decoding=\"async\"></picture><figcaption>Here</figcaption></figure>",
            set("avif"),
            set("webp")
        )
    );
    for still in ["/media/0123456789abcdef/film.gif", "/media/0123456789abcdef/plan.svg"] {
        let one = doc(&format!(r#"{{"type":"image","attrs":{{"src":"{still}"}}}}"#)).to_html(&options);
        assert!(!one.contains("<source"), "{one}");
    }
    let foreign = doc(r#"{"type":"image","attrs":{"src":"https://x.example/media/0123456789abcdef/cat.jpg"}}"#);
    assert!(!foreign.to_html(&options).contains("srcset"));
}

#[test]
fn what_the_library_knows_fills_what_a_block_does_not_say() {
    let known = [KnownMedia { id: 7, alt: "A cat".into(), width: 300, height: 200, ..Default::default() }];
    let options = RenderOptions { image_widths: &[400, 800], media: &known, ..RenderOptions::default() };
    let one = |attrs: &str| doc(&format!(r#"{{"type":"image","attrs":{{{attrs}}}}}"#)).to_html(&options);
    let out = one(r#""media_id":7,"src":"/media/0123456789abcdef/cat.jpg""#);
    assert!(out.contains("400.webp 300w\"") && out.contains("alt=\"A cat\" width=\"300\" height=\"200\""), "{out}");
    let own = one(r#""media_id":7,"src":"/media/0123456789abcdef/cat.jpg","alt":"Mine","width":100,"height":50"#);
    assert!(own.contains("alt=\"Mine\" width=\"100\" height=\"50\""), "{own}");
}

#[test]
fn lists_and_tables_are_written_without_needless_paragraphs() {
    let out = html(
        r#"{"type":"orderedList","attrs":{"start":3},"content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]},{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph"}]}]}]}]},
        {"type":"table","content":[{"type":"tableRow","content":[{"type":"tableHeader","attrs":{"colspan":2},"content":[{"type":"paragraph","content":[{"type":"text","text":"h"}]}]}]},{"type":"tableRow","content":[{"type":"tableCell","content":[{"type":"paragraph"},{"type":"paragraph"}]}]}]}"#,
    );
    assert_eq!(
        out,
        "<ol start=\"3\">\n<li>a\n<ul>\n<li></li>\n</ul></li>\n</ol>\n<div class=\"table\"><table>\n<thead>\n<tr><th colspan=\"2\">h</th></tr>\n</thead>\n<tbody>\n<tr><td><p></p>\n<p></p>\n</td></tr>\n</tbody>\n</table></div>"
    );
}

#[test]
fn html_blocks_are_cleaned_unless_they_were_saved_as_raw_and_the_page_permits_it() {
    let plain = r#"{"type":"html","attrs":{"source":"<b onclick=x>hi</b><script>1</script>"}}"#;
    let raw = plain.replace("}}", r#","raw":true}}"#);
    let open = RenderOptions { raw_html: true, ..RenderOptions::default() };
    assert_eq!(html(plain), "<b>hi</b>");
    assert_eq!(html(&raw), "<b>hi</b>");
    assert_eq!(doc(plain).to_html(&open).trim_end(), "<b>hi</b>");
    assert_eq!(doc(&raw).to_html(&open).trim_end(), "<b onclick=x>hi</b><script>1</script>");
}

#[test]
fn blocks_of_other_systems_show_their_cleaned_html() {
    let out = html(
        r#"{"type":"unknown","attrs":{"kind":"a/b","raw":"<!-- wp:a/b --><p onclick=x>Berlin</p><script>1</script><!-- /wp:a/b -->"}}"#,
    );
    assert_eq!(out, "<p>Berlin</p>");
}

#[test]
fn films_are_frames_on_pages_and_links_in_feeds() {
    let film = r#"{"type":"embed","attrs":{"url":"https://youtu.be/abc"}}"#;
    assert!(html(film).contains("<iframe src=\"https://www.youtube-nocookie.com/embed/abc\" title=\"youtube\""));
    let feed = RenderOptions { frames: false, base_url: "https://site.example", ..RenderOptions::default() };
    assert!(doc(film).to_html(&feed).contains("<a href=\"https://youtu.be/abc\">"));
    let image = doc(r#"{"type":"image","attrs":{"src":"/a.jpg"}}"#).to_html(&feed);
    assert!(image.contains("src=\"https://site.example/a.jpg\""));
}

#[test]
fn a_document_says_what_stands_in_it() {
    let document = Document::parse(include_str!("version1.json")).unwrap();
    assert_eq!(document.media_ids(), [5, 6, 9]);
    assert_eq!(document.links(), ["/a?b=1&c=2"]);
    assert_eq!(document.toc().len(), 1);
    let plain = document.to_plain();
    for words in
        ["Rye bread", "Plain, strong", "one", "quoted", "fn main() {}", "Our cat", "Head", "hi", "Price list", "Berlin"]
    {
        assert!(plain.contains(words), "{words}: {plain}");
    }
    assert!(!plain.contains("onclick") && !plain.contains("wp:"));
    assert_eq!(document.excerpt(3), "Rye bread Plain,…");
    assert_eq!(super::doc(r#"{"type":"paragraph","content":[{"type":"text","text":"one two 三四"}]}"#).word_count(), 4);
}
