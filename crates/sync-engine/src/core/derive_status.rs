//! The poller and the status follow the other parts, after every input.

use super::{Core, CoreOutput};
use crate::connection::{ConnectionFault, OffReason, State};
use crate::poll::Connectivity;
use crate::status::Facts;
use crate::time::Now;
use crate::view::Key;

impl Core {
    /// The live connection's part in keeping the data up to date.
    fn connectivity(&self) -> Connectivity {
        if self.user.is_none() {
            return Connectivity::Off;
        }
        match self.connection.state {
            State::Disconnected {
                why: OffReason::Disabled,
            } => Connectivity::Absent,
            State::Disconnected { .. } => Connectivity::Off,
            State::Error {
                why: ConnectionFault::Terminal(_),
            } => Connectivity::Absent,
            _ if self.connection.is_live() && self.sync.recovering.is_empty() => Connectivity::Live,
            _ => Connectivity::Down,
        }
    }

    pub(super) fn update_poller(&mut self, now: Now) {
        let connectivity = self.connectivity();
        let is_live = connectivity == Connectivity::Live;
        if !self.connection.is_connected() {
            self.sync.was_lost = true;
        } else if is_live && std::mem::take(&mut self.sync.was_lost) {
            // The connection is restored: paused mutations need not wait longer. A new subscription over a connection that
            // was live all the time is no such reason.
            self.store.set_paused(now, false);
        }
        // A server that knows nobody is asked for nothing.
        let is_online = is_live || !self.connection.is_offline();
        self.queries
            .set_online(now, is_online && self.user.is_some());
        self.sync.was_live = is_live;
        self.poller.set_connectivity(now, connectivity);
        let any = !self.topics.active().resources.is_empty();
        self.poller.set_any(now, any);
    }

    pub(super) fn update_status(&mut self, now: Now) {
        if self.sync.was_live {
            self.sync.confirm_subscribed(&self.topics);
        }
        let is_only_way = self.connection.state.off_reason() == Some(OffReason::Disabled);
        self.status.set_heartbeat(self.sync.oldest(&self.topics));
        let facts = Facts {
            connection: self.connection.state.clone(),
            live: self.sync.was_live,
            offline: self.connection.is_offline(),
            switched_off: self.connection.intent.switched_off,
            nobody: self.session_check.found_nobody,
            poll_works: self.poller.is_working(),
            polling: is_only_way && self.poller.is_asking(),
            poll_at: self.poller.next_poll_at().filter(|_| is_only_way),
            poll_interval_ms: self.poller.is_active().then(|| self.poller.interval_ms()),
            attempts: self.connection.attempts(),
            pending_changes: u32::try_from(self.store.mutations().pending.len())
                .unwrap_or(u32::MAX),
            changes_applied: self.sync.changes_applied,
        };
        self.status.update(now, facts);
        if self.status.take_changed() {
            self.outputs.push_back(CoreOutput::Changed(Key::Connection));
        }
    }
}
