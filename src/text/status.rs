//! Texts of the connection.

use sync_engine::status::Banner;
use sync_engine::status::ConnectionView;
use sync_engine::status::Mode;
use sync_engine::status::Quality;
use sync_engine::status::ShownState;
use yew::AttrValue;

use super::{JUST_NOW, SESSION_ENDED};

/// Ages and countdowns of the connection, formatted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StatusTimes {
    /// Age of the data, in whole seconds; `None` if nothing was fetched yet.
    pub age_s: Option<u64>,
    /// Their time: `14:02`.
    pub at: Option<String>,
    /// Whole seconds to the next attempt, if one is scheduled and at least five remain.
    pub next_attempt_s: Option<u64>,
}

impl StatusTimes {
    fn updated(&self) -> String {
        self.age_s
            .map_or_else(String::new, |age_s| format!("updated {}", ago(age_s)))
    }

    fn data_from(&self) -> String {
        self.at
            .as_ref()
            .map_or_else(String::new, |at| format!("data from {at}"))
    }
}

/// Below this age, data count as current: no number is needed.
const JUST_NOW_S: u64 = 10;

/// The age of a timestamp, short.
#[must_use]
pub fn ago(age_s: u64) -> String {
    match age_s {
        0..JUST_NOW_S => JUST_NOW.to_owned(),
        JUST_NOW_S..60 => format!("{age_s} s ago"),
        60..3600 => format!("{} min ago", age_s / 60),
        3600.. => format!("{} h ago", age_s / 3600),
    }
}

/// The label of a compact indicator.
#[must_use]
pub fn status_compact(view: &ConnectionView) -> AttrValue {
    match view.shown {
        ShownState::Starting => "Connecting…".into(),
        ShownState::Live => "Live".into(),
        ShownState::Reconnecting => "Reconnecting…".into(),
        ShownState::Paused => "Paused".into(),
        ShownState::Delayed => format!("Every {}", interval(view)).into(),
        ShownState::Offline => "Offline".into(),
        ShownState::Unreachable => "Can't connect".into(),
        ShownState::SignedOut => "Signed out".into(),
    }
}

/// The name of a minimal indicator.
#[must_use]
pub fn status_minimal(view: &ConnectionView, times: &StatusTimes) -> AttrValue {
    match view.shown {
        ShownState::Starting => "Connecting".into(),
        ShownState::Live => "Live".into(),
        ShownState::Reconnecting => joined(", ", &["Reconnecting", &times.updated()]),
        ShownState::Paused => paused(view).into(),
        ShownState::Delayed => format!("Updating every {}", interval(view)).into(),
        ShownState::Offline => "Offline".into(),
        ShownState::Unreachable => "Can't reach the store".into(),
        ShownState::SignedOut => "Signed out".into(),
    }
}

/// The text of a full indicator.
#[must_use]
pub fn status_full(view: &ConnectionView, times: &StatusTimes) -> AttrValue {
    let waiting = changes_waiting(view.pending_changes).unwrap_or_default();
    match view.shown {
        ShownState::Starting => "Connecting…".into(),
        ShownState::Live => match view.banner {
            Some(Banner::Back { updates }) if updates > 0 => {
                format!("Live · {} loaded", updates_count(updates)).into()
            }
            _ => joined(" · ", &["Live", &times.updated()]),
        },
        ShownState::Reconnecting => joined(" · ", &["Reconnecting…", &times.updated()]),
        ShownState::Paused => joined(" · ", &[paused(view), &times.data_from(), &waiting]),
        ShownState::Unreachable => joined(
            " · ",
            &["Can't reach the store", &times.data_from(), &waiting],
        ),
        ShownState::Delayed => {
            let every = format!("Updating every {}", interval(view));
            joined(" · ", &[&every, &times.updated()])
        }
        ShownState::Offline => joined(" · ", &["Offline", &times.data_from(), &waiting]),
        ShownState::SignedOut => "Signed out".into(),
    }
}

const fn paused(view: &ConnectionView) -> &'static str {
    if view.switched_off {
        "Updates are off"
    } else {
        "Updates paused"
    }
}

fn interval(view: &ConnectionView) -> String {
    let seconds = view.poll_interval_ms.unwrap_or(15_000) / 1000;
    if seconds >= 120 && seconds.is_multiple_of(60) {
        format!("{} min", seconds / 60)
    } else {
        format!("{} s", seconds.max(1))
    }
}

fn joined(between: &str, parts: &[&str]) -> AttrValue {
    let known: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    known.join(between).into()
}

fn updates_count(updates: u32) -> String {
    if updates == 1 {
        "1 update".to_owned()
    } else {
        format!("{updates} updates")
    }
}

/// Pending mutations; empty if there are none.
#[must_use]
pub fn changes_waiting(count: u32) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 change waiting".to_owned()),
        _ => Some(format!("{count} changes waiting")),
    }
}

/// The countdown, which is hidden from assistive technology.
#[must_use]
pub fn next_attempt(seconds: u64) -> String {
    format!("Next try in {seconds} s.")
}

/// How updates arrive.
#[must_use]
pub fn mode(mode: Mode, view: &ConnectionView) -> AttrValue {
    match mode {
        Mode::Live => "Live".into(),
        Mode::Polling => format!("Every {}", interval(view)).into(),
        Mode::Offline => "Paused".into(),
    }
}

/// The quality of the connection.
#[must_use]
pub fn quality(quality: Quality, rtt_ms: Option<u32>) -> AttrValue {
    let word = match quality {
        Quality::Good => "Good",
        Quality::Fair => "Fair",
        Quality::Poor => "Slow",
    };
    match rtt_ms {
        Some(ms) => format!("{word} · {ms} ms").into(),
        None => word.into(),
    }
}

/// The banner's sentences, without the countdown: the same on screen and in announcements.
#[must_use]
pub fn banner(banner: Banner, times: &StatusTimes, pending: u32, still_not: bool) -> AttrValue {
    let seeing = times
        .at
        .as_ref()
        .map_or_else(String::new, |at| format!("You're seeing data from {at}."));
    match banner {
        Banner::Paused if still_not => joined(" ", &["Still can't connect.", &seeing]),
        Banner::Paused => joined(" ", &["Live updates are paused.", &seeing]),
        Banner::Unreachable if still_not => "Still can't connect. Your purchases are safe.".into(),
        Banner::Unreachable => {
            "We can't reach the store right now. Your purchases are safe.".into()
        }
        Banner::Offline => match pending {
            0 => "You're offline. You can keep browsing.".into(),
            1 => "You're offline. You can keep browsing; 1 change will be sent when you're back."
                .into(),
            _ => format!(
                "You're offline. You can keep browsing; {pending} changes will be sent when you're back."
            )
            .into(),
        },
        Banner::SignedOut => SESSION_ENDED.into(),
        Banner::Back { updates: 0 } => "Back live.".into(),
        Banner::Back { updates } => format!("Back live. {} loaded.", updates_count(updates)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(shown: ShownState) -> ConnectionView {
        ConnectionView {
            shown,
            ..ConnectionView::default()
        }
    }

    fn times() -> StatusTimes {
        StatusTimes {
            age_s: Some(12),
            at: Some("14:02".to_owned()),
            next_attempt_s: None,
        }
    }

    #[test]
    fn each_state_has_its_words_in_each_size() {
        let mut polling = view(ShownState::Delayed);
        polling.poll_interval_ms = Some(15_000);
        let mut off = view(ShownState::Paused);
        off.switched_off = true;
        let mut waiting = view(ShownState::Offline);
        waiting.pending_changes = 2;
        for (view, compact, minimal, full) in [
            (
                view(ShownState::Starting),
                "Connecting…",
                "Connecting",
                "Connecting…",
            ),
            (
                view(ShownState::Live),
                "Live",
                "Live",
                "Live · updated 12 s ago",
            ),
            (
                view(ShownState::Reconnecting),
                "Reconnecting…",
                "Reconnecting, updated 12 s ago",
                "Reconnecting… · updated 12 s ago",
            ),
            (
                view(ShownState::Paused),
                "Paused",
                "Updates paused",
                "Updates paused · data from 14:02",
            ),
            (
                off,
                "Paused",
                "Updates are off",
                "Updates are off · data from 14:02",
            ),
            (
                polling,
                "Every 15 s",
                "Updating every 15 s",
                "Updating every 15 s · updated 12 s ago",
            ),
            (
                waiting,
                "Offline",
                "Offline",
                "Offline · data from 14:02 · 2 changes waiting",
            ),
            (
                view(ShownState::Unreachable),
                "Can't connect",
                "Can't reach the store",
                "Can't reach the store · data from 14:02",
            ),
            (
                view(ShownState::SignedOut),
                "Signed out",
                "Signed out",
                "Signed out",
            ),
        ] {
            assert_eq!(status_compact(&view), compact);
            assert_eq!(status_minimal(&view, &times()), minimal);
            assert_eq!(status_full(&view, &times()), full);
        }
    }

    #[test]
    fn a_banner_shows_the_state_what_works_and_pending_changes() {
        for (shown, pending, still_not, expected) in [
            (
                Banner::Paused,
                0,
                false,
                "Live updates are paused. You're seeing data from 14:02.",
            ),
            (
                Banner::Paused,
                0,
                true,
                "Still can't connect. You're seeing data from 14:02.",
            ),
            (
                Banner::Offline,
                0,
                false,
                "You're offline. You can keep browsing.",
            ),
            (
                Banner::Offline,
                2,
                false,
                "You're offline. You can keep browsing; 2 changes will be sent when you're back.",
            ),
            (
                Banner::Back { updates: 14 },
                0,
                false,
                "Back live. 14 updates loaded.",
            ),
            (
                Banner::Back { updates: 1 },
                0,
                false,
                "Back live. 1 update loaded.",
            ),
        ] {
            assert_eq!(banner(shown, &times(), pending, still_not), expected);
        }
    }

    #[test]
    fn after_a_banner_the_full_indicator_shows_what_was_loaded() {
        let mut back = view(ShownState::Live);
        back.banner = Some(Banner::Back { updates: 14 });
        assert_eq!(status_full(&back, &times()), "Live · 14 updates loaded");
    }
}
