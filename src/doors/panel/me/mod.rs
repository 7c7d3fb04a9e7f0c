//! The person at the panel: profile, sign-in, tokens.

pub mod factor;
pub mod passkeys;
pub mod keys;
pub mod profile;
pub mod security;
pub mod tokens;

use freehold_base::{Result, Secret};
use freehold_platform::accounts::Checked;
use serde::Serialize;

use super::build_frame::crumb;
use super::ctx::Ctx;
use super::frame::Frame;

/// One of the pages' tabs.
#[derive(Serialize)]
pub(super) struct Tab {
    label: &'static str,
    href: &'static str,
    current: bool,
}

const PAGES: [(&str, &str); 4] = [
    ("Profile", "/admin/me"),
    ("Sign-in", "/admin/me/security"),
    ("SSH keys", "/admin/me/keys"),
    ("API tokens", "/admin/me/tokens"),
];

/// The tabs, with the one of `current` marked.
pub(super) fn tabs(current: &str) -> Vec<Tab> {
    PAGES.iter().map(|(label, href)| Tab { label, href, current: *href == current }).collect()
}

impl Ctx {
    /// The frame of a page of the person's own.
    pub(super) async fn own_frame(&self, title: &str) -> Result<Frame> {
        self.frame(title, vec![crumb("You", Some("/admin/me".into())), crumb(title, None)]).await
    }

    /// Checks the signed-in person's own password; the change that needs it decides what a wrong one means.
    pub(super) async fn check_own_password(&self, typed: &str) -> Result<Checked> {
        let accounts = self.app.accounts.clone();
        let attempt = self.read(move |tx| accounts.prepare_own(tx)).await?;
        self.app.accounts.check_async(attempt, Secret::text(typed)).await
    }
}

/// A refusal of the person's own password in its own words: they did not type an address.
pub(in crate::panel) fn password_words(e: &freehold_base::Error) -> String {
    match e.as_code() {
        freehold_base::Code::SignInWrong => "This is not your password. Try again.".to_owned(),
        _ => e.sentence(),
    }
}
