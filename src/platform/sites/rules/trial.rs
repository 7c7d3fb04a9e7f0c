//! Which rule answers an address, in words.

use freehold_base::{Capability, HostName, Result, SiteId};
use freehold_store::Tx;
use freehold_store::sites::Domain;

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
    let rules = load(tx, site, None)?.unwrap_or_default();
    if let Some(host) = host_of(address) {
        let names = freehold_store::sites::domains(tx, scope)?;
        if let Some(to) = other_name(&names, &host, &rules.web.www) {
            let text = format!("{host} leads to the same address at {to} (301); this is tried there from here on.");
            step("redirect", text);
        }
    }
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

/// The host of a whole address.
fn host_of(address: &str) -> Option<String> {
    let address = address.trim();
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    HostName::parse(host).ok().map(|host| host.as_str().to_owned())
}

/// The name that a name of the site leads to: the main one, or the one with or without `www.`.
fn other_name(names: &[Domain], host: &str, www: &str) -> Option<String> {
    let kind = |host: &str| names.iter().find(|d| d.host == host && d.is_live()).map(|d| d.kind.as_str());
    if kind(host)? == "redirect" {
        return names.iter().find(|d| d.kind == "main").map(|d| d.host.clone());
    }
    let wanted = match www {
        "with" if !host.starts_with("www.") => format!("www.{host}"),
        "without" => host.strip_prefix("www.")?.to_owned(),
        _ => return None,
    };
    kind(&wanted).filter(|kind| *kind != "redirect").map(|_| wanted)
}
