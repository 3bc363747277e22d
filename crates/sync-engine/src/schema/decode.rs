//! The wire's messages in the terms of a schema: names become ids, and data their types.

use std::rc::Rc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;
use sync_protocol as wire;
use sync_protocol::{Json, ListSnapshot, Page, TypedChange, ValueSnapshot};

use super::{
    AnyRow, FeedId, FeedUpdate, ItemPage, Kind, QueryId, ResourceId, ResourceSet, ResourceSnapshot,
    RowPage, Schema, SnapshotData,
};
use crate::event::{Change, Event};
use crate::http::{MutationOutcome, MutationReply, MutationResult, Snapshot};
use crate::state::ResourceData;

/// A channel in the terms of a schema.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Topic {
    /// Events of one of the user's resources.
    Resource(ResourceId),
    /// Updates of a feed.
    Feed(FeedId),
}

/// A publication of a feed.
#[derive(Deserialize)]
struct FeedPublication {
    changes: Vec<Json>,
}

impl Schema {
    /// The name of a topic's channel for a user.
    #[must_use]
    pub fn channel(&self, topic: Topic, user: &str) -> String {
        match topic {
            Topic::Resource(resource) => {
                format!("{}:{}#{user}", self.namespace, self.name_of(resource))
            }
            Topic::Feed(feed) => self.feeds[feed.index()].channel.to_owned(),
        }
    }

    /// The topic of a channel; `None` for a channel that is none of this schema's.
    #[must_use]
    pub fn topic(&self, channel: &str) -> Option<Topic> {
        let channel_of = |feed: &FeedId| self.feeds[feed.index()].channel;
        if let Some(feed) = self.feeds().find(|feed| channel_of(feed) == channel) {
            return Some(Topic::Feed(feed));
        }
        let personal = channel.strip_prefix(self.namespace)?.strip_prefix(':')?;
        let (name, _) = personal.split_once('#')?;
        self.resource_named(name).map(Topic::Resource)
    }

    /// Reads an event. `None` if its header cannot be read, or it is of a resource that the schema lacks; a change that
    /// cannot be read is kept as [`Change::unknown`].
    #[must_use]
    pub fn decode_event(&self, json: &str) -> Option<Event> {
        self.event_of(serde_json::from_str(json).ok()?)
    }

    fn event_of(&self, event: wire::Event) -> Option<Event> {
        let resource = self.resource_named(&event.resource)?;
        let changes = event.changes.iter();
        let mutations = event.mutations.iter();
        Some(Event {
            epoch: event.epoch.into(),
            resource,
            version: event.version,
            prev: event.prev,
            resources: self.resources_named(&event.resources),
            mutations: mutations.map(|id| id.as_str().into()).collect(),
            at: event.at,
            changes: changes.map(|json| self.change_of(resource, json)).collect(),
        })
    }

    fn change_of(&self, resource: ResourceId, json: &Json) -> Change {
        let Some(change) = json.decode::<TypedChange>() else {
            return Change::unknown("");
        };
        Change {
            kind: Rc::from(change.kind.as_str()),
            data: (self.definition(resource).decode_change)(&change),
        }
    }

    /// Reads a publication of a feed; updates that cannot be read are left out. `None` if it is no list of changes.
    #[must_use]
    pub fn decode_updates(&self, feed: FeedId, json: &str) -> Option<Vec<FeedUpdate>> {
        let publication: FeedPublication = serde_json::from_str(json).ok()?;
        let decode = self.feeds[feed.index()].decode;
        Some(publication.changes.iter().filter_map(decode).collect())
    }

    /// Reads a snapshot. Resources that the schema lacks are left out.
    ///
    /// # Errors
    /// `None` if any of the others cannot be read.
    #[must_use]
    pub fn decode_snapshot(&self, json: &str) -> Option<Snapshot> {
        let reply: wire::SnapshotReply = serde_json::from_str(json).ok()?;
        let mut resources = Vec::with_capacity(reply.resources.len());
        for (name, json) in &reply.resources {
            if let Some(resource) = self.resource_named(name) {
                resources.push((resource, self.decode_part(resource, json)?));
            }
        }
        Some(Snapshot {
            epoch: reply.epoch,
            resources,
            settled: reply.settled,
        })
    }

    /// Reads one resource of a snapshot.
    pub(crate) fn decode_part(
        &self,
        resource: ResourceId,
        json: &Json,
    ) -> Option<ResourceSnapshot> {
        match self.definition(resource).kind {
            Kind::Collection {
                tracks_ids,
                decode_row,
                ..
            } => {
                let list: ListSnapshot<&RawValue> = serde_json::from_str(json.as_str()).ok()?;
                let ids = list.ids.filter(|_| tracks_ids);
                if tracks_ids && ids.is_none() {
                    return None;
                }
                let page = RowPage {
                    rows: rows_of(decode_row, &list.items)?,
                    next_cursor: list.next_cursor,
                };
                let ids = ids.map(|ids| ids.iter().map(|id| Rc::from(id.as_str())).collect());
                Some(ResourceSnapshot {
                    version: list.version,
                    data: SnapshotData::List(page, ids),
                })
            }
            Kind::Value { decode, .. } => {
                let value: ValueSnapshot<&RawValue> = serde_json::from_str(json.as_str()).ok()?;
                Some(ResourceSnapshot {
                    version: value.version,
                    data: SnapshotData::Value(decode(value.data.get())?),
                })
            }
        }
    }

    /// Writes one resource as [`Self::decode_part`] reads it.
    pub(crate) fn encode_part(
        &self,
        resource: ResourceId,
        data: &ResourceData,
        version: u64,
    ) -> Option<Json> {
        match (data, &self.definition(resource).kind) {
            (ResourceData::List { list, ids }, _) => {
                let rows = list.rows.iter().map(|held| held.row.json());
                let ids = ids.as_ref().map(|ids| ids.iter());
                Json::of(&ListSnapshot {
                    version,
                    items: rows.collect::<Option<Vec<_>>>()?,
                    next_cursor: list.cursor.clone(),
                    ids: ids.map(|ids| ids.map(|id| (**id).to_owned()).collect()),
                })
            }
            (ResourceData::Value(data), Kind::Value { encode, .. }) => Json::of(&ValueSnapshot {
                version,
                data: encode(&**data.as_ref()?)?,
            }),
            // A schema keeps each resource as what it is.
            (ResourceData::Value(_), Kind::Collection { .. }) => None,
        }
    }

    /// Reads the reply to mutations.
    #[must_use]
    pub fn decode_mutations(&self, json: &str) -> Option<MutationReply> {
        let reply: wire::MutationReply = serde_json::from_str(json).ok()?;
        let mut results: Vec<MutationResult> = Vec::with_capacity(reply.results.len());
        for result in reply.results {
            let outcome = match result.outcome {
                wire::Outcome::Accepted => {
                    // The events of a commit are in the first of its results.
                    let of_commit = result.events_in.as_deref().and_then(|id| {
                        let first = results.iter().find(|first| first.id.as_str() == id)?;
                        Some(first.outcome.events().to_vec())
                    });
                    let events = result.events.unwrap_or_default().into_iter();
                    let own = || events.filter_map(|event| self.event_of(event)).collect();
                    MutationOutcome::Accepted {
                        version: result.version.unwrap_or_default(),
                        events: of_commit.unwrap_or_else(own),
                    }
                }
                wire::Outcome::Rejected => MutationOutcome::Rejected {
                    problem: result.problem.unwrap_or_else(wire::Problem::without_reason),
                },
            };
            results.push(MutationResult {
                id: result.id.as_str().into(),
                outcome,
            });
        }
        Some(MutationReply {
            epoch: reply.epoch.into(),
            results,
        })
    }

    /// Reads a page of a collection's older rows.
    #[must_use]
    pub fn decode_page(&self, resource: ResourceId, json: &str) -> Option<RowPage> {
        let Kind::Collection { decode_row, .. } = self.definition(resource).kind else {
            return None;
        };
        let page: Page<&RawValue> = serde_json::from_str(json).ok()?;
        Some(RowPage {
            rows: rows_of(decode_row, &page.items)?,
            next_cursor: page.next_cursor,
        })
    }

    /// Reads a page of a query.
    #[must_use]
    pub fn decode_items(&self, query: QueryId, json: &str) -> Option<ItemPage> {
        (self.queries[query.index()].decode_page)(json)
    }

    /// The resources of a set of names; names that the schema lacks are left out.
    pub(crate) fn resources_named(&self, names: &[String]) -> ResourceSet {
        let resources = names.iter().filter_map(|name| self.resource_named(name));
        resources.collect()
    }
}

fn rows_of(
    decode: fn(&str) -> Option<Rc<dyn AnyRow>>,
    rows: &[&RawValue],
) -> Option<Vec<Rc<dyn AnyRow>>> {
    rows.iter().map(|row| decode(row.get())).collect()
}

/// The characters that are encoded in a parameter: all but the unreserved ones of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Parameters as a query string.
#[must_use]
pub fn query_string(params: &[(&str, String)]) -> String {
    let pairs = params.iter().map(|(name, value)| {
        let value = utf8_percent_encode(value, RESERVED);
        format!("{name}={value}")
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{JOBS, NOTES, Prices, TOTAL, schema};

    #[test]
    fn the_name_of_every_channel_is_read_back() {
        let schema = schema();
        let prices = Topic::Feed(schema.feed_id::<Prices>());
        let topics = [JOBS, NOTES, TOTAL].map(Topic::Resource);
        for topic in topics.into_iter().chain([prices]) {
            let name = schema.channel(topic, "42#é");
            assert_eq!(schema.topic(&name), Some(topic), "{name}");
        }
        let jobs = schema.channel(Topic::Resource(JOBS), "42");
        assert_eq!(jobs, "fixture:jobs#42");
        assert_eq!(schema.channel(prices, "42"), "shop:prices");
    }

    #[test]
    fn the_name_of_another_channel_has_no_topic() {
        for name in [
            "",
            "fixture",
            "fixture:",
            "fixture:jobs",
            "fixture:playlists#42",
            "Fixture:jobs#42",
            "other:jobs#42",
            "shop:prices2",
            "shop:",
        ] {
            assert_eq!(schema().topic(name), None, "{name}");
        }
    }

    #[test]
    fn a_parameter_cannot_end_its_own_value() {
        let params = [("q", "a b&c=d/é".to_owned()), ("x", String::new())];
        assert_eq!(query_string(&params), "q=a%20b%26c%3Dd%2F%C3%A9&x=");
    }
}
