//! One slice of the engine in a component.

use std::rc::Rc;

use sync_engine::Core;
use sync_engine::view::Key;
use sync_web::Guard;
use yew::prelude::*;

use crate::client::SyncClient;

/// Reads a slice while rendering, and renders again when `key` changed and the slice differs from the one shown. While the
/// component is not shown, it does not; see [`KeepAlive`](crate::KeepAlive).
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

/// Renders again when `key` changed and the shown slice differs, for [`use_view`]. It is not generic over the
/// slice, so it is compiled once and not for each kind of slice.
#[hook]
fn use_redraw(client: &SyncClient, key: Key, differs: Box<dyn Fn(&Core) -> bool>) {
    let update = use_force_update();
    use_effect_with((client.clone(), key), move |(client, key)| {
        let weak = Rc::downgrade(&client.driver);
        // Renders of the metrics are not counted in them: that would never end.
        let counts = *key != Key::Metrics;
        let compare = move || {
            let Some(driver) = weak.upgrade() else {
                return;
            };
            if driver.read(&differs) {
                if counts {
                    driver.rendered();
                }
                update.force_update();
            }
        };
        let (listeners, key) = (Rc::clone(&client.driver.listeners), key.clone());
        let compare: Rc<dyn Fn()> = Rc::new(compare);
        let kept = client.shown.keep(move || {
            // A change may have happened since the render.
            compare();
            Guard::new(listeners.on_key(key.clone(), Rc::clone(&compare)))
        });
        move || drop(kept)
    });
}
