//! Mistakes are planted in the engine, one at a time, and the runs have to find each.

use std::panic::catch_unwind;

use dashboard_engine::injected_faults::{InjectedFault, inject};

use crate::seeds::judge_quietly;
use crate::stories::{is_not_hammered, is_recovered};
use crate::sim::Check;

/// Runs in which a mistake has to show.
const SEEDS_MAX: u64 = 3000;

/// Mistakes about the connection, then about the data.
const FAULTS: [InjectedFault; 28] = [
    InjectedFault::AnyStreamEpoch,
    InjectedFault::BackoffResetOnConnect,
    InjectedFault::GapIgnored,
    InjectedFault::OffsetOffByOne,
    InjectedFault::PollNotStopped,
    InjectedFault::PongForgotten,
    InjectedFault::PongUnasked,
    InjectedFault::ProbeNeverTimesOut,
    InjectedFault::RecoveryIgnored,
    InjectedFault::RetryLimitIgnored,
    InjectedFault::RetryWithoutAlarm,
    InjectedFault::SocketLeftOpen,
    InjectedFault::StaleGeneration,
    InjectedFault::StatusStaysLive,
    InjectedFault::SwitchedOnByWake,
    InjectedFault::TokenNeverRenewed,
    InjectedFault::UnsubscribedKept,
    InjectedFault::CountedTwice,
    InjectedFault::DoubleApply,
    InjectedFault::DropOnReply,
    InjectedFault::EpochIgnored,
    InjectedFault::LostReplyIsRejection,
    InjectedFault::OldSnapshotTaken,
    InjectedFault::OrderIgnored,
    InjectedFault::RequestIdsReused,
    InjectedFault::RestoreFromCopy,
    InjectedFault::StuckPending,
    InjectedFault::WrongPrev,
];

/// A run of a seed, and the written courses that a run seldom takes.
fn judge(seed: u64) -> Check {
    let story = |notify: fn(u64), name: &str| {
        catch_unwind(|| notify(seed)).map_err(|_| format!("{name} does not hold"))
    };
    judge_quietly(seed)?;
    story(is_recovered, "what changed during a short cut")?;
    story(is_not_hammered, "the bound on tries")
}

#[test]
fn every_injected_fault_is_caught() {
    let mut missed = FAULTS.to_vec();
    let mut seeds = 0..SEEDS_MAX;
    while !missed.is_empty()
        && let Some(seed) = seeds.next()
    {
        let before = missed.len();
        missed.retain(|fault| {
            inject(Some(*fault));
            let found = judge(seed).err();
            if let Some(wrong) = &found {
                eprintln!("{fault:?}: seed {seed}: {wrong}");
            }
            found.is_none()
        });
        inject(None);
        if missed.len() < before {
            assert_eq!(judge(seed), Ok(()), "seed {seed} without a fault");
        }
    }
    assert!(
        missed.is_empty(),
        "not caught in {SEEDS_MAX} seeds: {missed:?}"
    );
}
