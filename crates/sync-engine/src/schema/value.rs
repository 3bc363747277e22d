//! Single values that the server versions.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sync_protocol::{Json, TypedChange};

use super::collection::RowChange;
use super::definition::{AnyChange, AnyValue, Kind, ResourceDefinition};
use super::feed::{AnyUpdate, FeedId};
use super::row::{AnyRow, data_ref};
use crate::scheduler::Priority;
use crate::state::ResourceData;
use crate::view::{AnyView, ListParts, ValueParts, ValueView};

/// A single value that the server versions: statistics, a profile, a balance.
pub trait Value: 'static {
    /// Its name on the wire: in channels and snapshots.
    const NAME: &'static str;
    /// How soon any change of it has to be on the screen.
    const PRIORITY: Priority = Priority::Low;
    /// The value.
    type Data: Clone + fmt::Debug + PartialEq + DeserializeOwned + Serialize + 'static;
    /// What an event says of it: an enum whose variants are the types of [`TypedChange`].
    type Change: fmt::Debug + PartialEq + DeserializeOwned + 'static;

    /// Applies a change to the server's value.
    fn apply(data: &mut Self::Data, change: &Self::Change);

    /// Whether this change replaces the value as a whole. Of several such changes in one batch only the last is applied.
    fn replaces(change: &Self::Change) -> bool {
        let _ = change;
        false
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
pub(super) struct ValueDefinition<V>(PhantomData<V>);

impl<V: Value> ValueDefinition<V> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<V: Value> ResourceDefinition for ValueDefinition<V> {
    fn name(&self) -> &'static str {
        V::NAME
    }

    fn type_id(&self) -> TypeId {
        TypeId::of::<V>()
    }

    fn as_any_mut(&mut self) -> &mut dyn std::any::Any {
        self
    }

    fn kind(&self) -> Kind {
        Kind::Value
    }

    fn priority(&self) -> Priority {
        V::PRIORITY
    }

    fn decode_change(&self, change: &TypedChange) -> Option<Rc<AnyChange>> {
        let change: V::Change = change.decode()?;
        Some(Rc::new(change))
    }

    fn change_priority(&self, _: &AnyChange) -> Priority {
        V::PRIORITY
    }

    fn replaces<'a>(&self, change: &'a AnyChange) -> Option<(&'a str, bool)> {
        data_ref(change)
            .is_some_and(V::replaces)
            .then_some(("", true))
    }

    fn apply(&self, data: &mut ResourceData, _: u64, change: &AnyChange, _: &mut Vec<RowChange>) {
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

    fn decode_row(&self, _: &str) -> Option<Rc<dyn AnyRow>> {
        None
    }

    fn decode_value(&self, json: &str) -> Option<Rc<AnyValue>> {
        let data: V::Data = serde_json::from_str(json).ok()?;
        Some(Rc::new(data))
    }

    fn encode_value(&self, data: &AnyValue) -> Option<Json> {
        Json::of(data_ref::<V::Data>(data)?)
    }

    fn list_view(&self, _: &ListParts) -> Rc<AnyView> {
        Rc::new(())
    }

    fn value_view(&self, parts: &ValueParts) -> Option<Rc<AnyView>> {
        let any: Rc<dyn std::any::Any> = Rc::<AnyValue>::clone(&parts.data);
        Some(Rc::new(ValueView {
            data: any.downcast::<V::Data>().ok()?,
            version: parts.version,
            mutations: Rc::clone(&parts.mutations),
        }))
    }

    fn patch_row(
        &self,
        _: FeedId,
        _: &dyn AnyRow,
        _: &[Rc<dyn AnyUpdate>],
    ) -> Option<Rc<dyn AnyRow>> {
        None
    }

    fn patch_change(
        &self,
        _: FeedId,
        _: &AnyChange,
        _: &[Rc<dyn AnyUpdate>],
    ) -> Option<Rc<AnyChange>> {
        None
    }

    fn is_patched_by(&self, _: FeedId) -> bool {
        false
    }
}
