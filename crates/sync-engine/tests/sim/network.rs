//! What lies between a tab and the server: latency, loss, cuts, and calls that go wrong.

use std::collections::BTreeMap;

use sync_engine::http::{HttpFailure, HttpRequest, HttpResult, RequestId};
use sync_engine::io::SocketEvent;

use crate::server::Socket;
use crate::sim::{Event, Sim};
use crate::users::status;

/// When a read that nobody answers counts as failed.
const READ_TIMEOUT_MS: u64 = 4000;

/// The state of the network between a tab and the server.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Way {
    /// Everything arrives.
    #[default]
    Up,
    /// Connections and calls fail at once; what was open is cut.
    Refusing,
    /// Everything vanishes silently. What was open stays dead: half-open.
    BlackHole,
    /// Everything waits until the network works again.
    Stalled,
    /// Sockets open, and are cut soon after.
    Fickle,
}

/// What goes wrong with one call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CallFault {
    /// It does not reach the server.
    LoseRequest,
    /// It is served, and the answer is lost.
    LoseReply,
    /// It is served, and no answer ever comes.
    Silence,
    /// An answer with this status, and when to come again.
    Status(u16, Option<u64>),
    /// It is served, and the answer cannot be read.
    Garble,
    /// It takes this long to reach the server.
    Slow(u64),
}

/// A socket's two directions.
#[derive(Clone, Copy, Debug)]
struct Pipe {
    alive: bool,
    /// When the last message arrives: messages over one socket stay in order.
    last_up: u64,
    last_down: u64,
}

/// The network of one tab.
#[derive(Debug, Default)]
pub(crate) struct Net {
    pub(crate) way: Way,
    /// Shortest latency, and how much more it may be.
    pub(crate) latency: (u64, u64),
    /// What waits for the network to work again.
    held: Vec<Event>,
    /// What happens to the next calls.
    pub(crate) faults: Vec<CallFault>,
    pipes: BTreeMap<u64, Pipe>,
}

impl Net {
    /// Whether messages over a socket arrive.
    pub(crate) fn passes(&self, generation: u64) -> bool {
        let pipe = self.pipes.get(&generation);
        matches!(self.way, Way::Up | Way::Fickle) && pipe.is_some_and(|pipe| pipe.alive)
    }

    /// Whether a socket that the tab may take for open is dead.
    pub(crate) fn is_dead(&self, generation: u64) -> bool {
        self.pipes.get(&generation).is_some_and(|pipe| !pipe.alive)
    }
}

/// A call on its way.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) client: usize,
    pub(crate) id: RequestId,
    session: u64,
    pub(crate) request: HttpRequest,
    fault: Option<CallFault>,
}

impl Sim {
    fn latency(&mut self, client: usize) -> u64 {
        let (least, more) = self.clients[client].net.latency;
        least + self.random.up_to(more)
    }

    /// Carries something over a tab's network, in either direction.
    fn carry(&mut self, client: usize, generation: Option<u64>, event: Event) {
        let mut at = self.now + self.latency(client);
        let is_down = matches!(event, Event::Socket(..));
        let net = &mut self.clients[client].net;
        if let Some(generation) = generation {
            let Some(pipe) = net.pipes.get_mut(&generation).filter(|pipe| pipe.alive) else {
                return;
            };
            let last = if is_down {
                &mut pipe.last_down
            } else {
                &mut pipe.last_up
            };
            at = at.max(*last);
            *last = at;
        }
        match net.way {
            Way::Up | Way::Fickle => self.later(at, event),
            Way::Stalled => net.held.push(event),
            Way::Refusing | Way::BlackHole => {}
        }
    }

    /// The network of a tab changes its state.
    pub(crate) fn set_way(&mut self, client: usize, way: Way) {
        self.note(|| format!("{client} way {way:?}"));
        let net = &mut self.clients[client].net;
        net.way = way;
        let held = std::mem::take(&mut net.held);
        match way {
            Way::Up | Way::Fickle => {
                for event in held {
                    let at = self.now + 1;
                    self.later(at, event);
                }
            }
            Way::BlackHole => net.pipes.values_mut().for_each(|pipe| pipe.alive = false),
            Way::Refusing => {
                let open: Vec<_> = net.pipes.keys().copied().collect();
                for generation in open {
                    self.cut((client, generation));
                }
            }
            Way::Stalled => self.clients[client].net.held = held,
        }
    }

    /// Cuts a socket: both ends notice.
    pub(crate) fn cut(&mut self, (client, generation): Socket) {
        if self.clients[client].net.pipes.remove(&generation).is_some() {
            self.server.hung_up((client, generation));
            self.report_closed((client, generation), 1006);
        }
    }

    /// Kills all sockets of a tab: neither end notices.
    pub(crate) fn kill(&mut self, client: usize) {
        let pipes = &mut self.clients[client].net.pipes;
        pipes.values_mut().for_each(|pipe| pipe.alive = false);
    }

    fn report_closed(&mut self, (client, generation): Socket, code: u16) {
        self.clients[client].record.lost_at = self.now;
        let reason = String::new();
        let event = SocketEvent::Closed { code, reason };
        let at = self.now + 1;
        self.later(at, Event::Socket(client, generation, event));
    }

    /// A tab opens a socket.
    pub(crate) fn open(&mut self, client: usize, generation: u64) {
        let net = &mut self.clients[client].net;
        if net.way == Way::Refusing {
            let at = self.now + 5;
            self.later(at, Event::Socket(client, generation, SocketEvent::Failed));
            return;
        }
        let pipe = Pipe {
            alive: net.way != Way::BlackHole,
            last_up: 0,
            last_down: 0,
        };
        net.pipes.insert(generation, pipe);
        self.carry(
            client,
            Some(generation),
            Event::Dialled((client, generation)),
        );
        if self.clients[client].net.way == Way::Fickle {
            let at = self.now + 1 + self.random.up_to(600);
            self.later(at, Event::Cut((client, generation)));
        }
    }

    /// A socket reached the server.
    pub(crate) fn accept(&mut self, (client, generation): Socket) {
        let event = if self.server.is_up(self.now) {
            self.server.dialled((client, generation));
            SocketEvent::Opened
        } else {
            SocketEvent::Failed
        };
        self.carry(
            client,
            Some(generation),
            Event::Socket(client, generation, event),
        );
    }

    /// A tab sends a frame.
    pub(crate) fn send(&mut self, client: usize, generation: u64, text: String) {
        let event = Event::Heard((client, generation), text);
        self.carry(client, Some(generation), event);
    }

    /// A tab closes a socket.
    pub(crate) fn close(&mut self, client: usize, generation: u64) {
        if self.clients[client].net.is_dead(generation) {
            self.clients[client].record.lost_at = self.now;
        }
        self.carry(
            client,
            Some(generation),
            Event::HungUp((client, generation)),
        );
        self.clients[client].net.pipes.remove(&generation);
        // A browser reports the end as well, somewhat later; the engine need not listen.
        let at = self.now + 1 + self.random.up_to(60);
        let code = 1005;
        let reason = String::new();
        let event = SocketEvent::Closed { code, reason };
        self.later(at, Event::Socket(client, generation, event));
    }

    /// The server sends something over a socket.
    pub(crate) fn say(&mut self, (client, generation): Socket, text: String) {
        let event = Event::Socket(client, generation, SocketEvent::Text(text));
        self.carry(client, Some(generation), event);
    }

    /// The server closes a socket.
    pub(crate) fn hang_up(&mut self, (client, generation): Socket, code: u16) {
        self.clients[client].record.lost_at = self.now;
        let reason = "server".to_owned();
        let event = Event::Socket(client, generation, SocketEvent::Closed { code, reason });
        self.carry(client, Some(generation), event);
        let net = &mut self.clients[client].net;
        if net.way == Way::Stalled {
            // The end of the connection waits as well.
            net.pipes
                .get_mut(&generation)
                .into_iter()
                .for_each(|pipe| pipe.alive = false);
        } else if net.passes(generation) {
            net.pipes.remove(&generation);
        }
    }

    /// A tab makes a call.
    pub(crate) fn call(&mut self, client: usize, id: RequestId, request: HttpRequest) {
        let Some(session) = self.sessions[self.clients[client].browser] else {
            let at = self.now + 5;
            self.later(at, Event::Answered(client, id, Err(status(401, None))));
            return;
        };
        let net = &mut self.clients[client].net;
        if net.way == Way::Refusing {
            let at = self.now + 5;
            self.later(at, Event::Answered(client, id, Err(HttpFailure::Network)));
            return;
        }
        let fault = (!net.faults.is_empty()).then(|| net.faults.remove(0));
        let call = Call {
            client,
            id,
            session,
            request,
            fault,
        };
        if let Some(CallFault::Slow(ms)) = fault {
            let at = self.now + ms;
            self.later(at, Event::Sent(Box::new(call)));
        } else {
            self.carry(client, None, Event::Asked(Box::new(call)));
        }
    }

    /// A call that was held up goes on.
    pub(crate) fn go_on(&mut self, call: Box<Call>) {
        self.carry(call.client, None, Event::Asked(call));
    }

    /// A call reached the server.
    pub(crate) fn serve(&mut self, call: &Call) -> Result<(), String> {
        let Call { client, id, .. } = *call;
        if matches!(call.request, HttpRequest::Snapshot(_)) {
            let record = &mut self.clients[client].record;
            if call.fault.is_some() {
                record.spoiled_reads += 1;
                record.disturb(self.now + READ_TIMEOUT_MS);
            } else {
                record.spoiled_reads = 0;
            }
        }
        let result = match call.fault {
            _ if !self.server.is_up(self.now) => Err(HttpFailure::Network),
            Some(CallFault::LoseRequest) => Err(HttpFailure::Network),
            Some(CallFault::Status(code, wait)) => Err(status(code, wait)),
            fault => {
                self.check_order(client, &call.request)?;
                let answer = self.server.answer(self.now, call.session, &call.request);
                self.post();
                match fault {
                    Some(CallFault::LoseReply) => Err(HttpFailure::Network),
                    Some(CallFault::Garble) => Err(HttpFailure::Malformed { status: 200 }),
                    Some(CallFault::Silence) => return Ok(()),
                    _ => answer.result,
                }
            }
        };
        self.reply(client, id, result);
        Ok(())
    }

    fn reply(&mut self, client: usize, id: RequestId, result: HttpResult) {
        let result = if self.clients[client].net.way == Way::Refusing {
            Err(HttpFailure::Network)
        } else {
            result
        };
        let event = Event::Answered(client, id, result);
        if self.clients[client].net.way == Way::Refusing {
            let at = self.now + 1;
            self.later(at, event);
        } else {
            self.carry(client, None, event);
        }
    }
}
