//! `freehold theme …`

use std::path::Path;

use freehold_base::{Code, Error, OrInternal as _, Result, SiteId};
use freehold_publishing::gallery::jobs::{Order, Place, Stopped, check_order};
use freehold_publishing::gallery::{self, Card, Owner};
use freehold_publishing::themes::check::{Level, Report};
use freehold_store::Actor;
use serde_json::{Value, json};

use super::commands::{Done, Theme};
use super::do_theme_texts;
use super::hands::{Hands, table};
use crate::api::themes::{ThemeReport, ThemeView, origin};

/// `freehold theme …`
///
/// # Errors
/// What the services give.
pub fn theme(hands: &Hands, command: &Theme) -> Result<Done> {
    match command {
        Theme::List { site } => list(hands, site.as_deref()),
        Theme::Check { theme } => check(hands, theme),
        Theme::Install { from, name, site, replace } => {
            let site = site.as_deref().map(|site| hands.site(site)).transpose()?;
            install(hands, from, (name.as_deref().unwrap_or_default(), site.unwrap_or_default(), *replace))
        }
        Theme::Activate { theme, site } => {
            let site = hands.site(site)?;
            let (desk, name) = (hands.gallery()?, theme.clone());
            hands.write(move |tx| gallery::activate(tx, &desk.themes, site, &name).map(drop))?;
            Ok(Done::said(format!("The site {site} is drawn by {theme}."), json!({ "site": site, "theme": theme })))
        }
        Theme::New { name, child_of, site } => {
            let site = site.as_deref().map(|site| hands.site(site)).transpose()?;
            let owner = site.map_or(Owner::Everybody, Owner::Site);
            let desk = hands.gallery()?;
            desk.begin(&hands.store, &Actor::system(), owner, name, child_of)?;
            let folder = desk.shelves.of(owner).root().join(name);
            let words =
                format!("The theme {name} is in {}. Change its files: pages have them at once.", folder.display());
            Ok(Done::said(words, json!({ "theme": name, "folder": folder })))
        }
        Theme::Files { .. }
        | Theme::Read { .. }
        | Theme::Write { .. }
        | Theme::Drop { .. }
        | Theme::States { .. }
        | Theme::Restore { .. }
        | Theme::ParentChanges { .. }
        | Theme::Settle { .. } => do_theme_texts::text(hands, command),
        Theme::Download { theme, to } => {
            let (_, zip) = hands.gallery()?.zip(theme)?;
            freehold_host::files::write_new(to, &zip)
                .map_err(|e| Error::invalid("to", Code::NotAllowed, format!("{}: {e}", to.display())))?;
            Ok(Done::said(format!("{theme} is in {}.", to.display()), json!({ "theme": theme, "file": to })))
        }
        Theme::Delete { theme, yes } => {
            if !yes {
                return Err(Error::refused(Code::WrongState, "this deletes the theme's folder, for good; say --yes"));
            }
            let desk = hands.gallery()?;
            let (asked, name) = (desk.clone(), theme.clone());
            hands.write(move |tx| asked.shelves.check_remove(tx, &asked.themes, &name))?;
            desk.remove(theme)?;
            Ok(Done::said(format!("The theme {theme} is removed."), json!({ "theme": theme })))
        }
    }
}

fn list(hands: &Hands, site: Option<&str>) -> Result<Done> {
    let desk = hands.gallery()?;
    let cards = match site {
        Some(site) => {
            let site = hands.site(site)?;
            hands.read(move |tx| gallery::list(tx, &desk.themes, site))?
        }
        None => hands.read(move |tx| gallery::all(tx, &desk.themes))?,
    };
    let row = |card: &Card| {
        let view = ThemeView::from(card);
        let state = match (&view.problem, view.active) {
            (Some(_), _) => "broken",
            (None, true) => "active",
            (None, false) => "",
        };
        vec![view.name, view.title, view.version, origin(card.origin).to_owned(), view.parent, state.to_owned()]
    };
    let rows: Vec<Vec<String>> = cards.iter().map(row).collect();
    let views: Vec<ThemeView> = cards.iter().map(ThemeView::from).collect();
    let json = serde_json::to_value(views).or_internal("writing themes")?;
    Ok(Done::data(table(&["name", "title", "version", "from", "builds on", "state"], &rows), json))
}

fn check(hands: &Hands, theme: &str) -> Result<Done> {
    let desk = hands.gallery()?;
    let report = if theme.starts_with('/') {
        desk.report_of(Path::new(theme))
    } else if desk.themes.origin(theme).is_some() {
        Report::clone(&desk.report(theme))
    } else {
        return Err(Error::refused(Code::NotFound, format!("theme as {theme}")));
    };
    let line = |f: &freehold_publishing::themes::check::Finding| format!("{}: {}", f.level.name(), f.problem);
    let lines: Vec<String> = report.findings.iter().map(line).collect();
    let (errors, warnings) = (report.count(Level::Error), report.count(Level::Warning));
    let words = match (errors, warnings) {
        (0, 0) => format!("{theme}: all well."),
        _ => format!("{theme}: {errors} errors, {warnings} warnings."),
    };
    let json = serde_json::to_value(ThemeReport::from(&report)).or_internal("writing what was found")?;
    Ok(Done { out: lines.join("\n"), words, json, good: report.passes() })
}

/// What the place of a theme means: an address, a folder or an archive.
fn place_of(from: &str) -> Place {
    match from {
        from if from.contains("://") => Place::Address(from.to_owned()),
        from if Path::new(from).is_dir() => Place::Folder(from.into()),
        from => Place::File(from.into()),
    }
}

fn install(hands: &Hands, from: &str, (name, site, replace): (&str, SiteId, bool)) -> Result<Done> {
    let order = Order { place: place_of(from), source: from.to_owned(), name: name.to_owned(), site, replace };
    let desk = hands.gallery()?;
    let (shelves, asked) = (desk.shelves.clone(), order.clone());
    hands.write(move |tx| check_order(tx, &shelves, &asked))?;
    let report = desk.install(&order, &mut |_, _| Ok(())).map_err(|stopped| match stopped {
        Stopped::By(e) => e,
        Stopped::Asked => Error::internal("installing a theme", "it was stopped"),
    })?;
    let mut words = format!("{} {} is installed as {}.", report.title, report.version, report.theme);
    if report.warnings > 0 {
        words.push_str(&format!(
            " The theme check has {} hints: freehold theme check {}.",
            report.warnings, report.theme
        ));
    }
    let json: Value = serde_json::to_value(&report).or_internal("writing what was installed")?;
    Ok(Done::said(words, json))
}
