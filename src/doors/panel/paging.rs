//! Where in a list one is, in words.

/// `1–20 of 42`.
pub(super) fn range(at: i64, shown: usize, total: i64) -> String {
    let shown = i64::try_from(shown).unwrap_or(0);
    let total = total.max(at + shown);
    if shown == total { format!("{total} in all") } else { format!("{}–{} of {total}", at + 1, at + shown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_says_where_in_the_list_one_is() {
        assert_eq!(range(0, 20, 42), "1–20 of 42");
        assert_eq!(range(40, 2, 42), "41–42 of 42");
        assert_eq!(range(0, 3, 3), "3 in all");
        assert_eq!(range(20, 20, 30), "21–40 of 40");
    }
}
