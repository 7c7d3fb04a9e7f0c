//! `freehold security …`, and what of `freehold user …` is about signing in.

use freehold_base::{Code, Error, PasskeyId, Result};
use freehold_platform::accounts::networks::{self, Why};
use freehold_platform::accounts::{FactorRule, policy};
use serde_json::{Value, json};

use super::commands::{Done, Security};
use super::hands::{Hands, table};
use crate::device::device_words;
use crate::security::{self, Fix, State};

/// `freehold user passkeys`
///
/// # Errors
/// `NotFound`.
pub fn passkeys(hands: &Hands, who: &str, remove: Option<i64>) -> Result<Done> {
    let (row, accounts) = (hands.person(who)?, hands.accounts.clone());
    if let Some(id) = remove {
        hands.write(move |tx| accounts.remove_passkey_of(tx, row.id, PasskeyId(id)))?;
        return Ok(Done::said("The passkey opens nothing any more; their sessions ended.", json!({ "id": id })));
    }
    let keys = hands.read(move |tx| accounts.passkeys_of(tx, row.id))?;
    let used = |ms: i64, text: String| if ms > 0 { text } else { "never".to_owned() };
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|k| vec![k.id.to_string(), k.name.clone(), used(k.used_at.ms(), k.used_at.rfc3339())])
        .collect();
    let json: Vec<Value> =
        keys.iter().map(|k| json!({ "id": k.id, "name": k.name, "used_at": k.used_at.ms() })).collect();
    Ok(Done::data(table(&["id", "name", "last used"], &rows), Value::from(json)))
}

/// `freehold user factor-off`
///
/// # Errors
/// `NotFound`.
pub fn factor_off(hands: &Hands, who: &str) -> Result<Done> {
    let (row, accounts) = (hands.person(who)?, hands.accounts.clone());
    hands.write(move |tx| accounts.remove_factor_of(tx, row.id))?;
    let words = format!("{} signs in with the password alone; their sessions ended.", row.email);
    Ok(Done::said(words, json!({ "id": row.id })))
}

/// `freehold user sessions`
///
/// # Errors
/// `NotFound`.
pub fn sessions(hands: &Hands, who: &str, end: bool) -> Result<Done> {
    let (row, accounts) = (hands.person(who)?, hands.accounts.clone());
    if end {
        let ended = hands.write(move |tx| accounts.end_sessions_of(tx, row.id))?;
        return Ok(Done::said(format!("{ended} sessions ended."), json!({ "ended": ended })));
    }
    let all = hands.read(move |tx| accounts.list_sessions_of(tx, row.id))?;
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|s| vec![s.id.to_string(), device_words(&s.agent), s.address.clone(), s.seen_at.rfc3339()])
        .collect();
    let json: Vec<Value> = all
        .iter()
        .map(|s| json!({ "id": s.id, "device": device_words(&s.agent), "address": s.address, "seen_at": s.seen_at.ms() }))
        .collect();
    Ok(Done::data(table(&["id", "device", "address", "last seen"], &rows), Value::from(json)))
}

/// `freehold security …`
///
/// # Errors
/// What the services give.
pub fn security(hands: &Hands, command: &Security) -> Result<Done> {
    match command {
        Security::Report => report(hands),
        Security::EndOldSessions => {
            let accounts = hands.accounts.clone();
            let ended = hands.write(move |tx| security::end_old_sessions(tx, &accounts))?;
            Ok(Done::said(format!("{ended} sessions ended."), json!({ "ended": ended })))
        }
        Security::Networks => list(hands),
        Security::Block { network } => {
            let network = network.clone();
            let network = hands.write(move |tx| networks::block(tx, &network))?;
            Ok(Done::said(format!("Nobody signs in from {network} any more."), json!({ "network": network })))
        }
        Security::LetIn { network } => {
            let network = network.clone();
            let network = hands.write(move |tx| networks::let_in(tx, &network))?;
            Ok(Done::said(format!("{network} may sign in again."), json!({ "network": network })))
        }
        Security::SecondFactor { of } => second_factor(hands, of.as_deref()),
    }
}

fn second_factor(hands: &Hands, of: Option<&[String]>) -> Result<Done> {
    if let Some(words) = of {
        let known = |w: &String| w == "none" || FactorRule::WORDS.contains(&w.as_str());
        if !words.iter().all(known) {
            return Err(Error::invalid("of", Code::NotAllowed, format!("none, {}", FactorRule::WORDS.join(", "))));
        }
        let rule = FactorRule::of(words.iter().map(String::as_str));
        hands.write(move |tx| policy::set_rule(tx, rule))?;
    }
    let words = hands.read(policy::rule)?.words();
    let said = if words.is_empty() { "nobody".to_owned() } else { words.join(", ") };
    Ok(Done::said(format!("A second factor is wanted of: {said}."), json!({ "wanted_of": words })))
}

fn list(hands: &Hands) -> Result<Done> {
    let out = hands.read(networks::list)?;
    let why = |why: Why| match why {
        Why::Blocked { .. } => "blocked".to_owned(),
        Why::Failures { count, seconds } => format!("{count} failures, {seconds} s more"),
    };
    let rows: Vec<Vec<String>> = out.iter().map(|k| vec![k.network.clone(), why(k.why)]).collect();
    let json: Vec<Value> = out
        .iter()
        .map(|k| json!({ "network": k.network, "blocked": matches!(k.why, Why::Blocked { .. }), "at": k.at.ms() }))
        .collect();
    Ok(Done::data(table(&["network", "why"], &rows), Value::from(json)))
}

fn report(hands: &Hands) -> Result<Done> {
    let (accounts, facts) = (hands.accounts.clone(), hands.facts.clone());
    let lines = hands.read(move |tx| security::report(tx, &accounts, &facts))?;
    let good = lines.iter().all(|l| l.state != State::Bad);
    let rows: Vec<Vec<String>> =
        lines.iter().map(|l| vec![l.state.name().to_owned(), l.name.to_owned(), l.title.clone()]).collect();
    let json: Vec<Value> = lines
        .iter()
        .map(|l| {
            let about: Vec<&str> = l.about.iter().map(|(text, _)| text.as_str()).collect();
            let paste = if let Fix::Paste(_, text) = &l.fix { text.as_str() } else { "" };
            json!({ "name": l.name, "state": l.state.name(), "title": l.title, "about": about, "paste": paste })
        })
        .collect();
    let words = if good { "Nothing has to be mended now." } else { "Something has to be mended." };
    let out = table(&["", "what", "title"], &rows);
    Ok(Done { out, words: words.into(), json: Value::from(json), good })
}
