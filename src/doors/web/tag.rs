//! What a page was made from: a change names these, and every page that read them is gone from the cache.

use freehold_base::{EntryId, MenuId, SiteId, TermId, UserId};

/// What a page read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TagKind {
    /// One entry.
    Entry,
    /// One term: its name, and the list of its entries.
    Term,
    /// One author: the list of their entries.
    Author,
    /// One person: their name, on whatever site.
    Person,
    /// One menu.
    Menu,
    /// The approved comments of one entry.
    Comments,
    /// The neighbours of one post by date.
    Around,
    /// The list of all published entries (home, archives, feeds, site map).
    EntryList,
    /// The site's settings.
    Settings,
    /// The theme's files and settings.
    Theme,
    /// The whole site: every page of it carries this by itself.
    Site,
}

/// One thing that pages of one site are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    /// The site.
    pub site: SiteId,
    /// The kind of thing.
    pub kind: TagKind,
    /// Its number; 0 for kinds of which a site has one.
    pub id: i64,
}

impl Tag {
    const fn one(site: SiteId, kind: TagKind) -> Self {
        Self { site, kind, id: 0 }
    }
    /// One entry.
    pub const fn entry(site: SiteId, id: EntryId) -> Self {
        Self { site, kind: TagKind::Entry, id: id.0 }
    }
    /// One term and the list of its entries.
    pub const fn term(site: SiteId, id: TermId) -> Self {
        Self { site, kind: TagKind::Term, id: id.0 }
    }
    /// The list of one author's entries.
    pub const fn author(site: SiteId, id: UserId) -> Self {
        Self { site, kind: TagKind::Author, id: id.0 }
    }
    /// One person's name and words about themself. People belong to no site.
    pub const fn person(id: UserId) -> Self {
        Self { site: SiteId(0), kind: TagKind::Person, id: id.0 }
    }
    /// One menu.
    pub const fn menu(site: SiteId, id: MenuId) -> Self {
        Self { site, kind: TagKind::Menu, id: id.0 }
    }
    /// The approved comments of one entry.
    pub const fn comments(site: SiteId, of: EntryId) -> Self {
        Self { site, kind: TagKind::Comments, id: of.0 }
    }
    /// Which posts stand before and after one by date.
    pub const fn around(site: SiteId, of: EntryId) -> Self {
        Self { site, kind: TagKind::Around, id: of.0 }
    }
    /// The list of all published entries.
    pub const fn entry_list(site: SiteId) -> Self {
        Self::one(site, TagKind::EntryList)
    }
    /// The site's settings.
    pub const fn settings(site: SiteId) -> Self {
        Self::one(site, TagKind::Settings)
    }
    /// The theme's files and settings.
    pub const fn theme(site: SiteId) -> Self {
        Self::one(site, TagKind::Theme)
    }
    /// Every page of the site.
    pub const fn site(site: SiteId) -> Self {
        Self::one(site, TagKind::Site)
    }
}
