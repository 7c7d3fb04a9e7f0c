//! One person, as the hosting admin sees them.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{Capability as C, Code, Error, Result, Timestamp, UserId};
use freehold_platform::accounts::people;
use freehold_store::{Tx, audit};
use serde::Serialize;

use super::places::{HeldView, OptionView, Places, site_roles};
use crate::device::device_words;
use crate::panel::build_frame::{crumb, hue, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;
use crate::panel::site_people::status_words;

#[derive(Serialize)]
struct PersonView {
    action: String,
    name: String,
    email: String,
    initials: String,
    hue: u16,
    status: String,
    status_word: &'static str,
    tone: &'static str,
    created: TimeView,
    signed_in: Option<TimeView>,
    factor_on: bool,
    with_app: bool,
    passkeys: Vec<Line>,
    sessions: Vec<Line>,
    me: bool,
    asked: Option<TimeView>,
    held: Vec<HeldView>,
    places: Vec<OptionView>,
    roles: Vec<OptionView>,
    link: String,
    error: String,
    typed_error: String,
    heir: String,
}

/// A passkey or a session of theirs.
#[derive(Serialize)]
struct Line {
    id: i64,
    name: String,
    address: String,
    at: Option<TimeView>,
}

impl Line {
    fn of_key(key: freehold_store::passkeys::Passkey, now: Timestamp) -> Self {
        let at = (key.used_at.ms() > 0).then(|| time_view(key.used_at, now));
        Self { id: key.id.get(), name: key.name, address: String::new(), at }
    }
    fn of_session(session: &freehold_store::sessions::Session, now: Timestamp) -> Self {
        Self {
            id: session.id.get(),
            name: device_words(&session.agent),
            address: session.address.clone(),
            at: Some(time_view(session.seen_at, now)),
        }
    }
}

/// What an act leaves to show: a link, or why it was refused.
#[derive(Default)]
pub(super) struct Shown {
    pub link: String,
    pub error: String,
    pub typed_error: String,
    pub heir: String,
}

/// The page.
pub async fn show(ctx: Ctx, id: Path<UserId>) -> Reply {
    Ok(page(&ctx, id.into_inner(), 200, Shown::default()).await?)
}

pub(super) async fn page(ctx: &Ctx, id: UserId, status: u16, shown: Shown) -> Result<HttpResponse> {
    let accounts = ctx.app.accounts.clone();
    let (user, held, places, asked, now, passkeys, sessions) = ctx
        .read(move |tx| {
            let (user, grants) = people::show(tx, id)?;
            let now = tx.now();
            let keys: Vec<Line> = accounts.passkeys_of(tx, id)?.into_iter().map(|key| Line::of_key(key, now)).collect();
            let open: Vec<Line> = accounts.list_sessions_of(tx, id)?.iter().map(|s| Line::of_session(s, now)).collect();
            let places = Places::read(tx)?;
            let asked = asked_at(tx, id, user.signed_in_at)?;
            Ok((user, places.held(&grants), places.options(), asked, now, keys, open))
        })
        .await?;
    let crumbs = vec![crumb("People", Some("/admin/server/people".into())), crumb(&user.name, None)];
    let frame = ctx.frame(&user.name, crumbs).await?;
    let (status_word, tone) = status_words(&user.status);
    let view = PersonView {
        action: format!("/admin/server/people/{id}"),
        initials: freehold_base::text::initials(&user.name),
        hue: hue(id.get()),
        status_word,
        tone,
        created: time_view(user.created_at, now),
        signed_in: (user.signed_in_at.ms() > 0).then(|| time_view(user.signed_in_at, now)),
        factor_on: user.has_factor(),
        with_app: user.has_totp(),
        passkeys,
        sessions,
        me: ctx.person.as_ref().is_some_and(|p| p.user == id),
        asked: asked.map(|at| time_view(at, now)),
        held,
        places,
        roles: site_roles(),
        link: shown.link,
        error: shown.error,
        typed_error: shown.typed_error,
        heir: shown.heir,
        status: user.status,
        name: user.name,
        email: user.email,
    };
    ctx.page(status, "server/person.html", &frame, &view)
}

/// When somebody asked for a new password and did not sign in since.
fn asked_at(tx: &mut Tx<'_>, id: UserId, signed_in: Timestamp) -> Result<Option<Timestamp>> {
    let server = tx.authorize_server(C::ServerRead)?;
    let of = format!("person {id} ");
    let rows = audit::recent(tx, server, &["password.reset_asked"], 100)?;
    Ok(rows.into_iter().find(|r| r.object.starts_with(&of) && r.acted_at > signed_in).map(|r| r.acted_at))
}

/// A refusal in the words of the page; faults go on.
pub(super) fn refusal(e: Error) -> Result<Shown> {
    match e {
        Error::Invalid(_) => Ok(Shown { typed_error: e.sentence(), ..Shown::default() }),
        // The guard asks for a proof.
        Error::Refused { code: Code::ConfirmNeeded, .. } => Err(e),
        Error::Refused { .. } if e.status() == 409 || e.status() == 403 => {
            Ok(Shown { error: e.sentence(), ..Shown::default() })
        }
        e => Err(e),
    }
}
