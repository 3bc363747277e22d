//! One thing that happened.

use stylist::yew::use_style;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::sheet::sheet;

/// Properties of [`ActivityRow`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ActivityRowProps {
    /// The row's id.
    pub id: AttrValue,
    /// A drawing for its kind.
    pub icon: Icon,
    /// What happened.
    pub sentence: AttrValue,
    /// When: a [`super::TimeAgo`].
    pub at: Html,
    /// Whether the row is not yet confirmed.
    #[prop_or_default]
    pub pending: bool,
}

/// Draws a row: drawing, sentence, moment.
#[component]
pub fn ActivityRow(props: &ActivityRowProps) -> Html {
    let style = use_style(sheet!(
        r#"
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: center;
        gap: 0 var(--s3);
        padding: var(--s2) var(--s4);

        .mark {
            display: grid;
            place-items: center;
            inline-size: 2rem;
            block-size: 2rem;
            border-radius: var(--r-full);
            background: var(--surface-2);
            color: var(--ink-2);
        }
        .sentence { line-height: 1.35; overflow-wrap: anywhere; }
        .at { color: var(--ink-2); font-size: var(--t-sm); line-height: 1.35; }
        "#
    ));
    html! {
        <li class={style} data-id={props.id.clone()} data-pending={props.pending.then_some("true")}>
            <span class="mark"><Glyph icon={props.icon} size={16} /></span>
            <div>
                <p class="sentence">{ &props.sentence }</p>
                <p class="at">{ props.at.clone() }</p>
            </div>
        </li>
    }
}
