//! The faults that the demonstration can inject.

use std::borrow::Cow;

use dashboard_model::demo::Fault;
use dashboard_model::demo::MUTATIONS;
use sync_protocol::ProblemCode;

/// How often a reply is lost: a browser resends a request itself if its reused connection was aborted, so a single loss
/// would go unnoticed.
const LOSSES: u32 = 8;

const ON: Cow<'static, str> = Cow::Borrowed(MUTATIONS);

const fn reject(code: ProblemCode) -> Option<Fault> {
    Some(Fault::RefuseNext {
        code,
        times: 1,
        total: None,
    })
}

/// The faults, in the order of their names; the first one is none.
pub(super) fn fault(index: usize) -> Option<Fault> {
    match index {
        1 => reject(ProblemCode::QuotaExceeded),
        2 => reject(ProblemCode::PriceChanged),
        3 => reject(ProblemCode::AlreadyOwned),
        4 => reject(ProblemCode::NotFound),
        5 => reject(ProblemCode::NotLicensed),
        6 => Some(Fault::ErrorNext {
            status: 503,
            times: 1,
            on: ON,
        }),
        7 => Some(Fault::Delay {
            ms: 3000,
            times: 1,
            on: ON,
        }),
        8 => Some(Fault::LoseReply {
            times: LOSSES,
            on: ON,
        }),
        9 => Some(Fault::DropSocket),
        10 => Some(Fault::Silence { seconds: 30 }),
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
