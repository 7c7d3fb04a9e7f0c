//! Menus: made from pages, posts, terms and links; nested and ordered by buttons or by dragging.

pub mod page;
pub mod act;

use freehold_base::{Error, MenuId, Result};

use super::ctx::Ctx;

impl Ctx {
    fn menus_href(&self) -> String {
        format!("{}/menus", self.base())
    }
    /// The menu of this address.
    fn menu_id(&self) -> Result<MenuId> {
        self.path.split('/').nth(5).and_then(|id| id.parse().ok()).ok_or_else(|| Error::not_found("menu"))
    }
    /// The line of this address.
    fn line_id(&self) -> Result<i64> {
        self.path.split('/').nth(7).and_then(|id| id.parse().ok()).ok_or_else(|| Error::not_found("menu item"))
    }
}
