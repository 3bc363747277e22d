//! The scheduler with events that come one by one, in bursts and out of order; with the store behind it, which waits for
//! the parts of a commit; and a property test over many events.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dashboard_model::Resource::{self, Activity, Downloads, Favorites, Orders, Stats as Numbers};
use dashboard_model::{
    BeatUpdate, CatalogUpdates, Change, Download, DownloadChange, Favorite, FavoriteChange, Money,
    Order, OrderStatus, Stats,
};
use serde_json::json;
use sync_engine::event::Event;
use sync_engine::http::{HttpReply, HttpRequest};
use sync_engine::random::Random;
use sync_engine::scheduler::{
    FRAME_WAIT_MAX_MS, HIDDEN_INTERVAL_MS, QUEUE_EVENTS_MAX, QUIET_MS, Scheduler, SchedulerOutput,
};
use sync_engine::schema::{FeedUpdate, ResourceSet, Schema};
use sync_engine::settings::Settings;
use sync_engine::store::{COMMIT_WAIT_MS, Store, StoreOutput};
use sync_engine::time::{Now, earliest};
use sync_protocol::Timestamp;

const START: Now = Now {
    mono_ms: 10_000,
    wall_ms: 0,
};
const ALL: ResourceSet = ResourceSet::first(Resource::ALL.len());

/// An event whose change has the priority of its resource, or is critical.
fn event(resource: Resource, version: u64, resources: &[Resource], critical: bool) -> Event {
    let change = match resource {
        Favorites => Change::favorite_added(Favorite::default()),
        Orders => Change::order_updated(Order {
            status: if critical {
                OrderStatus::PaymentFailed
            } else {
                OrderStatus::Paid
            },
            ..Order::default()
        }),
        Downloads if critical => Change::Download(DownloadChange::Failed(Box::default())),
        Downloads => Change::Download(DownloadChange::Completed(Box::<Download>::default())),
        Activity => Change::activity_logged(dashboard_model::Activity::default()),
        Numbers => Change::stats_updated(Stats::default()),
    };
    dashboard_model::change::decoded(&dashboard_model::Event {
        epoch: "e".to_owned(),
        resource,
        version,
        prev: version - 1,
        resources: resources.to_vec(),
        mutations: Vec::new(),
        at: Timestamp::default(),
        changes: vec![change],
    })
}

/// The resource of an event.
fn resource_of(event: &Event) -> Resource {
    Resource::of(event.resource).expect("events are of the dashboard's resources")
}

/// An event of a commit that affected nothing else.
fn single(resource: Resource, version: u64) -> Event {
    event(resource, version, &[resource], false)
}

fn schema() -> Rc<Schema> {
    Rc::new(dashboard_model::schema())
}

fn scheduler() -> Scheduler {
    Scheduler::new(&schema(), &Settings::default())
}

/// A scheduler that has just applied an event, so that further ones wait.
fn busy_scheduler() -> Scheduler {
    let mut scheduler = scheduler();
    scheduler.push(START, event(Downloads, 1, &[Downloads], true), ALL);
    assert_eq!(batches(&mut scheduler), [[(Downloads, 1)]]);
    scheduler.take_report();
    scheduler
}

fn outputs(scheduler: &mut Scheduler) -> Vec<SchedulerOutput> {
    std::iter::from_fn(|| scheduler.poll_output()).collect()
}

/// The batches among the outputs, as resources and versions.
fn batches(scheduler: &mut Scheduler) -> Vec<Vec<(Resource, u64)>> {
    let batch = |output| match output {
        SchedulerOutput::Apply(events) => Some(
            events
                .iter()
                .map(|event| (resource_of(event), event.version))
                .collect(),
        ),
        SchedulerOutput::Updates(..)
        | SchedulerOutput::RequestFrame
        | SchedulerOutput::Overflow(_) => None,
    };
    outputs(scheduler).into_iter().filter_map(batch).collect()
}

/// The scheduler with a store behind it that has loaded everything.
struct Pipeline {
    scheduler: Scheduler,
    store: Store,
    now: Now,
    /// When a frame comes that was asked for.
    frame_ms: Option<u64>,
    subscribed: ResourceSet,
}

impl Pipeline {
    /// All resources are at this version.
    fn at(version: u64) -> Self {
        let schema = schema();
        let mut store = Store::new(&schema, &Settings::default(), 1);
        store.sign_in(START, "ada");
        store.fetch(START, ALL);
        let call = std::iter::from_fn(|| store.poll_output()).find_map(|output| match output {
            StoreOutput::Http { id, request } => Some((id, request)),
            _ => None,
        });
        let (id, request) = call.expect("the store asks for a snapshot");
        assert!(matches!(request, HttpRequest::Snapshot(_)));
        let part = |resource: &Resource| match resource {
            Numbers => json!({ "version": version, "data": Stats::default() }),
            _ => json!({ "version": version, "items": [], "next_cursor": null, "ids": [] }),
        };
        let parts: BTreeMap<_, _> = Resource::ALL
            .iter()
            .map(|resource| (resource.to_string(), part(resource)))
            .collect();
        let body = json!({ "epoch": "e", "version": version, "resources": parts, "settled": {} });
        let snapshot = schema.decode_snapshot(&body.to_string()).map(Box::new);
        assert!(snapshot.is_some());
        store.handle_http(START, id, Ok(HttpReply::Snapshot(snapshot)));
        Self {
            scheduler: scheduler(),
            store,
            now: START,
            frame_ms: None,
            subscribed: ALL,
        }
    }

    fn subscribe(mut self, resources: ResourceSet) -> Self {
        self.subscribed = resources;
        self.store.set_live(resources);
        self
    }

    fn push(&mut self, event: Event) {
        self.scheduler.push(self.now, event, self.subscribed);
        self.pass_on(16);
    }

    /// Lets frames and alarms happen for so long.
    fn wait(&mut self, ms: u64) {
        let to_ms = self.now.mono_ms + ms;
        while self.step(to_ms, 16) {}
    }

    /// The next frame or alarm up to a time; `false` if there is none.
    fn step(&mut self, to_ms: u64, frame_after_ms: u64) -> bool {
        let alarm_ms = earliest(self.scheduler.next_deadline(), self.store.next_deadline());
        let next_ms = earliest(self.frame_ms, alarm_ms).filter(|next_ms| *next_ms <= to_ms);
        self.now.mono_ms = self.now.mono_ms.max(next_ms.unwrap_or(to_ms));
        if next_ms.is_none() {
            return false;
        }
        if self.frame_ms.is_some_and(|at_ms| at_ms <= self.now.mono_ms) {
            self.frame_ms = None;
            self.scheduler.handle_frame(self.now);
        } else {
            self.scheduler.handle_timeout(self.now);
            self.store.handle_timeout(self.now);
        }
        self.pass_on(frame_after_ms);
        true
    }

    fn pass_on(&mut self, frame_after_ms: u64) {
        while let Some(output) = self.scheduler.poll_output() {
            match output {
                SchedulerOutput::Apply(events) => self.store.handle_events(self.now, events),
                SchedulerOutput::RequestFrame => {
                    let at_ms = self.now.mono_ms + frame_after_ms;
                    self.frame_ms.get_or_insert(at_ms);
                }
                SchedulerOutput::Updates(..) | SchedulerOutput::Overflow(_) => panic!("{output:?}"),
            }
        }
        while let Some(output) = self.store.poll_output() {
            assert!(
                !matches!(output, StoreOutput::Http { .. }),
                "nothing is missing"
            );
        }
    }

    fn versions<const N: usize>(&self, resources: [Resource; N]) -> [u64; N] {
        let version = |resource: Resource| self.store.version_of(resource.into());
        resources.map(|resource| version(resource).expect("everything was loaded"))
    }
}

#[test]
fn critical_is_applied_in_the_same_call() {
    let mut scheduler = scheduler();
    scheduler.push(START, event(Orders, 1, &[Orders], true), ALL);
    assert_eq!(batches(&mut scheduler), [[(Orders, 1)]]);
    assert_eq!(scheduler.next_deadline(), None);
}

#[test]
fn high_is_applied_with_the_next_frame() {
    let mut scheduler = busy_scheduler();
    for version in 1..=3 {
        scheduler.push(START.after(version), single(Orders, version), ALL);
    }
    assert_eq!(outputs(&mut scheduler), [SchedulerOutput::RequestFrame]);
    scheduler.handle_frame(START.after(16));
    assert_eq!(
        batches(&mut scheduler),
        [[(Orders, 1), (Orders, 2), (Orders, 3)]]
    );
    assert_eq!(scheduler.next_deadline(), None);
}

#[test]
fn the_first_event_after_a_quiet_time_waits_for_no_frame() {
    let push = |scheduler: &mut Scheduler, after_ms, resource, version| {
        scheduler.push(START.after(after_ms), single(resource, version), ALL);
        batches(scheduler)
    };
    for resource in [Favorites, Orders, Activity, Numbers] {
        let mut scheduler = busy_scheduler();
        assert!(push(&mut scheduler, QUIET_MS - 1, resource, 9).is_empty());
        let mut scheduler = busy_scheduler();
        assert_eq!(
            push(&mut scheduler, QUIET_MS, resource, 9),
            [[(resource, 9)]]
        );
        assert!(push(&mut scheduler, QUIET_MS + 1, Orders, 10).is_empty());
        scheduler.handle_frame(START.after(QUIET_MS + 16));
        assert_eq!(batches(&mut scheduler), [[(Orders, 10)]]);
        // Nothing is applied ahead in a hidden page.
        let mut scheduler = busy_scheduler();
        scheduler.set_visible(START, false);
        assert!(push(&mut scheduler, QUIET_MS, resource, 9).is_empty());
    }
}

#[test]
fn medium_and_low_are_gathered_after_a_first_one_that_goes_ahead() {
    for (resource, quiet_ms, longest_ms) in [(Favorites, 100, 250), (Activity, 500, 800)] {
        let mut scheduler = scheduler();
        scheduler.push(START, single(resource, 1), ALL);
        scheduler.handle_frame(START.after(10));
        assert_eq!(batches(&mut scheduler), [[(resource, 1)]]);
        scheduler.push(START.after(20), single(resource, 2), ALL);
        scheduler.handle_frame(START.after(30));
        assert_eq!(outputs(&mut scheduler), []);
        assert_eq!(
            scheduler.next_deadline(),
            Some(START.mono_ms + 20 + quiet_ms)
        );
        let mut version = 2;
        let ends_ms = loop {
            let ends_ms = scheduler.next_deadline().unwrap() - START.mono_ms;
            if ends_ms == 20 + longest_ms {
                break ends_ms;
            }
            version += 1;
            scheduler.push(START.after(ends_ms - 1), single(resource, version), ALL);
        };
        scheduler.handle_timeout(START.after(ends_ms));
        assert_eq!(outputs(&mut scheduler), [SchedulerOutput::RequestFrame]);
        scheduler.handle_frame(START.after(ends_ms + 9));
        assert_eq!(batches(&mut scheduler)[0].len() as u64, version - 1);
    }
}

#[test]
fn parts_of_a_commit_reach_the_screen_together_at_their_highest_priority() {
    let mut pipeline = Pipeline::at(6);
    let parts = [Favorites, Numbers, Activity];
    pipeline.push(event(Activity, 7, &parts, false));
    pipeline.wait(5);
    pipeline.push(event(Numbers, 7, &parts, false));
    pipeline.wait(15);
    assert_eq!(pipeline.versions(parts), [6, 6, 6]);
    pipeline.push(event(Favorites, 7, &parts, false));
    assert_eq!(pipeline.versions(parts), [7, 7, 7]);
}

#[test]
fn a_part_that_never_comes_is_waited_for_only_so_long() {
    let mut pipeline = Pipeline::at(2);
    let parts = [Orders, Numbers];
    pipeline.push(event(Orders, 3, &parts, true));
    pipeline.wait(COMMIT_WAIT_MS - 1);
    assert_eq!(pipeline.versions(parts), [2, 2]);
    pipeline.wait(1);
    assert_eq!(pipeline.versions(parts), [3, 2]);
    pipeline.wait(30);
    pipeline.push(event(Numbers, 3, &parts, false));
    pipeline.wait(16);
    assert_eq!(pipeline.versions(parts), [3, 3]);
}

#[test]
fn parts_of_channels_that_are_not_subscribed_are_not_waited_for() {
    let mut pipeline = Pipeline::at(2).subscribe(Orders.into());
    let parts = [Orders, Numbers, Activity];
    pipeline.push(event(Orders, 3, &parts, true));
    assert_eq!(pipeline.versions(parts), [3, 2, 2]);
}

#[test]
fn an_urgent_event_takes_all_earlier_ones_of_its_resource_and_their_commits_along() {
    let mut scheduler = scheduler();
    scheduler.push(START, single(Activity, 1), ALL);
    scheduler.handle_frame(START);
    outputs(&mut scheduler);
    scheduler.push(START, single(Activity, 2), ALL);
    scheduler.push(
        START,
        event(Downloads, 3, &[Downloads, Numbers], false),
        ALL,
    );
    scheduler.push(START, event(Numbers, 3, &[Downloads, Numbers], false), ALL);
    scheduler.push(START, single(Activity, 4), ALL);
    scheduler.push(START, event(Downloads, 5, &[Downloads], true), ALL);
    assert_eq!(
        batches(&mut scheduler),
        [[(Downloads, 3), (Numbers, 3), (Downloads, 5)]]
    );
}

#[test]
fn an_urgent_event_waits_for_an_earlier_commit_that_is_not_together() {
    let mut pipeline = Pipeline::at(2);
    let parts = [Orders, Numbers];
    pipeline.push(event(Orders, 3, &parts, false));
    pipeline.wait(10);
    pipeline.push(event(Orders, 4, &[Orders], true));
    assert_eq!(pipeline.versions(parts), [2, 2]);
    pipeline.wait(10);
    pipeline.push(event(Numbers, 3, &parts, false));
    assert_eq!(pipeline.versions(parts), [4, 3]);
}

#[test]
fn a_reply_lets_what_waits_of_its_resources_go_first() {
    let mut scheduler = busy_scheduler();
    let parts = [Favorites, Numbers];
    scheduler.push(START, event(Favorites, 8, &[Favorites], false), ALL);
    scheduler.push(START, event(Numbers, 9, &parts, false), ALL);
    scheduler.push(START, event(Numbers, 9, &parts, false), ALL);
    scheduler.push(START, single(Orders, 10), ALL);
    let resources = parts.into_iter().collect();
    scheduler.release(START.after(1), resources);
    assert_eq!(batches(&mut scheduler), [[(Favorites, 8), (Numbers, 9)]]);
    let duplicates = scheduler.take_report().duplicates;
    assert_eq!(duplicates, 1);
}

#[test]
fn events_that_come_out_of_order_are_put_in_order_while_they_wait() {
    let mut scheduler = busy_scheduler();
    for version in [5, 7, 6] {
        scheduler.push(START, single(Favorites, version), ALL);
    }
    scheduler.handle_timeout(START.after(100));
    scheduler.handle_frame(START.after(110));
    assert_eq!(
        batches(&mut scheduler),
        [[(Favorites, 5), (Favorites, 6), (Favorites, 7)]]
    );
}

#[test]
fn events_of_a_new_epoch_follow_those_of_the_old_one_whatever_their_versions() {
    let mut scheduler = busy_scheduler();
    scheduler.push(START, single(Orders, 90), ALL);
    let restored = Event {
        epoch: Rc::from("f"),
        ..single(Orders, 4)
    };
    scheduler.push(START, restored, ALL);
    scheduler.handle_frame(START);
    assert_eq!(batches(&mut scheduler), [[(Orders, 90), (Orders, 4)]]);
}

#[test]
fn a_thousand_events_in_one_frame_are_one_batch() {
    let mut scheduler = busy_scheduler();
    for version in 1..=1000 {
        scheduler.push(START, single(Activity, version), ALL);
    }
    scheduler.handle_frame(START.after(16));
    assert_eq!(
        batches(&mut scheduler)
            .iter()
            .map(Vec::len)
            .collect::<Vec<_>>(),
        [1000]
    );
    assert_eq!(scheduler.take_report().waits.len(), 1000);
}

#[test]
fn replaced_numbers_are_left_out_and_counted() {
    let mut scheduler = busy_scheduler();
    for version in 1..=100 {
        scheduler.push(START, single(Numbers, version), ALL);
    }
    scheduler.handle_timeout(START.after(500));
    scheduler.handle_frame(START.after(510));
    let changes: usize = outputs(&mut scheduler)
        .iter()
        .map(|output| match output {
            SchedulerOutput::Apply(events) => events.iter().map(|event| event.changes.len()).sum(),
            _ => 0,
        })
        .sum();
    assert_eq!(changes, 1);
    let coalesced = scheduler.take_report().coalesced;
    assert_eq!(coalesced, 99);
}

#[test]
fn a_full_queue_is_dropped_and_its_resource_fetched_while_the_others_go_on() {
    let mut scheduler = busy_scheduler();
    for version in 1..=QUEUE_EVENTS_MAX as u64 {
        scheduler.push(START, single(Favorites, version), ALL);
    }
    assert_eq!(scheduler.queue_depth(), QUEUE_EVENTS_MAX);
    scheduler.push(START, single(Orders, 1), ALL);
    outputs(&mut scheduler);
    scheduler.push(START, single(Favorites, 9999), ALL);
    assert_eq!(
        outputs(&mut scheduler),
        [SchedulerOutput::Overflow(Favorites.into())]
    );
    assert_eq!(scheduler.queue_depth(), 1);
    scheduler.handle_frame(START.after(9));
    assert_eq!(batches(&mut scheduler), [[(Orders, 1)]]);
}

#[test]
fn updates_of_a_feed_are_gathered_to_one_for_each_beat() {
    let mut scheduler = busy_scheduler();
    let feed = schema().feed_id::<CatalogUpdates>();
    let update = |plays| {
        FeedUpdate::new(BeatUpdate {
            id: "b".to_owned(),
            price: Some(Money::default()),
            prices: None,
            plays: Some(plays),
        })
    };
    for plays in 1..=9 {
        scheduler.push_updates(START, feed, &[update(plays)]);
    }
    assert_eq!(outputs(&mut scheduler), [SchedulerOutput::RequestFrame]);
    scheduler.handle_frame(START.after(16));
    assert_eq!(
        outputs(&mut scheduler),
        [SchedulerOutput::Updates(feed, vec![update(9)])]
    );
    let coalesced = scheduler.take_report().coalesced;
    assert_eq!(coalesced, 8);
}

#[test]
fn c5_an_event_that_waits_on_does_not_bring_a_former_price_back() {
    let mut scheduler = busy_scheduler();
    let feed = schema().feed_id::<CatalogUpdates>();
    scheduler.push(START, single(Favorites, 1), ALL);
    scheduler.handle_frame(START);
    outputs(&mut scheduler);
    // The first one went ahead; this one is gathered.
    scheduler.push(START.after(1), single(Favorites, 2), ALL);
    let update = FeedUpdate::new(BeatUpdate {
        plays: Some(7),
        ..BeatUpdate::default()
    });
    scheduler.push_updates(START, feed, std::slice::from_ref(&update));
    scheduler.handle_frame(START.after(16));
    let updates = SchedulerOutput::Updates(feed, vec![update]);
    assert!(outputs(&mut scheduler).contains(&updates));
    scheduler.handle_timeout(START.after(101));
    scheduler.handle_frame(START.after(117));
    let applied = outputs(&mut scheduler).into_iter();
    let applied: Vec<_> = applied
        .filter_map(|output| match output {
            SchedulerOutput::Apply(mut events) => events.remove(0).changes.pop(),
            _ => None,
        })
        .collect();
    let change = applied[0].downcast::<FavoriteChange>();
    let Some(FavoriteChange::Added(favorite)) = change else {
        panic!("{applied:?}");
    };
    assert_eq!((applied.len(), favorite.beat.plays), (1, 7));
}

#[test]
fn a_hidden_page_applies_once_a_second_without_frames_and_stays_small() {
    let mut scheduler = scheduler();
    scheduler.set_visible(START, false);
    let (mut applied, mut version) = (0, 0);
    for ms in 0..10_000 {
        version += 1;
        scheduler.push(START.after(ms), single(Orders, version), ALL);
        assert!(scheduler.queue_depth() <= Settings::default().batch_size);
        for output in outputs(&mut scheduler) {
            match output {
                SchedulerOutput::Apply(events) => applied += events.len(),
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(version as usize - applied < Settings::default().batch_size);
    scheduler.set_visible(START.after(10_001), true);
    let rest: usize = batches(&mut scheduler).iter().map(Vec::len).sum();
    assert_eq!(applied + rest, version as usize);
}

#[test]
fn a_hidden_page_wakes_up_for_what_little_has_come() {
    let mut scheduler = scheduler();
    scheduler.set_visible(START, false);
    scheduler.push(START, single(Orders, 1), ALL);
    let first_ms = scheduler.next_deadline().unwrap();
    assert_eq!(first_ms, START.mono_ms + 100);
    scheduler.handle_timeout(START.after(100));
    assert_eq!(batches(&mut scheduler), [[(Orders, 1)]]);
    scheduler.push(START.after(200), single(Orders, 2), ALL);
    assert_eq!(
        scheduler.next_deadline(),
        Some(first_ms + HIDDEN_INTERVAL_MS)
    );
}

#[test]
fn events_are_applied_without_a_frame_that_does_not_come() {
    let mut scheduler = busy_scheduler();
    scheduler.push(START, single(Orders, 1), ALL);
    assert_eq!(
        scheduler.next_deadline(),
        Some(START.mono_ms + FRAME_WAIT_MAX_MS)
    );
    scheduler.handle_timeout(START.after(FRAME_WAIT_MAX_MS));
    assert_eq!(batches(&mut scheduler), [[(Orders, 1)]]);
    assert_eq!(scheduler.next_deadline(), None);
    let later = START.after(FRAME_WAIT_MAX_MS + QUIET_MS - 1);
    scheduler.push(later, single(Orders, 2), ALL);
    assert!(batches(&mut scheduler).is_empty());
}

#[test]
fn nothing_is_left_after_signing_out() {
    let mut scheduler = busy_scheduler();
    scheduler.push(START, single(Orders, 1), ALL);
    scheduler.clear();
    assert_eq!(outputs(&mut scheduler), []);
    assert_eq!(
        (scheduler.queue_depth(), scheduler.next_deadline()),
        (0, None)
    );
    scheduler.handle_frame(START);
    assert_eq!(outputs(&mut scheduler), []);
}

/// Events by the time of their arrival, their version and their resource.
type Arrivals = BTreeMap<(u64, u64, usize), Event>;

/// A day of a busy account: commits of random parts, each channel in order but late by its own, changing delay below
/// the wait for parts. Returns the arrival of each part, and the parts of each commit.
fn traffic(random: &mut Random) -> (Arrivals, Vec<BTreeSet<Resource>>) {
    let (mut arrivals, mut commits) = (BTreeMap::new(), Vec::new());
    let mut last = [(0, 0); Resource::ALL.len()];
    let mut at_ms = START.mono_ms;
    for version in 1..=200 {
        at_ms += [0, 3, 40, 900][random.up_to(3) as usize];
        let parts: BTreeSet<_> = (0..=random.up_to(2))
            .map(|_| Resource::ALL[random.up_to(4) as usize])
            .collect();
        let named: Vec<_> = parts.iter().copied().collect();
        for resource in &named {
            let (last_ms, prev) = &mut last[resource.index()];
            *last_ms = (*last_ms).max(at_ms + random.up_to(COMMIT_WAIT_MS / 2 - 1));
            let critical = random.up_to(20) == 0;
            let event = Event {
                prev: std::mem::replace(prev, version),
                ..event(*resource, version, &named, critical)
            };
            arrivals.insert((*last_ms, version, resource.index()), event);
        }
        commits.push(parts);
    }
    (arrivals, commits)
}

/// A page with frames and an exact alarm that follows the traffic; notes when the store shows each event.
struct Run {
    seed: u64,
    random: Random,
    pipeline: Pipeline,
    commits: Vec<BTreeSet<Resource>>,
    shown: [u64; Resource::ALL.len()],
    arrived: BTreeMap<(Resource, u64), u64>,
}

impl Run {
    fn advance(&mut self, to_ms: u64) {
        for _ in 0..100_000 {
            let is_on = self.pipeline.step(to_ms, 1 + self.random.up_to(16));
            self.check();
            if !is_on {
                return;
            }
        }
        panic!("the scheduler never rests");
    }

    /// Of each commit all parts are shown or none, and nothing waits for too long.
    fn check(&mut self) {
        let shown = self.pipeline.versions(Resource::ALL);
        if shown == self.shown {
            return;
        }
        let seed = self.seed;
        let first = shown.iter().min().copied().unwrap_or_default();
        for (version, parts) in (1..).zip(&self.commits).skip(first as usize) {
            let mut is_shown = parts.iter().map(|part| shown[part.index()] >= version);
            let first = is_shown.next();
            assert!(
                is_shown.all(|other| Some(other) == first),
                "seed {seed}: commit {version} is split"
            );
        }
        let (now_ms, before) = (self.pipeline.now.mono_ms, self.shown);
        self.arrived.retain(|(resource, version), at_ms| {
            let is_shown = *version <= shown[resource.index()];
            let waited_ms = now_ms - *at_ms;
            let allowed_ms = 800 + 17 + COMMIT_WAIT_MS;
            assert!(
                waited_ms <= allowed_ms,
                "seed {seed}: {resource} {version} waited {waited_ms} ms after {before:?}"
            );
            !is_shown
        });
        self.shown = shown;
    }
}

#[test]
fn order_holds_nothing_is_lost_no_commit_is_split_and_nothing_waits_too_long() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let (arrivals, commits) = traffic(&mut random);
        let mut run = Run {
            seed,
            random,
            pipeline: Pipeline::at(0),
            commits,
            shown: [0; Resource::ALL.len()],
            arrived: BTreeMap::new(),
        };
        for ((at_ms, version, _), event) in arrivals {
            run.advance(at_ms);
            run.arrived.insert((resource_of(&event), version), at_ms);
            run.pipeline.push(event);
            run.check();
        }
        run.advance(run.pipeline.now.mono_ms + 60_000);
        assert!(run.arrived.is_empty(), "seed {seed}: {:?}", run.arrived);
        assert_eq!(run.pipeline.scheduler.queue_depth(), 0, "seed {seed}");
        assert_eq!(run.pipeline.scheduler.next_deadline(), None, "seed {seed}");
    }
}
