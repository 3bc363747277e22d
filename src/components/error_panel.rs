//! What stands in the place of data that could not be read.

use dashboard_engine::view::ErrorKind;
use stylist::yew::use_style;
use yew::prelude::*;

use super::button::Button;
use super::icon::{Glyph, Icon};
use super::sheet::sheet;
use crate::text;

/// Properties of [`ErrorPanel`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ErrorPanelProps {
    /// The kind of error; decides words and way on.
    pub kind: ErrorKind,
    /// Whether the way on is being tried.
    #[prop_or_default]
    pub trying: bool,
    /// The person takes the way on.
    pub on_recover: Callback<ErrorKind>,
}

/// Draws an error: what it is, what it means, and one button that leads out of it.
#[component]
pub fn ErrorPanel(props: &ErrorPanelProps) -> Html {
    let style = use_style(sheet!(
        r#"
        display: grid;
        justify-items: center;
        gap: var(--s2);
        padding: var(--s7) var(--s4);
        text-align: center;

        .mark { color: var(--bad); }
        .title { font-weight: 620; }
        .hint { max-inline-size: 46ch; color: var(--ink-2); text-wrap: balance; }
        "#
    ));
    let words = text::error_words(props.kind);
    let on_press = {
        let (kind, wish) = (props.kind, props.on_recover.clone());
        Callback::from(move |()| wish.emit(kind))
    };
    html! {
        <div class={style} data-error={text::error_kind(props.kind)}>
            <span class="mark"><Glyph icon={Icon::Notice} size={28} /></span>
            <p class="title">{ words.title }</p>
            <p class="hint">{ words.hint }</p>
            <Button
                label={if props.trying { text::TRYING } else { words.action }}
                other_label={words.action}
                inert={props.trying}
                {on_press}
            />
        </div>
    }
}
