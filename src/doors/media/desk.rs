//! What answering with files needs.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Mutex};

use actix_web::{HttpRequest, HttpResponse, web};
use freehold_base::{Code, Error, OrInternal as _, Result};
use freehold_publishing::library::{Copy, Library, Media};
use freehold_publishing::media::sniff::UNKNOWN;
use freehold_publishing::media::{Kind, ServedAs, served_as};
use freehold_store::Store;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::answer::{self, How};
use super::copies::Making;

/// Who may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Visitors: everybody.
    Site,
    /// People at the panel: their browser only. What is no picture of pixels comes as a download there, because that
    /// origin carries sessions.
    Panel,
}

/// The files' desk of a node.
pub struct MediaDesk {
    /// The database.
    pub store: Store,
    /// The files.
    pub library: Library,
    pub(super) making: Mutex<HashMap<(String, Copy), Making>>,
    /// Copies that visitors wait for: the rest of the image threads' queue stays free for uploads.
    pub(super) waiting: Arc<Semaphore>,
    /// Copies that nobody waits for.
    pub(super) quiet: Arc<Semaphore>,
    /// Small pictures in lists of files, of which a page asks for many: they wait for each other, so many and no more.
    small: Semaphore,
    small_waiting: Semaphore,
}

/// Small pictures that wait for their turn: some pages full of them.
const SMALL_WAITING: usize = 400;

/// Somebody's turn to have a small picture made; over when dropped.
pub struct Turn<'a> {
    _turn: SemaphorePermit<'a>,
    _place: SemaphorePermit<'a>,
}

impl MediaDesk {
    /// A desk for this library.
    pub fn new(store: Store, library: Library) -> Arc<Self> {
        let workers = library.pool().workers();
        Arc::new(Self {
            store,
            making: Mutex::default(),
            waiting: Arc::new(Semaphore::new(workers * 4)),
            quiet: Arc::new(Semaphore::new(1)),
            small: Semaphore::new(workers),
            small_waiting: Semaphore::new(SMALL_WAITING),
            library,
        })
    }

    /// Answers with a file of the library under the name in the address: its own, or a copy's (`640.webp`).
    ///
    /// # Errors
    /// `NotFound("file")` where the disk does not have it; `Internal`.
    pub async fn answer(
        self: &Arc<Self>,
        request: &HttpRequest,
        media: &Media,
        name: &str,
        door: Door,
    ) -> Result<HttpResponse> {
        let kind = Kind::from_mime(&media.content_type);
        if let (Some(copy), Some(kind)) = (Copy::parse(name), kind)
            && kind.is_raster()
            && kind != Kind::Gif
            && let Some(got) = self.copy(&media.hash, kind, copy).await?
        {
            let served = ServedAs { content_type: got.copy.format.mime(), attachment: false, csp: None };
            let tag = format!("{}-{}", short(&media.hash), got.copy.name());
            let keep = if got.copy == copy { door.keep() } else { door.keep_shortly() };
            let how = How { served, name: got.copy.name(), tag, keep, vary: None };
            return answer::file(request, got.file, &how).await;
        }
        let file = self.original(&media.hash).await?;
        let mut served = kind.map_or(UNKNOWN, served_as);
        if door == Door::Panel && !may_show(kind, request) {
            served = UNKNOWN;
        }
        // A copy that could not be made just now: the original stands in, and the copy is asked for again soon.
        let keep = if name == media.filename { door.keep() } else { door.keep_shortly() };
        let vary = (door == Door::Panel).then_some("Sec-Fetch-Dest");
        let how = How { served, name: media.filename.clone(), tag: short(&media.hash).to_owned(), keep, vary };
        answer::file(request, file, &how).await
    }

    /// Waits for a turn to have a small picture made.
    ///
    /// # Errors
    /// `Busy` where too many wait.
    pub async fn small_turn(&self) -> Result<Turn<'_>> {
        let place = self.small_waiting.try_acquire().map_err(|_| Error::code(Code::Busy))?;
        let turn = self.small.acquire().await.map_err(|_| Error::code(Code::Busy))?;
        Ok(Turn { _turn: turn, _place: place })
    }

    async fn original(self: &Arc<Self>, hash: &str) -> Result<File> {
        let (library, hash) = (self.library.clone(), hash.to_owned());
        let opened = web::block(move || library.original(&hash)).await.or_internal("opening a file")?;
        opened?.ok_or_else(|| Error::not_found("file"))
    }
}

/// Whether the panel's origin may give a file its own type (security rule B6): pictures made of pixels. A drawing only
/// where the browser says that it stands in an image, where nothing of it runs; opened by itself it is a download.
fn may_show(kind: Option<Kind>, request: &HttpRequest) -> bool {
    let in_image = request.headers().get("sec-fetch-dest").is_some_and(|dest| dest == "image");
    kind.is_some_and(|kind| kind.is_raster() || kind == Kind::Svg && in_image)
}

impl Door {
    const fn keep(self) -> &'static str {
        match self {
            Self::Site => "public, max-age=31536000, immutable",
            Self::Panel => "private, max-age=31536000, immutable",
        }
    }
    const fn keep_shortly(self) -> &'static str {
        match self {
            Self::Site => "public, max-age=20",
            Self::Panel => "private, max-age=20",
        }
    }
}

/// Enough of a hash to tell bytes apart.
fn short(hash: &str) -> &str {
    hash.get(..32).unwrap_or(hash)
}
