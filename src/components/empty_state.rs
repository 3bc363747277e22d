//! What stands in the place of rows when there are none.

use stylist::yew::use_style;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::sheet::sheet;

/// Properties of [`EmptyState`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct EmptyStateProps {
    /// What would be here.
    pub icon: Icon,
    /// That it is empty.
    pub title: AttrValue,
    /// Why, and what to do.
    pub hint: AttrValue,
    /// The next step: a link or a button.
    #[prop_or_default]
    pub children: Html,
}

/// Draws an empty place with its reason and one next step.
#[component]
pub fn EmptyState(props: &EmptyStateProps) -> Html {
    let style = use_style(sheet!(
        r#"
        display: grid;
        justify-items: center;
        gap: var(--s2);
        padding: var(--s7) var(--s4);
        text-align: center;
        color: var(--ink-2);

        .mark {
            display: grid;
            place-items: center;
            inline-size: 3rem;
            block-size: 3rem;
            border-radius: var(--r-full);
            background: var(--surface-2);
        }
        .title { color: var(--ink); font-weight: 620; }
        .hint { max-inline-size: 44ch; text-wrap: balance; }
        .next { margin-block-start: var(--s2); }
        "#
    ));
    html! {
        <div class={style} data-empty="true">
            <span class="mark"><Glyph icon={props.icon} size={22} /></span>
            <p class="title">{ &props.title }</p>
            <p class="hint">{ &props.hint }</p>
            <div class="next">{ props.children.clone() }</div>
        </div>
    }
}
