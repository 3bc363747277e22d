//! One slice of the engine in a component.

use dashboard_engine::Core;
use dashboard_engine::view::Key;
use yew::prelude::*;

use crate::realtime::RealtimeHandle;

/// Reads a slice while rendering, and renders again when `key` changed and the slice differs from the one shown.
///
/// `read` has to read the same slice as long as `key` is the same.
#[hook]
pub(super) fn use_view<T, F>(realtime: &RealtimeHandle, key: Key, read: F) -> T
where
    T: Clone + PartialEq + 'static,
    F: Fn(&Core) -> T + 'static,
{
    let value = realtime.read(&read);
    let shown = use_mut_ref(|| None::<T>);
    shown.replace(Some(value.clone()));
    let update = use_force_update();
    use_effect_with((realtime.clone(), key), move |(realtime, key)| {
        let client = realtime.downgrade();
        // Drawing the numbers is not counted in them: it would go on for ever.
        let counts = *key != Key::Metrics;
        let compare = move || {
            let Some(client) = client.upgrade() else {
                return;
            };
            let fresh = client.read(&read);
            let differs = shown.borrow().as_ref() != Some(&fresh);
            if differs {
                if counts {
                    client.rendered();
                }
                update.force_update();
            }
        };
        // A change may have fallen between the render and this effect.
        compare();
        let subscription = realtime.subscribe(key.clone(), compare);
        move || drop(subscription)
    });
    value
}
