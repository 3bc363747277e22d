//! From facts to the view, with the times that keep a screen calm.

use std::rc::Rc;

use super::banner::{self, BannerState};
use super::facts::Facts;
use super::heartbeat::Heartbeat;
use super::outage::Outage;
use super::quality::RoundTrips;
use super::view::{AttemptsView, Banner, ConnectionView, Mode, RoundTripsView, ShownState};
use crate::time::Now;

/// How long a drop does not show, in milliseconds, counted from the first drop.
const BLIP_MS: u64 = 4000;
/// From this age on a drop counts as a pause, with a banner, in milliseconds.
const PAUSED_MS: u64 = 10_000;
/// Without any answer for so long the server counts as unreachable, in milliseconds.
const UNREACHABLE_MS: u64 = 60_000;
/// Shortest time that a shown state stays, in milliseconds.
const SHOWN_MIN_MS: u64 = 2000;
/// Shortest time that an attempt shows as one, in milliseconds.
const ATTEMPTING_MIN_MS: u64 = 600;

/// Derives the [`ConnectionView`]: it gets the facts after every change, and a call at every deadline.
#[derive(Clone, Debug, Default)]
pub struct StatusDeriver {
    facts: Facts,
    now: Now,
    shown: ShownState,
    shown_since: u64,
    outage: Outage,
    banner: BannerState,
    attempting_until: Option<u64>,
    round_trips: RoundTrips,
    heartbeat: Heartbeat,
    view: Rc<ConnectionView>,
    changed: bool,
}

impl StatusDeriver {
    /// A deriver for a core at rest; `realtime` as in the settings.
    #[must_use]
    pub fn new(realtime: bool) -> Self {
        let view = ConnectionView {
            polls_only: !realtime,
            ..ConnectionView::default()
        };
        Self {
            view: Rc::new(view),
            ..Self::default()
        }
    }

    /// Uses the facts as they are now. Cheap if nothing changed.
    pub fn update(&mut self, now: Now, facts: Facts) {
        if self.facts != facts {
            let before = std::mem::replace(&mut self.facts, facts);
            self.note_changes(now, &before);
        }
        self.handle_timeout(now);
    }

    /// The server was heard, be it with an error: it can be reached.
    pub const fn answered(&mut self, now: Now) {
        self.outage.answered_at = Some(now.mono_ms);
        self.outage.is_intercepted = false;
    }

    /// An answer came that cannot be the server's. Shown with the next update, if there is no connection either.
    pub const fn intercepted(&mut self) {
        self.outage.is_intercepted = true;
    }

    /// When all data on screen were last known to match the server. Shown with the next update.
    pub const fn set_heartbeat(&mut self, at: Option<Now>) {
        self.heartbeat.last = at;
    }

    /// A round trip was measured.
    pub fn measured(&mut self, rtt_ms: u32) {
        self.round_trips.push(rtt_ms);
    }

    /// The user hides the banner.
    pub fn hide_banner(&mut self, now: Now) {
        if let Some(banner) = self.view.banner {
            self.banner.hide(banner);
            self.handle_timeout(now);
        }
    }

    /// The view; the same pointer as long as nothing changed.
    #[must_use]
    pub fn view(&self) -> Rc<ConnectionView> {
        Rc::clone(&self.view)
    }

    /// Whether the view changed since this was last asked.
    pub const fn take_changed(&mut self) -> bool {
        std::mem::replace(&mut self.changed, false)
    }

    /// When [`Self::handle_timeout`] is wanted, by [`Now::mono_ms`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let mark = |from: Option<u64>, after: u64| from.map(|from| from + after);
        [
            mark(self.outage.began_at, BLIP_MS),
            mark(self.outage.began_at, PAUSED_MS),
            mark(self.outage.silent_since(), UNREACHABLE_MS),
            mark(Some(self.shown_since), SHOWN_MIN_MS),
            self.heartbeat.next_deadline(),
            self.banner.next_deadline(),
            self.attempting_until,
        ]
        .into_iter()
        .flatten()
        .filter(|at| *at > self.now.mono_ms)
        .min()
    }

    /// Notes what a change of the facts begins or ends.
    fn note_changes(&mut self, now: Now, before: &Facts) {
        let at = now.mono_ms;
        if self.facts.is_off() {
            self.outage.stop();
        } else if self.facts.live {
            self.outage.end(at);
        } else if before.live || before.is_off() {
            self.outage.begin(at, before.changes_applied);
            self.banner.seen = false;
        }
        if self.facts.is_attempting() && !before.is_attempting() {
            self.attempting_until = Some(at + ATTEMPTING_MIN_MS);
        }
        let is_own_action = before.switched_off != self.facts.switched_off;
        let is_ending = before.session_ended() != self.facts.session_ended();
        let is_signing =
            before.signed_out() != self.facts.signed_out() || before.nobody != self.facts.nobody;
        if is_own_action || is_ending || is_signing {
            self.show(at, self.wanted(at));
        }
    }

    /// The state to show, were there no shortest time.
    fn wanted(&self, now: u64) -> ShownState {
        let facts = &self.facts;
        let age = self.outage.age(now);
        if facts.session_ended() || facts.signed_out() && facts.nobody {
            ShownState::SignedOut
        } else if facts.signed_out() {
            ShownState::Starting
        } else if facts.offline {
            ShownState::Offline
        } else if facts.switched_off {
            ShownState::Paused
        } else if facts.live {
            ShownState::Live
        } else if age < BLIP_MS {
            if self.outage.was_live {
                ShownState::Live
            } else {
                ShownState::Starting
            }
        } else if facts.poll_works {
            ShownState::Delayed
        } else if facts.connection.is_suspended()
            || self.outage.silence(now) >= UNREACHABLE_MS
            || self.outage.is_intercepted && age >= PAUSED_MS
        {
            ShownState::Unreachable
        } else if age >= PAUSED_MS || facts.terminal().is_some() {
            ShownState::Paused
        } else {
            ShownState::Reconnecting
        }
    }

    fn show(&mut self, now: u64, wanted: ShownState) {
        if self.shown == wanted {
            return;
        }
        self.shown = wanted;
        self.shown_since = now;
        if wanted == ShownState::Live {
            let updates = self.outage.updates(self.facts.changes_applied);
            self.banner.show_live(now, updates);
        }
    }

    /// Brings the view up to date. Harmless when called early, late or twice.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        let at = now.mono_ms;
        let wanted = self.wanted(at);
        // An outage that shows ends the time of being live. One that does not, as while a channel is subscribed that is new on
        // screen, was none for the user.
        let shows = !matches!(wanted, ShownState::Live | ShownState::Starting);
        if shows && let Some(lived_ms) = self.outage.end_live_time() {
            self.banner.show_outage(lived_ms);
        }
        // The state of the first paint was never entered, so leaving it is the first change.
        let is_first = self.shown == ShownState::Starting && !self.facts.signed_out();
        if is_first || at.saturating_sub(self.shown_since) >= SHOWN_MIN_MS {
            self.show(at, wanted);
        }
        if self.attempting_until.is_some_and(|until| until <= at) {
            self.attempting_until = None;
        }
        let view = self.draw(at);
        if view != *self.view {
            self.heartbeat.notified(at, view.last_heartbeat);
            self.view = Rc::new(view);
            self.changed = true;
        }
    }

    fn draw(&mut self, now: u64) -> ConnectionView {
        let shown = self.shown;
        let is_due = match self.outage.began_at {
            Some(at) => now.saturating_sub(at) >= PAUSED_MS,
            // The outage is over, and its state stays visible a little longer: so does its banner.
            None => self.view.banner == Some(Banner::Paused) && !self.facts.switched_off,
        };
        // Nobody was signed in before: there is nothing to announce.
        let announced = banner::of_state(shown, is_due, self.outage.is_intercepted)
            .filter(|banner| *banner != Banner::SignedOut || self.facts.session_ended());
        let banner = self.banner.visible(now, shown, announced);
        let facts = &self.facts;
        let attempting = facts.is_attempting() || self.attempting_until.is_some();
        let mode = match shown {
            ShownState::Live => Mode::Live,
            ShownState::Delayed => Mode::Polling,
            _ => Mode::Offline,
        };
        let is_unreachable = matches!(shown, ShownState::Unreachable | ShownState::Offline);
        let is_live = shown == ShownState::Live;
        ConnectionView {
            status: facts.connection.status(),
            shown,
            banner,
            mode,
            polls_only: self.view.polls_only,
            attempts: AttemptsView {
                count: facts.attempts,
                in_flight: attempting,
                next_at_ms: facts.retry_at().filter(|_| !attempting),
            },
            switched_off: facts.switched_off,
            last_heartbeat: self.heartbeat.shown(now, facts.live),
            poll_interval_ms: facts.poll_interval_ms,
            round_trips: RoundTripsView {
                last_ms: self.round_trips.last(),
                quality: self.round_trips.quality().filter(|_| is_live),
                history_ms: Rc::clone(&self.round_trips.history),
            },
            error: facts.error(is_unreachable),
            terminal: facts.terminal(),
            pending_changes: facts.pending_changes,
        }
    }
}
