//! What is done with one address: make main, lead on, serve, remove, look again.

use actix_web::web::Path;
use freehold_base::{Code, Error, Result};
use freehold_platform::sites::domains::{Add, Kind};
use freehold_platform::sites::{self, domains as service, names};

use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::refused::{Confirm, Sent, confirm};

/// Makes a name main, lets it lead on or serve, removes it, looks at it again.
pub async fn change(ctx: Ctx, path: Path<(i64, String)>, form: Form) -> Reply {
    let (site, name, wanted) = (ctx.site, path.into_inner().1, form.get("do").to_owned());
    if wanted == "remove" && !form.has("sure") {
        return sure(&ctx, name).await;
    }
    let done = match wanted.as_str() {
        "main" => "main",
        "remove" => "removed",
        "look" => "looking",
        "www" => "added",
        _ => "changed",
    };
    let host = ctx
        .write(move |tx| {
            let domain = service::named(tx, site, &name)?;
            let id = domain.id;
            match wanted.as_str() {
                "main" => sites::make_main(tx, site, id)?,
                "redirect" => sites::set_redirect(tx, site, id, true)?,
                "serve" => sites::set_redirect(tx, site, id, false)?,
                "remove" => sites::remove_domain(tx, site, id)?,
                "look" => drop(service::look_now(tx, site, &domain.host)?),
                "www" => {
                    let name = sites::name_typed(&format!("www.{}", domain.host))?;
                    service::add(tx, site, &Add { name, kind: Kind::Redirect, becomes_main: false })?;
                }
                _ => return Err(Error::invalid("do", Code::NotAllowed, "main, redirect, serve, remove, look, www")),
            }
            Ok(domain.host)
        })
        .await?;
    let to = match done {
        "looking" => format!("{}/{host}?done=looking", ctx.domains_href()),
        "added" => format!("{}/www.{host}?done=added", ctx.domains_href()),
        _ => format!("{}?done={done}", ctx.domains_href()),
    };
    Ok(ctx.go(&to))
}

async fn sure(ctx: &Ctx, name: String) -> Reply {
    let site = ctx.site;
    let found: Result<_> = ctx.read(move |tx| service::named(tx, site, &name)).await;
    let domain = found?;
    let shown = names::shown(&domain.host);
    let items = match (domain.is_live(), domain.kind.as_str()) {
        (true, "wildcard") => vec!["Every name below it answers nothing any more, from this moment.".to_owned()],
        (true, _) => vec!["Who opens this name no longer finds the site, from this moment.".to_owned()],
        (false, _) => vec!["Its set-up ends; nothing was served under it yet.".to_owned()],
    };
    let view = Confirm {
        title: format!("Remove {shown}?"),
        text: "Records where you bought the name stay as they are. You can add it again.".into(),
        items,
        keep: "Keep it",
        back: ctx.domains_href(),
        label: "Remove".into(),
        action: ctx.path.clone(),
        fields: vec![Sent::new("do", "remove"), Sent::new("sure", 1)],
    };
    confirm(ctx, &view).await
}
