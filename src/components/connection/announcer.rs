//! Announcements about the connection and about rejected mutations.

use std::rc::Rc;

use sync_engine::status::Banner;
use yew::prelude::*;

use super::speech::{Speech, SpeechAction};
use crate::components::live_regions;
use crate::hooks::{
    UseOptimisticUpdatesHandle, use_engine_clock, use_optimistic_updates, use_realtime,
    use_realtime_connection,
};
use crate::text;
use sync_yew::use_unsaved_question;

/// How often a waiting text is checked, in milliseconds.
const PERIOD_MS: u32 = 1000;

/// Announces changes for screen readers: banner-level changes of the connection politely, the end of the session and a
/// rejected mutation at once. Never announces ticks or rows. Of several tabs only the visible one announces.
///
/// While changes are unsaved, it also lets the browser ask before the page is left.
///
/// # Panics
/// There is no `RealtimeProvider` above it.
#[component]
pub fn Announcer() -> Html {
    let realtime = use_realtime();
    let connection = use_realtime_connection();
    let updates = use_optimistic_updates();
    use_unsaved_question();
    let speech = use_reducer_eq(Speech::default);

    // Failures that exist at the start are not announced.
    let banner = connection.view().banner;
    let announced_banner = use_mut_ref(|| None::<Option<Banner>>);
    use_effect_with(banner, {
        let (speech, realtime, connection) = (speech.dispatcher(), realtime.clone(), connection);
        move |banner: &Option<Banner>| {
            let now = realtime.now();
            let Some(former) = announced_banner.replace(Some(*banner)) else {
                return;
            };
            if !realtime.platform().is_visible() {
                return;
            }
            let Some(banner) = *banner else {
                // The connection stays recovered after its banner has gone.
                if !matches!(former, Some(Banner::Back { .. })) {
                    speech.dispatch(SpeechAction::Drop);
                }
                return;
            };
            if is_on_the_way_back(former, banner) {
                return speech.dispatch(SpeechAction::Drop);
            }
            let pending = connection.view().pending_changes;
            let words = text::CONNECTION_TEXT.banner(banner, &connection.times(), pending, false);
            speech.dispatch(match banner {
                Banner::SignedOut => SpeechAction::Alert(words),
                _ => SpeechAction::Say(words, now.mono_ms),
            });
        }
    });

    let notified = use_mut_ref(|| updates.clone());
    use_effect_with(updates, {
        let speech = speech.dispatcher();
        move |updates: &UseOptimisticUpdatesHandle| {
            let notified = notified.replace(updates.clone());
            let mut words = String::new();
            for failure in updates.failures().iter().rev() {
                // When the top failure goes, the one below it becomes the first: it is not new.
                if !notified
                    .failures()
                    .iter()
                    .any(|old| Rc::ptr_eq(old, failure))
                {
                    let subject = failure.subject.as_deref();
                    let sentence =
                        text::rejection(&failure.mutation.mutation, subject, &failure.error);
                    if !words.is_empty() {
                        words.push(' ');
                    }
                    words.push_str(&sentence);
                }
            }
            if !words.is_empty() && realtime.platform().is_visible() {
                speech.dispatch(SpeechAction::Alert(words.into()));
            }
        }
    });

    let on_tick = {
        let speech = speech.dispatcher();
        Callback::from(move |now_ms| speech.dispatch(SpeechAction::Tick(now_ms)))
    };
    html! {
        <>
            { live_regions(&speech.polite, &speech.urgent) }
            if speech.is_waiting() {
                <Ticks {on_tick} />
            }
        </>
    }
}

/// Whether a banner only reports an improvement: only worse states and full recovery are announced, nothing between.
fn is_on_the_way_back(former: Option<Banner>, banner: Banner) -> bool {
    let is_back = matches!(banner, Banner::Back { .. });
    !is_back && former.is_some_and(|former| severity(banner) < severity(former))
}

const fn severity(banner: Banner) -> u8 {
    match banner {
        Banner::Back { .. } => 0,
        Banner::Paused => 1,
        Banner::Offline => 2,
        Banner::Unreachable => 3,
        Banner::Intercepted => 4,
        Banner::SignedOut => 5,
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct TicksProps {
    on_tick: Callback<u64>,
}

/// Ticks every second, as long as an announcement waits.
#[component]
fn Ticks(props: &TicksProps) -> Html {
    let now_ms = use_engine_clock(PERIOD_MS);
    use_effect_with((now_ms, props.on_tick.clone()), |(now_ms, on_tick)| {
        on_tick.emit(*now_ms)
    });
    Html::default()
}
