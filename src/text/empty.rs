//! Texts of empty lists.

/// An empty list: a message, and what to do.
#[must_use]
pub const fn empty(what: EmptyList) -> (&'static str, &'static str) {
    match what {
        EmptyList::Favorites => (
            "No favorites yet",
            "Tap the heart on any beat to save it here, on all your devices.",
        ),
        EmptyList::Orders => (
            "No orders yet",
            "Your orders will appear here, with their status and order number.",
        ),
        EmptyList::Downloads => (
            "No downloads yet",
            "Files you download will appear here, ready to save.",
        ),
        EmptyList::Activity => (
            "No activity yet",
            "Your favorites, orders and downloads will appear here.",
        ),
        EmptyList::Catalog => (
            "The catalog is empty",
            "There's nothing for sale right now. Check back soon.",
        ),
        EmptyList::Search => (
            "No beats found",
            "Try fewer words, or another title, artist or genre.",
        ),
    }
}

/// A list that can be empty.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EmptyList {
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
