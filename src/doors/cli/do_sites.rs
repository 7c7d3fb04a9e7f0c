//! `freehold site …`

use freehold_base::{AccountId, Code, Error, Result, SiteId};
use freehold_platform::customers::accounts;
use freehold_platform::sites::{self, NewSite, Settings};
use serde_json::{Value, json};

use super::commands::{Done, Site, SiteKind};
use super::hands::{Hands, table};

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
