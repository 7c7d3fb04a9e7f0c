//! Taking files in: one by one for scripts (JSON), several at once for plain forms.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use freehold_base::{Code, Error, OrInternal as _, Result};
use freehold_publishing::library::{self, Added, Arrived, Details};

use super::list::{self, Asked};
use super::view;
use crate::media::incoming;
use crate::panel::auth::FieldText;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

/// Whether a script asks.
pub(in crate::panel) fn wants_json(request: &HttpRequest) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok());
    accepts.is_some_and(|a| a.starts_with("application/json"))
}

/// Stores the files of a form.
pub async fn store(ctx: Ctx, request: HttpRequest, payload: web::Payload) -> Reply {
    let library = ctx.app.media.library.clone();
    let uploaded = incoming::read(&request, payload, &library).await?;
    if uploaded.files.is_empty() {
        return Err(Error::refused(Code::BadRequest, "no file was sent").into());
    }
    let alone = uploaded.files.len() == 1;
    let (mut added, mut errors) = (Vec::new(), Vec::new());
    for (name, outcome) in uploaded.files {
        let result = match outcome {
            Ok(arrived) => add(&ctx, arrived).await,
            Err(e) => Err(e),
        };
        match result {
            Ok(one) => added.push(one),
            // A fault of ours, or a script that asks about one file: the plain error.
            Err(e) if alone && (wants_json(&request) || matches!(e, Error::Internal { .. })) => return Err(e.into()),
            Err(e) => errors.push(FieldText { field: "file".into(), text: format!("{name}: {}", e.sentence()) }),
        }
    }
    if wants_json(&request) {
        let first = added.first().ok_or_else(|| Error::refused(Code::BadRequest, "no file was stored"))?;
        return Ok(HttpResponse::Ok().json(view::item(&first.media)));
    }
    if errors.is_empty() {
        return Ok(ctx.go(&landing(&ctx, &added)));
    }
    let mut view = list::read(&ctx, &Asked::default()).await?;
    view.errors = errors;
    list::page(&ctx, 422, &view).await
}

/// One file is shown with its details, so that it can be described at once.
fn landing(ctx: &Ctx, added: &[Added]) -> String {
    match added {
        [one] if one.new => format!("{}/media?open={}&done=uploaded", ctx.base(), one.media.id),
        [one] => format!("{}/media?open={}&done=known", ctx.base(), one.media.id),
        _ => format!("{}/media?done=uploaded", ctx.base()),
    }
}

async fn add(ctx: &Ctx, arrived: Arrived) -> Result<Added> {
    let (site, file) = (ctx.site, arrived.clone());
    let added = ctx.write(move |tx| library::add(tx, site, &file, &Details::default())).await;
    if added.is_err() {
        let (library, store, hash) = (ctx.app.media.library.clone(), ctx.app.store.clone(), arrived.hash.clone());
        drop(arrived);
        web::block(move || library.sweep(&store, &hash)).await.or_internal("removing a refused file")??;
    }
    added
}
