//! Bodies of the demonstration server's controls: simulated back-office activity, and injected faults.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use sync_protocol::ProblemCode;

use crate::Money;

/// The body of `POST /api/demo/simulate`: real commits with real events, at a rate.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Simulation {
    /// The kind of event.
    pub what: SimulatedKind,
    /// How many events.
    #[serde(default = "one")]
    pub count: u32,
    /// Events per second.
    #[serde(default = "ten")]
    pub rate_per_s: u32,
}

/// Events that can be simulated.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SimulatedKind {
    /// A sign-in on another device.
    Activity,
    /// The store places orders for the user, and updates their status.
    Orders,
    /// The store prepares files for the user.
    Downloads,
    /// Another device adds and removes favorites.
    Favorites,
    /// Prices and play counts change.
    Market,
}

/// The body of `POST /api/demo/fault`. A fault affects only the user who injects it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The next mutations are rejected with a code.
    RefuseNext {
        /// The problem code.
        code: ProblemCode,
        /// How many mutations.
        #[serde(default = "one")]
        times: u32,
        /// The new total of the order, with `price_changed`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<Money>,
    },
    /// The next calls are answered with an HTTP error.
    ErrorNext {
        /// The HTTP status.
        status: u16,
        /// How many calls.
        #[serde(default = "one")]
        times: u32,
        /// Which call.
        #[serde(default = "mutations")]
        on: Cow<'static, str>,
    },
    /// The next calls are delayed.
    Delay {
        /// The delay.
        ms: u64,
        /// How many calls.
        #[serde(default = "one")]
        times: u32,
        /// Which call.
        #[serde(default = "mutations")]
        on: Cow<'static, str>,
    },
    /// The next calls are executed, but the connection is aborted before the response.
    LoseReply {
        /// How many calls.
        #[serde(default = "one")]
        times: u32,
        /// Which call.
        #[serde(default = "mutations")]
        on: Cow<'static, str>,
    },
    /// The websockets are aborted without a close frame.
    DropSocket,
    /// The websockets stay open, but nothing is sent.
    Silence {
        /// For how long.
        seconds: u64,
    },
}

/// The call that a fault affects by default: the one that sends the user's mutations.
pub const MUTATIONS: &str = "mutations";

const fn mutations() -> Cow<'static, str> {
    Cow::Borrowed(MUTATIONS)
}

const fn one() -> u32 {
    1
}

const fn ten() -> u32 {
    10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_fields_have_their_defaults() {
        let simulation: Simulation = serde_json::from_str(r#"{"what":"market"}"#).unwrap();
        assert_eq!(
            (simulation.what, simulation.count, simulation.rate_per_s),
            (SimulatedKind::Market, 1, 10)
        );
        let fault: Fault = serde_json::from_str(r#"{"fault":"delay","ms":5}"#).unwrap();
        let expected = Fault::Delay {
            ms: 5,
            times: 1,
            on: MUTATIONS.into(),
        };
        assert_eq!(fault, expected);
    }

    #[test]
    fn every_fault_is_read_as_it_was_written() {
        let on = || Cow::Borrowed("snapshot");
        let times = 3;
        for fault in [
            Fault::RefuseNext {
                code: ProblemCode::PriceChanged,
                times,
                total: Some(Money::default()),
            },
            Fault::ErrorNext {
                status: 503,
                times,
                on: on(),
            },
            Fault::Delay {
                ms: 9,
                times,
                on: on(),
            },
            Fault::LoseReply { times, on: on() },
            Fault::DropSocket,
            Fault::Silence { seconds: 30 },
        ] {
            let text = serde_json::to_string(&fault).unwrap();
            assert_eq!(
                serde_json::from_str::<Fault>(&text).unwrap(),
                fault,
                "{text}"
            );
        }
    }
}
