//! The icons beside text. They are decorative: the caller provides an accessible name.

/// One icon of the set, of those that code chooses; one that is always the same stands in its element's class.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Icon {
    /// Tiles: the overview.
    Overview,
    /// A heart: favorites.
    Heart,
    /// A bag: orders.
    Bag,
    /// An arrow onto a line: downloads.
    Download,
    /// A pulse: activity.
    Pulse,
    /// Columns: analytics.
    Columns,
    /// A magnifier.
    Search,
    /// A circle with an exclamation mark.
    Notice,
    /// A hollow ring: nothing special.
    Ring,
    /// A half-filled disc: in progress.
    HalfDisc,
    /// A key: signed in.
    Key,
    /// A disc with a check mark: done.
    TickedDisc,
}

impl Icon {
    /// The classes that draw it before the text of an element, in the colour of that text. Assistive technology does not
    /// see it.
    ///
    /// A page has hundreds of icons, so they are masks in `styles/icons.css`: a drawing of its own for each would be two
    /// elements with six attributes.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Overview => "icon icon-overview",
            Self::Heart => "icon icon-heart",
            Self::Bag => "icon icon-bag",
            Self::Download => "icon icon-download",
            Self::Pulse => "icon icon-pulse",
            Self::Columns => "icon icon-columns",
            Self::Search => "icon icon-search",
            Self::Notice => "icon icon-notice",
            Self::Ring => "icon icon-ring",
            Self::HalfDisc => "icon icon-half-disc",
            Self::Key => "icon icon-key",
            Self::TickedDisc => "icon icon-ticked-disc",
        }
    }
}
