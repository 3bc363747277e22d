//! What was rejected, kept so that it can be read and tried again after one has gone elsewhere and come back.

use std::rc::Rc;

use dashboard_protocol::{Beat, MutationBody};

use crate::flat::FlatMap;
use crate::view::FailureView;

/// Most failures that are kept.
const FAILURES_MAX: usize = 200;

/// A rejection, with what is needed to try again.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) view: Rc<FailureView>,
    pub(super) beats: Vec<Rc<Beat>>,
    /// Whether the act held as a whole or not at all.
    pub(super) atomic: bool,
}

/// Rejections, newest first, and those that the favorites still show.
#[derive(Clone, Debug, Default)]
pub(super) struct Failures {
    list: Vec<Failure>,
    favorite_states: FlatMap<Rc<str>, Rc<FailureView>>,
}

impl Failures {
    pub(super) fn push(&mut self, failure: Failure) {
        for body in mutations(&failure.view) {
            if let MutationBody::SetFavorite { beat_id, .. } = body {
                self.favorite_states
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
            self.favorite_states.retain(|_, shown| !Rc::ptr_eq(shown, &oldest));
        }
    }

    pub(super) fn views(&self) -> Vec<Rc<FailureView>> {
        self.list
            .iter()
            .map(|failure| Rc::clone(&failure.view))
            .collect()
    }

    /// The beats whose favorites show a rejection.
    pub(super) fn favorites(&self) -> impl Iterator<Item = &Rc<str>> {
        self.favorite_states.keys()
    }

    /// The rejection that a favorite shows.
    pub(super) fn favorite(&self, beat_id: &str) -> Option<&Rc<FailureView>> {
        self.favorite_states.get(beat_id)
    }

    /// The user acted on the beat again: its favorite no longer shows the rejection, which stays listed.
    pub(super) fn acted_on(&mut self, beat_id: &str) {
        self.favorite_states.remove(beat_id);
    }

    /// Takes the act with this mutation off the list.
    pub(super) fn take(&mut self, id: &str) -> Option<Failure> {
        let index = self.list.iter().position(|failure| holds(failure, id))?;
        let failure = self.list.remove(index);
        self.favorite_states
            .retain(|_, shown| !Rc::ptr_eq(shown, &failure.view));
        Some(failure)
    }

    /// Takes all off the list; tells whether there were any.
    pub(super) fn clear(&mut self) -> bool {
        let some = !self.list.is_empty();
        self.list.clear();
        self.favorite_states.clear();
        some
    }
}

fn holds(failure: &Failure, id: &str) -> bool {
    let mut all = std::iter::once(&failure.view.mutation).chain(&failure.view.also);
    all.any(|mutation| mutation.id == id)
}

fn mutations(view: &FailureView) -> impl Iterator<Item = &MutationBody> {
    std::iter::once(&view.mutation)
        .chain(&view.also)
        .map(|mutation| &mutation.body)
}
