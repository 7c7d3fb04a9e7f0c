//! Browsers in words, as sessions and mails name them.

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
