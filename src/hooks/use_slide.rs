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
    let is_still = list.borrow().is_away || list.borrow().moved.is_some();
    if former == *ids || is_above.get() || is_still {
        return;
    }
    let Some(change) = Change::between(&former, ids) else {
        return;
    };
    let before_px = if change.from == change.kept {
        // Other rows are in its place now and show where it was. To measure it here may cost a layout.
        None
    } else {
        // The page still shows the former rows.
        let Some(before_px) = rows::top(panel, change.from) else {
            return;
        };
        Some(before_px)
    };
    list.borrow_mut().moved = Some(Moved {
        row: ids[change.to].clone(),
        place: change.kept,
        before_px,
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
    /// It is not shown: what comes in the meantime, and is rendered when it is shown again, does not slide.
    is_away: bool,
    moved: Option<Moved>,
}

/// The first row that moves, and where it was.
struct Moved {
    row: AttrValue,
    /// The index that it had, with the same rows above it, unless others went too.
    place: usize,
    /// Where it was, if others went too.
    before_px: Option<f64>,
}

impl Moved {
    fn slide(&self, panel: &str, ids: &[AttrValue]) {
        let Some(row) = ids.iter().position(|id| *id == self.row) else {
            return;
        };
        let by_px = match self.before_px {
            None => rows::distance(panel, row, self.place),
            Some(before_px) => rows::top(panel, row).map(|after_px| before_px - after_px),
        };
        if let Some(by_px) = by_px.filter(|by_px| *by_px != 0.0) {
            // Rows that came at the head slide in with the others.
            let first = if self.place == 0 { 0 } else { row };
            rows::slide(panel, first, by_px, theme::is_still());
        }
    }
}

/// A flag for the element with this id. It is at most one frame late, causes no render when it changes, and forces no
/// layout. Notes in the list, too, whether it is shown.
#[hook]
fn use_begins_above(id: &'static str, list: &Rc<RefCell<List>>) -> Rc<Cell<bool>> {
    let is_above = use_memo((), |()| Cell::new(false));
    use_shown_effect_with(id, {
        let (is_above, list) = (Rc::clone(&is_above), Rc::clone(list));
        move |id| {
            let observer = AboveObserver::new(id, Rc::clone(&is_above));
            list.borrow_mut().is_away = false;
            let list = Rc::clone(&list);
            move || {
                drop(observer);
                list.borrow_mut().is_away = true;
            }
        }
    });
    is_above
}

/// What a change of a list moves.
#[derive(Debug, PartialEq)]
struct Change {
    /// How many rows at the head stayed as they were.
    kept: usize,
    /// The index of the first row that has another row above it than before, in the former list.
    from: usize,
    /// Its index in the new list.
    to: usize,
}

impl Change {
    /// `None` if no row moves, or if the rows from there on are not those of before, as after another search.
    fn between(former: &[AttrValue], ids: &[AttrValue]) -> Option<Self> {
        let kept = former.iter().zip(ids).take_while(|(a, b)| a == b).count();
        let (from, to) = (kept..ids.len()).find_map(|to| {
            let from = former.iter().position(|id| *id == ids[to])?;
            Some((from, to))
        })?;
        let is_tail = former[from..].iter().zip(&ids[to..]).all(|(a, b)| a == b);
        is_tail.then_some(Self { kept, from, to })
    }
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
            ("bc", "abc", Some((0, 0, 1))),
            ("cd", "abc", Some((0, 0, 2))),
            ("abcd", "acd", Some((1, 2, 1))),
            ("abcd", "axcd", Some((1, 2, 2))),
            ("acd", "abecd", Some((1, 1, 3))),
            ("ab", "abcd", None),
            ("abc", "ab", None),
            ("abc", "xyz", None),
            ("abcd", "badc", None),
        ] {
            let expected = expected.map(|(kept, from, to)| Change { kept, from, to });
            assert_eq!(
                Change::between(&list(former), &list(new)),
                expected,
                "{former} {new}"
            );
        }
    }
}
