//! What is remembered of a tab to judge it by.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use dashboard_model::Resource;
use sync_engine::http::HttpRequest;
use sync_engine::schema::MutationId;

/// Over this time attempts and calls are counted, in milliseconds.
const WINDOW_MS: u64 = 10_000;

/// A mutation as it was last listed.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) attempts: u32,
    pub(crate) primary_resource: Resource,
}

/// The record of a tab.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Resources whose views changed since the last check, and whether the list of mutations did.
    pub(crate) changed: Vec<Resource>,
    pub(crate) log_changed: bool,
    /// The mutations that were listed as pending.
    pub(crate) listed: BTreeMap<MutationId, Listed>,
    /// Mutations that the user cancelled, or that others replaced.
    pub(crate) given_up: BTreeSet<MutationId>,
    /// The numbers of mutations in the order in which they were asked for, and the last one of each entity that reached the
    /// server.
    pub(crate) asked: BTreeMap<MutationId, u64>,
    pub(crate) arrived: BTreeMap<String, u64>,
    pub(crate) last_asked: u64,
    /// Since when something that the tab needs does not arrive, and since when everything does.
    pub(crate) unlinked_since: Option<u64>,
    pub(crate) linked_since: Option<u64>,
    /// Since when the server can be reached.
    pub(crate) reachable_since: Option<u64>,
    /// When the network broke, if it worked and the tab was live before.
    pub(crate) broke_at: Option<u64>,
    pub(crate) was_live_since: Option<u64>,
    /// When something else than the network last went wrong.
    pub(crate) disturbed_at: u64,
    /// When it last noticed that a socket is gone which it did not end itself, or gave a dead one up.
    pub(crate) lost_at: u64,
    /// Reads of the data that went wrong since one went well.
    pub(crate) spoiled_reads: u32,
    /// When a read last went well, and when the server was last heard.
    pub(crate) read_at: u64,
    pub(crate) heard_at: u64,
    /// Whether the last answer was none of the server's.
    pub(crate) is_intercepted: bool,
    /// Since when the data on screen are older than their heartbeat says.
    pub(crate) behind_since: Option<u64>,
    /// When a wake signal last came.
    pub(crate) woken_at: Option<u64>,
    /// When the tab last changed.
    pub(crate) tab_since: u64,
    /// The versions that were shown last.
    pub(crate) versions: BTreeMap<Resource, (String, u64)>,
    /// Polls that had been made when the connection had been live for a while.
    pub(crate) polls: Option<u64>,
    /// When sockets were opened and calls made, lately.
    opened: VecDeque<u64>,
    called: VecDeque<u64>,
    /// Clicks and signals that ask for an attempt, lately.
    urged: VecDeque<u64>,
    /// Attempts since the last such click or signal, or answer.
    pub(crate) attempts: u32,
    sockets: usize,
}

fn count(times: &mut VecDeque<u64>, now: u64) -> usize {
    while times.front().is_some_and(|at| at + WINDOW_MS < now) {
        times.pop_front();
    }
    times.len()
}

impl Record {
    /// A user signed in.
    pub(crate) fn begin(&mut self, now: u64) {
        self.restart(now);
        self.disturbed_at = now;
        self.tab_since = now;
        (self.read_at, self.heard_at) = (now, now);
    }

    /// Nobody is signed in: nothing that was asked for counts.
    pub(crate) fn signed_out(&mut self) {
        self.listed.clear();
        self.versions.clear();
        self.polls = None;
        self.behind_since = None;
    }

    /// Something happens to the device or its network. A sleeping device is disturbed until it wakes.
    pub(crate) fn disturb(&mut self, now: u64) {
        self.disturbed_at = self.disturbed_at.max(now);
    }

    /// All measurements start again.
    pub(crate) fn restart(&mut self, now: u64) {
        self.unlinked_since = self.unlinked_since.map(|_| now);
        self.linked_since = self.linked_since.map(|_| now);
        self.reachable_since = self.reachable_since.map(|_| now);
        self.was_live_since = None;
        self.broke_at = None;
        self.polls = None;
        self.behind_since = None;
    }

    /// A click or a signal asks for an attempt.
    pub(crate) fn urge(&mut self, now: u64) {
        self.urged.push_back(now);
        self.attempts = 0;
    }

    /// Sockets opened in all.
    pub(crate) const fn sockets(&self) -> usize {
        self.sockets
    }

    /// When the last one was opened.
    pub(crate) fn last_opened(&self) -> u64 {
        self.opened.back().copied().unwrap_or(0)
    }

    pub(crate) fn opened(&mut self, now: u64) {
        self.opened.push_back(now);
        self.sockets += 1;
        self.attempts += 1;
    }

    pub(crate) fn called(&mut self, now: u64, request: &HttpRequest) {
        self.called.push_back(now);
        if *request == HttpRequest::Token {
            self.attempts += 1;
        }
    }

    /// Sockets opened, calls made, and clicks or signals, within the window.
    pub(crate) fn rates(&mut self, now: u64) -> (usize, usize, usize) {
        (
            count(&mut self.opened, now),
            count(&mut self.called, now),
            count(&mut self.urged, now),
        )
    }

    /// The next number in the order of mutations.
    pub(crate) const fn next_number(&mut self) -> u64 {
        self.last_asked += 1;
        self.last_asked
    }
}
