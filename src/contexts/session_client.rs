//! The actions that change the session, and their broadcasts to other tabs.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::rc::Rc;

use dashboard_model::SignIn;
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest};
use sync_engine::io::PageSignal;
use sync_engine::view::ErrorView;
use sync_protocol::limits::ID_BYTES_MAX;
use sync_protocol::{ProblemCode, Session};
use yew::prelude::*;

use super::backend::DashboardBackend;
use super::session::{Progress, SessionModel, SessionState};
use crate::settings::name_of;
use sync_web::task::Task;
use sync_web::{Area, Broadcast, Guard, Platform};

/// The channel between the tabs, after the dashboard's prefix.
const CHANNEL: &str = "session";
/// Storage key, after the dashboard's prefix, by which the browser remembers that a user has signed in with it: only then
/// does the client check the session at the start. Each sign-in stores another value, which other tabs notice: answers that
/// the page's loader got before are for somebody else.
const SIGNED_IN_BEFORE: &str = "signed-in";

/// The cookie by which the server tells a page that there is a session.
const SIGNED_IN_COOKIE: &str = "signed-in";

/// Longest wait before a failed check is first repeated, in milliseconds; doubled each time.
const FIRST_RETRY_MS: u64 = 1000;
/// Longest wait before any repetition, in milliseconds, if the server does not ask for more.
const LONGEST_RETRY_MS: u64 = 30_000;
/// Longest wait that the server may ask for, in milliseconds.
const LONGEST_RETRY_AFTER_MS: u64 = 300_000;

/// A message between tabs.
#[derive(Debug, Eq, PartialEq)]
enum TabMessage<'a> {
    /// This user signed in.
    SignedIn(&'a str),
    /// The user signed out.
    SignedOut,
}

impl<'a> TabMessage<'a> {
    /// Parses a message; `None` for anything that no tab of ours sends.
    fn parse(text: &'a str) -> Option<Self> {
        if text == "signed-out" {
            return Some(Self::SignedOut);
        }
        let id = text.strip_prefix("signed-in:")?;
        (!id.is_empty() && id.len() <= ID_BYTES_MAX).then_some(Self::SignedIn(id))
    }

    fn text(&self) -> String {
        match self {
            Self::SignedIn(id) => format!("signed-in:{id}"),
            Self::SignedOut => "signed-out".to_owned(),
        }
    }
}

/// Runs actions on the session. Only one runs at a time: the next aborts the one before.
pub(super) struct SessionClient {
    backend: Rc<dyn DashboardBackend>,
    platform: Rc<dyn Platform>,
    /// What shows the model, while the provider is mounted.
    setter: RefCell<Option<UseStateSetter<SessionModel>>>,
    model: RefCell<SessionModel>,
    /// Id of the user whose session ended here by itself, until another state is found: their unsaved changes are kept
    /// for them.
    ended: RefCell<Option<String>>,
    /// The sign-in, here or in another tab, that the state follows from.
    sign_in: RefCell<Option<String>>,
    /// Checks without an answer, in a row.
    failures: Cell<u32>,
    /// What repeats a failed check: an alarm, and signs of a network.
    retry: RefCell<Option<[Guard; 2]>>,
    action: RefCell<Option<Task>>,
    channel: RefCell<Option<Box<dyn Broadcast>>>,
}

impl SessionClient {
    /// A client that is connected to the other tabs and has checked who is signed in, as far as that is possible at once.
    pub(super) fn new(backend: Rc<dyn DashboardBackend>, platform: Rc<dyn Platform>) -> Rc<Self> {
        let client = Rc::new(Self {
            backend,
            platform,
            setter: RefCell::default(),
            model: RefCell::default(),
            ended: RefCell::default(),
            sign_in: RefCell::default(),
            failures: Cell::default(),
            retry: RefCell::default(),
            action: RefCell::default(),
            channel: RefCell::default(),
        });
        client.open_channel();
        if client.last_sign_in().is_some() {
            client.fetch_session();
        } else {
            client.found(SessionState::SignedOut { ended: false });
        }
        client
    }

    fn open_channel(self: &Rc<Self>) {
        let me = Rc::downgrade(self);
        let channel = self.platform.open_broadcast(
            &name_of(CHANNEL),
            Rc::new(move |text: String| {
                if let Some(client) = me.upgrade() {
                    client.handle_message(&text);
                }
            }),
        );
        // Without such channels each tab finds out by itself, with its next call.
        *self.channel.borrow_mut() = channel.ok();
    }

    pub(super) fn model(&self) -> SessionModel {
        self.model.borrow().clone()
    }

    pub(super) fn backend(&self) -> &dyn DashboardBackend {
        &*self.backend
    }

    /// Shows every change from now on.
    pub(super) fn start(&self, setter: UseStateSetter<SessionModel>) {
        setter.set(self.model());
        self.setter.replace(Some(setter));
    }

    /// Disconnects from the other tabs and aborts the running action.
    pub(super) fn stop(&self) {
        drop(self.action.take());
        drop(self.retry.take());
        drop(self.channel.take());
        drop(self.setter.take());
    }

    pub(super) fn check(self: &Rc<Self>) {
        if !self.is_signed_in() && !self.has_failed() {
            self.found(SessionState::Unknown);
        }
        self.fetch_session();
    }

    /// Checks the session; the state stays as it is until the response arrives.
    fn fetch_session(self: &Rc<Self>) {
        self.sign_in.replace(self.last_sign_in());
        drop(self.retry.take());
        if self.has_failed() {
            self.progress(Progress::None);
        }
        let answer = self.backend.call(HttpRequest::Session);
        self.action(|client| async move {
            let result = answer.await.and_then(|reply| match reply {
                HttpReply::Session(session) => Ok(session),
                _ => Err(HttpFailure::Malformed { status: 200 }),
            });
            match result {
                Ok(session) => client.signed_in(session),
                Err(failure) if failure.is_unauthenticated() => client.end(),
                // The signed-in user stays until the server says otherwise, and so do the unsaved changes of an ended
                // session.
                Err(_) if client.is_signed_in() || client.ended.borrow().is_some() => (),
                Err(failure) => client.failed(&failure),
            }
        });
    }

    /// Nobody knows who is signed in: asks again after a while, or as soon as there is a sign of a network.
    fn failed(self: &Rc<Self>, failure: &HttpFailure) {
        let wait_ms = self.wait_ms(failure);
        self.found(SessionState::Failed(ErrorView::from(failure)));
        let retry_at_ms = Some(self.platform.now().mono_ms + wait_ms);
        let model = SessionModel {
            retry_at_ms,
            ..self.model()
        };
        self.set(model);
        let me = Rc::downgrade(self);
        let again = move || {
            if let Some(client) = me.upgrade() {
                client.fetch_session();
            }
        };
        let on_signal = {
            let again = again.clone();
            Rc::new(move |signal| match signal {
                PageSignal::Hidden | PageSignal::Offline | PageSignal::Focus => (),
                PageSignal::Online
                | PageSignal::Restored
                | PageSignal::Resumed
                | PageSignal::Visible => again(),
            })
        };
        self.retry.replace(Some([
            self.platform.alarm(wait_ms, Box::new(again)),
            self.platform.listen_to_page(on_signal),
        ]));
    }

    /// The wait before the next check: doubled each time, half of it random, and as long as the server asks for.
    fn wait_ms(&self, failure: &HttpFailure) -> u64 {
        let failures = self.failures.get();
        self.failures.set(failures.saturating_add(1));
        let wait_ms = (FIRST_RETRY_MS << failures.min(10)).min(LONGEST_RETRY_MS);
        // Without a random source, only the spread is missing.
        let random = self.platform.seed().unwrap_or(0);
        let wait_ms = wait_ms / 2 + random % (wait_ms / 2);
        wait_ms.max(
            failure
                .retry_after_ms()
                .unwrap_or(0)
                .min(LONGEST_RETRY_AFTER_MS),
        )
    }

    pub(super) fn sign_in(
        self: &Rc<Self>,
        email: String,
        password: String,
        on_done: Callback<Result<(), ErrorView>>,
    ) {
        // A check would abort it.
        drop(self.retry.take());
        self.progress(Progress::SigningIn);
        let answer = self.backend.sign_in(SignIn { email, password });
        self.action(|client| async move {
            let result = answer.await;
            let done = result.as_ref().map(drop).map_err(ErrorView::from);
            match result {
                Ok(session) => {
                    let sign_in = client.platform.now().wall_ms.to_string();
                    client.remember_sign_in(Some(&sign_in));
                    client.notify(&TabMessage::SignedIn(&session.user.id));
                    client.signed_in(session);
                }
                Err(_) => client.progress(Progress::None),
            }
            on_done.emit(done);
            if client.has_failed() {
                client.fetch_session();
            }
        });
    }

    pub(super) fn sign_out(self: &Rc<Self>) {
        drop(self.retry.take());
        self.progress(Progress::SigningOut);
        let answer = self.backend.sign_out();
        self.action(|client| async move {
            match answer.await {
                // The session that the browser has now is not theirs to end.
                Err(failure) if is_of_other_user(&failure) => client.end(),
                Err(failure) if !failure.is_unauthenticated() => {
                    client.progress(Progress::SignOutFailed(ErrorView::from(&failure)));
                }
                _ => {
                    client.notify(&TabMessage::SignedOut);
                    client.signed_out(false);
                }
            }
        });
    }

    /// The server reported that the session has ended. If somebody has signed in since that session began, in another tab,
    /// the report says nothing about the new session, and the server is asked.
    pub(super) fn end(self: &Rc<Self>) {
        {
            let state = &self.model.borrow().state;
            if !can_end(state) {
                return;
            }
            if let SessionState::SignedIn(session) = state {
                self.ended.replace(Some(session.user.id.clone()));
            }
        }
        let last = self.last_sign_in();
        if last.is_some() && last != *self.sign_in.borrow() {
            self.found(SessionState::SignedOut { ended: true });
            self.fetch_session();
        } else {
            self.signed_out(true);
        }
    }

    fn handle_message(self: &Rc<Self>, text: &str) {
        match TabMessage::parse(text) {
            // The answer to the request that is in flight is for a new session.
            Some(TabMessage::SignedOut) if self.is_signing_in() => (),
            Some(TabMessage::SignedOut) => {
                drop(self.action.take());
                self.signed_out(false);
            }
            // The user whose session ended here is back: this tab resumes with their unsaved changes.
            Some(TabMessage::SignedIn(id)) if self.ended.borrow().as_deref() == Some(id) => {
                self.fetch_session();
            }
            Some(TabMessage::SignedIn(id)) if !self.is_user(id) => {
                // The session's cookie now belongs to another user: no data of the former user may remain.
                self.found(SessionState::Unknown);
                self.check();
            }
            Some(TabMessage::SignedIn(_)) | None => (),
        }
    }

    fn signed_in(&self, session: Session) {
        if self.last_sign_in().is_none() {
            self.remember_sign_in(Some("1"));
        }
        self.sign_in.replace(self.last_sign_in());
        self.found(SessionState::SignedIn(Rc::new(session)));
    }

    fn signed_out(&self, ended: bool) {
        self.remember_sign_in(None);
        self.found(SessionState::SignedOut { ended });
    }

    /// The last sign-in of this browser, unless the user signed out since. The server knows of one that was made elsewhere,
    /// or that the storage has lost.
    fn last_sign_in(&self) -> Option<String> {
        let stored = self
            .platform
            .stored(Area::Browser, &name_of(SIGNED_IN_BEFORE));
        stored.or_else(|| self.platform.cookie(SIGNED_IN_COOKIE))
    }

    fn remember_sign_in(&self, value: Option<&str>) {
        self.platform
            .store(Area::Browser, &name_of(SIGNED_IN_BEFORE), value);
    }

    fn found(&self, state: SessionState) {
        if !matches!(state, SessionState::SignedOut { ended: true }) {
            self.ended.replace(None);
        }
        if !matches!(state, SessionState::Failed(_) | SessionState::Unknown) {
            self.failures.set(0);
        }
        drop(self.retry.take());
        self.set(SessionModel {
            state,
            ..SessionModel::default()
        });
    }

    fn progress(&self, progress: Progress) {
        let state = self.model.borrow().state.clone();
        self.set(SessionModel {
            state,
            progress,
            retry_at_ms: None,
        });
    }

    fn is_signing_in(&self) -> bool {
        self.model.borrow().progress == Progress::SigningIn
    }

    fn set(&self, model: SessionModel) {
        self.model.replace(model.clone());
        if let Some(setter) = &*self.setter.borrow() {
            setter.set(model);
        }
    }

    fn is_signed_in(&self) -> bool {
        matches!(self.model.borrow().state, SessionState::SignedIn(_))
    }

    fn has_failed(&self) -> bool {
        matches!(self.model.borrow().state, SessionState::Failed(_))
    }

    fn is_user(&self, id: &str) -> bool {
        matches!(&self.model.borrow().state, SessionState::SignedIn(session) if session.user.id == id)
    }

    fn notify(&self, message: &TabMessage<'_>) {
        if let Some(channel) = &*self.channel.borrow() {
            channel.post(&message.text());
        }
    }

    /// Runs an action, and aborts the one before.
    fn action<F: Future<Output = ()> + 'static>(
        self: &Rc<Self>,
        action: impl FnOnce(Rc<Self>) -> F,
    ) {
        drop(self.action.take());
        let task = Task::spawn(action(Rc::clone(self)));
        // One that has ended may have begun the next one.
        if !task.is_done() {
            self.action.replace(Some(task));
        }
    }
}

fn is_of_other_user(failure: &HttpFailure) -> bool {
    matches!(failure, HttpFailure::Status { problem: Some(problem), .. } if problem.code == ProblemCode::OtherUser)
}

/// Whether the server may end the current session: the report about a session that the user left, here or in another
/// tab, may arrive late, and would keep them on a page without data.
const fn can_end(state: &SessionState) -> bool {
    !matches!(state, SessionState::SignedOut { .. })
}

impl PartialEq for SessionClient {
    /// Equal only to itself.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl fmt::Debug for SessionClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionClient").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_the_user_left_does_not_end_again() {
        for ended in [false, true] {
            assert!(!can_end(&SessionState::SignedOut { ended }));
        }
        // The client checks the session at the start, and reports the result.
        assert!(can_end(&SessionState::Unknown));
    }

    #[test]
    fn only_our_own_messages_are_read_from_other_tabs() {
        for message in [TabMessage::SignedIn("42"), TabMessage::SignedOut] {
            assert_eq!(TabMessage::parse(&message.text()), Some(message));
        }
        let long = format!("signed-in:{}", "x".repeat(ID_BYTES_MAX + 1));
        for text in ["", "signed-in:", "signed-outs", "{}", &long] {
            assert_eq!(TabMessage::parse(text), None, "{text}");
        }
    }
}
