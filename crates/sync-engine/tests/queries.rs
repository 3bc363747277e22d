//! Statements about plain queries, by their numbers, and the rest of what a catalog does.

use std::collections::BTreeSet;

use dashboard_protocol::Money;

use super::*;
use crate::view::{DataStatus, ErrorKind, FetchStatus};

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
        let HttpRequest::Beats { cursor, limit, .. } = request else {
            panic!("{request:?}");
        };
        let from = cursor.clone().unwrap_or_default();
        let mut rest = self.beats.iter().filter(|beat| beat.id >= from);
        let items = rest.by_ref().take(*limit).cloned().collect();
        let next_cursor = rest.next().map(|beat| beat.id.clone());
        Ok(HttpReply::Beats(Page { items, next_cursor }))
    }
}

struct Run {
    catalog: Catalog,
    shop: Shop,
    now: Now,
    requests: Vec<(u64, HttpRequest)>,
    cancelled: Vec<u64>,
    notified: Vec<String>,
    signed_out: bool,
}

impl Run {
    fn new(beats: u32) -> Self {
        Self {
            catalog: Catalog::new(&Settings::default(), 7),
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
        while let Some(output) = self.catalog.poll_output() {
            match output {
                CatalogOutput::Http { id, request } => self.requests.push((id, request)),
                CatalogOutput::CancelHttp { id } => {
                    self.requests.retain(|(open, _)| *open != id);
                    self.cancelled.push(id);
                }
                CatalogOutput::Changed(Key::Catalog(query)) => self.notified.push(query.to_string()),
                CatalogOutput::Changed(key) => panic!("{key:?}"),
                CatalogOutput::Unauthenticated => self.signed_out = true,
            }
        }
        self
    }

    fn hold(&mut self, query: &str) -> &mut Self {
        self.catalog.hold(self.now, query);
        self.drain()
    }

    /// Answers all open requests, also those that follow from the answers. Returns how many there were.
    fn answer(&mut self) -> usize {
        let mut answered = 0;
        while !self.drain().requests.is_empty() {
            let (id, request) = self.requests.remove(0);
            let result = self.shop.answer(&request);
            self.catalog.handle_http(self.now, id, result);
            answered += 1;
        }
        answered
    }

    fn fail(&mut self, failure: &HttpFailure) {
        let (id, _) = self.drain().requests.remove(0);
        self.catalog.handle_http(self.now, id, Err(failure.clone()));
        self.drain();
    }

    fn wait(&mut self, ms: u64) -> &mut Self {
        self.now = self.now.after(ms);
        self.catalog.handle_timeout(self.now);
        self.drain()
    }

    fn ids(&self, query: &str) -> Vec<String> {
        let data = self.catalog.view(query).data;
        data.map(|data| data.beats.iter().map(|beat| beat.id.clone()).collect())
            .unwrap_or_default()
    }
}

fn plays(id: u32, plays: u64) -> BeatChange {
    BeatChange {
        id: beat(id, 0).id,
        plays: Some(plays),
        ..BeatChange::default()
    }
}

#[test]
fn a_first_look_reads_a_page_and_a_second_one_reads_nothing() {
    let mut run = Run::new(120);
    assert_eq!(run.catalog.view("").status, DataStatus::Pending);
    run.hold("");
    assert_eq!(run.catalog.view("").fetch, FetchStatus::Fetching);
    assert_eq!(run.answer(), 1);
    let view = run.catalog.view("");
    let data = view.data.unwrap();
    assert_eq!((data.beats.len(), data.has_more), (50, true));
    assert_eq!(
        (view.status, view.fetch),
        (DataStatus::Success, FetchStatus::Idle)
    );
    assert_eq!(view.updated_at_ms, Some(START.wall_ms));
    run.catalog.release(run.now, "");
    run.notified.clear();
    run.hold("");
    assert_eq!((run.answer(), run.notified.len()), (0, 0));
}

#[test]
fn what_is_put_in_counts_as_read_now_and_gives_up_what_is_being_read() {
    let mut run = Run::new(3);
    run.hold("");
    let page = Page {
        items: vec![beat(7, 1)],
        next_cursor: None,
    };
    run.catalog.set(run.now, "", page.clone());
    assert_eq!(run.drain().ids(""), ["b0007"]);
    assert_eq!((run.cancelled.len(), run.requests.len()), (1, 0));

    // Nobody looks yet: it is there at the first look, and forgotten when nobody comes.
    run.catalog.set(run.now, "lofi", page);
    assert_eq!(run.hold("lofi").requests.len(), 0);
    assert_eq!(run.ids("lofi"), ["b0007"]);
    run.catalog.release(run.now, "lofi");
    run.wait(QueryPolicy::DEFAULT.retention_ms);
    assert_eq!(run.ids("lofi"), [""; 0]);
}

#[test]
fn k6_the_answer_under_one_key_never_lands_under_another() {
    let mut run = Run::new(3);
    run.hold("lofi");
    let (id, request) = run.drain().requests.remove(0);
    // The component looks at another key before the answer is there.
    run.catalog.release(run.now, "lofi");
    run.hold("trap");
    run.catalog
        .handle_http(run.now, id, run.shop.answer(&request));
    run.drain();
    assert_eq!(run.catalog.view("trap").status, DataStatus::Pending);
    assert_eq!((run.ids("trap").len(), run.ids("lofi").len()), (0, 3));
}

#[test]
fn c3_and_c6_what_was_read_before_it_was_declared_wrong_is_read_once_more_and_never_shown() {
    let mut run = Run::new(3);
    run.hold("");
    run.answer();
    run.catalog.refetch(run.now, Some(""));
    let (id, request) = run.drain().requests.remove(0);
    let old = run.shop.answer(&request);
    run.shop.beats.push(beat(9, 1));
    for _ in 0..5 {
        run.catalog.refetch(run.now, Some(""));
    }
    assert!(run.drain().requests.is_empty());
    run.shop.beats.push(beat(8, 1));
    run.notified.clear();
    run.catalog.handle_http(run.now, id, old);
    assert_eq!(run.drain().requests.len(), 1);
    assert_eq!((run.ids("").len(), run.notified.len()), (3, 0));
    assert_eq!(run.answer(), 1);
    assert_eq!(run.ids("").len(), 5);
}

#[test]
fn c3_what_is_out_of_date_is_shown_if_there_is_nothing_else() {
    let mut run = Run::new(3);
    run.hold("");
    run.catalog.refetch(run.now, Some(""));
    let (id, request) = run.drain().requests.remove(0);
    let old = run.shop.answer(&request);
    run.catalog.handle_http(run.now, id, old);
    assert_eq!(run.ids("").len(), 3);
    assert_eq!(run.answer(), 1);
}

#[test]
fn c4_an_answer_that_was_given_up_never_lands() {
    let mut run = Run::new(120);
    run.hold("");
    run.answer();
    run.catalog.load_more(run.now, "");
    let (old_id, old_request) = run.drain().requests[0].clone();
    run.catalog.refetch(run.now, Some(""));
    run.drain();
    assert_eq!(run.cancelled, [old_id]);
    let old = run.shop.answer(&old_request);
    run.catalog.handle_http(run.now, old_id, old);
    assert_eq!(run.drain().ids("").len(), 50);
    assert_eq!(run.answer(), 2);
    assert_eq!(run.ids("").len(), 100);
}

#[test]
fn c5_a_change_that_comes_while_a_page_is_read_is_there_afterwards() {
    let mut run = Run::new(60);
    run.hold("");
    run.answer();
    run.catalog.load_more(run.now, "");
    let (id, request) = run.drain().requests.remove(0);
    let old = run.shop.answer(&request);
    run.catalog.apply_catalog_updates(&[plays(55, 77)]);
    run.catalog.handle_http(run.now, id, old);
    assert_eq!(run.catalog.beat("b0055").unwrap().plays, 77);

    run.catalog.refetch(run.now, None);
    let (id, request) = run.drain().requests.remove(0);
    let old = run.shop.answer(&request);
    run.catalog.apply_catalog_updates(&[plays(3, 5)]);
    run.catalog.apply_catalog_updates(&[plays(3, 6)]);
    run.catalog.handle_http(run.now, id, old);
    assert_eq!(run.catalog.beat("b0003").unwrap().plays, 6);
}

#[test]
fn c5_more_changes_than_can_be_noted_have_the_page_read_again() {
    let mut run = Run::new(3);
    run.hold("");
    run.answer();
    run.catalog.refetch(run.now, None);
    let flood: Vec<_> = (0..2000).map(|id| plays(id, 2)).collect();
    run.catalog.apply_catalog_updates(&flood);
    assert_eq!(run.answer(), 2);
}

#[test]
fn c7_focus_and_reconnection_read_only_what_is_stale_and_looked_at() {
    let mut run = Run::new(3);
    run.hold("a").hold("b");
    run.answer();
    run.catalog.release(run.now, "b");
    run.catalog.on_focus(run.now);
    run.catalog.on_reconnected(run.now, true);
    assert_eq!(run.answer(), 0);
    run.wait(30_000);
    run.catalog.on_focus(run.now);
    run.catalog.on_focus(run.now);
    assert_eq!(run.answer(), 1);
    run.wait(30_000);
    run.catalog.on_reconnected(run.now, true);
    assert_eq!(run.answer(), 1);
}

#[test]
fn c7_a_connection_that_missed_changes_has_everything_on_screen_read_again() {
    let mut run = Run::new(3);
    run.hold("a").hold("b");
    run.answer();
    run.catalog.release(run.now, "b");
    run.catalog.on_reconnected(run.now, false);
    assert_eq!(run.answer(), 1);
    run.hold("b");
    assert_eq!(run.answer(), 1);
}

#[test]
fn c6_what_is_declared_wrong_meanwhile_is_read_although_the_request_under_way_fails() {
    let mut run = Run::new(3);
    run.hold("");
    run.answer();
    run.catalog.refetch(run.now, None);
    run.drain();
    run.catalog.on_reconnected(run.now, false);
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
    run.hold("a").hold("b");
    let (id, request) = run.requests.remove(1);
    let result = run.shop.answer(&request);
    run.catalog.handle_http(run.now, id, result);
    run.drain();
    assert_eq!((run.ids("a").len(), run.ids("b").len()), (0, 3));
}

#[test]
fn c10_a_failed_refresh_leaves_the_data_and_says_so() {
    let mut run = Run::new(3);
    run.hold("");
    run.answer();
    let before = run.catalog.view("").data.unwrap();
    run.catalog.refetch(run.now, None);
    run.fail(&HttpFailure::Status {
        status: 400,
        problem: None,
        retry_after_ms: None,
    });
    let view = run.catalog.view("");
    assert!(Rc::ptr_eq(&before, view.data.as_ref().unwrap()));
    assert_eq!(
        (view.status, view.fetch),
        (DataStatus::Success, FetchStatus::Idle)
    );
    assert_eq!(view.error.unwrap().kind, ErrorKind::Data);
    run.catalog.on_focus(run.now);
    run.answer();
    assert_eq!(run.catalog.view("").error, None);
}

#[test]
fn c11_fifty_components_make_one_request() {
    let mut run = Run::new(3);
    for _ in 0..50 {
        run.hold("lofi");
    }
    assert_eq!(run.answer(), 1);
}

#[test]
fn c12_a_failed_request_is_tried_three_times_more_without_anybody_looking_up() {
    let mut run = Run::new(3);
    run.hold("");
    for _ in 0..3 {
        run.fail(&HttpFailure::Network);
        assert_eq!(run.catalog.view("").fetch, FetchStatus::Fetching);
        assert_eq!(run.catalog.view("").error, None);
        let at_ms = run.catalog.next_deadline().unwrap();
        run.wait(at_ms - run.now.mono_ms);
        assert_eq!(run.requests.len(), 1);
    }
    run.fail(&HttpFailure::Network);
    let view = run.catalog.view("");
    assert_eq!(
        (view.status, view.fetch),
        (DataStatus::Error, FetchStatus::Idle)
    );
    assert_eq!(view.error.unwrap().kind, ErrorKind::Network);
    assert_eq!(run.catalog.next_deadline(), None);
}

#[test]
fn c12_without_a_network_nothing_is_started_and_with_it_everything_that_was_wanted() {
    let mut run = Run::new(3);
    run.catalog.set_online(run.now, false);
    run.hold("");
    assert!(run.requests.is_empty());
    assert_eq!(run.catalog.view("").fetch, FetchStatus::Paused);
    run.catalog.set_online(run.now, true);
    assert_eq!(run.answer(), 1);
    assert_eq!(run.ids("").len(), 3);
}

#[test]
fn c13_and_b15_a_change_touches_only_what_shows_the_beat_and_tells_it_once() {
    let mut run = Run::new(3);
    run.hold("a");
    run.answer();
    run.shop = Shop {
        beats: vec![beat(7, 1)],
    };
    run.hold("b");
    run.answer();
    run.notified.clear();
    let (a, b) = (run.catalog.view("a").data, run.catalog.view("b").data);
    run.catalog
        .apply_catalog_updates(&[plays(0, 5), plays(1, 1), plays(0, 6), plays(99, 1)]);
    run.drain();
    assert_eq!(run.notified, ["a"]);
    let (a, now_a) = (a.unwrap(), run.catalog.view("a").data.unwrap());
    assert_eq!(now_a.beats[0].plays, 6);
    assert!(!Rc::ptr_eq(&a.beats[0], &now_a.beats[0]));
    assert!(Rc::ptr_eq(&a.beats[1], &now_a.beats[1]));
    assert!(Rc::ptr_eq(
        &b.unwrap(),
        &run.catalog.view("b").data.unwrap()
    ));
    run.catalog.apply_catalog_updates(&[plays(0, 6)]);
    run.notified.clear();
    assert!(run.drain().notified.is_empty());
}

#[test]
fn c14_pages_follow_each_other_without_a_double_or_a_gap_while_rows_come_and_go() {
    let mut run = Run::new(130);
    run.hold("");
    run.answer();
    run.shop.beats.remove(10);
    let mut front = beat(0, 1);
    front.id = "b00005".to_owned();
    run.shop.beats.insert(1, front);
    for _ in 0..5 {
        run.catalog.load_more(run.now, "");
        run.catalog.load_more(run.now, "");
        run.answer();
    }
    let ids = run.ids("");
    let distinct: BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (130, 130));
    assert!(!run.catalog.view("").data.unwrap().has_more);
    run.catalog.refetch(run.now, None);
    assert_eq!(run.answer(), 1);
    let wanted: Vec<_> = run.shop.beats.iter().map(|beat| beat.id.clone()).collect();
    assert_eq!(run.ids(""), wanted);
}

#[test]
fn c14_a_refresh_keeps_as_many_rows_as_were_loaded_and_shows_them_at_once() {
    let mut run = Run::new(600);
    run.hold("");
    run.answer();
    for _ in 0..9 {
        run.catalog.load_more(run.now, "");
        run.answer();
    }
    assert_eq!(run.ids("").len(), 500);
    run.shop.beats[0].plays = 9;
    run.catalog.refetch(run.now, None);
    let mut lengths = BTreeSet::new();
    while let Some((id, request)) = run.drain().requests.pop() {
        let result = run.shop.answer(&request);
        run.catalog.handle_http(run.now, id, result);
        lengths.insert(run.ids("").len());
    }
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [500]);
    assert_eq!(run.catalog.beat("b0000").unwrap().plays, 9);
}

#[test]
fn equal_data_keep_their_pointer() {
    let mut run = Run::new(3);
    run.hold("");
    run.answer();
    let before = run.catalog.view("").data.unwrap();
    run.catalog.refetch(run.now, None);
    run.answer();
    assert!(Rc::ptr_eq(&before, &run.catalog.view("").data.unwrap()));
}

#[test]
fn a_beat_is_one_value_in_all_lists() {
    let mut run = Run::new(3);
    run.hold("a");
    run.answer();
    run.shop.beats[1].plays = 42;
    run.notified.clear();
    run.hold("b");
    run.answer();
    assert!(run.notified.contains(&"a".to_owned()));
    let view = |query| run.catalog.view(query).data.unwrap();
    assert_eq!(view("a").beats[1].plays, 42);
    assert!(Rc::ptr_eq(&view("a").beats[1], &view("b").beats[1]));
}

#[test]
fn a_request_that_nobody_waits_for_is_given_up_after_a_moment() {
    let mut run = Run::new(3);
    run.hold("l");
    run.catalog.release(run.now, "l");
    run.hold("l");
    run.wait(5000);
    assert_eq!((run.requests.len(), run.cancelled.len()), (1, 0));
    run.catalog.release(run.now, "l");
    let at_ms = run.catalog.next_deadline().unwrap();
    assert_eq!(at_ms, run.now.mono_ms + 1000);
    run.wait(1000);
    assert_eq!((run.requests.len(), run.cancelled.len()), (0, 1));
    run.hold("l");
    assert_eq!(run.answer(), 1);
}

#[test]
fn what_nobody_looks_at_is_forgotten_after_five_minutes_with_its_beats() {
    let mut run = Run::new(3);
    run.hold("");
    run.answer();
    run.catalog.release(run.now, "");
    assert_eq!(run.catalog.next_deadline(), Some(run.now.mono_ms + 300_000));
    run.wait(299_999);
    assert_eq!(run.ids("").len(), 3);
    run.wait(1);
    assert_eq!(run.ids("").len(), 0);
    assert!(run.catalog.beat("b0000").is_none());
    assert_eq!(run.catalog.next_deadline(), None);
}

#[test]
fn only_so_many_search_texts_are_kept_and_those_on_screen_always() {
    let mut run = Run::new(3);
    run.hold("first");
    run.answer();
    for n in 0..2 * QUERIES_MAX {
        let query = format!("query {n}");
        run.now = run.now.after(1);
        run.hold(&query);
        run.answer();
        run.catalog.release(run.now, &query);
    }
    assert_eq!(run.catalog.entries.len(), QUERIES_MAX);
    assert_eq!(run.ids("first").len(), 3);
    assert_eq!(run.ids("query 0").len(), 0);
    assert_eq!(run.ids(&format!("query {}", 2 * QUERIES_MAX - 1)).len(), 3);
}

#[test]
fn a_request_without_an_answer_is_given_up_and_tried_again() {
    let mut run = Run::new(3);
    run.hold("");
    let (lost, _) = run.requests[0].clone();
    run.wait(15_000);
    assert_eq!(run.cancelled, [lost]);
    run.wait(500);
    assert_eq!(run.answer(), 1);
}

#[test]
fn an_answer_of_another_kind_is_an_error_and_not_a_panic() {
    let mut run = Run::new(3);
    run.hold("");
    let (id, _) = run.requests.remove(0);
    run.catalog
        .handle_http(run.now, id, Ok(HttpReply::Snapshot(None)));
    assert_eq!(run.catalog.view("").status, DataStatus::Error);
}

#[test]
fn nobody_signed_in_is_told() {
    let mut run = Run::new(3);
    run.hold("");
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
    run.hold("a").hold("b");
    let (id, request) = run.requests[0].clone();
    run.catalog.clear();
    assert_eq!(run.drain().cancelled.len(), 2);
    let result = run.shop.answer(&request);
    run.catalog.handle_http(run.now, id, result);
    run.notified.clear();
    assert!(run.drain().notified.is_empty());
    assert_eq!(run.ids("a").len(), 0);
    assert_eq!(run.catalog.next_deadline(), None);
}

#[test]
fn who_goes_on_looking_while_users_change_sees_what_is_read_for_the_next() {
    let mut run = Run::new(3);
    run.hold("");
    run.answer();
    run.notified.clear();
    run.catalog.clear();
    assert_eq!(run.drain().notified, [""]);
    assert!(run.ids("").is_empty());
    run.catalog.read_stale(run.now);
    assert_eq!(run.answer(), 1);
    assert_eq!(run.ids("").len(), 3);
    // Another one comes to look, and the first one goes.
    run.hold("");
    run.catalog.release(run.now, "");
    run.catalog.refetch(run.now, None);
    assert_eq!(run.answer(), 1);
}

#[test]
fn a_price_is_written_into_the_loaded_beat() {
    let mut run = Run::new(1);
    run.hold("");
    run.answer();
    let price = Money {
        amount: 4900,
        currency: "USD".to_owned(),
    };
    run.catalog.apply_catalog_updates(&[BeatChange {
        id: "b0000".to_owned(),
        price: Some(price.clone()),
        ..BeatChange::default()
    }]);
    assert_eq!(run.catalog.beat("b0000").unwrap().price, price);
}

#[test]
fn k6_an_answer_for_the_former_search_never_lands_in_the_next_one() {
    let mut run = Run::new(0);
    run.hold("former");
    run.catalog.release(run.now, "former");
    run.hold("next");
    let calls = std::mem::take(&mut run.requests);
    assert_eq!(calls.len(), 2);
    let page = |id| {
        Ok(HttpReply::Beats(Page {
            items: vec![beat(id, 1)],
            next_cursor: None,
        }))
    };
    // The later one is answered first.
    run.catalog.handle_http(run.now, calls[1].0, page(2));
    run.catalog.handle_http(run.now, calls[0].0, page(1));
    run.drain();
    assert_eq!(run.ids("next"), [beat(2, 1).id]);
    run.hold("former");
    assert!(!run.ids("former").contains(&beat(2, 1).id));
    assert_eq!(run.ids("next"), [beat(2, 1).id]);
}
