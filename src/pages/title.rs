//! The page's title in the browser.

use yew::prelude::*;

use crate::text;
use sync_web::page;

/// Sets the page's title while the component is mounted.
#[hook]
pub(super) fn use_title(title: &'static str) {
    use_effect_with(title, |title| page::set_title(&text::page_title(title)));
}
