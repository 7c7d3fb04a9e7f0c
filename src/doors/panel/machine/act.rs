//! What the hosting admin does with a person.

use actix_web::web::Path;
use freehold_base::{Code, Error, PasskeyId, Result, UserId};
use freehold_platform::accounts::{people, roles};
use freehold_store::Tx;

use super::person::{Shown, page, refusal};
use super::places::{place_of, typed};
use crate::panel::app::App;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;

/// One of the page's buttons.
pub async fn act(ctx: Ctx, id: Path<UserId>, form: Form) -> Reply {
    let id = id.into_inner();
    let (app, typed_form) = (ctx.app.clone(), form.clone());
    let wanted = form.get("do").to_owned();
    let result = ctx.write(move |tx| run(&app, tx, id, &typed_form)).await;
    let here = format!("/admin/server/people/{id}");
    match result {
        Ok(link) if !link.is_empty() => Ok(page(&ctx, id, 200, Shown { link, ..Shown::default() }).await?),
        Ok(_) if wanted == "delete" => Ok(ctx.go("/admin/server/people?done=deleted")),
        Ok(_) => Ok(ctx.go(&format!("{here}?done={}", done_word(&wanted)))),
        Err(e) => {
            let status = e.status();
            let shown = refusal(e)?;
            let heir = form.get("heir").to_owned();
            Ok(page(&ctx, id, status, Shown { heir, ..shown }).await?)
        }
    }
}

fn done_word(wanted: &str) -> &'static str {
    match wanted {
        "end-sessions" => "sessions-of",
        "role" => "role",
        _ => "changed",
    }
}

/// Does it; gives a link where one was made.
fn run(app: &App, tx: &mut Tx<'_>, id: UserId, form: &Form) -> Result<String> {
    match form.get("do") {
        "link" => return Ok(app.accounts.link_for(tx, id)?.url.reveal_text().to_owned()),
        "disable" => people::disable(tx, id)?,
        "enable" => people::enable(tx, id)?,
        "end-sessions" => app.accounts.end_sessions_of(tx, id).map(|_| ())?,
        "factor-off" => app.accounts.remove_factor_of(tx, id)?,
        "passkey-off" => app.accounts.remove_passkey_of(tx, id, PasskeyId(form.number("passkey")))?,
        "take-role" => roles::set_role(tx, place_of(form.get("place"))?, id, None)?,
        "role" => {
            let (place, role) = typed(form)?;
            roles::set_role(tx, place, id, Some(role))?;
        }
        "delete" => delete(tx, id, form)?,
        _ => return Err(Error::invalid("do", Code::NotAllowed, "the buttons of the page")),
    }
    Ok(String::new())
}

fn delete(tx: &mut Tx<'_>, id: UserId, form: &Form) -> Result<()> {
    let (user, _) = people::show(tx, id)?;
    if form.get("typed").trim() != user.email {
        return Err(Error::invalid("typed", Code::Malformed, format!("their address, {}", user.email)));
    }
    let heir = match form.get("heir").trim() {
        "" => None,
        email => Some(people::find_by_email(tx, email)?.id),
    };
    people::delete(tx, id, heir)
}
