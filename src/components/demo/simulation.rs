//! Simulated back-office activity.

use dashboard_model::demo::SimulatedKind;
use dashboard_model::demo::Simulation;
use yew::prelude::*;

use super::workbench::tool_form;
use crate::components::{Button, ButtonKind, Tone, choice, panel};
use crate::contexts::DemoCall;
use crate::format;
use crate::hooks::{DemoAnswer, use_demo_server};
use crate::text::{self, demo};
use sync_web::page;

/// In the order of their names.
const KINDS: [SimulatedKind; 5] = [
    SimulatedKind::Activity,
    SimulatedKind::Orders,
    SimulatedKind::Downloads,
    SimulatedKind::Favorites,
    SimulatedKind::Market,
];

/// Counts and rates, as numbers and as text.
const NUMBERS: [u32; 6] = [1, 10, 50, 200, 1000, 10_000];
const COUNTS: &[&str] = &["1", "10", "50", "200", "1000", "10000"];
/// The server's limit lies between the last two.
const RATES: &[&str] = &["1", "10", "50", "200", "1000"];

/// The selection: kind, count, rate.
type Chosen = [usize; 3];

/// Few enough to follow each, and without delay.
const AT_FIRST: Chosen = [1, 1, 1];

/// Requests events from the server: their kind, their number, and their rate.
#[component]
pub(super) fn Simulator() -> Html {
    let server = use_demo_server();
    let chosen = use_state_eq(|| AT_FIRST);
    let answer = words(server.answer());
    let on_press = {
        let [kind, count, rate] = *chosen;
        Callback::from(move |()| {
            let simulation = Simulation {
                what: KINDS[kind],
                count: NUMBERS[count],
                rate_per_s: NUMBERS[rate],
            };
            server.send(DemoCall::Simulate(simulation), || ());
        })
    };
    let field = |index: usize, label, options: &'static [&'static str]| {
        let chosen = chosen.clone();
        let current = chosen[index];
        let on_change = Callback::from(move |event: Event| {
            let mut next = *chosen;
            next[index] = page::chosen_index(&event).min(options.len() - 1);
            chosen.set(next);
        });
        choice(label, options, current, on_change)
    };
    let fields = html! {
        <>
            { field(0, demo::WHAT, demo::KINDS) }
            { field(1, demo::COUNT, COUNTS) }
            { field(2, demo::RATE, RATES) }
            <Button kind={ButtonKind::Primary} label={demo::SIMULATE} {on_press} />
        </>
    };
    let form = tool_form(demo::SIMULATION_HINT, answer, fields);
    panel("demo-simulation", demo::SIMULATION, Html::default(), form)
}

/// The result of a call to the demonstration server, in words.
pub(super) fn words(answer: &DemoAnswer) -> (AttrValue, Tone) {
    match answer {
        DemoAnswer::None => (AttrValue::default(), Tone::Neutral),
        DemoAnswer::Waiting => (text::LOADING.into(), Tone::Neutral),
        DemoAnswer::Taken(DemoCall::Simulate(simulation)) => {
            let kind = KINDS.iter().position(|kind| *kind == simulation.what);
            let kind = demo::KINDS[kind.unwrap_or_default()];
            let count = format::integer(simulation.count);
            let rate = format::integer(simulation.rate_per_s);
            let words = demo::simulated(&count, &kind.to_ascii_lowercase(), &rate);
            (words.into(), Tone::Good)
        }
        DemoAnswer::Taken(DemoCall::Inject(_)) => (demo::injected(true).into(), Tone::Good),
        DemoAnswer::Taken(DemoCall::Clear) => (demo::injected(false).into(), Tone::Good),
        DemoAnswer::Failed(failure) => (demo::failed(failure).into(), Tone::Bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_matches_its_request() {
        assert_eq!(KINDS.len(), demo::KINDS.len());
        for (number, shown) in NUMBERS.iter().zip(COUNTS) {
            assert_eq!(number.to_string(), *shown);
        }
        assert_eq!(RATES, &COUNTS[..RATES.len()]);
    }
}
