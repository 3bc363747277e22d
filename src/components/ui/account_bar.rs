//! The signed-in user, the theme, and the sign-out button.

use yew::prelude::*;

use super::icon::Icon;
use crate::text;

/// Id of the sign-out button, to return the focus to it.
pub const SIGN_OUT_ID: &str = "sign-out";

/// Properties of [`AccountBar`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct AccountBarProps {
    /// The user's display name.
    pub name: AttrValue,
    /// The account's email address.
    pub email: AttrValue,
    /// The theme, and what its button does.
    pub theme_name: AttrValue,
    /// The user changes the theme.
    pub on_theme: Callback<()>,
    /// The user signs out.
    pub on_sign_out: Callback<()>,
}

/// Draws name, theme button and sign-out button; on a phone only the tooltip shows the name.
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
                { Icon::Sun.draw(18) }
            </button>
            <button
                class="account-bar-button"
                id={SIGN_OUT_ID}
                type="button"
                aria-label={text::SIGN_OUT}
                title={text::SIGN_OUT}
                onclick={props.on_sign_out.reform(|_: MouseEvent| ())}
            >
                { Icon::SignOut.draw(18) }
                <span class="account-bar-word">{ text::SIGN_OUT }</span>
            </button>
        </div>
    }
}
