//! Mutations that undo others, and those that the user may still ask for: a saved mutation is no longer pending, and can
//! be undone all the same.

use std::collections::VecDeque;

use super::pending::{BatchRef, PendingMutation};
use crate::map::Set;
use crate::schema::{EntityKey, MutationId, NewMutation};
use sync_protocol::limits;

/// Most saved mutations that can still be undone.
pub(super) const SAVED_MAX: usize = 1000;

/// How far the id of an undoing mutation is from the id of the one it undoes: beyond the ids of any batch.
const UNDO_STEP: u64 = 1 << 40;

/// A mutation that undoes another one.
#[derive(Clone, Debug)]
pub(super) struct Undo {
    /// The mutation that it undoes.
    pub(super) id: MutationId,
    pub(super) entity: EntityKey,
    /// The batch of the mutation that it undoes.
    pub(super) batch: BatchRef,
    pub(super) new: NewMutation,
}

impl Undo {
    /// What undoes a mutation; nothing if that undoes another one itself, or cannot be undone.
    pub(super) fn of(entry: &PendingMutation) -> Option<Self> {
        let mutation = entry
            .mutation
            .inverse()
            .filter(|_| entry.undoes.is_none())?;
        Some(Self {
            id: entry.id.clone(),
            entity: entry.entity.clone(),
            batch: entry.batch,
            new: NewMutation {
                id: derived_id(&entry.id, UNDO_STEP),
                mutation,
            },
        })
    }
}

/// What undoes the mutations that were saved last, oldest first; of each entity only the newest.
#[derive(Clone, Debug, Default)]
pub(super) struct UndoHistory {
    list: VecDeque<Undo>,
}

impl UndoHistory {
    /// A mutation was saved: none before it about the same entity can be undone any more.
    pub(super) fn note(&mut self, entity: &EntityKey, undo: Option<Undo>) {
        self.list.retain(|undo| undo.entity != *entity);
        self.list.extend(undo);
        if self.list.len() > SAVED_MAX {
            self.list.pop_front();
        }
    }

    /// Takes out what undoes these mutations, and the others of `batches` and of their own atomic batches.
    pub(super) fn take(&mut self, ids: &Set<&MutationId>, mut batches: Set<u64>) -> VecDeque<Undo> {
        let atomic = self.list.iter().filter(|undo| undo.batch.atomic);
        let named = atomic.filter(|undo| ids.contains(&undo.id));
        batches.extend(named.map(|undo| undo.batch.id));
        let list = std::mem::take(&mut self.list).into_iter();
        let (taken, kept) = list.partition(|undo| {
            ids.contains(&undo.id) || undo.batch.atomic && batches.contains(&undo.batch.id)
        });
        self.list = kept;
        taken
    }
}

/// Another id that follows from a random one: its last twelve hexadecimal digits moved on. So an undoing mutation has
/// the same id however often it is made.
pub(super) fn derived_id(id: &MutationId, step: u64) -> MutationId {
    let id = id.as_str();
    if step == 0 {
        return id.into();
    }
    let at = id.len().checked_sub(12);
    let split = at.and_then(|at| id.split_at_checked(at));
    if let Some((head, digits)) = split
        && let Ok(number) = u64::from_str_radix(digits, 16)
    {
        let moved = number.wrapping_add(step) & 0xffff_ffff_ffff;
        return format!("{head}{moved:012x}").into();
    }
    let head = id.get(..limits::ID_BYTES_MAX - 8).unwrap_or(id);
    format!("{head}-{step}").into()
}
