//! One slice of the engine in a component.

use sync_engine::Core;
use sync_engine::view::Key;
use yew::prelude::*;

use super::use_redraw::use_redraw;
use crate::client::SyncClient;

/// Reads a slice while rendering, and renders again when `key` changed and the slice differs from the one shown.
///
/// `read` must read the same slice as long as `key` is the same.
#[hook]
pub fn use_view<T, F>(client: &SyncClient, key: Key, read: F) -> T
where
    T: Clone + PartialEq + 'static,
    F: Fn(&Core) -> T + 'static,
{
    let value = client.read(&read);
    let shown = use_mut_ref(|| None::<T>);
    shown.replace(Some(value.clone()));
    let differs = move |core: &Core| shown.borrow().as_ref() != Some(&read(core));
    use_redraw(client, key, Box::new(differs));
    value
}
