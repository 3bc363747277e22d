//! What pending mutations make of one resource, on top of the server's data.

use std::rc::Rc;

use crate::map::Map;
use crate::schema::{AnyRow, AnyValue, MutationId};

/// What the mutations make of one row.
#[derive(Clone, Debug)]
pub(crate) enum RowOverlay {
    /// The server's row, as it is; none if it has none.
    AsKnown,
    /// No row.
    Hidden,
    /// This row.
    Shown(Rc<dyn AnyRow>),
}

/// A row with the mutations that have a part in it.
#[derive(Debug)]
pub(crate) struct PredictedRow {
    pub(crate) overlay: RowOverlay,
    /// The mutations, oldest first.
    pub(crate) mutations: Vec<MutationId>,
    /// Index of the mutation that made the row; later ones come first among rows of one timestamp.
    pub(crate) index: u64,
}

/// What the mutations make of a resource.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    /// By row id.
    pub(crate) rows: Map<Rc<str>, PredictedRow>,
    /// Rows that come or go, by id.
    pub(crate) presence: Map<Rc<str>, bool>,
    /// A value, with the mutations that changed it.
    pub(crate) value: Option<Rc<AnyValue>>,
    pub(crate) value_mutations: Vec<MutationId>,
}

impl Overlay {
    /// What the mutations so far make of a row, with one more that has a part in it.
    pub(crate) fn touch(&mut self, id: &str, mutation: &MutationId) -> &mut PredictedRow {
        let row = self
            .rows
            .entry(Rc::from(id))
            .or_insert_with(|| PredictedRow {
                overlay: RowOverlay::AsKnown,
                mutations: Vec::with_capacity(1),
                index: 0,
            });
        if row.mutations.last() != Some(mutation) {
            row.mutations.push(mutation.clone());
        }
        row
    }
}
