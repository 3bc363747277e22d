//! Texts of the resources: their names, their empty lists, and their mutations.

use dashboard_model::MutationBody;

/// Tab, page, list and statistic.
pub const FAVORITES: &str = "Favorites";
/// Tab, page, list and statistic.
pub const ORDERS: &str = "Orders";
/// Tab, page, list and statistic.
pub const DOWNLOADS: &str = "Downloads";
/// Tab, page and list.
pub const ACTIVITY: &str = "Activity";

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

/// What a mutation asks for; its subject follows.
pub(super) fn request(mutation: Option<&MutationBody>) -> &'static str {
    match mutation {
        Some(MutationBody::SetFavorite(mark)) if mark.favorite => "Add favorite ",
        Some(MutationBody::SetFavorite(_)) => "Remove favorite ",
        Some(MutationBody::PlaceOrder(_)) => "Buy ",
        Some(MutationBody::CancelOrder(_)) => "Cancel order ",
        Some(MutationBody::RequestDownload(_)) => "Download ",
        Some(MutationBody::CancelDownload(_)) => "Cancel download ",
        None => "Change ",
    }
}

/// What could not be done, as the texts before and after the subject of the mutation. The second says how things are now.
pub(super) fn failure(mutation: Option<&MutationBody>) -> (&'static str, &'static str) {
    match mutation {
        Some(MutationBody::SetFavorite(mark)) if mark.favorite => ("Couldn't add ", ". "),
        Some(MutationBody::SetFavorite(_)) => {
            ("Couldn't remove ", ". It's back in your favorites. ")
        }
        Some(MutationBody::PlaceOrder(_)) => ("Couldn't buy ", ". "),
        Some(MutationBody::CancelOrder(_)) => ("Couldn't cancel order ", ". "),
        Some(MutationBody::RequestDownload(_)) => ("Couldn't download ", ". "),
        Some(MutationBody::CancelDownload(_)) => ("Couldn't cancel the download of ", ". "),
        None => ("Couldn't change ", ". "),
    }
}
