//! Mistakes are planted in the engine, one at a time, and the runs have to find each.

use std::panic::catch_unwind;

use dashboard_engine::planted::{Fault, plant};

use crate::seeds::judge_quietly;
use crate::stories::{is_not_hammered, is_recovered};
use crate::world::Check;

/// Runs in which a mistake has to show.
const SEEDS_MAX: u64 = 3000;

/// Mistakes about the connection, then about the data.
const FAULTS: [Fault; 28] = [
    Fault::AnyStreamEpoch,
    Fault::BackoffResetOnConnect,
    Fault::GapIgnored,
    Fault::OffsetOffByOne,
    Fault::PollNotStopped,
    Fault::PongForgotten,
    Fault::PongUnasked,
    Fault::ProbeNeverTimesOut,
    Fault::RecoveryIgnored,
    Fault::RetryLimitIgnored,
    Fault::RetryWithoutAlarm,
    Fault::SocketLeftOpen,
    Fault::StaleGeneration,
    Fault::StatusStaysLive,
    Fault::SwitchedOnByWake,
    Fault::TokenNeverRenewed,
    Fault::UnsubscribedKept,
    Fault::CountedTwice,
    Fault::DoubleApply,
    Fault::DropOnReply,
    Fault::EpochIgnored,
    Fault::LostReplyIsRefusal,
    Fault::OldSnapshotTaken,
    Fault::OrderIgnored,
    Fault::RequestIdsReused,
    Fault::RestoreFromCopy,
    Fault::StuckPending,
    Fault::WrongPrev,
];

/// A run of a seed, and the written courses that a run seldom takes.
fn judge(seed: u64) -> Check {
    let story = |tell: fn(u64), name: &str| {
        catch_unwind(|| tell(seed)).map_err(|_| format!("{name} does not hold"))
    };
    judge_quietly(seed)?;
    story(is_recovered, "what changed during a short cut")?;
    story(is_not_hammered, "the bound on tries")
}

#[test]
fn every_planted_fault_is_caught() {
    let mut missed = FAULTS.to_vec();
    let mut seeds = 0..SEEDS_MAX;
    while !missed.is_empty()
        && let Some(seed) = seeds.next()
    {
        let before = missed.len();
        missed.retain(|fault| {
            plant(Some(*fault));
            let found = judge(seed).err();
            if let Some(wrong) = &found {
                eprintln!("{fault:?}: seed {seed}: {wrong}");
            }
            found.is_none()
        });
        plant(None);
        if missed.len() < before {
            assert_eq!(judge(seed), Ok(()), "seed {seed} without a fault");
        }
    }
    assert!(
        missed.is_empty(),
        "not caught in {SEEDS_MAX} seeds: {missed:?}"
    );
}
