//! The frame around every page of the dashboard, and its parts.

use sync_protocol::User;
use yew::prelude::*;

use super::button::{Button, ButtonKind};
use super::icon::Icon;
use crate::text;

/// One link of the navigation.
#[derive(Clone, Debug, PartialEq)]
pub struct NavItem {
    /// The label.
    pub label: &'static str,
    /// Its address.
    pub href: AttrValue,
    /// Its icon.
    pub icon: Icon,
    /// Whether it is the current page.
    pub current: bool,
    /// The user follows it. The event is the click, for users who open it in another tab.
    pub on_follow: Callback<MouseEvent>,
}

/// Id of the sign-out button, to return the focus to it.
pub const SIGN_OUT_ID: &str = "sign-out";

/// Id of the button that stays signed in, which gets the focus.
pub const STAY_ID: &str = "stay-signed-in";

/// Id of the main element, the target of the skip link.
pub const MAIN_ID: &str = "main";

/// Draws header, navigation and page. Its classes are those of the static page, so that the first paint, before the
/// application starts, has the same layout.
///
/// The skip link itself goes nowhere, as the page's `<base>` is not its own address: `on_skip` moves the focus.
pub fn shell(
    nav: &[NavItem],
    on_skip: Callback<MouseEvent>,
    indicator: Html,
    account: Html,
    page: Html,
) -> Html {
    html! {
        <>
            <a class="skip-link" href={format!("#{MAIN_ID}")} onclick={on_skip}>
                { text::SKIP_TO_CONTENT }
            </a>
            <div class="shell">
                <header class="shell-header">
                    { brand() }
                    { indicator }
                    <span class="shell-space" />
                    { account }
                </header>
                <nav class="shell-nav" aria-label={text::DASHBOARD}>
                    <ul role="list">{ for nav.iter().map(link) }</ul>
                </nav>
                <main class="shell-main" id={MAIN_ID} tabindex="-1">{ page }</main>
            </div>
        </>
    }
}

fn link(item: &NavItem) -> Html {
    html! {
        <li key={item.label}>
            <a
                class={["nav-link ", item.icon.class()].concat()}
                href={item.href.clone()}
                aria-current={item.current.then_some("page")}
                onclick={item.on_follow.clone()}
            >
                { item.label }
            </a>
        </li>
    }
}

/// Draws the product's logo and name.
pub fn brand() -> Html {
    html! {
        <span class="brand">
            <svg viewBox="0 0 24 24" width="24" height="24" fill="none" aria-hidden="true">
                <path
                    d="M3 12.5h3.5L9.5 5l4.5 14 3-9.5 1.5 3H21"
                    stroke="currentColor"
                    stroke-width="2.4"
                    stroke-linecap="round"
                    stroke-linejoin="round"
                />
            </svg>
            <span class="brand-name">{ text::PRODUCT }</span>
        </span>
    }
}

/// Draws name, theme button and sign-out button; on a phone only the tooltip shows the name. `sign_out` is the word of the
/// last button.
pub fn account_bar(
    user: &User,
    theme_name: &'static str,
    on_theme: &Callback<()>,
    sign_out: &'static str,
    on_sign_out: &Callback<()>,
) -> Html {
    html! {
        <div class="account-bar">
            <span class="account-bar-name" title={user.email.clone()}>{ &user.name }</span>
            <button
                class="account-bar-button account-bar-theme icon icon-sun"
                type="button"
                aria-label={theme_name}
                title={theme_name}
                onclick={on_theme.reform(|_: MouseEvent| ())}
            />
            <button
                class="account-bar-button icon icon-sign-out"
                id={SIGN_OUT_ID}
                type="button"
                aria-label={sign_out}
                title={sign_out}
                onclick={on_sign_out.reform(|_: MouseEvent| ())}
            >
                <span class="account-bar-word">{ sign_out }</span>
            </button>
        </div>
    }
}

/// Draws the question before signing out with unsaved changes, below the sign-out button. The safe answer comes first;
/// Escape selects it too. `unsaved` is zero if they were saved while the question was open.
pub fn leave_question(unsaved: usize, on_stay: Callback<()>, on_leave: Callback<()>) -> Html {
    let on_key = {
        let stay = on_stay.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                stay.emit(());
            }
        })
    };
    html! {
        <div
            class="leave-question"
            role="alertdialog"
            aria-label={text::SIGN_OUT}
            aria-describedby="leave-question"
            onkeydown={on_key}
        >
            <p id="leave-question">{ text::unsaved(unsaved) }</p>
            <div class="leave-question-answers">
                <Button
                    kind={ButtonKind::Primary}
                    id={STAY_ID}
                    label={text::STAY}
                    on_press={on_stay}
                />
                <Button label={text::SIGN_OUT_ANYWAY} on_press={on_leave} />
            </div>
        </div>
    }
}

/// Draws a section of a page: its heading, which is its name, with `tools` beside it, and its contents. The section's id is
/// that of the heading with `-panel` at its end.
pub fn panel(id: &'static str, title: &'static str, tools: Html, body: Html) -> Html {
    let head = html! { <div class="panel-head"><h2 {id}>{ title }</h2>{ tools }</div> };
    section(id, head, body)
}

/// Draws a panel whose heading is visually hidden: for pages whose own heading is the same.
pub fn compact_panel(id: &'static str, title: &'static str, body: Html) -> Html {
    section(
        id,
        html! { <h2 class="visually-hidden" {id}>{ title }</h2> },
        body,
    )
}

fn section(id: &'static str, head: Html, body: Html) -> Html {
    html! {
        <section class="panel" id={format!("{id}-panel")} aria-labelledby={id}>
            { head }
            { body }
        </section>
    }
}

/// Draws the page's one polite and one assertive region: the first is announced when the user pauses, the second at once,
/// only for lost changes. They are in the page from its first paint, because screen readers do not announce a region that
/// appears together with its text.
pub fn live_regions(polite: &AttrValue, urgent: &AttrValue) -> Html {
    html! {
        <>
            <p class="visually-hidden" role="status">{ polite }</p>
            <p class="visually-hidden" role="alert">{ urgent }</p>
        </>
    }
}
