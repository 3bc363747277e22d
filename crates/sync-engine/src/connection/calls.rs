//! The connection's own HTTP calls: for a token, and whether the user is still signed in.

/// A call of the connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Call {
    /// For a token.
    Token,
    /// Whether the user is still signed in.
    Session,
}

/// The calls in flight, at most one of each kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    token: Option<u64>,
    session: Option<u64>,
    last_id: u64,
}

impl Calls {
    /// The id of a new call; `None` if one of its kind is in flight.
    pub(super) const fn begin(&mut self, call: Call) -> Option<u64> {
        let id = self.last_id + 1;
        let in_flight = self.slot(call);
        if in_flight.is_some() {
            return None;
        }
        *in_flight = Some(id);
        self.last_id = id;
        Some(id)
    }

    /// A call was answered: which one. `None` if it is not in flight any more.
    pub(super) fn finish(&mut self, id: u64) -> Option<Call> {
        let mut calls = [Call::Token, Call::Session].into_iter();
        calls.find(|call| self.slot(*call).take_if(|known| *known == id).is_some())
    }

    /// Aborts a call. Returns its id if it was in flight.
    pub(super) const fn abort(&mut self, call: Call) -> Option<u64> {
        self.slot(call).take()
    }

    const fn slot(&mut self, call: Call) -> &mut Option<u64> {
        match call {
            Call::Token => &mut self.token,
            Call::Session => &mut self.session,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_of_each_kind_is_in_flight_and_ids_are_never_reused() {
        let mut calls = Calls::default();
        assert_eq!(calls.begin(Call::Token), Some(1));
        assert_eq!(calls.begin(Call::Token), None);
        assert_eq!(calls.begin(Call::Session), Some(2));
        assert_eq!(calls.finish(1), Some(Call::Token));
        assert_eq!(calls.finish(1), None);
        assert_eq!(calls.begin(Call::Token), Some(3));
        assert_eq!(calls.abort(Call::Token), Some(3));
        assert_eq!(calls.finish(3), None);
        assert_eq!(calls.finish(2), Some(Call::Session));
    }
}
