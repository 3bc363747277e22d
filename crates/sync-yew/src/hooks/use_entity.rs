//! Whether one row is in a collection.

use sync_engine::schema::{Collection, EntityKey};
use sync_engine::topics::TopicSet;
use sync_engine::view::{EntityView, Key};
use yew::prelude::*;

use super::use_topics::use_subscribed;
use super::use_view::use_view;
use crate::guard::Subscribable;
use crate::provider::use_sync;

/// Whether one row is in a collection that tracks ids, including pending mutations, and what is pending for it. Renders
/// when that changes for this row, not when another row changes.
///
/// # Panics
/// There is no `SyncProvider` above the component, or the collection is not in the schema.
#[hook]
pub fn use_entity<C: Collection>(id: &str) -> EntityView {
    let client = use_sync();
    let entity = use_memo((client.clone(), id.to_owned()), |(client, id)| EntityKey {
        resource: client.schema().resource_id::<C>(),
        id: id.as_str().into(),
    });
    use_subscribed(&client, Subscribable::Topics(TopicSet::of(entity.resource)));
    let key = Key::Entity(entity.resource, entity.id.clone());
    use_view(&client, key, move |core| core.entity(&entity))
}
