//! Two customers on one server, in a world of names.

use crate::cli::{run, run_in};
use crate::node::{Browser, Launch, Node, location};
use crate::support::until;

use super::names::Names;

/// Where the world reaches the server.
pub const OWN: &str = "[\"203.0.113.10\", \"2001:db8:4f::10\"]";
const PASSWORD: &str = "a-rope-of-seven-strands";

/// A server with its hosting admin, and two customers with an account and a site each.
pub struct House {
    pub node: Node,
    /// The hosting admin.
    pub mara: Browser,
    /// A customer: account 2, site 2 at `net-loft.localhost`.
    pub nils: Browser,
    /// Another one: account 3, site 3 at `boatyard.localhost`.
    pub jonas: Browser,
}

/// One house for each kind of database, all in one world of names.
pub fn houses(names: &Names, more: &[(&str, &str)]) -> Vec<House> {
    let with = |launch: Launch| {
        let all = names.environment(OWN);
        let launch = all.iter().fold(launch, |launch, (name, value)| launch.env(name, value));
        more.iter().fold(launch, |launch, (name, value)| launch.env(name, value))
    };
    Launch::all().into_iter().map(|launch| house(with(launch).start())).collect()
}

fn house(node: Node) -> House {
    let mara = Browser::of(&node);
    mara.set_up(&node);
    let customer = |email: &str, account: &str, site: &str, title: &str| {
        let said = |words: &[&str]| {
            let said = run(&node, words);
            assert_eq!(said.code, 0, "{words:?}: {}", said.err);
        };
        said(&["account", "create", title]);
        let host = format!("{site}.localhost");
        said(&["site", "create", "--title", title, "--host", &host, "--account", account]);
        let made =
            run_in(node.data.path(), &node.database_url, &["user", "create", email, "--password-stdin"], PASSWORD);
        assert_eq!(made.code, 0, "{}", made.err);
        said(&["user", "role", email, "owner", "--account", account]);
        let browser = Browser::of(&node);
        let answer = browser.post("/admin/login", &[("email", email), ("password", PASSWORD)]);
        assert_eq!(answer.status(), 303, "{}", answer.text().unwrap());
        browser
    };
    let nils = customer("nils@example.org", "2", "net-loft", "Net loft");
    let jonas = customer("jonas@example.org", "3", "boatyard", "Boatyard");
    House { mara, nils, jonas, node }
}

impl House {
    /// Asks the visitors' door under a name: status, text, where it leads on.
    pub fn visit(&self, host: &str) -> (u16, String, String) {
        self.visit_at(host, "/")
    }
    /// As [`House::visit`], another address.
    pub fn visit_at(&self, host: &str, path: &str) -> (u16, String, String) {
        let port = self.node.site.rsplit(':').next().unwrap();
        let host = format!("{host}:{port}");
        let answer = self.mara.http.get(format!("{}{path}", self.node.site)).header("host", host).send().unwrap();
        let to = answer.headers().get("location").map(|l| l.to_str().unwrap().to_owned()).unwrap_or_default();
        (answer.status().as_u16(), answer.text().unwrap(), to)
    }
    /// The status under a name.
    pub fn status(&self, host: &str) -> u16 {
        self.visit(host).0
    }
}

/// Adds a name in the panel; gives where the panel goes on to.
pub fn add(who: &Browser, site: i64, form: &[(&str, &str)]) -> String {
    let answer = who.post(&format!("/admin/s/{site}/domains"), form);
    let status = answer.status();
    if status != 303 {
        panic!("{status}: {}", answer.text().unwrap());
    }
    location(&answer)
}

/// The page of a name's set-up.
pub fn page(who: &Browser, site: i64, host: &str) -> String {
    who.get(&format!("/admin/s/{site}/domains/{host}")).text().unwrap()
}

/// Lets the server look again, and waits until its page says something.
pub fn look_until(who: &Browser, site: i64, host: &str, what: &str) -> String {
    let mut last = String::new();
    let address = format!("/admin/s/{site}/domains/{host}");
    assert_eq!(who.post(&address, &[("do", "look")]).status(), 303);
    until(&format!("the page of {host} says {what}"), || {
        last = page(who, site, host);
        last.contains(what)
    });
    last
}
