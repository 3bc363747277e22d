//! The tabs and their addresses.

use crate::pages::Tab;
use yew::prelude::*;
use yew_router::hooks::{use_location, use_navigator};

/// A tab with its address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TabLink {
    /// The tab.
    pub tab: Tab,
    /// Its address, with the base of the router.
    pub href: AttrValue,
    /// Whether it is the current tab.
    pub is_current: bool,
}

/// The handle of [`use_dashboard_tabs`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UseDashboardTabsHandle {
    current: Option<Tab>,
    tabs: Vec<TabLink>,
}

impl UseDashboardTabsHandle {
    /// The current tab, if the address is that of a tab.
    #[must_use]
    pub const fn current(&self) -> Option<Tab> {
        self.current
    }

    /// All tabs, in their order.
    #[must_use]
    pub fn tabs(&self) -> &[TabLink] {
        &self.tabs
    }
}

/// The tabs with their addresses, and the current one. Renders when the address changes.
///
/// # Panics
/// There is no router of `yew_router` above the component.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::hooks::use_dashboard_tabs;
/// use yew::prelude::*;
///
/// #[component]
/// fn TabList() -> Html {
///     let tabs = use_dashboard_tabs();
///     html! {
///         <nav aria-label="Dashboard">
///             for link in tabs.tabs().to_vec() {
///                 <a href={link.href} aria-current={link.is_current.then_some("page")}>
///                     { link.tab.as_str() }
///                 </a>
///             }
///         </nav>
///     }
/// }
/// ```
#[hook]
pub fn use_dashboard_tabs() -> UseDashboardTabsHandle {
    let location =
        use_location().expect("use_dashboard_tabs: wrap this component in `<BrowserRouter>`");
    let navigator =
        use_navigator().expect("use_dashboard_tabs: wrap this component in `<BrowserRouter>`");
    let base = navigator.basename().unwrap_or_default();
    let current = tab_of(location.path(), base);
    let tabs = Tab::ALL
        .into_iter()
        .map(|tab| TabLink {
            tab,
            href: format!("{}/{}", base.trim_end_matches('/'), tab.as_str()).into(),
            is_current: current == Some(tab),
        })
        .collect();
    UseDashboardTabsHandle { current, tabs }
}

/// The tab at a path below the router's base.
fn tab_of(path: &str, base: &str) -> Option<Tab> {
    let path = path.strip_prefix(base.trim_end_matches('/'))?;
    let name = path.strip_prefix('/')?;
    let name = name.strip_suffix('/').unwrap_or(name);
    Tab::ALL.into_iter().find(|tab| tab.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_matches_only_its_whole_address() {
        let cases = [
            ("/orders", "", Some(Tab::Orders)),
            ("/orders/", "", Some(Tab::Orders)),
            ("/shop/orders", "/shop", Some(Tab::Orders)),
            ("/orders", "/shop", None),
            ("/orders/7", "", None),
            ("/", "", None),
        ];
        for (path, base, tab) in cases {
            assert_eq!(tab_of(path, base), tab, "{path}");
        }
    }
}
