//! The last step of every way to sign in: the browser is looked at, and its person told where it is new to them.

use freehold_base::{Result, Secret};
use freehold_platform::accounts::{NewDevice, SessionToken};
use freehold_platform::outbox::Letter;
use freehold_store::Tx;

use super::app::App;

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

/// A browser in words: `Firefox on Linux`.
pub fn device_words(agent: &str) -> String {
    let first = |table: &[(&str, &'static str)], other: &'static str| {
        table.iter().find(|(sign, _)| agent.contains(sign)).map_or(other, |(_, word)| word)
    };
    let browsers = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    match (first(&browsers, ""), first(&systems, "")) {
        ("", "") => "Unknown browser".to_owned(),
        ("", system) => system.to_owned(),
        (browser, "") => browser.to_owned(),
        (browser, system) => format!("{browser} on {system}"),
    }
}

#[cfg(test)]
mod tests {
    use super::device_words;

    #[test]
    fn browsers_have_names() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1";
        assert_eq!(device_words(firefox), "Firefox on Linux");
        assert_eq!(device_words(edge), "Edge on Windows");
        assert_eq!(device_words(phone), "Safari on iPhone");
        assert_eq!(device_words(""), "Unknown browser");
    }
}
