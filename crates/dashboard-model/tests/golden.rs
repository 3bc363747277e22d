//! Golden files of the dashboard's messages. Files are only ever added to this folder: a message that was once sent
//! must stay readable, both by clients older than their server and by servers older than their clients.
//!
//! - `events`, `http`, `centrifugo`, `market`: read, and written back as the same JSON value;
//! - `unknown_fields`: the same messages with more fields; they are read as their originals;
//! - `later`: messages that only a later server would send; as much of them as is known is read.
//!
//! The server reads and writes the types of this crate, the client decodes by the schema. Both must agree on every
//! message.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dashboard_model::catalog::CatalogEvent;
use dashboard_model::{
    Activity, Beat, BeatUpdate, Catalog, CatalogUpdates, Change, Download, Event, Favorite,
    License, Money, MutationBody, MutationReply, Order, OrderChange, OrderStatus, Resource, SignIn,
    SnapshotReply, change, orders, snapshot,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sync_engine::http::{HttpReply, HttpRequest, MutationOutcome, SnapshotRequest};
use sync_engine::schema::{FeedUpdate, ItemPage, Row, RowPage, Schema};
use sync_protocol::centrifugo::{Command, Reply, messages};
use sync_protocol::{MutationRequest, Outcome, Page, Problem, ProblemCode, RawMutation};

/// Every type of change.
const KINDS: [&str; 11] = [
    "activity_logged",
    "download_cancelled",
    "download_completed",
    "download_failed",
    "download_progress",
    "download_requested",
    "favorite_added",
    "favorite_removed",
    "order_created",
    "order_updated",
    "stats_updated",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn written<T: Serialize>(message: &T) -> Value {
    let text = serde_json::to_string(message).expect("a message can be written");
    serde_json::from_str(&text).expect("a written message is JSON")
}

/// Parses text as `T` and serializes it again; `None` if it is malformed.
fn rewrite<T: DeserializeOwned + Serialize>(text: &str) -> Option<Value> {
    serde_json::from_str::<T>(text)
        .ok()
        .map(|message| written(&message))
}

/// Members of a problem without a field are kept as extensions; the dashboard knows one of them.
fn known_members(problem: &mut Problem) {
    let total: Option<Money> = problem.extension(orders::TOTAL);
    problem.extensions.clear();
    if let Some(total) = total {
        *problem = problem.clone().with(orders::TOTAL, &total);
    }
}

fn rewrite_problem(text: &str) -> Option<Value> {
    let mut problem: Problem = serde_json::from_str(text).ok()?;
    known_members(&mut problem);
    Some(written(&problem))
}

fn rewrite_reply(text: &str) -> Option<Value> {
    let mut reply: MutationReply = serde_json::from_str(text).ok()?;
    for result in &mut reply.results {
        if let Some(problem) = &mut result.problem {
            known_members(problem);
        }
    }
    Some(written(&reply))
}

fn rewrite_snapshot(text: &str) -> Option<Value> {
    let mut reply: SnapshotReply = serde_json::from_str(text).ok()?;
    for settled in reply.settled.values_mut() {
        if let Some(problem) = &mut settled.problem {
            known_members(problem);
        }
    }
    Some(written(&reply))
}

fn rewrite_request(text: &str) -> Option<Value> {
    let mut request: MutationRequest = serde_json::from_str(text).ok()?;
    for raw in &mut request.mutations {
        raw.args = MutationBody::decode(&raw.kind, &raw.args).ok()?.args()?;
    }
    Some(written(&request))
}

/// A publication of the catalog's channel, as the server would read its own.
#[derive(Deserialize, Serialize)]
struct Publication {
    changes: Vec<BeatUpdate>,
}

/// One way to read and rewrite a message.
type Rewrite = fn(&str) -> Option<Value>;

/// The type of each message, by the file's path without its extension. The first matching prefix wins.
const TYPES: &[(&str, Rewrite)] = &[
    ("centrifugo/command_", rewrite::<Command>),
    ("centrifugo/reply_", rewrite::<Reply>),
    ("events/", rewrite::<Event>),
    ("http/mutation_reply", rewrite_reply),
    ("http/mutation_request", rewrite_request),
    ("http/page_of_activity", rewrite::<Page<Activity>>),
    ("http/page_of_beats", rewrite::<Page<Beat>>),
    ("http/page_of_downloads", rewrite::<Page<Download>>),
    ("http/page_of_favorites", rewrite::<Page<Favorite>>),
    ("http/page_of_orders", rewrite::<Page<Order>>),
    ("http/problem_", rewrite_problem),
    ("http/sign_in", rewrite::<SignIn>),
    ("http/snapshot", rewrite_snapshot),
    ("market", rewrite::<Publication>),
];

fn rewrite_of(name: &str) -> Rewrite {
    let fitting = TYPES.iter().find(|(prefix, _)| name.starts_with(prefix));
    fitting.unwrap_or_else(|| panic!("{name} has no type")).1
}

/// All JSON files below a folder, as paths from the golden folder.
fn files(below: &str) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder().join(below)).expect("the folder exists") {
        let name = entry.expect("it can be listed").file_name();
        let name = Path::new(below).join(name);
        let name = name.to_str().expect("names are plain").to_owned();
        if folder().join(&name).is_dir() {
            names.extend(files(&name));
        } else if name.ends_with(".json") {
            names.push(name);
        }
    }
    names
}

fn is_plain(name: &str) -> bool {
    !name.starts_with("unknown_fields/") && !name.starts_with("later/")
}

#[test]
fn every_message_is_written_as_it_was_read() {
    for name in files("").iter().filter(|name| is_plain(name)) {
        let original: Value = read(name);
        assert_eq!(rewrite_of(name)(&text(name)), Some(original), "{name}");
    }
}

/// Only code that knows the channel reads the data of a publication, so a frame keeps their unknown fields.
#[test]
fn unknown_fields_change_nothing() {
    for name in files("unknown_fields") {
        let plain = name
            .strip_prefix("unknown_fields/")
            .expect("it is from that folder");
        let original: Value = read(plain);
        assert_ne!(read::<Value>(&name), original, "{name}");
        assert_eq!(rewrite_of(plain)(&text(&name)), Some(original), "{name}");
    }
}

#[test]
fn every_type_has_a_message_with_unknown_fields() {
    let names = files("unknown_fields");
    for (prefix, _) in TYPES {
        let prefix = format!("unknown_fields/{prefix}");
        assert!(
            names.iter().any(|name| name.starts_with(&prefix)),
            "{prefix}"
        );
    }
}

#[test]
fn every_type_of_change_has_a_message() {
    let events = files("events");
    let kinds: BTreeSet<&str> = events
        .iter()
        .flat_map(|name| read::<Event>(name).changes)
        .map(|change| change.kind())
        .collect();
    assert_eq!(kinds, BTreeSet::from(KINDS));
    for kind in KINDS {
        let event: Event = read(&format!("events/{kind}.json"));
        assert_eq!(event.changes[0].kind(), kind);
    }
}

#[test]
fn every_kind_of_mutation_has_a_message() {
    let request: MutationRequest<RawMutation> = read("http/mutation_request.json");
    let mut kinds = BTreeSet::new();
    for raw in &request.mutations {
        let body = MutationBody::decode(&raw.kind, &raw.args).expect("the arguments can be read");
        assert_eq!(body.kind(), raw.kind);
        kinds.insert(raw.kind.as_str());
    }
    let expected = [
        "cancel_download",
        "cancel_order",
        "place_order",
        "request_download",
        "set_favorite",
    ];
    assert_eq!(kinds, BTreeSet::from(expected));
}

#[test]
fn outcomes_say_accepted_rejected_and_nothing_to_do() {
    let reply = SCHEMA.with(|schema| schema.decode_mutations(&text("http/mutation_reply.json")));
    let reply = reply.expect("the reply can be read");
    let outcomes: Vec<_> = reply.results.iter().map(|result| &result.outcome).collect();
    let [accepted, rejected, no_op] = &outcomes[..] else {
        panic!("{reply:?}");
    };
    assert!(
        matches!(accepted, MutationOutcome::Accepted { version: 18, events } if events.len() == 3)
    );
    let MutationOutcome::Rejected { problem } = rejected else {
        panic!("{rejected:?}");
    };
    assert_eq!(problem.code, ProblemCode::PriceChanged);
    assert!(problem.extension::<Money>(orders::TOTAL).is_some());
    assert!(matches!(no_op, MutationOutcome::Accepted { version: 9, events } if events.is_empty()));
}

#[test]
fn a_result_that_names_another_one_has_its_events() {
    let text = text("http/mutation_reply_of_a_batch.json");
    let reply = SCHEMA.with(|schema| schema.decode_mutations(&text));
    let results = reply.expect("the reply can be read").results;
    assert_eq!(results[0].outcome.events().len(), 3);
    assert_eq!(results[1].outcome, results[0].outcome);
}

#[test]
fn a_snapshot_has_the_outcomes_of_mutations() {
    let snapshot: SnapshotReply = read("http/snapshot.json");
    let settled = snapshot.settled.values();
    let outcomes: Vec<_> = settled.map(|settled| settled.outcome).collect();
    assert_eq!(outcomes, [Outcome::Accepted, Outcome::Rejected]);
}

#[test]
fn a_frame_holds_several_messages() {
    let frame = text("centrifugo/frame_of_several.jsonl");
    let replies: Vec<Reply> = messages(&frame)
        .map(|message| serde_json::from_str(message).expect("each line is a message"))
        .collect();
    assert_eq!(replies.len(), 3);
    assert!(replies[0].subscribe.is_some() && replies[2].is_ping());
    let publication = replies[1]
        .push
        .as_ref()
        .and_then(|push| push.publication.as_ref())
        .expect("the second one is a publication");
    let event: Event = serde_json::from_str(publication.data.get()).expect("it carries an event");
    assert_eq!((event.resource, event.version), (Resource::Favorites, 18));
}

#[test]
fn an_event_of_a_later_server_keeps_its_header_and_what_is_known() {
    let event = SCHEMA.with(|schema| schema.decode_event(&text("later/unknown_change.json")));
    let event = event.expect("the header can be read");
    assert_eq!((event.version, event.prev), (40, 31));
    let named = [Resource::Favorites, Resource::Stats];
    assert_eq!(event.resources, named.into_iter().collect());
    let known: Vec<_> = event
        .changes
        .iter()
        .map(|change| !change.is_unknown())
        .collect();
    assert_eq!(known, [true, false, false]);
    assert_eq!(event.changes[0].kind(), "favorite_added");
    assert!(event.is_malformed());
}

#[test]
fn words_of_a_later_server_are_read_as_unknown() {
    let page: Page<Order> = read("later/unknown_words.json");
    assert_eq!(page.items[0].status, OrderStatus::Unknown);
    assert_eq!(page.items[0].lines[0].license, License::Unknown);
}

#[test]
fn a_push_of_a_later_server_is_read_as_none_that_is_known() {
    let reply: Reply = read("later/unknown_push.json");
    let push = reply.push.expect("it is a push");
    assert!(push.publication.is_none() && push.unsubscribe.is_none() && push.disconnect.is_none());
}

#[test]
fn replies_are_decoded_by_their_request() {
    let snapshot = HttpRequest::Snapshot(SnapshotRequest::default());
    let older = HttpRequest::Older {
        resource: Resource::Orders.into(),
        cursor: String::new(),
        limit: 10,
    };
    SCHEMA.with(|schema| {
        let query = HttpRequest::Query {
            key: schema.query_key(&Catalog::default()),
            cursor: None,
            limit: 10,
        };
        for (request, name) in [
            (snapshot, "http/snapshot.json"),
            (older, "http/page_of_orders.json"),
            (query, "http/page_of_beats.json"),
        ] {
            let reply = HttpReply::decode(schema, &request, &text(name));
            assert!(reply.is_some(), "{name}");
            assert!(HttpReply::decode(schema, &request, "[]").is_none());
        }
    });
}

/// Reads a message in both ways: by the types of this crate, as the server does, and by the schema, as the client does.
/// A message that the server can read means the same to the client. The client reads more, such as changes of later
/// servers. Returns whether both read it.
type ReadTwice = fn(&Schema, &str) -> bool;

thread_local! {
    static SCHEMA: Schema = dashboard_model::schema();
}

fn agree<T, D: std::fmt::Debug + PartialEq>(
    text: &str,
    typed: Option<T>,
    decode: impl Fn(T) -> D,
    decoded: Option<&D>,
) -> bool {
    let Some(typed) = typed else {
        return false;
    };
    assert_eq!(decoded, Some(&decode(typed)), "{text}");
    true
}

fn typed<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn read_event(schema: &Schema, text: &str) -> bool {
    let decoded = schema.decode_event(text);
    agree(
        text,
        typed::<Event>(text),
        |event| change::decoded(&event),
        decoded.as_ref(),
    )
}

fn read_snapshot(schema: &Schema, text: &str) -> bool {
    // Favorites track ids, so the client rejects them without ids.
    let typed = typed::<SnapshotReply>(text).filter(|reply| {
        let favorites = reply.resources.favorites.as_ref();
        favorites.is_none_or(|favorites| favorites.ids.is_some())
    });
    // The client keeps the resources in the order of their names.
    let sorted = |mut snapshot: sync_engine::http::Snapshot| {
        snapshot.resources.sort_by_key(|(resource, _)| *resource);
        snapshot
    };
    let decoded = schema.decode_snapshot(text).map(sorted);
    agree(
        text,
        typed,
        |reply| sorted(snapshot::decoded(reply)),
        decoded.as_ref(),
    )
}

fn read_mutations(schema: &Schema, text: &str) -> bool {
    let decoded = schema.decode_mutations(text).map(|reply| {
        let outcomes = reply.results.into_iter().map(|result| {
            let (version, events, problem) = match result.outcome {
                MutationOutcome::Accepted { version, events } => (version, events, None),
                MutationOutcome::Rejected { problem } => (0, Vec::new(), Some(problem)),
            };
            (result.id.as_str().to_owned(), version, events, problem)
        });
        (reply.epoch.to_string(), outcomes.collect::<Vec<_>>())
    });
    let decode = |reply: MutationReply| {
        let mut outcomes: Vec<(String, u64, Vec<_>, Option<Problem>)> = Vec::new();
        for result in reply.results {
            let of_commit = outcomes
                .iter()
                .find(|(id, ..)| result.events_in.as_ref() == Some(id))
                .map(|(_, _, events, _)| events.clone());
            let own = || result.events().iter().map(change::decoded).collect();
            let events = of_commit.unwrap_or_else(own);
            outcomes.push(match result.outcome {
                Outcome::Accepted => (result.id, result.version.unwrap_or_default(), events, None),
                Outcome::Rejected => {
                    let problem = result.problem.unwrap_or_else(Problem::without_reason);
                    (result.id, 0, Vec::new(), Some(problem))
                }
            });
        }
        (reply.epoch, outcomes)
    };
    agree(text, typed::<MutationReply>(text), decode, decoded.as_ref())
}

fn read_page<R: Row>(schema: &Schema, resource: Resource, text: &str) -> bool {
    let decoded = schema.decode_page(resource.into(), text);
    agree(text, typed::<Page<R>>(text), RowPage::new, decoded.as_ref())
}

fn read_items(schema: &Schema, text: &str) -> bool {
    let decoded = schema.decode_items(schema.query_id::<Catalog>(), text);
    agree(
        text,
        typed::<Page<Beat>>(text),
        ItemPage::new,
        decoded.as_ref(),
    )
}

fn read_updates(schema: &Schema, text: &str) -> bool {
    let decoded = schema.decode_updates(schema.feed_id::<CatalogUpdates>(), text);
    let decode = |publication: Publication| {
        let updates = publication.changes.into_iter();
        updates.map(FeedUpdate::new).collect::<Vec<_>>()
    };
    agree(text, typed::<Publication>(text), decode, decoded.as_ref())
}

/// Messages of the server, with a reader for each. The first matching prefix wins.
const REPLIES: &[(&str, ReadTwice)] = &[
    ("events/", read_event),
    ("http/mutation_reply", read_mutations),
    ("http/page_of_activity", |schema, text| {
        read_page::<Activity>(schema, Resource::Activity, text)
    }),
    ("http/page_of_beats", read_items),
    ("http/page_of_downloads", |schema, text| {
        read_page::<Download>(schema, Resource::Downloads, text)
    }),
    ("http/page_of_favorites", |schema, text| {
        read_page::<Favorite>(schema, Resource::Favorites, text)
    }),
    ("http/page_of_orders", |schema, text| {
        read_page::<Order>(schema, Resource::Orders, text)
    }),
    ("http/snapshot", read_snapshot),
    ("market", read_updates),
];

/// Every message: whole, truncated, and modified at a hundred positions.
#[test]
fn server_and_client_agree_on_every_message_and_on_broken_ones() {
    let mut read = 0;
    SCHEMA.with(|schema| {
        for name in files("") {
            let plain = name.strip_prefix("unknown_fields/").unwrap_or(&name);
            let reader = REPLIES.iter().find(|(prefix, _)| plain.starts_with(prefix));
            let Some((_, reader)) = reader else {
                continue;
            };
            let text = text(&name).trim_end().to_owned();
            assert!(reader(schema, &text), "{name}");
            read += 1;
            let positions = (0..text.len()).step_by(text.len() / 100 + 1);
            for at in positions.filter(|at| text.is_char_boundary(*at)) {
                assert!(!reader(schema, &text[..at]), "{name} cut at {at}");
                let others = ["", "\"", "}", "[", ",", "1", "\\", "null", " ", "é"];
                for other in others.iter().cycle().skip(at % 10).take(3) {
                    let rest = text.get(at + 1..).unwrap_or_default();
                    reader(schema, &[&text[..at], *other, rest].concat());
                }
            }
        }
    });
    assert!(read >= 2 * REPLIES.len(), "{read}");
}

#[test]
fn a_publication_of_the_catalog_is_written_as_its_golden_file() {
    let publication: Publication = read("market.json");
    let event = CatalogEvent {
        changes: publication.changes,
    };
    assert_eq!(written(&event), read::<Value>("market.json"));
}

#[test]
fn an_order_is_of_the_type_that_its_change_names() {
    let event: Event = read("events/order_updated.json");
    assert!(matches!(
        event.changes[0],
        Change::Order(OrderChange::Updated(_))
    ));
}
