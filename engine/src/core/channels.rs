//! What comes with the streams: publications, and how far a stream was recovered when it was joined again.

use dashboard_protocol::{BeatChange, Channel, Event, CatalogUpdate, from_json};
use serde_json::value::RawValue;

use super::Core;
use crate::topics::ChannelKind;
use crate::metrics::Counter;
use crate::injected_faults::{InjectedFault, is_injected};
use crate::connection::Recovery;
use crate::time::Now;

impl Core {
    pub(super) fn publication(&mut self, now: Now, channel: &Channel, data: &RawValue) {
        match channel {
            Channel::Dashboard { resource, .. } => {
                self.metrics
                    .count_in(ChannelKind::Resource(*resource), Counter::Received, 1);
                match from_json::<Event>(data.get()) {
                    Some(event) if event.resource == *resource => {
                        let subscribed = self.subscribed_resources();
                        self.scheduler.push(now, event, &subscribed);
                    }
                    Some(_) | None => self.store.handle_malformed(now, *resource),
                }
            }
            Channel::CatalogUpdates => {
                self.metrics.count_in(ChannelKind::CatalogUpdates, Counter::Received, 1);
                match from_json::<CatalogUpdate>(data.get()) {
                    Some(event) => self.scheduler.push_catalog_update(now, event),
                    None => self.metrics.count(Counter::FramesMalformed, 1),
                }
            }
        }
    }

    pub(super) fn subscribed(&mut self, now: Now, channel: &Channel, recovery: Recovery) {
        let kind = channel.resource().map_or(ChannelKind::CatalogUpdates, ChannelKind::Resource);
        self.metrics.touch();
        match recovery {
            Recovery::Recovered => self.metrics.count_in(kind, Counter::Recovered, 1),
            Recovery::Fresh => {}
            Recovery::Lost => self.metrics.count_in(kind, Counter::Resyncs, 1),
        }
        let is_whole = recovery == Recovery::Recovered || is_injected(InjectedFault::RecoveryIgnored);
        match channel.resource() {
            // What was lost before and could not be read yet is read now.
            Some(resource)
                if is_whole
                    && self.store.version_of(resource).is_some()
                    && !self.recovering.contains(&resource) => {}
            Some(resource) => {
                self.recovering.insert(resource);
                self.store.fetch(now, &[resource]);
            }
            None => {
                if !is_whole {
                    // Older than what was lost, these must not be put over what is read now.
                    let changes = self.scheduler.take_catalog_updates();
                    self.apply_catalog_updates(now, changes);
                }
                self.catalog.on_reconnected(now, is_whole);
            }
        }
    }

    pub(super) fn apply_catalog_updates(&mut self, now: Now, changes: Vec<BeatChange>) {
        self.catalog.apply_catalog_updates(&changes);
        self.store.handle_catalog_update(now, &CatalogUpdate { changes });
    }
}
