//! The protocol between a synchronized client and its server.
//!
//! Contains the shapes of all messages that applications have in common, the problem codes, and the limits that both
//! sides keep. Never contains an application's data, decisions, clocks, input or output.
//!
//! Unknown fields are ignored everywhere. The pages `docs/protocol.md` and `docs/openapi.yaml` describe the protocol
//! for authors of servers.

pub mod centrifugo;
pub mod change;
pub mod event;
pub mod json;
pub mod limits;
pub mod mutation;
pub mod problem;
pub mod server;
pub mod session;
pub mod snapshot;
pub mod time;

pub use change::TypedChange;
pub use event::Event;
pub use json::Json;
pub use mutation::{MutationReply, MutationRequest, MutationResult, Outcome, RawMutation};
pub use problem::{Problem, ProblemCode};
pub use session::{EXPECTED_USER_HEADER, Session, Token, User};
pub use snapshot::{ListSnapshot, Page, Settled, SnapshotQuery, SnapshotReply, ValueSnapshot};
pub use time::Timestamp;
