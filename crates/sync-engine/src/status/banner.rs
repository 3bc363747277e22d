//! The banner: when it shows, when the user has hidden it, and the short "back live" after it.

use super::view::{Banner, ShownState};

/// How long "back live" stays, in milliseconds.
const BACK_MS: u64 = 4000;
/// How long updates must be live before a drop is another episode, in milliseconds.
const EPISODE_MS: u64 = 60_000;

/// The memory of the banner.
#[derive(Clone, Debug, Default)]
pub(super) struct BannerState {
    /// The banner that the user hid.
    hidden: Option<Banner>,
    /// Whether a banner was seen in this outage.
    pub(super) seen: bool,
    /// Until when "back live" stays, and how many updates it reports.
    back: Option<(u64, u32)>,
}

/// The banner of a shown state. `is_due` says whether the outage is old enough for one, `is_intercepted` whether something
/// else answers.
pub(super) const fn of_state(
    shown: ShownState,
    is_due: bool,
    is_intercepted: bool,
) -> Option<Banner> {
    match shown {
        ShownState::Unreachable if is_intercepted => Some(Banner::Intercepted),
        ShownState::Paused if is_due => Some(Banner::Paused),
        ShownState::Unreachable => Some(Banner::Unreachable),
        ShownState::Offline => Some(Banner::Offline),
        ShownState::SignedOut => Some(Banner::SignedOut),
        _ => None,
    }
}

impl BannerState {
    /// A drop shows, after so long a time without one, in milliseconds.
    pub(super) const fn show_outage(&mut self, lived_ms: u64) {
        if lived_ms >= EPISODE_MS {
            self.hidden = None;
        }
    }

    /// Live is shown again; `updates` changes came since the drop.
    pub(super) fn show_live(&mut self, now: u64, updates: u32) {
        if std::mem::take(&mut self.seen) {
            self.back = Some((now + BACK_MS, updates));
        }
    }

    /// The banner to show, given the one of the shown state.
    pub(super) fn visible(
        &mut self,
        now: u64,
        shown: ShownState,
        asked: Option<Banner>,
    ) -> Option<Banner> {
        if shown != ShownState::Live || self.back.is_some_and(|(until, _)| until <= now) {
            self.back = None;
        }
        let Some(banner) = asked else {
            return self.back.map(|(_, updates)| Banner::Back { updates });
        };
        if banner == Banner::SignedOut {
            return Some(banner);
        }
        // A hidden one comes back only for a worse one.
        if self.hidden.is_some_and(|hidden| banner <= hidden) {
            return None;
        }
        self.seen = true;
        Some(banner)
    }

    /// The user hides the banner. The one of an ended session stays.
    pub(super) fn hide(&mut self, banner: Banner) {
        match banner {
            Banner::SignedOut => {}
            Banner::Back { .. } => self.back = None,
            Banner::Intercepted | Banner::Offline | Banner::Paused | Banner::Unreachable => {
                self.hidden = Some(banner);
                self.seen = false;
            }
        }
    }

    pub(super) fn next_deadline(&self) -> Option<u64> {
        self.back.map(|(until, _)| until)
    }
}
