//! What is read, and when: after a lost connection, while the server asks for patience, and by polls.

use dashboard_model::{Beat, Resource};
use sync_engine::http::HttpFailure;
use sync_engine::io::PageSignal;
use sync_engine::settings::Settings;
use sync_engine::status::ShownState;

use super::bench::{Bench, History, Sockets, busy};
use super::catalog;
use super::tab::Tab;

fn name(resource: Resource) -> String {
    resource.channel("ada")
}

#[test]
fn a_recovered_channel_needs_no_read() {
    let mut bench = Bench::live(Tab::Overview);
    for _ in 0..5 {
        bench.cut(1006, "");
        bench.run(2000);
        assert_eq!(bench.shown(), ShownState::Live);
    }
    assert_eq!(bench.opened, 6);
    assert!(bench.take_reads().is_empty());
}

#[test]
fn only_a_channel_that_was_not_recovered_is_read_and_only_once() {
    for history in [History::Gone, History::OtherEpoch] {
        for lost in [
            vec![Resource::Activity],
            vec![Resource::Favorites, Resource::Stats],
        ] {
            let mut bench = Bench::live(Tab::Overview);
            let lost_names = lost.iter().map(|resource| (name(*resource), history));
            bench.histories = lost_names.collect();
            bench.cut(1006, "");
            bench.run(60_000);
            assert_eq!(bench.shown(), ShownState::Live);
            let reads = bench.take_reads();
            assert_eq!(reads.len(), 1, "{history:?}: in one call");
            let mut read = reads.concat();
            read.sort_unstable();
            let mut expected = lost.clone();
            expected.sort_unstable();
            assert_eq!(read, expected, "{history:?}");
        }
    }
}

#[test]
fn a_gap_in_a_channel_has_only_its_resource_read_and_only_once() {
    let mut bench = Bench::live(Tab::Overview);
    let channel = name(Resource::Favorites);
    bench.say(&format!(
        r#"{{"push":{{"channel":"{channel}","pub":{{"data":{{}},"offset":9}}}}}}"#
    ));
    bench.run(60_000);
    assert_eq!(bench.take_reads().concat(), [Resource::Favorites]);
    assert_eq!(bench.shown(), ShownState::Live);
}

#[test]
fn c5_waiting_updates_are_not_applied_to_rows_read_after_a_gap() {
    let mut bench = Bench::live(Tab::Overview);
    bench.give(|core, now| core.observe_query(now, &catalog("")));
    let say = |bench: &mut Bench, offset: u64, id: &str| {
        let change = format!(r#"{{"type":"beat_changed","data":{{"id":"{id}","plays":1}}}}"#);
        bench.say(&format!(
            r#"{{"push":{{"channel":"market:beats","pub":{{"data":{{"changes":[{change}]}},"offset":{offset}}}}}}}"#
        ));
    };
    let plays = |bench: &Bench| bench.core.query::<Beat>(&catalog("")).data.unwrap().rows[0].plays;
    say(&mut bench, 1, "b");
    // The second change of that beat is lost.
    bench.plays = 2;
    say(&mut bench, 3, "other");
    assert_eq!(plays(&bench), 2);
    bench.run(2000);
    assert_eq!(plays(&bench), 2);
}

/// The server answers the first read of downloads with a `Retry-After`. Returns when it was asked.
fn patient(bench: &mut Bench) -> u64 {
    bench.reads_fail = Some(busy(Some(30_000)));
    let asked_at = bench.now.mono_ms;
    bench.open(Tab::Downloads);
    bench.reads_fail = None;
    bench.take_reads();
    asked_at
}

#[test]
fn a_read_waits_as_long_as_the_server_asked_whatever_else_happens() {
    let mut bench = Bench::live(Tab::Orders);
    let asked_at = patient(&mut bench);
    // Polls, wake signals, another tab, a connection that is lost and back.
    bench.run(5000);
    bench.page(PageSignal::Focus);
    bench.open(Tab::Activity);
    bench.run(5000);
    bench.cut(1006, "");
    bench.run(5000);
    bench.page(PageSignal::Online);
    bench.run(asked_at + 29_900 - bench.now.mono_ms);
    let downloads = |bench: &Bench| {
        let reads = bench.reads.iter();
        let of = reads.filter(|(_, resources)| resources.contains(&Resource::Downloads));
        of.map(|(at, _)| *at - asked_at).collect::<Vec<_>>()
    };
    assert_eq!(downloads(&bench), [0; 0]);
    bench.run(35_000);
    assert_eq!(downloads(&bench).len(), 1, "{:?}", bench.reads);
    assert_eq!(bench.shown(), ShownState::Live);
}

#[test]
fn a_poll_waits_as_long_as_the_server_asked_over_a_short_connection() {
    let mut bench = Bench::live(Tab::Orders);
    bench.lose_sockets();
    bench.reads_fail = Some(busy(Some(60_000)));
    bench.run(4000);
    assert_eq!(bench.take_reads().len(), 1);
    bench.sockets = Sockets::Accepted;
    bench.page(PageSignal::Online);
    bench.run(1000);
    bench.lose_sockets();
    bench.run(50_000);
    assert!(bench.take_reads().is_empty());
    bench.run(40_000);
    assert!(!bench.take_reads().is_empty());
}

#[test]
fn a_poll_succeeds_although_another_read_fails() {
    let mut bench = Bench::live(Tab::Orders);
    bench.lose_sockets();
    bench.holds_reads = true;
    bench.run(3500);
    let poll = std::mem::take(&mut bench.held);
    assert_eq!(poll.len(), 1, "{:?}", bench.reads);
    // Something else is read meanwhile, and fails.
    bench.open(Tab::Activity);
    bench.answer(&Err(HttpFailure::Network));
    bench.held = poll;
    bench.answer(&Ok(()));
    bench.run(1000);
    assert_eq!(bench.shown(), ShownState::Delayed);
}

#[test]
fn a_poll_fails_although_another_read_succeeds() {
    let mut bench = Bench::live(Tab::Orders);
    bench.lose_sockets();
    bench.holds_reads = true;
    bench.run(3500);
    let poll = std::mem::take(&mut bench.held);
    bench.open(Tab::Activity);
    bench.answer(&Ok(()));
    bench.held = poll;
    bench.answer(&Err(HttpFailure::Network));
    bench.run(1000);
    assert_eq!(bench.shown(), ShownState::Reconnecting);
}

#[test]
fn reads_go_on_where_realtime_is_off_by_setting() {
    let settings = Settings {
        realtime: false,
        ..Settings::default()
    };
    let mut bench = Bench::new(&settings);
    bench.sign_in(Tab::Orders);
    bench.run(60_000);
    assert_eq!(bench.shown(), ShownState::Delayed);
    assert!((4..=6).contains(&bench.take_reads().len()));
}
