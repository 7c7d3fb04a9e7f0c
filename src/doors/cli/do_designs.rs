//! `freehold design …`

use freehold_base::error::Refusals;
use freehold_base::{Code, DesignStateId, Error, OrInternal as _, Result, SiteId, Timestamp};
use freehold_publishing::designs::{self, Values};
use freehold_publishing::themes::Themes;
use freehold_store::Tx;
use serde_json::json;

use super::commands::{Design, Done};
use super::hands::{Hands, table};
use crate::api::designs::{DesignView, PastDesignView, link_of};

/// `freehold design …`
///
/// # Errors
/// What the services give.
pub fn design(hands: &Hands, command: &Design) -> Result<Done> {
    match command {
        Design::Show { site } => show(hands, site),
        Design::Set { values, site } => set(hands, site, values),
        Design::Discard { site } => {
            let of = change(hands, site, |tx, themes, site| designs::discard(tx, themes, site, None))?;
            Ok(said("The draft is thrown away.", &of))
        }
        Design::Publish { site, at: None } => {
            let of = change(hands, site, |tx, themes, site| designs::publish(tx, themes, site, None))?;
            Ok(said("The new design is live.", &of))
        }
        Design::Publish { site, at: Some(at) } => {
            let time = Timestamp::parse_rfc3339(at).ok_or_else(|| Error::invalid("at", Code::DateMalformed, ""))?;
            let later =
                move |tx: &mut Tx<'_>, themes: &Themes, site| designs::publish_later(tx, themes, site, None, time);
            let of = change(hands, site, later)?;
            Ok(said(&format!("The design goes live at {}, as it stands then.", time.rfc3339()), &of))
        }
        Design::Unschedule { site } => {
            let of = change(hands, site, designs::unschedule)?;
            Ok(said("The design stays a draft until it is published.", &of))
        }
        Design::Share { site, days } => {
            let days = *days;
            let of = change(hands, site, move |tx, themes, site| designs::share(tx, themes, site, days))?;
            let link = of["link"]["url"].as_str().unwrap_or_default().to_owned();
            let words = match link.as_str() {
                "" => "The link is made; the page of the design in the panel shows it.".to_owned(),
                link => format!("{link}\nshows the draft without signing in."),
            };
            Ok(Done::said(words, of))
        }
        Design::Unshare { site } => {
            let of = change(hands, site, designs::unshare)?;
            Ok(said("The link shows nothing any more.", &of))
        }
        Design::History { site } => history(hands, site),
        Design::Undo { site } => back(hands, site, designs::undo),
        Design::Restore { id, site } => {
            let id = DesignStateId(*id);
            back(hands, site, move |tx, themes, site| designs::restore(tx, themes, site, id))
        }
    }
}

fn said(words: &str, json: &serde_json::Value) -> Done {
    Done::said(words.to_owned(), json.clone())
}

/// Does something with a draft; what it is then.
fn change(
    hands: &Hands,
    site: &str,
    act: impl Fn(&mut Tx<'_>, &Themes, SiteId) -> Result<designs::Design> + Send + 'static,
) -> Result<serde_json::Value> {
    let (site, desk) = (hands.site(site)?, hands.gallery()?);
    let design = hands.write(move |tx| act(tx, &desk.themes, site))?;
    shown(hands, site, &design)
}

fn shown(hands: &Hands, site: SiteId, design: &designs::Design) -> Result<serde_json::Value> {
    let origin = hands.web.as_ref().and_then(|web| web.hosts.origin_of(site)).map(|o| o.to_string());
    let link = link_of(hands.accounts.keys(), &origin.unwrap_or_default(), site, design);
    serde_json::to_value(DesignView::of(design, link)).or_internal("writing the design")
}

fn show(hands: &Hands, site: &str) -> Result<Done> {
    let (site, desk) = (hands.site(site)?, hands.gallery()?);
    let design = hands.read(move |tx| designs::open(tx, &desk.themes, site))?;
    let text = |value: Option<&serde_json::Value>| value.map(ToString::to_string).unwrap_or_default();
    let row = |setting: &freehold_publishing::themes::manifest::Setting| {
        vec![setting.id.clone(), text(design.live.get(&setting.id)), text(design.changes.get(&setting.id))]
    };
    let rows: Vec<Vec<String>> = design.settings().iter().map(row).collect();
    Ok(Done::data(table(&["setting", "live", "draft"], &rows), shown(hands, site, &design)?))
}

fn set(hands: &Hands, site: &str, values: &[String]) -> Result<Done> {
    let given: Vec<(String, String)> = values
        .iter()
        .map(|pair| {
            let wrong = || Error::invalid("values", Code::Malformed, "SETTING=VALUE, such as palette=moss");
            pair.split_once('=').map(|(id, value)| (id.to_owned(), value.to_owned())).ok_or_else(wrong)
        })
        .collect::<Result<_>>()?;
    let save = move |tx: &mut Tx<'_>, themes: &Themes, site| {
        let design = designs::open(tx, themes, site)?;
        let (mut values, mut refused) = (Values::new(), Refusals::default());
        for (id, text) in &given {
            match design.settings().iter().find(|s| s.id == *id).map(|s| s.read(text)) {
                Some(Ok(value)) => drop(values.insert(id.clone(), value)),
                Some(Err((code, detail))) => refused.add(id.clone(), code, detail),
                None => refused.add(id.clone(), Code::UnknownField, "The theme has no setting of this name."),
            }
        }
        refused.check()?;
        designs::save(tx, themes, site, Some(design.version), &values)
    };
    let of = change(hands, site, save)?;
    Ok(said("It is tried out; visitors see no change until it is published.", &of))
}

fn history(hands: &Hands, site: &str) -> Result<Done> {
    let (site, desk) = (hands.site(site)?, hands.gallery()?);
    let past = hands.read(move |tx| designs::history(tx, &desk.themes, site))?;
    let past: Vec<PastDesignView> = past.into_iter().map(PastDesignView::of).collect();
    let row = |past: &PastDesignView| {
        let live = match (past.is_live, past.can_come_back) {
            (true, _) => "live",
            (_, true) => "",
            (_, false) => "its theme is not here",
        };
        let by = if past.by.is_empty() { "-" } else { &past.by };
        vec![
            past.id.to_string(),
            past.published_at.clone(),
            past.how.clone(),
            by.to_owned(),
            past.theme.clone(),
            live.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = past.iter().map(row).collect();
    let json = serde_json::to_value(&past).or_internal("writing designs")?;
    Ok(Done::data(table(&["id", "when", "how", "who", "theme", ""], &rows), json))
}

fn back(
    hands: &Hands,
    site: &str,
    act: impl Fn(&mut Tx<'_>, &Themes, SiteId) -> Result<freehold_platform::sites::Settings> + Send + 'static,
) -> Result<Done> {
    let (site, desk) = (hands.site(site)?, hands.gallery()?);
    let live = hands.write(move |tx| Ok(act(tx, &desk.themes, site)?.theme))?;
    Ok(Done::said(
        "The design of before is live again.".to_owned(),
        json!({ "theme": live.name, "settings": live.settings }),
    ))
}
