//! The text of a file: read, written back, and what happens where somebody else wrote it meanwhile.

use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{Code, Error, JailPath, Result};
use freehold_hosting::text_diff::merge;
use serde::Serialize;
use serde_json::json;

use super::desk::{self, Text};
use super::href;
use super::sides::{self, LineView, Side};
use crate::panel::auth::FieldText;
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::media::upload::wants_json;

#[derive(Serialize)]
struct Link {
    label: String,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Choice {
    value: &'static str,
    label: &'static str,
}

#[derive(Serialize)]
struct EditView {
    name: String,
    crumbs: Vec<Link>,
    action: String,
    text: String,
    etag: String,
    encodings: Vec<Choice>,
    encoding: String,
    ends: Vec<Choice>,
    end: String,
    can_write: bool,
    back_href: String,
    versions_href: String,
    address_href: String,
    why_read_only: String,
    errors: Vec<FieldText>,
    said: &'static str,
}

#[derive(Serialize)]
struct ConflictView {
    name: String,
    action: String,
    text: String,
    etag: String,
    encoding: String,
    end: String,
    their_by: String,
    edit_href: String,
    merged: Option<String>,
    left: Side,
    right: Side,
    lines: Vec<LineView>,
    cut: bool,
}

/// The editor.
pub async fn show(ctx: &Ctx, path: JailPath) -> Reply {
    let text = desk::read_text(ctx, path.clone()).await?;
    page(ctx, 200, &path, text, None, "").await
}

async fn page(ctx: &Ctx, status: u16, path: &JailPath, text: Text, e: Option<&Error>, said: &'static str) -> Reply {
    let base = super::base(ctx);
    let folder = path.parent().unwrap_or_default();
    let name = path.name();
    let desk = desk::reading(ctx).await?;
    let open: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let list = format!("{}?open={open}", href(&base, &folder));
    let label = if folder.is_root() { "Home".to_owned() } else { folder.name() };
    let versions = !desk::versions(ctx, path).await?.is_empty();
    let choice = |(value, label): &(&'static str, &'static str)| Choice { value, label };
    let view = EditView {
        crumbs: vec![
            Link { label, href: href(&base, &folder), current: false },
            Link { label: name.clone(), href: String::new(), current: true },
        ],
        action: href(&base, path),
        encodings: desk::ENCODINGS.iter().map(choice).collect(),
        ends: desk::ENDS.iter().map(choice).collect(),
        encoding: text.encoding,
        end: text.end,
        can_write: desk.can_write && text.why_read_only.is_empty(),
        versions_href: if versions { list.clone() } else { String::new() },
        back_href: list,
        address_href: desk.served_at(path).map(|(_, url)| url).unwrap_or_default(),
        why_read_only: text.why_read_only,
        errors: e.map(|e| vec![FieldText { field: "text".into(), text: e.sentence() }]).unwrap_or_default(),
        text: text.text,
        etag: text.etag,
        said,
        name,
    };
    let frame = ctx.frame(&view.name, vec![crumb("Files", Some(base)), crumb(&view.name, None)]).await?;
    Ok(ctx.page(status, "files/edit.html", &frame, &view)?)
}

/// Writes it back. A script gets the new tag as JSON; where somebody was faster, both texts are shown.
pub async fn save(ctx: &Ctx, request: &HttpRequest, path: JailPath, form: &Form) -> Reply {
    let sent = Text {
        text: form.get("text").replace("\r\n", "\n"),
        etag: form.get("etag").to_owned(),
        encoding: form.get("encoding").to_owned(),
        end: form.get("end").to_owned(),
        why_read_only: String::new(),
    };
    if form.get("do") == "again" {
        return page(ctx, 200, &path, sent, None, "Not saved yet").await;
    }
    match desk::write_text(ctx, path.clone(), sent.clone()).await {
        Ok(etag) if wants_json(request) => Ok(HttpResponse::Ok().json(json!({ "etag": etag, "text": "Saved" }))),
        Ok(_) => Ok(ctx.go(&format!("{}?as=edit&done=saved", href(&super::base(ctx), &path)))),
        Err(e) if wants_json(request) => Err(e.into()),
        Err(e) if is_conflict(&e) => conflict(ctx, &path, sent).await,
        Err(e) if e.status() < 500 || e.status() == 507 => {
            page(ctx, e.status(), &path, sent, Some(&e), "Not saved").await
        }
        Err(e) => Err(e.into()),
    }
}

fn is_conflict(e: &Error) -> bool {
    matches!(e.as_code(), Code::VersionConflict | Code::PreconditionFailed)
}

/// Both texts, and what to keep.
async fn conflict(ctx: &Ctx, path: &JailPath, mine: Text) -> Reply {
    let theirs: Result<Text> = desk::read_text(ctx, path.clone()).await;
    let theirs = match theirs {
        Ok(theirs) => theirs,
        // It was deleted meanwhile: what was written is saved as a new file.
        Err(e) if e.as_code() == Code::NotFound => {
            let kept = Text { etag: String::new(), ..mine };
            let e = Error::refused(Code::WrongState, "the file was deleted meanwhile; save once more to make it again");
            return page(ctx, 409, path, kept, Some(&e), "Not saved").await;
        }
        Err(e) => return Err(e.into()),
    };
    let base = desk::text_of(ctx, path.clone(), &mine.etag).await?;
    let merged = base
        .and_then(|base| merge(&base, &mine.text, &theirs.text))
        .filter(|both| *both != mine.text && *both != theirs.text);
    let (lines, cut) = sides::lines(&theirs.text, &mine.text);
    let by = desk::last_writer(ctx, path).await?;
    let name = path.name();
    let view = ConflictView {
        action: href(&super::base(ctx), path),
        edit_href: format!("{}?as=edit", href(&super::base(ctx), path)),
        text: mine.text,
        etag: theirs.etag,
        encoding: mine.encoding,
        end: mine.end,
        left: Side { name: "The other text".into(), by: by.clone() },
        right: Side { name: "Your text".into(), by: "not saved yet".into() },
        their_by: by,
        merged,
        lines,
        cut,
        name,
    };
    let frame = ctx.frame(&view.name, vec![crumb("Files", Some(super::base(ctx))), crumb(&view.name, None)]).await?;
    Ok(ctx.page(409, "files/conflict.html", &frame, &view)?)
}
