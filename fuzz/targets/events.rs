//! Publications of a hostile server: versions, epochs and changes in any order, and malformed changes.
#![no_main]

use dashboard_fuzz::{Bench, EVENTS, Picks, event};
use libfuzzer_sys::fuzz_target;

/// Steps of one input.
const STEPS_MAX: usize = 200;

fuzz_target!(|bytes: &[u8]| {
    let mut picks = Picks::new(bytes);
    let mut bench = Bench::live();
    if picks.below(2) == 0 {
        let (resource, _) = picks.one_of(&EVENTS);
        for data in picks.rest().split(|byte| *byte == 0) {
            bench.publish(resource, &String::from_utf8_lossy(data).replace('\n', " "));
            bench.pass(300);
        }
    } else {
        mix(&mut bench, &mut picks);
    }
    bench.pass(60_000);
    bench.serve();
});

/// Plausible events, and other inputs between them.
fn mix(bench: &mut Bench, picks: &mut Picks<'_>) {
    for _ in 0..STEPS_MAX {
        if picks.is_over() {
            return;
        }
        if picks.below(5) == 0 {
            bench.happen(picks);
        } else {
            let (resource, data) = event(picks);
            bench.publish(resource, &data);
        }
    }
}
