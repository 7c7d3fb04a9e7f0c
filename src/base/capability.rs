//! What a role may do. Rights are checked by capability, never by role name.

macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// One thing that somebody may be allowed to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Capability { $($(#[$doc])* $name),* }

        impl Capability {
            /// All of them.
            pub const ALL: &[Capability] = &[$(Capability::$name),*];
            /// The name in the API, tokens and the audit log: `entries.publish`.
            pub const fn name(self) -> &'static str {
                match self { $(Capability::$name => $text),* }
            }
            /// Finds one by its name.
            pub fn by_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|c| c.name() == name)
            }
        }
    };
}

capabilities! {
    /// See the site in the panel.
    SiteRead = "site.read",
    /// Write own drafts.
    EntriesWriteOwn = "entries.write_own",
    /// Publish own entries.
    EntriesPublishOwn = "entries.publish_own",
    /// Write and trash everybody's entries, and pages.
    EntriesWriteAll = "entries.write_all",
    /// Publish everybody's entries.
    EntriesPublishAll = "entries.publish_all",
    /// Store HTML that the cleaner would change (ED19).
    EntriesRawHtml = "entries.raw_html",
    /// Upload and describe media.
    MediaWrite = "media.write",
    /// Delete everybody's media.
    MediaManage = "media.manage",
    /// Add terms while writing.
    TermsAdd = "terms.add",
    /// Rename, merge and delete terms.
    TermsManage = "terms.manage",
    /// Approve, mark as spam and delete comments.
    CommentsModerate = "comments.moderate",
    /// Arrange menus.
    MenusManage = "menus.manage",
    /// Invite people and set their roles on the site.
    PeopleManage = "people.manage",
    /// Change the site's settings.
    SettingsManage = "settings.manage",
    /// Add and remove domains of the site.
    DomainsManage = "domains.manage",
    /// Bring in content from elsewhere.
    ImportRun = "import.run",
    /// See the account and its sites.
    AccountRead = "account.read",
    /// Make and remove sites of the account.
    AccountSites = "account.sites",
    /// Invite people to the account.
    AccountPeople = "account.people",
    /// See the account's plan and what of it is used.
    UsageRead = "usage.read",
    /// See and download the account's files.
    FilesRead = "files.read",
    /// Change the account's files.
    FilesWrite = "files.write",
    /// Give and take logins to the account's files: SSH keys, SFTP, WebDAV, FTP.
    AccessManage = "access.manage",
    /// Change DNS records of the account's domains.
    DnsManage = "dns.manage",
    /// Set up commands that run at set times, and see what they said.
    CronManage = "cron.manage",
    /// Open a terminal in the account's sandbox.
    TerminalUse = "terminal.use",
    /// See accounts of customers.
    AccountsRead = "accounts.read",
    /// Make and change accounts of customers.
    AccountsManage = "accounts.manage",
    /// Suspend accounts of customers and end a suspension.
    AccountsSuspend = "accounts.suspend",
    /// Close accounts of customers and take them back.
    AccountsTerminate = "accounts.terminate",
    /// Make and change plans for accounts of customers.
    PlansManage = "plans.manage",
    /// Open an account of a customer as its owner.
    AccountsOpen = "accounts.open",
    /// See the whole installation.
    ServerRead = "server.read",
    /// Change the installation: accounts, users, settings.
    ServerManage = "server.manage",
    /// Own profile, password, sessions and tokens.
    SelfManage = "self.manage",
}

/// A set of capabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(u64);

impl Capabilities {
    /// None.
    pub const NONE: Self = Self(0);
    /// All.
    pub const ALL: Self = Self(u64::MAX);
    /// From a list.
    pub const fn of(list: &[Capability]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < list.len() {
            bits |= 1 << (list[i] as u8);
            i += 1;
        }
        Self(bits)
    }
    /// Whether `c` is in it.
    pub const fn has(self, c: Capability) -> bool {
        self.0 & (1 << (c as u8)) != 0
    }
    /// Both together.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// What both have.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// This one without what is in the other.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
    /// Whether all of `other` is in it (security rule C3).
    pub const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
    /// Its members.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |c| self.has(*c))
    }
}

/// A named set of capabilities that a person holds on a site, an account or the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Reads; has a profile.
    Subscriber,
    /// Writes drafts for review.
    Contributor,
    /// Writes and publishes own posts.
    Author,
    /// Edits and publishes everything.
    Editor,
    /// Runs the site.
    Administrator,
    /// Works on an account's files and nothing else.
    FilesOnly,
    /// Works on an account's DNS records and nothing else.
    DnsOnly,
    /// Sees an account's plan and usage.
    Billing,
    /// Sees everything of an account and changes nothing.
    Reader,
    /// Owns an account: all its sites, its people.
    Owner,
    /// Sells web space: runs accounts of own customers.
    Reseller,
    /// Sees the whole installation and changes nothing.
    Auditor,
    /// Runs the installation: all rights.
    HostingAdmin,
}

use Capability as C;

const SUBSCRIBER: &[C] = &[C::SelfManage];
const CONTRIBUTOR: &[C] = &[C::SelfManage, C::SiteRead, C::EntriesWriteOwn];
const AUTHOR: &[C] =
    &[C::SelfManage, C::SiteRead, C::EntriesWriteOwn, C::EntriesPublishOwn, C::MediaWrite, C::TermsAdd];
const EDITOR: &[C] = &[
    C::SelfManage,
    C::SiteRead,
    C::EntriesWriteOwn,
    C::EntriesPublishOwn,
    C::EntriesWriteAll,
    C::EntriesPublishAll,
    C::EntriesRawHtml,
    C::MediaWrite,
    C::MediaManage,
    C::TermsAdd,
    C::TermsManage,
    C::CommentsModerate,
    C::MenusManage,
];
const ADMINISTRATOR: &[C] = &[
    C::SelfManage,
    C::SiteRead,
    C::EntriesWriteOwn,
    C::EntriesPublishOwn,
    C::EntriesWriteAll,
    C::EntriesPublishAll,
    C::EntriesRawHtml,
    C::MediaWrite,
    C::MediaManage,
    C::TermsAdd,
    C::TermsManage,
    C::CommentsModerate,
    C::MenusManage,
    C::PeopleManage,
    C::SettingsManage,
    C::DomainsManage,
    C::ImportRun,
];
const READER: &[C] = &[C::SelfManage, C::SiteRead, C::AccountRead, C::UsageRead, C::FilesRead];
/// What an owner has beside what an administrator of a site has.
const OF_ACCOUNT: &[C] = &[
    C::AccountRead,
    C::AccountSites,
    C::AccountPeople,
    C::UsageRead,
    C::FilesRead,
    C::FilesWrite,
    C::AccessManage,
    C::DnsManage,
    C::CronManage,
    C::TerminalUse,
];

/// What a reseller may be allowed or not.
pub const PRIVILEGES: &[C] =
    &[C::AccountsManage, C::AccountsSuspend, C::AccountsTerminate, C::AccountsOpen, C::PlansManage];

impl Role {
    /// Roles a person can hold on a site, weakest first.
    pub const OF_SITES: &[Role] =
        &[Self::Subscriber, Self::Contributor, Self::Author, Self::Editor, Self::Administrator];
    /// Roles a person can hold on an account, weakest first.
    pub const OF_ACCOUNTS: &[Role] = &[Self::Billing, Self::DnsOnly, Self::FilesOnly, Self::Reader, Self::Owner];
    /// Every role.
    pub const ALL: &[Role] = &[
        Self::Subscriber,
        Self::Contributor,
        Self::Author,
        Self::Editor,
        Self::Administrator,
        Self::FilesOnly,
        Self::DnsOnly,
        Self::Billing,
        Self::Reader,
        Self::Owner,
        Self::Reseller,
        Self::Auditor,
        Self::HostingAdmin,
    ];
    /// The name in tables, URLs and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subscriber => "subscriber",
            Self::Contributor => "contributor",
            Self::Author => "author",
            Self::Editor => "editor",
            Self::Administrator => "administrator",
            Self::FilesOnly => "files",
            Self::DnsOnly => "dns",
            Self::Billing => "billing",
            Self::Reader => "reader",
            Self::Owner => "owner",
            Self::Reseller => "reseller",
            Self::Auditor => "auditor",
            Self::HostingAdmin => "hosting_admin",
        }
    }
    /// The word on the screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Subscriber => "Subscriber",
            Self::Contributor => "Contributor",
            Self::Author => "Author",
            Self::Editor => "Editor",
            Self::Administrator => "Administrator",
            Self::FilesOnly => "Files only",
            Self::DnsOnly => "DNS only",
            Self::Billing => "Billing",
            Self::Reader => "Read only",
            Self::Owner => "Owner",
            Self::Reseller => "Reseller",
            Self::Auditor => "Auditor",
            Self::HostingAdmin => "Hosting admin",
        }
    }
    /// Finds one by its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.name() == name)
    }
    /// What it allows.
    pub const fn capabilities(self) -> Capabilities {
        match self {
            Self::Subscriber => Capabilities::of(SUBSCRIBER),
            Self::Contributor => Capabilities::of(CONTRIBUTOR),
            Self::Author => Capabilities::of(AUTHOR),
            Self::Editor => Capabilities::of(EDITOR),
            Self::Administrator => Capabilities::of(ADMINISTRATOR),
            Self::FilesOnly => Capabilities::of(&[C::SelfManage, C::SiteRead, C::FilesRead, C::FilesWrite]),
            Self::DnsOnly => Capabilities::of(&[C::SelfManage, C::SiteRead, C::DnsManage]),
            Self::Billing => Capabilities::of(&[C::SelfManage, C::AccountRead, C::UsageRead]),
            Self::Reader => Capabilities::of(READER),
            Self::Owner => Capabilities::of(ADMINISTRATOR).union(Capabilities::of(OF_ACCOUNT)),
            // All that an owner may do, so that a reseller can give an account its owner (security rule C3).
            Self::Reseller => Self::Owner.capabilities().union(Capabilities::of(&[
                C::AccountsRead,
                C::AccountsManage,
                C::AccountsSuspend,
                C::AccountsTerminate,
                C::PlansManage,
                C::AccountsOpen,
            ])),
            Self::Auditor => Capabilities::of(READER).union(Capabilities::of(&[C::ServerRead, C::AccountsRead])),
            Self::HostingAdmin => Capabilities::ALL,
        }
    }
}
