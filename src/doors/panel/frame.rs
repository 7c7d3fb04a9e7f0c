//! What every page of the panel gets beside its own view: menu, site, person, messages.
//!
//! View structs only: text and addresses that are ready to show. The page that builds a frame has
//! already asked what the person may do; an entry that is not allowed is not in `menu`.

use serde::Serialize;

use super::customers::brand::BrandView;

/// The frame of one page; templates read it as `frame`.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    /// BCP 47 tag of the panel's language, such as `en`.
    pub lang: String,
    /// `ltr` or `rtl`.
    pub dir: &'static str,
    /// The person's colours.
    pub theme: Theme,
    /// How tightly rows stand.
    pub density: Density,
    /// Which side of the panel this page belongs to.
    pub hat: Hat,
    /// Whether the person has both hats (shows the switch).
    pub hats: bool,
    /// Text of the title bar, without the product's name.
    pub title: String,
    /// The chosen site; `None` on pages of the whole installation.
    pub site: Option<SiteView>,
    /// Sites that the switcher offers: where the person was last, then by name. It shows from two on.
    pub sites: Vec<SiteView>,
    /// Whether there are more sites than the switcher offers.
    pub more_sites: bool,
    /// Who is signed in; `None` on sign-in pages.
    pub user: Option<UserView>,
    /// The side menu.
    pub menu: Vec<MenuGroup>,
    /// The phone's bottom bar: at most two entries left of "+" and one right of it.
    pub tabs: Vec<MenuItem>,
    /// Where "+" and the key N lead, such as the new-post page.
    pub create: Option<Link>,
    /// The way here; the last one is this page and has no address.
    pub crumbs: Vec<Crumb>,
    /// Results of the last action, shown once.
    pub flash: Vec<Flash>,
    /// Notices that wait for the person, the cheap ones.
    pub unread: usize,
    /// Whose name and colour stand here instead of ours.
    pub brand: Option<BrandView>,
    /// Owner's name while a hosting admin looks at an account as its owner.
    pub acting_as: Option<String>,
    /// Where the account menu, notices and help lead.
    pub links: FrameLinks,
}

/// Colours of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device asks.
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How tightly rows stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// The normal row height.
    Comfortable,
    /// Lower rows.
    Compact,
}

/// The two sides of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hat {
    /// Content of one site.
    Site,
    /// The whole installation.
    Server,
}

/// One site in the switcher.
#[derive(Debug, Clone, Serialize)]
pub struct SiteView {
    /// Its id, as in addresses.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Its main host name.
    pub host: String,
    /// Public address.
    pub url: String,
    /// Home of this site in the panel.
    pub href: String,
    /// Two or three letters for its tile.
    pub initials: String,
    /// Colour of the tile, 0 to 359 degrees.
    pub hue: u16,
}

/// The person at the panel.
#[derive(Debug, Clone, Serialize)]
pub struct UserView {
    /// Shown name.
    pub name: String,
    /// Role in words, such as `Owner`.
    pub role: String,
    /// Two letters.
    pub initials: String,
    /// Colour of the avatar, 0 to 359 degrees.
    pub avatar_hue: u16,
}

/// A group of the side menu.
#[derive(Debug, Clone, Serialize)]
pub struct MenuGroup {
    /// Its heading; the first group has none.
    pub label: Option<String>,
    /// Its entries.
    pub items: Vec<MenuItem>,
}

/// One entry of the side menu.
#[derive(Debug, Clone, Serialize)]
pub struct MenuItem {
    /// Shown words.
    pub label: String,
    /// Address.
    pub href: String,
    /// Icon name from `admin-ui/icons.txt`.
    pub icon: &'static str,
    /// Whether this page belongs to the entry.
    pub current: bool,
    /// A quiet number at the end, such as how many posts there are.
    pub count: Option<u64>,
    /// A loud number: how many wait for the person.
    pub badge: Option<u64>,
}

/// Words with an address.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// Shown words.
    pub label: String,
    /// Address.
    pub href: String,
}

/// One step of the breadcrumb.
#[derive(Debug, Clone, Serialize)]
pub struct Crumb {
    /// Shown words.
    pub label: String,
    /// Address; `None` for this page.
    pub href: Option<String>,
}

/// A result to show once, as a toast.
#[derive(Debug, Clone, Serialize)]
pub struct Flash {
    /// How it went.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
    /// Address that a POST takes the action back with.
    pub undo_action: Option<String>,
}

/// How something is, always shown with a word or an icon beside the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// As it should be.
    Good,
    /// Worth knowing.
    Info,
    /// Needs attention.
    Warn,
    /// Failed.
    Bad,
}

/// Addresses of the frame's fixed links.
#[derive(Debug, Clone, Serialize)]
pub struct FrameLinks {
    /// The person's own page.
    pub profile: String,
    /// Where the colour and density forms post (`theme`, `density`).
    pub appearance: String,
    /// Where signing out posts.
    pub sign_out: String,
    /// The search page, also the palette.
    pub search: String,
    /// The list of notices.
    pub notices: String,
    /// Help.
    pub help: String,
    /// Where a site is made; empty for people who may not.
    pub new_site: String,
    /// Home of the site hat.
    pub site_hat: String,
    /// Home of the server hat.
    pub server_hat: String,
    /// Where leaving an account posts.
    pub leave: String,
}

/// A moment in three forms; component `ui.time` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct TimeView {
    /// In the person's zone: relative under 24 h, else a short date.
    pub text: String,
    /// RFC 3339, UTC.
    pub iso: String,
    /// The exact UTC time in words, for the tooltip.
    pub exact: String,
}

impl Frame {
    /// The frame of pages without a signed-in person: sign-in, set-up, errors.
    pub fn plain(title: &str) -> Self {
        Self {
            lang: "en".to_owned(),
            dir: "ltr",
            theme: Theme::System,
            density: Density::Comfortable,
            hat: Hat::Site,
            hats: false,
            title: title.to_owned(),
            site: None,
            sites: Vec::new(),
            more_sites: false,
            user: None,
            menu: Vec::new(),
            tabs: Vec::new(),
            create: None,
            crumbs: Vec::new(),
            flash: Vec::new(),
            unread: 0,
            brand: None,
            acting_as: None,
            links: FrameLinks::default(),
        }
    }
}

impl Default for FrameLinks {
    fn default() -> Self {
        Self {
            profile: "/admin/me".to_owned(),
            appearance: "/admin/me/appearance".to_owned(),
            sign_out: "/admin/logout".to_owned(),
            search: "/admin/search".to_owned(),
            notices: "/admin/notices".to_owned(),
            help: "/admin/help".to_owned(),
            new_site: String::new(),
            site_hat: "/admin".to_owned(),
            server_hat: "/admin/server".to_owned(),
            leave: "/admin/leave".to_owned(),
        }
    }
}
