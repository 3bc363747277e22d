//! The listeners and their notifications.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use sync_engine::event::Applied;
use sync_engine::io::StatusChange;
use sync_engine::map::Map;
use sync_engine::schema::ResourceSet;
use sync_engine::view::Key;

type Call = Rc<dyn Fn()>;

/// A listener for events other than changed views.
pub(crate) enum Listener {
    /// Listens for the applied changes of these resources.
    Applied(ResourceSet, Box<dyn Fn(&Applied)>),
    /// Listens for the end of the session.
    SignedOut(Box<dyn Fn()>),
    /// Listens for changes of the connection's status.
    Status(Box<dyn Fn(&StatusChange)>),
}

/// All listeners of one core. A listener may be added or removed at any time, also during a notification.
#[derive(Default)]
pub(crate) struct Listeners {
    next: Cell<u64>,
    keys: RefCell<Map<Key, Map<u64, Call>>>,
    others: RefCell<Map<u64, Rc<Listener>>>,
}

/// Listens until it is dropped.
#[must_use = "listening ends as soon as this is dropped"]
#[derive(Debug)]
pub struct Subscription {
    listeners: Weak<Listeners>,
    id: u64,
    /// The key of a view's listener; `None` for all other listeners.
    key: Option<Key>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let Some(listeners) = self.listeners.upgrade() else {
            return;
        };
        // The removed listener is dropped after its table is released, since its drop may run any code.
        match &self.key {
            Some(key) => drop(listeners.take_call(key, self.id)),
            None => drop(listeners.take_other(self.id)),
        }
    }
}

impl Listeners {
    /// Calls `call` after the view of `key` changed.
    pub(crate) fn on_key(self: &Rc<Self>, key: Key, call: Call) -> Subscription {
        let id = self.next_id();
        self.keys
            .borrow_mut()
            .entry(key.clone())
            .or_default()
            .insert(id, call);
        self.subscription(id, Some(key))
    }

    /// Adds a listener.
    pub(crate) fn on(self: &Rc<Self>, listener: Listener) -> Subscription {
        let id = self.next_id();
        self.others.borrow_mut().insert(id, Rc::new(listener));
        self.subscription(id, None)
    }

    /// Notifies the listeners of one key.
    pub(crate) fn notify_key(&self, key: &Key) {
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

    /// Notifies the listeners of an applied change.
    pub(crate) fn notify_applied(&self, applied: &Applied) {
        let resource = applied.resource();
        self.notify(&|listener| match listener {
            Listener::Applied(of, call) if of.contains(resource) => call(applied),
            Listener::Applied(..) | Listener::SignedOut(_) | Listener::Status(_) => (),
        });
    }

    /// Notifies the listeners of a change of the connection's status.
    pub(crate) fn notify_status(&self, change: &StatusChange) {
        self.notify(&|listener| match listener {
            Listener::Status(call) => call(change),
            Listener::Applied(..) | Listener::SignedOut(_) => (),
        });
    }

    /// Notifies the listeners that nobody is signed in any more.
    pub(crate) fn notify_signed_out(&self) {
        self.notify(&|listener| match listener {
            Listener::SignedOut(call) => call(),
            Listener::Applied(..) | Listener::Status(_) => (),
        });
    }

    /// Visits each listener that still exists at its turn. No table is borrowed during a call.
    fn notify(&self, show: &dyn Fn(&Listener)) {
        let ids: Vec<u64> = self.others.borrow().keys().copied().collect();
        for id in ids {
            let listener = self.others.borrow().get(&id).cloned();
            if let Some(listener) = listener {
                show(&listener);
            }
        }
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
    fn a_subscription_does_not_keep_its_listeners_alive() {
        let listeners = Rc::new(Listeners::default());
        let held = Rc::new(());
        let captured = Rc::clone(&held);
        let subscription = listeners.on(Listener::SignedOut(Box::new(move || {
            drop(Rc::clone(&captured))
        })));
        assert_eq!(Rc::strong_count(&held), 2);
        drop(listeners);
        assert_eq!(Rc::strong_count(&held), 1);
        drop(subscription);
    }
}
