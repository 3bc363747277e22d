//! The age of the shown data, when they are old.

use sync_engine::status::ShownState;
use yew::prelude::*;

use crate::hooks::{use_clock, use_realtime_connection};
use crate::text;

/// From this age on, data that are not live are marked, in seconds.
const OLD_S: u64 = 60;

/// How often the age is checked, in milliseconds.
const PERIOD_MS: u32 = 1000;

/// Shows "as of 14:02" when no updates arrive and the data are more than a minute old; nothing otherwise.
#[component]
pub fn DataAge() -> Html {
    let connection = use_realtime_connection();
    let view = connection.view();
    if view.shown == ShownState::Live {
        return Html::default();
    }
    html! { <Mark /> }
}

/// Ticks only while the data are not live.
#[component]
fn Mark() -> Html {
    use_clock(PERIOD_MS);
    let times = use_realtime_connection().times();
    match times.at {
        Some(at) if times.age_s >= Some(OLD_S) => {
            html! { <span class="pill tabular" data-age="true">{ text::as_of(&at) }</span> }
        }
        _ => Html::default(),
    }
}
