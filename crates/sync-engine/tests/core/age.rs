//! How old the data on screen are said to be.

use std::rc::Rc;

use dashboard_model::views::DashboardStore;
use dashboard_model::{Beat, Resource, SeenBeats, SetFavorite};
use sync_engine::Core;
use sync_engine::schema::{MutationRef, NewMutation};
use sync_engine::settings::Settings;
use sync_engine::status::ShownState;

use super::bench::{Bench, Sockets};
use super::tab::Tab;

const HALF_AN_HOUR_MS: u64 = 1_800_000;

#[test]
fn the_age_is_that_of_the_oldest_resource_on_screen() {
    let mut bench = Bench::live(Tab::Orders);
    bench.give(Core::disconnect);
    let off_for = bench.age_ms().expect("it was live");
    assert!(off_for <= 25_000, "{off_for}");
    bench.run(HALF_AN_HOUR_MS);
    // Read for the first time now; the numbers in the header are of half an hour ago.
    bench.switch(Tab::Orders, Tab::Downloads);
    assert!(bench.core.downloads().data.is_some());
    assert!(bench.age_ms() >= Some(1_800_000), "{:?}", bench.age_ms());
    // Only the activity, which was just read.
    bench.switch(Tab::Downloads, Tab::Activity);
    assert_eq!(bench.age_ms(), Some(0));
    bench.switch(Tab::Activity, Tab::Orders);
    assert!(bench.age_ms() >= Some(1_800_000), "{:?}", bench.age_ms());
    // All of the tab is read again.
    bench.give(Core::refresh);
    assert_eq!(bench.age_ms(), Some(0));
}

#[test]
fn data_that_were_never_read_have_no_age() {
    let mut bench = Bench::live(Tab::Orders);
    bench.give(Core::disconnect);
    bench.run(60_000);
    bench.holds_reads = true;
    bench.switch(Tab::Orders, Tab::Activity);
    assert_eq!(bench.age_ms(), None);
}

#[test]
fn data_whose_answer_waited_for_a_sleeping_device_are_as_old_as_their_question() {
    let mut bench = Bench::live(Tab::Orders);
    bench.give(Core::disconnect);
    bench.holds_reads = true;
    bench.switch(Tab::Orders, Tab::Activity);
    // The answer is on its way; the device sleeps, and its clocks go on.
    bench.now = bench.now.after(HALF_AN_HOUR_MS);
    bench.answer(&Ok(()));
    assert_eq!(bench.age_ms(), Some(HALF_AN_HOUR_MS));
}

#[test]
fn while_live_every_heartbeat_confirms_all_subscribed_resources() {
    let mut bench = Bench::live(Tab::Orders);
    for _ in 0..600 {
        bench.run(1000);
        assert!(bench.age_ms() <= Some(31_000), "{:?}", bench.age_ms());
    }
    assert!(bench.take_reads().is_empty());
}

#[test]
fn an_unsubscribed_resource_ages_until_its_channel_is_recovered() {
    let mut bench = Bench::live(Tab::Orders);
    bench.switch(Tab::Orders, Tab::Activity);
    bench.run(HALF_AN_HOUR_MS);
    // The channel recovers, and nothing was missed: the orders are those of now.
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
fn the_age_of_one_users_data_does_not_pass_to_the_next_user() {
    let mut bench = Bench::live(Tab::Orders);
    bench.give(Core::sign_out);
    bench.holds_reads = true;
    bench.sign_in(Tab::Orders);
    assert_eq!(bench.age_ms(), None);
}

/// The server is heard, but the events that the channel skipped are not read yet.
#[test]
fn a_heartbeat_confirms_nothing_while_events_are_missing() {
    let mut bench = Bench::live(Tab::Orders);
    bench.holds_reads = true;
    let channel = Resource::Orders.channel("ada");
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

#[test]
fn the_age_of_the_data_survives_a_clock_that_is_set_back() {
    let mut bench = Bench::live(Tab::Orders);
    bench.give(Core::disconnect);
    bench.run(HALF_AN_HOUR_MS);
    bench.now.wall_ms -= 7_200_000;
    assert!(bench.age_ms() >= Some(HALF_AN_HOUR_MS));
}

#[test]
fn a_new_favorite_has_the_time_of_the_servers_clock() {
    const AHEAD_MS: i64 = 7_200_000;
    let mut bench = Bench::new(&Settings::default());
    bench.ahead_ms = AHEAD_MS;
    bench.sign_in(Tab::Favorites);
    bench.run(1000);
    assert_eq!(bench.core.clock_offset_ms(), AHEAD_MS);
    let beat = Rc::new(Beat {
        id: "b7".to_owned(),
        ..Beat::default()
    });
    let favorite = SetFavorite {
        beat_id: "b7".to_owned(),
        favorite: true,
    };
    let favorite = MutationRef::with_context(favorite, &SeenBeats::one(&beat));
    let new = NewMutation::new("m1", favorite);
    bench.give(|core, now| drop(core.mutate(now, vec![new], false)));
    let rows = bench.core.favorites().data.expect("they were read");
    let added_ms = rows.rows[0].item.added_at.to_unix_ms();
    assert_eq!(added_ms, Some(bench.now.wall_ms + AHEAD_MS));
}

#[test]
fn a_clock_that_is_corrected_during_a_visit_is_compared_with_the_servers_at_once() {
    for correction_ms in [-3_600_000, 3_600_000] {
        let mut bench = Bench::live(Tab::Orders);
        assert_eq!(bench.core.clock_offset_ms(), 0);
        bench.now.wall_ms += correction_ms;
        bench.ahead_ms = -correction_ms;
        // No later than the next alarm.
        bench.run(30_000);
        assert_eq!(bench.core.clock_offset_ms(), -correction_ms);
        assert_eq!(bench.opened, 1);
    }
}

#[test]
fn a_clock_that_is_corrected_while_there_is_no_connection_is_compared_once_there_is_one() {
    let mut bench = Bench::live(Tab::Orders);
    bench.lose_sockets();
    bench.run(2000);
    bench.now.wall_ms += 3_600_000;
    bench.ahead_ms = -3_600_000;
    // An attempt that fails notices the jump.
    bench.run(5000);
    assert_eq!(bench.core.clock_offset_ms(), 0);
    bench.sockets = Sockets::Accepted;
    bench.run(10_000);
    assert_eq!(bench.shown(), ShownState::Live);
    assert_eq!(bench.core.clock_offset_ms(), -3_600_000);
}
