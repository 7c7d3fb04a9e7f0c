use freehold_base::Code;
use proptest::prelude::*;

use super::super::{Align, Document, Image, Kind, Link, Mark, Node};
use super::doc;

/// A document as the first release stored it. It must be read for ever; never change the file.
const VERSION_1: &str = include_str!("version1.json");

fn value(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_stored_document_of_version_1_is_read_and_written_without_loss() {
    let document = Document::parse(VERSION_1).unwrap();
    assert_eq!(value(&document.to_json()), value(VERSION_1));
    assert_eq!(document.content.len(), 14);
    assert_eq!(Document::parse(&document.to_json()).unwrap(), document);
}

#[test]
fn unknown_nodes_and_marks_are_kept_byte_for_byte() {
    let raw = r#"{"type":"poll", "attrs" : {"a": 1.50, "z":null, "b":{"b":1,"a":2}},  "content":[{"type":"option","label":"Ja \u00e4"}]}"#;
    assert!(VERSION_1.contains(raw));
    let document = Document::parse(VERSION_1).unwrap();
    let json = document.to_json();
    assert!(json.contains(raw), "{json}");
    assert!(json.contains(r#"{"type":"shiny","attrs":{"by":[1, 2]}}"#), "{json}");
    let html = document.to_html(&Default::default());
    assert!(!html.contains("poll") && !html.contains("Ja ä"));
}

#[test]
fn wrong_documents_are_refused() {
    let wrong = [
        "", "{", "[]", "null", "{}", r#"{"type":"paragraph"}"#, r#"{"type":"doc"} x"#, r#"{"type":"doc","content":{}}"#,
        r#"{"type":"doc","attrs":{"version":2}}"#, r#"{"type":"doc","attrs":{"version":"1"}}"#, r#"{"type":"doc","x":1}"#,
        r#"{"type":"doc","content":[{"type":"text","text":"loose"}]}"#,
        r#"{"type":"doc","content":[{"type":"listItem"}]}"#,
        r#"{"type":"doc","content":[{"type":"doc"}]}"#,
        r#"{"type":"doc","content":[{"attrs":{}}]}"#,
        r#"{"type":"doc","content":[{"type":"heading","attrs":{"level":7}}]}"#,
        r#"{"type":"doc","content":[{"type":"heading"}]}"#,
        r#"{"type":"doc","content":[{"type":"heading","attrs":{"level":"2"}}]}"#,
        r#"{"type":"doc","content":[{"type":"image","attrs":{"src":"data:image/svg+xml,x"}}]}"#,
        r#"{"type":"doc","content":[{"type":"image","attrs":{"src":"/a","width":-1}}]}"#,
        r#"{"type":"doc","content":[{"type":"image","attrs":{"src":"/a","align":"up"}}]}"#,
        r#"{"type":"doc","content":[{"type":"embed","attrs":{"url":"javascript:1"}}]}"#,
        r#"{"type":"doc","content":[{"type":"table","content":[{"type":"paragraph"}]}]}"#,
        r#"{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text"}]}]}"#,
        r#"{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"x","marks":[{"type":"link","attrs":{"href":" java\tscript:x"}}]}]}]}"#,
        r#"{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"a\nb"}]}]}"#.replace("\\n", "\n").leak(),
        r#"{"type":"doc","content":[{"type":"paragraph",}]}"#,
        r#"{"type":"doc","content":[{"type":"x","a":tru}]}"#,
    ];
    for json in wrong {
        let error = Document::parse(json).expect_err(json);
        assert_eq!(error.as_code(), Code::DocumentMalformed, "{json}: {error}");
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let nested = |levels: usize| {
        let open = r#"{"type":"blockquote","content":["#.repeat(levels);
        format!(r#"{{"type":"doc","content":[{open}{}]}}"#, "]}".repeat(levels))
    };
    assert!(Document::parse(&nested(64)).is_ok());
    assert_eq!(Document::parse(&nested(65)).unwrap_err().as_code(), Code::TooDeep);
    assert_eq!(Document::parse(&nested(100_000)).unwrap_err().as_code(), Code::TooDeep);
    let unknown =
        format!(r#"{{"type":"doc","content":[{{"type":"x","a":{}{}}}]}}"#, "[".repeat(5000), "]".repeat(5000));
    assert_eq!(Document::parse(&unknown).unwrap_err().as_code(), Code::TooDeep);
    let large = format!(r#"{{"type":"doc","a":"{}"}}"#, "x".repeat(4 << 20));
    assert_eq!(Document::parse(&large).unwrap_err().as_code(), Code::TooLarge);
}

#[test]
fn the_order_of_a_nodes_parts_does_not_matter() {
    let document = doc(r#"{"content":[{"text":"a","type":"text"}],"attrs":{"level":3},"type":"heading"}"#);
    assert_eq!(document, doc(r#"{"type":"heading","attrs":{"level":3},"content":[{"type":"text","text":"a"}]}"#));
}

fn marks() -> impl Strategy<Value = Vec<Mark>> {
    let one = prop_oneof![
        Just(Mark::Bold),
        Just(Mark::Italic),
        Just(Mark::Code),
        Just(Mark::Unknown(r#"{"type":"glow", "attrs":{"n":[1,{}]}}"#.into())),
        (".{0,8}", proptest::option::of(".{0,8}")).prop_map(|(path, title)| {
            Mark::Link(Box::new(Link { href: format!("/{path}"), title, ..Link::default() }))
        }),
    ];
    proptest::collection::vec(one, 0..3)
}

fn inline() -> impl Strategy<Value = Vec<Node>> {
    let one = prop_oneof![
        4 => (".{1,20}", marks()).prop_map(|(text, marks)| Node::text(text, marks)),
        1 => Just(Node::leaf(Kind::HardBreak)),
        1 => unknown(),
    ];
    proptest::collection::vec(one, 0..4)
}

fn unknown() -> impl Strategy<Value = Node> {
    ("[a-z]{1,6}", ".{0,12}", any::<i64>()).prop_map(|(name, text, number)| {
        let name = format!("x-{name}");
        let raw = serde_json::json!({"zz": number, "type": name, "attrs": {"t": text, "f": 0.5}}).to_string();
        Node::leaf(Kind::Unknown { name: name.into(), raw: raw.into() })
    })
}

fn image() -> impl Strategy<Value = Node> {
    let texts = (proptest::option::of(".{0,9}"), proptest::option::of(".{0,9}"));
    (any::<Option<i64>>(), "[a-z/.]{0,9}", texts, any::<Option<u32>>()).prop_map(
        |(media_id, src, (alt, caption), width)| {
            let align = width.map(|_| Align::Wide);
            Node::leaf(Kind::Image(Box::new(Image { media_id, src, alt, caption, width, height: None, align })))
        },
    )
}

fn block() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        inline().prop_map(|line| Node::new(Kind::Paragraph, line)),
        (1u8..=6, inline()).prop_map(|(level, line)| Node::new(Kind::Heading(level), line)),
        (".{1,30}", any::<bool>()).prop_map(|(text, lang)| {
            Node::new(Kind::CodeBlock(lang.then(|| "rust".into())), vec![Node::text(text, Vec::new())])
        }),
        image(),
        Just(Node::leaf(Kind::HorizontalRule)),
        (".{0,30}", any::<bool>()).prop_map(|(source, raw)| Node::leaf(Kind::Html { source: source.into(), raw })),
        (".{0,9}", ".{0,30}").prop_map(|(kind, raw)| Node::leaf(Kind::Imported { kind: kind.into(), raw: raw.into() })),
        unknown(),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let list = proptest::collection::vec(inner, 0..4);
        prop_oneof![
            list.clone().prop_map(|content| Node::new(Kind::Blockquote, content)),
            list.clone().prop_map(|content| Node::new(Kind::BulletList, vec![Node::new(Kind::ListItem, content)])),
            list.prop_map(|content| {
                let cell = Node::new(Kind::TableCell(Some(2), None), content);
                Node::new(Kind::Table, vec![Node::new(Kind::TableRow, vec![cell])])
            }),
        ]
    })
}

proptest! {
    #[test]
    fn json_and_document_are_the_same_thing(content in proptest::collection::vec(block(), 0..5)) {
        let document = Document::new(content);
        let json = document.to_json();
        let again = Document::parse(&json).unwrap();
        prop_assert_eq!(&again, &document);
        prop_assert_eq!(again.to_json(), json);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        let _ = Document::parse(&text);
    }

    #[test]
    fn no_broken_document_makes_the_parser_panic(cut in 0usize..3000, with in "[\\[\\]{}\",:a0\\\\]{0,3}") {
        let cut = (0..=cut.min(VERSION_1.len())).rev().find(|i| VERSION_1.is_char_boundary(*i)).unwrap_or(0);
        let _ = Document::parse(&format!("{}{with}{}", &VERSION_1[..cut], &VERSION_1[cut..]));
        let _ = Document::parse(&format!("{}{with}", &VERSION_1[..cut]));
    }
}
