//! A list that grows at its head without layout shifts, and at its foot on demand.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use super::button::Button;
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
    /// Whether the head is out of sight. The browser then anchors the visible rows, unless something moves them.
    #[prop_or_default]
    pub still: bool,
    /// The foot.
    #[prop_or_default]
    pub foot: ListFoot,
    /// The label of the button at the foot.
    #[prop_or(AttrValue::Static(text::SHOW_MORE))]
    pub more: AttrValue,
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
    let (came, turn) = step(&slide, &props.ids, props.still);
    let loading = props.foot == ListFoot::Loading;
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
            if props.foot != ListFoot::End {
                <div class="panel-foot">
                    <Button
                        label={if loading { AttrValue::Static(text::LOADING) } else { props.more.clone() }}
                        disabled={loading}
                        on_press={props.on_more.clone()}
                    />
                </div>
            }
        </>
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
