//! Comments by status, with the words of each.

use freehold_base::{CommentId, Cursor, EntryId, Page, PageSize, Result};
use freehold_publishing::comments::{self, Filter, Row};
use serde::Serialize;

use crate::panel::build_frame::{Moment, crumb, hue, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::entries::{list_of, shown_title};
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;
use crate::panel::paging::range;
use crate::panel::several::Refused;

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
struct Pair {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Chip {
    label: &'static str,
    value: String,
    remove: String,
    icon: &'static str,
}

#[derive(Serialize)]
struct Line {
    id: i64,
    author: String,
    initials: String,
    hue: u16,
    email: String,
    email_href: String,
    url: String,
    text: String,
    at: TimeView,
    entry: String,
    entry_href: String,
    of_entry_href: String,
    view_href: String,
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
    cancel: String,
}

#[derive(Serialize)]
pub(super) struct ListView {
    tabs: Vec<Tab>,
    status: String,
    self_href: String,
    query: String,
    keep: Vec<Pair>,
    chips: Vec<Chip>,
    filtered: bool,
    clear_href: String,
    bulk_action: String,
    rows: Vec<Line>,
    total: i64,
    summary: String,
    found: String,
    prev: String,
    next: String,
    open: Option<Opened>,
    settings_href: String,
    pub(super) refused: Refused,
}

/// What the address asks for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) status: &'static str,
    text: String,
    entry: String,
    email: String,
    after: String,
    before: String,
    at: i64,
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
        let get = |name| ctx.param(name).map(|text| text.chars().take(200).collect::<String>()).unwrap_or_default();
        Self {
            status,
            text: get("q"),
            entry: get("entry"),
            email: get("email"),
            after: get("after"),
            before: get("before"),
            at: get("at").parse().unwrap_or(0),
            open: ctx.param("open").and_then(|id| id.parse().ok()),
            edit: ctx.param("mode").is_some_and(|m| m == "edit"),
        }
    }
    /// The list as it is, with some things different; a place in it goes.
    pub(super) fn query(&self, changed: &[(&str, &str)]) -> String {
        let all = [("status", self.status), ("q", &self.text), ("entry", &self.entry), ("email", &self.email)];
        let mut query = form_urlencoded::Serializer::new(String::new());
        let kept = all.iter().filter(|(name, value)| !value.is_empty() && changed.iter().all(|(n, _)| n != name));
        query.extend_pairs(kept);
        query.extend_pairs(changed.iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }
    fn filter(&self, oldest: bool) -> Filter {
        Filter {
            status: self.status.to_owned(),
            text: Some(self.text.trim().to_owned()).filter(|text| !text.is_empty()),
            entry: self.entry.parse().ok().map(EntryId),
            email: Some(self.email.clone()).filter(|email| !email.is_empty()),
            oldest,
        }
    }
    fn is_filtered(&self) -> bool {
        !self.text.trim().is_empty() || !self.entry.is_empty() || !self.email.is_empty()
    }
}

/// The page, or its changing part.
pub async fn show(ctx: Ctx) -> Reply {
    let asked = Asked::of(&ctx);
    let view = read(&ctx, &asked, None).await?;
    if ctx.part {
        return Ok(ctx.part("comments/list.html", "list", &view)?);
    }
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

pub(super) async fn read(ctx: &Ctx, asked: &Asked, typed: Option<(String, String)>) -> Result<ListView> {
    let (app, site, base, asked) = (ctx.app.clone(), ctx.site, ctx.base(), asked.clone());
    ctx.read(move |tx| {
        let origin = app.origin_of(tx, site)?;
        let counts = comments::counts(tx, site)?;
        let back = Cursor::decode(&asked.before);
        let place = back.clone().or_else(|| Cursor::decode(&asked.after));
        let (oldest, began) = (back.is_some(), place.is_some());
        let page = Page { size: PageSize::new(ROWS + 1), after: place };
        let mut rows = comments::list(tx, site, &asked.filter(oldest), &page)?;
        let more = rows.len() > usize::from(ROWS);
        rows.truncate(usize::from(ROWS));
        if oldest {
            rows.reverse();
        }
        let (before, after) = if oldest { (more, true) } else { (began, more) };
        let open = match asked.open {
            Some(id) => {
                let comment = comments::find(tx, site, id)?;
                let (mode, verb) = if asked.edit { ("edit", "edit") } else { ("reply", "reply") };
                let stored = if asked.edit { comment.body.clone() } else { String::new() };
                let (text, error) = typed.unwrap_or((stored, String::new()));
                let of = &comment.author_name;
                let label = if asked.edit { format!("Words of {of}") } else { format!("Your answer to {of}") };
                let action = format!("{base}/comments/{id}/{verb}?{}", asked.query(&[]));
                let cancel = format!("{base}/comments?{}", asked.query(&[]));
                Some(Opened { id: id.get(), mode, label, text, action, error, cancel })
            }
            None => None,
        };
        let now = Moment::at(tx, site)?;
        let mut view = present(&asked, &base, &counts, &rows, open);
        if !before {
            view.prev.clear();
        }
        if !after {
            view.next.clear();
        }
        view.rows = rows.into_iter().map(|row| line(&asked, &base, &origin, row, now)).collect();
        Ok(view)
    })
    .await
}

fn present(asked: &Asked, base: &str, counts: &[(String, i64)], rows: &[Row], open: Option<Opened>) -> ListView {
    let href = |changed: &[(&str, &str)]| format!("{base}/comments?{}", asked.query(changed));
    let key = |row: Option<&Row>| {
        row.map(|(c, _)| Cursor { key: c.created_at.ms().to_string(), id: c.id.get() }.encode()).unwrap_or_default()
    };
    let count = |status: &str| counts.iter().find(|(s, _)| s == status).map_or(0, |(_, n)| *n);
    let tab = |label, status: &str| Tab {
        label,
        href: href(&[("status", status)]),
        current: asked.status == status,
        count: count(status),
    };
    let (shown, total, filtered) = (rows.len(), count(asked.status), asked.is_filtered());
    let at = if asked.after.is_empty() && asked.before.is_empty() { 0 } else { asked.at.max(0) };
    let size = i64::from(ROWS);
    let chip = |label, name: &str, value: String, icon| Chip { label, value, remove: href(&[(name, "")]), icon };
    let mut chips = Vec::new();
    if !asked.entry.is_empty() {
        let title = rows.first().map_or_else(|| "one entry".to_owned(), |(_, below)| shown_title(&below.title));
        chips.push(chip("On", "entry", title, "file-text"));
    }
    if !asked.email.is_empty() {
        chips.push(chip("By", "email", asked.email.clone(), "user"));
    }
    let keep = [("status", asked.status), ("entry", &asked.entry), ("email", &asked.email)];
    ListView {
        tabs: vec![tab("Waiting", "pending"), tab("Approved", "approved"), tab("Spam", "spam"), tab("Trash", "trash")],
        status: asked.status.to_owned(),
        self_href: format!("{base}/comments"),
        query: asked.text.clone(),
        keep: keep
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| Pair { name, value: value.to_owned() })
            .collect(),
        chips,
        filtered,
        clear_href: format!("{base}/comments?status={}", asked.status),
        bulk_action: format!("{base}/comments/bulk?{}", asked.query(&[])),
        rows: Vec::new(),
        total,
        summary: if filtered { format!("{shown} shown") } else { range(at, shown, total) },
        found: if filtered { format!("{shown} comments shown") } else { format!("{total} comments") },
        prev: href(&[("before", &key(rows.first())), ("at", &(at - size).max(0).to_string())]),
        next: href(&[("after", &key(rows.last())), ("at", &(at + size).to_string())]),
        open,
        settings_href: format!("{base}/settings/discussion"),
        refused: Refused::default(),
    }
}

fn line(asked: &Asked, base: &str, origin: &str, (c, below): Row, now: Moment) -> Line {
    let (id, entry) = (c.id, c.entry_id);
    let number = id.to_string();
    let live = c.status == "approved";
    Line {
        id: id.get(),
        initials: freehold_base::text::initials(&c.author_name),
        hue: hue(i64::from(c.author_email.bytes().map(u32::from).sum::<u32>())),
        author: c.author_name,
        email_href: format!("{base}/comments?{}", asked.query(&[("email", &c.author_email)])),
        email: c.author_email,
        url: c.author_url,
        text: c.body,
        at: time_view(c.created_at, now),
        entry: shown_title(&below.title),
        entry_href: format!("{base}/{}/{entry}", list_of(&below.kind)),
        of_entry_href: format!("{base}/comments?{}", asked.query(&[("entry", &entry.to_string())])),
        view_href: match below.path {
            Some(path) if live => format!("{origin}{path}#comment-{id}"),
            _ => String::new(),
        },
        reply_href: format!("{base}/comments?{}#comment-{id}", asked.query(&[("open", &number)])),
        edit_href: format!("{base}/comments?{}#comment-{id}", asked.query(&[("open", &number), ("mode", "edit")])),
        action: format!("{base}/comments/{id}/decide?{}", asked.query(&[])),
    }
}
