//! Orders and downloads from the click to the file.

use std::rc::Rc;

use dashboard_model::views::DashboardStore;
use dashboard_model::{DownloadFormat, DownloadStatus, OrderStatus, RequestDownload};
use sync_engine::schema::MutationRef;
use sync_engine::view::MutationState;
use sync_protocol::ProblemCode;

use crate::fixture::{Fixture, cancel_download, download, order};

/// The download that already stands for a request of `b3` in this format.
fn in_progress(fixture: &Fixture, format: DownloadFormat) -> Option<String> {
    let request = RequestDownload {
        download_id: "another".to_owned(),
        beat_id: "b3".to_owned(),
        format,
    };
    let known = fixture
        .store
        .duplicate_of(fixture.now, &MutationRef::new(request));
    known.map(|id| id.to_string())
}

#[test]
fn j1_an_order_shows_as_pending_until_the_server_has_accepted_it() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(order("o2", "b3"));
    let view = fixture.store.orders().data.unwrap();
    assert!(view.rows[0].is_pending() && view.rows[0].item.number.is_empty());
    assert_eq!(view.rows[0].item.status, OrderStatus::Pending);
    assert_eq!(fixture.states(), [MutationState::Sent]);
    fixture.answer_all();
    let view = fixture.store.orders().data.unwrap();
    assert!(!view.rows[0].is_pending());
    assert_eq!(view.rows[0].item.number, "N1");
}

#[test]
fn j2_a_download_moves_forward_only_and_stays_one_row() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(download("d2", "b3"));
    fixture.answer_all();
    let progress = |fixture: &Fixture| {
        let view = fixture.store.downloads().data.unwrap();
        let mut rows = view.rows.iter().filter(|row| row.item.id == "d2");
        let found = rows.next().map(|row| (row.item.status, row.item.progress));
        assert!(rows.next().is_none());
        found.unwrap()
    };
    let mut last = 0;
    // The fourth message says less than the one before it.
    for percent in [10, 40, 70, 30, 90] {
        let events = fixture
            .server
            .set_download("d2", DownloadStatus::Preparing, percent);
        fixture.receive(&events);
        let (_, now) = progress(&fixture);
        assert!(now >= last);
        last = now;
    }
    let events = fixture
        .server
        .set_download("d2", DownloadStatus::Ready, 100);
    fixture.receive(&events);
    assert_eq!(progress(&fixture), (DownloadStatus::Ready, 100));
}

#[test]
fn j3_a_second_request_for_a_file_in_progress_leads_to_the_first() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(download("d2", "b3"));
    fixture.mutate(download("d3", "b3"));
    assert_eq!(fixture.pending(), 1);
    let known = in_progress(&fixture, DownloadFormat::Mp3);
    assert_eq!(known.as_deref(), Some("d2"));
    assert_eq!(in_progress(&fixture, DownloadFormat::Wav), None);
    fixture.drain();
    assert_eq!(fixture.server.downloads.len(), 2);
    let events = fixture
        .server
        .set_download("d2", DownloadStatus::Ready, 100);
    fixture.receive(&events);
    fixture.mutate(download("d4", "b3"));
    assert_eq!(fixture.pending(), 1, "it is there: another one may be made");
}

#[test]
fn j3_a_second_request_leads_to_the_first_also_before_downloads_are_read() {
    let mut fixture = Fixture::empty();
    let asked = |fixture: &Fixture| in_progress(fixture, DownloadFormat::Mp3);
    fixture.store.set_paused(fixture.now, true);
    fixture.mutate(download("d2", "b3"));
    fixture.mutate(download("d3", "b3"));
    assert_eq!(fixture.pending(), 1);
    assert_eq!(asked(&fixture).as_deref(), Some("d2"));
    fixture.mutate(cancel_download("d2"));
    assert!(asked(&fixture).is_none());
    fixture.mutate(download("d4", "b3"));
    assert_eq!(asked(&fixture).as_deref(), Some("d4"));
}

#[test]
fn j4_a_file_that_is_ready_before_the_reply_is_one_transition() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(download("d2", "b3"));
    let (call, request) = fixture.calls.pop_front().unwrap();
    let (reply, mut events) = fixture.serve(&request);
    events.extend(
        fixture
            .server
            .set_download("d2", DownloadStatus::Ready, 100),
    );
    fixture.receive(&events);
    fixture.collect();
    fixture.notified();
    let ready = fixture.store.downloads().data.unwrap();
    assert_eq!(ready.rows[0].item.status, DownloadStatus::Ready);
    fixture.reply(call, reply);
    assert_eq!(fixture.notified(), []);
    assert!(Rc::ptr_eq(&ready, &fixture.store.downloads().data.unwrap()));
}

#[test]
fn j5_a_rejected_download_gives_its_quota_back_once() {
    let mut fixture = Fixture::loaded();
    let used = |fixture: &Fixture| fixture.store.stats().data.unwrap().data.quota.used;
    assert_eq!(used(&fixture), 1);
    fixture.mutate(download("d2", "b3"));
    assert_eq!(used(&fixture), 2);
    fixture.server.reject.push(ProblemCode::QuotaExceeded);
    fixture.answer_all();
    assert_eq!(used(&fixture), 1);
    fixture.advance(60_000);
    assert_eq!(used(&fixture), 1);
    fixture.assert_same("at rest");
}

#[test]
fn j6_a_cancelled_download_ends_once() {
    let mut fixture = Fixture::loaded();
    let used = |fixture: &Fixture| fixture.store.stats().data.unwrap().data.quota.used;
    let events = fixture
        .server
        .set_download("d1", DownloadStatus::Preparing, 50);
    fixture.receive(&events);
    fixture.mutate(cancel_download("d1"));
    assert_eq!(used(&fixture), 0);
    // Its last message is still on its way.
    let events = fixture
        .server
        .set_download("d1", DownloadStatus::Preparing, 60);
    fixture.receive(&events);
    let status = |fixture: &Fixture| fixture.store.downloads().data.unwrap().rows[0].item.status;
    assert_eq!(status(&fixture), DownloadStatus::Cancelled);
    fixture.drain();
    assert_eq!(status(&fixture), DownloadStatus::Cancelled);
    assert_eq!(used(&fixture), 0);
    assert_eq!(fixture.server.effects, 1);
    fixture.assert_same("at rest");
}
