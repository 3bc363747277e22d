//! What tests of components need, behind the feature `test-util`: a browser and a server that a test controls, and the
//! markup of a component without any browser.
//!
//! No test has to wait: time passes when [`FakePlatform::advance`] says so, a frame is painted by
//! [`FakePlatform::draw`], and [`settle`] lets everything happen that is due.
//!
//! # Examples
//! A component of a signed-in user in a page whose server has no data, first while it connects and then live:
//!
//! ```no_run
//! use std::rc::Rc;
//!
//! use sync_yew::engine::http::HttpFailure;
//! use sync_yew::prelude::*;
//! use sync_yew::test_util::{FakePlatform, ScriptedBackend, accept, session, settle};
//!
//! async fn opens_a_socket(schema: Rc<Schema>) -> SyncClient {
//!     let platform = FakePlatform::new();
//!     let backend = ScriptedBackend::new(|_| Err(HttpFailure::Network));
//!     backend.set_session(Some(session("ada")));
//!     let client =
//!         SyncClient::on_platform(&schema, Rc::new(backend), Settings::default(), platform.shared());
//!     // Mount a component below `<SyncProvider client={client.clone()}>` here.
//!     settle().await;
//!     assert_eq!(client.read(|core| core.connection().shown), ShownState::Starting);
//!     accept(&platform.sockets()[0]).await;
//!     platform.draw().await;
//!     client
//! }
//! ```

mod backend;
#[cfg(not(target_arch = "wasm32"))]
mod markup;
mod platform;
mod server;

use std::future::poll_fn;
use std::task::Poll;

pub use backend::{Reply, ScriptedBackend, problem, session};
#[cfg(not(target_arch = "wasm32"))]
pub use markup::{check, markup, markup_of};
pub use platform::{FakePlatform, FakeSocket, START_MS};
pub use server::{accept, publish, serve};

/// Waits until everything that is due now is done: renders, effects, responses that have arrived.
pub async fn settle() {
    // A response may lead to a render, and a render to a call with an immediate response.
    for _ in 0..4 {
        yew::scheduler::flush().await;
        let mut has_yielded = false;
        // Lets all tasks run that wait for their turn.
        poll_fn(|context| {
            if std::mem::replace(&mut has_yielded, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
    yew::scheduler::flush().await;
}
