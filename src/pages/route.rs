//! The addresses of the application.

use dashboard_engine::interest::Tab;
use serde::Deserialize;
use yew::prelude::*;
use yew_router::Routable;
use yew_router::history::Location;
use yew_router::navigator::Navigator;
use yew_router::query::ToQuery;

/// An address.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Routable)]
pub enum Route {
    /// Leads on to the overview.
    #[at("/")]
    Home,
    /// Signing in.
    #[at("/signin")]
    SignIn,
    /// Numbers, catalog and recent activity.
    #[at("/overview")]
    Overview,
    /// The beats a person marked.
    #[at("/favorites")]
    Favorites,
    /// The person's orders.
    #[at("/orders")]
    Orders,
    /// The person's downloads.
    #[at("/downloads")]
    Downloads,
    /// What happened on the account.
    #[at("/activity")]
    Activity,
    /// Numbers over time.
    #[at("/analytics")]
    Analytics,
    /// Everything that the kit does, to be tried.
    #[at("/demo")]
    Demo,
    /// Any other address.
    #[not_found]
    #[at("/not-found")]
    NotFound,
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
        let asked = location.query::<Asked>().ok();
        asked
            .and_then(|query| Self::recognize(&query.next?))
            .filter(|route| route.is_guarded())
            .unwrap_or(Self::Overview)
    }
}

/// Goes to the sign-in page, from where the way leads back to `asked`.
pub(super) fn to_sign_in(navigator: &Navigator, asked: Route) {
    if asked == Route::Overview || !asked.is_guarded() {
        return navigator.replace(&Route::SignIn);
    }
    if navigator
        .replace_with_query(&Route::SignIn, Next(asked))
        .is_err()
    {
        navigator.replace(&Route::SignIn);
    }
}

/// The query of the sign-in page, as it is read: where to go after signing in.
#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
}

/// The query of the sign-in page, as it is written.
struct Next(Route);

impl ToQuery for Next {
    type Error = std::convert::Infallible;

    fn to_query(&self) -> Result<std::borrow::Cow<'_, str>, Self::Error> {
        // Addresses of pages are made of letters and slashes, so nothing has to be escaped.
        Ok(format!("next={}", self.0.to_path()).into())
    }
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
}
