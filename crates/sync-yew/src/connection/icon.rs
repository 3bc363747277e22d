//! The icons of the connection: each state has a shape of its own. Decorative, since there is always text beside them.

use yew::prelude::*;

/// One icon of the set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Icon {
    /// A hollow ring: starting.
    Ring,
    /// A filled disc: live.
    Disc,
    /// A half-filled disc: reconnecting.
    HalfDisc,
    /// Two bars: paused.
    Bars,
    /// A clock: updates by polling.
    Clock,
    /// A slashed disc: offline.
    SlashedDisc,
    /// A triangle: unreachable.
    Triangle,
    /// A key: signed out.
    Key,
    /// A disc with a check mark: connected again.
    TickedDisc,
    /// Two arrows in a circle: fetch again.
    Refresh,
}

const CIRCLE: &str = "M10 3.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13z";

impl Icon {
    /// Lines and areas on a field of 20 by 20.
    const fn paths(self) -> (&'static str, &'static str) {
        match self {
            Self::Ring => (CIRCLE, ""),
            Self::Disc => ("", CIRCLE),
            Self::HalfDisc => (CIRCLE, "M10 3.5a6.5 6.5 0 0 1 0 13z"),
            Self::Bars => ("", "M5.5 4h3v12h-3zM11.5 4h3v12h-3z"),
            Self::Clock => (
                "M10 3.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13zM10 6.5V10l2.6 1.6",
                "",
            ),
            Self::SlashedDisc => (
                "M10 3.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13zM5.4 5.4l9.2 9.2",
                "",
            ),
            Self::Triangle => ("M10 3.5l7 12.5H3z", "M9.2 8h1.6v4H9.2zM9.2 13h1.6v1.6H9.2z"),
            Self::Key => (
                "M13 3.5a3.7 3.7 0 1 1-2.9 6L4 15.6V17h2.6v-2h2v-2l2.2-2.2",
                "",
            ),
            Self::TickedDisc => (
                "M10 3.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13zM7 10.2l2.1 2.1 4-4.4",
                "",
            ),
            Self::Refresh => ("M16 10a6 6 0 1 1-1.8-4.3M16 3v3.5h-3.5", ""),
        }
    }

    /// See [`draw_icon`].
    pub(super) fn draw(self, size: u8) -> Html {
        let (lines, areas) = self.paths();
        draw_icon(lines, areas, size)
    }
}

/// Draws an icon of lines and areas, paths on a field of 20 by 20, in the colour of the text around it and hidden from
/// assistive technology. `size` is the edge length, in CSS pixels.
///
/// # Examples
/// ```
/// use sync_yew::draw_icon;
///
/// let cross = draw_icon("M5.5 5.5l9 9M14.5 5.5l-9 9", "", 16);
/// # let _ = cross;
/// ```
pub fn draw_icon(lines: &'static str, areas: &'static str, size: u8) -> Html {
    let size = size.to_string();
    html! {
        <svg aria-hidden="true" focusable="false" viewBox="0 0 20 20" width={size.clone()} height={size} fill="none">
            if !lines.is_empty() {
                <path
                    d={lines}
                    stroke="currentColor"
                    stroke-width="1.6"
                    stroke-linecap="round"
                    stroke-linejoin="round"
                />
            }
            if !areas.is_empty() {
                <path d={areas} fill="currentColor" />
            }
        </svg>
    }
}
