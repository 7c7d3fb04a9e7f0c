//! Trying out: a draft takes values, step by step, and lets go of them.

use freehold_base::error::Refusals;
use freehold_base::{Capability, Code, EntryId, Error, OrInternal as _, Result, SiteId, TermId, Timestamp, UserId};
use freehold_platform::jobs as queue;
use freehold_platform::sites::ThemeChoice;
use freehold_store::{SiteScope, Tx, entries, media, menus, terms};
use serde_json::Value;

use super::steps::Steps;
use super::{Design, Values, compare, jobs, keep, of};
use crate::themes::Themes;
use crate::themes::settings::{Kind, Setting};

/// Longest draft, in bytes of JSON.
const MAX_BYTES: usize = 128 * 1024;
/// Changes of one person within so long are one line of the audit log.
const SESSION_MS: i64 = 30 * 60 * 1000;

/// Puts values into the draft; what equals the live value is no change any more. `base`: the version that whoever
/// changes it saw; none to change it whatever it is.
///
/// # Errors
/// `Denied`; `DesignConflict` with the name of who was faster; `Invalid` naming each setting.
pub fn save(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, base: Option<i64>, values: &Values) -> Result<Design> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let design = of(tx, themes, scope)?;
    compare(tx, &design, base)?;
    check(tx, scope, (design.settings(), ""), values)?;
    let mut changes = design.changes.clone();
    for (id, value) in values {
        if design.live.get(id) == Some(value) {
            changes.remove(id);
        } else {
            changes.insert(id.clone(), value.clone());
        }
    }
    let mut steps = Steps::read(&design.row.steps);
    if !steps.note((&design.changes, &changes), acted(tx)) && design.dropped.is_empty() {
        return Ok(design);
    }
    write(tx, scope, &design, &changes, &mut steps)?;
    of(tx, themes, scope)
}

/// Takes the last change of the draft back.
///
/// # Errors
/// As [`save`]; `WrongState` where there is none.
pub fn undo_step(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, base: Option<i64>) -> Result<Design> {
    step(tx, themes, (site, base), Steps::back)
}

/// Makes the change of the draft again that was taken back last.
///
/// # Errors
/// As [`undo_step`].
pub fn redo(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, base: Option<i64>) -> Result<Design> {
    step(tx, themes, (site, base), Steps::forward)
}

fn step(
    tx: &mut Tx<'_>,
    themes: &Themes,
    (site, base): (SiteId, Option<i64>),
    go: impl Fn(&mut Steps, &mut Values) -> Option<()>,
) -> Result<Design> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let design = of(tx, themes, scope)?;
    compare(tx, &design, base)?;
    let (mut steps, mut changes) = (Steps::read(&design.row.steps), design.changes.clone());
    go(&mut steps, &mut changes)
        .ok_or_else(|| Error::refused(Code::WrongState, "there is no such change of the draft"))?;
    write(tx, scope, &design, &changes, &mut steps)?;
    of(tx, themes, scope)
}

/// Throws the draft away, with its date and its link. What is live stays. It is a change as any other: taken back, the
/// values are there again.
///
/// # Errors
/// As [`save`].
pub fn discard(tx: &mut Tx<'_>, themes: &Themes, site: SiteId, base: Option<i64>) -> Result<Design> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let design = of(tx, themes, scope)?;
    compare(tx, &design, base)?;
    let mut steps = Steps::read(&design.row.steps);
    steps.end(&design.changes, acted(tx));
    clear(tx, scope, &design, &steps.write())?;
    tx.audit_site(scope, "design.discard", named(&design.theme, &design.changes));
    of(tx, themes, scope)
}

/// Who acts, 0 for no person, and when: what a step says of itself.
fn acted(tx: &Tx<'_>) -> (i64, i64) {
    (tx.actor().user().map_or(0, i64::from), tx.now().ms())
}

/// The draft is over: nothing is tried out, no date, no link. `steps`: what can be taken back of it from now on.
pub(super) fn clear(tx: &mut Tx<'_>, scope: SiteScope, design: &Design, steps: &str) -> Result<()> {
    queue::drop_unique(tx, &jobs::key(scope.id(), &design.theme))?;
    let mut row = design.row.clone();
    (row.changes, row.steps) = ("{}".into(), steps.into());
    (row.publish_at, row.publish_by, row.share_until) = (Timestamp(0), UserId(0), Timestamp(0));
    touch(tx, &mut row);
    keep(tx, scope, row)
}

/// A theme and the settings that were changed, as the audit log names them.
pub(super) fn named(theme: &str, changes: &Values) -> String {
    let ids: Vec<&str> = changes.keys().map(String::as_str).take(20).collect();
    if ids.is_empty() { theme.to_owned() } else { format!("{theme}: {}", ids.join(", ")) }
}

fn touch(tx: &Tx<'_>, row: &mut freehold_store::designs::DraftRow) {
    row.updated_by = tx.actor().user().unwrap_or_default();
    row.updated_at = tx.now();
}

fn write(tx: &mut Tx<'_>, scope: SiteScope, design: &Design, changes: &Values, steps: &mut Steps) -> Result<()> {
    let mut row = design.row.clone();
    row.changes = serde_json::to_string(changes).or_internal("writing the design")?;
    if row.changes.len() > MAX_BYTES {
        return Err(Error::invalid("settings", Code::TooLong, (MAX_BYTES / 1000 * 1000).to_string()));
    }
    row.steps = steps.write();
    let by = tx.actor().user().unwrap_or_default();
    let goes_on = row.updated_by == by && (0..SESSION_MS).contains(&(tx.now().ms() - row.updated_at.ms()));
    touch(tx, &mut row);
    keep(tx, scope, row)?;
    // One line for each time that somebody sits down to it.
    if !goes_on || design.changes.is_empty() {
        tx.audit_site(scope, "design.draft", named(&design.theme, changes));
    }
    Ok(())
}

/// Values that a program stores for a site without a draft, by the settings of their theme. What stood there before
/// (`known`) is not judged again: the theme may be another one since.
///
/// # Errors
/// `Invalid` naming each as `theme.settings.ID`.
pub fn check_stored(
    tx: &mut Tx<'_>,
    themes: &Themes,
    scope: SiteScope,
    theme: &ThemeChoice,
    known: &Values,
) -> Result<()> {
    let about = themes.offers(scope.id(), &theme.name).then(|| themes.get(&theme.name));
    let settings = about.as_ref().map(|about| about.manifest().settings.as_slice()).unwrap_or_default();
    let is_new = |(id, value): &(&String, &Value)| known.get(*id) != Some(*value);
    let news: Values = theme.settings.iter().filter(is_new).map(|(id, value)| (id.clone(), value.clone())).collect();
    check(tx, scope, (settings, "theme.settings."), &news)
}

/// Every value against its setting, and what is named by a number against the site. `before`: what stands before an id
/// in the name of its field.
fn check(tx: &mut Tx<'_>, scope: SiteScope, (settings, before): (&[Setting], &str), values: &Values) -> Result<()> {
    let mut refused = Refusals::default();
    for (id, value) in values {
        let field = format!("{before}{id}");
        match settings.iter().find(|s| s.id == *id) {
            None => refused.add(field, Code::UnknownField, "The theme has no setting of this name."),
            Some(setting) => match setting.judge(value) {
                Err((code, detail)) => refused.add(field, code, detail),
                Ok(()) if is_there(tx, scope, setting, value)? => {}
                Ok(()) => refused.add(field, Code::NotAllowed, "the number of one on this site, or 0 for none"),
            },
        }
    }
    refused.check()
}

/// Whether what a number names is on the site.
fn is_there(tx: &mut Tx<'_>, scope: SiteScope, setting: &Setting, value: &Value) -> Result<bool> {
    let Some(id) = value.as_i64().filter(|id| *id > 0) else { return Ok(true) };
    let found = match setting.kind {
        Kind::Image => media::find_many(tx, scope, &[id])?.iter().any(|m| m.content_type.starts_with("image/")),
        Kind::Media => !media::find_many(tx, scope, &[id])?.is_empty(),
        Kind::Entry => there(entries::find(tx, scope, EntryId(id)).map(drop))?,
        Kind::Term => there(terms::find(tx, scope, TermId(id)).map(drop))?,
        Kind::Menu => there(menus::find(tx, scope, id.into()).map(drop))?,
        _ => true,
    };
    Ok(found)
}

fn there(found: Result<()>) -> Result<bool> {
    match found {
        Ok(()) => Ok(true),
        Err(e) if e.as_code() == Code::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}
