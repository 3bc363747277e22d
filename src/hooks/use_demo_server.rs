//! The controls of a demonstration server.

use std::cell::RefCell;
use std::rc::Rc;

use sync_engine::http::HttpFailure;
use yew::prelude::*;

use crate::contexts::{DemoCall, UseSessionHandle, use_session};
use sync_web::task::Task;

/// The result of the last call.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum DemoAnswer {
    /// No call was made.
    #[default]
    None,
    /// The server has not responded yet.
    Waiting,
    /// The server accepted it.
    Taken(DemoCall),
    /// The server rejected it, has no such controls, or is unreachable.
    Failed(HttpFailure),
}

/// The handle of [`use_demo_server`].
#[derive(Clone, Debug)]
pub struct UseDemoServerHandle {
    answer: UseStateHandle<DemoAnswer>,
    call: Rc<RefCell<Option<Task>>>,
    session: UseSessionHandle,
}

impl UseDemoServerHandle {
    /// The result of the last call.
    #[must_use]
    pub fn answer(&self) -> &DemoAnswer {
        &self.answer
    }

    /// Sends a request, which replaces the one before; `then` is called if the server accepts it.
    pub fn send(&self, call: DemoCall, then: impl FnOnce() + 'static) {
        let answer = self.answer.clone();
        answer.set(DemoAnswer::Waiting);
        let result = self.session.backend().demo(call.clone());
        let task = Task::spawn(async move {
            match result.await {
                Ok(()) => {
                    answer.set(DemoAnswer::Taken(call));
                    then();
                }
                Err(failure) => answer.set(DemoAnswer::Failed(failure)),
            }
        });
        // The former call is dropped after the borrow.
        drop(self.call.replace(Some(task)));
    }
}

impl PartialEq for UseDemoServerHandle {
    /// Equal if the same component waits for the same response.
    fn eq(&self, other: &Self) -> bool {
        self.answer == other.answer && Rc::ptr_eq(&self.call, &other.call)
    }
}

/// Requests simulations and faults from a demonstration server. Unmounting the component aborts its call. Renders when
/// the server has responded.
///
/// # Panics
/// There is no `SessionProvider` above the component.
///
/// # Examples
/// ```no_run
/// use dashboard_model::demo::Fault;
/// use realtime_dashboard::contexts::DemoCall;
/// use realtime_dashboard::hooks::use_demo_server;
/// use yew::prelude::*;
///
/// #[component]
/// fn CutButton() -> Html {
///     let server = use_demo_server();
///     let onclick = move |_| server.send(DemoCall::Inject(Fault::DropSocket), || ());
///     html! { <button {onclick}>{ "Cut the connection" }</button> }
/// }
/// ```
#[hook]
pub fn use_demo_server() -> UseDemoServerHandle {
    UseDemoServerHandle {
        answer: use_state_eq(DemoAnswer::default),
        call: use_mut_ref(|| None),
        session: use_session(),
    }
}
