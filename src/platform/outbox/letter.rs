//! The words of the installation's own mail.

use serde::{Deserialize, Serialize};

/// A mail to one person, in plain text. It may hold a link that opens a door: no Debug.
#[derive(Clone, Serialize, Deserialize)]
pub struct Letter {
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) text: String,
}

impl Letter {
    /// A way to a new password; `url` is good for an hour.
    pub fn reset(to: &str, name: &str, url: &str) -> Self {
        let text = format!(
            "Hello {name},\n\nsomebody asked for a new password for {to}. Choose one here, within an hour:\n\n{url}\n\n\
             The link works once. If it was not you, do nothing: your password stays as it is.\n"
        );
        Self::new(to, "Choose a new password", text)
    }

    /// An invitation for somebody new; `url` is good for seven days. `role` and `place` are words.
    pub fn invitation(to: &str, from: &str, role: &str, place: &str, url: &str) -> Self {
        let text = format!(
            "Hello,\n\n{from} invites you to {place} as {role}. Choose your name and password here, within seven days:\n\n\
             {url}\n\nThe link works once. If you expected no invitation, do nothing.\n"
        );
        Self::new(to, &format!("{from} invites you to {place}"), text)
    }

    /// News of a role for somebody who signs in already; `url` leads to the panel.
    pub fn welcome(to: &str, name: &str, from: &str, role: &str, place: &str, url: &str) -> Self {
        let text = format!(
            "Hello {name},\n\n{from} made you {role} of {place}. Sign in as always:\n\n{url}\n\n\
             You need no new password.\n"
        );
        Self::new(to, &format!("You are {role} of {place}"), text)
    }

    /// News of a sign-in with a browser that the person never used. `who` is address and name; `url` leads to the
    /// panel's page of sessions.
    pub fn new_device(who: (&str, &str), device: &str, address: &str, at: &str, url: &str) -> Self {
        let (to, name) = who;
        let text = format!(
            "Hello {name},\n\nsomebody signed in as you with a browser that you did not use here before:\n\n\
             {device}, from {address}\n{at}\n\nIf it was you, do nothing. If not, end the session and change your \
             password here:\n\n{url}\n"
        );
        Self::new(to, "A sign-in with a new browser", text)
    }

    /// A mail that only shows that mail arrives.
    pub fn trial(to: &str, panel: &str) -> Self {
        let text = format!("This mail was sent from {panel} to try out the mail server. It arrived.\n");
        Self::new(to, "A mail to try out the server", text)
    }

    /// News of how much of a plan is used; `news` is whole lines.
    pub fn usage(to: &str, name: &str, account: &str, news: &str) -> Self {
        let text = format!(
            "Hello {name},\n\nabout the account {account}:\n\n{news}\n\nNothing is lost. Free some space, or ask your \
             provider for a larger plan.\n"
        );
        Self::new(to, &format!("{account} comes to the end of its plan"), text)
    }

    fn new(to: &str, subject: &str, text: String) -> Self {
        Self { to: to.to_owned(), subject: subject.to_owned(), text }
    }
}
