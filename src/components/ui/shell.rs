//! The frame around every page of the dashboard.

use yew::prelude::*;

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

/// Properties of [`Shell`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ShellProps {
    /// The navigation.
    pub nav: Vec<NavItem>,
    /// The state of the connection.
    #[prop_or_default]
    pub indicator: Html,
    /// The account bar.
    #[prop_or_default]
    pub account: Html,
    /// The user skips to the content. The link itself goes nowhere, as the page's `<base>` is not its own address.
    #[prop_or_default]
    pub on_skip: Callback<MouseEvent>,
    /// The page.
    pub children: Html,
}

/// Id of the main element, the target of the skip link.
pub const MAIN_ID: &str = "main";

/// Draws header, navigation and page. Its classes are those of the static page, so that the first paint, before the
/// application starts, has the same layout.
#[component]
pub fn Shell(props: &ShellProps) -> Html {
    html! {
        <>
            <a class="skip-link" href={format!("#{MAIN_ID}")} onclick={props.on_skip.clone()}>
                { text::SKIP_TO_CONTENT }
            </a>
            <div class="shell">
                <header class="shell-header">
                    { brand() }
                    { props.indicator.clone() }
                    <span class="shell-space" />
                    { props.account.clone() }
                </header>
                <nav class="shell-nav" aria-label={text::DASHBOARD}>
                    <ul role="list">{ for props.nav.iter().map(link) }</ul>
                </nav>
                <main class="shell-main" id={MAIN_ID} tabindex="-1">{ props.children.clone() }</main>
            </div>
        </>
    }
}

fn link(item: &NavItem) -> Html {
    html! {
        <li key={item.label}>
            <a
                class="nav-link"
                href={item.href.clone()}
                aria-current={item.current.then_some("page")}
                onclick={item.on_follow.clone()}
            >
                { item.icon.draw(18) }
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
