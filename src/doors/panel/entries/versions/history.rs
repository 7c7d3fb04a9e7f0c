//! The list of versions at the side: who made them, when, what changed.

use chrono::TimeZone as _;
use freehold_base::{EntryId, Result, RevisionId, SiteId, Timestamp};
use freehold_publishing::content::versions::{self, Changed};
use freehold_store::Tx;
use freehold_store::revisions::RevisionLine;

use super::asked::Asked;
use super::view::{Line, Page};
use crate::panel::build_frame::{hue, time_view};
use crate::panel::entries::status_word;

/// Versions of one page of the list.
pub(super) const LISTED: i64 = 20;

/// Who looks, when and where.
pub(super) struct Around {
    pub(super) me: i64,
    pub(super) now: Timestamp,
    pub(super) zone: chrono_tz::Tz,
}

impl Around {
    pub(super) fn who(&self, line: &RevisionLine) -> String {
        match &line.author_name {
            _ if line.author_id == self.me => "You".into(),
            Some(name) if !name.is_empty() => name.clone(),
            _ => "The system".into(),
        }
    }
    /// `Ida, 27 Nov 2026 09:12`
    pub(super) fn by(&self, line: &RevisionLine, at: Option<Timestamp>) -> String {
        let at = at.unwrap_or(Timestamp(line.created_at));
        let local = self.zone.from_utc_datetime(&at.utc().naive_utc());
        format!("{}, {}", self.who(line), local.format("%-d %b %Y %H:%M"))
    }
}

/// The list at the side.
#[allow(clippy::too_many_arguments, reason = "one page's parts")]
pub(super) fn list(
    tx: &mut Tx<'_>,
    site: SiteId,
    id: EntryId,
    asked: &Asked,
    around: &Around,
    mut found: Vec<RevisionLine>,
    chosen: Option<RevisionId>,
    page: &mut Page,
) -> Result<()> {
    let shown = usize::try_from(LISTED).unwrap_or(20);
    let older = found.get(shown).map(|l| RevisionId(l.id));
    found.truncate(shown);
    let changed = versions::changed(tx, site, id, &found, older)?;
    for (at, line) in found.iter().enumerate() {
        let now = asked.list_from == 0 && at == 0;
        let what = changed.get(at);
        page.lines.push(Line {
            href: asked.href(&line.id.to_string(), asked.view, asked.before, asked.list_from, false),
            initials: freehold_base::text::initials(line.author_name.as_deref().unwrap_or("System")),
            hue: hue(line.author_id),
            who: around.who(line),
            at: time_view(Timestamp(line.created_at), around.now),
            name: if now { "Now".into() } else { name_of(line, what) },
            figures: what.map(figures).unwrap_or_default(),
            current: chosen.is_some_and(|c| c.get() == line.id),
        });
    }
    if let (Some(last), Some(_)) = (found.last(), older) {
        page.more_href = asked.href(&asked.name(), asked.view, asked.before, last.id, false);
    }
    if asked.list_from > 0 {
        page.first_href = asked.href(&asked.name(), asked.view, asked.before, 0, false);
    }
    Ok(())
}

/// What a version is called.
fn name_of(line: &RevisionLine, what: Option<&Changed>) -> String {
    if what.is_some_and(|w| w.first) {
        return if line.action == "import" { "Imported" } else { "First version" }.into();
    }
    match (line.action.as_str(), what.map(|w| w.status.as_str())) {
        ("publish", Some(status)) if !status.is_empty() => status_word(status, "").0.into(),
        ("trash", _) => "Moved to the trash".into(),
        ("restore", _) => "Back from the trash".into(),
        ("import", _) => "Imported".into(),
        _ => String::new(),
    }
}

fn figures(what: &Changed) -> String {
    let words = match (what.added, what.removed) {
        (0, 0) => String::new(),
        (1, 0) => "1 word".into(),
        (added, 0) => format!("{added} words"),
        (0, removed) => format!("\u{2212}{removed} words"),
        (added, removed) => format!("+{added} \u{2212}{removed} words"),
    };
    match (words.is_empty(), what.beside) {
        (true, true) => "settings".into(),
        (true, false) => "no words".into(),
        (false, true) => format!("{words}, settings"),
        (false, false) => words,
    }
}
