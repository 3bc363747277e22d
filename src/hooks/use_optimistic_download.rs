//! Requesting and cancelling downloads.

use std::rc::Rc;

use dashboard_model::{
    Beat, CancelDownload, Download, DownloadFormat, Downloads, RequestDownload, Resource, SeenBeats,
};
use sync_engine::schema::MutationRef;
use sync_engine::store::Added;
use sync_engine::topics::TopicSet;
use sync_engine::view::{FailureView, PendingView};
use sync_yew::{UseMutationsHandle, use_mutations_of, use_topics};
use yew::prelude::*;

/// The handle of [`use_optimistic_download`].
#[derive(Clone, Debug, PartialEq)]
pub struct UseOptimisticDownloadHandle {
    updates: UseMutationsHandle,
    /// Whether this component has requested a download.
    has_requested: UseStateHandle<bool>,
}

impl UseOptimisticDownloadHandle {
    /// Requests a file of a beat. The download shows at once. Returns its id; if the same file is already being
    /// prepared, that download's id, without a new request. `None` if the browser has no random source.
    pub fn request(&self, beat: &Rc<Beat>, format: DownloadFormat) -> Option<Rc<str>> {
        let download_id = self.updates.client().new_id()?;
        let download = RequestDownload {
            download_id: download_id.clone(),
            beat_id: beat.id.clone(),
            format,
        };
        let download = MutationRef::with_context(download, &SeenBeats::one(beat));
        Some(match self.updates.add(download)? {
            Added::New(_) => {
                self.has_requested.set(true);
                download_id.into()
            }
            Added::Duplicate(in_progress) => in_progress,
        })
    }

    /// The active download of a beat in a format, if any: the target for a user who requests it again.
    #[must_use]
    pub fn in_progress(&self, beat_id: &str, format: DownloadFormat) -> Option<Rc<Download>> {
        let view = self
            .updates
            .client()
            .read(|core| core.collection::<Downloads>());
        let data = view.data?;
        let mut downloads = data.rows.iter().map(|row| &row.item);
        let same = downloads.find(|row| {
            row.status.is_in_progress() && row.beat_id == beat_id && row.format == format
        });
        same.cloned()
    }

    /// Cancels a download before it is ready.
    pub fn cancel(&self, download_id: &str) {
        let download_id = download_id.to_owned();
        self.updates
            .add(MutationRef::new(CancelDownload { download_id }));
    }

    /// The newest rejected mutation of a download.
    #[must_use]
    pub fn failure_of(&self, download_id: &str) -> Option<&Rc<FailureView>> {
        let mut failures = self.updates.failures().iter();
        failures.find(|failure| download_of(&failure.mutation.mutation) == Some(download_id))
    }

    /// The newest pending mutation of a download.
    #[must_use]
    pub fn pending_of(&self, download_id: &str) -> Option<&PendingView> {
        let mut pending = self.updates.pending().iter().rev();
        pending.find(|pending| download_of(&pending.mutation) == Some(download_id))
    }

    /// All mutations of downloads, to retry, cancel or dismiss one by its id.
    #[must_use]
    pub const fn updates(&self) -> &UseMutationsHandle {
        &self.updates
    }
}

fn download_of(mutation: &MutationRef) -> Option<&str> {
    let requested = mutation
        .downcast()
        .map(|file: &RequestDownload| &file.download_id);
    let cancelled = || {
        mutation
            .downcast()
            .map(|file: &CancelDownload| &file.download_id)
    };
    requested.or_else(cancelled).map(String::as_str)
}

/// Requests and cancels downloads. From the first request on, the downloads are kept current while the component is
/// mounted. Renders when a mutation of a download changed, and not because of other mutations.
///
/// # Panics
/// There is no `RealtimeProvider` above the component.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use dashboard_model::Beat;
/// use dashboard_model::DownloadFormat;
/// use realtime_dashboard::hooks::use_optimistic_download;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct FileProps {
///     beat: Rc<Beat>,
/// }
///
/// #[component]
/// fn File(props: &FileProps) -> Html {
///     let download = use_optimistic_download();
///     let beat = Rc::clone(&props.beat);
///     let onclick = move |_| {
///         download.request(&beat, DownloadFormat::Mp3);
///     };
///     html! { <button {onclick}>{ format!("Download {}", props.beat.title) }</button> }
/// }
/// ```
#[hook]
pub fn use_optimistic_download() -> UseOptimisticDownloadHandle {
    let has_requested = use_state_eq(|| false);
    // From the first request on, so that a repeated request is detected.
    let topics = if *has_requested {
        TopicSet::of(Resource::Downloads)
    } else {
        TopicSet::default()
    };
    use_topics(topics);
    UseOptimisticDownloadHandle {
        updates: use_mutations_of(|mutation| download_of(mutation).is_some()),
        has_requested,
    }
}
