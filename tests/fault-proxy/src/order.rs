//! What the proxy is told to do to which connections.

use std::time::Duration;

/// What happens to a connection.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Fault {
    /// Nothing: bytes go through as they come.
    #[default]
    Pass,
    /// Existing connections are reset. New ones are refused: nothing listens, or, where only websockets are meant, they
    /// are reset once they turn out to be one.
    Refuse,
    /// Connections are accepted and stay open, and every byte is swallowed, in both directions.
    BlackHole,
    /// Existing connections are reset at once, new ones as soon as they say something.
    Reset,
    /// Every byte comes later by this, in each direction.
    Latency(Duration),
    /// No more than so many bytes pass in a second, in each direction.
    Slow {
        /// Bytes in a second, at least 1.
        bytes_per_s: u64,
    },
    /// The next websocket frame from the server is cut: so many of its bytes pass, but never all, and the connection
    /// ends. Other connections pass.
    Cut {
        /// Bytes of the frame that still pass; at least one does.
        bytes: u64,
    },
}

/// Which connections a fault reaches, by their age.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Reach {
    /// All.
    #[default]
    All,
    /// Those that were accepted before the fault.
    Existing,
    /// Those that are accepted while the fault holds.
    New,
}

/// One fault and whom it reaches. It holds until the next order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Order {
    /// What happens.
    pub fault: Fault,
    /// To which connections, by their age.
    pub reach: Reach,
    /// Whether it happens to websockets only.
    pub websockets_only: bool,
}

/// What a connection is used for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// It has not said enough yet.
    Unknown,
    /// Anything but a websocket.
    Plain,
    /// A websocket.
    Websocket,
}

/// The order in force, and its number.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) order: Order,
    pub(crate) number: u64,
}

impl Rules {
    /// What happens to a connection that was accepted under the order of number `born`.
    pub(crate) fn fault_for(&self, born: u64, kind: Kind) -> Fault {
        let Order {
            fault,
            reach,
            websockets_only,
        } = self.order;
        let is_new = born >= self.number;
        let is_reached = match reach {
            Reach::All => true,
            Reach::Existing => !is_new,
            Reach::New => is_new,
        };
        if is_reached && (!websockets_only || kind == Kind::Websocket) {
            fault
        } else {
            Fault::Pass
        }
    }

    /// Whether nobody is to be let in at all.
    pub(crate) fn is_shut(&self) -> bool {
        let Order {
            fault,
            reach,
            websockets_only,
        } = self.order;
        fault == Fault::Refuse && reach != Reach::Existing && !websockets_only
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(reach: Reach, websockets_only: bool) -> Rules {
        Rules {
            order: Order {
                fault: Fault::Refuse,
                reach,
                websockets_only,
            },
            number: 5,
        }
    }

    #[test]
    fn a_fault_reaches_whom_it_names() {
        let reached = |reach, born| rules(reach, false).fault_for(born, Kind::Plain);
        assert_eq!(reached(Reach::All, 4), Fault::Refuse);
        assert_eq!(reached(Reach::All, 5), Fault::Refuse);
        assert_eq!(reached(Reach::Existing, 4), Fault::Refuse);
        assert_eq!(reached(Reach::Existing, 5), Fault::Pass);
        assert_eq!(reached(Reach::New, 4), Fault::Pass);
        assert_eq!(reached(Reach::New, 5), Fault::Refuse);
    }

    #[test]
    fn a_fault_of_websockets_waits_until_a_connection_is_one() {
        let rules = rules(Reach::All, true);
        assert_eq!(rules.fault_for(5, Kind::Unknown), Fault::Pass);
        assert_eq!(rules.fault_for(5, Kind::Plain), Fault::Pass);
        assert_eq!(rules.fault_for(5, Kind::Websocket), Fault::Refuse);
    }

    #[test]
    fn the_port_is_shut_only_where_everybody_new_is_refused() {
        assert!(rules(Reach::All, false).is_shut());
        assert!(rules(Reach::New, false).is_shut());
        assert!(!rules(Reach::Existing, false).is_shut());
        assert!(!rules(Reach::All, true).is_shut());
        assert!(!Rules::default().is_shut());
    }
}
