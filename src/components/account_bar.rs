//! Who is signed in, how the page looks, and the way out.

use stylist::yew::use_style;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::sheet::sheet;
use crate::text;

/// Identity of the button that signs out, to give the focus back to it.
pub const SIGN_OUT_ID: &str = "sign-out";

/// Properties of [`AccountBar`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct AccountBarProps {
    /// What the person is called.
    pub name: AttrValue,
    /// The account's address.
    pub email: AttrValue,
    /// How the page looks, and what pressing does to it.
    pub theme_name: AttrValue,
    /// The person wants other looks.
    pub on_theme: Callback<()>,
    /// The person leaves.
    pub on_sign_out: Callback<()>,
}

/// Draws name, looks and way out; on a phone the name is left to the tooltip.
#[component]
pub fn AccountBar(props: &AccountBarProps) -> Html {
    let style = use_style(sheet!(
        r#"
        display: flex;
        align-items: center;
        gap: var(--s2);

        .name { color: var(--ink-2); font-size: var(--t-sm); }
        button {
            display: inline-flex;
            align-items: center;
            justify-content: center;
            gap: var(--s2);
            min-block-size: var(--control);
            min-inline-size: var(--control);
            padding-inline: var(--s3);
            border: 1px solid var(--line-strong);
            border-radius: var(--r-1);
            background: transparent;
            font-size: var(--t-sm);
            font-weight: 560;
            cursor: pointer;
        }
        button.bare { padding: 0; border-color: transparent; }
        button:hover { background: var(--surface-2); }
        @media (max-width: 39.99rem) {
            .name { display: none; }
            gap: 0;
            button { inline-size: 2.75rem; min-block-size: 2.75rem; padding: 0; border-color: transparent; }
            .word { display: none; }
        }
        "#
    ));
    html! {
        <div class={style}>
            <span class="name" title={props.email.clone()}>{ &props.name }</span>
            <button
                class="bare"
                type="button"
                aria-label={props.theme_name.clone()}
                title={props.theme_name.clone()}
                onclick={props.on_theme.reform(|_: MouseEvent| ())}
            >
                <Glyph icon={Icon::Sun} size={18} />
            </button>
            <button
                id={SIGN_OUT_ID}
                type="button"
                aria-label={text::SIGN_OUT}
                title={text::SIGN_OUT}
                onclick={props.on_sign_out.reform(|_: MouseEvent| ())}
            >
                <Glyph icon={Icon::SignOut} size={18} />
                <span class="word">{ text::SIGN_OUT }</span>
            </button>
        </div>
    }
}
