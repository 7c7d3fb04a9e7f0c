//! The person's passkeys: added, named, removed.

use actix_web::web::Path;
use freehold_base::{Error, PasskeyId};
use freehold_platform::accounts::Outcome;

use super::security::{Wrong, page};
use crate::device::device_words;
use crate::panel::ctx::Ctx;
use crate::panel::factor::CodesView;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::passkey::answer_in;

const BACK: &str = "/admin/me/security";

/// What a new passkey is called: as typed, or by the browser that made it.
pub fn name_in(ctx: &Ctx, form: &Form) -> String {
    match form.get("name").trim() {
        "" => device_words(&ctx.agent),
        name => name.to_owned(),
    }
}

/// Adds the one whose answer the script put into the form. The first factor brings recovery codes, shown once.
pub async fn add(ctx: Ctx, form: Form) -> Reply {
    let (accounts, name) = (ctx.app.accounts.clone(), name_in(&ctx, &form));
    let answer = answer_in(&form).unwrap_or_default();
    match ctx.write(move |tx| accounts.add_passkey(tx, &answer, &name)).await {
        Ok(Outcome::Done(added)) if added.recovery_codes.is_empty() => {
            Ok(ctx.go_with_session(&format!("{BACK}?done=passkey"), &added.token))
        }
        Ok(Outcome::Done(added)) => {
            let frame = ctx.own_frame("Recovery codes").await?;
            let host = ctx.app.panel.hosts.first().cloned().unwrap_or_default();
            let view = CodesView::of(&added.recovery_codes, &host, BACK);
            Ok(ctx.page_with_session("me/codes.html", &frame, &view, &added.token)?)
        }
        Ok(Outcome::Refused(e)) => Ok(refused(&ctx, &e).await?),
        Err(e) if matches!(e.status(), 409 | 422) => Ok(refused(&ctx, &e).await?),
        Err(e) => Err(e.into()),
    }
}

async fn refused(ctx: &Ctx, e: &Error) -> freehold_base::Result<actix_web::HttpResponse> {
    page(ctx, e.status(), Wrong { passkey: e.sentence(), ..Wrong::default() }).await
}

/// Renames or removes one.
pub async fn change(ctx: Ctx, id: Path<PasskeyId>, form: Form) -> Reply {
    let (accounts, id, name) = (ctx.app.accounts.clone(), id.into_inner(), form.get("name").to_owned());
    if form.get("do") == "rename" {
        ctx.write(move |tx| accounts.rename_passkey(tx, id, &name)).await?;
        return Ok(ctx.go(&format!("{BACK}?done=passkey-named")));
    }
    match ctx.write(move |tx| accounts.remove_passkey(tx, id)).await {
        Ok(token) => Ok(ctx.go_with_session(&format!("{BACK}?done=passkey-gone"), &token)),
        Err(e) if e.as_code() == freehold_base::Code::FactorNeeded => Ok(refused(&ctx, &e).await?),
        Err(e) => Err(e.into()),
    }
}
