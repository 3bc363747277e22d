//! One download.

use yew::prelude::*;

use super::cover::Cover;
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
    html! {
        <li
            class="download-row"
            id={props.id.clone()}
            tabindex="-1"
            data-id={props.id.clone()}
            data-status={props.status.clone()}
            data-pending={props.pending.then_some("true")}
        >
            <Cover seed={props.beat_id.clone()} />
            <div>
                <p class="download-row-title">{ &props.title }</p>
                <div class="download-row-second"><p>{ props.about.clone() }</p>{ props.message.clone() }</div>
            </div>
            <div class="download-row-state">
                if let Some(percent) = props.progress {
                    <progress
                        class="download-row-progress"
                        max="100"
                        value={percent.to_string()}
                        aria-label={text::progress_name(&props.title)}
                    />
                }
                <StatusChip label={props.status_label.clone()} tone={props.tone} />
            </div>
            <div class="download-row-actions">
                if let Some(url) = &props.url {
                    <a
                        class="download-row-save"
                        href={url.clone()}
                        download=""
                        aria-label={text::save_file_name(&props.title)}
                    >
                        { text::SAVE_FILE }
                    </a>
                }
                { props.actions.clone() }
            </div>
        </li>
    }
}
