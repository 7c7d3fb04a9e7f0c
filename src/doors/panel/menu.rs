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
    ("Design", &[("Menus", "menus", "list-tree", C::MenusManage)]),
    (
        "Site",
        &[
            ("People", "people", "users", C::PeopleManage),
            ("Domains", "domains", "globe", C::DomainsManage),
            ("Import", "import", "download", C::ImportRun),
            ("Jobs", "jobs", "list-checks", C::ImportRun),
            ("Audit", "audit", "book-open", C::PeopleManage),
            ("Settings", "settings", "settings", C::SettingsManage),
        ],
    ),
];

/// The groups of the installation, in their order.
const OF_SERVER: &[(&str, &[Line])] = &[
    ("Customers", &[("People", "people", "users", C::ServerRead)]),
    ("Sites", &[("All sites", "sites", "layout-grid", C::ServerRead), ("Domains", "domains", "globe", C::ServerRead)]),
    (
        "Machine",
        &[
            ("Jobs", "jobs", "list-checks", C::ServerRead),
            ("Audit", "audit", "book-open", C::ServerRead),
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
    groups(OF_SERVER, path, "/admin/server", rights)
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
                .map(|(label, page, icon, _)| item(path, label, format!("{base}/{page}"), icon))
                .collect(),
        })
        .filter(|group| !group.items.is_empty())
        .collect()
}

fn item(path: &str, label: &str, href: String, icon: &'static str) -> MenuItem {
    let current = path == href || (path.starts_with(&format!("{href}/")) && href.matches('/').count() > 3);
    MenuItem { label: label.into(), href, icon, current, count: None, badge: None }
}
