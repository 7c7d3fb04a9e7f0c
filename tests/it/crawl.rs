//! Every page of the panel and everything of the API that can be read, asked with a session and a token: for tests that
//! look at all of what a node says.

use freehold_doors::panel::access::Access;
use freehold_doors::panel::routes;

use crate::node::{Browser, Node};

/// An answer as it came.
pub struct Said {
    /// The address.
    pub path: String,
    /// Its type; empty where it has none.
    pub content_type: String,
    /// Whether nobody may guess another type.
    pub nosniff: bool,
    /// The body.
    pub body: String,
}

/// Numbers that are tried where an address wants one.
const NUMBERS: std::ops::RangeInclusive<u32> = 1..=24;
/// Names that are tried where an address wants one.
const NAMES: &[&str] =
    &["category", "tag", "general", "reading", "discussion", "permalinks", "media", "theme", "import", "export", "1"];

fn fill(pattern: &str) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once('{') else { return vec![pattern.to_owned()] };
    let (name, after) = rest.split_once('}').unwrap();
    let values: Vec<String> = match name {
        "site" => vec!["1".into()],
        "id" | "version" => NUMBERS.map(|n| n.to_string()).collect(),
        _ => NAMES.iter().map(|n| (*n).to_owned()).collect(),
    };
    values.iter().flat_map(|value| fill(&format!("{before}{value}{after}"))).collect()
}

/// Asks for one address.
pub fn ask(browser: &Browser, url: &str, token: Option<&str>) -> Said {
    let mut request = browser.http.get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().unwrap();
    assert!(answer.status() != 500, "{url}");
    let text = |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let (content_type, nosniff) = (text("content-type"), text("x-content-type-options") == "nosniff");
    let body = String::from_utf8_lossy(&answer.bytes().unwrap()).into_owned();
    Said { path: url.to_owned(), content_type, nosniff, body }
}

/// News come for as long as somebody listens; `tests/it/jobs.rs` reads them.
const EVENTS: &str = "/admin/events";

/// Everything that the panel says to this browser.
pub fn panel(node: &Node, browser: &Browser) -> Vec<Said> {
    let table = routes::table();
    let open = |access: Access| !matches!(access, Access::Half);
    let lines = table.lines().iter().filter(|line| line.method == "GET" && open(line.access));
    let paths: Vec<String> =
        lines.flat_map(|line| fill(line.path)).filter(|path| !path.contains("logout") && path != EVENTS).collect();
    assert!(paths.len() > 100, "{}", paths.len());
    let missing = ["/admin/s/1/nowhere", "/admin/s/99/posts", "/nowhere"].map(str::to_owned);
    paths.iter().chain(&missing).map(|path| ask(browser, &format!("{}{path}", node.panel), None)).collect()
}

/// Everything that the API says to who has this token.
pub fn api(node: &Node, browser: &Browser, token: &str) -> Vec<Said> {
    let table = freehold_doors::api::routes::table();
    let lines = table.routes.lines().iter().filter(|line| line.method == "GET");
    let paths: Vec<String> = lines.flat_map(|line| fill(line.path)).collect();
    assert!(paths.len() > 50, "{}", paths.len());
    paths.iter().map(|path| ask(browser, &format!("{}{path}", node.panel), Some(token))).collect()
}
