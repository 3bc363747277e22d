//! Who wants to hear of what.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use dashboard_engine::core::{Applied, StatusChange};
use dashboard_engine::flat::FlatMap;
use dashboard_engine::view::Key;
use dashboard_protocol::ChangeKind;

type Call = Rc<dyn Fn()>;

/// A listener of what happens, whatever it happens to.
enum Listener {
    /// Wants applied changes of these kinds.
    Applied(&'static [ChangeKind], Box<dyn Fn(&Applied)>),
    /// Wants to know when nobody is signed in any more.
    SignedOut(Box<dyn Fn()>),
    /// Wants each step of the session's status.
    Status(Box<dyn Fn(&StatusChange)>),
}

/// All listeners of one core. A listener may come and go at any time, also while listeners are being called.
#[derive(Default)]
pub(super) struct Listeners {
    next: Cell<u64>,
    keys: RefCell<FlatMap<Key, FlatMap<u64, Call>>>,
    others: RefCell<FlatMap<u64, Rc<Listener>>>,
}

/// Listens until it is dropped.
#[must_use = "listening ends as soon as this is dropped"]
pub struct Subscription {
    listeners: Weak<Listeners>,
    id: u64,
    /// The key that it listens for; `None` for all other listeners.
    key: Option<Key>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let Some(listeners) = self.listeners.upgrade() else {
            return;
        };
        // The removed listener is dropped after its table is closed again, since its drop may run anything.
        match &self.key {
            Some(key) => drop(listeners.take_call(key, self.id)),
            None => drop(listeners.take_other(self.id)),
        }
    }
}

impl Listeners {
    /// Calls `call` after the view of `key` changed.
    pub(super) fn on_key(self: &Rc<Self>, key: Key, call: Call) -> Subscription {
        let id = self.next_id();
        self.keys
            .borrow_mut()
            .or_default(key.clone())
            .insert(id, call);
        self.subscription(id, Some(key))
    }

    /// Calls `call` for each applied change of one of `kinds`.
    pub(super) fn on_applied(
        self: &Rc<Self>,
        kinds: &'static [ChangeKind],
        call: Box<dyn Fn(&Applied)>,
    ) -> Subscription {
        self.on(Listener::Applied(kinds, call))
    }

    /// Calls `call` for each step of the session's status.
    pub(super) fn on_status(self: &Rc<Self>, call: Box<dyn Fn(&StatusChange)>) -> Subscription {
        self.on(Listener::Status(call))
    }

    /// Calls `call` when the server says that nobody is signed in any more.
    pub(super) fn on_signed_out(self: &Rc<Self>, call: Box<dyn Fn()>) -> Subscription {
        self.on(Listener::SignedOut(call))
    }

    /// Tells the listeners of one key.
    pub(super) fn notify_key(&self, key: &Key) {
        let ids: Vec<u64> = match self.keys.borrow().get(key) {
            Some(calls) => calls.keys().copied().collect(),
            None => return,
        };
        for id in ids {
            if let Some(call) = self.call_of(key, id) {
                call();
            }
        }
    }

    /// Tells of an applied change.
    pub(super) fn notify_applied(&self, applied: &Applied) {
        let kind = applied.kind();
        self.notify(&|listener| match listener {
            Listener::Applied(kinds, call) if kinds.contains(&kind) => call(applied),
            Listener::Applied(..) | Listener::SignedOut(_) | Listener::Status(_) => (),
        });
    }

    /// Tells of a step of the session's status.
    pub(super) fn update_status(&self, change: &StatusChange) {
        self.notify(&|listener| match listener {
            Listener::Status(call) => call(change),
            Listener::Applied(..) | Listener::SignedOut(_) => (),
        });
    }

    /// Tells that nobody is signed in any more.
    pub(super) fn notify_signed_out(&self) {
        self.notify(&|listener| match listener {
            Listener::SignedOut(call) => call(),
            Listener::Applied(..) | Listener::Status(_) => (),
        });
    }

    /// Shows each listener that is still there when its turn comes. No table is open while one is called.
    fn notify(&self, show: &dyn Fn(&Listener)) {
        let ids: Vec<u64> = self.others.borrow().keys().copied().collect();
        for id in ids {
            let listener = self.others.borrow().get(&id).cloned();
            if let Some(listener) = listener {
                show(&listener);
            }
        }
    }

    fn on(self: &Rc<Self>, listener: Listener) -> Subscription {
        let id = self.next_id();
        self.others.borrow_mut().insert(id, Rc::new(listener));
        self.subscription(id, None)
    }

    fn call_of(&self, key: &Key, id: u64) -> Option<Call> {
        self.keys.borrow().get(key)?.get(&id).cloned()
    }

    fn take_call(&self, key: &Key, id: u64) -> Option<Call> {
        let mut keys = self.keys.borrow_mut();
        let calls = keys.get_mut(key)?;
        let taken = calls.remove(&id);
        if calls.is_empty() {
            keys.remove(key);
        }
        taken
    }

    fn take_other(&self, id: u64) -> Option<Rc<Listener>> {
        self.others.borrow_mut().remove(&id)
    }

    fn next_id(&self) -> u64 {
        let id = self.next.get();
        self.next.set(id + 1);
        id
    }

    fn subscription(self: &Rc<Self>, id: u64, key: Option<Key>) -> Subscription {
        Subscription {
            listeners: Rc::downgrade(self),
            id,
            key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_that_goes_while_listeners_are_called_is_not_called() {
        let listeners = Rc::new(Listeners::default());
        let calls = Rc::new(Cell::new(0));
        let second = Rc::new(RefCell::new(None));
        let first = {
            let second = Rc::clone(&second);
            listeners.on_key(
                Key::Connection,
                Rc::new(move || drop(second.borrow_mut().take())),
            )
        };
        let counted = Rc::clone(&calls);
        *second.borrow_mut() = Some(listeners.on_key(
            Key::Connection,
            Rc::new(move || counted.set(counted.get() + 1)),
        ));
        listeners.notify_key(&Key::Connection);
        assert_eq!(calls.get(), 0);
        drop(first);
        assert!(listeners.keys.borrow().is_empty());
    }

    #[test]
    fn a_subscription_may_outlive_its_listeners() {
        let listeners = Rc::new(Listeners::default());
        let subscription = listeners.on_signed_out(Box::new(|| ()));
        drop(listeners);
        drop(subscription);
    }
}
