//! The list of accounts.

use actix_web::HttpResponse;
use actix_web::http::header;
use freehold_base::{AccountId, Capability as C, Cursor, Page, PageSize, PlanId, ResellerId, Result, Timestamp};
use freehold_platform::customers::figures::Figures;
use freehold_platform::customers::{accounts, plans, resellers};
use freehold_store::Tx;
use freehold_store::accounts::AccountFilter;
use serde::Serialize;

use super::months::{Months, month_name};
use super::words::{ChipView, Meter, OptionView, bytes_cell, counted, size, state};
use crate::panel::build_frame::{crumb, hue, time_view};
use crate::panel::csv;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;
use crate::panel::several::Refused;

/// Where the list is.
pub(super) const HERE: &str = "/admin/server/accounts";
/// Accounts on one page.
const ROWS: u16 = 50;
/// Resellers that have a chip of their own; more are in the filter.
const CHIPS: usize = 3;

#[derive(Serialize)]
struct ListView {
    tiles: Vec<Tile>,
    query: String,
    keep: Vec<OptionView>,
    chips: Vec<ChipView>,
    filters: Vec<Filter>,
    taken: Vec<Taken>,
    rows: Vec<Row>,
    summary: String,
    first: String,
    next: String,
    export_href: String,
    show: String,
    filtered: bool,
    may: May,
    plans: Vec<OptionView>,
    no_plans: bool,
    refused: Refused,
}

/// A figure on top.
#[derive(Serialize)]
struct Tile {
    icon: &'static str,
    tone: &'static str,
    label: String,
    value: String,
    unit: String,
    text: String,
    href: String,
}

#[derive(Serialize)]
struct Filter {
    label: &'static str,
    name: &'static str,
    value: String,
    options: Vec<OptionView>,
}

/// A filter that is on, and where the list is without it.
#[derive(Serialize)]
struct Taken {
    label: &'static str,
    value: String,
    remove: String,
}

#[derive(Serialize)]
struct Row {
    id: i64,
    href: String,
    title: String,
    owner: String,
    initials: String,
    hue: u16,
    plan: String,
    sites: i64,
    disk: Meter,
    traffic: Meter,
    state: &'static str,
    tone: &'static str,
    gone: Option<TimeView>,
    suspended: bool,
    closed: bool,
}

/// What the person may do with accounts.
#[derive(Clone, Copy, Serialize)]
pub(super) struct May {
    pub manage: bool,
    pub suspend: bool,
    pub close: bool,
    pub open: bool,
    pub plans: bool,
    pub server: bool,
}

impl May {
    pub fn of(ctx: &Ctx) -> Self {
        let rights = ctx.actor.grants.on_customers();
        Self {
            manage: rights.has(C::AccountsManage),
            suspend: rights.has(C::AccountsSuspend),
            close: rights.has(C::AccountsTerminate),
            open: rights.has(C::AccountsOpen),
            plans: rights.has(C::PlansManage),
            server: ctx.actor.grants.on_server().has(C::ServerManage),
        }
    }
}

/// What the address asks for.
#[derive(Clone, Debug, Default)]
struct Asked {
    text: String,
    /// `attention`, `suspended`, `closed`, or all.
    show: String,
    plan: Option<PlanId>,
    reseller: Option<ResellerId>,
    after: Option<Cursor>,
}

impl Asked {
    fn of(ctx: &Ctx) -> Self {
        let number = |name| ctx.param(name).and_then(|n| n.parse::<i64>().ok());
        Self {
            text: ctx.param("q").unwrap_or_default().trim().to_owned(),
            show: ctx.param("show").unwrap_or_default(),
            plan: number("plan").map(PlanId),
            reseller: number("reseller").map(ResellerId),
            after: ctx.param("after").and_then(|text| Cursor::decode(&text)),
        }
    }
    /// The address of such a list.
    fn href(&self, page: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let number = |id: Option<i64>| id.map_or_else(String::new, |id| id.to_string());
        let pairs = [
            ("q", self.text.clone()),
            ("show", self.show.clone()),
            ("plan", number(self.plan.map(|p| p.get()))),
            ("reseller", number(self.reseller.map(|r| r.get()))),
            ("after", self.after.as_ref().map_or_else(String::new, Cursor::encode)),
        ];
        for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() { format!("{HERE}{page}") } else { format!("{HERE}{page}?{query}") }
    }
    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = Self { after: None, ..self.clone() };
        change(&mut other);
        other.href("")
    }
    fn filter(&self, figures: &Figures) -> AccountFilter {
        let status = match self.show.as_str() {
            "suspended" => Some("suspended".to_owned()),
            "closed" => Some("terminated".to_owned()),
            _ => None,
        };
        let needy = || figures.attention.iter().map(|a| a.account).collect::<Vec<AccountId>>();
        AccountFilter {
            text: self.text.clone(),
            status,
            plan: self.plan,
            reseller: self.reseller,
            ids: (self.show == "attention").then(needy),
        }
    }
    fn is_filtered(&self) -> bool {
        !self.text.is_empty() || !self.show.is_empty() || self.plan.is_some() || self.reseller.is_some()
    }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, Refused::default()).await?)
}

pub(super) async fn page(ctx: &Ctx, refused: Refused) -> Result<HttpResponse> {
    let months = Months::of(ctx).await?;
    let (asked, may) = (Asked::of(ctx), May::of(ctx));
    let disk = freehold_host::files::disk_space(&ctx.app.config.data).ok().filter(|_| may.server);
    let status = if refused.title.is_empty() { 200 } else { 422 };
    let view = ctx.read(move |tx| read(tx, &asked, may, months, disk, refused)).await?;
    let frame = ctx.frame("Accounts", vec![crumb("Accounts", None)]).await?;
    ctx.page(status, "customers/accounts.html", &frame, &view)
}

fn read(
    tx: &mut Tx<'_>,
    asked: &Asked,
    may: May,
    months: Months,
    disk: Option<(u64, u64)>,
    refused: Refused,
) -> Result<ListView> {
    let now = tx.now();
    let figures = super::months::figures(tx)?;
    let plans = plans::list(tx)?;
    let sellers = resellers::list(tx)?;
    let page = Page { size: PageSize::new(ROWS), after: asked.after.clone() };
    let (lines, next) = accounts::list(tx, &asked.filter(&figures), &page)?;
    let next = next.map_or_else(String::new, |next| Asked { after: Some(next), ..asked.clone() }.href(""));
    let options: Vec<OptionView> = plans.iter().map(|(p, _)| OptionView::new(p.id, &p.name)).collect();
    let mut filters = vec![filter("Plan", "plan", asked.plan.map(|p| p.get()), options.clone())];
    let mut chips = chips(asked, &figures);
    let mut taken = Vec::new();
    if sellers.len() > CHIPS {
        let all = sellers.iter().map(|r| OptionView::new(r.reseller.id, &r.reseller.name)).collect();
        filters.push(filter("Reseller", "reseller", asked.reseller.map(|r| r.get()), all));
        if let Some(one) = sellers.iter().find(|r| Some(r.reseller.id) == asked.reseller) {
            let remove = asked.with(|a| a.reseller = None);
            taken.push(Taken { label: "Reseller", value: one.reseller.name.clone(), remove });
        }
    } else if may.server || sellers.len() > 1 {
        for one in &sellers {
            let on = asked.reseller == Some(one.reseller.id);
            if !on && one.accounts == 0 {
                continue;
            }
            chips.push(ChipView {
                label: format!("Reseller: {}", one.reseller.name),
                count: Some(one.accounts),
                href: asked.with(|a| a.reseller = (!on).then_some(one.reseller.id)),
                current: on,
            });
        }
    }
    if let Some((plan, _)) = plans.iter().find(|(p, _)| Some(p.id) == asked.plan) {
        taken.push(Taken { label: "Plan", value: plan.name.clone(), remove: asked.with(|a| a.plan = None) });
    }
    let keep = [("show", asked.show.clone()), ("plan", asked.plan.map_or_else(String::new, |p| p.to_string()))];
    let keep = keep.into_iter().chain([("reseller", asked.reseller.map_or_else(String::new, |r| r.to_string()))]);
    Ok(ListView {
        tiles: tiles(&figures, months, disk, now),
        keep: keep.filter(|(_, v)| !v.is_empty()).map(|(name, value)| OptionView::new(name, value)).collect(),
        chips,
        filters,
        taken,
        summary: if lines.len() == 1 { "1 shown".into() } else { format!("{} shown", lines.len()) },
        first: if asked.after.is_some() { asked.with(|_| {}) } else { String::new() },
        next,
        export_href: Asked { after: None, ..asked.clone() }.href("/export"),
        rows: lines.into_iter().map(|line| row(line, now)).collect(),
        query: asked.text.clone(),
        show: asked.show.clone(),
        filtered: asked.is_filtered(),
        may,
        no_plans: options.is_empty(),
        plans: options,
        refused,
    })
}

fn filter(label: &'static str, name: &'static str, value: Option<i64>, options: Vec<OptionView>) -> Filter {
    let mut all = vec![OptionView::new("", "All")];
    all.extend(options);
    Filter { label, name, value: value.map_or_else(String::new, |v| v.to_string()), options: all }
}

fn chips(asked: &Asked, figures: &Figures) -> Vec<ChipView> {
    let needy = i64::try_from(figures.attention.len()).unwrap_or(0);
    [
        ("All", "", figures.all()),
        ("Needs attention", "attention", needy),
        ("Suspended", "suspended", figures.count("suspended")),
        ("Closed", "closed", figures.count("terminated")),
    ]
    .into_iter()
    .filter(|(_, name, n)| name.is_empty() || *n > 0 || asked.show == *name)
    .map(|(label, name, n)| ChipView {
        label: label.into(),
        count: Some(n),
        href: asked.with(|a| a.show = name.into()),
        current: asked.show == name,
    })
    .collect()
}

fn tiles(figures: &Figures, months: Months, disk: Option<(u64, u64)>, now: Timestamp) -> Vec<Tile> {
    let over = figures.attention.iter().filter(|a| a.is_over()).count();
    let nearly = figures.attention.len() - over;
    let needs = match (over, nearly) {
        (0, 0) => "nobody is near a limit".to_owned(),
        (0, n) => format!("{n} nearly full"),
        (n, 0) => format!("{n} over a limit"),
        (over, nearly) => format!("{over} over a limit, {nearly} nearly full"),
    };
    let split = |bytes: i64| {
        let words = size(bytes);
        words.split_once(' ').map_or((words.clone(), String::new()), |(n, unit)| (n.to_owned(), unit.to_owned()))
    };
    let bytes = |n: u64| size(i64::try_from(n).unwrap_or(i64::MAX));
    let (used, used_unit) = split(figures.disk_bytes);
    let (sent, sent_unit) = split(months.this);
    let tile = |icon, tone, label: String, value: String, unit: String, text: String| Tile {
        icon,
        tone,
        label,
        value,
        unit,
        text,
        href: String::new(),
    };
    vec![
        tile(
            "briefcase",
            "acc",
            "Accounts".into(),
            freehold_base::text::grouped(figures.all()),
            String::new(),
            match figures.new {
                0 => "none new this month".into(),
                n => format!("+{n} this month"),
            },
        ),
        tile(
            "database",
            "acc",
            "Disk".into(),
            used,
            used_unit,
            disk.map_or_else(
                || counted(figures.sites, "open site", "open sites"),
                |(free, all)| format!("{} of {} free", bytes(free), bytes(all)),
            ),
        ),
        tile(
            "globe",
            "acc",
            format!("Traffic, {}", month_name(now, 0)),
            sent,
            sent_unit,
            format!("{} in {}", size(months.before), month_name(now, 1)),
        ),
        Tile {
            href: if figures.attention.is_empty() { String::new() } else { format!("{HERE}?show=attention") },
            ..tile(
                "triangle-alert",
                if over > 0 {
                    "bad"
                } else if nearly > 0 {
                    "warn"
                } else {
                    "acc"
                },
                "Needs you".into(),
                figures.attention.len().to_string(),
                String::new(),
                needs,
            )
        },
    ]
}

fn row(line: accounts::Line, now: Timestamp) -> Row {
    let (state, tone) = state(&line);
    let account = line.account;
    Row {
        id: account.id.get(),
        href: format!("{HERE}/{}", account.id),
        initials: freehold_base::text::initials(&account.title),
        hue: hue(account.id.get()),
        owner: line.owner.map_or_else(|| "no owner yet".to_owned(), |p| p.email),
        plan: if line.plan.is_empty() { "No plan".into() } else { line.plan },
        sites: line.sites,
        disk: bytes_cell("Disk", line.disk_bytes, line.limits.disk_bytes()),
        traffic: bytes_cell("Traffic", line.traffic_bytes, line.limits.traffic_bytes()),
        state,
        tone,
        gone: (account.status == "terminated").then(|| time_view(account.purge_at, now)),
        suspended: account.status == "suspended",
        closed: account.status == "terminated",
        title: account.title,
    }
}

/// The list as a table for other programs (RFC 4180), with the filters of the page.
pub async fn export(ctx: Ctx) -> Reply {
    let asked = Asked::of(&ctx);
    let mut text = csv::line(&[
        "title",
        "owner",
        "plan",
        "status",
        "sites",
        "disk_bytes",
        "disk_limit_bytes",
        "traffic_bytes",
        "traffic_limit_bytes",
        "number",
    ]);
    let mut after = None;
    loop {
        let (asked, from) = (asked.clone(), after.take());
        let (lines, next) = ctx
            .read(move |tx| {
                let figures = super::months::figures(tx)?;
                accounts::list(tx, &asked.filter(&figures), &Page { size: PageSize::new(PageSize::MAX), after: from })
            })
            .await?;
        for line in lines {
            let most = |most: Option<u64>| most.map_or_else(String::new, |most| most.to_string());
            text.push_str(&csv::line(&[
                line.account.title.clone(),
                line.owner.map(|p| p.email).unwrap_or_default(),
                line.plan,
                line.account.status,
                line.sites.to_string(),
                line.disk_bytes.to_string(),
                most(line.limits.disk_bytes()),
                line.traffic_bytes.to_string(),
                most(line.limits.traffic_bytes()),
                line.account.id.to_string(),
            ]));
        }
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"accounts.csv\""))
        .body(text))
}
