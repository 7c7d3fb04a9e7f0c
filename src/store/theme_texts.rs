//! What files of themes said before they were changed in the panel, and what a parent's file said when a child theme
//! took it over (rows TH04, TH09). The files themselves lie in folders: decision 0010.

use diesel::prelude::*;
use freehold_base::{Error, Result, SiteId, Timestamp};

use crate::conn::OrDb as _;
use crate::schema::{theme_bases, theme_states};
use crate::{ServerScope, SiteScope, Tx};

/// States that are kept of a file.
pub const KEPT: i64 = 20;

/// Whose themes are meant.
#[derive(Clone, Copy, Debug)]
pub struct ThemeScope(i64);

impl ThemeScope {
    /// Those for all sites.
    pub const fn everybody(_server: ServerScope) -> Self {
        Self(0)
    }

    /// Those that a site has for itself.
    pub fn of(site: SiteScope) -> Self {
        Self(site.get())
    }

    /// The site; 0 for all.
    pub const fn site(self) -> SiteId {
        SiteId(self.0)
    }
}

/// A state that a file had.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = theme_states)]
pub struct State {
    /// Its id.
    pub id: i64,
    /// What the file said.
    pub text: String,
    /// Who made it something else; 0 for the program.
    pub made_by: i64,
    /// When that was.
    #[diesel(deserialize_as = i64)]
    pub made_at: Timestamp,
}

/// A file of a theme.
#[derive(Clone, Copy, Debug)]
pub struct ThemeFile<'a> {
    /// The theme's folder, without its site.
    pub theme: &'a str,
    /// The file's place in it.
    pub path: &'a str,
}

/// The rows of a table that are about one file of a theme.
macro_rules! of_file {
    ($table:ident, $scope:expr, $file:expr) => {
        $table::table
            .filter($table::site_id.eq($scope.0))
            .filter($table::theme.eq($file.theme))
            .filter($table::path.eq($file.path))
    };
}

/// Keeps what a file said; of more than [`KEPT`] states the oldest go.
///
/// # Errors
/// Database failures.
pub fn keep(tx: &mut Tx<'_>, scope: ThemeScope, file: ThemeFile<'_>, text: &str) -> Result<()> {
    let made_by = tx.actor().user().map_or(0, i64::from);
    let made_at = tx.now().ms();
    diesel::insert_into(theme_states::table)
        .values((
            theme_states::site_id.eq(scope.0),
            theme_states::theme.eq(file.theme),
            theme_states::path.eq(file.path),
            theme_states::text.eq(text),
            theme_states::made_by.eq(made_by),
            theme_states::made_at.eq(made_at),
        ))
        .execute(tx.conn())
        .or_db("keeping a state of a theme's file")?;
    let oldest: Option<i64> = of_file!(theme_states, scope, file)
        .order(theme_states::id.desc())
        .offset(KEPT)
        .select(theme_states::id)
        .first(tx.conn())
        .optional()
        .or_db("reading states of a theme's file")?;
    if let Some(oldest) = oldest {
        diesel::delete(of_file!(theme_states, scope, file).filter(theme_states::id.le(oldest)))
            .execute(tx.conn())
            .or_db("deleting old states of a theme's file")?;
    }
    Ok(())
}

/// States of a file, the newest first.
///
/// # Errors
/// Database failures.
pub fn states(tx: &mut Tx<'_>, scope: ThemeScope, file: ThemeFile<'_>) -> Result<Vec<State>> {
    of_file!(theme_states, scope, file)
        .order(theme_states::id.desc())
        .limit(KEPT)
        .select(State::as_select())
        .load(tx.conn())
        .or_db("reading states of a theme's file")
}

/// One state of a file.
///
/// # Errors
/// `NotFound("version")`.
pub fn state(tx: &mut Tx<'_>, scope: ThemeScope, file: ThemeFile<'_>, id: i64) -> Result<State> {
    of_file!(theme_states, scope, file)
        .filter(theme_states::id.eq(id))
        .select(State::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading a state of a theme's file")?
        .ok_or_else(|| Error::not_found("version"))
}

/// What the parent's files said when a theme took them over, by their places.
///
/// # Errors
/// Database failures.
pub fn bases(tx: &mut Tx<'_>, scope: ThemeScope, theme: &str) -> Result<Vec<(String, String)>> {
    theme_bases::table
        .filter(theme_bases::site_id.eq(scope.0))
        .filter(theme_bases::theme.eq(theme))
        .order(theme_bases::path)
        .select((theme_bases::path, theme_bases::text))
        .load(tx.conn())
        .or_db("reading what a theme took over")
}

/// Notes what the parent's file says now.
///
/// # Errors
/// Database failures.
pub fn set_base(tx: &mut Tx<'_>, scope: ThemeScope, file: ThemeFile<'_>, text: &str) -> Result<()> {
    forget_base(tx, scope, file)?;
    diesel::insert_into(theme_bases::table)
        .values((
            theme_bases::site_id.eq(scope.0),
            theme_bases::theme.eq(file.theme),
            theme_bases::path.eq(file.path),
            theme_bases::text.eq(text),
        ))
        .execute(tx.conn())
        .or_db("noting what a theme took over")?;
    Ok(())
}

/// The theme has no file of its own there any more.
///
/// # Errors
/// Database failures.
pub fn forget_base(tx: &mut Tx<'_>, scope: ThemeScope, file: ThemeFile<'_>) -> Result<()> {
    diesel::delete(of_file!(theme_bases, scope, file)).execute(tx.conn()).or_db("forgetting what a theme took over")?;
    Ok(())
}

/// The theme is gone, with all that is known of it.
///
/// # Errors
/// Database failures.
pub fn forget(tx: &mut Tx<'_>, scope: ThemeScope, theme: &str) -> Result<()> {
    diesel::delete(theme_states::table.filter(theme_states::site_id.eq(scope.0)).filter(theme_states::theme.eq(theme)))
        .execute(tx.conn())
        .or_db("forgetting a theme's states")?;
    diesel::delete(theme_bases::table.filter(theme_bases::site_id.eq(scope.0)).filter(theme_bases::theme.eq(theme)))
        .execute(tx.conn())
        .or_db("forgetting what a theme took over")?;
    Ok(())
}
