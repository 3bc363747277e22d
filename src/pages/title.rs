//! The page's title in the browser.

use yew::prelude::*;

use crate::text;
use sync_web::page;
use sync_yew::use_shown_effect_with;

/// Sets the page's title when the component is shown.
#[hook]
pub(super) fn use_title(title: &'static str) {
    use_shown_effect_with(title, |title| {
        page::set_title(&text::page_title(title));
        || ()
    });
}
