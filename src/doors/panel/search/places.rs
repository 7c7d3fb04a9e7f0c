//! Pages, settings and acts that the palette knows, each only for those who may.

use freehold_base::Capability as C;
use freehold_base::capability::Capabilities;

use super::Item;
use super::fit::rank;
use crate::panel::menu;

/// Words, further words that find it, page below the base, icon, what it needs.
type Line = (&'static str, &'static str, &'static str, &'static str, C);

const SETTINGS: &[Line] = &[
    ("Settings: title, tagline", "name general", "settings/general", "settings", C::SettingsManage),
    ("Settings: language, time zone", "locale general", "settings/general", "settings", C::SettingsManage),
    ("Settings: home page", "front reading posts", "settings/reading", "settings", C::SettingsManage),
    ("Settings: feeds", "rss atom reading", "settings/reading", "settings", C::SettingsManage),
    ("Settings: search engines", "google index robots reading", "settings/reading", "settings", C::SettingsManage),
    ("Settings: addresses of posts", "permalinks url slug", "settings/permalinks", "settings", C::SettingsManage),
    ("Settings: comments", "discussion moderation spam", "settings/discussion", "settings", C::SettingsManage),
    ("Delete the site", "danger remove", "settings/delete", "trash-2", C::AccountSites),
];

const ACTS: &[Line] = &[
    ("New post", "write add create", "posts/new", "plus", C::EntriesWriteOwn),
    ("New page", "write add create", "pages/new", "plus", C::EntriesWriteAll),
    ("Upload media", "picture image file add", "media", "upload", C::MediaWrite),
    ("Invite somebody", "person user add role", "people?invite=1", "user-plus", C::PeopleManage),
    ("Add a domain", "host name address", "domains", "globe", C::DomainsManage),
    ("Redirect an address", "301 old moved link lead", "redirects", "corner-down-left", C::SettingsManage),
    ("Put a password on a folder", "private protect htaccess members", "rules", "lock", C::SettingsManage),
    ("Approve comments", "moderate spam", "comments?status=pending", "message-square", C::CommentsModerate),
    ("Upload files", "folder add web space", "files", "upload", C::FilesWrite),
    ("Trash of files", "restore deleted bring back", "files-trash", "trash-2", C::FilesRead),
    ("Check permissions of files", "chmod mode secret repair", "files-check", "shield-check", C::FilesRead),
    ("Import from WordPress", "wxr bring", "import", "download", C::ImportRun),
    ("Customise the design", "theme colours fonts", "theme-customise", "sliders-horizontal", C::SettingsManage),
    ("Earlier designs", "theme history undo bring back", "theme-history", "history", C::SettingsManage),
];

const OF_SERVER: &[Line] = &[
    ("Invite somebody to the server", "person user add", "people?invite=1", "user-plus", C::ServerManage),
    ("New account", "customer add open", "accounts/new", "plus", C::AccountsManage),
    ("Accounts from a table", "csv bulk import create suspend", "accounts/import", "upload", C::AccountsManage),
    (
        "Accounts that need attention",
        "full over limit quota disk",
        "accounts?show=attention",
        "triangle-alert",
        C::AccountsRead,
    ),
    ("New plan", "package limits", "plans/new", "plus", C::PlansManage),
    ("New reseller", "sells delegate", "resellers/new", "plus", C::ServerManage),
    ("Send a trial mail", "smtp test", "settings", "send", C::ServerManage),
];

/// Words, further words, address, icon: for everybody.
const OWN: &[(&str, &str, &str, &str)] = &[
    ("Your profile", "name bio colours dark", "/admin/me", "user"),
    ("Change your password", "sign-in security", "/admin/me/security", "key-round"),
    ("Two-step sign-in", "totp factor code recovery", "/admin/me/factor", "shield"),
    ("Your sessions", "sign out devices", "/admin/me/security", "monitor"),
    ("API tokens", "programs keys", "/admin/me/tokens", "key-round"),
    ("Notices", "what needs you", "/admin/notices", "bell"),
    ("Help", "keys shortcuts where", "/admin/help", "circle-help"),
];

/// Found things with their ranks.
#[derive(Default)]
pub(super) struct Found {
    pub places: Vec<(u8, Item)>,
    pub acts: Vec<(u8, Item)>,
}

fn item(label: &str, detail: &str, href: String, icon: &'static str, badge: &str) -> Item {
    Item {
        label: label.to_owned(),
        detail: detail.to_owned(),
        href,
        icon,
        badge: badge.to_owned(),
        name: "",
        value: "",
    }
}

fn best(label: &str, words: &str, wanted: &str) -> Option<u8> {
    rank(label, wanted).or_else(|| rank(&format!("{label} {words}"), wanted).map(|r| r.max(2)))
}

impl Found {
    /// Adds what a site has; `detail` is its title.
    pub(super) fn site(&mut self, base: &str, detail: &str, rights: Capabilities, wanted: &str) {
        for entry in menu::of_site("", base, rights).into_iter().flat_map(|g| g.items) {
            if let Some(r) = rank(&entry.label, wanted) {
                self.places.push((r, item(&entry.label, detail, entry.href, entry.icon, "")));
            }
        }
        for (list, into) in [(SETTINGS, &mut self.places), (ACTS, &mut self.acts)] {
            let may = |line: &&Line| rights.has(line.4) && (line.2 != "import" || rights.has(C::EntriesWriteAll));
            for (label, words, page, icon, _) in list.iter().filter(may) {
                // Before anything is typed the list is short.
                if let Some(r) = best(label, words, wanted).filter(|_| !wanted.is_empty() || list.len() == ACTS.len()) {
                    into.push((r, item(label, detail, format!("{base}/{page}"), icon, "")));
                }
            }
        }
    }

    /// Adds what the installation has; `here` is whether the person wears its hat now.
    pub(super) fn server(&mut self, rights: Capabilities, here: bool, wanted: &str) {
        let badge = if here { "" } else { "changes hat" };
        for entry in menu::of_server("", rights).into_iter().flat_map(|g| g.items) {
            if let Some(r) = rank(&entry.label, wanted) {
                self.places.push((r + 1, item(&entry.label, "Server", entry.href, entry.icon, badge)));
            }
        }
        for (label, words, page, icon, _) in OF_SERVER.iter().filter(|line| rights.has(line.4)) {
            if let Some(r) = best(label, words, wanted) {
                self.acts.push((r + 1, item(label, "Server", format!("/admin/server/{page}"), icon, badge)));
            }
        }
    }

    /// Adds the switch of colours; a press posts it.
    pub(super) fn colours(&mut self, wanted: &str) {
        for (label, words, value, icon) in [
            ("Switch to dark colours", "night theme appearance", "dark", "moon"),
            ("Switch to light colours", "day theme appearance", "light", "sun"),
            ("Colours as this device has them", "auto system theme appearance", "system", "sun-moon"),
        ] {
            if let Some(r) = best(label, words, wanted).filter(|_| !wanted.is_empty()) {
                let one = item(label, "You", "/admin/me/appearance".into(), icon, "");
                self.acts.push((r, Item { name: "theme", value, ..one }));
            }
        }
    }

    /// Adds what everybody has.
    pub(super) fn own(&mut self, may_make_sites: bool, wanted: &str) {
        for (label, words, href, icon) in OWN {
            if let Some(r) = best(label, words, wanted).filter(|_| !wanted.is_empty()) {
                self.places.push((r, item(label, "You", (*href).to_owned(), icon, "")));
            }
        }
        if let Some(r) = best("New site", "make add create", wanted).filter(|_| may_make_sites && !wanted.is_empty()) {
            self.acts.push((r, item("New site", "", "/admin/sites/new".into(), "plus", "")));
        }
    }
}
