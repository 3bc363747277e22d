//! Single values that the server versions.

use std::any::{Any, TypeId};
use std::fmt;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sync_protocol::Json;

use super::definition::{AnyChange, AnyValue, Kind, ResourceDefinition};
use super::row::data_ref;
use crate::event::Change;
use crate::scheduler::Priority;
use crate::state::ResourceData;
use crate::view::{Rebased, ValueView};

/// A single value that the server versions: statistics, a profile, a balance.
pub trait Value: 'static {
    /// Its name on the wire: in channels and snapshots.
    const NAME: &'static str;
    /// How soon any change of it has to be on the screen.
    const PRIORITY: Priority = Priority::Low;
    /// The value.
    type Data: Clone + fmt::Debug + PartialEq + DeserializeOwned + Serialize + 'static;
    /// What an event says of it: an enum whose variants are the types of
    /// [`TypedChange`](sync_protocol::TypedChange).
    type Change: fmt::Debug + PartialEq + DeserializeOwned + 'static;

    /// Applies a change to the server's value.
    fn apply(data: &mut Self::Data, change: &Self::Change);

    /// Whether this change replaces the value as a whole. Of several such changes in one batch only the last is applied.
    fn replaces(change: &Self::Change) -> bool {
        let _ = change;
        false
    }

    /// What an event would have said of a value that a snapshot brought, with its type on the wire. Without it, listeners
    /// hear nothing of what was read and not received.
    fn change_between(
        before: &Self::Data,
        after: &Self::Data,
    ) -> Option<(&'static str, Self::Change)> {
        let _ = (before, after);
        None
    }
}

/// The change of a value that needs no changes of its own: `{"type": "set", "data": …}`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueChange<T> {
    /// The value is so.
    Set(T),
}

impl<T: Clone> ValueChange<T> {
    /// Applies the change, as [`Value::apply`] does.
    pub fn apply(&self, data: &mut T) {
        let Self::Set(new) = self;
        data.clone_from(new);
    }
}

/// The erased form of a [`Value`].
pub(super) fn definition<V: Value>() -> ResourceDefinition {
    ResourceDefinition {
        name: V::NAME,
        type_id: TypeId::of::<V>(),
        priority: V::PRIORITY,
        kind: Kind::Value {
            decode: |json| {
                let data: V::Data = serde_json::from_str(json).ok()?;
                Some(Rc::new(data))
            },
            encode: |data| Json::of(data_ref::<V::Data>(data)?),
        },
        decode_change: |change| {
            let change: V::Change = change.decode()?;
            Some(Rc::new(change))
        },
        change_priority: |_| V::PRIORITY,
        replaces: |change| {
            let replaces = data_ref(change).is_some_and(V::replaces);
            replaces.then_some(("", true))
        },
        apply: |data, _, change, _| apply::<V>(data, change),
        view: |rebased| {
            let Rebased::Value(parts) = rebased else {
                return None;
            };
            let any: Rc<dyn Any> = Rc::<AnyValue>::clone(&parts.data);
            Some(Rc::new(ValueView {
                data: any.downcast::<V::Data>().ok()?,
                version: parts.version,
                mutations: Rc::clone(&parts.mutations),
            }))
        },
        change_between: |before, after| {
            let (before, after) = (data_ref(before?)?, data_ref(after?)?);
            let (kind, change) = V::change_between(before, after)?;
            Some(Change::new(kind, change))
        },
        change_of_removed: |_| None,
        patches: Vec::new(),
    }
}

fn apply<V: Value>(data: &mut ResourceData, change: &AnyChange) {
    let (ResourceData::Value(Some(known)), Some(change)) = (data, data_ref(change)) else {
        return;
    };
    let Some(former) = data_ref::<V::Data>(&**known) else {
        return;
    };
    let mut new = former.clone();
    V::apply(&mut new, change);
    if new != *former {
        *known = Rc::new(new);
    }
}
