//! Renders a component again when its data have changed.

use sync_engine::Core;
use sync_engine::view::Key;
use yew::prelude::*;

use crate::client::SyncClient;

/// Renders again when `key` changed and the shown slice differs, for [`super::use_view`]. It is not generic over the
/// slice, so it is compiled once and not for each kind of slice.
#[hook]
pub(super) fn use_redraw(client: &SyncClient, key: Key, differs: Box<dyn Fn(&Core) -> bool>) {
    let update = use_force_update();
    use_effect_with((client.clone(), key), move |(client, key)| {
        let weak = client.downgrade();
        // Renders of the metrics are not counted in them: that would never end.
        let counts = *key != Key::Metrics;
        let compare = move || {
            let Some(client) = weak.upgrade() else {
                return;
            };
            if client.read(&differs) {
                if counts {
                    client.rendered();
                }
                update.force_update();
            }
        };
        // A change may have happened between the render and this effect.
        compare();
        let subscription = client.subscribe(key.clone(), compare);
        move || drop(subscription)
    });
}
