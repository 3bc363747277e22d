//! What the indicator and the banner say: English, unless an application says otherwise.

use std::any::Any;
use std::fmt;
use std::ops::Deref;

use sync_engine::status::Banner;
use sync_engine::status::ConnectionView;
use sync_engine::status::Mode;
use sync_engine::status::Quality;
use sync_engine::status::ShownState;
use yew::AttrValue;

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

/// Short words: labels of buttons, names of facts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Label {
    /// Name of the banner.
    Connection,
    /// Visually hidden text before a compact indicator's label.
    Prefix,
    /// Name of a compact indicator's panel.
    Details,
    /// Fact: how updates arrive.
    Mode,
    /// Fact: the quality of the connection.
    Quality,
    /// Fact: when the data last matched the server.
    LastUpdate,
    /// Fact: attempts of this outage.
    Attempts,
    /// Fact: pending mutations.
    Waiting,
    /// Button: go to the sign-in page.
    SignIn,
    /// Button: attempt to connect at once.
    RetryNow,
    /// The same button, while an attempt is in flight.
    Attempting,
    /// Button: load the page again.
    Reload,
    /// Button: dismiss the banner.
    Hide,
    /// Button: fetch everything again.
    Refresh,
    /// Button: turn live updates on.
    Connect,
    /// Button: turn live updates off.
    Disconnect,
}

/// The words of the indicator and the banner. Every method has an English default: override [`Self::server`] and
/// [`Self::reassurance`] to name your product, or all of them for another language.
///
/// # Examples
/// ```
/// use sync_yew::{ConnectionText, ConnectionWords};
///
/// #[derive(Debug)]
/// struct Shop;
///
/// impl ConnectionWords for Shop {
///     fn server(&self) -> &'static str {
///         "the shop"
///     }
/// }
///
/// const TEXT: ConnectionText = ConnectionText::of(&Shop);
/// assert_eq!(TEXT.ago(130), "2 min ago");
/// ```
pub trait ConnectionWords: Any + fmt::Debug {
    /// What the user is connected to, inside a sentence.
    fn server(&self) -> &'static str {
        "the server"
    }

    /// Why being disconnected is harmless: a sentence.
    fn reassurance(&self) -> &'static str {
        "Your data is safe."
    }

    /// Short words.
    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Connection | Label::Quality => "Connection",
            Label::Prefix => "Connection: ",
            Label::Details => "Connection details",
            Label::Mode => "Updates",
            Label::LastUpdate => "Last update",
            Label::Attempts => "Attempts",
            Label::Waiting => "Waiting",
            Label::SignIn => "Sign in",
            Label::RetryNow => "Retry now",
            Label::Attempting => "Trying…",
            Label::Reload => "Reload",
            Label::Hide => "Hide",
            Label::Refresh => "Refresh data",
            Label::Connect => "Connect",
            Label::Disconnect => "Disconnect",
        }
    }

    /// The label of a compact indicator.
    fn compact(&self, view: &ConnectionView) -> AttrValue {
        match view.shown {
            ShownState::Starting => starting(view).into(),
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
    fn minimal(&self, view: &ConnectionView, times: &StatusTimes) -> AttrValue {
        match view.shown {
            ShownState::Starting => starting(view).trim_end_matches('…').to_owned().into(),
            ShownState::Live => "Live".into(),
            ShownState::Reconnecting => joined(", ", &["Reconnecting", &times.updated()]),
            ShownState::Paused => paused(view).into(),
            ShownState::Delayed => format!("Updating every {}", interval(view)).into(),
            ShownState::Offline => "Offline".into(),
            ShownState::Unreachable => format!("Can't reach {}", self.server()).into(),
            ShownState::SignedOut => "Signed out".into(),
        }
    }

    /// The text of a full indicator.
    fn full(&self, view: &ConnectionView, times: &StatusTimes) -> AttrValue {
        let waiting = self.waiting(view.pending_changes).unwrap_or_default();
        let parts = match view.shown {
            ShownState::Starting => return starting(view).into(),
            ShownState::SignedOut => return "Signed out".into(),
            ShownState::Live => match view.banner {
                Some(Banner::Back { updates }) if updates > 0 => {
                    ["Live".into(), loaded(updates), String::new()]
                }
                _ => ["Live".into(), times.updated(), String::new()],
            },
            ShownState::Reconnecting => ["Reconnecting…".into(), times.updated(), String::new()],
            ShownState::Delayed => {
                let every = format!("Updating every {}", interval(view));
                [every, times.updated(), String::new()]
            }
            ShownState::Paused => [paused(view).to_owned(), times.data_from(), waiting],
            ShownState::Offline => ["Offline".into(), times.data_from(), waiting],
            ShownState::Unreachable => {
                let unreachable = format!("Can't reach {}", self.server());
                [unreachable, times.data_from(), waiting]
            }
        };
        joined(" · ", &parts.each_ref().map(String::as_str))
    }

    /// How updates arrive.
    fn mode(&self, mode: Mode, view: &ConnectionView) -> AttrValue {
        match mode {
            Mode::Live => "Live".into(),
            Mode::Polling => format!("Every {}", interval(view)).into(),
            Mode::Offline => "Paused".into(),
        }
    }

    /// The quality of the connection.
    fn quality(&self, quality: Quality, rtt_ms: Option<u32>) -> AttrValue {
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

    /// The age of a timestamp, short.
    fn ago(&self, age_s: u64) -> String {
        ago(age_s)
    }

    /// Pending mutations; `None` if there are none.
    fn waiting(&self, count: u32) -> Option<String> {
        match count {
            0 => None,
            1 => Some("1 change waiting".to_owned()),
            _ => Some(format!("{count} changes waiting")),
        }
    }

    /// The countdown, which is hidden from assistive technology.
    fn next_attempt(&self, seconds: u64) -> String {
        format!("Next try in {seconds} s.")
    }

    /// The banner's sentences, without the countdown: the same on screen and in announcements. `still_not` is true after a
    /// retry of the user that failed.
    fn banner(
        &self,
        banner: Banner,
        times: &StatusTimes,
        pending: u32,
        still_not: bool,
    ) -> AttrValue {
        let seeing = times
            .at
            .as_ref()
            .map_or_else(String::new, |at| format!("You're seeing data from {at}."));
        match banner {
            Banner::Paused if still_not => joined(" ", &["Still can't connect.", &seeing]),
            Banner::Paused => joined(" ", &["Live updates are paused.", &seeing]),
            Banner::Unreachable if still_not => {
                joined(" ", &["Still can't connect.", self.reassurance()])
            }
            Banner::Unreachable => {
                let unreachable = format!("We can't reach {} right now.", self.server());
                joined(" ", &[&unreachable, self.reassurance()])
            }
            Banner::Intercepted => format!(
                "Something else answers in place of {}. Your network or company may want you to sign in. Reload the page to see.",
                self.server()
            )
            .into(),
            Banner::Offline => match pending {
                0 => "You're offline. You can keep browsing.".into(),
                1 => "You're offline. You can keep browsing; 1 change will be sent when you're back."
                    .into(),
                _ => format!(
                    "You're offline. You can keep browsing; {pending} changes will be sent when you're back."
                )
                .into(),
            },
            Banner::SignedOut => "Your session has ended. Sign in to see live updates.".into(),
            Banner::Back { updates: 0 } => "Back live.".into(),
            Banner::Back { updates } => format!("Back live. {}.", loaded(updates)).into(),
        }
    }
}

/// The words in English.
#[derive(Clone, Copy, Debug, Default)]
pub struct English;

impl ConnectionWords for English {}

/// The words that the indicator and the banner use; [`English`] by default. Words of the same type count as equal.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionText(&'static dyn ConnectionWords);

impl ConnectionText {
    /// These words.
    #[must_use]
    pub const fn of(words: &'static dyn ConnectionWords) -> Self {
        Self(words)
    }
}

impl Default for ConnectionText {
    fn default() -> Self {
        Self(&English)
    }
}

impl Deref for ConnectionText {
    type Target = dyn ConnectionWords;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

impl PartialEq for ConnectionText {
    fn eq(&self, other: &Self) -> bool {
        let [mine, others]: [&dyn Any; 2] = [self.0, other.0];
        mine.type_id() == others.type_id()
    }
}

/// Below this age, data count as current: no number is needed.
const JUST_NOW_S: u64 = 10;

fn ago(age_s: u64) -> String {
    match age_s {
        0..JUST_NOW_S => "just now".to_owned(),
        JUST_NOW_S..60 => format!("{age_s} s ago"),
        60..3600 => format!("{} min ago", age_s / 60),
        3600.. => format!("{} h ago", age_s / 3600),
    }
}

/// The first load; without a live connection by setting, nothing connects.
const fn starting(view: &ConnectionView) -> &'static str {
    if view.polls_only {
        "Loading…"
    } else {
        "Connecting…"
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

fn loaded(updates: u32) -> String {
    if updates == 1 {
        "1 update loaded".to_owned()
    } else {
        format!("{updates} updates loaded")
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
        let mut loading = view(ShownState::Starting);
        loading.polls_only = true;
        for (view, compact, minimal, full) in [
            (loading, "Loading…", "Loading", "Loading…"),
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
                "Can't reach the server",
                "Can't reach the server · data from 14:02",
            ),
            (
                view(ShownState::SignedOut),
                "Signed out",
                "Signed out",
                "Signed out",
            ),
        ] {
            assert_eq!(English.compact(&view), compact);
            assert_eq!(English.minimal(&view, &times()), minimal);
            assert_eq!(English.full(&view, &times()), full);
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
                Banner::Intercepted,
                0,
                false,
                "Something else answers in place of the server. Your network or company may want you to sign in. Reload the page to see.",
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
            assert_eq!(
                English.banner(shown, &times(), pending, still_not),
                expected
            );
        }
    }

    #[test]
    fn after_a_banner_the_full_indicator_shows_what_was_loaded() {
        let mut back = view(ShownState::Live);
        back.banner = Some(Banner::Back { updates: 14 });
        assert_eq!(English.full(&back, &times()), "Live · 14 updates loaded");
    }

    #[test]
    fn an_application_names_its_server_and_its_promise() {
        #[derive(Debug)]
        struct Shop;

        impl ConnectionWords for Shop {
            fn server(&self) -> &'static str {
                "the shop"
            }

            fn reassurance(&self) -> &'static str {
                "Your cart is safe."
            }
        }

        let text = ConnectionText::of(&Shop);
        assert_eq!(
            text.minimal(&view(ShownState::Unreachable), &times()),
            "Can't reach the shop"
        );
        assert_eq!(
            text.banner(Banner::Unreachable, &times(), 0, false),
            "We can't reach the shop right now. Your cart is safe."
        );
        assert_eq!(
            text.banner(Banner::Unreachable, &times(), 0, true),
            "Still can't connect. Your cart is safe."
        );
        assert_ne!(text, ConnectionText::default());
        assert_eq!(text, ConnectionText::of(&Shop));
    }
}
