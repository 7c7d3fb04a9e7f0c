//! One account, as who sells it sees it.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{AccountId, Capability as C, Result};
use freehold_platform::customers::accounts::{self, Whole};
use freehold_platform::customers::{plans, resellers, traffic};
use freehold_platform::{audit, sites};
use freehold_store::Tx;
use serde::Serialize;

use super::chart::Chart;
use super::list::{HERE, May};
use super::team::{TeamView, Typed};
use super::words::{Meter, OptionView, bytes_line, count_line, over, percent, state_of, uses};
use crate::panel::app::App;
use crate::panel::audit::Names;
use crate::panel::build_frame::{crumb, hue, time_view};
use crate::panel::changes::describe;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;

/// Rows of the history that are shown.
const HISTORY: i64 = 12;
/// Names of a site that are shown.
const HOSTS: usize = 6;

#[derive(Serialize)]
struct AccountView {
    here: String,
    title: String,
    name: String,
    initials: String,
    hue: u16,
    state: &'static str,
    tone: &'static str,
    status: String,
    reason: String,
    since: Option<TimeView>,
    gone_at: Option<TimeView>,
    created: TimeView,
    seller: String,
    seller_href: String,
    plan_href: String,
    plan_name: String,
    note: String,
    meters: Vec<Meter>,
    over: String,
    counted: Option<TimeView>,
    chart: Chart,
    sites: Vec<SiteView>,
    new_site_href: String,
    plans: Vec<OptionView>,
    plan: String,
    team: TeamView,
    history: Vec<HistoryRow>,
    audit_href: String,
    may: May,
    link: String,
    link_for: String,
    made: bool,
    error: String,
    title_value: String,
    title_error: String,
    reason_error: String,
    reason_value: String,
    move_value: String,
    move_error: String,
}

#[derive(Serialize)]
struct SiteView {
    title: String,
    href: String,
    url: String,
    hosts: Vec<String>,
    more: usize,
    kind: &'static str,
}

/// A row of the history.
#[derive(Serialize)]
pub(super) struct HistoryRow {
    pub initials: String,
    pub hue: u16,
    pub who: String,
    pub did: String,
    pub what: String,
    pub href: String,
    pub at: TimeView,
}

/// What an act leaves to show.
#[derive(Default)]
pub struct Shown {
    /// An invitation's link.
    pub link: String,
    /// Whom it is for.
    pub link_for: String,
    /// The account was made just now.
    pub made: bool,
    /// Why something was refused that has no field.
    pub error: String,
    /// Of a refused title.
    pub title: (String, String),
    /// Of a refused reason.
    pub reason: (String, String),
    /// Of a refused site to move.
    pub moved: (String, String),
    /// Of a refused form of the team.
    pub team: Typed,
}

/// The page.
pub async fn show(ctx: Ctx, id: Path<AccountId>) -> Reply {
    Ok(page(&ctx, id.into_inner(), 200, Shown::default()).await?)
}

/// The page with what an act left to show.
///
/// # Errors
/// `NotFound("account")`.
pub async fn page(ctx: &Ctx, id: AccountId, status: u16, shown: Shown) -> Result<HttpResponse> {
    let (app, may) = (ctx.app.clone(), May::of(ctx));
    ctx.app.count_now().await;
    let view = ctx.read(move |tx| read(&app, tx, id, may, shown)).await?;
    let crumbs = vec![crumb("Accounts", Some(HERE.into())), crumb(&view.title, None)];
    let frame = ctx.frame(&view.title, crumbs).await?;
    ctx.page(status, "customers/account.html", &frame, &view)
}

fn read(app: &App, tx: &mut Tx<'_>, id: AccountId, may: May, shown: Shown) -> Result<AccountView> {
    // The page of who sells it: to its own people it does not exist.
    tx.authorize_account(id, C::AccountsRead)?;
    let whole = accounts::show(tx, id)?;
    let (now, account) = (tx.now(), &whole.account);
    let plans = plans::list(tx)?;
    let mut options: Vec<OptionView> = plans.iter().map(|(p, _)| OptionView::new(p.id, &p.name)).collect();
    if may.server && account.reseller_id.get() == 0 {
        options.push(OptionView::new(0, "No plan: nothing is limited"));
    }
    let seller = match account.reseller_id.get() {
        0 => String::new(),
        _ => resellers::find(tx, account.reseller_id)?.name,
    };
    let (disk, sent) = (whole.limits.disk_bytes(), whole.limits.traffic_bytes());
    let shares = (percent(whole.disk_bytes, disk).unwrap_or(0), percent(whole.traffic_bytes, sent).unwrap_or(0));
    let (state, tone) = state_of(&account.status, shares.0, shares.1);
    let mut meters = vec![
        bytes_line("Disk", whole.disk_bytes, disk),
        bytes_line("Traffic this month", whole.traffic_bytes, sent),
        count_line("Files and folders", whole.files, whole.limits.files),
    ];
    meters.extend(uses(&whole.uses));
    let action = format!("{HERE}/{id}/people");
    let team = TeamView::read(tx, id, action, &whole.people, app.outbox.is_on(), shown.team)?;
    let rows = audit::of_account(tx, id, 0, HISTORY)?;
    let moment = |at: freehold_base::Timestamp| (at.ms() > 0).then(|| time_view(at, now));
    Ok(AccountView {
        here: format!("{HERE}/{id}"),
        title: account.title.clone(),
        name: account.name.clone(),
        initials: freehold_base::text::initials(&account.title),
        hue: hue(id.get()),
        state,
        tone,
        status: account.status.clone(),
        reason: account.suspended_reason.clone(),
        since: moment(account.suspended_at),
        gone_at: moment(account.purge_at),
        created: time_view(account.created_at, now),
        seller_href: if seller.is_empty() {
            String::new()
        } else {
            format!("/admin/server/resellers/{}", account.reseller_id)
        },
        seller,
        plan_href: whole.plan.as_ref().map_or_else(String::new, |p| format!("/admin/server/plans/{}", p.id)),
        plan_name: whole.plan.as_ref().map(|p| p.name.clone()).unwrap_or_default(),
        note: account.note.clone(),
        meters,
        over: over(&whole.uses),
        counted: moment(whole.counted_at),
        chart: Chart::of(&whole.traffic, traffic::day_of(now)),
        sites: sites_of(app, tx, &whole)?,
        new_site_href: if account.status == "active" {
            format!("/admin/sites/new?account={id}")
        } else {
            String::new()
        },
        plans: options,
        plan: account.plan_id.to_string(),
        team,
        history: history(tx, rows)?,
        audit_href: if may.server { "/admin/server/audit?what=account".into() } else { String::new() },
        may,
        link: shown.link,
        link_for: shown.link_for,
        made: shown.made,
        error: shown.error,
        title_value: if shown.title.1.is_empty() { account.title.clone() } else { shown.title.0 },
        title_error: shown.title.1,
        reason_value: shown.reason.0,
        reason_error: shown.reason.1,
        move_value: shown.moved.0,
        move_error: shown.moved.1,
    })
}

fn sites_of(app: &App, tx: &mut Tx<'_>, whole: &Whole) -> Result<Vec<SiteView>> {
    let scope = tx.authorize_account(whole.account.id, C::UsageRead)?;
    let names = freehold_store::sites::hosts_of_account(tx, scope)?;
    // In the graveyard no site is anywhere: its names still tell which it was.
    let ids: Vec<_> = whole.sites.iter().map(|s| s.id).collect();
    let cards = sites::cards_of(tx, &ids)?;
    let view = |site: &freehold_store::sites::Site| {
        let all: Vec<String> =
            names.iter().filter(|(id, ..)| *id == site.id).map(|(_, host, _)| host.clone()).collect();
        let card = cards.iter().find(|card| card.site.id == site.id);
        SiteView {
            title: card.map_or_else(|| site.name.clone(), |card| card.title.clone()),
            href: card.map_or_else(String::new, |_| format!("/admin/s/{}", site.id)),
            url: all.first().map_or_else(String::new, |host| app.site_origin(host)),
            more: all.len().saturating_sub(HOSTS),
            hosts: all.into_iter().take(HOSTS).collect(),
            kind: if site.kind == "static" { "Files" } else { "Site" },
        }
    };
    Ok(whole.sites.iter().map(view).collect())
}

/// Rows of the audit log as people read them.
pub(super) fn history(tx: &mut Tx<'_>, rows: Vec<audit::Row>) -> Result<Vec<HistoryRow>> {
    let (mut names, now) = (Names::default(), tx.now());
    let mut list = Vec::with_capacity(rows.len());
    for row in rows {
        let (who, _) = names.of(tx, &row)?;
        let change = describe(&row.action, &row.object, "");
        list.push(HistoryRow {
            initials: freehold_base::text::initials(&who),
            hue: hue(row.actor_id),
            who: if row.actor == "as_owner" { format!("{who} (as owner)") } else { who },
            did: change.did,
            what: change.what,
            href: change.href,
            at: time_view(row.acted_at, now),
        });
    }
    Ok(list)
}
