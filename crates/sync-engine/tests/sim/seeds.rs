//! Runs from seeds.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crate::sim::{Check, Sim};
use crate::trace::Trace;

/// Seeds that are run by default.
const SEEDS: u64 = 1000;
/// Lines of a trace that are printed.
const LINES: usize = 200;

/// What runs have done.
#[derive(Debug, Default)]
struct Sum {
    inputs: u64,
    simulated_ms: u64,
}

/// One run.
fn run(seed: u64, trace: Trace, sum: &mut Sum) -> Check {
    let mut sim = Sim::of_seed(seed, trace)?;
    let scenario = sim.scenario();
    let end = scenario
        .and_then(|()| sim.heal())
        .and_then(|()| sim.check_end())
        .and_then(|()| sim.leave());
    sum.inputs += sim.inputs;
    sum.simulated_ms += sim.now;
    end
}

/// One run, in which a panic of the engine is a failure like any other.
fn judge(seed: u64, trace: Trace, sum: &mut Sum) -> Check {
    catch_unwind(AssertUnwindSafe(|| run(seed, trace, sum)))
        .unwrap_or_else(|_| Err("the engine panicked".to_owned()))
}

/// Runs a seed; panics with the trace if something does not hold.
fn run_seed(seed: u64, sum: &mut Sum) {
    if let Err(wrong) = judge(seed, Trace::default(), sum) {
        let trace = Trace::kept();
        let again = judge(seed, trace.clone(), sum);
        panic!(
            "{}\nseed {seed}: {wrong}\nthe same again: {}\nSIM_SEED={seed} cargo test -p sync-engine --test sim seeds",
            trace.tail(number("SIM_LINES").map_or(LINES, |lines| lines as usize)),
            again == Err(wrong.clone()),
        );
    }
}

/// Runs all seeds on as many threads as there are cores; each takes the next seed that nobody took.
fn run_all(seeds: u64) -> Sum {
    let next = AtomicU64::new(0);
    let work = || {
        let mut sum = Sum::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return sum;
            }
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run_seed(seed, &mut sum))) {
                // The first failure is enough.
                next.store(seeds, Ordering::Relaxed);
                resume_unwind(panic);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let sums = workers.into_iter().map(|worker| match worker.join() {
            Ok(sum) => sum,
            Err(panic) => resume_unwind(panic),
        });
        sums.fold(Sum::default(), |all, sum| Sum {
            inputs: all.inputs + sum.inputs,
            simulated_ms: all.simulated_ms + sum.simulated_ms,
        })
    })
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn the_invariants_hold_after_every_step_and_everything_recovers() {
    if let Some(seed) = number("SIM_SEED") {
        run_seed(seed, &mut Sum::default());
        return;
    }
    let seeds = number("SIM_SEEDS").unwrap_or(SEEDS);
    let began = Instant::now();
    let sum = run_all(seeds);
    let took_s = began.elapsed().as_secs_f64();
    let simulated_s = sum.simulated_ms as f64 / 1000.0;
    eprintln!(
        "{seeds} seeds, {} inputs, {:.0} h simulated in {took_s:.1} s: {:.0} times as fast as it happens",
        sum.inputs,
        simulated_s / 3600.0,
        simulated_s / took_s,
    );
}
