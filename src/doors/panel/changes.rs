//! Rows of the audit log in plain words.

/// A change as a sentence's parts: `published` `Fresh bread`, and where it is now.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// What was done: `published`.
    pub did: String,
    /// To what, in its own words; may be empty.
    pub what: String,
    /// Address in the panel; empty where there is none.
    pub href: String,
}

/// The verb of an action's second half.
fn verb(act: &str) -> &str {
    match act {
        "create" | "add" => "added",
        "save" | "update" | "describe" | "edit" => "changed",
        "publish" => "published",
        "schedule" => "scheduled",
        "unpublish" | "draft" => "took back",
        "review" => "sent to review",
        "archive" => "archived",
        "trash" => "moved to the trash",
        "restore" => "restored",
        "delete" | "remove" => "deleted",
        "merge" => "merged",
        "approve" => "approved",
        "spam" => "marked as spam",
        "hold" => "put on hold",
        "reply" => "answered",
        "take_over" => "took over",
        "invite" => "invited",
        "role" => "changed the role of",
        "place" => "placed",
        "make_main" => "made main:",
        "prove" => "showed to be theirs:",
        "redirect" => "lets lead on:",
        "serve" => "shows the site at",
        "start" | "run" => "started",
        "cancel" => "stopped",
        "retry" => "tried again",
        "pause" => "paused",
        "disable" => "switched off",
        "enable" => "let in again",
        "resume" => "resumed",
        other => other,
    }
}

/// The text between typographic quotes, else all of it.
fn quoted(object: &str) -> &str {
    let inner =
        object.split_once('\u{201c}').and_then(|(_, rest)| rest.rsplit_once('\u{201d}')).map(|(inner, _)| inner);
    inner.unwrap_or(object)
}

/// A row in words. `base`: home of the site in the panel.
pub fn describe(action: &str, object: &str, base: &str) -> Change {
    let mut change = described(action, object, base);
    // What belongs to no site has no page below one.
    if base.is_empty() && !change.href.starts_with("/admin/") {
        change.href.clear();
    }
    change
}

fn described(action: &str, object: &str, base: &str) -> Change {
    let (noun, act) = action.split_once('.').unwrap_or((action, ""));
    let did = match action {
        "entry.create" => "began".to_owned(),
        "session.begin" => "signed in".to_owned(),
        "session.renew" => "was seen again with another address".to_owned(),
        "session.end" => "ended a session".to_owned(),
        "session.end_others" => "ended all other sessions".to_owned(),
        "session.end_all" => "ended all sessions of".to_owned(),
        "session.refuse" => "was refused at sign-in as".to_owned(),
        "password.change" => "changed the own password".to_owned(),
        "password.reset" => "chose a new password".to_owned(),
        "password.reset_asked" => "asked for a new password for".to_owned(),
        "password.link" => "made a sign-in link for".to_owned(),
        "factor.enrol" => "began to set up two-step sign-in".to_owned(),
        "factor.set" => "turned two-step sign-in on".to_owned(),
        "factor.remove" => "turned two-step sign-in off for".to_owned(),
        "factor.recovery_codes" => "made new recovery codes".to_owned(),
        "server.claim" => "set the server up".to_owned(),
        "person.accept" => "joined".to_owned(),
        "person.profile" => "changed the profile of".to_owned(),
        "person.import" => "brought in".to_owned(),
        "token.create" => "made an API token for".to_owned(),
        "token.revoke" => "revoked an API token of".to_owned(),
        _ => verb(act).replace('_', " "),
    };
    let to = |page: &str| format!("{base}/{page}");
    let mut words = object.split(' ');
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let named = match quoted(object) {
        "" => "Untitled",
        text => text,
    };
    match noun {
        "entry" => {
            let list = if first == "page" { "pages" } else { "posts" };
            let href = match (act, second.parse::<i64>()) {
                ("delete", _) | (_, Err(_)) => String::new(),
                (_, Ok(id)) => to(&format!("{list}/{id}")),
            };
            Change { did, what: named.to_owned(), href }
        }
        "term" => {
            let page = if first == "tag" { "terms/tag" } else { "terms/category" };
            Change { did: format!("{did} the {first}"), what: named.to_owned(), href: to(page) }
        }
        "settings" => Change { did: "changed the".into(), what: "settings".into(), href: to("settings") },
        "site" => Change { did: format!("{did} the site"), what: named.to_owned(), href: String::new() },
        "domain" => Change { did, what: object.to_owned(), href: to("domains") },
        // `person 3 mara@example.org`
        "person" => {
            let what = object.splitn(3, ' ').nth(2).unwrap_or(object).to_owned();
            let href = match (base, second.parse::<i64>()) {
                ("", Ok(id)) => format!("/admin/server/people/{id}"),
                ("", Err(_)) => String::new(),
                _ => to("people"),
            };
            Change { did, what, href }
        }
        // `12 mail.send`
        "job" => {
            let home = if base.is_empty() { "/admin/server/jobs".to_owned() } else { to("jobs") };
            let href = first.parse::<i64>().map_or_else(|_| String::new(), |id| format!("{home}/{id}"));
            let what = if second.is_empty() { object.to_owned() } else { super::jobs::words::title(second) };
            Change { did: format!("{did} the job"), what: format!("“{what}”"), href }
        }
        // `person 3 mara@example.org`; where the sentence ends without a name, it is the actor.
        "session" | "password" | "factor" | "token" => {
            let named = [" of", " for", " as"].iter().any(|end| did.ends_with(end));
            let email = object.splitn(3, ' ').nth(2).filter(|_| named).unwrap_or_default();
            Change { did, what: email.to_owned(), href: String::new() }
        }
        "server" => Change { did, what: String::new(), href: String::new() },
        "account" => Change { did, what: named.to_owned(), href: String::new() },
        "media" => Change { did, what: named.to_owned(), href: to("media") },
        "comment" => Change { did: format!("{did} a"), what: "comment".into(), href: to("comments") },
        "menu" => Change { did: format!("{did} the menu"), what: named.to_owned(), href: to("menus") },
        "import" => Change { did: format!("{did} the import of"), what: named.to_owned(), href: to("import") },
        _ => Change { did: format!("{did} {noun}"), what: named.to_owned(), href: String::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_no_site_leads_to_the_server_or_nowhere() {
        let said = |action: &str, object: &str| {
            let c = describe(action, object, "");
            (format!("{} {}", c.did, c.what).trim_end().to_owned(), c.href)
        };
        let ok = |words: &str, href: &str| (words.to_owned(), href.to_owned());
        let jo = "person 3 jo@example.org";
        assert_eq!(said("session.begin", jo), ok("signed in", ""));
        assert_eq!(said("session.refuse", jo), ok("was refused at sign-in as jo@example.org", ""));
        assert_eq!(said("token.create", jo), ok("made an API token for jo@example.org", ""));
        assert_eq!(said("person.disable", jo), ok("switched off jo@example.org", "/admin/server/people/3"));
        assert_eq!(said("job.run", "7 mail.send"), ok("started the job “Send a mail”", "/admin/server/jobs/7"));
        assert_eq!(said("domain.remove", "a.example"), ok("deleted a.example", ""));
    }

    #[test]
    fn changes_read_as_sentences() {
        let said = |action: &str, object: &str| {
            let c = describe(action, object, "/admin/s/1");
            (format!("{} {}", c.did, c.what), c.href)
        };
        let ok = |words: &str, href: &str| (words.to_owned(), href.to_owned());
        assert_eq!(
            said("entry.publish", "post 12 “Fresh “warm” bread”"),
            ok("published Fresh “warm” bread", "/admin/s/1/posts/12")
        );
        assert_eq!(said("entry.trash", "page 3 “”"), ok("moved to the trash Untitled", "/admin/s/1/pages/3"));
        assert_eq!(said("entry.delete", "post 12 “Old”"), ok("deleted Old", ""));
        assert_eq!(
            said("term.add", "category “Journal”"),
            ok("added the category Journal", "/admin/s/1/terms/category")
        );
        assert_eq!(said("settings.save", "settings"), ok("changed the settings", "/admin/s/1/settings"));
        assert_eq!(said("person.invite", "person 3 jo@example.org"), ok("invited jo@example.org", "/admin/s/1/people"));
        assert_eq!(said("domain.add", "www.example.org"), ok("added www.example.org", "/admin/s/1/domains"));
        assert_eq!(said("new_thing.odd_act", "x"), ok("odd act new_thing x", ""));
        assert_eq!(said("import.run", "“site.xml”"), ok("started the import of site.xml", "/admin/s/1/import"));
        assert_eq!(
            said("job.retry", "12 import.wxr"),
            ok("tried again the job “Import from WordPress”", "/admin/s/1/jobs/12")
        );
    }
}
