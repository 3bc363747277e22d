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

#[test]
fn every_planted_fault_is_caught() {
    let mut missed = FAULTS.to_vec();
    let mut seeds = 0..SEEDS_MAX;
    while !missed.is_empty()
        && let Some(seed) = seeds.next()
    {
        plant(None);
        let sound = judge_quietly(seed);
        assert_eq!(sound, Ok(()), "seed {seed} without a fault");
        missed.retain(|fault| {
            plant(Some(*fault));
            let found = judge_quietly(seed).err();
            if let Some(wrong) = &found {
                eprintln!("{fault:?}: seed {seed}: {wrong}");
            }
            found.is_none()
        });
    }
    plant(None);
    assert!(
        missed.is_empty(),
        "not caught in {SEEDS_MAX} seeds: {missed:?}"
    );
}
