//! The check of permissions: what more people may read or write than should, and one press that repairs it.

use freehold_base::{Code, Error, JailPath};
use serde::Serialize;

use super::desk;
use super::href;
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
    why: String,
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
    let desk = desk::reading(ctx).await?;
    let found = desk::problems(ctx).await?;
    let base = super::base(ctx);
    let total = found.problems.len();
    let rows: Vec<Row> = found
        .problems
        .into_iter()
        .take(ROWS)
        .map(|p| {
            let folder = p.path.parent().unwrap_or_default();
            let open: String = form_urlencoded::byte_serialize(p.path.name().as_bytes()).collect();
            Row {
                href: format!("{}?open={open}", href(&base, &folder)),
                value: p.path.to_string(),
                name: p.path.to_string(),
                what: p.what,
                tone: p.tone,
                why: p.why,
                remedy: p.remedy,
            }
        })
        .collect();
    let view = CheckView {
        sub: match (total, found.cut) {
            (0, false) => "No file can be read or changed by more people than it should.".into(),
            (0, true) => "Nothing so far: there are too many files to look at all.".into(),
            (1, _) => "1 thing can be read or changed by more people than it should.".into(),
            (n, _) => format!("{n} things can be read or changed by more people than they should."),
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

/// Repairs what is ticked, or all.
pub async fn act(ctx: Ctx, form: Form) -> Reply {
    let paths: Vec<JailPath> = match form.get("do") {
        "repair" => form.all("ids").into_iter().take(1000).filter_map(|path| JailPath::parse(path).ok()).collect(),
        "repair-all" => desk::problems(&ctx).await?.problems.into_iter().map(|p| p.path).collect(),
        _ => return Err(Error::invalid("do", Code::NotAllowed, "repair, repair-all").into()),
    };
    let mut refused = Vec::new();
    for path in paths {
        match desk::repair(&ctx, path.clone()).await {
            Ok(()) => {}
            Err(e) if e.status() < 500 => refused.push(RefusedRow { name: path.to_string(), why: e.sentence() }),
            Err(e) => return Err(e.into()),
        }
    }
    if refused.is_empty() {
        return Ok(ctx.go(&format!("{}-check?done=file-repaired", super::base(&ctx))));
    }
    page(&ctx, 409, Refused { title: "Some could not be repaired.".into(), rows: refused }).await
}
