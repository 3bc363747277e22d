//! Everything that the kit can do, to be tried by hand: connection, back office, changes under faults, streams, numbers,
//! timeline. One part a file; what is planted goes through the backend to the real server.

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

use crate::tabs::Tab;
use yew::prelude::*;

use crate::components::Workbench;
use crate::hooks::use_tab_subscription;

use changes::ChangeLists;
use connection::ConnectionControls;
use measures::{Counters, Latencies};
use optimistic::OptimisticChanges;
use simulation::Simulator;
use subscriptions::Subscriptions;
use timeline_panel::TimelinePanel;

/// Properties of [`RealtimeDemo`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct RealtimeDemoProps {
    /// The user wants to sign in again; without it, signing in is not offered.
    #[prop_or_default]
    pub on_sign_in: Callback<()>,
}

/// Shows and exercises everything that the kit does, against the real server: the indicator in its three sizes, simulated
/// back-office life, changes under faults, the streams, the numbers, and a timeline. What needs the controls of a
/// demonstration server says so where there are none; the rest works with any.
///
/// # Panics
/// There is no `RealtimeProvider` around it.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::connected::RealtimeDemo;
/// use yew::prelude::*;
///
/// #[component]
/// fn Page() -> Html {
///     html! { <main><h1>{ "Demo" }</h1><RealtimeDemo /></main> }
/// }
/// ```
#[component]
pub fn RealtimeDemo(props: &RealtimeDemoProps) -> Html {
    // With the market; the timeline holds the streams of all resources.
    use_tab_subscription(Tab::Overview);
    html! {
        <Workbench>
            <ConnectionControls on_sign_in={props.on_sign_in.clone()} />
            <Simulator />
            <div class="workbench-wide"><OptimisticChanges /></div>
            <ChangeLists />
            <div class="workbench-wide"><Subscriptions /></div>
            <Counters />
            <Latencies />
            <div class="workbench-wide"><TimelinePanel /></div>
        </Workbench>
    }
}
