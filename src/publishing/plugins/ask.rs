//! Asking plugins: each hook with its bounds, what it costs counted, what fails noted, and who fails too often switched
//! off (row PL03).

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use freehold_base::Timestamp;
use freehold_plugins::engine::{Answer, Bounds, Cost, Fault, FaultKind, Level};
use freehold_plugins::hooks::Hook;

use super::parts::{LineUp, Placed, Shared, Unit};
use super::said::Line;
use super::world::World;
use crate::document::clean_page_html;

/// What all plugins together may compute for one page; who is left out then is not at fault.
const PAGE: Duration = Duration::from_millis(100);

impl LineUp {
    /// Whether anybody listens.
    pub(crate) fn listens(&self, hook: Hook) -> bool {
        self.placed.iter().any(|placed| placed.unit.listens(hook) && !placed.unit.is_open())
    }

    /// The HTML of an entry after all plugins of the site had it in their hands, each answer cleaned. `context`: what is
    /// known of the entry, as JSON.
    pub(crate) fn render(&self, html: String, context: &str) -> String {
        let mut html = html;
        let mut spent = Duration::ZERO;
        for placed in self.placed.iter().filter(|placed| placed.unit.listens(Hook::EntryRender)) {
            if placed.unit.is_open() {
                continue;
            }
            if spent > PAGE {
                self.say(&placed.unit, Level::Warn, "left out: the plugins before took the time of this page".into());
                continue;
            }
            let bounds = Bounds::of(Hook::EntryRender);
            let host = Box::new(World::of(self, placed));
            let answer = placed.unit.compiled.render(&html, context, host, bounds);
            spent += cost_of(&answer).spent;
            if let Ok(Some(new)) = self.noted(&placed.unit, Hook::EntryRender, answer) {
                match clean_page_html(&new) {
                    Ok(clean) => html = clean,
                    Err(e) => self.failed(&placed.unit, Hook::EntryRender, format!("its answer: {}", e.sentence())),
                }
            }
        }
        html
    }

    /// Asks or tells one plugin; the answer as JSON.
    ///
    /// # Errors
    /// The fault, which is noted already.
    pub(super) fn call(&self, placed: &Placed, hook: Hook, input: &str) -> Result<String, Fault> {
        let host = Box::new(World::of(self, placed));
        let answer = placed.unit.compiled.call(hook, input, host, Bounds::of(hook));
        self.noted(&placed.unit, hook, answer)
    }

    fn noted<T>(&self, unit: &Arc<Unit>, hook: Hook, answer: Result<Answer<T>, Fault>) -> Result<T, Fault> {
        let cost = cost_of(&answer);
        let blamed = answer.as_ref().is_err_and(|fault| fault.kind.is_the_plugins());
        if let Some(costs) = unit.costs.get(&hook) {
            costs.add(cost.spent, cost.memory_peak, blamed);
        }
        match answer {
            Ok(answer) => Ok(answer.value),
            Err(fault) => {
                if blamed {
                    self.failed(unit, hook, fault.to_string());
                } else if fault.kind != FaultKind::NotListening {
                    self.say(unit, Level::Warn, format!("{hook}: {fault}"));
                }
                Err(fault)
            }
        }
    }

    /// Notes a failure; the one too many switches the plugin off everywhere.
    fn failed(&self, unit: &Arc<Unit>, hook: Hook, why: String) {
        self.say(unit, Level::Error, format!("{hook}: {why}"));
        let mut breaker = unit.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        if breaker.fault(now(&self.shared)) {
            tracing::warn!("the plugin {} failed too often and is stopped: {why}", unit.id);
            if let Some(tripped) = self.shared.tripped.get() {
                // Where the queue is full the plugin is off all the same, until the node starts anew.
                let _ = tripped.try_send((unit.id.clone(), why));
            }
        }
    }

    fn say(&self, unit: &Unit, level: Level, text: String) {
        self.shared.said.add(&unit.id, Line { at: now(&self.shared), site: self.site, level, text });
    }
}

fn cost_of<T>(answer: &Result<Answer<T>, Fault>) -> Cost {
    match answer {
        Ok(answer) => answer.cost,
        Err(fault) => fault.cost,
    }
}

fn now(shared: &Shared) -> Timestamp {
    shared.store.get().map_or(Timestamp(0), |store| store.clock().now())
}
