//! The views as they were last emitted, and which of them have to be rebased.

use std::rc::Rc;

use crate::schema::{ResourceId, ResourceSet, Schema};
use crate::view::{AnyView, DataStatus, ErrorView, FetchStatus, MutationsView, Rebased};

/// What is shown beside the data of a resource.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct QueryStatus {
    pub(super) status: DataStatus,
    pub(super) fetch: FetchStatus,
    pub(super) error: Option<ErrorView>,
}

/// A view and what is shown beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot {
    /// The last view of the resource, of whatever type.
    pub(super) rebased: Option<Rebased>,
    pub(super) view: Option<Rc<AnyView>>,
    pub(super) status: QueryStatus,
    /// How often the resource was rebased.
    pub(super) rebases: u64,
}

/// All views.
#[derive(Clone, Debug, Default)]
pub(super) struct Views {
    pub(super) slots: Vec<Slot>,
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
            ..Self::default()
        }
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
        slot.view = rebased.as_ref().and_then(definition.view);
        slot.rebased = rebased;
        true
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
}
