//! Leaves out of a batch the changes that a later part of the same batch replaces anyway.

use crate::event::{Change, Event};
use crate::map::Set;
use crate::schema::{ResourceId, Schema};

/// Takes replaced changes out of a batch: a value before its latest value, a passing state of a row before a later state
/// of it. The events stay, so that versions and the ids of mutations are complete. Calls `left_out` for each resource
/// with the number of changes that were left out.
pub(super) fn coalesce(
    schema: &Schema,
    batch: &mut [Event],
    mut left_out: impl FnMut(ResourceId, u64),
) {
    for resource in schema.resources() {
        let mut replaced: Set<String> = Set::new();
        let mut follows = None;
        let mut count = 0;
        for event in batch
            .iter_mut()
            .rev()
            .filter(|event| event.resource == resource)
        {
            // An event after a hole may have to wait for the missing one, so that it replaces nothing yet.
            if follows
                .replace(event.prev)
                .is_some_and(|prev| prev != event.version)
            {
                replaced.clear();
            }
            count += drop_replaced(schema, event, &mut replaced);
        }
        if count > 0 {
            left_out(resource, count);
        }
    }
}

fn drop_replaced(schema: &Schema, event: &mut Event, replaced: &mut Set<String>) -> u64 {
    let definition = schema.definition(event.resource);
    let before = event.changes.len();
    let mut kept: Vec<Change> = Vec::with_capacity(before);
    for change in event.changes.drain(..).rev() {
        let replaces = change
            .data
            .as_deref()
            .and_then(|change| definition.replaces(change));
        let is_replaced = replaces
            .is_some_and(|(key, is_transient)| !replaced.insert(key.to_owned()) && is_transient);
        if !is_replaced {
            kept.push(change);
        }
    }
    kept.reverse();
    event.changes = kept;
    (before - event.changes.len()) as u64
}
