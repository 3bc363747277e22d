//! The icons beside text. They are decorative: the caller provides an accessible name.

use yew::prelude::*;

/// One icon of the set.
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
    /// A cross.
    Close,
    /// An arrow out of a door.
    SignOut,
    /// A sun: the theme.
    Sun,
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

const CIRCLE: &str = "M10 3.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13z";

impl Icon {
    /// Lines and areas on a field of 20 by 20.
    const fn paths(self) -> (&'static str, &'static str) {
        match self {
            Self::Overview => ("M3 3h6v7H3zM11 3h6v4h-6zM11 10h6v7h-6zM3 13h6v4H3z", ""),
            Self::Heart => (
                "M10 16.6S3 12.5 3 7.7A3.7 3.7 0 0 1 10 6a3.7 3.7 0 0 1 7 1.7c0 4.8-7 8.9-7 8.9z",
                "",
            ),
            Self::Bag => ("M4.5 6.5h11l.8 10H3.7zM7 6.5a3 3 0 0 1 6 0", ""),
            Self::Download => ("M10 3v9.5M6 8.7l4 4 4-4M3.5 16.5h13", ""),
            Self::Pulse => ("M2 10.5h3.5l2.5-6 4 11 2.2-5H18", ""),
            Self::Columns => ("M4.5 16.5V11M10 16.5v-12M15.5 16.5v-8", ""),
            Self::Search => (
                "M9 3.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11zM13 13l4 4",
                "",
            ),
            Self::Close => ("M5.5 5.5l9 9M14.5 5.5l-9 9", ""),
            Self::SignOut => ("M8 3.5H4v13h4M9 10h8M14 7l3 3-3 3", ""),
            Self::Sun => (
                "M10 6.8a3.2 3.2 0 1 1 0 6.4a3.2 3.2 0 1 1 0-6.4zM10 2v1.8M10 16.2V18M2 10h1.8M16.2 10H18M4.3 4.3l1.3 1.3M14.4 14.4l1.3 1.3M4.3 15.7l1.3-1.3M14.4 5.6l1.3-1.3",
                "",
            ),
            Self::Notice => (CIRCLE, "M9.1 6h1.8v5.2H9.1zM9.1 12.4h1.8v1.8H9.1z"),
            Self::Ring => (CIRCLE, ""),
            Self::HalfDisc => (CIRCLE, "M10 3.5a6.5 6.5 0 0 1 0 13z"),
            Self::Key => (
                "M13 3.5a3.7 3.7 0 1 1-2.9 6L4 15.6V17h2.6v-2h2v-2l2.2-2.2",
                "",
            ),
            Self::TickedDisc => (
                "M10 3.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13zM7 10.2l2.1 2.1 4-4.4",
                "",
            ),
        }
    }

    /// The icon in the colour of the text around it, hidden from assistive technology. `size` is the edge length, in CSS
    /// pixels. A page has hundreds, so everything that they share is in the style sheet.
    pub fn draw(self, size: u8) -> Html {
        let (lines, areas) = self.paths();
        html! {
            <svg class="icon" viewBox="0 0 20 20" width={size.to_string()} aria-hidden="true">
                <path d={lines} />
                if !areas.is_empty() {
                    <path class="icon-area" d={areas} />
                }
            </svg>
        }
    }
}
