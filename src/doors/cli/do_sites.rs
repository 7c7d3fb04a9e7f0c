//! `freehold site …`

use freehold_base::{AccountId, Capability, Code, Error, OrInternal as _, Result, SiteId};
use freehold_platform::customers::accounts;
use freehold_platform::sites::{self, NewSite, Settings, settings};
use freehold_publishing::designs;
use serde_json::{Value, json};

use super::commands::{Done, Site, SiteKind};
use super::hands::{Hands, table};
use crate::api::sites::{merged, names_theme_settings};

/// `freehold site …`
///
/// # Errors
/// What the services give.
pub fn site(hands: &Hands, command: &Site) -> Result<Done> {
    match command {
        Site::List => list(hands, None),
        Site::Show { site } => {
            let site = hands.site(site)?;
            super::do_domains::names(hands, site)
        }
        Site::Create { title, host, account, kind } => {
            let host = sites::host_typed(host)?;
            let account = match account {
                Some(id) => AccountId(*id),
                None => first_account(hands)?,
            };
            let shown = host.as_str().to_owned();
            let new = NewSite { account, title: title.clone(), host, settings: Settings::default() };
            let kind = *kind;
            let id = hands.write(move |tx| match kind {
                SiteKind::Cms => sites::create(tx, &new),
                SiteKind::Static => sites::create_of_files(tx, &new),
            })?;
            Ok(Done::said(format!("The site {id} answers at {shown}."), json!({ "id": id, "host": shown })))
        }
        Site::Settings { site } => {
            let site = hands.site(site)?;
            let all = hands.read(move |tx| {
                let scope = tx.authorize(site, Capability::SettingsManage)?;
                settings::read(tx, scope)
            })?;
            let json = serde_json::to_value(all).or_internal("writing settings")?;
            Ok(Done::data(serde_json::to_string_pretty(&json).unwrap_or_default(), json))
        }
        Site::Set { site, changes } => set(hands, hands.site(site)?, changes),
        Site::Delete { site, yes } => {
            let site = hands.site(site)?;
            if !yes {
                let words = "this deletes the site with everything in it, for good; say --yes";
                return Err(Error::refused(Code::WrongState, words));
            }
            hands.write(move |tx| sites::delete(tx, site))?;
            Ok(Done::said(format!("The site {site} is deleted."), json!({ "id": site })))
        }
    }
}

/// `general.title=Harbour`: what is JSON is taken as that, all else as text.
fn set(hands: &Hands, site: SiteId, changes: &[String]) -> Result<Done> {
    let mut body = serde_json::Map::new();
    for change in changes {
        let wrong =
            || Error::invalid("changes", Code::Malformed, "GROUP.FIELD=VALUE, such as general.tagline=By the sea");
        let (name, value) = change.split_once('=').ok_or_else(wrong)?;
        let (group, field) = name.split_once('.').ok_or_else(wrong)?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        let fields = body.entry(group).or_insert_with(|| json!({}));
        if let Some(fields) = fields.as_object_mut() {
            fields.insert(field.to_owned(), value);
        }
    }
    // Themes are read only where their settings are to be judged.
    let desk = if names_theme_settings(&body) { Some(hands.gallery()?) } else { None };
    hands.write(move |tx| {
        let scope = tx.authorize(site, Capability::SettingsManage)?;
        let before = settings::read(tx, scope)?;
        let wanted = merged(&before, &body)?;
        if wanted.theme.name != before.theme.name {
            return Err(Error::invalid("theme.name", Code::NotAllowed, "say: freehold theme activate"));
        }
        if let Some(desk) = &desk {
            designs::check_stored(tx, &desk.themes, scope, &wanted.theme, &before.theme.settings)?;
        }
        settings::save(tx, site, &wanted).map(|_| ())
    })?;
    Ok(Done::said(format!("The settings of site {site} are changed."), json!({ "id": site })))
}

fn first_account(hands: &Hands) -> Result<AccountId> {
    let all = hands.read(accounts::own)?;
    let first = all.iter().map(|a| a.id).min_by_key(|id| id.get());
    first.ok_or_else(|| Error::refused(Code::WrongState, "the server is not set up; run freehold setup first"))
}

/// All sites, or those of one account.
pub(super) fn list(hands: &Hands, of: Option<AccountId>) -> Result<Done> {
    let (mut all, hosts) = hands.read(|tx| Ok((sites::list_visible(tx)?, sites::hosts(tx)?)))?;
    all.retain(|s| of.is_none_or(|account| s.account_id == account));
    let main = |id: SiteId| hosts.iter().find(|h| h.site == id).map(|h| h.main_host.clone()).unwrap_or_default();
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|s| vec![s.id.to_string(), main(s.id), s.name.clone(), s.kind.clone(), s.status.clone()])
        .collect();
    let json: Vec<Value> = all
        .iter()
        .map(|s| {
            json!({ "id": s.id, "host": main(s.id), "name": s.name, "kind": s.kind, "status": s.status,
            "account": s.account_id })
        })
        .collect();
    Ok(Done::data(table(&["id", "host", "name", "kind", "status"], &rows), Value::from(json)))
}
