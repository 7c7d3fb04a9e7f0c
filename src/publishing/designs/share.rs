//! Showing a draft to people without an account: a link with an end.

use std::time::Duration;

use freehold_base::{Capability, Code, Error, OrInternal as _, Result, SiteId, Timestamp};
use freehold_store::designs as rows;
use freehold_store::{SiteScope, Tx};

use super::{Design, Values, of};
use crate::themes::Themes;

/// Days that a link may work.
pub const DAYS: std::ops::RangeInclusive<i64> = 1..=90;

/// Gives the draft a link that works for some days; one that was given before works no more. The link shows the draft
/// as it stands whenever somebody opens it.
///
/// # Errors
/// `Denied`; `Invalid("days")`.
pub fn share(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, days: i64) -> Result<Design> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let design = of(tx, themes, scope)?;
    if !DAYS.contains(&days) {
        return Err(Error::invalid("days", Code::NotAllowed, "1 to 90"));
    }
    let until = tx.now().plus(Duration::from_secs(days.unsigned_abs() * 24 * 3600));
    let mut row = design.row.clone();
    (row.share_number, row.share_until) = (row.share_number + 1, until);
    rows::save_draft(tx, scope, &row)?;
    tx.audit_site(scope, "design.share", format!("{} until {}", design.theme, until.rfc3339()));
    of(tx, themes, scope)
}

/// Ends the link.
///
/// # Errors
/// `Denied`; `WrongState` where there is none.
pub fn unshare(tx: &mut Tx<'_>, themes: &Themes, site: SiteId) -> Result<Design> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let design = of(tx, themes, scope)?;
    if design.share.is_none() {
        return Err(Error::refused(Code::WrongState, "there is no link"));
    }
    let mut row = design.row.clone();
    row.share_until = Timestamp(0);
    rows::save_draft(tx, scope, &row)?;
    tx.audit_site(scope, "design.unshare", &design.theme);
    of(tx, themes, scope)
}

/// What a draft changes, for who has a signed address of it: one of the panel (`number` 0), or the link of that number.
///
/// # Errors
/// `LinkUsed` where the link was ended.
pub fn shown(tx: &mut Tx<'_>, visited: SiteScope, theme: &str, number: i64) -> Result<Values> {
    let Some((changes, last, until)) = rows::shown(tx, visited, theme)? else { return Ok(Values::new()) };
    if number != 0 && (last != number || until <= tx.now()) {
        return Err(Error::code(Code::LinkUsed));
    }
    serde_json::from_str(&changes).or_internal("reading the design")
}
