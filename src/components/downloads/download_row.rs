//! One download.

use yew::prelude::*;

use crate::components::{Tone, cover, status_chip};
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
    /// Its status on the wire.
    pub status: AttrValue,
    /// Its status as a label.
    pub status_label: AttrValue,
    /// The tone of the status.
    pub tone: Tone,
    /// Percent prepared, while it is being prepared.
    #[prop_or_default]
    pub progress: Option<u8>,
    /// The address of the file, once it is ready.
    #[prop_or_default]
    pub url: Option<AttrValue>,
    /// Whether the row is not yet confirmed.
    #[prop_or_default]
    pub pending: bool,
    /// The outcome of the last action on this row.
    #[prop_or_default]
    pub message: Html,
    /// The actions on the download, besides saving its file.
    #[prop_or_default]
    pub actions: Html,
}

/// Draws a row: the file, its progress, and the link to it. It is focusable by its id, for users who follow a link to
/// it.
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
            { cover(&props.beat_id) }
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
                { status_chip(&props.status_label, props.tone) }
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
