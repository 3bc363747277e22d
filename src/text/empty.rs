//! Words of lists that are empty.

/// An empty list: that it is, and what to do.
#[must_use]
pub const fn empty(what: EmptyPlace) -> (&'static str, &'static str) {
    match what {
        EmptyPlace::Favorites => (
            "No favorites yet",
            "Press the heart of a beat and it is kept here, on all your devices.",
        ),
        EmptyPlace::Orders => (
            "No orders yet",
            "What you buy is listed here, with its state and its receipt number.",
        ),
        EmptyPlace::Downloads => (
            "No downloads yet",
            "Files you ask for are prepared and kept here for you to save.",
        ),
        EmptyPlace::Activity => (
            "Nothing has happened yet",
            "Favorites, orders and downloads are told here as they happen.",
        ),
        EmptyPlace::Catalog => (
            "The catalog is empty",
            "The store has nothing on sale right now. Come back soon.",
        ),
        EmptyPlace::Search => (
            "No beats found",
            "Try another title, artist or genre, or fewer words.",
        ),
    }
}

/// A place that can be empty.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EmptyPlace {
    /// The favorites.
    Favorites,
    /// The orders.
    Orders,
    /// The downloads.
    Downloads,
    /// The activity.
    Activity,
    /// The catalog, without a search.
    Catalog,
    /// The catalog under a search text.
    Search,
}
