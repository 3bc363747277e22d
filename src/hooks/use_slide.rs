//! Rows that slide to their new places when others come or go.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use crate::theme;
use sync_web::above::AboveObserver;
use sync_web::rows;

/// Slides the rows of a list from their old places to their new ones when rows above them come or go: visible as a
/// movement, but not a layout shift. While the list begins above the visible part of the page nothing is moved, since the
/// browser then keeps what one reads in its place.
///
/// `panel` is the id of an element around the list, which must exist once the component is rendered and must not be
/// clipped; `ids` are the `data-id` of the rows, in their order.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use realtime_dashboard::hooks::use_slide;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct NewsProps {
///     lines: Rc<[AttrValue]>,
/// }
///
/// #[component]
/// fn News(props: &NewsProps) -> Html {
///     use_slide("news", &props.lines);
///     html! {
///         <ul id="news">
///             for line in props.lines.iter() {
///                 <li key={line.to_string()} data-id={line}>{ line }</li>
///             }
///         </ul>
///     }
/// }
/// ```
#[hook]
pub fn use_slide(panel: &'static str, ids: &Rc<[AttrValue]>) {
    let is_above = use_begins_above(panel);
    let shown = use_mut_ref(Rc::<[AttrValue]>::default);
    let former = shown.replace(Rc::clone(ids));
    // The page still shows the former rows.
    let moved = (former != *ids && !is_above.get())
        .then(|| moved(&former, ids))
        .flatten()
        .and_then(|(from, to)| Some((rows::top(panel, from)?, to)));
    use_effect_with(Rc::clone(ids), move |_| {
        if let Some((before_px, row)) = moved
            && let Some(after_px) = rows::top(panel, row)
        {
            let by_px = before_px - after_px;
            if by_px != 0.0 {
                rows::slide(panel, row, by_px, theme::is_still());
            }
        }
    });
}

/// A flag for the element with this id. It is at most one frame late, causes no render when it changes, and forces no
/// layout.
#[hook]
fn use_begins_above(id: &'static str) -> Rc<Cell<bool>> {
    let is_above = use_memo((), |()| Cell::new(false));
    use_effect_with(id, {
        let is_above = Rc::clone(&is_above);
        move |id: &&'static str| {
            let observer = AboveObserver::new(id, is_above);
            move || drop(observer)
        }
    });
    is_above
}

/// The index of the first row that has another row above it than before: in the former list, and in the new one. `None` if
/// no row moves, or if the rows from there on are not those of before, as after another search.
fn moved(former: &[AttrValue], ids: &[AttrValue]) -> Option<(usize, usize)> {
    let same = former.iter().zip(ids).take_while(|(a, b)| a == b).count();
    let (from, to) = (same..ids.len()).find_map(|to| {
        let from = former.iter().position(|id| *id == ids[to])?;
        Some((from, to))
    })?;
    let is_tail = former[from..].iter().zip(&ids[to..]).all(|(a, b)| a == b);
    is_tail.then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_move_below_the_place_where_others_came_or_went() {
        let list =
            |ids: &str| -> Vec<AttrValue> { ids.chars().map(|id| id.to_string().into()).collect() };
        for (former, new, expected) in [
            ("", "ab", None),
            ("ab", "ab", None),
            ("bc", "abc", Some((0, 1))),
            ("cd", "abc", Some((0, 2))),
            ("abcd", "acd", Some((2, 1))),
            ("abcd", "axcd", Some((2, 2))),
            ("ab", "abcd", None),
            ("abc", "ab", None),
            ("abc", "xyz", None),
            ("abcd", "badc", None),
        ] {
            assert_eq!(moved(&list(former), &list(new)), expected, "{former} {new}");
        }
    }
}
