//! The types and hooks that most files of an application need.

pub use sync_engine::event::Applied;
pub use sync_engine::scheduler::Priority;
pub use sync_engine::schema::{
    Collection, EntityKey, Feed, ListChange, Mutation, MutationId, MutationRef, MutationRole,
    Query, Row, RowsMut, Schema, Update, Value, ValueChange,
};
pub use sync_engine::settings::Settings;
pub use sync_engine::state::{OptimisticRows, Prediction, Reader};
pub use sync_engine::status::ShownState;
pub use sync_engine::store::Added;
pub use sync_engine::view::{
    DataStatus, EntityView, ErrorKind, ErrorView, FailureView, FetchStatus, ListView,
    MutationState, PagesView, PendingView, QueryView, RowView, ValueView,
};
pub use sync_protocol::{Problem, ProblemCode, Timestamp, User};

pub use crate::{
    Backend, HttpBackend, SettingsSource, SyncClient, SyncProvider, SyncUser, field_text,
    use_collection, use_connection, use_entity, use_events, use_mutation, use_mutations, use_pages,
    use_pages_if, use_query, use_query_if, use_sync, use_value,
};
