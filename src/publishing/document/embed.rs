//! Sites whose players may stand in a page, and how the address of a thing becomes that of its player.

use ammonia::Url;

/// A thing on another site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embed {
    /// "youtube"; lower-case letters.
    pub provider: &'static str,
    /// The player's address, where one can be shown in a frame without a script.
    pub player: Option<String>,
}

/// Hosts whose frames pass the cleaner: host, and what the path starts with.
const PLAYERS: [(&str, &str, &str); 16] = [
    ("www.youtube.com", "/embed/", "youtube"),
    ("www.youtube-nocookie.com", "/embed/", "youtube"),
    ("player.vimeo.com", "/video/", "vimeo"),
    ("www.dailymotion.com", "/embed/", "dailymotion"),
    ("geo.dailymotion.com", "/", "dailymotion"),
    ("open.spotify.com", "/embed/", "spotify"),
    ("w.soundcloud.com", "/player", "soundcloud"),
    ("www.google.com", "/maps/embed", "maps"),
    ("www.openstreetmap.org", "/export/embed", "openstreetmap"),
    ("videopress.com", "/", "videopress"),
    ("video.wordpress.com", "/", "videopress"),
    ("embed.ted.com", "/", "ted"),
    ("archive.org", "/embed/", "archive"),
    ("bandcamp.com", "/EmbeddedPlayer", "bandcamp"),
    ("player.twitch.tv", "/", "twitch"),
    ("codepen.io", "/", "codepen"),
];

/// Sites that are named only; they are shown as a link.
const NAMED: [(&str, &str); 12] = [
    ("twitter.com", "twitter"),
    ("x.com", "twitter"),
    ("instagram.com", "instagram"),
    ("facebook.com", "facebook"),
    ("tiktok.com", "tiktok"),
    ("flickr.com", "flickr"),
    ("wordpress.tv", "wordpress-tv"),
    ("reddit.com", "reddit"),
    ("slideshare.net", "slideshare"),
    ("pinterest.com", "pinterest"),
    ("tumblr.com", "tumblr"),
    ("bsky.app", "bluesky"),
];

/// Whether a frame's address is that of a known player, over https.
pub fn is_player(src: &str) -> bool {
    player_of(src).is_some()
}

fn parse(url: &str) -> Option<Url> {
    let absolute = if url.starts_with("//") { format!("https:{url}") } else { url.to_owned() };
    Url::parse(absolute.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn player_of(src: &str) -> Option<(&'static str, Url)> {
    let url = parse(src).filter(|url| url.scheme() == "https")?;
    let host = url.host_str()?;
    let known = PLAYERS.iter().find(|(name, path, _)| *name == host && url.path().starts_with(path))?;
    Some((known.2, url))
}

/// What stands behind an address; `None` for sites we do not know.
pub fn find(address: &str) -> Option<Embed> {
    if let Some((provider, url)) = player_of(address) {
        return Some(Embed { provider, player: Some(url.into()) });
    }
    let url = parse(address)?;
    let host = url.host_str()?;
    let host = host.strip_prefix("www.").or_else(|| host.strip_prefix("m.")).unwrap_or(host);
    let path = url.path().trim_matches('/');
    let with = |provider, start: &str, id: &str| {
        let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/".contains(&b));
        plain.then(|| Embed { provider, player: Some(format!("{start}{id}")) })
    };
    const YOUTUBE: &str = "https://www.youtube-nocookie.com/embed/";
    match host {
        "youtube.com" => {
            let asked = url.query_pairs().find(|(name, _)| name == "v").map(|(_, id)| id.into_owned());
            let id =
                asked.as_deref().or_else(|| path.strip_prefix("shorts/")).or_else(|| path.strip_prefix("live/"))?;
            with("youtube", YOUTUBE, id)
        }
        "youtu.be" => with("youtube", YOUTUBE, path),
        "vimeo.com" => with("vimeo", "https://player.vimeo.com/video/", path),
        "dailymotion.com" => {
            with("dailymotion", "https://www.dailymotion.com/embed/video/", path.strip_prefix("video/")?)
        }
        "dai.ly" => with("dailymotion", "https://www.dailymotion.com/embed/video/", path),
        "open.spotify.com" => with("spotify", "https://open.spotify.com/embed/", path),
        "soundcloud.com" => {
            let player = Url::parse_with_params("https://w.soundcloud.com/player/", [("url", url.as_str())]).ok()?;
            Some(Embed { provider: "soundcloud", player: Some(player.into()) })
        }
        "ted.com" => with("ted", "https://embed.ted.com/", path),
        _ => {
            let (_, provider) = NAMED.iter().find(|(name, _)| *name == host)?;
            Some(Embed { provider, player: None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_film_becomes_that_of_its_player() {
        let film = find("https://www.youtube.com/watch?v=abc_DEF-1&t=3").unwrap();
        assert_eq!(film.player.as_deref(), Some("https://www.youtube-nocookie.com/embed/abc_DEF-1"));
        assert_eq!(find("https://youtu.be/abc").unwrap().provider, "youtube");
        assert_eq!(
            find("https://vimeo.com/123").unwrap().player.as_deref(),
            Some("https://player.vimeo.com/video/123")
        );
        assert_eq!(find("https://twitter.com/a/status/1").unwrap().player, None);
        assert_eq!(find("https://example.org/"), None);
        assert_eq!(find("https://youtu.be/a\"onload=x"), None);
    }

    #[test]
    fn frames_of_other_hosts_and_without_https_are_no_players() {
        assert!(is_player("https://www.youtube.com/embed/abc"));
        assert!(is_player("//player.vimeo.com/video/1"));
        for src in [
            "http://www.youtube.com/embed/x",
            "https://www.youtube.com.evil.org/embed/x",
            "https://evil.org/www.youtube.com/embed/",
            "javascript:alert(1)",
            "https://www.youtube.com@evil.org/embed/x",
        ] {
            assert!(!is_player(src), "{src}");
        }
    }
}
