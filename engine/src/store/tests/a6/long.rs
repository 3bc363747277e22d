//! Runs of more wishes, in which everything may happen again and again, drawn from a seed.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use dashboard_protocol::Wish;

use super::super::bench::{cancel_download, cancel_order, download, like, order, unlike};
use super::world::{Act, Bounds, Step, World};
use crate::random::Random;
use crate::store::entry::Entity;

/// Runs that are drawn.
const SEEDS: u64 = 4000;
/// Steps of a run, after which everything comes to its end.
const STEPS: usize = 30;
/// Commits whose events still arrive, of a run's newest.
const REACH: usize = 3;

fn below(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.up_to(count as u64 - 1)).unwrap()
}

fn acts(random: &mut Random) -> Vec<Act> {
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
    let acts = (0..=below(random, 5)).map(|_| {
        let wishes = 0..=below(random, 4) / 3;
        let wishes = wishes.map(|_| pool[below(random, pool.len())].clone());
        let mut wishes: Vec<_> = wishes.collect();
        // A thing is made once: its id is as random as that of the wish.
        wishes.retain(|wish| !makes(wish) || made.insert(Entity::of(wish)));
        let atomic = below(random, 2) == 0;
        Act { wishes, atomic }
    });
    acts.filter(|act| !act.wishes.is_empty()).collect()
}

const fn makes(wish: &Wish) -> bool {
    matches!(wish, Wish::PlaceOrder { .. } | Wish::RequestDownload { .. })
}

/// What can happen, with what would make the runs of a search endless.
fn steps(world: &World, random: &mut Random) -> Vec<Step> {
    let mut steps = world.steps();
    let old = world.commits.len().saturating_sub(REACH);
    steps.retain(
        |step| !matches!(step, Step::Deliver(place) | Step::Part(place, _) if *place < old),
    );
    let ms = [10, 160, 700, 1100];
    steps.push(Step::Pass(ms[below(random, ms.len())]));
    if world.elsewhere < 4 {
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
    let mut world = World::new(&acts(&mut random), bounds);
    for _ in 0..STEPS {
        let steps = steps(&world, &mut random);
        let step = steps[below(&mut random, steps.len())];
        path.push(step);
        world.take(step);
    }
    if apart {
        world.finish_by_reading();
    } else {
        world.finish();
    }
}

#[test]
fn a6_long_interleavings_end_as_the_server_has_it_without_flicker() {
    for seed in 0..SEEDS {
        let mut path = Vec::new();
        let result = catch_unwind(AssertUnwindSafe(|| run(seed, &mut path)));
        if let Err(panic) = result {
            println!("seed {seed}: {:?} {path:?}", acts(&mut Random::new(seed)));
            resume_unwind(panic);
        }
    }
}
