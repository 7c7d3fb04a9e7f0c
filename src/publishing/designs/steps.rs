//! The last changes of a draft, so that each can be taken back and made again.

use serde::{Deserialize, Serialize};

use super::Values;

/// Changes that can be taken back, at most.
const MOST: usize = 50;
/// Bytes of them, at most: the oldest go first.
const MAX_BYTES: usize = 256 * 1024;
/// A change of the same setting within so long is the same change: somebody types, or moves a slider.
const SAME_MS: i64 = 2_000;

/// What is kept of a draft's past and of what was taken back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Steps {
    list: Vec<Step>,
    /// How many of them hold now; those behind were taken back.
    done: usize,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Step {
    at: i64,
    by: i64,
    /// The settings it touched.
    ids: Vec<String>,
    /// What the draft said of them before; what is not named was as it is live.
    was: Values,
    /// What it says now.
    now: Values,
}

impl Steps {
    /// What cannot be read is no past.
    pub(super) fn read(json: &str) -> Self {
        let mut steps: Self = serde_json::from_str(json).unwrap_or_default();
        steps.done = steps.done.min(steps.list.len());
        steps
    }

    pub(super) fn write(&mut self) -> String {
        loop {
            let json = serde_json::to_string(self).unwrap_or_default();
            if json.len() <= MAX_BYTES || self.list.is_empty() {
                return json;
            }
            self.list.remove(0);
            self.done = self.done.saturating_sub(1);
        }
    }

    pub(super) fn can_undo(&self) -> bool {
        self.done > 0
    }

    pub(super) fn can_redo(&self) -> bool {
        self.done < self.list.len()
    }

    /// Notes that a draft went from one state to another, and who did it when; whether it went anywhere.
    pub(super) fn note(&mut self, (before, after): (&Values, &Values), (by, at): (i64, i64)) -> bool {
        let step = Step::of((before, after), (by, at));
        if step.ids.is_empty() {
            return false;
        }
        self.list.truncate(self.done);
        match self.list.last_mut() {
            Some(last) if last.by == by && last.ids == step.ids && (0..SAME_MS).contains(&(at - last.at)) => {
                (last.now, last.at) = (step.now, at);
                self.done = self.list.len();
            }
            _ => self.push(step),
        }
        true
    }

    /// Notes that a draft was thrown away: never one change with what was done a moment before.
    pub(super) fn end(&mut self, before: &Values, (by, at): (i64, i64)) {
        let step = Step::of((before, &Values::new()), (by, at));
        if !step.ids.is_empty() {
            self.list.truncate(self.done);
            self.push(step);
        }
    }

    fn push(&mut self, step: Step) {
        self.list.push(step);
        if self.list.len() > MOST {
            self.list.remove(0);
        }
        self.done = self.list.len();
    }

    /// Takes the last change back; none where there is none.
    pub(super) fn back(&mut self, values: &mut Values) -> Option<()> {
        self.done = self.done.checked_sub(1)?;
        let step = self.list.get(self.done)?;
        put(values, &step.ids, &step.was);
        Some(())
    }

    /// Makes the change again that was taken back last.
    pub(super) fn forward(&mut self, values: &mut Values) -> Option<()> {
        let step = self.list.get(self.done)?;
        put(values, &step.ids, &step.now);
        self.done += 1;
        Some(())
    }
}

impl Step {
    /// What differs between two states.
    fn of((before, after): (&Values, &Values), (by, at): (i64, i64)) -> Self {
        let mut ids: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
        ids.sort_unstable();
        ids.dedup();
        ids.retain(|id| before.get(id) != after.get(id));
        let of = |values: &Values| ids.iter().filter_map(|id| Some((id.clone(), values.get(id)?.clone()))).collect();
        Self { at, by, was: of(before), now: of(after), ids }
    }
}

fn put(values: &mut Values, ids: &[String], wanted: &Values) {
    for id in ids {
        match wanted.get(id) {
            Some(value) => drop(values.insert(id.clone(), value.clone())),
            None => drop(values.remove(id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, i64)]) -> Values {
        pairs.iter().map(|(id, value)| ((*id).to_owned(), (*value).into())).collect()
    }

    // row: TH03
    #[test]
    fn th03_each_change_of_a_draft_is_taken_back_and_made_again() {
        let (mut steps, mut now) = (Steps::default(), of(&[]));
        for (at, next) in [(0, of(&[("a", 1)])), (5000, of(&[("a", 1), ("b", 2)])), (10_000, of(&[("b", 2)]))] {
            assert!(steps.note((&now, &next), (7, at)));
            now = next;
        }
        assert!(!steps.note((&now, &now), (7, 20_000)), "nothing changed");
        let mut steps = Steps::read(&steps.write());
        for expected in [of(&[("a", 1), ("b", 2)]), of(&[("a", 1)]), of(&[])] {
            steps.back(&mut now).unwrap();
            assert_eq!(now, expected);
        }
        assert!(!steps.can_undo() && steps.back(&mut now).is_none());
        steps.forward(&mut now).unwrap();
        assert_eq!(now, of(&[("a", 1)]));
        // Another change ends what was taken back.
        assert!(steps.note((&now, &of(&[("a", 9)])), (7, 30_000)) && !steps.can_redo());
        // Thrown away a moment later, all of it comes back, and the change before it is a step of its own.
        let mut now = of(&[("a", 9)]);
        steps.end(&now, (7, 30_001));
        now.clear();
        steps.back(&mut now).unwrap();
        assert_eq!(now, of(&[("a", 9)]));
        steps.back(&mut now).unwrap();
        assert_eq!(now, of(&[("a", 1)]));
        steps.forward(&mut now).unwrap();
        steps.forward(&mut now).unwrap();
        assert_eq!(now, of(&[]));
    }

    #[test]
    fn a_slider_that_moves_is_one_change_and_the_past_has_an_end() {
        let (mut steps, mut now) = (Steps::default(), of(&[]));
        for n in 1..40 {
            let next = of(&[("size", n)]);
            steps.note((&now, &next), (7, n * 100));
            now = next;
        }
        steps.back(&mut now).unwrap();
        assert_eq!((now.clone(), steps.can_undo()), (of(&[]), false));
        for n in 0..200 {
            let next = of(&[("size", n + 100)]);
            steps.note((&now, &next), (7, n * 10_000));
            now = next;
        }
        assert_eq!(steps.list.len(), MOST);
        let mut long = Steps::default();
        for n in 0..20_i64 {
            let text = |n: i64| Values::from_iter([("text".to_owned(), format!("{n}{}", "x".repeat(20_000)).into())]);
            long.note((&text(n), &text(n + 1)), (7, n * 10_000));
        }
        assert!(long.write().len() <= MAX_BYTES && long.can_undo());
    }
}
