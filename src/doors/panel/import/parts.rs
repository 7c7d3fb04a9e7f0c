//! "What comes along": an import's figures as rows that people understand.

use freehold_base::text::grouped;
use freehold_publishing::import::{Report, Tally};
use serde::Serialize;

/// One row.
#[derive(Serialize)]
pub struct Part {
    name: String,
    count: String,
    how: String,
    /// Figures after the import.
    made: String,
    changed: String,
    unchanged: String,
    skipped: String,
    tone: &'static str,
    icon: &'static str,
}

/// Kinds that have words of their own: kind, name, how it comes.
const KNOWN: &[(&str, &str, &str)] = &[
    ("post", "Posts", "As posts; old addresses lead to the new ones"),
    ("page", "Pages", "As pages; old addresses lead to the new ones"),
    ("attachment", "Pictures and files", "As you choose beside this list"),
    ("comment", "Comments", "With their names, dates and threads"),
    ("category", "Categories", "With their addresses, one below the other"),
    ("post_tag", "Tags", "With their addresses"),
    ("nav_menu", "Menus", "Put at the theme's places by their names"),
    ("nav_menu_item", "Lines of menus", "Lead to what they led to"),
    ("author", "People", "Known by their email; new ones cannot sign in until you invite them"),
    ("author (named by items)", "People whom only posts name", "As names that cannot sign in"),
];

/// The rows, known kinds first.
pub fn parts(report: &Report) -> Vec<Part> {
    let known = KNOWN.iter().filter_map(|(kind, name, how)| {
        let tally = report.kinds.get(*kind)?;
        Some(part(name, how, tally, report.dry_run))
    });
    let is_known = |kind: &str| KNOWN.iter().any(|(known, ..)| *known == kind);
    let others = report
        .kinds
        .iter()
        .filter(|(kind, _)| !is_known(kind))
        .map(|(kind, tally)| part(kind, "Under this name", tally, report.dry_run));
    let mut all: Vec<Part> = known.chain(others).collect();
    if !report.shortcodes.is_empty() {
        let count: u64 = report.shortcodes.values().sum();
        let names: Vec<String> = report.shortcodes.keys().take(6).map(|name| format!("[{name}]")).collect();
        let how = format!("Stay in the text as written: {}", names.join(", "));
        all.push(Part { tone: "warn", icon: "triangle-alert", ..plain("Shortcodes", count, how) });
    }
    if report.repairs > 0 {
        let how = "Characters that were no text are replaced by a sign".to_owned();
        all.push(Part { tone: "warn", icon: "triangle-alert", ..plain("Broken characters", report.repairs, how) });
    }
    if report.redirects > 0 {
        all.push(plain("Old addresses", report.redirects, "Lead to the new ones".to_owned()));
    }
    all
}

fn plain(name: &str, count: u64, how: String) -> Part {
    Part {
        name: name.to_owned(),
        count: grouped(count),
        how,
        made: String::new(),
        changed: String::new(),
        unchanged: String::new(),
        skipped: String::new(),
        tone: "good",
        icon: "circle-check",
    }
}

fn part(name: &str, how: &str, t: &Tally, dry_run: bool) -> Part {
    // Files are left out of a look because nobody has chosen yet.
    let lost = t.skipped > 0 && !(dry_run && name == "Pictures and files");
    let mut how = how.to_owned();
    if dry_run {
        for (count, words) in [(t.unchanged, "are here already"), (t.changed, "changed there since the last import")] {
            if count > 0 {
                how.push_str(&format!(" · {} {words}", grouped(count)));
            }
        }
        if lost {
            how.push_str(&format!(" · {} stay out", grouped(t.skipped)));
        }
    }
    let (tone, icon) = if lost { ("warn", "triangle-alert") } else { ("good", "circle-check") };
    Part {
        made: grouped(t.made),
        changed: grouped(t.changed),
        unchanged: grouped(t.unchanged),
        skipped: grouped(t.skipped),
        tone,
        icon,
        ..plain(name, t.found, how)
    }
}
