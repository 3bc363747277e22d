//! A component that draws itself again when what it shows has changed.

use dashboard_engine::Core;
use dashboard_engine::view::Key;
use yew::prelude::*;

use crate::realtime::RealtimeHandle;

/// Renders again when `key` changed and what is shown differs, as [`super::use_view`] asks for. It does not know the
/// slice, so that it is compiled once and not for each kind of slice.
#[hook]
pub(super) fn use_redraw(realtime: &RealtimeHandle, key: Key, differs: Box<dyn Fn(&Core) -> bool>) {
    let update = use_force_update();
    use_effect_with((realtime.clone(), key), move |(realtime, key)| {
        let client = realtime.downgrade();
        // Drawing the numbers is not counted in them: it would go on for ever.
        let counts = *key != Key::Metrics;
        let compare = move || {
            let Some(client) = client.upgrade() else {
                return;
            };
            if client.read(&differs) {
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
}
