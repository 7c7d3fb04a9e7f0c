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
        "make_main" => "made main:",
        "redirect" => "lets lead on:",
        "serve" => "shows the site at",
        "start" | "run" => "started",
        "cancel" => "stopped",
        "retry" => "tried again",
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
    let (noun, act) = action.split_once('.').unwrap_or((action, ""));
    let did = match action {
        "entry.create" => "began".to_owned(),
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
            Change { did, what, href: to("people") }
        }
        "media" => Change { did, what: named.to_owned(), href: to("media") },
        "comment" => Change { did: format!("{did} a"), what: "comment".into(), href: to("comments") },
        "menu" => Change { did: format!("{did} the menu"), what: named.to_owned(), href: to("menus") },
        "import" => Change { did: format!("{did} an"), what: "import".into(), href: to("import") },
        _ => Change { did: format!("{did} {noun}"), what: named.to_owned(), href: String::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
