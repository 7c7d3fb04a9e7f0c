//! Theme check (row TH08): what is wrong with a theme and what could be better, each with its place. The same findings
//! stand on the command line, in the API and in the panel.

mod markup;
mod names;
mod scan;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::files::ThemeFiles;
use super::guard::Limits;
use super::load::Theme;
use super::manifest::Manifest;
use super::problem::Problem;
use super::sample;
use scan::Part;

/// Most of CSS that every page loads, packed, in bytes (row TH12).
pub const CSS_BUDGET: usize = 15_000;
/// Most findings of a report.
const MOST: usize = 500;
/// So much of templates and styles is read for names: more than any theme has that people wrote.
const MOST_BYTES: usize = 8 << 20;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The theme cannot be used, or fails before visitors.
    Error,
    /// It works, and some people or browsers are worse off.
    Warning,
    /// Good to know.
    Note,
}

impl Level {
    /// The word in lists and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What kind of finding, for programs: `unknown-name`, `safe`, `a11y-alt` …
    pub code: &'static str,
    /// Where and what.
    pub problem: Problem,
}

/// What the check found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Errors first, then by place.
    pub findings: Vec<Finding>,
    /// Bytes of the style sheets that every page loads, and the same packed.
    pub css: (usize, usize),
}

impl Report {
    /// How many findings are of this level.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|f| f.level == level).count()
    }

    /// Whether the theme can be used.
    pub fn passes(&self) -> bool {
        self.count(Level::Error) == 0
    }

    fn add(&mut self, level: Level, code: &'static str, problem: Problem) {
        let finding = Finding { level, code, problem };
        if self.findings.len() < MOST && !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn done(mut self) -> Self {
        self.findings.sort_by(|a, b| {
            (a.level, &a.problem.file, a.problem.line).cmp(&(b.level, &b.problem.file, b.problem.line))
        });
        self
    }
}

/// Checks the first theme of a chain; its parents are only what it builds on.
pub fn check(chain: &[ThemeFiles]) -> Report {
    let mut report = Report::default();
    let Some(theme) = chain.first() else { return report };
    let manifest = match Manifest::read(theme) {
        Ok(manifest) => manifest,
        Err(problem) => {
            report.add(Level::Error, "manifest", problem);
            return report;
        }
    };
    missing_files(theme, chain, &manifest, &mut report);
    match Theme::compile_or_say_all(chain) {
        Ok(compiled) => {
            templates(theme, &settings(chain), &mut report);
            pages(theme, &compiled, &mut report);
            budget(theme, &compiled, &mut report);
        }
        Err(problems) => {
            problems.into_iter().for_each(|problem| report.add(Level::Error, "does-not-compile", problem));
        }
    }
    report.done()
}

/// Ids of settings that templates of the chain may name.
fn settings(chain: &[ThemeFiles]) -> BTreeSet<String> {
    let all = chain.iter().filter_map(|theme| Manifest::read(theme).ok());
    let built_in = super::load::built_in().and_then(|theme| Manifest::read(&theme).ok());
    all.chain(built_in).flat_map(|manifest| manifest.settings).map(|setting| setting.id).collect()
}

/// Files that the theme names and does not have.
fn missing_files(theme: &ThemeFiles, chain: &[ThemeFiles], manifest: &Manifest, report: &mut Report) {
    let file = format!("{}/theme.toml", theme.name());
    let text = theme.text("theme.toml").ok().flatten().unwrap_or_default();
    let at = |word: &str, message: String| {
        Problem::at_byte(&file, text, text.find(&format!("\"{word}\"")).unwrap_or(0), message)
    };
    let built_in = super::load::built_in();
    let has = |path: &str| chain.iter().chain(&built_in).any(|theme| theme.get(path).is_some());
    for name in manifest.templates.keys() {
        if !has(&format!("templates/{name}.html")) {
            let message = format!("Editors are offered {name}, and there is no templates/{name}.html.");
            report.add(Level::Error, "missing-template", at(name, message));
        }
    }
    for path in manifest.preload.styles.iter().chain(&manifest.preload.fonts) {
        if !has(&format!("static/{path}")) {
            report.add(Level::Error, "missing-file", at(path, format!("There is no static/{path}.")));
        }
    }
    for path in &manifest.share.fonts {
        if !has(&format!("static/{path}")) {
            let message = format!("There is no static/{path}; pictures for shared links are not drawn without it.");
            report.add(Level::Warning, "missing-file", at(path, message));
        }
    }
    // These bring a look of their own where they come from the built-in theme; the others extend what is here.
    for name in ["home.html", "entry.html", "search.html", "404.html"] {
        if chain.len() == 1 && theme.get(&format!("templates/{name}")).is_none() {
            let message = format!("There is no templates/{name}: such pages look like the built-in theme.");
            report.add(Level::Note, "missing-template", Problem::of_file(theme.name(), message));
        }
    }
    if !chain.iter().any(|theme| theme.get("templates/index.html").is_some()) {
        let message = "There is no templates/index.html: what no other template draws looks like the built-in theme.";
        let level = if chain.len() > 1 { Level::Note } else { Level::Warning };
        report.add(level, "missing-template", Problem::of_file(theme.name(), message));
    }
}

/// What can be seen in the templates as they are written.
fn templates(theme: &ThemeFiles, settings: &BTreeSet<String>, report: &mut Report) {
    let mut left = MOST_BYTES;
    for folder in ["templates/", "components/", "blocks/", "widgets/"] {
        for (path, bytes) in theme.below(folder) {
            let Ok(source) = std::str::from_utf8(bytes) else { continue };
            let Some(rest) = left.checked_sub(bytes.len()) else { return };
            left = rest;
            let file = format!("{}/{folder}{path}", theme.name());
            let parts = scan::parts(source);
            for (at, message) in names::unknown(&parts, settings) {
                report.add(Level::Error, "unknown-name", Problem::at_byte(&file, source, at, message));
            }
            for at in names::safe(&parts) {
                let message = "`safe` prints a text as it is: whoever can change that text can change the page. Let it be \
                               escaped, or clean it with `sanitize`.";
                report.add(Level::Warning, "safe", Problem::at_byte(&file, source, at, message));
            }
            for at in parts.iter().filter_map(Part::as_text).flat_map(|(at, text)| foreign(text, at)) {
                let message = "This is loaded from another server, which then sees every visitor. Put it into static/.";
                report.add(Level::Warning, "foreign", Problem::at_byte(&file, source, at, message));
            }
        }
    }
    for (path, bytes) in theme.below("static/").filter(|(path, _)| path.ends_with(".css")) {
        let Ok(css) = std::str::from_utf8(bytes) else { continue };
        let Some(rest) = left.checked_sub(bytes.len()) else { return };
        left = rest;
        let file = format!("{}/static/{path}", theme.name());
        for start in ["url(http", "url(\"http", "url('http", "url(//", "@import"] {
            for (at, _) in css.match_indices(start) {
                let message = "This is loaded apart from the theme's own files: slower, and seen by another server.";
                report.add(Level::Warning, "foreign", Problem::at_byte(&file, css, at, message));
            }
        }
    }
}

/// Where a template loads something from another server.
fn foreign(text: &str, from: usize) -> Vec<usize> {
    let mut found = Vec::new();
    for tag in ["<script", "<link", "<img", "<iframe", "<source", "<video", "<audio"] {
        for (at, _) in text.match_indices(tag) {
            let inside = text.get(at..).unwrap_or_default();
            let inside = inside
                .get(..inside.find('>').unwrap_or(inside.len()).min(inside.floor_char_boundary(2_000)))
                .unwrap_or_default();
            let outside = ["http://", "https://", "//"].iter().any(|start| {
                ["src=", "href=", "srcset="].iter().any(|name| {
                    inside.contains(&format!("{name}\"{start}")) || inside.contains(&format!("{name}'{start}"))
                })
            });
            if outside {
                found.push(from + at);
            }
        }
    }
    found
}

/// What can be seen on pages that it draws: full ones, and ones where everything that may be missing is missing.
fn pages(theme: &ThemeFiles, compiled: &Theme, report: &mut Report) {
    let mut seen: BTreeMap<(&'static str, String), String> = BTreeMap::new();
    for (question, page) in sample::pages() {
        let (template, page) = (compiled.template_for(question), Arc::new(page));
        match compiled.render(&template, &page, Limits::default()) {
            Err(problem) => report.add(Level::Error, "does-not-draw", problem),
            Ok(html) => {
                for (code, message) in markup::faults(&html) {
                    seen.entry((code, message)).or_insert_with(|| template.clone());
                }
            }
        }
        if let Err(problem) = compiled.check_share(&page) {
            report.add(Level::Error, "does-not-draw", problem);
        }
    }
    for ((code, message), template) in seen {
        let level = if markup::IS_ERROR.contains(&code) { Level::Error } else { Level::Warning };
        report.add(level, code, Problem::of_file(format!("{}/templates/{template}", theme.name()), message));
    }
}

/// What every page loads of style.
fn budget(theme: &ThemeFiles, compiled: &Theme, report: &mut Report) {
    let styles = compiled.manifest().preload.styles.iter().filter_map(|path| compiled.asset(path));
    let (mut bytes, mut packer) = (0, GzEncoder::new(Vec::new(), Compression::best()));
    for style in styles {
        bytes += style.bytes.len();
        let _ = packer.write_all(&style.bytes); // into memory: it cannot fail
    }
    report.css = (bytes, packer.finish().map_or(0, |packed| packed.len()));
    if report.css.1 > CSS_BUDGET {
        let message = format!(
            "Every page loads {} kB of style, packed; more than {} kB make the first look at a page slow.",
            report.css.1 / 1000,
            CSS_BUDGET / 1000
        );
        report.add(Level::Warning, "css-budget", Problem::of_file(format!("{}/theme.toml", theme.name()), message));
    }
}
