//! What stands for data that are missing: the placeholders during a fetch, after a failed one, and of an empty list.

use sync_engine::view::ErrorKind;
use yew::prelude::*;

use super::button::Button;
use super::icon::Icon;
use crate::text;

/// Draws rows of the height of real ones: as many as are likely to arrive, so that the layout does not shift. `label` says
/// what is loading, for users who cannot see the blocks. The rows are animated only after a second: most fetches are done before.
pub fn skeleton(label: &str, rows: u8) -> Html {
    html! {
        <div class="skeleton" aria-busy="true" data-skeleton="true">
            <span class="visually-hidden">{ label }</span>
            <div aria-hidden="true">
                { for (0..rows).map(|row| html! {
                    <div class="skeleton-row" key={row}><div class="bone" /><div class="bone" /></div>
                }) }
            </div>
        </div>
    }
}

/// Draws an error: its title, its explanation, and one button to recover. `loading` says that this is in progress.
pub fn error_panel(kind: ErrorKind, loading: bool, on_recover: &Callback<ErrorKind>) -> Html {
    let words = text::error_words(kind);
    html! {
        <div class="error-panel" data-error={text::error_kind(kind)}>
            <span class="error-panel-mark icon icon-notice" />
            <p class="error-panel-title">{ words.title }</p>
            <p class="error-panel-hint">{ words.hint }</p>
            <Button
                label={if loading { text::ATTEMPTING } else { words.action }}
                other_label={words.action}
                disabled={loading}
                on_press={on_recover.reform(move |()| kind)}
            />
        </div>
    }
}

/// Draws an empty list: an icon for the missing rows, a message with its reason, and one next step, if any.
pub fn empty_state(icon: Icon, words: text::EmptyWords, next: Html) -> Html {
    html! {
        <div class="empty-state" data-empty="true">
            <span class={["empty-state-mark ", icon.class()].concat()} />
            <p class="empty-state-title">{ words.title }</p>
            <p class="empty-state-hint">{ words.hint }</p>
            <div class="empty-state-next">{ next }</div>
        </div>
    }
}
