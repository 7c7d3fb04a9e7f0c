//! The last step of every way to sign in: the browser is looked at, and its person told where it is new to them.

use freehold_base::{Result, Secret};
use freehold_platform::accounts::{NewDevice, SessionToken};
use freehold_platform::outbox::Letter;
use freehold_store::Tx;

use super::app::App;
use crate::device::device_words;

/// A session just begun, and the cookie that its browser lacks.
#[derive(Debug)]
pub struct Arrived {
    /// Value of the session cookie.
    pub token: SessionToken,
    /// Value of the browser's cookie; none where it has a good one, or only half signed in.
    pub device: Option<Secret>,
}

/// Notes the browser in the write that began the session; a new one is told by mail.
///
/// # Errors
/// Database failures.
pub fn arrive(app: &App, tx: &mut Tx<'_>, token: &SessionToken, device: Option<&str>) -> Result<Arrived> {
    let found = app.accounts.recognise(tx, token, device)?;
    if let Some(news) = found.news {
        app.outbox.queue(tx, &letter(&news, &app.panel.url))?;
    }
    Ok(Arrived { token: token.clone(), device: found.cookie })
}

fn letter(news: &NewDevice, panel: &str) -> Letter {
    let at = news.at.utc().format("%-d %B %Y, %H:%M UTC").to_string();
    let device = device_words(&news.agent);
    Letter::new_device((&news.email, &news.name), &device, &news.address, &at, &format!("{panel}/admin/me/security"))
}
