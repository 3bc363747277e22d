//! Runs of more mutations, in which everything may happen again and again, drawn from a seed.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use dashboard_model::MutationBody;
use sync_engine::random::Random;

use super::sim::{Action, Bounds, Sim, Step, entity_of};
use crate::fixture::{cancel_download, cancel_order, download, like, order, unlike};

/// Runs that are drawn.
const SEEDS: u64 = 4000;
/// Steps of a run, after which everything comes to its end.
const STEPS: usize = 30;
/// Commits whose events still arrive, of a run's newest.
const REACH: usize = 3;

fn below(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.up_to(count as u64 - 1)).unwrap()
}

fn actions(random: &mut Random) -> Vec<Action> {
    let pool = [
        like("b3"),
        unlike("b3"),
        unlike("b1"),
        like("b1"),
        unlike("b2"),
        order("o2", "b3"),
        cancel_order("o1"),
        cancel_order("o2"),
        download("d2", "b2"),
        cancel_download("d1"),
        cancel_download("d2"),
    ];
    let mut made = BTreeSet::new();
    let actions = (0..=below(random, 5)).map(|_| {
        let mutations = 0..=below(random, 4) / 3;
        let mutations = mutations.map(|_| pool[below(random, pool.len())].clone());
        let mut mutations: Vec<_> = mutations.collect();
        // A thing is made once: its id is as random as that of the mutation.
        mutations.retain(|body| !creates(body) || made.insert(entity_of(body)));
        let atomic = below(random, 2) == 0;
        Action { mutations, atomic }
    });
    actions
        .filter(|action| !action.mutations.is_empty())
        .collect()
}

const fn creates(body: &MutationBody) -> bool {
    matches!(
        body,
        MutationBody::PlaceOrder(_) | MutationBody::RequestDownload(_)
    )
}

/// What can happen, with what would make the runs of a search endless.
fn steps(sim: &Sim, random: &mut Random) -> Vec<Step> {
    let mut steps = sim.steps();
    let old = sim.commits.len().saturating_sub(REACH);
    steps.retain(
        |step| !matches!(step, Step::Deliver(index) | Step::Part(index, _) if *index < old),
    );
    let ms = [10, 160, 700, 1100];
    steps.push(Step::Pass(ms[below(random, ms.len())]));
    if sim.elsewhere < 4 {
        steps.push(Step::Elsewhere);
    }
    steps
}

fn run(seed: u64, path: &mut Vec<Step>) {
    let mut random = Random::new(seed);
    let apart = seed % 2 == 1;
    let bounds = Bounds {
        losses: u8::MAX,
        reads: 4,
        forbidden: 2,
        apart,
    };
    let mut sim = Sim::new(&actions(&mut random), bounds);
    for _ in 0..STEPS {
        let steps = steps(&sim, &mut random);
        let step = steps[below(&mut random, steps.len())];
        path.push(step);
        sim.take(step);
    }
    if apart {
        sim.finish_by_reading();
    } else {
        sim.finish();
    }
}

#[test]
fn a6_long_runs_end_as_the_server_has_it() {
    for seed in 0..SEEDS {
        let mut path = Vec::new();
        let result = catch_unwind(AssertUnwindSafe(|| run(seed, &mut path)));
        if let Err(panic) = result {
            println!(
                "seed {seed}: {:?} {path:?}",
                actions(&mut Random::new(seed))
            );
            resume_unwind(panic);
        }
    }
}
