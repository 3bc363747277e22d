//! The placeholder for data that could not be fetched.

use sync_engine::view::ErrorKind;
use yew::prelude::*;

use super::button::Button;
use super::icon::Icon;
use crate::text;

/// Properties of [`ErrorPanel`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ErrorPanelProps {
    /// The kind of error; it determines the text and the recovery action.
    pub kind: ErrorKind,
    /// Whether the recovery action is in progress.
    #[prop_or_default]
    pub loading: bool,
    /// The user takes the recovery action.
    pub on_recover: Callback<ErrorKind>,
}

/// Draws an error: its title, its explanation, and one button to recover.
#[component]
pub fn ErrorPanel(props: &ErrorPanelProps) -> Html {
    let words = text::error_words(props.kind);
    let on_press = {
        let (kind, body) = (props.kind, props.on_recover.clone());
        Callback::from(move |()| body.emit(kind))
    };
    html! {
        <div class="error-panel" data-error={text::error_kind(props.kind)}>
            <span class="error-panel-mark">{ Icon::Notice.draw(28) }</span>
            <p class="error-panel-title">{ words.title }</p>
            <p class="error-panel-hint">{ words.hint }</p>
            <Button
                label={if props.loading { text::ATTEMPTING } else { words.action }}
                other_label={words.action}
                disabled={props.loading}
                {on_press}
            />
        </div>
    }
}
