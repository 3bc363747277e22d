//! The hooks, one per question that a component may have.

mod use_clock;
mod use_connection;
mod use_entity;
mod use_event_batch;
mod use_events;
mod use_metrics;
mod use_mutation;
mod use_query;
mod use_query_client;
mod use_topics;
mod use_view;

pub(crate) use use_clock::use_ticks;
pub use use_clock::{use_clock, use_engine_clock, use_server_clock};
pub use use_connection::{UseConnectionHandle, use_connection};
pub use use_entity::use_entity;
pub use use_event_batch::{EventBatch, UseEventBatchOptions, use_event_batch};
pub use use_events::{use_applied, use_events};
pub use use_metrics::{use_metrics, use_subscriptions};
pub use use_mutation::{
    UseMutationHandle, UseMutationsHandle, use_mutation, use_mutations, use_mutations_of,
    use_unsaved_question,
};
pub use use_query::{
    CollectionSource, PagesSource, QuerySource, UseQueryHandle, ValueSource, use_collection,
    use_pages, use_pages_if, use_query, use_query_if, use_value,
};
pub use use_query_client::{UseQueryClientHandle, use_query_client};
pub use use_topics::{use_subscribed, use_topics};
pub use use_view::use_view;
