//! Notices: what needs somebody, as things stand now. Nothing is stored; what is done is gone.

use std::time::Duration;

use freehold_base::{Capability as C, Result, SiteId};
use freehold_host::sandbox::Isolation;
use freehold_platform::jobs::{self, JobFilter};
use freehold_platform::sites;
use freehold_publishing::plugins::{Plugin, Standing};
use freehold_publishing::themes::Problem;
use freehold_publishing::themes::live::split;
use freehold_publishing::{comments, content, import};
use freehold_store::{Tx, audit, users};
use serde::Serialize;

use super::build_frame::{crumb, time_view};
use super::ctx::Ctx;
use super::failure::Reply;
use super::frame::TimeView;
use super::jobs::words;

/// Sites that are looked at.
const SITES: usize = 20;
/// Jobs that are looked at.
const JOBS: i64 = 100;
/// How far back failures are told.
const BACK: Duration = Duration::from_secs(7 * 24 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Imports of a site that are looked at.
const IMPORTS: i64 = 3;

#[derive(Serialize)]
struct NoticesView {
    notices: Vec<NoticeView>,
}

/// One notice.
#[derive(Serialize)]
pub(super) struct NoticeView {
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub text: String,
    pub at: Option<TimeView>,
    pub href: String,
    pub action: &'static str,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Notices", vec![crumb("Notices", None)]).await?;
    let mail = ctx.app.outbox.is_on();
    let mut notices = Vec::new();
    if frame.hats || !ctx.actor.grants.accounts.is_empty() {
        notices.extend(sign_in_notice(&ctx));
    }
    let of_server = ctx.actor.grants.on_server().has(C::ServerRead);
    if of_server {
        notices.extend(isolation_notice(ctx.app.sandbox.isolation()));
    }
    let more = ctx
        .read(move |tx| {
            let mut list = if of_server { server_notices(tx, mail)? } else { Vec::new() };
            list.extend(site_notices(tx)?);
            Ok(list)
        })
        .await?;
    notices.extend(more);
    if of_server {
        notices.extend(ctx.app.plugins.plugins.all().iter().filter_map(|plugin| plugin_notice(plugin)));
    }
    if of_server || !ctx.actor.grants.accounts.is_empty() {
        // What a site has for itself is told to its own people, in its gallery.
        let problems = ctx.app.pages.themes().all_problems().into_iter();
        let told = problems.filter(|(name, _)| of_server || split(name).1.is_none());
        notices.extend(told.map(theme_notice));
    }
    Ok(ctx.page(200, "system/notices.html", &frame, &NoticesView { notices })?)
}

/// What keeps programs of accounts apart, where it is less than a sandbox (security rule A1).
fn isolation_notice(isolation: Isolation) -> Option<NoticeView> {
    let title = match isolation {
        Isolation::Sandboxed => return None,
        Isolation::OneTrustDomain => "All accounts of this server trust each other",
        Isolation::Refused(_) => "No commands and no terminals of accounts run here",
    };
    Some(NoticeView {
        tone: "warn",
        icon: "shield",
        title: title.into(),
        text: isolation.sentence().into(),
        at: None,
        href: String::new(),
        action: "",
    })
}

/// Who has power signs in with two steps.
pub(super) fn sign_in_notice(ctx: &Ctx) -> Option<NoticeView> {
    ctx.person.as_ref().filter(|p| !p.has_totp && p.passkeys == 0 && ctx.actor.acting.is_none())?;
    Some(NoticeView {
        tone: "warn",
        icon: "shield",
        title: "Two-step sign-in is off".into(),
        text: "Whoever finds out your password can change everything you can.".into(),
        at: None,
        href: "/admin/me/security".into(),
        action: "Turn it on",
    })
}

/// What is wrong with a theme: visitors see its last good version meanwhile (row TH07).
fn theme_notice((name, problem): (String, Problem)) -> NoticeView {
    NoticeView {
        tone: "bad",
        icon: "triangle-alert",
        title: format!("The theme {name} has an error; visitors see its last good version"),
        text: problem.to_string(),
        at: None,
        href: String::new(),
        action: "",
    }
}

/// A plugin that waits for the hosting admin: it failed too often, is broken, or a version of it asks for more (PL02, PL03).
pub(super) fn plugin_notice(plugin: &Plugin) -> Option<NoticeView> {
    let href = format!("/admin/server/plugins/{}", plugin.id);
    let told = |tone, title: String, text: String, href: String, action| {
        Some(NoticeView { tone, icon: "puzzle", title, text, at: None, href, action })
    };
    if let Some((about, why)) = &plugin.waiting {
        let title = format!("Version {} of the plugin {} waits for you", about.manifest.version, plugin.title());
        return told("warn", title, why.clone(), format!("{href}/consent"), "Look at it");
    }
    let title = |what: &str| format!("The plugin {} {what}", plugin.title());
    match &plugin.standing {
        Standing::Stopped(why) if !why.is_empty() => told("bad", title("was stopped"), why.clone(), href, "Look"),
        Standing::Held(why) => told("warn", title("is held"), why.clone(), format!("{href}/consent"), "Look at it"),
        Standing::Broken(why) if plugin.row.is_some() => told("bad", title("cannot run"), why.clone(), href, "Look"),
        _ => None,
    }
}

/// What only the hosting admin can mend.
pub(super) fn server_notices(tx: &mut Tx<'_>, mail: bool) -> Result<Vec<NoticeView>> {
    let server = tx.authorize_server(C::ServerRead)?;
    let (now, since) = (tx.now(), tx.now().minus(BACK));
    let mut list = Vec::new();
    if !mail {
        list.push(NoticeView {
            tone: "info",
            icon: "mail",
            title: "This server sends no mail".into(),
            text: "Invitations and forgotten passwords need a link that you bring to people yourself.".into(),
            at: None,
            href: "/admin/server/settings".into(),
            action: "See how",
        });
        let mut told = Vec::new();
        for row in audit::recent(tx, server, &["password.reset_asked"], 50)? {
            let id: i64 = row.object.split(' ').nth(1).and_then(|id| id.parse().ok()).unwrap_or(0);
            if row.acted_at < since || told.contains(&id) {
                continue;
            }
            told.push(id);
            let Ok(user) = users::find(tx, id.into()) else { continue };
            if user.signed_in_at < row.acted_at {
                list.push(NoticeView {
                    tone: "warn",
                    icon: "key-round",
                    title: format!("{} asked for a new password", user.name),
                    text: user.email,
                    at: Some(time_view(row.acted_at, now)),
                    href: format!("/admin/server/people/{id}"),
                    action: "Make a link",
                });
            }
        }
    }
    for job in failed_jobs(tx)? {
        list.push(NoticeView {
            tone: "bad",
            icon: "triangle-alert",
            title: format!("A job failed: {}", words::title_of(&job)),
            text: job.message,
            at: Some(time_view(job.ended_at, now)),
            href: format!("/admin/server/jobs/{}", job.id),
            action: "Look",
        });
    }
    Ok(list)
}

/// Jobs that failed in the last days, newest first.
///
/// # Errors
/// `Denied`.
pub(super) fn failed_jobs(tx: &mut Tx<'_>) -> Result<Vec<jobs::Job>> {
    let since = tx.now().minus(BACK);
    // Asked for by their state: among all the newest ones, looks at names would leave no room for them.
    let failed = JobFilter { states: vec!["failed"], ..JobFilter::default() };
    let mut list = jobs::search(tx, None, &failed, 0, JOBS)?;
    list.retain(|job| job.ended_at > since);
    Ok(list)
}

/// What waits on the sites that the person may decide on: comments, reviews.
fn site_notices(tx: &mut Tx<'_>) -> Result<Vec<NoticeView>> {
    let mut list = Vec::new();
    let mut sites_seen = 0;
    sites::walk_cards(tx, |tx, card| {
        if [C::CommentsModerate, C::EntriesPublishAll, C::ImportRun].into_iter().any(|c| card.scope.has(c)) {
            sites_seen += 1;
            list.extend(of_site(tx, &card)?);
        }
        Ok(sites_seen < SITES)
    })?;
    Ok(list)
}

fn of_site(tx: &mut Tx<'_>, card: &sites::Card) -> Result<Vec<NoticeView>> {
    let (site, base) = (card.site.id, format!("/admin/s/{}", card.site.id));
    let notice = |icon, title: String, href, action| NoticeView {
        tone: "info",
        icon,
        title,
        text: card.title.clone(),
        at: None,
        href,
        action,
    };
    let mut list = Vec::new();
    match comments::waiting(tx, site)? {
        0 => {}
        1 => list.push(notice("message-square", "A comment waits".into(), format!("{base}/comments"), "Decide")),
        n => {
            let n = if n >= 100 { "100 or more".to_owned() } else { n.to_string() };
            list.push(notice("message-square", format!("{n} comments wait"), format!("{base}/comments"), "Decide"));
        }
    }
    if card.scope.has(C::ImportRun) {
        list.extend(imports(tx, site)?);
    }
    if card.scope.has(C::EntriesPublishAll) {
        let counts = content::lists::counts(tx, site)?;
        let href = format!("{base}/posts?status=pending");
        match counts.iter().find(|(name, _)| name == "post.pending").map_or(0, |(_, n)| *n) {
            ..=0 => {}
            1 => list.push(notice("pencil", "A post waits for review".into(), href, "Review")),
            n => list.push(notice("pencil", format!("{n} posts wait for review"), href, "Review")),
        }
    }
    Ok(list)
}

/// What came of imports that the person began lately.
fn imports(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<NoticeView>> {
    let (me, now) = (tx.actor().user().map_or(0, i64::from), tx.now());
    let mut list = Vec::new();
    for job in import::jobs::recent(tx, site, IMPORTS)? {
        let ended = ["done", "failed"].contains(&job.state.as_str()) && job.ended_at > now.minus(DAY);
        if !ended || job.created_by != me {
            continue;
        }
        let failed = job.state == "failed";
        list.push(NoticeView {
            tone: if failed { "bad" } else { "good" },
            icon: if failed { "triangle-alert" } else { "circle-check" },
            title: if failed { "An import broke off".into() } else { "An import is done".into() },
            text: words::result(&job),
            at: Some(time_view(job.ended_at, now)),
            href: format!("/admin/s/{site}/import/{}", job.id),
            action: "Look",
        });
    }
    Ok(list)
}
