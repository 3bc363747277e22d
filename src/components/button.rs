//! The one button.

use yew::prelude::*;

use super::icon::{Glyph, Icon};

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ButtonKind {
    /// The one thing to do here.
    Primary,
    /// A thing to do.
    #[default]
    Secondary,
    /// A thing that can be done, without a frame of its own.
    Quiet,
}

impl ButtonKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Quiet => "quiet",
        }
    }
}

/// Properties of [`Button`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ButtonProps {
    /// What it says.
    pub label: AttrValue,
    /// Another label that it takes at times: room for the longer one is kept, so that nothing moves.
    #[prop_or_default]
    pub other_label: Option<AttrValue>,
    /// What it is called, where the label alone does not tell what it acts on. Begins with the label.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// How much it asks for attention.
    #[prop_or_default]
    pub kind: ButtonKind,
    /// A drawing before the label.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// Whether it submits the form that it stands in.
    #[prop_or_default]
    pub submit: bool,
    /// Whether pressing does nothing for now. It stays focusable, so that nobody loses their place.
    #[prop_or_default]
    pub disabled: bool,
    /// Why it is inert; shown as its tooltip and read after its name.
    #[prop_or_default]
    pub reason: Option<AttrValue>,
    /// What a style calls it.
    #[prop_or("button")]
    pub class: &'static str,
    /// For tests and for focus.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// The mutation.
    #[prop_or_default]
    pub on_press: Callback<()>,
}

/// Draws a button. Two sizes come by the pointer: comfortable for a mouse, 44 px for a finger.
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
            class={props.class}
            id={props.id.clone()}
            type={if props.submit { "submit" } else { "button" }}
            data-kind={props.kind.as_str()}
            aria-label={props.name.clone()}
            aria-disabled={props.disabled.then_some("true")}
            aria-description={props.reason.clone()}
            title={props.reason.clone()}
            onclick={on_click}
        >
            if let Some(icon) = props.icon {
                <Glyph {icon} size={16} />
            }
            <span data-other={props.other_label.clone()}>{ &props.label }</span>
        </button>
    }
}
