//! People who wrote on the other site.

use freehold_base::{Capability, Result, Role, UserId};
use freehold_platform::accounts::imported::{Known, Writer, bring};
use freehold_store::{Actor, Store, entries, paths};

use super::convert::one_line;
use super::report::Report;
use super::survey::NAMED_AUTHOR;
use super::world::World;

/// Finds or makes everybody who wrote.
pub(super) fn bring_all(store: &Store, world: &mut World, report: &mut Report, role: Role) -> Result<()> {
    let declared = world.survey.authors.clone();
    for author in &declared {
        let names = [&author.display_name, &format!("{} {}", author.first_name, author.last_name), &author.login];
        let name = names.into_iter().map(|n| one_line(n, 100).0).find(|n| !n.is_empty()).unwrap_or_default();
        let writer = Writer { email: author.email.clone(), login: author.login.clone(), name };
        one(store, world, report, "author", &writer, role)?;
    }
    let mut named: Vec<String> = world.survey.creators.iter().cloned().collect();
    named.sort();
    for login in named {
        let writer = Writer { email: String::new(), name: one_line(&login, 100).0, login };
        one(store, world, report, NAMED_AUTHOR, &writer, role)?;
    }
    Ok(())
}

fn one(store: &Store, world: &mut World, report: &mut Report, kind: &str, writer: &Writer, role: Role) -> Result<()> {
    let (site, w) = (world.site, writer.clone());
    let made: Result<Known> = store.write(&Actor::system(), move |tx| {
        let scope = tx.authorize(site, Capability::ImportRun)?;
        let known = bring(tx, scope, &w, role)?;
        let old = format!("/author/{}/", w.login);
        let new = format!("/author/{}/", known.slug);
        if old != new && !w.login.is_empty() && entries::author_by_slug(tx, &w.login)?.is_none() {
            paths::remember(tx, scope, &old, &paths::Target::Address(new))?;
        }
        Ok(known)
    });
    let known = made?;
    if known.is_new {
        report.tally(kind).made += 1;
    } else {
        report.tally(kind).unchanged += 1;
    }
    world.author_slugs.insert(known.user, known.slug);
    world.authors.insert(writer.login.clone(), known.user);
    Ok(())
}

/// The person in whose name things are written that name nobody.
pub(super) fn nobody(store: &Store, importer: Option<UserId>) -> Result<UserId> {
    match importer {
        Some(user) => Ok(user),
        None => store.read(&Actor::system(), entries::first_user),
    }
}
