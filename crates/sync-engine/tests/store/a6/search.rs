//! All runs of a story: every step from every state that any run comes to, until there is no new state.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use super::fingerprint;
use super::sim::{Action, Bounds, Sim, Step};

/// A search, and the run that is being tried.
#[derive(Default)]
struct Search {
    /// Fingerprints of the states that were met.
    seen: BTreeSet<u64>,
    path: Vec<Step>,
    steps: u64,
    ends: u64,
}

impl Search {
    /// Takes every step from a state that was not met before, and goes on from whatever is new.
    fn go_on(&mut self, sim: &Sim) {
        if sim.is_at_rest() {
            self.ends += 1;
            sim.clone().finish();
            sim.clone().finish_by_reading();
        }
        for step in sim.steps() {
            self.path.push(step);
            self.steps += 1;
            let mut next = sim.clone();
            next.take(step);
            next.forget_past();
            if self.seen.insert(fingerprint::of(&next)) {
                self.go_on(&next);
            }
            self.path.pop();
        }
    }
}

/// Goes through all runs of a story within the bounds.
pub(super) fn search(actions: &[Action], bounds: Bounds) {
    let begun = Instant::now();
    let mut search = Search::default();
    let mut sim = Sim::new(actions, bounds);
    sim.forget_past();
    search.seen.insert(fingerprint::of(&sim));
    let result = catch_unwind(AssertUnwindSafe(|| search.go_on(&sim)));
    let mutations: Vec<_> = actions.iter().map(|action| &action.mutations).collect();
    println!(
        "{} states, {} steps, {} ends, {:?} within {bounds:?}: {mutations:?}",
        search.seen.len(),
        search.steps,
        search.ends,
        begun.elapsed(),
    );
    if let Err(panic) = result {
        println!("{:?}", search.path);
        resume_unwind(panic);
    }
}
