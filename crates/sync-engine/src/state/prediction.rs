//! What a mutation says about the resource that is being rebased.

use std::marker::PhantomData;
use std::rc::Rc;

use sync_protocol::Timestamp;

use super::optimistic_rows::PreparedRows;
use super::overlay::{Overlay, RowOverlay};
use super::reader::Reader;
use super::server_state::{ResourceData, ServerState};
use crate::schema::{AnyRow, Collection, MutationId, ResourceId, Value, data_ref, row_rc};

/// What a mutation comes to, as its primary resource tells.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Effect {
    /// Whether it no longer applies to what the server has.
    pub(crate) conflicted: bool,
    /// What it adds to the counters that it moves.
    pub(crate) delta: i32,
}

/// The resource that is being rebased, as one mutation sees it: the server's state with the effects of earlier mutations
/// on top. See [`Mutation::predict`](crate::schema::Mutation::predict).
#[derive(Debug)]
pub struct Prediction<'a> {
    pub(crate) resource: ResourceId,
    pub(crate) server: &'a ServerState,
    /// The id of the mutation.
    pub(crate) id: &'a MutationId,
    /// Its index in the order of mutations.
    pub(crate) index: u64,
    pub(crate) at: &'a Timestamp,
    pub(crate) prepared: &'a PreparedRows,
    /// Whether it does not wait for the user to decide.
    pub(crate) decided: bool,
    pub(crate) effect: Effect,
    pub(crate) overlay: &'a mut Overlay,
}

impl<'a> Prediction<'a> {
    /// The rows of a collection, if that is the resource being rebased.
    pub fn rows<C: Collection>(&mut self) -> Option<RowsPrediction<'_, 'a, C>> {
        let resource = self.server.schema.resource_id::<C>();
        (resource == self.resource).then_some(RowsPrediction {
            prediction: self,
            collection: PhantomData,
        })
    }

    /// Changes a value, if that is the resource being rebased.
    pub fn update<V: Value>(&mut self, update: impl FnOnce(&mut V::Data)) {
        let Self {
            server, overlay, ..
        } = self;
        if let ResourceData::Value(Some(known)) = server.data(self.resource)
            && self.resource == server.schema.resource_id::<V>()
            && let Some(current) = data_ref::<V::Data>(&**overlay.value.as_ref().unwrap_or(known))
        {
            let mut new = current.clone();
            update(&mut new);
            overlay.value = Some(Rc::new(new));
            overlay.value_mutations.push(self.id.clone());
        }
    }

    /// Shows the row that the mutation prepared for the resource being rebased, if it prepared one, unless the server has
    /// a row of that id.
    pub fn create_prepared(&mut self) {
        if let Some(row) = self.prepared() {
            self.create(row.id());
        }
    }

    /// What is known of the server's state.
    #[must_use]
    pub const fn reader(&self) -> Reader<'a> {
        Reader {
            prepared: Some(self.prepared),
            ..Reader::new(self.server)
        }
    }

    /// The timestamp of the rows that the mutation makes.
    #[must_use]
    pub const fn at(&self) -> &'a Timestamp {
        self.at
    }

    /// Whether the mutation does not wait for the user to decide.
    #[must_use]
    pub const fn is_decided(&self) -> bool {
        self.decided
    }

    /// Whether the mutation no longer applies, as its primary resource tells.
    #[must_use]
    pub const fn is_conflicted(&self) -> bool {
        self.effect.conflicted
    }

    /// What the mutation adds to counters, as its primary resource tells: 1, 0 or -1 for most.
    #[must_use]
    pub const fn delta(&self) -> i32 {
        self.effect.delta
    }

    fn create(&mut self, id: &str) {
        let known = self.known(id).is_some();
        let shown = self.prepared().filter(|_| !known);
        self.set(id, shown.map(RowOverlay::Shown));
    }

    fn set(&mut self, id: &str, overlay: Option<RowOverlay>) {
        let predicted = self.overlay.touch(id, self.id);
        if let Some(overlay) = overlay {
            predicted.overlay = overlay;
            predicted.index = self.index;
        }
    }

    fn prepared(&self) -> Option<Rc<dyn AnyRow>> {
        self.prepared.get(&self.resource).cloned()
    }

    fn known(&self, id: &str) -> Option<&Rc<dyn AnyRow>> {
        self.server.list(self.resource)?.find(id)
    }
}

/// The rows of the collection that is being rebased.
#[derive(Debug)]
pub struct RowsPrediction<'p, 'a, C> {
    prediction: &'p mut Prediction<'a>,
    collection: PhantomData<C>,
}

impl<C: Collection> RowsPrediction<'_, '_, C> {
    /// Whether there is such a row, loaded or not.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        let Prediction {
            server, resource, ..
        } = *self.prediction;
        let predicted = self.prediction.overlay.presence.get(id).copied();
        predicted.unwrap_or_else(|| server.has_row(resource, id))
    }

    /// The row as it looks so far, if it is loaded or predicted.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Rc<C::Row>> {
        let row = self.prediction.overlay.rows.get(id);
        match row.map(|row| &row.overlay) {
            None | Some(RowOverlay::AsKnown) => self.prediction.known(id).and_then(row_rc),
            Some(RowOverlay::Hidden) => None,
            Some(RowOverlay::Shown(row)) => row_rc(row),
        }
    }

    /// Notes that the mutation has a part in a row without changing it.
    pub fn touch(&mut self, id: &str) {
        let mutation = self.prediction.id;
        self.prediction.overlay.touch(id, mutation);
    }

    /// Shows the row that the mutation prepared, unless the server has one of that id.
    pub fn create(&mut self, id: &str) {
        self.prediction.create(id);
    }

    /// Shows the row that the mutation prepared, if it prepared one, unless the server has it.
    pub fn create_prepared(&mut self) {
        self.prediction.create_prepared();
    }

    /// Makes a row a member: shows the row that the mutation prepared. Without one there is nothing to show, but the
    /// collection counts it as there.
    pub fn insert(&mut self, id: &str) {
        let prepared = self.prediction.prepared();
        let shown = prepared.map_or(RowOverlay::Hidden, RowOverlay::Shown);
        self.prediction.set(id, Some(shown));
        self.prediction.overlay.presence.insert(Rc::from(id), true);
    }

    /// Takes a row out.
    pub fn remove(&mut self, id: &str) {
        let mutation = self.prediction.id;
        self.prediction.overlay.touch(id, mutation).overlay = RowOverlay::Hidden;
        self.prediction.overlay.presence.insert(Rc::from(id), false);
    }

    /// Shows a row in place of the one with its id.
    pub fn replace(&mut self, row: C::Row) {
        let mutation = self.prediction.id;
        let row: Rc<dyn AnyRow> = Rc::new(row);
        let predicted = self.prediction.overlay.touch(row.id(), mutation);
        predicted.overlay = RowOverlay::Shown(Rc::clone(&row));
    }

    /// Says what the mutation adds to counters of other resources. Counts only where the collection is its primary
    /// resource.
    pub const fn set_delta(&mut self, delta: i32) {
        self.prediction.effect.delta = delta;
    }

    /// Says that the mutation no longer applies: it changes nothing, and is shown as conflicted. Counts only where the
    /// collection is its primary resource.
    pub const fn conflict(&mut self) {
        self.prediction.effect.conflicted = true;
    }
}
