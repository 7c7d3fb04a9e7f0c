//! The health page: each line that is not well says what to paste, or has a button.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::node::location;
use crate::support::until;

use super::names::Names;
use super::world::{House, add, houses};

const UNWELL: &str = "@ A 203.0.113.10\n@ CAA 0 issue \"digicert.com\"\n@ MX 10 mail.elsewhere.example.\nk1._domainkey TXT \"v=DKIM1; p=MIIB\"";
const WELL: &str = "@ A 203.0.113.10\n@ CAA 0 issue \"letsencrypt.org\"\n@ MX 10 mail.elsewhere.example.\n@ TXT \"v=spf1 mx ~all\"\nk1._domainkey TXT \"v=DKIM1; p=MIIB\"\n_dmarc TXT \"v=DMARC1; p=reject\"\nwww CNAME harbour.example.";

/// A registry that says of every name when it ends; gives its port.
fn registry(ends: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let body = format!(
                "{{\"events\":[{{\"eventAction\":\"registration\",\"eventDate\":\"2019-01-01T00:00:00Z\"}},{{\"eventAction\":\"expiration\",\"eventDate\":\"{ends}\"}}]}}"
            );
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/rdap+json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

fn checked(house: &House, host: &str) -> String {
    let asked = location(&house.mara.post(&format!("/admin/s/2/domains/{host}/health"), &[("x", "1")]));
    let mut page = String::new();
    until("the look has come", || {
        page = house.mara.get(&asked).text().unwrap();
        !page.contains("are being asked")
    });
    page
}

/// What stands on the line with this heading.
fn line<'a>(page: &'a str, heading: &str) -> &'a str {
    page.split("<li class=\"top\">")
        .find(|l| l.contains(&format!("<h2 class=\"of\">{heading}</h2>")))
        .unwrap_or_else(|| panic!("{heading}: {page}"))
}

// row: H032
#[test]
fn h032_every_line_that_is_not_well_has_a_button_or_the_text_to_paste() {
    let names = Names::start();
    let port = registry("2031-05-04T12:00:00Z");
    let more = [
        ("FREEHOLD__DNS__RDAP", format!("http://127.0.0.1:{port}/domain/")),
        ("FREEHOLD__OUTBOUND__ALLOW", format!("[\"127.0.0.1:{}\", \"127.0.0.1:{port}\"]", names.port)),
    ];
    let more: Vec<(&str, &str)> = more.iter().map(|(n, v)| (*n, v.as_str())).collect();
    for house in houses(&names, &more) {
        names.zone("harbour.example", UNWELL);
        add(&house.mara, 2, &[("host", "harbour.example"), ("what", "alias")]);
        let empty = house.mara.get("/admin/s/2/domains/harbour.example/health").text().unwrap();
        assert!(empty.contains("Nobody has looked yet"), "{empty}");
        let page = checked(&house, "harbour.example");
        for (heading, words) in [
            ("Name servers", "There is only one"),
            ("Address", "It leads here, for everybody."),
            ("With www", "Add www.harbour.example"),
            ("Certificate authorities (CAA)", "data-copy=\"0 issue &quot;letsencrypt.org&quot;\""),
            ("Mail (MX)", "mail.elsewhere.example"),
            ("Senders (SPF)", "data-copy=\"v=spf1 mx ~all\""),
            ("Signed mail (DKIM)", "k1._domainkey.harbour.example"),
            ("Forged mail (DMARC)", "data-copy=\"v=DMARC1; p=none\""),
            ("Registration", "It is paid until 4 May 2031."),
        ] {
            assert!(line(&page, heading).contains(words), "{heading}: {}", line(&page, heading));
        }
        assert!(page.contains("One thing does not work."), "{page}");
        // The button does what it says.
        let to = location(&house.mara.post("/admin/s/2/domains/harbour.example", &[("do", "www")]));
        assert!(to.contains("/domains/www.harbour.example"), "{to}");
        assert_eq!(house.status("www.harbour.example"), 301);
        names.zone("harbour.example", WELL);
        let page = checked(&house, "harbour.example");
        for heading in ["With www", "Certificate authorities (CAA)", "Senders (SPF)", "Forged mail (DMARC)"] {
            assert!(line(&page, heading).contains("aria-label=\"Well\""), "{heading}: {}", line(&page, heading));
        }
        let address = "/admin/s/2/domains/net-loft.localhost/health";
        assert_eq!(house.mara.post(address, &[("x", "1")]).status(), 409, "a name of this machine has none");
        assert!(house.mara.get(address).text().unwrap().contains("Nothing to look at"));
    }
}

// row: H032
#[test]
fn h032_a_registry_that_cannot_be_asked_is_said_plainly() {
    let names = Names::start();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let rdap = format!("http://127.0.0.1:{nobody}/domain/");
    let allow = format!("[\"127.0.0.1:{}\", \"127.0.0.1:{nobody}\"]", names.port);
    let house = houses(&names, &[("FREEHOLD__DNS__RDAP", &rdap), ("FREEHOLD__OUTBOUND__ALLOW", &allow)]).remove(0);
    names.zone("harbour.example", WELL);
    add(&house.mara, 2, &[("host", "harbour.example"), ("what", "alias")]);
    let page = checked(&house, "harbour.example");
    let registration = line(&page, "Registration");
    assert!(
        registration.contains("could not be asked") && registration.contains("Your registrar shows"),
        "{registration}"
    );
}

// row: H032
#[test]
fn h032_all_names_are_looked_at_at_night() {
    let names = Names::start();
    for house in houses(&names, &[]) {
        names.zone("harbour.example", UNWELL);
        add(&house.mara, 2, &[("host", "harbour.example"), ("what", "alias")]);
        let jobs = crate::cli::run(&house.node, &["--json", "job", "list"]).json();
        let job =
            jobs.as_array().unwrap().iter().find(|j| j["kind"] == "domain.nightly").unwrap_or_else(|| panic!("{jobs}"));
        let id = job["id"].to_string();
        assert_eq!(house.mara.post(&format!("/admin/server/jobs/{id}"), &[("do", "run")]).status(), 303);
        until("the night's look has come", || {
            let page = house.mara.get("/admin/s/2/domains/harbour.example/health").text().unwrap();
            page.contains("Only other authorities may issue certificates")
        });
    }
}
