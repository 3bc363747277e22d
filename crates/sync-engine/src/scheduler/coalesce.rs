//! Leaves out of a batch the changes that later changes of the same batch replace.

use crate::event::{Change, Event};
use crate::map::Set;
use crate::schema::Schema;

/// Takes replaced changes out of a batch: a value before its latest value, a passing state of a row before a later state
/// of it. The events stay, so that versions and the ids of mutations are complete. Returns how many changes were left out.
pub(super) fn coalesce(schema: &Schema, batch: &mut [Event]) -> u64 {
    let mut left_out = 0;
    for resource in schema.resources() {
        let mut replaced: Set<String> = Set::new();
        let mut follows = None;
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
            left_out += drop_replaced(schema, event, &mut replaced);
        }
    }
    left_out
}

fn drop_replaced(schema: &Schema, event: &mut Event, replaced: &mut Set<String>) -> u64 {
    let definition = schema.definition(event.resource);
    let before = event.changes.len();
    let mut kept: Vec<Change> = Vec::with_capacity(before);
    for change in event.changes.drain(..).rev() {
        let replaces = change
            .data
            .as_deref()
            .and_then(|change| (definition.replaces)(change));
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

#[cfg(test)]
mod tests {
    use sync_protocol::Timestamp;

    use super::*;
    use crate::fixture::{
        JOBS, Job, JobChange, NOTES, NoteChange, TOTAL, TotalChange, event, schema,
    };

    fn job(id: &str, progress: u8) -> Job {
        Job {
            id: id.to_owned(),
            progress,
            at: Timestamp::default(),
        }
    }

    fn added(id: &str) -> Change {
        Change::new("added", JobChange::Added(job(id, 0)))
    }

    fn progress(id: &str, percent: u8) -> Change {
        Change::new("progress", JobChange::Progress(job(id, percent)))
    }

    fn done(id: &str) -> Change {
        Change::new("done", JobChange::Done(job(id, 100)))
    }

    fn total(number: u64) -> Change {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Change::new("updated", TotalChange::Updated(number))
    }

    /// Coalesces, and returns how many changes were left out.
    fn coalesced(batch: &mut [Event]) -> u64 {
        coalesce(&schema(), batch)
    }

    #[test]
    fn only_the_latest_value_stays_and_every_event_keeps_its_header() {
        let mut batch: Vec<_> = (1..=3)
            .map(|version| event(TOTAL, version, vec![total(version)]))
            .collect();
        assert_eq!(coalesced(&mut batch), 2);
        assert_eq!(batch[2].changes, [total(3)]);
        for (index, event) in batch.iter().enumerate() {
            assert_eq!(event.version, index as u64 + 1);
            assert_eq!(event.mutations.len(), 1);
        }
        assert!(batch[0].changes.is_empty() && batch[1].changes.is_empty());
    }

    #[test]
    fn a_value_before_a_hole_stays_since_a_later_one_may_have_to_wait() {
        let mut batch: Vec<_> = [1, 2, 4]
            .map(|version| event(TOTAL, version, vec![total(version)]))
            .into();
        assert_eq!(coalesced(&mut batch), 1);
        let kept = batch.iter().map(|event| event.changes.len());
        assert!(kept.eq([0, 1, 1]), "2 ends the data before the hole");
    }

    #[test]
    fn a_transient_state_goes_only_for_a_later_state_of_the_same_row() {
        let first = vec![added("a"), progress("a", 10), progress("b", 10)];
        let second = vec![progress("a", 60), done("a")];
        let mut batch = vec![event(JOBS, 1, first), event(JOBS, 2, second)];
        assert_eq!(coalesced(&mut batch), 2);
        assert_eq!(batch[0].changes, [added("a"), progress("b", 10)]);
        assert_eq!(batch[1].changes, [done("a")]);
    }

    #[test]
    fn a_log_is_never_coalesced() {
        let logged = || Change::new("logged", NoteChange::Logged(job("n", 0)));
        let mut batch = vec![event(NOTES, 1, vec![logged(), logged()])];
        assert_eq!(coalesced(&mut batch), 0);
        assert_eq!(batch[0].changes.len(), 2);
    }

    #[test]
    fn an_unknown_change_stays_and_replaces_nothing() {
        let changes = vec![
            progress("a", 10),
            Change::unknown("paused"),
            progress("a", 20),
        ];
        let mut batch = vec![event(JOBS, 1, changes)];
        assert_eq!(coalesced(&mut batch), 1);
        let kept = [Change::unknown("paused"), progress("a", 20)];
        assert_eq!(batch[0].changes, kept);
    }
}
