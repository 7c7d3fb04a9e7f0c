//! The writing page.

mod build;
mod choices;
mod view;

use freehold_base::{Code, EntryId, Error, Result};

use self::build::read;
use self::view::{ConflictView, EditView, FieldErrors, Notice};
use super::unsaved;
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::{Frame, SiteView, Theme};

/// A page for something new. Nothing is stored before the first save.
pub async fn new(ctx: Ctx) -> Reply {
    let view = read(&ctx, None).await?;
    show(&ctx, 200, &view)
}

/// The page of an entry.
pub async fn edit(ctx: Ctx) -> Reply {
    let id = ctx.entry_id()?;
    let mut view = read(&ctx, Some(id)).await?;
    if let Some(done) = ctx.param("done") {
        view.notice = notice(&done, view.live, &view.public_url);
    }
    if view.readonly.is_empty()
        && let Some(unsaved) = unsaved::find(&ctx, id).await?
    {
        let asked = ctx.param("unsaved").is_some();
        if asked || unsaved.base == view.version {
            view.take(&ctx, &unsaved.form).await?;
            view.saved_text = "Kept for you, not saved yet".into();
        }
        view.unsaved = Some(unsaved.view(&ctx.base(), id, view.version, asked));
    }
    show(&ctx, 200, &view)
}

fn notice(done: &str, live: bool, public_url: &str) -> Option<Notice> {
    let text = match done {
        "published" if live => "It is live.",
        "published" => "It is published; only those it is for see it.",
        "scheduled" => "It goes live at the time you set.",
        "review" => "Sent to somebody who may publish it.",
        "draft" => "It is a draft again; visitors do not see it.",
        _ => return None,
    };
    let address = if done == "published" && live { public_url } else { "" };
    let label = if address.is_empty() { "" } else { "Open it" };
    Some(Notice { text: text.into(), href: address.into(), label, copy: address.into() })
}

/// The page with what was typed and why it was refused.
pub(super) async fn refused(ctx: &Ctx, id: Option<EntryId>, form: &Form, e: &Error) -> Reply {
    let mut view = read(ctx, id).await?;
    // What was typed shows even where somebody else writes now; only the form's own version can be saved.
    view.readonly = "";
    view.take(ctx, form).await?;
    view.refused = true;
    view.saved_text = "Not saved".into();
    view.errors = field_texts(e);
    match (e.as_code(), id) {
        (Code::VersionConflict, Some(id)) => view.conflict = Some(conflict(ctx, id, form, &view).await?),
        (Code::EntryLocked, _) => {}
        _ if view.errors.is_empty() => {
            view.errors.push(FieldText { field: "title".into(), text: e.sentence() });
        }
        _ => {}
    }
    view.field_errors = FieldErrors {
        slug: error_at(Some(e), "slug"),
        publish_at: error_at(Some(e), "publish_at"),
        password: error_at(Some(e), "password"),
        template: error_at(Some(e), "template"),
    };
    show(ctx, e.status(), &view)
}

/// What somebody else saved, and the three ways on. The form keeps the version that it was typed on: pressing the same
/// button again changes nothing.
async fn conflict(ctx: &Ctx, id: EntryId, form: &Form, view: &EditView) -> Result<ConflictView> {
    let site = ctx.site;
    let (by, at, version) = ctx.read(move |tx| unsaved::last_save(tx, site, id)).await?;
    let who = match &ctx.person {
        Some(me) if me.name == by => "You saved elsewhere".to_owned(),
        _ if by.is_empty() => "Somebody saved".to_owned(),
        _ => format!("{by} saved"),
    };
    let act = if form.get("do").is_empty() { "save" } else { form.get("do") };
    Ok(ConflictView {
        text: format!("{who} at {at}, while you wrote."),
        both_href: format!("{}/unsaved", view.versions_href),
        theirs_href: view.action.clone(),
        over_action: format!("{}?over={version}", view.action),
        act: act.to_owned(),
    })
}

fn show(ctx: &Ctx, status: u16, view: &EditView) -> Reply {
    let mut frame = Frame::plain(if view.title.is_empty() { "Untitled" } else { &view.title });
    // The palette searches this site; there is no side menu that needs more.
    frame.site = Some(SiteView {
        id: ctx.site.get(),
        title: view.site_title.clone(),
        host: view.site_host.clone(),
        url: String::new(),
        href: ctx.base(),
        initials: String::new(),
        hue: 0,
    });
    if let Some(person) = &ctx.person {
        frame.theme = match freehold_platform::accounts::Appearance::parse(&person.appearance).theme.as_str() {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        };
    }
    Ok(ctx.page(status, "entries/edit.html", &frame, view)?)
}
