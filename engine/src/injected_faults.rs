//! Faults that can be planted, one at a time, to see whether the simulation catches them.
//!
//! Each stands where a mistake of its kind would be made. Without the feature `injected-faults` nothing can be planted,
//! [`is_injected`] is a constant, and the branches that ask it are not compiled into anything.

#[cfg(feature = "injected-faults")]
use std::cell::Cell;

/// A mistake that somebody could make.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InjectedFault {
    /// A stream is recovered whatever epoch it has.
    AnyStreamEpoch,
    /// The waits start small again as soon as the server accepts a connection.
    BackoffResetOnConnect,
    /// A mutation is shown on top of data that hold it.
    CountedTwice,
    /// An event that is known is applied again.
    DoubleApply,
    /// A mutation leaves the log with the server's reply, before its effect has arrived.
    DropOnReply,
    /// A snapshot of another epoch is compared with the versions of this one.
    EpochIgnored,
    /// A hole in a stream's offsets is not noticed.
    GapIgnored,
    /// No answer counts as a rejection.
    LostReplyIsRejection,
    /// An older snapshot replaces newer data.
    OldSnapshotTaken,
    /// Recovery asks for what comes after the next publication.
    OffsetOffByOne,
    /// Mutations for one thing overtake each other.
    OrderIgnored,
    /// Polling goes on while the connection is live.
    PollNotStopped,
    /// Pings are not answered.
    PongForgotten,
    /// Pings are answered that want no answer.
    PongUnasked,
    /// A probe after a wake signal may take for ever.
    ProbeNeverTimesOut,
    /// What was lost with a stream is not read again.
    RecoveryIgnored,
    /// Ids of calls begin anew with the next user.
    RequestIdsReused,
    /// A rejection puts back what was shown before the click.
    RestoreFromCopy,
    /// Tries go on for ever.
    RetryLimitIgnored,
    /// The next try has no alarm.
    RetryWithoutAlarm,
    /// A socket that was given up is not closed.
    SocketLeftOpen,
    /// Events of any socket are believed.
    StaleGeneration,
    /// What was live once is shown as live for ever.
    StatusStaysLive,
    /// A mutation without an answer is never sent again.
    StuckPending,
    /// A wake signal switches on what the user switched off.
    SwitchedOnByWake,
    /// The connection's token is not renewed.
    TokenNeverRenewed,
    /// A channel that nobody needs stays subscribed.
    UnsubscribedKept,
    /// An event is applied although one before it is missing.
    WrongPrev,
}

#[cfg(feature = "injected-faults")]
thread_local! {
    static INJECTED: Cell<Option<InjectedFault>> = const { Cell::new(None) };
}

/// Plants a fault in every engine of this thread; `None` takes it out.
#[cfg(feature = "injected-faults")]
pub fn inject(fault: Option<InjectedFault>) {
    INJECTED.set(fault);
}

/// Whether this fault is planted.
#[cfg(feature = "injected-faults")]
pub(crate) fn is_injected(fault: InjectedFault) -> bool {
    INJECTED.get() == Some(fault)
}

/// Whether this fault is planted: never.
#[cfg(not(feature = "injected-faults"))]
pub(crate) const fn is_injected(_: InjectedFault) -> bool {
    false
}
