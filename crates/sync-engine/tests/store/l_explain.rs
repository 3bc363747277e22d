//! The store can say why something looks as it does.

use dashboard_protocol::{ProblemCode, Resource};

use super::super::{Count, Store};
use super::bench::{Bench, cancel_order, download, order};
use crate::settings::Settings;

#[test]
fn l1_failures_stay_listed_newest_first_and_at_most_two_hundred() {
    let mut bench = Bench::loaded();
    for number in 0..201 {
        bench.server.reject.push(ProblemCode::Invalid);
        bench.mutate(cancel_order(&format!("x{number}")));
        bench.answer_all();
    }
    let view = bench.store.mutations();
    assert_eq!(view.failures.len(), 200);
    let newest = serde_json::to_string(&view.failures[0].mutation.body).unwrap();
    assert!(newest.contains("x200"));
    bench.store.dismiss_failure(bench.now, None);
    assert_eq!(bench.failures(), 0);
}

#[test]
fn l1_a_favorite_shows_its_rejection_until_the_user_acts_on_it_again() {
    let mut bench = Bench::loaded();
    let rejected = bench.set("b3", true);
    bench.advance(150);
    bench.server.reject.push(ProblemCode::Invalid);
    bench.answer_all();
    assert_eq!(
        bench.store.favorite("b3").failure.unwrap().mutation.id,
        rejected
    );
    bench.set("b3", true);
    assert!(bench.store.favorite("b3").failure.is_none());
    assert_eq!(bench.failures(), 1, "it stays listed");
}

#[test]
fn l2_a_row_names_the_version_and_the_mutations_that_shape_it() {
    let mut bench = Bench::loaded();
    let placed = bench.mutate(order("o2", "b3"));
    let cancelled = bench.mutate(cancel_order("o2"));
    let view = bench.store.orders().data.unwrap();
    assert_eq!(
        view.version,
        bench.server.versions[Resource::Orders.index()]
    );
    let ids: Vec<&str> = view.rows[0].mutations.iter().map(|id| &**id).collect();
    assert_eq!(ids, [placed.as_str(), cancelled.as_str()]);
    assert!(view.rows[1].mutations.is_empty());
    let stats = bench.store.stats().data.unwrap();
    assert!(stats.mutations.is_empty());
}

#[test]
fn l3_an_export_replays_to_the_same_view() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.set("b1", false);
    bench.mutate(order("o2", "b3"));
    bench.mutate(download("d2", "b2"));
    bench.mutate(cancel_order("o1"));
    let export = bench.store.export();
    let text = serde_json::to_string(&export).unwrap();
    let settings = Settings {
        page_size: 5,
        ..Settings::default()
    };
    let mut other = Store::new(&settings, 1);
    other.sign_in(bench.now, "ada");
    other.set_paused(bench.now, true);
    other.import(bench.now, serde_json::from_str(&text).unwrap());
    assert_eq!(
        *other.favorites().data.unwrap(),
        *bench.store.favorites().data.unwrap()
    );
    assert_eq!(
        *other.orders().data.unwrap(),
        *bench.store.orders().data.unwrap()
    );
    assert_eq!(
        *other.downloads().data.unwrap(),
        *bench.store.downloads().data.unwrap()
    );
    assert_eq!(
        *other.activity().data.unwrap(),
        *bench.store.activity().data.unwrap()
    );
    assert_eq!(
        *other.stats().data.unwrap(),
        *bench.store.stats().data.unwrap()
    );
    assert_eq!(other.favorite("b3").favorite, bench.favorite("b3"));
    assert_eq!(other.mutations().pending.len(), bench.pending());
}

#[test]
fn l4_gaps_resyncs_doubles_and_rejections_are_counted_and_the_oldest_mutation_has_an_age() {
    let mut bench = Bench::loaded();
    bench.mutate(cancel_order("nowhere"));
    bench.now = bench.now.after(700);
    assert_eq!(bench.store.oldest_pending_ms(bench.now), Some(700));
    bench.answer_all();
    assert_eq!(bench.counted(&Count::RolledBack(ProblemCode::NotFound)), 1);
    assert_eq!(bench.store.oldest_pending_ms(bench.now), None);
    let _lost = bench.server.log("one");
    let events = bench.server.log("two");
    bench.deliver(&events);
    bench.deliver(&events);
    bench.advance(1000);
    assert_eq!(bench.counted(&Count::Gap(Resource::Activity)), 1);
    assert_eq!(bench.counted(&Count::Resync(Resource::Activity)), 1);
    assert_eq!(bench.counted(&Count::Duplicate(Resource::Activity)), 1);
    bench.drain();
    bench.assert_same("at rest");
}
