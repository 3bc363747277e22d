//! Which banners are shown after the person has hidden one.

use std::rc::Rc;

use dashboard_engine::status::{Banner, ShownState};
use yew::prelude::*;

/// So long live between two outages makes the second one a new episode, in milliseconds.
const NEW_EPISODE_MS: i64 = 60_000;

/// Remembers what was hidden: a hidden banner comes back only for something worse, or in a new episode.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct BannerGate {
    /// Severity of what was hidden.
    hidden: Option<u8>,
    /// Since when everything has been live, by the wall clock; `None` while it is not.
    live_since_ms: Option<i64>,
}

/// What a gate hears.
#[derive(Clone, Copy, Debug)]
pub(super) enum BannerAct {
    /// The person hid this banner.
    Hidden(Banner),
    /// The connection is shown so, at this moment.
    Shown(ShownState, i64),
}

impl BannerGate {
    /// Whether this banner is to be shown.
    pub(super) fn admits(&self, banner: Banner, now_ms: i64) -> bool {
        let is_new_episode = self
            .live_since_ms
            .is_some_and(|since| now_ms - since >= NEW_EPISODE_MS);
        match self.hidden {
            Some(hidden) if !is_new_episode => severity(banner) > hidden,
            _ => true,
        }
    }
}

impl Reducible for BannerGate {
    type Action = BannerAct;

    fn reduce(self: Rc<Self>, act: BannerAct) -> Rc<Self> {
        let mut next = (*self).clone();
        match act {
            BannerAct::Hidden(banner) => next.hidden = Some(severity(banner)),
            BannerAct::Shown(ShownState::Live, at_ms) => {
                next.live_since_ms.get_or_insert(at_ms);
            }
            BannerAct::Shown(_, at_ms) => {
                if let Some(since_ms) = next.live_since_ms.take()
                    && at_ms - since_ms >= NEW_EPISODE_MS
                {
                    next.hidden = None;
                }
            }
        }
        Rc::new(next)
    }
}

/// Good news after hidden bad news are not worth a banner either, so they come lowest.
const fn severity(banner: Banner) -> u8 {
    match banner {
        Banner::Back { .. } => 0,
        Banner::Paused => 1,
        Banner::Offline => 2,
        Banner::Unreachable => 3,
        Banner::SignedOut => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(acts: &[BannerAct]) -> BannerGate {
        let gate = Rc::new(BannerGate::default());
        (*acts.iter().fold(gate, |gate, act| gate.reduce(*act))).clone()
    }

    #[test]
    fn a_hidden_banner_returns_only_for_something_worse() {
        let gate = after(&[
            BannerAct::Shown(ShownState::Paused, 0),
            BannerAct::Hidden(Banner::Paused),
        ]);
        for (banner, shown) in [
            (Banner::Paused, false),
            (Banner::Back { updates: 3 }, false),
            (Banner::Offline, true),
            (Banner::Unreachable, true),
            (Banner::SignedOut, true),
        ] {
            assert_eq!(gate.admits(banner, 1000), shown, "{banner:?}");
        }
    }

    #[test]
    fn an_outage_after_a_minute_of_life_is_a_new_episode() {
        for (live_ms, shown) in [(59_999, false), (60_000, true)] {
            let gate = after(&[
                BannerAct::Shown(ShownState::Paused, 0),
                BannerAct::Hidden(Banner::Paused),
                BannerAct::Shown(ShownState::Live, 1000),
                BannerAct::Shown(ShownState::Reconnecting, 1000 + live_ms),
            ]);
            assert_eq!(gate.admits(Banner::Paused, 1000 + live_ms), shown);
        }
    }
}
