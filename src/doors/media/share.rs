//! `/_/share/{entry}-{key}.png`: the drawn picture of a page for shared links (row SO02).

use std::fs::File;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use freehold_base::{Code, EntryId, Error, OrInternal as _, Result, SiteId};
use freehold_publishing::media::ServedAs;
use freehold_publishing::pages::{Ask, Pages, SharePicture, share_path};
use tokio::sync::oneshot;

use super::answer::{self, How};
use super::desk::MediaDesk;
use super::public::failed;
use crate::web::render::pages as other;
use crate::web::respond;
use crate::web::state::Web;
use crate::web::visit::Visit;

pub(super) async fn share(
    request: HttpRequest,
    visit: Visit,
    desk: Data<MediaDesk>,
    pages: Data<Pages>,
    web: Data<Web>,
    path: Path<String>,
) -> HttpResponse {
    let Some((entry, key)) = parse(&path) else { return other(request, visit, web).await };
    match answer(&desk, pages.into_inner(), &visit, &request, entry, key).await {
        Ok(answer) => answer,
        Err(e) if e.as_code() == Code::NotFound => other(request, visit, web).await,
        Err(e) => failed(&e),
    }
}

fn parse(name: &str) -> Option<(EntryId, &str)> {
    let (entry, key) = name.strip_suffix(".png")?.split_once('-')?;
    let plain = key.len() == 16 && key.bytes().all(|b| b.is_ascii_hexdigit());
    entry.parse().ok().filter(|_| plain).map(|id: i64| (EntryId(id), key))
}

async fn answer(
    desk: &Data<MediaDesk>,
    pages: Arc<Pages>,
    visit: &Visit,
    request: &HttpRequest,
    entry: EntryId,
    key: &str,
) -> Result<HttpResponse> {
    let site = Arc::clone(&visit.site);
    let looked = desk.look(move |tx| {
        let ask = Ask { site: site.site, account: site.account, origin: &site.origin, path: "/", ..Ask::default() };
        pages.share(tx, &ask, entry)
    });
    let picture = looked.await?;
    if picture.key != key {
        let mut moved = respond::moved(StatusCode::FOUND, &share_path(entry, &picture.key));
        moved.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        return Ok(moved.into());
    }
    let file = desk.clone().into_inner().share(visit.site.site, entry, picture).await?;
    let how = How {
        served: ServedAs { content_type: "image/png", attachment: false, csp: None },
        name: "share.png".into(),
        tag: key.to_owned(),
        keep: "public, max-age=31536000, immutable",
        vary: None,
    };
    answer::file(request, file, &how).await
}

impl MediaDesk {
    /// The picture on the disk, drawn where it is missing.
    async fn share(self: Arc<Self>, site: SiteId, entry: EntryId, picture: SharePicture) -> Result<File> {
        let (library, key) = (self.library.clone(), picture.key.clone());
        let found = web::block(move || library.share(site, entry, &key)).await.or_internal("looking for a picture")?;
        if let Some(file) = found? {
            return Ok(file);
        }
        let _turn = self.waiting.acquire().await.map_err(|_| Error::code(Code::Busy))?;
        let (library, (tell, told)) = (self.library.clone(), oneshot::channel());
        let work = move || {
            if let Some(file) = library.share(site, entry, &picture.key)? {
                return Ok(Some(file)); // somebody was faster while we waited for our turn
            }
            library.keep_share(site, entry, &picture.key, &picture.draw()?)?;
            library.share(site, entry, &picture.key)
        };
        self.library.pool().submit(work, |made| {
            let _ = tell.send(made); // nobody may wait any more
        })?;
        told.await.or_internal("drawing a picture")??.ok_or_else(|| Error::not_found("page"))
    }
}
