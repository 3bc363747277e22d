//! Orders and downloads from the click to the file.

use std::rc::Rc;

use dashboard_protocol::{DownloadFormat, DownloadStatus, OrderStatus, ProblemCode};

use super::bench::{Bench, cancel_download, download, order};
use crate::view::MutationState;

#[test]
fn j1_an_order_is_being_placed_until_the_server_has_taken_it() {
    let mut bench = Bench::loaded();
    bench.mutate(order("o2", "b3"));
    let view = bench.store.orders().data.unwrap();
    assert!(view.rows[0].is_pending() && view.rows[0].item.number.is_empty());
    assert_eq!(view.rows[0].item.status, OrderStatus::Pending);
    assert_eq!(bench.states(), [MutationState::Sent]);
    bench.answer_all();
    let view = bench.store.orders().data.unwrap();
    assert!(!view.rows[0].is_pending());
    assert_eq!(view.rows[0].item.number, "N1");
}

#[test]
fn j2_a_download_moves_forward_only_and_stays_one_row() {
    let mut bench = Bench::loaded();
    bench.mutate(download("d2", "b3"));
    bench.answer_all();
    let progress = |bench: &Bench| {
        let view = bench.store.downloads().data.unwrap();
        let mut rows = view.rows.iter().filter(|row| row.item.id == "d2");
        let found = rows.next().map(|row| (row.item.status, row.item.progress));
        assert!(rows.next().is_none());
        found.unwrap()
    };
    let mut last = 0;
    // The fourth message says less than the one before it.
    for percent in [10, 40, 70, 30, 90] {
        let events = bench
            .server
            .set_download("d2", DownloadStatus::Preparing, percent);
        bench.store.handle_events(bench.now, events);
        let (_, now) = progress(&bench);
        assert!(now >= last);
        last = now;
    }
    let events = bench.server.set_download("d2", DownloadStatus::Ready, 100);
    bench.store.handle_events(bench.now, events);
    assert_eq!(progress(&bench), (DownloadStatus::Ready, 100));
}

#[test]
fn j3_asking_again_for_a_file_that_is_being_made_leads_to_it() {
    let mut bench = Bench::loaded();
    bench.mutate(download("d2", "b3"));
    bench.mutate(download("d3", "b3"));
    assert_eq!(bench.pending(), 1);
    let known = bench.store.download_in_progress("b3", DownloadFormat::Mp3);
    assert_eq!(known.unwrap().id, "d2");
    assert!(
        bench
            .store
            .download_in_progress("b3", DownloadFormat::Wav)
            .is_none()
    );
    bench.drain();
    assert_eq!(bench.server.downloads.len(), 2);
    let events = bench.server.set_download("d2", DownloadStatus::Ready, 100);
    bench.store.handle_events(bench.now, events);
    bench.mutate(download("d4", "b3"));
    assert_eq!(bench.pending(), 1, "it is there: another one may be made");
}

#[test]
fn j3_also_before_the_downloads_are_known() {
    let mut bench = Bench::empty();
    let asked = |bench: &Bench| bench.store.download_in_progress("b3", DownloadFormat::Mp3);
    bench.store.set_paused(bench.now, true);
    bench.mutate(download("d2", "b3"));
    bench.mutate(download("d3", "b3"));
    assert_eq!(bench.pending(), 1);
    assert_eq!(asked(&bench).unwrap().id, "d2");
    bench.mutate(cancel_download("d2"));
    assert!(asked(&bench).is_none());
    bench.mutate(download("d4", "b3"));
    assert_eq!(asked(&bench).unwrap().id, "d4");
}

#[test]
fn j4_ready_before_the_reply_is_one_transition() {
    let mut bench = Bench::loaded();
    bench.mutate(download("d2", "b3"));
    let (call, request) = bench.calls.pop_front().unwrap();
    let (reply, mut events) = bench.serve(&request);
    events.extend(bench.server.set_download("d2", DownloadStatus::Ready, 100));
    bench.store.handle_events(bench.now, events);
    bench.collect();
    bench.notified();
    let ready = bench.store.downloads().data.unwrap();
    assert_eq!(ready.rows[0].item.status, DownloadStatus::Ready);
    bench.reply(call, reply);
    assert_eq!(bench.notified(), []);
    assert!(Rc::ptr_eq(&ready, &bench.store.downloads().data.unwrap()));
}

#[test]
fn j5_a_rejected_download_gives_its_place_in_the_quota_back_once() {
    let mut bench = Bench::loaded();
    let used = |bench: &Bench| bench.store.stats().data.unwrap().stats.quota.used;
    assert_eq!(used(&bench), 1);
    bench.mutate(download("d2", "b3"));
    assert_eq!(used(&bench), 2);
    bench.server.reject.push(ProblemCode::QuotaExceeded);
    bench.answer_all();
    assert_eq!(used(&bench), 1);
    bench.advance(60_000);
    assert_eq!(used(&bench), 1);
    bench.assert_same("at rest");
}

#[test]
fn j6_a_cancelled_download_ends_once() {
    let mut bench = Bench::loaded();
    let used = |bench: &Bench| bench.store.stats().data.unwrap().stats.quota.used;
    let events = bench
        .server
        .set_download("d1", DownloadStatus::Preparing, 50);
    bench.store.handle_events(bench.now, events);
    bench.mutate(cancel_download("d1"));
    assert_eq!(used(&bench), 0);
    // Its last message is still on its way.
    let events = bench
        .server
        .set_download("d1", DownloadStatus::Preparing, 60);
    bench.store.handle_events(bench.now, events);
    let status = |bench: &Bench| bench.store.downloads().data.unwrap().rows[0].item.status;
    assert_eq!(status(&bench), DownloadStatus::Cancelled);
    bench.drain();
    assert_eq!(status(&bench), DownloadStatus::Cancelled);
    assert_eq!(used(&bench), 0);
    assert_eq!(bench.server.effects, 1);
    bench.assert_same("at rest");
}
