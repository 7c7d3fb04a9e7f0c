//! What a new site starts from: a few pages and one draft, so that nobody begins in front of nothing.

use freehold_base::{EntryId, Result, SiteId};
use freehold_platform::sites::settings;
use freehold_store::Tx;

use crate::content::{self, Body, Changes, Intent, Target, terms};

/// The four starts of the set-up page, and the one of a site that is made of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// Writing first: dated posts, one page about the writer.
    #[default]
    Journal,
    /// A front page with services and hours, a contact page, news beside them.
    Business,
    /// Pictures first: works in a category of their own.
    Portfolio,
    /// One draft and nothing else.
    Blank,
    /// Files of its owner; nothing of ours is written for them.
    Files,
}

impl Start {
    /// By its name in forms and on the command line; the journal where the name is unknown.
    pub fn by_name(name: &str) -> Self {
        match name {
            "business" => Self::Business,
            "portfolio" => Self::Portfolio,
            "blank" => Self::Blank,
            "files" => Self::Files,
            _ => Self::Journal,
        }
    }
}

/// Fills a new site; gives the draft that the editor opens first.
///
/// # Errors
/// `Denied` for whoever may not write and set up the site.
pub fn fill(tx: &mut Tx<'_>, site: SiteId, start: Start, title: &str) -> Result<EntryId> {
    match start {
        Start::Journal => {
            page(tx, site, "About", &format!("This is {title}. Say who writes here, and why."))?;
            draft(tx, site, title, Some("Journal"), FIRST_POST)
        }
        Start::Business => business(tx, site, title),
        Start::Portfolio => {
            page(tx, site, "About", &format!("{title} shows work. Say whose, and since when."))?;
            page(tx, site, "Contact", CONTACT)?;
            draft(tx, site, title, Some("Work"), FIRST_WORK)
        }
        // Who makes a site of files does not come here; the first site of a server is made by a theme.
        Start::Blank | Start::Files => draft(tx, site, title, None, FIRST_POST),
    }
}

fn business(tx: &mut Tx<'_>, site: SiteId, title: &str) -> Result<EntryId> {
    let home = page(tx, site, title, BUSINESS_HOME)?;
    page(tx, site, "Services", SERVICES)?;
    page(tx, site, "Contact", &format!("{CONTACT}\n\n{HOURS}"))?;
    let news = page(tx, site, "News", "")?;
    let scope = tx.authorize(site, freehold_base::Capability::SettingsManage)?;
    let mut wanted = settings::read(tx, scope)?;
    wanted.reading.front_page_id = home.get();
    wanted.reading.posts_page_id = news.get();
    settings::save(tx, site, &wanted)?;
    draft(tx, site, title, Some("News"), FIRST_POST)
}

fn page(tx: &mut Tx<'_>, site: SiteId, title: &str, text: &str) -> Result<EntryId> {
    let changes = Changes {
        title: Some(title.to_owned()),
        body: Some(Body::Markdown(text.to_owned())),
        comments_open: Some(false),
        ..Default::default()
    };
    let prepared = content::prepare(changes, false)?;
    content::save(tx, site, &Target::New("page".into()), &prepared, Intent::Publish).map(|entry| entry.id)
}

fn draft(tx: &mut Tx<'_>, site: SiteId, title: &str, category: Option<&str>, text: &str) -> Result<EntryId> {
    let terms = match category {
        Some(name) => {
            vec![terms::add(tx, site, "category", &terms::TermInput { name: name.into(), ..Default::default() })?]
        }
        None => Vec::new(),
    };
    let changes = Changes {
        title: Some(format!("Hello from {title}")),
        body: Some(Body::Markdown(text.to_owned())),
        terms: Some(terms),
        ..Default::default()
    };
    let prepared = content::prepare(changes, false)?;
    content::save(tx, site, &Target::New("post".into()), &prepared, Intent::Draft).map(|entry| entry.id)
}

const FIRST_POST: &str = "This is your first post. Change the words, press Publish, and it is on the web.";
const FIRST_WORK: &str = "This is your first work. Drop a picture here, say what it shows, and press Publish.";
const CONTACT: &str = "Write to us, call us, or come by.\n\n- Email: you@example.org\n- Telephone: 000 000 00 00\n- Address: Street 1, Town";
const HOURS: &str = "## Hours\n\n| Day | Open |\n|---|---|\n| Monday to Friday | 9:00 to 17:00 |\n| Saturday | 10:00 to 14:00 |\n| Sunday | closed |";
const SERVICES: &str = "## First service\n\nWhat it is, whom it helps, and what it costs.\n\n## Second service\n\nThree services are enough to begin with.\n\n## Third service\n\nPeople read the first line: put the use there, not the name.";
const BUSINESS_HOME: &str = "Say in one sentence what you do, and for whom.\n\n## What we do\n\nThe three things people ask for most. The [services](/services/) page says more.\n\n## Where to find us\n\nAddress and hours are on the [contact](/contact/) page.";
