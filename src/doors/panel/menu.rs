//! The side menu of both hats: an entry that a person may not use is not in it.

use freehold_base::Capability as C;
use freehold_base::capability::Capabilities;

use super::frame::{MenuGroup, MenuItem};

/// One entry: words, page below the base, icon, what it needs.
type Line = (&'static str, &'static str, &'static str, C);

/// The groups of a site, in their order.
const OF_SITE: &[(&str, &[Line])] = &[
    (
        "Content",
        &[
            ("Posts", "posts", "pencil", C::EntriesWriteOwn),
            ("Pages", "pages", "file", C::EntriesWriteAll),
            ("Media", "media", "image", C::MediaWrite),
            ("Comments", "comments", "message-square", C::CommentsModerate),
            ("Categories", "terms/category", "folder-tree", C::TermsManage),
            ("Tags", "terms/tag", "tags", C::TermsManage),
        ],
    ),
    (
        "Design",
        &[
            ("Themes", "theme", "palette", C::SettingsManage),
            ("Menus", "menus", "list-tree", C::MenusManage),
            ("Plugins", "plugins", "puzzle", C::SettingsManage),
        ],
    ),
    (
        "Hosting",
        &[
            ("Domains", "domains", "globe", C::DomainsManage),
            ("Files", "files", "folder", C::FilesRead),
            ("Redirects", "redirects", "corner-down-left", C::SettingsManage),
            ("Rules", "rules", "list-filter", C::SettingsManage),
        ],
    ),
    (
        "Site",
        &[
            ("People", "people", "users", C::PeopleManage),
            ("Logins to files", "access", "key-round", C::AccessManage),
            ("Import", "import", "download", C::ImportRun),
            ("Commands", "cron", "clock", C::CronManage),
            ("Terminal", "terminal", "terminal", C::TerminalUse),
            ("Jobs", "jobs", "list-checks", C::ImportRun),
            ("Audit", "audit", "book-open", C::PeopleManage),
            ("Plan and usage", "usage", "chart-column", C::UsageRead),
            ("Settings", "settings", "settings", C::SettingsManage),
        ],
    ),
];

/// Rights that have nothing to do on a site made of files.
const OF_CONTENT: Capabilities = Capabilities::of(&[
    C::EntriesWriteOwn,
    C::EntriesPublishOwn,
    C::EntriesWriteAll,
    C::EntriesPublishAll,
    C::MediaWrite,
    C::MediaManage,
    C::TermsAdd,
    C::TermsManage,
    C::CommentsModerate,
    C::MenusManage,
]);

/// The rights that matter on a site of this kind: its menu and the palette stand on them.
pub fn rights_on(kind: &str, rights: Capabilities) -> Capabilities {
    if kind == "static" { rights.without(OF_CONTENT) } else { rights }
}

/// The groups of the installation, in their order.
const OF_SERVER: &[(&str, &[Line])] = &[
    (
        "Customers",
        &[
            ("Accounts", "accounts", "briefcase", C::AccountsRead),
            ("Resellers", "resellers", "network", C::AccountsRead),
            ("Plans", "plans", "layers", C::AccountsRead),
            ("People", "people", "users", C::ServerRead),
        ],
    ),
    ("Sites", &[("All sites", "sites", "layout-grid", C::ServerRead), ("Domains", "domains", "globe", C::ServerRead)]),
    (
        "Machine",
        &[
            ("Plugins", "plugins", "puzzle", C::ServerRead),
            ("Jobs", "jobs", "list-checks", C::ServerRead),
            ("Audit", "audit", "book-open", C::ServerRead),
            ("Security", "security", "shield-check", C::ServerRead),
            ("Settings", "settings", "settings", C::ServerManage),
        ],
    ),
];

/// The menu of a site for somebody with these rights; `base` is the site's home in the panel.
pub fn of_site(path: &str, base: &str, rights: Capabilities) -> Vec<MenuGroup> {
    let mut menu = vec![MenuGroup { label: None, items: vec![item(path, "Home", base.to_owned(), "house")] }];
    menu.extend(groups(OF_SITE, path, base, rights));
    menu
}

/// The menu of the installation for somebody with these rights.
pub fn of_server(path: &str, rights: Capabilities) -> Vec<MenuGroup> {
    let overview = item(path, "Overview", "/admin/server".to_owned(), "house");
    let mut menu = vec![MenuGroup { label: None, items: vec![overview] }];
    menu.extend(groups(OF_SERVER, path, "/admin/server", rights));
    menu
}

/// Content types and taxonomies that came with an import, as a group of the menu; none where there are none.
/// `types`: name and how many; `taxonomies`: names.
pub fn imported(path: &str, base: &str, types: &[(String, i64)], taxonomies: &[String]) -> Option<MenuGroup> {
    let of_type = |(kind, n): &(String, i64)| MenuItem {
        count: u64::try_from(*n).ok(),
        ..item(path, &spoken(kind), format!("{base}/types/{kind}"), "layers")
    };
    let of_taxonomy = |name: &String| item(path, &spoken(name), format!("{base}/terms/{name}"), "tags");
    let items: Vec<MenuItem> = types.iter().map(of_type).chain(taxonomies.iter().map(of_taxonomy)).collect();
    (!items.is_empty()).then(|| MenuGroup { label: Some("From import".into()), items })
}

/// A stored name in words: `product_brand` reads "Product brand".
pub fn spoken(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut letters = words.trim().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Puts a quiet number at an entry of the menu.
pub fn count(menu: &mut [MenuGroup], href: &str, n: i64) {
    for item in menu.iter_mut().flat_map(|group| &mut group.items).filter(|item| item.href == href) {
        item.count = u64::try_from(n).ok().filter(|n| *n > 0);
    }
}

/// Puts a loud number at an entry of the menu; 99 stands for more.
pub fn badge(menu: &mut [MenuGroup], href: &str, waiting: usize) {
    for item in menu.iter_mut().flat_map(|group| &mut group.items).filter(|item| item.href == href) {
        item.badge = u64::try_from(waiting.min(99)).ok().filter(|n| *n > 0);
    }
}

fn groups(table: &[(&str, &[Line])], path: &str, base: &str, rights: Capabilities) -> Vec<MenuGroup> {
    table
        .iter()
        .map(|(label, lines)| MenuGroup {
            label: Some((*label).into()),
            items: lines
                .iter()
                .filter(|(.., needed)| rights.has(*needed))
                // What is brought in are posts and pages; jobs ask for the same right.
                .filter(|(_, page, ..)| *page != "import" || rights.has(C::EntriesWriteAll))
                // A site of files has no theme and no plugins, and no menus either.
                .filter(|(_, page, ..)| !["theme", "plugins"].contains(page) || rights.has(C::MenusManage))
                .map(|(label, page, icon, _)| item(path, label, format!("{base}/{page}"), icon))
                .collect(),
        })
        .filter(|group| !group.items.is_empty())
        .collect()
}

fn item(path: &str, label: &str, href: String, icon: &'static str) -> MenuItem {
    // What lies below the home of a hat or of a site is not the home.
    let homes = if href.starts_with("/admin/server") { 2 } else { 3 };
    let below = path.strip_prefix(&href).filter(|_| href.matches('/').count() > homes).unwrap_or_default();
    // The trash of files stands beside them in the address: a folder may have any name.
    let beside = ["/files", "/theme"].iter().any(|end| href.ends_with(end)) && below.starts_with('-');
    let current = path == href || below.starts_with('/') || beside;
    MenuItem { label: label.into(), href, icon, current, count: None, badge: None }
}
