//! Addresses of a site: the list, the guided set-up, health.

pub mod act;
pub mod health;
pub mod list;
pub mod new;
pub mod one;
pub mod words;

use super::ctx::Ctx;

impl Ctx {
    /// The page of all addresses of this page's site.
    pub(in crate::panel) fn domains_href(&self) -> String {
        format!("{}/domains", self.base())
    }
}
