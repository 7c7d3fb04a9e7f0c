//! What LIKE needs: small letters, and text whose wildcards stand for themselves.

diesel::define_sql_function! {
    /// Lower case; ASCII only on SQLite.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// Text whose `%`, `_` and `\` stand for themselves in `LIKE … ESCAPE '\'`.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// `%text%` in small letters: what a person types is no pattern.
pub(crate) fn pattern(search: &str) -> String {
    format!("%{}%", escaped(&search.trim().to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_types_is_no_pattern() {
        assert_eq!(pattern(" 100%_A\\ "), "%100\\%\\_a\\\\%");
    }
}
