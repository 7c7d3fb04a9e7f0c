//! The design of a site: what its theme's settings are tried out as, and how they go live (row TH03).
//!
//! A site has one draft for each theme: the values that shall differ from what is live. It is on the server, so that it
//! outlives a session and is the same on every device; each change names the version that it was made upon. What was
//! live is kept, the newest [`KEPT`] states.

mod steps;
mod draft;
mod live;
mod share;
mod nameable;
pub mod jobs;

use std::sync::Arc;

use freehold_base::{Capability, Code, Error, OrInternal as _, Result, SiteId, Timestamp, UserId};
use freehold_platform::sites::settings as site_settings;
use freehold_store::designs::{self as rows, DraftRow};
use freehold_store::{SiteScope, Tx};
use serde_json::{Map, Value};

use crate::themes::settings::{Setting, contrasts};
use crate::themes::{Theme, Themes, contrast};

pub use draft::{check_stored, discard, redo, save, undo_step};
pub use live::{Past, history, publish, publish_later, restore, undo, unschedule};
pub use nameable::nameable;
pub use share::{DAYS, share, shown, unshare};

/// States that are kept of a site.
pub const KEPT: i64 = 20;

/// Values by setting.
pub type Values = Map<String, Value>;

/// A site's design: what is live, what is tried out, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Design {
    /// The theme's name.
    pub theme: String,
    /// The theme.
    pub about: Arc<Theme>,
    /// What visitors see, of every setting.
    pub live: Values,
    /// What is tried out, where it differs.
    pub changes: Values,
    /// Settings that were changed and that the theme has no more, or whose value it takes no more.
    pub dropped: Vec<String>,
    /// What the next change must name.
    pub version: i64,
    /// Whether the last change of the draft can be taken back, and one that was taken back be made again.
    pub can_undo: bool,
    /// See [`Design::can_undo`].
    pub can_redo: bool,
    /// Who changed it last; empty for nobody who is known.
    pub changed_by: String,
    /// When; 0 for never.
    pub changed_at: Timestamp,
    /// When it goes live by itself; 0 for never.
    pub publish_at: Timestamp,
    /// The link that shows it to others.
    pub share: Option<Share>,
    row: DraftRow,
}

/// A link that shows a draft to people without an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its number: the link names it.
    pub number: i64,
    /// From then on it shows nothing.
    pub until: Timestamp,
}

impl Design {
    /// The theme's settings.
    pub fn settings(&self) -> &[Setting] {
        &self.about.manifest().settings
    }

    /// What a setting is in the draft.
    pub fn value(&self, setting: &Setting) -> Value {
        self.changes.get(&setting.id).or_else(|| self.live.get(&setting.id)).unwrap_or(&setting.default).clone()
    }

    /// How well the draft's colours are read, by setting.
    pub fn contrasts(&self) -> Vec<(String, contrast::Found)> {
        contrasts(self.settings(), |setting| self.value(setting))
    }
}

/// The design of a site.
///
/// # Errors
/// `Denied`; `WrongState` where the site's theme is not on this server.
pub fn open(tx: &mut Tx<'_>, themes: &Themes, site: SiteId) -> Result<Design> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    of(tx, themes, scope)
}

fn of(tx: &mut Tx<'_>, themes: &Themes, scope: SiteScope) -> Result<Design> {
    let choice = site_settings::read(tx, scope)?.theme;
    let theme = choice.name;
    if !themes.offers(scope.id(), &theme) {
        return Err(Error::refused(
            Code::WrongState,
            "the theme of this site is not on this server; choose another one first",
        ));
    }
    let about = themes.get(&theme);
    let settings = &about.manifest().settings;
    let live = effective(settings, &choice.settings);
    let found = rows::draft(tx, scope, &theme)?;
    let (row, changed_by) = found.unwrap_or_else(|| (empty(&theme), String::new()));
    let stored: Values = serde_json::from_str(&row.changes).or_internal("reading the design")?;
    let (mut changes, mut dropped) = (Values::new(), Vec::new());
    for (id, value) in stored {
        match settings.iter().find(|s| s.id == id).and_then(|s| s.settle(&value)) {
            // What is live by now is no change.
            Some(value) if live.get(&id) == Some(&value) => {}
            Some(value) => drop(changes.insert(id, value)),
            None => dropped.push(id),
        }
    }
    let steps = steps::Steps::read(&row.steps);
    let now = tx.now();
    Ok(Design {
        theme,
        live,
        changes,
        dropped,
        version: row.version,
        can_undo: steps.can_undo(),
        can_redo: steps.can_redo(),
        changed_by,
        changed_at: row.updated_at,
        publish_at: row.publish_at,
        share: (row.share_until > now).then_some(Share { number: row.share_number, until: row.share_until }),
        row,
        about,
    })
}

/// Every setting with what it is: the stored value where the theme takes it, else the default.
fn effective(settings: &[Setting], stored: &Values) -> Values {
    let value = |s: &Setting| stored.get(&s.id).and_then(|v| s.settle(v)).unwrap_or_else(|| s.default.clone());
    settings.iter().map(|s| (s.id.clone(), value(s))).collect()
}

/// Only what differs from the theme's defaults: what is stored of a site.
fn beyond_defaults(settings: &[Setting], values: &Values) -> Values {
    let differs = |s: &&Setting| values.get(&s.id).is_some_and(|value| *value != s.default);
    settings.iter().filter(differs).filter_map(|s| Some((s.id.clone(), values.get(&s.id)?.clone()))).collect()
}

fn empty(theme: &str) -> DraftRow {
    DraftRow {
        theme: theme.to_owned(),
        version: 0,
        changes: "{}".into(),
        steps: "{}".into(),
        updated_by: UserId(0),
        updated_at: Timestamp(0),
        publish_at: Timestamp(0),
        publish_by: UserId(0),
        share_number: 0,
        share_until: Timestamp(0),
    }
}

/// Writes the draft's row with its next version: other values than whoever has it open knows. A date or a link is none.
fn keep(tx: &mut Tx<'_>, scope: SiteScope, mut row: DraftRow) -> Result<()> {
    row.version += 1;
    rows::save_draft(tx, scope, &row)
}

/// Refuses what was made upon another version than there is. `base`: none for whoever does not care.
fn compare(tx: &Tx<'_>, design: &Design, base: Option<i64>) -> Result<()> {
    match base {
        Some(base) if base != design.version => {
            let who = match tx.actor().user() {
                Some(me) if me == design.row.updated_by => "You, in another window,",
                _ if design.changed_by.is_empty() => "Somebody",
                _ => design.changed_by.as_str(),
            };
            Err(Error::refused(Code::DesignConflict, who))
        }
        _ => Ok(()),
    }
}
