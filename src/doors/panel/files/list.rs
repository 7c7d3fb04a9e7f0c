//! The files of a folder, or what was found below it, with the tree and the chosen file beside them.

use actix_web::{HttpRequest, HttpResponse};
use freehold_base::text::grouped;
use freehold_base::{Code, Error, JailPath, JobId, Result};
use freehold_host::account_dir::{Entry, Kind, Room};
use freehold_hosting::files::{Query, is_never_served, readers};
use serde::Serialize;

use super::asked::{Asked, ROWS};
use super::desk::{self, Desk};
use super::preview::{self, Opened};
use super::tree::{self, Node};
use super::{href, take, words};
use crate::panel::auth::FieldText;
use crate::panel::build_frame::{crumb, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;
use crate::panel::jobs::one::JobCard;
use crate::panel::paging::range;
use crate::panel::several::Refused;
use crate::web::multipart::blocking;

#[derive(Serialize)]
struct Link {
    label: String,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Pair {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Quota {
    percent: u64,
    figures: String,
    limited: bool,
}

#[derive(Serialize)]
struct SortedBy {
    href: String,
    dir: &'static str,
}

#[derive(Serialize)]
struct Sorts {
    name: SortedBy,
    size: SortedBy,
    changed: SortedBy,
}

/// One name.
#[derive(Serialize)]
struct Row {
    value: String,
    name: String,
    href: String,
    open_href: String,
    preview_href: String,
    icon: &'static str,
    /// Its picture, drawn small.
    small_href: String,
    folder: bool,
    size: String,
    bytes: u64,
    changed: Option<TimeView>,
    readable: &'static str,
    never: String,
    current: bool,
    renaming: bool,
    to: String,
    edit_href: String,
    download_href: String,
    rename_href: String,
    extract: bool,
    /// The line that holds what was looked for.
    hit: String,
    /// The folder it stands in, where it was found elsewhere.
    where_: String,
}

/// The page.
#[derive(Serialize)]
pub(super) struct ListView {
    title: String,
    base: String,
    folder: String,
    self_href: String,
    action: String,
    take_href: String,
    can_write: bool,
    crumbs: Vec<Link>,
    tree: Vec<Node>,
    more_folders: &'static str,
    quota: Quota,
    trash_href: String,
    trash_count: String,
    check_href: String,
    space_href: String,
    query: String,
    keep: Vec<Pair>,
    scopes: Vec<Link>,
    clear_href: String,
    upload_href: String,
    limit: String,
    pub(super) new_error: String,
    pub(super) new_value: String,
    pub(super) new_kind: &'static str,
    sorts: Sorts,
    renaming: bool,
    rows: Vec<Row>,
    total_text: String,
    summary: String,
    prev: String,
    next: String,
    found: String,
    cut: bool,
    pub(super) errors: Vec<FieldText>,
    pub(super) refused: Refused,
    jobs: Vec<JobCard>,
    bare: bool,
    root: bool,
    open: Option<Opened>,
}

/// Things of the trash that are counted.
const TRASH_COUNTED: i64 = 100;
/// Archives that one press begins, as the address names them.
const BEGUN: usize = 20;

/// A folder as a list; a file leads to the list it stands in, to its text, its picture or its bytes, as the query asks.
pub async fn show(ctx: Ctx, request: HttpRequest) -> Reply {
    let path = super::path_of(&request)?;
    match ctx.param("as").as_deref() {
        Some("edit") => return super::edit::show(&ctx, path).await,
        Some("download") => return take::one(&ctx, &request, path).await,
        Some("picture") => return preview::picture(&ctx, path).await,
        Some("small") => return preview::small(&ctx, path).await,
        Some("version") => return super::compare::show(&ctx, path).await,
        _ => {}
    }
    let asked = Asked::of(&ctx, path);
    let view = match read(&ctx, &asked).await {
        Ok(view) => view,
        // A file's own address leads to the folder it stands in.
        Err(e) if e.as_code() == Code::NotFound => return beside(&ctx, asked).await.map_err(|_| e.into()),
        Err(e) => return Err(e.into()),
    };
    if ctx.part {
        return Ok(ctx.part("files/list.html", "list", &view)?);
    }
    page(&ctx, 200, &view).await
}

/// Leads to the list with this file chosen.
async fn beside(ctx: &Ctx, asked: Asked) -> Result<HttpResponse> {
    let (folder, _) = asked.folder.split().ok_or_else(|| Error::not_found("folder"))?;
    let (name, path) = (asked.folder.name(), asked.folder.clone());
    desk::on(ctx, move |files| files.metadata(&path)).await?;
    let to = Asked { folder, ..asked }.with(&[("open", &name)]);
    Ok(ctx.go(&to))
}

/// The page with this view.
pub(super) async fn page(ctx: &Ctx, status: u16, view: &ListView) -> Reply {
    let frame = ctx.frame("Files", vec![crumb("Files", None)]).await?;
    Ok(ctx.page(status, "files/list.html", &frame, view)?)
}

/// Names of a page, from a folder or a search.
struct Found {
    rows: Vec<Hit>,
    total: usize,
    cut: bool,
    /// Folders of the open one, and whether there are more, where they were read.
    folders: Option<(Vec<JailPath>, bool)>,
}

/// A name with where it stands below the open folder, and the line that holds what was looked for.
struct Hit {
    path: JailPath,
    entry: Entry,
    line: String,
}

/// Reads all that the page shows.
pub(super) async fn read(ctx: &Ctx, asked: &Asked) -> Result<ListView> {
    let desk = desk::open(ctx).await?;
    let begun = ctx.param("job").unwrap_or_default();
    let begun = begun.split('.').filter_map(|id| id.parse().ok().map(JobId)).take(BEGUN).collect();
    let (jobs, failed) = desk::jobs(ctx, begun).await?;
    let opened = preview::read(ctx, &desk, asked).await?;
    let (asked, limit) = (asked.clone(), ctx.app.config.limits.import_mb);
    blocking(move || {
        let found = find(&desk, &asked)?;
        let known = found.folders.clone();
        let (nodes, more) = tree::of(&desk.files, &asked.base, &asked.folder, &desk.site_root, known)?;
        let mut view = present(&desk, &asked, found, desk.files.room()?);
        view.tree = nodes;
        view.more_folders = if more { "and more: use Find" } else { "" };
        view.limit = words::size(limit.saturating_mul(1_000_000));
        view.trash_count = match desk.files.trashed(0, TRASH_COUNTED)?.len() {
            0 => String::new(),
            n if i64::try_from(n).is_ok_and(|n| n >= TRASH_COUNTED) => format!("{}+", n - 1),
            n => n.to_string(),
        };
        view.jobs = jobs;
        view.errors = failed.into_iter().map(|text| FieldText { field: String::new(), text }).collect();
        view.open = opened;
        Ok(view)
    })
    .await
}

fn find(desk: &Desk, asked: &Asked) -> Result<Found> {
    if !asked.text.is_empty() {
        return search(desk, asked);
    }
    let listing = desk.files.list(&asked.folder, &asked.options())?;
    // Folders stand first: where a file is among the first rows, all folders are.
    let folders = listing.entries.iter().take_while(|entry| entry.metadata.kind == Kind::Folder);
    let mut folders: Vec<JailPath> = folders.filter_map(|entry| asked.folder.join(&entry.name).ok()).collect();
    folders.sort();
    let more = folders.len() == listing.entries.len() && listing.total > folders.len();
    let rows = listing
        .entries
        .into_iter()
        .filter_map(|entry| Some(Hit { path: asked.folder.join(&entry.name).ok()?, entry, line: String::new() }));
    Ok(Found {
        rows: rows.collect(),
        total: listing.total,
        cut: false,
        folders: (asked.at == 0).then_some((folders, more)),
    })
}

fn search(desk: &Desk, asked: &Asked) -> Result<Found> {
    let query =
        Query { text: asked.text.clone(), in_names: !asked.in_text, in_contents: asked.in_text, ..Query::default() };
    let found = desk.files.search(&asked.folder, &query)?;
    // A file is one row, with its first line.
    let mut hits: Vec<(JailPath, String, usize)> = Vec::new();
    for hit in found.hits {
        match hits.last_mut().filter(|(path, ..)| *path == hit.path) {
            Some((.., more)) => *more += 1,
            None => {
                let line = hit.line.map(|n| format!("{n}: {}", hit.text)).unwrap_or_default();
                hits.push((hit.path, line, 0));
            }
        }
    }
    let total = hits.len();
    let rows = hits.into_iter().skip(asked.at).take(ROWS).filter_map(|(path, line, more)| {
        let line = if more > 0 { format!("{line}  (+{more})") } else { line };
        let entry = Entry { name: path.name(), metadata: desk.files.metadata(&path).ok()? };
        Some(Hit { path, entry, line })
    });
    Ok(Found { rows: rows.collect(), total, cut: !found.is_complete, folders: None })
}

fn present(desk: &Desk, asked: &Asked, found: Found, room: Room) -> ListView {
    let address = href(&asked.base, &asked.folder);
    let title = if asked.folder.is_root() { "Home".to_owned() } else { asked.folder.name() };
    let searching = !asked.text.is_empty();
    let at = asked.at.min(found.total);
    let shown = found.rows.len();
    let to = |at: usize| asked.with(&[("at", &if at > 0 { at.to_string() } else { String::new() })]);
    let sorted = |name| {
        let (href, dir) = asked.sorted_by(name);
        SortedBy { href, dir }
    };
    let count = i64::try_from(found.total).unwrap_or(i64::MAX);
    let scope = |label: &str, value: &str| Link {
        label: label.into(),
        href: asked.with(&[("in", value), ("at", "")]),
        current: asked.in_text == (value == "text"),
    };
    let rows: Vec<Row> = found.rows.into_iter().map(|hit| row(desk, asked, hit)).collect();
    ListView {
        crumbs: crumbs(asked),
        folder: asked.folder.to_string(),
        self_href: address.clone(),
        action: address.clone(),
        take_href: format!("{}-download", asked.base),
        can_write: desk.can_write,
        tree: Vec::new(),
        more_folders: "",
        quota: quota(room),
        trash_href: format!("{}-trash", asked.base),
        trash_count: String::new(),
        check_href: format!("{}-check", asked.base),
        space_href: format!("{}-space", asked.base),
        query: asked.text.clone(),
        keep: if asked.in_text { vec![Pair { name: "in", value: "text".into() }] } else { Vec::new() },
        scopes: vec![scope("Names", ""), scope("Text in files", "text")],
        clear_href: address,
        upload_href: format!("{}-upload", asked.base),
        limit: String::new(),
        new_error: String::new(),
        new_value: String::new(),
        new_kind: "",
        sorts: Sorts { name: sorted("name"), size: sorted("size"), changed: sorted("changed") },
        renaming: rows.iter().any(|row| row.renaming),
        total_text: counted(&rows, found.total),
        summary: range(i64::try_from(at).unwrap_or(0), shown, count),
        prev: if at > 0 { to(0) } else { String::new() },
        next: if at + shown < found.total { to(at + shown) } else { String::new() },
        found: said(asked, &title, found.total, found.cut),
        cut: found.cut,
        errors: Vec::new(),
        refused: Refused::default(),
        jobs: Vec::new(),
        bare: rows.is_empty() && !searching,
        root: asked.folder.is_root(),
        open: None,
        base: asked.base.clone(),
        title,
        rows,
    }
}

/// How much there is: by kind where all of it is on the page.
fn counted(rows: &[Row], total: usize) -> String {
    let some = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{} {many}", grouped(n as u64))),
    };
    if total > rows.len() {
        return some(total, "file or folder", "files and folders").unwrap_or_default();
    }
    let folders = rows.iter().filter(|row| row.folder).count();
    let kinds = [some(folders, "folder", "folders"), some(rows.len() - folders, "file", "files")];
    kinds.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What screen readers hear of the list, and what stands over what was found.
fn said(asked: &Asked, title: &str, total: usize, cut: bool) -> String {
    let count = grouped(total as u64);
    if asked.text.is_empty() {
        return format!("{count} in {title}");
    }
    let place = if asked.in_text { "files whose text has" } else { "names with" };
    match (total, cut) {
        (0, true) => format!(
            "Nothing with “{}” so far: there are too many files to look at all. Open a folder further in.",
            asked.text
        ),
        (0, false) => format!("Nothing in {title} has “{}”.", asked.text),
        (_, true) => format!("The first {count} {place} “{}”. Open a folder further in to see all.", asked.text),
        (1, _) if asked.in_text => format!("1 file has “{}” in its text.", asked.text),
        (1, _) => format!("1 name has “{}” in it.", asked.text),
        _ => format!("{count} {place} “{}”.", asked.text),
    }
}

fn crumbs(asked: &Asked) -> Vec<Link> {
    let mut at = JailPath::root();
    let home = Link { label: "Home".into(), href: asked.base.clone(), current: asked.folder.is_root() };
    let mut crumbs = vec![home];
    for name in asked.folder.names() {
        let Ok(next) = at.join_disk(name) else { break };
        crumbs.push(Link { label: next.name(), href: href(&asked.base, &next), current: next == asked.folder });
        at = next;
    }
    crumbs
}

fn quota(room: Room) -> Quota {
    let used = words::size(room.used_bytes);
    match room.most_bytes {
        Some(most) => Quota {
            percent: room.used_bytes.saturating_mul(100) / most.max(1),
            figures: format!("{used} of {}", words::size(most)),
            limited: true,
        },
        None => Quota { percent: 0, figures: used, limited: false },
    }
}

fn row(desk: &Desk, asked: &Asked, hit: Hit) -> Row {
    let Hit { path, entry, line } = hit;
    let metadata = entry.metadata;
    let value = path.strip(&asked.folder).unwrap_or_default().to_string();
    let folder = metadata.kind == Kind::Folder;
    let address = href(&asked.base, &path);
    let never = metadata.kind == Kind::File && is_never_served(&path);
    let preview_href = asked.with(&[("open", &value)]);
    let above = path.parent().unwrap_or_default();
    let text = metadata.kind == Kind::File && words::may_be_text(&path, metadata.bytes);
    // The tag is another one with every change, so that a browser may keep the picture.
    let small_href = match preview::is_drawn(&path, &metadata) {
        true => format!("{address}?as=small&v={}", metadata.etag()),
        false => String::new(),
    };
    Row {
        icon: words::icon(&path, metadata.kind, never),
        small_href,
        open_href: if folder { address.clone() } else { preview_href.clone() },
        download_href: format!("{address}?as=download"),
        edit_href: if text { format!("{address}?as=edit") } else { String::new() },
        rename_href: asked.with(&[("rename", &value)]),
        size: words::size(metadata.bytes),
        bytes: metadata.bytes,
        changed: Some(time_view(metadata.modified, desk.now)),
        readable: if metadata.kind == Kind::Link { "—" } else { readers(&metadata).label() },
        never: if never { words::NEVER.to_owned() } else { String::new() },
        current: asked.open == value,
        renaming: desk.can_write && asked.rename == value,
        to: entry.name.clone(),
        extract: metadata.kind == Kind::File && words::is_archive(&path),
        where_: if above == asked.folder { String::new() } else { above.to_string() },
        hit: line,
        name: entry.name,
        href: address,
        preview_href,
        value,
        folder,
    }
}
