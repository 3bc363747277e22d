//! How old the data on screen are said to be.

use super::bench::Bench;
use crate::core::Core;
use crate::topics::Tab;

const HALF_AN_HOUR_MS: u64 = 1_800_000;

#[test]
fn the_age_is_that_of_the_oldest_on_screen_and_not_of_what_was_read_last() {
    let mut bench = Bench::live(Tab::Orders);
    bench.give(Core::disconnect);
    let off_for = bench.age_ms().expect("it was live");
    assert!(off_for <= 25_000, "{off_for}");
    bench.run(HALF_AN_HOUR_MS);
    // Read for the first time now; the numbers in the header are of half an hour ago.
    bench.switch(Tab::Orders, Tab::Downloads);
    assert!(bench.core.downloads().data.is_some());
    assert!(bench.age_ms() >= Some(1_800_000), "{:?}", bench.age_ms());
    // Nothing but activity, which is new.
    bench.switch(Tab::Downloads, Tab::Activity);
    assert_eq!(bench.age_ms(), Some(0));
    bench.switch(Tab::Activity, Tab::Orders);
    assert!(bench.age_ms() >= Some(1_800_000), "{:?}", bench.age_ms());
    // All of the tab is read again.
    bench.give(Core::refresh);
    assert_eq!(bench.age_ms(), Some(0));
}

#[test]
fn what_is_not_read_yet_has_no_age() {
    let mut bench = Bench::live(Tab::Orders);
    bench.give(Core::disconnect);
    bench.run(60_000);
    bench.holds_reads = true;
    bench.switch(Tab::Orders, Tab::Activity);
    assert_eq!(bench.age_ms(), None);
}

#[test]
fn while_live_every_sign_of_life_proves_all_that_is_joined() {
    let mut bench = Bench::live(Tab::Orders);
    for _ in 0..600 {
        bench.run(1000);
        assert!(bench.age_ms() <= Some(31_000), "{:?}", bench.age_ms());
    }
    assert!(bench.take_reads().is_empty());
}

#[test]
fn what_was_left_ages_until_its_stream_is_whole_again() {
    let mut bench = Bench::live(Tab::Orders);
    bench.switch(Tab::Orders, Tab::Activity);
    bench.run(HALF_AN_HOUR_MS);
    // The stream brings what was missed, which was nothing: the orders are those of now.
    bench.switch(Tab::Activity, Tab::Orders);
    assert!(bench.age_ms() <= Some(1000), "{:?}", bench.age_ms());
    bench.switch(Tab::Orders, Tab::Activity);
    bench.run(HALF_AN_HOUR_MS);
    bench.give(Core::disconnect);
    bench.run(1000);
    bench.switch(Tab::Activity, Tab::Orders);
    assert!(bench.age_ms() >= Some(1_700_000), "{:?}", bench.age_ms());
}

#[test]
fn the_next_user_has_no_age_of_the_last_one() {
    let mut bench = Bench::live(Tab::Orders);
    bench.give(Core::sign_out);
    bench.holds_reads = true;
    bench.sign_in(Tab::Orders);
    assert_eq!(bench.age_ms(), None);
}

/// The socket is heard, but what the stream skipped is not read yet.
#[test]
fn what_arrives_while_the_data_may_be_behind_proves_nothing() {
    let mut bench = Bench::live(Tab::Orders);
    bench.holds_reads = true;
    let channel =
        dashboard_protocol::Channel::dashboard(dashboard_protocol::Resource::Orders, "ada");
    bench.say(&format!(
        r#"{{"push":{{"channel":"{channel}","pub":{{"data":{{}},"offset":9}}}}}}"#
    ));
    let before = bench.age_ms().expect("it was live");
    bench.run(2000);
    bench.say("{}");
    assert_eq!(bench.age_ms(), Some(before + 2000));
    bench.answer(&Ok(()));
    assert_eq!(bench.age_ms(), Some(0));
}
