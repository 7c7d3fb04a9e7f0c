//! Slow work that people can follow (row OP05): of the installation, and of a site.

pub mod list;
pub mod one;
pub mod words;

use freehold_base::SiteId;

use super::ctx::Ctx;

/// Where the jobs of this page stand: those of a site, or all.
fn place(ctx: &Ctx) -> Option<SiteId> {
    (ctx.site != SiteId(0)).then_some(ctx.site)
}

/// The address of the list.
pub fn home(site: Option<SiteId>) -> String {
    match site {
        Some(site) => format!("/admin/s/{site}/jobs"),
        None => "/admin/server/jobs".to_owned(),
    }
}
