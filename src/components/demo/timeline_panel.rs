//! The timeline of events, connection changes and catalog updates.

use dashboard_model::{CatalogUpdates, Resource};
use sync_engine::event::Applied;
use sync_engine::io::StatusChange;
use sync_engine::schema::Topic;
use yew::prelude::*;

use super::copy_button::CopyButton;
use super::timeline::{Entry, Timeline, TimelineAction, Update};
use crate::components::{Button, DataRow, DataTable, SearchField, panel};
use crate::format;
use crate::hooks::{
    EventBatch, UseEventBatchOptions, use_event_batch, use_query_client, use_realtime,
    use_realtime_metrics,
};
use crate::text::demo;
use sync_web::intl;
use sync_yew::SyncClient;

/// Shows the timeline.
#[component]
pub(super) fn TimelinePanel() -> Html {
    let timeline = use_timeline();
    let filter = use_state_eq(AttrValue::default);
    let shown = timeline.shown(&filter);
    let on_input = Callback::from(move |text| filter.set(text));
    let queries = use_query_client();
    let state = Callback::from(move |()| queries.export());
    let lines = {
        let shown = shown.clone();
        Callback::from(move |()| shown.iter().map(|entry| line(entry)).collect())
    };
    let waiting = timeline.waiting();
    let on_pause = {
        let dispatcher = timeline.dispatcher();
        Callback::from(move |()| {
            dispatcher.dispatch(match waiting {
                Some(_) => TimelineAction::Resume,
                None => TimelineAction::Pause,
            });
        })
    };
    let body = html! {
        <>
            <div class="workbench-tools">
                <SearchField label={demo::FILTER} {on_input} />
                <Button
                    label={if waiting.is_some() { demo::RESUME } else { demo::PAUSE }}
                    other_label={demo::RESUME}
                    on_press={on_pause}
                />
                <CopyButton label={demo::COPY} text={lines} />
                <CopyButton label={demo::COPY_STATE} text={state} />
                if let Some(count) = waiting {
                    <span class="quiet tabular">{ demo::waiting(&format::integer(count as u64)) }</span>
                }
            </div>
            <DataTable
                label={demo::TIMELINE}
                columns={demo::TIMELINE_COLUMNS}
                rows={shown.iter().map(|entry| row(entry)).collect::<Vec<_>>()}
                empty={demo::TIMELINE_EMPTY}
                scrolled=true
            />
        </>
    };
    panel("demo-timeline", demo::TIMELINE, Html::default(), body)
}

/// The timeline, starting when the component mounts.
#[hook]
fn use_timeline() -> UseReducerHandle<Timeline> {
    let realtime = use_realtime();
    let timeline = use_reducer(Timeline::default);
    let dispatcher = timeline.dispatcher();
    let on_batch = {
        let (dispatcher, realtime) = (dispatcher.clone(), realtime.clone());
        Callback::from(move |batch: EventBatch| {
            let at = now(&realtime);
            let updates = batch
                .iter()
                .map(|applied| of_event(&realtime, applied, &at))
                .collect();
            dispatcher.dispatch(TimelineAction::Happened(updates));
        })
    };
    use_event_batch(
        Resource::ALL.into_iter().collect(),
        UseEventBatchOptions::default(),
        on_batch,
    );

    let metrics = use_realtime_metrics();
    let feed = realtime.schema().feed_id::<CatalogUpdates>();
    let received = metrics.received.get(&Topic::Feed(feed));
    let received = received.copied().unwrap_or_default();
    let known = use_mut_ref(|| received);
    use_effect_with(received, {
        let (dispatcher, realtime) = (dispatcher.clone(), realtime.clone());
        move |received: &u64| {
            let count = received.saturating_sub(known.replace(*received));
            if count > 0 {
                let update = Update {
                    at: now(&realtime),
                    source: demo::SOURCE_CATALOG_UPDATES,
                    what: demo::catalog_updates(&format::integer(count)).into(),
                };
                dispatcher.dispatch(TimelineAction::Happened(vec![update]));
            }
        }
    });

    use_effect_with(realtime, move |realtime| {
        let subscription = realtime.subscribe_status(move |step| {
            dispatcher.dispatch(TimelineAction::Happened(vec![of_step(step)]));
        });
        move || drop(subscription)
    });
    timeline
}

fn now(realtime: &SyncClient) -> AttrValue {
    intl::time_to_second(realtime.now().wall_ms).into()
}

fn of_event(realtime: &SyncClient, applied: &Applied, at: &AttrValue) -> Update {
    let event = &applied.event;
    Update {
        at: at.clone(),
        source: realtime.schema().name_of(event.resource),
        what: demo::event(applied.kind(), &event.version.to_string()).into(),
    }
}

fn of_step(step: &StatusChange) -> Update {
    let StatusChange {
        from,
        to,
        code,
        reason,
        at_ms,
    } = step;
    Update {
        at: intl::time_to_second(*at_ms).into(),
        source: demo::SOURCE_CONNECTION,
        what: demo::step(from.as_str(), to.as_str(), &code.to_string(), reason).into(),
    }
}

fn row(entry: &Entry) -> DataRow {
    let Update { at, source, what } = &entry.update;
    DataRow {
        id: entry.id.to_string().into(),
        cells: vec![html! { { at } }, html! { { *source } }, html! { { what } }],
    }
}

fn line(entry: &Entry) -> String {
    let Update { at, source, what } = &entry.update;
    [at, "\t", source, "\t", what, "\n"].concat()
}
