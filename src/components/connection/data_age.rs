//! The age of the shown data, when they are old.

use sync_engine::status::ShownState;
use yew::prelude::*;

use crate::hooks::{use_clock, use_realtime_connection};
use crate::text;
use sync_web::intl;

/// From this age on, data that are not live are marked, in milliseconds.
const OLD_MS: i64 = 60_000;

/// How often the age is checked, in milliseconds.
const PERIOD_MS: u32 = 1000;

/// Shows "as of 14:02" when no updates arrive and the data are more than a minute old; nothing otherwise.
#[component]
pub fn DataAge() -> Html {
    let connection = use_realtime_connection();
    let view = connection.view();
    match view.last_heartbeat_at_ms {
        Some(heartbeat_at_ms) if view.shown != ShownState::Live => {
            html! { <Mark {heartbeat_at_ms} /> }
        }
        _ => Html::default(),
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct MarkProps {
    heartbeat_at_ms: i64,
}

/// Ticks only while the data are not live.
#[component]
fn Mark(props: &MarkProps) -> Html {
    let now_ms = use_clock(PERIOD_MS);
    if now_ms - props.heartbeat_at_ms < OLD_MS {
        return Html::default();
    }
    html! {
        <span class="pill tabular" data-age="true">{ text::as_of(&intl::time(props.heartbeat_at_ms)) }</span>
    }
}
