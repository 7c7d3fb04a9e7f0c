//! `freehold account …`, `freehold site …`

use freehold_base::{AccountId, Code, Error, Result, SiteId};
use freehold_platform::sites::{self, NewSite, Settings};
use serde_json::{Value, json};

use super::commands::{Account, Done, Site};
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
        Site::Create { title, host, account } => {
            let host = sites::host_typed(host)?;
            let account = match account {
                Some(id) => AccountId(*id),
                None => first_account(hands)?,
            };
            let shown = host.as_str().to_owned();
            let new = NewSite { account, title: title.clone(), host, settings: Settings::default() };
            let id = hands.write(move |tx| sites::create(tx, &new))?;
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

/// `freehold account …`
///
/// # Errors
/// What the services give.
pub fn account(hands: &Hands, command: &Account) -> Result<Done> {
    match command {
        Account::List => {
            let all = hands.read(sites::own_accounts)?;
            let rows: Vec<Vec<String>> = all.iter().map(|a| vec![a.id.to_string(), a.name.clone()]).collect();
            let json: Vec<Value> = all.iter().map(|a| json!({ "id": a.id, "name": a.name })).collect();
            Ok(Done::data(table(&["id", "name"], &rows), Value::from(json)))
        }
        Account::Show { id } => {
            let id = AccountId(*id);
            let account = hands.read(sites::own_accounts)?.into_iter().find(|a| a.id == id);
            let account = account.ok_or_else(|| Error::not_found("account"))?;
            list(hands, Some(account.id))
        }
        Account::Create { name } => {
            let title = name.clone();
            let id = hands.write(move |tx| sites::open_account(tx, &title))?;
            let words = format!("The account {id} is made. Sites: freehold site create --account {id} …");
            Ok(Done::said(words, json!({ "id": id })))
        }
    }
}

fn first_account(hands: &Hands) -> Result<AccountId> {
    let all = hands.read(sites::own_accounts)?;
    let first = all.iter().map(|a| a.id).min_by_key(|id| id.get());
    first.ok_or_else(|| Error::refused(Code::WrongState, "the server is not set up; run freehold setup first"))
}

/// All sites, or those of one account.
fn list(hands: &Hands, of: Option<AccountId>) -> Result<Done> {
    let (mut all, hosts) = hands.read(|tx| Ok((sites::list_visible(tx)?, sites::hosts(tx)?)))?;
    all.retain(|s| of.is_none_or(|account| s.account_id == account));
    let main = |id: SiteId| hosts.iter().find(|h| h.site == id).map(|h| h.main_host.clone()).unwrap_or_default();
    let rows: Vec<Vec<String>> =
        all.iter().map(|s| vec![s.id.to_string(), main(s.id), s.name.clone(), s.status.clone()]).collect();
    let json: Vec<Value> = all
        .iter()
        .map(|s| json!({ "id": s.id, "host": main(s.id), "name": s.name, "status": s.status, "account": s.account_id }))
        .collect();
    Ok(Done::data(table(&["id", "host", "name", "status"], &rows), Value::from(json)))
}
