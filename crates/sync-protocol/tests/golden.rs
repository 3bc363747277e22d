//! Messages as they are on the wire, of an application that keeps todos. Files only ever join this folder: a message that
//! was once sent must stay readable, by clients that are older than their server and the other way round.
//!
//! - `events`, `http`, `centrifugo`: read, and written back as the same JSON value;
//! - `unknown_fields`: the same messages with more fields; they are read as their originals;
//! - `later`: messages that only a later server would send; they are read as far as they can be.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sync_protocol::centrifugo::{Command, Reply, messages};
use sync_protocol::{
    Event, Json, ListSnapshot, MutationReply, MutationRequest, Outcome, Page, Problem, ProblemCode,
    Session, SnapshotReply, Token, ValueSnapshot,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Reads text as `T` and writes it again; `None` if it cannot be read.
fn rewrite<T: DeserializeOwned + Serialize>(text: &str) -> Option<Value> {
    let message: T = serde_json::from_str(text).ok()?;
    let written = serde_json::to_string(&message).expect("a message can be written");
    Some(serde_json::from_str(&written).expect("a written message is JSON"))
}

/// One way to read and rewrite a message.
type Rewrite = fn(&str) -> Option<Value>;

/// The type of each message, by the file's path without its ending. The first prefix that fits counts.
const TYPES: &[(&str, Rewrite)] = &[
    ("centrifugo/command_", rewrite::<Command>),
    ("centrifugo/reply_", rewrite::<Reply>),
    ("events/", rewrite::<Event>),
    ("http/list_snapshot", rewrite::<ListSnapshot<Json>>),
    ("http/mutation_reply", rewrite::<MutationReply>),
    ("http/mutation_request", rewrite::<MutationRequest>),
    ("http/page", rewrite::<Page<Json>>),
    ("http/session", rewrite::<Session>),
    ("http/snapshot", rewrite::<SnapshotReply>),
    ("http/token", rewrite::<Token>),
    ("http/value_snapshot", rewrite::<ValueSnapshot<Json>>),
    ("http/problem_", rewrite::<Problem>),
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
        assert_eq!(rewrite_of(name)(&text(name)), Some(original), "{name}");
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
        assert_eq!(rewrite_of(plain)(&text(&name)), Some(original), "{name}");
    }
}

/// Members of a problem that have no name here are the application's: they are kept, not ignored.
#[test]
fn every_type_but_problems_has_a_message_with_unknown_fields() {
    let names = files("unknown_fields");
    for (prefix, _) in TYPES
        .iter()
        .filter(|(prefix, _)| *prefix != "http/problem_")
    {
        let prefix = format!("unknown_fields/{prefix}");
        assert!(
            names.iter().any(|name| name.starts_with(&prefix)),
            "{prefix}"
        );
    }
}

#[test]
fn an_extension_member_of_a_problem_is_kept() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Total {
        amount: i64,
    }
    let problem: Problem = read("http/problem_extension.json");
    assert_eq!(problem.code, ProblemCode::PriceChanged);
    assert_eq!(problem.extension("total"), Some(Total { amount: 7798 }));
    assert_eq!(problem.extension::<Total>("karma"), None);
}

#[test]
fn an_unknown_problem_code_is_kept_as_text() {
    let problem: Problem = read("http/problem_unknown_code.json");
    assert!(matches!(problem.code, ProblemCode::Other(_)));
}

#[test]
fn outcomes_say_accepted_rejected_and_nothing_to_do() {
    let reply: MutationReply = read("http/mutation_reply.json");
    let [accepted, rejected, no_op] = &reply.results[..] else {
        panic!("{reply:?}");
    };
    assert_eq!((accepted.version, accepted.events().len()), (Some(18), 1));
    assert_eq!(accepted.outcome, Outcome::Accepted);
    let problem = rejected.problem.as_ref().expect("a rejection has a reason");
    assert_eq!(problem.code, ProblemCode::NotFound);
    assert_eq!((no_op.version, no_op.events().len()), (Some(9), 0));
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
    assert_eq!((event.resource.as_str(), event.version), ("todos", 18));
}

#[test]
fn a_push_of_a_later_server_is_read_as_none_that_is_known() {
    let reply: Reply = read("later/unknown_push.json");
    let push = reply.push.expect("it is a push");
    assert!(push.publication.is_none() && push.unsubscribe.is_none() && push.disconnect.is_none());
}

/// Every message, cut short and changed at a hundred positions.
#[test]
fn a_broken_message_is_rejected_or_read_as_another_one_without_a_panic() {
    let mut rejected = 0;
    for name in files("") {
        let plain = name.strip_prefix("unknown_fields/").unwrap_or(&name);
        let Some((_, rewrite)) = TYPES.iter().find(|(prefix, _)| plain.starts_with(prefix)) else {
            continue;
        };
        let text = text(&name).trim_end().to_owned();
        let positions = (0..text.len()).step_by(text.len() / 100 + 1);
        for at in positions.filter(|at| text.is_char_boundary(*at)) {
            assert_eq!(rewrite(&text[..at]), None, "{name} cut at {at}");
            let others = ["", "\"", "}", "[", ",", "1", "\\", "null", " ", "é"];
            for other in others.iter().cycle().skip(at % 10).take(3) {
                let rest = text.get(at + 1..).unwrap_or_default();
                let broken = [&text[..at], *other, rest].concat();
                rejected += u32::from(rewrite(&broken).is_none());
            }
        }
    }
    assert!(rejected > 1000, "{rejected}");
}
