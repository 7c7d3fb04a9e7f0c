//! Opening an account as its owner, and leaving it.

use actix_web::web::Path;
use freehold_base::AccountId;
use freehold_platform::customers::acting;

use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

/// Goes on as the owner of an account.
pub async fn open(ctx: Ctx, id: Path<AccountId>, _kept: Form) -> Reply {
    let id = id.into_inner();
    let token = ctx.write(move |tx| acting::open_as_owner(tx, id)).await?;
    Ok(ctx.go_with_session("/admin", &token))
}

/// Goes on as oneself.
pub async fn leave(ctx: Ctx) -> Reply {
    let account = ctx.actor.acting;
    let token = ctx.write(acting::leave).await?;
    let to = account.map_or_else(|| "/admin".to_owned(), |id| format!("/admin/server/accounts/{id}"));
    Ok(ctx.go_with_session(&to, &token))
}
