//! Rows of the audit log in plain words.

use freehold_base::JailPath;

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
        "let_in" => "let in",
        "shut_out" => "took off",
        "import" => "brought in",
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
        "session.confirm" => "showed anew who they are".to_owned(),
        "session.end_old" => "ended an old session of".to_owned(),
        "passkey.add" => "added a passkey to".to_owned(),
        "passkey.rename" => "renamed a passkey of".to_owned(),
        "passkey.remove" => "removed a passkey of".to_owned(),
        "passkey.refuse" => "was refused a passkey as".to_owned(),
        "factor.rule" => "set who must have a second factor".to_owned(),
        "domain.claim_end" => "ended the claim on".to_owned(),
        "domain.yield" => "gave up, to who has its text record,".to_owned(),
        "network.block" => "blocked the network".to_owned(),
        "network.let_in" => "let in the network".to_owned(),
        "token.refuse" => "was refused a token from a wrong address".to_owned(),
        "factor.enrol" => "began to set up two-step sign-in".to_owned(),
        "factor.set" => "turned two-step sign-in on".to_owned(),
        "factor.remove" => "turned two-step sign-in off for".to_owned(),
        "factor.recovery_codes" => "made new recovery codes".to_owned(),
        "server.claim" => "set the server up".to_owned(),
        "person.accept" => "joined".to_owned(),
        "person.profile" => "changed the profile of".to_owned(),
        "person.import" => "brought in".to_owned(),
        "token.create" => "made an API token for".to_owned(),
        "account.open_as_owner" => "opened as its owner".to_owned(),
        "account.leave" => "left".to_owned(),
        "account.create" => "made the account".to_owned(),
        "account.rename" => "renamed".to_owned(),
        "account.plan" => "changed the plan of".to_owned(),
        "account.suspend" | "reseller.suspend" => "suspended".to_owned(),
        "account.unsuspend" | "reseller.unsuspend" => "opened again".to_owned(),
        "account.terminate" => "closed".to_owned(),
        "account.restore" => "took back".to_owned(),
        "account.end" => "let end".to_owned(),
        "account.gone" => "ended for good".to_owned(),
        "site.move" => "moved".to_owned(),
        "file.carry" => "brought a site\u{2019}s files to".to_owned(),
        "plan.create" | "reseller.create" => "made".to_owned(),
        "reseller.brand" => "changed the brand of".to_owned(),
        "token.revoke" => "revoked an API token of".to_owned(),
        "file.new" => "made the file".to_owned(),
        "file.new_folder" => "made the folder".to_owned(),
        "file.rename" => "renamed".to_owned(),
        "file.move" => "moved".to_owned(),
        "file.copy" => "copied".to_owned(),
        "file.permissions" => "set the permissions of".to_owned(),
        "file.repair_permissions" => "repaired the permissions of".to_owned(),
        "file.restore_version" => "brought back an earlier version of".to_owned(),
        "file.upload" => "uploaded".to_owned(),
        "file.begin_upload" => "began to upload".to_owned(),
        "file.cancel_upload" => "gave up the upload of".to_owned(),
        "file.pack" => "packed".to_owned(),
        "file.unpack" => "unpacked".to_owned(),
        "file.refused" => "was refused at".to_owned(),
        "cron.run" => "ran".to_owned(),
        "access.create_login" => "made".to_owned(),
        "access.set_password" => "set a new password of".to_owned(),
        "access.revoke_login" => "revoked".to_owned(),
        "access.change_login" => "changed".to_owned(),
        "access.add_key" => "added an SSH key to".to_owned(),
        "access.remove_key" => "removed an SSH key of".to_owned(),
        "access.sign_in" => "reached the files by".to_owned(),
        "theme.activate" => "gave the site the theme".to_owned(),
        "theme.install" => "added the theme".to_owned(),
        "theme.remove" => "removed the theme".to_owned(),
        "theme.begin" => "began the theme".to_owned(),
        "theme.write_file" => "changed a file of the theme".to_owned(),
        "theme.delete_file" => "deleted a file of the theme".to_owned(),
        "theme.still_fine" => "found a file of the theme still fine".to_owned(),
        "design.draft" => "tried out settings of the theme".to_owned(),
        "design.discard" => "threw away a draft of the theme".to_owned(),
        "design.publish" => "published the design".to_owned(),
        "design.schedule" => "set a time for the design".to_owned(),
        "design.unschedule" => "took back the time of the design".to_owned(),
        "design.share" => "shared the design".to_owned(),
        "design.unshare" => "ended the link to the design".to_owned(),
        "design.undo" => "took the design back to".to_owned(),
        "design.restore" => "brought back the design".to_owned(),
        "terminal.open" => "opened a".to_owned(),
        "terminal.close" => "closed a".to_owned(),
        "terminal.refuse" => "was refused a".to_owned(),
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
        "theme" => Change { did, what: named.to_owned(), href: to("theme") },
        "design" => {
            let page = if matches!(act, "publish" | "undo" | "restore") { "theme-history" } else { "theme-customise" };
            Change { did, what: object.to_owned(), href: to(page) }
        }
        "domain" => Change { did, what: object.to_owned(), href: to("domains") },
        "redirect" => Change { did: format!("{did} the redirect"), what: object.to_owned(), href: to("redirects") },
        "header" => Change { did: format!("{did} the header"), what: object.to_owned(), href: to("rules") },
        "private_folder" => {
            let did = match act {
                "let_in" | "shut_out" => did,
                _ => format!("{did} the private folder"),
            };
            Change { did, what: object.to_owned(), href: to("rules") }
        }
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
        "session" | "password" | "passkey" | "factor" | "token" => {
            let named = [" of", " for", " as"].iter().any(|end| did.ends_with(end));
            let email = object.splitn(3, ' ').nth(2).filter(|_| named).unwrap_or_default();
            Change { did, what: email.to_owned(), href: String::new() }
        }
        "network" => Change { did, what: object.to_owned(), href: "/admin/server/security/networks".to_owned() },
        "server" => Change { did, what: String::new(), href: String::new() },
        "file" => {
            let path = object.strip_prefix('/').and_then(|path| JailPath::parse(path).ok()).unwrap_or_default();
            let here = !path.is_root() && act != "delete" && act != "trash";
            let files = to("files");
            let href = if here { super::files::edit::chosen_in_list(&files, &path) } else { files };
            Change { did, what: object.to_owned(), href }
        }
        // `4 Tide tables`
        "cron" => {
            let (id, name) = object.split_once(' ').unwrap_or((object, object));
            let href = match id.parse::<i64>() {
                Ok(id) if act != "remove" => to(&format!("cron/{id}")),
                _ => to("cron"),
            };
            Change { did: format!("{did} the command"), what: name.to_owned(), href }
        }
        // `login mara@harbour`, `person 3 mara@example.org`
        "access" if first == "login" => {
            let name = object.strip_prefix("login ").unwrap_or(object);
            Change { did: format!("{did} the login"), what: name.to_owned(), href: to("access") }
        }
        "access" => {
            let email = object.splitn(3, ' ').nth(2).unwrap_or_default();
            Change { did, what: email.to_owned(), href: String::new() }
        }
        "terminal" => Change { did, what: "terminal".to_owned(), href: to("terminal") },
        // `account 7 Skog & Data`, `plan 3 Studio`, `reseller 2 Kust`
        "account" | "plan" | "reseller" => {
            let what = object.splitn(3, ' ').nth(2).unwrap_or(named).to_owned();
            let href = match second.parse::<i64>() {
                Ok(id) if !matches!(act, "delete" | "gone") => format!("/admin/server/{noun}s/{id}"),
                _ => String::new(),
            };
            let did = if noun == "account" { did } else { format!("{did} the {noun}") };
            Change { did, what, href }
        }
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
        assert_eq!(said("file.trash", "/a/b.txt"), ok("moved to the trash /a/b.txt", ""));
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
        assert_eq!(
            said("file.save", "/public/a b.css"),
            ok("changed /public/a b.css", "/admin/s/1/files/public?open=a+b.css")
        );
        assert_eq!(said("file.trash", "/public/a.css"), ok("moved to the trash /public/a.css", "/admin/s/1/files"));
        assert_eq!(said("import.run", "“site.xml”"), ok("started the import of site.xml", "/admin/s/1/import"));
        assert_eq!(said("cron.run", "4 Tide tables"), ok("ran the command Tide tables", "/admin/s/1/cron/4"));
        assert_eq!(said("cron.remove", "4 Tide tables"), ok("deleted the command Tide tables", "/admin/s/1/cron"));
        assert_eq!(
            said("design.publish", "croft: palette, measure"),
            ok("published the design croft: palette, measure", "/admin/s/1/theme-history")
        );
        assert_eq!(
            said("design.draft", "croft: palette"),
            ok("tried out settings of the theme croft: palette", "/admin/s/1/theme-customise")
        );
        assert_eq!(said("terminal.open", "from 127.0.0.1"), ok("opened a terminal", "/admin/s/1/terminal"));
        assert_eq!(said("access.create_login", "login deploy"), ok("made the login deploy", "/admin/s/1/access"));
        assert_eq!(
            said("job.retry", "12 import.wxr"),
            ok("tried again the job “Import from WordPress”", "/admin/s/1/jobs/12")
        );
    }
}
