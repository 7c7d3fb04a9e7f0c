//! How well words fit what somebody types; small typing errors are forgiven.

/// Rank of a fit, 0 the best; `None` where it does not fit. Every typed word must stand somewhere in `text`.
pub(super) fn rank(text: &str, typed: &str) -> Option<u8> {
    let (text, typed) = (text.to_lowercase(), typed.to_lowercase());
    if text.starts_with(typed.trim()) {
        return Some(0);
    }
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let ranks = typed.split_whitespace().map(|wanted| one(&words, &text, wanted));
    ranks.collect::<Option<Vec<u8>>>().and_then(|all| all.into_iter().max())
}

fn one(words: &[&str], text: &str, wanted: &str) -> Option<u8> {
    if words.iter().any(|w| w.starts_with(wanted)) {
        Some(1)
    } else if text.contains(wanted) {
        Some(2)
    } else if wanted.chars().count() >= 4 && words.iter().any(|w| nearly(w, wanted)) {
        Some(3)
    } else {
        None
    }
}

/// Whether one letter more, less, other or swapped makes `typed` the word, or its beginning.
fn nearly(word: &str, typed: &str) -> bool {
    let (word, typed): (Vec<char>, Vec<char>) = (word.chars().collect(), typed.chars().collect());
    let same = word.iter().zip(&typed).take_while(|(a, b)| a == b).count();
    let (w, t) = (word.get(same..).unwrap_or_default(), typed.get(same..).unwrap_or_default());
    let begins = |word: &[char], typed: &[char]| word.starts_with(typed);
    let swapped = matches!((w, t), ([a, b, w @ ..], [c, d, t @ ..]) if a == d && b == c && begins(w, t));
    let other = matches!((w, t), ([_, w @ ..], [_, t @ ..]) if begins(w, t));
    let less = matches!(w, [_, w @ ..] if begins(w, t));
    let more = matches!(t, [_, t @ ..] if begins(w, t));
    swapped || other || less || more
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn words_fit_by_beginning_and_forgive_one_error() {
        assert_eq!(rank("Settings: time zone", "sett"), Some(0));
        assert_eq!(rank("Settings: time zone", "zone time"), Some(1));
        assert_eq!(rank("Settings", "tings"), Some(2));
        for typo in ["setings", "settigns", "settinqs", "setttings"] {
            assert_eq!(rank("Settings", typo), Some(3), "{typo}");
        }
        assert_eq!(rank("Settings", "people"), None);
        assert_eq!(rank("Menus", "men x"), None);
        assert_eq!(rank("Home", ""), Some(0));
    }
}
