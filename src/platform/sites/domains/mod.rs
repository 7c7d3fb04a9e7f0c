//! Names of a site: list, add, prove, make main, remove.
//!
//! Whose a claimed name is, its text record shows, which belongs to that one claim; or the hosting admin says so. That
//! the name points here shows it too where the change was made after the claim, before our eyes, and nobody else claims
//! it: whoever changed it can hardly be anybody but the one who claims it. A name that points here already shows nothing
//! of the kind: it may be forgotten here, or on its way to somebody else's site.
//!
//! Hardly: an owner may point a name here before adding it, and somebody else may have waited for that. So what was shown
//! by pointing alone yields to the text record of another account: the name becomes a claim there again.

mod count;
mod watch;
mod change;
mod claim;

use freehold_base::{Capability, DomainId, DomainName, Error, Result, SiteId};
use freehold_store::sites::{self as rows, Domain};
use freehold_store::{Tx, domains as across};

pub use change::{Add, add, add_domain, fit_moved, make_main, remove_domain, set_redirect};
pub(super) use change::{needs_proof, put};
pub use claim::{Found, end_old_claims, is_claimed_by_others, prove, settle};
pub use count::{Counted, counted, tally_of, used};
pub use watch::{after, check_now, keep_health, last_look, look_now};

/// The job that looks whether a name points here. Its handler stands where name servers are asked.
pub const WATCH: &str = "domain.watch";

/// The job that looks at a name's health because somebody asked.
pub const CHECK: &str = "domain.check";

/// What a name that is added does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Shows the site too.
    Alias,
    /// Sends visitors on to the main name.
    Redirect,
    /// Shows the site under every name below it.
    Wildcard,
}

impl Kind {
    /// As it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alias => "alias",
            Self::Redirect => "redirect",
            Self::Wildcard => "wildcard",
        }
    }
    /// Finds one by its stored name.
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Alias, Self::Redirect, Self::Wildcard].into_iter().find(|k| k.name() == name)
    }
}

/// Names of a site, the main one first.
///
/// # Errors
/// `Denied`, `NotFound("site")`.
pub fn domains(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<Domain>> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    rows::domains(tx, scope)
}

/// A name of a site by what it is called, or by its number.
///
/// # Errors
/// `Denied`, `NotFound("domain")`.
pub fn named(tx: &mut Tx<'_>, site: SiteId, name: &str) -> Result<Domain> {
    let scope = tx.authorize(site, Capability::SiteRead)?;
    let found = match name.parse::<i64>() {
        Ok(id) => across::by_id(tx, scope, DomainId(id))?,
        Err(_) => across::by_host(tx, scope, &name.to_lowercase())?,
    };
    found.ok_or_else(|| Error::not_found("domain"))
}

/// The name of a row.
///
/// # Errors
/// `Internal` where the row holds none.
pub fn name_of(domain: &Domain) -> Result<DomainName> {
    DomainName::parse(&domain.host).map_err(|_| Error::internal("reading a domain", "its name is malformed"))
}

/// Names of all accounts by name, after a place; one more than the page holds where there are more.
///
/// # Errors
/// `Denied`.
pub fn all_domains(
    tx: &mut Tx<'_>,
    wanted: &across::Wanted,
    page: &freehold_base::Page,
) -> Result<Vec<across::Listed>> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    across::list_all(tx, server, wanted, page)
}

/// The name, wherever it is: served, or claimed by some. Of several claims the first.
///
/// # Errors
/// `Denied`, `NotFound("domain")`.
pub fn somewhere(tx: &mut Tx<'_>, host: &str) -> Result<Domain> {
    let server = tx.authorize_server(Capability::ServerRead)?;
    across::everywhere(tx, server, host)?.into_iter().next().ok_or_else(|| Error::not_found("domain"))
}
