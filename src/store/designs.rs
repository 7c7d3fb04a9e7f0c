//! How a site may look next and how it looked: settings of its themes that are tried out, and those that were live
//! (row TH03).

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::{DesignStateId, Error, Result, Timestamp, UserId};

use crate::conn::OrDb as _;
use crate::schema::{design_drafts, design_states, users};
use crate::{SiteScope, Tx, each_backend};

/// What is tried out of one theme.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = design_drafts)]
pub struct DraftRow {
    /// The theme.
    pub theme: String,
    /// Rises with each change, and never comes again.
    pub version: i64,
    /// Values by setting, as JSON: those that shall differ from what is live.
    pub changes: String,
    /// The last changes, to take them back, as JSON.
    pub steps: String,
    /// Who changed it last; 0 for nobody.
    #[diesel(deserialize_as = i64)]
    pub updated_by: UserId,
    /// When.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Timestamp,
    /// When it goes live by itself; 0 for never.
    #[diesel(deserialize_as = i64)]
    pub publish_at: Timestamp,
    /// Who said so.
    #[diesel(deserialize_as = i64)]
    pub publish_by: UserId,
    /// Number of the last link that shows it to others.
    pub share_number: i64,
    /// Until when that link works; 0 for none.
    #[diesel(deserialize_as = i64)]
    pub share_until: Timestamp,
}

/// The draft of a theme, with the name of who changed it last.
///
/// # Errors
/// Database failures.
pub fn draft(tx: &mut Tx<'_>, site: SiteScope, theme: &str) -> Result<Option<(DraftRow, String)>> {
    let found: Option<(DraftRow, Option<String>)> = design_drafts::table
        .left_join(users::table.on(users::id.eq(design_drafts::updated_by)))
        .filter(design_drafts::site_id.eq(site.get()))
        .filter(design_drafts::theme.eq(theme))
        .select((DraftRow::as_select(), users::name.nullable()))
        .first(tx.conn())
        .optional()
        .or_db("reading the design")?;
    Ok(found.map(|(row, name)| (row, name.unwrap_or_default())))
}

/// What the pages of a draft are drawn with: its changes as JSON, the number of its link, and until when that works.
///
/// # Errors
/// Database failures.
pub fn shown(tx: &mut Tx<'_>, site: SiteScope, theme: &str) -> Result<Option<(String, i64, Timestamp)>> {
    let found: Option<(String, i64, i64)> = design_drafts::table
        .filter(design_drafts::site_id.eq(site.get()))
        .filter(design_drafts::theme.eq(theme))
        .select((design_drafts::changes, design_drafts::share_number, design_drafts::share_until))
        .first(tx.conn())
        .optional()
        .or_db("reading the design")?;
    Ok(found.map(|(changes, number, until)| (changes, number, Timestamp(until))))
}

/// Writes the draft of a theme as a whole. The caller compared its version in this transaction.
///
/// # Errors
/// Database failures.
pub fn save_draft(tx: &mut Tx<'_>, site: SiteScope, new: &DraftRow) -> Result<()> {
    let row = (
        (design_drafts::site_id.eq(site.get()), design_drafts::theme.eq(&new.theme)),
        (design_drafts::version.eq(new.version), design_drafts::changes.eq(&new.changes)),
        (design_drafts::steps.eq(&new.steps), design_drafts::updated_by.eq(new.updated_by.get())),
        (design_drafts::updated_at.eq(new.updated_at.ms()), design_drafts::publish_at.eq(new.publish_at.ms())),
        (design_drafts::publish_by.eq(new.publish_by.get()), design_drafts::share_number.eq(new.share_number)),
        design_drafts::share_until.eq(new.share_until.ms()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(design_drafts::table)
        .values(row)
        .on_conflict((design_drafts::site_id, design_drafts::theme))
        .do_update()
        .set((
            design_drafts::version.eq(excluded(design_drafts::version)),
            design_drafts::changes.eq(excluded(design_drafts::changes)),
            design_drafts::steps.eq(excluded(design_drafts::steps)),
            design_drafts::updated_by.eq(excluded(design_drafts::updated_by)),
            design_drafts::updated_at.eq(excluded(design_drafts::updated_at)),
            design_drafts::publish_at.eq(excluded(design_drafts::publish_at)),
            design_drafts::publish_by.eq(excluded(design_drafts::publish_by)),
            design_drafts::share_number.eq(excluded(design_drafts::share_number)),
            design_drafts::share_until.eq(excluded(design_drafts::share_until)),
        ))
        .execute(c))
    .or_db("saving the design")?;
    Ok(())
}

/// How a site looked.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = design_states)]
pub struct StateRow {
    /// Its id.
    #[diesel(deserialize_as = i64)]
    pub id: DesignStateId,
    /// The theme.
    pub theme: String,
    /// Its settings that differed from the defaults, as JSON.
    pub settings: String,
    /// `before` (what was there when the first design was published), `publish`, `schedule`, `undo` or `restore`.
    pub how: String,
    /// Who; 0 for nobody who is known.
    #[diesel(deserialize_as = i64)]
    pub published_by: UserId,
    /// When.
    #[diesel(deserialize_as = i64)]
    pub published_at: Timestamp,
}

/// A state that is about to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewState<'a> {
    /// The theme.
    pub theme: &'a str,
    /// Its settings, as JSON.
    pub settings: &'a str,
    /// See [`StateRow::how`].
    pub how: &'a str,
    /// Who.
    pub by: UserId,
}

/// States of a site, newest first, with the names of who published them; at most `limit`.
///
/// # Errors
/// Database failures.
pub fn states(tx: &mut Tx<'_>, site: SiteScope, limit: i64) -> Result<Vec<(StateRow, String)>> {
    let found: Vec<(StateRow, Option<String>)> = design_states::table
        .left_join(users::table.on(users::id.eq(design_states::published_by)))
        .filter(design_states::site_id.eq(site.get()))
        .order(design_states::id.desc())
        .limit(limit)
        .select((StateRow::as_select(), users::name.nullable()))
        .load(tx.conn())
        .or_db("listing designs")?;
    Ok(found.into_iter().map(|(row, name)| (row, name.unwrap_or_default())).collect())
}

/// One state.
///
/// # Errors
/// `NotFound("design")`.
pub fn state(tx: &mut Tx<'_>, site: SiteScope, id: DesignStateId) -> Result<StateRow> {
    design_states::table
        .filter(design_states::site_id.eq(site.get()))
        .filter(design_states::id.eq(id.get()))
        .select(StateRow::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading the design")?
        .ok_or_else(|| Error::not_found("design"))
}

/// Keeps a state; of all that the site has, the newest `keep` stay.
///
/// # Errors
/// Database failures.
pub fn add_state(tx: &mut Tx<'_>, site: SiteScope, new: &NewState<'_>, keep: i64) -> Result<()> {
    let row = (
        (design_states::site_id.eq(site.get()), design_states::theme.eq(new.theme)),
        (design_states::settings.eq(new.settings), design_states::how.eq(new.how)),
        (design_states::published_by.eq(new.by.get()), design_states::published_at.eq(tx.now().ms())),
    );
    diesel::insert_into(design_states::table).values(row).execute(tx.conn()).or_db("keeping the design")?;
    let old: Vec<i64> = design_states::table
        .filter(design_states::site_id.eq(site.get()))
        .order(design_states::id.desc())
        .offset(keep)
        .limit(100)
        .select(design_states::id)
        .load(tx.conn())
        .or_db("listing designs")?;
    diesel::delete(
        design_states::table.filter(design_states::site_id.eq(site.get())).filter(design_states::id.eq_any(old)),
    )
    .execute(tx.conn())
    .or_db("forgetting old designs")?;
    Ok(())
}
