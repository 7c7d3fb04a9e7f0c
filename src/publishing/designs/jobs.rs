//! Going live at a time.

use std::sync::Arc;

use freehold_base::{Capability, Code, Result, SiteId, Timestamp};
use freehold_platform::jobs::{Handlers, Lane};
use freehold_store::{Actor, Tx};
use serde::Deserialize;

use super::{draft, live, of};
use crate::themes::Themes;

/// Lets a draft go live.
pub const PUBLISH: &str = "design.publish";

#[derive(Deserialize)]
struct Which {
    theme: String,
}

/// One date for each draft.
pub(super) fn key(site: SiteId, theme: &str) -> String {
    format!("{PUBLISH}:{site}:{theme}")
}

/// Adds the handler. It has its hour: it never waits behind slow work.
pub fn register(handlers: &mut Handlers, themes: &Arc<Themes>) {
    let themes = Arc::clone(themes);
    handlers.add_to(Lane::Prompt, PUBLISH, move |job| {
        let Which { theme } = job.payload()?;
        let (themes, site) = (Arc::clone(&themes), job.site());
        let went = job.store.write(&Actor::system(), move |tx| due(tx, &themes, site, &theme))?;
        Ok(format!("{{\"live\":{went}}}"))
    });
}

/// The time of a draft has come; whether it went live. Running twice changes nothing: a draft that went live has no
/// time. A draft of a theme that the site has no more stays a draft.
fn due(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, theme: &str) -> Result<bool> {
    let scope = match tx.authorize(site, Capability::SettingsManage) {
        Err(e) if e.as_code() == Code::NotFound => return Ok(false), // deleted since
        scope => scope?,
    };
    let design = match of(tx, themes, scope) {
        Err(e) if e.as_code() == Code::WrongState => return Ok(false), // its theme is gone
        design => design?,
    };
    let (at, by) = (design.row.publish_at, design.row.publish_by);
    if design.theme != theme || at == Timestamp(0) || at > tx.now() {
        return Ok(false);
    }
    if design.changes.is_empty() {
        draft::clear(tx, scope, &design, &design.row.steps)?;
        return Ok(false);
    }
    live::go_live(tx, scope, &design, ("schedule", by))?;
    Ok(true)
}
