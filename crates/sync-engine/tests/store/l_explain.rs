//! The store can say why something looks as it does.

use dashboard_model::views::{DashboardStore, favorite_of};
use dashboard_model::{CancelOrder, Resource};
use sync_engine::metrics::Counter;
use sync_engine::settings::Settings;
use sync_engine::store::Store;
use sync_protocol::ProblemCode;

use crate::fixture::{Fixture, cancel_order, download, order};

#[test]
fn l1_failures_stay_listed_newest_first_and_at_most_two_hundred() {
    let mut fixture = Fixture::loaded();
    for number in 0..201 {
        fixture.server.reject.push(ProblemCode::Invalid);
        fixture.mutate(cancel_order(&format!("x{number}")));
        fixture.answer_all();
    }
    let view = fixture.store.mutations();
    assert_eq!(view.failures.len(), 200);
    let newest = view.failures[0].mutation.mutation.downcast::<CancelOrder>();
    assert_eq!(newest.unwrap().order_id, "x200");
    fixture.store.dismiss_failure(fixture.now, None);
    assert_eq!(fixture.failures(), 0);
}

#[test]
fn l1_a_favorite_shows_its_rejection_until_the_user_acts_on_it_again() {
    let mut fixture = Fixture::loaded();
    let rejected = fixture.set("b3", true);
    fixture.advance(150);
    fixture.server.reject.push(ProblemCode::Invalid);
    fixture.answer_all();
    assert_eq!(fixture.entity("b3").failure.unwrap().mutation.id, rejected);
    fixture.set("b3", true);
    assert!(fixture.entity("b3").failure.is_none());
    assert_eq!(fixture.failures(), 1, "it stays listed");
}

#[test]
fn l2_a_view_names_its_version_and_the_mutations_behind_each_row() {
    let mut fixture = Fixture::loaded();
    let placed = fixture.mutate(order("o2", "b3"));
    let cancelled = fixture.mutate(cancel_order("o2"));
    let view = fixture.store.orders().data.unwrap();
    assert_eq!(
        view.version,
        fixture.server.versions[Resource::Orders.index()]
    );
    let ids: Vec<&str> = view.rows[0]
        .mutations
        .iter()
        .map(|id| id.as_str())
        .collect();
    assert_eq!(ids, [placed.as_str(), cancelled.as_str()]);
    assert!(view.rows[1].mutations.is_empty());
    let stats = fixture.store.stats().data.unwrap();
    assert!(stats.mutations.is_empty());
}

#[test]
fn l3_an_imported_export_shows_the_same_view() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.set("b1", false);
    fixture.mutate(order("o2", "b3"));
    fixture.mutate(download("d2", "b2"));
    fixture.mutate(cancel_order("o1"));
    let export = fixture.store.export();
    let text = serde_json::to_string(&export).unwrap();
    let settings = Settings {
        page_size: 5,
        ..Settings::default()
    };
    let mut other = Store::new(fixture.schema(), &settings, 1);
    other.sign_in(fixture.now, "ada");
    other.set_paused(fixture.now, true);
    other.import(fixture.now, &serde_json::from_str(&text).unwrap());
    assert_eq!(
        *other.favorites().data.unwrap(),
        *fixture.store.favorites().data.unwrap()
    );
    assert_eq!(
        *other.orders().data.unwrap(),
        *fixture.store.orders().data.unwrap()
    );
    assert_eq!(
        *other.downloads().data.unwrap(),
        *fixture.store.downloads().data.unwrap()
    );
    assert_eq!(
        *other.activity().data.unwrap(),
        *fixture.store.activity().data.unwrap()
    );
    assert_eq!(
        *other.stats().data.unwrap(),
        *fixture.store.stats().data.unwrap()
    );
    assert_eq!(
        other.entity(&favorite_of("b3")).present,
        fixture.favorite("b3")
    );
    assert_eq!(other.mutations().pending.len(), fixture.pending());
}

#[test]
fn l4_gaps_resyncs_duplicates_rejections_and_the_oldest_mutation_are_measured() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(cancel_order("nowhere"));
    fixture.now = fixture.now.after(700);
    assert_eq!(fixture.store.oldest_pending_ms(fixture.now), Some(700));
    fixture.answer_all();
    assert_eq!(fixture.rolled_back, [ProblemCode::NotFound]);
    assert_eq!(fixture.store.oldest_pending_ms(fixture.now), None);
    let _lost = fixture.server.log("one");
    let events = fixture.server.log("two");
    fixture.deliver(&events);
    fixture.deliver(&events);
    fixture.advance(1000);
    assert_eq!(fixture.counted(Counter::Gaps, Resource::Activity), 1);
    assert_eq!(fixture.counted(Counter::Resyncs, Resource::Activity), 1);
    assert_eq!(fixture.counted(Counter::Duplicates, Resource::Activity), 1);
    fixture.drain();
    fixture.assert_same("at rest");
}
