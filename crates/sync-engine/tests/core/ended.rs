//! A session that ends: which data stay on the screen, and for whom.

use dashboard_model::Beat;
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, RequestId};
use sync_engine::schema::ItemPage;
use sync_engine::time::Now;
use sync_engine::view::FetchStatus;
use sync_engine::{Core, CoreOutput};
use sync_protocol::{Page, Session};

use super::{calls, catalog, end, removing, user};

fn page(id: &str) -> ItemPage {
    ItemPage::new(Page {
        items: vec![Beat {
            id: id.to_owned(),
            ..Beat::default()
        }],
        next_cursor: None,
    })
}

/// The ids of the rows that the catalog shows.
fn shown(core: &Core) -> Vec<String> {
    let data = core.query::<Beat>(&catalog("")).data;
    let rows = data.iter().flat_map(|view| &view.rows);
    rows.map(|beat| beat.id.clone()).collect()
}

fn catalog_call(core: &mut Core) -> Option<RequestId> {
    let mut calls = calls(core).into_iter();
    let call = calls.find(|(_, request)| matches!(request, HttpRequest::Query { .. }));
    call.map(|(id, _)| id)
}

/// A core that shows the catalog, more of which is being read when the session ends.
fn ended(now: Now) -> Core {
    let (mut core, (call, _)) = removing(now);
    core.set_query(now, &catalog(""), page("b1"));
    core.observe_query(now, &catalog(""));
    core.refetch_query(now, &catalog(""));
    assert!(catalog_call(&mut core).is_some());
    end(&mut core, now, call);
    core
}

#[test]
fn e4_the_catalog_stays_when_a_session_ends_and_is_read_again_for_the_same_user() {
    let now = Now::default().after(1000);
    let mut core = ended(now);
    assert_eq!(shown(&core), ["b1"]);
    assert_eq!(core.query::<Beat>(&catalog("")).fetch, FetchStatus::Idle);
    // Nothing is asked of a server that knows nobody, whatever the user does.
    core.handle_timeout(now.after(60_000));
    core.observe_query(now.after(61_000), &catalog("other"));
    core.refetch_query(now.after(61_000), &catalog(""));
    assert_eq!(core.query::<Beat>(&catalog("")).fetch, FetchStatus::Paused);
    assert_eq!(calls(&mut core), []);
    core.sign_in(now.after(70_000), user("ada"));
    assert_eq!(shown(&core), ["b1"]);
    let call = catalog_call(&mut core).expect("it is read again");
    core.handle_http(now.after(70_100), call, Ok(HttpReply::Query(page("b2"))));
    assert_eq!(shown(&core), ["b2"]);
}

#[test]
fn e4_the_catalog_is_gone_for_another_user_and_after_signing_out() {
    let now = Now::default().after(1000);
    let mut core = ended(now);
    core.sign_in(now.after(70_000), user("ben"));
    assert!(shown(&core).is_empty());
    assert!(catalog_call(&mut core).is_some());
    let mut core = ended(now);
    core.sign_out(now.after(70_000));
    assert!(shown(&core).is_empty());
    core.sign_in(now.after(80_000), user("ada"));
    assert!(shown(&core).is_empty());
    assert!(catalog_call(&mut core).is_some());
}

#[test]
fn a_session_of_another_user_ends_the_own_one() {
    let now = Now::default().after(1000);
    for (name, is_over) in [("ada", false), ("ben", true)] {
        let (mut core, (call, _)) = removing(now);
        core.handle_http(
            now.after(300),
            call,
            Err(HttpFailure::Status {
                status: 401,
                problem: None,
                retry_after_ms: None,
            }),
        );
        let asked = calls(&mut core).into_iter();
        let mut asked = asked.filter(|(_, request)| *request == HttpRequest::Session);
        let (question, _) = asked.next().expect("the session is asked about");
        let answer = HttpReply::Session(Session {
            user: user(name),
            ..Session::default()
        });
        core.handle_http(now.after(350), question, Ok(answer));
        let mut outputs = std::iter::from_fn(|| core.poll_output());
        let ends = outputs.any(|output| output == CoreOutput::SignedOut);
        assert_eq!(ends, is_over, "{name}");
    }
}
