//! A browser tab: a real engine with a page, an alarm and a network around it.

use std::collections::BTreeSet;
use std::rc::Rc;

use sync_engine::Core;
use sync_engine::http::RequestId;
use sync_engine::io::SocketEvent;
use sync_engine::schema::{MutationId, Schema, Topic};
use sync_engine::settings::Settings;
use sync_engine::time::Now;

use crate::network::Net;
use crate::record::Record;
use crate::tab::Tab;
use crate::users::{NAMES, START_MS};

/// Timers of a hidden page ring on full seconds only, and after five minutes on full minutes, as in Chromium.
const THROTTLE_MS: u64 = 1000;
const INTENSIVE_MS: u64 = 60_000;
const INTENSIVE_AFTER_MS: u64 = 300_000;

/// A tab.
pub(crate) struct Client {
    pub(crate) core: Core,
    /// Whose tab it is.
    pub(crate) user: usize,
    /// The browser, whose tabs share one sign-in.
    pub(crate) browser: usize,
    pub(crate) signed_in: bool,
    pub(crate) switched_off: bool,
    pub(crate) tab: Tab,
    /// The channels that its tab needs.
    pub(crate) wanted: BTreeSet<String>,
    pub(crate) visible: bool,
    hidden_since: u64,
    /// Since when it was shown last; it counts while it is visible.
    pub(crate) visible_since: u64,
    /// What the browser says about the network.
    pub(crate) online: bool,
    pub(crate) online_since: u64,
    pub(crate) asleep_until: Option<u64>,
    /// Whether the user signed out in another tab while this one was asleep.
    pub(crate) hears_of_it_later: bool,
    /// How far its clocks are behind and ahead of the true time.
    pub(crate) mono_lag: u64,
    pub(crate) wall_skew: i64,
    pub(crate) net: Net,
    /// The socket that it uses.
    pub(crate) socket: Option<u64>,
    /// Calls that it waits for.
    pub(crate) calls: BTreeSet<RequestId>,
    pub(crate) wants_paint: bool,
    /// When its alarm rings, by the true time.
    pub(crate) alarm: Option<u64>,
    pub(crate) ids: u64,
    pub(crate) record: Record,
}

impl Client {
    pub(crate) fn new(user: usize, browser: usize, settings: &Settings, seed: u64) -> Self {
        let tab = Tab::Overview;
        let schema = Rc::new(dashboard_model::schema());
        Self {
            core: Core::new(&schema, settings, seed),
            user,
            browser,
            signed_in: false,
            switched_off: false,
            tab,
            wanted: channels(&schema, user, tab),
            visible: true,
            hidden_since: 0,
            visible_since: 0,
            online: true,
            online_since: 0,
            asleep_until: None,
            hears_of_it_later: false,
            mono_lag: 0,
            wall_skew: 0,
            net: Net::default(),
            socket: None,
            calls: BTreeSet::new(),
            wants_paint: false,
            alarm: None,
            ids: 0,
            record: Record::default(),
        }
    }

    /// Its clocks.
    pub(crate) fn clocks(&self, now: u64) -> Now {
        Now {
            mono_ms: 5000 + now - self.mono_lag,
            wall_ms: START_MS + i64::try_from(now).expect("times are short") + self.wall_skew,
        }
    }

    pub(crate) const fn is_awake(&self) -> bool {
        self.asleep_until.is_none()
    }

    /// Sets the alarm for the core's next deadline, as late as a browser would ring it.
    pub(crate) fn set_alarm(&mut self, now: u64) {
        let due = self.core.next_deadline().map(|deadline| {
            let due = (deadline + self.mono_lag).saturating_sub(5000).max(now);
            let grain = if self.visible {
                1
            } else if now >= self.hidden_since + INTENSIVE_AFTER_MS {
                INTENSIVE_MS
            } else {
                THROTTLE_MS
            };
            due.div_ceil(grain) * grain
        });
        self.alarm = due.map(|due| due.max(self.asleep_until.unwrap_or(0)));
    }

    pub(crate) const fn set_visible(&mut self, now: u64, visible: bool) {
        if self.visible && !visible {
            self.hidden_since = now;
        } else if !self.visible && visible {
            self.visible_since = now;
        }
        self.visible = visible;
    }

    /// An id of a mutation, which begins with its user.
    pub(crate) fn new_id(&mut self, index: usize) -> MutationId {
        // With room between, since a batch that is retried takes the ids after the new one.
        self.ids += 4096;
        format!("{:08x}-0000-4000-800{index}-{:012x}", self.user, self.ids).into()
    }

    /// An id for an order or a download.
    pub(crate) fn new_entity_id(&mut self, index: usize) -> String {
        self.ids += 1;
        format!("{}-{index}-{}", NAMES[self.user], self.ids)
    }

    /// A user looks at a tab of the dashboard; returns the one before.
    pub(crate) fn look_at(&mut self, user: usize, tab: Tab) -> Tab {
        self.user = user;
        self.wanted = channels(self.core.schema(), user, tab);
        std::mem::replace(&mut self.tab, tab)
    }

    /// What the user wants of a connection.
    pub(crate) const fn wants_connection(&self) -> bool {
        self.signed_in && !self.switched_off
    }
}

/// The channels that a tab of the dashboard needs.
fn channels(schema: &Schema, user: usize, tab: Tab) -> BTreeSet<String> {
    let topics = tab.topics(schema);
    let personal = topics.resources.iter().map(Topic::Resource);
    let topics = personal.chain(topics.feeds.into_iter().map(Topic::Feed));
    topics
        .map(|topic| schema.channel(topic, NAMES[user]))
        .collect()
}

/// A line for the trace.
pub(crate) fn words(event: &SocketEvent) -> String {
    match event {
        SocketEvent::Opened => "opened".to_owned(),
        SocketEvent::Text(text) => format!("says {}", cut(text)),
        SocketEvent::Closed { code, .. } => format!("closed {code}"),
        SocketEvent::Failed => "failed".to_owned(),
        SocketEvent::Malformed => "is malformed".to_owned(),
    }
}

/// The beginning of a text, on one line.
pub(crate) fn cut(text: &str) -> String {
    let short: String = text.chars().take(400).collect();
    short.replace('\n', " / ")
}
