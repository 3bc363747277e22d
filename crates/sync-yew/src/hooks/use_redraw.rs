//! A component that renders again when what it shows has changed.

use sync_engine::Core;
use sync_engine::view::Key;
use yew::prelude::*;

use crate::client::SyncClient;

/// Renders again when `key` changed and what is shown differs, as [`super::use_view`] asks for. It does not know the
/// slice, so that it is compiled once and not for each kind of slice.
#[hook]
pub(super) fn use_redraw(client: &SyncClient, key: Key, differs: Box<dyn Fn(&Core) -> bool>) {
    let update = use_force_update();
    use_effect_with((client.clone(), key), move |(client, key)| {
        let weak = client.downgrade();
        // Rendering the numbers is not counted in them: it would go on for ever.
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
        // A change may have fallen between the render and this effect.
        compare();
        let subscription = client.subscribe(key.clone(), compare);
        move || drop(subscription)
    });
}
