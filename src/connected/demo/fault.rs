//! What can go wrong on purpose.

use std::borrow::Cow;

use dashboard_protocol::ProblemCode;
use dashboard_protocol::demo::{DemoFault, MUTATIONS};

/// How often a reply is lost: a browser itself sends a request again whose reused connection was cut, so one loss would
/// not be noticed.
const LOSSES: u32 = 8;

const ON: Cow<'static, str> = Cow::Borrowed(MUTATIONS);

const fn reject(code: ProblemCode) -> Option<DemoFault> {
    Some(DemoFault::RefuseNext {
        code,
        times: 1,
        total: None,
    })
}

/// What can go wrong, in the order of its names; nothing, at first.
pub(super) fn fault(index: usize) -> Option<DemoFault> {
    match index {
        1 => reject(ProblemCode::QuotaExceeded),
        2 => reject(ProblemCode::PriceChanged),
        3 => reject(ProblemCode::AlreadyOwned),
        4 => reject(ProblemCode::NotFound),
        5 => reject(ProblemCode::NotLicensed),
        6 => Some(DemoFault::ErrorNext {
            status: 503,
            times: 1,
            on: ON,
        }),
        7 => Some(DemoFault::Delay {
            ms: 3000,
            times: 1,
            on: ON,
        }),
        8 => Some(DemoFault::LoseReply {
            times: LOSSES,
            on: ON,
        }),
        9 => Some(DemoFault::DropSocket),
        10 => Some(DemoFault::Silence { seconds: 30 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::demo;

    #[test]
    fn every_name_but_the_first_has_its_fault() {
        assert_eq!(fault(0), None);
        assert!((1..demo::FAULTS.len()).all(|index| fault(index).is_some()));
        assert_eq!(fault(demo::FAULTS.len()), None);
    }
}
