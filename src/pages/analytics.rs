//! Numbers over time.

use std::rc::Rc;

use dashboard_model::views::StatsView;
use dashboard_model::{Money, TrendDay};
use yew::prelude::*;

use super::list_page::page_head;
use super::query_body::{query_body, use_recovery};
use super::statistics::Statistics;
use super::title::use_title;
use crate::components::{Chart, ChartKind, ChartPoint};
use crate::format;
use crate::hooks::use_value;
use crate::text;

/// Placeholder rows for the charts during their first fetch.
const SKELETON_ROWS: u8 = 8;

/// Shows the trend of the last days, as charts and as tables of the same numbers.
#[component]
pub(super) fn AnalyticsPage() -> Html {
    use_title(text::ANALYTICS);
    let query = use_value::<dashboard_model::Statistics>();
    let on_recover = use_recovery();
    html! {
        <>
            { page_head(text::ANALYTICS, Html::default()) }
            <Statistics />
            { query_body(&query, text::ANALYTICS, SKELETON_ROWS, &on_recover, charts) }
        </>
    }
}

fn charts(view: &StatsView) -> Html {
    let trend = &view.data.trend;
    let count =
        |id: &'static str, title: &'static str, unit: &'static str, of: fn(&TrendDay) -> u32| {
            let sum: u64 = trend.iter().map(|day| u64::from(of(day))).sum();
            let top = trend.iter().map(of).max().unwrap_or_default();
            let point = |day: &TrendDay| ChartPoint {
                label: format::day(&day.date),
                value: f64::from(of(day)),
                text: format::integer(of(day)),
            };
            html! {
                <Chart
                    {id}
                    {title}
                    {unit}
                    kind={ChartKind::Bars}
                    summary={text::in_days(&format::integer(sum), trend.len())}
                    top={format::integer(top)}
                    points={trend.iter().map(point).collect::<Rc<[_]>>()}
                />
            }
        };
    html! {
        <div class="page-grid chart-grid">
            { spent(trend) }
            { count("chart-orders", text::CHART_ORDERS, text::ORDERS, |day| day.orders) }
            { count("chart-downloads", text::CHART_DOWNLOADS, text::DOWNLOADS, |day| day.downloads) }
            { count("chart-favorites", text::CHART_FAVORITES, text::FAVORITES, |day| day.favorites) }
        </div>
    }
}

fn spent(trend: &[TrendDay]) -> Html {
    let currency = trend.last().map_or_else(
        || Money::default().currency,
        |day| day.spent.currency.clone(),
    );
    let money = |amount| {
        let currency = currency.clone();
        format::money(&Money { amount, currency })
    };
    let spent = || trend.iter().map(|day| day.spent.amount);
    let (sum, top) = (spent().sum(), spent().max().unwrap_or_default());
    let point = |day: &TrendDay| ChartPoint {
        label: format::day(&day.date),
        value: day.spent.amount as f64,
        text: format::money(&day.spent),
    };
    html! {
        <Chart
            id="chart-spent"
            title={text::CHART_SPENT}
            unit={text::SPENT}
            kind={ChartKind::Line}
            summary={text::in_days(&money(sum), trend.len())}
            top={money(top)}
            points={trend.iter().map(point).collect::<Rc<[_]>>()}
        />
    }
}
