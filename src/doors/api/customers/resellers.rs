//! Resellers: who sells web space.

use actix_web::web::Payload;
use freehold_base::capability::PRIVILEGES;
use freehold_base::{Capability, Code, Error, Feature, ResellerId, Result, Role, UserId};
use freehold_platform::accounts::Invitation;
use freehold_platform::accounts::roles::set_role;
use freehold_platform::customers::resellers::{self, Brand, Customers, ResellerEdit, ResellerLimits};
use freehold_store::resellers::ResellerLine;
use freehold_store::roles::RolePlace;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::plans::features_of;
use crate::api::ctx::{ApiCtx, ApiReply, created, done, ok};
use crate::api::strict;
use crate::api::users::invite_to;

/// A reseller.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResellerView {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// `active` or `suspended`.
    pub status: String,
    /// Accounts at most.
    pub accounts_limit: Option<u64>,
    /// Disk at most, in MB.
    pub disk_mb_limit: Option<u64>,
    /// Traffic of a month at most, in GB.
    pub traffic_gb_limit: Option<u64>,
    /// Whether its plans may add up to more.
    pub oversell: bool,
    /// Features that its plans may give.
    pub features: Vec<&'static str>,
    /// What it may do with its accounts.
    pub privileges: Vec<&'static str>,
    /// Accounts it has.
    pub accounts: i64,
    /// Bytes of their files.
    pub disk_bytes: i64,
}

impl From<&ResellerLine> for ResellerView {
    fn from(l: &ResellerLine) -> Self {
        let edit = ResellerEdit::of(&l.reseller);
        Self {
            id: l.reseller.id.get(),
            name: edit.name,
            status: l.reseller.status.clone(),
            accounts_limit: edit.limits.accounts,
            disk_mb_limit: edit.limits.disk_mb,
            traffic_gb_limit: edit.limits.traffic_gb,
            oversell: edit.limits.oversell,
            features: edit.features.iter().map(Feature::name).collect(),
            privileges: edit.privileges.iter().map(|c| c.name()).collect(),
            accounts: l.accounts,
            disk_bytes: l.disk_bytes,
        }
    }
}

/// A reseller to make, or the whole of a changed one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResellerInput {
    /// Its name.
    pub name: String,
    /// Accounts at most.
    pub accounts_limit: Option<u64>,
    /// Disk at most, in MB.
    pub disk_mb_limit: Option<u64>,
    /// Traffic of a month at most, in GB.
    pub traffic_gb_limit: Option<u64>,
    /// Whether its plans may add up to more.
    #[serde(default)]
    pub oversell: bool,
    /// Features that its plans may give; nothing: all.
    pub features: Option<Vec<String>>,
    /// What it may do with its accounts; nothing: all.
    pub privileges: Option<Vec<String>>,
}

impl ResellerInput {
    fn edit(self) -> Result<ResellerEdit> {
        let privileges = match &self.privileges {
            None => PRIVILEGES.to_vec(),
            Some(names) => names.iter().map(|name| privilege(name)).collect::<Result<_>>()?,
        };
        Ok(ResellerEdit {
            limits: ResellerLimits {
                accounts: self.accounts_limit,
                disk_mb: self.disk_mb_limit,
                traffic_gb: self.traffic_gb_limit,
                oversell: self.oversell,
            },
            features: features_of(self.features.as_deref())?,
            name: self.name,
            privileges,
        })
    }
}

fn privilege(name: &str) -> Result<Capability> {
    PRIVILEGES.iter().copied().find(|c| c.name() == name).ok_or_else(|| {
        let known: Vec<&str> = PRIVILEGES.iter().map(|c| c.name()).collect();
        Error::invalid("privileges", Code::NotAllowed, known.join(", "))
    })
}

/// All resellers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResellersView {
    /// By name.
    pub items: Vec<ResellerView>,
}

/// Resellers, by name.
pub async fn list_resellers(ctx: ApiCtx) -> ApiReply {
    let rows = ctx.read(resellers::list).await?;
    Ok(ok(&ResellersView { items: rows.iter().map(ResellerView::from).collect() }, None)?)
}

/// Makes a reseller.
pub async fn create_reseller(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let edit = strict::read::<ResellerInput>(&ctx.body(payload).await?)?.edit()?;
    let made = ctx
        .write(move |tx| {
            let id = resellers::create(tx, &edit)?;
            let reseller = resellers::find(tx, id)?;
            Ok(ResellerLine { reseller, accounts: 0, disk_bytes: 0 })
        })
        .await?;
    let location = format!("/api/v1/resellers/{}", made.reseller.id);
    Ok(created(&ResellerView::from(&made), &location)?)
}

/// Writes a reseller anew.
pub async fn put_reseller(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<ResellerId>("id", "reseller")?;
    let edit = strict::read::<ResellerInput>(&ctx.body(payload).await?)?.edit()?;
    ctx.write(move |tx| resellers::change(tx, id, &edit)).await?;
    Ok(done())
}

/// What a reseller's customers see.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BrandInput {
    /// The name; empty: ours.
    pub name: String,
    /// Colour of buttons and links as `#rrggbb`.
    pub colour: String,
    /// Where customers find help, with `https://`.
    pub support_url: String,
    /// Address that mail to customers comes from.
    pub mail_from: String,
    /// Name servers that customers are told.
    pub name_servers: Vec<String>,
}

/// Sets what a reseller's customers see.
pub async fn put_brand(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<ResellerId>("id", "reseller")?;
    let input: BrandInput = strict::read(&ctx.body(payload).await?)?;
    let brand = Brand {
        name: input.name,
        colour: input.colour,
        support_url: input.support_url,
        mail_from: input.mail_from,
        name_servers: input.name_servers,
    };
    ctx.write(move |tx| resellers::set_brand(tx, id, &brand)).await?;
    Ok(done())
}

/// How a reseller is suspended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResellerSuspensionInput {
    /// Shown to its customers.
    pub reason: String,
    /// Its customers' accounts too.
    #[serde(default)]
    pub with_customers: bool,
}

/// Suspends a reseller.
pub async fn suspend_reseller(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<ResellerId>("id", "reseller")?;
    let input: ResellerSuspensionInput = strict::read(&ctx.body(payload).await?)?;
    ctx.write(move |tx| resellers::suspend(tx, id, &input.reason, input.with_customers).map(|_| ())).await?;
    Ok(done())
}

/// Ends a reseller's suspension.
pub async fn unsuspend_reseller(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<ResellerId>("id", "reseller")?;
    ctx.write(move |tx| resellers::unsuspend(tx, id)).await?;
    Ok(done())
}

/// Deletes a reseller; with `customers=terminate`, its customers' accounts are closed.
pub async fn delete_reseller(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<ResellerId>("id", "reseller")?;
    let what = match ctx.query(&["customers"])?.get("customers") {
        Some("terminate") => Customers::Terminate,
        _ => Customers::Keep,
    };
    ctx.write(move |tx| resellers::delete(tx, id, what)).await?;
    Ok(done())
}

/// Somebody to work for a reseller.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResellerPersonInput {
    /// Address.
    pub email: String,
}

/// Invites somebody to work for a reseller.
pub async fn invite(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<ResellerId>("id", "reseller")?;
    let ResellerPersonInput { email } = strict::read(&ctx.body(payload).await?)?;
    ctx.read(move |tx| resellers::find(tx, id).map(|_| ())).await?;
    let (place, role) = (RolePlace::Reseller(id), Role::Reseller);
    invite_to(&ctx, Invitation { email, name: String::new(), place, role }).await
}

/// Takes somebody out of a reseller.
pub async fn delete_person(ctx: ApiCtx) -> ApiReply {
    let (id, user) = (ctx.id::<ResellerId>("id", "reseller")?, ctx.id::<UserId>("user", "person")?);
    ctx.write(move |tx| set_role(tx, RolePlace::Reseller(id), user, None)).await?;
    Ok(done())
}
