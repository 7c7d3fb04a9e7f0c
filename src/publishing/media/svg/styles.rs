//! The part of CSS that drawings need: properties of the attribute list with harmless values.

use super::lists;

/// A style sheet's rules; empty where it does what only pages need (imports, fonts, escapes).
pub(super) fn sheet(css: &str) -> String {
    let css = without_comments(css);
    if css.contains(['@', '\\', '<']) {
        return String::new();
    }
    let mut out = String::new();
    for rule in css.split('}') {
        let Some((selector, body)) = rule.split_once('{') else { continue };
        let selector = selector.trim();
        let plain = |c: char| c.is_alphanumeric() || " \n\r\t._-#,:>*+~".contains(c);
        let body = declarations(body);
        if !selector.is_empty() && selector.chars().all(plain) && !body.is_empty() {
            out.push_str(selector);
            out.push('{');
            out.push_str(&body);
            out.push('}');
        }
    }
    out
}

/// `fill:red;stroke:url(#a)`: declarations of known properties with safe values.
pub(super) fn declarations(css: &str) -> String {
    let css = without_comments(css);
    let mut out = String::new();
    for declaration in css.split(';') {
        let Some((name, value)) = declaration.split_once(':') else { continue };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if lists::is_property(&name) && !value.contains(['{', '}']) && is_safe(value) {
            out.push_str(&name);
            out.push(':');
            out.push_str(value);
            out.push(';');
        }
    }
    out
}

/// No escapes, no schemes, and no function but those that only compute; `url()` only with a part of this drawing.
pub(super) fn is_safe(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if lower.contains(['\\', '<', '@']) || lower.contains("/*") || lower.contains("//") {
        return false;
    }
    if squeezed(&lower).contains("script:") || squeezed(&lower).contains("data:") {
        return false;
    }
    lower.match_indices('(').all(|(i, _)| {
        let (before, after) = (lower.get(..i).unwrap_or_default(), lower.get(i + 1..).unwrap_or_default());
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-').map_or(0, |at| at + 1);
        match before.get(start..).unwrap_or_default() {
            "url" => after.trim_start().trim_start_matches(['"', '\'']).starts_with('#'),
            name => lists::FUNCTIONS.contains(&name),
        }
    })
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

fn without_comments(css: &str) -> String {
    let mut out = String::new();
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        out.push(' ');
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}
