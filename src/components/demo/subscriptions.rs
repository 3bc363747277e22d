//! The channels: their positions, how they were recovered, and when their last publication arrived.

use sync_engine::view::SubscriptionView;
use yew::prelude::*;

use super::changes::age;
use crate::components::{DataRow, DataTable, panel};
use crate::format;
use crate::hooks::{use_clock, use_subscription_list};
use crate::text::demo;

/// The refresh period of ages, in milliseconds.
const PERIOD_MS: u32 = 1000;

/// Lists the channels.
#[component]
pub(super) fn Subscriptions() -> Html {
    let now_ms = use_clock(PERIOD_MS);
    let channels = use_subscription_list();
    let rows = channels.iter().map(|channel| row(channel, now_ms));
    let table = html! {
        <DataTable
            label={demo::SUBSCRIPTIONS}
            columns={demo::SUBSCRIPTION_COLUMNS}
            rows={rows.collect::<Vec<_>>()}
            empty={demo::SUBSCRIPTIONS_EMPTY}
        />
    };
    panel(
        "demo-subscriptions",
        demo::SUBSCRIPTIONS,
        Html::default(),
        table,
    )
}

fn row(channel: &SubscriptionView, now_ms: i64) -> DataRow {
    let SubscriptionView {
        channel,
        state,
        position,
        recovery,
        received_at_ms,
    } = channel;
    let name = channel.to_string();
    let position = position.as_ref().map_or_else(
        || demo::NONE_YET.to_owned(),
        |at| demo::position(&format::integer(at.offset), &at.epoch),
    );
    let last_event =
        received_at_ms.map_or_else(|| demo::NONE_YET.to_owned(), |at_ms| age(at_ms, now_ms));
    DataRow {
        id: name.clone().into(),
        cells: vec![
            html! { { name } },
            html! { { demo::channel(*state) } },
            html! { { position } },
            html! { { recovery.map_or(demo::NONE_YET, demo::recovery) } },
            html! { { last_event } },
        ],
    }
}
