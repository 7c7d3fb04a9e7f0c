//! The frame of a signed-in page: menu by rights, sites, person.

use std::sync::Arc;

use freehold_base::capability::Capabilities;
use freehold_base::{Capability as C, Result, SiteId, Timestamp};
use freehold_platform::accounts::Appearance;
use freehold_platform::sites::{self, settings};
use freehold_store::Tx;

use super::ctx::Ctx;
use super::frame::{Crumb, Density, Flash, Frame, Hat, Link, SiteView, Theme, TimeView, Tone, UserView};
use super::menu;
use crate::panel::app::App;

/// Most sites the switcher shows.
const SHOWN_SITES: usize = 50;

/// What the frame needs of the database.
#[derive(Clone, Debug)]
pub struct Around {
    sites: Vec<SiteView>,
    here: Option<SiteView>,
    rights: Capabilities,
    /// Comments that wait for the person.
    waiting: usize,
}

/// Reads it.
///
/// # Errors
/// `NotFound("site")`.
pub fn around(app: &App, tx: &mut Tx<'_>, site: SiteId) -> Result<Around> {
    let mut views = Vec::new();
    for row in sites::list_visible(tx)?.into_iter().take(SHOWN_SITES) {
        let scope = tx.scope_of(row.id)?;
        if !scope.has(C::SiteRead) {
            continue; // a role that only reads the site itself
        }
        let title = settings::read(tx, scope)?.general.title;
        let host = freehold_store::sites::domains(tx, scope)?.into_iter().next().map(|d| d.host).unwrap_or_default();
        views.push(SiteView {
            id: row.id.get(),
            initials: freehold_base::text::initials(&title),
            hue: hue(row.id.get()),
            url: app.site_origin(&host),
            href: format!("/admin/s/{}", row.id),
            title,
            host,
        });
    }
    let (mut rights, mut waiting) = (Capabilities::NONE, 0);
    if site != SiteId(0) {
        rights = tx.scope_of(site)?.capabilities();
        waiting = freehold_publishing::comments::waiting(tx, site)?;
    }
    let here = views.iter().find(|v| v.id == site.get()).cloned();
    Ok(Around { sites: views, here, rights, waiting })
}

/// The first site that the actor may see in the panel.
///
/// # Errors
/// Database failures.
pub fn first_site(tx: &mut Tx<'_>) -> Result<Option<SiteId>> {
    for site in sites::list_visible(tx)? {
        if tx.scope_of(site.id)?.has(C::SiteRead) {
            return Ok(Some(site.id));
        }
    }
    Ok(None)
}

/// A colour for somebody or something, always the same.
pub fn hue(id: i64) -> u16 {
    u16::try_from((id * 137).rem_euclid(360)).unwrap_or(0)
}

impl Ctx {
    /// The frame of a page of the site hat.
    ///
    /// # Errors
    /// Database failures.
    pub async fn frame(&self, title: &str, crumbs: Vec<Crumb>) -> Result<Frame> {
        let (app, site): (Arc<App>, SiteId) = (self.app.clone(), self.site);
        let of_server = self.path.starts_with("/admin/server");
        let around = self
            .read(move |tx| {
                // Pages of the person stand in the frame of their first site.
                let site = match site {
                    SiteId(0) if !of_server => first_site(tx)?.unwrap_or_default(),
                    site => site,
                };
                around(&app, tx, site)
            })
            .await?;
        let mut frame = Frame::plain(title);
        frame.crumbs = crumbs;
        frame.flash = self.flash();
        if let Some(person) = &self.person {
            let looks = Appearance::parse(&person.appearance);
            frame.theme = match looks.theme.as_str() {
                "light" => Theme::Light,
                "dark" => Theme::Dark,
                _ => Theme::System,
            };
            frame.density = if looks.density == "compact" { Density::Compact } else { Density::Comfortable };
            frame.user = Some(UserView {
                name: person.name.clone(),
                role: self.role_word(),
                initials: freehold_base::text::initials(&person.name),
                avatar_hue: hue(person.user.get()),
            });
        }
        frame.hats = self.actor.grants.on_server().has(C::ServerRead);
        if self.path.starts_with("/admin/server") {
            frame.hat = Hat::Server;
            frame.menu = menu::of_server(&self.path, self.actor.grants.on_server());
        }
        if let Some(here) = &around.here {
            frame.menu = menu::of_site(&self.path, &here.href, around.rights);
            menu::badge(&mut frame.menu, &format!("{}/comments", here.href), around.waiting);
            if around.rights.has(C::EntriesWriteOwn) {
                frame.create = Some(Link { label: "New post".into(), href: format!("{}/posts/new", here.href) });
            }
        }
        let grants = &self.actor.grants;
        if grants.server.is_some() || !grants.accounts.is_empty() {
            frame.links.new_site = "/admin/sites/new".to_owned();
        }
        // The phone's bar holds five: these three, the one that adds, and More.
        frame.tabs = frame.menu.iter().flat_map(|g| g.items.clone()).take(3).collect();
        frame.site = around.here;
        frame.sites = around.sites;
        Ok(frame)
    }

    fn role_word(&self) -> String {
        let grants = &self.actor.grants;
        let of_site = grants.sites.iter().find(|(s, _)| *s == self.site).map(|(_, r)| *r);
        let role = grants.server.or(grants.accounts.first().map(|(_, r)| *r)).or(of_site);
        role.map_or("Member", freehold_base::Role::label).to_owned()
    }

    /// Messages of what was just done, named in the address.
    fn flash(&self) -> Vec<Flash> {
        let Some(done) = self.param("done") else { return Vec::new() };
        let id = self.param("id").and_then(|i| i.parse::<i64>().ok());
        let text = match done.as_str() {
            "saved" => "Saved.",
            "published" => "It is live.",
            "scheduled" => "Scheduled.",
            "draft" => "Back to draft.",
            "archived" => "Archived: kept, and out of sight.",
            "freed" => "Free for others to write in.",
            "review" => "Sent to review.",
            "trashed" => "Moved to the trash.",
            "restored" => "Restored.",
            "deleted" => "Deleted for good.",
            "added" => "Added.",
            "removed" => "Removed.",
            "changed" => "Changed.",
            "password" => "Your password is changed; all other sessions ended.",
            "session" => "That session ended.",
            "sessions" => "All other sessions ended.",
            "factor-off" => "Two-step sign-in is off.",
            "invited" => "Invited. The mail is on its way.",
            "invited-before" => "Invited before, and not here yet: a hosting admin can make a new link.",
            "role" => "The role is changed.",
            "left" => "Taken off this site.",
            "main" => "This is the main address now.",
            "settings" => "Saved.",
            "undone" => "Taken back.",
            "site" => "The site is made. Write its first post.",
            "sessions-of" => "All their sessions ended.",
            "site-deleted" => "The site is deleted.",
            "revoked" => "The token is revoked: it opens nothing any more.",
            "merged" => "Merged. The old address leads here.",
            "uploaded" => "Uploaded.",
            "approved" => "Approved. It stands below its post.",
            "held" => "It waits again.",
            "spam" => "Marked as spam.",
            "away" => "Moved to the trash.",
            "answered" => "Answered.",
            "known" => "This file was here already.",
            "job-retry" => "It is tried again.",
            "job-cancel" => "It is asked to stop.",
            "job-run" => "It begins now.",
            "job-pause" => "Paused until you resume it.",
            "job-resume" => "It waits for its time again.",
            "checking" => "The log is being checked.",
            _ => return Vec::new(),
        };
        let undo_action = match (done.as_str(), id) {
            ("settings", _) => Some(format!("{}/undo", self.path)),
            ("trashed", Some(id)) => Some(format!("/admin/s/{}/entries/{id}/restore", self.site)),
            _ => None,
        };
        vec![Flash { tone: Tone::Good, text: text.into(), undo_action }]
    }
}

/// A moment for people: relative under 24 hours, else a short date.
pub fn time_view(at: Timestamp, now: Timestamp) -> TimeView {
    let minutes = (now.ms() - at.ms()) / 60_000;
    let text = match minutes {
        0 => "just now".to_owned(),
        1..=59 => format!("{minutes} min ago"),
        60..=1439 => format!("{} h ago", minutes / 60),
        _ => at.utc().format("%-d %b %Y").to_string(),
    };
    TimeView { text, iso: at.rfc3339(), exact: at.utc().format("%Y-%m-%d %H:%M UTC").to_string() }
}

/// A line of the breadcrumb.
pub fn crumb(label: &str, href: Option<String>) -> Crumb {
    Crumb { label: label.into(), href }
}
