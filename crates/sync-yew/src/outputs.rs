//! The driver's browser resources, and the execution of each output.

use std::cell::RefCell;
use std::fmt::Display;
use std::mem;
use std::rc::Rc;

use sync_engine::Core;
use sync_engine::http::{HttpRequest, RequestId};
use sync_engine::io::SocketEvent;
use sync_engine::map::Map;
use sync_engine::time::Now;
use sync_web::address::socket_url;
use sync_web::task::Task;
use sync_web::{Guard, Socket, console};

use crate::driver::Driver;

/// How many messages wait for a frame at most: a stream of 20,000 a second brings 333.
const MESSAGES_MAX: usize = 512;

/// How long a message waits for a frame at most, in milliseconds: a covered window may get none.
const MESSAGE_WAIT_MAX_MS: u64 = 100;

/// The active alarm.
struct Alarm {
    at_ms: u64,
    _guard: Guard,
}

/// Messages of one socket that wait for the frame that was asked for.
#[derive(Default)]
struct Messages {
    generation: u64,
    waiting: Vec<(Now, String)>,
}

impl Messages {
    /// Whether one more of a socket may wait.
    fn have_room(&self, generation: u64) -> bool {
        let count = self.waiting.len();
        count == 0 || (count < MESSAGES_MAX && self.generation == generation)
    }

    /// Adds one. Returns how many wait.
    fn push(&mut self, generation: u64, now: Now, text: String) -> usize {
        self.generation = generation;
        self.waiting.push((now, text));
        self.waiting.len()
    }
}

/// Everything that must end when the driver stops.
#[derive(Default)]
pub(crate) struct Resources {
    sockets: RefCell<Map<u64, Box<dyn Socket>>>,
    calls: RefCell<Map<RequestId, Task>>,
    alarm: RefCell<Option<Alarm>>,
    frame: RefCell<Option<Guard>>,
    messages: RefCell<Messages>,
    page: RefCell<Option<Guard>>,
}

impl Resources {
    /// Closes a socket; its later events are ignored.
    pub(crate) fn close(&self, generation: u64, code: u16) {
        let socket = self.sockets.borrow_mut().remove(&generation);
        if let Some(socket) = socket {
            socket.close(code);
        }
    }

    /// Aborts a call.
    pub(crate) fn cancel(&self, id: RequestId) {
        // Dropped after the table is released.
        let call = self.calls.borrow_mut().remove(&id);
        drop(call);
    }

    /// The waiting messages and the generation of their socket, if there are any.
    pub(crate) fn take_messages(&self) -> Option<(u64, Vec<(Now, String)>)> {
        let mut messages = self.messages.borrow_mut();
        let waiting = mem::take(&mut messages.waiting);
        (!waiting.is_empty()).then_some((messages.generation, waiting))
    }

    /// Clears the alarm.
    pub(crate) fn clear_alarm(&self) {
        drop(self.alarm.take());
    }

    /// Ends everything.
    pub(crate) fn abort_all(&self) {
        drop(self.page.take());
        drop(self.frame.take());
        self.clear_alarm();
        drop(self.calls.take());
        drop(self.messages.take());
        drop(self.sockets.take());
    }
}

impl Driver {
    pub(crate) fn listen_to_page(&self) {
        let me = self.me.clone();
        let page = self.platform.listen_to_page(Rc::new(move |signal| {
            if let Some(driver) = me.upgrade() {
                driver.input(|core, now| core.handle_page(now, signal));
            }
        }));
        drop(self.resources.page.replace(Some(page)));
    }

    pub(crate) fn open_socket(&self, generation: u64, url: Option<&str>) {
        if !self.is_running() {
            return;
        }
        let url = url.unwrap_or(&self.settings.ws_url);
        let url = match socket_url(url, &self.platform.origin()) {
            Ok(url) => url,
            Err(error) => return self.reject_socket(generation, &error),
        };
        let me = self.me.clone();
        let opened = self.platform.open_socket(
            &url,
            Rc::new(move |event| {
                if let Some(driver) = me.upgrade() {
                    driver.handle_socket(generation, event);
                }
            }),
        );
        match opened {
            Ok(socket) => {
                let former = self
                    .resources
                    .sockets
                    .borrow_mut()
                    .insert(generation, socket);
                drop(former);
            }
            Err(error) => self.reject_socket(generation, &error),
        }
    }

    fn reject_socket(&self, generation: u64, error: &impl Display) {
        console::warn(&error.to_string());
        self.handle_socket(generation, SocketEvent::Failed);
    }

    fn handle_socket(&self, generation: u64, event: SocketEvent) {
        let event = match event {
            SocketEvent::Text(text) if self.resources.frame.borrow().is_some() => {
                return self.queue_message(generation, text);
            }
            event => event,
        };
        // A closed socket sends no more events and is dropped.
        if matches!(event, SocketEvent::Closed { .. }) {
            let closed = self.resources.sockets.borrow_mut().remove(&generation);
            drop(closed);
        }
        self.input(|core, now| core.handle_socket(now, generation, event));
    }

    /// Lets a message wait for the frame that was asked for: what it changes is drawn then, and a frame's messages together
    /// cost little more than one. Any other input, and the alarm where frames do not come, passes them on earlier.
    fn queue_message(&self, generation: u64, text: String) {
        if !self.resources.messages.borrow().have_room(generation) {
            self.input(|_, _| ());
        }
        let now = self.platform.now();
        let waiting = self
            .resources
            .messages
            .borrow_mut()
            .push(generation, now, text);
        if waiting == 1 {
            self.wake_at(now.mono_ms + MESSAGE_WAIT_MAX_MS);
        }
    }

    pub(crate) fn send_text(&self, generation: u64, text: &str) {
        let sent = match self.resources.sockets.borrow().get(&generation) {
            Some(socket) => socket.send(text),
            None => return,
        };
        // The socket is closing; the browser reports its end, or the engine's own timeouts detect it.
        if let Err(error) = sent {
            console::warn(&error.to_string());
        }
    }

    pub(crate) fn call(&self, id: RequestId, request: HttpRequest) {
        if !self.is_running() {
            return;
        }
        let me = self.me.clone();
        let answer = self.backend.call(request);
        let call = Task::spawn(async move {
            let result = answer.await;
            if let Some(driver) = me.upgrade() {
                driver.resources.cancel(id);
                driver.input(|core, now| core.handle_http(now, id, result));
            }
        });
        // An answer that was there already has been passed on.
        if !call.is_done() {
            self.resources.calls.borrow_mut().insert(id, call);
        }
    }

    pub(crate) fn request_frame(&self) {
        if !self.is_running() || self.resources.frame.borrow().is_some() {
            return;
        }
        let me = self.me.clone();
        let frame = self.platform.frame(Box::new(move || {
            if let Some(driver) = me.upgrade() {
                drop(driver.resources.frame.take());
                driver.input(Core::handle_frame);
            }
        }));
        drop(self.resources.frame.replace(Some(frame)));
    }

    /// Sets the alarm, unless one is set that fires earlier: firing early is harmless. A deadline that moves with every
    /// frame would otherwise cost two calls into the browser each time.
    pub(crate) fn wake_at(&self, at_ms: u64) {
        let set = self
            .resources
            .alarm
            .borrow()
            .as_ref()
            .map(|alarm| alarm.at_ms);
        if set.is_some_and(|set| set <= at_ms) {
            return;
        }
        let delay_ms = at_ms.saturating_sub(self.platform.now().mono_ms);
        let me = self.me.clone();
        let guard = self.platform.alarm(
            delay_ms,
            Box::new(move || {
                if let Some(driver) = me.upgrade() {
                    driver.resources.clear_alarm();
                    driver.input(Core::handle_timeout);
                }
            }),
        );
        let alarm = Alarm {
            at_ms,
            _guard: guard,
        };
        drop(self.resources.alarm.replace(Some(alarm)));
    }
}
