//! Mistakes are planted in the store, and the search has to find each.

use std::panic::catch_unwind;

use super::search::search;
use super::stories::{LOSS, PLAIN, READ, pairs, single, strangers};
use crate::injected_faults::{InjectedFault, inject};

/// Mistakes about the order in which things happen.
const FAULTS: [InjectedFault; 9] = [
    InjectedFault::CountedTwice,
    InjectedFault::DoubleApply,
    InjectedFault::DropOnReply,
    InjectedFault::LostReplyIsRejection,
    InjectedFault::OldSnapshotTaken,
    InjectedFault::OrderIgnored,
    InjectedFault::RestoreFromCopy,
    InjectedFault::StuckPending,
    InjectedFault::WrongPrev,
];

#[test]
fn a6_every_injected_fault_about_order_is_found_by_the_search() {
    let stories = [pairs(), strangers(), single()].concat();
    let courses =
        [PLAIN, READ, LOSS].map(|bounds| stories.iter().map(move |story| (story, bounds)));
    let courses: Vec<_> = courses.into_iter().flatten().collect();
    let missed = FAULTS.into_iter().filter(|fault| {
        inject(Some(*fault));
        let mut courses = courses.iter();
        let found = courses.any(|(story, bounds)| catch_unwind(|| search(story, *bounds)).is_err());
        inject(None);
        println!("{fault:?} is found: {found}");
        !found
    });
    assert_eq!(missed.collect::<Vec<_>>(), []);
}
