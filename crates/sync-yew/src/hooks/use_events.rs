//! Changes as they happen.

use std::rc::Rc;

use sync_engine::event::Applied;
use sync_engine::schema::{Collection, ResourceSet};
use sync_engine::topics::TopicSet;
use sync_web::Guard;
use yew::prelude::*;

use super::use_topics::use_subscribed;
use crate::guard::Subscribable;
use crate::listeners::Listener;
use crate::provider::use_sync;

/// Calls `callback` with each change of a collection after it was applied, and keeps the collection current while the
/// component is mounted and shown. Never renders by itself.
///
/// It calls the callback of the last render; a new callback costs nothing.
///
/// # Panics
/// There is no `SyncProvider` above the component, or the collection is not in the schema.
#[hook]
pub fn use_events<C, F>(callback: F)
where
    C: Collection,
    F: Fn(&C::Change) + 'static,
{
    let client = use_sync();
    let resource = *use_memo(client, |client| client.schema().resource_id::<C>());
    let callback = Callback::from(move |applied: Applied| {
        let change = applied.change();
        if let Some(change) = change.and_then(|change| change.downcast::<C::Change>()) {
            callback(change);
        }
    });
    use_applied(resource.into(), callback);
}

/// Calls `callback` with each applied change of some resources, of any type, with its event; see [`use_events`].
///
/// # Panics
/// There is no `SyncProvider` above the component.
#[hook]
pub fn use_applied(resources: ResourceSet, callback: Callback<Applied>) {
    let client = use_sync();
    let latest = use_mut_ref(|| callback.clone());
    latest.replace(callback);
    use_subscribed(&client, Subscribable::Topics(TopicSet::of(resources)));
    use_effect_with((client, resources), move |(client, resources)| {
        let (listeners, resources) = (Rc::clone(&client.driver.listeners), *resources);
        let kept = client.shown.keep(move || {
            let latest = Rc::clone(&latest);
            let call = move |applied: &Applied| {
                // Cloned, since the callback may render this component.
                let callback = latest.borrow().clone();
                callback.emit(applied.clone());
            };
            Guard::new(listeners.on(Listener::Applied(resources, Box::new(call))))
        });
        move || drop(kept)
    });
}
