//! What the poller and the status are told about everything else, after every input.

use super::{Core, Output};
use crate::poll::{self, Link};
use crate::session::{Fault, OffReason, State};
use crate::status::Facts;
use crate::time::Now;
use crate::view::Key;

impl Core {
    /// What the live connection does for the data.
    fn link(&self) -> Link {
        if self.user.is_none() {
            return Link::Off;
        }
        match self.session.state() {
            State::Disconnected {
                why: OffReason::Disabled,
            } => Link::Absent,
            State::Disconnected { .. } => Link::Off,
            State::Error {
                why: Fault::Terminal(_),
            } => Link::Absent,
            _ if self.session.is_live() && self.recovering.is_empty() => Link::Live,
            _ => Link::Down,
        }
    }

    pub(super) fn tell_poller(&mut self, now: Now) {
        let link = self.link();
        let is_live = link == Link::Live;
        if !self.session.is_connected() {
            self.was_lost = true;
        } else if is_live && std::mem::take(&mut self.was_lost) {
            // The way is whole again: what waits for another try need not wait longer. That another stream is joined
            // over a way that was whole all the time is no such reason.
            self.store.set_paused(now, false);
        }
        // A server that knows nobody is asked for nothing.
        let is_online = is_live || !self.session.is_offline();
        self.catalog
            .set_online(now, is_online && self.user.is_some());
        self.was_live = is_live;
        self.poller.handle(now, poll::Input::Link(link));
        let active = self.interests.active();
        self.poller.handle(
            now,
            poll::Input::Interest {
                any: !active.resources.is_empty(),
                interval_ms: active.poll_interval_ms,
            },
        );
    }

    pub(super) fn tell_status(&mut self, now: Now) {
        if self.was_live {
            self.proofs.prove_joined(&self.interests);
        }
        let is_only_way = matches!(
            self.session.state(),
            State::Disconnected {
                why: OffReason::Disabled
            }
        );
        self.status.proved(self.proofs.oldest_ms(&self.interests));
        let facts = Facts {
            session: self.session.state().clone(),
            live: self.was_live,
            offline: self.session.is_offline(),
            switched_off: self.session.is_switched_off(),
            poll_works: self.poller.is_working(),
            polling: is_only_way && self.poller.is_asking(),
            poll_at: self.poller.next_poll_at().filter(|_| is_only_way),
            poll_interval_ms: self.poller.is_active().then(|| self.poller.interval_ms()),
            attempts: self.session.attempts(),
            pending_changes: u32::try_from(self.store.mutations().pending.len())
                .unwrap_or(u32::MAX),
            changes_applied: self.changes_applied,
        };
        self.status.update(now, &facts);
        if self.status.take_changed() {
            self.outputs.push_back(Output::Changed(Key::Connection));
        }
    }
}
