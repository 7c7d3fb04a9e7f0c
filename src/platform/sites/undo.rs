//! Taking the last change of settings back.

use freehold_base::{Code, Error, Result, SiteId, Timestamp};
use freehold_store::{SiteScope, Tx, settings as rows};
use serde::{Deserialize, Serialize};

use super::settings::{self, Settings};

/// Name of the row beside the groups; reading settings passes it over.
const ROW: &str = "undo";
/// After so long the last change is the way things are.
const KEPT_MS: i64 = 10 * 60 * 1000;

#[derive(Serialize, Deserialize)]
struct Before {
    at: i64,
    by: i64,
    settings: Settings,
}

/// Keeps the settings that are about to be replaced.
pub(super) fn keep(tx: &mut Tx<'_>, site: SiteScope, settings: &Settings) -> Result<()> {
    let by = tx.actor().user().map_or(0, i64::from);
    let before = Before { at: tx.now().ms(), by, settings: settings.clone() };
    let json = serde_json::to_string(&before).map_err(|e| Error::internal("writing settings", e))?;
    rows::set(tx, site, ROW, &json)
}

/// Brings the settings back that the actor replaced within the last ten minutes. Doing it twice changes them again.
///
/// # Errors
/// `Denied`, `NotFound("site")`, `WrongState` (nothing to take back, or somebody else saved since).
pub fn last(tx: &mut Tx<'_>, site: SiteId) -> Result<Settings> {
    let scope = tx.authorize(site, freehold_base::Capability::SettingsManage)?;
    let nothing = || Error::refused(Code::WrongState, "there is no change of yours to take back");
    let json = rows::get(tx, scope, ROW)?.ok_or_else(nothing)?;
    let before: Before = serde_json::from_str(&json).map_err(|_| nothing())?;
    let age = tx.now().ms() - Timestamp(before.at).ms();
    if age > KEPT_MS || Some(before.by) != tx.actor().user().map(i64::from) {
        return Err(nothing());
    }
    settings::save(tx, site, &before.settings)
}
