//! `freehold site …`, `freehold domain …`

use freehold_base::{AccountId, Code, DomainId, Error, HostName, Result, SiteId};
use freehold_platform::customers::accounts;
use freehold_platform::sites::{self, NewSite, Settings};
use serde_json::{Value, json};

use super::commands::{Domain, Done, Site};
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
            names(hands, site)
        }
        Site::Create { title, host, account } => {
            let host = HostName::parse(host)?;
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
    let rows: Vec<Vec<String>> =
        all.iter().map(|s| vec![s.id.to_string(), main(s.id), s.name.clone(), s.status.clone()]).collect();
    let json: Vec<Value> = all
        .iter()
        .map(|s| json!({ "id": s.id, "host": main(s.id), "name": s.name, "status": s.status, "account": s.account_id }))
        .collect();
    Ok(Done::data(table(&["id", "host", "name", "status"], &rows), Value::from(json)))
}

fn names(hands: &Hands, site: SiteId) -> Result<Done> {
    let all = hands.read(move |tx| sites::domains(tx, site))?;
    let rows: Vec<Vec<String>> = all.iter().map(|d| vec![d.id.to_string(), d.host.clone(), d.kind.clone()]).collect();
    let json: Vec<Value> = all.iter().map(|d| json!({ "id": d.id, "host": d.host, "kind": d.kind })).collect();
    Ok(Done::data(table(&["id", "host", "kind"], &rows), json!({ "site": site, "domains": json })))
}

/// The site and the row of a host name.
fn found(hands: &Hands, host: &str) -> Result<(SiteId, DomainId)> {
    let site = hands.site(host)?;
    let all = hands.read(move |tx| sites::domains(tx, site))?;
    let row = all.iter().find(|d| d.host == host).map(|d| d.id);
    row.map(|id| (site, id)).ok_or_else(|| Error::not_found("domain"))
}

/// `freehold domain …`
///
/// # Errors
/// What the services give.
pub fn domain(hands: &Hands, command: &Domain) -> Result<Done> {
    match command {
        Domain::List { site } => {
            let site = hands.site(site)?;
            names(hands, site)
        }
        Domain::Add { host, site } => {
            let (site, host) = (hands.site(site)?, HostName::parse(host)?);
            let shown = host.as_str().to_owned();
            let id = hands.write(move |tx| sites::add_domain(tx, site, &host))?;
            Ok(Done::said(format!("{shown} leads to the main name of site {site}."), json!({ "id": id })))
        }
        Domain::Main { host } => {
            let (site, id) = found(hands, host)?;
            hands.write(move |tx| sites::make_main(tx, site, id))?;
            Ok(Done::said(format!("{host} is the main name of site {site}."), json!({ "site": site, "id": id })))
        }
        Domain::Remove { host } => {
            let (site, id) = found(hands, host)?;
            hands.write(move |tx| sites::remove_domain(tx, site, id))?;
            Ok(Done::said(format!("{host} is removed."), json!({ "site": site, "id": id })))
        }
    }
}
