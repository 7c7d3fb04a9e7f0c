//! The frame of a signed-in page: menu by rights, sites, person.

use std::sync::Arc;

use freehold_base::capability::Capabilities;
use freehold_base::{Capability as C, Error, Result, SiteId, Timestamp};
use freehold_platform::accounts::Appearance;
use freehold_platform::sites::{self, General};
use freehold_store::Tx;

use super::ctx::Ctx;
use super::customers::brand::{self, BrandView};
use super::frame::{
    Crumb, Density, Flash, Frame, Hat, Link, MenuGroup, MenuItem, SiteView, Theme, TimeView, Tone, UserView,
};
use super::menu;
use crate::panel::app::App;

/// Sites that the switcher offers.
const OFFERED: usize = 10;

/// What the frame needs of the database.
#[derive(Clone, Debug)]
pub struct Around {
    sites: Vec<SiteView>,
    more_sites: bool,
    here: Option<SiteView>,
    /// The site is made of files.
    of_files: bool,
    rights: Capabilities,
    /// Comments that wait for the person.
    waiting: usize,
    /// Counts as the menu shows them.
    counts: Vec<(String, i64)>,
    /// Taxonomies beside categories and tags.
    taxonomies: Vec<String>,
    /// Failed jobs of the last days, for who looks after the server.
    failed: usize,
    /// Title of the account that is looked at as its owner.
    acting_as: Option<String>,
    /// Whose name and colour stand here instead of ours.
    brand: Option<BrandView>,
    /// Accounts of customers, for who looks after them.
    accounts: i64,
}

/// Reads it. `recent`: where the person was before.
///
/// # Errors
/// `NotFound("site")`.
pub fn around(app: &App, tx: &mut Tx<'_>, site: SiteId, recent: &[SiteId]) -> Result<Around> {
    let mut wanted: Vec<SiteId> =
        std::iter::once(site).chain(recent.iter().copied()).filter(|s| *s != SiteId(0)).collect();
    wanted.dedup();
    wanted.truncate(OFFERED);
    let mut cards = sites::cards_of(tx, &wanted)?;
    cards.sort_by_key(|card| wanted.iter().position(|id| *id == card.site.id));
    let most = i64::try_from(OFFERED).unwrap_or(10) + 1;
    let first = sites::first_cards(tx, most)?;
    let more_sites = first.len() > OFFERED;
    for card in first {
        if cards.len() < OFFERED && !cards.iter().any(|c| c.site.id == card.site.id) {
            cards.push(card);
        }
    }
    // A role that only reads the site itself has nothing here.
    let views: Vec<SiteView> = cards.iter().filter(|c| c.scope.has(C::SiteRead)).map(|c| site_view(app, c)).collect();
    let of_files = cards.iter().any(|c| c.site.id == site && c.site.kind == "static");
    let here = views.iter().find(|v| v.id == site.get()).cloned();
    let mut around = Around {
        sites: views,
        more_sites,
        here,
        of_files,
        rights: Capabilities::NONE,
        waiting: 0,
        counts: Vec::new(),
        taxonomies: Vec::new(),
        failed: 0,
        acting_as: None,
        brand: None,
        accounts: 0,
    };
    around.brand = brand_here(tx, site, &cards)?;
    if let Some(account) = tx.actor().acting {
        // It may have gone for good meanwhile, or the right to have it open: the way out stays on the page.
        around.acting_as = Some(match tx.authorize_account(account, C::AccountRead) {
            Ok(scope) => freehold_store::accounts::find(tx, scope)?.title,
            Err(e) if e.status() < 500 => "an account that is not yours any more".to_owned(),
            Err(e) => return Err(e),
        });
    }
    if site != SiteId(0) {
        let scope = tx.scope_of(site)?;
        // A site on which somebody has no right is as missing (rule C2).
        if scope.capabilities() == Capabilities::NONE {
            return Err(Error::not_found("site"));
        }
        around.rights = scope.capabilities();
        around.waiting = freehold_publishing::comments::waiting(tx, site)?;
        if scope.has(C::SiteRead) {
            around.counts = freehold_publishing::content::lists::counts(tx, site)?;
        }
        if scope.has(C::TermsManage) {
            around.taxonomies = freehold_store::terms::further_taxonomies(tx, scope)?;
        }
    }
    if tx.actor().grants.on_server().has(C::ServerRead) {
        around.failed = super::notices::failed_jobs(tx)?.len();
    }
    Ok(around)
}

fn site_view(app: &App, card: &sites::Card) -> SiteView {
    let id = card.site.id.get();
    SiteView {
        id,
        initials: freehold_base::text::initials(&card.title),
        hue: hue(id),
        url: app.site_origin(&card.host),
        href: format!("/admin/s/{id}"),
        title: card.title.clone(),
        host: card.host.clone(),
    }
}

impl Around {
    /// Content types beside posts and pages, with how many of each are not in the trash.
    fn types(&self) -> Vec<(String, i64)> {
        let mut types: Vec<(String, i64)> = Vec::new();
        for (name, n) in &self.counts {
            let Some((kind, status)) = name.split_once('.') else { continue };
            if matches!(kind, "post" | "page" | "media") || status == "trash" || *n <= 0 {
                continue;
            }
            match types.iter_mut().find(|(known, _)| known == kind) {
                Some((_, sum)) => *sum += n,
                None => types.push((kind.to_owned(), *n)),
            }
        }
        types
    }
    /// How many entries of a kind are not in the trash.
    fn total(&self, kind: &str) -> i64 {
        let of = |name: &str| name.split_once('.').is_some_and(|(k, status)| k == kind && status != "trash");
        self.counts.iter().filter(|(name, _)| of(name)).map(|(_, n)| n).sum()
    }
    /// Notices that cost nothing to count: comments and reviews that wait here, jobs that failed.
    fn notices(&self) -> usize {
        let review = self.rights.has(C::EntriesPublishAll)
            && self.counts.iter().any(|(name, n)| name == "post.pending" && *n > 0);
        usize::from(self.waiting > 0) + usize::from(review) + self.failed
    }
    /// The menu of the site with its numbers.
    fn menu(&self, path: &str, here: &SiteView) -> Vec<MenuGroup> {
        let base = here.href.as_str();
        if self.of_files {
            return menu::of_site(path, base, menu::rights_on("static", self.rights));
        }
        let mut groups = menu::of_site(path, base, self.rights);
        menu::badge(&mut groups, &format!("{base}/comments"), self.waiting);
        menu::count(&mut groups, &format!("{base}/posts"), self.total("post"));
        menu::count(&mut groups, &format!("{base}/pages"), self.total("page"));
        if self.rights.has(C::EntriesWriteAll)
            && let Some(group) = menu::imported(path, base, &self.types(), &self.taxonomies)
        {
            groups.insert(groups.len().min(2), group);
        }
        groups
    }
    /// Where "+" and N lead: a new page from the pages, else a new post.
    fn create(&self, path: &str, here: &SiteView) -> Option<Link> {
        if self.of_files {
            return None;
        }
        let pages = format!("{}/pages", here.href);
        if self.rights.has(C::EntriesWriteAll) && (path == pages || path.starts_with(&format!("{pages}/"))) {
            return Some(Link { label: "New page".into(), href: format!("{pages}/new") });
        }
        let may = self.rights.has(C::EntriesWriteOwn);
        may.then(|| Link { label: "New post".into(), href: format!("{}/posts/new", here.href) })
    }
}

/// The brand of who sells the site's account; on other pages of who the person works for, or who sells their account.
fn brand_here(tx: &mut Tx<'_>, site: SiteId, cards: &[sites::Card]) -> Result<Option<BrandView>> {
    if let Some(card) = cards.iter().find(|card| card.site.id == site) {
        return brand::of(tx, card.reseller);
    }
    let grants = tx.actor().grants.clone();
    let works_for = grants.resellers.first().map(|(id, _)| *id);
    match (grants.server, works_for, grants.accounts.first()) {
        (Some(_), ..) => Ok(None),
        (None, Some(reseller), _) => brand::of(tx, reseller),
        (None, None, Some((account, _))) => {
            let reseller = tx.holder(*account)?.reseller();
            brand::of(tx, reseller)
        }
        (None, None, None) => Ok(None),
    }
}

/// How many accounts there are outside the graveyard, for the menu.
fn count_accounts(tx: &mut Tx<'_>) -> Result<i64> {
    let all = freehold_platform::customers::accounts::count_by_status(tx)?;
    Ok(all.iter().filter(|(status, _)| status != "terminated").map(|(_, n)| n).sum())
}

/// The phone's bar: Home, Posts, Comments around "+", and More. Who may not moderate has Media there.
fn tabs(menu: &[MenuGroup]) -> Vec<MenuItem> {
    let items: Vec<&MenuItem> = menu.iter().flat_map(|g| &g.items).collect();
    let named = |label: &str| items.iter().find(|i| i.label == label).map(|i| (*i).clone());
    let third = named("Comments").or_else(|| named("Media"));
    match (named("Home"), named("Posts"), third) {
        (Some(home), Some(posts), Some(third)) => vec![home, posts, third],
        _ => items.into_iter().take(3).cloned().collect(),
    }
}

/// The first site that the actor may see in the panel: the one they were at last, else by name.
///
/// # Errors
/// Database failures.
pub fn first_site(tx: &mut Tx<'_>, recent: &[SiteId]) -> Result<Option<SiteId>> {
    let mut known = sites::cards_of(tx, recent)?;
    known.sort_by_key(|card| recent.iter().position(|id| *id == card.site.id));
    if let Some(card) = known.iter().find(|card| card.scope.has(C::SiteRead)) {
        return Ok(Some(card.site.id));
    }
    let mut found = None;
    sites::walk_cards(tx, |_, card| {
        found = Some(card.site.id).filter(|_| card.scope.has(C::SiteRead));
        Ok(found.is_none())
    })?;
    Ok(found)
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
        let (app, site, recent): (Arc<App>, SiteId, Vec<SiteId>) = (self.app.clone(), self.site, self.recent.clone());
        let of_server = self.path.starts_with("/admin/server");
        let around = self
            .read(move |tx| {
                // Pages of the person stand in the frame of the site that they come from.
                let site = match site {
                    SiteId(0) if !of_server => first_site(tx, &recent)?.unwrap_or_default(),
                    site => site,
                };
                let mut around = around(&app, tx, site, &recent)?;
                if of_server && tx.actor().grants.on_customers().has(C::AccountsRead) {
                    around.accounts = count_accounts(tx)?;
                }
                Ok(around)
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
            frame.dir = direction(&person.locale);
            frame.density = if looks.density == "compact" { Density::Compact } else { Density::Comfortable };
            frame.user = Some(UserView {
                name: person.name.clone(),
                role: self.role_word(),
                initials: freehold_base::text::initials(&person.name),
                avatar_hue: hue(person.user.get()),
            });
        }
        let of_machine = self.actor.grants.on_customers();
        frame.hats = of_machine.has(C::ServerRead) || of_machine.has(C::AccountsRead);
        frame.acting_as.clone_from(&around.acting_as);
        frame.brand.clone_from(&around.brand);
        if let Some(help) = around.brand.as_ref().map(|b| &b.help).filter(|help| !help.is_empty()) {
            frame.links.help.clone_from(help);
        }
        if self.path.starts_with("/admin/server") {
            frame.hat = Hat::Server;
            frame.menu = menu::of_server(&self.path, of_machine);
            menu::count(&mut frame.menu, "/admin/server/accounts", around.accounts);
            let may = of_machine.has(C::AccountsManage);
            let new = || Link { label: "New account".into(), href: "/admin/server/accounts/new".into() };
            frame.create = may.then(new);
        }
        if let Some(here) = &around.here {
            frame.menu = around.menu(&self.path, here);
            frame.create = around.create(&self.path, here);
            if self.site.get() == here.id {
                frame.crumbs.insert(0, crumb(&here.title, Some(here.href.clone())));
            }
        }
        let grants = &self.actor.grants;
        if grants.server.is_some() || !grants.accounts.is_empty() {
            frame.links.new_site = "/admin/sites/new".to_owned();
        }
        frame.unread = around.notices();
        frame.more_sites = around.more_sites;
        frame.tabs = tabs(&frame.menu);
        frame.site = around.here;
        frame.sites = around.sites;
        Ok(frame)
    }

    fn role_word(&self) -> String {
        let grants = &self.actor.grants;
        let of_site = grants.sites.iter().find(|(s, _)| *s == self.site).map(|(_, r)| *r);
        let sells = grants.resellers.first().map(|_| freehold_base::Role::Reseller);
        let role = grants.server.or(sells).or(grants.accounts.first().map(|(_, r)| *r)).or(of_site);
        role.map_or("Member", freehold_base::Role::label).to_owned()
    }

    /// Messages of what was just done, named in the address.
    fn flash(&self) -> Vec<Flash> {
        let Some(done) = self.param("done") else { return Vec::new() };
        let ids: Vec<i64> = self.param("ids").unwrap_or_default().split('.').filter_map(|id| id.parse().ok()).collect();
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
            "emptied" => "The trash is empty.",
            "added" => "Added.",
            "changed" => "Changed.",
            "password" => "Your password is changed; all other sessions ended.",
            "session" => "That session ended.",
            "sessions" => "All other sessions ended.",
            "factor-off" => "The codes of your app are off.",
            "passkey" => "The passkey is added. Sign in with it next time.",
            "passkey-named" => "Renamed.",
            "passkey-gone" => "The passkey is removed; all other sessions ended.",
            "network-blocked" => "Nobody signs in from that network any more.",
            "network-in" => "That network may sign in again.",
            "factor-rule" => "Saved. Who lacks a second factor sets one up at the next page they open.",
            "invited" => "Invited. The mail is on its way.",
            "joined" => {
                "Somebody signs in here with this address already, and has the role now. This server sends no mail, so \
                 nobody has shown that the address is theirs: ask them."
            }
            "invited-before" => "Invited before, and not here yet: a hosting admin can make a new link.",
            "role" => "The role is changed.",
            "left" => "Taken off this site.",
            "main" => "This is the main address now.",
            "looking" => "Name servers are being asked.",
            "approved-name" => "It is served from now on.",
            "settings" => "Saved.",
            "theme" => "The site is drawn by this theme now.",
            "undone" => "Taken back.",
            "design" => "The new design is live.",
            "design-kept" => "Kept as a draft: visitors see no change until it is published.",
            "design-gone" => "The draft is thrown away. Undo brings it back.",
            "design-later" => "It goes live at the time that you set: see the note.",
            "design-unscheduled" => "It stays a draft until you publish it.",
            "design-shared" => "The link is made.",
            "design-unshared" => "The link shows nothing any more.",
            "design-undone" => "The design of before is live again.",
            "design-back" => "That design is live again.",
            "site" => "The site is made. Write its first post.",
            "site-files" => "The site is made and answers. Put your files into its folder.",
            "removed" => "Removed.",
            "imported" => "The list is in force.",
            "private" => "The folder is private. Say who may open it.",
            "open" => "The folder is open to everybody.",
            "let-in" => "They may open the folder now.",
            "sessions-of" => "All their sessions ended.",
            "site-deleted" => "The site is deleted.",
            "revoked" => "The token is revoked: it opens nothing any more.",
            "login-password" => "The password is changed. Open connections end.",
            "login-revoked" => "The login is revoked: it opens nothing any more.",
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
            "account" => "The account is made.",
            "plan" => "The plan is changed; it holds at once.",
            "plan-over" => "The plan is changed. What is over it stays, and is listed here.",
            "moved-site" => "The site belongs to this account now.",
            "suspended" => "Suspended: closed to visitors and to its people.",
            "unsuspended" => "Open again, exactly as before.",
            "closed" => "Closed. It can be taken back for 14 days.",
            "taken-back" => "Taken back, as it was.",
            "ending" => "It ends now: within minutes it is gone for good.",
            "left-account" => "Taken off this account.",
            "reseller" => "The reseller is made. Invite who works for it.",
            "checking" => "The log is being checked.",
            "file-made" => "Made.",
            "file-renamed" => "Renamed.",
            "file-moved" => "Moved.",
            "file-copied" => "Copied.",
            "file-trashed" => "Moved to the trash.",
            "file-restored" => "Back where it was.",
            "file-version" => "Restored. What was there before is kept as a version.",
            "file-mode" => "Permissions are set.",
            "file-repaired" => "Repaired.",
            "file-zip" => "The archive is being made.",
            "file-extract" => "It is being unpacked.",
            "cron-on" => "It runs by itself from now on.",
            "cron-off" => "It runs only when you press Run now.",
            _ => return Vec::new(),
        };
        let text = match (ids.len(), done.as_str()) {
            (..=1, _) => text.to_owned(),
            (n, "published") => format!("{n} are live."),
            (n, "approved") => format!("{n} approved."),
            (n, "held") => format!("{n} wait again."),
            (n, _) => format!("{n} {}", lowered(text)),
        };
        let undo_action = self.undo_of(&done, &ids);
        vec![Flash { tone: Tone::Good, text, undo_action }]
    }
}

impl Ctx {
    /// What takes back what was just done, where anything does.
    fn undo_of(&self, done: &str, ids: &[i64]) -> Option<String> {
        if done == "settings" {
            return Some(format!("{}/undo", self.path));
        }
        let base = format!("/admin/s/{}", self.site);
        if done == "theme" {
            return Some(format!("{base}/theme-undo"));
        }
        if matches!(done, "design" | "design-undone") {
            return Some(format!("{base}/theme-history-undo"));
        }
        let list = super::several::joined(ids);
        let was = self.param("was").unwrap_or_default();
        let back = match (done, was.as_str()) {
            _ if ids.is_empty() => return None,
            ("file-trashed", _) => return Some(format!("{base}/files-trash?do=restore&ids={list}")),
            ("trashed", _) => return Some(format!("{base}/entries/bulk?do=restore&ids={list}")),
            ("approved" | "held" | "spam" | "away", was) => match was {
                "pending" => "hold",
                "approved" => "approve",
                "spam" => "spam",
                "trash" => "trash",
                _ => return None,
            },
            _ => return None,
        };
        Some(format!("{base}/comments/bulk?do={back}&ids={list}&status={was}"))
    }
}

/// A sentence that goes on another one.
fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The present, and the zone that times are told in.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    now: Timestamp,
    zone: chrono_tz::Tz,
}

impl From<Timestamp> for Moment {
    /// Without a site: UTC.
    fn from(now: Timestamp) -> Self {
        Self { now, zone: chrono_tz::UTC }
    }
}

impl Moment {
    /// The present in a site's time zone.
    ///
    /// # Errors
    /// `NotFound("site")`.
    pub fn at(tx: &mut Tx<'_>, site: SiteId) -> Result<Self> {
        let scope = tx.scope_of(site)?;
        let json = freehold_store::settings::get(tx, scope, "general")?.unwrap_or_default();
        let general: General = serde_json::from_str(&json).unwrap_or_default();
        Ok(Self { now: tx.now(), zone: general.timezone.parse().unwrap_or(chrono_tz::UTC) })
    }
    /// The same present, told in another zone.
    pub fn in_zone(self, zone: chrono_tz::Tz) -> Self {
        Self { zone, ..self }
    }
    /// The first moment of a local day, `2026-11-20`; none where it is no day.
    pub fn day(self, text: &str) -> Option<Timestamp> {
        let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(chrono::NaiveTime::MIN);
        let start = day.and_local_timezone(self.zone).earliest().map_or(day.and_utc(), |at| at.to_utc());
        Some(Timestamp(start.timestamp_millis()))
    }
    /// The local hour of now, 0 to 23.
    pub fn hour(self) -> u32 {
        chrono::Timelike::hour(&self.now.utc().with_timezone(&self.zone))
    }
    /// The local date of now in words: `Friday 20 November`.
    pub fn date_words(self) -> String {
        self.now.utc().with_timezone(&self.zone).format("%A %-d %B").to_string()
    }
    /// Now.
    pub fn now(self) -> Timestamp {
        self.now
    }
    /// The name of the zone: `Europe/Stockholm`.
    pub fn zone_name(self) -> String {
        self.zone.name().to_owned()
    }
}

/// A moment for people, in the site's zone: relative under 24 hours, else a short date; what is to come with its time.
pub fn time_view(at: Timestamp, now: impl Into<Moment>) -> TimeView {
    let Moment { now, zone } = now.into();
    let (local, today) = (at.utc().with_timezone(&zone), now.utc().with_timezone(&zone));
    let same_year = chrono::Datelike::year(&local) == chrono::Datelike::year(&today);
    let text = match (now.ms() - at.ms()).div_euclid(60_000) {
        i64::MIN..=-1 if same_year => local.format("%a %-d %b, %H:%M").to_string(),
        i64::MIN..=-1 => local.format("%-d %b %Y, %H:%M").to_string(),
        0 => "just now".to_owned(),
        minutes @ 1..=59 => format!("{minutes} min ago"),
        minutes @ 60..=1439 => format!("{} h ago", minutes / 60),
        _ if same_year => local.format("%-d %b").to_string(),
        _ => local.format("%-d %b %Y").to_string(),
    };
    let exact = at.utc().format("%Y-%m-%d %H:%M UTC");
    let exact = match zone {
        chrono_tz::UTC => exact.to_string(),
        zone => format!("{} {} \u{b7} {exact}", local.format("%-d %B %Y, %H:%M"), zone.name().replace('_', " ")),
    };
    TimeView { text, iso: at.rfc3339(), exact }
}

/// Which way somebody's language is written.
fn direction(locale: &str) -> &'static str {
    let language = locale.split('-').next().unwrap_or_default();
    let right = ["ar", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"].contains(&language);
    if right { "rtl" } else { "ltr" }
}

/// A line of the breadcrumb.
pub fn crumb(label: &str, href: Option<String>) -> Crumb {
    Crumb { label: label.into(), href }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_sites_zone() {
        let at = |text: &str| Timestamp(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis());
        let here = Moment { now: at("2026-11-20T08:00:00Z"), zone: chrono_tz::Europe::Stockholm };
        for (when, text) in [
            ("2026-11-20T07:59:30Z", "just now"),
            ("2026-11-20T07:20:00Z", "40 min ago"),
            ("2026-11-19T09:00:00Z", "23 h ago"),
            ("2026-11-17T23:30:00Z", "18 Nov"),
            ("2025-12-31T23:30:00Z", "1 Jan"),
            ("2025-12-30T12:00:00Z", "30 Dec 2025"),
            ("2026-11-23T07:00:00Z", "Mon 23 Nov, 08:00"),
        ] {
            assert_eq!(time_view(at(when), here).text, text, "{when}");
        }
        let view = time_view(at("2026-11-17T23:30:00Z"), here);
        assert_eq!(view.exact, "18 November 2026, 00:30 Europe/Stockholm \u{b7} 2026-11-17 23:30 UTC");
        assert_eq!(here.day("2026-11-20"), Some(at("2026-11-19T23:00:00Z")));
        assert_eq!(here.day("soon"), None);
    }
}
