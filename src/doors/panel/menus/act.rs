//! Acts on menus. Each answers with the page of its menu.

use actix_web::HttpResponse;
use freehold_base::{Code, Error, MenuId, Result};
use freehold_publishing::content::menus::{self, NewLine, Step};

use super::page;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::refused::{Confirm, Sent, confirm};

/// Back to the menu; fields that were refused are shown there with what was typed.
async fn answer<T>(ctx: &Ctx, menu: MenuId, form: &Form, result: Result<T>, tail: &str) -> Reply {
    match result {
        Ok(_) => Ok(to(ctx, menu, tail)),
        Err(e @ Error::Invalid(_)) => page::with(ctx, e.status(), Some(menu), form, Some(&e)).await,
        Err(e) => Err(e.into()),
    }
}

fn to(ctx: &Ctx, menu: MenuId, tail: &str) -> HttpResponse {
    ctx.go(&format!("{}?menu={menu}{tail}", ctx.menus_href()))
}

/// Makes a menu, empty or of the pages that stand there now. The first one goes to the theme's main place.
pub async fn create(ctx: Ctx, form: Form) -> Reply {
    let (site, name, of_pages) = (ctx.site, form.get("name").to_owned(), form.get("from") == "pages");
    let made = ctx
        .write(move |tx| {
            let first = menus::list(tx, site)?.is_empty();
            let id =
                if of_pages { menus::create_from_pages(tx, site, &name)? } else { menus::create(tx, site, &name)? };
            if first && of_pages {
                menus::place(tx, site, "primary", Some(id))?;
            }
            Ok(id)
        })
        .await;
    match made {
        Ok(id) => Ok(to(&ctx, id, "&done=added")),
        Err(e @ Error::Invalid(_)) => page::with(&ctx, e.status(), None, &form, Some(&e)).await,
        Err(e) => Err(e.into()),
    }
}

/// Puts menus into the places of the theme: fields `place-NAME`.
pub async fn places(ctx: Ctx, form: Form) -> Reply {
    let site = ctx.site;
    let known = page::places_of_theme(&ctx).await?;
    let wanted: Vec<(String, Option<MenuId>)> = known
        .into_keys()
        .map(|place| (form.number(&format!("place-{place}")), place))
        .map(|(id, place)| (place, (id > 0).then_some(MenuId(id))))
        .collect();
    ctx.write(move |tx| wanted.iter().try_for_each(|(place, menu)| menus::place(tx, site, place, *menu))).await?;
    Ok(to(&ctx, MenuId(form.number("menu")), "&done=saved"))
}

/// Another name.
pub async fn rename(ctx: Ctx, form: Form) -> Reply {
    let (site, menu, name) = (ctx.site, ctx.menu_id()?, form.get("rename").to_owned());
    let renamed = ctx.write(move |tx| menus::rename(tx, site, menu, &name)).await;
    // The form's field has a name of its own, because the form for a new menu has one too.
    let renamed = renamed.map_err(|e| match e {
        Error::Invalid(fields) => Error::Invalid(
            fields.into_iter().map(|f| freehold_base::FieldError { field: "rename".into(), ..f }).collect(),
        ),
        e => e,
    });
    answer(&ctx, menu, &form, renamed, "&done=saved").await
}

/// Deletes a menu; asks first.
pub async fn delete(ctx: Ctx, form: Form) -> Reply {
    let (site, menu) = (ctx.site, ctx.menu_id()?);
    let all = ctx.read(move |tx| menus::list(tx, site)).await?;
    let name = all.into_iter().find(|m| m.id == menu.get()).map(|m| m.name);
    let name = name.ok_or_else(|| Error::not_found("menu"))?;
    if !form.has("sure") {
        let view = Confirm {
            title: format!("Delete the menu “{name}”?"),
            text: "It disappears where it stands; the pages it leads to stay. This cannot be undone.".into(),
            items: Vec::new(),
            keep: "Keep it",
            back: format!("{}?menu={menu}", ctx.menus_href()),
            label: "Delete".into(),
            action: ctx.path.clone(),
            fields: vec![Sent::new("sure", 1)],
        };
        return confirm(&ctx, &view).await;
    }
    ctx.write(move |tx| menus::delete(tx, site, menu)).await?;
    Ok(ctx.go(&format!("{}?done=deleted", ctx.menus_href())))
}

/// Adds entries and terms: values `entry:12`, `term:3`.
pub async fn add(ctx: Ctx, form: Form) -> Reply {
    let (site, menu) = (ctx.site, ctx.menu_id()?);
    let lines = form.all("target").iter().map(|t| target(t)).collect::<Result<Vec<NewLine>>>()?;
    if lines.is_empty() {
        return Ok(to(&ctx, menu, ""));
    }
    ctx.write(move |tx| menus::add(tx, site, menu, &lines)).await?;
    Ok(to(&ctx, menu, "&done=added"))
}

fn target(text: &str) -> Result<NewLine> {
    let wrong = || Error::invalid("target", Code::Malformed, "entry:NUMBER or term:NUMBER");
    let (kind, id) = text.split_once(':').ok_or_else(wrong)?;
    match kind {
        "entry" => id.parse().map(NewLine::Entry).map_err(|_| wrong()),
        "term" => id.parse().map(NewLine::Term).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

/// Adds a link.
pub async fn link(ctx: Ctx, form: Form) -> Reply {
    let (site, menu) = (ctx.site, ctx.menu_id()?);
    let line = [NewLine::Link { label: form.get("label").to_owned(), url: form.get("url").to_owned() }];
    let added = ctx.write(move |tx| menus::add(tx, site, menu, &line)).await;
    answer(&ctx, menu, &form, added, "&done=added").await
}

/// The whole order, as dragging made it: `12:0,14:1,13:0`.
pub async fn order(ctx: Ctx, form: Form) -> Reply {
    let (site, menu) = (ctx.site, ctx.menu_id()?);
    let wrong = || Error::invalid("order", Code::Malformed, "ID:DEPTH, with commas between");
    let pair = |part: &str| {
        let (id, depth) = part.split_once(':').ok_or_else(wrong)?;
        Ok((id.parse::<i64>().map_err(|_| wrong())?, depth.parse::<usize>().map_err(|_| wrong())?))
    };
    let wanted = form.get("order").split(',').map(pair).collect::<Result<Vec<_>>>();
    let arranged = match wanted {
        Ok(wanted) => ctx.write(move |tx| menus::arrange(tx, site, menu, &wanted)).await,
        Err(e) => Err(e),
    };
    answer(&ctx, menu, &form, arranged, "").await
}

/// Words and address of a line.
pub async fn edit(ctx: Ctx, form: Form) -> Reply {
    let (site, menu, line) = (ctx.site, ctx.menu_id()?, ctx.line_id()?);
    let (label, url) = (form.get("line_label").to_owned(), form.get("line_url").to_owned());
    let edited = ctx.write(move |tx| menus::edit(tx, site, menu, line, &label, &url)).await;
    answer(&ctx, menu, &form, edited, "&done=saved").await
}

/// One place up, down, in or out.
pub async fn step(ctx: Ctx, form: Form) -> Reply {
    let (site, menu, line) = (ctx.site, ctx.menu_id()?, ctx.line_id()?);
    let step = match form.get("do") {
        "up" => Step::Up,
        "down" => Step::Down,
        "in" => Step::In,
        "out" => Step::Out,
        _ => return Err(Error::invalid("do", Code::NotAllowed, "up, down, in, out").into()),
    };
    let moved = ctx.write(move |tx| menus::step(tx, site, menu, line, step)).await;
    answer(&ctx, menu, &form, moved, &format!("#line-{line}")).await
}

/// Takes a line out.
pub async fn remove(ctx: Ctx) -> Reply {
    let (site, menu, line) = (ctx.site, ctx.menu_id()?, ctx.line_id()?);
    ctx.write(move |tx| menus::remove(tx, site, menu, line)).await?;
    Ok(to(&ctx, menu, "&done=removed"))
}
