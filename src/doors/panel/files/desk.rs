//! Somebody at the files of the site's account: the service, with what the screen knows beside it.

use freehold_base::{Capability as C, JailPath, JobId, Result, SiteId, UserId};
use freehold_hosting::files::{self, Version, is_never_served};
use freehold_platform::jobs::{self, JobFilter};
use freehold_store::{Tx, sites, users};

use super::href;
use crate::panel::build_frame::Moment;
use crate::panel::ctx::Ctx;
use crate::panel::jobs::one::JobCard;
use crate::web::multipart::blocking;

/// Archives on their way that a list shows.
const SHOWN_JOBS: i64 = 5;

/// Somebody at the files, and what the screen knows of them.
#[derive(Clone)]
pub struct Desk {
    /// The service.
    pub files: files::Desk,
    /// Whether they may change something.
    pub can_write: bool,
    /// The present, in the site's zone.
    pub now: Moment,
    /// The folder that the site is served from; the top where it is served from none.
    pub site_root: JailPath,
    /// The site's public origin.
    origin: String,
}

/// Opens the files of the site's account.
///
/// # Errors
/// `NotFound("site")`, `Denied`.
pub async fn open(ctx: &Ctx) -> Result<Desk> {
    let (app, site) = (ctx.app.clone(), ctx.site);
    let (now, origin, site_root) =
        ctx.read(move |tx| Ok((Moment::at(tx, site)?, app.origin_of(tx, site)?, root_of(tx, site)?))).await?;
    on(ctx, move |files| Ok(Desk { can_write: files.may_write()?, files, now, site_root, origin })).await
}

/// Works on the files, on a thread that may wait.
///
/// # Errors
/// `NotFound("site")`, `Denied`; what `work` gives.
pub async fn on<T: Send + 'static>(
    ctx: &Ctx,
    work: impl FnOnce(files::Desk) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (app, actor, site) = (ctx.app.clone(), ctx.actor.clone(), ctx.site);
    blocking(move || work(app.files.of_site(&actor, site)?)).await
}

/// The folder that a site is served from; the top for a site that is served from none.
fn root_of(tx: &mut Tx<'_>, site: SiteId) -> Result<JailPath> {
    let scope = tx.authorize(site, C::SiteRead)?;
    let row = sites::find(tx, scope)?;
    Ok(if row.kind == "static" { JailPath::parse(&row.root).unwrap_or_default() } else { JailPath::root() })
}

impl Desk {
    /// Path and address under which visitors get a file; none where the site does not serve it.
    pub fn served_at(&self, path: &JailPath) -> Option<(String, String)> {
        if self.site_root.is_root() || is_never_served(path) {
            return None;
        }
        let below = path.strip(&self.site_root).filter(|below| !below.is_root())?;
        let address = href("", &below);
        let address = match address.strip_suffix("/index.html") {
            Some(folder) => format!("{folder}/"),
            None => address,
        };
        let url = format!("{}{address}", self.origin);
        Some((address, url))
    }
}

/// Versions of a file with the names of who wrote them, newest first.
///
/// # Errors
/// `NotFound`, `Denied`.
pub async fn versions(ctx: &Ctx, path: JailPath) -> Result<Vec<(Version, String)>> {
    let found = on(ctx, move |files| files.versions(&path)).await?;
    named(ctx, found, |version| version.made_by).await
}

/// Things with the name of a person each; empty for what nobody of the panel did.
///
/// # Errors
/// Database failures.
pub async fn named<T: Send + 'static>(
    ctx: &Ctx,
    things: Vec<T>,
    who: impl Fn(&T) -> i64 + Send + 'static,
) -> Result<Vec<(T, String)>> {
    let me = ctx.actor.user().map_or(0, UserId::get);
    ctx.read(move |tx| {
        let mut known: Vec<(i64, String)> = vec![(0, String::new())];
        if me != 0 {
            known.push((me, "you".into()));
        }
        let mut all = Vec::with_capacity(things.len());
        for thing in things {
            let id = who(&thing);
            let name = match known.iter().find(|(n, _)| *n == id) {
                Some((_, name)) => name.clone(),
                None => {
                    // Somebody who is gone has no name any more.
                    let name = users::find(tx, id.into()).map(|user| user.name).unwrap_or_default();
                    known.push((id, name.clone()));
                    name
                }
            };
            all.push((thing, name));
        }
        Ok(all)
    })
    .await
}

/// Archives that are being made or unpacked for the site, and why those that were asked for just now failed (`begun`).
///
/// # Errors
/// Database failures.
pub async fn jobs(ctx: &Ctx, begun: Vec<JobId>) -> Result<(Vec<JobCard>, Vec<String>)> {
    let (site, base) = (ctx.site, ctx.base());
    ctx.read(move |tx| {
        let kinds = [files::PACK, files::UNPACK].map(str::to_owned).to_vec();
        let filter = JobFilter { states: vec!["waiting", "running"], kinds: Some(kinds), ..JobFilter::default() };
        let found = jobs::search(tx, Some(site), &filter, 0, SHOWN_JOBS)?;
        let cards = found.iter().map(|job| JobCard::of(job, format!("{base}/files-jobs/{}", job.id))).collect();
        let mut failed = Vec::new();
        for id in begun {
            match jobs::find(tx, Some(site), id) {
                Ok(job) if job.state == "failed" && job.kind.starts_with("files.") => failed.push(job.message),
                Ok(_) => {}
                Err(e) if e.status() < 500 => {} // not theirs, or gone
                Err(e) => return Err(e),
            }
        }
        Ok((cards, failed))
    })
    .await
}
