//! The connection indicator, in three variants.

use sync_engine::status::ConnectionStatus;
use sync_engine::status::Mode;
use sync_engine::status::ShownState;
use yew::prelude::*;

use super::icon::Icon;
use super::style::use_connection_style;
use super::text::{ConnectionText, Label};

/// The amount of detail of an indicator.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum IndicatorVariant {
    /// Icon and label; pressing it opens the full panel.
    #[default]
    Compact,
    /// All details, and the actions.
    Full,
    /// An icon with a name.
    Minimal,
}

impl IndicatorVariant {
    /// The value of `data-variant`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Full => "full",
            Self::Minimal => "minimal",
        }
    }
}

/// Properties of [`StatusIndicator`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct StatusIndicatorProps {
    /// The variant.
    #[prop_or_default]
    pub variant: IndicatorVariant,
    /// The actual state of the connection.
    pub status: ConnectionStatus,
    /// The state that the user sees.
    pub shown: ShownState,
    /// How updates arrive.
    pub mode: Mode,
    /// Whether the connection has just recovered after a banner.
    #[prop_or_default]
    pub back: bool,
    /// The state in words, as long as the variant allows.
    pub words: AttrValue,
    /// Whether the panel of a compact indicator is open.
    #[prop_or_default]
    pub open: bool,
    /// The user opens or closes the panel of a compact indicator.
    #[prop_or_default]
    pub on_toggle: Callback<()>,
    /// The user leaves the panel of a compact indicator: by Escape, or by pressing elsewhere.
    #[prop_or_default]
    pub on_leave: Callback<()>,
    /// Id of the button of a compact indicator; the panel's id is derived from it.
    #[prop_or(AttrValue::Static("connection-status"))]
    pub id: AttrValue,
    /// The words.
    #[prop_or_default]
    pub text: ConnectionText,
    /// The full panel: the body of a full indicator, and the panel that a compact one opens.
    #[prop_or_default]
    pub children: Html,
}

/// Draws the state of the connection as icon, label and colour, so that no user depends on only one of them.
#[component]
pub fn StatusIndicator(props: &StatusIndicatorProps) -> Html {
    let style = use_connection_style();
    let on_key = {
        let (open, leave) = (props.open, props.on_leave.clone());
        Callback::from(move |event: KeyboardEvent| {
            if open && event.key() == "Escape" {
                event.stop_propagation();
                leave.emit(());
            }
        })
    };
    html! {
        <div
            class={classes!("connection-indicator", style)}
            data-variant={props.variant.as_str()}
            data-status={props.status.as_str()}
            data-state={props.shown.as_str()}
            data-mode={props.mode.as_str()}
            onkeydown={on_key}
        >
            { body(props) }
        </div>
    }
}

fn body(props: &StatusIndicatorProps) -> Html {
    let icon = state_icon(props.shown, props.back);
    match props.variant {
        IndicatorVariant::Minimal => html! {
            <span role="img" aria-label={props.words.clone()} title={props.words.clone()}>
                { icon.draw(18) }
            </span>
        },
        IndicatorVariant::Full => html! {
            <>
                <p class="connection-summary">{ icon.draw(18) }<span>{ &props.words }</span></p>
                { props.children.clone() }
            </>
        },
        IndicatorVariant::Compact => {
            let panel_id = format!("{}-panel", props.id);
            html! {
                <>
                    <button
                        class="connection-pill"
                        type="button"
                        id={props.id.clone()}
                        aria-expanded={if props.open { "true" } else { "false" }}
                        aria-controls={props.open.then_some(panel_id.clone())}
                        onclick={props.on_toggle.reform(|_: MouseEvent| ())}
                    >
                        { icon.draw(16) }
                        <span class="connection-prefix">{ props.text.label(Label::Prefix) }</span>
                        <span>{ &props.words }</span>
                    </button>
                    if props.open {
                        <div class="connection-popover" id={panel_id} role="group" aria-label={props.text.label(Label::Details)}>
                            { props.children.clone() }
                        </div>
                    }
                </>
            }
        }
    }
}

/// The icon of a state: no two states share one.
const fn state_icon(shown: ShownState, back: bool) -> Icon {
    match shown {
        ShownState::Starting => Icon::Ring,
        ShownState::Live if back => Icon::TickedDisc,
        ShownState::Live => Icon::Disc,
        ShownState::Reconnecting => Icon::HalfDisc,
        ShownState::Paused => Icon::Bars,
        ShownState::Delayed => Icon::Clock,
        ShownState::Offline => Icon::SlashedDisc,
        ShownState::Unreachable => Icon::Triangle,
        ShownState::SignedOut => Icon::Key,
    }
}
