//! Pictures and files on the panel's own origin, for people who may read a site that has them.

use actix_web::HttpRequest;
use actix_web::web::Path;
use freehold_base::{Capability, Error};
use freehold_publishing::library;
use freehold_store::media as rows;

use crate::media::desk::Door;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

/// `/media/{hash}/{name}` as on the sites.
pub async fn serve(ctx: Ctx, request: HttpRequest, path: Path<(String, String)>) -> Reply {
    let (hash, name) = path.into_inner();
    let found = ctx
        .read(move |tx| {
            for site in rows::holders(tx, &hash)? {
                if tx.authorize(site, Capability::SiteRead).is_ok() {
                    return library::find_public(tx, site, &hash);
                }
            }
            Ok(None)
        })
        .await?;
    let media = found.ok_or_else(|| Error::not_found("file"))?;
    if name != media.filename && library::Copy::parse(&name).is_none() {
        return Err(Error::not_found("file").into());
    }
    Ok(ctx.app.media.answer(&request, &media, &name, Door::Panel).await?)
}
