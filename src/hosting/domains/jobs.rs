//! Looks at names while nobody waits: soon and often after a name was added, every night at all of them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use freehold_base::{Code, DomainId, Error, Result, SiteId, Timestamp};
use freehold_host::outbound::BlockingOutbound;
use freehold_platform::jobs::{Context, Failure, Handlers, Lane, NewJob, enqueue};
use freehold_platform::sites::domains::{self as names, CHECK, Found, WATCH};
use freehold_platform::sites::names::{is_local, is_registered, registered};
use freehold_platform::upkeep;
use freehold_store::sites::Domain;
use freehold_store::{Actor, Store, Tx, domains as rows};
use serde::{Deserialize, Serialize};

use super::health::{Health, Known, Registrations, Registry, check};
use super::look::{Look, Looker, Question, look};

/// Looks at all names; comes back every night.
pub const NIGHTLY: &str = "domain.nightly";
const HOUR_MS: i64 = 3600 * 1000;
/// The hour of the nightly look, UTC.
const NIGHT: i64 = 3;
/// Names that are looked at together at night.
const TOGETHER: usize = 8;

/// How long after a name was added there is how much time between two looks. Later only the night looks.
/// Chosen by us: somebody watches the page in the first minutes; caches keep old answers for an hour or a day.
const PACE: &[(u64, u64)] = &[(120, 5), (15 * 60, 15), (2 * 3600, 60), (24 * 3600, 600), (14 * 24 * 3600, 3600)];

/// What looks need.
#[derive(Clone)]
pub struct Desk {
    /// Whom to ask, and who we are.
    pub looker: Looker,
    /// Where registries are asked; empty: nowhere.
    pub rdap: String,
    /// Makes the client for that, when it is first needed.
    pub outbound: Arc<dyn Fn() -> Result<BlockingOutbound> + Send + Sync>,
    client: Arc<OnceLock<Option<BlockingOutbound>>>,
}

impl Desk {
    /// With these.
    pub fn new(
        looker: Looker,
        rdap: String,
        outbound: impl Fn() -> Result<BlockingOutbound> + Send + Sync + 'static,
    ) -> Self {
        Self { looker, rdap, outbound: Arc::new(outbound), client: Arc::default() }
    }

    fn registry(&self) -> Option<Registry<'_>> {
        let client = self.client.get_or_init(|| (self.outbound)().ok()).as_ref()?;
        (!self.rdap.is_empty()).then_some(Registry { outbound: client, rdap: &self.rdap })
    }

    /// Looks at a name once, and keeps what follows.
    ///
    /// # Errors
    /// `NotFound("domain")`; database failures.
    pub fn look(&self, store: &Store, site: SiteId, id: DomainId) -> Result<(Domain, Look)> {
        let known = store.read(&Actor::system(), move |tx| known(tx, site, id))?;
        let found = look(&self.looker.for_one(), &known.question);
        let domain = keep(store, site, id, &found, None)?;
        Ok((domain, found))
    }

    /// Looks at a name's health, and keeps it.
    ///
    /// # Errors
    /// `NotFound("domain")`, `WrongState` for names of this machine; database failures.
    pub fn check(&self, store: &Store, site: SiteId, id: DomainId) -> Result<Health> {
        self.check_with(store, (site, id), &Registrations::default())
    }

    /// As [`Desk::check`]: each registration is asked for once, however many names stand below it.
    fn check_with(&self, store: &Store, (site, id): (SiteId, DomainId), asked: &Registrations) -> Result<Health> {
        let known = store.read(&Actor::system(), move |tx| known(tx, site, id))?;
        let (look, health) = check(&self.looker.for_one(), &known, self.registry().as_ref(), asked);
        keep(store, site, id, &look, Some(&health))?;
        Ok(health)
    }
}

fn json<T: Serialize>(what: &T) -> Result<String> {
    serde_json::to_string(what).map_err(|e| Error::internal("writing what was looked up", e))
}

fn keep(store: &Store, site: SiteId, id: DomainId, look: &Look, health: Option<&Health>) -> Result<Domain> {
    let found = Found { points: look.points(), proof: look.proof(), away: look.is_away(), look: json(look)? };
    let health = health.map(json).transpose()?;
    store.write(&Actor::system(), move |tx| {
        if let Some(health) = &health {
            names::keep_health(tx, site, id, health)?;
        }
        names::settle(tx, site, id, &found)
    })
}

/// What a look at a name goes out from.
fn known(tx: &mut Tx<'_>, site: SiteId, id: DomainId) -> Result<Known> {
    let domain = names::named(tx, site, &id.to_string())?;
    let name = names::name_of(&domain)?;
    if is_local(&name) {
        return Err(Error::refused(Code::WrongState, "this name means the machine itself; nobody else asks for it"));
    }
    let scope = tx.scope_of(site)?;
    let account = tx.authorize_account(scope.account(), freehold_base::Capability::AccountRead)?;
    let all = rows::of_account(tx, account)?;
    let host = name.host().as_str();
    let has = |wanted: &str| all.iter().any(|d| d.site_id == site && d.host == wanted);
    let has_www = has(&format!("www.{host}"));
    let top = registered(host);
    let leans = top != host && all.iter().any(|d| d.host == top && d.is_live() && d.points == "here");
    let question = Question {
        twin: has_www && is_registered(host) && !name.is_wildcard(),
        leans_on: leans.then(|| top.to_owned()),
        token: domain.proof_token,
        name,
    };
    Ok(Known { question, has_www, now: tx.now() })
}

#[derive(Serialize, Deserialize)]
struct Watched {
    site: SiteId,
    domain: DomainId,
    since: i64,
    /// For people; jobs of an earlier release have none.
    #[serde(default)]
    host: String,
}

/// Time until the next look at a name that was added so long ago.
pub fn pace(age: Duration) -> Option<Duration> {
    PACE.iter().find(|(until, _)| age.as_secs() < *until).map(|(_, each)| Duration::from_secs(*each))
}

/// Time until the next night.
pub fn until_night(now: Timestamp) -> Duration {
    let in_day = now.ms().rem_euclid(24 * HOUR_MS);
    let wait = (NIGHT * HOUR_MS - in_day).rem_euclid(24 * HOUR_MS);
    Duration::from_millis(u64::try_from(wait).unwrap_or(0).max(1))
}

/// Adds the handlers.
pub fn register(handlers: &mut Handlers, desk: &Desk) {
    let watcher = desk.clone();
    handlers.add_to(Lane::Outside, WATCH, move |job| watch(&watcher, job));
    let checker = desk.clone();
    handlers.add_to(Lane::Outside, CHECK, move |job| {
        let Watched { site, domain, .. } = job.payload()?;
        match checker.check(job.store, site, domain) {
            Ok(health) => Ok(format!("{{\"bad\":{}}}", health.counts().0)),
            Err(Error::Refused { code: Code::NotFound, .. }) => Ok("{\"gone\":true}".into()),
            Err(e) => Err(e.into()),
        }
    });
    let night = desk.clone();
    handlers.add_to(Lane::Long, NIGHTLY, move |job| nightly(&night, job));
}

fn watch(desk: &Desk, job: &Context<'_>) -> std::result::Result<String, Failure> {
    let Watched { site, domain, since, .. } = job.payload()?;
    let (row, found) = match desk.look(job.store, site, domain) {
        Ok(found) => found,
        // Removed meanwhile, with its site or alone.
        Err(Error::Refused { code: Code::NotFound, .. }) => return Ok("{\"gone\":true}".into()),
        Err(e) => return Err(e.into()),
    };
    let done = row.is_live() && found.is_done();
    if !done {
        let host = row.host.clone();
        job.store.write(&Actor::system(), move |tx| {
            let age = Duration::from_millis(u64::try_from(tx.now().ms() - since).unwrap_or(0));
            let Some(after) = pace(age) else { return Ok(()) };
            let payload = json(&Watched { site, domain, since, host: host.clone() })?;
            let key = format!("{WATCH}:{domain}");
            let run_at = tx.now().plus(after);
            let next = NewJob { site: SiteId(0), kind: WATCH, payload: &payload, run_at, unique_key: Some(&key) };
            enqueue(tx, &next).map(|_| ())
        })?;
    }
    let (new, all) = found.networks();
    Ok(serde_json::json!({ "host": row.host, "points": row.points, "networks": all, "see_it": new }).to_string())
}

fn nightly(desk: &Desk, job: &Context<'_>) -> std::result::Result<String, Failure> {
    job.store.write(&Actor::system(), |tx| {
        let after = until_night(tx.now());
        upkeep::queue(tx, NIGHTLY, after)
    })?;
    let ended = job.store.write(&Actor::system(), names::end_old_claims)?;
    let asked = Registrations::default();
    let (mut last, mut checked, mut unwell) = (DomainId(0), 0_i64, 0_i64);
    loop {
        let at = last;
        let limit = i64::try_from(TOGETHER).unwrap_or(1);
        let some = job.store.read(&Actor::system(), move |tx| names::after(tx, at, limit))?;
        let Some((_, newest)) = some.last() else { break };
        last = newest.id;
        let states: Vec<bool> = std::thread::scope(|scope| {
            let looks: Vec<_> = some
                .iter()
                .filter(|(_, d)| names::name_of(d).is_ok_and(|n| !is_local(&n)))
                .map(|(site, d)| {
                    scope.spawn(|| desk.check_with(job.store, (*site, d.id), &asked).is_ok_and(|h| h.counts().0 == 0))
                })
                .collect();
            looks.into_iter().map(|look| look.join().unwrap_or(false)).collect()
        });
        checked += i64::try_from(states.len()).unwrap_or(0);
        unwell += i64::try_from(states.iter().filter(|well| !**well).count()).unwrap_or(0);
        job.progress(checked, 0, &newest.host)?;
    }
    Ok(serde_json::json!({ "checked": checked, "unwell": unwell, "claims_ended": ended }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_become_rarer_and_end() {
        let after = |seconds| pace(Duration::from_secs(seconds)).map(|d| d.as_secs());
        assert_eq!([after(0), after(119), after(120), after(7199)], [Some(5), Some(5), Some(15), Some(60)]);
        assert_eq!([after(24 * 3600), after(14 * 24 * 3600)], [Some(3600), None]);
    }

    #[test]
    fn the_night_comes_once_a_day_whenever_a_node_starts() {
        let hours = |ms: i64| until_night(Timestamp(ms)).as_secs() / 3600;
        assert_eq!([hours(0), hours(2 * HOUR_MS), hours(4 * HOUR_MS)], [3, 1, 23]);
        assert!(until_night(Timestamp(3 * HOUR_MS)) <= Duration::from_millis(1), "never no time at all");
    }
}
