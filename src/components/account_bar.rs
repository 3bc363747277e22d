//! Who is signed in, how the page looks, and the way out.

use yew::prelude::*;

use super::icon::{Glyph, Icon};
use crate::text;

/// Identity of the button that signs out, to give the focus back to it.
pub const SIGN_OUT_ID: &str = "sign-out";

/// Properties of [`AccountBar`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct AccountBarProps {
    /// What the user is called.
    pub name: AttrValue,
    /// The account's address.
    pub email: AttrValue,
    /// How the page looks, and what pressing does to it.
    pub theme_name: AttrValue,
    /// The user wants other looks.
    pub on_theme: Callback<()>,
    /// The user leaves.
    pub on_sign_out: Callback<()>,
}

/// Draws name, looks and way out; on a phone the name is left to the tooltip.
#[component]
pub fn AccountBar(props: &AccountBarProps) -> Html {
    html! {
        <div class="account-bar">
            <span class="account-bar-name" title={props.email.clone()}>{ &props.name }</span>
            <button
                class="account-bar-button account-bar-theme"
                type="button"
                aria-label={props.theme_name.clone()}
                title={props.theme_name.clone()}
                onclick={props.on_theme.reform(|_: MouseEvent| ())}
            >
                <Glyph icon={Icon::Sun} size={18} />
            </button>
            <button
                class="account-bar-button"
                id={SIGN_OUT_ID}
                type="button"
                aria-label={text::SIGN_OUT}
                title={text::SIGN_OUT}
                onclick={props.on_sign_out.reform(|_: MouseEvent| ())}
            >
                <Glyph icon={Icon::SignOut} size={18} />
                <span class="account-bar-word">{ text::SIGN_OUT }</span>
            </button>
        </div>
    }
}
