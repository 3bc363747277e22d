//! The wall clock, for ages.

use yew::prelude::*;

use super::use_ticks::use_ticks;

/// The wall clock, in milliseconds since 1970; renders the component every `period_ms` while it is mounted and the page
/// is visible. All components with the same period tick together, on the whole period.
///
/// # Examples
/// ```no_run
/// use sync_yew::use_clock;
/// use sync_web::intl;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct AgeProps {
///     at_ms: i64,
/// }
///
/// #[component]
/// fn Age(props: &AgeProps) -> Html {
///     let now_ms = use_clock(60_000);
///     html! { <time>{ intl::age(props.at_ms, now_ms) }</time> }
/// }
/// ```
#[hook]
pub fn use_clock(period_ms: u32) -> i64 {
    use_ticks(period_ms).wall_ms
}
