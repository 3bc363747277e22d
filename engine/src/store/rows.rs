//! The rows of a list of one kind: the code of lists, with the kind's name on it.

use std::marker::PhantomData;
use std::rc::Rc;

use super::item::{Item, kind, shared};
use super::list::List;

/// The loaded rows of a list of one kind.
#[derive(Clone, Debug)]
pub(super) struct Rows<T> {
    pub(super) list: List,
    kind: PhantomData<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            list: List::default(),
            kind: PhantomData,
        }
    }
}

impl<T: Item> Rows<T> {
    /// All rows held, newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        let held = self.list.held().iter();
        held.filter_map(|row| kind(&*row.item))
    }

    pub(super) fn find(&self, id: &str) -> Option<&T> {
        self.list.find(id).and_then(|item| kind(&**item))
    }

    /// The row of that id, shared.
    pub(super) fn get(&self, id: &str) -> Option<Rc<T>> {
        self.list.find(id).cloned().and_then(shared)
    }

    /// Takes what an event says of a row.
    pub(super) fn put(&mut self, item: T, version: u64) {
        self.list.put(Rc::new(item), version);
    }

    /// Changes every row that `change` has something new for.
    pub(super) fn update(&mut self, change: impl Fn(&T) -> Option<T>) -> bool {
        self.list.update(|item| {
            let changed = change(kind(item)?)?;
            Some(Rc::new(changed))
        })
    }
}
