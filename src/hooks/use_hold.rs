//! What a component needs, held while it is mounted.

use yew::prelude::*;

use crate::realtime::{Hold, Need, RealtimeHandle};

/// Holds what a component needs while it is mounted.
#[hook]
pub(super) fn use_hold(realtime: &RealtimeHandle, need: Need) {
    use_effect_with((realtime.clone(), need), |(realtime, need)| {
        let hold: Hold = realtime.hold(need.clone());
        move || drop(hold)
    });
}
