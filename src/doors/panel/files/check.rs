//! The check of permissions: what more people may read or write than should, and one press that repairs it.

use freehold_base::{Code, Error, JailPath};
use freehold_hosting::files::{Fault, Finding};
use serde::Serialize;

use super::{desk, words};
use crate::panel::build_frame::crumb;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::several::{Refused, RefusedRow};

/// What was found on one page.
const ROWS: usize = 200;

#[derive(Serialize)]
struct Row {
    value: String,
    name: String,
    href: String,
    what: &'static str,
    tone: &'static str,
    why: &'static str,
    remedy: String,
}

#[derive(Serialize)]
struct CheckView {
    sub: String,
    files_href: String,
    action: String,
    can_write: bool,
    rows: Vec<Row>,
    more: String,
    refused: Refused,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    page(&ctx, 200, Refused::default()).await
}

async fn page(ctx: &Ctx, status: u16, refused: Refused) -> Reply {
    let desk = desk::open(ctx).await?;
    let found = desk::on(ctx, |files| files.check_permissions(&JailPath::root())).await?;
    let base = super::base(ctx);
    let total = found.len();
    let rows: Vec<Row> = found.into_iter().take(ROWS).map(|finding| row(&base, finding)).collect();
    let view = CheckView {
        sub: match total {
            0 => "No file can be read or changed by more people than it should, and you can read all of them.".into(),
            1 => "1 file or folder needs a look.".into(),
            n => format!("{n} files and folders need a look."),
        },
        files_href: base.clone(),
        action: format!("{base}-check"),
        can_write: desk.can_write,
        more: if total > rows.len() { format!("The first {} of {total}.", rows.len()) } else { String::new() },
        rows,
        refused,
    };
    let frame = ctx.frame("Permissions", vec![crumb("Files", Some(base)), crumb("Permissions", None)]).await?;
    Ok(ctx.page(status, "files/check.html", &frame, &view)?)
}

fn row(base: &str, finding: Finding) -> Row {
    let (what, tone) = match finding.fault {
        Fault::WorldWritable => ("Anybody may change it", "bad"),
        Fault::OpenSecret => ("A secret that others may read", "warn"),
        Fault::Shut => ("You may not read it", "warn"),
    };
    Row {
        href: super::edit::chosen_in_list(base, &finding.path),
        value: finding.path.to_string(),
        name: finding.path.to_string(),
        what,
        tone,
        why: finding.fault.sentence(),
        remedy: format!("{} becomes {}", words::octal(finding.mode), words::octal(finding.repaired)),
    }
}

/// Repairs what is ticked, or all.
pub async fn act(ctx: Ctx, form: Form) -> Reply {
    let all = match form.get("do") {
        "repair" => false,
        "repair-all" => true,
        _ => return Err(Error::invalid("do", Code::NotAllowed, "repair, repair-all").into()),
    };
    let ticked: Vec<JailPath> = form.all("ids").into_iter().filter_map(|path| JailPath::parse(path).ok()).collect();
    let repaired = desk::on(&ctx, move |files| {
        let found = || files.check_permissions(&JailPath::root());
        let paths = if all { found()?.into_iter().map(|finding| finding.path).collect() } else { ticked };
        files.repair_permissions(&paths)
    })
    .await;
    match repaired {
        Ok(_) => Ok(ctx.go(&format!("{}-check?done=file-repaired", super::base(&ctx)))),
        Err(e) if e.status() < 500 => {
            let rows = vec![RefusedRow { name: "The repair".into(), why: e.sentence() }];
            page(&ctx, 409, Refused { title: "Not all of it was repaired.".into(), rows }).await
        }
        Err(e) => Err(e.into()),
    }
}
