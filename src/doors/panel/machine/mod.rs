//! The server hat: all sites, all people, the installation itself.

pub mod act;
pub mod domains;
pub mod people;
pub mod person;
pub mod places;
pub mod settings;
pub mod sites;

use super::ctx::Ctx;
use super::failure::Reply;

/// `/admin/server`: its first page.
pub async fn start(ctx: Ctx) -> Reply {
    Ok(ctx.go("/admin/server/sites"))
}
