//! Statements about plain queries, by their numbers, and the rest of the query cache's behaviour.

use std::collections::BTreeSet;
use std::rc::Rc;

use dashboard_model::views::CatalogView;
use dashboard_model::{Beat, BeatUpdate, Catalog, CatalogUpdates, Money};
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, HttpResult};
use sync_engine::queries::life::RETENTION_MS;
use sync_engine::queries::{QUERIES_MAX, Queries, QueriesOutput};
use sync_engine::schema::{FeedUpdate, ItemPage, QueryKey, Schema};
use sync_engine::settings::Settings;
use sync_engine::time::Now;
use sync_engine::view::{DataStatus, ErrorKind, FetchStatus, Key, QueryView};
use sync_protocol::Page;

const START: Now = Now {
    mono_ms: 1_000_000,
    wall_ms: 1_700_000_000_000,
};

fn beat(id: u32, plays: u64) -> Beat {
    Beat {
        id: format!("b{id:04}"),
        title: format!("Beat {id}"),
        plays,
        ..Beat::default()
    }
}

/// A store of so many beats, which are in the order of their numbers; a cursor is the number of the next one.
struct Shop {
    beats: Vec<Beat>,
}

impl Shop {
    fn with(count: u32) -> Self {
        Self {
            beats: (0..count).map(|id| beat(id, 1)).collect(),
        }
    }

    fn answer(&self, request: &HttpRequest) -> HttpResult {
        let HttpRequest::Query { cursor, limit, .. } = request else {
            panic!("{request:?}");
        };
        let from = cursor.clone().unwrap_or_default();
        let mut rest = self.beats.iter().filter(|beat| beat.id >= from);
        let items = rest.by_ref().take(*limit).cloned().collect();
        let next_cursor = rest.next().map(|beat| beat.id.clone());
        Ok(HttpReply::Query(ItemPage::new(Page { items, next_cursor })))
    }
}

struct Run {
    schema: Rc<Schema>,
    queries: Queries,
    shop: Shop,
    now: Now,
    requests: Vec<(u64, HttpRequest)>,
    cancelled: Vec<u64>,
    notified: Vec<String>,
    signed_out: bool,
}

impl Run {
    fn new(beats: u32) -> Self {
        let schema = Rc::new(dashboard_model::schema());
        Self {
            queries: Queries::new(&schema, &Settings::default(), 7),
            schema,
            shop: Shop::with(beats),
            now: START,
            requests: Vec::new(),
            cancelled: Vec::new(),
            notified: Vec::new(),
            signed_out: false,
        }
    }

    /// Takes the outputs; the requests stay open.
    fn drain(&mut self) -> &mut Self {
        while let Some(output) = self.queries.poll_output() {
            match output {
                QueriesOutput::Http { id, request } => self.requests.push((id, request)),
                QueriesOutput::CancelHttp { id } => {
                    self.requests.retain(|(open, _)| *open != id);
                    self.cancelled.push(id);
                }
                QueriesOutput::Changed(Key::Query(key)) => {
                    let text = key.params.strip_prefix("query=").unwrap_or_default();
                    self.notified.push(text.to_owned());
                }
                QueriesOutput::Changed(key) => panic!("{key:?}"),
                QueriesOutput::Unauthenticated => self.signed_out = true,
            }
        }
        self
    }

    fn observe(&mut self, text: &str) -> &mut Self {
        let key = self.key(text);
        self.queries.observe(self.now, &key);
        self.drain()
    }

    fn release(&mut self, text: &str) {
        let key = self.key(text);
        self.queries.release(self.now, &key);
    }

    fn refetch(&mut self, text: &str) {
        let key = self.key(text);
        self.queries.refetch(self.now, Some(&key));
    }

    fn load_more(&mut self, text: &str) {
        let key = self.key(text);
        self.queries.load_more(self.now, &key);
    }

    fn set(&mut self, text: &str, page: Page<Beat>) {
        let key = self.key(text);
        self.queries.set(self.now, &key, ItemPage::new(page));
    }

    fn apply(&mut self, updates: &[BeatUpdate]) {
        let updates: Vec<_> = updates.iter().cloned().map(FeedUpdate::new).collect();
        let feed = self.schema.feed_id::<CatalogUpdates>();
        self.queries.apply_updates(feed, &updates);
    }

    /// The key of the catalog under a search text.
    fn key(&self, text: &str) -> QueryKey {
        self.schema.query_key(&Catalog::search(text))
    }

    fn view(&self, text: &str) -> QueryView<CatalogView> {
        self.queries.view(&self.key(text))
    }

    /// A beat that any search text has loaded.
    fn beat(&self, id: &str) -> Option<Rc<Beat>> {
        self.queries.item(self.schema.query_id::<Catalog>(), id)
    }

    /// Answers all open requests, also those that follow from the answers. Returns how many there were.
    fn answer(&mut self) -> usize {
        let mut answered = 0;
        while !self.drain().requests.is_empty() {
            let (id, request) = self.requests.remove(0);
            let result = self.shop.answer(&request);
            self.queries.handle_http(self.now, id, result);
            answered += 1;
        }
        answered
    }

    fn fail(&mut self, failure: &HttpFailure) {
        let (id, _) = self.drain().requests.remove(0);
        self.queries.handle_http(self.now, id, Err(failure.clone()));
        self.drain();
    }

    fn wait(&mut self, ms: u64) -> &mut Self {
        self.now = self.now.after(ms);
        self.queries.handle_timeout(self.now);
        self.drain()
    }

    fn ids(&self, text: &str) -> Vec<String> {
        let data = self.view(text).data;
        data.map(|data| data.rows.iter().map(|beat| beat.id.clone()).collect())
            .unwrap_or_default()
    }
}

fn plays(id: u32, plays: u64) -> BeatUpdate {
    BeatUpdate {
        id: beat(id, 0).id,
        plays: Some(plays),
        ..BeatUpdate::default()
    }
}

#[test]
fn a_first_look_reads_a_page_and_a_second_one_reads_nothing() {
    let mut run = Run::new(120);
    assert_eq!(run.view("").status, DataStatus::Pending);
    run.observe("");
    assert_eq!(run.view("").fetch, FetchStatus::Fetching);
    assert_eq!(run.answer(), 1);
    let view = run.view("");
    let data = view.data.unwrap();
    assert_eq!((data.rows.len(), data.has_more), (50, true));
    assert_eq!(
        (view.status, view.fetch),
        (DataStatus::Success, FetchStatus::Idle)
    );
    assert_eq!(view.updated_at_ms, Some(START.wall_ms));
    run.release("");
    run.notified.clear();
    run.observe("");
    assert_eq!((run.answer(), run.notified.len()), (0, 0));
}

#[test]
fn a_page_that_is_set_counts_as_read_now_and_aborts_the_read_in_flight() {
    let mut run = Run::new(3);
    run.observe("");
    let page = Page {
        items: vec![beat(7, 1)],
        next_cursor: None,
    };
    run.set("", page.clone());
    assert_eq!(run.drain().ids(""), ["b0007"]);
    assert_eq!((run.cancelled.len(), run.requests.len()), (1, 0));

    // Nobody looks yet: it is there at the first look, and forgotten when nobody comes.
    run.set("lofi", page);
    assert_eq!(run.observe("lofi").requests.len(), 0);
    assert_eq!(run.ids("lofi"), ["b0007"]);
    run.release("lofi");
    run.wait(RETENTION_MS);
    assert_eq!(run.ids("lofi"), [""; 0]);
}

#[test]
fn k6_the_answer_under_one_key_never_lands_under_another() {
    let mut run = Run::new(3);
    run.observe("lofi");
    let (id, request) = run.drain().requests.remove(0);
    // The component looks at another key before the answer is there.
    run.release("lofi");
    run.observe("trap");
    run.queries
        .handle_http(run.now, id, run.shop.answer(&request));
    run.drain();
    assert_eq!(run.view("trap").status, DataStatus::Pending);
    assert_eq!((run.ids("trap").len(), run.ids("lofi").len()), (0, 3));
}

#[test]
fn c3_and_c6_an_answer_older_than_its_invalidation_is_read_again_and_never_shown() {
    let mut run = Run::new(3);
    run.observe("");
    run.answer();
    run.refetch("");
    let (id, request) = run.drain().requests.remove(0);
    let old = run.shop.answer(&request);
    run.shop.beats.push(beat(9, 1));
    for _ in 0..5 {
        run.refetch("");
    }
    assert!(run.drain().requests.is_empty());
    run.shop.beats.push(beat(8, 1));
    run.notified.clear();
    run.queries.handle_http(run.now, id, old);
    assert_eq!(run.drain().requests.len(), 1);
    assert_eq!((run.ids("").len(), run.notified.len()), (3, 0));
    assert_eq!(run.answer(), 1);
    assert_eq!(run.ids("").len(), 5);
}

#[test]
fn c3_outdated_data_are_shown_if_there_are_no_others() {
    let mut run = Run::new(3);
    run.observe("");
    run.refetch("");
    let (id, request) = run.drain().requests.remove(0);
    let old = run.shop.answer(&request);
    run.queries.handle_http(run.now, id, old);
    assert_eq!(run.ids("").len(), 3);
    assert_eq!(run.answer(), 1);
}

#[test]
fn c4_the_answer_of_an_aborted_request_is_ignored() {
    let mut run = Run::new(120);
    run.observe("");
    run.answer();
    run.load_more("");
    let (old_id, old_request) = run.drain().requests[0].clone();
    run.refetch("");
    run.drain();
    assert_eq!(run.cancelled, [old_id]);
    let old = run.shop.answer(&old_request);
    run.queries.handle_http(run.now, old_id, old);
    assert_eq!(run.drain().ids("").len(), 50);
    assert_eq!(run.answer(), 2);
    assert_eq!(run.ids("").len(), 100);
}

#[test]
fn c5_an_update_that_arrives_during_a_read_is_applied_to_its_rows() {
    let mut run = Run::new(60);
    run.observe("");
    run.answer();
    run.load_more("");
    let (id, request) = run.drain().requests.remove(0);
    let old = run.shop.answer(&request);
    run.apply(&[plays(55, 77)]);
    run.queries.handle_http(run.now, id, old);
    assert_eq!(run.beat("b0055").unwrap().plays, 77);

    run.queries.refetch(run.now, None);
    let (id, request) = run.drain().requests.remove(0);
    let old = run.shop.answer(&request);
    run.apply(&[plays(3, 5)]);
    run.apply(&[plays(3, 6)]);
    run.queries.handle_http(run.now, id, old);
    assert_eq!(run.beat("b0003").unwrap().plays, 6);
}

#[test]
fn c5_more_updates_than_are_kept_have_the_page_read_again() {
    let mut run = Run::new(3);
    run.observe("");
    run.answer();
    run.queries.refetch(run.now, None);
    let flood: Vec<_> = (0..2000).map(|id| plays(id, 2)).collect();
    run.apply(&flood);
    assert_eq!(run.answer(), 2);
}

#[test]
fn c7_focus_and_reconnection_read_only_stale_data_on_screen() {
    let mut run = Run::new(3);
    run.observe("a").observe("b");
    run.answer();
    run.release("b");
    run.queries.read_stale(run.now);
    run.queries.on_reconnected(run.now, true);
    assert_eq!(run.answer(), 0);
    run.wait(30_000);
    run.queries.read_stale(run.now);
    run.queries.read_stale(run.now);
    assert_eq!(run.answer(), 1);
    run.wait(30_000);
    run.queries.on_reconnected(run.now, true);
    assert_eq!(run.answer(), 1);
}

#[test]
fn c7_a_connection_that_missed_updates_has_everything_on_screen_read_again() {
    let mut run = Run::new(3);
    run.observe("a").observe("b");
    run.answer();
    run.release("b");
    run.queries.on_reconnected(run.now, false);
    assert_eq!(run.answer(), 1);
    run.observe("b");
    assert_eq!(run.answer(), 1);
}

#[test]
fn c6_invalidated_data_are_read_although_the_request_in_flight_fails() {
    let mut run = Run::new(3);
    run.observe("");
    run.answer();
    run.queries.refetch(run.now, None);
    run.drain();
    run.queries.on_reconnected(run.now, false);
    run.fail(&HttpFailure::Status {
        status: 400,
        problem: None,
        retry_after_ms: None,
    });
    assert_eq!(run.answer(), 1);
}

#[test]
fn c9_a_request_that_hangs_delays_no_other() {
    let mut run = Run::new(3);
    run.observe("a").observe("b");
    let (id, request) = run.requests.remove(1);
    let result = run.shop.answer(&request);
    run.queries.handle_http(run.now, id, result);
    run.drain();
    assert_eq!((run.ids("a").len(), run.ids("b").len()), (0, 3));
}

#[test]
fn c10_a_failed_refresh_keeps_the_data_and_shows_the_error() {
    let mut run = Run::new(3);
    run.observe("");
    run.answer();
    let before = run.view("").data.unwrap();
    run.queries.refetch(run.now, None);
    run.fail(&HttpFailure::Status {
        status: 400,
        problem: None,
        retry_after_ms: None,
    });
    let view = run.view("");
    assert!(Rc::ptr_eq(&before, view.data.as_ref().unwrap()));
    assert_eq!(
        (view.status, view.fetch),
        (DataStatus::Success, FetchStatus::Idle)
    );
    assert_eq!(view.error.unwrap().kind, ErrorKind::Data);
    run.queries.read_stale(run.now);
    run.answer();
    assert_eq!(run.view("").error, None);
}

#[test]
fn c11_fifty_components_make_one_request() {
    let mut run = Run::new(3);
    for _ in 0..50 {
        run.observe("lofi");
    }
    assert_eq!(run.answer(), 1);
}

#[test]
fn c12_a_failed_request_is_retried_three_times() {
    let mut run = Run::new(3);
    run.observe("");
    for _ in 0..3 {
        run.fail(&HttpFailure::Network);
        assert_eq!(run.view("").fetch, FetchStatus::Fetching);
        assert_eq!(run.view("").error, None);
        let at_ms = run.queries.next_deadline().unwrap();
        run.wait(at_ms - run.now.mono_ms);
        assert_eq!(run.requests.len(), 1);
    }
    run.fail(&HttpFailure::Network);
    let view = run.view("");
    assert_eq!(
        (view.status, view.fetch),
        (DataStatus::Error, FetchStatus::Idle)
    );
    assert_eq!(view.error.unwrap().kind, ErrorKind::Network);
    assert_eq!(run.queries.next_deadline(), None);
}

#[test]
fn c12_wanted_requests_wait_for_the_network() {
    let mut run = Run::new(3);
    run.queries.set_online(run.now, false);
    run.observe("");
    assert!(run.requests.is_empty());
    assert_eq!(run.view("").fetch, FetchStatus::Paused);
    run.queries.set_online(run.now, true);
    assert_eq!(run.answer(), 1);
    assert_eq!(run.ids("").len(), 3);
}

#[test]
fn c13_and_b15_an_update_notifies_once_and_only_queries_that_show_the_row() {
    let mut run = Run::new(3);
    run.observe("a");
    run.answer();
    run.shop = Shop {
        beats: vec![beat(7, 1)],
    };
    run.observe("b");
    run.answer();
    run.notified.clear();
    let (a, b) = (run.view("a").data, run.view("b").data);
    run.apply(&[plays(0, 5), plays(1, 1), plays(0, 6), plays(99, 1)]);
    run.drain();
    assert_eq!(run.notified, ["a"]);
    let (a, now_a) = (a.unwrap(), run.view("a").data.unwrap());
    assert_eq!(now_a.rows[0].plays, 6);
    assert!(!Rc::ptr_eq(&a.rows[0], &now_a.rows[0]));
    assert!(Rc::ptr_eq(&a.rows[1], &now_a.rows[1]));
    assert!(Rc::ptr_eq(&b.unwrap(), &run.view("b").data.unwrap()));
    run.apply(&[plays(0, 6)]);
    run.notified.clear();
    assert!(run.drain().notified.is_empty());
}

#[test]
fn c14_pages_follow_each_other_without_a_double_or_a_gap_while_rows_come_and_go() {
    let mut run = Run::new(130);
    run.observe("");
    run.answer();
    run.shop.beats.remove(10);
    let mut front = beat(0, 1);
    front.id = "b00005".to_owned();
    run.shop.beats.insert(1, front);
    for _ in 0..5 {
        run.load_more("");
        run.load_more("");
        run.answer();
    }
    let ids = run.ids("");
    let distinct: BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (130, 130));
    assert!(!run.view("").data.unwrap().has_more);
    run.queries.refetch(run.now, None);
    assert_eq!(run.answer(), 1);
    let wanted: Vec<_> = run.shop.beats.iter().map(|beat| beat.id.clone()).collect();
    assert_eq!(run.ids(""), wanted);
}

#[test]
fn c14_a_refresh_reads_as_many_rows_as_were_loaded_and_shows_them_at_once() {
    let mut run = Run::new(600);
    run.observe("");
    run.answer();
    for _ in 0..9 {
        run.load_more("");
        run.answer();
    }
    assert_eq!(run.ids("").len(), 500);
    run.shop.beats[0].plays = 9;
    run.queries.refetch(run.now, None);
    let mut lengths = BTreeSet::new();
    while let Some((id, request)) = run.drain().requests.pop() {
        let result = run.shop.answer(&request);
        run.queries.handle_http(run.now, id, result);
        lengths.insert(run.ids("").len());
    }
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [500]);
    assert_eq!(run.beat("b0000").unwrap().plays, 9);
}

#[test]
fn equal_data_keep_their_pointer() {
    let mut run = Run::new(3);
    run.observe("");
    run.answer();
    let before = run.view("").data.unwrap();
    run.queries.refetch(run.now, None);
    run.answer();
    assert!(Rc::ptr_eq(&before, &run.view("").data.unwrap()));
}

#[test]
fn a_beat_is_one_value_in_all_lists() {
    let mut run = Run::new(3);
    run.observe("a");
    run.answer();
    run.shop.beats[1].plays = 42;
    run.notified.clear();
    run.observe("b");
    run.answer();
    assert!(run.notified.contains(&"a".to_owned()));
    let view = |text| run.view(text).data.unwrap();
    assert_eq!(view("a").rows[1].plays, 42);
    assert!(Rc::ptr_eq(&view("a").rows[1], &view("b").rows[1]));
}

#[test]
fn a_request_that_nobody_waits_for_is_aborted_after_a_grace() {
    let mut run = Run::new(3);
    run.observe("l");
    run.release("l");
    run.observe("l");
    run.wait(5000);
    assert_eq!((run.requests.len(), run.cancelled.len()), (1, 0));
    run.release("l");
    let at_ms = run.queries.next_deadline().unwrap();
    assert_eq!(at_ms, run.now.mono_ms + 1000);
    run.wait(1000);
    assert_eq!((run.requests.len(), run.cancelled.len()), (0, 1));
    run.observe("l");
    assert_eq!(run.answer(), 1);
}

#[test]
fn an_unused_query_is_forgotten_after_five_minutes_with_its_rows() {
    let mut run = Run::new(3);
    run.observe("");
    run.answer();
    run.release("");
    assert_eq!(run.queries.next_deadline(), Some(run.now.mono_ms + 300_000));
    run.wait(299_999);
    let rows = run.view("").data.unwrap();
    assert_eq!(rows.rows.len(), 3);
    run.wait(1);
    assert_eq!(run.ids("").len(), 0);
    assert!(run.beat("b0000").is_none());
    assert_eq!(Rc::strong_count(&rows), 1, "nobody else keeps them");
    assert_eq!(run.queries.next_deadline(), None);
}

#[test]
fn the_number_of_queries_is_bounded_but_those_on_screen_are_kept() {
    let mut run = Run::new(3);
    run.observe("first");
    run.answer();
    for n in 0..2 * QUERIES_MAX {
        let query = format!("query {n}");
        run.now = run.now.after(1);
        run.observe(&query);
        run.answer();
        run.release(&query);
    }
    assert_eq!(run.queries.entry_count(), QUERIES_MAX);
    assert_eq!(run.ids("first").len(), 3);
    assert_eq!(run.ids("query 0").len(), 0);
    assert_eq!(run.ids(&format!("query {}", 2 * QUERIES_MAX - 1)).len(), 3);
}

#[test]
fn a_request_without_an_answer_is_aborted_and_retried() {
    let mut run = Run::new(3);
    run.observe("");
    let (lost, _) = run.requests[0].clone();
    run.wait(15_000);
    assert_eq!(run.cancelled, [lost]);
    run.wait(500);
    assert_eq!(run.answer(), 1);
}

#[test]
fn an_answer_of_another_kind_is_an_error_and_not_a_panic() {
    let mut run = Run::new(3);
    run.observe("");
    let (id, _) = run.requests.remove(0);
    run.queries
        .handle_http(run.now, id, Ok(HttpReply::Snapshot(None)));
    assert_eq!(run.view("").status, DataStatus::Error);
}

#[test]
fn a_401_is_reported() {
    let mut run = Run::new(3);
    run.observe("");
    run.fail(&HttpFailure::Status {
        status: 401,
        problem: None,
        retry_after_ms: None,
    });
    assert!(run.signed_out);
}

#[test]
fn nothing_is_left_after_signing_out_and_late_answers_are_ignored() {
    let mut run = Run::new(3);
    run.observe("a").observe("b");
    let (id, request) = run.requests[0].clone();
    run.queries.clear();
    assert_eq!(run.drain().cancelled.len(), 2);
    let result = run.shop.answer(&request);
    run.queries.handle_http(run.now, id, result);
    run.notified.clear();
    assert!(run.drain().notified.is_empty());
    assert_eq!(run.ids("a").len(), 0);
    assert_eq!(run.queries.next_deadline(), None);
}

#[test]
fn an_observer_that_outlives_a_user_sees_the_data_of_the_next() {
    let mut run = Run::new(3);
    run.observe("");
    run.answer();
    run.notified.clear();
    run.queries.clear();
    assert_eq!(run.drain().notified, [""]);
    assert!(run.ids("").is_empty());
    run.queries.read_stale(run.now);
    assert_eq!(run.answer(), 1);
    assert_eq!(run.ids("").len(), 3);
    // Another one comes to look, and the first one goes.
    run.observe("");
    run.release("");
    run.queries.refetch(run.now, None);
    assert_eq!(run.answer(), 1);
}

#[test]
fn a_price_update_changes_the_loaded_row() {
    let mut run = Run::new(1);
    run.observe("");
    run.answer();
    let price = Money {
        amount: 4900,
        currency: "USD".to_owned(),
    };
    run.apply(&[BeatUpdate {
        id: "b0000".to_owned(),
        price: Some(price.clone()),
        ..BeatUpdate::default()
    }]);
    assert_eq!(run.beat("b0000").unwrap().price, price);
}

#[test]
fn k6_an_answer_for_the_former_search_never_lands_in_the_next_one() {
    let mut run = Run::new(0);
    run.observe("former");
    run.release("former");
    run.observe("next");
    let calls = std::mem::take(&mut run.requests);
    assert_eq!(calls.len(), 2);
    let page = |id| {
        Ok(HttpReply::Query(ItemPage::new(Page {
            items: vec![beat(id, 1)],
            next_cursor: None,
        })))
    };
    // The later one is answered first.
    run.queries.handle_http(run.now, calls[1].0, page(2));
    run.queries.handle_http(run.now, calls[0].0, page(1));
    run.drain();
    assert_eq!(run.ids("next"), [beat(2, 1).id]);
    run.observe("former");
    assert!(!run.ids("former").contains(&beat(2, 1).id));
    assert_eq!(run.ids("next"), [beat(2, 1).id]);
}
