//! `freehold import …`: what it understands, and its report in words.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use freehold_base::Role;
use freehold_publishing::import::{MediaMode, Report, Tally, jobs};

/// `freehold import …`
#[derive(Debug, Subcommand)]
pub enum Import {
    /// A WordPress export (WXR): people, terms, files, entries, comments, menus, old addresses.
    Wxr(Wxr),
}

/// `freehold import wxr FILE --site HOST`
#[derive(Debug, Args)]
pub struct Wxr {
    /// The export.
    pub file: PathBuf,
    /// Host name or number of the site.
    #[arg(long)]
    pub site: String,
    /// Files: `download` from the other site, `link` to it, `skip`, or a folder: a copy of wp-content/uploads.
    #[arg(long, default_value = "download", value_name = "download|link|skip|DIR")]
    pub media: Media,
    /// Role of people who are new on the site.
    #[arg(long, default_value = "author", value_parser = role)]
    pub author_role: Role,
    /// Only say what is in it and what would be made.
    #[arg(long)]
    pub dry_run: bool,
    /// Take what is complete of a file that ends too early.
    #[arg(long)]
    pub partial: bool,
}

/// What becomes of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media {
    /// Fetched from the other site.
    Download,
    /// Shown from the other site.
    Link,
    /// Left alone.
    Skip,
    /// Taken from a copy of `wp-content/uploads`.
    Folder(PathBuf),
}

impl std::str::FromStr for Media {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "download" => Self::Download,
            "link" => Self::Link,
            "skip" => Self::Skip,
            folder => Self::Folder(folder.into()),
        })
    }
}

impl Media {
    /// As the importer takes it.
    pub fn mode(&self) -> MediaMode {
        match self {
            Self::Download | Self::Folder(_) => MediaMode::Take,
            Self::Link => MediaMode::Link,
            Self::Skip => MediaMode::Skip,
        }
    }
    /// As a job takes it; a folder from the root of the machine.
    ///
    /// # Errors
    /// Where the folder cannot be found.
    pub fn of_job(&self) -> std::io::Result<jobs::Media> {
        Ok(match self {
            Self::Download => jobs::Media::Download,
            Self::Link => jobs::Media::Link,
            Self::Skip => jobs::Media::Skip,
            Self::Folder(folder) => jobs::Media::Folder(folder.canonicalize()?),
        })
    }
}

fn role(text: &str) -> Result<Role, String> {
    match Role::by_name(text) {
        Some(role) if Role::OF_SITES.contains(&role) && role != Role::Administrator => Ok(role),
        _ => Err("subscriber, contributor, author or editor".into()),
    }
}

/// The report for a terminal.
pub fn in_words(report: &Report) -> String {
    let mut out = String::new();
    let what = if report.dry_run { "would make" } else { "made" };
    let _ = writeln!(out, "{} ({})", report.title, report.address);
    let _ = writeln!(out, "{:<28}{:>9}{:>12}{:>11}{:>9}{:>9}", "", "in file", what, "unchanged", "changed", "left out");
    let mut line = |name: &str, t: &Tally| {
        let _ =
            writeln!(out, "{name:<28}{:>9}{:>12}{:>11}{:>9}{:>9}", t.found, t.made, t.unchanged, t.changed, t.skipped);
    };
    report.kinds.iter().for_each(|(name, t)| line(name, t));
    line("all", &report.total());
    if report.redirects > 0 {
        let _ = writeln!(out, "{} old addresses lead to the new ones", report.redirects);
    }
    for (name, count) in &report.shortcodes {
        let _ = writeln!(out, "the shortcode [{name}] stays as text, {count} times");
    }
    for note in &report.notes {
        let _ = writeln!(out, "{}: {}: {}", note.kind, note.item, note.why);
    }
    if report.more_notes > 0 {
        let _ = writeln!(out, "and {} notes more", report.more_notes);
    }
    if let Some(why) = &report.incomplete {
        let _ = writeln!(out, "{why} Only what is complete was taken.");
    }
    out
}
