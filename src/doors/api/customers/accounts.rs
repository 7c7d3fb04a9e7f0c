//! Accounts: opening, changing, suspending, closing, their people.

use actix_web::web::Payload;
use freehold_base::{AccountId, Code, Cursor, Error, HostName, PlanId, ResellerId, Result, Role, SiteId, UserId};
use freehold_hosting::moves;
use freehold_platform::accounts::Invitation;
use freehold_platform::accounts::roles::set_role;
use freehold_platform::customers::accounts::{self, Line, Use, Whole};
use freehold_platform::customers::{graveyard, suspend};
use freehold_platform::sites::Settings;
use freehold_publishing::starts::Start;
use freehold_store::accounts::AccountFilter;
use freehold_store::roles::RolePlace;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use crate::api::strict;
use crate::panel::inviting::invite_in;
use crate::panel::opening::{self, FirstSite, NewCustomer};
use crate::web::multipart::blocking;

/// Parameters of the list of accounts.
pub const QUERY: &[&str] = &["q", "status", "plan", "reseller", "limit", "after", "fields"];

/// An account in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountLineView {
    /// Its number.
    pub id: i64,
    /// Its unique short name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// `active`, `suspended` or `terminated`.
    pub status: String,
    /// Who sells it; 0: the installation.
    pub reseller: i64,
    /// Its plan; 0: none.
    pub plan: i64,
    /// The plan's name.
    pub plan_name: String,
    /// Address of its owner: the first by name.
    pub owner: Option<String>,
    /// Sites.
    pub sites: i64,
    /// Bytes of its files.
    pub disk_bytes: i64,
    /// Bytes of this month's traffic.
    pub traffic_bytes: i64,
}

impl From<Line> for AccountLineView {
    fn from(l: Line) -> Self {
        Self {
            id: l.account.id.get(),
            name: l.account.name,
            title: l.account.title,
            status: l.account.status,
            reseller: l.account.reseller_id.get(),
            plan: l.account.plan_id.get(),
            plan_name: l.plan,
            owner: l.owner.map(|p| p.email),
            sites: l.sites,
            disk_bytes: l.disk_bytes,
            traffic_bytes: l.traffic_bytes,
        }
    }
}

/// One resource of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct UseView {
    /// What.
    pub resource: &'static str,
    /// How many there are.
    pub used: i64,
    /// How many there may be; null: not limited.
    pub most: Option<u64>,
    /// Whether there are more than there may be.
    pub over: bool,
}

impl From<&Use> for UseView {
    fn from(u: &Use) -> Self {
        Self { resource: u.resource.words(), used: u.used, most: u.most, over: u.is_over() }
    }
}

/// Somebody of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// Number of the person.
    pub user: i64,
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// `owner`, `reader`, `files`, `dns` or `billing`.
    pub role: &'static str,
}

/// An account with everything about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// Its number.
    pub id: i64,
    /// Its unique short name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// `active`, `suspended` or `terminated`.
    pub status: String,
    /// Why it is suspended.
    pub suspended_reason: String,
    /// When it goes for good, where it is closed.
    pub gone_at: Option<String>,
    /// Who sells it; 0: the installation.
    pub reseller: i64,
    /// Its plan; null: none, nothing is limited.
    pub plan: Option<i64>,
    /// Numbers of its sites.
    pub sites: Vec<i64>,
    /// Its people.
    pub people: Vec<MemberView>,
    /// What of the plan is used.
    pub uses: Vec<UseView>,
    /// Bytes of its files.
    pub disk_bytes: i64,
    /// Files and folders.
    pub files: i64,
    /// Bytes of this month's traffic.
    pub traffic_bytes: i64,
}

impl From<Whole> for AccountView {
    fn from(w: Whole) -> Self {
        let a = w.account;
        let member = |(p, role): &(freehold_store::users::Person, Role)| MemberView {
            user: p.id.get(),
            email: p.email.clone(),
            name: p.name.clone(),
            role: role.name(),
        };
        Self {
            id: a.id.get(),
            name: a.name,
            title: a.title,
            status: a.status,
            suspended_reason: a.suspended_reason,
            gone_at: (a.purge_at.ms() > 0).then(|| a.purge_at.rfc3339()),
            reseller: a.reseller_id.get(),
            plan: w.plan.map(|p| p.id.get()),
            sites: w.sites.iter().map(|s| s.id.get()).collect(),
            people: w.people.iter().map(member).collect(),
            uses: w.uses.iter().map(UseView::from).collect(),
            disk_bytes: w.disk_bytes,
            files: w.files,
            traffic_bytes: w.traffic_bytes,
        }
    }
}

/// An account to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountInput {
    /// What people call it.
    pub title: String,
    /// Address of its owner, who gets an invitation.
    pub owner: Option<String>,
    /// The owner's name.
    #[serde(default)]
    pub owner_name: String,
    /// Its plan; 0 or nothing: none.
    #[serde(default)]
    pub plan: i64,
    /// Who sells it; 0 or nothing: the installation.
    #[serde(default)]
    pub reseller: i64,
    /// Main host name of its first site; nothing: `NAME.localhost`.
    pub host: Option<String>,
    /// What its first site begins with: `journal`, `business`, `portfolio`, `blank`; `none`: no site yet.
    pub start: Option<String>,
}

/// What came of opening an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedView {
    /// Number of the account.
    pub id: i64,
    /// Number of its first site.
    pub site: Option<i64>,
    /// Where the owner chooses a password; only where no mail server sends it, and only to who may see it.
    pub invitation: Option<String>,
}

/// What of an account is changed; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// What people call it.
    pub title: Option<String>,
    /// Words about it that only who sells it sees.
    pub note: Option<String>,
    /// Its plan; 0: none.
    pub plan: Option<i64>,
}

/// Why an account is suspended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspensionInput {
    /// Shown to its people.
    pub reason: String,
}

/// Somebody to bring into an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberInput {
    /// Address.
    pub email: String,
    /// `owner`, `reader`, `files`, `dns` or `billing`.
    pub role: String,
}

/// A role on an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberRoleInput {
    /// `owner`, `reader`, `files`, `dns` or `billing`.
    pub role: String,
}

/// A site that another account gets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveInput {
    /// Number of the site.
    pub site: i64,
}

/// A page of accounts by title.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let number = |name: &str| query.get(name).and_then(|n| n.parse::<i64>().ok());
    let filter = AccountFilter {
        text: query.get("q").unwrap_or_default().to_owned(),
        status: query.get("status").map(str::to_owned),
        plan: number("plan").map(PlanId),
        reseller: number("reseller").map(ResellerId),
        ..AccountFilter::default()
    };
    let (rows, _) = ctx.read(move |tx| accounts::list(tx, &filter, &page)).await?;
    let cursor = |l: &Line| Cursor { key: l.account.title.clone(), id: l.account.id.get() };
    let list = List::of(rows, limit, cursor, AccountLineView::from);
    Ok(ok(&list, query.get("fields"))?)
}

/// Opens an account.
pub async fn create(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: AccountInput = strict::read(&ctx.body(payload).await?)?;
    let host = input.host.as_deref().map(HostName::parse).transpose()?;
    let site = match input.start.as_deref() {
        Some("none") => None,
        start => {
            Some(FirstSite { host, start: Start::by_name(start.unwrap_or("journal")), settings: Settings::default() })
        }
    };
    let new = NewCustomer {
        title: input.title,
        owner: input.owner,
        owner_name: input.owner_name,
        plan: PlanId(input.plan),
        reseller: ResellerId(input.reseller),
        site,
    };
    let app = ctx.app.clone();
    let opened = ctx.write(move |tx| opening::open(&app, tx, "", &new)).await?;
    let shown = opened.owner.filter(|o| o.may_show_link && !ctx.app.outbox.is_on());
    let view = OpenedView {
        id: opened.account.get(),
        site: opened.site.map(SiteId::get),
        invitation: shown.and_then(|o| o.link).map(|link| link.url.reveal_text().to_owned()),
    };
    let location = format!("/api/v1/accounts/{}", view.id);
    Ok(created(&view, &location)?)
}

/// One account.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<AccountId>("id", "account")?;
    ctx.app.count_now().await;
    let whole = ctx.read(move |tx| accounts::show(tx, id)).await?;
    Ok(ok(&AccountView::from(whole), None)?)
}

/// Changes an account.
pub async fn update(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<AccountId>("id", "account")?;
    let input: AccountChange = strict::read(&ctx.body(payload).await?)?;
    let whole = ctx
        .write(move |tx| {
            if input.title.is_some() || input.note.is_some() {
                let now = accounts::show(tx, id)?.account;
                let title = input.title.as_ref().unwrap_or(&now.title);
                accounts::rename(tx, id, title, input.note.as_ref().unwrap_or(&now.note))?;
            }
            if let Some(plan) = input.plan {
                accounts::change_plan(tx, id, PlanId(plan))?;
            }
            accounts::show(tx, id)
        })
        .await?;
    Ok(ok(&AccountView::from(whole), None)?)
}

/// Suspends an account.
pub async fn put_suspension(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<AccountId>("id", "account")?;
    let SuspensionInput { reason } = strict::read(&ctx.body(payload).await?)?;
    ctx.write(move |tx| suspend::suspend(tx, id, &reason)).await?;
    Ok(done())
}

/// Ends a suspension.
pub async fn delete_suspension(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<AccountId>("id", "account")?;
    ctx.write(move |tx| suspend::unsuspend(tx, id)).await?;
    Ok(done())
}

/// Closes an account; with `now`, ends a closed one for good.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<AccountId>("id", "account")?;
    let now = ctx.query(&["now"])?.get("now") == Some("true");
    ctx.write(move |tx| if now { graveyard::end_now(tx, id) } else { graveyard::terminate(tx, id).map(|_| ()) })
        .await?;
    Ok(done())
}

/// Takes a closed account back.
pub async fn restore(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<AccountId>("id", "account")?;
    ctx.write(move |tx| graveyard::restore(tx, id)).await?;
    Ok(done())
}

/// Moves a site into an account.
pub async fn take_site(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<AccountId>("id", "account")?;
    let MoveInput { site } = strict::read(&ctx.body(payload).await?)?;
    let (app, actor) = (ctx.app.clone(), ctx.actor.clone());
    blocking(move || moves::move_site(&app.store, &app.files, &actor, SiteId(site), id)).await?;
    Ok(done())
}

fn role_of(name: &str) -> Result<Role> {
    Role::OF_ACCOUNTS.iter().copied().find(|r| r.name() == name).ok_or_else(|| {
        let known: Vec<&str> = Role::OF_ACCOUNTS.iter().map(|r| r.name()).collect();
        Error::invalid("role", Code::NotAllowed, known.join(", "))
    })
}

/// Invites somebody into an account.
pub async fn invite(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<AccountId>("id", "account")?;
    let input: MemberInput = strict::read(&ctx.body(payload).await?)?;
    let (place, role) = (RolePlace::Account(id), role_of(&input.role)?);
    let app = ctx.app.clone();
    let invitation = Invitation { email: input.email, name: String::new(), place, role };
    ctx.write(move |tx| invite_in(&app, tx, "", &invitation).map(|_| ())).await?;
    Ok(done())
}

/// Sets somebody's role on an account.
pub async fn put_member(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (id, user) = (ctx.id::<AccountId>("id", "account")?, ctx.id::<UserId>("user", "person")?);
    let MemberRoleInput { role } = strict::read(&ctx.body(payload).await?)?;
    let role = role_of(&role)?;
    ctx.write(move |tx| set_role(tx, RolePlace::Account(id), user, Some(role))).await?;
    Ok(done())
}

/// Takes somebody out of an account.
pub async fn delete_member(ctx: ApiCtx) -> ApiReply {
    let (id, user) = (ctx.id::<AccountId>("id", "account")?, ctx.id::<UserId>("user", "person")?);
    ctx.write(move |tx| set_role(tx, RolePlace::Account(id), user, None)).await?;
    Ok(done())
}
