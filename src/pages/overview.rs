//! The first page: statistics, catalog, newest activity.

use yew::prelude::*;

use super::activity::RecentActivity;
use super::catalog_panel::CatalogPanel;
use super::list_page::page_head;
use super::page_link::PageLink;
use super::route::Route;
use super::statistics::Statistics;
use super::title::use_title;
use crate::text::{self, demo};

/// Shows the overview.
#[component]
pub(super) fn Overview() -> Html {
    use_title(text::OVERVIEW);
    html! {
        <>
            { page_head(text::OVERVIEW, html! { <PageLink to={Route::Demo}>{ demo::TITLE }</PageLink> }) }
            <Statistics />
            <div class="page-grid" data-columns="2">
                <CatalogPanel />
                <RecentActivity />
            </div>
        </>
    }
}
