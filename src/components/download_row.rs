//! One download.

use stylist::yew::use_style;
use yew::prelude::*;

use super::cover::Cover;
use super::sheet::sheet;
use super::status_chip::{StatusChip, Tone};
use crate::text;

/// Properties of [`DownloadRow`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct DownloadRowProps {
    /// The download's id.
    pub id: AttrValue,
    /// Id of the beat, for its picture.
    pub beat_id: AttrValue,
    /// The beat's title.
    pub title: AttrValue,
    /// Format, size and age: the second line.
    pub about: Html,
    /// Where it stands, as it is on the wire.
    pub status: AttrValue,
    /// The same as a word.
    pub status_label: AttrValue,
    /// What that means.
    pub tone: Tone,
    /// Percent prepared, while it is being prepared.
    #[prop_or_default]
    pub progress: Option<u8>,
    /// Where the file is, once it is ready.
    #[prop_or_default]
    pub url: Option<AttrValue>,
    /// Whether the row is not yet confirmed.
    #[prop_or_default]
    pub pending: bool,
    /// What became of the last act on this row.
    #[prop_or_default]
    pub message: Html,
    /// What can be done with the download besides saving its file.
    #[prop_or_default]
    pub actions: Html,
}

/// Draws a row: what file, how far it is, and the link to it. It takes the focus by its id, for who is led to it.
#[component]
pub fn DownloadRow(props: &DownloadRowProps) -> Html {
    let style = use_style(sheet!(
        r#"
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto auto;
        align-items: center;
        gap: var(--s1) var(--s3);
        padding: var(--s2) var(--s4);

        &:focus { outline: 2px solid var(--accent); outline-offset: -2px; }
        .title { font-weight: 580; overflow-wrap: anywhere; line-height: 1.35; }
        .second { position: relative; color: var(--ink-2); font-size: var(--t-sm); line-height: 1.35; }
        .state { display: flex; align-items: center; justify-content: end; gap: var(--s3); min-inline-size: 9rem; }
        progress {
            inline-size: 6rem;
            block-size: 0.375rem;
            border: 0;
            border-radius: var(--r-full);
            background: var(--surface-2);
            accent-color: var(--accent);
            overflow: hidden;
            appearance: none;
        }
        progress::-webkit-progress-bar { background: var(--surface-2); }
        progress::-webkit-progress-value { background: var(--accent); }
        progress::-moz-progress-bar { background: var(--accent); }
        .act { display: flex; justify-content: end; gap: var(--s2); min-inline-size: 5.25rem; }
        .save {
            display: inline-flex;
            align-items: center;
            min-block-size: var(--control);
            padding-inline: var(--s2);
            border-radius: var(--r-1);
            font-size: var(--t-sm);
            font-weight: 580;
        }
        @container panel (max-width: 42rem) { grid-template-columns: auto minmax(0, 1fr) auto; padding-inline: var(--s3); }
        .state { @container panel (max-width: 42rem) { grid-column: 2; grid-row: 2; justify-content: start; } }
        .act { @container panel (max-width: 42rem) { grid-column: 3; grid-row: 1 / span 2; } }
        "#
    ));
    html! {
        <li
            class={style}
            id={props.id.clone()}
            tabindex="-1"
            data-id={props.id.clone()}
            data-status={props.status.clone()}
            data-pending={props.pending.then_some("true")}
        >
            <Cover seed={props.beat_id.clone()} />
            <div>
                <p class="title">{ &props.title }</p>
                <div class="second"><p>{ props.about.clone() }</p>{ props.message.clone() }</div>
            </div>
            <div class="state">
                if let Some(percent) = props.progress {
                    <progress
                        max="100"
                        value={percent.to_string()}
                        aria-label={text::progress_name(&props.title)}
                    />
                }
                <StatusChip label={props.status_label.clone()} tone={props.tone} />
            </div>
            <div class="act">
                if let Some(url) = &props.url {
                    <a class="save" href={url.clone()} download="" aria-label={text::save_file_name(&props.title)}>
                        { text::SAVE_FILE }
                    </a>
                }
                { props.actions.clone() }
            </div>
        </li>
    }
}
