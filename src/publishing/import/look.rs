//! The dry run.

use freehold_base::{Capability, Result, text};
use freehold_store::{Actor, users};

use super::convert::fingerprint;
use super::report::Report;
use super::survey::{NAMED_AUTHOR, Survey, each, key_of, named_kind, slug_of, survey};
use super::world::Earlier;
use super::{Import, MediaMode};
use crate::wxr::Record;

/// The report's frame: what the file holds.
pub(super) fn report_of(survey: &Survey) -> Report {
    let mut report = Report {
        title: survey.site.title.clone(),
        address: survey.old.base.clone(),
        shortcodes: survey.shortcodes.clone(),
        repairs: survey.repairs,
        incomplete: survey.incomplete.clone(),
        ..Default::default()
    };
    for (kind, count) in &survey.found {
        report.tally(kind).found = *count;
    }
    if survey.file_comments > 0 {
        report.tally("comment").skipped += survey.file_comments;
        report.note("comment", format!("{} comments", survey.file_comments), "comments on files have no place here");
    }
    let lost = survey.found.get("nav_menu_item").map_or(0, |n| n - survey.lines.len() as u64);
    report.tally("nav_menu_item").skipped += lost;
    report
}

pub(super) fn look(import: &Import<'_>) -> Result<Report> {
    let survey = survey(import.source, import.options.partial)?;
    let mut report = report_of(&survey);
    report.dry_run = true;
    let source = survey.old.source();
    let (site, mails): (_, Vec<String>) = (import.site, survey.authors.iter().map(|a| a.email.clone()).collect());
    let known_people = import.store.read(&Actor::system(), |tx| {
        tx.authorize(site, Capability::ImportRun)?;
        let mut known = 0;
        for mail in mails.iter().filter_map(|m| text::email("email", m).ok()) {
            known += u64::from(users::find_by_email(tx, &mail)?.is_some());
        }
        Ok(known)
    })?;
    let earlier = Earlier::read(import.store, site, &source)?;
    let authors = report.tally("author");
    (authors.unchanged, authors.made) = (known_people, authors.found - known_people.min(authors.found));
    report.tally(NAMED_AUTHOR).made = report.tally(NAMED_AUTHOR).found;
    let declared = survey.terms.iter().map(|t| (t.taxonomy.clone(), t.taxonomy.clone(), t.slug.clone()));
    let named = survey.named.iter().map(|t| (named_kind(&t.taxonomy), t.taxonomy.clone(), slug_of(t).to_owned()));
    for (kind, taxonomy, slug) in declared.chain(named) {
        let known = earlier.others.contains_key(&("term".to_owned(), format!("{taxonomy}:{slug}")));
        let tally = report.tally(&kind);
        *(if known { &mut tally.unchanged } else { &mut tally.made }) += 1;
    }
    for (slug, _) in &survey.menus {
        let known = earlier.others.contains_key(&("menu".to_owned(), slug.clone()));
        let lines = survey.lines.iter().filter(|l| l.menu == *slug).count() as u64;
        for (kind, count) in [("nav_menu", 1), ("nav_menu_item", lines)] {
            if let Some(tally) = report.kinds.get_mut(kind) {
                *(if known { &mut tally.unchanged } else { &mut tally.made }) += count;
            }
        }
    }
    items(import, &earlier, &mut report)?;
    report.kinds.retain(|_, t| t.found > 0);
    Ok(report)
}

fn items(import: &Import<'_>, earlier: &Earlier, report: &mut Report) -> Result<()> {
    each(import.source, import.options.partial, &mut |record| {
        let Record::Item(item) = record else { return Ok(true) };
        if item.kind == "nav_menu_item" {
            return Ok(true);
        }
        let on_page = if item.kind == "attachment" { &[][..] } else { &item.comments };
        let comments = report.tally("comment");
        for c in on_page {
            *(if earlier.comments.contains_key(&c.wp_id) { &mut comments.unchanged } else { &mut comments.made }) += 1;
        }
        let tally = report.tally(&item.kind);
        if item.kind == "attachment" {
            let known = earlier.others.contains_key(&("file".to_owned(), key_of(&item).to_string()));
            match (known, import.options.media) {
                (true, _) => tally.unchanged += 1,
                (false, MediaMode::Take) => tally.made += 1,
                (false, _) => tally.skipped += 1,
            }
            return Ok(true);
        }
        match earlier.items.get(&key_of(&item)) {
            None => tally.made += 1,
            Some(done) if done.fingerprint == fingerprint(&item) => tally.unchanged += 1,
            Some(_) => tally.changed += 1,
        }
        Ok(true)
    })?;
    Ok(())
}
