//! Places where roles are held, as forms name them: `server`, `account:1`, `site:1`.

use std::collections::HashMap;

use freehold_base::{AccountId, Capability as C, Code, Error, ResellerId, Result, Role, SiteId};
use freehold_platform::customers;
use freehold_platform::sites as service;
use freehold_store::roles::RolePlace;
use freehold_store::{Grants, Tx};
use serde::Serialize;

use crate::panel::form::Form;

/// A choice of a form.
#[derive(Serialize)]
pub struct OptionView {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// A role that somebody holds.
#[derive(Serialize)]
pub struct HeldView {
    place: String,
    place_label: String,
    href: String,
    role: &'static str,
    role_label: &'static str,
}

/// Every place with its words.
pub struct Places {
    resellers: Vec<(ResellerId, String)>,
    accounts: Vec<(AccountId, String)>,
    sites: Vec<(SiteId, String)>,
}

impl Places {
    /// Reads them, for the hosting admin.
    ///
    /// # Errors
    /// `Denied`.
    pub fn read(tx: &mut Tx<'_>) -> Result<Self> {
        tx.authorize_server(C::ServerRead)?;
        let accounts = customers::accounts::titles(tx)?;
        let resellers = customers::resellers::list(tx)?.into_iter().map(|r| (r.reseller.id, r.reseller.name)).collect();
        let mut titles = Vec::new();
        service::walk_cards(tx, |_, card| {
            titles.push((card.site.id, card.title));
            Ok(true)
        })?;
        Ok(Self { resellers, accounts, sites: titles })
    }

    /// As choices.
    pub fn options(&self) -> Vec<OptionView> {
        let option = |value: String, label: String| OptionView { value, label };
        let sites = self.sites.iter().map(|(id, title)| option(format!("site:{id}"), format!("On the site {title}")));
        let accounts =
            self.accounts.iter().map(|(id, name)| option(format!("account:{id}"), format!("Owner of account {name}")));
        let resellers = self
            .resellers
            .iter()
            .map(|(id, name)| option(format!("reseller:{id}"), format!("Works for reseller {name}")));
        let server = [
            option("auditor".into(), "Auditor: sees everything, changes nothing".into()),
            option("server".into(), "Hosting admin: everything".into()),
        ];
        sites.chain(accounts).chain(resellers).chain(server).collect()
    }

    /// What somebody holds, in words.
    pub fn held(&self, grants: &Grants) -> Vec<HeldView> {
        let accounts: HashMap<_, _> = self.accounts.iter().cloned().collect();
        let sites: HashMap<_, _> = self.sites.iter().cloned().collect();
        let view = |place: String, place_label: String, href: String, role: Role| HeldView {
            place,
            place_label,
            href,
            role: role.name(),
            role_label: role.label(),
        };
        let mut list: Vec<HeldView> = Vec::new();
        list.extend(grants.server.map(|r| view("server".into(), "This server".into(), String::new(), r)));
        list.extend(grants.resellers.iter().map(|(id, _)| {
            let name = self.resellers.iter().find(|(r, _)| r == id).map(|(_, name)| name.clone()).unwrap_or_default();
            let href = format!("/admin/server/resellers/{id}");
            view(format!("reseller:{id}"), format!("Reseller {name}"), href, Role::Reseller)
        }));
        list.extend(grants.accounts.iter().map(|(id, r)| {
            let name = accounts.get(id).cloned().unwrap_or_default();
            view(format!("account:{id}"), format!("Account {name}"), format!("/admin/server/accounts/{id}"), *r)
        }));
        list.extend(grants.sites.iter().map(|(id, r)| {
            let title = sites.get(id).cloned().unwrap_or_default();
            view(format!("site:{id}"), title, format!("/admin/s/{id}/people"), *r)
        }));
        list
    }
}

/// The place and role of a form (`place`, and `role` where it is a site).
///
/// # Errors
/// `Invalid` (place, role).
pub fn typed(form: &Form) -> Result<(RolePlace, Role)> {
    let place = place_of(form.get("place"))?;
    let role = match place {
        RolePlace::Server if form.get("place") == "auditor" => Role::Auditor,
        RolePlace::Server => Role::HostingAdmin,
        RolePlace::Reseller(_) => Role::Reseller,
        RolePlace::Account(_) => Role::Owner,
        RolePlace::Site(_) => {
            let known = Role::by_name(form.get("role")).filter(|r| Role::OF_SITES.contains(r));
            known.ok_or_else(|| Error::invalid("role", Code::NotAllowed, "the roles of the list"))?
        }
    };
    Ok((place, role))
}

/// A place by its name in forms.
///
/// # Errors
/// `Invalid("place")`.
pub fn place_of(text: &str) -> Result<RolePlace> {
    let wrong = || Error::invalid("place", Code::NotAllowed, "the places of the list");
    match text.split_once(':') {
        None if matches!(text, "server" | "auditor") => Ok(RolePlace::Server),
        Some(("reseller", id)) => id.parse().map(RolePlace::Reseller).map_err(|_| wrong()),
        Some(("account", id)) => id.parse().map(RolePlace::Account).map_err(|_| wrong()),
        Some(("site", id)) => id.parse().map(RolePlace::Site).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

/// Roles of sites as choices, strongest first.
pub fn site_roles() -> Vec<OptionView> {
    Role::OF_SITES.iter().rev().map(|r| OptionView { value: r.name().into(), label: r.label().into() }).collect()
}
