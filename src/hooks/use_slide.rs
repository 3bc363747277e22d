//! Rows that slide to their new places when others come or go.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use yew::platform::spawn_local;
use yew::prelude::*;

use crate::theme;
use sync_web::above::AboveObserver;
use sync_web::rows;
use sync_yew::use_shown_effect_with;

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
    let list = use_mut_ref(List::default);
    let is_above = use_begins_above(panel, &list);
    let former = std::mem::replace(&mut list.borrow_mut().ids, Rc::clone(ids));
    // A second change before the first one is drawn slides with it.
    if former == *ids || is_above.get() || list.borrow().moved.is_some() {
        return;
    }
    // The page still shows the former rows.
    let Some((from, to)) = moved(&former, ids) else {
        return;
    };
    let Some(before_px) = rows::top(panel, from) else {
        return;
    };
    list.borrow_mut().moved = Some(Moved {
        row: ids[to].clone(),
        before_px,
        is_head: from == 0,
    });
    // Not an effect: before that the browser may draw, and the rows would jump back.
    spawn_local(async move {
        let (ids, moved) = {
            let mut list = list.borrow_mut();
            (Rc::clone(&list.ids), list.moved.take())
        };
        if let Some(moved) = moved {
            moved.slide(panel, &ids);
        }
    });
}

/// A list between a render and its slide.
#[derive(Default)]
struct List {
    ids: Rc<[AttrValue]>,
    moved: Option<Moved>,
}

/// The first row that moves, and where it was.
struct Moved {
    row: AttrValue,
    before_px: f64,
    /// It was the first row of the list, so those that came above it slide in with it.
    is_head: bool,
}

impl Moved {
    fn slide(&self, panel: &str, ids: &[AttrValue]) {
        let row = ids.iter().position(|id| *id == self.row);
        let Some((row, after_px)) = row.and_then(|row| Some((row, rows::top(panel, row)?))) else {
            return;
        };
        let by_px = self.before_px - after_px;
        if by_px != 0.0 {
            let first = if self.is_head { 0 } else { row };
            rows::slide(panel, first, by_px, theme::is_still());
        }
    }
}

/// A flag for the element with this id. It is at most one frame late, causes no render when it changes, and forces no
/// layout. A list that is no longer shown forgets its rows: what comes in the meantime does not slide.
#[hook]
fn use_begins_above(id: &'static str, list: &Rc<RefCell<List>>) -> Rc<Cell<bool>> {
    let is_above = use_memo((), |()| Cell::new(false));
    use_shown_effect_with(id, {
        let (is_above, list) = (Rc::clone(&is_above), Rc::clone(list));
        move |id| {
            let observer = AboveObserver::new(id, Rc::clone(&is_above));
            let list = Rc::clone(&list);
            move || {
                drop(observer);
                list.take();
            }
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
