//! The views as they were last emitted, and which of them have to be rebased.

use std::rc::Rc;

use super::rebase::Rebased;
use crate::schema::{ResourceId, ResourceSet, Schema};
use crate::view::{AnyView, DataStatus, ErrorView, FetchStatus, MutationsView, QueryView};

/// What is shown beside the data of a resource.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct QueryStatus {
    pub(super) status: DataStatus,
    pub(super) fetch: FetchStatus,
    pub(super) error: Option<ErrorView>,
}

/// A view and what is shown beside it.
#[derive(Clone, Default)]
struct Slot {
    rebased: Option<Rebased>,
    view: Option<Rc<AnyView>>,
    status: QueryStatus,
    /// How often the resource was rebased.
    rebases: u64,
}

/// All views.
#[derive(Clone)]
pub(super) struct Views {
    slots: Vec<Slot>,
    pub(super) mutations: Rc<MutationsView>,
    /// Resources that have to be rebased.
    pub(super) dirty: ResourceSet,
    /// Whether the list of mutations has to be made again.
    pub(super) mutations_dirty: bool,
}

impl Views {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            slots: vec![Slot::default(); schema.resource_count()],
            mutations: Rc::default(),
            dirty: ResourceSet::EMPTY,
            mutations_dirty: false,
        }
    }

    /// The last view of a resource, of whatever type.
    pub(super) fn rebased(&self, resource: ResourceId) -> Option<&Rebased> {
        self.slots[resource.index()].rebased.as_ref()
    }

    /// The view of a resource, if its data are of type `T`.
    pub(super) fn query<T: 'static>(
        &self,
        resource: ResourceId,
        verified_at_ms: Option<i64>,
    ) -> QueryView<T> {
        let slot = &self.slots[resource.index()];
        let data = slot.view.as_ref().map(Rc::clone);
        QueryView {
            data: data.and_then(|view| view.downcast().ok()),
            status: slot.status.status,
            fetch: slot.status.fetch,
            error: slot.status.error.clone(),
            updated_at_ms: verified_at_ms,
        }
    }

    /// How often a resource was rebased.
    pub(super) fn rebases(&self, resource: ResourceId) -> u64 {
        self.slots[resource.index()].rebases
    }

    /// Notes that a resource was rebased.
    pub(super) fn count_rebase(&mut self, resource: ResourceId) {
        self.slots[resource.index()].rebases += 1;
    }

    /// Takes a newly rebased view; returns whether it is another one.
    pub(super) fn set(
        &mut self,
        schema: &Schema,
        resource: ResourceId,
        rebased: Option<Rebased>,
    ) -> bool {
        let slot = &mut self.slots[resource.index()];
        if slot.rebased == rebased {
            return false;
        }
        let definition = schema.definition(resource);
        slot.view = match &rebased {
            Some(Rebased::List(parts)) => Some(definition.list_view(parts)),
            Some(Rebased::Value(parts)) => definition.value_view(parts),
            None => None,
        };
        slot.rebased = rebased;
        true
    }

    /// Takes what is shown beside a view; returns whether it is different.
    pub(super) fn set_status(&mut self, resource: ResourceId, status: QueryStatus) -> bool {
        let slot = &mut self.slots[resource.index()];
        let changed = slot.status != status;
        slot.status = status;
        changed
    }

    /// Forgets all views. Returns the resources that had one, and whether there were mutations.
    pub(super) fn forget(&mut self) -> (ResourceSet, bool) {
        let mut had_view = ResourceSet::EMPTY;
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if slot.view.is_some() {
                had_view.insert(ResourceId::new(index));
            }
            *slot = Slot {
                rebases: slot.rebases,
                ..Slot::default()
            };
        }
        let mutations = std::mem::take(&mut self.mutations);
        self.dirty = ResourceSet::EMPTY;
        self.mutations_dirty = true;
        (had_view, *mutations != MutationsView::default())
    }

    /// Forgets how often something was rebased, so that two stores with equal views are equal.
    #[cfg(any(test, feature = "test-util"))]
    pub(super) fn forget_past(&mut self) {
        for slot in &mut self.slots {
            slot.rebases = 0;
        }
    }
}

impl std::fmt::Debug for Views {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slots = self.slots.iter().map(|slot| (&slot.rebased, &slot.status));
        f.debug_struct("Views")
            .field("slots", &slots.collect::<Vec<_>>())
            .field("mutations", &self.mutations)
            .field("dirty", &self.dirty)
            .finish_non_exhaustive()
    }
}
