//! What the dashboard and its server say to each other.
//!
//! Here live the shapes of every message, the names of channels and codes, and the limits that both sides keep.
//! Never here: decisions, clocks, input or output. Both `dashboard-engine` and `dashboard-server` build on it, so a
//! change here is a change of contract; the files under `tests/golden` must stay readable for ever.
//!
//! Unknown fields are ignored everywhere, unknown words decode to an `Unknown` variant, and an event whose change
//! cannot be read still has a readable header, so that its resource can be fetched again.

pub mod centrifugo;
pub mod channel;
pub mod demo;
pub mod event;
pub mod flat;
mod json;
pub mod limits;
pub mod model;
pub mod mutation;
pub mod problem;
mod record;
pub mod resource;
mod serde_source;
pub mod session;
pub mod snapshot;
pub mod time;

pub use channel::Channel;
pub use event::{BeatChange, Change, ChangeKind, Event, CatalogUpdate};
pub use json::from_json;
pub use model::{
    Activity, ActivityKind, Beat, Download, DownloadFormat, DownloadStatus, Favorite, License,
    Money, Order, OrderLine, OrderStatus, Prices, Quota, Stats, StatsMonth, TrendDay,
};
pub use mutation::{
    Mutation, MutationReply, MutationRequest, MutationResult, Outcome, RawMutation, MutationOutcome, MutationBody,
    OrderLineInput,
};
pub use problem::{Problem, ProblemCode};
pub use record::Readable;
pub use resource::Resource;
pub use session::{Session, SignIn, Token, User};
pub use snapshot::{
    FavoritesSnapshot, ListSnapshot, Page, Settled, SnapshotReply, SnapshotRequest,
    SnapshotResources, StatsSnapshot,
};
pub use time::Timestamp;
