//! Sign-in of people as the hosting admin sees it, and the guard of the server. Everything here has its button in the
//! panel. No token makes tokens, passkeys, links or sessions: these are not here (security rule C8).

use actix_web::web::Payload;
use freehold_base::{PasskeyId, UserId};
use freehold_platform::accounts::networks::{self, Why};
use freehold_platform::accounts::{FactorRule, people, policy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, done, ok};
use super::strict;
use crate::device::device_words;
use crate::security::{self, Facts, Fix};

/// Passkeys of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasskeysView {
    /// Oldest first.
    pub items: Vec<PasskeyItem>,
}

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasskeyItem {
    /// Its number.
    pub id: i64,
    /// What its person calls it.
    pub name: String,
    /// When it was added.
    pub created_at: String,
    /// When it was last used; null: never.
    pub used_at: Option<String>,
}

/// Sessions of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionsView {
    /// Last used first.
    pub items: Vec<SessionItem>,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionItem {
    /// Its number.
    pub id: i64,
    /// The browser in words.
    pub device: String,
    /// Network address at sign-in.
    pub address: String,
    /// When it began.
    pub created_at: String,
    /// When it was last used.
    pub seen_at: String,
}

/// Who must have a second factor.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorRuleBody {
    /// Any of `hosting_admins`, `resellers`, `owners`, `everybody`.
    pub wanted_of: Vec<String>,
}

/// The security report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportView {
    /// What is to be mended first.
    pub items: Vec<ReportItem>,
}

/// A line of the security report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportItem {
    /// Its name.
    pub name: &'static str,
    /// `good`, `look` or `bad`.
    pub state: &'static str,
    /// What is so.
    pub title: String,
    /// Why it matters.
    pub text: String,
    /// Whom or what it is about.
    pub about: Vec<String>,
    /// Text to paste that mends it; empty where a button of the panel does.
    pub paste: String,
}

impl ReportItem {
    fn of(line: security::Line) -> Self {
        let paste = if let Fix::Paste(_, text) = line.fix { text } else { String::new() };
        Self {
            name: line.name,
            state: line.state.name(),
            title: line.title,
            text: line.text,
            about: line.about.into_iter().map(|(text, _)| text).collect(),
            paste,
        }
    }
}

/// Networks that are kept out of sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct NetworksView {
    /// The blocked ones first.
    pub items: Vec<NetworkItem>,
}

/// A network that is kept out.
#[derive(Debug, Serialize, ToSchema)]
pub struct NetworkItem {
    /// `192.0.2.0/24`
    pub network: String,
    /// `blocked`, or `failures`: then it waits for a while.
    pub why: &'static str,
    /// Since when, or when the last failure was.
    pub at: String,
}

/// A network.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkInput {
    /// `192.0.2.0/24`, or one address.
    pub network: String,
}

/// Somebody's passkeys.
pub async fn passkeys(ctx: ApiCtx) -> ApiReply {
    let (id, accounts) = (ctx.id::<UserId>("id", "person")?, ctx.app.accounts.clone());
    let keys = ctx.read(move |tx| accounts.passkeys_of(tx, id)).await?;
    let item = |k: freehold_store::passkeys::Passkey| PasskeyItem {
        id: k.id.get(),
        name: k.name,
        created_at: k.created_at.rfc3339(),
        used_at: (k.used_at.ms() > 0).then(|| k.used_at.rfc3339()),
    };
    Ok(ok(&PasskeysView { items: keys.into_iter().map(item).collect() }, None)?)
}

/// Takes one of somebody's passkeys away.
pub async fn delete_passkey(ctx: ApiCtx) -> ApiReply {
    let (id, key) = (ctx.id::<UserId>("id", "person")?, ctx.id::<PasskeyId>("passkey", "passkey")?);
    let accounts = ctx.app.accounts.clone();
    ctx.write(move |tx| accounts.remove_passkey_of(tx, id, key)).await?;
    Ok(done())
}

/// Takes app, passkeys and recovery codes of somebody away.
pub async fn delete_factor(ctx: ApiCtx) -> ApiReply {
    let (id, accounts) = (ctx.id::<UserId>("id", "person")?, ctx.app.accounts.clone());
    ctx.write(move |tx| accounts.remove_factor_of(tx, id)).await?;
    Ok(done())
}

/// Somebody's sessions.
pub async fn sessions(ctx: ApiCtx) -> ApiReply {
    let (id, accounts) = (ctx.id::<UserId>("id", "person")?, ctx.app.accounts.clone());
    let all = ctx.read(move |tx| accounts.list_sessions_of(tx, id)).await?;
    let item = |s: freehold_store::sessions::Session| SessionItem {
        id: s.id.get(),
        device: device_words(&s.agent),
        address: s.address,
        created_at: s.created_at.rfc3339(),
        seen_at: s.seen_at.rfc3339(),
    };
    Ok(ok(&SessionsView { items: all.into_iter().map(item).collect() }, None)?)
}

/// Ends all of somebody's sessions.
pub async fn end_sessions(ctx: ApiCtx) -> ApiReply {
    let (id, accounts) = (ctx.id::<UserId>("id", "person")?, ctx.app.accounts.clone());
    ctx.write(move |tx| accounts.end_sessions_of(tx, id).map(|_| ())).await?;
    Ok(done())
}

/// Keeps somebody out.
pub async fn disable(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<UserId>("id", "person")?;
    ctx.write(move |tx| people::disable(tx, id)).await?;
    Ok(done())
}

/// Lets a disabled person in again.
pub async fn enable(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<UserId>("id", "person")?;
    ctx.write(move |tx| people::enable(tx, id)).await?;
    Ok(done())
}

/// The security report.
pub async fn report(ctx: ApiCtx) -> ApiReply {
    let (accounts, facts) = (ctx.app.accounts.clone(), Facts::of(&ctx.app.config));
    let lines = ctx.read(move |tx| security::report(tx, &accounts, &facts)).await?;
    Ok(ok(&ReportView { items: lines.into_iter().map(ReportItem::of).collect() }, None)?)
}

/// Ends sessions that are older than 8 hours.
pub async fn end_old_sessions(ctx: ApiCtx) -> ApiReply {
    let accounts = ctx.app.accounts.clone();
    ctx.write(move |tx| security::end_old_sessions(tx, &accounts).map(|_| ())).await?;
    Ok(done())
}

/// Who must have a second factor.
pub async fn rule(ctx: ApiCtx) -> ApiReply {
    let rule = ctx.read(policy::rule).await?;
    let wanted_of = rule.words().into_iter().map(str::to_owned).collect();
    Ok(ok(&FactorRuleBody { wanted_of }, None)?)
}

/// Sets who must have a second factor.
pub async fn put_rule(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let FactorRuleBody { wanted_of } = strict::read(&ctx.body(payload).await?)?;
    if let Some(unknown) = wanted_of.iter().find(|w| !FactorRule::WORDS.contains(&w.as_str())) {
        let known = FactorRule::WORDS.join(", ");
        let e = freehold_base::Error::invalid("wanted_of", freehold_base::Code::NotAllowed, known);
        tracing::debug!("no such word: {unknown}");
        return Err(e.into());
    }
    let rule = FactorRule::of(wanted_of.iter().map(String::as_str));
    ctx.write(move |tx| policy::set_rule(tx, rule)).await?;
    Ok(done())
}

/// Networks that are kept out of sign-in.
pub async fn list_networks(ctx: ApiCtx) -> ApiReply {
    let out = ctx.read(networks::list).await?;
    let item = |k: networks::KeptOut| NetworkItem {
        network: k.network,
        why: if matches!(k.why, Why::Blocked { .. }) { "blocked" } else { "failures" },
        at: k.at.rfc3339(),
    };
    Ok(ok(&NetworksView { items: out.into_iter().map(item).collect() }, None)?)
}

/// Keeps a network out of every sign-in.
pub async fn block(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let NetworkInput { network } = strict::read(&ctx.body(payload).await?)?;
    ctx.write(move |tx| networks::block(tx, &network).map(|_| ())).await?;
    Ok(done())
}

/// Lets a network in again.
pub async fn let_in(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let NetworkInput { network } = strict::read(&ctx.body(payload).await?)?;
    ctx.write(move |tx| networks::let_in(tx, &network).map(|_| ())).await?;
    Ok(done())
}
