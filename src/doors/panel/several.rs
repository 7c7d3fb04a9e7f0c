//! Acts on several rows of a list: what can be done is done, what is refused is named.

use freehold_base::{Error, Result, SiteId};
use freehold_store::Tx;
use serde::Serialize;

use super::ctx::Ctx;
use super::form::Form;

/// Most rows of one act.
const MOST: usize = 500;

/// What somebody pressed.
pub(super) struct Pressed {
    /// Which act: `trash`, `delete` …
    pub act: String,
    /// They were asked and are sure.
    pub sure: bool,
    /// The rows.
    pub ids: Vec<i64>,
}

impl Pressed {
    /// Reads a list's form. An undo says all of it in its address; a dialog's own button is `sure`, which names the act.
    pub(super) fn of(ctx: &Ctx, form: &Form) -> Self {
        let said = ctx.param("ids").unwrap_or_default();
        let given = form.all("ids");
        let ids = given.into_iter().chain(said.split('.')).filter_map(|id| id.parse().ok()).take(MOST).collect();
        let act = [form.get("do"), form.get("sure")].into_iter().find(|act| !act.is_empty()).unwrap_or_default();
        let act = if act.is_empty() { ctx.param("do").unwrap_or_default() } else { act.to_owned() };
        Self { act, sure: form.has("sure"), ids }
    }
}

/// Ids in an address: `3.14.15`.
pub(super) fn joined(ids: &[i64]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

/// What came of it.
pub(super) struct Done {
    /// Rows it was done to.
    pub done: Vec<i64>,
    /// Rows that it was refused for, with the reason.
    pub refused: Vec<(i64, String)>,
}

/// One act on one row.
pub(super) type One = fn(&mut Tx<'_>, SiteId, i64, &str) -> Result<()>;

/// Does it to all rows in one transaction; where a row is refused, to each by itself.
///
/// # Errors
/// Faults of ours.
pub(super) async fn each(ctx: &Ctx, pressed: &Pressed, one: One) -> Result<Done> {
    let site = ctx.site;
    let (ids, act) = (pressed.ids.clone(), pressed.act.clone());
    let all = ctx.write(move |tx| ids.iter().try_for_each(|id| one(tx, site, *id, &act))).await;
    match all {
        Ok(()) => return Ok(Done { done: pressed.ids.clone(), refused: Vec::new() }),
        Err(Error::Invalid(_) | Error::Refused { .. }) => {}
        Err(e) => return Err(e),
    }
    let mut outcome = Done { done: Vec::new(), refused: Vec::new() };
    for id in &pressed.ids {
        let (id, act) = (*id, pressed.act.clone());
        match ctx.write(move |tx| one(tx, site, id, &act)).await {
            Ok(()) => outcome.done.push(id),
            Err(e @ (Error::Invalid(_) | Error::Refused { .. })) => outcome.refused.push((id, e.sentence())),
            Err(e) => return Err(e),
        }
    }
    Ok(outcome)
}

/// What was refused, as a list shows it on top.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Refused {
    /// How it went, in one sentence; empty where nothing was refused.
    pub title: String,
    /// Each row with its reason.
    pub rows: Vec<RefusedRow>,
}

/// One refused row.
#[derive(Clone, Debug, Serialize)]
pub(super) struct RefusedRow {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: String,
}

impl Refused {
    /// Says it; `name` finds the words of a row.
    pub(super) fn of(outcome: &Done, name: impl Fn(i64) -> String) -> Self {
        let (done, not) = (outcome.done.len(), outcome.refused.len());
        let title = match done {
            0 if not == 1 => "It was not changed.".to_owned(),
            0 => "None of them was changed.".to_owned(),
            done => format!("{done} changed, {not} not."),
        };
        let row = |(id, why): &(i64, String)| RefusedRow { name: name(*id), why: why.clone() };
        Self { title, rows: outcome.refused.iter().map(row).collect() }
    }
}
