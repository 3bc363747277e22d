//! Mistakes are planted in the engine, one at a time, and the runs have to find each.

use dashboard_engine::planted::{Fault, plant};

use crate::seeds::judge_quietly;

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

/// The first seed that finds a fault, and what it says.
fn found_by(fault: Fault) -> Option<(u64, String)> {
    plant(Some(fault));
    let found = (0..SEEDS_MAX).find_map(|seed| Some((seed, judge_quietly(seed).err()?)));
    plant(None);
    found
}

#[test]
fn every_planted_fault_is_caught() {
    let mut missed = Vec::new();
    for fault in FAULTS {
        match found_by(fault) {
            Some((seed, wrong)) => eprintln!("{fault:?}: seed {seed}: {wrong}"),
            None => missed.push(fault),
        }
    }
    assert!(
        missed.is_empty(),
        "not caught in {SEEDS_MAX} seeds: {missed:?}"
    );
}
