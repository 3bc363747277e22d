//! What goes wrong on purpose, for one demo account at a time.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dashboard_protocol::{
    Money, Problem, ProblemCode,
    demo::{DemoFault, MUTATIONS},
};

use crate::failure::{Failure, problem};

/// Longest delay and silence that can be asked for.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// Most times that one fault can be asked for.
const TIMES_MAX: u32 = 1000;

/// Calls that a fault can hit.
const CALLS: [&str; 10] = [
    MUTATIONS,
    "snapshot",
    "token",
    "session",
    "beats",
    "favorites",
    "orders",
    "downloads",
    "activity",
    "file",
];

/// What a call has to suffer.
#[derive(Clone, Debug, Default)]
pub struct Suffering {
    /// It waits first.
    pub delay: Option<Duration>,
    /// It is answered with this status instead of being carried out.
    pub error: Option<u16>,
    /// It is carried out, and its reply lost.
    pub lose_reply: bool,
}

/// The faults of all accounts.
#[derive(Debug, Default)]
pub struct Faults(Mutex<HashMap<String, Vec<Armed>>>);

#[derive(Clone, Debug)]
struct Armed {
    kind: Kind,
    times: u32,
    on: Cow<'static, str>,
}

#[derive(Clone, Debug)]
enum Kind {
    Reject(Box<Problem>),
    Error(u16),
    Delay(Duration),
    LoseReply,
}

impl Faults {
    /// Arms a fault of the calls. The faults of websockets are none of these: they act at once.
    ///
    /// # Errors
    /// `bad_request` if the fault makes no sense.
    pub fn arm(&self, user_id: &str, wanted: DemoFault) -> Result<(), Failure> {
        let bad = |detail: &str| Failure::because(ProblemCode::BadRequest, detail);
        let (kind, times, on) = match wanted {
            DemoFault::RefuseNext { code, times, total } => {
                (Kind::Reject(rejection(code, total)), times, MUTATIONS.into())
            }
            DemoFault::ErrorNext { status, times, on } if (400..=599).contains(&status) => {
                (Kind::Error(status), times, on)
            }
            DemoFault::ErrorNext { .. } => return Err(bad("status must be from 400 to 599")),
            DemoFault::Delay { ms, times, on } => {
                let delay = Duration::from_millis(ms);
                if delay > WAIT_MAX {
                    return Err(bad("ms must be at most 300000"));
                }
                (Kind::Delay(delay), times, on)
            }
            DemoFault::LoseReply { times, on } => (Kind::LoseReply, times, on),
            DemoFault::DropSocket | DemoFault::Silence { .. } => return Ok(()),
        };
        if !(1..=TIMES_MAX).contains(&times) {
            return Err(bad("times must be 1 to 1000"));
        }
        if !CALLS.contains(&&*on) {
            return Err(bad("unknown call"));
        }
        let armed = Armed { kind, times, on };
        self.all()
            .entry(user_id.to_owned())
            .or_default()
            .push(armed);
        Ok(())
    }

    /// Disarms all faults of an account.
    pub fn clear(&self, user_id: &str) {
        self.all().remove(user_id);
    }

    /// The rejection that the next mutation has to suffer.
    #[must_use]
    pub fn rejection(&self, user_id: &str) -> Option<Failure> {
        let mut all = self.all();
        let of_user = all.get_mut(user_id)?;
        let index = of_user
            .iter()
            .position(|armed| matches!(armed.kind, Kind::Reject(_)))?;
        let Kind::Reject(problem) = use_once(of_user, index) else {
            return None;
        };
        Some(Failure::Rejected(problem))
    }

    /// What the next call has to suffer: the oldest fault of each kind.
    #[must_use]
    pub fn suffering(&self, user_id: &str, call: &str) -> Suffering {
        let mut suffering = Suffering::default();
        let mut all = self.all();
        let Some(of_user) = all.get_mut(user_id) else {
            return suffering;
        };
        let mut index = 0;
        while let Some(armed) = of_user.get(index) {
            let hits = armed.on == call
                && match armed.kind {
                    Kind::Reject(_) => false,
                    Kind::Error(_) => suffering.error.is_none(),
                    Kind::Delay(_) => suffering.delay.is_none(),
                    Kind::LoseReply => !suffering.lose_reply,
                };
            let before = of_user.len();
            if hits {
                match use_once(of_user, index) {
                    Kind::Reject(_) => {}
                    Kind::Error(status) => suffering.error = Some(status),
                    Kind::Delay(delay) => suffering.delay = Some(delay),
                    Kind::LoseReply => suffering.lose_reply = true,
                }
            }
            if of_user.len() == before {
                index += 1;
            }
        }
        suffering
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Vec<Armed>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Uses a fault once and disarms it when it is used up.
fn use_once(armed: &mut Vec<Armed>, index: usize) -> Kind {
    let fault = &mut armed[index];
    fault.times -= 1;
    if fault.times == 0 {
        armed.remove(index).kind
    } else {
        fault.kind.clone()
    }
}

/// A rejection by its code. `price_changed` always carries a total.
fn rejection(code: ProblemCode, total: Option<Money>) -> Box<Problem> {
    let mut problem = problem(code);
    problem.total = total;
    if problem.code == ProblemCode::PriceChanged && problem.total.is_none() {
        problem.total = Some(Money {
            amount: 4999,
            ..Money::default()
        });
    }
    Box::new(problem)
}

/// How long a silence is, if it can be asked for.
///
/// # Errors
/// `bad_request` past 300 seconds.
pub fn silence(seconds: u64) -> Result<Duration, Failure> {
    let duration = Duration::from_secs(seconds);
    if duration > WAIT_MAX {
        return Err(Failure::because(
            ProblemCode::BadRequest,
            "seconds must be at most 300",
        ));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> DemoFault {
        serde_json::from_str(text).expect("a fault")
    }

    #[test]
    fn a_fault_acts_as_often_as_it_was_asked_for_and_on_its_caller_only() {
        let faults = Faults::default();
        let error = wanted(r#"{"fault":"error_next","status":503,"times":2,"on":"snapshot"}"#);
        faults.arm("ada", error).expect("armed");
        assert_eq!(faults.suffering("ben", "snapshot").error, None);
        assert_eq!(faults.suffering("ada", "mutations").error, None);
        assert_eq!(faults.suffering("ada", "snapshot").error, Some(503));
        assert_eq!(faults.suffering("ada", "snapshot").error, Some(503));
        assert_eq!(faults.suffering("ada", "snapshot").error, None);
    }

    #[test]
    fn a_changed_price_always_has_a_total() {
        let faults = Faults::default();
        let reject = wanted(r#"{"fault":"refuse_next","code":"price_changed"}"#);
        faults.arm("ada", reject).expect("armed");
        let Some(Failure::Rejected(problem)) = faults.rejection("ada") else {
            panic!("no refusal");
        };
        assert!(problem.total.is_some());
        assert!(faults.rejection("ada").is_none());
    }

    #[test]
    fn senseless_faults_are_refused() {
        let faults = Faults::default();
        for text in [
            r#"{"fault":"error_next","status":200}"#,
            r#"{"fault":"error_next","status":503,"times":0}"#,
            r#"{"fault":"delay","ms":300001}"#,
            r#"{"fault":"lose_reply","on":"elsewhere"}"#,
        ] {
            assert!(faults.arm("ada", wanted(text)).is_err(), "{text}");
        }
        assert!(silence(301).is_err());
    }
}
