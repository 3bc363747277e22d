//! A list that grows at its head without layout shifts, and at its foot on demand.

use std::rc::Rc;

use yew::prelude::*;

use super::button::Button;
use crate::hooks::use_slide;
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
    /// The `data-id` of the rows, in their order.
    pub ids: Rc<[AttrValue]>,
    /// Id of the element around the list, see [`use_slide`].
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

/// Draws a list whose rows slide to their new places when others come or go.
#[component]
pub fn RecordList(props: &RecordListProps) -> Html {
    use_slide(props.panel, &props.ids);
    html! {
        <>
            <ul class="record-list" role="list" aria-label={props.label.clone()}>
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
