//! A bounded log of events, oldest first.

use std::rc::Rc;

use yew::prelude::*;

/// Most entries that are shown, and most that wait while the list is paused; the oldest are dropped first.
pub(super) const ENTRIES_MAX: usize = 200;

/// An entry of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Update {
    /// The time of the day, as the user's locale writes it.
    pub(super) at: AttrValue,
    /// The source of the event.
    pub(super) source: &'static str,
    /// A description of the event.
    pub(super) what: AttrValue,
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) update: Update,
}

/// The timeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Timeline {
    /// Oldest first.
    entries: Vec<Rc<Entry>>,
    /// The entries since the list was paused; `None` while it is not.
    waiting: Option<Vec<Rc<Entry>>>,
    last_id: u64,
}

/// An action on the timeline.
#[derive(Clone, Debug)]
pub(super) enum TimelineAction {
    /// These events happened, oldest first.
    Happened(Vec<Update>),
    /// Pause the list.
    Pause,
    /// Resume the list, with the entries that arrived meanwhile.
    Resume,
}

impl Timeline {
    /// The entries that contain a text, ignoring case, newest first.
    pub(super) fn shown(&self, filter: &str) -> Vec<Rc<Entry>> {
        let needle = filter.trim().to_ascii_lowercase();
        let newest_first = self.entries.iter().rev();
        newest_first
            .filter(|entry| entry.contains(&needle))
            .cloned()
            .collect()
    }

    /// How many entries arrived since the list was paused; `None` while it is not.
    pub(super) fn waiting(&self) -> Option<usize> {
        self.waiting.as_ref().map(Vec::len)
    }
}

impl Entry {
    fn contains(&self, needle: &str) -> bool {
        let Update { source, what, .. } = &self.update;
        source.contains(needle) || what.to_ascii_lowercase().contains(needle)
    }
}

impl Reducible for Timeline {
    type Action = TimelineAction;

    fn reduce(self: Rc<Self>, action: TimelineAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            TimelineAction::Happened(updates) => {
                for one in updates {
                    next.last_id += 1;
                    let entry = Rc::new(Entry {
                        id: next.last_id,
                        update: one,
                    });
                    next.waiting
                        .as_mut()
                        .unwrap_or(&mut next.entries)
                        .push(entry);
                }
            }
            TimelineAction::Pause => drop(next.waiting.get_or_insert_default()),
            TimelineAction::Resume => next.entries.extend(next.waiting.take().unwrap_or_default()),
        }
        bound(&mut next.entries);
        if let Some(waiting) = &mut next.waiting {
            bound(waiting);
        }
        Rc::new(next)
    }
}

fn bound(entries: &mut Vec<Rc<Entry>>) {
    let surplus = entries.len().saturating_sub(ENTRIES_MAX);
    entries.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(what: &str) -> Update {
        Update {
            at: "14:02:05".into(),
            source: "orders",
            what: what.to_owned().into(),
        }
    }

    fn after(actions: impl IntoIterator<Item = TimelineAction>) -> Rc<Timeline> {
        let start = Rc::new(Timeline::default());
        actions.into_iter().fold(start, Timeline::reduce)
    }

    fn happened(count: usize) -> TimelineAction {
        TimelineAction::Happened((0..count).map(|n| update(&n.to_string())).collect())
    }

    fn ids(timeline: &Timeline) -> Vec<u64> {
        timeline.shown("").iter().map(|entry| entry.id).collect()
    }

    #[test]
    fn the_newest_stands_on_top_and_the_list_holds_200_and_not_201() {
        let full = after([happened(ENTRIES_MAX)]);
        assert_eq!((ids(&full).len(), ids(&full)[0]), (200, 200));
        let past = full.reduce(happened(1));
        let ids = ids(&past);
        assert_eq!((ids.len(), ids[0], ids[199]), (200, 201, 2));
    }

    #[test]
    fn a_paused_list_is_frozen_and_resumes_with_the_entries_since() {
        let paused = after([happened(2), TimelineAction::Pause, happened(1)]);
        assert_eq!((ids(&paused), paused.waiting()), (vec![2, 1], Some(1)));
        // Pausing again keeps the waiting entries.
        let paused = paused.reduce(TimelineAction::Pause);
        assert_eq!(paused.waiting(), Some(1));
        let resumed = paused.reduce(TimelineAction::Resume);
        assert_eq!((ids(&resumed), resumed.waiting()), (vec![3, 2, 1], None));
    }

    #[test]
    fn waiting_entries_are_bounded_too() {
        let paused = after([TimelineAction::Pause, happened(ENTRIES_MAX)]);
        assert_eq!(paused.waiting(), Some(ENTRIES_MAX));
        let paused = paused.reduce(happened(1));
        assert_eq!(paused.waiting(), Some(ENTRIES_MAX));
        let resumed = paused.reduce(TimelineAction::Resume);
        assert_eq!((ids(&resumed)[0], ids(&resumed)[199]), (201, 2));
    }

    #[test]
    fn a_filter_finds_source_and_words_in_any_letters() {
        let timeline = after([TimelineAction::Happened(vec![
            update("order_updated"),
            update("Order_Created"),
        ])]);
        let count = |filter| timeline.shown(filter).len();
        assert_eq!(
            [
                count("ORDERS"),
                count(" created "),
                count("updated"),
                count("refused")
            ],
            [2, 1, 1, 0]
        );
    }
}
