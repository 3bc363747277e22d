//! The timeline, fed with events, steps of the connection and news of the market.

use dashboard_engine::core::{Applied, StatusChange};
use dashboard_engine::interest::Stream;
use dashboard_engine::metrics::Counter;
use dashboard_protocol::ChangeKind;
use yew::prelude::*;

use super::copy_button::CopyButton;
use super::timeline::{Entry, News, Timeline, TimelineAct};
use crate::components::{Button, DataRow, DataTable, Panel, SearchField};
use crate::format;
use crate::hooks::{
    EventBatch, UseEventBatchOptions, use_event_batch, use_query_client, use_realtime,
    use_realtime_metrics,
};
use crate::platform::{intl, page};
use crate::realtime::RealtimeHandle;
use crate::text::demo;

/// Shows what happened.
#[component]
pub(super) fn TimelinePanel() -> Html {
    let timeline = use_timeline();
    let filter = use_state_eq(AttrValue::default);
    let shown = timeline.shown(&filter);
    let on_input = {
        let filter = filter.clone();
        Callback::from(move |event: InputEvent| filter.set(page::field_text(&event).into()))
    };
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
                Some(_) => TimelineAct::Resume,
                None => TimelineAct::Pause,
            });
        })
    };
    html! {
        <Panel id="demo-timeline" title={demo::TIMELINE}>
            <div class="workbench-tools">
                <SearchField label={demo::FILTER} value={(*filter).clone()} {on_input} />
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
        </Panel>
    }
}

/// The timeline, from the moment on that the component is there.
#[hook]
fn use_timeline() -> UseReducerHandle<Timeline> {
    let realtime = use_realtime();
    let timeline = use_reducer(Timeline::default);
    let dispatcher = timeline.dispatcher();
    let on_batch = {
        let (dispatcher, realtime) = (dispatcher.clone(), realtime.clone());
        Callback::from(move |batch: EventBatch| {
            let at = now(&realtime);
            let news = batch.iter().map(|applied| of_event(applied, &at)).collect();
            dispatcher.dispatch(TimelineAct::Happened(news));
        })
    };
    use_event_batch(ChangeKind::KNOWN, UseEventBatchOptions::default(), on_batch);

    let metrics = use_realtime_metrics();
    let market = metrics.streams.get(&Stream::Market);
    let heard = market.map_or(0, |stream| stream.counts.of(Counter::Received));
    let known = use_mut_ref(|| heard);
    use_effect_with(heard, {
        let (dispatcher, realtime) = (dispatcher.clone(), realtime.clone());
        move |heard: &u64| {
            let count = heard.saturating_sub(known.replace(*heard));
            if count > 0 {
                let news = News {
                    at: now(&realtime),
                    source: demo::SOURCE_MARKET,
                    what: demo::market(&format::integer(count)).into(),
                };
                dispatcher.dispatch(TimelineAct::Happened(vec![news]));
            }
        }
    });

    use_effect_with(realtime, move |realtime| {
        let subscription = realtime.subscribe_status(move |step| {
            dispatcher.dispatch(TimelineAct::Happened(vec![of_step(step)]));
        });
        move || drop(subscription)
    });
    timeline
}

fn now(realtime: &RealtimeHandle) -> AttrValue {
    intl::time_to_second(realtime.now().wall_ms).into()
}

fn of_event(applied: &Applied, at: &AttrValue) -> News {
    let event = &applied.event;
    News {
        at: at.clone(),
        source: event.resource.as_str(),
        what: demo::event(applied.kind().as_str(), &event.version.to_string()).into(),
    }
}

fn of_step(step: &StatusChange) -> News {
    let StatusChange {
        from,
        to,
        code,
        reason,
        at_ms,
    } = step;
    News {
        at: intl::time_to_second(*at_ms).into(),
        source: demo::SOURCE_CONNECTION,
        what: demo::step(from.as_str(), to.as_str(), &code.to_string(), reason).into(),
    }
}

fn row(entry: &Entry) -> DataRow {
    let News { at, source, what } = &entry.news;
    DataRow {
        id: entry.id.to_string().into(),
        cells: vec![html! { { at } }, html! { { *source } }, html! { { what } }],
    }
}

fn line(entry: &Entry) -> String {
    let News { at, source, what } = &entry.news;
    [at, "\t", source, "\t", what, "\n"].concat()
}
