//! The types and hooks that most files of an application need.

pub use sync_engine::event::Applied;
pub use sync_engine::http::{HttpFailure, HttpReply, HttpRequest};
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
    Backend, ConnectionStatusBanner, ConnectionStatusIndicator, ConnectionText, ConnectionWords,
    HttpBackend, IndicatorVariant, KeepAlive, SettingsSource, SharedClient, SyncClient,
    SyncProvider, SyncUser, acquire, field_text, use_applied, use_clock, use_collection,
    use_connection, use_engine_clock, use_entity, use_event_batch, use_events, use_metrics,
    use_mutation, use_mutations, use_mutations_of, use_pages, use_pages_if, use_query,
    use_query_client, use_query_if, use_server_clock, use_shown_effect_with, use_subscriptions,
    use_sync, use_topics, use_unsaved_question, use_value,
};
