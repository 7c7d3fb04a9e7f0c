//! Security rule C1: every route of the panel, asked by everybody. What is expected comes from the table of routes and
//! from the roles' own capabilities alone, so that a new route is walked on the day it is added.
//!
//! A person whom the table lets through may be refused by the service for another reason (there is no such entry, the
//! form is empty), never for lack of rights: a route declares the right it really needs.

use std::time::Duration;

use freehold_doors::panel::access::{Access, RouteLine};
use freehold_doors::panel::routes;
use reqwest::Method;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;

use crate::node::Launch;
use crate::world::{FOREIGN, HOME, Persona, Standing, World};

/// Routes whose service asks for more than their line: (method, pattern, why). Keep it short.
const STRICTER: &[(&str, &str, &str)] = &[
    ("POST", "/admin/login/factor", "only for a half session that waits for its factor to be set up"),
    ("POST", "/admin/login/factor/passkey", "only for a half session that waits for its factor to be set up"),
];

/// A number and name that nothing has.
const MISSING: &str = "999999";

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// What came of a request, as far as rights go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Sign in first.
    SignIn,
    /// Not with these rights.
    Denied,
    /// There is no such site, as far as this person can tell.
    NoSite,
    /// Not from that origin.
    Foreign,
    /// The route does not have this method.
    NoMethod,
    /// It reached its handler.
    Through,
}

fn expected(access: Access, person: &Persona) -> Seen {
    let signed = person.standing == Standing::Whole;
    let by = |held: bool, other| if held { Seen::Through } else { other };
    match access {
        Access::Open => Seen::Through,
        Access::Half => by(person.standing == Standing::Half, Seen::SignIn),
        _ if !signed => Seen::SignIn,
        Access::Signed => Seen::Through,
        Access::Site(_) if person.on_home == freehold_base::capability::Capabilities::NONE => Seen::NoSite,
        Access::Site(capability) => by(person.on_home.has(capability), Seen::Denied),
        Access::Account(capability) => by(person.on_accounts.has(capability), Seen::Denied),
        Access::Customers(capability) => by(person.on_customers.has(capability), Seen::Denied),
        Access::Server(capability) => by(person.on_server.has(capability), Seen::Denied),
    }
}

/// An address of a pattern: `{site}` of a site's route, and one value for every other name.
fn fill(line: &RouteLine, site: &str, other: &str) -> String {
    let mut out = String::new();
    let mut rest = line.path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').expect("a whole pattern");
        let of_site = matches!(line.access, Access::Site(_)) && name == "site";
        out.push_str(before);
        out.push_str(if of_site { site } else { other });
        rest = after;
    }
    out + rest
}

/// An answer: its status, its code as programs see it, and its sentence.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    code: String,
    title: String,
}

impl Answer {
    fn seen(&self) -> Seen {
        match self.code.as_str() {
            "sign_in_required" => Seen::SignIn,
            "denied" => Seen::Denied,
            "foreign_origin" => Seen::Foreign,
            "method_not_allowed" => Seen::NoMethod,
            "not_found" if self.title.contains("no such site") => Seen::NoSite,
            _ => Seen::Through,
        }
    }
}

struct Walker<'a> {
    world: &'a World,
    http: Client,
}

impl<'a> Walker<'a> {
    fn new(world: &'a World) -> Self {
        let timeout = Duration::from_secs(60);
        let http = Client::builder().redirect(Policy::none()).no_proxy().timeout(timeout).build().unwrap();
        Self { world, http }
    }
    fn ask(&self, person: &Persona, method: &str, path: &str, origin: (&str, &str)) -> Answer {
        let url = format!("{}{path}", self.world.node.panel);
        let mut request = self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        request = request.header("accept", "application/json").header(origin.0, origin.1);
        if let Some(cookie) = person.cookie() {
            request = request.header("cookie", format!("freehold_session={cookie}"));
        }
        if !matches!(method, "GET" | "HEAD" | "TRACE") {
            request = request.form(&[("walk", "1")]);
        }
        let answer = request.send().unwrap_or_else(|e| panic!("{method} {path} as {}: {e}", person.name));
        let status = answer.status().as_u16();
        assert!(status != 500, "{method} {path} as {}: {}", person.name, self.world.node.said());
        let problem = answer.headers().get("content-type").is_some_and(|t| t == "application/problem+json");
        if !problem {
            return Answer { status, code: String::new(), title: String::new() };
        }
        let body: serde_json::Value =
            answer.text().ok().and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Answer { status, code: text("code"), title: text("title") }
    }
    fn same_origin(&self, person: &Persona, method: &str, path: &str) -> Answer {
        let answer = self.ask(person, method, path, ("sec-fetch-site", "same-origin"));
        if answer.seen() == Seen::SignIn && person.standing == Standing::Whole {
            // An earlier step of the walk may have ended all of this person's sessions.
            self.world.refresh(person);
            return self.ask(person, method, path, ("sec-fetch-site", "same-origin"));
        }
        answer
    }
}

fn lines() -> Vec<RouteLine> {
    let lines = routes::table().lines().to_vec();
    assert!(lines.len() > 20, "the table is there");
    lines
}

/// Runs a walk in a world on each kind of database, at once.
fn walk(each: usize, walk: impl Fn(&Walker<'_>) + Sync) {
    std::thread::scope(|scope| {
        for launch in Launch::all() {
            let walk = &walk;
            scope.spawn(move || {
                let world = World::start(&launch, each);
                walk(&Walker::new(&world));
            });
        }
    });
}

// rule: C1
#[test]
fn c01_every_route_lets_through_whom_its_line_names_and_nobody_else() {
    let lines = lines();
    walk(lines.len() + 8, |walker| {
        let mut wrong = Vec::new();
        for line in &lines {
            let (method, home) = (line.method.as_str(), HOME.to_string());
            for person in &walker.world.people {
                let answer = walker.same_origin(person, method, &fill(line, &home, MISSING));
                let (seen, wanted) = (answer.seen(), expected(line.access, person));
                let stricter = STRICTER.iter().any(|(m, p, _)| *m == method && *p == line.path);
                if seen != wanted && !(stricter && matches!(seen, Seen::Denied | Seen::SignIn)) {
                    wrong.push(format!(
                        "{method} {} as {}: {seen:?}, not {wanted:?} ({answer:?})",
                        line.path, person.name
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        // Whatever the walk posted, everybody still is what they were.
        for person in &walker.world.people {
            let at_home = walker.same_origin(person, "GET", "/admin/s/1").seen();
            assert_eq!(at_home, expected(Access::Site(freehold_base::Capability::SiteRead), person), "{}", person.name);
        }
    });
}

// rule: C1, C2
#[test]
fn c02_a_foreign_site_and_a_missing_one_are_the_same() {
    let lines = lines();
    walk(lines.len() * 12, |walker| {
        let person = walker.world.person("administrator");
        let away = (HOME.get() + 1).to_string();
        for line in lines.iter().filter(|l| matches!(l.access, Access::Site(_))) {
            let method = line.method.as_str();
            let foreign = walker.same_origin(person, method, &fill(line, &away, MISSING));
            let missing = walker.same_origin(person, method, &fill(line, MISSING, MISSING));
            assert_eq!((foreign.status, foreign.seen()), (404, Seen::NoSite), "{method} {}", line.path);
            assert_eq!(foreign, missing, "{method} {}", line.path);
            // Numbers of another tenant's things on an own site's address: as if there were nothing.
            if line.path.replacen("{site}", "", 1).contains('{') {
                let home = HOME.to_string();
                let missing = walker.same_origin(person, method, &fill(line, &home, MISSING));
                for number in FOREIGN..FOREIGN + 4 {
                    let foreign = walker.same_origin(person, method, &fill(line, &home, &number.to_string()));
                    assert_eq!(foreign, missing, "{method} {} with number {number}", line.path);
                }
            }
        }
    });
}

// rule: C1
#[test]
fn c01_a_method_without_a_line_does_not_exist() {
    let lines = lines();
    walk(lines.len() * METHODS.len(), |walker| {
        let person = walker.world.person("hosting admin");
        let mut paths: Vec<&str> = lines.iter().map(|l| l.path).collect();
        paths.dedup();
        for path in paths {
            let of_path: Vec<&RouteLine> = lines.iter().filter(|l| l.path == path).collect();
            for method in METHODS.iter().filter(|m| of_path.iter().all(|l| l.method.as_str() != **m)) {
                let answer = walker.same_origin(person, method, &fill(of_path[0], "1", MISSING));
                assert_eq!(answer.status, 405, "{method} {path}");
            }
        }
    });
}

// rule: C7
#[test]
fn c07_no_change_from_a_foreign_origin() {
    const FORGED: [(&str, &str); 6] = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "null"),
        ("origin", "http://evil.example"),
        ("x-nothing", "1"),
    ];
    let lines = lines();
    walk(lines.len() * FORGED.len(), |walker| {
        let person = walker.world.person("hosting admin");
        for line in lines.iter().filter(|l| l.method.as_str() != "GET") {
            for forged in FORGED {
                let answer = walker.ask(person, line.method.as_str(), &fill(line, "1", MISSING), forged);
                assert_eq!((answer.status, answer.seen()), (403, Seen::Foreign), "{} {forged:?}", line.path);
            }
        }
    });
}
