//! A series of daily numbers, as a chart and as a table.

use std::fmt::Write;
use std::rc::Rc;

use yew::prelude::*;

use crate::text;

/// The kind of chart.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ChartKind {
    /// A line with the area below it: for continuous amounts.
    #[default]
    Line,
    /// Bars: for counts.
    Bars,
}

/// One day.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartPoint {
    /// The day, as the user's locale writes it.
    pub label: AttrValue,
    /// The number.
    pub value: f64,
    /// The number, as the user's locale writes it.
    pub text: AttrValue,
}

/// Properties of [`Chart`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ChartProps {
    /// Id in the page.
    pub id: AttrValue,
    /// The title.
    pub title: AttrValue,
    /// The sum or another summary of the series.
    pub summary: AttrValue,
    /// Head of the table's second column.
    pub unit: AttrValue,
    /// Line or bars.
    #[prop_or_default]
    pub kind: ChartKind,
    /// The days, oldest first.
    pub points: Rc<[ChartPoint]>,
    /// The maximum of the scale, as the user's locale writes it.
    pub top: AttrValue,
}

/// The size of the drawing in its own units. It is fine enough for integers, since code that formats fractions is
/// large.
const WIDTH: i32 = 6000;
const HEIGHT: i32 = 1600;

/// Draws the numbers of some days. The drawing is hidden from assistive technology; a collapsed table below it has the
/// same numbers.
#[component]
pub fn Chart(props: &ChartProps) -> Html {
    let points = &props.points;
    html! {
        <figure class="chart" aria-labelledby={props.id.clone()}>
            <figcaption class="chart-head">
                <h2 id={props.id.clone()}>{ &props.title }</h2>
                <span class="chart-summary tabular">{ &props.summary }</span>
            </figcaption>
            <div class="chart-plot" aria-hidden="true">
                { drawing(props.kind, points) }
                <span class="chart-top tabular">{ &props.top }</span>
            </div>
            <div class="chart-ends" aria-hidden="true">
                <span>{ points.first().map(|point| point.label.clone()).unwrap_or_default() }</span>
                <span>{ points.last().map(|point| point.label.clone()).unwrap_or_default() }</span>
            </div>
            <details class="chart-details">
                <summary>{ text::show_table(&props.title) }</summary>
                <div class="chart-scroll" tabindex="0" role="region" aria-label={text::table_of(&props.title)}>
                    <table class="chart-table tabular">
                        <thead>
                            <tr>
                                <th scope="col">{ text::COLUMN_DAY }</th>
                                <th scope="col">{ &props.unit }</th>
                            </tr>
                        </thead>
                        <tbody>
                            { for points.iter().rev().map(|point| html! {
                                <tr key={point.label.to_string()}>
                                    <th scope="row">{ &point.label }</th>
                                    <td>{ &point.text }</td>
                                </tr>
                            }) }
                        </tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}

fn drawing(kind: ChartKind, points: &[ChartPoint]) -> Html {
    let grid = |y: i32| html! { <path class="chart-rule" d={format!("M0 {y}H{WIDTH}")} /> };
    html! {
        <svg viewBox={format!("0 0 {WIDTH} {HEIGHT}")} preserveAspectRatio="none" fill="none">
            { grid(0) }
            { grid(HEIGHT / 2) }
            { grid(HEIGHT) }
            if kind == ChartKind::Line {
                <path class="chart-area" d={format!("{}L{WIDTH} {HEIGHT}L0 {HEIGHT}Z", line(points))} />
                <path class="chart-line" d={line(points)} />
            } else {
                <path class="chart-bars" d={bars(points)} />
            }
        </svg>
    }
}

/// The maximum; never zero, so that it is a valid divisor.
pub(crate) fn top_of(points: &[ChartPoint]) -> f64 {
    let top = points.iter().map(|point| point.value).fold(0.0, f64::max);
    if top > 0.0 { top } else { 1.0 }
}

/// The y coordinate of a value.
fn height_of(value: f64, top: f64) -> i32 {
    (value / top * f64::from(HEIGHT)).round() as i32
}

fn line(points: &[ChartPoint]) -> String {
    let top = top_of(points);
    let steps = (points.len().max(2) - 1) as i32;
    let mut path = String::new();
    for (index, point) in points.iter().enumerate() {
        let verb = if index == 0 { 'M' } else { 'L' };
        let x = index as i32 * WIDTH / steps;
        let y = HEIGHT - height_of(point.value, top);
        // Writing to a `String` cannot fail.
        let _ = write!(path, "{verb}{x} {y}");
    }
    if path.is_empty() {
        format!("M0 {HEIGHT}")
    } else {
        path
    }
}

fn bars(points: &[ChartPoint]) -> String {
    let top = top_of(points);
    let slots = points.len().max(1) as i32;
    let width = WIDTH * 68 / (100 * slots);
    let mut path = String::new();
    for (index, point) in points
        .iter()
        .enumerate()
        .filter(|(_, point)| point.value > 0.0)
    {
        let height = height_of(point.value, top);
        let x = index as i32 * WIDTH / slots + (WIDTH / slots - width) / 2;
        let y = HEIGHT - height;
        // Writing to a `String` cannot fail.
        let _ = write!(path, "M{x} {y}h{width}v{height}h-{width}z");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[f64]) -> Vec<ChartPoint> {
        let point = |value: &f64| ChartPoint {
            label: AttrValue::default(),
            value: *value,
            text: AttrValue::default(),
        };
        values.iter().map(point).collect()
    }

    #[test]
    fn the_greatest_value_reaches_the_top_and_nothing_leaves_the_field() {
        assert_eq!(line(&points(&[0.0, 5.0, 10.0])), "M0 1600L3000 800L6000 0");
        assert_eq!(bars(&points(&[0.0, 10.0])), "M3480 0h2040v1600h-2040z");
    }

    #[test]
    fn days_without_numbers_draw_without_a_division_by_zero() {
        assert_eq!(line(&points(&[])), "M0 1600");
        assert_eq!(line(&points(&[0.0])), "M0 1600");
        assert_eq!(bars(&points(&[0.0, 0.0])), "");
    }
}
