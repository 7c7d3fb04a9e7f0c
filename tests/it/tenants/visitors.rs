//! What visitors of our sites can ask for of the other account's, and of its people.

use super::two::{MARKER, MISSING, NOBODY, Two};

/// Addresses on our site: `WORD` and `$noun$` are filled in.
const ADDRESSES: &[&str] = &[
    "/WORD-post/",
    "/WORD-page/",
    "/?p=$post$",
    "/?page_id=$page$",
    "/?author=$user$",
    "/?cat=$term$",
    "/?attachment_id=$media$",
    "/author/WORD-owner/",
    "/author/WORD-owner/feed/",
    "/author/WORD-owner/feed/atom/",
    "/author/WORD-owner/page/1/",
    "/author/WORD-owner/page/2/",
    "/author/WORD-owner/?after=1",
    "/author/WORD-seller/",
    "/author/WORD-seller/feed/",
    "/category/WORD-things/",
    "/category/WORD-things/feed/",
    "/tag/WORD-tag/",
    "/WORD-post/feed/",
    "/media/$hash$/WORD.gif",
    "/wp-content/uploads/WORD.gif",
    "/WORD/kept.txt",
    "/../$account$/home/WORD/kept.txt",
    "/..%2f$account$%2fhome%2fWORD%2fkept.txt",
    "/%2e%2e/%2e%2e/$account$/home/WORD/kept.txt",
    "/to-WORD/kept.txt",
];

// rule: C2
#[test]
fn c02_no_site_shows_visitors_what_is_of_another_account() {
    Two::walk(|two| {
        let port = two.harbour.node.site.rsplit(':').next().unwrap();
        let ask = |host: &str, address: &str, nobodys: bool| {
            let word = if nobodys { NOBODY } else { MARKER };
            let mut asked = vec![word.to_owned()];
            let parts = address.split('$').enumerate().map(|(n, part)| match (n % 2, nobodys) {
                (0, _) => part.to_owned(),
                (_, true) if part == "hash" => "ab".repeat(32),
                (_, true) => MISSING.to_owned(),
                (_, false) => two.theirs.id(part).to_owned(),
            });
            let parts: Vec<String> = parts.collect();
            asked.extend(parts.iter().skip(1).step_by(2).cloned());
            let url = format!("{}{}", two.harbour.node.site, parts.concat().replace("WORD", word));
            let head = format!("Host: {host}:{port}");
            let words = ["-sS", "--noproxy", "*", "--path-as-is", "-i", "-H", &head, &url];
            let said = crate::transfer::harbour::run("curl", &words, &[], "").good();
            // Headers come in any order.
            let (head, body) = said.split_once("\r\n\r\n").unwrap();
            let mut lines: Vec<&str> = head.split("\r\n").filter(|line| !line.starts_with("date:")).collect();
            lines[1..].sort_unstable();
            let said = format!("{}\n\n{body}", lines.join("\n"));
            asked.iter().fold(said, |said, name| said.replace(name.as_str(), "\u{b7}"))
        };
        let ours = two.ours.word;
        for host in ["pelicaned-ltd.localhost", "pelicaned-files.localhost"] {
            for address in ADDRESSES {
                let (theirs, nobodys) = (ask(host, address, false), ask(host, address, true));
                assert_eq!(theirs, nobodys, "{host}{address} ({ours})");
            }
        }
        // On their own site they are there.
        for address in ["/WORD-post/", "/author/WORD-owner/feed/", "/media/$hash$/WORD.gif", "/category/WORD-things/"] {
            let said = ask("kittiwake-ltd.localhost", address, false);
            assert!(said.starts_with("HTTP/1.1 200"), "{address}: {said}");
        }
    });
}
