//! All features of the kit, to try by hand, one part per file. The backend sends injected faults to the real server.

mod changes;
mod connection;
mod copy_button;
mod fault;
mod measures;
mod optimistic;
mod shelf;
mod simulation;
mod subscriptions;
mod timeline;
mod timeline_panel;
mod workbench;

use crate::pages::Tab;
use yew::prelude::*;

use crate::hooks::use_tab_subscription;

use changes::ChangeLists;
use connection::ConnectionControls;
use measures::{Counters, Latencies};
use optimistic::OptimisticChanges;
use simulation::Simulator;
use subscriptions::Subscriptions;
use timeline_panel::TimelinePanel;

pub use workbench::{specimens, tool_form};

/// Properties of [`RealtimeDemo`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct RealtimeDemoProps {
    /// The user signs in again; without this callback, signing in is not offered.
    #[prop_or_default]
    pub on_sign_in: Callback<()>,
}

/// Shows and exercises all features of the kit against the real server: the indicator in its three variants, simulated
/// back-office activity, mutations under faults, the channels, the metrics, and a timeline. A part that needs the
/// controls of a demonstration server says so if the server has none; the rest works with any server.
///
/// # Panics
/// There is no `RealtimeProvider` above it.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::components::RealtimeDemo;
/// use yew::prelude::*;
///
/// #[component]
/// fn Page() -> Html {
///     html! { <main><h1>{ "Demo" }</h1><RealtimeDemo /></main> }
/// }
/// ```
#[component]
pub fn RealtimeDemo(props: &RealtimeDemoProps) -> Html {
    // Includes the catalog updates; the timeline subscribes to the channels of all resources.
    use_tab_subscription(Tab::Overview);
    html! {
        <div class="workbench">
            <ConnectionControls on_sign_in={props.on_sign_in.clone()} />
            <Simulator />
            <div class="workbench-wide"><OptimisticChanges /></div>
            <ChangeLists />
            <div class="workbench-wide"><Subscriptions /></div>
            <Counters />
            <Latencies />
            <div class="workbench-wide"><TimelinePanel /></div>
        </div>
    }
}
