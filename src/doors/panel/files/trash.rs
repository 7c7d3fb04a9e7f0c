//! The trash of files: look, bring back, delete for good, empty.

use freehold_base::{Code, Error, JailPath, Result, Timestamp};
use freehold_host::account_dir::Kind;
use freehold_hosting::files::{self, Clash, Trashed};
use serde::Serialize;

use super::desk;
use super::words;
use crate::panel::auth::FieldText;
use crate::panel::build_frame::{Moment, crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;
use crate::panel::refused::{Confirm, Sent, confirm};
use crate::panel::several::{Pressed, Refused, RefusedRow, joined};

/// Things on one page.
const ROWS: i64 = 100;
/// Days that things wait in the trash, as the service empties it.
const KEPT_DAYS: i64 = 30;

#[derive(Serialize)]
struct Row {
    id: i64,
    name: String,
    icon: &'static str,
    was: String,
    size: String,
    at: TimeView,
    by: String,
    gone: String,
}

#[derive(Serialize)]
struct TrashView {
    sub: String,
    files_href: String,
    action: String,
    can_write: bool,
    rows: Vec<Row>,
    summary: String,
    prev: String,
    next: String,
    errors: Vec<FieldText>,
    refused: Refused,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    page(&ctx, 200, Refused::default()).await
}

async fn page(ctx: &Ctx, status: u16, refused: Refused) -> Reply {
    let before: i64 = ctx.param("before").and_then(|id| id.parse().ok()).unwrap_or(0);
    let desk = desk::open(ctx).await?;
    let mut items = desk::on(ctx, move |files| files.trashed(before, ROWS + 1)).await?;
    let shown = usize::try_from(ROWS).unwrap_or(0);
    let more = items.len() > shown;
    items.truncate(shown);
    let action = format!("{}-trash", super::base(ctx));
    let next = items.last().filter(|_| more).map(|item| format!("{action}?before={}", item.id)).unwrap_or_default();
    let shown = items.len();
    let items = desk::named(ctx, items, |item| item.deleted_by).await?;
    let view = TrashView {
        sub: format!("What you move to the trash waits here for {KEPT_DAYS} days. Until then it counts as space used."),
        files_href: super::base(ctx),
        can_write: desk.can_write,
        rows: items.into_iter().map(|(item, by)| row(item, by, desk.now)).collect(),
        summary: match (before, more) {
            (0, false) => format!("{shown} in all"),
            (0, true) => format!("The newest {shown}"),
            _ => format!("{shown} older ones"),
        },
        prev: if before > 0 { action.clone() } else { String::new() },
        next,
        errors: Vec::new(),
        refused,
        action,
    };
    let frame = ctx.frame("Trash", vec![crumb("Files", Some(super::base(ctx))), crumb("Trash", None)]).await?;
    Ok(ctx.page(status, "files/trash.html", &frame, &view)?)
}

fn row(item: Trashed, by: String, now: Moment) -> Row {
    let path = JailPath::parse(&item.path).unwrap_or_default();
    let kind = match item.kind.as_str() {
        "folder" => Kind::Folder,
        "link" => Kind::Link,
        _ => Kind::File,
    };
    let was = path.parent().unwrap_or_default();
    Row {
        id: item.id,
        name: path.name(),
        icon: words::icon(&path, kind, false),
        was: if was.is_root() { "Home".into() } else { was.to_string() },
        size: words::size(u64::try_from(item.bytes).unwrap_or(0)),
        at: time_view(item.deleted_at, now),
        by,
        gone: time_view(Timestamp(item.deleted_at.ms().saturating_add(KEPT_DAYS * 86_400_000)), now).text,
    }
}

/// Restores or deletes what is ticked, or empties the trash. What goes for good is asked about first.
pub async fn act(ctx: Ctx, form: Form) -> Reply {
    let pressed = Pressed::of(&ctx, &form);
    let home = format!("{}-trash", super::base(&ctx));
    match pressed.act.as_str() {
        "restore" => {
            let (done, refused) = each(&ctx, &pressed.ids, false).await?;
            // An undo in the list leads back to the list.
            let to = if ctx.param("ids").is_some() && !ctx.from.is_empty() { before_act(&ctx) } else { home };
            ended(&ctx, &to, "file-restored", &done, refused).await
        }
        "delete" if !pressed.sure => ask(&ctx, &pressed, home).await,
        "delete" => {
            let (done, refused) = each(&ctx, &pressed.ids, true).await?;
            ended(&ctx, &home, "deleted", &done, refused).await
        }
        "empty" if !pressed.sure => ask(&ctx, &pressed, home).await,
        "empty" => {
            desk::on(&ctx, |files| files.empty_trash()).await?;
            Ok(ctx.go(&format!("{home}?done=emptied")))
        }
        "" => Ok(ctx.go(&home)),
        _ => Err(Error::invalid("do", Code::NotAllowed, "restore, delete, empty").into()),
    }
}

/// The page that an undo was pressed on, without what it said was done.
fn before_act(ctx: &Ctx) -> String {
    let (path, query) = ctx.from.split_once('?').unwrap_or((&ctx.from, ""));
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "done" && name != "ids") {
        kept.append_pair(&name, &value);
    }
    let query = kept.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Names of what was refused, with the reason.
type Refusals = Vec<(String, Error)>;

async fn each(ctx: &Ctx, ids: &[i64], delete: bool) -> Result<(Vec<i64>, Refusals)> {
    let ids = ids.to_vec();
    desk::on(ctx, move |files| {
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for id in ids {
            let name = name_of(&files, id);
            let outcome =
                if delete { files.delete_for_good(&[id]) } else { files.restore(id, Clash::Refuse).map(drop) };
            match outcome {
                Ok(()) => done.push(id),
                Err(e) if e.status() < 500 || e.status() == 507 => refused.push((name, e)),
                Err(e) => return Err(e),
            }
        }
        Ok((done, refused))
    })
    .await
}

/// The name of something in the trash; its number where it is gone.
fn name_of(files: &files::Desk, id: i64) -> String {
    let one = files.trashed(id.saturating_add(1), 1).ok().and_then(|found| found.into_iter().next());
    let path = one.filter(|one| one.id == id).and_then(|one| JailPath::parse(&one.path).ok());
    path.map_or_else(|| format!("No. {id}"), |path| path.name())
}

async fn ended(ctx: &Ctx, to: &str, code: &str, done: &[i64], refused: Refusals) -> Reply {
    if refused.is_empty() {
        let and = if to.contains('?') { '&' } else { '?' };
        return Ok(ctx.go(&format!("{to}{and}done={code}&ids={}", joined(done))));
    }
    let title = match done.len() {
        0 => "Nothing was changed.".to_owned(),
        good => format!("{good} done, {} not.", refused.len()),
    };
    let rows = refused.into_iter().map(|(name, e)| RefusedRow { name, why: e.sentence() }).collect();
    page(ctx, if done.is_empty() { 409 } else { 200 }, Refused { title, rows }).await
}

async fn ask(ctx: &Ctx, pressed: &Pressed, home: String) -> Reply {
    let all = pressed.act == "empty";
    let ids: Vec<i64> = pressed.ids.iter().take(20).copied().collect();
    let items: Vec<String> =
        desk::on(ctx, move |files| Ok(ids.iter().map(|id| name_of(&files, *id)).collect())).await?;
    let mut fields: Vec<Sent> = pressed.ids.iter().map(|id| Sent::new("ids", id)).collect();
    fields.extend([Sent::new("do", &pressed.act), Sent::new("sure", 1)]);
    let view = Confirm {
        title: match pressed.ids.len() {
            _ if all => "Empty the trash of files?".into(),
            0 => return Ok(ctx.go(&home)),
            1 => format!("Delete “{}” for good?", items.first().map_or("", String::as_str)),
            n => format!("Delete {n} things for good?"),
        },
        text: "They are gone for good, and their space is free again. This cannot be undone.".into(),
        items,
        keep: "Keep them",
        back: home.clone(),
        label: if all { "Empty the trash".into() } else { "Delete for good".into() },
        action: home,
        fields,
    };
    confirm(ctx, &view).await
}
