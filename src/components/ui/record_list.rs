//! A list that grows at its head without layout shifts, and at its foot on demand.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use super::button::Button;
use crate::hooks::use_begins_above;
use crate::text;

/// The foot of a list.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ListFoot {
    /// The list is complete.
    #[default]
    End,
    /// There are more rows.
    More,
    /// More rows are being fetched.
    Loading,
}

/// Properties of [`RecordList`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct RecordListProps {
    /// The accessible name.
    pub label: AttrValue,
    /// Keys of the rows, in their order: new rows at the head are detected by them.
    pub ids: Rc<[AttrValue]>,
    /// Id of the element around the list. While its beginning is out of sight, no row is moved: the browser anchors the
    /// visible rows, unless something moves them.
    pub panel: &'static str,
    /// The foot.
    #[prop_or_default]
    pub foot: ListFoot,
    /// The label of the button at the foot.
    #[prop_or(text::SHOW_MORE)]
    pub more: &'static str,
    /// The user requests more rows.
    #[prop_or_default]
    pub on_more: Callback<()>,
    /// The rows: `li` elements with keys.
    pub children: Html,
}

/// Draws a list. A new row at the head slides the others down by transform, from their old position: visible as a
/// movement, but not a layout shift. If the head is out of sight, nothing on screen moves.
#[component]
pub fn RecordList(props: &RecordListProps) -> Html {
    let slide = use_mut_ref(Slide::default);
    let is_above = use_begins_above(props.panel);
    let (came, turn) = step(&slide, &props.ids, is_above.get());
    html! {
        <>
            <ul
                class="record-list"
                role="list"
                aria-label={props.label.clone()}
                data-turn={turn}
                data-came={came.to_string()}
            >
                { props.children.clone() }
            </ul>
            { list_foot(props.foot, props.more, &props.on_more) }
        </>
    }
}

/// Draws the button that requests more rows, unless the list is complete. `more` is its label.
pub fn list_foot(foot: ListFoot, more: &'static str, on_more: &Callback<()>) -> Html {
    let loading = foot == ListFoot::Loading;
    html! {
        if foot != ListFoot::End {
            <div class="panel-foot">
                <Button
                    label={if loading { text::LOADING } else { more }}
                    disabled={loading}
                    on_press={on_more.clone()}
                />
            </div>
        }
    }
}

/// The result of the last render, to detect new rows in the next one.
#[derive(Debug, Default)]
struct Slide {
    ids: Option<Rc<[AttrValue]>>,
    came: usize,
    turns: usize,
}

/// Most rows that slide in together, as many as the style supports; with more rows, none slides.
const SLIDING_ROWS_MAX: usize = 3;

/// How many rows were added at the head, and which of two equal animations plays: a different name restarts it.
fn step(
    slide: &RefCell<Slide>,
    ids: &Rc<[AttrValue]>,
    still: bool,
) -> (usize, Option<&'static str>) {
    let mut slide = slide.borrow_mut();
    let came = match slide.ids.as_ref().and_then(|old| old.first()) {
        Some(first) if !still && slide.ids.as_ref() != Some(ids) => {
            ids.iter().position(|id| id == first).unwrap_or(0)
        }
        _ => 0,
    };
    slide.ids = Some(ids.clone());
    if (1..=SLIDING_ROWS_MAX).contains(&came) {
        slide.came = came;
        slide.turns += 1;
    }
    let turn = match slide.turns {
        0 => None,
        turns if turns % 2 == 1 => Some("a"),
        _ => Some("b"),
    };
    (slide.came, turn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(of: &[&'static str]) -> Rc<[AttrValue]> {
        of.iter().map(|id| AttrValue::Static(id)).collect()
    }

    #[test]
    fn only_rows_that_come_at_a_head_in_sight_start_a_slide() {
        let slide = RefCell::new(Slide::default());
        for (rows, still, expected) in [
            (&["b", "c"][..], false, (0, None)),
            (&["b", "c"][..], false, (0, None)),
            (&["a", "b", "c"][..], false, (1, Some("a"))),
            (&["a", "b", "c"][..], false, (1, Some("a"))),
            (&["a", "b", "c", "d"][..], false, (1, Some("a"))),
            (&["y", "z", "a", "b"][..], false, (2, Some("b"))),
            (&["z", "a", "b"][..], false, (2, Some("b"))),
            (&["y", "z", "a", "b"][..], true, (2, Some("b"))),
            (&["x", "y", "z", "a", "b"][..], false, (1, Some("a"))),
        ] {
            assert_eq!(step(&slide, &ids(rows), still), expected, "{rows:?}");
        }
    }
}
