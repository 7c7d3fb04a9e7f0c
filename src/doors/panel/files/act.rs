//! What is done in a folder: new things, names, places, permissions, archives, the trash.

use actix_web::http::header;
use actix_web::{FromRequest as _, HttpRequest, web};
use freehold_base::{Code, Error, JailPath, JobId, Result};
use freehold_host::account_dir::Kind;
use freehold_hosting::files::{self, Clash, Existing, Format, Target};

use super::asked::Asked;
use super::desk;
use super::places::{self, PlaceView};
use super::{bring, edit, href, list};
use crate::panel::auth::FieldText;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::several::{Refused, RefusedRow, joined};

/// Most things of one act.
const MOST: usize = 1000;

/// A form of a folder, or of the text of a file. A form with files brings them in.
pub async fn act(ctx: Ctx, request: HttpRequest, payload: web::Payload) -> Reply {
    let path = super::path_of(&request)?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/") {
        return bring::plain(&ctx, &request, payload, path).await;
    }
    let form = Form::from_request(&request, &mut payload.into_inner()).await?;
    let pressed = Pressed::of(&form, path)?;
    match pressed.act.as_str() {
        "save" | "again" => edit::save(&ctx, &request, pressed.at, &form).await,
        "folder" => make(&ctx, &pressed, &form, true).await,
        "file" => make(&ctx, &pressed, &form, false).await,
        "rename" => rename(&ctx, &pressed, &form).await,
        "restore" => restore(&ctx, &pressed, &form).await,
        "move" | "copy" | "extract-to" => to_a_place(&ctx, pressed, &form).await,
        "trash" => trash(&ctx, &pressed).await,
        "mode" => mode(&ctx, &pressed, &form).await,
        "zip" => zip(&ctx, &pressed).await,
        "extract" => {
            let into = pressed.at.clone();
            extract(&ctx, &pressed, into).await
        }
        "" => Ok(ctx.go(&pressed.back(&ctx, ""))),
        _ => Err(Error::invalid("do", Code::NotAllowed, "the buttons of the page").into()),
    }
}

/// What somebody pressed, and on which things.
pub(super) struct Pressed {
    /// `trash`, `move` …
    pub act: String,
    /// The folder of the page.
    pub at: JailPath,
    /// The folder that the things stand in.
    pub from: JailPath,
    /// The things, as the form names them from there.
    pub ids: Vec<String>,
}

impl Pressed {
    /// A button of one row says which: `trash:name`; else the ticked ones are meant.
    fn of(form: &Form, at: JailPath) -> Result<Self> {
        let said = form.get("do");
        let (act, one) = said.split_once(':').map_or((said, None), |(act, one)| (act, Some(one)));
        let ids = match one {
            Some(one) => vec![one.to_owned()],
            None => form.all("ids").into_iter().take(MOST).map(str::to_owned).collect(),
        };
        let from = if form.has("from") { JailPath::parse(form.get("from"))? } else { at.clone() };
        Ok(Self { act: act.to_owned(), at, from, ids })
    }
    /// The paths of the things.
    fn paths(&self) -> Result<Vec<JailPath>> {
        self.ids.iter().map(|id| super::below(&self.from, id)).collect()
    }
    /// The folder's page, with what was done.
    fn back(&self, ctx: &Ctx, more: &str) -> String {
        let and = if more.is_empty() { "" } else { "?" };
        format!("{}{and}{more}", href(&super::base(ctx), &self.at))
    }
}

/// A new folder, or a new file that is opened to be written in.
async fn make(ctx: &Ctx, pressed: &Pressed, form: &Form, folder: bool) -> Reply {
    let typed = form.get("name").trim().to_owned();
    let made = match pressed.at.join(&typed) {
        Ok(path) => {
            desk::on(ctx, move |files| {
                if folder {
                    files.new_folder(&path)?
                } else {
                    files.new_file(&path)?
                }
                Ok(path)
            })
            .await
        }
        Err(e) => Err(e),
    };
    match made {
        Ok(_) if folder => Ok(ctx.go(&pressed.back(ctx, "done=file-made"))),
        Ok(path) => Ok(ctx.go(&format!("{}?as=edit", href(&super::base(ctx), &path)))),
        Err(e) if e.status() < 500 => {
            let mut view = list::read(ctx, &Asked::of(ctx, pressed.at.clone())).await?;
            view.new_kind = if folder { "folder" } else { "file" };
            view.new_error = if typed.is_empty() { Code::Required.sentence().to_owned() } else { e.sentence() };
            view.new_value = typed;
            list::page(ctx, e.status(), &view).await
        }
        Err(e) => Err(e.into()),
    }
}

async fn rename(ctx: &Ctx, pressed: &Pressed, form: &Form) -> Reply {
    let old = super::below(&pressed.at, form.get("name"))?;
    let new = form.get("to").trim().to_owned();
    match desk::on(ctx, move |files| files.rename(&old, &new)).await {
        Ok(_) => Ok(ctx.go(&pressed.back(ctx, "done=file-renamed"))),
        Err(e) => again(ctx, pressed, e).await,
    }
}

/// The list again, with what was refused on top.
async fn again(ctx: &Ctx, pressed: &Pressed, e: Error) -> Reply {
    if e.status() >= 500 && e.status() != 507 {
        return Err(e.into());
    }
    let mut view = list::read(ctx, &Asked::of(ctx, pressed.at.clone())).await?;
    view.errors = vec![FieldText { field: String::new(), text: e.sentence() }];
    list::page(ctx, e.status(), &view).await
}

/// Shows which things were refused; those that went are done.
async fn outcome(ctx: &Ctx, pressed: &Pressed, done: &str, refused: Vec<(String, Error)>) -> Reply {
    if refused.is_empty() {
        return Ok(ctx.go(&pressed.back(ctx, done)));
    }
    let good = pressed.ids.len().saturating_sub(refused.len());
    let mut view = list::read(ctx, &Asked::of(ctx, pressed.at.clone())).await?;
    let title = match good {
        0 => "Nothing was changed.".to_owned(),
        good => format!("{good} done, {} not.", refused.len()),
    };
    let rows = refused.into_iter().map(|(name, e)| RefusedRow { name, why: e.sentence() }).collect();
    view.refused = Refused { title, rows };
    list::page(ctx, if good == 0 { 409 } else { 200 }, &view).await
}

/// Does something to each thing; those that were refused, with the reason. A fault of ours ends it.
async fn each<T: Send + 'static>(
    ctx: &Ctx,
    pressed: &Pressed,
    act: impl Fn(&files::Desk, &JailPath) -> Result<T> + Send + 'static,
) -> Result<(Vec<T>, Vec<(String, Error)>)> {
    let things: Vec<(String, JailPath)> = pressed.ids.iter().cloned().zip(pressed.paths()?).collect();
    desk::on(ctx, move |files| {
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for (id, path) in things {
            match act(&files, &path) {
                Ok(one) => done.push(one),
                Err(e) if e.status() < 500 || e.status() == 507 => refused.push((id, e)),
                Err(e) => return Err(e),
            }
        }
        Ok((done, refused))
    })
    .await
}

async fn trash(ctx: &Ctx, pressed: &Pressed) -> Reply {
    let (gone, refused) = each(ctx, pressed, |files, path| files.trash(std::slice::from_ref(path))).await?;
    let gone: Vec<i64> = gone.into_iter().flatten().collect();
    outcome(ctx, pressed, &format!("done=file-trashed&ids={}", joined(&gone)), refused).await
}

async fn mode(ctx: &Ctx, pressed: &Pressed, form: &Form) -> Reply {
    let mode = u16::from_str_radix(form.get("mode"), 8)
        .map_err(|_| Error::invalid("mode", Code::Malformed, "three digits from 0 to 7, such as 644"))?;
    let (_, refused) = each(ctx, pressed, move |files, path| files.set_mode(path, mode)).await?;
    outcome(ctx, pressed, "done=file-mode", refused).await
}

/// Brings an earlier version of a text back; what is there now becomes a version.
async fn restore(ctx: &Ctx, pressed: &Pressed, form: &Form) -> Reply {
    let Some(path) = pressed.paths()?.into_iter().next() else {
        return Err(Error::invalid("ids", Code::Required, "").into());
    };
    let name = path.name();
    let version = form.number("version");
    match desk::on(ctx, move |files| files.restore_version(&path, version)?.done()).await {
        Ok(_) => {
            let open: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
            Ok(ctx.go(&pressed.back(ctx, &format!("done=file-version&open={open}"))))
        }
        Err(e) => again(ctx, pressed, e).await,
    }
}

/// Moves, copies, unpacks: where a form does not say to which folder, it is asked for.
async fn to_a_place(ctx: &Ctx, pressed: Pressed, form: &Form) -> Reply {
    if pressed.ids.is_empty() {
        return Ok(ctx.go(&pressed.back(ctx, "")));
    }
    if !form.has("into") {
        return ask(ctx, &pressed, String::new(), String::new()).await;
    }
    let typed = form.get("into").to_owned();
    let into = match places::chosen(form.get("place"), &typed) {
        Ok(into) => into,
        Err(e) => return ask(ctx, &pressed, typed, e.sentence()).await,
    };
    if pressed.act == "extract-to" {
        return extract(ctx, &pressed, into).await;
    }
    if !is_folder(ctx, into.clone()).await? {
        let error = format!("There is no folder “{into}”. Make it first, or choose another one.");
        return ask(ctx, &pressed, typed, error).await;
    }
    let copy = pressed.act == "copy";
    // A copy beside its original gets a number; nothing else ever takes the place of something.
    let clash = if copy && into == pressed.from { Clash::KeepBoth } else { Clash::Refuse };
    let (_, refused) = each(ctx, &pressed, move |files, path| {
        let to = into.join(&path.name())?;
        if copy { files.copy_to(path, &to, clash) } else { files.move_to(path, &to, clash) }
    })
    .await?;
    outcome(ctx, &pressed, if copy { "done=file-copied" } else { "done=file-moved" }, refused).await
}

async fn is_folder(ctx: &Ctx, path: JailPath) -> Result<bool> {
    match desk::on(ctx, move |files| files.metadata(&path)).await {
        Ok(metadata) => Ok(metadata.kind == Kind::Folder),
        Err(e) if e.as_code() == Code::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

async fn ask(ctx: &Ctx, pressed: &Pressed, into: String, error: String) -> Reply {
    let what = match pressed.ids.as_slice() {
        [one] => format!("“{one}”"),
        many => format!("{} things", many.len()),
    };
    let (verb, label) = match pressed.act.as_str() {
        "copy" => ("Copy", "Copy there"),
        "move" => ("Move", "Move there"),
        _ => ("Extract", "Extract there"),
    };
    let here = if pressed.from.is_root() { "your home folder".to_owned() } else { format!("“{}”", pressed.from) };
    let view = PlaceView {
        title: format!("{verb} {what}"),
        sub: format!("From {here}. Where to?"),
        action: href(&super::base(ctx), &pressed.at),
        ids: pressed.ids.clone(),
        from: pressed.from.to_string(),
        into,
        error,
        label,
        act: pressed.act.clone(),
        back_href: pressed.back(ctx, ""),
        ..PlaceView::default()
    };
    places::ask(ctx, view).await
}

/// Packs things into an archive beside them, as a job.
async fn zip(ctx: &Ctx, pressed: &Pressed) -> Reply {
    let paths = pressed.paths()?;
    let stem = match pressed.ids.as_slice() {
        [] => return Ok(ctx.go(&pressed.back(ctx, ""))),
        [one] => one.rsplit('/').next().unwrap_or(one).to_owned(),
        _ if pressed.at.is_root() => "files".to_owned(),
        _ => pressed.at.name(),
    };
    let target = pressed.at.join(&format!("{stem}.zip"))?;
    match desk::on(ctx, move |files| files.pack_later(&paths, &target, Format::Zip, Clash::KeepBoth)).await {
        Ok(job) => Ok(ctx.go(&pressed.back(ctx, &format!("done=file-zip&job={job}")))),
        Err(e) => again(ctx, pressed, e).await,
    }
}

/// Unpacks archives into a folder, as jobs. One that is not there yet is made; in one that is nothing is replaced.
async fn extract(ctx: &Ctx, pressed: &Pressed, into: JailPath) -> Reply {
    let there = is_folder(ctx, into.clone()).await?;
    let target = if there { Target::Into(into, Existing::Refuse) } else { Target::NewFolder(into) };
    let (begun, refused) = each(ctx, pressed, move |files, path| files.unpack_later(path, Some(&target))).await?;
    let begun: Vec<i64> = begun.into_iter().map(JobId::get).collect();
    outcome(ctx, pressed, &format!("done=file-extract&job={}", joined(&begun)), refused).await
}
