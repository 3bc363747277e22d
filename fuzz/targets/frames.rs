//! Frames of a hostile server: none makes the engine panic, open two sockets or stop.
#![no_main]

use dashboard_fuzz::{Bench, Picks, frame};
use libfuzzer_sys::fuzz_target;

/// Steps of one input.
const STEPS_MAX: usize = 200;

fuzz_target!(|bytes: &[u8]| {
    let mut picks = Picks::new(bytes);
    let mut bench = Bench::live();
    if picks.below(2) == 0 {
        for text in picks.rest().split(|byte| *byte == 0) {
            bench.say(&String::from_utf8_lossy(text));
            bench.pass(20);
        }
    } else {
        mix(&mut bench, &mut picks);
    }
    bench.pass(60_000);
    bench.serve();
});

/// Plausible frames, some of them with a part overwritten, and other inputs between them.
fn mix(bench: &mut Bench, picks: &mut Picks<'_>) {
    for _ in 0..STEPS_MAX {
        if picks.is_over() {
            return;
        }
        match picks.below(6) {
            0 => bench.happen(picks),
            1 => {
                let mut text = frame(picks).into_bytes();
                let at = picks.below(text.len().min(256));
                text[at] = 32 + picks.below(95) as u8;
                text.truncate(text.len() - picks.below(2) * picks.below(text.len().min(256)));
                bench.say(&String::from_utf8_lossy(&text));
            }
            2 => {
                let frames = [frame(picks), frame(picks), frame(picks)];
                bench.say(&frames.join("\n"));
            }
            _ => {
                let text = frame(picks);
                bench.say(&text);
            }
        }
    }
}
