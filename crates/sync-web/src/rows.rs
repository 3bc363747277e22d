//! Rows of a list that slide from where they were to where they are now.

use js_sys::{Array, Function, Object};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, NodeList};

use crate::object::{object, property};

/// How long a slide takes, in milliseconds: `--slow` of the dashboard's styles.
const SLIDE_MS: u32 = 220;
/// The same for users who want no motion. Not none: the first frame is what keeps the layout from jumping.
const NO_SLIDE_MS: u32 = 1;
const EASING: &str = "cubic-bezier(0.2, 0, 0, 1)";
/// What marks a row.
const ROW: &str = "[data-id]";
/// Most rows that slide together: more than any screen shows.
const SLIDING_ROWS_MAX: u32 = 60;

/// Distance of a row's upper edge from that of the window, in CSS pixels, with what a slide adds right now. `list` is the
/// id of an element around the rows, `index` counts them. `None` if there is no such row.
#[must_use]
pub fn top(list: &str, index: usize) -> Option<f64> {
    let row = row(&rows(list)?, u32::try_from(index).ok()?)?;
    Some(row.get_bounding_client_rect().top())
}

/// How far one row is below another in the layout, in CSS pixels, whatever a slide adds right now; see [`top`].
#[must_use]
pub fn distance(list: &str, from: usize, to: usize) -> Option<f64> {
    let rows = rows(list)?;
    let top = |index: usize| {
        let row: HtmlElement = row(&rows, u32::try_from(index).ok()?)?.dyn_into().ok()?;
        Some(f64::from(row.offset_top()))
    };
    Some(top(to)? - top(from)?)
}

/// Slides the rows from `index` on that are in sight: they begin `by_px` CSS pixels below their place, or above it if that
/// is negative. From a slide that is still under way they go on, so that nothing jumps. `is_still` is for users who want no
/// motion.
pub fn slide(list: &str, index: usize, by_px: f64, is_still: bool) {
    let (Some(rows), Ok(first)) = (rows(list), u32::try_from(index)) else {
        return;
    };
    let options = options(is_still);
    if first == 0 {
        // All rows: what is around them moves as one.
        let whole = row(&rows, 0).and_then(|row| row.parent_element());
        return whole.map_or((), |whole| animate(&whole, by_px, offset(&whole), &options));
    }
    let height = web_sys::window()
        .and_then(|window| window.inner_height().ok()?.as_f64())
        .unwrap_or_default();
    let is_in_sight =
        |row: &Element| row.get_bounding_client_rect().top() + by_px.min(0.0) <= height;
    // All are measured before one is moved, so that the browser has to bring its layout up to date once.
    let in_sight: Vec<(Element, i32)> = (first..first.saturating_add(SLIDING_ROWS_MAX))
        .map_while(|index| row(&rows, index).filter(is_in_sight))
        .map(|row| (row.clone(), offset(&row)))
        .collect();
    for (row, offset_px) in in_sight {
        animate(&row, by_px, offset_px, &options);
    }
}

fn options(is_still: bool) -> Object {
    let duration = if is_still { NO_SLIDE_MS } else { SLIDE_MS };
    object(&[
        ("duration", JsValue::from(duration)),
        ("easing", EASING.into()),
    ])
}

/// `Element.animate`, which `web-sys` counts as unstable. A browser without it shows the rows in their place at once.
///
/// It replaces a slide under way, rather than adding to it (`composite`): browsers draw frames of an animation that adds in
/// the page's own thread, 13 of them with 25 ms of its time for one slide. Whole pixels are enough, and code that reads and
/// writes fractions is 12 kB of the program.
fn animate(element: &Element, by_px: f64, offset_px: i32, options: &Object) {
    let from_px = offset_px.saturating_add(by_px.round() as i32);
    let frames = Array::of2(
        &object(&[("transform", format!("translateY({from_px}px)"))]),
        &object(&[("transform", "none")]),
    );
    if let Ok(animate) = property(element, "animate").dyn_into::<Function>() {
        // Fails only for frames that are none.
        let _ = animate.call2(element, &frames, options);
    }
}

/// How far a slide has moved an element right now, in CSS pixels.
fn offset(element: &Element) -> i32 {
    let style = web_sys::window().and_then(|window| window.get_computed_style(element).ok()?);
    let transform = style.and_then(|style| style.get_property_value("transform").ok());
    vertical(&transform.unwrap_or_default())
}

/// The vertical part of a computed transform, `none` or `matrix(a, b, c, d, x, y)`, in whole pixels.
fn vertical(transform: &str) -> i32 {
    let last = transform
        .strip_suffix(')')
        .and_then(|of| of.rsplit(',').next());
    let whole = last.and_then(|y| y.trim().split('.').next());
    whole.and_then(|y| y.parse().ok()).unwrap_or_default()
}

fn rows(list: &str) -> Option<NodeList> {
    let list = web_sys::window()?.document()?.get_element_by_id(list)?;
    list.query_selector_all(ROW).ok()
}

fn row(rows: &NodeList, index: u32) -> Option<Element> {
    rows.item(index)?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::vertical;

    #[test]
    fn the_vertical_part_of_a_computed_transform_is_read() {
        for (transform, y) in [
            ("matrix(1, 0, 0, 1, 0, -12.5)", -12),
            ("matrix(1, 0, 0, 1, 0, 7)", 7),
            ("matrix(1, 0, 0, 1, 0, 1.2e-05)", 1),
            ("none", 0),
            ("", 0),
        ] {
            assert_eq!(vertical(transform), y, "{transform}");
        }
    }
}
