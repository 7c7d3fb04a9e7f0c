//! Who did what (security rule C9): on a site, and on the installation.

pub mod list;
pub mod export;

use freehold_base::{Error, Result, SiteId, Timestamp};
use freehold_platform::audit::{Row, RowFilter};
use freehold_store::{Tx, users};

use super::ctx::Ctx;

/// What can be filtered for: what stands before the dot of an act, and its words.
pub(super) const NOUNS: &[(&str, &str)] = &[
    ("", "Everything"),
    ("entry", "Posts and pages"),
    ("media", "Media"),
    ("comment", "Comments"),
    ("term", "Categories and tags"),
    ("menu", "Menus"),
    ("theme", "Themes"),
    ("design", "Designs"),
    ("settings", "Settings"),
    ("domain", "Domains"),
    ("redirect", "Redirects"),
    ("header", "Headers"),
    ("private_folder", "Private folders"),
    ("file", "Files"),
    ("access", "Logins to files"),
    ("cron", "Commands"),
    ("terminal", "Terminals"),
    ("person", "People and roles"),
    ("session", "Sign-ins"),
    ("password", "Passwords"),
    ("factor", "Two-step sign-in"),
    ("passkey", "Passkeys"),
    ("network", "Networks"),
    ("token", "API tokens"),
    ("import", "Imports"),
    ("job", "Jobs"),
    ("site", "Sites"),
    ("account", "Accounts"),
    ("plan", "Plans"),
    ("reseller", "Resellers"),
];

/// What the address asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub site: Option<SiteId>,
    pub who: String,
    pub what: String,
    pub from: String,
    pub until: String,
    pub before: i64,
}

impl Asked {
    pub fn of(ctx: &Ctx) -> Self {
        let text = |name| ctx.param(name).unwrap_or_default().trim().to_owned();
        Self {
            site: (ctx.site != SiteId(0)).then_some(ctx.site),
            who: text("who"),
            what: text("what"),
            from: text("from"),
            until: text("until"),
            before: text("before").parse().unwrap_or(0),
        }
    }

    /// The address of the list.
    pub fn home(&self) -> String {
        match self.site {
            Some(site) => format!("/admin/s/{site}/audit"),
            None => "/admin/server/audit".to_owned(),
        }
    }

    /// The filters as a query.
    pub fn query(&self) -> String {
        let pairs = [("who", &self.who), ("what", &self.what), ("from", &self.from), ("until", &self.until)];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        query.finish()
    }

    /// As the log takes it. Somebody whom nobody knows did nothing.
    pub fn filter(&self, tx: &mut Tx<'_>) -> Result<RowFilter> {
        let person = match self.who.to_lowercase().as_str() {
            "" => None,
            "freehold" => Some(0),
            email => Some(users::find_by_email(tx, email)?.map_or(-1, |user| user.id.get())),
        };
        let noun = NOUNS.iter().find(|(noun, _)| !noun.is_empty() && *noun == self.what);
        Ok(RowFilter {
            person,
            noun: noun.map(|(noun, _)| (*noun).to_owned()),
            from: day(&self.from),
            until: day(&self.until).map(|at| at.plus(std::time::Duration::from_secs(24 * 3600))),
        })
    }
}

/// The start of a day (UTC) as date fields name it.
fn day(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z"))
}

/// Names of people, read once each.
#[derive(Default)]
pub(super) struct Names(std::collections::HashMap<i64, (String, String)>);

impl Names {
    /// Name and e-mail of who acted.
    pub fn of(&mut self, tx: &mut Tx<'_>, row: &Row) -> Result<(String, String)> {
        match (row.actor.as_str(), row.actor_id) {
            // The first sign-in, before anybody was there to act.
            ("system", _) | ("visitor", 0) if ["session.begin", "server.claim"].contains(&row.action.as_str()) => {
                let email = row.object.splitn(3, ' ').nth(2).unwrap_or_default();
                return Ok((email.to_owned(), email.to_owned()));
            }
            ("system", _) => return Ok(("Freehold".into(), "freehold".into())),
            (_, 0) => return Ok(("Somebody".into(), String::new())),
            _ => {}
        }
        if let Some(known) = self.0.get(&row.actor_id) {
            return Ok(known.clone());
        }
        let found = match users::find(tx, row.actor_id.into()) {
            Ok(user) => (user.name, user.email),
            Err(e @ Error::Internal { .. }) => return Err(e),
            Err(_) => ("Somebody who was deleted".into(), String::new()),
        };
        self.0.insert(row.actor_id, found.clone());
        Ok(found)
    }
}
