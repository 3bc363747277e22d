//! The stories of which every run is tried, and what each run may meet with.
//!
//! A run is any order of: the user's actions; calls that reach the server; the outcome of each mutation, accepted or
//! rejected; replies and the events of commits that arrive, events any number of times; and the store's deadlines. How
//! often calls and replies are lost, data are read without a reason, and calls are rejected as a whole is bounded for each
//! story. Time goes from deadline to deadline, and the user acts at such a time, before it or after all of them; a call
//! that takes too long is a loss like any other. There is no other bound.

use dashboard_model::MutationBody;

use super::search::search;
use super::sim::{Action, Bounds};
use crate::fixture::{cancel_download, cancel_order, download, like, order, unlike};

/// Nothing is lost, read without a reason or rejected as a whole.
pub(super) const PLAIN: Bounds = Bounds {
    losses: 0,
    reads: 0,
    forbidden: 0,
    apart: false,
};

/// One call or reply is lost.
pub(super) const LOSS: Bounds = Bounds { losses: 1, ..PLAIN };

/// One read.
pub(super) const READ: Bounds = Bounds { reads: 1, ..PLAIN };

/// One is lost, and there is a read.
const BOTH: Bounds = Bounds { losses: 1, ..READ };

/// One is lost, and one call is rejected as a whole.
const FORBIDDEN: Bounds = Bounds {
    forbidden: 1,
    ..LOSS
};

/// All of that, and events of a commit arrive apart.
const WIDE: Bounds = Bounds {
    forbidden: 1,
    apart: true,
    ..BOTH
};

fn one(body: MutationBody) -> Action {
    Action {
        mutations: vec![body],
        atomic: false,
    }
}

fn each<const N: usize>(mutations: [MutationBody; N]) -> Vec<Action> {
    mutations.map(one).to_vec()
}

/// One action that holds as a whole or not at all.
fn whole(mutations: &[MutationBody]) -> Action {
    Action {
        mutations: mutations.to_vec(),
        atomic: true,
    }
}

/// One action whose parts hold each by itself.
fn parts(mutations: &[MutationBody]) -> Action {
    Action {
        mutations: mutations.to_vec(),
        atomic: false,
    }
}

pub(super) fn single() -> Vec<Vec<Action>> {
    vec![
        each([like("b3")]),
        each([unlike("b1")]),
        // It is a favorite already.
        each([like("b1")]),
        each([order("o2", "b3")]),
        each([cancel_order("o1")]),
        each([download("d2", "b2")]),
        each([cancel_download("d1")]),
    ]
}

/// Two mutations of one entity, or in one action.
pub(super) fn pairs() -> Vec<Vec<Action>> {
    vec![
        each([like("b3"), unlike("b3")]),
        each([unlike("b1"), like("b1")]),
        each([order("o2", "b3"), cancel_order("o2")]),
        each([download("d2", "b2"), cancel_download("d2")]),
        vec![whole(&[like("b3"), order("o2", "b3")])],
        // The second is rejected in any case.
        vec![parts(&[like("b3"), cancel_order("none")])],
    ]
}

/// Two mutations of two entities, which are sent side by side.
pub(super) fn strangers() -> Vec<Vec<Action>> {
    vec![
        each([like("b3"), unlike("b1")]),
        each([like("b3"), download("d2", "b3")]),
        each([order("o2", "b3"), download("d2", "b2")]),
    ]
}

/// Three mutations of one entity, or two of them in one action.
fn triples() -> Vec<Vec<Action>> {
    vec![
        each([like("b3"), unlike("b3"), like("b3")]),
        each([unlike("b1"), like("b1"), unlike("b1")]),
        each([order("o2", "b3"), cancel_order("o2"), cancel_order("o2")]),
        vec![whole(&[like("b3"), order("o2", "b3")]), one(unlike("b3"))],
        vec![
            parts(&[like("b3"), cancel_order("none")]),
            one(unlike("b3")),
        ],
    ]
}

fn search_all(stories: &[Vec<Action>], bounds: &[Bounds]) {
    for story in stories {
        for bounds in bounds {
            search(story, *bounds);
        }
    }
}

#[test]
fn a6_every_run_of_one_mutation_ends_as_the_server_has_it() {
    search_all(&single(), &[WIDE, Bounds { losses: 3, ..LOSS }]);
}

#[test]
fn a6_every_run_of_two_mutations_ends_as_the_server_has_it() {
    search_all(&pairs(), &[BOTH, FORBIDDEN]);
    search_all(&strangers(), &[READ, FORBIDDEN]);
}

#[test]
fn a6_every_run_of_three_mutations_of_one_entity_ends_as_the_server_has_it() {
    search_all(&triples(), &[READ, FORBIDDEN]);
}

#[test]
fn a6_every_run_of_an_order_its_cancel_and_a_favorite_ends_as_expected() {
    let story = each([order("o2", "b3"), cancel_order("o2"), like("b3")]);
    search(&story, LOSS);
}

#[test]
fn a6_every_run_of_a_download_its_cancel_and_a_favorite_ends_as_expected() {
    let story = each([download("d2", "b2"), like("b3"), cancel_download("d2")]);
    search(&story, LOSS);
}

#[test]
fn a6_every_run_of_three_mutations_of_several_entities_ends_as_the_server_has_it() {
    let stories = [
        each([like("b3"), order("o2", "b3"), unlike("b3")]),
        each([like("b3"), unlike("b1"), order("o2", "b3")]),
    ];
    search_all(&stories, &[PLAIN]);
}
