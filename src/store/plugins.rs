//! Plugins of the installation, and which sites use them with which settings (rows PL02, PL04).

use diesel::prelude::*;
use diesel::upsert::excluded;
use freehold_base::{Result, SiteId, Timestamp};

use crate::conn::OrDb as _;
use crate::schema::{plugin_sites, plugins};
use crate::{ServerScope, SiteScope, Tx, each_backend};

/// State of a plugin that waits for a person.
pub const HELD: &str = "held";
/// State of a plugin that runs on the sites that want it.
pub const ENABLED: &str = "enabled";
/// State of a plugin that somebody stopped, or that failed too often.
pub const STOPPED: &str = "stopped";

/// A plugin of the installation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = plugins)]
pub struct Plugin {
    /// How it is known: its folder's name.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its version.
    pub version: String,
    /// The key that signed it, in hexadecimal; empty: nobody did.
    pub publisher: String,
    /// SHA-256 over its files, in hexadecimal.
    pub digest: String,
    /// What a person agreed to, as JSON; empty before that.
    pub granted: String,
    /// `held`, `enabled` or `stopped`.
    pub state: String,
    /// Why it is held or stopped, for people; may be empty.
    pub reason: String,
    /// A newer version that waits for a person, as JSON; empty for none.
    pub waiting: String,
    /// When it came.
    #[diesel(deserialize_as = i64)]
    pub installed_at: Timestamp,
    /// When its row was last changed.
    #[diesel(deserialize_as = i64)]
    pub changed_at: Timestamp,
}

/// A plugin on a site.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = plugin_sites)]
pub struct OnSite {
    /// The site.
    #[diesel(deserialize_as = i64)]
    pub site_id: SiteId,
    /// The plugin.
    pub plugin_id: String,
    /// Whether it runs there.
    pub is_on: bool,
    /// Values of its settings, as a JSON object.
    pub settings: String,
    /// Values of its secrets, as a JSON object: each is sealed.
    pub secrets: String,
    /// Bytes that it keeps for the site.
    pub kept_bytes: i64,
    /// When this was last changed.
    #[diesel(deserialize_as = i64)]
    pub changed_at: Timestamp,
}

/// All plugins, by their ids. Which there are is no secret: sites choose among them.
///
/// # Errors
/// Database failures.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Plugin>> {
    plugins::table.order(plugins::id).select(Plugin::as_select()).load(tx.conn()).or_db("reading plugins")
}

/// One plugin.
///
/// # Errors
/// Database failures.
pub fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Plugin>> {
    plugins::table
        .filter(plugins::id.eq(id))
        .select(Plugin::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading a plugin")
}

/// Writes a plugin's row, in place of the one before.
///
/// # Errors
/// Database failures.
pub fn put(tx: &mut Tx<'_>, _server: ServerScope, plugin: &Plugin) -> Result<()> {
    let row = (
        plugins::id.eq(&plugin.id),
        plugins::title.eq(&plugin.title),
        plugins::version.eq(&plugin.version),
        plugins::publisher.eq(&plugin.publisher),
        plugins::digest.eq(&plugin.digest),
        plugins::granted.eq(&plugin.granted),
        plugins::state.eq(&plugin.state),
        plugins::reason.eq(&plugin.reason),
        plugins::waiting.eq(&plugin.waiting),
        plugins::installed_at.eq(plugin.installed_at.ms()),
        plugins::changed_at.eq(plugin.changed_at.ms()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(plugins::table)
        .values(row)
        .on_conflict(plugins::id)
        .do_update()
        .set((
            plugins::title.eq(excluded(plugins::title)),
            plugins::version.eq(excluded(plugins::version)),
            plugins::publisher.eq(excluded(plugins::publisher)),
            plugins::digest.eq(excluded(plugins::digest)),
            plugins::granted.eq(excluded(plugins::granted)),
            plugins::state.eq(excluded(plugins::state)),
            plugins::reason.eq(excluded(plugins::reason)),
            plugins::waiting.eq(excluded(plugins::waiting)),
            plugins::changed_at.eq(excluded(plugins::changed_at)),
        ))
        .execute(c))
    .or_db("writing a plugin")?;
    Ok(())
}

/// Forgets a plugin; what sites have of it stays until [`forget_site`].
///
/// # Errors
/// Database failures.
pub fn remove(tx: &mut Tx<'_>, _server: ServerScope, id: &str) -> Result<()> {
    diesel::delete(plugins::table.filter(plugins::id.eq(id))).execute(tx.conn()).or_db("removing a plugin")?;
    Ok(())
}

/// Where plugins run, over all sites, by site and plugin after the given place; at most `limit` rows. For the node that
/// puts its line-ups together.
///
/// # Errors
/// Database failures.
pub fn running(tx: &mut Tx<'_>, _server: ServerScope, after: (SiteId, &str), limit: i64) -> Result<Vec<OnSite>> {
    let site = after.0.get();
    plugin_sites::table
        .filter(plugin_sites::is_on.eq(true))
        .filter(
            plugin_sites::site_id
                .gt(site)
                .or(plugin_sites::site_id.eq(site).and(plugin_sites::plugin_id.gt(after.1.to_owned()))),
        )
        .order((plugin_sites::site_id, plugin_sites::plugin_id))
        .limit(limit)
        .select(OnSite::as_select())
        .load(tx.conn())
        .or_db("reading where plugins run")
}

/// Sites that a plugin has or had something to do with, by their numbers after one; at most `limit`.
///
/// # Errors
/// Database failures.
pub fn sites_of(tx: &mut Tx<'_>, _server: ServerScope, plugin: &str, after: SiteId, limit: i64) -> Result<Vec<SiteId>> {
    let ids: Vec<i64> = plugin_sites::table
        .filter(plugin_sites::plugin_id.eq(plugin))
        .filter(plugin_sites::site_id.gt(after.get()))
        .order(plugin_sites::site_id)
        .limit(limit)
        .select(plugin_sites::site_id)
        .load(tx.conn())
        .or_db("reading sites of a plugin")?;
    Ok(ids.into_iter().map(SiteId).collect())
}

/// On how many sites each plugin runs, by its id.
///
/// # Errors
/// Database failures.
pub fn counts(tx: &mut Tx<'_>, _server: ServerScope) -> Result<Vec<(String, i64)>> {
    plugin_sites::table
        .filter(plugin_sites::is_on.eq(true))
        .group_by(plugin_sites::plugin_id)
        .order(plugin_sites::plugin_id)
        .select((plugin_sites::plugin_id, diesel::dsl::count_star()))
        .load(tx.conn())
        .or_db("counting sites of plugins")
}

/// What a site has of plugins, by their ids.
///
/// # Errors
/// Database failures.
pub fn of_site(tx: &mut Tx<'_>, site: SiteScope) -> Result<Vec<OnSite>> {
    plugin_sites::table
        .filter(plugin_sites::site_id.eq(site.get()))
        .order(plugin_sites::plugin_id)
        .select(OnSite::as_select())
        .load(tx.conn())
        .or_db("reading plugins of a site")
}

/// What a site has of one plugin.
///
/// # Errors
/// Database failures.
pub fn on_site(tx: &mut Tx<'_>, site: SiteScope, plugin: &str) -> Result<Option<OnSite>> {
    plugin_sites::table
        .filter(plugin_sites::site_id.eq(site.get()))
        .filter(plugin_sites::plugin_id.eq(plugin))
        .select(OnSite::as_select())
        .first(tx.conn())
        .optional()
        .or_db("reading a plugin of a site")
}

/// What a person sets of a plugin on a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice<'a> {
    /// Whether it runs.
    pub is_on: bool,
    /// Values of its settings, as a JSON object.
    pub settings: &'a str,
    /// Values of its secrets, each sealed, as a JSON object.
    pub secrets: &'a str,
}

/// Writes what a person set of a plugin on a site.
///
/// # Errors
/// Database failures.
pub fn choose(tx: &mut Tx<'_>, site: SiteScope, plugin: &str, choice: &Choice<'_>) -> Result<()> {
    let row = (
        plugin_sites::site_id.eq(site.get()),
        plugin_sites::plugin_id.eq(plugin),
        plugin_sites::is_on.eq(choice.is_on),
        plugin_sites::settings.eq(choice.settings),
        plugin_sites::secrets.eq(choice.secrets),
        plugin_sites::kept_bytes.eq(0),
        plugin_sites::changed_at.eq(tx.now().ms()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(plugin_sites::table)
        .values(row)
        .on_conflict((plugin_sites::site_id, plugin_sites::plugin_id))
        .do_update()
        .set((
            plugin_sites::is_on.eq(excluded(plugin_sites::is_on)),
            plugin_sites::settings.eq(excluded(plugin_sites::settings)),
            plugin_sites::secrets.eq(excluded(plugin_sites::secrets)),
            plugin_sites::changed_at.eq(excluded(plugin_sites::changed_at)),
        ))
        .execute(c))
    .or_db("writing a plugin of a site")?;
    Ok(())
}

/// Forgets what a site has of a plugin, once its values are gone.
///
/// # Errors
/// Database failures.
pub fn forget_site(tx: &mut Tx<'_>, _server: ServerScope, site: SiteId, plugin: &str) -> Result<()> {
    let one =
        plugin_sites::table.filter(plugin_sites::site_id.eq(site.get())).filter(plugin_sites::plugin_id.eq(plugin));
    diesel::delete(one).execute(tx.conn()).or_db("forgetting a plugin of a site")?;
    Ok(())
}
