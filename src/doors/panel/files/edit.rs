//! The text of a file: read, written back, and what happens where somebody else wrote it meanwhile.

use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{Code, Error, JailPath, Result};
use freehold_hosting::files::{Encoding, LineEnds, NewText, Saved, Text};
use freehold_hosting::text_diff::merge;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::desk::{self, Desk};
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
    /// What the text was when it was read, so that two changes of it can be made one.
    base: String,
    encodings: Vec<Choice>,
    encoding: &'static str,
    ends: Vec<Choice>,
    end: &'static str,
    can_write: bool,
    back_href: String,
    versions_href: String,
    address_href: String,
    why_read_only: &'static str,
    errors: Vec<FieldText>,
    said: &'static str,
}

#[derive(Serialize)]
struct ConflictView {
    name: String,
    action: String,
    text: String,
    etag: String,
    base: String,
    encoding: &'static str,
    end: &'static str,
    their_by: String,
    edit_href: String,
    merged: Option<String>,
    left: Side,
    right: Side,
    lines: Vec<LineView>,
    cut: bool,
}

/// A text on its way: as it was read, or as somebody sends it.
#[derive(Clone)]
struct Sent {
    text: String,
    /// What it was when it was read; empty for a file that must not be there.
    etag: String,
    base: String,
    encoding: Encoding,
    ends: LineEnds,
}

impl Sent {
    fn of(text: Text) -> Self {
        Self { base: mark(&text.text), text: text.text, etag: text.etag, encoding: text.encoding, ends: text.line_ends }
    }
    fn from_form(form: &Form) -> Result<Self> {
        let ends = LineEnds::by_name(form.get("end"))?;
        let text = form.get("text");
        Ok(Self {
            // A form sends every line with both characters.
            text: text.replace("\r\n", "\n"),
            etag: form.get("etag").to_owned(),
            base: form.get("base").to_owned(),
            encoding: Encoding::by_name(form.get("encoding"))?,
            ends,
        })
    }
    fn to_save(&self) -> NewText {
        NewText {
            text: self.text.clone(),
            encoding: self.encoding,
            line_ends: self.ends,
            etag: Some(self.etag.clone()).filter(|etag| !etag.is_empty()),
        }
    }
}

/// Tells a text from all others.
fn mark(text: &str) -> String {
    freehold_base::secret::hex(&Sha256::digest(text.as_bytes()))
}

/// How line ends read on the screen.
const fn ends_label(ends: LineEnds) -> &'static str {
    match ends {
        LineEnds::Lf => "LF (Unix)",
        LineEnds::CrLf => "CRLF (Windows)",
        LineEnds::Cr => "CR (old Mac)",
        LineEnds::Mixed => "As they are",
    }
}

/// The editor.
pub async fn show(ctx: &Ctx, path: JailPath) -> Reply {
    let at = path.clone();
    let text = desk::on(ctx, move |files| files.read_text(&at)).await?;
    page(ctx, 200, &path, Sent::of(text), None, "").await
}

async fn page(ctx: &Ctx, status: u16, path: &JailPath, sent: Sent, e: Option<&Error>, said: &'static str) -> Reply {
    let base = super::base(ctx);
    let desk: Desk = desk::open(ctx).await?;
    let (folder, name) = (path.parent().unwrap_or_default(), path.name());
    let list = chosen_in_list(&base, path);
    let label = if folder.is_root() { "Home".to_owned() } else { folder.name() };
    let versions = !desk::versions(ctx, path.clone()).await?.is_empty();
    let ends = LineEnds::ALL.into_iter().filter(|ends| *ends != LineEnds::Mixed || sent.ends == LineEnds::Mixed);
    let view = EditView {
        crumbs: vec![
            Link { label, href: href(&base, &folder), current: false },
            Link { label: name.clone(), href: String::new(), current: true },
        ],
        action: href(&base, path),
        encodings: Encoding::ALL.into_iter().map(|e| Choice { value: e.name(), label: e.label() }).collect(),
        ends: ends.map(|ends| Choice { value: ends.name(), label: ends_label(ends) }).collect(),
        encoding: sent.encoding.name(),
        end: sent.ends.name(),
        can_write: desk.can_write,
        versions_href: if versions { list.clone() } else { String::new() },
        back_href: list,
        address_href: desk.served_at(path).map(|(_, url)| url).unwrap_or_default(),
        why_read_only: if desk.can_write { "" } else { "Your role lets you read files, not change them." },
        errors: e.map(|e| vec![FieldText { field: "text".into(), text: e.sentence() }]).unwrap_or_default(),
        text: sent.text,
        etag: sent.etag,
        base: sent.base,
        said,
        name,
    };
    let frame = ctx.frame(&view.name, vec![crumb("Files", Some(base)), crumb(&view.name, None)]).await?;
    Ok(ctx.page(status, "files/edit.html", &frame, &view)?)
}

/// The list that a file stands in, with the file chosen.
pub(in crate::panel) fn chosen_in_list(base: &str, path: &JailPath) -> String {
    let open: String = form_urlencoded::byte_serialize(path.name().as_bytes()).collect();
    format!("{}?open={open}", href(base, &path.parent().unwrap_or_default()))
}

/// Writes it back. A script gets the new tag as JSON; where somebody was faster, both texts are shown.
pub async fn save(ctx: &Ctx, request: &HttpRequest, path: JailPath, form: &Form) -> Reply {
    let sent = Sent::from_form(form)?;
    if form.get("do") == "again" {
        return page(ctx, 200, &path, sent, None, "Not saved yet").await;
    }
    let (at, new) = (path.clone(), sent.to_save());
    let json = wants_json(request);
    match desk::on(ctx, move |files| files.save_text(&at, &new)).await {
        Ok(Saved::Done(metadata)) if json => {
            let answer = json!({ "etag": metadata.etag(), "base": mark(&sent.text), "text": "Saved" });
            Ok(HttpResponse::Ok().json(answer))
        }
        Ok(Saved::Done(_)) => Ok(ctx.go(&format!("{}?as=edit&done=saved", href(&super::base(ctx), &path)))),
        Ok(Saved::Conflict(_)) if json => Err(Error::code(Code::VersionConflict).into()),
        Ok(Saved::Conflict(Some(theirs))) => conflict(ctx, &path, sent, *theirs).await,
        Ok(Saved::Conflict(None)) => {
            let kept = Sent { etag: String::new(), ..sent };
            let why = "the file was deleted meanwhile, or is no text any more; save once more to make it again";
            page(ctx, 409, &path, kept, Some(&Error::refused(Code::WrongState, why)), "Not saved").await
        }
        Err(e) if !json && (e.status() < 500 || e.status() == 507) => {
            page(ctx, e.status(), &path, sent, Some(&e), "Not saved").await
        }
        Err(e) => Err(e.into()),
    }
}

/// Both texts, and what to keep.
async fn conflict(ctx: &Ctx, path: &JailPath, mine: Sent, theirs: Text) -> Reply {
    let versions = desk::versions(ctx, path.clone()).await?;
    let newest = versions.first().map(|(_, by)| by.clone()).unwrap_or_default();
    let ids: Vec<i64> = versions.iter().map(|(version, _)| version.id).collect();
    let (at, wanted, there) = (path.clone(), mine.base.clone(), mark(&theirs.text));
    let (is_newest, base) = desk::on(ctx, move |files| {
        let text = |id: &i64| files.version_text(&at, *id).ok().map(|version| version.text);
        // What came by another way than this panel has no version: nobody is named for it.
        let is_newest = ids.first().and_then(text).is_some_and(|text| mark(&text) == there);
        Ok((is_newest, ids.iter().filter_map(text).find(|text| mark(text) == wanted)))
    })
    .await?;
    let by = if is_newest { newest } else { String::new() };
    let both = base.and_then(|base| merge(&base, &mine.text, &theirs.text));
    let merged = both.filter(|both| *both != mine.text && *both != theirs.text);
    let (lines, cut) = sides::lines(&theirs.text, &mine.text);
    let address = href(&super::base(ctx), path);
    let view = ConflictView {
        edit_href: format!("{address}?as=edit"),
        action: address,
        name: path.name(),
        text: mine.text,
        base: mark(&theirs.text),
        etag: theirs.etag,
        encoding: mine.encoding.name(),
        end: mine.ends.name(),
        left: Side {
            name: "The other text".into(),
            by: if by.is_empty() { String::new() } else { format!("saved by {by}") },
        },
        right: Side { name: "Your text".into(), by: "not saved yet".into() },
        their_by: by,
        merged,
        lines,
        cut,
    };
    let frame = ctx.frame(&view.name, vec![crumb("Files", Some(super::base(ctx))), crumb(&view.name, None)]).await?;
    Ok(ctx.page(409, "files/conflict.html", &frame, &view)?)
}
