//! Names, records and what networks see, in words.

use freehold_hosting::domains::look::Seen;
use freehold_hosting::domains::{Look, Says};
use freehold_platform::sites::domains::name_of;
use freehold_platform::sites::names;
use freehold_store::sites::Domain;

/// Where a name leads, with its tone and icon.
pub fn points(domain: &Domain) -> (&'static str, &'static str, &'static str) {
    if name_of(domain).is_ok_and(|name| names::is_local(&name)) {
        return ("This machine only", "mut3", "house");
    }
    match domain.points.as_str() {
        "here" => ("Points here", "good", "circle-check"),
        "partly" => ("Leads to two servers", "warn", "triangle-alert"),
        "elsewhere" => ("Leads elsewhere", "bad", "circle-x"),
        "nowhere" => ("Leads nowhere yet", "warn", "clock"),
        _ => ("Not looked at yet", "mut3", "clock"),
    }
}

/// What a name is for: a word, and a sentence for who wonders.
pub fn used_for(domain: &Domain) -> (&'static str, String) {
    match domain.kind.as_str() {
        "main" => ("Site", "Your readers type this one".into()),
        "alias" if domain.host.ends_with(".localhost") => ("Preview", "To look at the site from this machine".into()),
        "alias" => ("Site", "Shows the site too".into()),
        "wildcard" => ("Wildcard", "Every name below it shows the site".into()),
        _ => ("Redirect 301", "Sends visitors to the main address".into()),
    }
}

/// Seconds as people say them: `11 more minutes`.
pub fn more_time(seconds: u32) -> String {
    match seconds {
        0..=59 => "another minute".into(),
        60..=5399 => {
            let minutes = seconds.div_ceil(60);
            if minutes == 1 { "another minute".into() } else { format!("{minutes} more minutes") }
        }
        _ => format!("{} more hours", seconds.div_ceil(3600)),
    }
}

/// `3 of 5 networks see the new address. Google keeps the old answer for up to 11 more minutes.`
pub fn summary(look: &Look) -> String {
    let (new, all) = look.networks();
    if all == 0 {
        return "Nobody was asked yet.".into();
    }
    let own = look.seen.first().filter(|s| s.own);
    let mut text = match (new, own.map(|s| s.says)) {
        (0, Some(Says::Nothing)) => "The new records are not there yet.".to_owned(),
        (0, Some(Says::Old)) => "All networks still see the old address.".to_owned(),
        (new, _) if new == all => "Every network sees the new address.".to_owned(),
        _ => format!("{new} of {all} networks see the new address."),
    };
    let keeps = |s: &&Seen| !s.own && s.ttl > 0 && matches!(s.says, Says::Old | Says::Both);
    // What others keep matters once the zone's own servers say the new address.
    if own.is_some_and(|s| s.says == Says::New)
        && let Some(last) = look.seen.iter().filter(keeps).max_by_key(|s| s.ttl)
    {
        text.push_str(&format!(" {} keeps the old answer for up to {}.", last.who, more_time(last.ttl)));
    }
    text
}

/// What one network says, at the end of its line.
pub fn says(seen: &Seen) -> String {
    match seen.says {
        Says::New if seen.why.is_empty() => "new address".into(),
        Says::Silent => seen.why.clone(),
        Says::Nothing => "no address".into(),
        _ if !seen.why.is_empty() => seen.why.clone(),
        Says::Both => "both addresses".into(),
        Says::Old if seen.own => "old address".into(),
        Says::Old | Says::New => format!("old answer, for up to {}", more_time(seen.ttl)),
    }
}

/// Tone and icon of what one network says.
pub fn mark(says: Says) -> (&'static str, &'static str) {
    match says {
        Says::New => ("good", "circle-check"),
        Says::Both => ("warn", "triangle-alert"),
        Says::Old | Says::Nothing => ("warn", "clock"),
        Says::Silent => ("mut3", "wifi-off"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(who: &str, own: bool, says: Says, ttl: u32) -> Seen {
        Seen { who: who.into(), server: String::new(), own, says, values: Vec::new(), ttl, why: String::new() }
    }

    #[test]
    fn what_the_world_sees_is_said_in_numbers() {
        let mut look = Look {
            seen: vec![
                seen("Name server", true, Says::New, 300),
                seen("Cloudflare", false, Says::New, 300),
                seen("Quad9", false, Says::New, 300),
                seen("OpenDNS", false, Says::Old, 20),
                seen("Google", false, Says::Old, 650),
            ],
            ..Look::default()
        };
        assert_eq!(
            summary(&look),
            "3 of 5 networks see the new address. Google keeps the old answer for up to 11 more minutes."
        );
        look.seen[0].says = Says::Old;
        assert_eq!(summary(&look), "2 of 5 networks see the new address.");
        for line in &mut look.seen {
            line.says = Says::New;
        }
        assert_eq!(summary(&look), "Every network sees the new address.");
        assert_eq!(
            [more_time(30), more_time(90), more_time(7201)],
            ["another minute", "2 more minutes", "3 more hours"]
        );
    }
}
