//! The buttons to buy a beat and to download it.

use yew::prelude::*;

use crate::components::{Button, Icon};
use crate::text;

/// Properties of [`BeatActions`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct BeatActionsProps {
    /// The beat's title; part of the names.
    pub title: AttrValue,
    /// Whether a purchase is in progress.
    #[prop_or_default]
    pub buying: bool,
    /// Whether a download is being requested.
    #[prop_or_default]
    pub requesting: bool,
    /// The reason why neither is possible now, if any.
    #[prop_or_default]
    pub reason: Option<AttrValue>,
    /// The user buys.
    pub on_buy: Callback<()>,
    /// The user requests the file.
    pub on_download: Callback<()>,
}

/// Draws the two buttons. An action that is not possible now stays visible, with the reason.
#[component]
pub fn BeatActions(props: &BeatActionsProps) -> Html {
    let cannot_ask = props.requesting || props.reason.is_some();
    let on_download = {
        let body = props.on_download.clone();
        Callback::from(move |_: MouseEvent| {
            if !cannot_ask {
                body.emit(());
            }
        })
    };
    let name = text::download_name(&props.title);
    html! {
        <span class="beat-actions">
            <Button
                label={text::BUY}
                name={text::buy_name(&props.title)}
                disabled={props.buying || props.reason.is_some()}
                reason={props.reason.clone()}
                on_press={props.on_buy.clone()}
            />
            <button
                class="beat-actions-file"
                type="button"
                aria-label={name.clone()}
                title={props.reason.clone().unwrap_or_else(|| name.into())}
                aria-description={props.reason.clone()}
                aria-disabled={cannot_ask.then_some("true")}
                onclick={on_download}
            >
                { Icon::Download.draw(18) }
            </button>
        </span>
    }
}
