//! The one button.

use stylist::yew::use_style;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::sheet::sheet;

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
    pub inert: bool,
    /// Why it is inert; shown as its tooltip and read after its name.
    #[prop_or_default]
    pub reason: Option<AttrValue>,
    /// For tests and for focus.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// The wish.
    #[prop_or_default]
    pub on_press: Callback<()>,
}

/// Draws a button. Two sizes come by the pointer: comfortable for a mouse, 44 px for a finger.
#[component]
pub fn Button(props: &ButtonProps) -> Html {
    let style = use_style(sheet!(
        r#"
        display: inline-flex;
        align-items: center;
        justify-content: center;
        gap: var(--s2);
        min-block-size: var(--control);
        padding: 0 var(--s3);
        border: 1px solid var(--line-strong);
        border-radius: var(--r-1);
        background: var(--surface);
        color: var(--ink);
        font-size: var(--t-sm);
        font-weight: 560;
        line-height: 1.2;
        white-space: nowrap;
        cursor: pointer;
        transition: background-color var(--fast) var(--ease), border-color var(--fast) var(--ease);

        .label { display: inline-grid; justify-items: center; }
        .label::after {
            content: attr(data-other);
            block-size: 0;
            overflow: hidden;
            visibility: hidden;
        }
        &:hover { background: var(--surface-2); }
        &:active { border-color: var(--ink); }
        &[data-kind="primary"] {
            border-color: var(--accent);
            background: var(--accent);
            color: var(--accent-ink);
        }
        &[data-kind="primary"]:hover { filter: brightness(1.08); }
        &[data-kind="quiet"] {
            border-color: transparent;
            background: transparent;
            color: var(--accent);
        }
        &[data-kind="quiet"]:hover { background: var(--surface-2); }
        &[aria-disabled="true"] {
            border-color: var(--line);
            background: var(--surface-2);
            color: var(--ink-2);
            cursor: default;
            filter: none;
        }
        "#
    ));
    let on_click = {
        let (inert, wish) = (props.inert, props.on_press.clone());
        Callback::from(move |event: MouseEvent| {
            if inert {
                event.prevent_default();
            } else {
                wish.emit(());
            }
        })
    };
    html! {
        <button
            class={style}
            id={props.id.clone()}
            type={if props.submit { "submit" } else { "button" }}
            data-kind={props.kind.as_str()}
            aria-label={props.name.clone()}
            aria-disabled={props.inert.then_some("true")}
            aria-description={props.reason.clone()}
            title={props.reason.clone()}
            onclick={on_click}
        >
            if let Some(icon) = props.icon {
                <Glyph {icon} size={16} />
            }
            <span class="label" data-other={props.other_label.clone()}>{ &props.label }</span>
        </button>
    }
}
