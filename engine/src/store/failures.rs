//! What was refused, kept so that it can be read and tried again after one has gone elsewhere and come back.

use std::rc::Rc;

use dashboard_protocol::{Beat, Wish};

use crate::flat::FlatMap;
use crate::view::FailureView;

/// Most failures that are kept.
const FAILURES_MAX: usize = 200;

/// A refusal, with what is needed to try again.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) view: Rc<FailureView>,
    pub(super) beats: Vec<Rc<Beat>>,
    /// Whether the act held as a whole or not at all.
    pub(super) atomic: bool,
}

/// Refusals, newest first, and those that the hearts still show.
#[derive(Clone, Debug, Default)]
pub(super) struct Failures {
    list: Vec<Failure>,
    hearts: FlatMap<Rc<str>, Rc<FailureView>>,
}

impl Failures {
    pub(super) fn push(&mut self, failure: Failure) {
        for wish in wishes(&failure.view) {
            if let Wish::SetFavorite { beat_id, .. } = wish {
                self.hearts
                    .insert(Rc::from(beat_id.as_str()), Rc::clone(&failure.view));
            }
        }
        self.list.insert(0, failure);
        if let Some(oldest) = self
            .list
            .get(FAILURES_MAX)
            .map(|failure| Rc::clone(&failure.view))
        {
            self.list.truncate(FAILURES_MAX);
            self.hearts.retain(|_, shown| !Rc::ptr_eq(shown, &oldest));
        }
    }

    pub(super) fn views(&self) -> Vec<Rc<FailureView>> {
        self.list
            .iter()
            .map(|failure| Rc::clone(&failure.view))
            .collect()
    }

    /// The beats whose hearts show a refusal.
    pub(super) fn hearts(&self) -> impl Iterator<Item = &Rc<str>> {
        self.hearts.keys()
    }

    /// The refusal that a heart shows.
    pub(super) fn heart(&self, beat_id: &str) -> Option<&Rc<FailureView>> {
        self.hearts.get(beat_id)
    }

    /// The person acted on the beat again: its heart no longer shows the refusal, which stays listed.
    pub(super) fn acted_on(&mut self, beat_id: &str) {
        self.hearts.remove(beat_id);
    }

    /// Takes the act with this mutation off the list.
    pub(super) fn take(&mut self, id: &str) -> Option<Failure> {
        let place = self.list.iter().position(|failure| holds(failure, id))?;
        let failure = self.list.remove(place);
        self.hearts
            .retain(|_, shown| !Rc::ptr_eq(shown, &failure.view));
        Some(failure)
    }

    /// Takes all off the list; tells whether there were any.
    pub(super) fn clear(&mut self) -> bool {
        let some = !self.list.is_empty();
        self.list.clear();
        self.hearts.clear();
        some
    }
}

fn holds(failure: &Failure, id: &str) -> bool {
    let mut all = std::iter::once(&failure.view.mutation).chain(&failure.view.also);
    all.any(|mutation| mutation.id == id)
}

fn wishes(view: &FailureView) -> impl Iterator<Item = &Wish> {
    std::iter::once(&view.mutation)
        .chain(&view.also)
        .map(|mutation| &mutation.wish)
}
