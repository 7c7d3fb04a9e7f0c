//! What the settings' pages let people choose from.

use freehold_base::{Page, PageSize, Result, SiteId};
use freehold_platform::sites::{Settings, settings};
use freehold_publishing::content::permalink::{Parts, path_of};
use freehold_publishing::content::{self, Entry, Filter, Sort};
use freehold_publishing::library;
use freehold_store::{Tx, entries as rows};
use serde::Serialize;

#[derive(Serialize)]
struct OptionView {
    value: String,
    label: String,
}

/// A pattern with what it makes of the newest post's address.
#[derive(Serialize)]
struct PatternView {
    value: &'static str,
    label: &'static str,
    example: String,
}

/// Lists of choices; a page fills those it shows.
#[derive(Serialize, Default)]
pub(super) struct Choices {
    languages: Vec<OptionView>,
    zones: Vec<OptionView>,
    /// Pictures that can be the site's icon.
    icons: Vec<OptionView>,
    pages: Vec<OptionView>,
    patterns: Vec<PatternView>,
    example: String,
    example_error: String,
}

/// What the address made of a typed pattern reads.
#[derive(Serialize)]
pub(super) struct ExampleView {
    choices: Choices,
}

/// Patterns that people choose, with their names.
pub(super) const PATTERNS: &[(&str, &str)] = &[
    ("/{slug}/", "Title"),
    ("/{year}/{month}/{slug}/", "Month and title"),
    ("/{year}/{month}/{day}/{slug}/", "Day and title"),
    ("/{category}/{slug}/", "Category and title"),
    ("/archives/{id}", "Number"),
];

const LANGUAGES: &[(&str, &str)] = &[
    ("ar", "العربية"),
    ("bg", "Български"),
    ("ca", "Català"),
    ("cs", "Čeština"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("de-CH", "Deutsch (Schweiz)"),
    ("el", "Ελληνικά"),
    ("en", "English"),
    ("en-GB", "English (United Kingdom)"),
    ("en-US", "English (United States)"),
    ("es", "Español"),
    ("et", "Eesti"),
    ("eu", "Euskara"),
    ("fa", "فارسی"),
    ("fi", "Suomi"),
    ("fr", "Français"),
    ("ga", "Gaeilge"),
    ("he", "עברית"),
    ("hi", "हिन्दी"),
    ("hr", "Hrvatski"),
    ("hu", "Magyar"),
    ("id", "Bahasa Indonesia"),
    ("is", "Íslenska"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("lt", "Lietuvių"),
    ("lv", "Latviešu"),
    ("nb", "Norsk bokmål"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("pt-BR", "Português (Brasil)"),
    ("ro", "Română"),
    ("ru", "Русский"),
    ("sk", "Slovenčina"),
    ("sl", "Slovenščina"),
    ("sr", "Српски"),
    ("sv", "Svenska"),
    ("th", "ไทย"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ur", "اردو"),
    ("vi", "Tiếng Việt"),
    ("zh-Hans", "简体中文"),
    ("zh-Hant", "繁體中文"),
];

fn option(value: impl Into<String>, label: impl Into<String>) -> OptionView {
    OptionView { value: value.into(), label: label.into() }
}

impl Choices {
    /// What a page of the settings shows.
    pub(super) fn of(tx: &mut Tx<'_>, site: SiteId, page: &str, now: &Settings) -> Result<Self> {
        Ok(match page {
            "general" => Self {
                languages: languages(&now.general.locale),
                zones: zones(),
                icons: icons(tx, site, now.general.icon_id)?,
                ..Self::default()
            },
            "reading" => Self {
                pages: pages(tx, site, &[now.reading.front_page_id, now.reading.posts_page_id])?,
                ..Self::default()
            },
            "permalinks" => {
                let sample = sample(tx, site)?;
                let patterns = PATTERNS
                    .iter()
                    .map(|(value, label)| PatternView { value, label, example: path(&sample, now, value) })
                    .collect();
                Self { patterns, example: path(&sample, now, &now.permalinks.post), ..Self::default() }
            }
            _ => Self::default(),
        })
    }
}

fn languages(current: &str) -> Vec<OptionView> {
    let mut list: Vec<OptionView> = LANGUAGES.iter().map(|(tag, name)| option(*tag, *name)).collect();
    if !LANGUAGES.iter().any(|(tag, _)| *tag == current) {
        list.push(option(current, current));
    }
    list
}

/// Pictures of the library, square ones first; the present one is among them.
fn icons(tx: &mut Tx<'_>, site: SiteId, current: i64) -> Result<Vec<OptionView>> {
    let filter = library::Filter { family: Some("image".into()), ..Default::default() };
    let page = Page { size: PageSize::new(100), after: None };
    let mut found = library::list(tx, site, &filter, &page)?;
    if current > 0
        && !found.iter().any(|m| m.id.get() == current)
        && let Ok(media) = library::find(tx, site, current.into())
    {
        found.push(media);
    }
    found.sort_by_key(|m| m.width == 0 || m.width != m.height);
    let label = |m: &library::Media| {
        let name = if m.title.is_empty() { &m.filename } else { &m.title };
        if m.width > 0 { format!("{name} ({} \u{d7} {})", m.width, m.height) } else { name.clone() }
    };
    let mut list = vec![option("0", "The built-in one")];
    list.extend(found.iter().map(|m| option(m.id.to_string(), label(m))));
    Ok(list)
}

fn zones() -> Vec<OptionView> {
    zone_names("").iter().map(|n| option(n.as_str(), n.replace('_', " "))).collect()
}

/// All zones of regions, without the old short names; the one that is set is always there.
pub fn zone_names(set: &str) -> Vec<String> {
    let regions = chrono_tz::TZ_VARIANTS.iter().map(|z| z.name()).filter(|n| n.contains('/') && !n.starts_with("Etc/"));
    let mut all: Vec<String> = std::iter::once("UTC").chain(regions).map(str::to_owned).collect();
    if !set.is_empty() && !all.iter().any(|n| n == set) {
        all.push(set.to_owned());
    }
    all
}

/// Published pages. Those that are chosen are always there: a form without them would take the choice back.
fn pages(tx: &mut Tx<'_>, site: SiteId, chosen: &[i64]) -> Result<Vec<OptionView>> {
    let filter = Filter { kind: Some("page".into()), status: Some("published".into()), ..Default::default() };
    let page = Page { size: PageSize::new(PageSize::MAX), after: None };
    let found = content::lists::list(tx, site, &filter, "", Sort::Title, &page)?;
    let mut list: Vec<OptionView> =
        found.into_iter().map(|((card, ..), _)| option(card.id.to_string(), card.title)).collect();
    for id in chosen.iter().filter(|id| **id > 0) {
        if !list.iter().any(|o| o.value == id.to_string()) {
            let found = content::lists::find(tx, site, (*id).into());
            let label = found.map_or_else(|_| "A page that is gone".into(), |(page, _)| page.title);
            list.push(option(id.to_string(), label));
        }
    }
    Ok(list)
}

/// The newest post and what patterns need beside it; an invented one where there is none.
fn sample(tx: &mut Tx<'_>, site: SiteId) -> Result<(Entry, Parts)> {
    let parts = |author: &str| Parts { author: author.into(), category: "journal".into(), parent: String::new() };
    let scope = tx.authorize(site, freehold_base::Capability::SettingsManage)?;
    let filter = Filter { kind: Some("post".into()), live: true, ..Default::default() };
    let newest = rows::list(tx, scope, &filter, Sort::Published, &Page { size: PageSize::new(1), after: None })?;
    if let Some((card, author, _)) = newest.into_iter().next() {
        let terms = freehold_store::terms::of_entries(tx, scope, &[card.id.get()])?;
        let category = terms.into_iter().map(|(_, t)| t).find(|t| t.taxonomy == "category").map(|t| t.slug);
        let mut parts = parts(&author.slug);
        parts.category = category.unwrap_or_default();
        return Ok((rows::find(tx, scope, card.id)?, parts));
    }
    let now = tx.now();
    let entry = Entry {
        id: 123.into(),
        kind: "post".into(),
        slug: "a-walk-in-the-rain".into(),
        published_at: now,
        created_at: now,
        site_id: site,
        ..Entry::default()
    };
    Ok((entry, parts("mara")))
}

fn path((entry, parts): &(Entry, Parts), now: &Settings, pattern: &str) -> String {
    let mut wanted = now.clone();
    pattern.clone_into(&mut wanted.permalinks.post);
    path_of(entry, &wanted, parts).unwrap_or_default()
}

/// The address that a typed pattern gives, or why it is none.
pub(super) fn example(tx: &mut Tx<'_>, site: SiteId, now: &Settings, pattern: &str) -> Result<ExampleView> {
    let sample = sample(tx, site)?;
    let mut wanted = now.clone();
    pattern.trim().clone_into(&mut wanted.permalinks.post);
    let choices = match settings::check(&wanted) {
        Ok(_) => Choices { example: path(&sample, now, pattern.trim()), ..Choices::default() },
        Err(e) => Choices { example_error: e.sentence(), ..Choices::default() },
    };
    Ok(ExampleView { choices })
}
