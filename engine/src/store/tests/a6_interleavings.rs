//! Whatever the order of clicks, replies, losses, refusals, events and doubles: the end is what the server has, no
//! frame shows a value that nobody asked for, and a list and its counter never disagree.
//!
//! A run is a sequence of choices. In short runs every beginning of so many choices is enumerated, without a bound that
//! would hide some, and each goes on as drawn; long runs are drawn from a seed, which a failure names.

use std::collections::{BTreeMap, BTreeSet};

use dashboard_protocol::{Event, ProblemCode, Resource, Wish};

use super::bench::{Bench, cancel_download, cancel_order, download, like, order, unlike};
use crate::http::{HttpFailure, HttpReply, HttpRequest};
use crate::random::Random;

/// Where choices come from.
trait Choose {
    fn choose(&mut self, count: usize) -> usize;
    fn name(&self) -> String;
}

struct Drawn {
    seed: u64,
    random: Random,
}

impl Choose for Drawn {
    fn choose(&mut self, count: usize) -> usize {
        usize::try_from(self.random.up_to(count as u64 - 1)).unwrap()
    }
    fn name(&self) -> String {
        format!("seed {}", self.seed)
    }
}

/// Goes through all beginnings of a sequence of choices, like the digits of a number; what follows is drawn, each time
/// anew.
struct Enumerated {
    digits: Vec<(usize, usize)>,
    place: usize,
    /// How many choices are enumerated.
    depth: usize,
    run: u64,
    tail: Random,
}

impl Enumerated {
    fn new(depth: usize) -> Self {
        Self {
            digits: Vec::new(),
            place: 0,
            depth,
            run: 0,
            tail: Random::new(0),
        }
    }

    fn next(&mut self) -> bool {
        self.digits.truncate(self.place);
        self.place = 0;
        self.run += 1;
        self.tail = Random::new(self.run);
        while let Some((digit, count)) = self.digits.pop() {
            if digit + 1 < count {
                self.digits.push((digit + 1, count));
                return true;
            }
        }
        false
    }
}

impl Choose for Enumerated {
    fn choose(&mut self, count: usize) -> usize {
        if self.place == self.depth {
            return usize::try_from(self.tail.up_to(count as u64 - 1)).unwrap();
        }
        if self.place == self.digits.len() {
            self.digits.push((0, count));
        }
        let (digit, _) = self.digits[self.place];
        self.place += 1;
        digit
    }
    fn name(&self) -> String {
        let digits = &self.digits[..self.place];
        format!("choices {digits:?}, then as drawn for run {}", self.run)
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Wish,
    /// Runs and answers.
    Answer(usize),
    /// Runs; the answer comes later.
    Run(usize),
    /// Runs; the answer is lost.
    LoseReply(usize),
    /// Is lost on its way.
    LoseRequest(usize),
    /// Is refused.
    Refuse(usize),
    /// An answer that was held back.
    Late(usize),
    /// A commit's events.
    Deliver(usize),
    /// A commit's events once more.
    Double(usize),
    /// One event of a commit, without the others.
    Part(usize),
    /// Events of a commit are lost for good.
    Lose(usize),
    Elsewhere,
    Refetch,
    Poll,
    Wait,
}

struct World {
    bench: Bench,
    wishes: Vec<Wish>,
    /// Commits that were not delivered, oldest first.
    commits: Vec<Vec<Event>>,
    delivered: Vec<Vec<Event>>,
    late: Vec<(u64, HttpReply)>,
    frames: BTreeMap<&'static str, bool>,
    /// Hearts that may change now.
    asked: BTreeSet<String>,
    elsewhere: usize,
    waits: usize,
    polls: usize,
    kinds_of_wait: usize,
    /// Versions of favorites and statistics that the server had at the same time.
    moments: BTreeSet<(Option<u64>, Option<u64>)>,
    /// Whether commits arrive whole and none is lost.
    whole: bool,
    log: Vec<String>,
}

/// How many choices at the beginning of a short run are all tried.
const BEGINNING: usize = 8;

const BEATS: [&str; 3] = ["b1", "b2", "b3"];

impl World {
    fn new(wishes: Vec<Wish>, whole: bool) -> Self {
        let bench = Bench::loaded();
        let frames = BEATS
            .iter()
            .map(|beat| (*beat, bench.heart(beat)))
            .collect();
        Self {
            bench,
            wishes,
            commits: Vec::new(),
            delivered: Vec::new(),
            late: Vec::new(),
            frames,
            asked: BTreeSet::new(),
            elsewhere: 0,
            waits: 0,
            polls: 0,
            kinds_of_wait: 4,
            moments: BTreeSet::new(),
            whole,
            log: Vec::new(),
        }
    }

    fn steps(&self, small: bool) -> Vec<Step> {
        let mut steps = Vec::new();
        if !self.wishes.is_empty() {
            steps.push(Step::Wish);
        }
        for (place, (_, request)) in self.bench.calls.iter().enumerate() {
            steps.push(Step::Answer(place));
            steps.push(Step::LoseReply(place));
            steps.push(Step::Run(place));
            if matches!(request, HttpRequest::Mutations(_)) {
                steps.push(Step::Refuse(place));
            }
            if !small {
                steps.push(Step::LoseRequest(place));
            }
        }
        for place in 0..self.late.len() {
            steps.push(Step::Late(place));
        }
        let reach = if small { 1 } else { 3 };
        for place in 0..self.commits.len().min(reach) {
            steps.push(Step::Deliver(place));
            if !self.whole {
                steps.push(Step::Part(place));
                steps.push(Step::Lose(place));
            }
        }
        if small && self.waits < 2 {
            steps.push(Step::Wait);
        }
        if self.polls < 2 && self.bench.snapshot_calls().is_empty() {
            steps.push(Step::Poll);
        }
        if !small {
            steps.extend((0..self.delivered.len()).rev().take(1).map(Step::Double));
            steps.push(Step::Wait);
            if self.elsewhere < 4 {
                steps.push(Step::Elsewhere);
            }
            if self.bench.snapshot_calls().is_empty() {
                steps.push(Step::Refetch);
            }
        }
        steps
    }

    fn take(&mut self, step: Step, choose: &mut dyn Choose) {
        self.log.push(format!("{step:?}"));
        match step {
            Step::Wish => self.act(choose),
            Step::Answer(place) => {
                let (call, reply) = self.run(place);
                self.bench.reply(call, reply);
            }
            Step::Run(place) => {
                let answered = self.run(place);
                self.late.push(answered);
            }
            Step::LoseReply(place) => {
                let (call, _) = self.run(place);
                self.bench.fail(call, HttpFailure::Network);
            }
            Step::LoseRequest(place) => {
                let call = self.bench.calls[place].0;
                self.bench.fail(call, HttpFailure::Timeout);
            }
            Step::Refuse(place) => self.refuse(place),
            Step::Late(place) => {
                let (call, reply) = self.late.remove(place);
                self.allow_refused(&reply);
                self.bench.reply(call, reply);
            }
            Step::Deliver(place) => {
                let commit = self.commits.remove(place);
                self.bench
                    .store
                    .handle_events(self.bench.now, commit.clone());
                self.bench.collect();
                self.delivered.push(commit);
            }
            Step::Double(place) => {
                let commit = self.delivered[place].clone();
                self.bench.deliver(&commit);
            }
            Step::Part(place) => {
                let part = choose.choose(self.commits[place].len());
                let event = self.commits[place].remove(part);
                self.bench.deliver(&[event]);
                self.commits.retain(|commit| !commit.is_empty());
            }
            Step::Lose(place) => {
                self.commits.remove(place);
            }
            Step::Elsewhere => {
                self.elsewhere += 1;
                let wish = like(&format!("x{}", self.elsewhere));
                let events = self.bench.server.elsewhere(wish);
                self.commits.push(events);
            }
            Step::Refetch => {
                self.bench.store.fetch(self.bench.now, &Resource::ALL);
                self.bench.collect();
            }
            Step::Poll => {
                self.polls += 1;
                self.bench.store.poll(self.bench.now, &Resource::ALL);
                self.bench.collect();
            }
            Step::Wait => {
                self.waits += 1;
                let ms = [160, 10, 700, 1100][choose.choose(self.kinds_of_wait)];
                self.bench.advance(ms);
            }
        }
        self.check();
        self.asked.clear();
    }

    fn act(&mut self, choose: &mut dyn Choose) {
        let wish = self.wishes.remove(0);
        self.log.push(format!("  {wish:?}"));
        if let Wish::SetFavorite { beat_id, .. } = &wish {
            self.asked.insert(beat_id.clone());
        }
        self.bench.wish(wish);
        self.check();
        self.asked.clear();
        if choose.choose(2) == 0 {
            self.bench.advance(200);
        }
    }

    fn run(&mut self, place: usize) -> (u64, HttpReply) {
        let (call, request) = self.bench.calls.remove(place).unwrap();
        let before = self.bench.server.version;
        let (reply, events) = self.bench.serve(&request);
        let versions: BTreeSet<u64> = events.iter().map(|event| event.version).collect();
        assert!(versions.iter().all(|version| *version > before));
        for version in versions {
            let commit = events.iter().filter(|event| event.version == version);
            self.commits.push(commit.cloned().collect());
        }
        (call, reply)
    }

    fn refuse(&mut self, place: usize) {
        let HttpRequest::Mutations(body) = self.bench.calls[place].1.clone() else {
            return;
        };
        // A verdict once given stays.
        if body
            .mutations
            .iter()
            .all(|mutation| !self.bench.server.verdicts.contains_key(&mutation.id))
        {
            self.bench.server.refuse.push(ProblemCode::Invalid);
        }
        let (call, reply) = self.run(place);
        self.allow_refused(&reply);
        self.bench.reply(call, reply);
        self.bench.server.refuse.clear();
    }

    /// A refusal takes a value back, which the person is told.
    fn allow_refused(&mut self, reply: &HttpReply) {
        let ids: Vec<String> = match reply {
            HttpReply::Mutations(reply) => reply
                .results
                .iter()
                .map(|result| result.id.clone())
                .collect(),
            HttpReply::Snapshot(Some(reply)) => reply.settled.keys().cloned().collect(),
            _ => Vec::new(),
        };
        for id in ids {
            let Some((mutation, settled, _)) = self.bench.server.verdicts.get(&id) else {
                continue;
            };
            if settled.problem.is_some()
                && let Wish::SetFavorite { beat_id, .. } = &mutation.wish
            {
                self.asked.insert(beat_id.clone());
            }
        }
    }

    /// What every frame must hold.
    fn check(&mut self) {
        let at = |resource: Resource| Some(self.bench.server.versions[resource.index()]);
        self.moments
            .insert((at(Resource::Favorites), at(Resource::Stats)));
        let context = || self.log.join("\n");
        for beat in BEATS {
            let now = self.bench.heart(beat);
            let before = self.frames.insert(beat, now).unwrap();
            let refused = self.bench.store.favorite(beat).failure.is_some();
            assert!(
                now == before || self.asked.contains(beat) || refused,
                "{beat} flickers\n{}",
                context()
            );
        }
        let favorites = self.bench.store.favorites().data.unwrap();
        for beat in BEATS {
            assert_eq!(
                favorites.ids.contains(beat),
                self.bench.heart(beat),
                "{}",
                context()
            );
        }
        // At one moment of the server, both say the same.
        let version = |resource| self.bench.store.version_of(resource);
        let versions = (version(Resource::Favorites), version(Resource::Stats));
        if self.moments.contains(&versions) {
            let counter = usize::try_from(self.bench.counter()).unwrap();
            assert_eq!(
                counter,
                favorites.ids.len(),
                "list and counter\n{}",
                context()
            );
        }
        let orders = self.bench.store.orders().data.unwrap();
        let ids: BTreeSet<_> = orders.rows.iter().map(|row| &row.item.id).collect();
        assert_eq!(ids.len(), orders.rows.len(), "a row twice\n{}", context());
        let activity = self.bench.store.activity().data.unwrap();
        let ids: BTreeSet<_> = activity.rows.iter().map(|row| &row.item.id).collect();
        assert_eq!(ids.len(), activity.rows.len(), "a row twice\n{}", context());
    }

    /// Everything that is on its way arrives, except what was lost; a fetch brings the rest.
    fn finish(&mut self, name: &str) {
        for (call, reply) in std::mem::take(&mut self.late) {
            self.allow_refused(&reply);
            self.bench.reply(call, reply);
            self.check();
            self.asked.clear();
        }
        for commit in std::mem::take(&mut self.commits) {
            self.bench.store.handle_events(self.bench.now, commit);
            self.bench.collect();
        }
        self.bench.settle();
        let context = format!("{name}\n{}", self.log.join("\n"));
        if self.whole {
            // No event was lost: nothing else is needed.
            assert_eq!(self.bench.pending(), 0, "{context}");
            self.bench.assert_same(&context);
        }
        self.bench.store.fetch(self.bench.now, &Resource::ALL);
        self.bench.collect();
        self.bench.settle();
        assert_eq!(self.bench.pending(), 0, "{context}");
        self.bench.assert_same(&context);
    }
}

fn run(choose: &mut dyn Choose, wishes: Vec<Wish>, steps: usize, whole: bool, small: bool) {
    let mut world = World::new(wishes, whole);
    world.kinds_of_wait = if small { 1 } else { 4 };
    for _ in 0..steps {
        let possible = world.steps(small);
        if possible.is_empty() {
            break;
        }
        let step = possible[choose.choose(possible.len())];
        world.take(step, choose);
    }
    world.finish(&choose.name());
}

#[test]
fn a6_every_short_interleaving_ends_as_the_server_has_it_without_flicker() {
    let stories = [
        vec![like("b3"), unlike("b3")],
        vec![like("b3"), unlike("b1")],
        vec![unlike("b1"), like("b1")],
        vec![order("o2", "b3"), cancel_order("o2")],
        vec![download("d2", "b2"), cancel_download("d2")],
        vec![unlike("b1"), like("b1"), unlike("b1")],
        vec![like("b3"), order("o2", "b3"), unlike("b3")],
        vec![download("d2", "b2"), like("b3"), cancel_download("d2")],
    ];
    for story in stories {
        let mut choices = Enumerated::new(BEGINNING);
        loop {
            run(&mut choices, story.clone(), 12, true, true);
            if !choices.next() {
                break;
            }
        }
        assert!(choices.run > 5000, "{} of {story:?}", choices.run);
        println!("{} interleavings of {story:?}", choices.run);
    }
}

#[test]
fn a6_long_interleavings_end_as_the_server_has_it_without_flicker() {
    for seed in 0..4000 {
        let mut draw = Drawn {
            seed,
            random: Random::new(seed),
        };
        let whole = seed % 2 == 0;
        let pool = [
            like("b3"),
            unlike("b3"),
            unlike("b1"),
            like("b1"),
            unlike("b2"),
            order("o2", "b3"),
            cancel_order("o1"),
            cancel_order("o2"),
            download("d2", "b2"),
            cancel_download("d1"),
            cancel_download("d2"),
        ];
        let count = 1 + draw.choose(4);
        let wishes = (0..count).map(|_| pool[draw.choose(pool.len())].clone());
        let wishes = wishes.collect();
        run(&mut draw, wishes, 30, whole, false);
    }
}
