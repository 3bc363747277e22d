//! The first page: statistics, catalog, newest activity.

use yew::prelude::*;

use super::activity::RecentActivity;
use super::catalog_panel::CatalogPanel;
use super::demo::DemoLink;
use super::statistics::Statistics;
use super::title::use_title;
use crate::components::DataAge;
use crate::text;

/// Shows the overview.
#[component]
pub(super) fn Overview() -> Html {
    use_title(text::OVERVIEW);
    html! {
        <>
            <div class="page-head"><h1>{ text::OVERVIEW }</h1><DataAge /><DemoLink /></div>
            <Statistics />
            <div class="page-grid" data-columns="2">
                <CatalogPanel />
                <RecentActivity />
            </div>
        </>
    }
}
