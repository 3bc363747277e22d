//! Texts of empty lists.

/// An empty list: a message, and what to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EmptyWords {
    /// The message.
    pub title: &'static str,
    /// What to do.
    pub hint: &'static str,
}

/// Of the favorites.
pub const NO_FAVORITES: EmptyWords = EmptyWords {
    title: "No favorites yet",
    hint: "Tap the heart on any beat to save it here, on all your devices.",
};
/// Of the orders.
pub const NO_ORDERS: EmptyWords = EmptyWords {
    title: "No orders yet",
    hint: "Your orders will appear here, with their status and order number.",
};
/// Of the downloads.
pub const NO_DOWNLOADS: EmptyWords = EmptyWords {
    title: "No downloads yet",
    hint: "Files you download will appear here, ready to save.",
};
/// Of the activity.
pub const NO_ACTIVITY: EmptyWords = EmptyWords {
    title: "No activity yet",
    hint: "Your favorites, orders and downloads will appear here.",
};
/// Of the catalog, without a search.
pub const NO_CATALOG: EmptyWords = EmptyWords {
    title: "The catalog is empty",
    hint: "There's nothing for sale right now. Check back soon.",
};
/// Of the catalog, under a search text.
pub const NOT_FOUND_IN_CATALOG: EmptyWords = EmptyWords {
    title: "No beats found",
    hint: "Try fewer words, or another title, artist or genre.",
};
