//! `freehold job …`, `freehold cache …`, `freehold audit verify`, `freehold doctor`

use std::sync::Arc;

use freehold_base::{Capability, Code, Error, JobId, Result, TermId};
use freehold_platform::audit;
use freehold_platform::jobs::{self, JobFilter};
use freehold_platform::upkeep::ROUTINE;
use freehold_publishing::import::jobs::{Order, Place, look_later, run_later};
use freehold_store::{Actor, search};
use serde_json::{Value, json};

use super::commands::{Cache, Done, Import, Job, Seed};
use super::hands::{Hands, table};
use super::seed;
use crate::web::state::Web;
use crate::web::tag::Tag;

/// `freehold job …`
///
/// # Errors
/// What the services give.
pub fn job(hands: &Hands, command: &Job) -> Result<Done> {
    match command {
        Job::List { limit, without_routine } => {
            let limit = (*limit).clamp(1, 200);
            let quiet: &[&str] = if *without_routine { ROUTINE } else { &[] };
            let filter = JobFilter { quiet, ..JobFilter::default() };
            let all = hands.read(move |tx| jobs::search(tx, None, &filter, 0, limit))?;
            let row = |j: &jobs::Job| {
                let (kind, about, message) = (j.kind.clone(), jobs::about(j), j.message.clone());
                vec![j.id.to_string(), kind, about, j.state.clone(), j.run_at.rfc3339(), message]
            };
            let rows: Vec<Vec<String>> = all.iter().map(row).collect();
            let json: Vec<Value> = all.iter().map(shown).collect();
            Ok(Done::data(table(&["id", "kind", "about", "state", "due", "message"], &rows), Value::from(json)))
        }
        Job::Show { id } => {
            let id = JobId(*id);
            let found = hands.read(move |tx| jobs::find(tx, None, id))?;
            let json = shown(&found);
            let pretty = serde_json::to_string_pretty(&json).unwrap_or_default();
            Ok(Done::data(pretty, json))
        }
        Job::Retry { id } => {
            let id = JobId(*id);
            hands.write(move |tx| jobs::retry(tx, None, id))?;
            Ok(Done::said(format!("Job {id} waits for a worker."), json!({ "id": id })))
        }
        Job::Cancel { id } => {
            let id = JobId(*id);
            hands.write(move |tx| jobs::cancel(tx, None, id))?;
            Ok(Done::said(format!("Job {id} is asked to stop."), json!({ "id": id })))
        }
        Job::Now { id } => {
            let id = JobId(*id);
            hands.write(move |tx| jobs::run_now(tx, None, id))?;
            Ok(Done::said(format!("Job {id} begins as soon as a worker is free."), json!({ "id": id })))
        }
        Job::Pause { id } => {
            let id = JobId(*id);
            hands.write(move |tx| jobs::pause(tx, id))?;
            Ok(Done::said(format!("Job {id} is held back until it is resumed."), json!({ "id": id })))
        }
        Job::Resume { id } => {
            let id = JobId(*id);
            hands.write(move |tx| jobs::resume(tx, id))?;
            Ok(Done::said(format!("Job {id} waits for its time again."), json!({ "id": id })))
        }
    }
}

fn shown(j: &jobs::Job) -> Value {
    let result = serde_json::from_str::<Value>(&j.result).unwrap_or(Value::Null);
    json!({ "id": j.id, "site": j.site_id, "kind": j.kind, "about": jobs::about(j), "state": j.state, "done": j.done, "total": j.total,
        "message": j.message, "attempts": j.attempts, "run_at": j.run_at.rfc3339(), "result": result })
}

/// `freehold import wxr …` beside a running node: queues it, and gives the job's number.
///
/// # Errors
/// `NotFound("site")`; `WrongState` while another import of the site is not done.
pub fn import(hands: &Hands, ask: &Import) -> Result<Done> {
    let site = hands.site(&ask.site)?;
    let name = ask.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let order = Order {
        place: Place::Path(ask.file.clone()),
        name,
        bytes: freehold_host::files::length_of(&ask.file),
        media: ask.media.clone(),
        role: ask.author_role.clone(),
        partial: ask.partial,
        looked: 0,
    };
    let look = ask.dry_run;
    let queue = if look { look_later } else { run_later };
    let id = hands.write(move |tx| queue(tx, site, &order))?;
    Ok(Done::data(id.to_string(), json!({ "job": id })))
}

/// Some posts of `freehold content seed`.
///
/// # Errors
/// `NotFound("site")`; as saving.
pub fn seed(hands: &Hands, ask: &Seed) -> Result<Done> {
    let site = hands.site(&ask.site)?;
    let categories = match ask.categories.as_slice() {
        [] => seed::categories(&hands.store, site)?,
        known => known.iter().copied().map(TermId).collect(),
    };
    seed::part(&hands.store, site, ask.posts, ask.from..ask.until.min(ask.posts), &categories)?;
    Ok(Done::said("", json!({ "categories": categories })))
}

fn node(hands: &Hands) -> Result<&Arc<Web>> {
    let none = || Error::refused(Code::WrongState, "no node runs on this data folder, so nothing is cached");
    hands.web.as_ref().ok_or_else(none)
}

/// `freehold cache …`
///
/// # Errors
/// `WrongState` where no node runs; `NotFound("site")`.
pub fn cache(hands: &Hands, command: &Cache) -> Result<Done> {
    let web = node(hands)?;
    match command {
        Cache::Stats => {
            let totals = web.counters.totals();
            let answered: u64 = totals.iter().map(|(_, n)| n).sum();
            let hits = totals.iter().find(|(name, _)| *name == "hit").map_or(0, |(_, n)| *n);
            let rate = if answered == 0 { 0.0 } else { hits as f64 * 100.0 / answered as f64 };
            let mut rows = vec![
                vec!["pages".to_owned(), web.cache.len().to_string()],
                vec!["bytes".to_owned(), web.cache.bytes().to_string()],
                vec!["hit rate".to_owned(), format!("{rate:.1} %")],
            ];
            rows.extend(totals.iter().map(|(name, n)| vec![(*name).to_owned(), n.to_string()]));
            let how: serde_json::Map<String, Value> =
                totals.iter().map(|(name, n)| ((*name).to_owned(), Value::from(*n))).collect();
            let json = json!({ "pages": web.cache.len(), "bytes": web.cache.bytes(), "answers": how });
            Ok(Done::data(table(&["what", "value"], &rows), json))
        }
        Cache::Purge { site } => {
            let before = web.cache.len();
            match site {
                Some(site) => web.cache.purge(&[Tag::site(hands.site(site)?)]),
                None => web.cache.purge_all(),
            }
            let gone = before.saturating_sub(web.cache.len());
            Ok(Done::said(format!("{gone} pages are forgotten."), json!({ "pages": gone })))
        }
    }
}

/// `freehold audit verify`
///
/// # Errors
/// Database failures.
pub fn verify(hands: &Hands) -> Result<Done> {
    let audit::Found { chains, rows, broken: wrong } = audit::verify_all(&hands.store, &Actor::system())?;
    let json = json!({ "chains": chains, "rows": rows, "broken": wrong });
    if wrong.is_empty() {
        return Ok(Done::said(format!("The audit log is whole: {chains} chains."), json));
    }
    let rows: Vec<Vec<String>> = wrong.iter().map(|(chain, place)| vec![chain.clone(), place.to_string()]).collect();
    let words = "Rows of the audit log were changed or removed from these places on:".to_owned();
    Ok(Done { out: table(&["chain", "place"], &rows), words, json, good: false })
}

/// One thing that was looked at.
struct Look {
    what: &'static str,
    good: bool,
    detail: String,
}

/// `freehold doctor`: each check with what to do.
///
/// # Errors
/// Database failures.
pub fn doctor(hands: &Hands) -> Result<Done> {
    let looks = [
        key_file(hands),
        room(hands),
        chains(hands)?,
        index(hands)?,
        failed_jobs(hands)?,
        proxies(hands),
        isolation(hands),
        running(hands),
    ];
    let good = looks.iter().all(|l| l.good);
    let word = |good: bool| if good { "fine" } else { "look" };
    let rows: Vec<Vec<String>> =
        looks.iter().map(|l| vec![word(l.good).to_owned(), l.what.to_owned(), l.detail.clone()]).collect();
    let json: Vec<Value> =
        looks.iter().map(|l| json!({ "check": l.what, "good": l.good, "detail": l.detail })).collect();
    let words = if good { "All is well." } else { "Something wants a look." };
    let out = table(&["", "what", "detail"], &rows);
    Ok(Done { out, words: words.into(), json: json!({ "good": good, "checks": json }), good })
}

fn key_file(hands: &Hands) -> Look {
    let what = "key file";
    match freehold_host::files::is_private(&hands.data.join("key")) {
        Ok(true) => Look { what, good: true, detail: "only you may read it".into() },
        Ok(false) => {
            Look { what, good: false, detail: "others may read it: chmod 600 the file \u{201c}key\u{201d}".into() }
        }
        Err(e) => Look { what, good: false, detail: format!("it cannot be read: {e}") },
    }
}

fn room(hands: &Hands) -> Look {
    let what = "disk";
    match hands.reserve.check_room(&hands.data, 64 << 20) {
        Ok(()) => Look { what, good: true, detail: "there is room".into() },
        Err(e) => Look { what, good: false, detail: e.sentence() },
    }
}

fn chains(hands: &Hands) -> Result<Look> {
    let audit::Found { chains: count, broken: wrong, .. } = audit::verify_all(&hands.store, &Actor::system())?;
    let detail = if wrong.is_empty() {
        format!("{count} chains are whole")
    } else {
        "rows were changed: freehold audit verify".to_owned()
    };
    Ok(Look { what: "audit log", good: wrong.is_empty(), detail })
}

fn index(hands: &Hands) -> Result<Look> {
    let drift = hands.read(|tx| {
        let mut drift = 0;
        for site in freehold_platform::sites::list_visible(tx)? {
            let scope = tx.scope_of(site.id)?;
            drift += search::drift(tx, scope)?;
        }
        Ok(drift)
    })?;
    let detail = if drift == 0 { "it agrees with the entries".into() } else { format!("{drift} entries differ") };
    Ok(Look { what: "search index", good: drift == 0, detail })
}

fn failed_jobs(hands: &Hands) -> Result<Look> {
    let counts = hands.read(|tx| {
        let server = tx.authorize_server(Capability::ServerRead)?;
        freehold_store::jobs::count_by_state(tx, server, &JobFilter::default())
    })?;
    let failed = counts.iter().find(|(state, _)| state == "failed").map_or(0, |(_, n)| *n);
    let detail = if failed == 0 { "none failed".into() } else { format!("{failed} failed: freehold job list") };
    Ok(Look { what: "jobs", good: failed == 0, detail })
}

fn proxies(hands: &Hands) -> Look {
    let wrong = hands.facts.believed_commands();
    let detail = wrong.unwrap_or("commands of accounts are not taken for one");
    Look { what: "proxies", good: wrong.is_none(), detail: detail.into() }
}

/// How programs of customers are kept apart: to be known, whatever it is.
fn isolation(hands: &Hands) -> Look {
    Look { what: "sandbox", good: true, detail: hands.sandbox.isolation().of_customers().to_owned() }
}

fn running(hands: &Hands) -> Look {
    let detail = if hands.web.is_some() { "it answers" } else { "none runs on this data folder" };
    Look { what: "node", good: true, detail: detail.into() }
}
