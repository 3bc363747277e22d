//! Injected faults. Each fault affects one demo account.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dashboard_model::{
    Money,
    demo::{Fault, MUTATIONS},
    orders::TOTAL,
};
use sync_protocol::{Problem, ProblemCode};

use crate::{
    failure::{Failure, Result, problem},
    ids::UserId,
};

/// The longest delay or silence.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// The maximum number of times of a fault.
const TIMES_MAX: u32 = 1000;

/// The calls that a fault can affect.
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

/// The faults of one call.
#[derive(Clone, Debug, Default)]
pub struct CallFaults {
    /// The call waits first.
    pub delay: Option<Duration>,
    /// The server answers with this status and does not run the call.
    pub error: Option<u16>,
    /// The server runs the call and drops its reply.
    pub lose_reply: bool,
}

/// The armed faults of all accounts.
#[derive(Debug, Default)]
pub struct Faults(Mutex<HashMap<UserId, Vec<Armed>>>);

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
    /// Arms a fault for the next calls. Ignores the faults of websockets, which act at once.
    ///
    /// # Errors
    /// `bad_request` if a value of the fault is invalid.
    pub fn arm(&self, user_id: &UserId, fault: Fault) -> Result<()> {
        let (kind, times, on) = match fault {
            Fault::RefuseNext { code, times, total } => (
                Kind::Reject(rejection(code, total)),
                times,
                MUTATIONS.into(),
            ),
            Fault::ErrorNext { status, times, on } if (400..=599).contains(&status) => {
                (Kind::Error(status), times, on)
            }
            Fault::ErrorNext { .. } => {
                return Err(Failure::bad_request("status must be from 400 to 599"));
            }
            Fault::Delay { ms, times, on } => {
                let delay = Duration::from_millis(ms);
                if delay > WAIT_MAX {
                    return Err(Failure::bad_request("ms must be at most 300000"));
                }
                (Kind::Delay(delay), times, on)
            }
            Fault::LoseReply { times, on } => (Kind::LoseReply, times, on),
            Fault::DropSocket | Fault::Silence { .. } => return Ok(()),
        };
        if !(1..=TIMES_MAX).contains(&times) {
            return Err(Failure::bad_request("times must be 1 to 1000"));
        }
        if !CALLS.contains(&&*on) {
            return Err(Failure::bad_request("unknown call"));
        }
        let armed = Armed { kind, times, on };
        self.all().entry(user_id.clone()).or_default().push(armed);
        Ok(())
    }

    /// Disarms all faults of an account.
    pub fn clear(&self, user_id: &UserId) {
        self.all().remove(user_id);
    }

    /// Takes the rejection that is armed for the next mutation.
    #[must_use]
    pub fn rejection(&self, user_id: &UserId) -> Option<Failure> {
        self.take(user_id, MUTATIONS, |kind| match kind {
            Kind::Reject(problem) => Some(Failure::Rejected(problem.clone())),
            _ => None,
        })
    }

    /// Takes the faults that are armed for a call: the oldest one of each kind.
    #[must_use]
    pub fn of_call(&self, user_id: &UserId, call: &str) -> CallFaults {
        let delay = self.take(user_id, call, |kind| match kind {
            Kind::Delay(delay) => Some(*delay),
            _ => None,
        });
        let error = self.take(user_id, call, |kind| match kind {
            Kind::Error(status) => Some(*status),
            _ => None,
        });
        let lost = self.take(user_id, call, |kind| {
            matches!(kind, Kind::LoseReply).then_some(())
        });
        CallFaults {
            delay,
            error,
            lose_reply: lost.is_some(),
        }
    }

    /// Takes one time of the oldest fault of a call that `pick` wants. Disarms the fault if it was the last time.
    fn take<T>(
        &self,
        user_id: &UserId,
        call: &str,
        pick: impl Fn(&Kind) -> Option<T>,
    ) -> Option<T> {
        let mut all = self.all();
        let of_user = all.get_mut(user_id)?;
        let wanted = |armed: &Armed| pick(&armed.kind).filter(|_| armed.on == call);
        let mut picks = of_user.iter().map(wanted).enumerate();
        let (index, taken) = picks.find_map(|(index, picked)| Some((index, picked?)))?;
        of_user[index].times -= 1;
        if of_user[index].times == 0 {
            of_user.remove(index);
        }
        Some(taken)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<UserId, Vec<Armed>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The problem of a rejection. `price_changed` always has a total.
fn rejection(code: ProblemCode, total: Option<Money>) -> Box<Problem> {
    let default_total = (code == ProblemCode::PriceChanged).then(|| Money {
        amount: 4999,
        ..Money::default()
    });
    let problem = problem(code);
    Box::new(match total.or(default_total) {
        Some(total) => problem.with(TOTAL, &total),
        None => problem,
    })
}

/// The duration of a silence.
///
/// # Errors
/// `bad_request` past 300 seconds.
pub fn silence(seconds: u64) -> Result<Duration> {
    let duration = Duration::from_secs(seconds);
    if duration > WAIT_MAX {
        return Err(Failure::bad_request("seconds must be at most 300"));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Fault {
        serde_json::from_str(text).expect("a fault")
    }

    #[test]
    fn a_fault_affects_only_its_user_and_only_as_many_times_as_asked() {
        let faults = Faults::default();
        let (ada, ben) = (UserId::from("ada"), UserId::from("ben"));
        let error = parse(r#"{"fault":"error_next","status":503,"times":2,"on":"snapshot"}"#);
        faults.arm(&ada, error).expect("armed");
        assert_eq!(faults.of_call(&ben, "snapshot").error, None);
        assert_eq!(faults.of_call(&ada, "mutations").error, None);
        assert_eq!(faults.of_call(&ada, "snapshot").error, Some(503));
        assert_eq!(faults.of_call(&ada, "snapshot").error, Some(503));
        assert_eq!(faults.of_call(&ada, "snapshot").error, None);
    }

    #[test]
    fn a_changed_price_always_has_a_total() {
        let faults = Faults::default();
        let ada = UserId::from("ada");
        let reject = parse(r#"{"fault":"refuse_next","code":"price_changed"}"#);
        faults.arm(&ada, reject).expect("armed");
        let Some(Failure::Rejected(problem)) = faults.rejection(&ada) else {
            panic!("no rejection");
        };
        assert!(problem.extension::<Money>(TOTAL).is_some());
        assert!(faults.rejection(&ada).is_none());
    }

    #[test]
    fn faults_with_invalid_values_are_rejected() {
        let faults = Faults::default();
        let ada = UserId::from("ada");
        for text in [
            r#"{"fault":"error_next","status":200}"#,
            r#"{"fault":"error_next","status":503,"times":0}"#,
            r#"{"fault":"delay","ms":300001}"#,
            r#"{"fault":"lose_reply","on":"elsewhere"}"#,
        ] {
            assert!(faults.arm(&ada, parse(text)).is_err(), "{text}");
        }
        assert!(silence(301).is_err());
    }
}
