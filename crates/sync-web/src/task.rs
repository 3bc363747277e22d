//! Asynchronous work that is cancelled when dropped.

use std::cell::RefCell;
use std::fmt;
use std::future::{self, Future};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A future that stays on this thread.
pub type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

#[derive(Default)]
struct Slot {
    future: Option<LocalBoxFuture<'static, ()>>,
    waker: Option<Waker>,
    cancelled: bool,
}

/// A running future. Dropping the task drops the future, and aborts the call that it awaits.
#[must_use = "the work is given up as soon as this is dropped"]
pub struct Task {
    slot: Rc<RefCell<Slot>>,
}

impl Task {
    /// Runs `future` at once until it first waits, like an asynchronous function in JavaScript, and the rest in microtasks.
    pub fn spawn(future: impl Future<Output = ()> + 'static) -> Self {
        let mut future: LocalBoxFuture<'static, ()> = Box::pin(future);
        let is_done = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        let slot = Rc::new(RefCell::new(Slot {
            future: is_done.is_pending().then_some(future),
            ..Slot::default()
        }));
        if is_done.is_ready() {
            return Self { slot };
        }
        let polled = Rc::clone(&slot);
        wasm_bindgen_futures::spawn_local(future::poll_fn(move |context| {
            // Taken out for the poll, so that the future may drop its own task.
            let Some(mut future) = polled.borrow_mut().future.take() else {
                return Poll::Ready(());
            };
            let poll = future.as_mut().poll(context);
            let mut slot = polled.borrow_mut();
            if poll.is_pending() && !slot.cancelled {
                slot.future = Some(future);
                slot.waker = Some(context.waker().clone());
                return Poll::Pending;
            }
            drop(slot);
            Poll::Ready(())
        }));
        Self { slot }
    }

    /// Whether it has ended, or was ended.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.slot.borrow().future.is_none()
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        let (future, waker) = {
            let mut slot = self.slot.borrow_mut();
            slot.cancelled = true;
            (slot.future.take(), slot.waker.take())
        };
        // Outside the borrow: its drop may run any code.
        drop(future);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
