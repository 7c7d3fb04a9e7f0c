//! Everybody who may sign in.

use actix_web::HttpResponse;
use freehold_base::{Code, Cursor, Error, Result};
use freehold_platform::accounts::{Invitation, people};
use freehold_store::users::PeopleFilter;
use serde::Serialize;

use super::places::{OptionView, Places, site_roles, typed};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::{crumb, hue, time_view};
use crate::panel::by_name::Place;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;
use crate::panel::inviting::Told;
use crate::panel::site_people::status_words;

const HERE: &str = "/admin/server/people";
/// People on one page.
const ROWS: u16 = 50;

#[derive(Serialize)]
struct PeopleView {
    query: String,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    summary: String,
    prev: String,
    next: String,
    mail: bool,
    places: Vec<OptionView>,
    roles: Vec<OptionView>,
    link: String,
    link_for: String,
    email: String,
    place: String,
    role: String,
    errors: Vec<FieldText>,
    email_error: String,
    role_error: String,
    open: bool,
}

#[derive(Serialize)]
struct Tab {
    label: &'static str,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Row {
    href: String,
    name: String,
    email: String,
    initials: String,
    hue: u16,
    status: &'static str,
    tone: &'static str,
    signed_in: Option<TimeView>,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    Ok(page(&ctx, &Form::default(), None, ("", "")).await?)
}

async fn page(ctx: &Ctx, form: &Form, e: Option<&Error>, link: (&str, &str)) -> Result<HttpResponse> {
    let frame = ctx.frame("People", vec![crumb("People", None)]).await?;
    let (query, status) = (ctx.param("q").unwrap_or_default(), ctx.param("status").unwrap_or_default());
    let place = Place::of(ctx, ROWS);
    let filter = PeopleFilter { search: query.clone(), status: status.clone(), back: place.back };
    let (list, around, places, now) = ctx
        .read(move |tx| {
            let (mut list, _) = people::list(tx, &filter, &place.page)?;
            let around = place.cut(&mut list, |p| Cursor { key: p.name.clone(), id: p.id.get() });
            Ok((list, around, Places::read(tx)?, tx.now()))
        })
        .await?;
    let encode = |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let at = |status: &str| format!("{HERE}?status={status}&q={}", encode(&query));
    let step = |name: &str, place: Option<Cursor>| {
        place.map_or_else(String::new, |n| format!("{}&{name}={}", at(&encode(&status)), encode(&n.encode())))
    };
    let tab = |label, name: &str| Tab { label, href: at(name), current: status == name };
    let rows: Vec<Row> = list
        .into_iter()
        .map(|p| {
            let (word, tone) = status_words(&p.status);
            Row {
                href: format!("{HERE}/{}", p.id),
                initials: freehold_base::text::initials(&p.name),
                hue: hue(p.id.get()),
                status: word,
                tone,
                signed_in: (p.signed_in_at.ms() > 0).then(|| time_view(p.signed_in_at, now)),
                name: p.name,
                email: p.email,
            }
        })
        .collect();
    let view = PeopleView {
        tabs: vec![tab("All", ""), tab("Active", "active"), tab("Invited", "invited"), tab("Disabled", "disabled")],
        summary: format!("{} shown", rows.len()),
        prev: step("before", around.prev),
        next: step("after", around.next),
        rows,
        mail: ctx.app.outbox.is_on(),
        places: places.options(),
        roles: site_roles(),
        link: link.0.to_owned(),
        link_for: link.1.to_owned(),
        email: form.get("email").to_owned(),
        place: form.get("place").to_owned(),
        role: if form.has("role") { form.get("role").to_owned() } else { "author".to_owned() },
        errors: e.map(field_texts).unwrap_or_default(),
        email_error: error_at(e, "email"),
        role_error: error_at(e, "role"),
        open: e.is_some() || ctx.param("invite").is_some(),
        query,
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "server/people.html", &frame, &view)
}

/// Brings somebody in with a role anywhere.
pub async fn invite(ctx: Ctx, form: Form) -> Reply {
    let invited = match typed(&form) {
        Ok((place, role)) => {
            let email = form.get("email").to_owned();
            ctx.invite(Invitation { email, name: String::new(), place, role }).await
        }
        Err(e) => Err(e),
    };
    match invited {
        Ok(invited) => match ctx.told(&invited) {
            Told::Link(link, link_for) => Ok(page(&ctx, &Form::default(), None, (&link, &link_for)).await?),
            Told::Done(done) => Ok(ctx.go(&format!("{HERE}?done={done}"))),
        },
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, &form, Some(&e), ("", "")).await?),
        Err(Error::Refused { code: Code::WrongState, detail }) => {
            let e = Error::invalid("email", Code::WrongState, detail);
            Ok(page(&ctx, &form, Some(&e), ("", "")).await?)
        }
        Err(e) => Err(e.into()),
    }
}
