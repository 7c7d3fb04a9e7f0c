//! Comments by status, with the words of each.

use freehold_base::{CommentId, Cursor, Page, PageSize, Result, Timestamp};
use freehold_publishing::comments::{self, Row};
use serde::Serialize;

use crate::panel::build_frame::{crumb, hue, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::entries::shown_title;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;

/// Comments on one page.
const ROWS: u16 = 25;

#[derive(Serialize)]
struct Tab {
    label: &'static str,
    href: String,
    current: bool,
    count: i64,
}

#[derive(Serialize)]
struct Line {
    id: i64,
    author: String,
    initials: String,
    hue: u16,
    email: String,
    url: String,
    text: String,
    at: TimeView,
    entry: String,
    entry_href: String,
    reply_href: String,
    edit_href: String,
    action: String,
}

/// The comment whose form is open.
#[derive(Serialize)]
pub(super) struct Opened {
    id: i64,
    mode: &'static str,
    label: String,
    text: String,
    action: String,
    error: String,
}

#[derive(Serialize)]
pub(super) struct ListView {
    tabs: Vec<Tab>,
    status: String,
    bulk_action: String,
    rows: Vec<Line>,
    total: i64,
    summary: String,
    prev: String,
    next: String,
    open: Option<Opened>,
    settings_href: String,
}

/// What the address asks for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) status: &'static str,
    after: String,
    open: Option<CommentId>,
    edit: bool,
}

impl Asked {
    pub(super) fn of(ctx: &Ctx) -> Self {
        let status = match ctx.param("status").as_deref() {
            Some("approved") => "approved",
            Some("spam") => "spam",
            Some("trash") => "trash",
            _ => "pending",
        };
        Self {
            status,
            after: ctx.param("after").unwrap_or_default(),
            open: ctx.param("open").and_then(|id| id.parse().ok()),
            edit: ctx.param("mode").is_some_and(|m| m == "edit"),
        }
    }
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let asked = Asked::of(&ctx);
    let view = read(&ctx, &asked, None).await?;
    page(&ctx, 200, &view).await
}

/// The page with this view.
pub(super) async fn page(ctx: &Ctx, status: u16, view: &ListView) -> Reply {
    let frame = ctx.frame("Comments", vec![crumb("Comments", None)]).await?;
    Ok(ctx.page(status, "comments/list.html", &frame, view)?)
}

/// The page with the words that were refused.
pub(super) async fn refused(ctx: &Ctx, id: CommentId, edit: bool, text: &str, e: &freehold_base::Error) -> Reply {
    let asked = Asked { open: Some(id), edit, ..Asked::of(ctx) };
    let view = read(ctx, &asked, Some((text.to_owned(), e.sentence()))).await?;
    page(ctx, e.status(), &view).await
}

async fn read(ctx: &Ctx, asked: &Asked, typed: Option<(String, String)>) -> Result<ListView> {
    let (site, base, asked) = (ctx.site, ctx.base(), asked.clone());
    ctx.read(move |tx| {
        let counts = comments::counts(tx, site)?;
        let page = Page { size: PageSize::new(ROWS + 1), after: Cursor::decode(&asked.after) };
        let rows = comments::list(tx, site, asked.status, &page)?;
        let open = match asked.open {
            Some(id) => {
                let comment = comments::find(tx, site, id)?;
                let (mode, verb) = if asked.edit { ("edit", "edit") } else { ("reply", "reply") };
                let stored = if asked.edit { comment.body.clone() } else { String::new() };
                let (text, error) = typed.unwrap_or((stored, String::new()));
                let of = &comment.author_name;
                let label = if asked.edit { format!("Words of {of}") } else { format!("Your answer to {of}") };
                let action = format!("{base}/comments/{id}/{verb}?status={}", asked.status);
                Some(Opened { id: id.get(), mode, label, text, action, error })
            }
            None => None,
        };
        Ok(present(&asked, &base, &counts, rows, open, tx.now()))
    })
    .await
}

fn present(
    asked: &Asked,
    base: &str,
    counts: &[(String, i64)],
    mut rows: Vec<Row>,
    open: Option<Opened>,
    now: Timestamp,
) -> ListView {
    let more = rows.len() > usize::from(ROWS);
    rows.truncate(usize::from(ROWS));
    let here = format!("{base}/comments?status={}", asked.status);
    let next = match rows.last() {
        Some((last, ..)) if more => {
            let place = Cursor { key: last.created_at.ms().to_string(), id: last.id.get() };
            format!("{here}&after={}", place.encode())
        }
        _ => String::new(),
    };
    let count = |status: &str| counts.iter().find(|(s, _)| s == status).map_or(0, |(_, n)| *n);
    let tab = |label, status: &str| Tab {
        label,
        href: format!("{base}/comments?status={status}"),
        current: asked.status == status,
        count: count(status),
    };
    let (shown, total) = (rows.len(), count(asked.status));
    ListView {
        tabs: vec![tab("Waiting", "pending"), tab("Approved", "approved"), tab("Spam", "spam"), tab("Trash", "trash")],
        status: asked.status.to_owned(),
        bulk_action: format!("{base}/comments/bulk?status={}", asked.status),
        rows: rows.into_iter().map(|row| line(base, asked.status, row, now)).collect(),
        total,
        summary: format!("{shown} of {total}"),
        prev: if asked.after.is_empty() { String::new() } else { here },
        next,
        open,
        settings_href: format!("{base}/settings/discussion"),
    }
}

fn line(base: &str, status: &str, (c, title, _): Row, now: Timestamp) -> Line {
    let (id, entry) = (c.id, c.entry_id);
    Line {
        id: id.get(),
        initials: freehold_base::text::initials(&c.author_name),
        hue: hue(i64::from(c.author_email.bytes().map(u32::from).sum::<u32>())),
        author: c.author_name,
        email: c.author_email,
        url: c.author_url,
        text: c.body,
        at: time_view(c.created_at, now),
        entry: shown_title(&title),
        entry_href: format!("{base}/entries/{entry}"),
        reply_href: format!("{base}/comments?status={status}&open={id}#comment-{id}"),
        edit_href: format!("{base}/comments?status={status}&open={id}&mode=edit#comment-{id}"),
        action: format!("{base}/comments/{id}/decide?status={status}"),
    }
}
