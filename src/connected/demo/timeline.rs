//! What happened, newest last, as much of it as is kept.

use std::rc::Rc;

use yew::prelude::*;

/// Most entries that are shown, and most that wait while the list is paused; the oldest go first.
pub(super) const ENTRIES_MAX: usize = 200;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct News {
    /// The time of the day, as the person's locale writes it.
    pub(super) at: AttrValue,
    /// What it happened to.
    pub(super) source: &'static str,
    /// What it was.
    pub(super) what: AttrValue,
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) news: News,
}

/// The timeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Timeline {
    /// Oldest first.
    entries: Vec<Rc<Entry>>,
    /// What came since the list was paused; `None` while it is not.
    held: Option<Vec<Rc<Entry>>>,
    last_id: u64,
}

/// What is done to the timeline.
#[derive(Clone, Debug)]
pub(super) enum TimelineAct {
    /// These happened, oldest first.
    Happened(Vec<News>),
    /// The list is to stay as it is.
    Pause,
    /// The list goes on, with what came meanwhile.
    Resume,
}

impl Timeline {
    /// The entries that contain a text, in whatever letters, newest first.
    pub(super) fn shown(&self, filter: &str) -> Vec<Rc<Entry>> {
        let wanted = filter.trim().to_ascii_lowercase();
        let newest_first = self.entries.iter().rev();
        newest_first
            .filter(|entry| entry.contains(&wanted))
            .cloned()
            .collect()
    }

    /// How many came since the list was paused; `None` while it is not.
    pub(super) fn waiting(&self) -> Option<usize> {
        self.held.as_ref().map(Vec::len)
    }
}

impl Entry {
    fn contains(&self, wanted: &str) -> bool {
        let News { source, what, .. } = &self.news;
        source.contains(wanted) || what.to_ascii_lowercase().contains(wanted)
    }
}

impl Reducible for Timeline {
    type Action = TimelineAct;

    fn reduce(self: Rc<Self>, act: TimelineAct) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match act {
            TimelineAct::Happened(news) => {
                for one in news {
                    next.last_id += 1;
                    let entry = Rc::new(Entry {
                        id: next.last_id,
                        news: one,
                    });
                    next.held.as_mut().unwrap_or(&mut next.entries).push(entry);
                }
            }
            TimelineAct::Pause => drop(next.held.get_or_insert_default()),
            TimelineAct::Resume => next.entries.extend(next.held.take().unwrap_or_default()),
        }
        bound(&mut next.entries);
        if let Some(held) = &mut next.held {
            bound(held);
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

    fn news(what: &str) -> News {
        News {
            at: "14:02:05".into(),
            source: "orders",
            what: what.to_owned().into(),
        }
    }

    fn after(acts: impl IntoIterator<Item = TimelineAct>) -> Rc<Timeline> {
        let start = Rc::new(Timeline::default());
        acts.into_iter().fold(start, Timeline::reduce)
    }

    fn happened(count: usize) -> TimelineAct {
        TimelineAct::Happened((0..count).map(|n| news(&n.to_string())).collect())
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
    fn a_paused_list_stays_and_goes_on_with_what_came_meanwhile() {
        let paused = after([happened(2), TimelineAct::Pause, happened(1)]);
        assert_eq!((ids(&paused), paused.waiting()), (vec![2, 1], Some(1)));
        // Paused once more, it keeps what waits.
        let paused = paused.reduce(TimelineAct::Pause);
        assert_eq!(paused.waiting(), Some(1));
        let resumed = paused.reduce(TimelineAct::Resume);
        assert_eq!((ids(&resumed), resumed.waiting()), (vec![3, 2, 1], None));
    }

    #[test]
    fn what_waits_is_bounded_too() {
        let paused = after([TimelineAct::Pause, happened(ENTRIES_MAX)]);
        assert_eq!(paused.waiting(), Some(ENTRIES_MAX));
        let paused = paused.reduce(happened(1));
        assert_eq!(paused.waiting(), Some(ENTRIES_MAX));
        let resumed = paused.reduce(TimelineAct::Resume);
        assert_eq!((ids(&resumed)[0], ids(&resumed)[199]), (201, 2));
    }

    #[test]
    fn a_filter_finds_source_and_words_in_any_letters() {
        let timeline = after([TimelineAct::Happened(vec![
            news("order_updated"),
            news("Order_Created"),
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
