//! The addresses of the application.

use std::collections::HashMap;

use crate::tabs::Tab;
use yew::prelude::*;
use yew_router::Routable;
use yew_router::history::Location;
use yew_router::navigator::Navigator;
use yew_router::query::ToQuery;

/// An address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Route {
    /// Leads on to the overview.
    Home,
    /// Signing in.
    SignIn,
    /// Numbers, catalog and recent activity.
    Overview,
    /// The beats a user marked.
    Favorites,
    /// The user's orders.
    Orders,
    /// The user's downloads.
    Downloads,
    /// What happened on the account.
    Activity,
    /// Numbers over time.
    Analytics,
    /// Everything that the kit does, to be tried.
    Demo,
    /// Any other address.
    NotFound,
}

/// The path of each address. Written out because the derived reader brings a pattern matcher for parameters that no
/// address here has.
const PATHS: [(Route, &str); 10] = [
    (Route::Home, "/"),
    (Route::SignIn, "/signin"),
    (Route::Overview, "/overview"),
    (Route::Favorites, "/favorites"),
    (Route::Orders, "/orders"),
    (Route::Downloads, "/downloads"),
    (Route::Activity, "/activity"),
    (Route::Analytics, "/analytics"),
    (Route::Demo, "/demo"),
    (Route::NotFound, "/not-found"),
];

impl Routable for Route {
    fn from_path(path: &str, _params: &HashMap<&str, &str>) -> Option<Self> {
        // Static hosts like to add a slash.
        let path = match path.strip_suffix('/') {
            Some(rest) if !rest.is_empty() && !rest.ends_with('/') => rest,
            _ => path,
        };
        let known = PATHS.iter().find(|(_, known)| *known == path);
        known.map(|(route, _)| *route)
    }

    fn to_path(&self) -> String {
        let known = PATHS.iter().find(|(route, _)| route == self);
        known.map_or("/", |(_, path)| path).to_owned()
    }

    fn routes() -> Vec<&'static str> {
        PATHS.iter().map(|(_, path)| *path).collect()
    }

    fn not_found_route() -> Option<Self> {
        Some(Self::NotFound)
    }

    fn recognize(pathname: &str) -> Option<Self> {
        Self::from_path(pathname, &HashMap::new()).or_else(Self::not_found_route)
    }
}

impl Route {
    /// The tab that is shown there, if it is one.
    #[must_use]
    pub const fn tab(self) -> Option<Tab> {
        match self {
            Self::Overview => Some(Tab::Overview),
            Self::Favorites => Some(Tab::Favorites),
            Self::Orders => Some(Tab::Orders),
            Self::Downloads => Some(Tab::Downloads),
            Self::Activity => Some(Tab::Activity),
            Self::Analytics => Some(Tab::Analytics),
            Self::Home | Self::SignIn | Self::Demo | Self::NotFound => None,
        }
    }

    /// Where a tab is shown.
    #[must_use]
    pub const fn of(tab: Tab) -> Self {
        match tab {
            Tab::Overview => Self::Overview,
            Tab::Favorites => Self::Favorites,
            Tab::Orders => Self::Orders,
            Tab::Downloads => Self::Downloads,
            Tab::Activity => Self::Activity,
            Tab::Analytics => Self::Analytics,
        }
    }

    /// Whether it is a page for those who are signed in.
    #[must_use]
    pub const fn is_guarded(self) -> bool {
        self.tab().is_some() || matches!(self, Self::Demo)
    }

    /// Where to go after signing in, as the address of the sign-in page tells it: only to a page of the dashboard, never
    /// anywhere else.
    #[must_use]
    pub fn after_sign_in(location: &Location) -> Self {
        Self::asked(location.query_str())
    }

    fn asked(query: &str) -> Self {
        let mut fields = query.trim_start_matches('?').split('&');
        fields
            .find_map(|field| field.strip_prefix("next="))
            // Nothing but its one slash can be escaped in the path of a page.
            .and_then(|path| path.strip_prefix("%2F").or_else(|| path.strip_prefix('/')))
            .and_then(|name| Self::recognize(&["/", name].concat()))
            .filter(|route| route.is_guarded())
            .unwrap_or(Self::Overview)
    }
}

/// Goes to the sign-in page, from where the way leads back to `asked`.
pub(super) fn to_sign_in(navigator: &Navigator, asked: Route) {
    if asked == Route::Overview || !asked.is_guarded() {
        return navigator.replace(&Route::SignIn);
    }
    // Addresses of pages are made of letters and slashes, so nothing has to be escaped.
    put(
        navigator,
        Route::SignIn,
        ["next=", &asked.to_path()].concat(),
    );
}

/// Puts an address with a query in the place of the one that is shown.
fn put(navigator: &Navigator, route: Route, query: String) {
    // Fails only for a query that cannot be written, and this one is written already.
    let _ = navigator.replace_with_query(&route, Query(query));
}

/// Goes to one row of the downloads.
pub(super) fn to_download(navigator: &Navigator, id: &str) {
    navigator.push(&Route::Downloads);
    // Ids are made of letters, digits and hyphens.
    put(navigator, Route::Downloads, [ROW, id].concat());
}

/// The row that the address of the downloads leads to.
pub(super) fn row_of(query: &str) -> Option<&str> {
    query.trim_start_matches('?').strip_prefix(ROW)
}

/// Names a row in a query.
const ROW: &str = "row=";

/// The query of an address: where to go after signing in, or which row is meant.
struct Query(String);

impl ToQuery for Query {
    type Error = std::convert::Infallible;

    fn to_query(&self) -> Result<std::borrow::Cow<'_, str>, Self::Error> {
        Ok(self.0.as_str().into())
    }
}

/// The address of a page, below the path that the application lives at.
pub(super) fn href(navigator: &Navigator, route: Route) -> AttrValue {
    [navigator.basename().unwrap_or_default(), &route.to_path()]
        .concat()
        .into()
}

/// Follows a link within the application. A click that asks for another tab or window is left to the browser.
pub(super) fn follow(navigator: Navigator, route: Route) -> Callback<MouseEvent> {
    Callback::from(move |event: MouseEvent| {
        let elsewhere =
            event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
        if !elsewhere && event.button() == 0 {
            event.prevent_default();
            navigator.push(&route);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tab_has_its_address() {
        for tab in Tab::ALL {
            let route = Route::of(tab);
            assert_eq!(route.tab(), Some(tab));
            assert_eq!(route.to_path(), format!("/{}", tab.as_str()));
        }
    }

    #[test]
    fn signing_in_leads_back_to_pages_for_the_signed_in_and_to_no_other() {
        let guarded = |path| Route::recognize(path).is_some_and(Route::is_guarded);
        assert!(guarded("/demo") && guarded("/orders"));
        assert!(!guarded("/signin") && !guarded("/elsewhere") && !guarded("/"));
    }

    #[test]
    fn the_address_of_the_downloads_may_name_a_row() {
        for (query, row) in [("?row=d1", Some("d1")), ("?from=row=d1", None), ("", None)] {
            assert_eq!(row_of(query), row, "{query}");
        }
    }

    #[test]
    fn every_path_is_read_back_and_any_other_is_not_found() {
        for (route, path) in PATHS {
            assert_eq!(route.to_path(), path);
            assert_eq!(Route::recognize(path), Some(route));
        }
        for path in ["", "/orders//", "/orders/1", "//orders", "/Orders", "//"] {
            assert_eq!(Route::recognize(path), Some(Route::NotFound), "{path}");
        }
    }

    #[test]
    fn a_slash_at_the_end_of_a_path_changes_nothing() {
        for (route, path) in PATHS.into_iter().filter(|(route, _)| *route != Route::Home) {
            assert_eq!(Route::recognize(&format!("{path}/")), Some(route));
        }
    }

    #[test]
    fn after_signing_in_the_way_leads_to_the_asked_page_and_never_out_of_the_dashboard() {
        for (query, route) in [
            ("?next=/orders", Route::Orders),
            ("?from=mail&next=%2Factivity", Route::Activity),
            ("?next=/demo", Route::Demo),
            ("?next=/signin", Route::Overview),
            ("?next=//elsewhere.test/orders", Route::Overview),
            ("?next=", Route::Overview),
            ("", Route::Overview),
        ] {
            assert_eq!(Route::asked(query), route, "{query}");
        }
    }
}
