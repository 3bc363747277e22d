//! The buttons of the panel and the banner.

use yew::prelude::*;

use super::icon::Icon;
use super::text::{ConnectionText, Label};

/// A button of the panel or the banner.
#[derive(Debug)]
pub(super) struct ActionButton {
    label: &'static str,
    other_label: Option<&'static str>,
    is_primary: bool,
    is_disabled: bool,
    icon: Option<Icon>,
    on_press: Callback<()>,
}

impl ActionButton {
    pub(super) const fn new(label: &'static str, on_press: Callback<()>) -> Self {
        Self {
            label,
            other_label: None,
            is_primary: false,
            is_disabled: false,
            icon: None,
            on_press,
        }
    }

    /// "Retry now", or while it works the word for that. Space for the longer label is reserved, so that the layout does
    /// not shift.
    pub(super) fn retry(text: ConnectionText, loading: bool, on_press: Callback<()>) -> Self {
        let retry = text.label(Label::RetryNow);
        let label = if loading {
            text.label(Label::Attempting)
        } else {
            retry
        };
        Self {
            other_label: Some(retry),
            is_primary: true,
            is_disabled: loading,
            ..Self::new(label, on_press)
        }
    }

    pub(super) fn primary(self) -> Self {
        Self {
            is_primary: true,
            ..self
        }
    }

    pub(super) fn icon(self, icon: Icon) -> Self {
        Self {
            icon: Some(icon),
            ..self
        }
    }

    /// A disabled button stays focusable, so that no user loses the focus.
    pub(super) fn draw(self) -> Html {
        let (is_disabled, on_press) = (self.is_disabled, self.on_press);
        let on_click = Callback::from(move |event: MouseEvent| {
            if is_disabled {
                event.prevent_default();
            } else {
                on_press.emit(());
            }
        });
        html! {
            <button
                class="connection-action"
                type="button"
                data-kind={if self.is_primary { "primary" } else { "secondary" }}
                aria-disabled={is_disabled.then_some("true")}
                onclick={on_click}
            >
                { self.icon.map_or_else(Html::default, |icon| icon.draw(16)) }
                <span data-other={self.other_label}>{ self.label }</span>
            </button>
        }
    }
}
