//! Asking for a file, and taking that back.

use std::rc::Rc;

use dashboard_engine::topics::TopicSet;
use dashboard_engine::view::{FailureView, PendingView};
use dashboard_protocol::{Beat, Download, DownloadFormat, Resource, MutationBody};
use yew::prelude::*;

use super::use_subscription_guard::use_subscription_guard;
use super::use_optimistic_updates::{UseOptimisticUpdatesHandle, RequestedChange};
use super::use_updates_of::use_updates_of;
use crate::contexts::use_realtime;
use crate::realtime::{Topic, RealtimeHandle};

/// What [`use_optimistic_download`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct UseOptimisticDownloadHandle {
    updates: UseOptimisticUpdatesHandle,
    realtime: RealtimeHandle,
    /// Whether a download was asked for here.
    has_asked: UseStateHandle<bool>,
}

impl UseOptimisticDownloadHandle {
    /// Asks for a file of a beat. The download is shown at once. Returns its id; that of the download which is being made,
    /// if there is one, and nothing more is asked for then.
    pub fn request(&self, beat: &Rc<Beat>, format: DownloadFormat) -> String {
        if let Some(download) = self.in_progress(&beat.id, format) {
            return download.id.clone();
        }
        self.has_asked.set(true);
        let download_id = self.realtime.new_id();
        let body = MutationBody::RequestDownload {
            download_id: download_id.clone(),
            beat_id: beat.id.clone(),
            format,
        };
        self.updates.add(RequestedChange {
            body,
            beats: vec![Rc::clone(beat)],
        });
        download_id
    }

    /// The download of a beat in a format that is being made, if one is: the place to lead a user to who asks again.
    #[must_use]
    pub fn in_progress(&self, beat_id: &str, format: DownloadFormat) -> Option<Rc<Download>> {
        self.realtime
            .read(|core| core.download_in_progress(beat_id, format))
    }

    /// Takes a download back before it is ready.
    pub fn cancel(&self, download_id: &str) {
        let body = MutationBody::CancelDownload {
            download_id: download_id.to_owned(),
        };
        self.updates.add(RequestedChange {
            body,
            beats: Vec::new(),
        });
    }

    /// The newest change of a download that was rejected.
    #[must_use]
    pub fn failure_of(&self, download_id: &str) -> Option<&Rc<FailureView>> {
        let mut failures = self.updates.failures().iter();
        failures.find(|failure| download_of(&failure.mutation.body) == Some(download_id))
    }

    /// The newest change of a download that is not settled.
    #[must_use]
    pub fn pending_of(&self, download_id: &str) -> Option<&PendingView> {
        let pending = self.updates.pending().iter();
        pending
            .rev()
            .find(|pending| download_of(&pending.mutation.body) == Some(download_id))
    }

    /// All changes of downloads, to retry, cancel or dismiss one by its id.
    #[must_use]
    pub const fn updates(&self) -> &UseOptimisticUpdatesHandle {
        &self.updates
    }
}

fn download_of(body: &MutationBody) -> Option<&str> {
    match body {
        MutationBody::CancelDownload { download_id } | MutationBody::RequestDownload { download_id, .. } => {
            Some(download_id)
        }
        MutationBody::CancelOrder { .. } | MutationBody::PlaceOrder { .. } | MutationBody::SetFavorite { .. } => None,
    }
}

/// Asks for files and takes that back. From the first one on that was asked for, the downloads are kept current while the
/// component is mounted. Renders when a change of a download changed, and not because of other changes.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use dashboard_protocol::{Beat, DownloadFormat};
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
    let realtime = use_realtime();
    let has_asked = use_state_eq(|| false);
    // From the first one on, so that it is known when it is asked for again.
    let topic = if *has_asked {
        Topic::resource(Resource::Downloads)
    } else {
        Topic::Set(TopicSet::default())
    };
    use_subscription_guard(&realtime, topic);
    UseOptimisticDownloadHandle {
        updates: use_updates_of(|body| download_of(body).is_some()),
        realtime,
        has_asked,
    }
}
