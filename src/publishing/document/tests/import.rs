use super::super::{Align, Document, Kind, Node};
use super::{names, paragraph};

fn image(node: &Node) -> &super::super::Image {
    match &node.kind {
        Kind::Image(image) => image,
        other => panic!("{other:?}"),
    }
}

#[test]
fn blank_lines_part_paragraphs_and_line_ends_are_line_breaks_in_classic_texts() {
    let document = Document::from_wordpress(
        "One\ntwo\r\n\r\nThree <strong>four</strong>\n\n\n<ul>\n<li>a</li>\n</ul>\n<h2>Head</h2>\nfive",
    );
    assert_eq!(
        document.to_html(&super::super::RenderOptions { heading_ids: false, ..Default::default() }),
        "<p>One<br>\ntwo</p>\n<p>Three <strong>four</strong></p>\n<ul>\n<li>a</li>\n</ul>\n<h2>Head</h2>\n<p>five</p>\n"
    );
}

#[test]
fn line_ends_are_spaces_in_other_html() {
    let document = Document::from_html("<p>One\ntwo</p>\n\n<div>three <p>four</p> five</div>");
    assert_eq!(document.content, ["One two", "three", "four", "five"].map(paragraph));
}

#[test]
fn shortcodes_of_the_core_are_understood() {
    let document = Document::from_wordpress(
        "[caption id=\"attachment_5\" align=\"alignright\" width=\"300\"]<a href=\"/big.jpg\"><img class=\"size-medium wp-image-5\" src=\"/a.jpg\" alt=\"A\" width=\"300\" height=\"200\" /></a> The <em>caption</em>[/caption]\n\n\
         [gallery ids=\"1, 2,3\" columns=\"2\"]\n\n[embed width=\"3\"]https://vimeo.com/1[/embed]\n\nhttps://www.youtube.com/watch?v=x\n\n[contact-form id=\"1\"]",
    );
    assert_eq!(names(&document), ["image", "gallery", "embed", "embed", "paragraph"]);
    let first = image(&document.content[0]);
    assert_eq!(
        (first.media_id, first.align, first.caption.as_deref()),
        (Some(5), Some(Align::Right), Some("The caption"))
    );
    assert_eq!(document.content[0].link().unwrap().href, "/big.jpg");
    assert_eq!(document.content[1].kind, Kind::Gallery(Some(2)));
    assert_eq!(document.media_ids(), [5, 1, 2, 3]);
    assert_eq!(document.to_plain(), "The caption\n[contact-form id=\"1\"]");
}

const BLOCKS: &str = r#"<!-- wp:paragraph {"align":"center"} -->
<p class="has-text-align-center">Hello <strong>world</strong></p>
<!-- /wp:paragraph -->

<!-- wp:heading {"level":3} --><h3>Three</h3><!-- /wp:heading -->
<!-- wp:list --><ul><!-- wp:list-item --><li>a<!-- wp:list --><ul><!-- wp:list-item --><li>b</li><!-- /wp:list-item --></ul><!-- /wp:list --></li><!-- /wp:list-item --></ul><!-- /wp:list -->
<!-- wp:quote --><blockquote class="wp-block-quote"><!-- wp:paragraph --><p>q</p><!-- /wp:paragraph --><cite>who</cite></blockquote><!-- /wp:quote -->
<!-- wp:code --><pre class="wp-block-code"><code>let a = 1;

&lt;b&gt;</code></pre><!-- /wp:code -->
<!-- wp:verse --><pre class="wp-block-verse">one
two</pre><!-- /wp:verse -->
<!-- wp:image {"id":7,"sizeSlug":"large"} --><figure class="wp-block-image alignwide"><img src="/i.jpg" alt="I"/><figcaption>cap</figcaption></figure><!-- /wp:image -->
<!-- wp:gallery {"ids":[8,9],"columns":3} --><figure class="wp-block-gallery columns-3"><ul class="blocks-gallery-grid"><li class="blocks-gallery-item"><figure><img src="/8.jpg" class="wp-image-8"/></figure></li><li><figure><img src="/9.jpg" class="wp-image-9"/><figcaption>nine</figcaption></figure></li></ul><figcaption>all</figcaption></figure><!-- /wp:gallery -->
<!-- wp:table --><figure class="wp-block-table"><table><thead><tr><th>h</th></tr></thead><tbody><tr><td>c</td></tr></tbody></table><figcaption>tc</figcaption></figure><!-- /wp:table -->
<!-- wp:core-embed/youtube {"url":"https://youtu.be/abc"} --><figure class="wp-block-embed-youtube wp-block-embed"><div class="wp-block-embed__wrapper">
https://youtu.be/abc
</div></figure><!-- /wp:core-embed/youtube -->
<!-- wp:separator --><hr class="wp-block-separator"/><!-- /wp:separator -->
<!-- wp:html --><marquee>old</marquee><!-- /wp:html -->
<!-- wp:file {"id":11,"href":"/f.pdf"} --><div class="wp-block-file"><a href="/f.pdf">File</a><a href="/f.pdf" class="wp-block-file__button" download>Download</a></div><!-- /wp:file -->
<!-- wp:more --><!--more--><!-- /wp:more -->
<!-- wp:spacer {"height":"100px"} --><div style="height:100px" class="wp-block-spacer"></div><!-- /wp:spacer -->
<!-- wp:columns --><div class="wp-block-columns"><!-- wp:column --><div class="wp-block-column"><!-- wp:paragraph --><p>left</p><!-- /wp:paragraph --></div><!-- /wp:column --><!-- wp:column --><div><!-- wp:jetpack/map {"a":{"b":1}} --><div class="map">Berlin <!-- wp:paragraph --><p>in</p><!-- /wp:paragraph --></div><!-- /wp:jetpack/map --></div><!-- /wp:column --></div><!-- /wp:columns -->
<!-- wp:latest-posts {"n":3} /-->
Loose text

<!-- wp:freeform -->
classic

text
<!-- /wp:freeform -->"#;

#[test]
fn block_markup_becomes_blocks_in_order() {
    let document = Document::from_wordpress(BLOCKS);
    assert_eq!(
        names(&document),
        [
            "paragraph",
            "heading",
            "bulletList",
            "blockquote",
            "codeBlock",
            "paragraph",
            "image",
            "gallery",
            "paragraph",
            "table",
            "paragraph",
            "embed",
            "horizontalRule",
            "html",
            "file",
            "unknown",
            "paragraph",
            "unknown",
            "unknown",
            "paragraph",
            "paragraph",
            "paragraph"
        ]
    );
    assert_eq!(document.media_ids(), [7, 8, 9, 11]);
    assert_eq!(image(&document.content[6]).align, Some(Align::Wide));
    assert_eq!(document.content[4].content[0].as_text(), Some("let a = 1;\n\n<b>"));
    let Kind::Imported { kind, raw } = &document.content[17].kind else { panic!() };
    assert_eq!(&**kind, "jetpack/map");
    assert!(
        BLOCKS.contains(&**raw)
            && raw.starts_with("<!-- wp:jetpack/map {")
            && raw.ends_with("<!-- /wp:jetpack/map -->"),
        "{raw}"
    );
    assert!(document.to_html(&Default::default()).contains("Berlin"));
    assert!(document.to_plain().contains("Berlin in"));
    assert_eq!(Document::parse(&document.to_json()).unwrap(), document);
}

#[test]
fn block_markup_that_is_broken_loses_no_word() {
    for html in [
        "<!-- wp:paragraph --><p>one</p><!-- wp:heading --><h2>two</h2>",
        "<!-- /wp:paragraph --><p>one</p> two",
        "<!-- wp:a/b --><p>one</p><!-- wp:paragraph --><p>two</p><!-- /wp:paragraph -->",
        "<!-- wp:group {broken --><p>one</p><!-- /wp:group -->two",
        "<!-- wp:quote --><!-- wp:group --><p>one two</p><!-- /wp:quote -->",
        "<!-- wp: --><p>one two",
        "<!-- wp:paragraph -->one<p>two",
        "<!-- wp:list --><ul><!-- wp:x/y --><li>one</li><!-- /wp:x/y --><li>two</li></ul><!-- /wp:list -->",
        "<!-- wp:table --><table><!-- wp:x/y -->one<!-- /wp:x/y --><tr><td>two</table><!-- /wp:table -->",
    ] {
        let plain = Document::from_wordpress(html).to_html(&Default::default());
        assert!(plain.contains("one") && plain.contains("two"), "{html}: {plain}");
    }
}

#[test]
fn links_that_may_not_stand_become_their_text() {
    let document = Document::from_html("<a href=\"javascript:x\">a</a> <a href=\"/y\">b</a> <a>c</a>");
    assert_eq!(document.to_plain(), "a b c");
    assert_eq!(document.links(), ["/y"]);
}

#[test]
fn players_details_and_foreign_frames_stay() {
    let document = Document::from_html(
        "<video src=\"/a.mp4\" controls onplay=x></video><iframe src=\"//www.youtube.com/embed/x\"></iframe><iframe src=\"https://foreign.example/\"></iframe><details><summary>S</summary>T</details><dl><dt>d</dt><dd>e</dd></dl>",
    );
    assert_eq!(names(&document), ["html", "embed", "embed", "html", "paragraph", "paragraph"]);
    let html = document.to_html(&Default::default());
    assert!(
        html.contains("<video src=\"/a.mp4\"") && !html.contains("onplay") && html.contains("<summary>S</summary>"),
        "{html}"
    );
    assert!(
        html.contains("<a href=\"https://foreign.example/\">") && !html.contains("<iframe src=\"https://foreign"),
        "{html}"
    );
}

#[test]
fn html_nested_past_all_bounds_is_read_as_text() {
    for unit in [
        "<div>",
        "<b>",
        "<ul><li>",
        "<blockquote>",
        "<table><tr><td>",
        "<a><div></a>",
        "<span><p>",
        "<!-- wp:group -->",
        "<!-- wp:x/y -->",
        "[caption]<img>",
        "<!--",
    ] {
        let mut html = unit.repeat(200_000 / unit.len());
        html.push_str(" -->the end");
        let document = Document::from_wordpress(&html);
        Document::parse(&document.to_json()).unwrap_or_else(|e| panic!("{unit}: {e}"));
        document.to_html(&Default::default());
    }
    for levels in [60, 119, 121, 200, 250] {
        for unit in ["<blockquote>", "<ul><li>", "<table><tr><td>", "<b><i>"] {
            let html = format!("{}the end", unit.repeat(levels / unit.matches('<').count()));
            let document = Document::from_html(&html);
            assert!(document.to_plain().contains("the end"), "{unit} {levels}");
            Document::parse(&document.to_json()).unwrap_or_else(|e| panic!("{unit} {levels}: {e}"));
        }
    }
}
