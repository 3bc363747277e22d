//! The only button component.

use yew::prelude::*;

/// The visual weight of a button.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ButtonKind {
    /// The primary action of a page.
    Primary,
    /// An ordinary action.
    #[default]
    Secondary,
}

/// Properties of [`Button`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ButtonProps {
    /// The label.
    pub label: AttrValue,
    /// Another label that the button may get: space for the longer one is reserved, so that the layout does not shift.
    #[prop_or_default]
    pub other_label: Option<AttrValue>,
    /// The accessible name, where the label alone is ambiguous. Begins with the label.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// Its visual weight.
    #[prop_or_default]
    pub kind: ButtonKind,
    /// Whether it submits its form.
    #[prop_or_default]
    pub submit: bool,
    /// Whether pressing does nothing for now. The button stays focusable, so that no user loses the focus.
    #[prop_or_default]
    pub disabled: bool,
    /// The reason why it is disabled; its tooltip and its accessible description.
    #[prop_or_default]
    pub reason: Option<AttrValue>,
    /// For tests and for focus.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// The action.
    #[prop_or_default]
    pub on_press: Callback<()>,
}

/// Draws a button. The pointer selects one of two sizes: comfortable for a mouse, 44 px for a finger.
#[component]
pub fn Button(props: &ButtonProps) -> Html {
    let on_click = {
        let (disabled, on_press) = (props.disabled, props.on_press.clone());
        Callback::from(move |event: MouseEvent| {
            if disabled {
                event.prevent_default();
            } else {
                on_press.emit(());
            }
        })
    };
    html! {
        <button
            class="button"
            id={props.id.clone()}
            type={if props.submit { "submit" } else { "button" }}
            data-kind={(props.kind == ButtonKind::Primary).then_some("primary")}
            aria-label={props.name.clone()}
            aria-disabled={props.disabled.then_some("true")}
            aria-description={props.reason.clone()}
            title={props.reason.clone()}
            onclick={on_click}
        >
            if let Some(other) = &props.other_label {
                <span data-other={other}>{ &props.label }</span>
            } else {
                { &props.label }
            }
        </button>
    }
}
