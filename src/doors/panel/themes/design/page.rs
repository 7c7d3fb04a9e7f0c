//! The customiser's page: the form, the frame, and what becomes of the draft; and the draft beside what is live.

use actix_web::HttpResponse;
use freehold_base::{Code, Error, Result, Timestamp};
use freehold_publishing::designs::{self, Design};
use serde::Serialize;

use super::super::around;
use super::setting::{GroupView, Sheet, groups};
use super::{Frames, Look, SCHEMES, WIDTHS, link_of};
use crate::panel::auth::{FieldText, error_at};
use crate::panel::build_frame::{Moment, crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;

#[derive(Serialize)]
struct CustomiseView {
    theme: String,
    action: String,
    back_href: String,
    here: String,
    compare_href: String,
    history_href: String,
    version: i64,
    changes: usize,
    changed_by: String,
    changed_at: Option<TimeView>,
    can_undo: bool,
    can_redo: bool,
    all: bool,
    simple_href: String,
    all_href: String,
    groups: Vec<GroupView>,
    dropped: Vec<String>,
    frames: Frames,
    frame: String,
    schemes: Vec<Way>,
    scheme: &'static str,
    widths: Vec<Way>,
    width: &'static str,
    host: String,
    /// Who was faster; empty where nobody was.
    conflict: String,
    errors: Vec<FieldText>,
    publish_at: Option<TimeView>,
    /// Its time has passed and it is still a draft.
    late: bool,
    at: String,
    at_error: String,
    days: String,
    days_error: String,
    time_zone: String,
    link: String,
    link_until: Option<TimeView>,
}

#[derive(Serialize)]
struct Way {
    word: &'static str,
    label: &'static str,
    icon: &'static str,
    href: String,
    current: bool,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    page(&ctx, None).await
}

/// The page; `form`: what somebody sent, and why it was refused.
pub(super) async fn page(ctx: &Ctx, form: Option<(&Form, &Error)>) -> Reply {
    let (site, app) = (ctx.site, ctx.app.clone());
    let (design, named, origin, now) = ctx
        .read(move |tx| {
            let design = designs::open(tx, app.pages.themes(), site)?;
            let named = designs::nameable(tx, site, &design)?;
            Ok((design, named, around(tx, &app, site)?.0, Moment::at(tx, site)?))
        })
        .await?;
    let sheet = Sheet { design: &design, named: &named, form };
    let view = view(ctx, &sheet, &origin, (Look::of(ctx), now));
    let frame = ctx.frame("Customise", vec![crumb("Customise", None)]).await?;
    let status = form.map_or(200, |(_, e)| e.status());
    let answer = ctx.page(status, "themes/customise.html", &frame, &view)?;
    Ok(framed(answer, &origin))
}

/// Lets the page show the site in its frames.
fn framed(mut answer: HttpResponse, origin: &str) -> HttpResponse {
    crate::panel::headers::allow_frames(answer.headers_mut(), origin);
    answer
}

fn view(ctx: &Ctx, sheet: &Sheet<'_>, origin: &str, (look, now): (Look, Moment)) -> CustomiseView {
    let (design, form) = (sheet.design, sheet.form);
    let e = form.map(|(_, e)| e);
    let frames = Frames::of(&ctx.app, origin, (ctx.site, &design.theme), false, now.now());
    let some = |at: Timestamp| (at != Timestamp(0)).then(|| time_view(at, now));
    let ways = |all: [(&'static str, &'static str, &'static str); 3], now: &str, to: &dyn Fn(&'static str) -> Look| {
        all.iter()
            .map(|(word, label, icon)| Way { word, label, icon, href: to(word).href(ctx), current: *word == now })
            .collect()
    };
    CustomiseView {
        theme: design.about.manifest().theme.name.clone(),
        action: look.href(ctx),
        back_href: format!("{}/theme", ctx.base()),
        here: look.href(ctx),
        compare_href: format!("{}/compare", ctx.design_href()),
        history_href: ctx.designs_href(),
        version: design.version,
        changes: design.changes.len(),
        changed_by: by(ctx, design),
        changed_at: some(design.changed_at),
        can_undo: design.can_undo,
        can_redo: design.can_redo,
        all: look.all,
        simple_href: Look { all: false, ..look }.href(ctx),
        all_href: Look { all: true, ..look }.href(ctx),
        groups: groups(sheet, look.all),
        dropped: design.dropped.clone(),
        frame: frames.get(look.scheme),
        frames,
        schemes: ways(SCHEMES, look.scheme, &|scheme| Look { scheme, ..look }),
        scheme: look.scheme,
        widths: ways(WIDTHS, look.width, &|width| Look { width, ..look }),
        width: look.width,
        host: origin.split_once("://").map_or(origin, |(_, host)| host).to_owned(),
        conflict: match e {
            Some(Error::Refused { code: Code::DesignConflict, detail }) => detail.clone(),
            _ => String::new(),
        },
        errors: e.map(|e| errors(design, e)).unwrap_or_default(),
        publish_at: some(design.publish_at),
        late: design.publish_at != Timestamp(0) && design.publish_at.ms() + LATE_MS < now.now().ms(),
        at: form.map(|(form, _)| form.get("at").to_owned()).unwrap_or_default(),
        at_error: error_at(e, "at"),
        days: form.map(|(form, _)| form.get("days")).filter(|days| !days.is_empty()).unwrap_or("7").to_owned(),
        days_error: error_at(e, "days"),
        time_zone: now.zone_name(),
        link: link_of(&ctx.app, origin, ctx.site, design),
        link_until: design.share.map(|share| time_view(share.until, now)),
    }
}

/// From then on a date that passed is one that was missed.
const LATE_MS: i64 = 120_000;

/// Who changed the draft last; empty for who asks and for nobody who is known.
fn by(ctx: &Ctx, design: &Design) -> String {
    let me = ctx.person.as_ref().is_some_and(|me| me.name == design.changed_by);
    if me { String::new() } else { design.changed_by.clone() }
}

/// What was refused, by the fields of the form; what belongs to none of them stands without one.
pub(super) fn errors(design: &Design, e: &Error) -> Vec<FieldText> {
    let one = |f: &freehold_base::FieldError| {
        let setting = design.settings().iter().find(|s| s.id == f.field);
        let field = setting.map_or_else(|| f.field.to_string(), |s| format!("{}{}", super::FIELD, s.id));
        let name = setting.map(|s| format!("{}: ", s.title())).unwrap_or_default();
        FieldText { field, text: format!("{name}{}", f.sentence()) }
    };
    match e {
        Error::Refused { code: Code::WrongState, .. } => vec![FieldText { field: String::new(), text: e.sentence() }],
        e => e.fields().iter().map(one).collect(),
    }
}

#[derive(Serialize)]
struct CompareView {
    theme: String,
    back_href: String,
    live: String,
    draft: String,
    schemes: Vec<Way>,
    changes: usize,
    /// What is different, in words.
    rows: Vec<Difference>,
}

#[derive(Serialize)]
struct Difference {
    label: String,
    before: String,
    after: String,
}

/// What is live beside the draft.
pub async fn compare(ctx: Ctx) -> Reply {
    let (site, app) = (ctx.site, ctx.app.clone());
    let (design, (origin, now)) =
        ctx.read(move |tx| Ok((designs::open(tx, app.pages.themes(), site)?, around(tx, &app, site)?))).await?;
    let look = Look::of(&ctx);
    let here = format!("{}/compare", ctx.design_href());
    let address = |live| Frames::of(&ctx.app, &origin, (site, &design.theme), live, now).get(look.scheme);
    let schemes = SCHEMES
        .iter()
        .map(|(word, label, icon)| Way {
            word,
            label,
            icon,
            href: format!("{here}?colours={word}"),
            current: *word == look.scheme,
        })
        .collect();
    let view = CompareView {
        theme: design.about.manifest().theme.name.clone(),
        back_href: ctx.design_href(),
        live: address(true),
        draft: address(false),
        schemes,
        changes: design.changes.len(),
        rows: differences(&design),
    };
    let crumbs = vec![crumb("Customise", Some(ctx.design_href())), crumb("Compare", None)];
    let frame = ctx.frame("Compare with live", crumbs).await?;
    Ok(ctx.page_with_frames("themes/compare.html", &frame, &view, &origin)?)
}

fn differences(design: &Design) -> Vec<Difference> {
    let one = |setting: &freehold_publishing::themes::manifest::Setting| {
        let after = design.changes.get(&setting.id)?;
        let before = design.live.get(&setting.id).unwrap_or(&setting.default);
        Some(Difference {
            label: setting.title().to_owned(),
            before: said(setting, before),
            after: said(setting, after),
        })
    };
    design.settings().iter().filter_map(one).collect()
}

/// Letters of a value that a list shows.
const SHOWN: usize = 80;

/// A value in words.
pub(super) fn said(setting: &freehold_publishing::themes::manifest::Setting, value: &serde_json::Value) -> String {
    let text = super::setting::text_of(value);
    let choice = setting.choices().into_iter().find(|choice| choice.value == text).map(|choice| choice.label);
    match (value, choice) {
        (serde_json::Value::Bool(true), _) => "on".to_owned(),
        (serde_json::Value::Bool(false), _) => "off".to_owned(),
        (_, Some(label)) => label,
        (serde_json::Value::Number(_), _) => format!("{text} {}", setting.unit).trim_end().to_owned(),
        _ if text.is_empty() => "empty".to_owned(),
        _ if text.chars().count() > SHOWN => format!("{}…", text.chars().take(SHOWN).collect::<String>()),
        _ => text,
    }
}

/// What script needs after it saved: the count, the badges, what was refused, fresh addresses.
///
/// # Errors
/// Database failures.
pub(super) async fn state(ctx: &Ctx, design: &Design) -> Result<serde_json::Value> {
    let (site, app) = (ctx.site, ctx.app.clone());
    let (origin, now) = ctx.read(move |tx| around(tx, &app, site)).await?;
    let badges: serde_json::Map<String, serde_json::Value> = design
        .contrasts()
        .into_iter()
        .map(|(id, found)| (id, serde_json::json!(super::setting::ContrastView::of(found))))
        .collect();
    Ok(serde_json::json!({
        "version": design.version,
        "changes": design.changes.len(),
        "changed": design.changes.keys().collect::<Vec<_>>(),
        "can_undo": design.can_undo,
        "can_redo": design.can_redo,
        "contrasts": badges,
        "frames": Frames::of(&ctx.app, &origin, (site, &design.theme), false, now),
    }))
}
