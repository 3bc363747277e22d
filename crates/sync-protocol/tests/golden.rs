//! Messages as they stand on the wire. Files only ever join this folder: what was once said must stay readable, by
//! clients that are older than their server and the other way round.
//!
//! - `events`, `http`, `centrifugo`: read, and written back as the same JSON value;
//! - `unknown_fields`: the same messages with fields more; they read as their originals do;
//! - `later`: messages that only a later server would send; they are read as far as they can be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dashboard_protocol::centrifugo::{Command, Reply, messages};
use dashboard_protocol::{
    Activity, Beat, Change, ChangeKind, Download, Event, Favorite, License, CatalogUpdate,
    MutationReply, MutationRequest, Order, OrderStatus, Outcome, Page, Problem, ProblemCode,
    RawMutation, Readable, Resource, Session, SignIn, SnapshotReply, Token, MutationOutcome, MutationBody,
    from_json,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads text in both ways that there are, which have to agree; tells what was read, as JSON.
fn read_twice<T: DeserializeOwned + Readable + Serialize>(text: &str) -> Option<String> {
    let write = |message: T| serde_json::to_string(&message).expect("a message can be written");
    let here = from_json(text).map(write);
    assert_eq!(here, serde_json::from_str(text).ok().map(write), "{text}");
    here
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Reads text as `T` and writes it again.
fn rewritten<T: DeserializeOwned + Serialize>(name: &str) -> Value {
    let message: T = read(name);
    let written = serde_json::to_string(&message).expect("a message can be written");
    serde_json::from_str(&written).expect("what was written is JSON")
}

/// One way to read and rewrite a file.
type Rewrite = fn(&str) -> Value;

/// The type of each message, by the file's path without its ending. The first prefix that fits counts.
const TYPES: &[(&str, Rewrite)] = &[
    ("centrifugo/command_", rewritten::<Command>),
    ("centrifugo/reply_", rewritten::<Reply>),
    ("events/", rewritten::<Event>),
    ("http/mutation_reply", rewritten::<MutationReply>),
    ("http/mutation_request", rewritten::<MutationRequest>),
    ("http/page_of_activity", rewritten::<Page<Activity>>),
    ("http/page_of_beats", rewritten::<Page<Beat>>),
    ("http/page_of_downloads", rewritten::<Page<Download>>),
    ("http/page_of_favorites", rewritten::<Page<Favorite>>),
    ("http/page_of_orders", rewritten::<Page<Order>>),
    ("http/problem_", rewritten::<Problem>),
    ("http/session", rewritten::<Session>),
    ("http/sign_in", rewritten::<SignIn>),
    ("http/snapshot", rewritten::<SnapshotReply>),
    ("http/token", rewritten::<Token>),
    ("market", rewritten::<CatalogUpdate>),
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

#[test]
fn every_message_is_written_as_it_was_read() {
    let names = files("");
    let plain = names
        .iter()
        .filter(|name| !name.starts_with("unknown_fields/") && !name.starts_with("later/"));
    for name in plain {
        let original: Value = read(name);
        assert_eq!(rewrite_of(name)(name), original, "{name}");
    }
}

#[test]
fn unknown_fields_change_nothing() {
    for name in files("unknown_fields") {
        let plain = name
            .strip_prefix("unknown_fields/")
            .expect("it is from that folder");
        let original: Value = read(plain);
        assert_ne!(read::<Value>(&name), original, "{name}");
        assert_eq!(rewrite_of(plain)(&name), original, "{name}");
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
    let kinds: BTreeSet<ChangeKind> = events
        .iter()
        .flat_map(|name| read::<Event>(name).changes)
        .map(|change| change.kind())
        .collect();
    assert_eq!(kinds, ChangeKind::KNOWN.iter().copied().collect());
    for kind in ChangeKind::KNOWN {
        let event: Event = read(&format!("events/{}.json", kind.as_str()));
        assert_eq!(event.changes[0].kind(), *kind);
    }
}

#[test]
fn every_kind_of_mutation_has_a_message_and_reads_the_same_raw() {
    let request: MutationRequest = read("http/mutation_request.json");
    let raw: MutationRequest<RawMutation> = read("http/mutation_request.json");
    let mut kinds = BTreeSet::new();
    for (mutation, raw) in request.mutations.iter().zip(&raw.mutations) {
        assert_eq!(
            MutationBody::decode(&raw.kind, &raw.args).as_ref(),
            Ok(&mutation.body)
        );
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
    let reply: MutationReply = read("http/mutation_reply.json");
    let [accepted, rejected, no_op] = &reply.results[..] else {
        panic!("{reply:?}");
    };
    assert!(
        matches!(&accepted.outcome, MutationOutcome::Accepted { version: 18, events } if events.len() == 3)
    );
    assert!(
        matches!(&rejected.outcome, MutationOutcome::Rejected { problem } if problem.code == ProblemCode::PriceChanged)
    );
    assert!(
        matches!(&no_op.outcome, MutationOutcome::Accepted { version: 9, events } if events.is_empty())
    );
}

#[test]
fn a_snapshot_tells_what_became_of_mutations() {
    let snapshot: SnapshotReply = read("http/snapshot.json");
    let outcomes: Vec<_> = snapshot
        .settled
        .values()
        .map(|settled| settled.outcome)
        .collect();
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
    let event: Event = read("later/unknown_change.json");
    assert_eq!((event.version, event.prev), (40, 31));
    assert_eq!(event.resources, [Resource::Favorites, Resource::Stats]);
    let kinds: Vec<_> = event.changes.iter().map(Change::kind).collect();
    assert_eq!(
        kinds,
        [
            ChangeKind::FavoriteAdded,
            ChangeKind::Unknown,
            ChangeKind::Unknown
        ]
    );
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

/// One way to read a text in both ways.
type ReadTwice = fn(&str) -> Option<String>;

/// What the server says, with a reader for it. The first prefix that fits counts.
const SAID: &[(&str, ReadTwice)] = &[
    ("centrifugo/reply_", read_twice::<Reply>),
    ("events/", read_twice::<Event>),
    ("http/mutation_reply", read_twice::<MutationReply>),
    ("http/page_of_activity", read_twice::<Page<Activity>>),
    ("http/page_of_beats", read_twice::<Page<Beat>>),
    ("http/page_of_downloads", read_twice::<Page<Download>>),
    ("http/page_of_favorites", read_twice::<Page<Favorite>>),
    ("http/page_of_orders", read_twice::<Page<Order>>),
    ("http/problem_", read_twice::<Problem>),
    ("http/session", read_twice::<Session>),
    ("http/snapshot", read_twice::<SnapshotReply>),
    ("http/token", read_twice::<Token>),
    ("market", read_twice::<CatalogUpdate>),
];

/// Our own reader is what the browser runs and serde_json is what everyone trusts, so they are held against each other
/// on every message, cut short and changed at a hundred places.
#[test]
fn both_readers_agree_on_every_message_and_on_broken_ones() {
    let mut read = 0;
    for name in files("") {
        let plain = name.strip_prefix("unknown_fields/").unwrap_or(&name);
        let Some((_, reader)) = SAID.iter().find(|(prefix, _)| plain.starts_with(prefix)) else {
            continue;
        };
        let text = text(&name);
        assert!(reader(&text).is_some(), "{name}");
        read += 1;
        let places = (0..text.len()).step_by(text.len() / 100 + 1);
        for at in places.filter(|at| text.is_char_boundary(*at)) {
            reader(&text[..at]);
            let others = ["", "\"", "}", "[", ",", "1", "\\", "null", " ", "é"];
            for other in others.iter().cycle().skip(at % 10).take(3) {
                let rest = text.get(at + 1..).unwrap_or_default();
                reader(&[&text[..at], *other, rest].concat());
            }
        }
    }
    assert!(read >= 2 * SAID.len(), "{read}");
}
