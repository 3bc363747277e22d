//! The controls of a demonstration server.

use std::cell::RefCell;
use std::rc::Rc;

use sync_engine::http::HttpFailure;
use yew::prelude::*;

use crate::contexts::{DemoCall, UseSessionHandle, use_session};
use sync_web::task::Task;

/// What came of the last call.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum DemoAnswer {
    /// Nothing was asked for.
    #[default]
    None,
    /// The server has not answered yet.
    Waiting,
    /// The server took it.
    Taken(DemoCall),
    /// The server rejected, has no such controls, or could not be reached.
    Failed(HttpFailure),
}

/// What [`use_demo_server`] returns.
#[derive(Clone, Debug)]
pub struct UseDemoServerHandle {
    answer: UseStateHandle<DemoAnswer>,
    call: Rc<RefCell<Option<Task>>>,
    session: UseSessionHandle,
}

impl UseDemoServerHandle {
    /// What came of the last call.
    #[must_use]
    pub fn answer(&self) -> &DemoAnswer {
        &self.answer
    }

    /// Asks for something, in place of what was asked for before; `then` is called if the server takes it.
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
    /// Equal as long as the same component waits for the same answer.
    fn eq(&self, other: &Self) -> bool {
        self.answer == other.answer && Rc::ptr_eq(&self.call, &other.call)
    }
}

/// Asks a demonstration server for back-office life and for faults. A call is given up with the component. Renders when
/// the server has answered.
///
/// # Panics
/// There is no `SessionProvider` around the component.
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
