//! The port: lets connections in, or does not.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::connection::serve;
use crate::order::{Order, Rules};
use crate::tally::{Counts, Tally};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// A running proxy. Its drop ends it and every connection through it.
///
/// ```no_run
/// # async fn run(server: std::net::SocketAddr) -> std::io::Result<()> {
/// use fault_proxy::{Fault, Order, Proxy};
///
/// let proxy = Proxy::start("127.0.0.1:0".parse().expect("an address"), server).await?;
/// proxy.set(Order { fault: Fault::BlackHole, ..Order::default() }).await;
/// // Nothing gets through now.
/// proxy.set(Order::default()).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    rules: watch::Sender<Rules>,
    /// Number of the order that the port obeys.
    obeyed: watch::Receiver<u64>,
    tally: Arc<Tally>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts to forward connections from `listen` to `to`.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(listen: SocketAddr, to: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let (rules, _) = watch::channel(Rules::default());
        let (obey, obeyed) = watch::channel(0);
        let tally = Arc::new(Tally::default());
        let port = Port {
            address,
            to,
            rules: rules.subscribe(),
            obey,
            tally: Arc::clone(&tally),
            connections: JoinSet::new(),
        };
        Ok(Self {
            address,
            rules,
            obeyed,
            tally,
            task: tokio::spawn(port.run(listener)),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives an order, in place of the former one. When this comes back the port obeys it; connections that it resets
    /// end in the same moment.
    pub async fn set(&self, order: Order) {
        let mut number = 0;
        self.rules.send_modify(|rules| {
            number = rules.number + 1;
            *rules = Rules { order, number };
        });
        let mut obeyed = self.obeyed.clone();
        // An error means that the port is gone, and with it all connections.
        let _ = obeyed.wait_for(|obeyed| *obeyed >= number).await;
    }

    /// How many connections there were and are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.tally.counts()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What holds the port.
enum Door {
    /// Connections are taken.
    Open(TcpListener),
    /// They are refused; the port stays ours.
    Shut(TcpSocket),
}

impl Door {
    async fn accept(&self) -> io::Result<TcpStream> {
        match self {
            Self::Open(listener) => listener.accept().await.map(|(client, _)| client),
            Self::Shut(_) => std::future::pending().await,
        }
    }
}

struct Port {
    address: SocketAddr,
    to: SocketAddr,
    rules: watch::Receiver<Rules>,
    obey: watch::Sender<u64>,
    tally: Arc<Tally>,
    connections: JoinSet<()>,
}

impl Port {
    async fn run(mut self, listener: TcpListener) {
        let mut door = Door::Open(listener);
        loop {
            let rules = *self.rules.borrow_and_update();
            door = match self.turn(door, rules.is_shut()) {
                Ok(door) => door,
                // Somebody else took the port, so that nothing can be forwarded any more.
                Err(_) => return,
            };
            self.obey.send_replace(rules.number);
            loop {
                tokio::select! {
                    changed = self.rules.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return,
                    },
                    Ok(client) = door.accept() => self.admit(client),
                    Some(_) = self.connections.join_next() => {}
                }
            }
        }
    }

    /// Opens or shuts the door, if it is not so already.
    fn turn(&self, door: Door, shut: bool) -> io::Result<Door> {
        match (door, shut) {
            (Door::Open(listener), true) => {
                drop(listener);
                let socket = match self.address {
                    SocketAddr::V4(_) => TcpSocket::new_v4(),
                    SocketAddr::V6(_) => TcpSocket::new_v6(),
                }?;
                socket.set_reuseaddr(true)?;
                socket.bind(self.address)?;
                Ok(Door::Shut(socket))
            }
            (Door::Shut(socket), false) => Ok(Door::Open(socket.listen(BACKLOG)?)),
            (door, _) => Ok(door),
        }
    }

    fn admit(&mut self, client: TcpStream) {
        let open = self.tally.accepted();
        let rules = self.rules.clone();
        self.connections.spawn(serve(client, self.to, rules, open));
    }
}
