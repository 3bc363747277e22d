//! Who wants to hear of what.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use dashboard_engine::core::{Applied, StatusChange};
use dashboard_engine::flat::FlatMap;
use dashboard_engine::view::Key;
use dashboard_protocol::ChangeKind;

type Calls = FlatMap<u64, Rc<dyn Fn()>>;
type Table<F> = RefCell<FlatMap<u64, Rc<F>>>;

/// A listener of applied changes: the kinds that it wants, and what to call.
struct OnApplied {
    kinds: &'static [ChangeKind],
    call: Box<dyn Fn(&Applied)>,
}

/// All listeners of one core. A listener may come and go at any time, also while listeners are being called.
#[derive(Default)]
pub(super) struct Listeners {
    next: Cell<u64>,
    keys: RefCell<FlatMap<Key, Calls>>,
    applied: Table<OnApplied>,
    status: Table<dyn Fn(&StatusChange)>,
    signed_out: Table<dyn Fn()>,
}

/// Which table a listener is in.
enum Place {
    Applied,
    Key(Key),
    SignedOut,
    Status,
}

/// Listens until it is dropped.
#[must_use = "listening ends as soon as this is dropped"]
pub struct Subscription {
    listeners: Weak<Listeners>,
    id: u64,
    place: Place,
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
        // Each removed listener is dropped after its table is closed again, since its drop may run anything.
        match &self.place {
            Place::Applied => drop(take(&listeners.applied, self.id)),
            Place::Key(key) => drop(listeners.take_key(key, self.id)),
            Place::SignedOut => drop(take(&listeners.signed_out, self.id)),
            Place::Status => drop(take(&listeners.status, self.id)),
        }
    }
}

impl Listeners {
    /// Calls `call` after the view of `key` changed.
    pub(super) fn on_key(self: &Rc<Self>, key: Key, call: Rc<dyn Fn()>) -> Subscription {
        let id = self.next_id();
        self.keys
            .borrow_mut()
            .or_default(key.clone())
            .insert(id, call);
        self.subscription(id, Place::Key(key))
    }

    /// Calls `call` for each applied change of one of `kinds`.
    pub(super) fn on_applied(
        self: &Rc<Self>,
        kinds: &'static [ChangeKind],
        call: Box<dyn Fn(&Applied)>,
    ) -> Subscription {
        let id = self.next_id();
        let listener = Rc::new(OnApplied { kinds, call });
        self.applied.borrow_mut().insert(id, listener);
        self.subscription(id, Place::Applied)
    }

    /// Calls `call` for each step of the session's status.
    pub(super) fn on_status(self: &Rc<Self>, call: Rc<dyn Fn(&StatusChange)>) -> Subscription {
        let id = self.next_id();
        self.status.borrow_mut().insert(id, call);
        self.subscription(id, Place::Status)
    }

    /// Calls `call` when the server says that nobody is signed in any more.
    pub(super) fn on_signed_out(self: &Rc<Self>, call: Rc<dyn Fn()>) -> Subscription {
        let id = self.next_id();
        self.signed_out.borrow_mut().insert(id, call);
        self.subscription(id, Place::SignedOut)
    }

    /// Tells the listeners of one key.
    pub(super) fn tell_key(&self, key: &Key) {
        let ids: Vec<u64> = match self.keys.borrow().get(key) {
            Some(listeners) => listeners.keys().copied().collect(),
            None => return,
        };
        for id in ids {
            let listener = self
                .keys
                .borrow()
                .get(key)
                .and_then(|listeners| listeners.get(&id).cloned());
            if let Some(listener) = listener {
                listener();
            }
        }
    }

    /// Tells of an applied change.
    pub(super) fn tell_applied(&self, applied: &Applied) {
        let kind = applied.kind();
        each(&self.applied, |listener| {
            if listener.kinds.contains(&kind) {
                (listener.call)(applied);
            }
        });
    }

    /// Tells of a step of the session's status.
    pub(super) fn tell_status(&self, change: &StatusChange) {
        each(&self.status, |listener| listener(change));
    }

    /// Tells that nobody is signed in any more.
    pub(super) fn tell_signed_out(&self) {
        each(&self.signed_out, |listener| listener());
    }

    fn next_id(&self) -> u64 {
        let id = self.next.get();
        self.next.set(id + 1);
        id
    }

    fn subscription(self: &Rc<Self>, id: u64, place: Place) -> Subscription {
        Subscription {
            listeners: Rc::downgrade(self),
            id,
            place,
        }
    }

    fn take_key(&self, key: &Key, id: u64) -> Option<Rc<dyn Fn()>> {
        let mut keys = self.keys.borrow_mut();
        let listeners = keys.get_mut(key)?;
        let taken = listeners.remove(&id);
        if listeners.is_empty() {
            keys.remove(key);
        }
        taken
    }
}

fn take<F: ?Sized>(table: &Table<F>, id: u64) -> Option<Rc<F>> {
    table.borrow_mut().remove(&id)
}

/// Calls each listener that is still there when its turn comes.
fn each<F: ?Sized>(table: &Table<F>, call: impl Fn(&F)) {
    let ids: Vec<u64> = table.borrow().keys().copied().collect();
    for id in ids {
        let listener = table.borrow().get(&id).cloned();
        if let Some(listener) = listener {
            call(&listener);
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
        listeners.tell_key(&Key::Connection);
        assert_eq!(calls.get(), 0);
        drop(first);
        assert!(listeners.keys.borrow().is_empty());
    }

    #[test]
    fn a_subscription_may_outlive_its_listeners() {
        let listeners = Rc::new(Listeners::default());
        let subscription = listeners.on_signed_out(Rc::new(|| ()));
        drop(listeners);
        drop(subscription);
    }
}
