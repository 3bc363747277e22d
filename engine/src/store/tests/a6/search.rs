//! All runs of a story: every step from every state that any run comes to, until there is no new one.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use super::fingerprint;
use super::world::{Act, Bounds, Step, World};

/// A search, and the run that it is at.
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
    fn go_on(&mut self, world: &World) {
        if world.is_at_rest() {
            self.ends += 1;
            world.clone().finish();
            world.clone().finish_by_reading();
        }
        for step in world.steps() {
            self.path.push(step);
            self.steps += 1;
            let mut next = world.clone();
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
pub(super) fn search(acts: &[Act], bounds: Bounds) {
    let begun = Instant::now();
    let mut search = Search::default();
    let mut world = World::new(acts, bounds);
    world.forget_past();
    search.seen.insert(fingerprint::of(&world));
    let result = catch_unwind(AssertUnwindSafe(|| search.go_on(&world)));
    let wishes: Vec<_> = acts.iter().map(|act| &act.wishes).collect();
    println!(
        "{} states, {} steps, {} ends, {:?} within {bounds:?}: {wishes:?}",
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
