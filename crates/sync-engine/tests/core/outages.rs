//! What counts as an outage, what is shown of it, and how the user can react.

use sync_engine::Core;
use sync_engine::http::HttpFailure;
use sync_engine::io::{PageSignal, SocketEvent};
use sync_engine::settings::Settings;
use sync_engine::status::{Banner, ShownState};

use super::bench::{Bench, Sockets, busy};
use super::tab::Tab;

/// Live updates are off by setting.
fn no_realtime() -> Settings {
    Settings {
        realtime: false,
        ..Settings::default()
    }
}

/// An outage whose banner the user hides.
fn hide_a_banner(bench: &mut Bench) {
    bench.reads_fail = Some(HttpFailure::Network);
    bench.lose_sockets();
    bench.run(12_000);
    assert_eq!(bench.view().banner, Some(Banner::Paused));
    bench.give(Core::hide_banner);
    assert_eq!(bench.view().banner, None);
    bench.reads_fail = None;
    bench.sockets = Sockets::Accepted;
    bench.page(PageSignal::Online);
    bench.run(3000);
    assert_eq!(bench.shown(), ShownState::Live);
}

#[test]
fn a_change_of_tabs_does_not_keep_a_hidden_banner_hidden() {
    let mut bench = Bench::live(Tab::Orders);
    hide_a_banner(&mut bench);
    // A tab for the first time every 20 s: each subscribes to a new channel.
    let tabs = [Tab::Orders, Tab::Downloads, Tab::Favorites, Tab::Activity];
    for pair in tabs.windows(2) {
        bench.run(20_000);
        bench.holds_reads = true;
        bench.switch(pair[0], pair[1]);
        bench.run(100);
        bench.holds_reads = false;
        bench.answer(&Ok(()));
        assert_eq!(bench.shown(), ShownState::Live);
    }
    bench.run(5000);
    bench.reads_fail = Some(HttpFailure::Network);
    bench.lose_sockets();
    bench.run(12_000);
    assert_eq!(bench.view().banner, Some(Banner::Paused));
}

#[test]
fn a_visible_outage_does_not_count_as_time_of_being_live() {
    let mut bench = Bench::live(Tab::Orders);
    hide_a_banner(&mut bench);
    bench.run(40_000);
    bench.reads_fail = Some(HttpFailure::Network);
    bench.lose_sockets();
    bench.run(6000);
    assert_eq!(bench.shown(), ShownState::Reconnecting);
    bench.sockets = Sockets::Accepted;
    bench.reads_fail = None;
    bench.page(PageSignal::Online);
    bench.run(40_000);
    assert_eq!(bench.shown(), ShownState::Live);
    bench.reads_fail = Some(HttpFailure::Network);
    bench.lose_sockets();
    bench.run(12_000);
    assert_eq!(bench.view().banner, None);
}

#[test]
fn a_channel_that_cannot_be_read_is_shown_as_an_outage() {
    let mut bench = Bench::live(Tab::Orders);
    bench.reads_fail = Some(HttpFailure::Network);
    bench.switch(Tab::Orders, Tab::Downloads);
    bench.run(3900);
    assert_eq!(bench.shown(), ShownState::Live);
    bench.run(200);
    assert_eq!(bench.shown(), ShownState::Reconnecting);
}

#[test]
fn without_realtime_a_retry_polls_at_once_when_the_server_was_unreachable() {
    let mut bench = Bench::new(&no_realtime());
    bench.sign_in(Tab::Orders);
    bench.run(30_000);
    assert_eq!(bench.shown(), ShownState::Delayed);
    assert!(!bench.view().offers_retry());
    bench.reads_fail = Some(HttpFailure::Network);
    bench.run(100_000);
    assert_eq!(bench.shown(), ShownState::Unreachable);
    let view = bench.view();
    assert!(view.offers_retry());
    let next_at = view.attempts.next_at_ms.expect("the next poll is planned");
    assert!(next_at > bench.now.mono_ms + 2000, "{view:?}");
    bench.take_reads();
    bench.reads_fail = None;
    bench.holds_reads = true;
    bench.give(Core::reconnect);
    assert_eq!(bench.take_reads().len(), 1);
    assert!(bench.view().attempts.in_flight);
    bench.answer(&Ok(()));
    bench.run(2000);
    assert_eq!(bench.shown(), ShownState::Delayed);
    assert!(!bench.view().offers_retry() && !bench.view().attempts.in_flight);
    assert_eq!(bench.opened, 0);
}

#[test]
fn a_retry_is_offered_whenever_an_attempt_could_help() {
    let mut bench = Bench::new(&Settings::default());
    assert!(!bench.view().offers_retry());
    bench.sign_in(Tab::Orders);
    bench.run(2000);
    assert!(!bench.view().offers_retry());
    bench.lose_sockets();
    bench.run(5000);
    assert_eq!(bench.shown(), ShownState::Delayed);
    assert!(bench.view().offers_retry());
    bench.give(Core::disconnect);
    assert!(!bench.view().offers_retry());
}

#[test]
fn a_retry_does_not_ask_before_the_time_that_the_server_gave() {
    let mut bench = Bench::new(&no_realtime());
    bench.sign_in(Tab::Orders);
    bench.run(5000);
    bench.reads_fail = Some(busy(Some(60_000)));
    bench.run(16_000);
    bench.take_reads();
    bench.give(Core::reconnect);
    bench.run(10_000);
    assert!(bench.take_reads().is_empty());
}

/// For listeners of raw changes.
#[test]
fn every_change_of_status_carries_its_code_and_reason() {
    let mut bench = Bench::live(Tab::Orders);
    bench.cut(3012, "bad weather");
    bench.run(2000);
    let lost = bench.changes[0].clone();
    assert_eq!(lost, ("reconnecting", 3012, "bad weather".to_owned()));
    assert_eq!(bench.changes[1].0, "connected");
    bench.changes.clear();
    bench.cut(1006, "");
    bench.run(2000);
    assert_eq!(bench.changes[0].0, "reconnecting");
    assert_eq!(bench.changes[0].1, 1);
    bench.changes.clear();
    bench.give(Core::disconnect);
    bench.give(Core::connect);
    bench.run(1000);
    let notified: Vec<_> = bench.changes.iter().map(|change| change.0).collect();
    assert_eq!(notified, ["disconnected", "connecting", "connected"]);
    assert_eq!(bench.changes[0].1, 0);
    assert_eq!(bench.changes[0].2, "disconnect called");
    bench.changes.clear();
    let generation = bench.socket.expect("it is connected");
    let event = SocketEvent::Closed {
        code: 4500,
        reason: "closed for good".to_owned(),
    };
    bench.give(|core, now| core.handle_socket(now, generation, event));
    let stopped = ("error", 4500, "closed for good".to_owned());
    assert_eq!(bench.changes, [stopped]);
}
