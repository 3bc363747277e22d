//! The routes of the application.

use std::cell::Cell;
use std::collections::HashMap;

use super::Tab;
use sync_web::page;
use yew::prelude::*;
use yew_router::Routable;
use yew_router::history::Location;
use yew_router::navigator::Navigator;
use yew_router::query::ToQuery;

/// A route.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Route {
    /// Redirects to the overview.
    Home,
    /// Signing in.
    SignIn,
    /// A tab of the dashboard.
    Tab(Tab),
    /// All features of the kit, to try by hand.
    Demo,
    /// Any other address.
    NotFound,
}

/// The path of each route that is not a tab. It is written by hand because the derived parser contains a pattern matcher
/// for parameters, which no path here has.
const PATHS: [(Route, &str); 4] = [
    (Route::Home, "/"),
    (Route::SignIn, "/signin"),
    (Route::Demo, "/demo"),
    (Route::NotFound, "/not-found"),
];

/// Every route with its path.
fn paths() -> impl Iterator<Item = (Route, &'static str)> {
    let tabs = Tab::ALL.map(|tab| (Route::Tab(tab), tab.path()));
    PATHS.into_iter().chain(tabs)
}

impl Routable for Route {
    fn from_path(path: &str, _params: &HashMap<&str, &str>) -> Option<Self> {
        // Static hosts may append a slash.
        let path = match path.strip_suffix('/') {
            Some(rest) if !rest.is_empty() && !rest.ends_with('/') => rest,
            _ => path,
        };
        paths()
            .find(|(_, known)| *known == path)
            .map(|(route, _)| route)
    }

    fn to_path(&self) -> String {
        let known = paths().find(|(route, _)| route == self);
        known.map_or("/", |(_, path)| path).to_owned()
    }

    fn routes() -> Vec<&'static str> {
        paths().map(|(_, path)| path).collect()
    }

    fn not_found_route() -> Option<Self> {
        Some(Self::NotFound)
    }

    fn recognize(pathname: &str) -> Option<Self> {
        Self::from_path(pathname, &HashMap::new()).or_else(Self::not_found_route)
    }
}

impl Route {
    /// The first page.
    pub const OVERVIEW: Self = Self::Tab(Tab::Overview);

    /// Whether the route requires a sign-in.
    #[must_use]
    pub const fn is_guarded(self) -> bool {
        matches!(self, Self::Tab(_) | Self::Demo)
    }

    /// The target after signing in, from the address of the sign-in page: only a page of the dashboard, never anything
    /// else.
    #[must_use]
    pub fn after_sign_in(location: &Location) -> Self {
        Self::next(location.query_str())
    }

    fn next(query: &str) -> Self {
        let mut fields = query.trim_start_matches('?').split('&');
        fields
            .find_map(|field| field.strip_prefix("next="))
            // Only the single slash of a page's path can be escaped.
            .and_then(|path| path.strip_prefix("%2F").or_else(|| path.strip_prefix('/')))
            .and_then(|name| Self::recognize(&["/", name].concat()))
            .filter(|route| route.is_guarded())
            .unwrap_or(Self::OVERVIEW)
    }
}

/// The route of the page's address.
pub(super) fn current(navigator: &Navigator) -> Route {
    let path = page::path();
    let base = navigator
        .basename()
        .unwrap_or_default()
        .trim_end_matches('/');
    let path = path.strip_prefix(base).unwrap_or(&path);
    Route::recognize(path).unwrap_or(Route::OVERVIEW)
}

/// Navigates to the sign-in page, which then leads back to `target`.
pub(super) fn to_sign_in(navigator: &Navigator, target: Route) {
    if target == Route::OVERVIEW || !target.is_guarded() {
        return navigator.replace(&Route::SignIn);
    }
    // Paths of pages contain only letters and slashes, so nothing has to be escaped.
    put(
        navigator,
        Route::SignIn,
        ["next=", &target.to_path()].concat(),
    );
}

/// Replaces the current address with one that has a query.
fn put(navigator: &Navigator, route: Route, query: String) {
    // Fails only for a query that cannot be serialized, and this one is text already.
    let _ = navigator.replace_with_query(&route, Query(query));
}

/// Navigates to one row of the downloads.
pub(super) fn to_download(navigator: &Navigator, id: &str) {
    let downloads = Route::Tab(Tab::Downloads);
    push(navigator, downloads);
    // Ids contain only letters, digits and hyphens.
    put(navigator, downloads, [ROW, id].concat());
}

/// The row that the address of the downloads names.
pub(super) fn row_of(query: &str) -> Option<&str> {
    query.trim_start_matches('?').strip_prefix(ROW)
}

/// Names a row in a query.
const ROW: &str = "row=";

/// The query of an address: the target after signing in, or the row.
struct Query(String);

impl ToQuery for Query {
    type Error = std::convert::Infallible;

    fn to_query(&self) -> Result<std::borrow::Cow<'_, str>, Self::Error> {
        Ok(self.0.as_str().into())
    }
}

/// The address of a page, including the application's base path.
pub(super) fn href(navigator: &Navigator, route: Route) -> AttrValue {
    [navigator.basename().unwrap_or_default(), &route.to_path()]
        .concat()
        .into()
}

thread_local! {
    /// The page that the user follows a link to. They come to any other one by the browser's history.
    static FOLLOWED: Cell<Option<Route>> = const { Cell::new(None) };
}

fn push(navigator: &Navigator, route: Route) {
    FOLLOWED.set(Some(route));
    navigator.push(&route);
}

/// Whether the user has followed a link to this page, rather than gone back to it.
pub(super) fn was_followed(route: Route) -> bool {
    FOLLOWED.take() == Some(route)
}

/// Follows a link within the application. The browser handles a click that opens another tab or window.
pub(super) fn follow(navigator: Navigator, route: Route) -> Callback<MouseEvent> {
    Callback::from(move |event: MouseEvent| {
        let elsewhere =
            event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
        if !elsewhere && event.button() == 0 {
            event.prevent_default();
            push(&navigator, route);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tab_has_its_address() {
        for tab in Tab::ALL {
            let path = format!("/{}", tab.as_str());
            assert_eq!(Route::recognize(&path), Some(Route::Tab(tab)));
            assert_eq!(Route::Tab(tab).to_path(), path);
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
        for (route, path) in paths() {
            assert_eq!(route.to_path(), path);
            assert_eq!(Route::recognize(path), Some(route));
        }
        for path in ["", "/orders//", "/orders/1", "//orders", "/Orders", "//"] {
            assert_eq!(Route::recognize(path), Some(Route::NotFound), "{path}");
        }
    }

    #[test]
    fn a_slash_at_the_end_of_a_path_changes_nothing() {
        for (route, path) in paths().filter(|(route, _)| *route != Route::Home) {
            assert_eq!(Route::recognize(&format!("{path}/")), Some(route));
        }
    }

    #[test]
    fn sign_in_leads_to_the_requested_page_and_never_out_of_the_dashboard() {
        for (query, route) in [
            ("?next=/orders", Route::Tab(Tab::Orders)),
            ("?from=mail&next=%2Factivity", Route::Tab(Tab::Activity)),
            ("?next=/demo", Route::Demo),
            ("?next=/signin", Route::Tab(Tab::Overview)),
            ("?next=//elsewhere.test/orders", Route::Tab(Tab::Overview)),
            ("?next=", Route::Tab(Tab::Overview)),
            ("", Route::Tab(Tab::Overview)),
        ] {
            assert_eq!(Route::next(query), route, "{query}");
        }
    }
}
