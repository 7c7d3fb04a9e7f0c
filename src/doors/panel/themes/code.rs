//! The texts of a theme: all of them in a list, each in an editor. What does not work is not kept (row TH09).

use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{Code, Error, Result};
use freehold_publishing::gallery::texts::{Change, Part};
use freehold_publishing::gallery::{Card, Owner};
use freehold_publishing::themes::Origin;
use freehold_store::Tx;
use serde::Serialize;
use serde_json::json;

use super::one::named;
use super::{CardView, around};
use crate::panel::auth::FieldText;
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::files::sides::{self, LineView, Side};
use crate::panel::files::words::size;
use crate::panel::form::Form;
use crate::panel::media::upload::wants_json;
use crate::web::multipart::blocking;

/// Folders of a theme as the list shows them, with what they hold.
const FOLDERS: &[(&str, &str)] = &[
    ("", "The theme itself"),
    ("templates/", "Pages"),
    ("components/", "Parts of pages"),
    ("blocks/", "Blocks"),
    ("widgets/", "Widgets"),
    ("patterns/", "Patterns"),
    ("locales/", "Words"),
    ("static/", "Styles, fonts, pictures"),
];

#[derive(Serialize)]
struct ListView {
    theme: CardView,
    /// Whether the person may change it.
    can_write: bool,
    why_not: String,
    groups: Vec<GroupView>,
    action: String,
    back_href: String,
    /// What was typed as the name of a new file, and what is wrong with it.
    typed: String,
    errors: Vec<FieldText>,
    /// Files of parents that were changed since they were taken over.
    drifts: Vec<LinkView>,
}

#[derive(Serialize)]
struct GroupView {
    title: &'static str,
    files: Vec<FileView>,
}

#[derive(Serialize)]
struct FileView {
    name: String,
    size: String,
    /// The parent whose file it is; empty: the theme's own.
    from: String,
    /// Empty where it cannot be written in.
    href: String,
}

#[derive(Serialize)]
pub(super) struct LinkView {
    pub label: String,
    pub href: String,
}

#[derive(Serialize)]
struct EditView {
    path: String,
    title: String,
    action: String,
    text: String,
    etag: String,
    from: String,
    can_write: bool,
    can_delete: bool,
    is_override: bool,
    back_href: String,
    states_href: String,
    preview_href: String,
    why_not: String,
    errors: Vec<FieldText>,
    said: &'static str,
}

/// What a person may do with the texts of a theme, and why not.
async fn rights(ctx: &Ctx, card: &Card) -> Result<(bool, String)> {
    let (site, app, name, origin) = (ctx.site, ctx.app.clone(), card.name.clone(), card.origin);
    let may = ctx.read(move |tx| app.gallery.shelves.may_add(tx, site)).await?;
    let theirs = may == Some(Owner::Everybody) || may == Some(Owner::of(&name));
    Ok(match (origin, theirs, may) {
        (Origin::Shipped, _, Some(_)) => {
            (false, "This theme comes with Freehold. Make one that builds on it, and change that one.".into())
        }
        (_, true, _) => (true, String::new()),
        _ => (false, "This theme is changed by whoever runs this server.".into()),
    })
}

fn code_href(ctx: &Ctx, name: &str) -> String {
    format!("{}/{name}/code", ctx.gallery_href())
}

/// The address of a file in the editor, or of another page about it.
pub(super) fn file_href(ctx: &Ctx, name: &str, page: &str, path: &str) -> String {
    let path: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
    format!("{}/{name}/{page}?file={path}", ctx.gallery_href())
}

/// The list, or the editor where a file is named.
pub async fn show(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let card = named(&ctx, &path.1).await?;
    match ctx.param("file") {
        Some(file) => {
            let (desk, name, at) = (ctx.app.gallery.clone(), card.name.clone(), file.clone());
            let text = blocking(move || desk.text(&name, &at)).await?;
            let said = if ctx.param("done").is_some() { "Saved" } else { "" };
            let sent = Sent { path: file, text: text.text, etag: text.etag, from: text.from };
            editor(&ctx, &card, 200, sent, None, said).await
        }
        None => list(&ctx, &card, String::new(), None).await,
    }
}

async fn list(ctx: &Ctx, card: &Card, typed: String, e: Option<&Error>) -> Reply {
    let (can_write, why_not) = rights(ctx, card).await?;
    let (desk, name) = (ctx.app.gallery.clone(), card.name.clone());
    let parts = blocking(move || desk.parts(&name)).await?;
    let drifts = if can_write { drifts(ctx, &card.name).await? } else { Vec::new() };
    let (site, app) = (ctx.site, ctx.app.clone());
    let (origin, now) = ctx.read(move |tx: &mut Tx<'_>| around(tx, &app, site)).await?;
    let groups = FOLDERS.iter().map(|(folder, title)| GroupView {
        title,
        files: parts.iter().filter(|part| is_in(part, folder)).map(|part| file_view(ctx, card, part, folder)).collect(),
    });
    let theme = CardView::of(ctx, card, &origin, now);
    let view = ListView {
        can_write,
        why_not,
        groups: groups.filter(|group: &GroupView| !group.files.is_empty()).collect(),
        action: code_href(ctx, &card.name),
        back_href: theme.href.clone(),
        typed,
        errors: e.map(crate::panel::auth::field_texts).unwrap_or_default(),
        drifts,
        theme,
    };
    let crumbs = crumbs(ctx, card, "Code");
    let frame = ctx.frame(&format!("Code of {}", card.title()), crumbs).await?;
    Ok(ctx.page(if e.is_some() { 422 } else { 200 }, "themes/code.html", &frame, &view)?)
}

/// The last step of a path: what a file is called.
pub(super) fn last(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// Files of parents that the theme took over and that changed.
pub(super) async fn drifts(ctx: &Ctx, name: &str) -> Result<Vec<LinkView>> {
    let (desk, of) = (ctx.app.gallery.clone(), name.to_owned());
    let found = ctx.read(move |tx| desk.drift(tx, &of)).await?;
    let view = |path: &str| LinkView { label: path.to_owned(), href: file_href(ctx, name, "parent", path) };
    Ok(found.iter().map(|drift| view(&drift.path)).collect())
}

pub(super) fn crumbs(ctx: &Ctx, card: &Card, last: &str) -> Vec<crate::panel::frame::Crumb> {
    let one = format!("{}/{}", ctx.gallery_href(), card.name);
    vec![crumb("Themes", Some(ctx.gallery_href())), crumb(&card.title(), Some(one)), crumb(last, None)]
}

fn is_in(part: &Part, folder: &str) -> bool {
    if folder.is_empty() { !part.path.contains('/') } else { part.path.starts_with(folder) }
}

fn file_view(ctx: &Ctx, card: &Card, part: &Part, folder: &str) -> FileView {
    FileView {
        name: part.path.strip_prefix(folder).unwrap_or(&part.path).to_owned(),
        size: size(part.bytes as u64),
        from: part.from.clone(),
        href: if part.is_text { file_href(ctx, &card.name, "code", &part.path) } else { String::new() },
    }
}

/// A text on its way.
struct Sent {
    path: String,
    text: String,
    etag: String,
    from: String,
}

async fn editor(ctx: &Ctx, card: &Card, status: u16, sent: Sent, e: Option<&Error>, said: &'static str) -> Reply {
    let (can_write, why_not) = rights(ctx, card).await?;
    let (desk, name, at) = (ctx.app.gallery.clone(), card.name.clone(), sent.path.clone());
    let in_parent = blocking(move || Ok(desk.parent_has(&name, &at))).await?;
    let own = !sent.etag.is_empty();
    let view = EditView {
        title: last(&sent.path),
        action: code_href(ctx, &card.name),
        can_write,
        can_delete: can_write && own && sent.path != "theme.toml",
        is_override: own && in_parent,
        back_href: code_href(ctx, &card.name),
        states_href: if can_write { file_href(ctx, &card.name, "states", &sent.path) } else { String::new() },
        preview_href: format!("{}/{}/preview", ctx.gallery_href(), card.name),
        why_not,
        errors: e.map(|e| vec![FieldText { field: "text".into(), text: e.sentence() }]).unwrap_or_default(),
        said,
        text: sent.text,
        etag: sent.etag,
        from: sent.from,
        path: sent.path,
    };
    let frame = ctx.frame(&view.title, crumbs(ctx, card, &view.path)).await?;
    Ok(ctx.page(status, "themes/code_edit.html", &frame, &view)?)
}

/// One of the buttons of the list or the editor.
pub async fn act(ctx: Ctx, request: HttpRequest, path: Path<(i64, String)>, form: Form) -> Reply {
    let card = named(&ctx, &path.1).await?;
    let file = form.get("path").trim().to_owned();
    match form.get("do") {
        "save" => save(&ctx, &request, &card, &form).await,
        "again" => editor(&ctx, &card, 200, sent(&form), None, "Not saved yet").await,
        "new" => match change(&ctx, &card, &file, Some(String::new()), "").await {
            Ok(_) => Ok(ctx.go(&file_href(&ctx, &card.name, "code", &file))),
            Err(e) if e.status() < 500 => list(&ctx, &card, file, Some(&e)).await,
            Err(e) => Err(e.into()),
        },
        "delete" => {
            change(&ctx, &card, &file, None, form.get("etag")).await?;
            Ok(ctx.go(&format!("{}?done=deleted", code_href(&ctx, &card.name))))
        }
        "restore" => {
            let (app, name, at, id) = (ctx.app.clone(), card.name.clone(), file.clone(), form.number("version"));
            let state = ctx.read(move |tx| app.gallery.shelves.state(tx, &name, &at, id)).await?;
            change(&ctx, &card, &file, Some(state.text), form.get("etag")).await?;
            Ok(ctx.go(&format!("{}&done=saved", file_href(&ctx, &card.name, "code", &file))))
        }
        _ => Err(Error::invalid("do", Code::NotAllowed, "save, again, new, delete, restore").into()),
    }
}

fn sent(form: &Form) -> Sent {
    Sent {
        path: form.get("path").to_owned(),
        // A form sends every line with both characters.
        text: form.get("text").replace("\r\n", "\n"),
        etag: form.get("etag").to_owned(),
        from: form.get("from").to_owned(),
    }
}

/// Changes a file; its new tag.
pub(super) async fn change(ctx: &Ctx, card: &Card, path: &str, text: Option<String>, etag: &str) -> Result<String> {
    let (app, actor, name) = (ctx.app.clone(), ctx.actor.clone(), card.name.clone());
    let change = Change { path: path.to_owned(), text, etag: etag.to_owned() };
    blocking(move || app.gallery.change(&app.store, &actor, &name, &change)).await.map(|text| text.etag)
}

async fn save(ctx: &Ctx, request: &HttpRequest, card: &Card, form: &Form) -> Reply {
    let sent = sent(form);
    let json = wants_json(request);
    match change(ctx, card, &sent.path, Some(sent.text.clone()), &sent.etag).await {
        Ok(etag) if json => Ok(HttpResponse::Ok().json(json!({ "etag": etag, "base": "", "text": "Saved" }))),
        Ok(_) => Ok(ctx.go(&format!("{}&done=saved", file_href(ctx, &card.name, "code", &sent.path)))),
        Err(e) if !json && e.as_code() == Code::VersionConflict => conflict(ctx, card, sent).await,
        Err(e) if !json && (e.status() < 500 || e.status() == 507) => {
            editor(ctx, card, e.status(), sent, Some(&e), "Not saved").await
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Serialize)]
struct ConflictView {
    path: String,
    action: String,
    text: String,
    /// Of the text that is there now.
    etag: String,
    edit_href: String,
    left: Side,
    right: Side,
    lines: Vec<LineView>,
    cut: bool,
}

/// Somebody was faster: both texts, and what to keep.
async fn conflict(ctx: &Ctx, card: &Card, mine: Sent) -> Reply {
    let (desk, name, at) = (ctx.app.gallery.clone(), card.name.clone(), mine.path.clone());
    let theirs = blocking(move || desk.text(&name, &at)).await;
    let theirs = match theirs {
        // It went meanwhile: saved once more, it is there again.
        Err(e) if e.as_code() == Code::NotFound => {
            let kept = Sent { etag: String::new(), ..mine };
            return editor(ctx, card, 409, kept, Some(&Error::code(Code::VersionConflict)), "Not saved").await;
        }
        theirs => theirs?,
    };
    let (lines, cut) = sides::lines(&theirs.text, &mine.text);
    let view = ConflictView {
        action: code_href(ctx, &card.name),
        edit_href: file_href(ctx, &card.name, "code", &mine.path),
        etag: theirs.etag,
        left: Side { name: "The other text".into(), by: String::new() },
        right: Side { name: "Your text".into(), by: "not saved yet".into() },
        path: mine.path,
        text: mine.text,
        lines,
        cut,
    };
    let frame = ctx.frame(&view.path, crumbs(ctx, card, &view.path)).await?;
    Ok(ctx.page(409, "themes/code_conflict.html", &frame, &view)?)
}
