//! What of a theme's settings may stand in a style sheet.

/// Whether a text can stand as a CSS value without ending its declaration.
pub(crate) fn is_value(text: &str) -> bool {
    text.len() <= 120
        && !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" #%.,()-+/".contains(&b))
        && !text.contains("url")
        && !text.contains("/*")
}

/// Whether a text is a list of fonts: names with commas between them, quoted or not.
pub(crate) fn is_font(text: &str) -> bool {
    let bare =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b' ');
    let name = |part: &str| {
        let part = part.trim();
        let quoted = ['"', '\''].iter().find_map(|q| part.strip_prefix(*q)?.strip_suffix(*q));
        bare(quoted.unwrap_or(part))
    };
    text.len() <= 200 && text.split(',').all(name)
}

/// Whether a text can stand in a `<style>` element and is whole: every brace, bracket, string and comment ends.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn judge(text: &str) -> Result<(), String> {
    if text.contains("</") || text.contains("<!--") {
        return Err("CSS, which holds no </ and no <!--".into());
    }
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut line = 1;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\n' => line += 1,
            '\\' => {
                letters.next();
            }
            '/' if letters.peek() == Some(&'*') => {
                letters.next();
                let (begun, mut before) = (line, ' ');
                loop {
                    match letters.next() {
                        Some('/') if before == '*' => break,
                        Some(letter) => {
                            line += usize::from(letter == '\n');
                            before = letter;
                        }
                        None => return Err(format!("CSS; the comment of line {begun} has no end")),
                    }
                }
            }
            '"' | '\'' => loop {
                match letters.next() {
                    Some('\\') => {
                        letters.next();
                    }
                    Some(end) if end == letter => break,
                    None | Some('\n') => return Err(format!("CSS; the text in quotes of line {line} has no end")),
                    Some(_) => {}
                }
            },
            '{' => open.push(('}', line)),
            '(' => open.push((')', line)),
            '[' => open.push((']', line)),
            '}' | ')' | ']' => match open.pop() {
                Some((expected, _)) if expected == letter => {}
                _ => return Err(format!("CSS; line {line} has a {letter} too many")),
            },
            _ => {}
        }
    }
    open.pop().map_or(Ok(()), |(end, line)| Err(format!("CSS; what begins in line {line} has no {end}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_styles_are_whole_and_stay_in_their_element() {
        for good in
            ["", "a { color: red }", "/* { */ a::before { content: \"}\" }", "@media (width < 600px) { a { b: c } }"]
        {
            assert_eq!(judge(good), Ok(()), "{good}");
        }
        for (wrong, why) in [
            ("a {", "line 1 has no }"),
            ("a { b: c }\n}", "line 2 has a } too many"),
            ("a { b: (c }", "a } too many"),
            ("a { content: \"x\n\" }", "line 1 has no end"),
            ("/* x", "comment of line 1"),
            ("</style><script>", "no </"),
            ("<!-- x", "no <!--"),
        ] {
            assert!(judge(wrong).unwrap_err().contains(why), "{wrong}: {:?}", judge(wrong));
        }
    }

    #[test]
    fn fonts_are_names() {
        for good in ["serif", "Newsreader, \"Iowan Old Style\", serif", "'Inter', sans-serif"] {
            assert!(is_font(good), "{good}");
        }
        for wrong in ["", "a;b", "url(x)", "\"a", "a, , b", "a}b"] {
            assert!(!is_font(wrong), "{wrong}");
        }
    }
}
