//! The installation itself: its audit log is looked at, its mail server tried.

use actix_web::web::Payload;
use freehold_base::{Capability, text};
use freehold_platform::audit::VERIFY;
use freehold_platform::outbox::Letter;
use freehold_platform::upkeep;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, done};
use super::strict;
use crate::web::multipart::blocking;

/// Where a mail for trial goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialMailInput {
    /// Address.
    pub to: String,
}

/// Lets the audit log be looked at now; the job says what was found.
pub async fn check_audit(ctx: ApiCtx) -> ApiReply {
    ctx.write(|tx| {
        tx.authorize_server(Capability::ServerManage)?;
        upkeep::queue(tx, VERIFY, std::time::Duration::ZERO)
    })
    .await?;
    Ok(done())
}

/// Sends a mail to try the mail server out; the answer waits for it.
pub async fn try_mail(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let TrialMailInput { to } = strict::read(&ctx.body(payload).await?)?;
    let to = text::email("to", &to)?;
    let (outbox, letter) = (ctx.app.outbox.clone(), Letter::trial(&to, &ctx.app.panel.url));
    blocking(move || outbox.send(&letter)).await?;
    Ok(done())
}
