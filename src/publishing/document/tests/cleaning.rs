use freehold_base::Code;

use super::super::dom::{Data, Dom, Id};
use super::super::{Document, RenderOptions, clean_html};

/// Asserts by parsing, not by searching, that nothing in `html` runs.
fn assert_harmless(html: &str, from: &str) {
    let dom = Dom::parse(html).unwrap_or_else(|_| panic!("{from}"));
    let mut open: Vec<Id> = vec![Dom::ROOT];
    while let Some(id) = open.pop() {
        if let Data::Element(name, attrs) = dom.data(id) {
            let tag: &str = &name.local;
            let banned = [
                "script", "style", "object", "embed", "form", "base", "meta", "link", "svg", "math", "template",
                "input", "textarea",
            ];
            assert!(!banned.contains(&tag), "<{tag}> in {html:?} of {from:?}");
            for attr in attrs {
                let key: &str = &attr.name.local;
                assert!(!key.starts_with("on") && key != "style" && key != "srcdoc", "{key} in {html:?} of {from:?}");
                let value: String = attr.value.chars().filter(|c| *c > ' ').collect::<String>().to_ascii_lowercase();
                for scheme in ["javascript:", "vbscript:", "data:", "blob:"] {
                    let is_address =
                        ["href", "src", "poster", "action", "cite", "formaction", "background"].contains(&key);
                    assert!(!(is_address && value.starts_with(scheme)), "{key}={value} in {html:?} of {from:?}");
                }
            }
        }
        open.extend(dom.children(id));
    }
}

/// Vectors by combination: tags, events, addresses, and the tricks that hide them.
fn vectors() -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    let tags = [
        "img src=x",
        "svg",
        "body",
        "video src=x",
        "audio src=x",
        "iframe",
        "details open",
        "a href=/",
        "p",
        "input autofocus",
        "marquee",
        "table",
        "math",
        "object",
        "custom-tag",
    ];
    let events = [
        "onerror",
        "onload",
        "ONCLICK",
        "onfocus",
        "ontoggle",
        "onanimationstart",
        "onmouseover",
        "onpointerrawupdate",
        "on\u{0}error",
    ];
    for tag in tags {
        for event in events {
            list.push(format!("<{tag} {event}=alert(1)>x"));
            list.push(format!("<{tag}/{event}='alert(1)'/>x"));
            list.push(format!("<{tag}\n{event}\t=\"alert(1)\" x"));
        }
    }
    let schemes = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "&#x6A;avascript&colon;alert(1)",
        "java&Tab;script:alert(1)",
        "java&NewLine;script:alert(1)",
        "\u{1}javascript:alert(1)",
        "&#1;javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "data:image/svg+xml;base64,AAAA",
        "vbscript:x",
        "javascript&#0058;alert(1)",
        "jav&#x0A;ascript:alert(1)",
        "//evil.example/javascript:",
        "blob:https://x/y",
    ];
    let holders = [
        "a href",
        "img src",
        "iframe src",
        "video src",
        "video poster",
        "audio src",
        "source src",
        "track src",
        "form action",
        "object data",
        "embed src",
        "area href",
        "base href",
        "link href",
        "blockquote cite",
        "button formaction",
        "body background",
        "svg><a xlink:href",
        "math><maction xlink:href",
    ];
    for holder in holders {
        for scheme in schemes {
            list.push(format!("<{holder}=\"{scheme}\">x</a>"));
            list.push(format!("<{holder}='{scheme}'>x"));
        }
    }
    let wrappers = [
        "<noscript>",
        "<style>",
        "<title>",
        "<textarea>",
        "<xmp>",
        "<noembed>",
        "<noframes>",
        "<svg>",
        "<math>",
        "<svg><style>",
        "<math><mtext>",
        "<template>",
        "<select>",
        "<table>",
        "<svg><desc>",
        "<math><annotation-xml encoding=\"text/html\">",
        "<plaintext>",
        "<iframe>",
        "<!--",
        "<![CDATA[",
        "<?php ",
        "<form><math><mtext></form><form><mglyph><style>",
        "<svg></p><style>",
    ];
    let payloads = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</style><img src=x onerror=alert(1)>",
        "<a title=\"</noscript><img src=x onerror=alert(1)>\">",
        "--><script>alert(1)</script>",
        "]]><script>alert(1)</script>",
        "</title><svg onload=alert(1)>",
        "<a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<style><!--</style><img src=x onerror=alert(1)>-->",
        "<p title=\"--!><img src=x onerror=alert(1)>\">",
    ];
    for wrapper in wrappers {
        for payload in payloads {
            list.push(format!("{wrapper}{payload}"));
            list.push(format!("<div>{wrapper}<b>{payload}</b>"));
        }
    }
    for script in [
        "<script>x</script>",
        "<SCRIPT SRC=//e>",
        "<scr<script>ipt>x</scr</script>ipt>",
        "<script/x>1</script>",
        "<script\u{0}>x</script>",
        "<<script>x//<</script>",
        "<script x=\">\">1</script >",
        "<p style=\"background:url(javascript:x)\">",
        "<p style=behavior:url(x)>",
        "<link rel=stylesheet href=//e>",
        "<meta http-equiv=refresh content=0;url=javascript:x>",
        "<base href=javascript:x//>",
        "<iframe srcdoc=\"<script>x</script>\">",
        "<iframe src=https://evil.example/embed/>",
        "<isindex action=javascript:x>",
        "<img src=\"x`<script>x</script>\"`>",
        "<a href=\"https://x\" target=evil rel=opener>x</a>",
    ] {
        list.push(script.to_owned());
    }
    list
}

#[test]
fn d04_nothing_in_the_corpus_runs_after_cleaning() {
    let list = vectors();
    assert!(list.len() > 1_400, "{}", list.len());
    for vector in &list {
        let cleaned = clean_html(vector).unwrap();
        assert_harmless(&cleaned, vector);
        // What a browser makes of it is cleaned again at render: it must not change into something else.
        assert_harmless(&clean_html(&cleaned).unwrap(), vector);
    }
}

#[test]
fn d04_nothing_in_the_corpus_runs_after_an_import_from_any_side() {
    for vector in vectors() {
        let in_markdown = Document::from_markdown(&format!("{vector}\n\ntext {vector}\n"));
        let in_blocks = format!(
            "<!-- wp:paragraph --><p>{vector}</p><!-- /wp:paragraph --><!-- wp:x/y -->{vector}<!-- /wp:x/y -->"
        );
        for document in [
            Document::from_html(&vector),
            Document::from_wordpress(&vector),
            Document::from_html(&in_blocks),
            in_markdown,
        ] {
            // iframes of known players only, and every frame of ours is one
            let html = document.to_html(&RenderOptions { frames: false, ..RenderOptions::default() });
            assert_harmless(&html, &vector);
            Document::parse(&document.to_json()).unwrap_or_else(|e| panic!("{vector}: {e}"));
        }
    }
}

#[test]
fn what_belongs_in_a_post_stays() {
    for html in [
        "<p class=\"intro\">a <strong>b</strong> <a href=\"/x\" rel=\"noopener\">c</a></p>",
        "<table><tbody><tr><td colspan=\"2\">x</td></tr></tbody></table>",
        "<figure><img src=\"/a.jpg\" alt=\"A\" width=\"3\"><figcaption>c</figcaption></figure>",
        "<iframe src=\"https://www.youtube-nocookie.com/embed/abc\" width=\"560\"></iframe>",
        "<h2 id=\"x\">y</h2>",
        "<video src=\"/a.mp4\" controls=\"\"></video>",
    ] {
        assert_eq!(clean_html(html).unwrap(), html);
    }
}

#[test]
fn d04_html_past_the_bounds_is_refused_before_the_cleaner_sees_it() {
    let code = |html: &str| clean_html(html).unwrap_err().as_code();
    assert!(clean_html(&"<div>".repeat(200)).is_ok());
    assert_eq!(code(&"<div>".repeat(300)), Code::TooDeep);
    assert_eq!(code(&"<div>".repeat(200_000)), Code::TooDeep);
    assert_eq!(code(&"<b>".repeat(300_000)), Code::TooDeep);
    assert_eq!(code(&"<i><div></i>".repeat(80_000)), Code::TooDeep);
    assert_eq!(code(&"x".repeat(2 * 1024 * 1024 + 1)), Code::TooLarge);
    assert_eq!(code(&format!("<a {}>", (0..150_000).map(|i| format!("a{i} ")).collect::<String>())), Code::TooLarge);
    let reopened =
        "<p>".to_owned() + &(0..200).map(|i| format!("<b id={i}>")).collect::<String>() + &"<p>x".repeat(20_000);
    assert_eq!(code(&reopened), Code::TooLarge);
    assert!(clean_html(&"<p>many flat paragraphs</p>".repeat(20_000)).is_ok());
}
