//! Pages that stay while they are not shown.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use sync_engine::map::Map;
use sync_web::{Guard, page};
use yew::prelude::*;

use crate::client::SyncClient;
use crate::provider::use_sync;

/// Properties of [`KeepAlive`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct KeepAliveProps {
    /// Whether the children are shown.
    pub is_shown: bool,
    /// The children.
    pub children: Html,
}

/// Keeps its children while they are not shown, so that showing them again costs little: their state, and their elements,
/// which are outside of the document in the meantime.
///
/// The hooks of this crate pause while they are not shown: they release their subscriptions, listen for nothing and
/// render nothing. When they are shown again, only those components render whose data differ. Effects of other hooks go
/// on, and so does [`use_unsaved_question`](crate::use_unsaved_question); use [`use_shown_effect_with`] for those that
/// concern the page. Elements that scroll by themselves begin at their top again.
///
/// # Panics
/// There is no `SyncProvider` above the component.
///
/// # Examples
/// ```no_run
/// use sync_yew::KeepAlive;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct TabsProps {
///     is_second: bool,
/// }
///
/// #[component]
/// fn Tabs(props: &TabsProps) -> Html {
///     html! {
///         <>
///             <KeepAlive is_shown={!props.is_second}>{ "First" }</KeepAlive>
///             <KeepAlive is_shown={props.is_second}>{ "Second" }</KeepAlive>
///         </>
///     }
/// }
/// ```
#[component]
pub fn KeepAlive(props: &KeepAliveProps) -> Html {
    let outer = use_sync();
    let is_shown = props.is_shown;
    let page = use_memo((), |()| Page::new(is_shown && outer.shown.is_now()));
    let effects = use_memo((), |()| Page::new(page.is_shown.get()));
    // In the render, so that the browser draws nothing before what has changed in the meantime is rendered.
    let was_shown = use_mut_ref(|| None);
    show_with(
        &mut was_shown.borrow_mut(),
        &outer.shown.page,
        &page,
        is_shown,
    );
    // After it, when the elements have come into the document.
    use_effect_with(is_shown, {
        let (outer, effects) = (outer.shown.effects.clone(), Rc::clone(&effects));
        move |is_shown| {
            let mut shown = None;
            show_with(&mut shown, &outer, &effects, *is_shown);
            move || drop(shown)
        }
    });
    let shown = Shown {
        page: Gate(Some(Rc::clone(&page))),
        effects: Gate(Some(Rc::clone(&effects))),
    };
    let client = SyncClient { shown, ..outer };
    let container = use_memo((), |()| page::container());
    let children = html! {
        <ContextProvider<SyncClient> context={client}>
            { props.children.clone() }
        </ContextProvider<SyncClient>>
    };
    match &*container {
        Some(container) => html! {
            <>
                if is_shown {
                    { Html::VRef(container.clone().into()) }
                }
                { create_portal(children, container.clone()) }
            </>
        },
        None if is_shown => children,
        None => Html::default(),
    }
}

/// Shows a page, or hides it, as long as the one around it is shown; `shown` remembers which.
fn show_with(shown: &mut Option<(bool, Guard)>, outer: &Gate, page: &Rc<Page>, is_shown: bool) {
    if shown
        .as_ref()
        .is_some_and(|(was_shown, _)| *was_shown == is_shown)
    {
        return;
    }
    // Before the next one begins, since its end hides the page.
    drop(shown.take());
    let page = Rc::clone(page);
    let kept = outer.keep(move || {
        page.show(is_shown);
        let page = Rc::clone(&page);
        Guard::new(OnDrop(Some(move || page.show(false))))
    });
    *shown = Some((is_shown, kept));
}

/// As yew's `use_effect_with`, but runs only while the component is shown, see [`KeepAlive`]: once it is shown, and again
/// when `deps` change. It calls what `effect` returns before the next run, and when the component is no longer shown.
/// Outside of a [`KeepAlive`], a component is always shown.
#[hook]
pub fn use_shown_effect_with<T, F, D>(deps: T, effect: F)
where
    T: Clone + PartialEq + 'static,
    F: Fn(&T) -> D + 'static,
    D: FnOnce() + 'static,
{
    let shown = use_context::<SyncClient>().map(|client| client.shown.effects);
    use_effect_with((shown.unwrap_or_default(), deps), move |(shown, deps)| {
        let deps = deps.clone();
        let kept = shown.keep(move || Guard::new(OnDrop(Some(effect(&deps)))));
        move || drop(kept)
    });
}

/// Calls a function when it is dropped.
struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(call) = self.0.take() {
            call();
        }
    }
}

/// Whether a component is shown, by the page that it is on; always, if it is on none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shown {
    /// Opens with the render that shows the page: for data.
    page: Gate,
    /// Opens after it.
    effects: Gate,
}

impl Shown {
    /// Keeps what `start` returns while the component is shown, until the guard is dropped.
    pub(crate) fn keep(&self, start: impl Fn() -> Guard + 'static) -> Guard {
        self.page.keep(start)
    }

    fn is_now(&self) -> bool {
        self.page.0.as_ref().is_none_or(|page| page.is_shown.get())
    }
}

/// Lets things run while a page is shown; without a page, always.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Option<Rc<Page>>);

impl Gate {
    fn keep(&self, start: impl Fn() -> Guard + 'static) -> Guard {
        match &self.0 {
            Some(page) => page.keep(Box::new(start)),
            None => start(),
        }
    }
}

impl PartialEq for Gate {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref().map(Rc::as_ptr) == other.0.as_ref().map(Rc::as_ptr)
    }
}

/// A kept page, and what it keeps while it is shown.
pub(crate) struct Page {
    me: Weak<Self>,
    is_shown: Cell<bool>,
    next: Cell<u64>,
    tasks: RefCell<Map<u64, Rc<Task>>>,
}

/// Something that runs while its page is shown.
struct Task {
    start: Box<dyn Fn() -> Guard>,
    running: RefCell<Option<Guard>>,
}

impl Page {
    fn new(is_shown: bool) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            is_shown: Cell::new(is_shown),
            next: Cell::default(),
            tasks: RefCell::default(),
        })
    }

    fn keep(&self, start: Box<dyn Fn() -> Guard>) -> Guard {
        let running = self.is_shown.get().then(&start);
        let id = self.next.get();
        self.next.set(id + 1);
        let running = RefCell::new(running);
        let task = Rc::new(Task { start, running });
        self.tasks.borrow_mut().insert(id, task);
        let page = Weak::clone(&self.me);
        Guard::new(OnDrop(Some(move || {
            let task = page
                .upgrade()
                .map(|page| page.tasks.borrow_mut().remove(&id));
            // Its guard may run any code, and the table is free again.
            drop(task);
        })))
    }

    /// Starts all tasks in the order in which they came, or ends them. A task may go at any time, also by another one.
    fn show(&self, is_shown: bool) {
        if self.is_shown.replace(is_shown) == is_shown {
            return;
        }
        let ids: Vec<u64> = self.tasks.borrow().keys().copied().collect();
        for id in ids {
            let task = self.tasks.borrow().get(&id).cloned();
            if let Some(task) = task {
                let running = is_shown.then(&task.start);
                drop(task.running.replace(running));
            }
        }
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Page")
            .field("is_shown", &self.is_shown)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page, and how many of its tasks run.
    fn page_with_tasks(is_shown: bool, count: u32) -> (Rc<Page>, Rc<Cell<u32>>, Vec<Guard>) {
        let page = Page::new(is_shown);
        let running = Rc::new(Cell::new(0));
        let keep = |_| {
            let running = Rc::clone(&running);
            Gate(Some(Rc::clone(&page))).keep(move || {
                running.set(running.get() + 1);
                let running = Rc::clone(&running);
                Guard::new(OnDrop(Some(move || running.set(running.get() - 1))))
            })
        };
        let guards = (0..count).map(keep).collect();
        (page, running, guards)
    }

    #[test]
    fn tasks_run_while_their_page_is_shown_and_as_long_as_they_are_kept() {
        let (page, running, mut guards) = page_with_tasks(true, 3);
        assert_eq!(running.get(), 3);
        page.show(false);
        assert_eq!(running.get(), 0);
        drop(guards.pop());
        page.show(true);
        page.show(true);
        assert_eq!(running.get(), 2);
        drop(guards);
        assert_eq!(running.get(), 0);
        assert!(page.tasks.borrow().is_empty());
    }

    #[test]
    fn a_task_of_a_hidden_page_waits() {
        let (page, running, guards) = page_with_tasks(false, 1);
        assert_eq!(running.get(), 0);
        page.show(true);
        assert_eq!(running.get(), 1);
        drop(page);
        drop(guards);
    }

    #[test]
    fn a_guard_outside_a_kept_page_is_always_shown() {
        let ended = Rc::new(Cell::new(false));
        let end = Rc::clone(&ended);
        let guard = Shown::default().keep(move || {
            let end = Rc::clone(&end);
            Guard::new(OnDrop(Some(move || end.set(true))))
        });
        assert!(!ended.get());
        drop(guard);
        assert!(ended.get());
    }
}
