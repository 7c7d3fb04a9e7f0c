use super::*;

/// `gone`, `new` and the rest as `[-gone-]`, `{+new+}` and plain words.
fn marked(runs: &[Run]) -> String {
    let mark = |r: &Run| match r.op {
        Op::Same => r.text.clone(),
        Op::Gone => format!("[-{}-]", r.text),
        Op::New => format!("{{+{}+}}", r.text),
    };
    runs.iter().map(mark).collect()
}

#[test]
fn words_are_compared_inside_a_line() {
    for (old, new, wanted) in [
        ("", "", ""),
        ("as it was", "as it was", "as it was"),
        ("", "new words", "{+new words+}"),
        ("old words", "", "[-old words-]"),
        (
            "every morning for three weeks.",
            "every morning for a month.",
            "every morning for [-three weeks-]{+a month+}.",
        ),
        ("hear it long before", "hear it an hour before", "hear it [-long-]{+an hour+} before"),
        ("the loft.", "the loft on Pine Street.", "the loft{+ on Pine Street+}."),
        ("don\u{2019}t stop", "don\u{2019}t go", "don\u{2019}t [-stop-]{+go+}"),
        ("one\ntwo", "one\nthree", "one\n[-two-]{+three+}"),
        ("冬の港", "夏の港", "[-冬-]{+夏+}の港"),
        ("e-mail", "mail", "[-e-mail-]{+mail+}"),
    ] {
        assert_eq!(marked(&compare_text(old, new)), wanted, "{old} / {new}");
    }
}

#[test]
fn both_texts_can_be_read_back_from_the_runs() {
    let (old, new) = ("A b c, d\n e  f g. h", "A c b; d e\nf  g h! i j");
    let runs = compare_text(old, new);
    let side = |not: Op| runs.iter().filter(|r| r.op != not).map(|r| r.text.as_str()).collect::<String>();
    assert_eq!((side(Op::New).as_str(), side(Op::Gone).as_str()), (old, new));
}

#[test]
fn words_are_counted_without_marks_and_spaces() {
    for (text, wanted) in [("", 0), (" . , ", 0), ("one", 1), ("don\u{2019}t go", 2), ("冬の港", 3), ("a\nb", 2)] {
        assert_eq!(count_words(text), wanted, "{text}");
    }
}

/// The rows of two Markdown texts, one letter each: `=` same, `~` changed, `-` gone, `+` new.
fn rows(old: &str, new: &str) -> (String, Comparison) {
    let found = compare(&Document::from_markdown(old), &Document::from_markdown(new));
    let letter = |r: &Row| match r.change {
        Change::Same => '=',
        Change::Changed => '~',
        Change::Gone => '-',
        Change::New => '+',
    };
    (found.rows.iter().map(letter).collect(), found)
}

#[test]
fn blocks_stand_beside_their_counterparts() {
    let long = "In January the boats sleep on trestles.";
    for (name, old, new, wanted) in [
        ("nothing", "", "", ""),
        ("the first words", "", "One.", "+"),
        ("all gone", "One.\n\nTwo.", "", "--"),
        ("the same", "One.\n\nTwo.", "One.\n\nTwo.", "=="),
        ("a word", "One day.\n\nTwo.", "One night.\n\nTwo.", "~="),
        ("between", "One.\n\nTwo.", "One.\n\nIn between.\n\nTwo.", "=+="),
        ("a block less", "One.\n\nTwo.\n\nThree.", "One.\n\nThree.", "=-="),
        ("bold", "One day.", "One **day**.", "~"),
        ("a heading made of a line", long, &format!("## {long}"), "~"),
        ("a list item", "- a b c\n- d e f", "- a b c\n- d e g", "~"),
        ("new before, and a word", long, &format!("Fresh start here.\n\n{long} Quietly."), "+~"),
        ("nothing in common, two for one", "Alpha beta gamma.", "Delta epsilon.\n\nZeta eta.", "-++"),
    ] {
        assert_eq!(rows(old, new).0, wanted, "{name}");
    }
}

#[test]
fn words_and_pictures_are_counted() {
    let (old, new) = ("One two three four.", "One three four five.");
    let (_, found) = rows(&format!("{old}\n\n![a](https://x/a.png)"), &format!("{new}\n\n![b](https://x/b.png)"));
    assert_eq!((found.added, found.removed), (2, 2), "a word and a description each");
    assert_eq!((found.pictures_added, found.pictures_removed), (1, 1));
}

#[test]
fn a_change_without_words_says_so() {
    assert!(rows("One day.", "One **day**.").1.rows[0].is_only_form());
    assert!(!rows("One day.", "One night.").1.rows[0].is_only_form());
}

#[test]
fn gone_blocks_know_where_they_would_stand() {
    let (_, found) = rows("One.\n\nTwo.\n\nThree.", "One.\n\nThree.");
    assert_eq!(found.rows[1].at, 1);
    assert_eq!(found.rows[1].old.as_ref().unwrap().index, 1);
}

#[test]
fn very_long_documents_take_bounded_work() {
    // Every word differs: without a bound this is a square of 400,000 words.
    let text = |word: &str| (0..200_000).map(|n| format!("{word}{n} ")).collect::<String>();
    let runs = compare_text(text("a").trim_end(), text("b").trim_end());
    assert_eq!(runs.len(), 2, "replaced as a whole");
    let many = |word: &str| (0..2_500).map(|n| format!("{word} {n}\n\n")).collect::<String>();
    let (letters, found) = rows(&many("Old"), &many("New"));
    assert!(found.cut && letters.len() >= MAX_BLOCKS, "{}", letters.len());
}
