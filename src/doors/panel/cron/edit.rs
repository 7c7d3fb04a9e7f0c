//! The editor: words or five fields, with what comes of them.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::{CronJobId, Error, Result, Timestamp};
use freehold_hosting::cron::{self, CronInput, Schedule, zone};
use freehold_platform::sites::settings;
use serde::Serialize;

use super::words::{self, Choice, choices, lengths};
use super::{IsolationView, Numbers};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::Frame;
use crate::panel::settings::zone_names;

/// Runs that the preview names.
pub const UPCOMING: usize = 5;
/// What people choose from, in seconds.
const JITTER: &[i64] = &[0, 30, 60, 300, 900, 3600];
const TIMEOUT: &[i64] = &[60, 300, 900, 3600, 4 * 3600, 12 * 3600, 86_400];
const GRACE: &[i64] = &[0, 300, 900, 3600, 6 * 3600, 86_400];
/// Schedules to begin from.
const EXAMPLES: &[&str] = &[
    "Every 5 minutes",
    "Every hour",
    "Every day at 03:00",
    "Every weekday at 07:30",
    "Every Monday at 06:00",
    "On day 1 of every month at 04:00",
];

#[derive(Serialize)]
struct EditView {
    action: String,
    back: String,
    preview_href: String,
    title: String,
    fresh: bool,
    version: i64,
    v: Values,
    errors: Vec<FieldText>,
    e: Errors,
    kinds: Vec<Choice>,
    zones: Vec<Choice>,
    overlaps: Vec<Choice>,
    jitters: Vec<Choice>,
    timeouts: Vec<Choice>,
    mails: Vec<Choice>,
    graces: Vec<Choice>,
    examples: &'static [&'static str],
    more_open: bool,
    preview: Preview,
    isolation: IsolationView,
}

/// The fields as they are shown.
#[derive(Serialize)]
struct Values {
    name: String,
    kind: String,
    command: String,
    schedule: String,
    time_zone: String,
    enabled: bool,
    overlap: String,
    jitter_s: i64,
    timeout_s: i64,
    mail_when: String,
    alive_url: String,
    grace_s: i64,
}

#[derive(Serialize)]
struct Errors {
    name: String,
    command: String,
    schedule: String,
    alive_url: String,
}

/// What comes of a typed schedule.
#[derive(Serialize)]
pub struct Preview {
    words: String,
    fields: String,
    zone: String,
    upcoming: Vec<String>,
    error: String,
}

impl Preview {
    /// Of what was typed, from a moment on.
    pub fn of(schedule: &str, time_zone: &str, now: Timestamp) -> Self {
        let found = zone(time_zone).and_then(|zone| Ok((zone, Schedule::parse(schedule, zone)?)));
        match found {
            Ok((zone, schedule)) => {
                let upcoming: Vec<String> =
                    schedule.upcoming(now, UPCOMING).into_iter().map(|at| schedule.shown(at)).collect();
                let never = upcoming.is_empty();
                Self {
                    words: schedule.words(),
                    fields: schedule.fields().to_owned(),
                    zone: zone.name().replace('_', " "),
                    upcoming,
                    error: if never { "This never comes within the next years.".into() } else { String::new() },
                }
            }
            Err(e) => Self {
                words: String::new(),
                fields: String::new(),
                zone: String::new(),
                upcoming: Vec::new(),
                error: e.fields().first().map_or_else(|| e.sentence(), freehold_base::FieldError::sentence),
            },
        }
    }
}

/// What was typed.
fn typed(form: &Form) -> CronInput {
    let number = |name: &str| form.get(name).parse().unwrap_or(-1);
    CronInput {
        name: form.get("name").to_owned(),
        kind: form.get("kind").to_owned(),
        command: form.get("command").to_owned(),
        schedule: form.get("schedule").to_owned(),
        time_zone: form.get("time_zone").to_owned(),
        enabled: form.has("enabled"),
        overlap: form.get("overlap").to_owned(),
        jitter_s: number("jitter_s"),
        timeout_s: number("timeout_s"),
        mail_when: form.get("mail_when").to_owned(),
        alive_url: form.get("alive_url").to_owned(),
        grace_s: number("grace_s"),
    }
}

/// The form of a new command.
pub async fn new(ctx: Ctx) -> Reply {
    let site = ctx.site;
    let zone = ctx
        .read(move |tx| {
            let scope = tx.scope_of(site)?;
            Ok(settings::read(tx, scope)?.general.timezone)
        })
        .await?;
    let input = CronInput { time_zone: zone, ..CronInput::default() };
    Ok(page(&ctx, None, 0, &input, None).await?)
}

/// Adds it.
pub async fn create(ctx: Ctx, form: Form) -> Reply {
    let (site, input) = (ctx.site, typed(&form));
    if form.get("do") == "preview" {
        return Ok(page(&ctx, None, 0, &input, None).await?);
    }
    let sent = input.clone();
    match ctx.write(move |tx| cron::add(tx, site, &sent)).await {
        Ok(id) => Ok(ctx.go(&format!("{}/{id}?done=added", ctx.cron()))),
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, None, 0, &input, Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}

/// The form of a command that is there.
pub async fn show(ctx: Ctx, path: Path<Numbers>) -> Reply {
    let (site, id) = (ctx.site, path.job);
    let job = ctx.read(move |tx| cron::find(tx, site, id)).await?;
    let mut input = CronInput::from(&job);
    if let Ok(schedule) = zone(&job.time_zone).and_then(|zone| Schedule::parse(&job.schedule, zone)) {
        // In words where words say it exactly.
        let words = schedule.words();
        if Schedule::parse(&words, chrono_tz::UTC).is_ok_and(|again| again.fields() == schedule.fields()) {
            input.schedule = words;
        }
    }
    Ok(page(&ctx, Some((id, &job.name)), job.version, &input, None).await?)
}

/// Changes it.
pub async fn save(ctx: Ctx, path: Path<Numbers>, form: Form) -> Reply {
    let (site, id, input, version) = (ctx.site, path.job, typed(&form), form.number("version"));
    let name = ctx.read(move |tx| cron::find(tx, site, id)).await?.name;
    if form.get("do") == "preview" {
        return Ok(page(&ctx, Some((id, &name)), version, &input, None).await?);
    }
    let sent = input.clone();
    match ctx.write(move |tx| cron::change(tx, site, id, version, &sent)).await {
        Ok(()) => Ok(ctx.go(&format!("{}/{id}?done=saved", ctx.cron()))),
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, Some((id, &name)), version, &input, Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}

/// What comes of a schedule while it is typed.
pub async fn preview(ctx: Ctx) -> Reply {
    let text = |name: &str| ctx.param(name).unwrap_or_default();
    let now = ctx.app.store.clock().now();
    let preview = Preview::of(&text("schedule"), &text("time_zone"), now);
    #[derive(Serialize)]
    struct PreviewView {
        preview: Preview,
    }
    Ok(ctx.page(200, "cron/preview.html", &Frame::plain(""), &PreviewView { preview })?)
}

async fn page(
    ctx: &Ctx,
    of: Option<(CronJobId, &str)>,
    version: i64,
    input: &CronInput,
    e: Option<&Error>,
) -> Result<HttpResponse> {
    let list = ctx.cron();
    let here = of.map(|(id, _)| format!("{list}/{id}"));
    let title = of.map_or("New command", |(_, name)| name);
    let mut crumbs = vec![crumb("Commands", Some(list.clone()))];
    match &here {
        Some(here) => crumbs.extend([crumb(title, Some(here.clone())), crumb("Change", None)]),
        None => crumbs.push(crumb(title, None)),
    }
    let frame = ctx.frame(title, crumbs).await?;
    let view = EditView {
        action: here.as_ref().map_or_else(|| format!("{list}/new"), |here| format!("{here}/edit")),
        back: here.unwrap_or_else(|| list.clone()),
        preview_href: format!("{list}/preview"),
        title: title.to_owned(),
        fresh: of.is_none(),
        version,
        errors: e.map(field_texts).unwrap_or_default(),
        e: Errors {
            name: error_at(e, "name"),
            command: error_at(e, "command"),
            schedule: error_at(e, "schedule"),
            alive_url: error_at(e, "alive_url"),
        },
        kinds: choices(&[("command", "Run a command"), ("url", "Call an address (URL)")]),
        zones: zone_names(&input.time_zone).into_iter().map(|z| words::choice(&z, z.replace('_', " "))).collect(),
        overlaps: choices(words::OVERLAP),
        jitters: lengths("At the minute itself", JITTER, input.jitter_s),
        timeouts: lengths("", TIMEOUT, input.timeout_s),
        mails: choices(words::MAIL),
        graces: lengths("No alarm", GRACE, input.grace_s),
        examples: EXAMPLES,
        more_open: e.is_some_and(|e| e.fields().iter().any(|f| !["name", "command", "schedule"].contains(&&*f.field))),
        preview: Preview::of(&input.schedule, &input.time_zone, ctx.app.store.clock().now()),
        isolation: IsolationView::of(ctx),
        v: Values {
            name: input.name.clone(),
            kind: input.kind.clone(),
            command: input.command.clone(),
            schedule: input.schedule.clone(),
            time_zone: if input.time_zone.is_empty() { "UTC".into() } else { input.time_zone.clone() },
            enabled: input.enabled,
            overlap: input.overlap.clone(),
            jitter_s: input.jitter_s,
            timeout_s: input.timeout_s,
            mail_when: input.mail_when.clone(),
            alive_url: input.alive_url.clone(),
            grace_s: input.grace_s,
        },
    };
    ctx.page(if e.is_some() { 422 } else { 200 }, "cron/edit.html", &frame, &view)
}
