//! Which rule answers an address, in words.

use freehold_base::{Capability, Result, SiteId};
use freehold_store::Tx;

use super::{address_typed, load};

/// One thing that happens to a request, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `redirect`, `password`, `header` or `answer`.
    pub kind: &'static str,
    /// What happens.
    pub text: String,
}

/// What would happen to a request for an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// The address in its canonical form.
    pub path: String,
    /// What happens, in order; the last one answers.
    pub steps: Vec<Step>,
}

/// Tries an address.
///
/// # Errors
/// `Denied`, `Invalid("address")`.
pub fn try_address(tx: &mut Tx<'_>, site: SiteId, address: &str) -> Result<Trial> {
    let scope = tx.authorize(site, Capability::SettingsManage)?;
    let path = address_typed("address", address.split(['?', '#']).next().unwrap_or_default())?;
    let mut trial = Trial { path: path.clone(), steps: Vec::new() };
    let mut step = |kind, text: String| trial.steps.push(Step { kind, text });
    let rules = load(tx, site)?.unwrap_or_default();
    if let Some(hit) = rules.redirects.find(&path) {
        let how = match hit.rule.how.as_str() {
            "exact" => format!("The redirect of {}", hit.rule.source),
            "prefix" => format!("The redirect of everything below {}", hit.rule.source),
            _ => format!("The redirect of the pattern {}", hit.rule.source),
        };
        let query =
            if hit.rule.keep_query { "what stands after ? goes along" } else { "what stands after ? is dropped" };
        step("redirect", format!("{how} answers {} and leads to {}; {query}.", hit.rule.status, hit.location));
        if let Ok(way) = rules.redirects.follow(&rules.hosts, &path)
            && way.len() > 2
        {
            step("redirect", format!("A browser goes on: {}.", way.join(" \u{2192} ")));
        }
        return Ok(trial);
    }
    if let Some(folder) = rules.folder_of(&path) {
        let people = match folder.people.len() {
            0 => "nobody can open it yet".to_owned(),
            1 => "one person can open it".to_owned(),
            n => format!("{n} people can open it"),
        };
        step("password", format!("The folder {} asks for a name and a password; {people}.", folder.prefix));
    }
    for header in rules.headers_of(&path) {
        step("header", format!("{}: {}", header.name, header.value));
    }
    let kind = freehold_store::sites::find(tx, scope)?.kind;
    let answer = match kind.as_str() {
        "static" => "No redirect: the file of this address answers, or the page for missing ones.",
        _ => "No redirect: the page of this address answers, or the page for missing ones.",
    };
    step("answer", answer.to_owned());
    Ok(trial)
}
