//! Going live: at once, at a time, and back to what was live before.

use std::time::Duration;

use freehold_base::{Capability, Code, DesignStateId, Error, OrInternal as _, Result, SiteId, Timestamp, UserId};
use freehold_platform::jobs::{self as queue, NewJob};
use freehold_platform::sites::{Settings, settings as site_settings};
use freehold_store::designs::{self as rows, NewState, StateRow};
use freehold_store::{SiteScope, Tx};
use serde_json::json;

use super::draft::{clear, named};
use super::{Design, KEPT, Values, beyond_defaults, compare, effective, jobs, of};
use crate::themes::Themes;

/// The latest date: a year from now.
const FARTHEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// The draft goes live: the next page that somebody asks for shows it.
///
/// # Errors
/// `Denied`; `DesignConflict`; `WrongState` where nothing is tried out.
pub fn publish(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, base: Option<i64>) -> Result<Design> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let design = of(tx, themes, scope)?;
    compare(tx, &design, base)?;
    let by = tx.actor().user().unwrap_or_default();
    go_live(tx, scope, &design, ("publish", by))?;
    of(tx, themes, scope)
}

pub(super) fn go_live(tx: &mut Tx<'_>, scope: SiteScope, design: &Design, (how, by): (&str, UserId)) -> Result<()> {
    if design.changes.is_empty() {
        return Err(Error::refused(Code::WrongState, "nothing is tried out that could go live"));
    }
    let mut values = design.live.clone();
    values.extend(design.changes.clone());
    let values = beyond_defaults(design.settings(), &values);
    let object = named(&design.theme, &design.changes);
    put(tx, scope, (&design.theme, values), (how, by), ("design.publish", &object))?;
    // What is live is no step of a draft: it is taken back by the list of what was live.
    clear(tx, scope, design, "{}")
}

/// Says when the draft goes live by itself, as it stands then.
///
/// # Errors
/// As [`publish`]; `Invalid("at")` for a time that has passed or is more than a year away.
pub fn publish_later(
    tx: &mut Tx<'_>,
    themes: &Themes,
    site: SiteId,
    base: Option<i64>,
    at: Timestamp,
) -> Result<Design> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let design = of(tx, themes, scope)?;
    compare(tx, &design, base)?;
    if design.changes.is_empty() {
        return Err(Error::refused(Code::WrongState, "nothing is tried out that could go live"));
    }
    if at <= tx.now() || at > tx.now().plus(FARTHEST) {
        return Err(Error::invalid("at", Code::NotAllowed, "a time to come, within a year"));
    }
    let payload = json!({ "theme": design.theme }).to_string();
    let key = jobs::key(site, &design.theme);
    queue::enqueue(tx, &NewJob { site, kind: jobs::PUBLISH, payload: &payload, run_at: at, unique_key: Some(&key) })?;
    let mut row = design.row.clone();
    (row.publish_at, row.publish_by) = (at, tx.actor().user().unwrap_or_default());
    rows::save_draft(tx, scope, &row)?;
    tx.audit_site(scope, "design.schedule", format!("{} at {}", design.theme, at.rfc3339()));
    of(tx, themes, scope)
}

/// The draft does not go live by itself after all.
///
/// # Errors
/// `Denied`; `WrongState` where no time is set.
pub fn unschedule(tx: &mut Tx<'_>, themes: &Themes, site: SiteId) -> Result<Design> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let design = of(tx, themes, scope)?;
    if design.publish_at == Timestamp(0) {
        return Err(Error::refused(Code::WrongState, "no time is set"));
    }
    queue::drop_unique(tx, &jobs::key(site, &design.theme))?;
    let mut row = design.row.clone();
    (row.publish_at, row.publish_by) = (Timestamp(0), UserId(0));
    rows::save_draft(tx, scope, &row)?;
    tx.audit_site(scope, "design.unschedule", &design.theme);
    of(tx, themes, scope)
}

/// How a site looked.
#[derive(Clone, Debug)]
pub struct Past {
    /// The state.
    pub row: StateRow,
    /// Who published it; empty for nobody who is known.
    pub by: String,
    /// Whether it is live.
    pub is_live: bool,
    /// Whether its theme is on this server, so that it can be live again.
    pub can_come_back: bool,
    /// Settings that differ from the state before it.
    pub changed: Vec<String>,
}

/// What was live, newest first: at most [`KEPT`] states.
///
/// # Errors
/// `Denied`.
pub fn history(tx: &mut Tx<'_>, themes: &Themes, site: SiteId) -> Result<Vec<Past>> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let live = site_settings::read(tx, scope)?.theme;
    let states = rows::states(tx, scope, KEPT)?;
    let values: Vec<Values> = states.iter().map(|(row, _)| read(row)).collect();
    let of = |(at, (row, by)): (usize, (StateRow, String))| {
        let now = values.get(at).cloned().unwrap_or_default();
        let before = values.get(at + 1).filter(|_| states.get(at + 1).is_some_and(|(b, _)| b.theme == row.theme));
        let differs = |id: &String| before.is_some_and(|before| before.get(id) != now.get(id));
        let mut changed: Vec<String> =
            now.keys().chain(before.into_iter().flat_map(Values::keys)).filter(|id| differs(id)).cloned().collect();
        changed.sort_unstable();
        changed.dedup();
        let is_live = at == 0 && row.theme == live.name && now == live.settings;
        Past { is_live, can_come_back: themes.offers(site, &row.theme), row, by, changed }
    };
    Ok(states.clone().into_iter().enumerate().map(of).collect())
}

/// Takes the last publication back: what was live before it is live again. Doing it twice brings it back.
///
/// # Errors
/// `Denied`; `WrongState` where there is none, or where the design was changed in another way since.
pub fn undo(tx: &mut Tx<'_>, themes: &Themes, site: SiteId) -> Result<Settings> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let wrong = |why: &str| Err(Error::refused(Code::WrongState, why));
    let past = history(tx, themes, site)?;
    let (Some(last), Some(before)) = (past.first(), past.get(1)) else {
        return wrong("no design was published here yet");
    };
    if !last.is_live {
        return wrong(
            "the design was changed in another way since; take a state from the list of those that were live",
        );
    }
    bring_back(tx, themes, scope, &before.row, ("undo", "design.undo"))
}

/// Brings a state back that was live.
///
/// # Errors
/// `Denied`; `NotFound("design")`; `WrongState` where its theme is not on this server.
pub fn restore(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, id: DesignStateId) -> Result<Settings> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let state = rows::state(tx, scope, id)?;
    bring_back(tx, themes, scope, &state, ("restore", "design.restore"))
}

fn bring_back(
    tx: &mut Tx<'_>,
    themes: &Themes,
    scope: SiteScope,
    state: &StateRow,
    (how, act): (&str, &'static str),
) -> Result<Settings> {
    if !themes.offers(scope.id(), &state.theme) {
        return Err(Error::refused(Code::WrongState, format!("the theme {} is not on this server", state.theme)));
    }
    let theme = themes.get(&state.theme);
    let settings = &theme.manifest().settings;
    // What the theme takes no more stays behind.
    let values = beyond_defaults(settings, &effective(settings, &read(state)));
    let by = tx.actor().user().unwrap_or_default();
    let object = format!("{} of {}", state.theme, state.published_at.rfc3339());
    put(tx, scope, (&state.theme, values), (how, by), (act, &object))
}

/// One write: the site's settings, the line of the log, the state for the list; pages that were ready are made anew.
fn put(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    (theme, values): (&str, Values),
    (how, by): (&str, UserId),
    act: (&'static str, &str),
) -> Result<Settings> {
    let mut wanted = site_settings::read(tx, scope)?;
    let newest = rows::states(tx, scope, 1)?.into_iter().next();
    let known = newest.is_some_and(|(row, _)| row.theme == wanted.theme.name && read(&row) == wanted.theme.settings);
    if !known {
        // What was live and came in another way: the first theme, settings that a program wrote.
        let json = write(&wanted.theme.settings)?;
        let before = NewState { theme: &wanted.theme.name, settings: &json, how: "before", by: UserId(0) };
        rows::add_state(tx, scope, &before, KEPT)?;
    }
    wanted.theme.change_to(theme);
    wanted.theme.settings = values;
    let json = write(&wanted.theme.settings)?;
    let saved = site_settings::save_as(tx, scope.id(), &wanted, act)?;
    rows::add_state(tx, scope, &NewState { theme, settings: &json, how, by }, KEPT)?;
    Ok(saved)
}

fn read(state: &StateRow) -> Values {
    serde_json::from_str(&state.settings).unwrap_or_default()
}

fn write(values: &Values) -> Result<String> {
    serde_json::to_string(values).or_internal("writing the design")
}
