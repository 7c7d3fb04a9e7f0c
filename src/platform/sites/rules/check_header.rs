//! Which headers a site may send, and with which values: what the server itself decides is not among them.

use freehold_base::{Code, Error, Result};

/// Longest value.
const LONGEST: usize = 4000;

/// Headers that a site may set, with what they are for in plain words; own ones begin with `x-`.
pub const KNOWN: &[(&str, &str)] = &[
    ("cache-control", "How long browsers may keep it"),
    ("content-type", "What kind of file it is"),
    ("content-security-policy", "What a page may load and run"),
    ("content-security-policy-report-only", "The same, only reported"),
    ("access-control-allow-origin", "Which other sites may read it (CORS)"),
    ("access-control-allow-methods", "Which methods other sites may use"),
    ("access-control-allow-headers", "Which headers other sites may send"),
    ("access-control-allow-credentials", "Whether other sites may send cookies"),
    ("access-control-expose-headers", "Which headers other sites may read"),
    ("access-control-max-age", "How long that may be remembered"),
    ("referrer-policy", "What links tell of where a reader came from"),
    ("permissions-policy", "Which abilities of the browser a page may use"),
    ("x-frame-options", "Whether other sites may show it in a frame"),
    ("cross-origin-opener-policy", "Whether pages that opened it may reach it"),
    ("cross-origin-embedder-policy", "What may be embedded in it"),
    ("cross-origin-resource-policy", "Who may embed it"),
    ("x-robots-tag", "What search engines may do with it"),
    ("content-disposition", "Whether it is shown or saved"),
    ("content-language", "The language it is written in"),
    ("link", "What belongs to it"),
    ("timing-allow-origin", "Who may measure it"),
    ("service-worker-allowed", "How far a service worker reaches"),
    ("sourcemap", "Where the source of a script is"),
];

/// Names that begin with `x-` and are not for sites to say.
const RESERVED: &[&str] =
    &["x-content-type-options", "x-accel-", "x-sendfile", "x-forwarded-", "x-real-ip", "x-powered-by"];

/// A header as it is sent: name in lower case, value without blanks around it.
///
/// # Errors
/// `Invalid("name")`, `Invalid("value")`.
pub fn check_header(name: &str, value: &str) -> Result<(String, String)> {
    let name = name.trim().trim_end_matches(':').to_ascii_lowercase();
    let value = value.trim();
    if name.is_empty() {
        return Err(Error::invalid("name", Code::Required, ""));
    }
    let own = name.starts_with("x-")
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !RESERVED.iter().any(|reserved| name.starts_with(reserved));
    if !own && !KNOWN.iter().any(|(known, _)| *known == name) {
        let why = format!("\u{201c}{name}\u{201d} is the server\u{2019}s to say; names of your own begin with x-");
        return Err(Error::invalid("name", Code::NotAllowed, why));
    }
    if value.is_empty() {
        return Err(Error::invalid("value", Code::Required, ""));
    }
    if value.len() > LONGEST {
        return Err(Error::invalid("value", Code::TooLong, LONGEST.to_string()));
    }
    let wrong = |why: &str| Err(Error::invalid("value", Code::Malformed, why.to_owned()));
    if !value.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return wrong("one line of plain letters and signs");
    }
    if let Some(why) = complaint(&name, value) {
        return wrong(why);
    }
    Ok((name, value.to_owned()))
}

/// What is wrong with a value of a header whose form is known.
fn complaint(name: &str, value: &str) -> Option<&'static str> {
    let one_of = |all: &[&str]| all.iter().any(|known| value.eq_ignore_ascii_case(known));
    let fine = match name {
        "content-type" => is_media_type(value),
        "access-control-allow-origin" => value == "*" || value == "null" || is_origin(value),
        "access-control-allow-credentials" => value == "true",
        "access-control-max-age" => value.bytes().all(|b| b.is_ascii_digit()) && value.len() <= 9,
        "access-control-allow-methods" | "access-control-allow-headers" | "access-control-expose-headers" => {
            value == "*" || value.split(',').all(|part| is_token(part.trim()))
        }
        "cache-control" => value.split(',').all(|part| is_cache_word(part.trim())),
        "x-frame-options" => one_of(&["deny", "sameorigin"]),
        "referrer-policy" => value.split(',').all(|part| REFERRER.contains(&part.trim())),
        "cross-origin-opener-policy" => {
            one_of(&["same-origin", "same-origin-allow-popups", "unsafe-none", "noopener-allow-popups"])
        }
        "cross-origin-embedder-policy" => one_of(&["require-corp", "unsafe-none", "credentialless"]),
        "cross-origin-resource-policy" => one_of(&["same-origin", "same-site", "cross-origin"]),
        "content-disposition" => value.starts_with("inline") || value.starts_with("attachment"),
        "content-security-policy" | "content-security-policy-report-only" => is_policy(value),
        _ => true,
    };
    if fine {
        return None;
    }
    Some(match name {
        "content-type" => "a type such as text/plain; charset=utf-8",
        "access-control-allow-origin" => "* or one origin such as https://example.org",
        "access-control-allow-credentials" => "true",
        "access-control-max-age" => "a number of seconds",
        "cache-control" => "words such as public, max-age=3600, immutable",
        "x-frame-options" => "DENY or SAMEORIGIN",
        "referrer-policy" => "a policy such as no-referrer or strict-origin-when-cross-origin",
        "content-disposition" => "inline or attachment",
        "content-security-policy" | "content-security-policy-report-only" => {
            "directives such as default-src 'self'; img-src *"
        }
        "cross-origin-opener-policy" | "cross-origin-embedder-policy" | "cross-origin-resource-policy" => {
            "a value such as same-origin"
        }
        _ => "a list of names",
    })
}

const REFERRER: &[&str] = &[
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

/// Words of `Cache-Control` in answers (RFC 9111 section 5.2.2 and what came later).
fn is_cache_word(word: &str) -> bool {
    let (name, number) = word.split_once('=').map_or((word, None), |(name, number)| (name, Some(number)));
    let seconds = number.is_some_and(|n| !n.is_empty() && n.len() <= 10 && n.bytes().all(|b| b.is_ascii_digit()));
    match name.to_ascii_lowercase().as_str() {
        "max-age" | "s-maxage" | "stale-while-revalidate" | "stale-if-error" => seconds,
        "public" | "private" | "no-cache" | "no-store" | "no-transform" | "must-revalidate" | "proxy-revalidate"
        | "immutable" | "must-understand" => number.is_none(),
        _ => false,
    }
}

/// A directive's name is letters and hyphens; a whole policy of one wrong word would protect nothing.
fn is_policy(value: &str) -> bool {
    const MORE: &[&str] = &[
        "base-uri",
        "form-action",
        "frame-ancestors",
        "sandbox",
        "report-uri",
        "report-to",
        "upgrade-insecure-requests",
        "require-trusted-types-for",
        "trusted-types",
        "block-all-mixed-content",
    ];
    let known = |name: &str| {
        MORE.contains(&name) || name.ends_with("-src") || name.ends_with("-src-elem") || name.ends_with("-src-attr")
    };
    let names: Vec<&str> = value.split(';').filter_map(|part| part.split_whitespace().next()).collect();
    !names.is_empty() && names.iter().all(|name| known(&name.to_ascii_lowercase()))
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn is_media_type(value: &str) -> bool {
    let mut parts = value.split(';');
    let name = parts.next().unwrap_or_default().trim();
    name.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
        && parts.all(|part| part.trim().split_once('=').is_some_and(|(name, text)| is_token(name) && !text.is_empty()))
}

fn is_origin(value: &str) -> bool {
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    rest.is_some_and(|host| {
        let (name, port) = host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
        freehold_base::HostName::parse(name).is_ok_and(|h| h.as_str() == name)
            && port.is_none_or(|port| port.parse::<u16>().is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::check_header;

    #[test]
    fn what_the_server_says_itself_and_what_is_malformed_is_refused() {
        for (name, value, fine) in [
            ("Cache-Control", "public, max-age=31536000, immutable", true),
            ("cache-control", "for ever", false),
            ("cache-control", "max-age=soon", false),
            ("X-Clacks-Overhead", "GNU Terry Pratchett", true),
            ("x-content-type-options", "none", false),
            ("x-accel-redirect", "/secret", false),
            ("Set-Cookie", "a=b", false),
            ("Content-Length", "3", false),
            ("transfer-encoding", "chunked", false),
            ("strict-transport-security", "max-age=1", false),
            ("location", "https://evil.example", false),
            ("date", "now", false),
            ("x-a b", "c", false),
            ("x-a", "line\r\nset-cookie: a=b", false),
            ("x-a", "caf\u{e9}", false),
            ("x-a", "", false),
            ("", "x", false),
            ("access-control-allow-origin", "*", true),
            ("access-control-allow-origin", "https://example.org", true),
            ("access-control-allow-origin", "example.org", false),
            ("access-control-allow-origin", "https://a.example, https://b.example", false),
            ("access-control-allow-methods", "GET, POST", true),
            ("access-control-allow-methods", "GET; POST", false),
            ("content-type", "application/wasm", true),
            ("content-type", "text/plain; charset=utf-8", true),
            ("content-type", "html", false),
            ("content-security-policy", "default-src 'self'; img-src *", true),
            ("content-security-policy", "allow everything", false),
            ("x-frame-options", "DENY", true),
            ("x-frame-options", "maybe", false),
            ("referrer-policy", "no-referrer", true),
        ] {
            assert_eq!(check_header(name, value).is_ok(), fine, "{name}: {value}");
        }
    }
}
