//! Words of lists that are empty.

/// An empty list: that it is, and what to do.
#[must_use]
pub const fn empty(what: EmptyPlace) -> (&'static str, &'static str) {
    match what {
        EmptyPlace::Favorites => (
            "No favorites yet",
            "Tap the heart on any beat to save it here, on all your devices.",
        ),
        EmptyPlace::Orders => (
            "No orders yet",
            "Your orders will appear here, with their status and order number.",
        ),
        EmptyPlace::Downloads => (
            "No downloads yet",
            "Files you download will appear here, ready to save.",
        ),
        EmptyPlace::Activity => (
            "No activity yet",
            "Your favorites, orders and downloads will appear here.",
        ),
        EmptyPlace::Catalog => (
            "The catalog is empty",
            "There's nothing for sale right now. Check back soon.",
        ),
        EmptyPlace::Search => (
            "No beats found",
            "Try fewer words, or another title, artist or genre.",
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
