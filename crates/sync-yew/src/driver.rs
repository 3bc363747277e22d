//! The one place where the core is borrowed.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::{Rc, Weak};

use sync_engine::io::{PageSignal, SocketCommand};
use sync_engine::map::Set;
use sync_engine::schema::Schema;
use sync_engine::settings::Settings;
use sync_engine::time::Now;
use sync_engine::view::Key;
use sync_engine::{Core, CoreOutput};
use sync_web::{Platform, console};

use crate::backend::Backend;
use crate::client::SyncClient;
use crate::listeners::Listeners;
use crate::outputs::Resources;

/// A core with its connections to the outside.
pub(crate) struct Driver {
    pub(crate) me: Weak<Self>,
    pub(crate) settings: Settings,
    pub(crate) platform: Rc<dyn Platform>,
    pub(crate) backend: Rc<dyn Backend>,
    pub(crate) listeners: Rc<Listeners>,
    pub(crate) resources: Resources,
    core: RefCell<Core>,
    outputs: RefCell<VecDeque<CoreOutput>>,
    changed: RefCell<Set<Key>>,
    draining: Cell<bool>,
    /// How many providers run it. It makes no calls and opens no socket while there is none.
    runners: Cell<usize>,
}

impl Driver {
    /// A driver that does not run yet.
    pub(crate) fn new(
        schema: &Rc<Schema>,
        settings: Settings,
        platform: Rc<dyn Platform>,
        backend: Rc<dyn Backend>,
    ) -> Rc<Self> {
        // Without a random source, retries have no jitter, and mutations are not possible.
        let seed = platform.seed().unwrap_or_else(|error| {
            console::warn(&error.to_string());
            0
        });
        let core = Core::new(schema, &settings, seed);
        Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            settings,
            platform,
            backend,
            listeners: Rc::default(),
            resources: Resources::default(),
            core: RefCell::new(core),
            outputs: RefCell::default(),
            changed: RefCell::default(),
            draining: Cell::new(false),
            runners: Cell::new(0),
        })
    }

    /// Passes one input to the core, then executes its outputs. The core is released before any output runs, so an
    /// output may pass the next input.
    pub(crate) fn input<R>(&self, input: impl FnOnce(&mut Core, Now) -> R) -> R {
        self.pass_messages();
        let now = self.platform.now();
        let result = input(&mut self.core.borrow_mut(), now);
        self.take_outputs();
        result
    }

    /// Passes on the messages that wait for the next frame.
    fn pass_messages(&self) {
        if let Some((generation, messages)) = self.resources.take_messages() {
            let mut core = self.core.borrow_mut();
            core.handle_messages(generation, messages);
        }
    }

    /// A separate function, apart from the many inputs.
    #[inline(never)]
    fn take_outputs(&self) {
        {
            let mut core = self.core.borrow_mut();
            let mut outputs = self.outputs.borrow_mut();
            while let Some(output) = core.poll_output() {
                outputs.push_back(output);
            }
        }
        self.drain();
    }

    /// Reads from the core.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Core) -> R) -> R {
        read(&self.core.borrow())
    }

    /// Counts a render. This is no input: it has no effects.
    pub(crate) fn rendered(&self) {
        self.core.borrow_mut().handle_render();
    }

    /// Whether a provider runs it.
    pub(crate) fn is_running(&self) -> bool {
        self.runners.get() > 0
    }

    /// Registers a provider.
    pub(crate) fn start(&self) {
        self.runners.set(self.runners.get() + 1);
        if self.runners.get() == 1 {
            self.listen_to_page();
            self.notify_visibility();
        }
    }

    /// Unregisters a provider. Without providers, everything is aborted, and everything that still arrives is ignored.
    pub(crate) fn stop(&self) {
        if self.runners.get() == 1 {
            self.input(Core::sign_out);
        }
        self.runners.set(self.runners.get().saturating_sub(1));
        if !self.is_running() {
            self.resources.abort_all();
        }
    }

    /// A page may be hidden from the start, and then no signal reports it.
    fn notify_visibility(&self) {
        let signal = if self.platform.is_visible() {
            PageSignal::Visible
        } else {
            PageSignal::Hidden
        };
        self.input(|core, now| core.handle_page(now, signal));
    }

    /// Executes outputs in order until there are none. Listeners of changed views are notified once, at the end.
    fn drain(&self) {
        // An input during execution adds its outputs to the end of the same queue.
        // Outputs wait until a provider runs the client: an application may use it before that.
        if !self.is_running() || self.draining.replace(true) {
            return;
        }
        loop {
            if let Some(output) = self.next_output() {
                self.run(output);
            } else if let Some(key) = self.next_changed() {
                self.listeners.notify_key(&key);
            } else {
                break;
            }
        }
        self.draining.set(false);
        self.set_alarm();
    }

    fn next_output(&self) -> Option<CoreOutput> {
        self.outputs.borrow_mut().pop_front()
    }

    fn next_changed(&self) -> Option<Key> {
        self.changed.borrow_mut().pop_first()
    }

    fn run(&self, output: CoreOutput) {
        match output {
            CoreOutput::Socket(SocketCommand::Open { generation, url }) => {
                self.open_socket(generation, url.as_deref())
            }
            CoreOutput::Socket(SocketCommand::Send { generation, text }) => {
                self.send_text(generation, &text);
            }
            CoreOutput::Socket(SocketCommand::Close { generation, code }) => {
                self.resources.close(generation, code);
            }
            CoreOutput::Http { id, request } => self.call(id, request),
            CoreOutput::CancelHttp { id } => self.resources.cancel(id),
            CoreOutput::RequestFrame => self.request_frame(),
            CoreOutput::Changed(key) => {
                self.changed.borrow_mut().insert(key);
            }
            CoreOutput::Applied(applied) => self.listeners.notify_applied(&applied),
            CoreOutput::StatusChanged(change) => self.listeners.notify_status(&change),
            CoreOutput::SignedIn(user) => {
                if let Some(driver) = self.me.upgrade() {
                    SyncClient::of(driver).sign_in(&user);
                }
            }
            CoreOutput::SignedOut => self.listeners.notify_signed_out(),
        }
    }

    /// Sets the only alarm, for the core's next deadline.
    fn set_alarm(&self) {
        let deadline = self.read(Core::next_deadline);
        match deadline.filter(|_| self.is_running()) {
            Some(deadline) => self.wake_at(deadline),
            None => self.resources.clear_alarm(),
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("runners", &self.runners.get())
            .finish_non_exhaustive()
    }
}
